//! Rows are kept from being called, or called again: whole, by their mark, or by one number on a list (CUS-21 to
//! CUS-32).

use super::{Panel, body, many, on_disk, portion::Portion, refused::Refused, rest, site::Asker};
use crate::{
    model,
    schema::{Action, Id, Refusals, Resource, Rule, Tenant, Why, model::Bar, table},
    store::{Each, Keep, Step},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const BARRED: &str = "barred";
const WHOLE: &str = "highlight";
const REASON: &str = "reason";

/// `POST /panel/{path}/bar`: `barred` or not; with `highlight`, which is usual, all of a row's numbers, without it the
/// one number alone, on the list.
pub async fn bar(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    let bar = resource.bar.ok_or_else(Refused::not_found)?;
    rest::must(&asker, resource, Action::Dnc)?;
    let given = body::object(body).await?;
    let (barred, whole) = (switch(&given, BARRED)?, switch(&given, WHOLE)?);
    let portion = Portion::read(&panel, &asker, resource, &given, &[BARRED, WHOLE, REASON]).await?;
    if whole {
        let step = move |_: &Tenant, _, row: &Value| match row[bar.mark].as_bool().unwrap_or_default() == barred {
            true => Step::Stays,
            false => Step::Set(Map::from_iter([(bar.mark.to_owned(), barred.into())])),
        };
        return Ok(portion.each(step).await?.told("changed"));
    }
    let list = model::resource(bar.list).ok_or_else(Refused::fault)?;
    let reason = given.get(REASON).cloned();
    let (found, mut told) = portion.rows().await?;
    let rows: Vec<_> = found.into_iter().map(|(id, row)| (id, entry(bar, &row, reason.as_ref()))).collect();
    let refused = on_disk(move || {
        Ok(if barred { add(&panel, &asker, list, rows)? } else { remove(&panel, &asker, list, rows)? })
    })
    .await?;
    told.refuse(refused);
    Ok(told.told("changed"))
}

/// True where nothing is said.
fn switch(given: &Map<String, Value>, field: &str) -> Result<bool, Refused> {
    match given.get(field) {
        None | Some(Value::Null) => Ok(true),
        Some(on) => on.as_bool().ok_or_else(|| Refused::invalid(field, json!({ "why": "type" }))),
    }
}

type Entry = Map<String, Value>;
type Refusing = Vec<(Id, Refusals)>;

/// What of a row stands in the list.
fn entry(bar: Bar, row: &Value, reason: Option<&Value>) -> Entry {
    let fields = bar.fields.iter().map(|(own, there)| ((*there).to_owned(), row[*own].clone()));
    fields.chain(reason.map(|reason| (REASON.to_owned(), reason.clone()))).collect()
}

/// Those that are there already stay; an agent's wait to be approved (DNC-18).
fn add(panel: &Panel, asker: &Asker, list: &'static Resource, rows: Vec<(Id, Entry)>) -> Result<Refusing, Refused> {
    let (tenant, at) = (panel.door.store.tenant(), (panel.door.clock)().wall);
    let many = list.many.as_ref().ok_or_else(Refused::fault)?;
    let (mut ids, mut writes) = (Vec::new(), Vec::new());
    for (id, entry) in rows {
        let waiting = rest::waiting(asker, list, entry);
        if let Some(write) = many::again(asker, list, many, &tenant, waiting) {
            ids.push(id);
            writes.push(write);
        }
    }
    let tried = panel.door.store.write_several(&asker.access, at, list.name, (writes, &[]), Keep::Taken)?;
    // Two rows of one number need it on the list once.
    let refused = |refusals: Refusals| Some(refusals).filter(|refusals| refusals.word().0 != Why::NameTaken.word().0);
    Ok(ids.into_iter().zip(tried).filter_map(|(id, tried)| Some((id, refused(tried.err()?)?))).collect())
}

fn remove(panel: &Panel, asker: &Asker, list: &'static Resource, rows: Vec<(Id, Entry)>) -> Result<Refusing, Refused> {
    let (tenant, at) = (panel.door.store.tenant(), (panel.door.clock)().wall);
    let held = |entry: Entry| {
        let rule = list.rules.iter().find(|rule| matches!(rule, Rule::UniqueWithin { .. }))?;
        tenant.rows_of(list.name)?.holder(rule.field(), &table::key_of(rule, &Value::Object(entry))?)
    };
    let (rows, ids): (Vec<Id>, Vec<Id>) = rows.into_iter().filter_map(|(id, entry)| Some((id, held(entry)?))).unzip();
    let done = panel.door.store.write_each(&asker.access, at, list.name, &ids, &Each::Remove)?;
    let of = |id: Id| ids.iter().position(|listed| *listed == id).map_or(id, |at| rows[at]);
    // One that went a moment ago, with another row of the same number, is off the list too.
    let refused = done.refused.into_iter().filter(|(_, refusals)| refusals.word().0 != Why::NotFound.word().0);
    Ok(refused.map(|(id, refusals)| (of(id), refusals)).collect())
}
