//! Rows of every noun by name, for who jumps to one.

use super::{Panel, on_disk, query::Query, refused::Refused, site::Asker, tables};
use crate::{
    model::RESOURCES,
    schema::{Held, Resource},
    store::{RowQuery, Target},
};
use axum::{Extension, Json, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

const TARGETS_MAX: usize = 20;
/// Rows of one table, of which a list would show many more.
const OF_ONE_TABLE: usize = 5;

/// `GET /panel/search?text=`: of nouns that the asker may view, the rows in their reach.
pub async fn find(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asked.only(&["text"])?;
    let text = asked.text("text").unwrap_or_default();
    let may = |resource: &Resource| {
        let seen = resource.named().iter().all(|field| asker.access.sees(resource, field));
        seen && asker.must(resource, "view").is_ok()
    };
    let mut found = panel.door.store.find(text, TARGETS_MAX, may);
    for table in RESOURCES.iter().filter(|resource| resource.held == Held::Table && resource.listed() && may(resource))
    {
        found.extend(of_table(&panel, &asker, table, text).await?);
    }
    Ok(Json(json!({ "items": found })))
}

/// The newest in all parts of a table that its list would find.
async fn of_table(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    text: &str,
) -> Result<Vec<Target>, Refused> {
    let tenant = panel.door.store.tenant();
    let filters = tables::parts(&tenant, resource).into_iter().collect();
    let asked = RowQuery { search: text.trim().into(), filters, limit: OF_ONE_TABLE, ..RowQuery::default() };
    let query = tables::question(&asker.access, &tenant, resource, asked)?;
    let Some(query) = query.filter(|query| !query.search.is_empty()) else { return Ok(Vec::new()) };
    let door = panel.door.clone();
    let page = on_disk(move || Ok(door.store.table_page(resource, &query)?)).await?;
    let target = |row: Value| {
        let row = tables::masked(panel, asker, resource, row);
        let words = resource.named().iter().filter_map(|field| row[*field].as_str().filter(|word| !word.is_empty()));
        let id = row["id"].as_str().and_then(|id| id.parse().ok())?;
        Some(Target { noun: resource.name, path: resource.path, id, name: words.collect::<Vec<_>>().join(" ") })
    };
    Ok(page.items.into_iter().filter_map(target).collect())
}
