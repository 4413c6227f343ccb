//! Several rows made in one go, numbered on from the first or from a list, looked at before they are saved (AGT-42 to
//! AGT-48).

use super::{Panel, body, many, password, refused::Refused, rest, site::Asker};
use crate::{
    schema::{Action, Resource, check, model::Series},
    store::{Keep, Tried, Write},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// AGT-46 reading
const ROWS_MAX: u64 = 500;

type Rows = Vec<Map<String, Value>>;

/// `POST /panel/{path}/batch/preview`: what would be made, and what stands against it. Nothing is written.
pub async fn preview(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let (resource, series, rows) = asked(&asker, &path, body).await?;
    let tried = write(&panel, &asker, resource, series, &rows, Keep::Nothing).await?;
    let lines = rows.into_iter().zip(tried).map(|(mut value, tried)| {
        value.retain(|field, _| resource.field(field).is_some_and(|schema| schema["x-kept"].is_null()));
        let (error, fields) = tried.map_or_else(|why| (Some(why.word().0), why.fields()), |_| (None, Map::new()));
        json!({ "value": value, "error": error, "fields": fields })
    });
    Ok(Json(json!({ "rows": lines.collect::<Vec<_>>() })))
}

/// `POST /panel/{path}/batch`: those that can be are made; what the box made for each is shown this once.
pub async fn add(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let (resource, series, rows) = asked(&asker, &path, body).await?;
    let tried = write(&panel, &asker, resource, series, &rows, Keep::Taken).await?;
    let (mut added, mut refused) = (Vec::new(), Vec::new());
    for (row, tried) in rows.iter().zip(tried) {
        match tried {
            Ok(written) => added.push(rest::shown(&asker, resource, written)),
            Err(why) => refused.push(json!({
                series.number: row.get(series.number), "error": why.word().0, "fields": why.fields(),
            })),
        }
    }
    Ok(Json(json!({ "added": added.len(), "rows": added, "refused": refused })))
}

async fn asked(asker: &Asker, path: &str, body: Body) -> Result<(&'static Resource, &'static Series, Rows), Refused> {
    let resource = rest::resource(asker, path)?;
    let series = resource.series.as_ref().ok_or_else(Refused::not_found)?;
    rest::must(asker, resource, Action::BatchAdd)?;
    let rows = rows(resource, series, body::object(body).await?)?;
    Ok((resource, series, rows))
}

async fn write(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    series: &'static Series,
    rows: &Rows,
    keep: Keep,
) -> Result<Tried, Refused> {
    let (door, access, at) = (panel.door.clone(), asker.access.clone(), (panel.door.clock)().wall);
    let writes = rows.iter().map(|value| Write::Add { value: value.clone() }).collect();
    let tried = password::save(resource, move || {
        door.store.write_several(&access, at, resource.name, (writes, series.made), keep)
    });
    Ok(tried.await.ok_or_else(Refused::fault)??)
}

/// One by one in `rows`; or a number each, with the same fields for all: from `start_…` on, `count` of them, or a list.
fn rows(resource: &Resource, series: &Series, mut given: Map<String, Value>) -> Result<Rows, Refused> {
    let (start, list) = (format!("start_{}", series.number), format!("{}s", series.number));
    let known = |field: &str| [&*start, "count", &*list, "rows"].contains(&field) || series.same.contains(&field);
    if let Some(field) = given.keys().find(|field| !known(field)) {
        return Err(wrong(field, "unknown"));
    }
    let numbers = match (given.shift_remove("rows"), given.shift_remove(&list)) {
        (Some(rows), _) => return one_by_one(rows),
        (None, Some(Value::String(text))) => many::entries(&text, true),
        (None, Some(numbers)) => serde_json::from_value(numbers).map_err(|_| wrong(&list, "type"))?,
        (None, None) => counted(resource, series, &mut given, &start)?,
    };
    if numbers.is_empty() {
        return Err(wrong(&list, "required"));
    }
    let most = (numbers.len() as u64 <= ROWS_MAX).then_some(()).ok_or_else(|| too_many(&list));
    most?;
    let row = |number: String| {
        let own = [(series.number, number.clone()), (series.named, number)];
        let own = own.map(|(field, text)| (field.to_owned(), Value::from(text)));
        given.clone().into_iter().chain(own).collect()
    };
    Ok(numbers.into_iter().map(row).collect())
}

fn one_by_one(rows: Value) -> Result<Rows, Refused> {
    let rows: Rows = serde_json::from_value(rows).map_err(|_| wrong("rows", "type"))?;
    match rows.len() as u64 {
        0 => Err(wrong("rows", "required")),
        count if count > ROWS_MAX => Err(too_many("rows")),
        _ => Ok(rows),
    }
}

/// AGT-43
fn counted(
    resource: &Resource,
    series: &Series,
    given: &mut Map<String, Value>,
    start: &str,
) -> Result<Vec<String>, Refused> {
    let first = given.shift_remove(start).filter(|first| !first.is_null()).ok_or_else(|| wrong(start, "required"))?;
    let count = given.shift_remove("count").ok_or_else(|| wrong("count", "required"))?;
    let schema = resource.field(series.number).ok_or_else(Refused::fault)?;
    check::value_of(schema, &first).map_err(|why| Refused::invalid(start, json!(why)))?;
    let count = count.as_u64().filter(|count| (1..=ROWS_MAX).contains(count));
    let count =
        count.ok_or_else(|| Refused::invalid("count", json!({ "why": "out_of_range", "min": 1, "max": ROWS_MAX })))?;
    let first: u64 = first.as_str().and_then(|first| first.trim().parse().ok()).ok_or_else(|| wrong(start, "type"))?;
    Ok((first..first + count).map(|number| number.to_string()).collect())
}

fn wrong(field: &str, why: &str) -> Refused {
    Refused::invalid(field, json!({ "why": why }))
}

fn too_many(field: &str) -> Refused {
    Refused::invalid(field, json!({ "why": "too_many", "max": ROWS_MAX }))
}
