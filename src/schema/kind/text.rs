//! A line of text that may be empty.

use super::line::{self, Form, Line};

/// Up to `MAX` characters of any writing.
pub type Text<const MAX: u64> = Line<Free<MAX>>;

pub struct Free<const MAX: u64>;

impl<const MAX: u64> Form for Free<MAX> {
    const KIND: &'static str = "text";
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl<const MAX: u64> Default for Text<MAX> {
    fn default() -> Self {
        Line::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    line::writing(text)
}
