//! Somebody of the office: an account or an agent.

use super::reference;
use crate::schema::{Id, Why};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;
use std::borrow::Cow;

pub const KIND: &str = "person";
const TYPES: [&str; 2] = ["account", "agent"];

/// As JSON: `{"type":"agent","target":"7"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "target", rename_all = "snake_case")]
pub enum Person {
    Account(Id),
    Agent(Id),
}

/// As JSON, whatever is wrong with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(rename = "type", borrow)]
    word: Cow<'a, str>,
    #[serde(default, borrow)]
    target: Option<Cow<'a, str>>,
}

impl Written<'_> {
    fn read(&self) -> Result<Person, Why> {
        let row = || self.target.as_deref().ok_or(Why::Required).and_then(reference::number);
        match self.word.trim() {
            "account" => row().map(Person::Account),
            "agent" => row().map(Person::Agent),
            "" => Err(Why::Required),
            _ => Err(Why::Choice),
        }
    }
}

/// Holds a typed-in person against the kind.
pub fn checked(value: &Value) -> Result<(), Why> {
    Written::deserialize(value).map_err(|_| Why::Type)?.read().map(drop)
}

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Written::deserialize(from)?.read().map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl JsonSchema for Person {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        KIND.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object", "properties": { "type": { "enum": TYPES }, "target": { "type": "string" } },
            "required": ["type", "target"], "x-kind": KIND, "x-types": TYPES
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// DEP-15 reading
    #[test]
    fn a_person_is_an_account_or_an_agent() {
        let agent = json!({ "type": "agent", "target": "7" });
        let read: Person = serde_json::from_value(agent.clone()).unwrap();
        assert_eq!((read, json!(read)), (Person::Agent(Id(7)), agent));
        assert_eq!(checked(&json!({ "type": "account", "target": " 3 " })), Ok(()));
        for (bad, why) in [
            (json!({ "type": "ivr", "target": "7" }), Why::Choice),
            (json!({ "type": "", "target": "7" }), Why::Required),
            (json!({ "type": "agent" }), Why::Required),
            (json!({ "type": "agent", "target": "x" }), Why::Pattern),
            (json!({ "type": "agent", "target": 7 }), Why::Type),
            (json!({ "type": "agent", "target": "7", "more": 1 }), Why::Type),
        ] {
            assert_eq!(checked(&bad), Err(why), "{bad}");
            assert!(serde_json::from_value::<Person>(bad).is_err());
        }
    }
}
