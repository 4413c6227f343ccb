//! The columns that a person chose for a list, the same wherever they sign in (LST-11, LST-12).

use super::{Panel, body, on_disk, refused::Refused, site::Asker};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
};
use serde_json::{Value, json};
use std::sync::Arc;

const COLUMNS_MAX: usize = 200;
const CHARACTERS_MAX: usize = 80;

/// `GET /panel/me/columns/{list}`; null: this person never chose, and sees all of them.
pub async fn show(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(list): Path<String>,
) -> Result<Json<Value>, Refused> {
    let (door, of) = (panel.door.clone(), asker.actor());
    let columns = on_disk(move || Ok(door.store.columns(&of, &list)?)).await?;
    Ok(Json(json!({ "columns": columns })))
}

/// `PUT /panel/me/columns/{list}`
pub async fn set(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(list): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    if list.len() > CHARACTERS_MAX || !list.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err(Refused::not_found());
    }
    let columns = columns(&body::small_object(body).await?)?;
    let told = Json(json!({ "columns": columns }));
    let (door, of) = (panel.door.clone(), asker.actor());
    on_disk(move || Ok(door.store.set_columns(&of, &list, &columns)?)).await?;
    Ok(told)
}

fn columns(given: &serde_json::Map<String, Value>) -> Result<Vec<String>, Refused> {
    let wrong = |why: &str| Refused::invalid("columns", json!({ "why": why }));
    let columns = given.get("columns").ok_or_else(|| wrong("required"))?.as_array().ok_or_else(|| wrong("type"))?;
    if columns.len() > COLUMNS_MAX {
        return Err(Refused::invalid("columns", json!({ "why": "too_many", "max": COLUMNS_MAX })));
    }
    let name = |column: &Value| column.as_str().filter(|name| name.len() <= CHARACTERS_MAX).map(str::to_owned);
    columns.iter().map(name).collect::<Option<_>>().ok_or_else(|| wrong("type"))
}
