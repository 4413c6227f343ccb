//! Lists: the rows of a noun that meet a search and filters, in an order, a page at a time (LST-4 to LST-9).

use super::{
    PAGE_MAX, Page, Store,
    order::{Key, Order},
    shown::{shown, unset},
};
use crate::{
    model::{self, Company},
    schema::{
        Id, Resource, Tenant,
        card::{Card, Wanted},
        envelope::Envelope,
        links,
        table::AnyTable,
    },
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    iter::successors,
};

/// Which rows, in what order, and which part of them.
#[derive(Clone, Debug, Default)]
pub struct RowQuery {
    /// Contained in one of the noun's search fields, letter case and outer spaces ignored; empty finds all.
    pub search: String,
    /// Search fields that are looked at; none: all of them.
    pub search_in: Option<Vec<&'static str>>,
    /// Fields, each with the values of which it must have one; a row must meet all of them (LST-7).
    pub filters: Vec<(String, Vec<String>)>,
    /// These rows only.
    pub ids: Option<BTreeSet<Id>>,
    /// A column, with `-` before it the other way round; none: newest first (LST-8).
    pub sort: Option<String>,
    /// 1 to `PAGE_MAX`.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Pages from 1, for whoever goes to one by its number.
    pub page: Option<usize>,
}

/// The filter of a list whose rows stand in a tree: the rows named, and all below them (DEP-5 reading).
pub const BELOW: &str = "below";

/// A row as others refer to it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Named {
    pub id: Id,
    pub name: String,
}

impl Store {
    /// None: there is no such noun, or no such column to sort or filter by.
    pub fn rows(&self, noun: &str, query: &RowQuery) -> Option<Page<Value>> {
        let resource = model::resource(noun)?;
        let tenant = self.tenant();
        let page = page(resource, &tenant, query, Order::of(resource, query.sort.as_deref())?)?;
        Some(page.map(|id| {
            let (envelope, value) = tenant.rows_of(resource.name)?.row(id)?;
            Some(shown(resource, &tenant, envelope, &value))
        }))
    }

    /// The same as others refer to them, by name; the search looks at the name.
    pub fn choices(&self, noun: &str, query: &RowQuery) -> Option<Page<Named>> {
        let resource = model::resource(noun)?;
        let tenant = self.tenant();
        let page = page(resource, &tenant, query, Order::by_name())?;
        Some(page.map(|id| Some(Named { id, name: tenant.name_of(resource.name, id)?.into() })))
    }

    /// Every row that meets the search and the filters. None as for `rows`.
    pub fn matching(&self, noun: &str, query: &RowQuery) -> Option<Vec<Id>> {
        let resource = model::resource(noun)?;
        let tenant = self.tenant();
        let rows = tenant.rows_of(resource.name);
        rows.map_or(Some(Vec::new()), |rows| {
            Some(found(resource, (&tenant, rows), query, false)?.map(|(e, _)| e.id).collect())
        })
    }

    /// The names of all rows that these refer to: `{"role": {"3": "Supervisor"}}`.
    pub fn names<'a>(&self, noun: &str, rows: impl IntoIterator<Item = &'a Value>) -> Value {
        let tenant = self.tenant();
        let mut names: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        let Some(resource) = model::resource(noun) else { return json!({}) };
        for row in rows {
            links::each(resource, row, |_, noun, id| {
                if let Some(name) = tenant.name_of(noun, id) {
                    names.entry(noun.into()).or_default().insert(id.to_string(), name.into());
                }
            });
        }
        json!(names)
    }

    /// One row as it is shown.
    pub fn row(&self, noun: &str, id: Id) -> Option<Value> {
        let resource = model::resource(noun)?;
        let tenant = self.tenant();
        let (envelope, value) = tenant.rows_of(resource.name)?.row(id)?;
        Some(shown(resource, &tenant, envelope, &value))
    }

    /// The one row of a noun that has one, as it is shown.
    pub fn only_row(&self, noun: &str) -> Option<Value> {
        let resource = model::resource(noun).filter(|resource| resource.single())?;
        let tenant = self.tenant();
        let set = tenant.rows_of(resource.name).and_then(|rows| rows.row(*rows.ids().first()?));
        match set {
            Some((envelope, value)) => Some(shown(resource, &tenant, envelope, &value)),
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

/// The rows in the order of their coming. None: a filter names no column.
fn found<'a>(
    resource: &'static Resource,
    (tenant, table): (&Tenant, &'a dyn AnyTable),
    query: &RowQuery,
    by_name: bool,
) -> Option<impl Iterator<Item = (&'a Envelope, &'a Card)>> {
    let filters = query.filters.iter().map(|(field, values)| Filter::of(resource, table, field, values));
    let filters = filters.collect::<Option<Vec<_>>>()?;
    let text = query.search.trim().to_lowercase();
    let text = if resource.finds_office && Company::is_called(tenant, &text) { String::new() } else { text };
    let looked_at = |field: &&&'static str| query.search_in.as_ref().is_none_or(|fields| fields.contains(field));
    let places = resource.search.iter().enumerate().filter(|(_, field)| looked_at(field)).map(|(place, _)| place);
    let places: Vec<_> = places.collect();
    let has = move |card: &Card| match by_name {
        _ if text.is_empty() => true,
        true => card.folded_name().contains(&text),
        false => places.iter().any(|place| card.holds(*place, &text)),
    };
    let ids = query.ids.clone();
    let meets = move |(envelope, card): &(&Envelope, &Card)| {
        ids.as_ref().is_none_or(|ids| ids.contains(&envelope.id))
            && filters.iter().all(|filter| filter.meets(envelope, card))
            && has(card)
    };
    Some(table.cards().filter(meets))
}

/// One field and the values of which it must have one.
struct Filter {
    column: Column,
    wanted: Vec<Wanted>,
}

enum Column {
    /// One of these rows.
    Rows(BTreeSet<Id>),
    Cell(usize),
    CreatedAt,
    UpdatedAt,
}

impl Filter {
    fn of(resource: &'static Resource, table: &dyn AnyTable, field: &str, values: &[String]) -> Option<Filter> {
        let moments = |values: &[String]| values.iter().map(|text| Wanted::moments(text)).collect();
        let (column, wanted) = match field {
            "created_at" => (Column::CreatedAt, moments(values)),
            "updated_at" => (Column::UpdatedAt, moments(values)),
            BELOW => (Column::Rows(below(table, resource.above()?, values)), Vec::new()),
            field => {
                let place = resource.columns().position(|column| column == field)?;
                (Column::Cell(place), values.iter().map(|text| Wanted::of(text)).collect())
            }
        };
        Some(Filter { column, wanted })
    }

    fn meets(&self, envelope: &Envelope, card: &Card) -> bool {
        let at = |moment: Timestamp| self.wanted.iter().any(|wanted| wanted.at(moment));
        match self.column {
            Column::Rows(ref rows) => rows.contains(&envelope.id),
            Column::Cell(place) => self.wanted.iter().any(|wanted| card.cell(place).is(wanted)),
            Column::CreatedAt => at(envelope.created_at),
            Column::UpdatedAt => at(envelope.updated_at),
        }
    }
}

/// These rows and all that stand below one of them. No way up is longer than there are rows.
fn below(table: &dyn AnyTable, above: &str, tops: &[String]) -> BTreeSet<Id> {
    let tops: BTreeSet<Id> = tops.iter().filter_map(|id| id.trim().parse().ok()).collect();
    let up = |id: &Id| table.row(*id)?.1[above].as_str()?.parse::<Id>().ok();
    let stands_below = |id: &Id| successors(Some(*id), up).take(table.len()).any(|id| tops.contains(&id));
    table.ids().into_iter().filter(stands_below).collect()
}

/// Only the page itself is sorted, so that a long list costs its length.
fn page(resource: &'static Resource, tenant: &Tenant, query: &RowQuery, order: Order) -> Option<Page<Id>> {
    let Some(table) = tenant.rows_of(resource.name) else { return Some(Page::default()) };
    let found = found(resource, (tenant, table), query, order.is_by_name())?;
    let mut keys: Vec<Key> = found.map(|(envelope, card)| order.key(tenant, envelope, card)).collect();
    let total = keys.len() as u64;
    let limit = query.limit.clamp(1, PAGE_MAX);
    match query.cursor.as_deref().map(|cursor| order.place(cursor)) {
        Some(Some(last)) => keys.retain(|key| order.compared(&last, key).is_lt()),
        Some(None) => keys.clear(),
        None => {}
    }
    let before = query.page.map_or(0, |page| page.saturating_sub(1).saturating_mul(limit)).min(keys.len());
    let rest = order.after(&mut keys, before);
    let more = rest.len() > limit;
    let items = order.first(rest, limit);
    let next = items.last().filter(|_| more).map(|last| order.cursor(last));
    Some(Page { items: items.iter().map(|key| key.id).collect(), next, total })
}
