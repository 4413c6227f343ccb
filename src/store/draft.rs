//! Writes on their way in: each is held against the declaration and those before it, then all are kept or none.

use super::{
    NotWritten, Write, Written,
    config::{self, Kept, place},
    fault::Fault,
    files,
    journal::{Entry, Journal},
    locations, log,
    seal::Seal,
    secrets,
    shown::shown,
};
use crate::{
    model::{Preferences, numbering::Numbering},
    schema::{
        Actor, Id, Model, Refusals, Resource, Rule, Tenant, Why, check,
        envelope::{Envelope, Origin},
        links::Link,
        rule::{self, Save},
    },
    time::Timestamp,
};
use redb::{Table, WriteTransaction};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one noun that the box holds; a snapshot has them all in memory.
const ROWS_MAX: u64 = 10_000;

/// What rows that name a file show of it; none: it is not kept.
pub type Told = Result<Option<Map<String, Value>>, Fault>;

pub struct Draft<'a> {
    pub tenant: Tenant,
    resources: &'static [Resource],
    seal: &'a Seal,
    by: &'a Actor,
    /// They act as the upstream (UPS-2).
    pub acting: bool,
    /// What is told of a kept file; none: it is not kept.
    pub told: &'a (dyn Fn(&str) -> Told + 'a),
    at: Timestamp,
    /// The next number of each noun, of those that got one.
    numbers: BTreeMap<&'static str, u64>,
    changes: Vec<Change>,
}

struct Change {
    resource: &'static Resource,
    envelope: Envelope,
    before: Option<Value>,
    after: Option<Value>,
}

impl<'a> Draft<'a> {
    pub fn new(
        tenant: Tenant,
        resources: &'static [Resource],
        seal: &'a Seal,
        by: &'a Actor,
        at: Timestamp,
    ) -> Draft<'a> {
        let (numbers, changes) = (BTreeMap::new(), Vec::new());
        Draft { tenant, resources, seal, by, acting: false, told: &|_| Ok(None), at, numbers, changes }
    }

    /// Takes one write. `next` is the noun's next number as the disk knows it.
    pub fn take(
        &mut self,
        resource: &'static Resource,
        write: Write,
        hashes: Map<String, Value>,
        next: impl FnOnce() -> Result<u64, Fault>,
    ) -> Result<Written, NotWritten> {
        match write {
            Write::Add { value } => self.add(resource, value, hashes, next),
            Write::Change { id, rev, value } => self.change(resource, id, rev, value, hashes),
            Write::Remove { id, rev } => self.remove(resource, id, rev),
            Write::Restore { id, value, made } => self.restore(resource, id, value, (made, hashes)),
            Write::Set { rev, value } => self.set(resource, rev, value, hashes, next),
        }
    }

    /// The row is made from its defaults if nobody has set it yet.
    fn set(
        &mut self,
        resource: &'static Resource,
        rev: Option<u64>,
        value: Map<String, Value>,
        hashes: Map<String, Value>,
        next: impl FnOnce() -> Result<u64, Fault>,
    ) -> Result<Written, NotWritten> {
        if !resource.single() {
            return Err(Refusals::whole(Why::NotFound).into());
        }
        match self.tenant.rows_of(resource.name).and_then(|rows| rows.ids().first().copied()) {
            Some(id) => self.change(resource, id, rev, value, hashes),
            None if rev.is_none_or(|rev| rev == 0) => self.add(resource, value, hashes, next),
            None => Err(Refusals::whole(Why::ChangedMeanwhile { rev: 0 }).into()),
        }
    }

    fn add(
        &mut self,
        resource: &'static Resource,
        value: Map<String, Value>,
        hashes: Map<String, Value>,
        next: impl FnOnce() -> Result<u64, Fault>,
    ) -> Result<Written, NotWritten> {
        let members = members(resource, &value);
        let (mut value, generated) = self.new_value(resource, self.by, value)?;
        let number = match self.numbers.get(resource.name) {
            Some(number) => *number,
            None => next()?,
        };
        self.numbers.insert(resource.name, number + 1);
        for rule in resource.rules {
            if let Rule::Numbered { field } = rule {
                value[*field] = number.into();
            }
        }
        let envelope = self.new_envelope(resource, Id(number));
        let written = self.put(resource, envelope, None, secrets::hashed(value, hashes), generated)?;
        self.gather(resource, written, members)
    }

    /// What was set by others when the row was removed is set again.
    fn restore(
        &mut self,
        resource: &'static Resource,
        id: Id,
        value: Map<String, Value>,
        (made, hashes): (Map<String, Value>, Map<String, Value>),
    ) -> Result<Written, NotWritten> {
        let (value, mut generated) = self.new_value(resource, &Actor::System, value)?;
        generated.extend(made);
        let envelope = self.new_envelope(resource, id);
        self.put(resource, envelope, None, secrets::hashed(value, hashes), generated)
    }

    /// A whole new value as it is kept, and what the box made for it.
    fn new_value(
        &self,
        resource: &'static Resource,
        by: &Actor,
        mut value: Map<String, Value>,
    ) -> Result<(Value, Map<String, Value>), NotWritten> {
        let held = self.tenant.rows_of(resource.name).map_or(0, |rows| rows.len() as u64);
        let most = if resource.single() { 1 } else { ROWS_MAX };
        if held >= most {
            return Err(Refusals::whole(Why::LimitReached { max: most }).into());
        }
        if let Some(max) = self.tenant.bounds.most_rows(resource.name).filter(|most| held >= *most) {
            // At what names the row: a form says it there, and of many rows each is told.
            let field = resource.named().first().copied().unwrap_or_default();
            return Err(Refusals::one(field, Why::LimitReached { max }).into());
        }
        secrets::leave_out_untyped(resource, &mut value);
        rule::untouchable(resource, (by, self.acting), None, &value)?;
        check::left_open(resource.schema(), &mut value, true);
        for (field, begins) in rule::beginnings(resource, &self.tenant) {
            value.entry(field).or_insert(begins);
        }
        let generated = secrets::generate(resource, &mut value)?;
        let mut value = resource.taken(&self.tenant, value)?;
        Save { resource, id: None, before: None, after: &value }.refusals(&self.tenant).so_far()?;
        self.calls_nobody_for_help(resource, None, &value).so_far()?;
        self.read_files(resource, None, &mut value)?;
        Ok((value, generated))
    }

    /// No number that is dialed in the office comes to be an emergency number of its country (OUT-49).
    fn calls_nobody_for_help(&self, resource: &Resource, before: Option<&Value>, after: &Value) -> Refusals {
        let mut refusals = Refusals::default();
        for rule in resource.rules {
            let Rule::Dialed { field, after: more } = rule else { continue };
            let new = after[*field].as_str().filter(|_| before.is_none_or(|before| before[*field] != after[*field]));
            let Some(number) = new else { continue };
            let numbering = Numbering::of(&self.tenant);
            let helps = |number: &str| numbering.emergency(number).is_some();
            let behind = |first: u32| (first..=first.saturating_add(*more)).any(|number| helps(&number.to_string()));
            if helps(number) || (*more > 0 && number.parse().is_ok_and(behind)) {
                refusals.add(field, Why::NumberTaken);
            }
        }
        refusals
    }

    /// Sets what is read from a file that a row comes to name; one that is not kept is refused.
    fn read_files(&self, resource: &Resource, before: Option<&Value>, after: &mut Value) -> Result<(), NotWritten> {
        for file in files::fields(resource) {
            if before.is_some_and(|before| before[file] == after[file]) {
                continue;
            }
            let Some(hash) = after[file].as_str() else { continue };
            let told = (self.told)(hash)?.ok_or_else(|| Refusals::one(file, Why::NotThere))?;
            for rule in resource.rules {
                if let Rule::FromFile { field, file: from } = rule
                    && *from == file
                {
                    after[*field] = told.get(*field).cloned().unwrap_or_default();
                }
            }
        }
        Ok(())
    }

    /// Files that rows named before these writes and do not name now.
    pub fn unnamed_files(&self) -> Vec<String> {
        let mut unnamed = Vec::new();
        for Change { resource, before, after, .. } in &self.changes {
            let of = |value: &Option<Value>, file: &str| Some(value.as_ref()?[file].as_str()?.to_owned());
            let dropped = files::fields(resource).filter(|file| of(before, file) != of(after, file));
            unnamed.extend(dropped.filter_map(|file| of(before, file)));
        }
        unnamed
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
            origin: if self.acting { Origin::Given } else { Origin::Own },
        }
    }

    fn change(
        &mut self,
        resource: &'static Resource,
        id: Id,
        rev: Option<u64>,
        mut value: Map<String, Value>,
        hashes: Map<String, Value>,
    ) -> Result<Written, NotWritten> {
        let (envelope, before) = self.row(resource, id, rev)?;
        secrets::leave_out_untyped(resource, &mut value);
        rule::untouchable(resource, (self.by, self.acting), Some((envelope.origin, &before)), &value)?;
        let members = members(resource, &value);
        let mut after = resource.changed(&self.tenant, &before, value)?;
        Save { resource, id: Some(id), before: Some(&before), after: &after }.refusals(&self.tenant).so_far()?;
        self.calls_nobody_for_help(resource, Some(&before), &after).so_far()?;
        self.read_files(resource, Some(&before), &mut after)?;
        let written = self.put_again(resource, envelope, before, secrets::hashed(after, hashes))?;
        self.gather(resource, written, members)
    }

    /// Lets those rows refer to the one written that were typed into it, and no others (DEP-10 reading).
    fn gather(
        &mut self,
        resource: &'static Resource,
        mut written: Written,
        members: Vec<Members>,
    ) -> Result<Written, NotWritten> {
        for Members { field, noun, by, wanted } in members {
            let known = self.resources.iter().find(|resource| resource.name == noun);
            let member = known.ok_or_else(|| Refusals::one(field, Why::NotThere))?;
            let users = self.tenant.users(resource.name, written.id);
            let held: BTreeSet<Id> =
                users.filter(|link| (link.noun, link.field) == (noun, by)).map(|link| link.id).collect();
            let gone = held.difference(&wanted).map(|id| (*id, Value::Null));
            let new = wanted.difference(&held).map(|id| (*id, written.id.to_string().into()));
            for (id, refers) in gone.chain(new) {
                let (envelope, before) = self.row(member, id, None).map_err(|_| Refusals::one(field, Why::NotThere))?;
                let mut after = before.clone();
                after[by] = refers;
                self.put_again(member, envelope, before, after)?;
            }
        }
        let row = self.tenant.rows_of(resource.name).and_then(|rows| rows.row(written.id));
        written.row = row.map(|(envelope, value)| shown(resource, &self.tenant, envelope, &value));
        Ok(written)
    }

    /// Unsets an optional field.
    pub fn unset(&mut self, resource: &'static Resource, id: Id, field: &str) -> Result<Written, NotWritten> {
        let (envelope, before) = self.row(resource, id, None)?;
        let mut after = before.clone();
        after[field] = Value::Null;
        self.put_again(resource, envelope, before, after)
    }

    fn put_again(
        &mut self,
        resource: &'static Resource,
        mut envelope: Envelope,
        before: Value,
        after: Value,
    ) -> Result<Written, NotWritten> {
        envelope.version = resource.version;
        envelope.rev += 1;
        envelope.updated_at = self.at;
        envelope.updated_by = self.by.clone();
        self.put(resource, envelope, Some(before), after, Map::new())
    }

    fn remove(&mut self, resource: &'static Resource, id: Id, rev: Option<u64>) -> Result<Written, NotWritten> {
        let (envelope, before) = self.row(resource, id, rev)?;
        if resource.single() || resource.stays(&before) {
            return Err(Refusals::whole(Why::Protected).into());
        }
        if envelope.origin == Origin::Given && *self.by != Actor::System && !self.acting {
            return Err(Refusals::whole(Why::UpstreamOwned).into());
        }
        self.free(resource, id, &before)?;
        self.tenant.remove(resource, id);
        let written = Written { id, rev: envelope.rev, row: None, generated: Map::new() };
        self.changes.push(Change { resource, envelope, before: Some(before), after: None });
        Ok(written)
    }

    fn put(
        &mut self,
        resource: &'static Resource,
        envelope: Envelope,
        before: Option<Value>,
        mut after: Value,
        generated: Map<String, Value>,
    ) -> Result<Written, NotWritten> {
        locations::locate(&self.tenant, resource, &mut after);
        let put = self.tenant.put(resource, envelope.clone(), after.clone());
        put.map_err(|what| Fault::broken(config::FILE, what))?;
        if resource.name == Preferences::NAME {
            locations::relocate(&mut self.tenant, self.resources);
        }
        self.be_the_one(resource, envelope.id, &after)?;
        self.follow(resource, envelope.id, before.as_ref(), &after)?;
        let row = Some(shown(resource, &self.tenant, &envelope, &after));
        let written = Written { id: envelope.id, rev: envelope.rev, row, generated };
        self.changes.push(Change { resource, envelope, before, after: Some(after) });
        Ok(written)
    }

    /// A switch that is on in one row at most goes off in the others (INR-5).
    fn be_the_one(&mut self, resource: &'static Resource, id: Id, after: &Value) -> Result<(), NotWritten> {
        for rule in resource.rules {
            let Rule::One { field } = rule else { continue };
            let others = self.tenant.rows_of(resource.name).map(|rows| rows.ids()).unwrap_or_default();
            for other in others.into_iter().filter(|other| *other != id && after[*field] == true) {
                let (envelope, before) = self.row(resource, other, None)?;
                if before[*field] == true {
                    let mut after = before.clone();
                    after[*field] = false.into();
                    self.put_again(resource, envelope, before, after)?;
                }
            }
        }
        Ok(())
    }

    /// What refers to a row goes with a change of that row (PKG-12 to PKG-15).
    fn follow(
        &mut self,
        resource: &'static Resource,
        id: Id,
        before: Option<&Value>,
        after: &Value,
    ) -> Result<(), NotWritten> {
        let Some(before) = before.filter(|before| *before != after) else { return Ok(()) };
        for ((noun, user), _) in self.users(resource.name, id) {
            let Some(by_name) = self.resources.iter().find(|resource| resource.name == noun) else { continue };
            let (envelope, value) = self.row(by_name, user, None)?;
            let mut followed = value.clone();
            for rule in by_name.rules {
                let Rule::Follows { field, of, is, sets, from, to } = rule else { continue };
                let refers = value[*field] == id.to_string();
                let comes = before[*of] != *is && after[*of] == *is;
                if refers && comes && from.is_none_or(|from| value[*sets] == from) {
                    followed[*sets] = to.map_or(Value::Null, Value::from);
                }
            }
            if followed != value {
                self.put_again(by_name, envelope, value, followed)?;
            }
        }
        Ok(())
    }

    fn row(&self, resource: &Resource, id: Id, rev: Option<u64>) -> Result<(Envelope, Value), Refusals> {
        let row = self.tenant.rows_of(resource.name).and_then(|rows| rows.row(id));
        let (envelope, value) = row.ok_or_else(|| Refusals::whole(Why::NotFound))?;
        match rev {
            Some(rev) if rev != envelope.rev => Err(Refusals::whole(Why::ChangedMeanwhile { rev: envelope.rev })),
            _ => Ok((envelope.clone(), value)),
        }
    }

    /// What refers to a row lets go of it, in the order of the users, or keeps it (LST-25): then nothing is changed.
    fn free(&mut self, resource: &'static Resource, id: Id, gone: &Value) -> Result<(), NotWritten> {
        let (mut keep, mut lets_go) = (Vec::new(), Vec::new());
        for ((noun, user), links) in self.users(resource.name, id) {
            let known = self.resources.iter().find(|resource| resource.name == noun);
            let by_name = known.ok_or_else(|| Refusals::whole(Why::NotFound))?;
            let (envelope, value) = self.row(by_name, user, None)?;
            let mut freed = value.clone();
            for link in &links {
                match rule::let_go(by_name, &value, link.field, (resource.name, id, gone)) {
                    Some(left) => freed[link.field] = left,
                    None => keep.push(self.tenant.user(link)),
                }
            }
            // What would not be taken as it is left stays as it is: two of one name under one parent.
            let left = Save { resource: by_name, id: Some(user), before: Some(&value), after: &freed };
            if !left.refusals(&self.tenant).is_empty() {
                keep.extend(links.iter().map(|link| self.tenant.user(link)));
            }
            lets_go.push((by_name, envelope, value, freed));
        }
        if !keep.is_empty() {
            return Err(Refusals::whole(Why::InUse { users: keep }).into());
        }
        for (user, envelope, before, freed) in lets_go {
            self.put_again(user, envelope, before, freed)?;
        }
        Ok(())
    }

    /// Who refers to a row, each once with all the fields in which it does.
    fn users(&self, noun: &str, id: Id) -> BTreeMap<(&'static str, Id), Vec<Link>> {
        let mut users: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for link in self.tenant.users(noun, id) {
            users.entry((link.noun, link.id)).or_default().push(link.clone());
        }
        users
    }

    /// Writes everything into the transaction; the tenant then is as if it had been read from the disk.
    pub fn keep(mut self, transaction: &WriteTransaction) -> Result<Tenant, Fault> {
        let mut rows = transaction.open_table(config::ROWS).map_err(config::fault)?;
        let mut journal = Journal::open(transaction)?;
        for change in &self.changes {
            self.tenant.revision += 1;
            keep_row(&mut rows, self.seal, change)?;
            let entry = entry(change, self.tenant.revision, self.at, self.by);
            log::append(transaction, change.resource, &entry)?;
            journal.append(&entry)?;
        }
        let mut meta = transaction.open_table(config::META).map_err(config::fault)?;
        meta.insert("revision", self.tenant.revision).map_err(config::fault)?;
        for (noun, number) in &self.numbers {
            meta.insert(&*next_number(noun), *number).map_err(config::fault)?;
        }
        Ok(self.tenant)
    }
}

/// Rows of `noun` that a typed row wants to be referred to by.
struct Members {
    field: &'static str,
    noun: &'static str,
    by: &'static str,
    wanted: BTreeSet<Id>,
}

/// Those that were typed; that they are lists of references is held against the schema.
fn members(resource: &Resource, value: &Map<String, Value>) -> Vec<Members> {
    let typed = resource.rules.iter().filter_map(|rule| {
        let Rule::Members { field, noun, by } = *rule else { return None };
        let entries = value.get(field)?.as_array()?;
        let wanted = entries.iter().filter_map(|id| id.as_str()?.trim().parse().ok()).collect();
        Some(Members { field, noun, by, wanted })
    });
    typed.collect()
}

/// The figure in `META` from which a noun numbers its rows; it never goes down (LST-17).
pub fn next_number(noun: &str) -> String {
    format!("next/{noun}")
}

type Rows<'t> = Table<'t, (&'static str, u64), &'static [u8]>;

fn keep_row(rows: &mut Rows, seal: &Seal, change: &Change) -> Result<(), Fault> {
    let key = (change.resource.name, change.envelope.id.0);
    let Some(after) = &change.after else {
        return rows.remove(key).map(drop).map_err(config::fault);
    };
    let mut value = after.clone();
    let mut sealed = Map::new();
    for field in change.resource.sealed() {
        let secret = value.as_object_mut().and_then(|fields| fields.shift_remove(field));
        if let Some(Value::String(secret)) = secret {
            let closed = seal.close(&place(change.resource.name, change.envelope.id, field), &secret)?;
            sealed.insert(field.into(), closed.into());
        }
    }
    let kept = Kept { envelope: change.envelope.clone(), value, sealed };
    let bytes = serde_json::to_vec(&kept).map_err(|error| Fault::broken(config::FILE, error))?;
    rows.insert(key, &*bytes).map(drop).map_err(config::fault)
}

fn entry(change: &Change, revision: u64, at: Timestamp, by: &Actor) -> Entry {
    let secret: Vec<&str> = change.resource.sealed().chain(change.resource.hashed()).collect();
    let open = |value: &Value| {
        let fields = value.as_object().into_iter().flatten().filter(|(field, _)| !secret.contains(&field.as_str()));
        Value::Object(fields.map(|(field, value)| (field.clone(), value.clone())).collect())
    };
    let of = |value: &Option<Value>, field: &str| value.as_ref().map(|value| value[field].clone());
    let changed = secret.iter().filter(|field| of(&change.before, field) != of(&change.after, field));
    Entry {
        revision,
        at,
        by: by.clone(),
        noun: change.resource.name.into(),
        id: change.envelope.id,
        rev: change.envelope.rev + u64::from(change.after.is_none()),
        before: change.before.as_ref().map(open),
        after: change.after.as_ref().map(open),
        secrets_changed: changed.map(|field| (*field).into()).collect(),
    }
}
