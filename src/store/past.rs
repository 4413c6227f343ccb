//! What became of a row, write by write; a write is undone, and a row copied, by writing anew.

use super::{NotWritten, PAGE_MAX, Store, Write, journal, secrets};
use crate::{
    model,
    schema::{Held, Id, Refusals, Resource, Rule, Tenant, Why, resource::CUSTOM},
};
use serde_json::{Map, Value};

/// One write to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// By its number in the journal.
    Revision(u64),
    /// By the count that the row has behind it.
    Rev(u64),
}

impl Store {
    /// The writes to one row, newest first, from before `revision` if one is given.
    pub fn past(
        &self,
        noun: &str,
        id: Id,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<journal::Entry>, NotWritten> {
        let resource = model::resource(noun).ok_or_else(|| Refusals::whole(Why::NotFound))?;
        if resource.held == Held::Table {
            return Ok(self.tables.history(resource, id, before, limit)?);
        }
        Ok(journal::of_row(&*self.config.database()?, resource.name, id, before, limit.min(PAGE_MAX))?)
    }

    /// The write that puts back what one write changed: its fields as they were before, a removed row under its own
    /// number, an added one away. Secrets stay as they are; those of a removed row are gone, and made anew where it
    /// must have them.
    pub fn undoing(&self, noun: &str, id: Id, which: Which) -> Result<Write, NotWritten> {
        let resource = model::resource(noun).ok_or_else(|| Refusals::whole(Why::NotFound))?;
        let before = if let Which::Revision(revision) = which { revision.checked_add(1) } else { None };
        let meant = |entry: &journal::Entry| match which {
            Which::Revision(revision) => entry.revision == revision,
            Which::Rev(rev) => entry.rev == rev,
        };
        let entry = self.past(noun, id, before, PAGE_MAX)?.into_iter().find(meant);
        let entry = entry.ok_or_else(|| Refusals::whole(Why::NotFound))?;
        Ok(match (entry.before, entry.after) {
            (Some(Value::Object(mut value)), None) => {
                let made = secrets::renew(resource, &mut value)?;
                Write::Restore { id, value, made }
            }
            (Some(before), Some(after)) => Write::Change { id, rev: None, value: differing(resource, &before, &after) },
            _ => Write::Remove { id, rev: None },
        })
    }

    /// A new row like this one, named after it: `Support (copy)`, then `Support (copy 2)` (ROL-7, SUR-49). What no two
    /// rows may have is left empty, and so are secrets.
    pub fn copy_of(&self, noun: &str, id: Id) -> Option<Map<String, Value>> {
        let resource = model::resource(noun)?;
        let tenant = self.tenant();
        let (_, value) = tenant.rows_of(resource.name)?.row(id)?;
        Some(copied(resource, &tenant, value))
    }
}

/// The fields that a write changed, as they were before it; not those that nobody types.
fn differing(resource: &Resource, before: &Value, after: &Value) -> Map<String, Value> {
    let typed = |field: &str| !is(resource, field, |rule| matches!(rule, Rule::Given { .. } | Rule::Shown { .. }));
    let fields = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let names = fields(before).into_iter().chain(fields(after)).map(|(field, _)| field);
    let changed = names.filter(|field| after[field] != before[field] && typed(field));
    changed.map(|field| (field.clone(), was(&field, &before[&field], &after[&field]))).collect()
}

/// Fields of the office's own that came with the write go with it.
fn was(field: &str, before: &Value, after: &Value) -> Value {
    let (true, Some(came)) = (field == CUSTOM, after.as_object()) else { return before.clone() };
    let mut was = before.as_object().cloned().unwrap_or_default();
    let new: Vec<_> = came.keys().filter(|name| !was.contains_key(*name)).cloned().collect();
    was.extend(new.into_iter().map(|name| (name, Value::Null)));
    Value::Object(was)
}

fn is(resource: &Resource, field: &str, what: impl Fn(&Rule) -> bool) -> bool {
    resource.rules.iter().any(|rule| rule.field() == field && what(rule))
}

fn copied(resource: &Resource, tenant: &Tenant, value: Value) -> Map<String, Value> {
    let secret: Vec<_> = resource.sealed().chain(resource.hashed()).collect();
    let of_one = |rule: &Rule| {
        matches!(rule, Rule::Unique { .. } | Rule::FreeNumber { .. } | Rule::Given { .. } | Rule::Shown { .. })
    };
    let name = resource.named().first().copied().unwrap_or_default();
    let Value::Object(mut value) = value else { return Map::new() };
    value.retain(|field, _| field == name || !(secret.contains(&&**field) || is(resource, field, of_one)));
    if let Some(Value::String(text)) = value.get(name) {
        let most = resource.field(name).and_then(|schema| schema["maxLength"].as_u64()).unwrap_or(u64::MAX);
        let copy = copy_name(resource, tenant, text, most as usize);
        value.insert(name.into(), copy.into());
    }
    value
}

/// The first such name that no row has; a long one is cut, so that it fits.
fn copy_name(resource: &Resource, tenant: &Tenant, name: &str, most: usize) -> String {
    let cards = || tenant.rows_of(resource.name).into_iter().flat_map(|rows| rows.cards());
    let names: std::collections::BTreeSet<_> = cards().map(|(_, card)| card.folded_name()).collect();
    let numbered = |n: usize| if n == 1 { " (copy)".to_owned() } else { format!(" (copy {n})") };
    let named = |n: usize| {
        let mark = numbered(n);
        name.chars().take(most.saturating_sub(mark.len())).collect::<String>() + &mark
    };
    (1..).map(named).find(|copy| !names.contains(&*copy.to_lowercase())).unwrap_or_default()
}
