//! Which row refers to which, found by walking values and their schemas together; kept with every snapshot, so that
//! asking who uses a row costs what its users are, not what the box holds.

use super::{Id, Resource, check, kind::destination};
use rpds::RedBlackTreeSetSync;
use serde_json::{Map, Value};
use std::{ops::Bound, sync::Arc};

/// One field of one row refers to another row. Ordered by what is referred to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    pub to_noun: Arc<str>,
    pub to: Id,
    pub noun: &'static str,
    pub field: &'static str,
    pub id: Id,
}

/// Every reference of a snapshot. Cloning it copies nothing.
#[derive(Clone, Debug, Default)]
pub struct Links(RedBlackTreeSetSync<Link>);

impl Links {
    /// Who refers to a row, grouped by noun and field.
    pub fn users(&self, noun: &str, id: Id) -> impl Iterator<Item = &Link> {
        self.between(noun, id, ("", ""), move |link| link.to == id)
    }

    /// How many rows of `user` refer to a row in `field`.
    pub fn count(&self, noun: &str, id: Id, user: &'static str, field: &'static str) -> usize {
        self.between(noun, id, (user, field), move |link| (link.to, link.noun, link.field) == (id, user, field)).count()
    }

    fn between<'a>(
        &'a self,
        noun: &str,
        to: Id,
        (user, field): (&'static str, &'static str),
        still: impl Fn(&Link) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Link> {
        let to_noun: Arc<str> = noun.into();
        let first = Link { to_noun: to_noun.clone(), to, noun: user, field, id: Id(0) };
        let rest = self.0.range((Bound::Included(first), Bound::Unbounded));
        rest.take_while(move |link| link.to_noun == to_noun && still(link))
    }

    pub(super) fn add(&mut self, resource: &Resource, id: Id, value: &Value) {
        each(resource, value, |field, to_noun, to| {
            self.0.insert_mut(Link { to_noun: to_noun.into(), to, noun: resource.name, field, id });
        });
    }

    pub(super) fn drop(&mut self, resource: &Resource, id: Id, value: &Value) {
        each(resource, value, |field, to_noun, to| {
            self.0.remove_mut(&Link { to_noun: to_noun.into(), to, noun: resource.name, field, id });
        });
    }
}

/// Every reference in a row's value: the field, the noun and the number of what it refers to.
pub fn each(resource: &Resource, value: &Value, mut found: impl FnMut(&'static str, &str, Id)) {
    for field in resource.referring() {
        if let Some(schema) = resource.field(field) {
            inside(schema, &value[*field], &mut |noun, id| found(field, noun, id));
        }
    }
}

/// Every reference in a value of this schema.
pub fn inside(schema: &Value, value: &Value, found: &mut dyn FnMut(&str, Id)) {
    if let Some((noun, id)) = reference(schema, value) {
        return found(noun, id);
    }
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| inside(&schema["items"], entry, found)),
        Value::Object(fields) => {
            for (field, value) in fields {
                inside(&schema["properties"][field], value, found);
            }
        }
        _ => {}
    }
}

/// What a value refers to, itself and not something in it.
fn reference<'a>(schema: &'a Value, value: &'a Value) -> Option<(&'a str, Id)> {
    let number = |value: &Value| value.as_str()?.trim().parse().ok();
    if let Some(noun) = schema["x-to"].as_str() {
        return Some((noun, number(value)?));
    }
    if schema["x-types"].is_array() {
        return Some((destination::noun(value["type"].as_str()?)?, number(&value["target"])?));
    }
    None
}

/// Whether a value of this schema can refer to anything.
pub fn can_refer(schema: &Value) -> bool {
    schema["x-to"].is_string()
        || schema["x-types"].is_array()
        || schema.get("items").is_some_and(can_refer)
        || schema["properties"].as_object().into_iter().flat_map(Map::values).any(can_refer)
}

/// Whether a value of this schema can refer to rows of this noun.
pub fn can_refer_to(schema: &Value, noun: &str) -> bool {
    let types = schema["x-types"].as_array().into_iter().flatten();
    schema["x-to"] == noun
        || types.filter_map(Value::as_str).any(|word| destination::noun(word) == Some(noun))
        || schema.get("items").is_some_and(|items| can_refer_to(items, noun))
        || schema["properties"].as_object().into_iter().flat_map(Map::values).any(|field| can_refer_to(field, noun))
}

/// The value without its references to a row: an optional one becomes empty, the entry of a list is dropped.
/// None: the field cannot be without.
pub fn without(schema: &Value, value: &Value, noun: &str, id: Id) -> Option<Value> {
    let left = left(schema, value, noun, id)?;
    check::value_of(schema, &left).is_ok().then_some(left)
}

fn left(schema: &Value, value: &Value, noun: &str, id: Id) -> Option<Value> {
    if reference(schema, value) == Some((noun, id)) {
        return check::is_of(schema, "null").then_some(Value::Null);
    }
    Some(match value {
        Value::Array(entries) => entries.iter().filter_map(|entry| left(&schema["items"], entry, noun, id)).collect(),
        Value::Object(fields) if schema["x-types"].is_null() => {
            let kept = fields
                .iter()
                .map(|(field, value)| Some((field.clone(), left(&schema["properties"][field], value, noun, id)?)));
            Value::Object(kept.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form() -> Value {
        let of = |noun: &str| json!({ "type": "string", "x-kind": "ref", "x-to": noun });
        let optional = json!({ "type": ["object", "null"], "x-kind": "destination", "x-types": ["agent_group"] });
        let skill = json!({ "agent": of("agent"), "level": { "type": "integer" }, "overflow": optional });
        json!({ "type": "object", "properties": {
            "skills": { "type": "array", "maxItems": 9, "items": {
                "type": "object", "x-kind": "row", "properties": skill, "required": ["agent", "level"] } },
            "tags": { "type": "array", "minItems": 1, "maxItems": 9, "items": of("tag") },
        } })
    }

    fn value() -> Value {
        let skill = |agent: &str, group: &str| json!({ "agent": agent, "level": 1, "overflow": { "type": "agent_group", "target": group } });
        json!({ "skills": [skill("1", "7"), skill("2", "8")], "tags": ["1", "2"] })
    }

    /// LST-25
    #[test]
    fn references_are_found_in_lists_rows_and_destinations() {
        let mut found = Vec::new();
        inside(&form(), &value(), &mut |noun, id| found.push(format!("{noun} {id}")));
        assert_eq!(found, ["agent 1", "agent_group 7", "agent 2", "agent_group 8", "tag 1", "tag 2"]);
        assert!(can_refer(&form()) && !can_refer(&json!({ "type": "string", "x-kind": "name" })));
    }

    /// KNO-11, KNO-12: what must not be empty does not let go of the last
    #[test]
    fn what_refers_lets_go_where_it_can() {
        let (form, value) = (form(), value());
        let skills = |noun, id| without(&form["properties"]["skills"], &value["skills"], noun, Id(id)).unwrap();
        assert_eq!(skills("agent", 1), json!([value["skills"][1]]));
        assert_eq!(skills("agent_group", 7)[0], json!({ "agent": "1", "level": 1, "overflow": null }));
        assert_eq!(skills("agent", 9), value["skills"]);
        let tags = |tags: Value| without(&form["properties"]["tags"], &tags, "tag", Id(1));
        assert_eq!(tags(json!(["1", "2"])), Some(json!(["2"])));
        assert_eq!(tags(json!(["1"])), None);
    }
}
