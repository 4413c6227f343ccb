//! The one record of a noun that has one, such as the box's own configuration (BOX-9): shown, and set by who may.

use super::{Panel, body, on_disk, refused::Refused, rest, site::Asker};
use crate::{
    model::RESOURCES,
    schema::{Action, Resource},
    store::Write,
};
use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::HeaderMap,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::sync::Arc;

/// `/panel/{path}` of each; programs have none.
pub fn routes() -> Router<Arc<Panel>> {
    let single = RESOURCES.iter().filter(|resource| resource.drawn() && resource.single());
    single.fold(Router::new(), |router, resource| {
        let show = async |State(panel), Extension(asker), headers| show(panel, asker, resource, headers).await;
        let set =
            async |State(panel), Extension(asker), headers, body| set(panel, asker, resource, headers, body).await;
        let mut router = router.route(&format!("/{}", resource.path), get(show).patch(set));
        if resource.has_given() {
            let ours = get(show).patch(set).layer(from_fn(acting));
            router = router.route(&format!("/{}{}", rest::GIVEN, resource.path), ours);
        }
        makes(resource).fold(router, |router, field| {
            let make = async move |State(panel), Extension(asker)| make(panel, asker, resource, field).await;
            router.route(&format!("/{}/{field}", resource.path), post(make))
        })
    })
}

/// What the upstream gives is set by who acts as it, and by nobody else (UPS-2).
async fn acting(Extension(asker): Extension<Asker>, request: Request, next: Next) -> Result<Response, Refused> {
    if asker.access.acting { Ok(next.run(request).await) } else { Err(Refused::forbidden()) }
}

/// Secrets that the box makes when it is asked to.
fn makes(resource: &'static Resource) -> impl Iterator<Item = &'static str> {
    resource.fields().filter(|(_, schema)| schema["x-made"].is_u64()).map(|(field, _)| field)
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

/// `POST /panel/{path}/{field}`: the row, and once the secret that was made.
async fn make(
    panel: Arc<Panel>,
    asker: Asker,
    resource: &'static Resource,
    field: &'static str,
) -> Result<Response, Refused> {
    asker.must(resource, Action::Edit.word())?;
    let (door, access, at) = (panel.door.clone(), asker.access.clone(), (panel.door.clock)().wall);
    let made = on_disk(move || Ok(door.store.make(&access, at, resource.name, field)?)).await?;
    Ok(rest::changed(&asker, resource, made).into_response())
}

/// Only what changes; with `If-Match`, only if nobody else changed it meanwhile.
async fn set(
    panel: Arc<Panel>,
    asker: Asker,
    resource: &'static Resource,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    rest::must(&asker, resource, Action::Edit)?;
    let value = body::object(body).await?;
    let written = rest::write(&panel, &asker, resource, Write::Set { rev: rest::expected(&headers), value }).await?;
    Ok(rest::changed(&asker, resource, written).into_response())
}
