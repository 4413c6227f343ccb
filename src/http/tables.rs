//! Rows of nouns that are tables: a page of a list, and one row, of the part and in the reach of whoever asks.

use super::{Panel, lists, on_disk, query::Query, refused::Refused, rest, site::Asker};
use crate::{
    schema::{Actor, Id, Resource, access::Reach, kind::phone, permission::SCOPED, resource::CUSTOM},
    store::{
        Page,
        table::{self, Sort},
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const WORDS: &[&str] = &["search", "limit", "cursor", "page", "sort"];
const NEWEST_FIRST: &str = "created_at";
/// Whose row it is, in tables of which a role shows a part.
const WHOSE: &str = "agent_number";

/// A page of the list.
pub async fn page(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    asked: &Query,
) -> Result<Page<Value>, Refused> {
    let mut query = wanted(panel, asker, resource, asked)?;
    if let Some(numbers) = in_reach(asker, resource) {
        let own = |wanted: BTreeSet<String>| wanted.intersection(&numbers).cloned().collect();
        match query.filters.iter_mut().find(|(field, _)| field == WHOSE) {
            Some((_, wanted)) => *wanted = own(std::mem::take(wanted)),
            None => query.filters.push((WHOSE.into(), numbers.clone())),
        }
    }
    if query.filters.iter().any(|(_, values)| values.is_empty()) {
        return Ok(Page::default());
    }
    let door = panel.door.clone();
    let mut page = on_disk(move || Ok(door.store.table_page(resource, &query)?)).await?;
    page.items = page.items.into_iter().map(|row| masked(panel, asker, resource, row)).collect();
    Ok(page)
}

/// One row, if it is in reach.
pub async fn row(panel: &Arc<Panel>, asker: &Asker, resource: &'static Resource, id: Id) -> Result<Value, Refused> {
    let door = panel.door.clone();
    let found = on_disk(move || Ok(door.store.table_row_by(resource, id)?)).await?;
    let scoped = SCOPED.contains(&resource.name);
    let near =
        |made_by: &Actor, row: &Value| asker.access.reach(resource.name).holds(row[WHOSE].as_str(), Some(made_by));
    let row = found.filter(|(made_by, row)| !scoped || near(made_by, row)).map(|(_, row)| row);
    Ok(masked(panel, asker, resource, row.ok_or_else(Refused::not_found)?))
}

/// Without the middle of telephone numbers that whoever asks may not see (CMP-63).
pub fn masked(panel: &Panel, asker: &Asker, resource: &Resource, mut row: Value) -> Value {
    let tenant = panel.door.store.tenant();
    if resource.masks(&tenant, &asker.access, &row) {
        let custom = resource.custom(&tenant, &row).unwrap_or_default();
        hide(resource.schema(), &mut row);
        hide(&custom, &mut row[CUSTOM]);
    }
    row
}

fn hide(schema: &Value, fields: &mut Value) {
    for (field, value) in fields.as_object_mut().into_iter().flatten() {
        let number = matches!(schema["properties"][field]["x-kind"].as_str(), Some("phone" | "digits"));
        if let Some(text) = value.as_str().filter(|_| number) {
            *value = phone::masked(text).into();
        }
    }
}

/// The agents whose rows a list shows; none: everybody's. No list is narrowed by who made a row, so that an account with
/// a narrow scope sees less in it than it may rather than more.
fn in_reach(asker: &Asker, resource: &Resource) -> Option<BTreeSet<String>> {
    if !SCOPED.contains(&resource.name) {
        return None;
    }
    match asker.access.reach(resource.name) {
        Reach::All => None,
        Reach::Agents(numbers) => Some(numbers.into_iter().map(String::from).collect()),
        Reach::Created(_) | Reach::Nothing => Some(BTreeSet::new()),
    }
}

fn wanted(panel: &Panel, asker: &Asker, resource: &'static Resource, asked: &Query) -> Result<table::Query, Refused> {
    let filters = filters(resource);
    asked.only(&[WORDS, &filters].concat())?;
    let named = resource.filters.iter().filter_map(|field| Some((*field, asked.text(field)?)));
    let narrowed: Vec<_> = named
        .map(|(field, text)| (field.to_owned(), lists::values(text).into_iter().collect::<BTreeSet<_>>()))
        .collect();
    if let Some((field, _)) = narrowed.iter().find(|(field, _)| !asker.access.sees(resource, field)) {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    let limit = asked.limit(asker)?;
    let within = match resource.within {
        Some(field) => part(panel, resource, field, asked)?.map(|part| vec![part]),
        None => None,
    };
    let hidden = resource.search.iter().filter(|field| !asker.access.sees(resource, field));
    Ok(table::Query {
        within,
        search: asked.text("search").unwrap_or_default().into(),
        hidden: hidden.map(|field| (*field).to_owned()).collect(),
        filters: narrowed,
        sort: sort(asker, resource, asked)?,
        limit,
        cursor: asked.text("cursor").map(str::to_owned),
        skip: lists::page_number(asked)?.map_or(0, |page| (page - 1).saturating_mul(limit)),
    })
}

/// What narrows the list, the part among it (API-49).
pub fn filters(resource: &Resource) -> Vec<&'static str> {
    let part = resource.within.filter(|field| !resource.filters.contains(field));
    resource.filters.iter().copied().chain(part).collect()
}

/// The part that is named, else that which is meant without a name (API-49).
fn part(panel: &Panel, resource: &Resource, field: &str, asked: &Query) -> Result<Option<Id>, Refused> {
    let tenant = panel.door.store.tenant();
    let Some(text) = asked.text(field) else { return Ok(resource.part(&tenant)) };
    let noun = resource.field(field).and_then(|schema| schema["x-to"].as_str()).unwrap_or_default();
    let known = |id: &Id| tenant.rows_of(noun).is_some_and(|rows| rows.envelope(*id).is_some());
    let id = rest::number(text).ok().filter(known);
    id.map(Some).ok_or_else(|| Refused::invalid(field, json!({ "why": "not_there" })))
}

fn sort(asker: &Asker, resource: &Resource, asked: &Query) -> Result<Sort, Refused> {
    let Some(text) = asked.text("sort") else { return Ok(Sort::default()) };
    let (field, descending) = text.strip_prefix('-').map_or((text, false), |field| (field, true));
    if field == NEWEST_FIRST {
        return Ok(Sort { field: None, descending });
    }
    let known = resource.sorts.contains(&field) && asker.access.sees(resource, field);
    known
        .then(|| Sort { field: Some(field.into()), descending })
        .ok_or_else(|| Refused::invalid("sort", json!({ "why": "choice" })))
}
