//! What a person changes of their own: the password (DSK-77 to DSK-79, `panel.profile`).

use super::{Panel, body, listen::Via, password, refused::Refused, session::Signed, site::Asker};
use crate::{
    model::{Account, Agent, Person},
    schema::{Actor, Model, Refusals, Why},
    store::Write,
};
use axum::{Extension, body::Body, extract::State, http::StatusCode};
use serde_json::{Map, Value};
use std::sync::Arc;

/// `POST /panel/me/password`: the present one and the new one twice. Other sessions end; this one goes on.
pub async fn set_password(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<StatusCode, Refused> {
    let signed = asker.signed()?.clone();
    // DSK-30
    if signed.who.acted_by.is_some() {
        return Err(Refused::forbidden());
    }
    let form = Form::read(body::small_object(body).await?)?;
    is_present(&panel, &via, &signed, form.password).await?;
    let by = asker.actor();
    password::work(move || write(&panel, &by, &signed, form.new_password)).await.ok_or_else(Refused::fault)??;
    Ok(StatusCode::NO_CONTENT)
}

/// Guesses at it count like those of the sign-in page (DSK-4).
async fn is_present(panel: &Panel, via: &Via, signed: &Signed, typed: String) -> Result<(), Refused> {
    let (tenant, person) = (panel.door.store.tenant(), signed.who.person);
    let username = person.username(&tenant).ok_or_else(Refused::unauthorized)?;
    let (address, now) = (via.remote.ip().to_canonical(), (panel.door.clock)().up);
    let attempt =
        panel.attempts.begin(panel.door.origin(address), &username, now).map_err(Refused::too_many_attempts)?;
    if !password::is(person.password(&tenant).cloned(), typed).await {
        return Err(Refusals::one("password", Why::Pattern).into());
    }
    panel.attempts.forgive(attempt);
    Ok(())
}

fn write(panel: &Panel, by: &Actor, signed: &Signed, new: String) -> Result<(), Refused> {
    let (noun, field, id) = match signed.who.person {
        Person::Account(id) => (Account::NAME, "password", id),
        Person::Agent(id) => (Agent::NAME, "web_password", id),
    };
    let value = Map::from_iter([(field.to_string(), Value::String(new))]);
    let at = (panel.door.clock)().wall;
    panel.sessions.through_new_password(&panel.door, signed, || {
        let written = panel.door.store.write(by, at, noun, Write::Change { id, rev: None, value });
        written.map(drop).map_err(|refused| Refused::from(refused).field_is(field, "new_password"))
    })
}

struct Form {
    password: String,
    new_password: String,
}

impl Form {
    fn read(given: Map<String, Value>) -> Result<Form, Refused> {
        let (mut form, mut confirm) = (Form { password: String::new(), new_password: String::new() }, String::new());
        let mut refusals = Refusals::default();
        for (field, value) in given {
            let place = match field.as_str() {
                "password" => &mut form.password,
                "new_password" => &mut form.new_password,
                "new_password_confirm" => &mut confirm,
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
        for (field, text) in [("password", &form.password), ("new_password", &form.new_password)] {
            if text.trim().is_empty() {
                refusals.add(field, Why::Required);
            }
        }
        if refusals.is_empty() && confirm != form.new_password {
            refusals.add("new_password_confirm", Why::Pattern);
        }
        refusals.so_far()?;
        Ok(form)
    }
}
