//! Signing in and out, and who is signed in: a cookie of 256 random bits, of which the box keeps a hash (BOX-153).

use super::{
    Door, Panel, body, guard,
    listen::Via,
    on_disk, password,
    refused::Refused,
    sessions::{Token, Who},
    site::Asker,
};
use crate::{
    model::{Account, Agent, ApiAccess, Person, Preferences, Settings},
    schema::{Access, Model, Refusals, Tenant, Why, access::Grants},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Browsers take it only over TLS, for this host alone.
const COOKIE: &str = "__Host-callbox";
/// Over plain HTTP, which is spoken on loopback only.
const COOKIE_PLAIN: &str = "callbox";

/// A session that a request showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub who: Who,
    pub(super) token: Token,
}

/// `GET /panel/session`
pub async fn show(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    asker: Option<Extension<Asker>>,
) -> Result<Json<Value>, Refused> {
    let Extension(asker) = asker.ok_or_else(Refused::unauthorized)?;
    Ok(Json(shown(&panel.door, &via, asker.signed()?.who)?))
}

/// `POST /panel/session`, from an address that may (API-11).
pub async fn sign_in(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    body: Body,
) -> Result<Response, Refused> {
    let (address, now) = (via.remote.ip().to_canonical(), (panel.door.clock)());
    if !guard::is_allowed(&ApiAccess::of(&panel.door.store.tenant()).api_ip_allowlist, address) {
        return Err(Refused::address_not_allowed());
    }
    let (username, password) = form(body::small_object(body).await?)?;
    let attempt =
        panel.attempts.begin(panel.door.origin(address), &username, now.up).map_err(Refused::too_many_attempts)?;
    let tenant = panel.door.store.tenant();
    let person = Person::named(&tenant, &username);
    let kept = person.and_then(|person| person.password(&tenant).cloned());
    let right = password::is(kept, password).await;
    match person.filter(|_| right) {
        Some(person) if person.is_enabled(&tenant) => {
            panel.attempts.forgive(attempt);
            enter(panel.clone(), &via, Who::new(person), StatusCode::OK).await
        }
        // DSK-3: only who knows the password is told.
        Some(Person::Agent(_)) => Err(Refused::disabled()),
        _ => {
            tracing::info!(%address, "a sign-in to the panel failed");
            Err(Refused::sign_in_failed())
        }
    }
}

/// Begins a session and gives its cookie.
pub(super) async fn enter(panel: Arc<Panel>, via: &Via, who: Who, status: StatusCode) -> Result<Response, Refused> {
    let door = panel.door.clone();
    let (signed, token) = on_disk(move || panel.sessions.begin(&panel.door, who)).await?;
    let cookie = [(header::SET_COOKIE, cookie(&token, via.secure))];
    Ok((status, cookie, Extension(signed), Json(shown(&door, via, who)?)).into_response())
}

/// `DELETE /panel/session`
pub async fn sign_out(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    asker: Option<Extension<Asker>>,
) -> Result<Response, Refused> {
    let Extension(asker) = asker.ok_or_else(Refused::unauthorized)?;
    let token = asker.signed()?.token;
    on_disk(move || panel.sessions.end(&panel.door, token)).await?;
    let gone = format!("{}=; Path=/; Max-Age=0{}", name(via.secure), secured(via.secure));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

/// `POST /panel/accounts/{id}/sign_in_as`, `POST /panel/agents/{id}/sign_in_as`: the session goes on as another, whose
/// password nobody is asked for (ACC-8, DSK-26). Whoever acts as another already goes back first.
pub async fn sign_in_as(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| Refused::not_found())?;
    let other = match path.as_str() {
        Account::PATH => Person::Account(id),
        Agent::PATH => Person::Agent(id),
        _ => return Err(Refused::not_found()),
    };
    let (signed, tenant) = (asker.signed()?, panel.door.store.tenant());
    other.username(&tenant).ok_or_else(Refused::not_found)?;
    let Who { person, acted_by: None } = signed.who else { return Err(Refused::forbidden()) };
    if !person.may_sign_in_as(&tenant, other) {
        return Err(Refused::forbidden());
    }
    change_to(panel, &via, signed, Who { person: other, acted_by: Some(person) }).await
}

/// `POST /panel/session/back`
pub async fn go_back(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    Extension(asker): Extension<Asker>,
) -> Result<Response, Refused> {
    let signed = asker.signed()?;
    let back = signed.who.acted_by.ok_or_else(Refused::not_found)?;
    change_to(panel, &via, signed, Who::new(back)).await
}

/// A new cookie for the new one, and an end to the former, so that no open page acts as somebody it does not show.
async fn change_to(panel: Arc<Panel>, via: &Via, signed: &Signed, who: Who) -> Result<Response, Refused> {
    let response = enter(panel.clone(), via, who, StatusCode::OK).await?;
    let token = signed.token;
    on_disk(move || panel.sessions.end(&panel.door, token)).await?;
    Ok(response)
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

/// Who it is, what they may, the way back, and the box.
fn shown(door: &Door, via: &Via, who: Who) -> Result<Value, Refused> {
    let tenant = &*door.store.tenant();
    let access = who.access(tenant).ok_or_else(Refused::unauthorized)?;
    let (settings, preferences) = (Settings::of(tenant), Preferences::of(tenant));
    Ok(json!({
        "account": named(tenant, who.person),
        "acted_by": who.acted_by.map(|person| named(tenant, person)),
        "rights": rights(&access),
        "box": {
            "name": settings.name, "version": env!("CARGO_PKG_VERSION"), "language": preferences.language,
            "time_zone": preferences.time_zone, "formats": formats(preferences),
            "sip": {
                "host": door.address_for_phones(via.local.ip()), "udp": door.sip, "tcp": door.sip, "tls": door.sips,
            },
        },
    }))
}

/// By which the panel shows dates, lengths, names and money (PRF-10 to PRF-15, PRF-27 to PRF-33).
fn formats(preferences: &Preferences) -> Value {
    let Preferences { date_format_mode, date_format, time_format, duration_format, name_format, .. } = preferences;
    json!({
        "date_format_mode": date_format_mode, "date_format": date_format, "time_format": time_format,
        "duration_format": duration_format, "name_format": name_format,
        "currency_symbol": preferences.currency_symbol, "currency_decimals": preferences.currency_decimals,
        "decimal_separator": preferences.decimal_separator.sign(),
        "thousands_separator": preferences.thousands_separator.sign(),
    })
}

/// `role` is the word `owner` or the name of the role, and null without one.
fn named(tenant: &Tenant, person: Person) -> Value {
    let (kind, id) = match person {
        Person::Account(id) => ("account", id),
        Person::Agent(id) => ("agent", id),
    };
    let (first_name, last_name) = person.names(tenant).unwrap_or_default();
    let role = person.role(tenant).map(|role| role.value.name.to_string());
    json!({
        "kind": kind, "id": id, "username": person.username(tenant), "first_name": first_name, "last_name": last_name,
        "owner": person.is_owner(tenant), "role": if person.is_owner(tenant) { Some("owner".into()) } else { role },
    })
}

/// What the panel draws by; the box asks its own (LST-1 to LST-3).
fn rights(access: &Access) -> Value {
    let Grants { permissions, closed_tabs, hidden_fields, scopes } = &access.grants;
    json!({
        "whole": access.is_whole(), "permissions": permissions, "closed_tabs": closed_tabs,
        "hidden_fields": hidden_fields, "scopes": scopes, "leads": access.led_numbers,
    })
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
