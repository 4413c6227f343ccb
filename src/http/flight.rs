//! Flight recordings: which there are, and handed out to whoever may look for faults (BOX-125).

use super::{Panel, job::disposition, on_disk, query::Query, range, refused::Refused, site::Asker};
use crate::time::Timestamp;
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{fs::File, sync::Arc};

/// A recording that can be handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flown {
    pub name: String,
    pub began: Timestamp,
    /// When something was last written of it.
    pub until: Timestamp,
    pub bytes: u64,
}

/// Where they lie.
pub trait Flights: Send + Sync {
    /// The oldest first, with all that was recorded until now.
    fn all(&self) -> Vec<Flown>;
    /// With all that was recorded until now, and how much that is: what comes behind it is for another time. What the
    /// box draws by chance from now on does not follow from it.
    fn open(&self, name: &str) -> Option<(File, u64)>;
}

/// `GET /panel/flight_recordings`: the newest first.
pub async fn list(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asker.access.must("box.diagnose")?;
    asked.only(&[])?;
    let mut all = on_disk(move || Ok(panel.door.flights.all())).await?;
    all.reverse();
    Ok(Json(json!({ "total": all.len(), "items": all })))
}

/// `GET /panel/flight_recordings/{name}/file`
pub async fn download(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    asker.access.must("box.diagnose")?;
    let told = HeaderValue::from_str(&disposition(&name)).map_err(|_| Refused::not_found())?;
    let (file, length) = on_disk({
        let name = name.clone();
        move || panel.door.flights.open(&name).ok_or_else(Refused::not_found)
    })
    .await?;
    let kind = HeaderValue::from_static("application/gzip");
    let mut response = range::answer(file, length, &format!("\"{length}\""), kind, &headers).await;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, told);
    Ok(response)
}
