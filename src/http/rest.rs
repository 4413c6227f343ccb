//! Lists and forms of every noun that is declared, by its declaration alone.

use super::{
    Panel, asset, body, job::import::plan::must_be_chosen, many, on_disk, password, refused::Refused, site::Asker,
    tables,
};
use crate::{
    model::{self, RESOURCES, Trunk, numbering::Numbering},
    schema::{
        Action, Actor, Approval, Held, Id, Menu, Model, Refusals, Resource, Rule, Tenant, Why, model::Whose,
        resource::PENDING, rule,
    },
    store::{Write, Written},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What stands before the path of a noun for who acts as the upstream.
pub(super) const GIVEN: &str = "given_";

/// What whoever acts as the upstream does with a noun: rows that come out of files alone are typed by nobody.
fn acting(resource: &Resource) -> &'static [Action] {
    match resource.held {
        Held::Packed => &[Action::Import],
        _ if resource.single() => &[Action::Edit],
        Held::Snapshot | Held::Single | Held::Table => &[Action::Add, Action::Edit, Action::Delete],
    }
}

/// `GET /panel/schema`: what lists and forms are drawn from.
///
/// Only nouns, tabs and fields that the asker sees, and in `may` what the asker may do (LST-1 to LST-3, ROL-9).
pub async fn schema(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Response {
    let tenant = panel.door.store.tenant();
    let drawn = RESOURCES.iter().filter(|resource| resource.drawn() && asker.must(resource, "view").is_ok());
    let acts = asker.may_act();
    let whole = |resource: &Resource| resource.has_given() && resource.actions.is_empty();
    let plain = |resource: &&Resource| !(acts && whole(resource) && resource.menu == Menu::Lines);
    let given = RESOURCES.iter().filter(|resource| acts && resource.has_given());
    let drawn = drawn.filter(plain).map(|resource| declared(&asker, &tenant, resource));
    let upstream = asker.clone().acting_on(GIVEN);
    let drawn = drawn.chain(given.map(|resource| as_given(&upstream, resource)));
    let emergency = Numbering::of(&tenant);
    let withheld: Vec<_> = tenant.bounds.withheld().collect();
    asset::packed(
        &headers,
        &json!({
            "resources": drawn.collect::<Vec<_>>(), "emergency_numbers": emergency.emergencies(), "withheld": withheld,
        }),
    )
}

/// As who acts as the upstream sees it: the fields that are given, and nobody's but theirs.
fn as_given(asker: &Asker, resource: &Resource) -> Value {
    let whole = !resource.rules.iter().any(|rule| matches!(rule, Rule::Given { .. }));
    let seen = |fields: &[&'static str]| -> Vec<_> {
        fields.iter().copied().filter(|field| whole || resource.gives(field)).collect()
    };
    let tabs: Vec<_> = resource.tabs.iter().map(|tab| (tab.name, seen(tab.fields))).collect();
    let tabs = tabs.into_iter().filter(|(_, fields)| !fields.is_empty());
    let tabs: Vec<_> = tabs.map(|(name, fields)| json!({ "name": name, "fields": fields })).collect();
    let rules = resource.rules.iter().filter(|rule| !matches!(rule, Rule::Given { .. }));
    json!({
        "name": resource.name, "path": format!("{GIVEN}{}", resource.path), "menu": Menu::Lines, "acting": true,
        "schema": resource.schema(), "tabs": tabs, "list": seen(resource.list), "search": seen(resource.search),
        "rules": rules.collect::<Vec<_>>(), "held": resource.held, "filters": seen(resource.filters),
        "many": resource.many, "counts": resource.counts, "batch": [], "actions": acting(resource), "may": acting(resource),
        "named": resource.named(), "import": importing(asker, resource),
    })
}

fn declared(asker: &Asker, tenant: &Tenant, resource: &Resource) -> Value {
    let access = &asker.access;
    let seen = |fields: &[&'static str]| -> Vec<_> {
        fields.iter().copied().filter(|field| resource.field(field).is_none() || access.sees(resource, field)).collect()
    };
    let mut schema = resource.schema().clone();
    for (field, begins) in rule::beginnings(resource, tenant) {
        schema["properties"][field]["default"] = begins;
    }
    for (field, most) in
        resource.fields().filter_map(|(field, _)| Some((field, tenant.bounds.most_in(resource.name, field)?)))
    {
        schema["properties"][field]["maximum"] = most.into();
        schema["properties"][field]["x-given-most"] = most.into();
    }
    let within = resource.within.filter(|field| !tenant.bounds.withholds(resource, field));
    let hidden = |name: &str| resource.field(name).is_some() && !access.sees(resource, name);
    schema["properties"].as_object_mut().into_iter().for_each(|fields| fields.retain(|field, _| !hidden(field)));
    let required = schema["required"].as_array_mut().into_iter();
    required.for_each(|names| names.retain(|name| !name.as_str().is_some_and(hidden)));
    let tabs = resource.tabs.iter().filter(|tab| access.opens(resource.name, tab.name));
    let tabs: Vec<_> = tabs.map(|tab| json!({ "name": tab.name, "fields": seen(tab.fields) })).collect();
    let rules: Vec<_> = resource.rules.iter().filter(|rule| !hidden(rule.field())).collect();
    let may: Vec<_> = resource.actions.iter().filter(|action| must(asker, resource, **action).is_ok()).collect();
    json!({
        "name": resource.name, "path": resource.path, "menu": resource.menu, "schema": schema,
        "tabs": tabs, "list": seen(resource.list), "search": seen(resource.search), "rules": rules,
        "held": resource.held, "filters": seen(resource.filters), "approval": resource.approval.map(|approval| approval.field), "many": resource.many,
        "series": resource.series, "author": resource.author, "logged": resource.logged.is_some(), "counts": resource.counts,
        "batch": seen(resource.batch), "actions": resource.actions, "may": may, "import": importing(asker, resource), "assign": resource.assign, "bar": resource.bar,
        "warns": resource.warns, "within": within, "part": resource.part(tenant), "named": seen(resource.named()),
    })
}

/// How rows come out of a file, with the kinds of what is chosen once for all of them; null for who may not.
fn importing(asker: &Asker, resource: &Resource) -> Value {
    let Some(import) = resource.import.filter(|_| must(asker, resource, Action::Import).is_ok()) else {
        return Value::Null;
    };
    let Some(of) = model::resource(import.noun) else { return Value::Null };
    let mut told = json!(import);
    let chosen = import.chosen.iter().filter(|field| asker.access.edits(of, field));
    told["chosen_fields"] = chosen.filter_map(|field| Some((field.to_string(), of.field(field)?.clone()))).collect();
    let chosen = |field: &&str| asker.access.edits(of, field);
    told["within"] = json!(of.within.filter(chosen));
    told["required"] = must_be_chosen(of, &import).filter(chosen).collect();
    told
}

/// `GET /…/{path}/{id}`
pub async fn one(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (resource, id) = (resource(&asker, &path)?, number(&id)?);
    asker.must(resource, "view")?;
    let row = row(&panel, &asker, resource, id).await?;
    Ok(tagged(&headers, asker.access.shown(resource, row)))
}

/// `GET /panel/{path}/{id}/warnings`: what whoever opens a row is told before they work with it (POP-2).
pub async fn warnings(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refused> {
    let (resource, id) = (resource(&asker, &path)?, number(&id)?);
    asker.must(resource, "view")?;
    if !resource.warns {
        return Err(Refused::not_found());
    }
    // In reach, and as it is: a number that is masked for them has its alert all the same.
    row(&panel, &asker, resource, id).await?;
    let door = panel.door.clone();
    let whole = on_disk(move || Ok(door.store.table_row(resource, id)?)).await?.ok_or_else(Refused::not_found)?;
    Ok(Json(json!({ "items": resource.warnings(&panel.door.store.tenant(), &whole) })))
}

/// `POST /…/{path}`: the row, and once what the box made for it.
pub async fn add(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Response, Refused> {
    let resource = resource(&asker, &path)?;
    must(&asker, resource, Action::Add)?;
    let value = body::object(body).await?;
    if let Some(many) = resource.many.as_ref().filter(|many| many::is_several(&panel, resource, many, &value)) {
        return many::add(&panel, &asker, (resource, many), value).await;
    }
    let written = write(&panel, &asker, resource, Write::Add { value }).await?;
    let place = HeaderValue::from_str(&written.id.to_string()).map_err(|_| Refused::fault())?;
    let headers = [(header::ETAG, tag(&written.rev.into())), (header::LOCATION, place)];
    Ok((StatusCode::CREATED, headers, Json(shown(&asker, resource, written))).into_response())
}

/// `PATCH /…/{path}/{id}`: only what changes; with `If-Match`, only if nobody else changed the row meanwhile.
pub async fn change(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let (resource, id) = (resource(&asker, &path)?, number(&id)?);
    must(&asker, resource, Action::Edit)?;
    let value = body::object(body).await?;
    in_reach(&panel, &asker, resource, id).await?;
    let written = write(&panel, &asker, resource, Write::Change { id, rev: expected(&headers), value }).await?;
    Ok(changed(&asker, resource, written).into_response())
}

/// `DELETE /…/{path}/{id}`
pub async fn remove(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refused> {
    let (resource, id) = (resource(&asker, &path)?, number(&id)?);
    must(&asker, resource, Action::Delete)?;
    in_reach(&panel, &asker, resource, id).await?;
    if let Some(busy) = busy(&panel, resource, id) {
        return Err(busy);
    }
    write(&panel, &asker, resource, Write::Remove { id, rev: expected(&headers) }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /panel/{path}/{id}/reveal`: what must be typed into a telephone (AGT-19 reading).
pub async fn reveal(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path((path, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refused> {
    let (resource, id) = (resource(&asker, &path)?, number(&id)?);
    asker.must(resource, Action::Edit.word())?;
    panel.door.store.row(resource.name, id).ok_or_else(Refused::not_found)?;
    let clear = |field: &str| Some((field.to_string(), panel.door.store.reveal(resource.name, id, field)?.into()));
    let revealed: Map<String, Value> =
        resource.sealed().filter(|field| asker.access.sees(resource, field)).filter_map(clear).collect();
    tracing::info!(noun = resource.name, %id, by = ?asker.actor(), "secrets were revealed");
    Ok(Json(Value::Object(revealed)))
}

/// One row as it is shown, wherever it lies.
pub(super) async fn row(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    id: Id,
) -> Result<Value, Refused> {
    match resource.held {
        Held::Table => tables::row(panel, asker, resource, id).await,
        Held::Snapshot | Held::Single => {
            let row = panel.door.store.row(resource.name, id).ok_or_else(Refused::not_found)?;
            Ok(told(panel, resource, row))
        }
        Held::Packed => panel.door.store.packed_row(resource, &id.to_string()).ok_or_else(Refused::not_found),
    }
}

/// A row with what is told of it from what happened.
pub(super) fn told(panel: &Panel, resource: &Resource, mut row: Value) -> Value {
    panel.door.store.tell(resource, &mut row, (panel.door.clock)().wall);
    row
}

/// Nobody changes or removes a row that they do not see.
async fn in_reach(panel: &Arc<Panel>, asker: &Asker, resource: &'static Resource, id: Id) -> Result<(), Refused> {
    if resource.held == Held::Table && !asker.access.is_whole() {
        tables::row(panel, asker, resource, id).await?;
    }
    Ok(())
}

/// A row with its revision as tag, unless whoever asks has it already.
pub(super) fn tagged(headers: &HeaderMap, row: Value) -> Response {
    let tag = tag(&row["rev"]);
    if asset::matches(headers.get(header::IF_NONE_MATCH), tag.to_str().unwrap_or("")) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    ([(header::ETAG, tag)], Json(row)).into_response()
}

pub(super) fn changed(asker: &Asker, resource: &Resource, written: Written) -> impl IntoResponse {
    ([(header::ETAG, tag(&written.rev.into()))], Json(shown(asker, resource, written)))
}

/// Refuses what nobody does with this noun, or this asker may not (LST-2). Who acts as the upstream adds, changes and
/// removes what it gives, and nothing else (UPS-2).
pub(super) fn must(asker: &Asker, resource: &Resource, action: Action) -> Result<(), Refused> {
    if asker.access.acting {
        let allowed = resource.has_given() && acting(resource).contains(&action);
        return allowed.then_some(()).ok_or_else(Refused::forbidden);
    }
    if !resource.allows(action) {
        return Err(Refusals::whole(if resource.is_given() { Why::UpstreamOwned } else { Why::Forbidden }).into());
    }
    asker.must(resource, action.word())
}

/// Why a row cannot go right now. AGT-6 reading: an agent whose telephone rings or talks stays. TRK-18: a trunk with a
/// call up, too.
pub(super) fn busy(panel: &Panel, resource: &Resource, id: Id) -> Option<Refused> {
    let row = panel.door.store.row(resource.name, id)?;
    let in_call = row["agent_number"].as_str().is_some_and(|number| panel.door.live.in_call(number));
    let carries = resource.name == Trunk::NAME && panel.door.live.carries(id);
    (in_call || carries).then(Refused::in_call)
}

/// A new row as it begins: it waits, if it is one of those that do.
pub(super) fn waiting(asker: &Asker, resource: &Resource, mut value: Map<String, Value>) -> Map<String, Value> {
    let waits = |approval: &Approval| match approval.of {
        Whose::Agents => matches!(asker.actor(), Actor::Agent(_)),
        Whose::Unapproving => asker.must(resource, Action::Approve.word()).is_err(),
    };
    if let Some(approval) = resource.approval.filter(waits) {
        value.insert(approval.field.into(), PENDING.into());
    }
    value
}

/// A changed row waits anew where every row of somebody who may not approve waits.
pub(super) fn waiting_anew(asker: &Asker, resource: &Resource, value: Map<String, Value>) -> Map<String, Value> {
    let anew = resource.approval.is_some_and(|approval| approval.of == Whose::Unapproving);
    if anew { waiting(asker, resource, value) } else { value }
}

/// On a thread that may wait for the disk, and in turn with other work on passwords.
pub(super) async fn write(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    write: Write,
) -> Result<Written, Refused> {
    let (door, access, at) = (panel.door.clone(), asker.access.clone(), (panel.door.clock)().wall);
    let write = match write {
        Write::Add { value } => Write::Add { value: waiting(asker, resource, value) },
        Write::Change { id, rev, value } => Write::Change { id, rev, value: waiting_anew(asker, resource, value) },
        other => other,
    };
    let written = password::save(resource, move || door.store.write_as(&access, at, resource.name, write)).await;
    let mut written = written.ok_or_else(Refused::fault)??;
    written.row = written.row.map(|row| told(panel, resource, tables::masked(panel, asker, resource, row)));
    Ok(written)
}

/// Programs find no accounts and no roles: the key looks after an office, not after who may look after it.
///
/// Under `given_…` those are found who act as the upstream: the nouns that have something given.
pub(super) fn resource(asker: &Asker, path: &str) -> Result<&'static Resource, Refused> {
    let given = path.strip_prefix(GIVEN);
    if given.is_some() && !asker.access.acting {
        return Err(Refused::forbidden());
    }
    let path = given.unwrap_or(path);
    let listed = model::resource(path).filter(|resource| resource.listed() && resource.path == path);
    let found = listed.filter(|resource| resource.programs || !asker.is_program());
    let found = found.filter(|resource| given.is_none() || resource.has_given());
    found.ok_or_else(Refused::not_found)
}

/// What is no number of a row is the number of none.
pub(super) fn number(id: &str) -> Result<Id, Refused> {
    id.parse().map_err(|_| Refused::not_found())
}

fn tag(rev: &Value) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{rev}\"")).expect("a number in quotes")
}

/// The revision in `If-Match`; a tag that is none of ours fits no revision.
pub(super) fn expected(headers: &HeaderMap) -> Option<u64> {
    let tag = headers.get(header::IF_MATCH)?.to_str().unwrap_or("").trim();
    if tag == "*" {
        return None;
    }
    let rev = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|rev| rev.parse().ok());
    Some(rev.unwrap_or(u64::MAX))
}

pub(super) fn shown(asker: &Asker, resource: &Resource, written: Written) -> Value {
    let mut row = asker.access.shown(resource, written.row.unwrap_or_default());
    if !written.generated.is_empty() {
        row["generated"] = Value::Object(written.generated);
    }
    row
}
