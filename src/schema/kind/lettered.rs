//! A number of an office that has letters too: a postal code, a tax number, an account at a bank (COM rows).

use super::line::{Form, Line};

/// Up to `MAX` letters, digits, spaces and hyphens.
pub type Lettered<const MAX: u64> = Line<Official<MAX>>;

pub struct Official<const MAX: u64>;

impl<const MAX: u64> Form for Official<MAX> {
    const KIND: &'static str = "lettered";
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl<const MAX: u64> Default for Lettered<MAX> {
    fn default() -> Self {
        Line::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// COM-10, COM-11, COM-14
    #[test]
    fn letters_digits_spaces_and_hyphens() {
        assert_eq!(&*Lettered::<12>::new(" SW1A 1AA ").unwrap(), "SW1A 1AA");
        assert_eq!(&*Lettered::<12>::new("100-0001").unwrap(), "100-0001");
        assert!(Lettered::<12>::new("〒100").is_err() && Lettered::<4>::new("12345").is_err());
    }
}
