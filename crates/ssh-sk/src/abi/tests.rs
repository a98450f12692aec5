use super::*;

fn list(options: &[SkOption]) -> Vec<*const SkOption> {
    options.iter().map(ptr::from_ref).chain([ptr::null()]).collect()
}

#[test]
fn options_are_read_up_to_the_null_pointer() {
    let options = [
        SkOption { name: c"user".as_ptr(), value: c"alice".as_ptr(), required: 0 },
        SkOption { name: c"device".as_ptr(), value: c"tcp://127.0.0.1:1".as_ptr(), required: 1 },
    ];
    let list = list(&options);
    // SAFETY: the list ends with a null pointer.
    let read = unsafe { read_options(list.as_ptr()) }.unwrap();
    assert_eq!(&read.user_id[..6], b"alice\0");
    assert_eq!(read.address.to_string(), "tcp://127.0.0.1:1");
}

#[test]
fn an_unknown_option_that_is_required_is_unsupported() {
    let options = [SkOption { name: c"colour".as_ptr(), value: c"red".as_ptr(), required: 1 }];
    let list = list(&options);
    let mut response = ptr::null_mut();
    // SAFETY: the list ends with a null pointer, and the texts are strings of C's.
    let result = unsafe {
        sk_enroll(0, ptr::null(), 0, c"ssh:".as_ptr(), 1, ptr::null(), list.as_ptr(), &raw mut response)
    };
    assert_eq!(result, Code::Unsupported.number());
    assert!(response.is_null());
}

#[test]
fn null_pointers_are_refused() {
    // SAFETY: every pointer may be null.
    let results = unsafe {
        [
            sk_enroll(0, ptr::null(), 0, ptr::null(), 1, ptr::null(), ptr::null(), ptr::null_mut()),
            sk_sign(
                0,
                ptr::null(),
                0,
                ptr::null(),
                ptr::null(),
                0,
                1,
                ptr::null(),
                ptr::null(),
                ptr::null_mut(),
            ),
            sk_load_resident_keys(ptr::null(), ptr::null(), ptr::null_mut(), ptr::null_mut()),
        ]
    };
    assert_eq!(results, [Code::General.number(); 3]);
}

#[test]
fn a_panic_is_a_failure() {
    assert_eq!(guarded(|| panic!("it is only a test")), Code::General.number());
    assert_eq!(guarded(|| Err(Failure::wordless(Code::CredentialExists))), -5);
    assert_eq!(guarded(|| Ok(())), 0);
}

/// As C lays the structures out on a machine of 64 bits (`sk-api.h` of OpenSSH).
#[test]
#[cfg(target_pointer_width = "64")]
fn structures_have_the_layout_of_c() {
    assert_eq!(size_of::<SkOption>(), 24);
    assert_eq!(size_of::<SkEnrollResponse>(), 88);
    assert_eq!(size_of::<SkSignResponse>(), 40);
    assert_eq!(size_of::<SkResidentKey>(), 136);
    assert_eq!(std::mem::offset_of!(SkSignResponse, counter), 4);
    assert_eq!(std::mem::offset_of!(SkResidentKey, user_id), 120);
}

#[test]
fn a_resident_key_is_copied_into_memory_of_c() {
    let found = ResidentKey {
        algorithm: Algorithm::Ed25519,
        slot: 3,
        application: "ssh:a".to_owned(),
        key_handle: vec![1, 2],
        public_key: vec![3; 32],
        flags: Flags(0x25),
        user_id: Vec::new(),
    };
    let mut memory = Allocations::default();
    let copy = memory.resident_key(&found).unwrap();
    // SAFETY: it was just made, and `memory` lives.
    let (copy, application, key_handle) = unsafe {
        let copy = &*copy;
        let application = CStr::from_ptr(copy.application.cast());
        (copy, application, bytes(copy.key.key_handle.start, copy.key.key_handle.length))
    };
    assert_eq!((copy.alg, copy.slot, copy.flags, copy.key.flags), (1, 3, 0x25, 0x25));
    assert_eq!((application, key_handle), (c"ssh:a", &[1, 2][..]));
    assert_eq!(copy.key.public_key.length, 32);
    assert!(copy.user_id.start.is_null() && copy.key.signature.start.is_null());
}
