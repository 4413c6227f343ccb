//! Keys of a telephone: what a caller presses in a menu, a prefix of a dialed number.

use super::line::{Form, Line};

/// `MIN` to `MAX` of the keys `0`–`9`, `*` and `#`.
pub type Keys<const MIN: u64, const MAX: u64> = Line<Pressed<MIN, MAX>>;

pub struct Pressed<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Form for Pressed<MIN, MAX> {
    const KIND: &'static str = "keys";
    const MIN: u64 = MIN;
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl<const MAX: u64> Default for Keys<0, MAX> {
    fn default() -> Self {
        Line::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// IVR-34, OUT-8
    #[test]
    fn only_the_keys_of_a_telephone_are_keys() {
        assert_eq!(&*Keys::<1, 32>::new(" *1# ").unwrap(), "*1#");
        for bad in ["1a", "+1", "1 2", "１"] {
            assert_eq!(Keys::<1, 32>::new(bad), Err(Why::Pattern), "{bad}");
        }
        assert_eq!(Keys::<1, 32>::new(""), Err(Why::Required));
        assert_eq!(Keys::<1, 4>::new("12345"), Err(Why::TooLong { max: 4 }));
    }
}
