//! Holds typed-in JSON against a schema, field by field, so that all refusals come at once.

use super::{Refusals, Why, kind, kind::line};
use serde_json::{Map, Value};

/// Looks at every field that is given; with `whole` also for those that are required and are not.
pub fn fields(schema: &Value, given: &Map<String, Value>, whole: bool, refusals: &mut Refusals) {
    let none = Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    for (field, schema) in known {
        match given.get(field) {
            Some(value) => value_of(schema, value).unwrap_or_else(|why| refusals.add(field, why)),
            None if whole && required.iter().any(|name| name == field) => refusals.add(field, Why::Required),
            None => {}
        }
    }
    for field in given.keys().filter(|field| !known.contains_key(*field)) {
        refusals.add(field, Why::Unknown);
    }
}

/// One value against the schema of its kind.
pub fn value_of(schema: &Value, value: &Value) -> Result<(), Why> {
    if value.is_null() {
        return if is_of(schema, "null") { Ok(()) } else { Err(Why::Required) };
    }
    if let Some(choices) = schema["enum"].as_array() {
        return choice(choices, value);
    }
    match value {
        Value::String(text) if is_of(schema, "string") => text_of(schema, text),
        Value::Bool(_) if is_of(schema, "boolean") => Ok(()),
        Value::Number(number) if is_of(schema, "integer") => match number.as_i64() {
            Some(number) => range(schema, number),
            None => Err(Why::Type),
        },
        Value::Array(entries) if is_of(schema, "array") => list(schema, entries),
        Value::Object(parts) if is_of(schema, "object") => object(schema, parts),
        _ => Err(Why::Type),
    }
}

fn is_of(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == name,
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    }
}

fn choice(choices: &[Value], value: &Value) -> Result<(), Why> {
    match value {
        Value::String(_) if choices.contains(value) => Ok(()),
        Value::String(text) if text.trim().is_empty() => Err(Why::Required),
        Value::String(_) => Err(Why::Choice),
        _ => Err(Why::Type),
    }
}

fn text_of(schema: &Value, text: &str) -> Result<(), Why> {
    let form = schema["x-kind"].as_str().and_then(kind::form).ok_or(Why::Type)?;
    let min = schema["minLength"].as_u64().unwrap_or(0);
    let max = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    line::checked(text.trim(), min, max, form)
}

fn range(schema: &Value, number: i64) -> Result<(), Why> {
    let min = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let max = schema["maximum"].as_i64().unwrap_or(i64::MAX);
    if (min..=max).contains(&number) { Ok(()) } else { Err(Why::OutOfRange { min, max }) }
}

/// A list is refused for the first entry that is.
fn list(schema: &Value, entries: &[Value]) -> Result<(), Why> {
    let min = schema["minItems"].as_u64().unwrap_or(0);
    let max = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
    match entries.len() as u64 {
        count if count < min => Err(Why::Required),
        count if count > max => Err(Why::TooMany { max }),
        _ => entries.iter().try_for_each(|entry| value_of(&schema["items"], entry)),
    }
}

/// An object is refused for the first part that is.
fn object(schema: &Value, parts: &Map<String, Value>) -> Result<(), Why> {
    let mut refusals = Refusals::default();
    fields(schema, parts, true, &mut refusals);
    refusals.iter().next().map_or(Ok(()), |refusal| Err(refusal.why.clone()))
}
