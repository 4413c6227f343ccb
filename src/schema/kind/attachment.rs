//! A file that somebody added to a record (FLD-19): what is in it, and what it is called.

use super::{
    file,
    line::{Form, writing},
};

pub const KIND: &str = Attached::KIND;
/// A new upload takes the place of the old file.
pub const BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Characters of a hash in hex, and of the name behind it.
const HASH: u64 = 64;
const NAME_MAX: u64 = 120;

/// `<SHA-256>/<name>`: 64 hex digits, a slash, and the name of the file.
pub struct Attached;

impl Form for Attached {
    const KIND: &'static str = "attachment";
    const MIN: u64 = HASH + 2;
    const MAX: u64 = HASH + 1 + NAME_MAX;
    fn fits(text: &str) -> bool {
        read(text).is_some()
    }
}

/// The hash under which the file is kept, and its name; none: it is no attachment.
pub fn read(text: &str) -> Option<(&str, &str)> {
    let (hash, name) = text.split_once('/')?;
    let named = !name.is_empty() && name.trim() == name && writing(name) && !name.contains(['/', '\\']);
    (file::fits(hash) && named).then_some((hash, name))
}

/// What a file may be called in a record: the last part of what it was called, as long as there is room.
pub fn name_of(typed: &str) -> String {
    let last = typed.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|letter| !letter.is_control()).collect();
    let end = shown.trim().chars().rev().take(NAME_MAX as usize).collect::<Vec<_>>();
    let name: String = end.into_iter().rev().collect();
    if name.trim().is_empty() { "file".into() } else { name.trim().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FLD-19
    #[test]
    fn an_attachment_is_a_kept_file_with_a_name() {
        let hash = "0a".repeat(32);
        let whole = format!("{hash}/合同 2026.pdf");
        assert_eq!(read(&whole), Some((hash.as_str(), "合同 2026.pdf")));
        for bad in ["", &hash, &format!("{hash}/"), &format!("{hash}/../key"), &format!("{hash}/a\\b"), "0a/x.pdf"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        for (typed, name) in [
            ("C:\\Users\\Mei\\scan.png", "scan.png"),
            ("../../etc/passwd", "passwd"),
            (" a\u{0}b.txt ", "ab.txt"),
            ("", "file"),
            ("..//", "file"),
        ] {
            assert_eq!(name_of(typed), name, "{typed:?}");
            assert!(Attached::fits(&format!("{hash}/{}", name_of(typed))), "{typed:?}");
        }
        let long = name_of(&format!("{}.pdf", "x".repeat(500)));
        assert!(long.len() == 120 && long.ends_with(".pdf"), "{long}");
    }
}
