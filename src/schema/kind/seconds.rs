//! A length of time in whole seconds, with limits.

use super::number::Number;
use crate::schema::Why;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, time::Duration};

/// From `MIN` to `MAX` seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds<const MIN: i64, const MAX: i64>(Number<MIN, MAX>);

impl<const MIN: i64, const MAX: i64> Seconds<MIN, MAX> {
    pub fn new(seconds: i64) -> Result<Self, Why> {
        Number::new(seconds).map(Seconds)
    }

    /// A length that stands in the program; it must fit.
    pub const fn literal(seconds: i64) -> Self {
        Seconds(Number::literal(seconds))
    }

    pub fn length(self) -> Duration {
        Duration::from_secs(self.0.value().max(0) as u64)
    }
}

impl<const MIN: i64, const MAX: i64> JsonSchema for Seconds<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("seconds_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX, "x-kind": "seconds" })
    }
}
