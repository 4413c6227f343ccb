//! Comma-separated lines (RFC 4180): written so that a spreadsheet opens them as text and not as formulas, and read
//! however people write them.

pub mod read;

/// Tells a spreadsheet that it is UTF-8.
pub const MARK: &str = "\u{feff}";
/// What makes a spreadsheet take a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub fn line<T: AsRef<str>>(cells: impl Iterator<Item = T>) -> String {
    cells.map(|text| cell(text.as_ref())).collect::<Vec<_>>().join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let number = || text.parse::<f64>().is_ok();
    let guard = if text.starts_with(FORMULA) && !number() { "'" } else { "" };
    if guard.is_empty() && !text.contains([',', '"', '\r', '\n']) {
        return text.to_string();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// A cell without what keeps spreadsheets from taking it for a formula, so that a file of ours comes back as it was.
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_guarded_comes_back() {
        for (text, expected) in [("'=1+1", "=1+1"), ("'a", "'a"), ("=1", "=1"), ("", "")] {
            assert_eq!(unguarded(text), expected);
        }
    }

    /// AUD-9: what people typed does not run in a spreadsheet.
    #[test]
    fn a_cell_is_quoted_where_it_must_be() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-5", "-5"),
            ("+4930123", "+4930123"),
            ("", ""),
        ] {
            assert_eq!(line([text].into_iter()), format!("{expected}\r\n"));
        }
    }
}
