//! A regular expression, found anywhere in a number unless it is anchored (INR-12, OUT-10).

use super::line::{Form, Line};
use std::{cell::RefCell, collections::BTreeMap};

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

/// Expressions that a thread knows in their compiled form, which takes longer to make than a call to be set up.
const KNOWN_MAX: usize = 200;

thread_local!(static KNOWN: RefCell<BTreeMap<Box<str>, Option<regex::Regex>>> = const { RefCell::new(BTreeMap::new()) });

/// Whether it is found in a text; one that does not compile is found in none.
pub fn is_found(expression: &str, text: &str) -> bool {
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(expression) {
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(expression.into(), compiled(expression));
        }
        known.get(expression).and_then(Option::as_ref).is_some_and(|expression| expression.is_match(text))
    })
}

/// None: it does not compile, or would take more than its share of memory.
fn compiled(text: &str) -> Option<regex::Regex> {
    const BYTES_MAX: usize = 256 << 10;
    #[cfg(test)]
    tests::COMPILED.set(tests::COMPILED.get() + 1);
    regex::RegexBuilder::new(text).size_limit(BYTES_MAX).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;
    use std::cell::Cell;

    thread_local!(pub static COMPILED: Cell<usize> = const { Cell::new(0) });

    /// INR-12, OUT-10: what is asked of every call is compiled once, however many expressions there are.
    #[test]
    fn an_expression_is_compiled_once() {
        let expressions: Vec<String> = (0..KNOWN_MAX).map(|n| format!("^1{n}[3-9]")).collect();
        let found = |number: &str| expressions.iter().filter(|expression| is_found(expression, number)).count();
        assert_eq!([found("1425"), found("1423"), found("1425")], [1, 1, 1]);
        assert_eq!(COMPILED.get(), KNOWN_MAX);
        assert!(!is_found("(", "(") && is_found("119$", "119"));
        assert!(KNOWN.with_borrow(BTreeMap::len) <= KNOWN_MAX);
    }

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
