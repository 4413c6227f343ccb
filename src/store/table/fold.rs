//! Text as it is searched: letter case does not count (LST-5), and no sign ends a line.

use crate::schema::kind::phone;

/// What stands for typed or stored text when one is looked for in the other.
pub fn folded(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        return text
            .bytes()
            .map(|byte| if byte.is_ascii_control() { ' ' } else { byte.to_ascii_lowercase() as char })
            .collect();
    }
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).flat_map(char::to_lowercase).collect()
}

/// The digits of a number as people write it, if that is what was typed and it is not digits alone.
pub fn digits(text: &str) -> Option<String> {
    let number = phone::meant(text.trim());
    (!number.is_empty() && number != text.trim() && phone::fits(&number)).then(|| number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-5, CUS-2 reading
    #[test]
    fn text_is_found_however_it_is_written() {
        assert_eq!(folded("  Émile O'NEIL "), "émile o'neil");
        assert_eq!(folded("ABC\nd"), "abc d");
        assert_eq!(folded(" 王 芳\u{7}."), "王 芳 .");
        assert_eq!(digits("+86 (139) 1234-5678").as_deref(), Some("8613912345678"));
        assert_eq!(digits("139x"), None);
        assert_eq!(digits("13912345678"), None);
        assert_eq!(digits(" - "), None);
    }
}
