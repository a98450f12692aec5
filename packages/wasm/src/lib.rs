//! The door behind a plain ABI: for any host that runs WebAssembly, without WASI and without bindings.
//!
//! | export | does |
//! |---|---|
//! | `alloc(length) -> pointer` | gives memory for a request |
//! | `free(pointer, length)` | takes memory back: a request's after the call, an answer's once it was read |
//! | `call(pointer, length) -> i64` | carries out the request there; the answer's pointer in the upper half, its length in the lower |
//! | `memory` | where requests and answers are, in UTF-8 |
//!
//! One import, `stuntkey.random(pointer, length)`, fills memory with randomness.
//!
//! What is `unsafe` here is what an ABI is made of: memory that the host writes.

use std::alloc::{Layout, alloc as allocate, dealloc};
use std::cell::RefCell;
use std::ptr;

use stuntkey_door::Door;

#[link(wasm_import_module = "stuntkey")]
unsafe extern "C" {
    #[link_name = "random"]
    fn random(pointer: *mut u8, length: usize);
}

/// What `getrandom` calls where a target has no source of its own.
///
/// # Safety
/// `length` bytes at `pointer` are the caller's to write.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(
    pointer: *mut u8,
    length: usize,
) -> Result<(), getrandom::Error> {
    // SAFETY: the caller's promise is the host's.
    unsafe { random(pointer, length) };
    Ok(())
}

thread_local! {
    static DOOR: RefCell<Door> = RefCell::new(Door::new());
}

/// Memory for `length` bytes; null if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    match Layout::array::<u8>(length) {
        // SAFETY: the layout is not of size zero.
        Ok(layout) if length > 0 => unsafe { allocate(layout) },
        Ok(_) => ptr::NonNull::dangling().as_ptr(),
        Err(_) => ptr::null_mut(),
    }
}

/// Takes memory back.
///
/// # Safety
/// `pointer` and `length` are of `alloc`, or of an answer, and are not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(pointer: *mut u8, length: usize) {
    if let (false, Ok(layout)) = (length == 0 || pointer.is_null(), Layout::array::<u8>(length)) {
        // SAFETY: the caller's promise.
        unsafe { dealloc(pointer, layout) };
    }
}

/// Carries out the request of `length` bytes at `pointer`, which stays the host's. Bytes that are no UTF-8 are read as `�`.
///
/// # Safety
/// There are as many bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(pointer: *const u8, length: usize) -> i64 {
    let request = match pointer.is_null() || length == 0 {
        true => &[],
        // SAFETY: the caller's promise.
        false => unsafe { std::slice::from_raw_parts(pointer, length) },
    };
    let answer = DOOR.with_borrow_mut(|door| door.call(&String::from_utf8_lossy(request)));
    let answer = answer.into_bytes().into_boxed_slice();
    let length = answer.len();
    let pointer = Box::into_raw(answer).cast::<u8>();
    let half = |value: usize| u64::from(u32::try_from(value).unwrap_or_default());
    ((half(pointer.addr()) << 32) | half(length)).cast_signed()
}
