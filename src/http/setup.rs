//! A box without an owner: for half an hour, and from its own networks, whoever holds it makes one (BOX-12 to BOX-15).

use super::{Panel, body, listen::Via, password, refused::Refused, session, sessions::Who};
use crate::{
    model::{Person, Preferences, Settings},
    schema::{Refusals, Why},
    store::OwnerForm,
};
use axum::{Extension, Json, body::Body, extract::State, http::StatusCode, response::Response};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// BOX-13
const OPEN_FOR: Duration = Duration::from_secs(30 * 60);

/// `GET /panel/setup`
pub async fn show(State(panel): State<Arc<Panel>>, Extension(via): Extension<Via>) -> Json<Value> {
    let needed = panel.door.store.needs_owner();
    let tenant = panel.door.store.tenant();
    let settings = Settings::of(&tenant);
    let told = json!({ "name": settings.name, "language": Preferences::of(&tenant).language });
    Json(json!({ "needed": needed, "open": needed && open(&panel, &via), "box": told }))
}

/// `POST /panel/setup`
pub async fn make_owner(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    body: Body,
) -> Result<Response, Refused> {
    if !panel.door.store.needs_owner() {
        return Err(Refused::not_found());
    }
    if !open(&panel, &via) {
        return Err(Refused::setup_closed());
    }
    let form = form(body::small_object(body).await?)?;
    let (door, at) = (panel.door.clone(), (panel.door.clock)().wall);
    let written = password::work(move || door.store.add_owner(at, &form)).await.ok_or_else(Refused::fault)??;
    tracing::info!(address = %via.remote.ip(), "the box has an owner now");
    session::enter(panel, &via, Who::new(Person::Account(written.id)), StatusCode::CREATED).await
}

fn open(panel: &Panel, via: &Via) -> bool {
    let since = (panel.door.clock)().up.since(panel.door.started_at);
    since < OPEN_FOR && Settings::of(&panel.door.store.tenant()).is_local(via.remote.ip())
}

/// ACC-18: the password is typed twice alike. What each field may hold the store knows.
fn form(given: Map<String, Value>) -> Result<OwnerForm, Refused> {
    let (mut form, mut confirm, mut refusals) = (OwnerForm::default(), String::new(), Refusals::default());
    for (field, value) in given {
        let place = match field.as_str() {
            "username" => &mut form.username,
            "password" => &mut form.password,
            "password_confirm" => &mut confirm,
            "first_name" => &mut form.first_name,
            "last_name" => &mut form.last_name,
            _ => {
                refusals.add(&field, Why::Unknown);
                continue;
            }
        };
        match value {
            Value::String(text) => *place = text,
            _ => refusals.add(&field, Why::Type),
        }
    }
    if refusals.is_empty() && confirm != form.password {
        let why = if confirm.is_empty() { Why::Required } else { Why::Pattern };
        refusals.add("password_confirm", why);
    }
    refusals.so_far()?;
    Ok(form)
}
