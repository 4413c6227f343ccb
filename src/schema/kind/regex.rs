//! A regular expression, found anywhere in a number unless it is anchored (INR-12, OUT-10).

use super::line::{Form, Line};

/// Up to 200 characters; look-around and back-references do not compile, so a search takes time in step with its text.
pub type Regex = Line<Expression>;

pub struct Expression;

impl Form for Expression {
    const KIND: &'static str = "regex";
    const MAX: u64 = 200;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl Default for Regex {
    fn default() -> Self {
        Line::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    compiled(text).is_some()
}

/// None: it does not compile, or would take more than its share of memory.
pub fn compiled(text: &str) -> Option<regex::Regex> {
    const BYTES_MAX: usize = 256 << 10;
    regex::RegexBuilder::new(text).size_limit(BYTES_MAX).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// INR-12 reading, OUT-10
    #[test]
    fn an_expression_compiles_and_stays_small() {
        for good in ["^1[3-9]", "86016", "^$", "", "(110|119)$"] {
            assert!(Regex::new(good).is_ok(), "{good}");
        }
        for bad in ["(", "[", r"(\d)\1", "(?=1)", r"\d{1000}{1000}"] {
            assert_eq!(Regex::new(bad), Err(Why::Pattern), "{bad}");
        }
    }
}
