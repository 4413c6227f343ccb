//! The audit log as accounts with the right see it: a list, one entry, and all that meet a search as CSV (AUD-7 to
//! AUD-10, AUD-18, AUD-23).

use super::{
    super::{
        Panel,
        job::encode::Encode,
        on_disk,
        parts::{self, Parts},
        query::{self, Query},
        refused::Refused,
        site::Asker,
    },
    Done,
};
use crate::{
    history::audit::AuditEntry,
    model::Preferences,
    schema::{Actor, csv},
    store::{AuditQuery, Fault, Page},
};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::sync::Arc;

const TABLE: &str = "audit";
const COLUMNS: [&str; 11] = [
    "username",
    "acted_by",
    "action",
    "ip_address",
    "request_address",
    "request_parameters",
    "parameters_cut",
    "token",
    "status",
    "error",
    "created_at",
];
/// Of the file that is being sent.
const PART_BYTES: usize = 64 * 1024;

/// `GET /panel/audit`
pub async fn list(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    must(&asker, "audit.view")?;
    asked.only(&["search", "username", "from", "to", "limit", "cursor"])?;
    let wanted = AuditQuery {
        limit: asked.limit(&asker)?,
        cursor: asked.text("cursor").map(str::to_string),
        ..conditions(&asked)?
    };
    let found = on_disk(move || Ok(panel.door.store.audited(&wanted)?)).await?;
    let items = found.items.into_iter().map(|(id, entry)| shown(&asker, &id, &entry)).collect();
    Ok(Json(query::page(&asker, Page { items, next: found.next, total: found.total })))
}

/// `GET /panel/audit/{id}`
pub async fn one(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refused> {
    must(&asker, "audit.view")?;
    let name = id.clone();
    let entry = on_disk(move || Ok(panel.door.store.audit_entry(&name)?)).await?;
    Ok(Json(shown(&asker, &id, &entry.ok_or_else(Refused::not_found)?)))
}

/// `GET /panel/audit/export`: as it is read, so that a long log takes no memory.
pub async fn export(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Response, Refused> {
    must(&asker, "audit.export")?;
    asked.only(&["search", "username", "from", "to"])?;
    let wanted = conditions(&asked)?;
    let encode = Encode::of(Preferences::of(&panel.door.store.tenant()).export_encoding);
    let body = parts::made(move |parts| {
        if let Err(fault) = write(&panel, &asker, &wanted, encode, parts) {
            tracing::error!(%fault, "the audit log could not be read to its end");
        }
    });
    let body = body.await;
    let kind = [
        (header::CONTENT_TYPE, encode.charset_kind()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"".into()),
    ];
    Ok((kind, Extension(Done("export audit".into())), body).into_response())
}

fn write(panel: &Panel, asker: &Asker, wanted: &AuditQuery, encode: Encode, parts: &Parts) -> Result<(), Fault> {
    let columns: Vec<&str> = COLUMNS.into_iter().filter(|column| asker.access.sees_column(TABLE, column)).collect();
    let mut part = encode.begin().to_vec();
    part.extend(encode.bytes(csv::line(columns.iter().copied())));
    panel.door.store.each_audited(wanted, |_, entry| {
        let row = row("", &entry);
        part.extend(encode.bytes(csv::line(columns.iter().map(|column| cell(&row[*column])))));
        part.len() < PART_BYTES || parts.send(std::mem::take(&mut part))
    })?;
    parts.send(part);
    Ok(())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn conditions(asked: &Query) -> Result<AuditQuery, Refused> {
    Ok(AuditQuery {
        search: asked.text("search").unwrap_or_default().to_string(),
        username: asked.text("username").map(str::to_string),
        from: asked.moment("from")?,
        to: asked.moment("to")?,
        ..AuditQuery::default()
    })
}

fn shown(asker: &Asker, id: &str, entry: &AuditEntry) -> Value {
    asker.access.shown_columns(TABLE, row(id, entry))
}

fn row(id: &str, entry: &AuditEntry) -> Value {
    let mut row = serde_json::to_value(entry).expect("an entry is plain JSON");
    row["id"] = id.into();
    row
}

/// AUD-23: no agent, whatever the role.
fn must(asker: &Asker, right: &str) -> Result<(), Refused> {
    match asker.access.by {
        Actor::Account(_) => Ok(asker.access.must(right)?),
        _ => Err(Refused::forbidden()),
    }
}
