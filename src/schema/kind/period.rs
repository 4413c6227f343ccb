//! A time within which a condition is inside (CND rows), written as people write it.
//!
//! Weekly `mon 09:00-18:00`, of the clock `08:00:00-12:00:00`, a date `2026-10-01`, or a range
//! `2026-02-08 12:00 - 2026-02-09 11:00`; all in the time zone of the preferences.

use super::line::{self, Line};
use jiff::civil::{Date, DateTime};

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

/// Seconds of a day.
const DAY: u32 = 24 * 3600;

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

impl Span {
    /// Whether a moment, as the clock on the wall shows it, is inside. Both ends are, and of a range of days the whole
    /// last minute with the instant after it (CND reading).
    pub fn holds(&self, at: DateTime) -> bool {
        let clock = at.time();
        let second = u32::from(clock.hour().unsigned_abs()) * 3600
            + u32::from(clock.minute().unsigned_abs()) * 60
            + u32::from(clock.second().unsigned_abs());
        match *self {
            Span::Weekly { weekday, from, to } => {
                let day = at.weekday().to_monday_zero_offset().unsigned_abs();
                // 24:00 is the first instant of the next day.
                let ends_now = to == DAY && second == 0 && day == (weekday + 1) % 7;
                ends_now || (day == weekday && (from..=to).contains(&second))
            }
            Span::Time { from, to } if from <= to => (from..=to).contains(&second),
            Span::Time { from, to } => second >= from || second <= to,
            Span::Date(day) => at.date() == day,
            Span::DateRange { from, to: (last, to) } => {
                let end = match to + 60 {
                    DAY => last.tomorrow().map_or((last, DAY), |next| (next, 0)),
                    end => (last, end),
                };
                (from..=end).contains(&(at.date(), second))
            }
        }
    }
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

    /// CND-9, CND-11..16, with the reading: what the clock on the wall shows, against each form.
    #[test]
    fn a_moment_is_inside_or_outside() {
        for (row, period, at, inside) in [
            ("CND-12", "00:00:00-12:00:00", "2026-11-23 00:00:00", true),
            ("CND-12", "00:00:00-12:00:00", "2026-11-23 12:00:00", true),
            ("CND-12", "00:00:00-12:00:00", "2026-11-23 12:00:01", false),
            ("CND-11 over midnight", "22:00:00-06:30:15", "2026-11-23 23:59:59", true),
            ("CND-11 over midnight", "22:00:00-06:30:15", "2026-11-24 06:30:15", true),
            ("CND-11 over midnight", "22:00:00-06:30:15", "2026-11-24 06:30:16", false),
            ("CND-11 over midnight", "22:00:00-06:30:15", "2026-11-24 21:59:59", false),
            ("CND-9", "mon 09:00-18:00", "2026-11-23 09:00:00", true),
            ("CND-9", "mon 09:00-18:00", "2026-11-23 08:59:59", false),
            ("CND-9", "mon 09:00-18:00", "2026-11-23 18:00:00", true),
            ("CND-9", "mon 09:00-18:00", "2026-11-23 18:00:01", false),
            ("CND-9 every week", "mon 09:00-18:00", "2027-01-04 12:00:00", true),
            ("CND-9", "mon 09:00-18:00", "2026-11-24 12:00:00", false),
            ("CND-9 until 24:00", "sun 20:00-24:00", "2026-11-22 23:59:59", true),
            ("CND-9 until 24:00", "sun 20:00-24:00", "2026-11-23 00:00:00", true),
            ("CND-9 until 24:00", "sun 20:00-24:00", "2026-11-23 00:00:01", false),
            ("CND-13", "2026-10-01", "2026-10-01 00:00:00", true),
            ("CND-13", "2026-10-01", "2026-10-01 23:59:59", true),
            ("CND-13", "2026-10-01", "2026-10-02 00:00:00", false),
            ("CND-13", "2026-10-01", "2027-10-01 12:00:00", false),
            ("CND-14", "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-08 11:59:59", false),
            ("CND-14", "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-08 12:00:00", true),
            ("CND-15, CND-16", "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-09 11:00:59", true),
            ("CND-16", "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-09 11:01:00", true),
            ("CND-16", "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-09 11:01:01", false),
            ("CND-15", "2026-02-28 12:00 - 2026-02-28 23:59", "2026-03-01 00:00:00", true),
            ("CND-15", "2026-02-28 12:00 - 2026-02-28 23:59", "2026-03-01 00:00:01", false),
        ] {
            let at: DateTime = at.parse().unwrap();
            assert_eq!(Period::literal(period).span().holds(at), inside, "{row}: {period} at {at}");
        }
    }
}
