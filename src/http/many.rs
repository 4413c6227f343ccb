//! A new row into which several values were typed at once: each becomes a row of its own (POP-12, BLK-12, DNC-13).

use super::{Panel, password, refused::Refused, rest, site::Asker};
use crate::{
    schema::{
        Actor, Id, Refusals, Resource, Rule, Tenant, Why, check,
        model::{Again, Many},
        resource::PENDING,
        table,
    },
    store::{Keep, Write, Written},
};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Values in one go.
const ENTRIES_MAX: usize = 1_000;

/// What was typed with commas or line breaks between.
pub fn entries(text: &str, spaces: bool) -> Vec<String> {
    let parts = |letter: char| matches!(letter, ',' | '，' | '\n' | '\r') || spaces && letter.is_whitespace();
    let entries = text.split(parts).map(|entry| entry.trim().to_owned());
    let mut known = std::collections::BTreeSet::new();
    entries.filter(|entry| !entry.is_empty() && known.insert(entry.clone())).collect()
}

/// Whether a new row is more than one, or one that is passed over.
pub fn is_several(panel: &Panel, resource: &Resource, many: &Many, value: &Map<String, Value>) -> bool {
    let typed =
        value.get(many.field).and_then(Value::as_str).map(|text| entries(text, many.spaces)).unwrap_or_default();
    let known = || holder(resource, many, &panel.door.store.tenant(), value).is_some();
    typed.len() > 1 || (many.again == Again::Skipped && known())
}

/// All are taken, or none: what is wrong names its entry. What is there already is passed over, or refused.
pub async fn add(
    panel: &Arc<Panel>,
    asker: &Asker,
    (resource, many): (&'static Resource, &Many),
    value: Map<String, Value>,
) -> Result<Response, Refused> {
    let typed =
        value.get(many.field).and_then(Value::as_str).map(|text| entries(text, many.spaces)).unwrap_or_default();
    if typed.len() > ENTRIES_MAX {
        return Err(Refused::invalid(many.field, json!({ "why": "too_many", "max": ENTRIES_MAX })));
    }
    let tenant = panel.door.store.tenant();
    let (mut wanted, mut skipped) = (Vec::new(), Vec::new());
    for entry in &typed {
        let mut value = rest::waiting(asker, resource, value.clone());
        value.insert(many.field.into(), entry.clone().into());
        match again(asker, resource, many, &tenant, value) {
            Some(write) => wanted.push((entry, write)),
            None => skipped.push(entry),
        }
    }
    let writes = wanted.iter().map(|(_, write)| write.clone()).collect();
    let rows = write(panel, asker, resource, writes).await?;
    let refused = |(entry, tried): (&&String, &Result<Written, Refusals>)| {
        Some(((*entry).clone(), tried.as_ref().err()?.clone()))
    };
    let refused: Vec<_> = wanted.iter().map(|(entry, _)| entry).zip(&rows).filter_map(refused).collect();
    if let Some((_, first)) = refused.first() {
        let entries: Vec<_> = refused.iter().map(|(entry, _)| entry).collect();
        return Err(Refused::from(first.clone()).of_entries(many.field, json!(entries)));
    }
    let rows: Vec<_> = rows.into_iter().flatten().map(|written| rest::shown(asker, resource, written)).collect();
    let status = if rows.is_empty() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(json!({ "added": rows.len(), "rows": rows, "skipped": skipped }))).into_response())
}

/// The write for a row that comes out of a file; refused if it is there already, and stays as it is.
pub fn write_of_file(
    asker: &Asker,
    resource: &Resource,
    tenant: &Tenant,
    value: Map<String, Value>,
) -> Result<Write, Refusals> {
    let value = rest::waiting(asker, resource, value);
    let Some(many) = &resource.many else { return Ok(Write::Add { value }) };
    again(asker, resource, many, tenant, value).ok_or_else(|| Refusals::one(many.field, Why::NameTaken))
}

/// The write for one value. None: it is there already, and stays as it is.
pub fn again(
    asker: &Asker,
    resource: &Resource,
    many: &Many,
    tenant: &Tenant,
    value: Map<String, Value>,
) -> Option<Write> {
    let Some(id) = holder(resource, many, tenant, &value).filter(|_| many.again == Again::Skipped) else {
        return Some(Write::Add { value });
    };
    let waits = resource.approval.as_ref()?.field;
    let (_, before) = tenant.rows_of(resource.name)?.row(id)?;
    let approves = before[waits] == PENDING && !matches!(asker.actor(), Actor::Agent(_));
    let open = value.into_iter().filter(|(field, _)| !resource.is_fixed(field));
    approves.then(|| {
        let mut value: Map<_, _> = open.collect();
        value.entry(waits).or_insert("enabled".into());
        Write::Change { id, rev: None, value }
    })
}

fn holder(resource: &Resource, many: &Many, tenant: &Tenant, value: &Map<String, Value>) -> Option<Id> {
    let rule = resource
        .rules
        .iter()
        .find(|rule| rule.field() == many.field && matches!(rule, Rule::Unique { .. } | Rule::UniqueWithin { .. }))?;
    let mut meant = Value::Object(value.clone());
    meant[many.field] = check::meant(resource.field(many.field)?, value.get(many.field)?.clone());
    tenant.rows_of(resource.name)?.holder(many.field, &table::key_of(rule, &meant)?)
}

async fn write(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    writes: Vec<Write>,
) -> Result<Vec<Result<Written, Refusals>>, Refused> {
    let (door, access, at) = (panel.door.clone(), asker.access.clone(), (panel.door.clock)().wall);
    let tried = password::save(resource, move || {
        door.store.write_several(&access, at, resource.name, (writes, &[]), Keep::All)
    });
    Ok(tried.await.ok_or_else(Refused::fault)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// POP-12, BLK-12, DNC-13
    #[test]
    fn values_are_parted_by_commas_and_lines() {
        assert_eq!(entries(" 801,802\r\n\n803 ， 801,", false), ["801", "802", "803"]);
        assert_eq!(entries("801 802,803", true), ["801", "802", "803"]);
        assert!(entries(" ,\n", false).is_empty());
    }
}
