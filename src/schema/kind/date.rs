//! A day of the calendar, wherever it begins.

use super::line::{Form, Line};

/// `2026-11-23`.
pub type Date = Line<Day>;

pub struct Day;

impl Form for Day {
    const KIND: &'static str = "date";
    const MIN: u64 = 10;
    const MAX: u64 = 10;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl Date {
    pub fn day(&self) -> jiff::civil::Date {
        self.parse().unwrap_or_default()
    }
}

pub fn fits(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-21
    #[test]
    fn a_day_is_in_the_calendar() {
        assert_eq!(Date::new(" 2028-02-29 ").unwrap().day(), jiff::civil::date(2028, 2, 29));
        for bad in ["", "2026-02-29", "2026-2-1", "20260201", "01.02.2026", "2026-13-01", "-00001-01-01"] {
            assert!(Date::new(bad).is_err(), "{bad}");
        }
    }
}
