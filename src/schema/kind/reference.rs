//! A row of another noun, by its number.

use super::line::Form;
use crate::schema::{Id, Model, Row, Tenant, Why};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{borrow::Cow, fmt, marker::PhantomData, sync::Arc};

/// The number of a row of `M`; that the row is there is held when it is written.
pub struct Ref<M> {
    pub id: Id,
    of: PhantomData<fn() -> M>,
}

impl<M: Model> Ref<M> {
    pub const fn to(id: Id) -> Ref<M> {
        Ref { id, of: PhantomData }
    }

    pub fn row<'t>(&self, tenant: &'t Tenant) -> Option<&'t Arc<Row<M>>> {
        tenant.table::<M>().row(self.id)
    }
}

/// How a number of a row is written.
pub struct Number;

impl Form for Number {
    const KIND: &'static str = "ref";
    const MIN: u64 = 1;
    const MAX: u64 = 20;
    fn fits(text: &str) -> bool {
        text.parse::<Id>().is_ok()
    }
}

/// The number that was typed, or why it is none.
pub fn number(text: &str) -> Result<Id, Why> {
    let text = text.trim();
    super::line::checked(text, Number::MIN, Number::MAX, Number::fits)?;
    text.parse().map_err(|_| Why::Pattern)
}

impl<M> Clone for Ref<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Ref<M> {}

impl<M> PartialEq for Ref<M> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<M> Eq for Ref<M> {}

impl<M> fmt::Debug for Ref<M> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&self.id, f)
    }
}

impl<M> Serialize for Ref<M> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(to)
    }
}

impl<'de, M: Model> Deserialize<'de> for Ref<M> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        number(&text).map(Ref::to).map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl<M: Model> JsonSchema for Ref<M> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ref_{}", M::NAME).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "minLength": Number::MIN, "maxLength": Number::MAX,
            "x-kind": Number::KIND, "x-to": M::NAME
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-17: a row has one number, written one way
    #[test]
    fn a_reference_is_the_number_of_a_row() {
        assert_eq!(number(" 12 "), Ok(Id(12)));
        for (bad, why) in [("", Why::Required), ("012", Why::Pattern), ("x", Why::Pattern)] {
            assert_eq!(number(bad), Err(why), "{bad}");
        }
    }
}
