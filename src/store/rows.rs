//! Lists: the rows of a noun that meet a search, newest first, a page at a time (LST-4 to LST-9).

use super::{
    PAGE_MAX, Page, Store,
    shown::{shown, unset},
};
use crate::{
    model,
    schema::{Id, Resource, envelope::Envelope, table::AnyTable},
    time::Timestamp,
};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default)]
pub struct RowQuery {
    /// Contained in one of the noun's search fields, letter case and outer spaces ignored; empty finds all.
    pub search: String,
    /// 1 to `PAGE_MAX`.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Store {
    /// None: there is no such noun.
    pub fn rows(&self, noun: &str, query: &RowQuery) -> Option<Page<Value>> {
        let resource = model::resource(noun)?;
        let tenant = self.tenant();
        let Some(table) = tenant.rows_of(resource.name) else {
            return Some(Page { items: Vec::new(), next: None, total: 0 });
        };
        let mut found = found(resource, table, query.search.trim());
        found.sort_unstable_by(|one, other| other.cmp(one));
        let total = found.len() as u64;
        let begin = query.cursor.as_deref().map_or(0, |cursor| match place(cursor) {
            Some(last) => found.partition_point(|place| *place >= last),
            None => found.len(),
        });
        let limit = query.limit.clamp(1, PAGE_MAX);
        let page = &found[begin..found.len().min(begin + limit)];
        let more = begin + page.len() < found.len();
        let next = page.last().filter(|_| more).map(|(at, id)| format!("{}-{id}", at.0));
        let items = page.iter().filter_map(|(_, id)| table.row(*id)).map(|(e, value)| shown(resource, e, &value));
        Some(Page { items: items.collect(), next, total })
    }

    /// One row as it is shown.
    pub fn row(&self, noun: &str, id: Id) -> Option<Value> {
        let resource = model::resource(noun)?;
        let tenant = self.tenant();
        let (envelope, value) = tenant.rows_of(resource.name)?.row(id)?;
        Some(shown(resource, envelope, &value))
    }

    /// The one row of a noun that has one, as it is shown.
    pub fn only_row(&self, noun: &str) -> Option<Value> {
        let resource = model::resource(noun).filter(|resource| resource.single())?;
        let tenant = self.tenant();
        let set = tenant.rows_of(resource.name).and_then(|rows| rows.row(*rows.ids().first()?));
        match set {
            Some((envelope, value)) => Some(shown(resource, envelope, &value)),
            None => Some(unset(resource, &resource.taken(&tenant, Map::new()).ok()?)),
        }
    }

    /// A sealed secret in clear, for who may see it. None also for what is only hashed.
    pub fn reveal(&self, noun: &str, id: Id, field: &str) -> Option<String> {
        let resource = model::resource(noun)?;
        resource.sealed().find(|sealed| *sealed == field)?;
        let tenant = self.tenant();
        let (_, value) = tenant.rows_of(resource.name)?.row(id)?;
        value[field].as_str().map(Into::into)
    }
}

/// When and which, so that rows of one moment keep their order.
fn found(resource: &Resource, table: &dyn AnyTable, search: &str) -> Vec<(Timestamp, Id)> {
    let wanted = search.to_lowercase();
    let holds = |value: &Value| {
        let mut fields = resource.search.iter().filter_map(|field| value[*field].as_str());
        fields.any(|text| text.to_lowercase().contains(&wanted))
    };
    let rows = table.ids().into_iter().filter_map(|id| match wanted.is_empty() {
        true => table.envelope(id),
        false => table.row(id).filter(|(_, value)| holds(value)).map(|(envelope, _)| envelope),
    });
    rows.map(|envelope: &Envelope| (envelope.created_at, envelope.id)).collect()
}

fn place(cursor: &str) -> Option<(Timestamp, Id)> {
    let (at, id) = cursor.rsplit_once('-')?;
    Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
}
