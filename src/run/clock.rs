//! The two clocks of the machine, read.

use crate::time::{Now, Timestamp, Uptime};
use std::{
    sync::OnceLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// The moment as both clocks give it. The zero of the uptime is the first call.
#[allow(clippy::disallowed_methods, reason = "here the clock is read for all")]
pub fn now() -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { up: up(), wall: Timestamp(wall.as_millis() as i64) }
}

/// The uptime alone.
#[allow(clippy::disallowed_methods, reason = "here the clock is read for all")]
pub fn up() -> Uptime {
    static START: OnceLock<Instant> = OnceLock::new();
    let up = Instant::now().duration_since(*START.get_or_init(Instant::now));
    Uptime(up.as_micros() as u64)
}
