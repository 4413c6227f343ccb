//! What is keyed in on a telephone to get a feature (FEA rows).

use super::line::{Form, Line};

/// `*` and 2 to 4 digits, or 2 to 5 digits for the park number; empty: the feature is off.
pub type FeatureCode = Line<Keyed>;

pub struct Keyed;

impl Form for Keyed {
    const KIND: &'static str = "feature_code";
    const MAX: u64 = 5;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    let digits = |text: &str, from: usize, to: usize| {
        (from..=to).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match text.strip_prefix('*') {
        Some(rest) => digits(rest, 2, 4),
        None => text.is_empty() || (digits(text, 2, 5) && !text.starts_with('0')),
    }
}

impl Default for FeatureCode {
    fn default() -> Self {
        Line::literal("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FEA-1 reading, AGT-9 reading
    #[test]
    fn a_code_is_a_star_and_digits_or_the_park_number() {
        for good in ["*85", "*9999", "700", "70000", ""] {
            assert!(FeatureCode::new(good).is_ok(), "{good}");
        }
        for bad in ["*1", "*12345", "**1", "#12", "012", "1", "*8a"] {
            assert!(FeatureCode::new(bad).is_err(), "{bad}");
        }
    }
}
