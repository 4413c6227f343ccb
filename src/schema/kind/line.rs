//! A line of text whose kind says how long it is and what may stand in it.

use crate::schema::Why;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

/// What a kind of line allows. Lengths count Unicode characters (LST-22).
pub trait Form: 'static {
    const KIND: &'static str;
    const MIN: u64 = 0;
    const MAX: u64;
    /// Sealed at rest and never shown (BOX-57).
    const SEALED: bool = false;
    /// What the panel offers to choose from, where any other that fits is taken too.
    const OFFERED: &'static [&'static str] = &[];
    /// What is kept of what was typed, its ends already trimmed.
    fn meant(text: &str) -> Cow<'_, str> {
        text.into()
    }
    fn fits(text: &str) -> bool;
}

/// Text without spaces at its ends (LST-20) that fits its form.
pub struct Line<F> {
    text: Box<str>,
    form: PhantomData<fn() -> F>,
}

impl<F: Form> Line<F> {
    /// Takes typed text, or says why not.
    pub fn new(text: &str) -> Result<Self, Why> {
        let text = F::meant(text.trim());
        checked(&text, F::MIN, F::MAX, F::fits)?;
        Ok(Line { text: text.into(), form: PhantomData })
    }

    /// Text that stands in the program; it must fit.
    pub fn literal(text: &'static str) -> Self {
        Line::new(text).unwrap_or_else(|why| panic!("{text:?} is no {}: {}", F::KIND, why.sentence()))
    }
}

/// A form without its type.
#[derive(Clone, Copy)]
pub struct Shape {
    pub meant: fn(&str) -> Cow<'_, str>,
    pub fits: fn(&str) -> bool,
}

impl Shape {
    pub fn of<F: Form>() -> Shape {
        Shape { meant: F::meant, fits: F::fits }
    }

    /// Holds typed text against the form, with limits that are known at run time only.
    pub fn checked(self, text: &str, min: u64, max: u64) -> Result<(), Why> {
        checked(&(self.meant)(text.trim()), min, max, self.fits)
    }
}

/// The rule of every line. `text` is what is kept.
pub fn checked(text: &str, min: u64, max: u64, fits: fn(&str) -> bool) -> Result<(), Why> {
    let length = text.chars().count() as u64;
    match length {
        0 if min > 0 => Err(Why::Required),
        _ if length < min => Err(Why::TooShort { min }),
        _ if length > max => Err(Why::TooLong { max }),
        _ if !fits(text) => Err(Why::Pattern),
        _ => Ok(()),
    }
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Any writing, but nothing that moves the cursor or hides.
pub fn writing(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

impl<F> Deref for Line<F> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

impl<F> Clone for Line<F> {
    fn clone(&self) -> Self {
        Line { text: self.text.clone(), form: PhantomData }
    }
}

impl<F> PartialEq for Line<F> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<F> Eq for Line<F> {}

impl<F: Form> fmt::Debug for Line<F> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if F::SEALED { f.write_str("***") } else { self.text.fmt(f) }
    }
}

impl<F> Serialize for Line<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de, F: Form> Deserialize<'de> for Line<F> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        Line::new(&text).map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl<F: Form> JsonSchema for Line<F> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        F::KIND.into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}_{}_{}", F::KIND, F::MIN, F::MAX).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "string", "maxLength": F::MAX, "x-kind": F::KIND });
        if F::MIN > 0 {
            schema.insert("minLength".into(), F::MIN.into());
        }
        if !F::OFFERED.is_empty() {
            schema.insert("x-offered".into(), F::OFFERED.into());
        }
        if F::SEALED {
            schema.insert("writeOnly".into(), true.into());
            schema.insert("x-kept".into(), "sealed".into());
        }
        schema
    }
}
