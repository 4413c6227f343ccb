//! What became of the rows of a noun, also of those that are gone (BLK-8).

use super::{
    Panel, on_disk, past,
    query::{self, Query},
    refused::Refused,
    rest,
    site::Asker,
};
use crate::{
    schema::{Resource, Tenant, model},
    store::{LogQuery, Logged},
};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /panel/{path}/log`: the newest first.
pub async fn list(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    let told = resource.logged.ok_or_else(Refused::not_found)?;
    asker.must(resource, "view")?;
    asked.only(&["search", "limit", "cursor"])?;
    let sees = |field: &str| asker.access.sees(resource, field);
    let search = asked.text("search").filter(|_| sees(told.named)).unwrap_or_default().to_owned();
    let wanted = LogQuery { search, limit: asked.limit(&asker)?, cursor: asked.text("cursor").map(str::to_owned) };
    let door = panel.door.clone();
    let page = on_disk(move || Ok(door.store.log(resource, &wanted)?)).await?;
    let tenant = panel.door.store.tenant();
    let items = page.items.iter().map(|one| shown(&asker, (resource, told), &tenant, one)).collect();
    Ok(Json(query::page(&asker, crate::store::Page { items, next: page.next, total: page.total })))
}

fn shown(asker: &Asker, (resource, told): (&Resource, model::Logged), tenant: &Tenant, one: &Logged) -> Value {
    let text = |field: &str, text: &str| Some(text.to_owned()).filter(|_| asker.access.sees(resource, field));
    json!({
        "at": one.at, "word": one.word, "by": one.by.as_ref().map(|by| past::who(tenant, by)),
        "named": text(told.named, &one.named), "reason": text(told.reason, &one.reason), "call_id": one.call_id,
    })
}
