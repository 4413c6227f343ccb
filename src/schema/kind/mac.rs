//! The hardware address of a phone (PHN-9, PHN-10).

use super::line::{Form, Line};
use std::borrow::Cow;

/// Kept as 12 hex digits in lower case, typed with `-`, `:`, dots or none.
pub type Mac = Line<Hardware>;

pub struct Hardware;

impl Form for Hardware {
    const KIND: &'static str = "mac";
    const MIN: u64 = 12;
    const MAX: u64 = 12;
    fn meant(text: &str) -> Cow<'_, str> {
        meant(text)
    }
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn meant(text: &str) -> Cow<'_, str> {
    text.chars().filter(|letter| !matches!(letter, '-' | ':' | '.')).collect::<String>().to_ascii_lowercase().into()
}

/// Neither all zeros nor a multicast address, whose first byte is odd.
pub fn fits(text: &str) -> bool {
    let hex = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase());
    let odd = |text: &str| u8::from_str_radix(&text[..2], 16).is_ok_and(|first| first & 1 == 1);
    hex && text.bytes().any(|byte| byte != b'0') && !odd(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AGT-41, PHN-9, PHN-10
    #[test]
    fn an_address_is_taken_in_every_usual_form() {
        for typed in ["00:15:65:AB:CD:EF", "00-15-65-ab-cd-ef", "0015.65ab.cdef", "001565ABCDEF"] {
            assert_eq!(&*Mac::new(typed).unwrap(), "001565abcdef", "{typed}");
        }
        for bad in
            ["", "001565abcde", "001565abcdeg", "000000000000", "01005e000001", "ff:ff:ff:ff:ff:ff", "00１565abcde"]
        {
            assert!(Mac::new(bad).is_err(), "{bad}");
        }
    }
}
