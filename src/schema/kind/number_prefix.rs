//! What is put before a caller's number where it is shown (DID rows).

use super::line::{Form, Line};

/// Up to 10 of the digits and `+`, `*`, `#`; empty: nothing is put there.
pub type NumberPrefix = Line<Before>;

pub struct Before;

impl Form for Before {
    const KIND: &'static str = "number_prefix";
    const MAX: u64 = 10;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl Default for NumberPrefix {
    fn default() -> Self {
        Line::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'*' | b'#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// DID-24
    #[test]
    fn a_prefix_is_short_and_can_be_shown_on_a_telephone() {
        assert_eq!(&*NumberPrefix::new(" *86+ ").unwrap(), "*86+");
        assert_eq!(&*NumberPrefix::default(), "");
        assert_eq!(NumberPrefix::new("VIP"), Err(Why::Pattern));
        assert_eq!(NumberPrefix::new("12345678901"), Err(Why::TooLong { max: 10 }));
    }
}
