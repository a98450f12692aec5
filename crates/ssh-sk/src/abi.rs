//! The interface in C: what OpenSSH calls, and the structures that it reads and frees. All unsafe code stands here.
#![allow(unsafe_code, reason = "OpenSSH passes pointers, and frees what it is given by C's free")]

use std::env;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{ptr, slice};

use crate::algorithm::Algorithm;
use crate::enroll::{Enroll, Enrolled, enroll};
use crate::failure::{Code, Failure};
use crate::flags::Flags;
use crate::key::Key;
use crate::options::{DEVICE_VARIABLE, GivenOption, Options};
use crate::resident::{ResidentKey, load};
use crate::sign::{Sign, Signed, sign};

/// `SSH_SK_VERSION_MAJOR` of OpenSSH 8.9 and later.
const API_VERSION: u32 = 0x000a_0000;

/// `struct sk_option`
#[repr(C)]
struct SkOption {
    name: *const c_char,
    value: *const c_char,
    required: u8,
}

/// `struct sk_enroll_response`
#[repr(C)]
struct SkEnrollResponse {
    flags: u8,
    public_key: Bytes,
    key_handle: Bytes,
    signature: Bytes,
    attestation_cert: Bytes,
    authdata: Bytes,
}

/// `struct sk_sign_response`
#[repr(C)]
struct SkSignResponse {
    flags: u8,
    counter: u32,
    sig_r: Bytes,
    sig_s: Bytes,
}

/// `struct sk_resident_key`
#[repr(C)]
struct SkResidentKey {
    alg: u32,
    slot: usize,
    application: *mut u8,
    key: SkEnrollResponse,
    flags: u8,
    user_id: Bytes,
}

/// Two members of C's structures: a pointer, and the length behind it. Absent bytes are a null pointer.
#[repr(C)]
struct Bytes {
    start: *mut u8,
    length: usize,
}

impl Bytes {
    const NONE: Self = Self { start: ptr::null_mut(), length: 0 };
}

unsafe extern "C" {
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
}

// SAFETY: no other function of the program has a name of OpenSSH's provider interface.
#[unsafe(no_mangle)]
extern "C" fn sk_api_version() -> u32 {
    API_VERSION
}

/// # Safety
/// As OpenSSH calls it: pointers are null, or point to what C's declaration says, for as long as the call takes.
// SAFETY: no other function of the program has a name of OpenSSH's provider interface.
#[unsafe(no_mangle)]
unsafe extern "C" fn sk_enroll(
    alg: u32,
    challenge: *const u8,
    challenge_len: usize,
    application: *const c_char,
    flags: u8,
    pin: *const c_char,
    options: *const *const SkOption,
    response: *mut *mut SkEnrollResponse,
) -> c_int {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (challenge, application, pin, options) = unsafe {
            (
                bytes(challenge, challenge_len),
                required_text(application)?,
                pin_of(pin)?,
                read_options(options)?,
            )
        };
        let asked = Enroll {
            algorithm: Algorithm::from_number(alg)?,
            challenge,
            application,
            flags: Flags(flags),
            pin,
            user_id: &options.user_id,
        };
        let made = enroll(&mut Key::open(&options.address)?, &asked)?;
        let mut memory = Allocations::default();
        let whole = memory.enroll_response(&made)?;
        let whole = memory.value(whole)?;
        // SAFETY: the caller's promise.
        unsafe { hand_over(memory, whole, response) }
    })
}

/// # Safety
/// As for [`sk_enroll`].
// SAFETY: no other function of the program has a name of OpenSSH's provider interface.
#[unsafe(no_mangle)]
unsafe extern "C" fn sk_sign(
    alg: u32,
    data: *const u8,
    data_len: usize,
    application: *const c_char,
    key_handle: *const u8,
    key_handle_len: usize,
    flags: u8,
    pin: *const c_char,
    options: *const *const SkOption,
    response: *mut *mut SkSignResponse,
) -> c_int {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (data, key_handle) = unsafe { (bytes(data, data_len), bytes(key_handle, key_handle_len)) };
        // SAFETY: the caller's promise.
        let (application, pin, options) =
            unsafe { (required_text(application)?, pin_of(pin)?, read_options(options)?) };
        let asked = Sign {
            algorithm: Algorithm::from_number(alg)?,
            data,
            application,
            key_handle,
            flags: Flags(flags),
            pin,
        };
        let Signed { flags, counter, r, s } = sign(&mut Key::open(&options.address)?, &asked)?;
        let mut memory = Allocations::default();
        let whole = SkSignResponse { flags, counter, sig_r: memory.bytes(&r)?, sig_s: memory.bytes(&s)? };
        let whole = memory.value(whole)?;
        // SAFETY: the caller's promise.
        unsafe { hand_over(memory, whole, response) }
    })
}

/// # Safety
/// As for [`sk_enroll`].
// SAFETY: no other function of the program has a name of OpenSSH's provider interface.
#[unsafe(no_mangle)]
unsafe extern "C" fn sk_load_resident_keys(
    pin: *const c_char,
    options: *const *const SkOption,
    keys: *mut *mut *mut SkResidentKey,
    count: *mut usize,
) -> c_int {
    guarded(|| {
        // SAFETY: the caller's promise.
        let (pin, options) = unsafe { (pin_of(pin)?, read_options(options)?) };
        if count.is_null() {
            return Err(no_place());
        }
        let found = load(&mut Key::open(&options.address)?, pin)?;
        let mut memory = Allocations::default();
        let mut list = Vec::new();
        for key in &found {
            list.push(memory.resident_key(key)?);
        }
        let whole = memory.array(list)?;
        // SAFETY: the caller's promise; `count` is not null.
        unsafe {
            hand_over(memory, whole, keys)?;
            count.write(found.len());
        }
        Ok(())
    })
}

/// The number that OpenSSH gets. A panic must not unwind into C.
fn guarded(operation: impl FnOnce() -> Result<(), Failure>) -> c_int {
    let outcome = catch_unwind(AssertUnwindSafe(operation));
    let failure = match outcome {
        Ok(Ok(())) => return 0,
        Ok(Err(failure)) => failure,
        // The hook of panics has printed it.
        Err(_) => Failure::wordless(Code::General),
    };
    if let Some(message) = failure.message {
        // Where nobody reads it, it is lost.
        let _ = writeln!(io::stderr(), "stuntkey: {message}");
    }
    failure.code.number()
}

fn no_place() -> Failure {
    Failure::new(Code::General, "there is no place for the answer")
}

/// # Safety
/// `start` is null, or `length` bytes can be read there for as long as the result is used.
unsafe fn bytes<'a>(start: *const u8, length: usize) -> &'a [u8] {
    match start.is_null() {
        true => &[],
        // SAFETY: the caller's promise.
        false => unsafe { slice::from_raw_parts(start, length) },
    }
}

/// # Safety
/// `start` is null, or a string of C's is there for as long as the result is used.
unsafe fn text<'a>(start: *const c_char) -> Result<Option<&'a str>, Failure> {
    if start.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(start) };
    text.to_str().map(Some).map_err(|error| Failure::new(Code::General, format!("an argument: {error}")))
}

/// # Safety
/// As for [`text`].
unsafe fn required_text<'a>(start: *const c_char) -> Result<&'a str, Failure> {
    // SAFETY: the caller's promise.
    let text = unsafe { text(start)? };
    text.ok_or_else(|| Failure::new(Code::General, "found no text, expected an application or an option"))
}

/// A PIN without a character is none.
///
/// # Safety
/// As for [`text`].
unsafe fn pin_of<'a>(start: *const c_char) -> Result<Option<&'a str>, Failure> {
    // SAFETY: the caller's promise.
    let pin = unsafe { text(start)? };
    Ok(pin.filter(|pin| !pin.is_empty()))
}

/// # Safety
/// `options` is null, or a list of pointers to options that ends with a null pointer.
unsafe fn read_options(options: *const *const SkOption) -> Result<Options, Failure> {
    let mut given = Vec::new();
    let mut next = options;
    while !next.is_null() {
        // SAFETY: the list has not ended, and its pointers point to options (the caller's promise).
        let Some(option) = (unsafe { (*next).as_ref() }) else { break };
        // SAFETY: an option's name and value are strings of C's (the caller's promise).
        let (name, value) = unsafe { (required_text(option.name)?, required_text(option.value)?) };
        given.push(GivenOption { name, value, required: option.required != 0 });
        // SAFETY: this was not the end of the list.
        next = unsafe { next.add(1) };
    }
    let variable = env::var_os(DEVICE_VARIABLE);
    let variable = variable.as_ref().map(|value| value.to_string_lossy());
    Options::read(&given, variable.as_deref())
}

/// Gives the caller the answer, and with it the memory.
///
/// # Safety
/// `place` is null, or can be written to. `answer`, and what it points to, is in `memory`.
unsafe fn hand_over<T>(memory: Allocations, answer: *mut T, place: *mut *mut T) -> Result<(), Failure> {
    if place.is_null() {
        return Err(no_place());
    }
    // SAFETY: it is not null, so that it can be written to (the caller's promise).
    unsafe { place.write(answer) };
    memory.keep();
    Ok(())
}

/// Memory of C's, which is freed unless OpenSSH gets it.
#[derive(Default)]
struct Allocations(Vec<*mut c_void>);

impl Allocations {
    fn enroll_response(&mut self, made: &Enrolled) -> Result<SkEnrollResponse, Failure> {
        Ok(SkEnrollResponse {
            flags: made.flags.0,
            public_key: self.bytes(&made.public_key)?,
            key_handle: self.bytes(&made.key_handle)?,
            signature: self.bytes(&made.signature)?,
            attestation_cert: self.bytes(&made.attestation_certificate)?,
            authdata: self.bytes(&made.authenticator_data)?,
        })
    }

    fn resident_key(&mut self, found: &ResidentKey) -> Result<*mut SkResidentKey, Failure> {
        let application = CString::new(&*found.application)
            .map_err(|_| Failure::answer("a zero byte in an RP ID", "an application"))?;
        let key = SkEnrollResponse {
            flags: found.flags.0,
            public_key: self.bytes(&found.public_key)?,
            key_handle: self.bytes(&found.key_handle)?,
            signature: Bytes::NONE,
            attestation_cert: Bytes::NONE,
            authdata: Bytes::NONE,
        };
        let whole = SkResidentKey {
            alg: found.algorithm.number(),
            slot: found.slot,
            application: self.bytes(application.as_bytes_with_nul())?.start,
            key,
            flags: found.flags.0,
            user_id: self.bytes(&found.user_id)?,
        };
        self.value(whole)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Bytes, Failure> {
        Ok(Bytes { start: self.array(bytes.to_vec())?, length: bytes.len() })
    }

    fn value<T>(&mut self, value: T) -> Result<*mut T, Failure> {
        self.array(vec![value])
    }

    /// A null pointer for no values.
    fn array<T>(&mut self, values: Vec<T>) -> Result<*mut T, Failure> {
        if values.is_empty() {
            return Ok(ptr::null_mut());
        }
        // SAFETY: calloc may be called with any numbers.
        let memory = unsafe { calloc(values.len(), size_of::<T>()) };
        if memory.is_null() {
            return Err(Failure::new(Code::General, "there is no memory for the answer"));
        }
        self.0.push(memory);
        let start = memory.cast::<T>();
        for (i, value) in values.into_iter().enumerate() {
            // SAFETY: calloc gave room for all of them, aligned for every type of C's.
            unsafe { start.add(i).write(value) };
        }
        Ok(start)
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Allocations {
    fn drop(&mut self) {
        for memory in self.0.drain(..) {
            // SAFETY: calloc gave it, and nobody else has it yet.
            unsafe { free(memory) };
        }
    }
}

#[cfg(test)]
mod tests;
