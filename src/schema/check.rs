//! Holds typed-in JSON against a schema, field by field, so that all refusals come at once.

use super::{
    Refusals, Why,
    kind::{self, custom, destination, levels, person},
};
use serde_json::{Map, Value};

/// Looks at every field that is given; with `whole` also for those that are required and are not.
pub fn fields(schema: &Value, given: &Map<String, Value>, whole: bool, refusals: &mut Refusals) {
    let none = Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    for (field, schema) in known {
        match given.get(field) {
            Some(value) => look(schema, value, field, refusals),
            None if whole && required.iter().any(|name| name == field) => refusals.add(field, Why::Required),
            None => {}
        }
    }
    for field in given.keys().filter(|field| !known.contains_key(*field)) {
        refusals.add(field, Why::Unknown);
    }
}

/// An empty text in a field that need not be given says that nothing is given, whatever the kind: null where the field
/// has a null, and in a `new` value as if it were not named where it has another beginning. Where an empty text is a value
/// of the kind it stays one.
pub fn left_open(schema: &Value, given: &mut Map<String, Value>, new: bool) {
    let none = Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    for (field, schema) in known {
        let Some(value) = given.get_mut(field) else { continue };
        if is_row(schema) || is_row(&schema["items"]) {
            inside_rows(schema, value);
        }
        if !is_blank(value) || plain(schema, &Value::from("")).is_ok() {
            continue;
        }
        if is_of(schema, "null") {
            *value = Value::Null;
        } else if new && !required.iter().any(|name| name == field) {
            given.shift_remove(field);
        }
    }
}

fn inside_rows(schema: &Value, value: &mut Value) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(|row| inside_rows(&schema["items"], row)),
        Value::Object(row) => left_open(schema, row, true),
        _ => {}
    }
}

fn is_row(schema: &Value) -> bool {
    schema["x-kind"] == "row"
}

/// A text in which nothing is written.
pub fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// What is kept of fields whose schema is known at run time only: `old` with what is `given` now, as their kinds mean it.
/// A field that no schema knows any more is dropped, an empty one is not kept.
pub fn kept(schema: &Value, given: Map<String, Value>, old: &Value, refusals: &mut Refusals) -> Map<String, Value> {
    let mut all: Map<String, Value> = old.as_object().cloned().unwrap_or_default();
    all.retain(|field, _| schema["properties"].get(field).is_some());
    let typed = given.into_iter().map(|(field, value)| {
        let value = meant(&schema["properties"][&field], value);
        (field, value)
    });
    let (empty, typed): (Map<_, _>, Map<_, _>) = typed.partition(|(_, value)| value.is_null());
    fields(schema, &typed, false, refusals);
    let unknown = empty.keys().filter(|field| schema["properties"].get(field.as_str()).is_none());
    unknown.for_each(|field| refusals.add(field, Why::Unknown));
    all.retain(|field, _| !empty.contains_key(field));
    all.extend(typed);
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    required.filter(|field| !all.contains_key(*field)).for_each(|field| refusals.add(field, Why::Required));
    all
}

/// A typed value as its kind means it; null where nothing is left of it.
pub fn meant(schema: &Value, value: Value) -> Value {
    match value {
        Value::String(text) if text.trim().is_empty() => Value::Null,
        Value::String(text) => match schema["x-kind"].as_str().and_then(kind::shape) {
            Some(shape) => (shape.meant)(text.trim()).into(),
            None => text.trim().into(),
        },
        Value::Array(entries) if entries.is_empty() => Value::Null,
        Value::Array(entries) => entries.into_iter().map(|entry| meant(&schema["items"], entry)).collect(),
        other => other,
    }
}

/// One value against the schema of its kind: the first reason against it.
pub fn value_of(schema: &Value, value: &Value) -> Result<(), Why> {
    let mut refusals = Refusals::default();
    look(schema, value, "value", &mut refusals);
    refusals.iter().next().map_or(Ok(()), |refusal| Err(refusal.why.clone()))
}

/// A value at its place in the form. What stands in a row has a place of its own: `numbers.0.number`.
fn look(schema: &Value, value: &Value, at: &str, refusals: &mut Refusals) {
    match value {
        Value::Array(_) if schema["x-kind"] == levels::TREE => {
            levels::check_tree(value).unwrap_or_else(|why| refusals.add(at, why));
        }
        Value::Array(path) if schema["x-kind"] == levels::PATH => {
            levels::check_path(schema, path).unwrap_or_else(|why| refusals.add(at, why));
        }
        Value::Array(entries) if is_of(schema, "array") => list(schema, entries, at, refusals),
        // What stands in it is checked against a schema that is known at run time only (`kept`).
        Value::Object(_) if schema["x-kind"] == custom::KIND => {}
        Value::Object(given) if is_of(schema, "object") && schema["x-types"].is_null() => {
            let mut inside = Refusals::default();
            fields(schema, given, true, &mut inside);
            refusals.add_inside(at, inside);
        }
        _ => plain(schema, value).unwrap_or_else(|why| refusals.add(at, why)),
    }
}

fn plain(schema: &Value, value: &Value) -> Result<(), Why> {
    if value.is_null() {
        return if is_of(schema, "null") { Ok(()) } else { Err(Why::Required) };
    }
    if let Some(choices) = schema["enum"].as_array() {
        return choice(choices, value);
    }
    match value {
        Value::String(text) if is_of(schema, "string") => text_of(schema, text),
        Value::String(_) if is_blank(value) => Err(Why::Required),
        Value::Bool(_) if is_of(schema, "boolean") => Ok(()),
        Value::Number(number) if is_of(schema, "integer") => match number.as_i64() {
            Some(number) => range(schema, number),
            None => Err(Why::Type),
        },
        Value::Object(_) if schema["x-kind"] == destination::KIND => destination::checked(schema, value),
        Value::Object(_) if schema["x-kind"] == person::KIND => person::checked(value),
        _ => Err(Why::Type),
    }
}

/// Whether a schema allows this type of JSON.
pub fn is_of(schema: &Value, name: &str) -> bool {
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
    let shape = schema["x-kind"].as_str().and_then(kind::shape).ok_or(Why::Type)?;
    let min = schema["minLength"].as_u64().unwrap_or(0);
    let max = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    shape.checked(text, min, max)
}

fn range(schema: &Value, number: i64) -> Result<(), Why> {
    let min = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let max = schema["maximum"].as_i64().unwrap_or(i64::MAX);
    if (min..=max).contains(&number) { Ok(()) } else { Err(Why::OutOfRange { min, max }) }
}

/// A list is refused for its length, or for its first entry that is; of rows each says for itself.
fn list(schema: &Value, entries: &[Value], at: &str, refusals: &mut Refusals) {
    let min = schema["minItems"].as_u64().unwrap_or(0);
    let max = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
    let items = &schema["items"];
    match entries.len() as u64 {
        count if count < min => refusals.add(at, Why::Required),
        count if count > max => refusals.add(at, Why::TooMany { max }),
        _ if is_row(items) => {
            for (index, entry) in entries.iter().enumerate() {
                look(items, entry, &format!("{at}.{index}"), refusals);
            }
        }
        _ => entries.iter().for_each(|entry| look(items, entry, at, refusals)),
    }
}
