//! Files in fields of kind `file`: taken in, turned into what the box keeps, heard in the page and downloaded.

use super::{
    Panel, attachments,
    audit::Done,
    job::{disposition, upload},
    on_disk,
    query::Query,
    range,
    refused::Refused,
    rest,
    site::Asker,
};
use crate::{
    schema::{Action, Refusals, Resource, Why, kind::file, resource::CUSTOM},
    store::{Fault, NewFile, Store},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{fs::File, io, sync::Arc};

/// Makes of what was uploaded what is kept, on a thread that gives way to calls.
pub type Convert = Box<dyn Fn(File, &mut NewFile) -> Result<Converted, NotConverted> + Send + Sync>;

/// What is known of a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    pub extension: &'static str,
    pub seconds: u32,
}

#[derive(Debug)]
pub enum NotConverted {
    NotSound,
    CutOff,
    LastsTooLong {
        minutes: u32,
    },
    /// The disk took it no more.
    Disk(io::Error),
    /// The conversion fell over.
    Broken,
}

/// `POST uploads/{path}/{field}`, of pages and programs: the body is the file; gives what the field of a row is set to.
pub async fn take(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, field)): Path<(String, String)>,
    asked: Query,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let resource = rest::resource(&asker, &path)?;
    rest::must(&asker, resource, Action::Add).or_else(|_| rest::must(&asker, resource, Action::Edit))?;
    if let Some(own) = own_field(&field) {
        return attachments::take(panel, &asker, (resource, own), &asked, body).await;
    }
    asked.only(&[])?;
    let schema = resource.field(&field).filter(|schema| schema["x-kind"] == file::KIND);
    let schema = schema.filter(|_| asker.access.edits(resource, &field)).ok_or_else(Refused::not_found)?;
    let bytes_max = upload::bytes_max(schema);
    let token = upload::token()?;
    let raw = panel.jobs.uploads.path(&token);
    let taken = match upload::receive(&panel, body, raw.clone(), bytes_max).await {
        Ok(bytes) => convert(&panel, token, field, bytes).await,
        refused => refused.map(|_| Value::Null),
    };
    panel.jobs.uploads.remove(&raw);
    Ok((StatusCode::CREATED, Json(taken?)))
}

/// The name of a field that the office added.
fn own_field(field: &str) -> Option<&str> {
    field.strip_prefix(CUSTOM)?.strip_prefix('.')
}

/// One at a time, so that however many come, calls have the machine.
async fn convert(panel: &Arc<Panel>, token: String, field: String, bytes: u64) -> Result<Value, Refused> {
    let _turn = panel.converting.acquire().await.map_err(|_| Refused::fault())?;
    let panel = panel.clone();
    on_disk(move || {
        let (door, path) = (&panel.door, panel.jobs.uploads.path(&token));
        let raw = File::open(&path).map_err(|error| Fault::NotReachable { path, error })?;
        let mut new = door.store.new_file(&token)?;
        let converted = (door.convert)(raw, &mut new).map_err(|why| refused(&field, why))?;
        let Converted { extension, seconds } = converted;
        let told = json!({ "extension": extension, "duration": seconds, "size": bytes });
        let Value::Object(told) = told else { return Err(Refused::fault()) };
        let hash = door.store.keep_file(new, told.clone(), (door.clock)().wall)?;
        Ok(json!({ "file": hash, "told": told }))
    })
    .await
}

fn refused(field: &str, why: NotConverted) -> Refused {
    let why = match why {
        NotConverted::NotSound => Why::NotSound,
        NotConverted::CutOff => Why::CutOff,
        NotConverted::LastsTooLong { minutes } => Why::LastsTooLong { minutes },
        NotConverted::Disk(error) if error.kind() == io::ErrorKind::StorageFull => return Fault::DiskFull.into(),
        NotConverted::Disk(error) => {
            tracing::error!(%error, "an uploaded file could not be written");
            return Refused::fault();
        }
        NotConverted::Broken => {
            tracing::error!("the conversion of an uploaded file fell over");
            Why::NotSound
        }
    };
    Refusals::one(field, why).into()
}

/// `GET /panel/{path}/files/{hash}`: to be heard in the page, from any place in it, saved or not.
pub async fn hear(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let resource = rest::resource(&asker, &path)?;
    asker.must(resource, "view")?;
    let (field, schema) = of(resource)?;
    if !asker.access.sees(resource, field) {
        return Err(Refused::not_found());
    }
    send(&panel, schema, hash, &headers).await
}

/// `GET /panel/{path}/{id}/file`: to be kept, under the name of the row (MED-7); with `field`, what somebody attached to
/// it there.
pub async fn download(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
    asked: Query,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (resource, id) = (rest::resource(&asker, &path)?, rest::number(&id)?);
    asked.only(&["field"])?;
    if let Some(field) = asked.text("field") {
        let own = own_field(field).ok_or_else(Refused::not_found)?;
        return attachments::give(panel, &asker, (resource, id, own), &headers).await;
    }
    let (field, schema) = of(resource)?;
    rest::must(&asker, resource, Action::Download)?;
    asker.must(resource, "view")?;
    let row = panel.door.store.row(resource.name, id).ok_or_else(Refused::not_found)?;
    let row = asker.access.shown(resource, row);
    let hash = row[field].as_str().ok_or_else(Refused::not_found)?.to_owned();
    let named = resource.named().first().and_then(|name| row[*name].as_str()).unwrap_or(resource.name);
    let kind = schema["x-type"].as_str().and_then(|kind| kind.rsplit('/').next()).unwrap_or_default();
    let mut response = send(&panel, schema, hash, &headers).await?;
    let name = HeaderValue::from_str(&disposition(&format!("{named}.{kind}"))).map_err(|_| Refused::fault())?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok((Extension(Done(format!("download {}", resource.name))), response).into_response())
}

/// The field of a noun that names a file.
fn of(resource: &Resource) -> Result<(&str, &Value), Refused> {
    resource.fields().find(|(_, schema)| schema["x-kind"] == file::KIND).ok_or_else(Refused::not_found)
}

async fn send(panel: &Panel, schema: &Value, hash: String, headers: &HeaderMap) -> Result<Response, Refused> {
    let kind = HeaderValue::from_str(schema["x-type"].as_str().unwrap_or("application/octet-stream"));
    let kind = kind.map_err(|_| Refused::fault())?;
    let (file, length) = open(panel, &hash).await?;
    Ok(range::answer(file, length, &format!("\"{hash}\""), kind, headers).await)
}

/// A kept file and its length.
pub(super) async fn open(panel: &Panel, hash: &str) -> Result<(File, u64), Refused> {
    let (store, hash) = (panel.door.store.clone(), hash.to_owned());
    on_disk(move || Ok(opened(&store, &hash))).await?.ok_or_else(Refused::not_found)
}

fn opened(store: &Store, hash: &str) -> Option<(File, u64)> {
    let file = store.open_file(hash)?;
    let length = file.metadata().ok()?.len();
    Some((file, length))
}
