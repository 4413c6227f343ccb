//! A name of the IANA time zone database (PRF-5); zones are bundled with the program.

use super::line::{Form, Line};

pub type TimeZone = Line<Zone>;

pub struct Zone;

impl Form for Zone {
    const KIND: &'static str = "time_zone";
    const MIN: u64 = 1;
    const MAX: u64 = 64;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl TimeZone {
    /// The zone's clocks.
    pub fn clocks(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(self).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

pub fn fits(text: &str) -> bool {
    jiff::tz::TimeZone::get(text).is_ok()
}
