//! How a company is reached by telephone or fax; never dialed by the box.

use super::line::{Form, Line};

/// 2 to 20 digits, after a `+` if one likes (COM-5).
pub type PhoneLine = Line<Published>;

pub struct Published;

impl Form for Published {
    const KIND: &'static str = "phone_line";
    const MIN: u64 = 2;
    const MAX: u64 = 21;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (2..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// COM-5, COM-6
    #[test]
    fn a_published_number_may_begin_with_a_plus() {
        for good in ["+861088001234", "95001", "12345678901234567890"] {
            assert!(PhoneLine::new(good).is_ok(), "{good}");
        }
        for bad in ["", "1", "+", "+1", "86-10", "123456789012345678901"] {
            assert!(PhoneLine::new(bad).is_err(), "{bad}");
        }
    }
}
