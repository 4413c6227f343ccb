//! A call over one trunk alone, and how it went (TRK-20).

use super::{Panel, body, on_disk, refused::Refused, site::Asker, trunks};
use crate::{
    call::command::{Answer, Command},
    history::call_record::{CallRecord, CallType},
    schema::kind::Phone,
    view::CallRow,
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /panel/trunks/{id}/test_call`: the number; gives the id of the call.
pub async fn begin(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let trunk = trunks::acted_on(&panel, &asker, &id)?;
    let number = number(&body::object(body).await?)?;
    let Answer::Called { call_id } = panel.ask(&asker, Command::TestCall { trunk: trunk.0, number }).await? else {
        return Err(Refused::fault());
    };
    Ok((StatusCode::CREATED, Json(json!({ "call_id": call_id }))))
}

/// `GET /panel/trunks/{id}/test_call/{call_id}`: while it is up what it does, then how it was. Between the two it is not
/// found for a moment.
pub async fn show(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((id, call_id)): Path<(String, String)>,
) -> Result<Json<Value>, Refused> {
    trunks::acted_on(&panel, &asker, &id)?;
    if let Some(row) = panel.door.live.calls().into_iter().find(|row| row.call_id == call_id) {
        return Ok(Json(goes(&row)));
    }
    let record = on_disk(move || Ok(panel.door.store.call_record(&call_id)?)).await?;
    let notice = record.filter(|record| record.call_type == CallType::VoiceNotice);
    Ok(Json(went(&notice.ok_or_else(Refused::not_found)?)))
}

fn number(given: &serde_json::Map<String, Value>) -> Result<String, Refused> {
    let wrong = |why: &str| Refused::invalid("number", json!({ "why": why }));
    if let Some(field) = given.keys().find(|field| *field != "number") {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    let text = given.get("number").and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| wrong("required"))?;
    serde_json::from_value::<Phone>(text.into()).map_err(|_| wrong("pattern"))?;
    Ok(text.to_owned())
}

fn goes(row: &CallRow) -> Value {
    json!({ "over": false, "state": row.state })
}

fn went(record: &CallRecord) -> Value {
    let attempt = record.attempts.last();
    let side = record.sound.iter().find(|side| side.trunk.is_some());
    json!({
        "over": true,
        "answered": record.answered_at.is_some(),
        "code": attempt.map_or(0, |attempt| attempt.code),
        "record_code": record.sip_code,
        "milliseconds": attempt.map_or(0, |attempt| attempt.milliseconds),
        "ringing_ms": attempt.and_then(|attempt| attempt.ringing_ms),
        "packets_in": side.map_or(0, |side| side.packets_received),
        "packets_out": side.map_or(0, |side| side.packets_sent),
        "silent": side.is_some_and(|side| side.silent),
    })
}
