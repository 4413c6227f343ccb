//! CPU time of a process: user and system together, as their split is only sampled.

use std::{fs, io};

/// Seconds so far, of all its threads, those that have ended too.
pub fn of(pid: u32) -> io::Result<f64> {
    let mut clock = 0;
    // SAFETY: the kernel fills the number in.
    match unsafe { libc::clock_getcpuclockid(pid as libc::pid_t, &mut clock) } {
        0 => Ok(read(clock)),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Resident memory, KiB.
pub fn resident(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    Ok(line.trim().trim_end_matches(" kB").parse().unwrap_or(0))
}

/// Seconds of this thread.
pub fn mine() -> f64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn read(clock: libc::clockid_t) -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills the struct in.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
