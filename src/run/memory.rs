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

/// What is built into the program, was read once and is not read again need not stay in memory; whoever reads it
/// after all finds it as it was.
pub fn forget(part: &'static [u8]) {
    /// No machine of ours has larger pages.
    const PAGE: usize = 64 << 10;
    let ends = part.as_ptr_range();
    let (start, end) = (ends.start.addr().next_multiple_of(PAGE), ends.end.addr() & !(PAGE - 1));
    if start < end {
        let first = part[start - ends.start.addr()..].as_ptr();
        // SAFETY: whole pages inside of constants, which are the program's file and are never written.
        unsafe { libc::madvise(first.cast_mut().cast(), end - start, libc::MADV_DONTNEED) };
    }
}

/// Other allocators need no word.
#[cfg(not(target_env = "gnu"))]
pub fn settle() {}

#[cfg(not(target_env = "gnu"))]
pub fn give_back() {}
