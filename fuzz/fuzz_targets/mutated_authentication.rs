#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stuntkey_fuzz::mutated_authentication(data));
