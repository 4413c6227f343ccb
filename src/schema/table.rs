//! The rows of one noun in a snapshot, and where each unique value stands.

use super::{
    Bound, Held, Id, Model, Rule,
    card::{self, Card},
    envelope::Envelope,
};
use rpds::RedBlackTreeMapSync;
use serde_json::Value;
use std::{any::Any, collections::BTreeMap, fmt, sync::Arc};

/// A row of a noun.
#[derive(Debug)]
pub struct Row<M> {
    pub envelope: Envelope,
    pub value: M,
    card: Card,
}

impl<M> Row<M> {
    pub fn id(&self) -> Id {
        self.envelope.id
    }
}

/// A copy shares everything with its original but what was written since.
pub struct Table<M> {
    /// None: it never had one, for a table without rows is a constant.
    rows: Option<RedBlackTreeMapSync<Id, Arc<Row<M>>>>,
    keys: BTreeMap<&'static str, RedBlackTreeMapSync<Box<str>, Id>>,
}

impl<M: Model> Table<M> {
    pub(super) const EMPTY: &'static Table<M> = &Table { rows: None, keys: BTreeMap::new() };

    pub fn len(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.size())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In the order in which they were added.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Arc<Row<M>>> {
        self.rows.iter().flat_map(|rows| rows.values())
    }

    pub fn row(&self, id: Id) -> Option<&Arc<Row<M>>> {
        self.rows.as_ref()?.get(&id)
    }

    /// The row that has this value in a field that `RULES` calls unique; letter case is ignored (LST-23).
    pub fn by(&self, field: &str, value: &str) -> Option<&Arc<Row<M>>> {
        self.row(self.key(field, value)?)
    }

    fn key(&self, field: &str, value: &str) -> Option<Id> {
        let keys = self.keys.get(field)?;
        let folded = value.chars().any(char::is_uppercase).then(|| value.to_lowercase());
        keys.get(folded.as_deref().unwrap_or(value)).copied()
    }

    /// The number that the next row gets where no disk counts them.
    pub(super) fn next_id(&self) -> Id {
        Id(self.rows().next_back().map_or(1, |row| row.id().0 + 1))
    }

    pub(super) fn set(&mut self, envelope: Envelope, value: M) {
        let json = serde_json::to_value(&value).unwrap_or_default();
        let id = envelope.id;
        self.remove(id);
        for (field, key) in keys_of::<M>(&json) {
            self.keys.entry(field).or_default().insert_mut(key, id);
        }
        let card = Card::of(&json, named::<M>(&json), M::SEARCH, card::columns(M::LIST, M::FILTERS));
        self.rows.get_or_insert_default().insert_mut(id, Arc::new(Row { envelope, value, card }));
    }
}

/// The fields that name a row to people.
fn named<M: Model>(value: &Value) -> &'static [&'static str] {
    match M::NAMED {
        [] if value.get("name").is_some() => &["name"],
        [] => M::LIST.get(..1).unwrap_or(&[]),
        named => named,
    }
}

/// What a row is found by, folded.
fn keys_of<M: Model>(value: &Value) -> Vec<(&'static str, Box<str>)> {
    M::RULES.iter().filter_map(|rule| Some((rule.field(), key_of(rule, value)?.into()))).collect()
}

/// What no second row may have, if the rule says that there is such a thing and the row has it.
pub fn key_of(rule: &Rule, value: &Value) -> Option<String> {
    let key = match rule {
        Rule::Unique { field } | Rule::FreeNumber { field } => value[*field].as_str()?.to_owned(),
        Rule::UniqueWithin { field, within } => key_within(value[*field].as_str()?, &value[*within]),
        _ => return None,
    };
    Some(key.to_lowercase())
}

/// The key of a value that is unique within another one.
pub fn key_within(value: &str, within: &Value) -> String {
    format!("{value}\u{0}{within}")
}

/// A table without the type of its rows; values go as JSON, secrets in clear.
pub trait AnyTable: fmt::Debug + Send + Sync {
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// In the order in which they were added.
    fn ids(&self) -> Vec<Id>;
    fn row(&self, id: Id) -> Option<(&Envelope, Value)>;
    fn envelope(&self, id: Id) -> Option<&Envelope>;
    fn card(&self, id: Id) -> Option<&Card>;
    /// In the order in which they were added.
    fn cards(&self) -> Box<dyn Iterator<Item = (&Envelope, &Card)> + '_>;
    /// The row that has this key in a field that no two rows share.
    fn holder(&self, field: &str, key: &str) -> Option<Id>;
    fn number_holder(&self, number: &str) -> Option<Id>;
    /// To what its one row holds the rest of the office.
    fn bounds(&self) -> Vec<Bound>;
    fn put(&mut self, envelope: Envelope, value: Value) -> Result<(), String>;
    fn remove(&mut self, id: Id);
    fn copy(&self) -> Box<dyn AnyTable>;
    fn any(&self) -> &dyn Any;
    fn any_mut(&mut self) -> &mut dyn Any;
}

impl<M: Model> AnyTable for Table<M> {
    fn len(&self) -> usize {
        self.len()
    }

    fn ids(&self) -> Vec<Id> {
        self.rows().map(|row| row.id()).collect()
    }

    fn row(&self, id: Id) -> Option<(&Envelope, Value)> {
        let row = self.row(id)?;
        Some((&row.envelope, serde_json::to_value(&row.value).ok()?))
    }

    fn envelope(&self, id: Id) -> Option<&Envelope> {
        self.row(id).map(|row| &row.envelope)
    }

    fn card(&self, id: Id) -> Option<&Card> {
        self.row(id).map(|row| &row.card)
    }

    fn cards(&self) -> Box<dyn Iterator<Item = (&Envelope, &Card)> + '_> {
        Box::new(self.rows().map(|row| (&row.envelope, &row.card)))
    }

    fn holder(&self, field: &str, key: &str) -> Option<Id> {
        self.key(field, key)
    }

    fn number_holder(&self, number: &str) -> Option<Id> {
        let numbers = M::RULES.iter().filter(|rule| matches!(rule, Rule::FreeNumber { .. }));
        numbers.into_iter().find_map(|rule| self.key(rule.field(), number))
    }

    fn bounds(&self) -> Vec<Bound> {
        let one = self.rows().next().filter(|_| M::HELD == Held::Single);
        one.map(|row| row.value.bounds()).unwrap_or_default()
    }

    fn put(&mut self, envelope: Envelope, value: Value) -> Result<(), String> {
        let value = serde_json::from_value(value).map_err(|error| error.to_string())?;
        self.set(envelope, value);
        Ok(())
    }

    fn remove(&mut self, id: Id) {
        let Some(row) = self.row(id).cloned() else { return };
        let json = serde_json::to_value(&row.value).unwrap_or_default();
        for (field, key) in keys_of::<M>(&json) {
            self.keys.entry(field).or_default().remove_mut(&key);
        }
        self.rows.get_or_insert_default().remove_mut(&id);
    }

    fn copy(&self) -> Box<dyn AnyTable> {
        Box::new(Table { rows: self.rows.clone(), keys: self.keys.clone() })
    }

    fn any(&self) -> &dyn Any {
        self
    }

    fn any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl<M> Default for Table<M> {
    fn default() -> Self {
        Table { rows: None, keys: BTreeMap::new() }
    }
}

impl<M: Model> fmt::Debug for Table<M> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_list().entries(self.rows()).finish()
    }
}
