//! The snapshot of everything wanted: one table a noun, unchanged tables shared between snapshots.

use super::{Actor, Id, Model, Resource, Rule, envelope::Envelope};
use crate::time::Timestamp;
use serde_json::Value;
use std::{any::Any, collections::BTreeMap, fmt, sync::Arc};

/// What an office has set, as calls read it. Cloning it copies no row.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    /// The number of the newest write in it.
    pub revision: u64,
    tables: BTreeMap<&'static str, Arc<dyn AnyTable>>,
}

impl Tenant {
    /// All rows of a noun.
    pub fn table<M: Model>(&self) -> &Table<M> {
        let table = self.tables.get(M::NAME).and_then(|table| table.any().downcast_ref());
        table.unwrap_or(Table::EMPTY)
    }

    /// The same without the type.
    pub fn rows_of(&self, noun: &str) -> Option<&dyn AnyTable> {
        self.tables.get(noun).map(|table| &**table)
    }

    /// Who has an internal number, of all nouns that have one (AGT-9 reading).
    pub fn number_holder(&self, number: &str) -> Option<(&'static str, Id)> {
        self.tables.iter().find_map(|(noun, table)| Some((*noun, table.number_holder(number)?)))
    }

    /// Adds a row as the store would, for whoever has a tenant of their own: tests, scenarios, benches.
    pub fn add<M: Model>(&mut self, value: M) -> Id {
        let id = Id(self.table::<M>().rows.last_key_value().map_or(1, |(id, _)| id.0 + 1));
        let at = Timestamp::default();
        let (by, version) = (Actor::System, M::VERSION);
        let envelope = Envelope {
            id,
            version,
            rev: 1,
            created_at: at,
            created_by: by.clone(),
            updated_at: at,
            updated_by: by,
            origin: Default::default(),
        };
        let table = self.open(M::NAME, || Box::new(Table::<M>::default()));
        let table: &mut Table<M> = table.any_mut().downcast_mut().expect("a noun has one type");
        table.set(Row { envelope, value });
        id
    }

    /// Puts a row in its place. An error says why the value is none of this noun.
    pub(crate) fn put(&mut self, resource: &Resource, envelope: Envelope, value: Value) -> Result<(), String> {
        self.open(resource.name, resource.empty).put(envelope, value)
    }

    pub(crate) fn remove(&mut self, resource: &Resource, id: Id) {
        self.open(resource.name, resource.empty).remove(id);
    }

    /// The table for writing: a copy of its own if another snapshot shares it.
    fn open(&mut self, noun: &'static str, empty: impl FnOnce() -> Box<dyn AnyTable>) -> &mut dyn AnyTable {
        let table = self.tables.entry(noun).or_insert_with(|| empty().into());
        if Arc::get_mut(table).is_none() {
            *table = table.copy().into();
        }
        Arc::get_mut(table).expect("nobody else has this copy")
    }
}

/// A row of a noun.
#[derive(Debug)]
pub struct Row<M> {
    pub envelope: Envelope,
    pub value: M,
}

impl<M> Row<M> {
    pub fn id(&self) -> Id {
        self.envelope.id
    }
}

/// The rows of one noun, and where each unique value stands.
pub struct Table<M> {
    rows: BTreeMap<Id, Arc<Row<M>>>,
    keys: BTreeMap<&'static str, BTreeMap<Box<str>, Id>>,
}

impl<M: Model> Table<M> {
    const EMPTY: &'static Table<M> = &Table { rows: BTreeMap::new(), keys: BTreeMap::new() };

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// In the order in which they were added.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Arc<Row<M>>> {
        self.rows.values()
    }

    pub fn row(&self, id: Id) -> Option<&Arc<Row<M>>> {
        self.rows.get(&id)
    }

    /// The row that has this value in a field that `RULES` calls unique; letter case is ignored (LST-23).
    pub fn by(&self, field: &str, value: &str) -> Option<&Arc<Row<M>>> {
        self.rows.get(&self.key(field, value)?)
    }

    fn key(&self, field: &str, value: &str) -> Option<Id> {
        let keys = self.keys.get(field)?;
        let folded = value.chars().any(char::is_uppercase).then(|| value.to_lowercase());
        keys.get(folded.as_deref().unwrap_or(value)).copied()
    }

    fn set(&mut self, row: Row<M>) {
        self.remove(row.id());
        for (field, key) in keys_of(&row.value) {
            self.keys.entry(field).or_default().insert(key, row.id());
        }
        self.rows.insert(row.id(), Arc::new(row));
    }
}

/// What a row is found by, folded.
fn keys_of<M: Model>(value: &M) -> Vec<(&'static str, Box<str>)> {
    let json = serde_json::to_value(value).unwrap_or_default();
    let fields = M::RULES.iter().filter(|rule| matches!(rule, Rule::Unique { .. } | Rule::FreeNumber { .. }));
    fields.filter_map(|rule| Some((rule.field(), json[rule.field()].as_str()?.to_lowercase().into()))).collect()
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
    /// The row that has this value in a unique field.
    fn holder(&self, field: &str, value: &str) -> Option<Id>;
    fn number_holder(&self, number: &str) -> Option<Id>;
    fn put(&mut self, envelope: Envelope, value: Value) -> Result<(), String>;
    fn remove(&mut self, id: Id);
    fn copy(&self) -> Box<dyn AnyTable>;
    fn any(&self) -> &dyn Any;
    fn any_mut(&mut self) -> &mut dyn Any;
}

impl<M: Model> AnyTable for Table<M> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn ids(&self) -> Vec<Id> {
        self.rows.keys().copied().collect()
    }

    fn row(&self, id: Id) -> Option<(&Envelope, Value)> {
        let row = self.rows.get(&id)?;
        Some((&row.envelope, serde_json::to_value(&row.value).ok()?))
    }

    fn envelope(&self, id: Id) -> Option<&Envelope> {
        self.rows.get(&id).map(|row| &row.envelope)
    }

    fn holder(&self, field: &str, value: &str) -> Option<Id> {
        self.key(field, value)
    }

    fn number_holder(&self, number: &str) -> Option<Id> {
        let numbers = M::RULES.iter().filter(|rule| matches!(rule, Rule::FreeNumber { .. }));
        numbers.into_iter().find_map(|rule| self.key(rule.field(), number))
    }

    fn put(&mut self, envelope: Envelope, value: Value) -> Result<(), String> {
        let value = serde_json::from_value(value).map_err(|error| error.to_string())?;
        self.set(Row { envelope, value });
        Ok(())
    }

    fn remove(&mut self, id: Id) {
        let Some(row) = self.rows.remove(&id) else { return };
        for (field, key) in keys_of(&row.value) {
            self.keys.entry(field).or_default().remove(&key);
        }
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
        Table { rows: BTreeMap::new(), keys: BTreeMap::new() }
    }
}

impl<M: fmt::Debug> fmt::Debug for Table<M> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_list().entries(self.rows.values()).finish()
    }
}
