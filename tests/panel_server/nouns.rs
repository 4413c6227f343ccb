//! Each noun held against its rows of the specification: a line a row, with what is typed and what must come of it.

mod barred;
mod customers;
mod dids;
mod given;
mod limits;
mod lines;
mod logged;
mod people;
mod routing;
mod system;
mod waiting;
mod ways;

use super::{Office, Response};
use serde_json::{Map, Value, json};
use std::cell::Cell;

/// The owner of an office, at the panel.
pub struct Panel {
    pub office: Office,
    pub cookie: String,
    /// Takes the place of `#` in a form, so that no two rows of a noun are named alike.
    next: Cell<u32>,
}

/// One noun, by its path, with a form that it takes.
pub struct Noun<'p> {
    panel: &'p Panel,
    path: &'static str,
    form: Value,
}

/// The row of the specification, what is typed over the form, and what comes of it.
pub type Line<'l, T> = (&'l str, Value, T);

impl Panel {
    pub async fn new() -> Panel {
        let office = Office::new().await;
        let cookie = office.owner().await;
        Panel { office, cookie, next: Cell::new(100) }
    }

    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Response {
        self.office.ask(&self.cookie, method, &format!("/panel/{path}"), body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.ask("GET", path, Value::Null).await;
        assert_eq!(response.status, 200, "{path}: {response:?}");
        response.json()
    }

    pub fn noun(&self, path: &'static str, form: Value) -> Noun<'_> {
        Noun { panel: self, path, form }
    }

    /// A row that stands in others' forms; gives its id.
    pub async fn add(&self, path: &'static str, form: Value) -> String {
        id(&self.noun(path, form).add(json!({})).await)
    }

    fn numbered(&self, value: &Value) -> Value {
        self.next.set(self.next.get() + 1);
        filled(value, &self.next.get().to_string())
    }
}

impl Noun<'_> {
    /// What the panel is told of it, by the words of the rows: the columns of the list, the fields of a tab, …
    pub async fn is(&self, lines: &[(&str, &str, &str)]) {
        let declared = self.declared().await;
        for (row, part, words) in lines {
            assert_eq!(said(&declared, part), *words, "{row}: {part} of {}", self.path);
        }
    }

    /// Each is refused, and leaves nothing behind.
    pub async fn refuses(&self, lines: &[Line<'_, &str>]) {
        let before = self.total().await;
        for (row, typed, why) in lines {
            let response = self.send(typed).await;
            assert_eq!(refusal(&response), *why, "{row}: {typed} → {response:?}");
        }
        assert_eq!(self.total().await, before, "{} grew", self.path);
    }

    /// Each is taken, and the row has this; then it goes again, where rows of this noun can go.
    pub async fn takes(&self, lines: &[Line<'_, Value>]) {
        for (row, typed, kept) in lines {
            let response = self.send(typed).await;
            assert_eq!(response.status, 201, "{row}: {typed} → {response:?}");
            let id = id(&response.json());
            let shown = self.panel.get(&format!("{}/{id}", self.path)).await;
            assert_has(row, &shown, kept);
            self.panel.ask("DELETE", &format!("{}/{id}", self.path), Value::Null).await;
        }
    }

    pub async fn add(&self, typed: Value) -> Value {
        let response = self.send(&typed).await;
        assert_eq!(response.status, 201, "{} {typed} → {response:?}", self.path);
        response.json()
    }

    /// Each change of a row that is there is refused, and changes nothing.
    pub async fn keeps(&self, id: &str, lines: &[Line<'_, &str>]) {
        let path = format!("{}/{id}", self.path);
        let before = self.panel.get(&path).await;
        for (row, typed, why) in lines {
            let response = self.panel.ask("PATCH", &path, typed.clone()).await;
            assert_eq!(refusal(&response), *why, "{row}: {typed} → {response:?}");
        }
        assert_eq!(self.panel.get(&path).await, before);
    }

    /// Each change of a row that is there is taken, and the row has this.
    pub async fn becomes(&self, id: &str, lines: &[Line<'_, Value>]) {
        let path = format!("{}/{id}", self.path);
        for (row, typed, kept) in lines {
            let response = self.panel.ask("PATCH", &path, typed.clone()).await;
            assert_eq!(response.status, 200, "{row}: {typed} → {response:?}");
            assert_has(row, &self.panel.get(&path).await, kept);
        }
    }

    /// A row is found by what stands in these fields, and by no other text that it has.
    pub async fn is_found_by(&self, row: &str, typed: Value, fields: &[&str]) {
        let added = self.add(typed).await;
        let texts: Vec<&str> = fields.iter().map(|field| added[field].as_str().unwrap()).collect();
        for (field, value) in added.as_object().unwrap() {
            let Some(text) = value.as_str().filter(|text| text.chars().count() > 3) else { continue };
            let found = self.found(&format!("search={}", escaped(&text.to_uppercase()))).await;
            let expected = texts.iter().any(|searched| searched.contains(text));
            assert_eq!(found.contains(&id(&added)), expected, "{row}: {field} {text}");
        }
        self.panel.ask("DELETE", &format!("{}/{}", self.path, id(&added)), Value::Null).await;
    }

    /// The page is shown to whose role grants it; add, edit and delete are granted one by one, and without a right its
    /// control is absent and the request refused (LST-1, LST-2).
    pub async fn is_granted_one_by_one(&self, row: &str, actions: &[&str]) {
        let office = &self.panel.office;
        let noun = self.declared().await["name"].as_str().unwrap().to_owned();
        let (role, _) = office.helper(&format!("of.{}", self.path), &[]);
        let cookie = office.cookie(&format!("of.{}", self.path)).await;
        let there = id(&self.add(json!({})).await);
        let of_row = format!("/panel/{}/{there}", self.path);
        let list = format!("/panel/{}", self.path);
        for granted in ["", "view"].iter().chain(actions) {
            let rights = std::collections::BTreeSet::from(["view", *granted]);
            let rights: Vec<_> = rights.iter().map(|right| format!("{noun}.{right}")).collect();
            let held = if granted.is_empty() { json!([]) } else { json!(rights) };
            office.set("role", &role, json!({ "permissions": held }));
            let seen = office.ask(&cookie, "GET", &list, Value::Null).await.status;
            assert_eq!(seen, if granted.is_empty() { 403 } else { 200 }, "{row}: list with {granted}");
            let schema = office.ask(&cookie, "GET", "/panel/schema", Value::Null).await.json();
            let may = schema["resources"].as_array().unwrap().iter().find(|one| one["name"] == *noun);
            let expected: Vec<&str> = actions.iter().filter(|action| *action == granted).copied().collect();
            assert_eq!(may.map(|one| one["may"].clone()), (!granted.is_empty()).then(|| json!(expected)), "{row}");
            for action in actions {
                let form = self.panel.numbered(&self.form);
                let (method, path, body) = match *action {
                    "add" => ("POST", list.clone(), form),
                    "edit" => ("PATCH", of_row.clone(), json!({})),
                    "download" => ("GET", format!("{of_row}/file"), Value::Null),
                    "clone" => ("POST", format!("{of_row}/clone"), Value::Null),
                    _ => ("DELETE", of_row.clone(), Value::Null),
                };
                let response = office.ask(&cookie, method, &path, body).await;
                let refused = response.status == 403;
                assert_eq!(refused, action != granted, "{row}: {action} with {granted}: {response:?}");
                assert!(refused || response.status < 300, "{row}: {action} with {granted}: {response:?}");
            }
        }
    }

    async fn declared(&self) -> Value {
        let schema = self.panel.get("schema").await;
        let all = schema["resources"].as_array().unwrap();
        all.iter().find(|noun| noun["path"] == self.path).expect("a noun of this path").clone()
    }

    /// Rows are counted, and deleted, one by one and by condition (LST-14 to LST-16).
    pub async fn goes_by_condition(&self, row: &str) {
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(id(&self.add(json!({})).await));
        }
        let (ticked, all) = (json!({ "ids": ids[..1] }), json!({ "search": "" }));
        let told = async |what: &str, body: &Value| {
            self.panel.ask("POST", &format!("{}/{what}", self.path), body.clone()).await.json()
        };
        assert_eq!(told("count", &ticked).await["count"], 1, "{row}");
        assert_eq!(told("delete", &ticked).await["deleted"], 1, "{row}");
        let left = told("count", &all).await["count"].as_u64().unwrap();
        let answer = told("delete", &all).await;
        let kept = answer["refused"].as_array().unwrap().len() as u64;
        assert_eq!(answer["deleted"].as_u64().unwrap() + kept, left, "{row}");
        let there = self.found("").await;
        assert!(ids.iter().all(|id| !there.contains(id)), "{row}: {answer}");
    }

    /// Each column can be hidden on its own (LST-10, LST-11).
    pub async fn hides_columns(&self, row: &str, columns: &str) {
        self.is(&[(row, "columns", columns)]).await;
        let names: Vec<&str> = columns.split(' ').collect();
        let path = format!("me/columns/{}", self.path);
        for hidden in &names {
            let shown: Vec<_> = names.iter().filter(|name| *name != hidden).collect();
            assert_eq!(self.panel.ask("PUT", &path, json!({ "columns": shown })).await.status, 200, "{row}");
            assert_eq!(self.panel.get(&path).await["columns"], json!(shown), "{row}");
        }
    }

    /// The rows that a query of the list finds, by id.
    pub async fn found(&self, query: &str) -> Vec<String> {
        let list = self.panel.get(&format!("{}?limit=100&{query}", self.path)).await;
        list["items"].as_array().unwrap().iter().map(id).collect()
    }

    /// Fields of the one row of a noun that has one: what is refused, and what is taken.
    pub async fn is_set(&self, refused: &[Line<'_, &str>], taken: &[Line<'_, Value>]) {
        let before = self.panel.get(self.path).await;
        for (row, typed, why) in refused {
            let response = self.panel.ask("PATCH", self.path, typed.clone()).await;
            assert_eq!(refusal(&response), *why, "{row}: {typed} → {response:?}");
        }
        assert_eq!(self.panel.get(self.path).await, before);
        for (row, typed, kept) in taken {
            let response = self.panel.ask("PATCH", self.path, typed.clone()).await;
            assert_eq!(response.status, 200, "{row}: {typed} → {response:?}");
            assert_has(row, &self.panel.get(self.path).await, kept);
        }
    }

    async fn total(&self) -> u64 {
        self.panel.get(self.path).await["total"].as_u64().unwrap()
    }

    async fn send(&self, typed: &Value) -> Response {
        let mut form = self.panel.numbered(&self.form);
        for (field, value) in typed.as_object().unwrap() {
            form[field] = value.clone();
        }
        self.panel.ask("POST", self.path, form).await
    }
}

pub fn id(row: &Value) -> String {
    row["id"].as_str().unwrap_or_else(|| panic!("no row: {row}")).into()
}

/// What is wrong, in a line: `name required`, `name too_long 80`, `name_taken name`, `in_use`.
pub fn refusal(response: &Response) -> String {
    if response.status < 400 {
        return format!("taken: {}", response.status);
    }
    let body = response.json();
    let (word, none) = (body["error"].as_str().unwrap(), Map::new());
    let fields = body["fields"].as_object().unwrap_or(&none);
    let whys: Vec<String> = fields.iter().map(|(field, why)| of_field(word, field, why)).collect();
    if word == "invalid" { whys.join("; ") } else { [vec![word.into()], whys].concat().join(" ") }
}

fn of_field(word: &str, field: &str, why: &Value) -> String {
    if word != "invalid" {
        return field.into();
    }
    let said = why.as_object().unwrap().values();
    let said = said.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    [vec![field.to_owned()], said.collect()].concat().join(" ")
}

/// What a row must have, field by field; a row in it likewise.
fn assert_has(row: &str, shown: &Value, kept: &Value) {
    for (field, value) in kept.as_object().unwrap() {
        assert_eq!(shown[field], *value, "{row}: {field}");
    }
}

fn said(declared: &Value, part: &str) -> String {
    let words = |list: &Value| list.as_array().unwrap().iter().map(text).collect::<Vec<_>>();
    let tab = || declared["tabs"].as_array().unwrap().iter().find(|tab| tab["name"] == part);
    let ruled = || declared["rules"].as_array().unwrap().iter().filter(|rule| rule["rule"] == part);
    let words = match part {
        "counted" => ruled().map(|rule| text(&rule["field"])).collect(),
        "columns" => {
            let author = declared["author"] == true;
            let author = author.then(|| "created_by".to_owned());
            words(&declared["list"]).into_iter().chain(author).chain(words(&declared["counts"])).collect()
        }
        "tabs" | "may" | "search" | "filters" | "batch" => words(&declared[part]),
        _ => words(&tab().unwrap_or_else(|| panic!("no tab {part}"))["fields"]),
    };
    words.join(" ")
}

fn text(word: &Value) -> String {
    word.as_str().or(word["name"].as_str()).unwrap().into()
}

fn filled(value: &Value, number: &str) -> Value {
    match value {
        Value::String(text) => text.replace('#', number).into(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), filled(value, number))).collect(),
        other => other.clone(),
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
