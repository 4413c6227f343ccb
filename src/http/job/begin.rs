//! How an export begins: answered at once with the number of its job (JOB-21).

use super::{
    super::{Panel, body, on_disk, refused::Refused, rest, site::Asker},
    export::Wanted,
    new,
};
use crate::{history::job::JobType, schema::Action};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /panel/{path}/export`
pub async fn export(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let resource = rest::resource(&asker, &path)?;
    rest::must(&asker, resource, Action::Export)?;
    let given = body::object(body).await?;
    panel.door.store.room()?;
    Wanted::read(&asker, &panel.door.store.tenant(), resource, &given)?;
    let file_name = format!("{}.csv", resource.path);
    let at = (panel.door.clock)().wall;
    let job = new(JobType::Export, resource.path, asker.actor(), at, file_name, Value::Object(given));
    let number = on_disk(move || Ok(panel.jobs.begin(job, |_, _| Ok(()))?)).await?;
    Ok(begun(number))
}

pub fn begun(number: u64) -> (StatusCode, Json<Value>) {
    (StatusCode::ACCEPTED, Json(json!({ "job_number": number.to_string() })))
}
