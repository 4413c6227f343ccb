//! Who asks: what every request for the panel or the API must show before its answer is looked for.

use super::{
    Panel, guard,
    listen::Via,
    refused::Refused,
    session::{self, Signed},
};
use crate::schema::{Access, Actor, Resource};
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use std::sync::Arc;

/// Whoever passed, and what they may (worked out from the newest snapshot, ROL-17).
#[derive(Clone, Debug)]
pub struct Asker {
    pub access: Arc<Access>,
    /// None: a program with the key.
    pub signed: Option<Signed>,
}

impl Asker {
    fn program() -> Asker {
        Asker { access: Arc::new(Access::whole(Actor::Api)), signed: None }
    }

    pub fn actor(&self) -> Actor {
        self.access.by.clone()
    }

    /// `forbidden` unless they may do this with the noun: `view`, or the word of an action (LST-1, LST-2).
    pub fn must(&self, resource: &Resource, action: &str) -> Result<(), Refused> {
        Ok(self.access.must(&resource.right(action))?)
    }

    pub fn is_program(&self) -> bool {
        self.signed.is_none()
    }

    /// Who asks in a session; programs have none.
    pub fn signed(&self) -> Result<&Signed, Refused> {
        self.signed.as_ref().ok_or_else(Refused::unauthorized)
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
    let token = session::token(request.headers(), via.secure);
    let signed = token.and_then(|token| panel.sessions.find(&panel.door, token));
    let access = signed.as_ref().and_then(|signed| signed.who.access(&panel.door.store.tenant()));
    match access {
        Some(access) => {
            request.extensions_mut().insert(Asker { access: Arc::new(access), signed });
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
    request.extensions_mut().insert(Asker::program());
    Ok(next.run(request).await)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}
