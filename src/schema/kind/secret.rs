//! A secret that the box must be able to read: sealed at rest, never shown (BOX-57, AGT-19 reading).

use super::line::{Form, Line};

/// `MIN` to `MAX` printable ASCII characters without spaces.
pub type Secret<const MIN: u64, const MAX: u64> = Line<Hidden<MIN, MAX>>;

pub struct Hidden<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Form for Hidden<MIN, MAX> {
    const KIND: &'static str = "secret";
    const MIN: u64 = MIN;
    const MAX: u64 = MAX;
    const SEALED: bool = true;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}
