//! Every target in one program, for `fuzz/run --all`: to build one takes a fraction of the time. `FUZZ_TARGET` is its name.
#![no_main]

use std::sync::LazyLock;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names the target");
    let found = stuntkey_fuzz::all().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no target is {name:?}")).1
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET(data));
