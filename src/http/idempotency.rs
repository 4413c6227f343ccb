//! Requests that are done once, however often they are sent: a `POST` with a word of the program's own in
//! `Idempotency-Key` is answered as the first with this word was.

use super::{
    Panel, body, on_disk,
    refused::{Refused, Word},
};
use crate::store::Answered;
use axum::{
    Extension,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::sync::OwnedMutexGuard;

pub const HEADER: &str = "Idempotency-Key";
pub const CHARACTERS_MAX: usize = 255;
/// On an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// What an answer says beside its body.
const KEPT: &[HeaderName] = &[header::CONTENT_TYPE, header::ETAG, header::LOCATION];
/// Where files are sent to.
const UPLOADS: &str = "/uploads/";
/// No answer to a `POST` is longer.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Whose turn it is under each word: as many as there are requests under way.
#[derive(Default)]
pub struct Turns(Mutex<BTreeMap<[u8; 32], Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    async fn turn(&self, word: &[u8; 32]) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().expect("no panic while taking turns");
            // Those that nobody holds or waits for are over.
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            turns.entry(*word).or_default().clone()
        };
        turn.lock_owned().await
    }
}

/// Of everything under `/api/v1`.
pub async fn once(State(panel): State<Arc<Panel>>, request: Request, next: Next) -> Response {
    // A file is kept by what is in it: sent twice, it is kept once.
    if request.method() != Method::POST || request.uri().path().starts_with(UPLOADS) {
        return next.run(request).await;
    }
    match word(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(word)) => answer(panel, word, request, next).await.unwrap_or_else(IntoResponse::into_response),
        Err(refused) => refused.into_response(),
    }
}

fn word(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Refused> {
    let Some(word) = headers.get(HEADER) else { return Ok(None) };
    let bytes = word.as_bytes();
    let fits = (1..=CHARACTERS_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    fits.then(|| Some(Sha256::digest(bytes).into()))
        .ok_or_else(|| Refused::invalid(HEADER, json!({ "why": "pattern" })))
}

async fn answer(panel: Arc<Panel>, word: [u8; 32], request: Request, next: Next) -> Result<Response, Refused> {
    let (parts, sent) = request.into_parts();
    let bytes = body::bytes(sent).await?;
    let asked = Sha256::new().chain_update(parts.uri.to_string()).chain_update("\n").chain_update(&bytes).finalize();
    let _turn = panel.turns.turn(&word).await;
    let (door, now) = (panel.door.clone(), (panel.door.clock)().wall);
    if let Some(known) = on_disk(move || Ok(door.store.answered(&word, now)?)).await? {
        let same = known.request == <[u8; 32]>::from(asked);
        return if same { Ok(replayed(known)) } else { Err(Refused::invalid(HEADER, json!({ "why": "taken" }))) };
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    // Nothing was done, and it may be asked for once more: that is no answer to keep.
    if response.status().is_server_error() || response.status() == StatusCode::TOO_MANY_REQUESTS {
        return Ok(response);
    }
    let (parts, said) = response.into_parts();
    let said = to_bytes(said, ANSWER_BYTES_MAX).await.map_err(|_| Refused::fault())?;
    let told = |name: &HeaderName| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?.to_owned()));
    let answered = Answered {
        request: asked.into(),
        status: parts.status.as_u16(),
        headers: KEPT.iter().filter_map(told).collect(),
        body: String::from_utf8_lossy(&said).into_owned(),
    };
    let door = panel.door.clone();
    // What was asked for is done; that it cannot be remembered is for the log.
    if let Err(refused) = on_disk(move || Ok(door.store.keep_answer(&word, now, &answered)?)).await {
        tracing::warn!(?refused, "an answer could not be kept for whoever asks again");
    }
    Ok(Response::from_parts(parts, Body::from(said)))
}

fn replayed(known: Answered) -> Response {
    let status = StatusCode::from_u16(known.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let said: Value = serde_json::from_str(&known.body).unwrap_or_default();
    let error = said["error"].as_str().map(|word| Extension(Word(word.to_owned().into())));
    let mut response = (status, known.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    let kept =
        known.headers.iter().filter_map(|(name, value)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?)));
    response.headers_mut().extend(kept);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    match error {
        Some(error) => (error, response).into_response(),
        None => response,
    }
}
