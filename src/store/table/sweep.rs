//! What refers to a record that is no more lets go of it, however many rows do; values of a field that is no more go.

use super::{
    Tables,
    batch::slim,
    key,
    layout::{self, STATES},
    noun::{Noun, Stretch},
    plan::{Found, Plan, plain},
    query::Reader,
    state::{self, CUSTOM, Progress, STEP, State, States},
};
use crate::{
    schema::{Id, Resource, Rule, Tenant, envelope::Envelope, index::Entry, resource, rule::is_named},
    store::{config::Kept, fault::Fault},
};
use redb::ReadableTable;
use serde_json::{Map, Value, json};

/// A value of a field, named by the term under which rows have it, that stands for nothing any more.
pub struct Gone {
    field: &'static str,
    value: String,
    term: Vec<u8>,
}

/// The first value found in a part that refers to nothing.
pub fn gone(resource: &Resource, tenant: &Tenant, plan: &Plan, reader: &Reader) -> Result<Option<Gone>, Fault> {
    let fields = resource.rules.iter().filter(|rule| matches!(rule, Rule::LetsGo { .. })).map(Rule::field);
    for field in fields {
        let Some((slot, _)) = plan.over(field, Entry::Filter) else { continue };
        for term in reader.counted_under(&key::prefix(*slot, plan.within))? {
            let value = key::text_in(&term[key::prefix(*slot, plan.within).len()..]).unwrap_or_default();
            if !value.is_empty() && !is_there(resource, tenant, field, value) {
                return Ok(Some(Gone { field, value: value.into(), term }));
            }
        }
    }
    Ok(None)
}

fn is_there(resource: &Resource, tenant: &Tenant, field: &str, value: &str) -> bool {
    let named = resource.rules.iter().find_map(|rule| match rule {
        Rule::Names { field: f, noun, by } if *f == field => Some((*noun, *by)),
        _ => None,
    });
    if let Some((noun, by)) = named {
        return is_named(tenant, noun, by, value);
    }
    let schema = resource.field(field).unwrap_or(&Value::Null);
    let to = schema["x-to"].as_str().or(schema["items"]["x-to"].as_str());
    let row = to.and_then(|noun| tenant.rows_of(noun)?.envelope(value.parse().ok()?));
    to.is_none() || row.is_some()
}

/// Some rows let go of it.
pub fn let_go(noun: &mut Noun, plan: &Plan, gone: &Gone) -> Result<(), Fault> {
    for id in noun.under(&gone.term, STEP / 4)? {
        let Some(Kept { envelope, value, .. }) = noun.row(id)? else { continue };
        let mut freed = value.clone();
        match &mut freed[gone.field] {
            Value::Array(entries) => entries.retain(|entry| plain(entry).to_lowercase() != gone.value),
            other => *other = Value::Null,
        }
        rewrite(noun, plan, envelope, &value, freed)?;
    }
    Ok(())
}

/// Nobody's write: the row is at a new revision, and who wrote it last stays.
fn rewrite(noun: &mut Noun, plan: &Plan, mut envelope: Envelope, before: &Value, after: Value) -> Result<(), Fault> {
    envelope.rev += 1;
    let made_by = envelope.created_by.clone();
    let before = Found { made_by: &made_by, value: before };
    noun.put_by(plan, envelope.id, Some(before), Some(&Kept { envelope, value: slim(after), sealed: Map::new() }))
}

/// The names of the fields that the office added to rows of a part.
fn names(resource: &Resource, tenant: &Tenant, within: u64) -> Option<Vec<String>> {
    let row = resource.within.map_or(json!({}), |field| json!({ field: Id(within) }));
    let schema = resource.custom(tenant, &row)?;
    let mut names: Vec<_> = schema["properties"].as_object()?.keys().cloned().collect();
    names.sort_unstable();
    Some(names)
}

/// Names whose values rows of a part may have, and those that stay in a purge that is on its way.
struct Names {
    may: Vec<String>,
    staying: Option<(Vec<String>, u64)>,
}

impl Names {
    fn read(
        resource: &Resource,
        within: u64,
        states: &impl ReadableTable<(&'static str, u64, &'static str), &'static [u8]>,
    ) -> Result<Names, Fault> {
        let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
        let Some(State { mark, progress }) = state::read(states, resource.name, within, CUSTOM)? else {
            return Ok(Names { may: Vec::new(), staying: None });
        };
        let (may, staying) = mark.split_once(STAYING).unwrap_or((&mark, ""));
        let row = if let Progress::UpTo(row) = progress { Some(row) } else { None };
        Ok(Names { may: words(may), staying: row.map(|row| (words(staying), row)) })
    }

    fn write(&self, resource: &Resource, within: u64, states: &mut States) -> Result<(), Fault> {
        let may = self.may.join(" ");
        let state = match &self.staying {
            Some((names, row)) => {
                State { mark: format!("{may}{STAYING}{}", names.join(" ")), progress: Progress::UpTo(*row) }
            }
            None => State { mark: may, progress: Progress::Built },
        };
        state::write(states, resource.name, within, CUSTOM, &state)
    }

    /// Whether no row has a value whose field is gone.
    fn all_in(&self, names: &[String]) -> bool {
        self.may.iter().all(|name| names.binary_search(name).is_ok())
    }
}

const STAYING: &str = " / ";

/// Whether values may be there whose field is gone.
pub fn is_purged(
    resource: &Resource,
    tenant: &Tenant,
    within: u64,
    states: &impl ReadableTable<(&'static str, u64, &'static str), &'static [u8]>,
) -> Result<bool, Fault> {
    let Some(names) = names(resource, tenant, within) else { return Ok(true) };
    Ok(Names::read(resource, within, states)?.all_in(&names))
}

/// To be told before rows of a part get values of fields that came.
pub fn expect(resource: &Resource, tenant: &Tenant, within: u64, states: &mut States) -> Result<(), Fault> {
    let Some(names) = names(resource, tenant, within) else { return Ok(()) };
    let mut known = Names::read(resource, within, states)?;
    let came: Vec<_> = names.into_iter().filter(|name| !known.may.contains(name)).collect();
    if came.is_empty() {
        return Ok(());
    }
    known.may.extend(came);
    known.write(resource, within, states)
}

/// Takes away values whose field is gone, of some rows.
pub fn purge(noun: &mut Noun, states: &mut States, tenant: &Tenant, plan: &Plan) -> Result<(), Fault> {
    let Some(names) = names(noun.resource, tenant, plan.within) else { return Ok(()) };
    let mut known = Names::read(noun.resource, plan.within, states)?;
    // Where another field went meanwhile, it begins again.
    let after = known.staying.take().filter(|(staying, _)| *staying == names).map_or(0, |(_, row)| row);
    match purge_some(noun, states, plan, &names, after)? {
        Progress::UpTo(row) => known.staying = Some((names, row)),
        _ => known.may = names,
    }
    known.write(noun.resource, plan.within, states)
}

fn purge_some(noun: &mut Noun, states: &States, plan: &Plan, names: &[String], after: u64) -> Result<Progress, Fault> {
    let Stretch { rows, last } = state::rows_after(noun, states, plan, after)?;
    for Kept { envelope, value, .. } in rows {
        let mut left = value.clone();
        let known = |name: &String| names.binary_search(name).is_ok();
        left[resource::CUSTOM].as_object_mut().into_iter().for_each(|fields| fields.retain(|name, _| known(name)));
        if left != value {
            rewrite(noun, plan, envelope, &value, left)?;
        }
    }
    Ok(last.map_or(Progress::Built, Progress::UpTo))
}

impl Tables {
    /// Whether a field that comes now may find values of one that went.
    pub fn has_leftovers(&self, resource: &Resource, old: &Tenant, new: &Tenant, within: u64) -> Result<bool, Fault> {
        let (Some(old_names), Some(new_names)) = (names(resource, old, within), names(resource, new, within)) else {
            return Ok(false);
        };
        let states = self.read()?.open_table(STATES).map_err(layout::fault)?;
        let comes = new_names.iter().any(|name| old_names.binary_search(name).is_err());
        Ok(comes && !is_purged(resource, old, within, &states)?)
    }
}
