//! The one record of a noun that has one, such as the box's own configuration (BOX-9): shown, and set by who may.

use super::{Panel, body, refused::Refused, rest, site::Asker};
use crate::{
    model::RESOURCES,
    schema::{Action, Resource},
    store::Write,
};
use axum::{
    Extension, Router,
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;

/// `/panel/{path}` of each; programs have none.
pub fn routes() -> Router<Arc<Panel>> {
    let single = RESOURCES.iter().filter(|resource| resource.drawn() && resource.single());
    single.fold(Router::new(), |router, resource| {
        let show = async |State(panel), Extension(asker), headers| show(panel, asker, resource, headers).await;
        let set =
            async |State(panel), Extension(asker), headers, body| set(panel, asker, resource, headers, body).await;
        router.route(&format!("/{}", resource.path), get(show).patch(set))
    })
}

async fn show(
    panel: Arc<Panel>,
    asker: Asker,
    resource: &'static Resource,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    asker.must(resource, "view")?;
    let row = panel.door.store.only_row(resource.name).ok_or_else(Refused::not_found)?;
    Ok(rest::tagged(&headers, asker.access.shown(resource, row)))
}

/// Only what changes; with `If-Match`, only if nobody else changed it meanwhile.
async fn set(
    panel: Arc<Panel>,
    asker: Asker,
    resource: &'static Resource,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    asker.must(resource, Action::Edit.word())?;
    let value = body::object(body).await?;
    let written = rest::write(&panel, &asker, resource, Write::Set { rev: rest::expected(&headers), value }).await?;
    Ok(rest::changed(&asker, resource, written).into_response())
}
