//! A word by which programs know something: letters and digits only (PKG-8).

use super::line::{Form, Line};

/// 1 to `MAX` of the letters `A`–`Z`, `a`–`z` and the digits.
pub type CodeWord<const MAX: u64> = Line<Plain<MAX>>;

pub struct Plain<const MAX: u64>;

impl<const MAX: u64> Form for Plain<MAX> {
    const KIND: &'static str = "code_word";
    const MIN: u64 = 1;
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PKG-8
    #[test]
    fn letters_and_digits_only() {
        assert!(CodeWord::<64>::new(" Vip2 ").is_ok());
        for bad in ["", "a-b", "客户", "a b"] {
            assert!(CodeWord::<64>::new(bad).is_err(), "{bad}");
        }
    }
}
