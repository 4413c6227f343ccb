//! The card of a row: by what lists find, narrow, sort and name it, so that they read only the rows they show.

use crate::time::Timestamp;
use serde_json::Value;
use std::{cmp::Ordering, iter::Peekable, str::Bytes};

/// What stands on a card is folded as LST-5 and LST-23 fold.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// As people call the row.
    pub name: Box<str>,
    folded_name: Box<str>,
    /// In the order of `Model::SEARCH`.
    searched: Box<[Box<str>]>,
    /// In the order of `columns`.
    cells: Box<[Cell]>,
}

/// A value as lists compare it. Empty ones come before numbers, those before text.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Number(f64),
    Text(Box<str>),
    Several(Box<[Box<str>]>),
}

/// Fields of which a card has cells: the columns of the list, then filters that are none.
pub fn columns(
    list: &'static [&'static str],
    filters: &'static [&'static str],
) -> impl Iterator<Item = &'static str> + Clone {
    list.iter().chain(filters.iter().filter(|field| !list.contains(field))).copied()
}

impl Card {
    pub fn of(value: &Value, named: &[&str], search: &[&str], columns: impl Iterator<Item = &'static str>) -> Card {
        let name = name_of(value, named);
        Card {
            folded_name: name.to_lowercase().into(),
            name: name.into(),
            searched: search.iter().map(|field| word(&value[*field]).to_lowercase().into()).collect(),
            cells: columns.map(|field| Cell::of(&value[field])).collect(),
        }
    }

    /// `text` must be folded. `field` is the place of the field in `Model::SEARCH`.
    pub fn holds(&self, field: usize, text: &str) -> bool {
        self.searched.get(field).is_some_and(|searched| searched.contains(text))
    }

    pub fn folded_name(&self) -> &str {
        &self.folded_name
    }

    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }
}

/// By these fields; a person's two names as their writing joins them, the family name first and no space in between in
/// Chinese and Japanese.
fn name_of(value: &Value, named: &[&str]) -> String {
    let [first, last] = ["first_name", "last_name"].map(|field| word(&value[field]));
    let is_eastern = [&first, &last].iter().all(|name| name.chars().any(|c| ('\u{2e80}'..='\u{3ffff}').contains(&c)));
    let words = named.iter().map(|field| match *field {
        "first_name" if is_eastern => format!("{last}{first}"),
        "last_name" if is_eastern => String::new(),
        field => word(&value[field]),
    });
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A value in one line: the entries of a list, and what stands in a row, one after the other.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(entries) => entries.iter().map(word).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => fields.values().map(word).collect::<Vec<_>>().join(" "),
        Value::Null | Value::Bool(_) => String::new(),
    }
}

impl Cell {
    pub fn of(value: &Value) -> Cell {
        let folded = |value: &Value| word(value).to_lowercase().into_boxed_str();
        match value {
            Value::Null => Cell::Empty,
            Value::Bool(on) => Cell::Text(on.to_string().into()),
            Value::Number(number) => Cell::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) if text.is_empty() => Cell::Empty,
            Value::String(_) | Value::Object(_) => Cell::Text(folded(value)),
            Value::Array(entries) if entries.is_empty() => Cell::Empty,
            Value::Array(entries) => Cell::Several(entries.iter().map(folded).collect()),
        }
    }

    /// Whether it is `wanted`, or has it as an entry; `none` is also what is empty, and `from..to` what lies between.
    pub fn is(&self, wanted: &Wanted) -> bool {
        match self {
            Cell::Empty => wanted.text == "none",
            Cell::Number(number) => wanted.number == Some(*number) || wanted.between(self),
            Cell::Text(text) => **text == wanted.text || wanted.between(self),
            Cell::Several(entries) => entries.iter().any(|entry| **entry == wanted.text),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Cell::Empty => 0,
            Cell::Number(_) => 1,
            Cell::Text(_) => 2,
            Cell::Several(_) => 3,
        }
    }

    /// Numbers by their size, texts as people sort them: `line 2` before `line 10`.
    pub fn compared(&self, other: &Cell) -> Ordering {
        match (self, other) {
            (Cell::Number(one), Cell::Number(other)) => one.total_cmp(other),
            (Cell::Text(one), Cell::Text(other)) => natural(one, other),
            (Cell::Several(one), Cell::Several(other)) => {
                let pairs = one.iter().zip(other).map(|(one, other)| natural(one, other));
                pairs.into_iter().find(|order| order.is_ne()).unwrap_or(one.len().cmp(&other.len()))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// A value that a filter asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    text: String,
    number: Option<f64>,
    range: Option<(Option<Cell>, Option<Cell>)>,
}

impl Wanted {
    pub fn of(text: &str) -> Wanted {
        let text = text.trim().to_lowercase();
        let range = text.split_once("..").map(|(from, to)| (bound(from), bound(to)));
        Wanted { number: text.parse().ok(), range, text }
    }

    /// Of a moment, or of moments `from..to`, in RFC 3339.
    pub fn moments(text: &str) -> Wanted {
        let moment = |text: &str| text.trim().parse::<Timestamp>().ok().map(|at| Cell::Number(at.0 as f64));
        let bounds = text.split_once("..");
        let range = bounds.map(|(from, to)| (moment(from), moment(to)));
        let number = text.trim().parse::<Timestamp>().ok().map(|at| at.0 as f64);
        Wanted { text: String::new(), number, range }
    }

    /// Whether a moment is among them.
    pub fn at(&self, moment: Timestamp) -> bool {
        Cell::Number(moment.0 as f64).is(self)
    }

    fn between(&self, cell: &Cell) -> bool {
        let same = |bound: &Cell| bound.rank() == cell.rank();
        self.range.as_ref().is_some_and(|(from, to)| {
            from.as_ref().is_none_or(|from| same(from) && cell.compared(from).is_ge())
                && to.as_ref().is_none_or(|to| same(to) && cell.compared(to).is_le())
        })
    }
}

fn bound(text: &str) -> Option<Cell> {
    let text = text.trim();
    let number = text.parse().ok().map(Cell::Number);
    (!text.is_empty()).then(|| number.unwrap_or_else(|| Cell::Text(text.into())))
}

/// Runs of digits by their value, all else by its letters.
fn natural(one: &str, other: &str) -> Ordering {
    let (mut a, mut b) = (one.bytes().peekable(), other.bytes().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return one.cmp(other),
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => run(&mut a).cmp(&run(&mut b)),
            _ => a.next().cmp(&b.next()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Length and digits of the next run, its zeros in front left out.
fn run(bytes: &mut Peekable<Bytes>) -> (usize, Vec<u8>) {
    let mut digits = Vec::new();
    while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
        if digit != b'0' || !digits.is_empty() {
            digits.push(digit);
        }
    }
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_sorted_as_people_sort_them() {
        let sorted = ["", "1", "2", "10", "line 2", "line 010", "line 10", "line 10a", "mei", "王"];
        for pair in sorted.windows(2) {
            assert_eq!(natural(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(natural(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
    }

    /// PRF-15
    #[test]
    fn a_person_is_named_as_the_writing_joins_names() {
        for (first, last, name) in [
            ("健", "佐藤", "803 佐藤健"),
            ("Emma", "Clarke", "803 Emma Clarke"),
            ("Emma", "", "803 Emma"),
            ("健", "Sato", "803 健 Sato"),
        ] {
            let row = json!({ "agent_number": "803", "first_name": first, "last_name": last });
            let named = Card::of(&row, &["agent_number", "first_name", "last_name"], &[], columns(&[], &[]));
            assert_eq!(&*named.name, name);
        }
    }

    /// LST-4, LST-5, LST-7
    #[test]
    fn a_card_is_found_narrowed_and_named() {
        let row = json!({ "name": "Sales Ost", "age": 7, "tags": ["3", "12"], "on": true, "since": "2026-11-23", "boss": null });
        let card =
            Card::of(&row, &["name"], &["name", "age"], columns(&["age", "tags"], &["on", "tags", "since", "boss"]));
        assert_eq!((&*card.name, card.folded_name()), ("Sales Ost", "sales ost"));
        assert!(card.holds(0, "s o") && card.holds(1, "7") && !card.holds(1, "s") && !card.holds(2, ""));
        let is = |column: usize, wanted: &str| card.cell(column).is(&Wanted::of(wanted));
        assert!(is(0, "7") && is(0, "7.0") && !is(0, "8") && is(0, "5..9") && is(0, "..7") && !is(0, "8.."));
        assert!(is(1, "3") && is(1, "12") && !is(1, "1") && !is(1, "2"));
        assert!(is(2, "TRUE") && !is(2, "false"));
        assert!(is(3, "2026-11-01..2026-11-30") && !is(3, "2026-12-01.."));
        assert!(is(4, "none") && !is(4, "") && !is(0, "none"));
    }
}
