//! A value held against a schema of the API's document, by the words that the document uses.

use serde_json::Value;

/// What is wrong, each at its place. `closed`: an object has no field beside those that are named. A word that this does
/// not know is a fault of its own, so that nothing passes unread.
pub fn faults(document: &Value, schema: &Value, value: &Value, closed: bool) -> Vec<String> {
    let mut found = Vec::new();
    Look { document, closed }.at("", schema, value, &mut found);
    found
}

struct Look<'a> {
    document: &'a Value,
    closed: bool,
}

impl Look<'_> {
    fn at(&self, place: &str, schema: &Value, value: &Value, found: &mut Vec<String>) {
        let Some(words) = schema.as_object() else { return found.push(format!("{place}: no schema")) };
        for (word, said) in words {
            let fine = match word.as_str() {
                "$ref" => {
                    let target =
                        self.document.pointer(said.as_str().unwrap().trim_start_matches('#')).expect("it is there");
                    self.at(place, target, value, found);
                    true
                }
                "type" => is_of(said, value),
                "enum" => said.as_array().unwrap().contains(value),
                "const" => said == value,
                "minimum" => value.as_f64().is_none_or(|number| number >= said.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= said.as_f64().unwrap()),
                "minLength" => length(value).is_none_or(|length| length >= said.as_u64().unwrap()),
                "maxLength" => length(value).is_none_or(|length| length <= said.as_u64().unwrap()),
                "minItems" => value.as_array().is_none_or(|entries| entries.len() as u64 >= said.as_u64().unwrap()),
                "maxItems" => value.as_array().is_none_or(|entries| entries.len() as u64 <= said.as_u64().unwrap()),
                "pattern" => {
                    let pattern = regex::Regex::new(said.as_str().unwrap()).unwrap();
                    value.as_str().is_none_or(|text| text.is_empty() || pattern.is_match(text))
                }
                "format" => match (said.as_str().unwrap(), value.as_str()) {
                    ("date-time", Some(text)) => is_moment(text),
                    _ => true,
                },
                "uniqueItems" => {
                    let entries = value.as_array().map_or(&[][..], Vec::as_slice);
                    (1..entries.len()).all(|n| !entries[..n].contains(&entries[n]))
                }
                "items" => {
                    for (n, entry) in value.as_array().into_iter().flatten().enumerate() {
                        self.at(&format!("{place}.{n}"), said, entry, found);
                    }
                    true
                }
                "properties" => {
                    let fields = value.as_object().into_iter().flatten();
                    for (name, field) in fields {
                        match said.get(name) {
                            Some(schema) => self.at(&format!("{place}.{name}"), schema, field, found),
                            // A part of a choice names some fields only.
                            None if self.closed && words.contains_key("type") => {
                                found.push(format!("{place}.{name}: no field of the document"))
                            }
                            None => {}
                        }
                    }
                    true
                }
                "additionalProperties" => {
                    if said.is_object() {
                        for (name, field) in value.as_object().into_iter().flatten() {
                            self.at(&format!("{place}.{name}"), said, field, found);
                        }
                    }
                    true
                }
                "required" => {
                    let named = said.as_array().unwrap().iter().filter_map(Value::as_str);
                    named.for_each(|name| {
                        if value.as_object().is_some_and(|fields| !fields.contains_key(name)) {
                            found.push(format!("{place}.{name}: not there"));
                        }
                    });
                    true
                }
                "oneOf" | "anyOf" => said.as_array().unwrap().iter().any(|one| {
                    let mut inside = Vec::new();
                    self.at(place, one, value, &mut inside);
                    inside.is_empty()
                }),
                "description" | "title" | "default" | "readOnly" | "writeOnly" | "examples" | "minProperties" => true,
                word if word.starts_with("x-") => true,
                other => panic!("{place}: the tests do not know the word {other}"),
            };
            if !fine {
                found.push(format!("{place}: {value} is not {word} {said}"));
            }
        }
    }
}

fn is_of(said: &Value, value: &Value) -> bool {
    let one = |word: &str| match word {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match said {
        Value::String(word) => one(word),
        Value::Array(words) => words.iter().filter_map(Value::as_str).any(one),
        _ => false,
    }
}

/// In characters (LST-22).
fn length(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

/// API-26
fn is_moment(text: &str) -> bool {
    text.len() == "2026-11-23T10:00:00.000Z".len() && text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn a_value_is_held_against_its_schema() {
    use serde_json::json;
    let document = json!({ "a": { "type": ["string", "null"], "maxLength": 2 } });
    let schema = json!({
        "type": "object", "required": ["b"],
        "properties": { "b": { "type": "array", "items": { "$ref": "#/a" }, "minItems": 1 }, "c": { "enum": ["x"] } },
    });
    let wrong = |value: Value| faults(&document, &schema, &value, true).len();
    assert_eq!(wrong(json!({ "b": ["ab", null], "c": "x" })), 0);
    for value in [json!([]), json!({}), json!({ "b": [] }), json!({ "b": ["abc"] }), json!({ "b": [null], "c": "y" })] {
        assert_eq!(wrong(value.clone()), 1, "{value}");
    }
    assert_eq!(wrong(json!({ "b": [7], "d": 1 })), 2);
    assert!(is_moment("2026-11-23T10:00:00.000Z") && !is_moment("2026-11-23T10:00:00Z"));
}
