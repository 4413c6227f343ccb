//! A moment of every day, in the time zone of the preferences.

use super::line::{Form, Line};

/// `HH:MM`, 00:00 to 23:59.
pub type TimeOfDay = Line<Clock>;

pub struct Clock;

impl Form for Clock {
    const KIND: &'static str = "time_of_day";
    const MIN: u64 = 5;
    const MAX: u64 = 5;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl TimeOfDay {
    /// Minutes since midnight.
    pub fn minutes(&self) -> u32 {
        let part = |range: std::ops::Range<usize>| self[range].parse::<u32>().unwrap_or(0);
        part(0..2) * 60 + part(3..5)
    }
}

pub fn fits(text: &str) -> bool {
    let two = |part: Option<&str>, max: u8| {
        part.is_some_and(|part| {
            part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse().is_ok_and(|n: u8| n <= max)
        })
    };
    text.len() == 5 && two(text.get(0..2), 23) && text.get(2..3) == Some(":") && two(text.get(3..5), 59)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OUT-62
    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        assert_eq!(TimeOfDay::new(" 22:05 ").unwrap().minutes(), 1_325);
        for bad in ["24:00", "9:00", "12:60", "12-00", "1200", "+1:00"] {
            assert!(TimeOfDay::new(bad).is_err(), "{bad}");
        }
    }
}
