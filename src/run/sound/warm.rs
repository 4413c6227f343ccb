//! Bringing near what is soon needed: the memory of hundreds of legs lies far from the processor, and to wait for the
//! pieces of several legs at once takes as long as to wait for one.

use std::{mem::MaybeUninit, ptr};

/// Bytes that come together.
const LINE: usize = 64;

/// Touches every part of a value.
pub fn warm<T>(value: &T) {
    let start = ptr::from_ref(value).cast::<MaybeUninit<u8>>();
    for at in (0..size_of::<T>()).step_by(LINE) {
        // SAFETY: inside of the value, and any byte of it may be read as one that need not be set.
        unsafe { start.add(at).read_volatile() };
    }
}
