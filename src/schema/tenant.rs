//! The snapshot of everything wanted: one table a noun, unchanged tables shared between snapshots.

use super::{
    Actor, Bounds, Held, Id, Model, Resource, Table,
    barred::Barred,
    envelope::Envelope,
    links::{Link, Links},
    locations::Locations,
    refusal::User,
    table::AnyTable,
};
use crate::time::Timestamp;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// What an office has set, as calls read it. Cloning it copies no row.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    /// The number of the newest write in it.
    pub revision: u64,
    /// Where numbers belong; empty while nobody above gave a table of it.
    pub locations: Arc<Locations>,
    /// Numbers of rows that bar all of theirs.
    pub barred: Barred,
    /// To what one of its records holds the others.
    pub bounds: Bounds,
    tables: BTreeMap<&'static str, Arc<dyn AnyTable>>,
    links: Links,
}

/// For whoever is written down: the number of a snapshot stands for it, and is put back by whoever reads.
pub mod by_revision {
    use super::Tenant;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::sync::Arc;

    pub fn serialize<S: Serializer>(tenant: &Arc<Tenant>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(tenant.revision)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Tenant>, D::Error> {
        u64::deserialize(from).map(|revision| Arc::new(Tenant { revision, ..Tenant::default() }))
    }
}

impl Tenant {
    /// Every table that was ever filled, with its noun.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &Arc<dyn AnyTable>)> {
        self.tables.iter().map(|(noun, table)| (*noun, table))
    }

    /// All rows of a noun.
    pub fn table<M: Model>(&self) -> &Table<M> {
        let table = self.tables.get(M::NAME).and_then(|table| table.any().downcast_ref());
        table.unwrap_or(Table::EMPTY)
    }

    /// The same without the type.
    pub fn rows_of(&self, noun: &str) -> Option<&dyn AnyTable> {
        self.tables.get(noun).map(|table| &**table)
    }

    /// As people call a row.
    pub fn name_of(&self, noun: &str, id: Id) -> Option<&str> {
        Some(&self.rows_of(noun)?.card(id)?.name)
    }

    /// Who has an internal number, of all nouns that have one (AGT-9 reading).
    pub fn number_holder(&self, number: &str) -> Option<(&'static str, Id)> {
        self.tables.iter().find_map(|(noun, table)| Some((*noun, table.number_holder(number)?)))
    }

    /// Which rows refer to a row (LST-25); a row that refers to itself is none.
    pub fn users(&self, noun: &str, id: Id) -> impl Iterator<Item = &Link> {
        self.links.users(noun, id).filter(move |link| (&*link.to_noun, link.to) != (link.noun, link.id))
    }

    /// How many rows of `user` refer to a row in `field`.
    pub fn count(&self, noun: &str, id: Id, user: &'static str, field: &'static str) -> usize {
        self.links.count(noun, id, user, field)
    }

    /// A link as people are told of it.
    pub fn user(&self, link: &Link) -> User {
        let name = self.name_of(link.noun, link.id).unwrap_or_default().into();
        User { noun: link.noun, id: link.id, name, field: link.field.into() }
    }

    /// Adds a row for whoever has a tenant of their own: tests, scenarios, benches. It is in no link.
    pub fn add<M: Model>(&mut self, value: M) -> Id {
        let id = self.table::<M>().next_id();
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
        table.set(envelope, value);
        self.bind(M::HELD);
        id
    }

    /// The same with these numbers barred, which lie where rows of tables do.
    pub(crate) fn with_barred(self, barred: Barred) -> Tenant {
        Tenant { barred, ..self }
    }

    /// Puts a row in its place. An error says why the value is none of this noun.
    pub(crate) fn put(&mut self, resource: &Resource, envelope: Envelope, value: Value) -> Result<(), String> {
        self.unlink(resource, envelope.id);
        self.links.add(resource, envelope.id, &value);
        self.open(resource.name, resource.empty).put(envelope, value)?;
        self.bind(resource.held);
        Ok(())
    }

    fn bind(&mut self, held: Held) {
        if held == Held::Single {
            self.bounds = Bounds::of(self.tables.values().flat_map(|table| table.bounds()).collect());
        }
    }

    pub(crate) fn remove(&mut self, resource: &Resource, id: Id) {
        self.unlink(resource, id);
        self.open(resource.name, resource.empty).remove(id);
    }

    fn unlink(&mut self, resource: &Resource, id: Id) {
        if resource.referring().is_empty() {
            return;
        }
        if let Some((_, value)) = self.tables.get(resource.name).and_then(|table| table.row(id)) {
            self.links.drop(resource, id, &value);
        }
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
