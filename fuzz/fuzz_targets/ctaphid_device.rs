#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stuntkey_fuzz::ctaphid_device(data));
