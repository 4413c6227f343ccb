//! A number with decimals, kept as text so that no digit is lost.

use super::line::{Form, Line};

/// An optional minus sign, digits, and at most one decimal point among them (FLD-23 reading).
pub type Decimal = Line<Point>;

pub struct Point;

impl Form for Point {
    const KIND: &'static str = "decimal";
    const MIN: u64 = 1;
    const MAX: u64 = 30;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    !whole.is_empty() && digits(whole) && part.is_none_or(|part| !part.is_empty() && digits(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FLD-23
    #[test]
    fn a_number_is_only_a_number() {
        for good in ["0", "-7", "007", "12.50", "-0.5", "99999999999999999999"] {
            assert!(Decimal::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-", ".", "1.", ".5", "1.2.3", "1,5", "1e3", "+1", "1 000", "NaN", "٣"] {
            assert!(Decimal::new(bad).is_err(), "{bad}");
        }
    }
}
