//! Where numbers belong as every box knows it, without any table from upstream.

use super::kind::Language;
use super::locations::{Builder, Locations};
use std::sync::LazyLock;

/// A line a place: code, country, and its name in English, Chinese and Japanese where it has one there. Area codes of
/// CN, JP, US, CA and GB, and every country code: which number belongs where was read out of `phonenumbers` 9.0.43
/// (Apache-2.0) and the country names of ICU, and some names are our own.
const PLACES: &str = include_str!("places.txt");

/// Code, country, names.
type Place = (&'static str, &'static str, [&'static str; 3]);

fn places() -> impl Iterator<Item = Place> {
    PLACES.lines().filter_map(|line| {
        let mut parts = line.split('|');
        let (code, country) = (parts.next()?, parts.next()?);
        let mut name = || parts.next().unwrap_or_default();
        Some((code, country, [name(), name(), name()]))
    })
}

/// The places that a box knows by itself, with their names in a language, else in English (LOC-12).
pub fn built_in(language: Language) -> &'static Locations {
    static ENGLISH: LazyLock<Locations> = LazyLock::new(|| named(0));
    static CHINESE: LazyLock<Locations> = LazyLock::new(|| named(1));
    static JAPANESE: LazyLock<Locations> = LazyLock::new(|| named(2));
    match language {
        Language::En => &ENGLISH,
        Language::Zh => &CHINESE,
        Language::Ja => &JAPANESE,
    }
}

fn named(language: usize) -> Locations {
    let mut builder = Builder::default();
    for (code, country, names) in places() {
        let own = names[language];
        builder.add(code, country, if own.is_empty() { names[0] } else { own }, 0);
    }
    builder.build().expect("each code stands once in the table of ours")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::kind::Country;

    /// LOC-12
    #[test]
    fn the_built_in_table_knows_area_codes_and_countries() {
        let table = [
            ("8675526001234", "Shenzhen, Guangdong", "广东深圳", "Shenzhen, Guangdong"),
            ("861088001234", "Beijing", "北京", "Beijing"),
            ("81312345678", "Tokyo", "Tokyo", "東京"),
            ("12125550100", "New York", "纽约", "ニューヨーク"),
            ("14165550100", "Ontario", "安大略", "オンタリオ"),
            ("442079460000", "London", "London", "London"),
            ("33142345678", "France", "法国", "フランス"),
            ("85221234567", "Hong Kong", "香港", "香港"),
            ("870773111111", "Inmarsat", "国际海事卫星", "インマルサット"),
        ];
        for (number, en, zh, ja) in table {
            for (language, name) in [(Language::En, en), (Language::Zh, zh), (Language::Ja, ja)] {
                let place = built_in(language).of(number).unwrap_or_else(|| panic!("{number}"));
                assert_eq!(place.name, name, "{number}");
            }
        }
        for country in ["CN", "JP", "US", "CA", "GB"] {
            let codes = places().filter(|(_, of, _)| *of == country).count();
            assert!(codes > 50, "{country}: {codes}");
        }
    }

    /// LOC-12: what stands in the table is of the form that an imported one must have (LOC-2).
    #[test]
    fn the_built_in_table_is_well_formed() {
        let mut before = "";
        for (code, country, names) in places() {
            assert!((1..=15).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
            assert!(code > before, "{code} is out of order");
            assert!(country.is_empty() || Country::new(country).is_ok(), "{code}: {country}");
            assert!(!names[0].is_empty(), "{code}");
            assert!(names.iter().all(|name| name.chars().count() <= 80 && name.trim() == *name), "{code}");
            before = code;
        }
    }
}
