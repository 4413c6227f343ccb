//! The recordings on the disk: an hour at most in each, and so many that an hour has 10 MB, all have 256, and none is
//! older than a day.

use crate::time::Timestamp;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Of all that began within an hour.
pub const HOUR_BYTES_MAX: u64 = 10_000_000;
const HOUR: Duration = Duration::from_secs(3_600);
/// BOX-125
const BYTES_MAX: u64 = 256_000_000;
const AGE_MAX: Duration = Duration::from_secs(24 * 3_600);
const ENDING: &str = ".flight.gz";

/// A recording that lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lies {
    pub path: PathBuf,
    pub began: Timestamp,
    pub bytes: u64,
}

/// Those that there are, the oldest first. What has another name is none of ours.
pub fn all(folder: &Path) -> io::Result<Vec<Lies>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(began) = entry.file_name().to_str().and_then(began) else { continue };
        found.push(Lies { path: entry.path(), began, bytes: entry.metadata()?.len() });
    }
    found.sort_by_key(|lies| lies.began);
    Ok(found)
}

/// Milliseconds since 1970, so that names are in order and no two are the same.
pub fn name(began: Timestamp) -> String {
    format!("{:013}{ENDING}", began.0.max(0))
}

fn began(name: &str) -> Option<Timestamp> {
    let digits = name.strip_suffix(ENDING)?;
    (digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().map(Timestamp).ok())?
}

/// How much the next one may have, should it begin now.
pub fn left(all: &[Lies], now: Timestamp) -> u64 {
    let recent = all.iter().filter(|lies| now.since(lies.began) < HOUR && lies.began <= now);
    HOUR_BYTES_MAX.saturating_sub(recent.map(|lies| lies.bytes).sum())
}

/// Whether one that began then is over.
pub fn is_over(began: Timestamp, now: Timestamp) -> bool {
    now < began || now.since(began) >= HOUR
}

/// Those that go, so that there is room for one more.
pub fn gone(all: &[Lies], now: Timestamp) -> Vec<&Lies> {
    let mut bytes: u64 = all.iter().map(|lies| lies.bytes).sum();
    let goes = |lies: &&Lies| {
        let goes = now.since(lies.began) >= AGE_MAX || bytes > BYTES_MAX - HOUR_BYTES_MAX;
        bytes -= if goes { lies.bytes } else { 0 };
        goes
    };
    all.iter().filter(goes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn lies(minutes_ago: i64, bytes: u64) -> Lies {
        let began = Timestamp(NOW.0 - minutes_ago * 60_000);
        Lies { path: name(began).into(), began, bytes }
    }

    /// BOX-125: what goes is the oldest, until the rest is young and small enough.
    #[test]
    fn a_day_or_256_megabytes_are_kept() {
        let day: Vec<_> = (0..30).rev().map(|hour| lies(hour * 60, 1_000_000)).collect();
        let goes = |all: &[Lies]| gone(all, NOW).into_iter().map(|lies| lies.began).collect::<Vec<_>>();
        assert_eq!(goes(&day), day[..6].iter().map(|lies| lies.began).collect::<Vec<_>>());
        let large: Vec<_> = (0..30).rev().map(|quarter| lies(quarter * 15, 10_000_000)).collect();
        assert_eq!(goes(&large).len(), 6, "24 stay, and with the next one they have 250 MB");
    }

    /// At most 10 MB an hour, however often the box is started.
    #[test]
    fn an_hour_has_what_is_left_of_it() {
        assert_eq!(left(&[], NOW), HOUR_BYTES_MAX);
        assert_eq!(left(&[lies(61, 9_000_000), lies(59, 3_000_000), lies(1, 4_000_000)], NOW), 3_000_000);
        assert_eq!(left(&[lies(1, 11_000_000)], NOW), 0);
        assert!(is_over(lies(60, 0).began, NOW) && !is_over(lies(59, 0).began, NOW));
        assert!(is_over(Timestamp(NOW.0 + 1), NOW), "the clock was set back");
    }

    #[test]
    fn a_name_says_when_it_began() {
        assert_eq!(began(&name(NOW)), Some(NOW));
        for other in ["1795000000000.flight", "x.flight.gz", "179500000000.flight.gz", "+795000000000.flight.gz"] {
            assert_eq!(began(other), None, "{other}");
        }
    }
}
