//! A colour of the panel.

use super::line::{Form, Line};
use std::borrow::Cow;

/// What is offered to choose from; each can be told from the others in light and dark (SRC-9 reading).
pub const OFFERED: [&str; 12] = [
    "#0f8b8d", "#2563eb", "#ea580c", "#9333ea", "#16a34a", "#dc2626", "#ca8a04", "#4f46e5", "#db2777", "#0891b2",
    "#65a30d", "#78716c",
];

/// `#rrggbb` in lower case.
pub type Color = Line<Rgb>;

pub struct Rgb;

impl Form for Rgb {
    const KIND: &'static str = "color";
    const MIN: u64 = 7;
    const MAX: u64 = 7;
    const OFFERED: &'static [&'static str] = &OFFERED;
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
