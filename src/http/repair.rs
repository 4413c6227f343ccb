//! Custom fields put right on demand (FLD-29 to FLD-31).

use super::{Panel, body, on_disk, refused::Refused, rest, several, site::Asker};
use crate::{
    model::CustomField,
    schema::{Action, Id, Model},
};
use axum::{Extension, Json, body::Body, extract::State};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// `POST /panel/custom_fields/repair`: of a `package` all fields, or those of `ids`; tells what was mended.
pub async fn repair(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, CustomField::PATH)?;
    rest::must(&asker, resource, Action::Tools)?;
    let given = body::object(body).await?;
    if let Some(field) = given.keys().find(|field| !["package", "ids"].contains(&field.as_str())) {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    let package = given.get("package").and_then(Value::as_str).and_then(|id| id.parse::<Id>().ok());
    let package = package.ok_or_else(|| Refused::invalid("package", json!({ "why": "required" })))?;
    let chosen = if given.contains_key("ids") { Some(several::listed(&given)?) } else { None };
    let not_there = || Refused::invalid("ids", json!({ "why": "not_there" }));
    let chosen = chosen.map(|ids| ids.iter().map(|id| id.parse()).collect::<Result<BTreeSet<Id>, _>>());
    let chosen = chosen.transpose().map_err(|_| not_there())?;
    let (door, access) = (panel.door.clone(), asker.access.clone());
    let mended =
        on_disk(move || Ok(door.store.repair_fields(&access, (door.clock)().wall, package, chosen.as_ref())?)).await?;
    panel.jobs.settle_soon();
    Ok(Json(json!({ "mended": mended })))
}
