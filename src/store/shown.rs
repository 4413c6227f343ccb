//! A row as it is shown: its number, its revision, its times, its fields; never a secret.

use crate::schema::{Resource, envelope::Envelope};
use serde_json::{Map, Value, json};

/// What stands for a secret that is set (BOX-170).
pub const MASK: &str = "***";

pub fn shown(resource: &Resource, envelope: &Envelope, value: &Value) -> Value {
    let mut row = Map::new();
    row.insert("id".into(), json!(envelope.id));
    row.insert("rev".into(), json!(envelope.rev));
    row.insert("created_at".into(), json!(envelope.created_at));
    row.insert("updated_at".into(), json!(envelope.updated_at));
    for (field, schema) in resource.fields() {
        let hidden = schema["x-kept"].is_string() && !value[field].is_null();
        row.insert(field.into(), if hidden { MASK.into() } else { value[field].clone() });
    }
    Value::Object(row)
}
