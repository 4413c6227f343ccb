//! How the fields of a record stand in its form where the office orders them itself, and what of them is kept from
//! whom; what the office added is named `custom.name`.

use super::{Refusals, Why, index::at, resource::CUSTOM};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A field in its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placed {
    pub field: String,
    /// `A` or `B`: the fields of `B` come after those of `A` and are highlighted.
    pub area: &'static str,
    /// Nobody saves the record without it.
    pub required: bool,
    /// It says so itself, whatever is said of its place.
    pub always_required: bool,
    /// It can be set in the record of a call.
    pub call_record: bool,
    /// Per cent of the field's width; 0: the label stands above.
    pub label_width: i64,
    /// Per cent of the form's width; 0: as it is wide by itself.
    pub content_width: i64,
}

/// Fields of a record that somebody is not shown, and those that they are shown and do not change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptFrom {
    pub unseen: BTreeSet<String>,
    pub unedited: BTreeSet<String>,
}

impl KeptFrom {
    pub fn is_nothing(&self) -> bool {
        self.unseen.is_empty() && self.unedited.is_empty()
    }

    pub fn edits(&self, field: &str) -> bool {
        !self.unseen.contains(field) && !self.unedited.contains(field)
    }

    /// Takes out of a row what is not shown of the fields that the office added.
    pub fn hide(&self, row: &mut Value) {
        if let Some(own) = row.get_mut(CUSTOM).and_then(Value::as_object_mut) {
            own.retain(|name, _| !self.unseen.contains(&path(name)));
        }
    }

    /// Refuses what was typed over a field that they do not change; a form that sends it as it is changes nothing.
    pub fn refuse(&self, given: &Map<String, Value>, before: &Value, refusals: &mut Refusals) {
        let own = given.get(CUSTOM).and_then(Value::as_object).into_iter().flatten();
        let own = own.map(|(name, typed)| (path(name), typed));
        let fixed = given.iter().filter(|(field, _)| *field != CUSTOM).map(|(field, typed)| (field.clone(), typed));
        for (field, typed) in own.chain(fixed).filter(|(field, _)| !self.edits(field)) {
            if !same(typed, at(before, &field)) {
                refusals.add(&field, Why::Forbidden);
            }
        }
    }
}

/// Where a field of the office stands.
pub fn path(name: &str) -> String {
    format!("{CUSTOM}.{name}")
}

/// Nothing is nothing, whether it is left out, null or an empty line.
fn same(typed: &Value, kept: &Value) -> bool {
    match (typed, kept) {
        (Value::String(typed), Value::String(kept)) => typed.trim() == kept,
        (typed, kept) if is_empty(typed) => is_empty(kept),
        (typed, kept) => typed == kept,
    }
}

/// Whether nothing stands in a field.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(fields: &[&str]) -> BTreeSet<String> {
        fields.iter().map(|field| field.to_string()).collect()
    }

    /// FLD-32, FLD-34
    #[test]
    fn what_is_kept_from_somebody_is_neither_shown_nor_set() {
        let kept = KeptFrom { unseen: set(&["custom.wage"]), unedited: set(&["email", "custom.car"]) };
        let before = json!({ "email": "a@b.c", "custom": { "wage": "9", "car": "Audi", "size": "44" } });
        let mut shown = before.clone();
        kept.hide(&mut shown);
        assert_eq!(shown["custom"], json!({ "car": "Audi", "size": "44" }));
        let refused = |given: Value| {
            let mut refusals = Refusals::default();
            kept.refuse(given.as_object().unwrap(), &before, &mut refusals);
            refusals.iter().map(|refusal| refusal.field.clone()).collect::<Vec<_>>()
        };
        assert_eq!(refused(json!({ "email": " a@b.c ", "custom": { "car": "Audi", "size": "45" } })), [] as [&str; 0]);
        assert_eq!(refused(json!({ "email": null, "custom": { "car": "" } })), ["custom.car", "email"]);
        assert_eq!(refused(json!({ "custom": { "wage": "10" } })), ["custom.wage"]);
    }
}
