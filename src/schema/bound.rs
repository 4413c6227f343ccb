//! What one record holds the rest of the office to (UPS-101): what is not there for it, and the most of what is. It is
//! kept with every snapshot, so that whoever shows or takes a field asks in one place.

use super::Resource;
use serde_json::Value;
use std::sync::Arc;

/// What it is about is a noun, or one field as `noun.field`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Nothing of it is shown, nor of what refers to it; nobody sets it. What was there before stays as it is.
    Withheld(&'static str),
    /// So many rows, or so much in the field. What is beyond it already stays.
    Most(&'static str, u64),
}

/// Those of a snapshot. Cloning it copies nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds(Option<Arc<[Bound]>>);

impl Bounds {
    pub(super) fn of(bounds: Vec<Bound>) -> Bounds {
        Bounds((!bounds.is_empty()).then(|| bounds.into()))
    }

    fn each(&self) -> impl Iterator<Item = Bound> + '_ {
        self.0.iter().flat_map(|bounds| bounds.iter().copied())
    }

    /// Nouns of which the office has no more than it had from the beginning.
    pub fn withheld(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.each().filter_map(|bound| match bound {
            Bound::Withheld(what) if !what.contains('.') => Some(what),
            _ => None,
        })
    }

    pub fn withholds_noun(&self, noun: &str) -> bool {
        self.withheld().any(|withheld| withheld == noun)
    }

    /// Whether a field is, for itself or for what it refers to.
    pub fn withholds(&self, resource: &Resource, field: &str) -> bool {
        self.0.is_some() && (self.withholds_column(resource.name, field) || self.withheld_of(resource, field).is_some())
    }

    /// The same of a table without a form, whose columns are named as what they refer to.
    pub fn withholds_column(&self, table: &str, column: &str) -> bool {
        self.each().any(|bound| match bound {
            Bound::Withheld(what) => what == column || what.split_once('.') == Some((table, column)),
            Bound::Most(..) => false,
        })
    }

    /// The withheld noun to which a field refers.
    pub fn withheld_of(&self, resource: &Resource, field: &str) -> Option<&'static str> {
        let schema = resource.field(field)?;
        self.withheld().find(|noun| schema["x-to"] == *noun || schema["items"]["x-to"] == *noun)
    }

    /// Rows of a noun at most.
    pub fn most_rows(&self, noun: &str) -> Option<u64> {
        self.most(|what| what == noun)
    }

    /// The most that may stand in a field.
    pub fn most_in(&self, noun: &str, field: &str) -> Option<u64> {
        self.most(|what| what.split_once('.') == Some((noun, field)))
    }

    fn most(&self, is_about: impl Fn(&str) -> bool) -> Option<u64> {
        self.each().find_map(|bound| match bound {
            Bound::Most(what, most) if is_about(what) => Some(most),
            _ => None,
        })
    }

    /// Whether a value is more than may stand in a field.
    pub fn is_beyond(&self, noun: &str, field: &str, value: &Value) -> Option<u64> {
        self.most_in(noun, field).filter(|most| value.as_u64().is_some_and(|value| value > *most))
    }
}
