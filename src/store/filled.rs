//! How full the disk is, what may still be written to it then, and what is kept free for calls (BOX-62 to BOX-65).

use nix::{
    fcntl::{FallocateFlags, fallocate},
    sys::statvfs::statvfs,
};
use std::{
    fs::{OpenOptions, remove_file},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// From here on the disk records nothing and takes no import, export or upload (BOX-64).
pub const FILES_PERCENT_MAX: u8 = 95;
/// And from here on nothing but what calls leave behind (BOX-65).
pub const SAVES_PERCENT_MAX: u8 = 99;
/// What must stay free before anything is written: redb may fail to open a file that filled the disk.
const FREE_BYTES_MIN: u64 = 8 << 20;
/// The file that keeps room for calls, and how large it is (BOX-65). Of a small disk it is this part.
const RESERVE: &str = "reserve";
const RESERVE_BYTES: u64 = 256 << 20;
const RESERVE_PART: u64 = 16;

/// What is to be written, by how long it may be while the disk fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// What calls leave behind, and who works: as long as there is anything to write on.
    Calls,
    /// Configuration, customers, the audit log.
    Saves,
    /// Imports, exports, uploads.
    Files,
}

/// Bytes of the file system on which everything lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    pub total: u64,
    /// The reserve is among them wherever it is, so that giving it up makes no disk emptier.
    pub used: u64,
    pub(super) free: u64,
}

impl Filled {
    pub fn of(directory: &Path) -> io::Result<Filled> {
        let disk = statvfs(directory)?;
        // The figures have 32 bits on some machines.
        #[allow(clippy::unnecessary_cast)]
        let [blocks, empty, free, size] = [
            disk.blocks() as u64,
            disk.blocks_free() as u64,
            disk.blocks_available() as u64,
            disk.fragment_size() as u64,
        ];
        let (used, free) = (blocks.saturating_sub(empty) * size, free * size);
        let total = used + free;
        let given_up = !directory.join(RESERVE).exists();
        let used = if given_up { total.min(used + reserve_bytes(total)) } else { used };
        Ok(Filled { total, used, free })
    }

    pub fn reaches(&self, percent: u8) -> bool {
        self.used * 100 >= u64::from(percent) * self.total
    }

    /// Rounded down.
    pub fn percent(&self) -> u8 {
        (self.used * 100).checked_div(self.total).unwrap_or(0) as u8
    }

    /// Bytes that must go before it is no fuller than this.
    pub fn above(&self, percent: u8) -> u64 {
        self.used.saturating_sub(self.total / 100 * u64::from(percent))
    }

    fn has_room(&self, need: Need) -> bool {
        let percent_max = match need {
            Need::Calls => return self.free >= FREE_BYTES_MIN,
            Need::Saves => SAVES_PERCENT_MAX,
            Need::Files => FILES_PERCENT_MAX,
        };
        self.free >= FREE_BYTES_MIN && !self.reaches(percent_max)
    }
}

fn reserve_bytes(total: u64) -> u64 {
    RESERVE_BYTES.min(total / RESERVE_PART)
}

/// Whether this may be written. Calls are given the reserve when nothing else is left.
pub fn has_room(directory: &Path, need: Need) -> bool {
    // A file system that does not tell is written until it refuses.
    let has_room = || Filled::of(directory).map_or(true, |filled| filled.has_room(need));
    has_room() || need == Need::Calls && give_up(directory) && has_room()
}

fn give_up(directory: &Path) -> bool {
    let gone = remove_file(directory.join(RESERVE)).is_ok();
    if gone {
        tracing::warn!("the disk is full: the room that was kept for the records of calls is given to them");
    }
    gone
}

/// Keeps the reserve, once more where the disk has room for it again.
pub fn keep_reserve(directory: &Path) -> io::Result<()> {
    let (filled, path) = (Filled::of(directory)?, directory.join(RESERVE));
    if path.exists() || filled.reaches(FILES_PERCENT_MAX) {
        return Ok(());
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    let kept = fallocate(&file, FallocateFlags::empty(), 0, reserve_bytes(filled.total) as _);
    if kept.is_err() {
        let _ = remove_file(&path);
    }
    Ok(kept?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// BOX-64, BOX-65
    #[test]
    fn the_fuller_the_disk_the_fewer_may_write() {
        let needs = |used: u64, free: u64| {
            let filled = Filled { total: 10_000 * MIB, used: used * MIB, free: free * MIB };
            [Need::Calls, Need::Saves, Need::Files].map(|need| filled.has_room(need))
        };
        assert_eq!(needs(9_499, 501), [true, true, true]);
        assert_eq!(needs(9_500, 500), [true, true, false]);
        assert_eq!(needs(9_900, 100), [true, false, false]);
        assert_eq!(needs(9_993, 7), [false, false, false]);
        // What is given up counts as used.
        assert_eq!(needs(9_950, 300), [true, false, false]);
    }

    #[test]
    fn figures_say_how_much_is_too_much() {
        let filled = Filled { total: 1_000, used: 905, free: 95 };
        assert_eq!((filled.percent(), filled.above(88), filled.above(91)), (90, 25, 0));
        assert!(filled.reaches(90) && !filled.reaches(91));
        assert_eq!(Filled { total: 0, used: 0, free: 0 }.percent(), 0);
    }

    /// BOX-65: made once, and no disk is fuller or emptier for it.
    #[test]
    fn the_reserve_changes_no_figure() {
        let directory = tempfile::tempdir().unwrap();
        let before = Filled::of(directory.path()).unwrap();
        keep_reserve(directory.path()).unwrap();
        let after = Filled::of(directory.path()).unwrap();
        let length = directory.path().join(RESERVE).metadata().unwrap().len();
        // Others write to the same disk.
        let near = |one: u64, other: u64| one.abs_diff(other) < 64 * MIB;
        assert!(length == reserve_bytes(after.total) && near(before.used, after.used), "{before:?} {after:?}");
        assert!(give_up(directory.path()) && !give_up(directory.path()));
    }
}
