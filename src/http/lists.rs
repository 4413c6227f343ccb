//! Lists of any noun: searched, narrowed, sorted, a page at a time; and rows by name, for who chooses one.

use super::{
    Panel, on_disk,
    query::{self, Query},
    refused::Refused,
    rest,
    site::Asker,
    tables,
};
use crate::{
    model::{self, RESOURCES},
    schema::{Held, Resource, Tenant, links, rule},
    store::{self, RowQuery},
};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// Words of a query that are no filters.
const WORDS: &[&str] = &["search", "limit", "cursor", "page", "sort", "ids"];
/// Filters of every list, beside its own.
const MOMENTS: &[&str] = &["created_at", "updated_at"];

/// `GET /…/{path}`
pub async fn list(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    asker.must(resource, "view")?;
    let tenant = panel.door.store.tenant();
    let mut page = match resource.held {
        Held::Table => tables::page(&panel, &asker, resource, &asked).await?,
        Held::Packed => {
            let (door, wanted) = (panel.door.clone(), wanted(&tenant, &asker, resource, &asked, &filters(resource))?);
            on_disk(move || Ok(door.store.packed_page(resource, &wanted)?)).await?
        }
        Held::Snapshot | Held::Single => {
            let wanted = listed(&asker, resource, wanted(&tenant, &asker, resource, &asked, &filters(resource))?);
            let page = panel.door.store.rows(resource.name, &wanted);
            let mut page = page.ok_or_else(|| Refused::invalid("sort", json!({ "why": "choice" })))?;
            page.items = page.items.into_iter().map(|row| rest::told(&panel, resource, row)).collect();
            page
        }
    };
    page.items = page.items.into_iter().map(|row| asker.access.shown(resource, row)).collect();
    let names = panel.door.store.names(resource.name, &page.items);
    let mut told = query::page(&asker, page);
    if !asker.is_program() {
        told["names"] = names;
    }
    Ok(Json(told))
}

/// `GET /panel/{path}/choices`: for whoever may view the noun, or a noun that refers to it.
pub async fn choices(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let path = path.strip_prefix(rest::GIVEN).unwrap_or(&path);
    let resource = model::resource(path).filter(|resource| resource.path == path).ok_or_else(Refused::not_found)?;
    if asker.access.bounds.withholds_noun(resource.name) {
        return Err(Refused::not_found());
    }
    let refers = |other: &&Resource| links::can_refer_to(other.schema(), resource.name);
    let near = RESOURCES.iter().filter(refers).any(|other| asker.must(other, "view").is_ok());
    if !near {
        asker.must(resource, "view")?;
    }
    let (tenant, columns) = (panel.door.store.tenant(), resource.columns().collect::<Vec<_>>());
    let wanted = offered(&asker, resource, wanted(&tenant, &asker, resource, &asked, &columns)?);
    let page = panel.door.store.choices(resource.name, &wanted).ok_or_else(Refused::not_found)?;
    Ok(Json(query::page(&asker, page)))
}

/// The list of the panel leaves out what is put aside, until somebody asks for it or names it (CMP-42 reading).
fn listed(asker: &Asker, resource: &Resource, mut wanted: RowQuery) -> RowQuery {
    if let Some(offered) = resource.offered.filter(|_| !asker.is_program() && wanted.ids.is_none())
        && !wanted.filters.iter().any(|(field, _)| field == offered.field)
    {
        wanted.filters.push((offered.field.into(), words(offered.listed)));
    }
    wanted
}

/// What is chosen from; one that is named by its number is told whatever has become of it (STG-16).
fn offered(asker: &Asker, resource: &Resource, mut wanted: RowQuery) -> RowQuery {
    if let Some(offered) = resource.offered.filter(|_| wanted.ids.is_none()) {
        let to = if asker.access.own_number.is_some() { offered.to_agents } else { offered.to_others };
        wanted.filters.push((offered.field.into(), words(to)));
    }
    wanted
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Every filter of a noun's list.
pub fn filters(resource: &Resource) -> Vec<&'static str> {
    let tree = resource.above().map(|_| store::BELOW);
    let within = resource.within.filter(|field| !resource.filters.contains(field));
    resource.filters.iter().chain(MOMENTS).copied().chain(tree).chain(within).collect()
}

fn wanted(
    tenant: &Tenant,
    asker: &Asker,
    resource: &Resource,
    asked: &Query,
    filters: &[&str],
) -> Result<RowQuery, Refused> {
    asked.only(&[WORDS, filters].concat())?;
    let given = filters.iter().filter_map(|field| Some(((*field).to_owned(), values(asked.text(field)?))));
    let sort = asked.text("sort").map(str::to_owned);
    if sort.as_deref().is_some_and(|sort| !sees(asker, resource, sort.trim_start_matches('-'))) {
        return Err(Refused::invalid("sort", json!({ "why": "choice" })));
    }
    let ids: Option<BTreeSet<_>> =
        asked.text("ids").map(|ids| ids.split(',').filter_map(|id| id.trim().parse().ok()).collect());
    // One that is named by its number is told, wherever it stands.
    let only = if ids.is_none() { the_only(tenant, resource) } else { Vec::new() };
    Ok(RowQuery {
        search: asked.text("search").unwrap_or_default().into(),
        search_in: search_in(asker, resource),
        filters: seen(asker, resource, given, only)?,
        ids,
        sort,
        limit: asked.limit(asker)?,
        cursor: asked.text("cursor").map(str::to_owned),
        page: page_number(asked)?,
    })
}

/// From 1.
pub fn page_number(asked: &Query) -> Result<Option<usize>, Refused> {
    let page = asked.text("page").map(|page| page.parse().ok().filter(|page| *page > 0));
    page.map(|page| page.ok_or_else(|| Refused::invalid("page", json!({ "why": "type" })))).transpose()
}

/// The rows that a body names: `search` and `filters`, as the list has them (LST-14).
pub fn condition(
    tenant: &Tenant,
    asker: &Asker,
    resource: &Resource,
    given: &Map<String, Value>,
) -> Result<RowQuery, Refused> {
    let wrong = |field: &str, why: &str| Refused::invalid(field, json!({ "why": why }));
    let text = |value: &Value| match value {
        Value::Array(several) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => values(text),
        other => vec![other.to_string()],
    };
    let none = Map::new();
    let filters = match given.get("filters") {
        None | Some(Value::Null) => &none,
        Some(filters) => filters.as_object().ok_or_else(|| wrong("filters", "type"))?,
    };
    let known = self::filters(resource);
    if let Some(field) = filters.keys().find(|field| !known.contains(&field.as_str())) {
        return Err(wrong(&format!("filters.{field}"), "unknown"));
    }
    let search = match given.get("search") {
        None | Some(Value::Null) => String::new(),
        Some(search) => search.as_str().ok_or_else(|| wrong("search", "type"))?.into(),
    };
    let set = filters.iter().filter(|(_, value)| !value.is_null() && **value != "");
    let set = set.map(|(field, value)| (field.clone(), text(value)));
    let filters = seen(asker, resource, set, the_only(tenant, resource))?;
    Ok(RowQuery { search, search_in: search_in(asker, resource), filters, ..RowQuery::default() })
}

type Filters = Vec<(String, Vec<String>)>;

/// What every row that is listed refers to, where the office has no other (FLD-3, STG-4).
fn the_only(tenant: &Tenant, resource: &Resource) -> Filters {
    let only = rule::instead(resource, tenant).into_iter();
    only.map(|(field, id)| (field.to_owned(), vec![id.as_str().unwrap_or_default().to_owned()])).collect()
}

/// By a field that is hidden from them nobody narrows a list: its answer would tell the field. What `only` says holds
/// whether somebody says it or not.
fn seen(
    asker: &Asker,
    resource: &Resource,
    filters: impl Iterator<Item = (String, Vec<String>)>,
    only: Filters,
) -> Result<Filters, Refused> {
    let filters: Vec<_> = filters.filter(|filter| !only.contains(filter)).collect();
    match filters.iter().find(|(field, _)| !sees(asker, resource, field)) {
        Some((field, _)) => Err(Refused::invalid(field, json!({ "why": "unknown" }))),
        None => Ok(filters.into_iter().chain(only).collect()),
    }
}

/// Whether whoever asks is shown a column, where it is a field.
pub fn sees(asker: &Asker, resource: &Resource, field: &str) -> bool {
    resource.field(field).is_none() || asker.access.sees(resource, field)
}

fn search_in(asker: &Asker, resource: &Resource) -> Option<Vec<&'static str>> {
    let seen = resource.search.iter().copied().filter(|field| asker.access.sees(resource, field));
    (!asker.access.is_whole()).then(|| seen.collect())
}

pub fn values(text: &str) -> Vec<String> {
    text.split(',').map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}
