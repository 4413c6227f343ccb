//! Calls in progress: listed, and ended by who may.

use super::{Panel, refused::Refused, sight, site::Asker};
use crate::call::command::{Command, Wish};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /panel/calls`, `GET /api/v1/calls`: those in sight.
pub async fn list(State(panel): State<Arc<Panel>>, Extension(asker): Extension<Asker>) -> Json<Value> {
    let calls = panel.door.live.calls();
    let seen: Vec<_> = calls.iter().filter_map(|row| sight::seen_call(&asker.access, row)).collect();
    Json(json!({ "items": seen, "next": null }))
}

/// `DELETE /panel/calls/{call_id}`: by who may control what is watched, and by leaders over the agents led (MON-49).
pub async fn hang_up(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
) -> Result<StatusCode, Refused> {
    let row = panel.door.live.calls().into_iter().find(|row| row.call_id == call_id);
    if !sight::may_control(&asker.access, row.as_deref()) {
        return Err(Refused::forbidden());
    }
    panel.ask(&asker, Command::HangUp { call_id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /panel/calls/{call_id}/record`, `…/pause_recording`, `…/resume_recording`: by the same, and by the agents whose
/// call it is.
pub async fn record(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((call_id, verb)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let wish = match verb.as_str() {
        "record" => Wish::Record,
        "pause_recording" => Wish::Pause,
        "resume_recording" => Wish::Resume,
        _ => return Err(Refused::not_found()),
    };
    let row = panel.door.live.calls().into_iter().find(|row| row.call_id == call_id);
    let own = row.as_ref().is_some_and(|row| sight::is_own(&asker.access, row));
    if !own && !sight::may_control(&asker.access, row.as_deref()) {
        return Err(Refused::forbidden());
    }
    panel.ask(&asker, Command::Record { call_id, wish }).await?;
    Ok(StatusCode::NO_CONTENT)
}
