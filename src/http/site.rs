//! Who asks: what every request for the panel or the API must show before its answer is looked for.

use super::{
    Panel, guard,
    listen::Via,
    refused::Refused,
    session::{self, Signed},
};
use crate::{model::Account, schema::Actor};
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use std::sync::Arc;

/// Whoever passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    Account(Signed),
    Api,
}

impl Asker {
    pub fn actor(&self) -> Actor {
        match self {
            Asker::Account(signed) => Actor::Account(signed.account.0),
            Asker::Api => Actor::Api,
        }
    }

    /// Refuses everybody but the owner (BOX-9).
    pub(super) fn owner_of(&self, panel: &Panel) -> Result<(), Refused> {
        let tenant = panel.door.store.tenant();
        let owner = Account::owner(&tenant).map(|owner| owner.id());
        match self {
            Asker::Account(signed) if Some(signed.account) == owner => Ok(()),
            Asker::Account(_) | Asker::Api => Err(Refused::forbidden()),
        }
    }
}

/// Paths under `/panel` that need no session.
const OPEN: &[&str] = &["/session", "/setup"];

/// BOX-157, of every request.
pub async fn at_home(State(panel): State<Arc<Panel>>, mut request: Request, next: Next) -> Result<Response, Refused> {
    let via = request.extensions().get::<Via>().cloned().expect("each connection sets it");
    let host = guard::host(&panel.door.here(), &via, request.uri(), request.headers())?;
    request.extensions_mut().insert(host);
    Ok(next.run(request).await)
}

/// Of everything under `/panel`: no other site (BOX-154), and a session (DSK-11).
pub async fn signed_in(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    Extension(host): Extension<Authority>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        guard::own_site(&host, &via, request.headers())?;
    }
    let signed =
        session::token(request.headers(), via.secure).and_then(|token| panel.sessions.find(&panel.door, token));
    match signed {
        Some(signed) => {
            request.extensions_mut().insert(Asker::Account(signed.clone()));
            request.extensions_mut().insert(signed);
        }
        None if OPEN.contains(&request.uri().path()) => {}
        None => return Err(Refused::unauthorized()),
    }
    Ok(next.run(request).await)
}

/// Of everything under `/api/v1`: the key (API-19 to API-23; looked up by its hash, API-22), and no more than 30 wrong ones (BOX-155).
pub async fn with_key(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let (address, now) = (via.remote.ip().to_canonical(), (panel.door.clock)().up);
    if panel.attempts.keys_barred(address, now) {
        return Err(Refused::wrong_key());
    }
    let Some(key) = bearer(request.headers()) else { return Err(Refused::wrong_key()) };
    if !panel.door.store.is_api_key(key)? {
        panel.attempts.wrong_key(address, now);
        return Err(Refused::wrong_key());
    }
    request.extensions_mut().insert(Asker::Api);
    Ok(next.run(request).await)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}
