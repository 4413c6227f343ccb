//! A day and time, kept in UTC to the millisecond (LST-19).

use super::line::{Form, Line};
use crate::time::Timestamp;
use std::borrow::Cow;

/// RFC 3339; what is typed with another offset is kept in UTC.
pub type Moment = Line<When>;

pub struct When;

impl Form for When {
    const KIND: &'static str = "moment";
    const MIN: u64 = 1;
    const MAX: u64 = 40;
    fn meant(text: &str) -> Cow<'_, str> {
        meant(text)
    }
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn meant(text: &str) -> Cow<'_, str> {
    text.parse::<Timestamp>().map_or(text.into(), |moment| moment.to_string().into())
}

pub fn fits(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-19
    #[test]
    fn a_moment_is_kept_in_utc() {
        assert_eq!(&*Moment::new("2026-11-23T10:00:00+08:00").unwrap(), "2026-11-23T02:00:00.000Z");
        assert!(Moment::new("2026-11-23 10:00").is_err() && Moment::new("").is_err());
    }
}
