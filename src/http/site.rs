//! Who asks: what every request for the panel or the API must show before its answer is looked for.

use super::{
    Panel,
    audit::Note,
    guard,
    listen::Via,
    rate::Kind,
    refused::Refused,
    rest,
    session::{self, Signed},
    sessions,
};
use crate::{
    model::{ApiAccess, Preferences, Settings},
    schema::{Access, Actor, Refusals, Resource, Why},
    time::Uptime,
};
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, Method, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::{net::IpAddr, sync::Arc};

/// Whoever passed, and what they may (worked out from the newest snapshot, ROL-17).
#[derive(Clone, Debug)]
pub struct Asker {
    pub access: Arc<Access>,
    /// None: a program with the key.
    pub signed: Option<Signed>,
}

impl Asker {
    /// What the office has not is not kept from it: its document promises every field. It saves none of it either.
    fn program(address: IpAddr) -> Asker {
        Asker { access: Arc::new(Access::whole(Actor::Api).coming_from(Some(address))), signed: None }
    }

    /// Whoever started work that goes on without them.
    pub fn working(access: Access) -> Asker {
        Asker { access: Arc::new(access), signed: None }
    }

    pub fn actor(&self) -> Actor {
        self.access.by.clone()
    }

    /// The same, acting as the upstream where the path says so and they may.
    fn acting(self, path: &str) -> Asker {
        self.acting_on(path.trim_start_matches('/'))
    }

    /// The same of a list by the first word of its path.
    pub fn acting_on(self, list: &str) -> Asker {
        let acts = list.starts_with(rest::GIVEN) && self.may_act();
        if !acts {
            return self;
        }
        Asker { access: Arc::new((*self.access).clone().as_upstream()), ..self }
    }

    /// `forbidden` unless they may do this with the noun: `view`, or the word of an action (LST-1, LST-2). What the office
    /// has not is not there, and nobody adds to it (UPS-101).
    pub fn must(&self, resource: &Resource, action: &str) -> Result<(), Refused> {
        if self.access.acting && resource.has_given() {
            return Ok(());
        }
        if self.access.bounds.withholds_noun(resource.name) {
            return Err(Refusals::whole(if action == "view" { Why::NotFound } else { Why::Withheld }).into());
        }
        Ok(self.access.must(&resource.right(action))?)
    }

    /// Whether they may act as the upstream that this box has not (UPS-2).
    pub fn may_act(&self) -> bool {
        matches!(self.access.by, Actor::Account(_)) && self.access.may("operator.act")
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

/// BOX-157, of every request; and from where it really comes (PRF-26).
pub async fn at_home(State(panel): State<Arc<Panel>>, mut request: Request, next: Next) -> Result<Response, Refused> {
    let mut via = request.extensions().get::<Via>().cloned().expect("each connection sets it");
    let host = guard::host(&panel.door.here(), &via, request.uri(), request.headers())?;
    let tenant = panel.door.store.tenant();
    via.remote.set_ip(guard::remote(&Settings::of(&tenant).trusted_proxies, &via, request.headers()));
    request.extensions_mut().insert(host);
    request.extensions_mut().insert(via);
    Ok(next.run(request).await)
}

/// Of everything under `/panel`: an address that may (PRF-21), no other site (BOX-154), and a session (DSK-11). What is done leaves an entry in the
/// audit log, refused or not.
pub async fn signed_in(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    Extension(host): Extension<Authority>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = session::token(request.headers(), via.secure);
    let signed = token.and_then(|token| panel.sessions.find(&panel.door, token));
    let (tenant, address) = (panel.door.store.tenant(), via.remote.ip().to_canonical());
    let access = signed.as_ref().and_then(|signed| signed.who.access(&tenant));
    let asker = access.map(|access| Asker { access: Arc::new(access.coming_from(Some(address))), signed });
    let asker = asker.map(|asker| asker.acting(request.uri().path()));
    if let Some(asker) = &asker {
        request.extensions_mut().insert(asker.clone());
    }
    let near = guard::is_allowed(&Preferences::of(&tenant).ip_allowlist, address);
    let allowed =
        if near { may_enter(&host, &via, &request, asker.is_some()) } else { Err(Refused::address_not_allowed()) };
    let (note, request) = Note::page(via.remote.ip(), request);
    let response = match allowed {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    let noted = note.end(&panel, asker.as_ref(), "", &response);
    panel.audit.take(noted).await;
    response
}

fn may_enter(host: &Authority, via: &Via, request: &Request, signed: bool) -> Result<(), Refused> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        guard::own_site(host, via, request.headers())?;
    }
    if signed || OPEN.contains(&request.uri().path()) { Ok(()) } else { Err(Refused::unauthorized()) }
}

/// Of everything under `/api/v1`, in this order (API-23): an address that may (API-10), the key (API-19 to API-22), no
/// more than 30 wrong ones (BOX-155), and no more requests than the limits let through (API-31). Each leaves an entry in
/// the audit log (API-52).
pub async fn with_key(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    mut request: Request,
    next: Next,
) -> Response {
    let (address, now) = (via.remote.ip().to_canonical(), (panel.door.clock)().up);
    let (tenant, key) = (panel.door.store.tenant(), bearer(request.headers()).map(str::to_string));
    let access = ApiAccess::of(&tenant);
    let asker = known(&panel, access, key.as_deref(), address, now).map(|()| Asker::program(address));
    let kind = Kind::of(request.method(), request.uri().path());
    if let Ok(asker) = &asker {
        request.extensions_mut().insert(asker.clone());
    }
    let (note, request) = Note::program(address, request);
    let token = key.map_or_else(String::new, |key| sessions::short(&Sha256::digest(key.as_bytes())));
    let (asker, response) = match asker {
        Ok(asker) => {
            let passes = kind.map_or(Ok(()), |kind| panel.rates.let_through(kind, access, now));
            let response = match passes {
                Ok(()) => next.run(request).await,
                Err(left) => Refused::rate_limited(left).into_response(),
            };
            (Some(asker), response)
        }
        Err(refused) => (None, refused.into_response()),
    };
    let noted = note.end(&panel, asker.as_ref(), &token, &response);
    panel.audit.take(noted).await;
    response
}

fn known(panel: &Panel, access: &ApiAccess, key: Option<&str>, address: IpAddr, now: Uptime) -> Result<(), Refused> {
    if !guard::is_allowed(&access.api_ip_allowlist, address) {
        return Err(Refused::address_not_allowed());
    }
    let origin = panel.door.origin(address);
    let Some(key) = key.filter(|_| !panel.attempts.keys_barred(origin, now)) else { return Err(Refused::wrong_key()) };
    if access.is_key(key) {
        return Ok(());
    }
    panel.attempts.wrong_key(origin, now);
    Err(Refused::wrong_key())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}
