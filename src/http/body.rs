//! The body of a request: JSON of at most 1 MiB, sent within 30 seconds (BOX-158, API-24, API-28).

use super::refused::Refused;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
};
use hyper::body::Body as _;
use serde_json::{Map, Value};
use std::{future::poll_fn, pin::Pin, time::Duration};
use tokio::time::timeout;

const BYTES_MAX: usize = 1024 * 1024;
const TIME_TO_SEND: Duration = Duration::from_secs(30);

/// The object in the body.
pub async fn object(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, Refused> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BYTES_MAX) {
        return Err(last(Refused::too_large()));
    }
    let bytes = timeout(TIME_TO_SEND, whole(body)).await.unwrap_or_else(|_| Err(last(Refused::bad_json())))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refused::new(422, "invalid", "The body is not a JSON object.")),
        Err(_) => Err(Refused::bad_json()),
    }
}

async fn whole(mut body: Body) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| last(Refused::bad_json()))?;
        // Trailers say nothing to us.
        let Ok(piece) = frame.into_data() else { continue };
        if bytes.len() + piece.len() > BYTES_MAX {
            return Err(last(Refused::too_large()));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// What is left of the body is not waited for.
fn last(refused: Refused) -> Refused {
    refused.header(header::CONNECTION, HeaderValue::from_static("close"))
}
