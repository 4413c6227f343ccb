//! Secrets on their way in: those that nobody typed stay, those that the box makes are made, passwords and keys become
//! hashes.

use super::{
    NotWritten, Store, Write, Written,
    fault::Fault,
    seal::{random, random_word},
    shown::{MASK, shows_end},
};
use crate::{
    model,
    schema::{Access, Refusals, Resource, Rule, Why, kind},
    time::Timestamp,
};
use serde_json::{Map, Value};

/// A made secret: 12 letters and digits (ACC-17 reading).
pub const GENERATED_LENGTH: usize = 12;

/// A secret comes back as it was shown, or empty, when nobody typed one: then it stays (ACC-17 reading). One whose end
/// is shown is emptied instead.
///
/// What is told from what happened comes back as well, and is nobody's to type.
pub fn leave_out_untyped(resource: &Resource, value: &mut Map<String, Value>) {
    for rule in resource.rules {
        if let Rule::Told { field } = rule {
            value.shift_remove(*field);
        }
    }
    for field in resource.sealed().chain(resource.hashed()) {
        let Some(typed) = value.get(field) else { continue };
        let empties = resource.field(field).is_some_and(shows_end);
        let text = typed.as_str().map(str::trim);
        if typed.is_null() || text == Some("") {
            if empties {
                value.insert(field.into(), Value::Null)
            } else {
                value.shift_remove(field)
            };
        } else if text.is_some_and(|text| text == MASK || empties && text.starts_with(MASK)) {
            value.shift_remove(field);
        }
    }
}

impl Store {
    /// Sets a secret of the one row of a noun that has one to a word that the box makes, which is given this once
    /// (API-3).
    pub fn make(&self, access: &Access, at: Timestamp, noun: &str, field: &str) -> Result<Written, NotWritten> {
        let schema = model::resource(noun).and_then(|resource| resource.field(field));
        let length = schema.and_then(|schema| schema["x-made"].as_u64());
        let made = random_word(length.ok_or_else(|| Refusals::whole(Why::NotFound))? as usize)?;
        let made = Map::from_iter([(field.to_owned(), Value::from(made))]);
        let written = self.write_as(access, at, noun, Write::Set { rev: None, value: made.clone() })?;
        Ok(Written { generated: made, ..written })
    }
}

/// Makes what the rules say the box makes; gives what it made, to be shown once.
pub fn generate(resource: &Resource, value: &mut Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let mut made = Map::new();
    for rule in resource.rules {
        if let Rule::Generated { field } = rule
            && !value.contains_key(*field)
        {
            let word = random_word(GENERATED_LENGTH)?;
            made.insert((*field).into(), word.clone().into());
            value.insert((*field).into(), word.into());
        }
    }
    Ok(made)
}

/// The journal keeps no secrets: of a row that is put back those that it must have are made anew.
pub fn renew(resource: &Resource, value: &mut Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let mut made = Map::new();
    let required = resource.schema()["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for field in required.filter(|field| resource.hashed().any(|hashed| hashed == *field)) {
        if !value.contains_key(field) {
            let word = random_word(GENERATED_LENGTH)?;
            made.insert(field.into(), word.clone().into());
            value.insert(field.into(), word.into());
        }
    }
    Ok(made)
}

/// The hashes of the passwords and keys that a write brings (BOX-152). Slow, so it is done before the door is locked.
pub fn hashes(resource: &Resource, write: &Write) -> Result<Map<String, Value>, Fault> {
    let (Write::Add { value } | Write::Change { value, .. } | Write::Restore { value, .. } | Write::Set { value, .. }) =
        write
    else {
        return Ok(Map::new());
    };
    let mut hashes = Map::new();
    for field in resource.hashed() {
        let kind = resource.field(field).and_then(|schema| schema["x-kind"].as_str()).unwrap_or_default();
        let Some(typed) = value.get(field).and_then(Value::as_str) else { continue };
        if let Some(hash) = kind::hashed(kind, typed, random()?) {
            hashes.insert(field.into(), hash);
        }
    }
    Ok(hashes)
}

/// What was typed gives way to its hash.
pub fn hashed(mut value: Value, hashes: Map<String, Value>) -> Value {
    for (field, hash) in hashes {
        if value[&field].is_string() {
            value[field] = hash;
        }
    }
    value
}
