//! What a telephone of the box can dial to reach somebody: an internal number, or one outside.

use super::{
    line::{Form, Line},
    phone,
};
use std::borrow::Cow;

/// 2 to 15 digits, written as people do.
pub type Dialable = Line<Dialed>;

pub struct Dialed;

impl Form for Dialed {
    const KIND: &'static str = "dialable";
    const MIN: u64 = 2;
    const MAX: u64 = 15;
    fn meant(text: &str) -> Cow<'_, str> {
        meant(text)
    }
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

/// As of a telephone number.
pub fn meant(text: &str) -> Cow<'_, str> {
    phone::meant(text)
}

pub fn fits(text: &str) -> bool {
    phone::fits(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RNG-11
    #[test]
    fn an_extension_and_a_number_outside_are_dialed() {
        assert_eq!(&*Dialable::new("801").unwrap(), "801");
        assert_eq!(&*Dialable::new("010-8800 1234").unwrap(), "01088001234");
        assert!(Dialable::new("*8").is_err() && Dialable::new("8").is_err());
    }
}
