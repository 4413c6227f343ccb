//! Calls in progress: listed, and ended by who may.

use super::{Panel, refused::Refused, site::Asker};
use crate::call::command::{Answer, Command, NotDone};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /panel/calls`, `GET /api/v1/calls`
pub async fn list(State(panel): State<Arc<Panel>>) -> Json<Value> {
    Json(json!({ "items": panel.door.live.calls(), "next": null }))
}

/// `DELETE /panel/calls/{call_id}`
pub async fn hang_up(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
) -> Result<StatusCode, Refused> {
    match (panel.door.ask)(asker.actor(), Command::HangUp { call_id }).await {
        Ok(Ok(Answer::Done)) => Ok(StatusCode::NO_CONTENT),
        Ok(Err(NotDone::NoCall)) => Err(Refused::no_call()),
        Ok(Ok(Answer::Bans(_)) | Err(NotDone::NoBan)) | Err(_) => Err(Refused::fault()),
    }
}
