//! A length of time as people write it: `10m`, `1h` (CMP-59, CMP-68).

use super::line::{Form, Line};
use std::time::Duration;

/// A whole number and a unit, for a button that sets an appointment: `m` minutes or `h` hours.
pub type QuickTime = Line<Quick>;

/// A whole number and a unit, for calling again: `m`, `h`, `d`, `w`, or `M` for calendar months. Letter case counts.
pub type RedialTime = Line<Redial>;

pub struct Quick;
pub struct Redial;

impl Form for Quick {
    const KIND: &'static str = "quick_time";
    const MIN: u64 = 2;
    const MAX: u64 = 6;
    fn fits(text: &str) -> bool {
        quick(text)
    }
}

impl Form for Redial {
    const KIND: &'static str = "redial_time";
    const MIN: u64 = 2;
    const MAX: u64 = 6;
    fn fits(text: &str) -> bool {
        redial(text)
    }
}

pub fn quick(text: &str) -> bool {
    read(text, "mh").is_some()
}

pub fn redial(text: &str) -> bool {
    read(text, "mhdwM").is_some()
}

fn read(text: &str, units: &str) -> Option<(u32, char)> {
    let unit = text.chars().last().filter(|unit| units.contains(*unit))?;
    let digits = &text[..text.len() - unit.len_utf8()];
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| Some((digits.parse().ok()?, unit)))?
}

impl QuickTime {
    pub fn length(&self) -> Duration {
        let (count, unit) = read(self, "mh").expect("it fits its form");
        Duration::from_secs(u64::from(count) * if unit == 'h' { 3_600 } else { 60 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CMP-59, CMP-68
    #[test]
    fn a_number_and_a_unit_and_nothing_else() {
        assert_eq!(QuickTime::new(" 90m ").unwrap().length(), Duration::from_secs(5_400));
        for bad in ["", "m", "0m", "1d", "1 h", "-1h", "1H", "10"] {
            assert!(QuickTime::new(bad).is_err(), "{bad}");
        }
        for good in ["1m", "2h", "3d", "1w", "1M"] {
            assert!(RedialTime::new(good).is_ok(), "{good}");
        }
        for bad in ["1D", "1W", "1y", "M"] {
            assert!(RedialTime::new(bad).is_err(), "{bad}");
        }
    }
}
