//! Secrets on their way in: those that nobody typed stay, those that the box makes are made, passwords become hashes.

use super::{
    Write,
    fault::Fault,
    seal::{random, random_word},
    shown::MASK,
};
use crate::schema::{Resource, Rule, kind::Password};
use serde_json::{Map, Value};

/// A made secret: 12 letters and digits (ACC-17 reading).
const GENERATED_LENGTH: usize = 12;

/// A secret comes back as it was shown, or empty, when nobody typed one: then it stays (ACC-17 reading).
pub fn leave_out_untyped(resource: &Resource, value: &mut Map<String, Value>) {
    for field in resource.sealed().chain(resource.hashed()) {
        let untyped =
            |value: &Value| value.is_null() || value.as_str().is_some_and(|t| t.trim().is_empty() || t == MASK);
        if value.get(field).is_some_and(untyped) {
            value.shift_remove(field);
        }
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

/// The hashes of the passwords that a write brings (BOX-152). Slow, so it is done before the door is locked.
pub fn hashes(resource: &Resource, write: &Write) -> Result<Map<String, Value>, Fault> {
    let (Write::Add { value } | Write::Change { value, .. } | Write::Set { value, .. }) = write else {
        return Ok(Map::new());
    };
    let mut hashes = Map::new();
    for field in resource.hashed() {
        if let Some(Ok(typed)) = value.get(field).and_then(Value::as_str).map(Password::typed) {
            hashes.insert(field.into(), serde_json::to_value(typed.hashed(random()?)).unwrap_or_default());
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
