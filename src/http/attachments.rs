//! Files that people add to a record, in a field that the office made for them (FLD-19): kept as they are, and given
//! out to be kept.

use super::{
    Panel,
    audit::Done,
    files,
    job::{disposition, upload},
    on_disk,
    query::Query,
    range,
    refused::Refused,
    rest,
    site::Asker,
};
use crate::{
    schema::{Id, Resource, kind::attachment, layout, resource::CUSTOM},
    store::Fault,
};
use axum::{
    Extension, Json,
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::{fs::File, io, sync::Arc};

/// What it was called where it comes from.
const NAME: &str = "name";

/// `POST uploads/{path}/custom.{field}?name=…`, with the part of the office to whose records the field belongs: gives
/// what the field of a record is set to.
pub async fn take(
    panel: Arc<Panel>,
    asker: &Asker,
    (resource, field): (&'static Resource, &str),
    asked: &Query,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let within = resource.within.ok_or_else(Refused::not_found)?;
    asked.only(&[within, NAME])?;
    let tenant = panel.door.store.tenant();
    let part = asked.text(within).map(str::to_owned).or_else(|| Some(resource.part(&tenant)?.to_string()));
    let row = json!({ within: part });
    let schema = schema_of(&panel, resource, &row, field)?;
    let kept = resource.kept_from(&tenant, &asker.access, &row);
    if !asker.access.edits(resource, CUSTOM) || !kept.edits(&layout::path(field)) {
        return Err(Refused::not_found());
    }
    let name = attachment::name_of(asked.text(NAME).unwrap_or_default());
    let token = upload::token()?;
    let raw = panel.jobs.uploads.path(&token);
    let taken = match upload::receive(&panel, body, raw.clone(), upload::bytes_max(&schema)).await {
        Ok(bytes) => keep(&panel, token, bytes).await,
        Err(refused) => Err(refused),
    };
    panel.jobs.uploads.remove(&raw);
    let (hash, told) = taken?;
    Ok((StatusCode::CREATED, Json(json!({ "file": format!("{hash}/{name}"), "told": told }))))
}

/// The schema of a field that holds attachments.
fn schema_of(panel: &Panel, resource: &Resource, row: &Value, field: &str) -> Result<Value, Refused> {
    let custom = resource.custom(&panel.door.store.tenant(), row).unwrap_or_default();
    let schema = custom["properties"].get(field).filter(|schema| schema["x-kind"] == attachment::KIND);
    schema.cloned().ok_or_else(Refused::not_found)
}

async fn keep(panel: &Arc<Panel>, token: String, bytes: u64) -> Result<(String, Value), Refused> {
    let panel = panel.clone();
    on_disk(move || {
        let (door, path) = (&panel.door, panel.jobs.uploads.path(&token));
        let mut new = door.store.new_file(&token)?;
        let copied = File::open(&path).and_then(|mut raw| io::copy(&mut raw, &mut new));
        copied.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => Fault::DiskFull,
            _ => Fault::NotReachable { path, error },
        })?;
        let told = Map::from_iter([("size".to_owned(), Value::from(bytes))]);
        let hash = door.store.keep_file(new, told.clone(), (door.clock)().wall)?;
        Ok((hash, Value::Object(told)))
    })
    .await
}

/// `GET /panel/{path}/{id}/file?field=custom.{field}`: to be kept, under its own name.
pub async fn give(
    panel: Arc<Panel>,
    asker: &Asker,
    (resource, id, field): (&'static Resource, Id, &str),
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    asker.must(resource, "view")?;
    let row = asker.access.shown(resource, rest::row(&panel, asker, resource, id).await?);
    schema_of(&panel, resource, &row, field)?;
    let (hash, name) = row[CUSTOM][field].as_str().and_then(attachment::read).ok_or_else(Refused::not_found)?;
    let (file, length) = files::open(&panel, hash).await?;
    // Whatever strangers sent, no page shows or runs it.
    let kind = HeaderValue::from_static("application/octet-stream");
    let mut response = range::answer(file, length, &format!("\"{hash}\""), kind, headers).await;
    let named = HeaderValue::from_str(&disposition(name)).map_err(|_| Refused::fault())?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    Ok((Extension(Done(format!("download {}", resource.name))), response).into_response())
}
