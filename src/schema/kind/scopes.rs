//! Which rows of each scoped table a role shows (ROL-11).

use crate::schema::permission::SCOPED;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, collections::BTreeMap};

/// Wider scopes are greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The own rows.
    #[default]
    #[serde(rename = "self")]
    Own,
    /// Those of the members of the own agent groups.
    Groups,
    All,
}

const CHOICES: [&str; 3] = ["self", "groups", "all"];

/// `self` everywhere beforehand. In JSON an object with every table; one that is left out is `self`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes([Scope; SCOPED.len()]);

impl Scopes {
    /// The same scope everywhere.
    pub fn everywhere(scope: Scope) -> Scopes {
        Scopes([scope; SCOPED.len()])
    }

    /// Tables that have no scope show everything.
    pub fn of(&self, table: &str) -> Scope {
        SCOPED.iter().position(|known| *known == table).map_or(Scope::All, |at| self.0[at])
    }

    /// Tables of which this shows more than the other.
    pub fn wider_than(&self, other: &Scopes) -> impl Iterator<Item = &'static str> {
        SCOPED.iter().zip(self.0.iter().zip(other.0)).filter(|(_, (own, other))| *own > other).map(|(table, _)| *table)
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(SCOPED.iter().zip(self.0))
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Scopes, D::Error> {
        let mut scopes = Scopes::default();
        for (table, scope) in BTreeMap::<String, Scope>::deserialize(from)? {
            let at = SCOPED.iter().position(|known| *known == table);
            scopes.0[at.ok_or_else(|| D::Error::custom(format!("{table} has no scope")))?] = scope;
        }
        Ok(scopes)
    }
}

impl JsonSchema for Scopes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "scopes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let scope = || json!({ "type": "string", "enum": CHOICES, "x-kind": "choice", "default": CHOICES[0] });
        let tables: Map<String, Value> = SCOPED.iter().map(|table| ((*table).to_string(), scope())).collect();
        json_schema!({ "type": "object", "properties": tables, "additionalProperties": false, "x-kind": "scopes" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ROL-11
    #[test]
    fn a_new_role_shows_the_own_rows_only() {
        let scopes: Scopes = serde_json::from_value(json!({})).unwrap();
        assert!(SCOPED.iter().all(|table| scopes.of(table) == Scope::Own));
        assert_eq!(scopes.of("agent"), Scope::All);
        let some: Scopes = serde_json::from_value(json!({ "call_record": "groups", "customer": "all" })).unwrap();
        assert_eq!((some.of("call_record"), some.of("customer")), (Scope::Groups, Scope::All));
        assert_eq!(some.wider_than(&scopes).collect::<Vec<_>>(), ["call_record", "customer"]);
        assert_eq!(scopes.wider_than(&some).count(), 0);
        assert_eq!(serde_json::from_value::<Scopes>(json!(some)).unwrap(), some);
        for wrong in [json!({ "agent": "all" }), json!({ "customer": "team" }), json!([]), json!("all")] {
            assert!(serde_json::from_value::<Scopes>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
