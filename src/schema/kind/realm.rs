//! The realm that phones are challenged with: a word that needs no quoting anywhere.

use super::line::{Form, Line};

pub type Realm = Line<Challenge>;

pub struct Challenge;

impl Form for Challenge {
    const KIND: &'static str = "realm";
    const MIN: u64 = 1;
    const MAX: u64 = 64;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}
