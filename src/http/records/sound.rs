//! The recording of a call: heard in the page, downloaded, drawn; whether it is still as it was (CDR-10, BOX-61).

use super::{
    super::{Panel, audit::Done, job::disposition, on_disk, range, refused::Refused, site::Asker},
    in_reach,
};
use crate::{
    history::{call_record::CallRecord, recording::Recording},
    schema::kind::line::hex,
    store::Store,
};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read},
    sync::Arc,
};

const PART: usize = 1 << 20;
/// Columns of the drawing.
const POINTS: u64 = 600;
/// The bytes before the samples of a recorded call, two channels of a byte (BOX-58).
const HEAD: usize = 58;

/// How the file of a recording is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    AsItWas,
    /// Its hash or length is not what the record says.
    Changed,
    Gone,
}

/// `GET /panel/call_records/{call_id}/recording`: to be heard, from anywhere in it.
pub async fn hear(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (record, file) = opened(&panel, &asker, "call_record.play", call_id).await?;
    let response = send(&record, file, &headers).await;
    // A player asks for one part after the other; that it began is remembered.
    let begins = headers.get(header::RANGE).is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"));
    Ok(if begins { (Extension(Done("play call_record".into())), response).into_response() } else { response })
}

/// `GET /panel/call_records/{call_id}/recording/file` and `GET /api/v1/call_records/{call_id}/recording` (API-46).
pub async fn download(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (record, file) = opened(&panel, &asker, "call_record.download", call_id).await?;
    let name = HeaderValue::from_str(&disposition(&format!("{}.wav", record.call_id)));
    let mut response = send(&record, file, &headers).await;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name.map_err(|_| Refused::fault())?);
    Ok((Extension(Done("download call_record".into())), response).into_response())
}

/// `GET /panel/call_records/{call_id}/recording/shape`: how loud each side is, 0 to 127, in as many columns as fit.
pub async fn shape(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
) -> Result<Json<Value>, Refused> {
    let (_, file) = opened(&panel, &asker, "call_record.play", call_id).await?;
    let drawn = on_disk(move || drawn(file).map_err(|_| Refused::fault())).await?;
    Ok(Json(json!({ "left": drawn[0], "right": drawn[1] })))
}

async fn opened(
    panel: &Arc<Panel>,
    asker: &Asker,
    right: &str,
    call_id: String,
) -> Result<(CallRecord, File), Refused> {
    asker.access.must(right)?;
    let (panel, asker) = (panel.clone(), asker.clone());
    on_disk(move || {
        let record = in_reach(&panel, &asker, &call_id)?;
        let file = record.recording.as_ref().and_then(|recording| panel.door.store.open_recording(recording));
        file.map(|file| (record, file)).ok_or_else(Refused::not_found)
    })
    .await
}

async fn send(record: &CallRecord, file: File, headers: &HeaderMap) -> Response {
    let length = file.metadata().map_or(0, |facts| facts.len());
    let hash = record.recording.as_ref().map_or("", |recording| &recording.sha256);
    range::answer(file, length, &format!("\"{hash}\""), HeaderValue::from_static("audio/wav"), headers).await
}

/// Reads all of it.
pub fn found(store: &Store, recording: &Recording) -> Found {
    let Some(mut file) = store.open_recording(recording) else { return Found::Gone };
    let (mut hash, mut bytes, mut part) = (Sha256::new(), 0, vec![0; PART]);
    loop {
        match file.read(&mut part) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(&part[..read]);
                bytes += read as u64;
            }
            Err(error) => {
                tracing::error!(%error, file = recording.file, "a recording cannot be read; look at the disk");
                return Found::Gone;
            }
        }
    }
    let same = bytes == recording.bytes && hex(&hash.finalize()) == recording.sha256;
    if same { Found::AsItWas } else { Found::Changed }
}

/// The largest of each column; A-law is as the ear hears, in steps of loudness.
fn drawn(mut file: File) -> io::Result<[Vec<u8>; 2]> {
    let samples = file.metadata()?.len().saturating_sub(HEAD as u64) / 2;
    let columns = samples.clamp(1, POINTS);
    file.read_exact(&mut [0; HEAD])?;
    let mut sides = [(); 2].map(|()| vec![0; columns as usize]);
    let (mut at, mut part) = (0_u64, vec![0; PART]);
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            return Ok(sides);
        }
        for &byte in &part[..read] {
            let column = (at / 2 * columns / samples.max(1)).min(columns - 1) as usize;
            let peak = &mut sides[(at % 2) as usize][column];
            *peak = (*peak).max((byte ^ 0x55) & 0x7F);
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    /// CDR-10: silence is nothing, the loudest sound 127, each on its side.
    #[test]
    fn a_drawing_shows_who_speaks_when() {
        let mut file = tempfile::tempfile().unwrap();
        let sound: Vec<u8> = (0..6_000_u32).flat_map(|n| if n < 3_000 { [0x2A, 0xD5] } else { [0xD5, 0xAA] }).collect();
        file.write_all(&[0; HEAD]).unwrap();
        file.write_all(&sound).unwrap();
        file.rewind().unwrap();
        let [left, right] = drawn(file).unwrap();
        assert_eq!((left.len(), left[0], left[299], left[300], left[599]), (600, 127, 127, 0, 0));
        assert_eq!((right[0], right[299], right[300], right[599]), (0, 0, 127, 127));
    }
}
