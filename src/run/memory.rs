//! Memory that was needed for a moment goes back to the system.

/// No machine of ours has larger pages.
const PAGE: libc::Elf64_Addr = 64 << 10;

/// To be called before the first thread starts. The allocator (`main.rs`) reserves gigabytes ahead; with huge pages the
/// first piece of it that a thread takes would be two megabytes of memory.
pub fn settle() {
    // SAFETY: numbers in, a number out; a kernel without huge pages refuses, and nothing changes.
    unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) };
}

/// Takes the program's own code and constants out of memory, of which a start needs most and an idle box little. What
/// is used after all comes back from the file at the moment it is used.
pub fn forget_start() {
    // SAFETY: the loader lists what is loaded, one part after the other, for as long as `forget` runs.
    unsafe { libc::dl_iterate_phdr(Some(forget), std::ptr::null_mut()) };
}

/// # Safety
/// `part` is what the loader gives.
unsafe extern "C" fn forget(part: *mut libc::dl_phdr_info, _: usize, _: *mut libc::c_void) -> libc::c_int {
    // SAFETY: the loader's list of headers lives through the call.
    let (base, headers) = unsafe {
        let part = &*part;
        (part.dlpi_addr, std::slice::from_raw_parts(part.dlpi_phdr, usize::from(part.dlpi_phnum)))
    };
    for header in headers.iter().filter(|header| header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W == 0) {
        // The last page of a part that cannot be written may be the first of one that can.
        let start = (base + header.p_vaddr).next_multiple_of(PAGE);
        let end = (base + header.p_vaddr + header.p_memsz) / PAGE * PAGE;
        if start < end {
            // SAFETY: whole pages of the program's file that are never written.
            unsafe { libc::madvise(start as *mut libc::c_void, (end - start) as usize, libc::MADV_DONTNEED) };
        }
    }
    0
}
