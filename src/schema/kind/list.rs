//! Several values of one kind, in their order.

use crate::schema::Why;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{borrow::Cow, ops::Deref};

/// `MIN` to `MAX` entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct List<T, const MIN: u64, const MAX: u64>(Vec<T>);

impl<T, const MIN: u64, const MAX: u64> List<T, MIN, MAX> {
    pub fn new(entries: Vec<T>) -> Result<Self, Why> {
        match entries.len() as u64 {
            count if count < MIN => Err(Why::Required),
            count if count > MAX => Err(Why::TooMany { max: MAX }),
            _ => Ok(List(entries)),
        }
    }
}

impl<T, const MIN: u64, const MAX: u64> Deref for List<T, MIN, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MAX: u64> Default for List<T, 0, MAX> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MIN: u64, const MAX: u64> Deserialize<'de> for List<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        List::new(Vec::deserialize(from)?).map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl<T: JsonSchema, const MIN: u64, const MAX: u64> JsonSchema for List<T, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("list_{}_{MIN}_{MAX}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items, "minItems": MIN, "maxItems": MAX, "x-kind": "list" })
    }
}
