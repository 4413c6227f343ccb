//! What one part of a noun is found by, with the slots under which it lies in keys and blocks.

use super::{
    block::Line,
    fold::folded,
    key::{self, is_empty},
    layout,
};
use crate::{
    schema::{
        Actor, Id, Refusals, Resource, Tenant, Why,
        index::{Entry, Finding, Index, MADE_BY, Word, at},
    },
    store::{config::Kept, fault::Fault},
};
use redb::{ReadableTable, ReadableTableMetadata, Table};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Slots<'t> = Table<'t, (&'static str, &'static str), u16>;

#[derive(Debug)]
pub struct Plan {
    pub within: u64,
    pub indexes: Vec<(u16, Index)>,
    pub searched: Vec<(u16, Word)>,
}

/// All of a row by which it is found.
#[derive(Clone, Copy, Debug)]
pub struct Found<'r> {
    pub made_by: &'r Actor,
    pub value: &'r Value,
}

impl<'r> From<&'r Kept> for Found<'r> {
    fn from(kept: &'r Kept) -> Found<'r> {
        Found { made_by: &kept.envelope.created_by, value: &kept.value }
    }
}

impl Found<'_> {
    /// Each value of a field that is not empty.
    pub fn each(self, field: &str, mut visit: impl FnMut(&Value)) {
        match field {
            MADE_BY => visit(&self.made_by.word().into()),
            field => each(at(self.value, field), visit),
        }
    }
}

/// What a row stands under in the indexes; `true`: rows are counted by it.
pub type Terms = BTreeMap<Vec<u8>, bool>;

/// Indexes in which no other row may have what this row has, and what that is.
#[derive(Debug)]
pub struct Claim {
    pub fields: Vec<Word>,
    /// What the entries of other rows would begin with.
    pub terms: Vec<Vec<u8>>,
}

/// The part to which a row belongs; 0 where a noun has no parts.
pub fn part(resource: &Resource, value: &Value) -> u64 {
    let named = resource.within.and_then(|field| value[field].as_str());
    named.and_then(|id| id.parse::<Id>().ok()).map_or(0, |id| id.0)
}

impl Plan {
    /// For reading. An index without a slot is not there yet; a searched field without one is in no block yet, so that
    /// no block answers for it.
    pub fn known(
        resource: &Resource,
        tenant: &Tenant,
        within: u64,
        slots: &impl ReadableTable<(&'static str, &'static str), u16>,
    ) -> Result<Plan, Fault> {
        let slot = |name: &str| {
            let slot = slots.get((resource.name, name)).map_err(layout::fault)?;
            Ok(slot.map(|slot| slot.value()))
        };
        Plan::of(resource, tenant, within, slot)
    }

    /// For comparing: what has no slot yet gets the number of none.
    pub fn wanted(
        resource: &Resource,
        tenant: &Tenant,
        within: u64,
        slots: &impl ReadableTable<(&'static str, &'static str), u16>,
    ) -> Result<Plan, Fault> {
        let slot = |name: &str| {
            let slot = slots.get((resource.name, name)).map_err(layout::fault)?;
            Ok(Some(slot.map_or(key::ALL, |slot| slot.value())))
        };
        Plan::of(resource, tenant, within, slot)
    }

    /// What of a row stands in an index, or would.
    pub fn values_of(&self, name: &str, row: Found) -> Vec<Vec<u8>> {
        let values = self.named(name).map(|(_, index)| values(index, row)).unwrap_or_default();
        values.into_iter().filter(|value| *value != key::encoded(&Value::Null)).collect()
    }

    /// For writing: everything gets its slot.
    pub fn made(resource: &Resource, tenant: &Tenant, within: u64, slots: &mut Slots) -> Result<Plan, Fault> {
        Plan::of(resource, tenant, within, |name| slot(slots, resource.name, name).map(Some))
    }

    fn of(
        resource: &Resource,
        tenant: &Tenant,
        within: u64,
        mut slot: impl FnMut(&str) -> Result<Option<u16>, Fault>,
    ) -> Result<Plan, Fault> {
        let part = resource.within.map(|_| Id(within));
        let Finding { indexes, searched } = (resource.finding)(tenant, part);
        let mut plan = Plan { within, indexes: Vec::new(), searched: Vec::new() };
        for index in indexes {
            plan.indexes.extend(slot(&index.name)?.map(|slot| (slot, index)));
        }
        for field in searched {
            plan.searched.push((slot(&field)?.unwrap_or(key::ALL), field));
        }
        Ok(plan)
    }

    pub fn named(&self, name: &str) -> Option<&(u16, Index)> {
        self.indexes.iter().find(|(_, index)| index.name == name)
    }

    /// The index over this field alone.
    pub fn over(&self, field: &str, entry: Entry) -> Option<&(u16, Index)> {
        let fits = |index: &Index| index.entry == entry && index.fields.len() == 1 && index.fields[0] == field;
        self.indexes.iter().find(|(_, index)| fits(index))
    }

    /// What a row stands under.
    pub fn terms(&self, row: Found) -> Terms {
        let mut terms = Terms::from([(key::prefix(key::ALL, self.within), true)]);
        for (slot, index) in &self.indexes {
            let counted = index.entry == Entry::Filter;
            terms.extend(values(index, row).into_iter().map(|value| (key::term(*slot, self.within, &value), counted)));
        }
        terms
    }

    /// What is kept of a row in its block.
    pub fn line(&self, row: Found) -> Line {
        let mut line = Line::default();
        for (slot, field) in &self.searched {
            row.each(field, |value| line.text(*slot, &folded(&plain(value))));
        }
        for (slot, index) in self.indexes.iter().filter(|(_, index)| index.entry == Entry::Filter) {
            index.fields.iter().for_each(|field| row.each(field, |value| line.term(*slot, &plain(value))));
        }
        line
    }

    /// What a row must have alone; refused if it has a value twice itself (PKG-17).
    pub fn claims(&self, row: Found) -> Result<Vec<Claim>, Refusals> {
        let mut claims = Vec::new();
        for (_, index) in self.indexes.iter().filter(|(_, index)| !index.unique.is_empty()) {
            let own = values(index, row).into_iter().filter(|value| *value != key::encoded(&Value::Null));
            let own: Vec<_> = own.collect();
            self.refuse_twice(index, row.value)?;
            let rivals = index.unique.iter().filter_map(|name| self.named(name)).map(|(slot, _)| *slot);
            let terms = rivals.flat_map(|slot| own.iter().map(move |value| key::term(slot, self.within, value)));
            let terms: Vec<_> = terms.collect();
            claims.push(Claim { fields: index.fields.clone(), terms });
        }
        Ok(claims)
    }

    fn refuse_twice(&self, index: &Index, value: &Value) -> Result<(), Refusals> {
        if index.entry == Entry::Joined || index.unique.len() + index.fields.len() < 3 {
            return Ok(());
        }
        let mut seen = BTreeSet::new();
        let among = index.unique.iter().filter_map(|name| self.named(name)).flat_map(|(_, index)| &index.fields);
        for field in among {
            let mut twice = false;
            each(at(value, field), |value| twice |= !seen.insert(key::encoded(value)));
            if twice {
                return Err(Refusals::one(field, Why::Repeated));
            }
        }
        Ok(())
    }
}

/// The slot of a name, a new one if it has none.
fn slot(slots: &mut Slots, noun: &str, name: &str) -> Result<u16, Fault> {
    let known = slots.get((noun, name)).map_err(layout::fault)?.map(|slot| slot.value());
    if let Some(slot) = known {
        return Ok(slot);
    }
    // Slots of all nouns are one row of numbers, so the number of all is one that nobody has.
    let slot = slots.len().map_err(layout::fault)? as u16 + 1;
    slots.insert((noun, name), slot).map_err(layout::fault)?;
    Ok(slot)
}

/// What of a row stands in an index.
fn values(index: &Index, row: Found) -> Vec<Vec<u8>> {
    let value = row.value;
    let mut found = Vec::new();
    match index.entry {
        Entry::Filter | Entry::Value => {
            index.fields.iter().for_each(|field| row.each(field, |value| found.push(key::encoded(value))));
        }
        Entry::Sort => found.extend(index.fields.first().map(|field| key::encoded(at(value, field)))),
        Entry::Joined => {
            if !index.fields.iter().all(|field| is_empty(at(value, field))) {
                found.push(index.fields.iter().flat_map(|field| key::encoded(at(value, field))).collect());
            }
        }
    }
    found
}

/// Each value of a list, or the one value, unless it is empty.
fn each(value: &Value, mut visit: impl FnMut(&Value)) {
    match value {
        Value::Array(entries) => entries.iter().filter(|entry| !is_empty(entry)).for_each(visit),
        value if is_empty(value) => {}
        value => visit(value),
    }
}

/// As it is written in a question.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}
