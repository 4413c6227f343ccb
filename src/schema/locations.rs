//! Where numbers belong, by the digits with which they begin: up to a million places, packed, found by the longest
//! beginning (LOC-6, LOC-8).

use crate::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// Digits of the longest code.
const DIGITS_MAX: u32 = 15;
/// Places that a box holds.
pub const PLACES_MAX: usize = 1_000_000;

/// A code as a number whose order is that of the codes as texts: its digits at the left, its length behind them.
fn key(code: &str) -> Option<u64> {
    let length = code.len() as u32;
    let digits = code.bytes().all(|byte| byte.is_ascii_digit()) && (1..=DIGITS_MAX).contains(&length);
    let number: u64 = digits.then(|| code.parse().ok())??;
    Some(number * 10_u64.pow(DIGITS_MAX - length) * 16 + u64::from(length))
}

fn code(key: u64) -> String {
    let length = (key % 16) as usize;
    let mut digits = format!("{:015}", key / 16);
    digits.truncate(length);
    digits
}

#[derive(Clone, Debug, Default)]
pub struct Locations {
    /// When it came; of the one that every box has, never.
    pub at: Timestamp,
    /// Sorted.
    keys: Vec<u64>,
    /// For each of them the number of its text.
    texts_of: Vec<u32>,
    /// Where each text ends in `names`, and its country.
    texts: Vec<(u32, [u8; 2])>,
    names: String,
    /// Lengths of codes that there are, a bit each.
    lengths: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location<'l> {
    pub code: String,
    pub name: &'l str,
    /// Two letters; empty where no country has it alone.
    pub country: &'l str,
}

impl Locations {
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The longest code with which a number in international form begins.
    pub fn of(&self, number: &str) -> Option<Location<'_>> {
        let lengths =
            (1..=number.len().min(DIGITS_MAX as usize)).rev().filter(|length| self.lengths >> length & 1 == 1);
        let place = lengths.filter_map(|length| self.keys.binary_search(&key(number.get(..length)?)?).ok()).next();
        place.map(|place| self.at(place))
    }

    /// The one with this code.
    pub fn with_code(&self, code: &str) -> Option<Location<'_>> {
        self.keys.binary_search(&key(code)?).ok().map(|place| self.at(place))
    }

    /// In the order of their codes.
    pub fn at(&self, place: usize) -> Location<'_> {
        let (name, country) = self.text(self.texts_of[place]);
        Location { code: code(self.keys[place]), name, country }
    }

    pub fn iter(&self) -> impl Iterator<Item = Location<'_>> {
        (0..self.len()).map(|place| self.at(place))
    }

    pub fn countries(&self) -> BTreeSet<&str> {
        (0..self.texts.len() as u32).map(|text| self.text(text).1).collect()
    }

    fn text(&self, number: u32) -> (&str, &str) {
        let number = number as usize;
        let begin = number.checked_sub(1).map_or(0, |before| self.texts[before].0 as usize);
        let (end, country) = &self.texts[number];
        (&self.names[begin..*end as usize], str::from_utf8(country).unwrap_or_default().trim_end())
    }

    /// Bytes that it takes in memory.
    pub fn bytes(&self) -> usize {
        self.keys.capacity() * 8 + self.texts_of.capacity() * 4 + self.texts.capacity() * 8 + self.names.capacity()
    }

    /// Places in an order: those whose code or name has the text in it, of these countries if any are named.
    pub fn found(&self, search: &str, countries: Option<&[String]>, by: By, descending: bool) -> Vec<u32> {
        let folded = search.trim().to_lowercase();
        let texts: Vec<(bool, bool)> = (0..self.texts.len() as u32)
            .map(|text| {
                let (name, country) = self.text(text);
                let of = countries.is_none_or(|wanted| wanted.iter().any(|one| one.eq_ignore_ascii_case(country)));
                (of, of && name.to_lowercase().contains(&folded))
            })
            .collect();
        let digits = !folded.is_empty() && folded.bytes().all(|byte| byte.is_ascii_digit());
        let meets = |place: &u32| {
            let (of, named) = texts[self.texts_of[*place as usize] as usize];
            named || (of && digits && code(self.keys[*place as usize]).contains(&folded))
        };
        let mut places: Vec<u32> = (0..self.len() as u32).filter(meets).collect();
        if by != By::Code {
            let rank = self.ranks(by);
            // Stable, so that places of one name stand by their codes.
            places.sort_by_key(|place| rank[self.texts_of[*place as usize] as usize]);
        }
        if descending {
            places.reverse();
        }
        places
    }

    /// For each text its place among all.
    fn ranks(&self, by: By) -> Vec<u32> {
        let word = |text: &u32| match (by, self.text(*text)) {
            (By::Country, (_, country)) => country.to_lowercase(),
            (_, (name, _)) => name.to_lowercase(),
        };
        let mut order: Vec<(String, u32)> = (0..self.texts.len() as u32).map(|text| (word(&text), text)).collect();
        order.sort_unstable();
        let (mut ranks, mut rank) = (vec![0; order.len()], 0);
        for (at, (word, text)) in order.iter().enumerate() {
            rank += u32::from(at > 0 && order[at - 1].0 != *word);
            ranks[*text as usize] = rank;
        }
        ranks
    }

    /// The same with other places of the countries that the new ones name; the lines of those whose code stands twice.
    pub fn with(&self, mut new: Builder) -> Result<Locations, Vec<u64>> {
        let named: BTreeSet<String> = new.countries().map(str::to_owned).collect();
        for place in self.iter().filter(|place| !named.contains(place.country)) {
            new.add(&place.code, place.country, place.name, 0);
        }
        new.build()
    }
}

/// By what places stand in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Code,
    Name,
    Country,
}

/// Places on their way into a table.
#[derive(Debug, Default)]
pub struct Builder {
    /// Key, text, and the line from which it came; 0: from no line.
    rows: Vec<(u64, u32, u64)>,
    texts: Vec<(u32, [u8; 2])>,
    names: String,
    known: HashMap<([u8; 2], Box<str>), u32>,
}

impl Builder {
    /// False: its code is none.
    pub fn add(&mut self, code: &str, country: &str, name: &str, line: u64) -> bool {
        let Some(key) = key(code) else { return false };
        let mut letters = [b' '; 2];
        letters.iter_mut().zip(country.bytes()).for_each(|(letter, byte)| *letter = byte);
        let text = *self.known.entry((letters, name.into())).or_insert_with(|| {
            self.names.push_str(name);
            self.texts.push((self.names.len() as u32, letters));
            self.texts.len() as u32 - 1
        });
        self.rows.push((key, text, line));
        true
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn countries(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(_, letters)| str::from_utf8(letters).unwrap_or_default().trim_end())
    }

    /// The lines of those whose code another one has, too.
    pub fn build(mut self) -> Result<Locations, Vec<u64>> {
        self.rows.sort_unstable_by_key(|(key, _, line)| (*key, *line));
        let twice: Vec<u64> = self.rows.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| two[1].2).collect();
        if !twice.is_empty() {
            return Err(twice);
        }
        self.texts.shrink_to_fit();
        self.names.shrink_to_fit();
        let keys: Vec<u64> = self.rows.iter().map(|(key, _, _)| *key).collect();
        let lengths = keys.iter().fold(0, |lengths, key| lengths | 1 << (key % 16));
        let texts_of = self.rows.iter().map(|(_, text, _)| *text).collect();
        Ok(Locations { at: Timestamp::default(), keys, texts_of, texts: self.texts, names: self.names, lengths })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, &str, &str)]) -> Locations {
        let mut builder = Builder::default();
        rows.iter().for_each(|(code, country, name)| assert!(builder.add(code, country, name, 0)));
        builder.build().unwrap()
    }

    /// LOC-8
    #[test]
    fn the_longest_beginning_decides() {
        let table = table(&[("86", "CN", "China"), ("8610", "CN", "Beijing"), ("8613800", "CN", "Tianjin")]);
        for (number, name) in [
            ("861088001234", Some("Beijing")),
            ("8613800001111", Some("Tianjin")),
            ("862188", Some("China")),
            ("81312", None),
            ("8", None),
            ("", None),
        ] {
            assert_eq!(table.of(number).map(|place| place.name), name, "{number}");
        }
        assert_eq!(table.of("8610").unwrap(), Location { code: "8610".into(), name: "Beijing", country: "CN" });
    }

    /// LOC-3, LOC-4, LOC-5
    #[test]
    fn places_are_listed_and_taken_by_their_country() {
        let old = table(&[("86", "CN", "China"), ("8610", "CN", "Beijing"), ("81", "JP", "Japan")]);
        let codes = |places: Vec<u32>, table: &Locations| -> Vec<String> {
            places.into_iter().map(|place| table.at(place as usize).code).collect()
        };
        let found = |search: &str, countries: Option<&[String]>, by, descending| {
            codes(old.found(search, countries, by, descending), &old)
        };
        assert_eq!(found("", None, By::Code, false), ["81", "86", "8610"]);
        assert_eq!(found("", None, By::Name, true), ["81", "86", "8610"]);
        assert_eq!(found("JA", None, By::Code, false), ["81"]);
        assert_eq!(found("10", None, By::Code, false), ["8610"]);
        assert_eq!(found("", Some(&["cn".into()]), By::Country, false), ["86", "8610"]);
        let mut new = Builder::default();
        new.add("8621", "CN", "Shanghai", 2);
        let both = old.with(new).unwrap();
        assert_eq!(both.iter().map(|place| place.code).collect::<Vec<_>>(), ["81", "8621"]);
        let mut twice = Builder::default();
        for (code, line) in [("81", 2), ("8621", 3), ("8621", 4)] {
            assert!(twice.add(code, "CN", "x", line));
        }
        assert_eq!(old.with(twice).unwrap_err(), [2, 4], "one that another country has, and one of the file");
        assert!(
            !Builder::default().add("1234567890123456", "CN", "x", 1) && !Builder::default().add("12a", "CN", "x", 1)
        );
    }

    /// LOC-6: a million places in 32 MB; a look-up reads a handful of places, however many there are.
    #[test]
    fn a_million_places_are_small() {
        let mut builder = Builder::default();
        for n in 0..PLACES_MAX as u64 {
            builder.add(
                &format!("86{:08}", n * 7 + 10_000_000),
                "CN",
                &format!("Province {}, city {}", n % 31, n % 3_000),
                n,
            );
        }
        let table = builder.build().unwrap();
        assert_eq!(table.len(), PLACES_MAX);
        assert!(table.bytes() <= 32 * 1024 * 1024, "{} bytes", table.bytes());
        let steps = table.lengths.count_ones() * PLACES_MAX.ilog2();
        assert!(steps < 300, "{steps} keys are looked at");
        assert_eq!(table.of("86100000070000").unwrap().name, "Province 1, city 1");
    }
}
