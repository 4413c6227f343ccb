//! A name: a line that must not be empty.

use super::line::{self, Form, Line};

/// 1 to `MAX` characters of any writing.
pub type Name<const MAX: u64 = 40> = Line<Named<MAX>>;

pub struct Named<const MAX: u64>;

impl<const MAX: u64> Form for Named<MAX> {
    const KIND: &'static str = "name";
    const MIN: u64 = 1;
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    line::writing(text)
}
