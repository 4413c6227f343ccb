//! Fields that a role does not see, as `noun.field` (ROL-9).

use crate::schema::Why;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{borrow::Cow, collections::BTreeSet};

const FIELDS_MAX: u64 = 1000;
const CHARACTERS_MAX: u64 = 120;

/// Sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct HiddenFields(BTreeSet<Box<str>>);

impl HiddenFields {
    pub fn has(&self, noun: &str, field: &str) -> bool {
        let fits = |word: &str| word.strip_prefix(noun).and_then(|rest| rest.strip_prefix('.')) == Some(field);
        self.0.iter().any(|word| fits(word))
    }

    /// The same by the whole name.
    pub fn holds(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &**name)
    }
}

impl<'de> Deserialize<'de> for HiddenFields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<HiddenFields, D::Error> {
        let words: Vec<String> = Vec::deserialize(from)?;
        if words.len() as u64 > FIELDS_MAX {
            return Err(D::Error::custom(Why::TooMany { max: FIELDS_MAX }.sentence()));
        }
        let taken = |word: &String| {
            let word = word.trim();
            let short = word.chars().count() as u64 <= CHARACTERS_MAX;
            if short && fits(word) { Ok(word.into()) } else { Err(D::Error::custom("this names no field")) }
        };
        words.iter().map(taken).collect::<Result<_, _>>().map(HiddenFields)
    }
}

impl JsonSchema for HiddenFields {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "hidden_fields".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "maxItems": FIELDS_MAX,
            "items": { "type": "string", "minLength": 3, "maxLength": CHARACTERS_MAX, "x-kind": "hidden_fields" },
            "x-kind": "hidden_fields"
        })
    }
}

/// A noun and a field of it, a custom field with its own name behind `custom.`.
pub fn fits(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let mut parts = text.split('.');
    let named = parts.by_ref().take(2).filter(|part| word(part)).count() == 2;
    named && parts.clone().count() <= 1 && parts.all(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// ROL-9
    #[test]
    fn a_field_is_hidden_by_its_whole_name() {
        let hidden: HiddenFields = serde_json::from_value(json!([" agent.status", "customer.custom.size"])).unwrap();
        assert!(hidden.has("agent", "status") && hidden.has("customer", "custom.size"));
        assert!(!hidden.has("agent", "stat") && !hidden.has("gent", "status") && !hidden.has("customer", "size"));
        for wrong in ["agent", "agent.", ".status", "agent.Status", "a.b.c.d", "agent status"] {
            assert!(serde_json::from_value::<HiddenFields>(json!([wrong])).is_err(), "{wrong}");
        }
    }
}
