//! Call records: listed by when they were, and one by its call.

use super::{
    Panel, on_disk,
    query::{Query, page},
    refused::Refused,
    site::Asker,
};
use crate::{
    history::{call_record::CallRecord, sip_code},
    schema::{Access, access::Reach},
    store::{Page, RecordQuery},
    time::Timestamp,
};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const TABLE: &str = "call_record";

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
}

impl Shown {
    fn new(record: CallRecord) -> Shown {
        Shown {
            sip_code_text: sip_code::text(&record.sip_code),
            hold_avg_seconds: record.hold_seconds.checked_div(record.hold_count).unwrap_or(0),
            created_at: record.started_at,
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
    asked.only(&["search", "from", "to", "limit", "cursor"])?;
    let wanted = RecordQuery {
        agents: numbers(&asker.access),
        search: asked.text("search").unwrap_or_default().to_string(),
        from: asked.moment("from")?,
        to: asked.moment("to")?,
        limit: asked.limit(&asker)?,
        cursor: asked.text("cursor").map(str::to_string),
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
    asked.only(&["from", "to"])?;
    let (agents, from, to) = (numbers(&asker.access), asked.moment("from")?, asked.moment("to")?);
    let wanted = RecordQuery { agents, from, to, ..RecordQuery::default() };
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
    let found = on_disk(move || Ok(panel.door.store.call_record(&call_id)?)).await?;
    let reach = asker.access.reach(TABLE);
    let record = found.filter(|record| reach.holds([&*record.agent_number], None)).ok_or_else(Refused::not_found)?;
    Ok(Json(shown(&asker, record)))
}

/// Whose records are in reach (CDR-2); none: everybody's.
fn numbers(access: &Access) -> Option<BTreeSet<String>> {
    match access.reach(TABLE) {
        Reach::All => None,
        Reach::Agents(numbers) => Some(numbers.into_iter().map(String::from).collect()),
        // No account creates a call record.
        Reach::Created(_) | Reach::Nothing => Some(BTreeSet::new()),
    }
}

fn shown(asker: &Asker, record: CallRecord) -> Value {
    let row = serde_json::to_value(Shown::new(record)).expect("a record is plain JSON");
    asker.access.shown_columns(TABLE, row)
}
