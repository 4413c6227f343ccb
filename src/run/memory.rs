//! Memory that was needed for a moment goes back to the system.

/// To be called before the first thread starts. The allocator of glibc otherwise learns from one large buffer, such
/// as that of a password's hash, to keep all such buffers, and does so for each thread.
#[cfg(target_env = "gnu")]
pub fn settle() {
    const LARGE_BYTES: i32 = 256 << 10;
    const SPARE_BYTES: i32 = 512 << 10;
    const ARENAS: i32 = 2;
    // SAFETY: numbers in, a number out; an option that is refused stays as it is.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, SPARE_BYTES);
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
    }
}

/// What a busy hour took and nobody uses any more.
#[cfg(target_env = "gnu")]
pub fn give_back() {
    // SAFETY: it looks only at what is free.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators need no word.
#[cfg(not(target_env = "gnu"))]
pub fn settle() {}

#[cfg(not(target_env = "gnu"))]
pub fn give_back() {}
