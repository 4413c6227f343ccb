//! The fields of a noun as they are sent, and as they are answered.

use super::kinds;
use crate::{
    http::words,
    schema::{Held, Resource, Rule, kind::destination},
};
use serde_json::{Map, Value, json};

/// Words of our own in a schema that programs have no use for.
const OURS: &[&str] = &[
    "x-kept",
    "x-made",
    "x-tail",
    "x-given",
    "x-depth",
    "x-types",
    "x-accept",
    "x-of",
    "x-offered",
    "$schema",
    "title",
];

/// The body that adds a record.
pub fn new(resource: &Resource) -> Value {
    let later = |field: &str| resource.rules.iter().any(|rule| matches!(rule, Rule::Later { field: f } if *f == field));
    let mut fields: Map<_, _> = sent(resource, |field| !later(field)).collect();
    if let Some(field) = resource.many.as_ref().and_then(|many| fields.get_mut(many.field)) {
        for limit in ["minLength", "maxLength", "pattern"] {
            field.as_object_mut().map(|field| field.shift_remove(limit));
        }
        say(field, "Several, separated by commas or line breaks, become a record each.");
    }
    let asked = resource.schema()["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let required: Vec<_> = asked.filter(|field| fields.contains_key(*field)).collect();
    let example: Map<_, _> = required
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), kinds::example(resource.field(field)?))))
        .collect();
    json!({
        "type": "object", "properties": fields, "required": required, "additionalProperties": false,
        "examples": [example],
    })
}

/// The body that changes one: only what changes.
pub fn change(resource: &Resource) -> Value {
    let fields: Map<_, _> = sent(resource, |field| !resource.is_fixed(field)).collect();
    let fields = fields.into_iter().map(|(name, mut schema)| {
        // What is not sent stays as it is.
        schema.as_object_mut().map(|schema| schema.shift_remove("default"));
        (name, schema)
    });
    json!({
        "type": "object", "properties": fields.collect::<Map<_, _>>(), "additionalProperties": false,
        "minProperties": 0,
    })
}

/// Those that somebody may type.
fn sent<'a>(resource: &'a Resource, also: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = (String, Value)> + 'a {
    let typed = |field: &str| {
        !resource
            .rules
            .iter()
            .any(|rule| rule.field() == field && matches!(rule, Rule::Given { .. } | Rule::Shown { .. }))
    };
    resource.fields().filter(move |(field, _)| typed(field) && also(field)).map(|(field, schema)| {
        let mut told = told(schema, false);
        title(&mut told, resource, field);
        say(&mut told, &rules(resource, field));
        let once = resource.rules.iter().any(|rule| matches!(rule, Rule::NoRepeats { field: f } if *f == field));
        if once && told["items"]["type"] == "string" {
            told["uniqueItems"] = true.into();
        }
        (field.to_owned(), told)
    })
}

/// A record as it is answered.
pub fn row(resource: &Resource) -> Value {
    let mut fields = envelope();
    for (field, schema) in resource.fields() {
        let mut told = answered(schema);
        // What the box knows by itself may lack what a file must have: it is empty there.
        let is_key = resource.rules.iter().any(|rule| matches!(rule, Rule::Unique { field: key } if *key == field));
        if resource.held == Held::Packed
            && !is_key
            && let Some(told) = told.as_object_mut()
        {
            told.retain(|word, _| word != "minLength" && word != "pattern");
        }
        title(&mut told, resource, field);
        fields.insert(field.to_owned(), told);
    }
    if resource.author {
        let text = "Who added it, by name.";
        fields.insert("created_by".into(), json!({ "type": "string", "readOnly": true, "description": text }));
    }
    for count in resource.counts {
        let text = format!("How many records of `{}` refer to this one.", count.noun);
        fields.insert(count.name.into(), json!({ "type": "integer", "minimum": 0, "description": text }));
    }
    let required: Vec<_> = fields.keys().cloned().collect();
    let mut row = json!({ "type": "object", "properties": fields, "required": required });
    if resource.rules.iter().any(|rule| matches!(rule, Rule::Generated { .. })) {
        row["properties"]["generated"] = json!({
            "type": "object", "additionalProperties": { "type": "string" },
            "description": "Secrets that the box made for a record that was just added, in clear, this once.",
        });
    }
    row
}

/// What the panel calls the field.
fn title(told: &mut Value, resource: &Resource, field: &str) {
    if let Some(label) = words::of("en").find(&format!("{}.{field}", resource.name)) {
        told["title"] = label.into();
    }
}

fn envelope() -> Map<String, Value> {
    let moment = |text: &str| json!({ "type": "string", "format": "date-time", "description": text, "readOnly": true });
    Map::from_iter([
        ("id".to_owned(), json!({ "type": "string", "pattern": "^[0-9]+$", "readOnly": true })),
        (
            "rev".to_owned(),
            json!({
                "type": "integer", "minimum": 1, "readOnly": true,
                "description": "Counts the changes; in quotes it is the `ETag`.",
            }),
        ),
        ("created_at".to_owned(), moment("When it was added.")),
        ("updated_at".to_owned(), moment("When it was changed last.")),
    ])
}

fn answered(schema: &Value) -> Value {
    if schema["x-kept"].is_string() {
        return json!({
            "type": ["string", "null"], "description": "`***` if there is one, else null: a secret is never given out.",
        });
    }
    told(schema, true)
}

/// A schema in the words of OpenAPI alone, with what its kind says.
fn told(schema: &Value, answered: bool) -> Value {
    let mut told = Map::new();
    for (word, value) in schema.as_object().into_iter().flatten().filter(|(word, _)| !OURS.contains(&word.as_str())) {
        let value = match (word.as_str(), value) {
            ("items", items) => self::told(items, answered),
            ("properties", Value::Object(fields)) => {
                Value::Object(fields.iter().map(|(name, field)| (name.clone(), self::told(field, answered))).collect())
            }
            ("additionalProperties" | "writeOnly", _) if answered => continue,
            // What is kept may be older than its limits.
            ("required", _) if answered && schema["x-kind"] != "row" => continue,
            (_, value) => value.clone(),
        };
        told.insert(word.clone(), value);
    }
    let mut told = Value::Object(told);
    let kind = schema["x-kind"].as_str().unwrap_or_default();
    if let (destination::KIND, Some(types)) = (kind, schema["x-types"].as_array()) {
        told["properties"] = json!({
            "type": { "type": "string", "enum": types },
            "target": { "type": ["string", "null"], "description": "The id of the record, or the telephone number." },
        });
        told["required"] = json!(["type"]);
        let (bare, aimed): (Vec<_>, Vec<_>) =
            types.iter().partition(|word| matches!(word.as_str(), Some("hang_up" | "ring_tone")));
        told["anyOf"] = json!([
            { "properties": { "type": { "enum": bare } } },
            { "properties": { "type": { "enum": aimed }, "target": { "type": "string", "minLength": 1 } }, "required": ["target"] },
        ]);
    }
    if let Some(pattern) = kinds::pattern(kind).filter(|_| schema["type"] != "array") {
        told["pattern"] = pattern.into();
    }
    match kind {
        "moment" => told["format"] = "date-time".into(),
        "ref" => {
            let text = format!("The id of a record of `{}`.", schema["x-to"].as_str().unwrap_or_default());
            told["description"] = text.into();
        }
        kind => say(&mut told, kinds::sentence(kind)),
    }
    told
}

fn say(schema: &mut Value, more: &str) {
    let said = schema["description"].as_str().unwrap_or_default();
    let text = [said, more].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    if !text.is_empty() {
        schema["description"] = text.into();
    }
}

/// What holds for a field beyond its own value.
fn rules(resource: &Resource, field: &str) -> String {
    let of_field = resource.rules.iter().filter(|rule| rule.field() == field);
    of_field.filter_map(rule).collect::<Vec<_>>().join(" ")
}

fn rule(rule: &Rule) -> Option<String> {
    let words = |is: &[&str]| is.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    Some(match rule {
        Rule::Unique { .. } => "No two records have the same, letter case ignored.".into(),
        Rule::UniqueWithin { within, .. } => {
            format!("No two records with the same `{within}` have the same, letter case ignored.")
        }
        Rule::Fixed { .. } => "It cannot be changed later.".into(),
        Rule::Settled { .. } => "It cannot be changed while other records refer to this one.".into(),
        Rule::FreeNumber { .. } => "One of the internal numbers, of which no two are the same.".into(),
        Rule::Generated { .. } => "Left out, the box makes one and gives it once in `generated`.".into(),
        Rule::NoRepeats { .. } => "No entry stands twice.".into(),
        Rule::LetsGo { .. } => "Emptied when the record that it refers to is deleted.".into(),
        Rule::Only { of, is, .. } => format!("Only records whose `{of}` is one of {}.", words(is)),
        Rule::Same { of, .. } => format!("Only records whose `{of}` is that of this one."),
        Rule::Appears { when, is, .. } => format!("Counts only while `{when}` is one of {}.", words(is)),
        Rule::Needs { when, is, .. } => format!("Required while `{when}` is one of {}.", words(is)),
        Rule::Names { noun, by, .. } => format!("The `{by}` of a record of `{noun}`."),
        Rule::One { .. } => "On in one record at most: switched on here, it goes off elsewhere.".into(),
        Rule::Initial { .. } => "Required for a new record.".into(),
        Rule::Above { .. } => "The record of the same kind above this one, never itself or one below.".into(),
        Rule::Members { noun, by, .. } => {
            format!("The records of `{noun}` whose `{by}` is this one; what is sent is written there.")
        }
        Rule::Last { .. } => "Left out, it is one more than the most that a record has.".into(),
        Rule::InTurn { of, .. } => format!("Left out, it is the one of {} that the fewest records have.", words(of)),
        Rule::Given { .. }
        | Rule::Dialed { .. }
        | Rule::Shown { .. }
        | Rule::Told { .. }
        | Rule::Numbered { .. }
        | Rule::FromFile { .. }
        | Rule::Located { .. }
        | Rule::Begins { .. }
        | Rule::HoldsAsker { .. }
        | Rule::Later { .. }
        | Rule::Follows { .. }
        | Rule::Counted { .. } => return None,
    })
}
