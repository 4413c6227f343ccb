//! Signing in and out, and who is signed in: a cookie of 256 random bits, of which the box keeps a hash (BOX-153).

use super::{Door, Panel, body, listen::Via, on_disk, password, refused::Refused, sessions::Token};
use crate::{
    model::{Account, Settings},
    schema::{Id, Refusals, Why},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Browsers take it only over TLS, for this host alone.
const COOKIE: &str = "__Host-callbox";
/// Over plain HTTP, which is spoken on loopback only.
const COOKIE_PLAIN: &str = "callbox";

/// Whose request it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub account: Id,
    pub(super) token: Token,
}

/// `GET /panel/session`
pub async fn show(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    signed: Option<Extension<Signed>>,
) -> Result<Json<Value>, Refused> {
    let Extension(signed) = signed.ok_or_else(Refused::unauthorized)?;
    Ok(Json(shown(&panel.door, &via, signed.account)?))
}

/// `POST /panel/session`
pub async fn sign_in(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    body: Body,
) -> Result<Response, Refused> {
    let (username, password) = form(body::small_object(body).await?)?;
    let address = via.remote.ip().to_canonical();
    let now = (panel.door.clock)();
    let attempt = panel.attempts.begin(address, &username, now.up).map_err(Refused::too_many_attempts)?;
    let tenant = panel.door.store.tenant();
    let account = Account::of(&tenant, &username);
    let kept = account.and_then(|account| account.value.password.clone());
    let right = password::is(kept, password).await;
    let Some(account) = account.filter(|account| right && account.value.enabled()) else {
        tracing::info!(%address, "a sign-in to the panel failed");
        return Err(Refused::sign_in_failed());
    };
    panel.attempts.forgive(attempt);
    enter(panel.clone(), &via, account.id(), StatusCode::OK).await
}

/// Begins a session and gives its cookie.
pub(super) async fn enter(panel: Arc<Panel>, via: &Via, account: Id, status: StatusCode) -> Result<Response, Refused> {
    let door = panel.door.clone();
    let token = on_disk(move || panel.sessions.begin(&panel.door, account)).await?;
    let cookie = [(header::SET_COOKIE, cookie(&token, via.secure))];
    Ok((status, cookie, Json(shown(&door, via, account)?)).into_response())
}

/// `DELETE /panel/session`
pub async fn sign_out(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    signed: Option<Extension<Signed>>,
) -> Result<Response, Refused> {
    let Extension(signed) = signed.ok_or_else(Refused::unauthorized)?;
    on_disk(move || panel.sessions.end(&panel.door, signed.token)).await?;
    let gone = format!("{}=; Path=/; Max-Age=0{}", name(via.secure), secured(via.secure));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

/// The token in the cookie, if it looks like one.
pub fn token(headers: &HeaderMap, secure: bool) -> Option<Token> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name(secure)).and_then(|(_, token)| Token::read(token))
}

/// Until the browser is closed; the box ends it earlier (DSK-17).
fn cookie(token: &str, secure: bool) -> String {
    format!("{}={token}; Path=/{}", name(secure), secured(secure))
}

fn name(secure: bool) -> &'static str {
    if secure { COOKIE } else { COOKIE_PLAIN }
}

fn secured(secure: bool) -> &'static str {
    if secure { "; Secure; HttpOnly; SameSite=Strict" } else { "; HttpOnly; SameSite=Strict" }
}

fn shown(door: &Door, via: &Via, account: Id) -> Result<Value, Refused> {
    let tenant = &*door.store.tenant();
    let row = tenant.table::<Account>().row(account).ok_or_else(Refused::unauthorized)?;
    let (settings, value) = (Settings::of(tenant), &row.value);
    Ok(json!({
        "account": {
            "id": account, "username": value.username, "first_name": value.first_name,
            "last_name": value.last_name, "role": "owner",
        },
        "box": {
            "name": settings.name, "version": env!("CARGO_PKG_VERSION"), "language": settings.language,
            "time_zone": settings.time_zone,
            "sip": {
                "host": door.address_for_phones(via.local.ip()), "udp": door.sip, "tcp": door.sip, "tls": door.sips,
            },
        },
    }))
}

fn form(given: Map<String, Value>) -> Result<(String, String), Refused> {
    let (mut username, mut password, mut refusals) = (None, None, Refusals::default());
    for (field, value) in given {
        match (field.as_str(), value) {
            ("username", Value::String(text)) => username = Some(text),
            ("password", Value::String(text)) => password = Some(text),
            ("username" | "password", _) => refusals.add(&field, Why::Type),
            _ => refusals.add(&field, Why::Unknown),
        }
    }
    for (field, given) in [("username", &username), ("password", &password)] {
        if given.is_none() {
            refusals.add(field, Why::Required);
        }
    }
    refusals.so_far()?;
    Ok((username.unwrap_or_default(), password.unwrap_or_default()))
}
