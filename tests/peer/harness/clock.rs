//! The only clock of these tests: how long to wait for what, and what time it is.
#![allow(clippy::disallowed_methods, reason = "real programs keep real time")]

use std::{
    sync::LazyLock,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Between two looks at a file, a list or an API.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Time since the first call of it, for measuring.
pub fn elapsed() -> Duration {
    START.elapsed()
}

/// Milliseconds since 1970.
pub fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// Looks until there is something; fails, naming `what`, when `within` is over.
#[track_caller]
pub fn wait<T>(what: &str, within: Duration, look: impl FnMut() -> Option<T>) -> T {
    let Some(found) = try_wait(within, look) else { panic!("waited {within:?} in vain: {what}") };
    found
}

/// The same, where the caller knows better how to say what failed.
pub fn try_wait<T>(within: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = elapsed() + within;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if elapsed() > end {
            return None;
        }
        thread::park_timeout(LOOK_AGAIN);
    }
}

/// Lets time go by where the time itself is what is tested.
pub fn pass(length: Duration) {
    let end = elapsed() + length;
    while let Some(left) = end.checked_sub(elapsed()).filter(|left| !left.is_zero()) {
        // May come back early: whoever ended last on a scope has left a wake-up behind.
        thread::park_timeout(left);
    }
}
