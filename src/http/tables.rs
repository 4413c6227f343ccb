//! Rows of nouns that are tables: a page of a list, and one row, of the part and in the reach of whoever asks.

use super::{Panel, lists, on_disk, query::Query, refused::Refused, rest, site::Asker};
use crate::{
    schema::{
        Access, Id, Resource, Tenant,
        access::{Reach, WHOSE},
        index::MADE_BY,
        kind::phone,
        model::Masked,
        resource::CUSTOM,
    },
    store::{
        Page, RowQuery,
        table::{self, Sort},
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const WORDS: &[&str] = &["search", "limit", "cursor", "page", "sort"];
const NEWEST_FIRST: &str = "created_at";

/// A page of the list.
pub async fn page(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    asked: &Query,
) -> Result<Page<Value>, Refused> {
    let asked = wanted(asker, resource, asked)?;
    let Some(query) = question(&asker.access, &panel.door.store.tenant(), resource, asked)? else {
        return Ok(Page::default());
    };
    let door = panel.door.clone();
    let mut page = on_disk(move || Ok(door.store.table_page(resource, &query)?)).await?;
    page.items = page.items.into_iter().map(|row| masked(panel, asker, resource, row)).collect();
    Ok(page)
}

/// One row, if it is in reach.
pub async fn row(panel: &Arc<Panel>, asker: &Asker, resource: &'static Resource, id: Id) -> Result<Value, Refused> {
    let door = panel.door.clone();
    let found = on_disk(move || Ok(door.store.table_row_by(resource, id)?)).await?;
    let row = found.filter(|(made_by, row)| asker.access.reaches(resource, row, made_by)).map(|(_, row)| row);
    Ok(masked(panel, asker, resource, row.ok_or_else(Refused::not_found)?))
}

/// Without the fields of the office that whoever asks is not shown (FLD-32), and without the middle of telephone numbers
/// that they may not see (CMP-63).
pub fn masked(panel: &Panel, asker: &Asker, resource: &Resource, mut row: Value) -> Value {
    let tenant = panel.door.store.tenant();
    resource.kept_from(&tenant, &asker.access, &row).hide(&mut row);
    if resource.masks(&tenant, &asker.access, &row) {
        let custom = resource.custom(&tenant, &row).unwrap_or_default();
        hide(resource.schema(), &mut row);
        hide(&custom, &mut row[CUSTOM]);
    }
    row
}

fn hide(schema: &Value, fields: &mut Value) {
    for (field, value) in fields.as_object_mut().into_iter().flatten() {
        if let Some(text) = value.as_str().filter(|_| Resource::is_number(&schema["properties"][field])) {
            *value = phone::masked(text).into();
        }
    }
}

fn wanted(asker: &Asker, resource: &'static Resource, asked: &Query) -> Result<RowQuery, Refused> {
    let filters = filters(resource);
    asked.only(&[WORDS, &filters].concat())?;
    let named = filters.iter().filter_map(|field| Some(((*field).to_owned(), lists::values(asked.text(field)?))));
    Ok(RowQuery {
        search: asked.text("search").unwrap_or_default().into(),
        filters: named.collect(),
        sort: asked.text("sort").map(str::to_owned),
        limit: asked.limit(asker)?,
        cursor: asked.text("cursor").map(str::to_owned),
        page: lists::page_number(asked)?,
        ..RowQuery::default()
    })
}

/// What is asked of a table, of the part that is meant and in the reach of whoever asks. None: nothing can be found.
pub fn question(
    access: &Access,
    tenant: &Tenant,
    resource: &'static Resource,
    asked: RowQuery,
) -> Result<Option<table::Query>, Refused> {
    let (parts, mut narrowed): (Vec<_>, Vec<_>) =
        asked.filters.into_iter().partition(|(field, _)| resource.within == Some(&**field));
    let known = |field: &str| resource.filters.contains(&field) && access.sees(resource, field);
    if let Some((field, _)) = narrowed.iter().find(|(field, _)| !known(field)) {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    // Where there is one part for this office, it may be named and no other.
    let only = resource.part(tenant).map(|part| vec![part.to_string()]);
    let others =
        parts.iter().find(|(field, named)| tenant.bounds.withholds(resource, field) && only.as_ref() != Some(named));
    if let Some((field, _)) = others {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    narrowed.extend(in_reach(access, resource));
    if narrowed.iter().any(|(_, values)| values.is_empty()) {
        return Ok(None);
    }
    let hidden = resource.search.iter().filter(|field| !access.sees(resource, field)).map(|field| (*field).to_owned());
    let masked = resource.masked(tenant, access).filter(|masked| !masked.values.is_empty());
    let sort = sort(access, resource, asked.sort.as_deref())?;
    // An order would tell what is masked.
    let number = sort.field.as_deref().and_then(|field| resource.field(field)).is_some_and(Resource::is_number);
    if number && masked.is_some() {
        return Err(Refused::invalid("sort", json!({ "why": "choice" })));
    }
    let within = within(tenant, resource, parts.into_iter().next())?;
    let parts = within.clone().unwrap_or_else(|| all_parts(tenant, resource));
    Ok(Some(table::Query {
        masked: masked.map(|masked| unsearched(tenant, resource, within.as_deref(), masked)),
        within,
        search: asked.search,
        hidden: hidden.chain(unseen(access, tenant, resource, &parts)).collect(),
        filters: narrowed.into_iter().map(|(field, values)| (field, values.into_iter().collect())).collect(),
        sort,
        limit: asked.limit,
        cursor: asked.cursor,
        skip: asked.page.map_or(0, |page| (page - 1).saturating_mul(asked.limit)),
    }))
}

/// Fields of the office that whoever asks is not shown, in any of these parts.
fn unseen(access: &Access, tenant: &Tenant, resource: &Resource, parts: &[Id]) -> BTreeSet<String> {
    let of = |part: &Id| resource.within.map_or(json!({}), |field| json!({ field: part }));
    parts.iter().flat_map(|part| resource.kept_from(tenant, access, &of(part)).unseen).collect()
}

/// In masked rows no number is searched: whoever is shown `139****5678` does not ask for the rest digit by digit.
fn unsearched(tenant: &Tenant, resource: &Resource, within: Option<&[Id]>, masked: Masked) -> table::Unsearched {
    let mut fields: BTreeSet<String> = resource
        .fields()
        .filter(|(_, schema)| Resource::is_number(schema))
        .map(|(field, _)| field.to_owned())
        .collect();
    for part in within.into_iter().flatten() {
        let of = resource.within.map_or(json!({}), |field| json!({ field: part }));
        let custom = resource.custom(tenant, &of).unwrap_or_default();
        let custom = custom["properties"].as_object().into_iter().flatten();
        let numbers = custom.filter(|(_, schema)| Resource::is_number(schema));
        fields.extend(numbers.map(|(name, _)| format!("{CUSTOM}.{name}")));
    }
    table::Unsearched { fields, field: masked.field, values: masked.values }
}

/// What else a row must have to be one of theirs.
fn in_reach(access: &Access, resource: &Resource) -> Option<(String, Vec<String>)> {
    match access.reach_of(resource) {
        Reach::All => None,
        Reach::Agents(numbers) => Some((WHOSE.into(), numbers.into_iter().map(String::from).collect())),
        Reach::Created(actor) => Some((MADE_BY.into(), vec![actor.word()])),
        Reach::Nothing => Some((WHOSE.into(), Vec::new())),
    }
}

/// What narrows the list, the part among it (API-49).
pub fn filters(resource: &Resource) -> Vec<&'static str> {
    let part = resource.within.filter(|field| !resource.filters.contains(field));
    resource.filters.iter().copied().chain(part).collect()
}

/// The filter by which all parts of a table are meant.
pub fn parts(tenant: &Tenant, resource: &Resource) -> Option<(String, Vec<String>)> {
    let all = all_parts(tenant, resource);
    Some((resource.within?.to_owned(), all.iter().map(ToString::to_string).collect()))
}

fn all_parts(tenant: &Tenant, resource: &Resource) -> Vec<Id> {
    if resource.within.is_some_and(|field| tenant.bounds.withholds(resource, field)) {
        return resource.part(tenant).into_iter().collect();
    }
    let noun = resource.within.and_then(|field| resource.field(field)?["x-to"].as_str());
    noun.and_then(|noun| tenant.rows_of(noun)).map(|rows| rows.ids()).unwrap_or_default()
}

/// The parts that are named, else that which is meant without a name (API-49); none: all of them.
fn within(
    tenant: &Tenant,
    resource: &Resource,
    named: Option<(String, Vec<String>)>,
) -> Result<Option<Vec<Id>>, Refused> {
    let Some((field, values)) = named else { return Ok(resource.part(tenant).map(|part| vec![part])) };
    let noun = resource.field(&field).and_then(|schema| schema["x-to"].as_str()).unwrap_or_default();
    let known = |id: &Id| tenant.rows_of(noun).is_some_and(|rows| rows.envelope(*id).is_some());
    let parts: BTreeSet<Option<Id>> = values.iter().map(|text| rest::number(text).ok().filter(known)).collect();
    let parts: Option<Vec<Id>> = parts.into_iter().collect();
    parts.map(Some).ok_or_else(|| Refused::invalid(&field, json!({ "why": "not_there" })))
}

fn sort(access: &Access, resource: &Resource, asked: Option<&str>) -> Result<Sort, Refused> {
    let Some(text) = asked else { return Ok(Sort::default()) };
    let (field, descending) = text.strip_prefix('-').map_or((text, false), |field| (field, true));
    if field == NEWEST_FIRST {
        return Ok(Sort { field: None, descending });
    }
    let known = resource.sorts.contains(&field) && access.sees(resource, field);
    known
        .then(|| Sort { field: Some(field.into()), descending })
        .ok_or_else(|| Refused::invalid("sort", json!({ "why": "choice" })))
}
