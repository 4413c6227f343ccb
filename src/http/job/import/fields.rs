//! The fields that columns of a file can fill, and what a column's text means there.

use super::super::super::words;
use crate::{
    model::{self, RESOURCES},
    schema::{
        Access, Id, Import, Resource, Rule, Tenant, Why, check, csv,
        import::Columns,
        kind::{attachment, levels, phone},
        resource::CUSTOM,
    },
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// One field, by its path in a row.
#[derive(Clone, Debug)]
pub struct Field {
    pub path: String,
    pub schema: Value,
    pub required: bool,
    /// Headings that mean it, as they are compared.
    headings: Vec<String>,
}

impl Field {
    /// One that no column fills.
    pub fn plain(path: &str, schema: &Value) -> Field {
        Field { path: path.into(), schema: schema.clone(), required: false, headings: Vec::new() }
    }

    /// Whether a heading means it.
    pub fn is_called(&self, heading: &str) -> bool {
        self.headings.contains(&compared(heading))
    }

    /// What it is called in a heading.
    pub fn label(&self, words: &words::Words, noun: &str) -> String {
        let own = self.schema["title"].as_str().map(str::to_string);
        own.unwrap_or_else(|| words.word(&format!("{noun}.{}", self.path)))
    }

    /// As a page is told of it; one of the office's own has its label.
    pub fn told(&self) -> Value {
        json!({ "field": self.path, "title": self.schema["title"].as_str(), "required": self.required })
    }
}

/// All that columns can fill in rows of one part, and that this person may set.
pub fn of(tenant: &Tenant, access: &Access, import: &Import, chosen: &Map<String, Value>) -> Vec<Field> {
    let (Some(resource), Columns::Fields(names)) = (model::resource(import.noun), import.columns) else {
        return Vec::new();
    };
    let required = resource.schema()["required"].as_array().cloned().unwrap_or_default();
    let fixed = names.iter().filter(|name| access.edits(resource, name)).map(|name| Field {
        path: (*name).into(),
        schema: resource.field(name).cloned().unwrap_or_default(),
        required: required.iter().any(|field| field == name),
        headings: fixed_headings(resource, name, import),
    });
    let mut fields: Vec<Field> = fixed.collect();
    let chosen = Value::Object(chosen.clone());
    if access.edits(resource, CUSTOM) {
        fields.extend(custom_fields(&resource.custom(tenant, &chosen).unwrap_or_default()));
    }
    let kept = resource.kept_from(tenant, access, &chosen);
    fields.retain(|field| kept.edits(&field.path));
    fields
}

fn fixed_headings(resource: &Resource, name: &str, import: &Import) -> Vec<String> {
    let labels = words::LANGUAGES.iter().filter_map(|code| words::of(code).find(&format!("{}.{name}", resource.name)));
    let mark = import.dealt.filter(|dealt| dealt.field == name).map(|dealt| dealt.heading);
    labels.chain([name]).chain(mark).map(compared).collect()
}

fn custom_fields(custom: &Value) -> Vec<Field> {
    let required = custom["required"].as_array().cloned().unwrap_or_default();
    let all = custom["properties"].as_object().into_iter().flatten();
    // A file cannot stand in a file.
    let all = all.filter(|(_, schema)| schema["x-kind"] != attachment::KIND);
    let field = |(name, schema): (&String, &Value)| Field {
        path: format!("{CUSTOM}.{name}"),
        schema: schema.clone(),
        required: required.iter().any(|field| field == name),
        headings: [schema["title"].as_str().unwrap_or(name), name].map(compared).to_vec(),
    };
    all.map(field).collect()
}

/// The field that a heading means, letter case and outer spaces ignored (CUS-50).
pub fn meant<'f>(fields: &'f [Field], heading: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.is_called(heading))
}

pub fn compared(text: &str) -> String {
    text.trim().to_lowercase()
}

/// How the text of one column becomes a value.
#[derive(Debug)]
pub struct Reading {
    pub path: String,
    schema: Value,
    /// Rows that it can refer to, by their names as they are compared.
    names: HashMap<String, Id>,
    /// Words of choices, as they are compared.
    choices: HashMap<String, String>,
    remove_zero: bool,
    /// It names a row by a unique field: of this noun, in that field.
    named: Option<(&'static str, &'static str)>,
}

impl Reading {
    pub fn new(tenant: &Tenant, noun: &str, field: &Field, remove_zero: bool) -> Reading {
        let to = field.schema["x-to"].as_str().or(field.schema["items"]["x-to"].as_str());
        let rows = to.and_then(|noun| tenant.rows_of(noun)).into_iter().flat_map(|rows| rows.cards());
        let names = rows.map(|(envelope, card)| (compared(&card.name), envelope.id)).collect();
        let rules = model::resource(noun).map_or(&[][..], |resource| resource.rules);
        let named = rules.iter().find_map(|rule| match rule {
            Rule::Names { field: named, noun, by } if *named == field.path => Some((*noun, *by)),
            _ => None,
        });
        let (path, schema) = (field.path.clone(), field.schema.clone());
        let choices = choices(noun, field);
        Reading { path, schema, names, choices, remove_zero, named }
    }

    /// What a cell says; none: nothing.
    pub fn value(&self, cell: &str) -> Result<Option<Value>, Why> {
        let text = csv::unguarded(cell).trim();
        if text.is_empty() {
            return Ok(None);
        }
        let list = check::is_of(&self.schema, "array");
        if list && self.schema["x-kind"] == levels::PATH {
            return Ok(Some(text.split(['/', '>']).map(str::trim).collect()));
        }
        if list {
            let parts = text.split([',', '，', '、', ';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty());
            return parts.map(|part| self.one(&self.schema["items"], part)).collect::<Result<_, _>>().map(Some);
        }
        self.one(&self.schema, text).map(Some)
    }

    fn one(&self, schema: &Value, text: &str) -> Result<Value, Why> {
        if schema["x-to"].is_string() {
            return self.names.get(&compared(text)).map(|id| json!(id)).ok_or(Why::NotThere);
        }
        match schema["x-kind"].as_str() {
            Some("choice") => Ok(json!(self.choices.get(&compared(text)).map_or(text, String::as_str))),
            Some("phone" | "digits") => Ok(self.digits(text).into()),
            Some("switch") => switch(text).ok_or(Why::Type),
            _ if check::is_of(schema, "integer") => Ok(text.parse::<i64>().map_or_else(|_| text.into(), Value::from)),
            _ => Ok(text.into()),
        }
    }

    /// FLD-14 reading, CUS-63: one zero only, before anything is compared.
    fn digits(&self, text: &str) -> String {
        let digits = phone::meant(text);
        let without = digits.strip_prefix('0').filter(|_| self.remove_zero);
        without.unwrap_or(&digits).to_string()
    }

    /// Whether a value is the name of no row at all (CUS-56 reading).
    pub fn names_nobody(&self, tenant: &Tenant, value: &Value) -> bool {
        let Some((noun, by)) = self.named else { return false };
        value.as_str().is_some_and(|name| !crate::schema::rule::is_named(tenant, noun, by, name))
    }
}

fn choices(noun: &str, field: &Field) -> HashMap<String, String> {
    let schema = if field.schema["enum"].is_array() { &field.schema } else { &field.schema["items"] };
    let all = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut choices = HashMap::new();
    for choice in all {
        choices.insert(compared(choice), choice.to_string());
        for code in words::LANGUAGES {
            if let Some(word) = words::of(code).find(&format!("{noun}.{}.{choice}", field.path)) {
                choices.insert(compared(word), choice.to_string());
            }
        }
    }
    choices
}

fn switch(text: &str) -> Option<Value> {
    let text = compared(text);
    let is = |key: &str| words::LANGUAGES.iter().any(|code| compared(&words::of(code).word(key)) == text);
    match &*text {
        "true" | "1" => Some(true.into()),
        "false" | "0" => Some(false.into()),
        _ if is("word.yes") => Some(true.into()),
        _ if is("word.no") => Some(false.into()),
        _ => None,
    }
}

/// Puts a value at its place in a row.
pub fn put(row: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((outer, inner)) => {
            let outer = row.entry(outer).or_insert_with(|| json!({}));
            outer[inner] = value;
        }
        None => {
            row.insert(path.into(), value);
        }
    }
}

pub fn at<'r>(row: &'r Map<String, Value>, path: &str) -> Option<&'r Value> {
    match path.split_once('.') {
        Some((outer, inner)) => row.get(outer)?.get(inner),
        None => row.get(path),
    }
}

/// Whether anybody may import anything here; else no file is taken.
pub fn any(may: impl Fn(&'static Resource) -> bool) -> bool {
    RESOURCES.iter().any(|resource| resource.import.is_some() && may(resource))
}
