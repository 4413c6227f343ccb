//! Writes to tables that are kept together or not at all.

use super::{
    barred as bars,
    layout::{self, HISTORY, JOURNAL, META},
    noun::Noun,
    plan::{Found, part},
    turn::Turn,
};
use crate::{
    schema::{
        Actor, Id, Refusals, Resource, Rule, Tenant, Why, barred,
        envelope::{Envelope, Origin},
        index::Word,
        rule::{self, Save},
    },
    store::{NotWritten, Write, Written, config::Kept, fault::Fault, journal::Entry, shown::shown},
    time::Timestamp,
};
use redb::{ReadableTable, WriteTransaction};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Changes to rows of tables that are remembered; the oldest goes first. A row that is added is not among them: its
/// envelope says by whom and when, and its first value follows from the changes since.
pub const ENTRIES_MAX: u64 = 200_000;

pub struct Batch<'t> {
    transaction: &'t WriteTransaction,
    pub tenant: &'t Tenant,
    by: &'t Actor,
    at: Timestamp,
    turn: &'t Turn<'t>,
    nouns: BTreeMap<&'static str, Noun<'t>>,
    entries: Vec<Entry>,
    /// What becomes of numbers that are barred with their rows.
    pub barred: Vec<barred::Change>,
}

/// Another row has what a value claims for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    pub fields: Vec<Word>,
    pub id: Id,
}

impl<'t> Batch<'t> {
    pub fn new(
        transaction: &'t WriteTransaction,
        turn: &'t Turn<'t>,
        tenant: &'t Tenant,
        by: &'t Actor,
        at: Timestamp,
    ) -> Batch<'t> {
        let (nouns, entries, barred) = (BTreeMap::new(), Vec::new(), Vec::new());
        Batch { transaction, tenant, by, at, turn, nouns, entries, barred }
    }

    /// Whether somebody waits for this batch to end.
    pub fn is_awaited(&self) -> bool {
        self.turn.is_awaited()
    }

    /// What else is written with it.
    pub fn transaction(&self) -> &'t WriteTransaction {
        self.transaction
    }

    pub fn take(&mut self, resource: &'static Resource, write: Write) -> Result<Written, NotWritten> {
        match write {
            Write::Add { value } => self.add(resource, value),
            Write::Change { id, rev, value } => self.change(resource, id, rev, value),
            Write::Remove { id, rev } => self.remove(resource, id, rev),
            Write::Restore { id, value, .. } => self.restore(resource, id, value),
            Write::Set { .. } => Err(Refusals::whole(Why::NotFound).into()),
        }
    }

    /// A row that was removed, as it was.
    fn restore(
        &mut self,
        resource: &'static Resource,
        id: Id,
        value: Map<String, Value>,
    ) -> Result<Written, NotWritten> {
        if self.noun(resource)?.row(id)?.is_some() {
            return Err(Refusals::whole(Why::NameTaken).into());
        }
        let value = resource.taken(self.tenant, value)?;
        Save { resource, id: None, before: None, after: &value }.refusals(self.tenant).so_far()?;
        self.refuse_rivals(resource, &value, None)?;
        let envelope = self.new_envelope(resource, id);
        self.put(resource, envelope, None, value)
    }

    pub fn add(&mut self, resource: &'static Resource, value: Map<String, Value>) -> Result<Written, NotWritten> {
        let value = self.taken(resource, value)?;
        self.refuse_rivals(resource, &value, None)?;
        self.put_new(resource, value)
    }

    /// What a new row would be, or every reason against it but that another row is in the way.
    pub fn taken(&self, resource: &'static Resource, mut value: Map<String, Value>) -> Result<Value, NotWritten> {
        rule::untouchable(resource, (self.by, false), None, &value)?;
        for (field, begins) in rule::beginnings(resource, self.tenant) {
            value.entry(field).or_insert(begins);
        }
        let mut value = resource.taken(self.tenant, value)?;
        Save { resource, id: None, before: None, after: &value }.refusals(self.tenant).so_far()?;
        resource.stamp(None, &mut value, self.at);
        Ok(value)
    }

    /// Adds what was `taken` and has no rivals.
    pub fn put_new(&mut self, resource: &'static Resource, value: Value) -> Result<Written, NotWritten> {
        let transaction = self.transaction;
        let id = Id(self.noun(resource)?.next(transaction)?);
        let envelope = self.new_envelope(resource, id);
        self.put(resource, envelope, None, value)
    }

    fn new_envelope(&self, resource: &Resource, id: Id) -> Envelope {
        Envelope {
            id,
            version: resource.version,
            rev: 1,
            created_at: self.at,
            created_by: self.by.clone(),
            updated_at: self.at,
            updated_by: self.by.clone(),
            origin: Origin::Own,
        }
    }

    pub fn change(
        &mut self,
        resource: &'static Resource,
        id: Id,
        rev: Option<u64>,
        value: Map<String, Value>,
    ) -> Result<Written, NotWritten> {
        let kept = self.kept(resource, id, rev)?;
        rule::untouchable(resource, (self.by, false), Some((kept.envelope.origin, &kept.value)), &value)?;
        self.put_changed(resource, kept, value)
    }

    /// Sets fields that nobody types, too.
    pub fn set(
        &mut self,
        resource: &'static Resource,
        id: Id,
        value: Map<String, Value>,
    ) -> Result<Written, NotWritten> {
        let kept = self.kept(resource, id, None)?;
        self.put_changed(resource, kept, value)
    }

    fn put_changed(
        &mut self,
        resource: &'static Resource,
        kept: Kept,
        value: Map<String, Value>,
    ) -> Result<Written, NotWritten> {
        let Kept { mut envelope, value: before, .. } = kept;
        let id = envelope.id;
        let mut after = resource.changed(self.tenant, &before, value)?;
        Save { resource, id: Some(id), before: Some(&before), after: &after }.refusals(self.tenant).so_far()?;
        resource.stamp(Some(&before), &mut after, self.at);
        self.refuse_rivals(resource, &after, Some(id))?;
        envelope.version = resource.version;
        envelope.rev += 1;
        envelope.updated_at = self.at;
        envelope.updated_by = self.by.clone();
        self.put(resource, envelope, Some(before), after)
    }

    pub fn remove(&mut self, resource: &'static Resource, id: Id, rev: Option<u64>) -> Result<Written, NotWritten> {
        let Kept { envelope, value, .. } = self.kept(resource, id, rev)?;
        if resource.stays(&value) {
            return Err(Refusals::whole(Why::Protected).into());
        }
        self.planned(resource, &value)?;
        let gone = Found { made_by: &envelope.created_by, value: &value };
        self.noun(resource)?.put(id, Some(gone), None)?;
        self.bar(resource, id, Some(&value), None)?;
        self.note(resource, (id, envelope.rev + 1), Some(value), None);
        Ok(Written { id, rev: envelope.rev, row: None, generated: Map::new() })
    }

    /// A row as it is in this batch.
    pub fn row(&mut self, resource: &'static Resource, id: Id) -> Result<Option<(Envelope, Value)>, Fault> {
        Ok(self.noun(resource)?.row(id)?.map(|kept| (kept.envelope, kept.value)))
    }

    /// Other rows that have what this value claims for itself, one for each claim. Refused if the value has something
    /// twice itself.
    pub fn rivals(
        &mut self,
        resource: &'static Resource,
        value: &Value,
        own: Option<Id>,
    ) -> Result<Vec<Rival>, NotWritten> {
        let (within, made_by) = (self.planned(resource, value)?, self.by);
        let noun = self.noun(resource)?;
        let claims = noun.planned(within).claims(Found { made_by, value })?;
        let holders = noun.holders(&claims, own)?;
        Ok(holders.into_iter().map(|(claim, id)| Rival { fields: claims[claim].fields.clone(), id }).collect())
    }

    fn refuse_rivals(&mut self, resource: &'static Resource, value: &Value, own: Option<Id>) -> Result<(), NotWritten> {
        let mut refusals = Refusals::default();
        let named =
            |field: &str| resource.rules.iter().any(|rule| matches!(rule, Rule::Unique { field: f } if *f == field));
        for Rival { fields, id } in self.rivals(resource, value, own)? {
            for field in &fields {
                refusals.add(field, if named(field) { Why::NameTaken } else { Why::Duplicate { id } });
            }
        }
        Ok(refusals.so_far()?)
    }

    fn put(
        &mut self,
        resource: &'static Resource,
        envelope: Envelope,
        before: Option<Value>,
        after: Value,
    ) -> Result<Written, NotWritten> {
        let row = shown(resource, self.tenant, &envelope, &after);
        let (id, rev) = (envelope.id, envelope.rev);
        let kept = Kept { envelope, value: slim(after), sealed: Map::new() };
        self.planned(resource, &kept.value)?;
        let was = before.as_ref().map(|value| Found { value, ..Found::from(&kept) });
        self.noun(resource)?.put(id, was, Some(&kept))?;
        self.bar(resource, id, before.as_ref(), Some(&kept.value))?;
        if before.is_some() {
            self.note(resource, (id, rev), before, Some(kept.value));
        }
        Ok(Written { id, rev, row: Some(row), generated: Map::new() })
    }

    /// The numbers of a row are barred with it, and no longer.
    fn bar(&mut self, resource: &Resource, id: Id, before: Option<&Value>, after: Option<&Value>) -> Result<(), Fault> {
        self.barred.extend(bars::changed(self.transaction, self.tenant, resource, id, (before, after))?);
        Ok(())
    }

    fn kept(&mut self, resource: &'static Resource, id: Id, rev: Option<u64>) -> Result<Kept, NotWritten> {
        let kept = self.noun(resource)?.row(id)?.ok_or_else(|| Refusals::whole(Why::NotFound))?;
        match rev {
            Some(rev) if rev != kept.envelope.rev => {
                Err(Refusals::whole(Why::ChangedMeanwhile { rev: kept.envelope.rev }).into())
            }
            _ => Ok(kept),
        }
    }

    /// The journal keeps what changed; of a row that is gone, all.
    fn note(&mut self, resource: &Resource, (id, rev): (Id, u64), before: Option<Value>, after: Option<Value>) {
        let (before, after) = match (before, after) {
            (Some(before), Some(after)) => (Some(only_changed(&before, &after)), Some(only_changed(&after, &before))),
            other => other,
        };
        let (noun, by) = (resource.name.into(), self.by.clone());
        let entry = Entry { revision: 0, at: self.at, by, noun, id, rev, before, after, secrets_changed: vec![] };
        self.entries.push(entry);
    }

    fn planned(&mut self, resource: &'static Resource, value: &Value) -> Result<u64, Fault> {
        let (transaction, tenant, within) = (self.transaction, self.tenant, part(resource, value));
        self.noun(resource)?.plan(transaction, tenant, within)?;
        Ok(within)
    }

    pub(super) fn noun(&mut self, resource: &'static Resource) -> Result<&mut Noun<'t>, Fault> {
        if !self.nouns.contains_key(resource.name) {
            self.nouns.insert(resource.name, Noun::open(self.transaction, resource)?);
        }
        Ok(self.nouns.get_mut(resource.name).expect("it was just put there"))
    }

    /// Writes what was held back; then the transaction can be committed.
    pub fn finish(self) -> Result<(), Fault> {
        for noun in self.nouns.into_values() {
            noun.finish(self.transaction)?;
        }
        if self.entries.is_empty() { Ok(()) } else { append(self.transaction, self.entries) }
    }
}

fn append(transaction: &WriteTransaction, entries: Vec<Entry>) -> Result<(), Fault> {
    let mut meta = transaction.open_table(META).map_err(layout::fault)?;
    let mut journal = transaction.open_table(JOURNAL).map_err(layout::fault)?;
    let mut history = transaction.open_table(HISTORY).map_err(layout::fault)?;
    let mut revision = meta.get("revision").map_err(layout::fault)?.map_or(0, |revision| revision.value());
    for mut entry in entries {
        revision += 1;
        entry.revision = revision;
        let bytes = serde_json::to_vec(&entry).map_err(|error| Fault::broken(layout::FILE, error))?;
        journal.insert(revision, &*bytes).map_err(layout::fault)?;
        history.insert((&*entry.noun, entry.id.0, revision), ()).map_err(layout::fault)?;
        let gone = journal.remove(revision.saturating_sub(ENTRIES_MAX)).map_err(layout::fault)?;
        let gone: Option<Entry> = gone.and_then(|gone| serde_json::from_slice(gone.value()).ok());
        if let Some(gone) = gone {
            history.remove((&*gone.noun, gone.id.0, gone.revision)).map_err(layout::fault)?;
        }
    }
    meta.insert("revision", revision).map(drop).map_err(layout::fault)
}

/// What is empty takes no room on the disk.
pub fn slim(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

/// The fields of a value that another does not have, or has otherwise.
fn only_changed(value: &Value, other: &Value) -> Value {
    let fields = value.as_object().into_iter().flatten().filter(|(field, value)| other[field.as_str()] != **value);
    Value::Object(fields.map(|(field, value)| (field.clone(), value.clone())).collect())
}
