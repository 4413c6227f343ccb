//! What stands round every stored row: its number, its revision, who wrote it and when.

use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};

/// The number of a row, unique within its noun and never used twice; in JSON a string (LST-17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// It is no number of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoId;

impl fmt::Display for NoId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("no number of a row")
    }
}

impl FromStr for Id {
    type Err = NoId;
    /// Only the way `Display` writes it is taken, so that one row has one address.
    fn from_str(text: &str) -> Result<Id, NoId> {
        let id = Id(text.parse().map_err(|_| NoId)?);
        if id.to_string() == text { Ok(id) } else { Err(NoId) }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// Who asks for something, or wrote something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// The process itself.
    System,
    /// An account, by its id.
    Account(u64),
    Api,
    /// An agent, by its id.
    Agent(u64),
}

impl Actor {
    /// One word for each, for what is kept and compared.
    pub fn word(&self) -> String {
        match self {
            Actor::System => "system".into(),
            Actor::Account(id) => format!("account:{id}"),
            Actor::Api => "api".into(),
            Actor::Agent(id) => format!("agent:{id}"),
        }
    }
}

/// Who may change a row: the office itself, or the operator above who gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    #[default]
    Own,
    Given,
}

/// All of a row but its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub id: Id,
    /// The version of the noun that wrote the value.
    pub version: u16,
    /// Counts the writes to this row from 1; an `ETag` (API-29).
    pub rev: u64,
    pub created_at: Timestamp,
    pub created_by: Actor,
    pub updated_at: Timestamp,
    pub updated_by: Actor,
    #[serde(default)]
    pub origin: Origin,
}

impl Envelope {
    /// Round a row that nobody wrote.
    pub fn first(id: Id, version: u16, at: Timestamp) -> Envelope {
        Envelope {
            id,
            version,
            rev: 1,
            created_at: at,
            created_by: Actor::System,
            updated_at: at,
            updated_by: Actor::System,
            origin: Origin::Own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-17
    #[test]
    fn a_row_has_one_address() {
        assert_eq!("12".parse(), Ok(Id(12)));
        for other in ["012", "+12", "", "-1", "12 ", "0x1", "99999999999999999999"] {
            assert_eq!(other.parse::<Id>(), Err(NoId), "{other}");
        }
        assert_eq!(serde_json::to_string(&Id(7)).unwrap(), "\"7\"");
    }
}
