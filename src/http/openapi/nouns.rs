//! The routes of a declared noun: its list and its records.

use super::{fields, refusals};
use crate::{
    http::{job::upload, lists, tables},
    schema::{Action, Held, Resource, kind::file},
    store::PAGE_MAX,
};
use serde_json::{Map, Value, json};

/// Paths and the schemas that they name.
pub fn told(resource: &Resource, paths: &mut Map<String, Value>, schemas: &mut Map<String, Value>) {
    let name = resource.name;
    schemas.insert(name.into(), fields::row(resource));
    let mut list = json!({ "get": self::list(resource) });
    let mut one = json!({ "parameters": [super::path("id", "The id of the record.")], "get": self::one(resource) });
    if resource.allows(Action::Add) {
        schemas.insert(format!("{name}_new"), fields::new(resource));
        list["post"] = add(resource);
    }
    if resource.allows(Action::Edit) {
        schemas.insert(format!("{name}_change"), fields::change(resource));
        one["patch"] = change(resource);
    }
    if resource.allows(Action::Delete) {
        one["delete"] = remove(resource);
    }
    let files = resource.fields().filter(|(_, schema)| schema["x-kind"] == file::KIND);
    for (field, schema) in files.filter(|_| resource.allows(Action::Add) || resource.allows(Action::Edit)) {
        paths.insert(format!("/uploads/{}/{field}", resource.path), json!({ "post": upload(resource, field, schema) }));
    }
    paths.insert(format!("/{}", resource.path), list);
    paths.insert(format!("/{}/{{id}}", resource.path), one);
}

fn list(resource: &Resource) -> Value {
    let words = refusals::READING.iter().copied().chain([(422, "invalid")]);
    let row = json!({ "$ref": format!("#/components/schemas/{}", resource.name) });
    let parameters: Vec<_> = parameters(resource).collect();
    super::operation(resource.path, "list", &format!("List {}", spaced(resource.path)), parameters, words)
        .reads()
        .answers(200, "A page of the list.", super::page(row))
        .told()
}

fn parameters(resource: &Resource) -> impl Iterator<Item = Value> {
    let table = resource.held == Held::Table;
    let search = format!("Text that stands in {}.", words(resource.search));
    let mut told = vec![super::query("search", &search, json!({ "type": "string" }))];
    told.retain(|_| !resource.search.is_empty());
    let sorts: Vec<String> = match table {
        true => ["created_at"].iter().chain(resource.sorts).map(|sort| (*sort).to_owned()).collect(),
        false => ["created_at", "updated_at", "id"]
            .into_iter()
            .chain(resource.counts.iter().map(|count| count.name))
            .chain(resource.columns())
            .map(str::to_owned)
            .collect(),
    };
    let both: Vec<_> = sorts.iter().flat_map(|sort| [sort.clone(), format!("-{sort}")]).collect();
    told.push(super::query(
        "sort",
        "A column, with `-` before it the other way round; left out: the newest first.",
        json!({ "type": "string", "enum": both }),
    ));
    let filters = if table { tables::filters(resource) } else { lists::filters(resource) };
    told.extend(filters.into_iter().map(|field| filter(resource, field)));
    if !table {
        let text = "Only records with these ids, separated by commas.";
        told.push(super::query("ids", text, json!({ "type": "string" })));
    }
    told.extend(super::paging(PAGE_MAX));
    told.into_iter()
}

fn filter(resource: &Resource, field: &str) -> Value {
    if resource.held == Held::Table && resource.within == Some(field) {
        let text = "The id of the one whose records are listed; left out: that of the preferences.";
        return super::query(field, text, json!({ "type": "string", "pattern": "^[0-9]+$" }));
    }
    let text = match field {
        "created_at" | "updated_at" => {
            "Only records of a span of time, `from..to` in RFC 3339; either end may be left out."
        }
        _ => "Only records that have this value, or one of several separated by commas; `none` for an empty one.",
    };
    super::query(field, text, json!({ "type": "string" }))
}

fn one(resource: &Resource) -> Value {
    let words = refusals::READING.iter().copied().chain([(404, "not_found")]);
    let parameters = vec![super::header("If-None-Match", "The `ETag` that is known: 304 if the record is still so.")];
    super::operation(resource.path, "show", &format!("Show one of {}", spaced(resource.path)), parameters, words)
        .reads()
        .answers(200, "The record.", reference(resource, ""))
        .tagged()
        .answers_nothing(304, "The record is as it was.")
        .told()
}

fn add(resource: &Resource) -> Value {
    let parameters = vec![super::idempotency_key()];
    let words = refusals::of(resource, Action::Add);
    let summary = format!("Add one of {}", spaced(resource.path));
    let add = super::operation(resource.path, "add", &summary, parameters, words).takes(reference(resource, "_new"));
    let row = reference(resource, "");
    if resource.many.is_none() {
        return add.answers(201, "The record that was added; `Location` is its id.", row).tagged().told();
    }
    let several = several(&row);
    add.answers(
        201,
        "The record that was added, or what became of several.",
        json!({ "anyOf": [row, several.clone()] }),
    )
    .answers(200, "All are there already; none was added.", several)
    .told()
}

fn upload(resource: &Resource, field: &str, schema: &Value) -> Value {
    let summary = format!("Send a file for the {} of {}", spaced(field), spaced(resource.path));
    let text =
        format!("What was taken: `{field}` of a record is set to `file`. What no record names within an hour is gone.");
    let told = json!({
        "type": "object", "required": ["file", "told"],
        "properties": {
            "file": { "type": "string", "minLength": 64, "maxLength": 64 },
            "told": { "type": "object", "description": "What was read from it." },
        },
    });
    let verb = format!("upload_{field}");
    super::operation(resource.path, &verb, &summary, Vec::new(), refusals::UPLOADING.iter().copied())
        .takes_file(upload::bytes_max(schema))
        .answers(201, &text, told)
        .told()
}

/// What became of several values in one body.
fn several(row: &Value) -> Value {
    json!({
        "type": "object", "required": ["added", "rows", "skipped"],
        "properties": {
            "added": { "type": "integer", "minimum": 0 },
            "rows": { "type": "array", "items": row },
            "skipped": { "type": "array", "items": { "type": "string" }, "description": "Values that are there already." },
        },
    })
}

fn change(resource: &Resource) -> Value {
    let words = refusals::of(resource, Action::Edit);
    let summary = format!("Change one of {}", spaced(resource.path));
    super::operation(resource.path, "change", &summary, vec![super::if_match()], words)
        .takes(reference(resource, "_change"))
        .answers(200, "The record as it is now.", reference(resource, ""))
        .tagged()
        .told()
}

fn remove(resource: &Resource) -> Value {
    let words = refusals::of(resource, Action::Delete);
    let summary = format!("Delete one of {}", spaced(resource.path));
    super::operation(resource.path, "delete", &summary, vec![super::if_match()], words)
        .answers_nothing(204, "It is gone.")
        .told()
}

fn reference(resource: &Resource, which: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}{which}", resource.name) })
}

fn spaced(path: &str) -> String {
    path.replace('_', " ")
}

fn words(fields: &[&str]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}
