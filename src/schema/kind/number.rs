//! A whole number with limits.

use crate::schema::Why;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::borrow::Cow;

/// From `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Number<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Number<MIN, MAX> {
    pub fn new(number: i64) -> Result<Self, Why> {
        if (MIN..=MAX).contains(&number) { Ok(Number(number)) } else { Err(Why::OutOfRange { min: MIN, max: MAX }) }
    }

    /// A number that stands in the program; it must fit.
    pub const fn literal(number: i64) -> Self {
        assert!(MIN <= number && number <= MAX);
        Number(number)
    }

    pub fn value(self) -> i64 {
        self.0
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Number<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Number::new(i64::deserialize(from)?).map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl<const MIN: i64, const MAX: i64> JsonSchema for Number<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("number_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX, "x-kind": "number" })
    }
}
