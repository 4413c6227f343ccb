//! A row and the others: who uses it, what became of it, a write undone, a copy made.

use super::{Panel, body, on_disk, query::Query, refused::Refused, rest, site::Asker};
use crate::{
    model,
    schema::{Action, Actor, Held, Id, Resource, Rule, Tenant, access::Reach, layout::KeptFrom, refusal::User},
    store::{Which, Write, journal::Entry},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What stands for a secret that changed (BOX-170).
const MASK: &str = "***";

/// `GET /panel/{path}/{id}/users` (LST-25); a user of a noun that the asker may not view has no name for them.
pub async fn users(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refused> {
    let (resource, id) = (rest::resource(&asker, &path)?, rest::number(&id)?);
    asker.must(resource, "view")?;
    let tenant = panel.door.store.tenant();
    let views = |noun: &str| model::resource(noun).is_some_and(|noun| asker.must(noun, "view").is_ok());
    let named = |user: User| if views(user.noun) { user } else { User { name: String::new(), ..user } };
    let users: Vec<_> = tenant.users(resource.name, id).map(|link| named(tenant.user(link))).collect();
    Ok(Json(json!({ "users": users })))
}

/// `GET /panel/{path}/{id}/history`: the newest first.
pub async fn history(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let (resource, id) = (rest::resource(&asker, &path)?, rest::number(&id)?);
    asker.must(resource, "view")?;
    asked.only(&["limit", "cursor"])?;
    let wrong = || Refused::invalid("cursor", json!({ "why": "pattern" }));
    let before = asked.text("cursor").map(|cursor| cursor.parse().map_err(|_| wrong())).transpose()?;
    let kept = past_in_reach(&panel, &asker, resource, id).await?;
    let (limit, door) = (asked.limit(&asker)?, panel.door.clone());
    let mut past = on_disk(move || Ok(door.store.past(resource.name, id, before, limit + 1)?)).await?;
    let more = past.len() > limit;
    past.truncate(limit);
    past.iter_mut().flat_map(|entry| [&mut entry.before, &mut entry.after]).flatten().for_each(|row| kept.hide(row));
    let next = past.last().filter(|_| more).map(|last| last.revision.to_string());
    let tenant = panel.door.store.tenant();
    let values = past.iter().flat_map(|entry| [&entry.before, &entry.after]).flatten();
    let values: Vec<_> = values.map(|value| asker.access.shown(resource, value.clone())).collect();
    let names = panel.door.store.names(resource.name, &values);
    let items: Vec<_> = past.iter().map(|entry| told(&asker, resource, &tenant, entry)).collect();
    Ok(Json(json!({ "items": items, "next": next, "names": names })))
}

/// Of a row of a table somebody sees the past who sees the row, with the numbers that are in it; of one that is gone
/// whoever sees all rows, or took it away. Gives what of it is kept from them.
async fn past_in_reach(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    id: Id,
) -> Result<KeptFrom, Refused> {
    if resource.held != Held::Table || asker.access.is_whole() {
        return Ok(KeptFrom::default());
    }
    let door = panel.door.clone();
    let (row, last) = on_disk(move || {
        Ok((door.store.table_row_by(resource, id)?, door.store.past(resource.name, id, None, 1)?.into_iter().next()))
    })
    .await?;
    let (access, tenant) = (&asker.access, panel.door.store.tenant());
    let whole = |row: &Value| !resource.masks(&tenant, access, row);
    let (seen, row) = match (row, last) {
        (Some((made_by, row)), _) => (access.reaches(resource, &row, &made_by) && whole(&row), row),
        (None, Some(last)) => {
            let theirs = last.by == access.by || access.reach_of(resource) == Reach::All;
            (theirs && last.before.as_ref().is_none_or(whole), last.before.unwrap_or_default())
        }
        (None, None) => (false, Value::Null),
    };
    seen.then(|| resource.kept_from(&tenant, access, &row)).ok_or_else(Refused::not_found)
}

fn told(asker: &Asker, resource: &Resource, tenant: &Tenant, entry: &Entry) -> Value {
    let action = match (&entry.before, &entry.after) {
        (None, _) => Action::Add,
        (Some(_), None) => Action::Delete,
        (Some(_), Some(_)) => Action::Edit,
    };
    json!({
        "revision": entry.revision, "at": entry.at, "by": who(tenant, &entry.by), "action": action,
        "changes": changes(asker, resource, entry),
    })
}

/// Fields that are not what they were, of those that the asker sees.
fn changes(asker: &Asker, resource: &Resource, entry: &Entry) -> Vec<Value> {
    let of = |value: &Option<Value>, field: &str| value.as_ref().map_or(Value::Null, |value| value[field].clone());
    let seen = resource.fields().map(|(field, _)| field).filter(|field| asker.access.sees(resource, field));
    let changed = seen.filter_map(|field| {
        let (before, after) = (of(&entry.before, field), of(&entry.after, field));
        if entry.secrets_changed.iter().any(|secret| secret == field) {
            return Some(json!({ "field": field, "before": MASK, "after": MASK }));
        }
        (before != after).then(|| json!({ "field": field, "before": before, "after": after }))
    });
    changed.collect()
}

pub(super) fn who(tenant: &Tenant, actor: &Actor) -> Value {
    let person = |kind: &str, id: &u64| {
        let name = tenant.name_of(kind, crate::schema::Id(*id)).unwrap_or_default();
        json!({ "kind": kind, "id": id.to_string(), "name": name })
    };
    match actor {
        Actor::System => json!({ "kind": "system" }),
        Actor::Api => json!({ "kind": "api" }),
        Actor::Account(id) => person("account", id),
        Actor::Agent(id) => person("agent", id),
    }
}

/// `POST /panel/{path}/{id}/undo`: puts back what one write changed, named by its `revision` in the history or by the
/// `rev` that the row has behind it; the right is that of the write it takes.
pub async fn undo(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
    body: Body,
) -> Result<Response, Refused> {
    let (resource, id) = (rest::resource(&asker, &path)?, rest::number(&id)?);
    asker.must(resource, "view")?;
    let given = body::object(body).await?;
    let said = |field: &str| given.get(field).and_then(Value::as_u64);
    let which = said("revision").map(Which::Revision).or(said("rev").map(Which::Rev));
    let which = which.ok_or_else(|| Refused::invalid("revision", json!({ "why": "required" })))?;
    past_in_reach(&panel, &asker, resource, id).await?;
    let door = panel.door.clone();
    let write = on_disk(move || Ok(door.store.undoing(resource.name, id, which)?)).await?;
    match write {
        Write::Restore { .. } => rest::must(&asker, resource, Action::Add)?,
        Write::Remove { .. } => rest::must(&asker, resource, Action::Delete)?,
        Write::Add { .. } | Write::Change { .. } | Write::Set { .. } => rest::must(&asker, resource, Action::Edit)?,
    }
    if let (Write::Remove { .. }, Some(busy)) = (&write, rest::busy(&panel, resource, id)) {
        return Err(busy);
    }
    let written = rest::write(&panel, &asker, resource, write).await?;
    Ok(match written.row {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(_) => rest::changed(&asker, resource, written).into_response(),
    })
}

/// Takes out of a copy what a new row cannot have yet.
fn set_later(resource: &Resource, value: &mut Map<String, Value>) -> Map<String, Value> {
    let later = resource.rules.iter().filter(|rule| matches!(rule, Rule::Later { .. })).map(Rule::field);
    later.filter_map(|field| Some((field.to_owned(), value.shift_remove(field)?))).collect()
}

/// `POST /panel/{path}/{id}/clone`: a copy of what the asker sees (ROL-7, SUR-49), under the name that they give it if
/// they give one (CMP-13).
pub async fn clone(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
    body: Body,
) -> Result<Response, Refused> {
    let (resource, id) = (rest::resource(&asker, &path)?, rest::number(&id)?);
    rest::must(&asker, resource, Action::Clone)?;
    let named = body::object_if_any(body).await?;
    if let Some(field) = named.keys().find(|field| Some(&field.as_str()) != resource.named().first()) {
        return Err(Refused::invalid(field, json!({ "why": "unknown" })));
    }
    let mut value = panel.door.store.copy_of(resource.name, id).ok_or_else(Refused::not_found)?;
    value.extend(named);
    value.retain(|field, _| asker.access.edits(resource, field));
    let later = set_later(resource, &mut value);
    let mut written = rest::write(&panel, &asker, resource, Write::Add { value }).await?;
    if !later.is_empty() {
        let change = Write::Change { id: written.id, rev: None, value: later };
        written = rest::write(&panel, &asker, resource, change).await?;
    }
    let place = written.id.to_string();
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], rest::changed(&asker, resource, written)).into_response())
}
