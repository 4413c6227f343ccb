//! What is typed into the form of a trunk, tried before anything depends on it (TRK-19).

use super::{Panel, body, refused::Refused, rest, site::Asker};
use crate::{
    call::command::{Answer, Command, TrunkToTest},
    model::{RESOURCES, Trunk},
    schema::{Id, Model, Resource, rule::Save},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// In place of a name that is not typed yet.
const NAMELESS: &str = "-";

/// `POST /panel/given_trunks/test`: a trunk that is not saved yet.
pub async fn typed(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    test(&panel, &asker, None, body).await
}

/// `POST /panel/given_trunks/{id}/test`: a saved one with what was typed over it; an untouched password is the saved one.
pub async fn saved(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    test(&panel, &asker, Some(rest::number(&id)?), body).await
}

async fn test(panel: &Panel, asker: &Asker, saved: Option<Id>, body: Body) -> Result<Json<Value>, Refused> {
    rest::resource(asker, &format!("{}{}", rest::GIVEN, Trunk::PATH))?;
    let trunk = trunk(panel, saved, body::object(body).await?)?;
    let wanted = TrunkToTest { saved: saved.map(|id| id.0), trunk };
    let Answer::Tested(tested) = panel.ask(asker, Command::TestTrunk(Box::new(wanted))).await? else {
        return Err(Refused::fault());
    };
    serde_json::to_value(tested).map(Json).map_err(|_| Refused::fault())
}

/// As it would be saved; a name that is taken or missing is no reason not to try it.
fn trunk(panel: &Panel, saved: Option<Id>, mut typed: Map<String, Value>) -> Result<Trunk, Refused> {
    let tenant = panel.door.store.tenant();
    let resource = noun();
    let value = match saved {
        None => {
            typed.entry("name").or_insert_with(|| json!(NAMELESS));
            resource.taken(&tenant, typed)?
        }
        Some(id) => {
            let rows = tenant.rows_of(Trunk::NAME);
            let (_, old) = rows.and_then(|rows| rows.row(id)).ok_or_else(Refused::not_found)?;
            resource.changed(&tenant, &old, typed)?
        }
    };
    let mut wrong = Save { resource, id: saved, before: None, after: &value }.refusals(&tenant).fields();
    wrong.shift_remove("name");
    if !wrong.is_empty() {
        return Err(Refused::new(422, "invalid", "What is typed cannot be tried.").fields(wrong));
    }
    serde_json::from_value(value).map_err(|_| Refused::fault())
}

fn noun() -> &'static Resource {
    RESOURCES.iter().find(|resource| resource.name == Trunk::NAME).expect("it is declared")
}
