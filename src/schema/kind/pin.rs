//! A secret that is typed on a phone: digits only, sealed at rest, never shown (AGT-21 reading).

use super::line::{Form, Line};

/// `MIN` to `MAX` digits.
pub type Pin<const MIN: u64, const MAX: u64> = Line<Digits<MIN, MAX>>;

pub struct Digits<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Form for Digits<MIN, MAX> {
    const KIND: &'static str = "pin";
    const MIN: u64 = MIN;
    const MAX: u64 = MAX;
    const SEALED: bool = true;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
