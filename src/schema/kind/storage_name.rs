//! The name under which the value of a field is stored.

use super::line::{Form, Line};

/// 1 to 63 lower-case letters, digits and `_`, a letter first (FLD-10 reading).
pub type StorageName = Line<Stored>;

pub struct Stored;

impl Form for Stored {
    const KIND: &'static str = "storage_name";
    const MIN: u64 = 1;
    const MAX: u64 = 63;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// FLD-10
    #[test]
    fn a_storage_name_is_plain() {
        assert_eq!(&*StorageName::new(" f_12 ").unwrap(), "f_12");
        for bad in ["F1", "1f", "_f", "f-1", "f.1", "名"] {
            assert_eq!(StorageName::new(bad), Err(Why::Pattern), "{bad}");
        }
        assert_eq!(StorageName::new(&"x".repeat(64)), Err(Why::TooLong { max: 63 }));
    }
}
