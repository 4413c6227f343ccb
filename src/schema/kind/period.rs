//! A time within which a condition is inside (CND rows), written as people write it.
//!
//! Weekly `mon 09:00-18:00`, of the clock `08:00:00-12:00:00`, a date `2026-10-01`, or a range
//! `2026-02-08 12:00 - 2026-02-09 11:00`; all in the time zone of the preferences.

use super::line::{self, Line};
use jiff::civil::Date;

/// One period, in one of four forms.
pub type Period = Line<Inside>;

pub struct Inside;

impl line::Form for Inside {
    const KIND: &'static str = "period";
    const MIN: u64 = 1;
    const MAX: u64 = 40;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Weekly,
    Time,
    Date,
    DateRange,
}

/// A period, read. Clock times are seconds since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// `weekday` 0 is Monday; `to` may be 24:00.
    Weekly {
        weekday: u8,
        from: u32,
        to: u32,
    },
    /// Every day; over midnight where `to` is before `from`.
    Time {
        from: u32,
        to: u32,
    },
    Date(Date),
    DateRange {
        from: (Date, u32),
        to: (Date, u32),
    },
}

impl Period {
    pub fn span(&self) -> Span {
        read(self).expect("a period fits its form")
    }

    pub fn form(&self) -> Form {
        match self.span() {
            Span::Weekly { .. } => Form::Weekly,
            Span::Time { .. } => Form::Time,
            Span::Date(_) => Form::Date,
            Span::DateRange { .. } => Form::DateRange,
        }
    }
}

pub fn fits(text: &str) -> bool {
    read(text).is_some()
}

fn read(text: &str) -> Option<Span> {
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (moment(from)?, moment(to)?);
        return (from <= to).then_some(Span::DateRange { from, to });
    }
    if let Some((day, times)) = text.split_once(' ') {
        let weekday = WEEKDAYS.iter().position(|name| *name == day)? as u8;
        let (from, to) = times.split_once('-')?;
        let (from, to) = (minutes(from)?, minutes(to)?);
        return (from < to && from < 24 * 3600).then_some(Span::Weekly { weekday, from, to });
    }
    if let Some(day) = date(text) {
        return Some(Span::Date(day));
    }
    let (from, to) = text.split_once('-')?;
    Some(Span::Time { from: clock(from)?, to: clock(to)? })
}

fn moment(text: &str) -> Option<(Date, u32)> {
    let (day, time) = text.trim().split_once(' ')?;
    Some((date(day)?, minutes(time).filter(|time| *time < 24 * 3600)?))
}

fn date(text: &str) -> Option<Date> {
    super::date::fits(text).then(|| text.parse().ok())?
}

/// `HH:MM`, up to 24:00.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (two(hours, 24)?, two(minutes, 59)?);
    (hours < 24 || minutes == 0).then_some(hours * 3600 + minutes * 60)
}

/// `HH:MM:SS`
fn clock(text: &str) -> Option<u32> {
    let (rest, seconds) = text.rsplit_once(':')?;
    minutes(rest).filter(|time| *time < 24 * 3600).and_then(|time| Some(time + two(seconds, 59)?))
}

fn two(text: &str, max: u32) -> Option<u32> {
    let number = text.parse().ok().filter(|number| *number <= max)?;
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CND-9, CND-11, CND-13, CND-14
    #[test]
    fn a_period_has_one_of_four_forms() {
        let span = |text: &str| Period::new(text).map(|period| period.span()).ok();
        assert_eq!(span("fri 09:00-24:00"), Some(Span::Weekly { weekday: 4, from: 32_400, to: 86_400 }));
        assert_eq!(span("22:00:00-06:30:15"), Some(Span::Time { from: 79_200, to: 23_415 }));
        assert_eq!(span("2026-10-01"), Some(Span::Date(jiff::civil::date(2026, 10, 1))));
        let day = |day| jiff::civil::date(2026, 2, day);
        let range = Span::DateRange { from: (day(8), 43_200), to: (day(9), 39_600) };
        assert_eq!(span("2026-02-08 12:00 - 2026-02-09 11:00"), Some(range));
        for bad in [
            "fri 18:00-09:00",
            "fry 09:00-10:00",
            "mon 09:00-24:01",
            "9:00:00-10:00:00",
            "24:00:00-01:00:00",
            "2026-02-30",
            "2026-02-09 11:00 - 2026-02-08 12:00",
            "always",
            "",
        ] {
            assert_eq!(span(bad), None, "{bad}");
        }
    }
}
