//! The name with which an account signs in; it never looks like an agent's number (ACC-10 reading).

use super::line::{Form, Line};

pub type Username = Line<SignIn>;

pub struct SignIn;

impl Form for SignIn {
    const KIND: &'static str = "username";
    const MIN: u64 = 2;
    const MAX: u64 = 40;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let number = text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    allowed && !number
}
