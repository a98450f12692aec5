#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stuntkey_fuzz::door(data));
