//! Which path is answered by whom.

use super::{
    Panel, alarms, asset, assign, audit, bans, bar, batch, calls, click_to_call, columns, configuration, files, find,
    flight, guard, idempotency, job, layout, listen::Via, lists, log, look_up, me, openapi, past, records,
    refused::Refused, repair, rest, session, setup, several, single, site, sms, spent, supervise, test_call,
    trunk_test, trunks, viewer, ways,
};
use crate::{model, schema::Action};
use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, uri::Authority},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::sync::Arc;

/// What is answered over TLS.
pub fn secure(panel: Arc<Panel>) -> Router {
    whole(everything(&panel), panel)
}

/// What is answered plainly: the way to TLS, and on loopback everything if so wished (BOX-29).
pub fn plain(panel: Arc<Panel>) -> Router {
    let panel_http = panel.door.panel_http;
    let (all, away) = (everything(&panel), Router::new().fallback(redirect).with_state(panel.clone()));
    let by_way = Router::new().fallback(move |Extension(via): Extension<Via>, request: Request| {
        let inside = panel_http && via.local.ip().to_canonical().is_loopback();
        let router = if inside { all.clone() } else { away.clone() };
        async move { tower::ServiceExt::oneshot(router, request).await }
    });
    whole(by_way, panel)
}

fn whole(router: Router, panel: Arc<Panel>) -> Router {
    router.layer(from_fn_with_state(panel, site::at_home)).layer(from_fn(guard::safe_headers))
}

fn everything(panel: &Arc<Panel>) -> Router {
    Router::new()
        .nest("/panel", pages(panel))
        .nest("/api/v1", programs(panel))
        .route("/ca.crt", get(authority))
        .fallback(file)
        .method_not_allowed_fallback(wrong_method)
        .with_state(panel.clone())
}

fn pages(panel: &Arc<Panel>) -> Router<Arc<Panel>> {
    Router::new()
        .route("/session", get(session::show).post(session::sign_in).delete(session::sign_out))
        .route("/session/back", post(session::go_back))
        .route("/me/columns/{list}", get(columns::show).put(columns::set))
        .route("/me/password", post(me::set_password))
        .route("/search", get(find::find))
        .route("/setup", get(setup::show).post(setup::make_owner))
        .route("/schema", get(rest::schema))
        .route("/live", get(viewer::live))
        .route("/calls", get(calls::list))
        .route("/calls/{call_id}", axum::routing::delete(calls::hang_up))
        .route("/calls/{call_id}/{verb}", post(calls::record))
        .route("/call_records", get(records::list))
        .route("/call_records/hours", get(records::hours))
        .route("/call_records/export", post(records::export::begin))
        .route("/call_records/{call_id}", get(records::one).patch(records::remark))
        .route("/call_records/{call_id}/linked", get(records::linked))
        .route("/call_records/{call_id}/story", get(records::story::tell))
        .route("/call_records/{call_id}/recording", get(records::sound::hear))
        .route("/call_records/{call_id}/recording/file", get(records::sound::download))
        .route("/call_records/{call_id}/recording/shape", get(records::sound::shape))
        .route("/custom_fields/repair", post(repair::repair))
        .route("/regions/look_up", get(look_up::number))
        .route("/agents/{id}/configuration", get(configuration::preview))
        .route("/alarms/{alarm}/confirm", post(alarms::confirm))
        .route("/alarms/{alarm}/release", post(alarms::release))
        .route("/bans", get(bans::list))
        .route("/flight_recordings", get(flight::list))
        .route("/flight_recordings/{name}/file", get(flight::download))
        .route("/dids/would_go", get(ways::would_go))
        .route("/dids/{id}/flow", get(ways::flow))
        .route("/outbound_profiles/try", get(ways::try_number))
        .route("/bans/delete", post(bans::lift_several))
        .route("/bans/{address}", axum::routing::delete(bans::lift))
        .route("/fraud_limits/used", get(spent::used))
        .route("/trunks/{id}/states", get(trunks::states))
        .route("/trunks/{id}/register", post(trunks::register))
        .route("/trunks/{id}/accept_realm", post(trunks::accept_realm))
        .route("/trunks/{id}/today", get(trunks::today))
        .route("/given_trunks/test", post(trunk_test::typed))
        .route("/given_trunks/{id}/test", post(trunk_test::saved))
        .route("/trunks/{id}/test_call", post(test_call::begin))
        .route("/trunks/{id}/test_call/{call_id}", get(test_call::show))
        .route("/audit", get(audit::page::list))
        .route("/audit/export", get(audit::page::export))
        .route("/audit/{id}", get(audit::page::one))
        .route("/jobs", get(job::route::list))
        .route("/jobs/count", post(job::route::count))
        .route("/jobs/delete", post(job::route::remove_several))
        .route("/jobs/{number}", get(job::route::one).delete(job::route::remove))
        .route("/jobs/{number}/file", get(job::route::file))
        .route("/jobs/{number}/failed", get(job::route::failed))
        .route("/uploads", post(job::upload::take))
        .route("/uploads/{path}/{field}", post(files::take))
        .route("/openapi.json", get(openapi::for_pages))
        .merge(single::routes())
        .merge(supervise::routes())
        .route("/{path}", get(lists::list).post(rest::add).patch(several::change))
        .route("/{path}/assign", post(assign::assign))
        .route("/{path}/bar", post(bar::bar))
        .route("/{path}/batch", post(batch::add))
        .route("/{path}/batch/preview", post(batch::preview))
        .route("/{path}/choices", get(lists::choices))
        .route("/{path}/count", post(several::count))
        .route("/{path}/delete", post(several::remove))
        .route("/{path}/export", post(job::begin::export))
        .route("/{path}/import", get(job::import::begin::look).post(job::import::begin::start))
        .route("/{path}/fields", get(layout::fields))
        .route("/{path}/log", get(log::list))
        .route("/{path}/import_template", get(job::import::begin::template))
        .route("/{path}/{id}", get(rest::one).patch(rest::change).delete(rest::remove))
        .route("/{path}/{id}/clone", post(past::clone))
        .route("/{path}/files/{hash}", get(files::hear))
        .route("/{path}/{id}/file", get(files::download))
        .route("/{path}/{id}/history", get(past::history))
        .route("/{path}/{id}/reveal", post(rest::reveal))
        .route("/{path}/{id}/undo", post(past::undo))
        .route("/{path}/{id}/users", get(past::users))
        .route("/{path}/{id}/warnings", get(rest::warnings))
        .route("/{path}/{id}/sign_in_as", post(session::sign_in_as))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(panel.clone(), site::signed_in))
        .layer(from_fn(guard::to_the_end))
}

/// API-45; grows, and never changes.
fn programs(panel: &Arc<Panel>) -> Router<Arc<Panel>> {
    Router::new()
        .route("/calls", get(calls::list))
        .route("/click_to_call", post(click_to_call::start))
        .route("/call_records", get(records::list))
        .route("/call_records/{call_id}", get(records::one))
        .route("/call_records/{call_id}/recording", get(records::sound::download))
        .route("/sms", post(sms::send))
        .route("/openapi.json", get(openapi::for_programs))
        .route("/uploads/{path}/{field}", post(files::take))
        .route("/{path}", get(lists::list).post(rest::add))
        .route("/{path}/{id}", get(rest::one).patch(rest::change).delete(rest::remove))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method_of_program)
        .layer(from_fn_with_state(panel.clone(), idempotency::once))
        .layer(from_fn_with_state(panel.clone(), site::with_key))
        .layer(from_fn(guard::to_the_end))
}

async fn nothing() -> Refused {
    Refused::not_found()
}

async fn wrong_method() -> Refused {
    Refused::method_not_allowed()
}

/// RFC 9110, 15.5.6: with what this noun allows; without a word of ours the router's stands.
async fn wrong_method_of_program(uri: Uri) -> Refused {
    let mut parts = uri.path().trim_matches('/').split('/');
    let noun = parts.next().and_then(model::resource).filter(|noun| noun.programs && noun.listed());
    let changes = match parts.next() {
        None => &[(Action::Add, "POST")][..],
        Some(_) => &[(Action::Edit, "PATCH"), (Action::Delete, "DELETE")],
    };
    let refused = Refused::method_not_allowed();
    let Some(noun) = noun else { return refused };
    let allowed = changes.iter().filter(|(action, _)| noun.allows(*action)).map(|(_, method)| *method);
    let allowed = ["GET", "HEAD"].into_iter().chain(allowed).collect::<Vec<_>>().join(", ");
    match HeaderValue::from_str(&allowed) {
        Ok(allowed) => refused.header(header::ALLOW, allowed),
        Err(_) => refused,
    }
}

async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Refused> {
    if method != Method::GET && method != Method::HEAD {
        return Err(Refused::method_not_allowed());
    }
    asset::serve(uri.path(), &headers)
}

/// BOX-33
async fn authority(State(panel): State<Arc<Panel>>) -> impl IntoResponse {
    let kind = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"callbox-ca.crt\""),
    ];
    (kind, panel.door.certificates.authority())
}

async fn redirect(State(panel): State<Arc<Panel>>, Extension(host): Extension<Authority>, uri: Uri) -> Response {
    let port = if panel.https_port == 443 { String::new() } else { format!(":{}", panel.https_port) };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let target = HeaderValue::from_str(&format!("https://{}{port}{path}", host.host()));
    match target {
        Ok(target) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response(),
        Err(_) => Refused::not_found().into_response(),
    }
}
