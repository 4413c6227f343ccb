//! A colour of the panel.

use super::line::{Form, Line};
use std::borrow::Cow;

/// `#rrggbb` in lower case.
pub type Color = Line<Rgb>;

pub struct Rgb;

impl Form for Rgb {
    const KIND: &'static str = "color";
    const MIN: u64 = 7;
    const MAX: u64 = 7;
    fn meant(text: &str) -> Cow<'_, str> {
        meant(text)
    }
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn meant(text: &str) -> Cow<'_, str> {
    if fits(text) { text.into() } else { text.to_ascii_lowercase().into() }
}

pub fn fits(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-21
    #[test]
    fn a_colour_has_six_digits() {
        assert_eq!(&*Color::new("#FF8800").unwrap(), "#ff8800");
        for bad in ["", "red", "#fff", "ff8800", "#ff88zz", "#ff88000"] {
            assert!(Color::new(bad).is_err(), "{bad}");
        }
    }
}
