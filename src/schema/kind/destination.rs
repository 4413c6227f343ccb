//! Where a call goes next (DST rows): what kind of thing, and which.

use super::{phone::Phone, reference};
use crate::schema::{Id, Why};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;
use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

pub const KIND: &str = "destination";

/// Every place a call can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    Ivr(Id),
    RingGroup(Id),
    Condition(Id),
    Playlist(Id),
    AgentGroup(Id),
    Agent(Id),
    OutsideNumber(Phone),
    HangUp,
    /// Of the blacklist and of DNC alone, as are those below (BLK-3 reading).
    RingTone,
    Voice(Id),
    HoldMusic(Id),
}

/// Which types of `To` a field allows.
pub trait Types: 'static {
    const TYPES: &'static [&'static str];
}

/// DST-1
pub struct Usual;

impl Types for Usual {
    const TYPES: &'static [&'static str] =
        &["ivr", "ring_group", "condition", "playlist", "agent_group", "agent", "outside_number", "hang_up"];
}

/// What a call that must not be is sent to (BLK-3 reading).
pub struct Turned;

impl Types for Turned {
    const TYPES: &'static [&'static str] = &[
        "hang_up",
        "ring_tone",
        "voice",
        "hold_music",
        "ivr",
        "ring_group",
        "condition",
        "playlist",
        "agent_group",
        "agent",
        "outside_number",
    ];
}

/// One of the types that `W` allows. An optional one that is empty hangs up, where its row does not say otherwise.
pub struct Destination<W: Types = Usual> {
    to: To,
    of: PhantomData<fn() -> W>,
}

impl<W: Types> Destination<W> {
    /// Refused with `Choice` for a type that is not allowed here.
    pub fn new(to: To) -> Result<Self, Why> {
        if W::TYPES.contains(&to.word()) { Ok(Destination { to, of: PhantomData }) } else { Err(Why::Choice) }
    }

    pub fn to(&self) -> &To {
        &self.to
    }
}

impl To {
    /// The word of its type.
    pub fn word(&self) -> &'static str {
        match self {
            To::Ivr(_) => "ivr",
            To::RingGroup(_) => "ring_group",
            To::Condition(_) => "condition",
            To::Playlist(_) => "playlist",
            To::AgentGroup(_) => "agent_group",
            To::Agent(_) => "agent",
            To::OutsideNumber(_) => "outside_number",
            To::HangUp => "hang_up",
            To::RingTone => "ring_tone",
            To::Voice(_) => "voice",
            To::HoldMusic(_) => "hold_music",
        }
    }

    /// The row that is its target, of the noun of its word.
    pub fn row(&self) -> Option<Id> {
        match self {
            To::Ivr(id)
            | To::RingGroup(id)
            | To::Condition(id)
            | To::Playlist(id)
            | To::AgentGroup(id)
            | To::Agent(id)
            | To::Voice(id)
            | To::HoldMusic(id) => Some(*id),
            To::OutsideNumber(_) | To::HangUp | To::RingTone => None,
        }
    }

    fn target(&self) -> Option<Cow<'_, str>> {
        match self {
            To::OutsideNumber(number) => Some((&**number).into()),
            _ => self.row().map(|id| id.to_string().into()),
        }
    }

    /// Refused with `Choice` for no type, else with what is wrong with the target.
    fn read(word: &str, target: Option<&str>) -> Result<To, Why> {
        let row = || target.ok_or(Why::Required).and_then(reference::number);
        let none = |to: To| if target.is_none() { Ok(to) } else { Err(Why::Type) };
        Ok(match word {
            "ivr" => To::Ivr(row()?),
            "ring_group" => To::RingGroup(row()?),
            "condition" => To::Condition(row()?),
            "playlist" => To::Playlist(row()?),
            "agent_group" => To::AgentGroup(row()?),
            "agent" => To::Agent(row()?),
            "outside_number" => To::OutsideNumber(Phone::new(target.ok_or(Why::Required)?)?),
            "hang_up" => none(To::HangUp)?,
            "ring_tone" => none(To::RingTone)?,
            "voice" => To::Voice(row()?),
            "hold_music" => To::HoldMusic(row()?),
            _ => return Err(Why::Choice),
        })
    }
}

/// The noun whose row is the target of this type; none: the target is a number, or nothing.
pub fn noun(word: &str) -> Option<&str> {
    match word {
        "voice" | "hold_music" => Some("media"),
        "outside_number" | "hang_up" | "ring_tone" => None,
        noun => Some(noun),
    }
}

/// As JSON, whatever is wrong with it: `{"type":"agent_group","target":"7"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(rename = "type")]
    word: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<Cow<'a, str>>,
}

impl Written<'_> {
    fn read(&self, allowed: impl Fn(&str) -> bool) -> Result<To, Why> {
        let word = self.word.trim();
        if !allowed(word) {
            return Err(if word.is_empty() { Why::Required } else { Why::Choice });
        }
        To::read(word, self.target.as_deref())
    }
}

/// Holds a typed-in destination against its schema.
pub fn checked(schema: &Value, value: &Value) -> Result<(), Why> {
    let written = Written::deserialize(value).map_err(|_| Why::Type)?;
    let types = schema["x-types"].as_array().map_or(&[][..], Vec::as_slice);
    written.read(|word| types.iter().any(|known| known == word)).map(drop)
}

impl<W: Types> Deref for Destination<W> {
    type Target = To;
    fn deref(&self) -> &To {
        &self.to
    }
}

impl<W: Types> Clone for Destination<W> {
    fn clone(&self) -> Self {
        Destination { to: self.to.clone(), of: PhantomData }
    }
}

impl<W: Types> PartialEq for Destination<W> {
    fn eq(&self, other: &Self) -> bool {
        self.to == other.to
    }
}

impl<W: Types> Eq for Destination<W> {}

impl<W: Types> fmt::Debug for Destination<W> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.to.fmt(f)
    }
}

impl Serialize for To {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Written { word: self.word().into(), target: self.target() }.serialize(to)
    }
}

/// Of every type; a `Destination` says which are allowed where.
impl<'de> Deserialize<'de> for To {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let to = Written::deserialize(from)?.read(|_| true);
        to.map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl<W: Types> Serialize for Destination<W> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.to.serialize(to)
    }
}

impl<'de, W: Types> Deserialize<'de> for Destination<W> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let to = Written::deserialize(from)?.read(|word| W::TYPES.contains(&word));
        to.and_then(Destination::new).map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl<W: Types> JsonSchema for Destination<W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("destination_{}", W::TYPES.join("_")).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object", "properties": { "type": { "enum": W::TYPES }, "target": { "type": "string" } },
            "required": ["type"], "x-kind": KIND, "x-types": W::TYPES
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read<W: Types>(value: Value) -> Result<To, Why> {
        let schema = schemars::schema_for!(Destination<W>).to_value();
        let read = serde_json::from_value::<Destination<W>>(value.clone());
        let checked = checked(&schema, &value);
        assert_eq!(read.is_ok(), checked.is_ok(), "the schema and the type agree on {value}");
        checked.map(|()| read.unwrap().to)
    }

    /// DST-1, DST-8, DST-9
    #[test]
    fn a_call_goes_to_one_of_eight() {
        for word in ["ivr", "ring_group", "condition", "playlist", "agent_group", "agent"] {
            let value = json!({ "type": word, "target": "7" });
            assert_eq!(json!(Destination::<Usual>::new(read::<Usual>(value.clone()).unwrap()).unwrap()), value);
            assert_eq!(noun(word), Some(word));
        }
        let outside = json!({ "type": "outside_number", "target": "+86 10-8800" });
        assert_eq!(read::<Usual>(outside), Ok(To::OutsideNumber(Phone::literal("86108800"))));
        assert_eq!(read::<Usual>(json!({ "type": "hang_up" })), Ok(To::HangUp));
        assert_eq!(read::<Usual>(json!({ "type": "hang_up", "target": null })), Ok(To::HangUp));
        for (bad, why) in [
            (json!({ "type": "hang_up", "target": "7" }), Why::Type),
            (json!({ "type": "agent" }), Why::Required),
            (json!({ "type": "agent", "target": "x" }), Why::Pattern),
            (json!({ "type": "agent", "target": 7 }), Why::Type),
            (json!({ "type": "voice", "target": "7" }), Why::Choice),
            (json!({ "type": "moon", "target": "7" }), Why::Choice),
            (json!({ "type": "" }), Why::Required),
            (json!({ "type": "agent", "target": "7", "more": 1 }), Why::Type),
            (json!({}), Why::Type),
        ] {
            assert_eq!(read::<Usual>(bad.clone()), Err(why), "{bad}");
        }
    }

    /// BLK-3 reading
    #[test]
    fn a_blocked_call_may_hear_a_file() {
        assert_eq!(read::<Turned>(json!({ "type": "voice", "target": "7" })), Ok(To::Voice(Id(7))));
        assert_eq!(read::<Turned>(json!({ "type": "ring_tone" })), Ok(To::RingTone));
        assert_eq!(noun("voice"), Some("media"));
    }
}
