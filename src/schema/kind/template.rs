//! Text with marks `##name##` that are replaced when it is used (EML-12, TPL reading).

use super::line::{Form, Line};
use std::{marker::PhantomData, ops::Range};

/// Before and behind the name of a mark.
const SIGNS: &str = "##";

/// Which marks a template may have; an unknown one is refused.
pub trait Marks: 'static {
    const KIND: &'static str;
    const KNOWN: &'static [&'static str];
}

/// Of a desk phone's configuration (TPL reading, PHN rows).
pub struct Phone;

impl Marks for Phone {
    const KIND: &'static str = "phone_template";
    const KNOWN: &'static [&'static str] = &[
        "agent_number",
        "agent_name",
        "sip_password",
        "sip_server",
        "sip_port",
        "mac",
        "time_zone",
        "language",
        "ca_certificate_url",
    ];
}

/// `MIN` to `MAX` characters, line breaks among them.
pub type Template<M, const MIN: u64, const MAX: u64> = Line<Marked<M, MIN, MAX>>;

pub struct Marked<M, const MIN: u64, const MAX: u64>(PhantomData<fn() -> M>);

impl<M: Marks, const MIN: u64, const MAX: u64> Form for Marked<M, MIN, MAX> {
    const KIND: &'static str = M::KIND;
    const MIN: u64 = MIN;
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits::<M>(text)
    }
}

pub fn fits<M: Marks>(text: &str) -> bool {
    let allowed = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t');
    text.chars().all(allowed) && marks(text).all(|mark| M::KNOWN.contains(&mark))
}

/// The names of the marks in a text.
pub fn marks(text: &str) -> impl Iterator<Item = &str> {
    each_mark(text).map(|(_, name)| name)
}

/// Where each mark of a text stands, with its signs, and its name. What stands between two pairs of signs is a name if
/// it has 1 to 64 characters, none of them `#` or a line break.
pub fn each_mark(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = from + text[from..].find(SIGNS)?;
            let after = &text[begin + SIGNS.len()..];
            let name = after.split(['#', '\n', '\r']).next().unwrap_or("");
            let whole = (1..=64).contains(&name.chars().count()) && after[name.len()..].starts_with(SIGNS);
            from = begin + SIGNS.len() + if whole { name.len() + SIGNS.len() } else { 0 };
            if whole {
                return Some((begin..from, name));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EML-12
    #[test]
    fn a_mark_stands_between_two_pairs_of_signs() {
        let found = |text| marks(text).collect::<Vec<_>>();
        assert_eq!(found("a ##mac## b ##agent_name##.cfg"), ["mac", "agent_name"]);
        assert_eq!(found("#### #mac# ##a\n##"), Vec::<&str>::new());
        assert_eq!(found("## ##mac##"), [" "]);
    }

    /// TPL reading
    #[test]
    fn an_unknown_mark_is_refused() {
        assert!(Template::<Phone, 1, 200>::new("##mac##.cfg").is_ok());
        assert!(Template::<Phone, 1, 200>::new("user=##agent_number##\npass=##sip_password##").is_ok());
        assert!(Template::<Phone, 1, 200>::new("##owner_password##").is_err());
    }
}
