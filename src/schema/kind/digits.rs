//! Digits that are no telephone number: a prefix, an area code, a key.

use super::line::{Form, Line};

/// `MIN` to `MAX` digits.
pub type Digits<const MIN: u64, const MAX: u64> = Line<Keyed<MIN, MAX>>;

pub struct Keyed<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Form for Keyed<MIN, MAX> {
    const KIND: &'static str = "digits";
    const MIN: u64 = MIN;
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl<const MAX: u64> Default for Digits<0, MAX> {
    fn default() -> Self {
        Line::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// LST-21, LST-22
    #[test]
    fn only_digits_are_digits() {
        assert_eq!(&*Digits::<0, 4>::new(" 0102 ").unwrap(), "0102");
        assert_eq!(&*Digits::<0, 4>::default(), "");
        assert_eq!(Digits::<1, 4>::new(""), Err(Why::Required));
        assert_eq!(Digits::<1, 4>::new("1a"), Err(Why::Pattern));
        assert_eq!(Digits::<1, 4>::new("12345"), Err(Why::TooLong { max: 4 }));
    }
}
