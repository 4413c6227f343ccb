//! What is done to many rows of a list at once: counted, removed, changed (LST-14 to LST-16).

use super::{
    Panel, body, lists, password,
    portion::{self, Portion},
    refused::Refused,
    rest,
    site::Asker,
};
use crate::{
    schema::{Action, Held, Id, Refusals, Resource},
    store::{Each, EachWritten, Step, Write},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `POST /panel/{path}/count`: how many a condition names, asked before they are removed (LST-15).
pub async fn count(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    asker.must(resource, "view")?;
    let given = body::object(body).await?;
    if resource.held == Held::Table {
        return Ok(Json(json!({ "count": portion::count(&panel, &asker, resource, &given).await? })));
    }
    let rows = Rows::read(&panel, &asker, resource, &given, &[])?;
    Ok(Json(json!({ "count": rows.ids.len() })))
}

/// `POST /panel/{path}/delete`: those that may go.
pub async fn remove(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    rest::must(&asker, resource, Action::Delete)?;
    let given = body::object(body).await?;
    if resource.held == Held::Table {
        let portion = Portion::read(&panel, &asker, resource, &given, &[]).await?;
        let done = portion.each(|_, id, _| Step::Write(Write::Remove { id, rev: None })).await?;
        return Ok(done.told("deleted"));
    }
    let mut rows = Rows::read(&panel, &asker, resource, &given, &[])?;
    let mut several = Several::default();
    rows.unknown.iter().for_each(|id| several.note(id, Err(Refused::not_found())));
    rows.ids.retain(|id| match rest::busy(&panel, resource, *id) {
        Some(busy) => {
            several.refuse(&panel, resource, *id, &busy);
            false
        }
        None => true,
    });
    let done = each(&panel, &asker, resource, rows.ids, Each::Remove).await?;
    several.deleted += done.written;
    several.refuse_all(&panel, resource, done.refused);
    Ok(several.told())
}

/// `PATCH /panel/{path}`: the same value for fields that `Model::BATCH` names.
pub async fn change(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    rest::must(&asker, resource, Action::BatchEdit)?;
    let mut given = body::object(body).await?;
    let wrong = |field: &str, why: &str| Refused::invalid(field, json!({ "why": why }));
    let value = match given.shift_remove("value") {
        Some(Value::Object(value)) if !value.is_empty() => value,
        None | Some(Value::Object(_)) => return Err(wrong("value", "required")),
        Some(_) => return Err(wrong("value", "type")),
    };
    if let Some(field) = value.keys().find(|field| !resource.batch.contains(&field.as_str())) {
        return Err(wrong(field, "unknown"));
    }
    let rows = Rows::read(&panel, &asker, resource, &given, &[])?;
    let mut several = Several::default();
    rows.unknown.iter().for_each(|id| several.note(id, Err(Refused::not_found())));
    let value = rest::waiting_anew(&asker, resource, value);
    let done = each(&panel, &asker, resource, rows.ids, Each::Change(value)).await?;
    several.refuse_all(&panel, resource, done.refused);
    Ok(Json(json!({ "changed": done.written, "refused": several.refused })))
}

async fn each(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    ids: Vec<Id>,
    what: Each,
) -> Result<EachWritten, Refused> {
    let (door, access, at) = (panel.door.clone(), asker.access.clone(), (panel.door.clock)().wall);
    let done = password::save(resource, move || door.store.write_each(&access, at, resource.name, &ids, &what)).await;
    Ok(done.ok_or_else(Refused::fault)??)
}

/// Those that a body names: by `ids`, or by `search` and `filters`.
struct Rows {
    ids: Vec<Id>,
    /// Texts that are the number of no row.
    unknown: Vec<String>,
}

impl Rows {
    fn read(
        panel: &Panel,
        asker: &Asker,
        resource: &'static Resource,
        given: &Map<String, Value>,
        also: &[&str],
    ) -> Result<Rows, Refused> {
        let known = |field: &str| ["ids", "search", "filters"].contains(&field) || also.contains(&field);
        if let Some(field) = given.keys().find(|field| !known(field)) {
            return Err(Refused::invalid(field, json!({ "why": "unknown" })));
        }
        if given.contains_key("search") || given.contains_key("filters") {
            let wanted = lists::condition(&panel.door.store.tenant(), asker, resource, given)?;
            let ids = panel.door.store.matching(resource.name, &wanted).ok_or_else(Refused::not_found)?;
            return Ok(Rows { ids, unknown: Vec::new() });
        }
        let (mut ids, mut unknown) = (Vec::new(), Vec::new());
        for text in listed(given)? {
            match text.parse() {
                Ok(id) => ids.push(id),
                Err(_) => unknown.push(text),
            }
        }
        Ok(Rows { ids, unknown })
    }
}

/// The `ids` in the body: texts, no more than a box has rows.
pub async fn ids(body: Body) -> Result<Vec<String>, Refused> {
    let given = body::object(body).await?;
    if let Some(field) = given.keys().find(|field| *field != "ids") {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    listed(&given)
}

pub(super) fn listed(given: &Map<String, Value>) -> Result<Vec<String>, Refused> {
    let wrong = |why: &str| Refused::invalid("ids", json!({ "why": why }));
    let listed = given.get("ids").ok_or_else(|| wrong("required"))?.as_array().ok_or_else(|| wrong("type"))?;
    listed.iter().map(|id| id.as_str().map(str::to_string).ok_or_else(|| wrong("type"))).collect()
}

/// What became of several rows that were to be removed.
#[derive(Default)]
pub struct Several {
    deleted: u64,
    refused: Vec<Value>,
}

impl Several {
    pub fn note(&mut self, id: &str, done: Result<(), Refused>) {
        match done {
            Ok(()) => self.deleted += 1,
            Err(why) => self.refused.push(json!({ "id": id, "error": why.word() })),
        }
    }

    fn refuse(&mut self, panel: &Panel, resource: &Resource, id: Id, why: &Refused) {
        let tenant = panel.door.store.tenant();
        let mut refused = json!({ "id": id, "error": why.word() });
        if let Some(name) = tenant.name_of(resource.name, id) {
            refused["name"] = name.into();
        }
        if !why.users().is_empty() {
            refused["users"] = json!(why.users());
        }
        self.refused.push(refused);
    }

    fn refuse_all(&mut self, panel: &Panel, resource: &Resource, refused: Vec<(Id, Refusals)>) {
        refused.into_iter().for_each(|(id, refusals)| self.refuse(panel, resource, id, &refusals.into()));
    }

    pub fn told(self) -> Json<Value> {
        Json(json!({ "deleted": self.deleted, "refused": self.refused }))
    }
}
