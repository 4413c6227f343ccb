//! What stands in an index: slot, part, value and row, as bytes whose order is that of the values.

use super::fold::folded;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Of longer values the beginning gives the order and a hash the rest.
const TEXT_BYTES_MAX: usize = 64;
const TEXT_BYTES_KEPT: usize = 48;

const EMPTY: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;

/// The slot under which all rows of a part are counted.
pub const ALL: u16 = 0;

/// What all entries of an index begin with, in one part of the noun.
pub fn prefix(slot: u16, within: u64) -> Vec<u8> {
    [&slot.to_be_bytes()[..], &within.to_be_bytes()].concat()
}

/// What all entries of an index with this value begin with.
pub fn term(slot: u16, within: u64, value: &[u8]) -> Vec<u8> {
    [&slot.to_be_bytes()[..], &within.to_be_bytes(), value].concat()
}

pub fn entry(term: &[u8], id: u64) -> Vec<u8> {
    [term, &id.to_be_bytes()].concat()
}

/// The row to which an entry belongs.
pub fn row_of(entry: &[u8]) -> u64 {
    entry.last_chunk::<8>().map_or(0, |id| u64::from_be_bytes(*id))
}

/// The smallest bytes after all that begin with these.
pub fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// What has no entry but where rows are sorted; a switch that is off among it, so that an index holds the few that
/// are on.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    }
}

/// One value, no list: letter case is ignored, numbers go by size, what is empty comes first.
pub fn encoded(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) if !text.is_empty() => of_text(text),
        Value::Number(number) => of_number(number.as_f64().unwrap_or(0.0)),
        Value::Bool(true) => of_text("true"),
        _ => vec![EMPTY],
    }
}

pub fn of_text(text: &str) -> Vec<u8> {
    let text = folded(text);
    let mut bytes = vec![TEXT];
    if text.len() <= TEXT_BYTES_MAX {
        bytes.extend_from_slice(text.as_bytes());
    } else {
        bytes.extend_from_slice(&text.as_bytes()[..TEXT_BYTES_KEPT]);
        bytes.extend_from_slice(&Sha256::digest(text.as_bytes())[..TEXT_BYTES_MAX - TEXT_BYTES_KEPT]);
    }
    bytes.push(0);
    bytes
}

/// What the entries of a text begin with of which the beginning tells it from all others.
pub fn beginning(text: &str) -> Vec<u8> {
    let text = folded(text);
    [&[TEXT], &text.as_bytes()[..text.len().min(TEXT_BYTES_KEPT)]].concat()
}

/// The text that an entry of an index holds behind its prefix, folded; none if it holds no text, or not all of it.
pub fn text_in(value: &[u8]) -> Option<&str> {
    let text = value.strip_prefix(&[TEXT])?.strip_suffix(&[0])?;
    std::str::from_utf8(text).ok().filter(|text| text.len() < TEXT_BYTES_MAX)
}

fn of_number(number: f64) -> Vec<u8> {
    let bits = number.to_bits();
    let ordered = if bits >> 63 == 0 { bits ^ 1 << 63 } else { !bits };
    [&[NUMBER][..], &ordered.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entries_stand_in_the_order_of_their_values() {
        let values = [json!(null), json!(-20.5), json!(-3), json!(0), json!(7), json!(1_795_000_000_000_i64)];
        let texts = [json!("a"), json!("AB"), json!("abc"), json!("b"), json!("王")];
        let keys: Vec<_> = values.iter().chain(&texts).map(|value| term(3, 1, &encoded(value))).collect();
        assert!(keys.is_sorted());
        assert_eq!(encoded(&json!("Ab")), encoded(&json!("aB")));
        let long = |end: &str| encoded(&json!("x".repeat(90) + end));
        assert_ne!(long("1"), long("2"));
        assert_eq!(row_of(&entry(&keys[2], 77)), 77);
        assert_eq!(text_in(&of_text("Ab")), Some("ab"));
        assert_eq!(text_in(&encoded(&json!(7))), None);
    }

    #[test]
    fn what_comes_after_a_prefix_is_not_in_it() {
        assert_eq!(after(&[1, 2]), [1, 3]);
        assert_eq!(after(&[1, 255]), [2]);
        assert_eq!(after(&[255]), [0_u8; 0]);
    }
}
