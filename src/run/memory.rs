//! Memory that was needed for a moment goes back to the system.

use crate::time::Uptime;
use mimalloc::MiMalloc;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    thread,
    time::Duration,
};

/// No machine of ours has larger pages.
const PAGE: libc::Elf64_Addr = 64 << 10;

/// From this size on memory is the system's own, which takes it back at the moment that it is let go.
const LARGE: usize = 1 << 20;

/// What the program asks for memory, on every machine: mimalloc, as the allocator of musl takes one lock for all
/// threads and that of glibc keeps what a busy hour took. But mimalloc lets go of nothing at once, and the hash of a
/// password takes nineteen megabytes.
pub struct Allocator;

fn of(size: usize) -> &'static dyn GlobalAlloc {
    if size < LARGE { &MiMalloc } else { &System }
}

// SAFETY: each piece is one allocator's by its size, which its layout tells whenever it is named.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { of(layout.size()).alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { of(layout.size()).alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        unsafe { of(layout.size()).dealloc(piece, layout) }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if (layout.size() < LARGE) == (size < LARGE) {
            return unsafe { of(size).realloc(piece, layout, size) };
        }
        // From one to the other.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                new.copy_from_nonoverlapping(piece, layout.size().min(size));
                self.dealloc(piece, layout);
            }
            new
        }
    }
}

/// To be called before mimalloc begins, which is before `main`. It reserves gigabytes ahead; with huge pages the first
/// piece of it that is taken would be two megabytes of memory. And glibc would learn from the first large piece to keep
/// all others.
pub extern "C" fn settle() {
    // SAFETY: numbers in, numbers out; a kernel without huge pages refuses, and nothing changes.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
        #[cfg(target_env = "gnu")]
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE as i32 / 2);
    }
}

/// How long nothing is to be done before what that needed is let go of. By then the last transaction is over (RFC 3261
/// section 17, 32 s).
pub const QUIET: Duration = Duration::from_secs(60);

/// Knows when nothing has to be quick.
#[derive(Debug)]
pub struct Rest {
    /// When there was something to do last, or a minute without was over.
    from: Uptime,
    busy: bool,
}

impl Rest {
    pub fn new(now: Uptime) -> Rest {
        Rest { from: now, busy: false }
    }

    /// Whether another minute went by with nothing to do.
    pub fn look(&mut self, now: Uptime, busy: bool) -> bool {
        if busy {
            *self = Rest { from: now, busy };
        }
        let over = now.since(self.from) >= QUIET;
        if over {
            self.from = now;
        }
        over
    }

    /// Whether there was something to do before, since this was asked.
    pub fn was_busy(&mut self) -> bool {
        std::mem::take(&mut self.busy)
    }
}

unsafe extern "C" {
    /// mimalloc's: gives back at once what the heap of this thread has free.
    fn mi_collect(force: bool);
}

/// Makes what lives long anew, so that it lies together. A busy time leaves its pieces far from each other, each in a
/// page of memory that holds nothing else any more; what another thread makes lies in pages of its own.
pub fn gather(anew: impl FnOnce() + Send) {
    thread::scope(|scope| {
        if let Err(error) = thread::Builder::new().name("gather".into()).spawn_scoped(scope, anew) {
            tracing::debug!(%error, "memory is not gathered");
        }
    });
    collect();
}

/// Gives back what this thread no longer needs. Of what others let go of, it learns here.
pub fn collect() {
    // SAFETY: nothing but the allocator's own books is touched.
    unsafe { mi_collect(true) };
}

/// Takes the program's own code and constants out of memory, of which a start or a call needs much and an idle box
/// little. What is used after all comes back from the file at the moment it is used.
pub fn forget_code() {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// HOUSE: what a busy time needed is let go of when it is over, once.
    #[test]
    fn a_minute_without_calls_is_a_rest() {
        let at = |seconds: u64| Uptime(seconds * 1_000_000);
        let mut rest = Rest::new(at(100));
        assert!(!rest.look(at(159), false));
        assert!(rest.look(at(160), false) && !rest.was_busy());
        assert!(!rest.look(at(170), true));
        assert!(!rest.look(at(229), false));
        assert!(rest.look(at(230), false) && rest.was_busy());
        assert!(!rest.look(at(289), false));
        assert!(rest.look(at(290), false) && !rest.was_busy());
    }

    #[test]
    fn what_is_gathered_is_there_when_that_is_over() {
        let mut value = vec![String::from("as it was"); 100];
        let before = value.clone();
        gather(|| value = value.clone());
        assert_eq!(value, before);
    }
}
