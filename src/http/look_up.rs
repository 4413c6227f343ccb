//! Where a number belongs, asked by hand (LOC-13).

use super::{Panel, query::Query, refused::Refused, rest, site::Asker};
use crate::{
    model::{Region, numbering::Numbering},
    schema::Model,
};
use axum::{Extension, Json, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /panel/regions/look_up?number=…`
pub async fn number(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, Region::PATH)?;
    asker.must(resource, "view")?;
    asked.only(&["number"])?;
    let number = asked.text("number").ok_or_else(|| Refused::invalid("number", json!({ "why": "required" })))?;
    let tenant = panel.door.store.tenant();
    let dialed = Numbering::of(&tenant).dialed(number);
    if dialed.is_empty() || !dialed.bytes().all(|key| key.is_ascii_digit()) || number.chars().any(char::is_alphabetic) {
        return Err(Refused::invalid("number", json!({ "why": "pattern" })));
    }
    let international = Region::international(&tenant, number);
    let place = Region::of(&tenant, number);
    Ok(Json(json!({
        "international": international,
        "code": place.as_ref().map(|place| &place.code),
        "name": place.as_ref().map(|place| place.name),
        "country": place.as_ref().map(|place| place.country),
    })))
}
