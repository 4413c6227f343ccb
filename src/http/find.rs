//! Rows of every noun by name, for who jumps to one.

use super::{Panel, query::Query, refused::Refused, site::Asker};
use axum::{Extension, Json, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

const TARGETS_MAX: usize = 20;

/// `GET /panel/search?text=`: of nouns that the asker may view.
pub async fn find(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asked.only(&["text"])?;
    let text = asked.text("text").unwrap_or_default();
    let found = panel.door.store.find(text, TARGETS_MAX, |resource| {
        let seen = resource.named().iter().all(|field| asker.access.sees(resource, field));
        seen && asker.must(resource, "view").is_ok()
    });
    Ok(Json(json!({ "items": found })))
}
