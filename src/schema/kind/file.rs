//! A file that was uploaded, by what is in it. Its schema says what is taken: `x-accept`, `x-bytes` at most, and as what
//! it is given out, `x-type`.

use super::line::{Form, Line};

pub const KIND: &str = Kept::KIND;

/// The SHA-256 of the file as it is kept, 64 hex digits.
pub type File = Line<Kept>;

pub struct Kept;

impl Form for Kept {
    const KIND: &'static str = "file";
    const MIN: u64 = 64;
    const MAX: u64 = 64;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MED-16
    #[test]
    fn a_file_is_named_by_its_content() {
        assert!(File::new(&"0a".repeat(32)).is_ok());
        for bad in ["", "../../etc/passwd", &"0A".repeat(32), &"0a".repeat(33)] {
            assert!(File::new(bad).is_err(), "{bad}");
        }
    }
}
