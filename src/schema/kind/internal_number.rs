//! A number that phones of the box dial to reach someone: 2 to 6 digits, the first not 0 (AGT-8).

use super::line::{Form, Line};

pub type InternalNumber = Line<Internal>;

pub struct Internal;

impl Form for Internal {
    const KIND: &'static str = "internal_number";
    const MIN: u64 = 2;
    const MAX: u64 = 6;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}
