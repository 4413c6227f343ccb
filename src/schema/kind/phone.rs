//! A telephone number as carriers know it: its digits alone.

use super::line::{Form, Line};
use std::borrow::Cow;

/// 2 to 15 digits; spaces, hyphens, brackets and a leading `+` are taken away (CUS-34 reading).
pub type Phone = Line<Telephone>;

pub struct Telephone;

impl Form for Telephone {
    const KIND: &'static str = "phone";
    const MIN: u64 = 2;
    const MAX: u64 = 15;
    fn meant(text: &str) -> Cow<'_, str> {
        meant(text)
    }
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

/// The digits of a number as people write it, also in full width.
pub fn meant(text: &str) -> Cow<'_, str> {
    if fits(text) {
        return text.into();
    }
    let digits = text.strip_prefix(['+', '＋']).unwrap_or(text).chars().filter(|letter| !separates(*letter));
    digits.map(narrow).collect::<String>().into()
}

/// A short number is shown whole (CMP-65).
const MASKED_MIN: usize = 7;

/// A number whose middle four digits nobody sees (`1****67`, CMP-64).
pub fn masked(number: &str) -> String {
    let length = number.chars().count();
    if length < MASKED_MIN {
        return number.into();
    }
    let first = (length - 4) / 2;
    let hidden = |at: usize| (first..first + 4).contains(&at);
    number.chars().enumerate().map(|(at, digit)| if hidden(at) { '*' } else { digit }).collect()
}

fn separates(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{3000}' | '-' | '‐'..='―' | '－' | '(' | ')' | '（' | '）' | '[' | ']')
}

fn narrow(letter: char) -> char {
    match letter {
        '０'..='９' => char::from(b'0' + (u32::from(letter) - u32::from('０')) as u8),
        other => other,
    }
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// CMP-64, CMP-65
    #[test]
    fn the_middle_of_a_number_is_masked() {
        let table = [("1234567", "1****67"), ("13912345678", "139****5678"), ("123456", "123456"), ("", "")];
        table.iter().for_each(|(number, told)| assert_eq!(masked(number), *told));
    }

    /// CUS-34 reading, FLD-14
    #[test]
    fn a_number_is_its_digits() {
        let typed = |text: &str| Phone::new(text).map(|phone| phone.to_string());
        for (text, digits) in [
            (" 138-1234 5678", "13812345678"),
            ("+86 (10) 8800-1234", "861088001234"),
            ("０３（１２３４）５６７８", "0312345678"),
            ("03‐1234–5678", "0312345678"),
            ("10", "10"),
        ] {
            assert_eq!(typed(text).as_deref(), Ok(digits), "{text}");
        }
        for (bad, why) in [
            ("", Why::Required),
            ("+", Why::Required),
            ("7", Why::TooShort { min: 2 }),
            ("1234567890123456", Why::TooLong { max: 15 }),
            ("12+34", Why::Pattern),
            ("12a", Why::Pattern),
        ] {
            assert_eq!(typed(bad), Err(why), "{bad}");
        }
    }
}
