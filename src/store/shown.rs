//! A row as it is shown: its number, its revision, its times, its fields, what is counted; never a secret.

use crate::{
    model::Person,
    schema::{Actor, Id, Resource, Rule, Tenant, envelope::Envelope},
};
use serde_json::{Map, Value, json};

/// What stands for a secret that is set (BOX-170).
pub const MASK: &str = "***";

pub fn shown(resource: &Resource, tenant: &Tenant, envelope: &Envelope, value: &Value) -> Value {
    let mut row = Map::new();
    row.insert("id".into(), json!(envelope.id));
    row.insert("rev".into(), json!(envelope.rev));
    row.insert("created_at".into(), json!(envelope.created_at));
    row.insert("updated_at".into(), json!(envelope.updated_at));
    row.extend(fields(resource, value));
    if resource.author {
        row.insert("created_by".into(), author(tenant, &envelope.created_by).into());
    }
    for rule in resource.rules {
        if let Rule::Members { field, noun, by } = rule {
            let users = tenant.users(resource.name, envelope.id);
            let members = users.filter(|link| (link.noun, link.field) == (*noun, *by)).map(|link| json!(link.id));
            row.insert((*field).into(), members.collect());
        }
    }
    for count in resource.counts {
        row.insert(count.name.into(), tenant.count(resource.name, envelope.id, count.noun, count.field).into());
    }
    Value::Object(row)
}

/// An agent by its number, an account by the name with which it signs in; nothing, if it is gone.
fn author(tenant: &Tenant, by: &Actor) -> String {
    let person = match by {
        Actor::Account(id) => Person::Account(Id(*id)),
        Actor::Agent(id) => Person::Agent(Id(*id)),
        Actor::Api => return "api".into(),
        Actor::System => return String::new(),
    };
    person.username(tenant).unwrap_or_default()
}

/// The one row of a noun while nobody has set it.
pub fn unset(resource: &Resource, value: &Value) -> Value {
    let mut row = Map::from_iter([("rev".to_owned(), json!(0))]);
    row.extend(fields(resource, value));
    Value::Object(row)
}

fn fields<'a>(resource: &'a Resource, value: &'a Value) -> impl Iterator<Item = (String, Value)> + 'a {
    resource.fields().map(|(field, schema)| {
        let hidden = schema["x-kept"].is_string() && !value[field].is_null();
        (field.to_owned(), if hidden { masked(schema, &value[field]) } else { value[field].clone() })
    })
}

/// API-5: of some secrets the end is shown.
fn masked(schema: &Value, secret: &Value) -> Value {
    let end = secret["end"].as_str().filter(|_| shows_end(schema)).unwrap_or_default();
    format!("{MASK}{end}").into()
}

/// Whether the end of a secret is shown, so that an empty one says that there is none.
pub fn shows_end(schema: &Value) -> bool {
    schema["x-tail"].is_u64()
}
