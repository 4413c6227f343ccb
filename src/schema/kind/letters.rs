//! A word of English letters only, such as the category of music (MED-15).

use super::line::{Form, Line};

/// Up to `MAX` of the letters `A`–`Z` and `a`–`z`.
pub type Letters<const MAX: u64> = Line<Latin<MAX>>;

pub struct Latin<const MAX: u64>;

impl<const MAX: u64> Form for Latin<MAX> {
    const KIND: &'static str = "letters";
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl<const MAX: u64> Default for Letters<MAX> {
    fn default() -> Self {
        Line::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// MED-15
    #[test]
    fn only_letters_are_letters() {
        assert_eq!(&*Letters::<32>::new(" Jazz ").unwrap(), "Jazz");
        for bad in ["jazz 2", "爵士", "a-b"] {
            assert_eq!(Letters::<32>::new(bad), Err(Why::Pattern), "{bad}");
        }
    }
}
