//! The body of a request: JSON of at most 1 MiB, sent within 30 seconds (BOX-158, API-24, API-28).

use super::refused::Refused;
use axum::{
    body::Body,
    http::{HeaderValue, header},
};
use hyper::body::Body as _;
use serde_json::{Map, Value};
use std::{future::poll_fn, pin::Pin, time::Duration};
use tokio::time::timeout;

const BYTES_MAX: usize = 1024 * 1024;
const SMALL_BYTES_MAX: usize = 16 * 1024;
/// Of a body that is too large, so much more is read and thrown away: whoever still sends would not see the answer.
const THROWN_AWAY_MAX: usize = 16 * 1024 * 1024;
/// Beyond it not every whole number has a form of its own (2^53).
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
const TIME_TO_SEND: Duration = Duration::from_secs(30);

/// The object in the body.
pub async fn object(body: Body) -> Result<Map<String, Value>, Refused> {
    at_most(BYTES_MAX, body).await
}

/// The same where nothing need be said.
pub async fn object_if_any(body: Body) -> Result<Map<String, Value>, Refused> {
    let bytes = in_time(BYTES_MAX, body).await?;
    if bytes.is_empty() { Ok(Map::new()) } else { read(&bytes) }
}

/// The same for a form that anybody may send: a page of text, so that strangers take no memory.
pub async fn small_object(body: Body) -> Result<Map<String, Value>, Refused> {
    at_most(SMALL_BYTES_MAX, body).await
}

/// The body as it was sent.
pub async fn bytes(body: Body) -> Result<Vec<u8>, Refused> {
    in_time(BYTES_MAX, body).await
}

async fn in_time(bytes_max: usize, body: Body) -> Result<Vec<u8>, Refused> {
    let sent = timeout(TIME_TO_SEND, whole(bytes_max, body)).await;
    sent.unwrap_or_else(|_| Err(last(Refused::bad_json())))
}

async fn at_most(bytes_max: usize, body: Body) -> Result<Map<String, Value>, Refused> {
    read(&in_time(bytes_max, body).await?)
}

fn read(bytes: &[u8]) -> Result<Map<String, Value>, Refused> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(mut object)) => {
            object.values_mut().for_each(whole_number);
            Ok(object)
        }
        Ok(_) => Err(Refused::new(422, "invalid", "The body is not a JSON object.")),
        Err(_) => Err(Refused::bad_json()),
    }
}

/// A whole number is one however it is written: 78.0 is 78 (JSON Schema, 6.1.1).
fn whole_number(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(whole_number),
        Value::Object(fields) => fields.values_mut().for_each(whole_number),
        Value::Number(number) => {
            let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0);
            if let Some(float) = float.filter(|float| float.abs() <= WHOLE_MAX) {
                *value = (float as i64).into();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

async fn whole(bytes_max: usize, mut body: Body) -> Result<Vec<u8>, Refused> {
    let (mut bytes, mut seen) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| last(Refused::bad_json()))?;
        // Trailers say nothing to us.
        let Ok(piece) = frame.into_data() else { continue };
        seen += piece.len();
        if seen > bytes_max + THROWN_AWAY_MAX {
            return Err(last(Refused::too_large()));
        }
        if seen <= bytes_max {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
        }
    }
    if seen > bytes_max { Err(Refused::too_large()) } else { Ok(bytes) }
}

/// What is left of the body is not waited for.
fn last(refused: Refused) -> Refused {
    refused.header(header::CONNECTION, HeaderValue::from_static("close"))
}
