//! Call records: listed by when they were, and one by its call.

pub mod age;
mod asked;
pub mod export;
pub mod sound;
pub mod story;

use super::{
    Panel, body, on_disk,
    query::{Query, page},
    refused::Refused,
    site::Asker,
};
use crate::{
    history::{call_record::CallRecord, sip_code},
    store::{Page, RecordQuery},
    time::Timestamp,
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use sound::Found;
use std::sync::Arc;

const TABLE: &str = "call_record";
/// CDR-57 reading.
const REMARK_MAX: usize = 500;

/// Who is not shown the name of something is not told either which it was.
const NAMED: [(&str, &str); 3] =
    [("department_name", "department"), ("campaign_name", "campaign"), ("trunk_name", "trunk")];

/// The column whose right says who sees this one.
fn ruling(column: &str) -> &str {
    NAMED.iter().find(|(_, id)| *id == column).map_or(column, |(name, _)| name)
}

/// A record as it is shown.
#[derive(Serialize, JsonSchema)]
pub struct Shown {
    #[serde(flatten)]
    record: CallRecord,
    /// CDR-51
    sip_code_text: &'static str,
    /// Rounded down; 0 without a hold (CDR-54).
    hold_avg_seconds: u32,
    /// A record is made when its call begins (CDR-58).
    created_at: Timestamp,
    /// How the file of its recording is found; only where one record is asked for (BOX-61).
    recording_found: Option<Found>,
}

impl Shown {
    fn new(record: CallRecord) -> Shown {
        Shown {
            sip_code_text: sip_code::text(&record.sip_code),
            hold_avg_seconds: record.hold_seconds.checked_div(record.hold_count).unwrap_or(0),
            created_at: record.started_at,
            recording_found: None,
            record,
        }
    }
}

/// `GET /…/call_records`: `from` is included, `to` is not (API-48).
pub async fn list(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asker.access.must("call_record.view")?;
    let wanted = RecordQuery {
        limit: asked.limit(&asker)?,
        cursor: asked.text("cursor").map(str::to_string),
        ..asked::read(&panel.door, &asker, &asked, &["limit", "cursor"])?
    };
    let found = on_disk(move || Ok(panel.door.store.call_records(&wanted)?)).await?;
    let items = found.items.into_iter().map(|record| shown(&asker, record)).collect();
    Ok(Json(page(&asker, Page { items, next: found.next, total: found.total })))
}

/// `GET /panel/call_records/hours`: how many calls began in each hour, answered and not, of those in reach.
pub async fn hours(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asker.access.must("call_record.view")?;
    if !["call_hour", "call_outcome"].iter().all(|field| asker.access.sees_column(TABLE, field)) {
        return Err(Refused::forbidden());
    }
    let wanted = asked::read(&panel.door, &asker, &asked, &[])?;
    let hours = on_disk(move || Ok(panel.door.store.call_hours(&wanted)?)).await?;
    Ok(Json(json!({ "items": hours })))
}

/// `GET /…/call_records/{call_id}`
pub async fn one(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
) -> Result<Json<Value>, Refused> {
    asker.access.must("call_record.view")?;
    let (by, door) = (asker.clone(), panel.clone());
    let (record, found) = on_disk(move || {
        let record = in_reach(&door, &by, &call_id)?;
        let kept = record.recording.as_ref().filter(|recording| recording.is_there());
        let found = kept.map(|recording| sound::found(&door.door.store, recording));
        Ok((record, found))
    })
    .await?;
    let row = Shown { recording_found: found, ..Shown::new(record) };
    Ok(Json(told(&asker, row)))
}

/// `GET /panel/call_records/{call_id}/linked`: the call that it came from, and those that came of it.
pub async fn linked(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
) -> Result<Json<Value>, Refused> {
    asker.access.must("call_record.view")?;
    let by = asker.clone();
    let all = on_disk(move || {
        let record = in_reach(&panel, &by, &call_id)?;
        let store = &panel.door.store;
        let parent = record.parent_call_id.as_deref().map(|parent| store.call_record(parent)).transpose()?.flatten();
        Ok(parent.into_iter().chain(store.records_after(&record)?).collect::<Vec<_>>())
    })
    .await?;
    let reach = asker.access.reach(TABLE);
    let seen = all.into_iter().filter(|record| reach.holds([&*record.agent_number], None));
    Ok(Json(json!({ "items": seen.map(|record| shown(&asker, record)).collect::<Vec<_>>() })))
}

/// `PATCH /panel/call_records/{call_id}`: the remark, and nothing else (CDR-57).
pub async fn remark(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    asker.access.must("call_record.edit")?;
    let given = body::object(body).await?;
    if let Some(field) = given.keys().find(|field| *field != "remark") {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    let remark = given.get("remark").and_then(Value::as_str).map(str::trim);
    let remark = remark.ok_or_else(|| Refused::invalid("remark", json!({ "why": "required" })))?.to_owned();
    if remark.chars().count() > REMARK_MAX {
        return Err(Refused::invalid("remark", json!({ "why": "too_long", "max": REMARK_MAX })));
    }
    let by = asker.clone();
    let record = on_disk(move || {
        in_reach(&panel, &by, &call_id)?;
        panel.door.store.remark_call(&call_id, &remark)?.ok_or_else(Refused::not_found)
    })
    .await?;
    Ok(Json(shown(&asker, record)))
}

/// Waits for the disk.
fn in_reach(panel: &Panel, asker: &Asker, call_id: &str) -> Result<CallRecord, Refused> {
    let reach = asker.access.reach(TABLE);
    let found = panel.door.store.call_record(call_id)?;
    found.filter(|record| reach.holds([&*record.agent_number], None)).ok_or_else(Refused::not_found)
}

fn shown(asker: &Asker, record: CallRecord) -> Value {
    told(asker, Shown::new(record))
}

fn told(asker: &Asker, row: Shown) -> Value {
    let mut row = serde_json::to_value(row).expect("a record is plain JSON");
    for (_, id) in NAMED.iter().filter(|(name, _)| !asker.access.sees_column(TABLE, name)) {
        row.as_object_mut().map(|fields| fields.shift_remove(*id));
    }
    asker.access.shown_columns(TABLE, row)
}
