//! Text of several lines.

use super::line::{Form, Line};
use std::borrow::Cow;

/// `MIN` to `MAX` characters of any writing, the ends of its lines among them.
pub type Lines<const MIN: u64, const MAX: u64> = Line<Several<MIN, MAX>>;

pub struct Several<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Form for Several<MIN, MAX> {
    const KIND: &'static str = "lines";
    const MIN: u64 = MIN;
    const MAX: u64 = MAX;
    fn meant(text: &str) -> Cow<'_, str> {
        meant(text)
    }
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl<const MAX: u64> Default for Lines<0, MAX> {
    fn default() -> Self {
        Line::literal("")
    }
}

/// A line ends with one character, whatever wrote it.
pub fn meant(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

pub fn fits(text: &str) -> bool {
    !text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// LST-20, LST-22
    #[test]
    fn lines_end_one_way_and_hide_nothing() {
        let typed = Lines::<0, 9>::new;
        assert_eq!(&*typed(" a\r\n\tb\rc\n").unwrap(), "a\n\tb\nc");
        assert_eq!(typed("a\u{0}"), Err(Why::Pattern));
        assert_eq!(typed("0123456789"), Err(Why::TooLong { max: 9 }));
        assert_eq!(Lines::<1, 9>::new(" \r\n"), Err(Why::Required));
    }
}
