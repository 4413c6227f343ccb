//! Rows of a table that a body names, a portion at a time: there may be very many, and whoever asked goes on with the
//! place where a portion ended.

use super::{Panel, lists, on_disk, refused::Refused, several::listed, site::Asker, tables};
use crate::{
    schema::{Id, Refusals, Resource, Tenant, Why},
    store::{RowQuery, Step, table::Query},
};
use axum::Json;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Rows in one answer.
const ROWS_MAX: usize = 5_000;
const WORDS: [&str; 4] = ["ids", "search", "filters", "cursor"];

pub struct Portion {
    panel: Arc<Panel>,
    asker: Asker,
    resource: &'static Resource,
    ids: Vec<Id>,
    /// Texts that are the number of no row.
    unknown: Vec<String>,
    /// Where the next one begins; none: this is the last.
    next: Option<String>,
    /// Rows of the portions before.
    pub before: usize,
}

impl Portion {
    /// Those that are named by `ids`, or the next of those that meet `search` and `filters`.
    pub async fn read(
        panel: &Arc<Panel>,
        asker: &Asker,
        resource: &'static Resource,
        given: &Map<String, Value>,
        also: &[&str],
    ) -> Result<Portion, Refused> {
        let known = |field: &str| WORDS.contains(&field) || also.contains(&field);
        if let Some(field) = given.keys().find(|field| !known(field)) {
            return Err(Refused::invalid(field, json!({ "why": "unknown" })));
        }
        let (panel, asker) = (panel.clone(), asker.clone());
        let mut portion =
            Portion { panel, asker, resource, ids: Vec::new(), unknown: Vec::new(), next: None, before: 0 };
        if !given.contains_key("search") && !given.contains_key("filters") {
            portion.take_named(listed(given)?)?;
            return Ok(portion);
        }
        let (before, cursor) = place(given)?;
        portion.before = before;
        if let Some(mut query) = question(&portion.panel, &portion.asker, resource, given)? {
            query.cursor = cursor;
            let store = portion.panel.door.store.clone();
            let page = on_disk(move || Ok(store.table_ids(resource, &query, ROWS_MAX)?)).await?;
            portion.next = page.next.map(|next| format!("{}-{next}", before + page.items.len()));
            portion.ids = page.items;
        }
        Ok(portion)
    }

    fn take_named(&mut self, named: Vec<String>) -> Result<(), Refused> {
        if named.len() > ROWS_MAX {
            return Err(Refused::invalid("ids", json!({ "why": "too_many", "max": ROWS_MAX })));
        }
        for text in named {
            match text.parse() {
                Ok(id) => self.ids.push(id),
                Err(_) => self.unknown.push(text),
            }
        }
        Ok(())
    }

    /// Does something to each.
    pub async fn each(self, step: impl FnMut(&Tenant, Id, &Value) -> Step + Send + 'static) -> Result<Told, Refused> {
        let (access, at) = (self.asker.access.clone(), (self.panel.door.clock)().wall);
        let (panel, resource, ids) = (self.panel, self.resource, self.ids);
        let done = on_disk(move || Ok(panel.door.store.table_each(&access, at, resource, &ids, step)?)).await?;
        let mut told = Told { done: done.written, refused: Vec::new(), next: self.next };
        told.unknown(self.unknown);
        told.refused.extend(done.refused.into_iter().map(refused));
        Ok(told)
    }

    /// The rows themselves, of those that are in reach.
    pub async fn rows(self) -> Result<(Vec<(Id, Value)>, Told), Refused> {
        let (panel, access, resource, ids) = (self.panel, self.asker.access.clone(), self.resource, self.ids);
        let (mut rows, mut told) = (Vec::new(), Told { done: 0, refused: Vec::new(), next: self.next });
        told.unknown(self.unknown);
        let found = on_disk(move || {
            let row = |id| Ok((id, panel.door.store.table_row_by(resource, id)?));
            ids.into_iter().map(row).collect::<Result<Vec<_>, Refused>>()
        })
        .await?;
        for (id, row) in found {
            match row.filter(|(made_by, row)| access.reaches(resource, row, made_by)) {
                Some((_, row)) => rows.push((id, row)),
                None => told.refused.push(refused((id, Refusals::whole(Why::NotFound)))),
            }
        }
        told.done = rows.len() as u64;
        Ok((rows, told))
    }
}

/// What became of a portion.
pub struct Told {
    done: u64,
    refused: Vec<Value>,
    next: Option<String>,
}

impl Told {
    fn unknown(&mut self, ids: Vec<String>) {
        self.refused.extend(ids.into_iter().map(|id| json!({ "id": id, "error": "not_found" })));
    }

    /// Of those that counted as done these were not.
    pub fn refuse(&mut self, refusing: Vec<(Id, Refusals)>) {
        self.done -= refusing.len() as u64;
        self.refused.extend(refusing.into_iter().map(refused));
    }

    /// To how many it was done, under this word; which not; and where to go on.
    pub fn told(self, done: &str) -> Json<Value> {
        Json(json!({ done: self.done, "refused": self.refused, "next": self.next }))
    }
}

fn refused((id, why): (Id, Refusals)) -> Value {
    json!({ "id": id, "error": why.word().0 })
}

/// How many rows a body names, of those that are in reach.
pub async fn count(
    panel: &Arc<Panel>,
    asker: &Asker,
    resource: &'static Resource,
    given: &Map<String, Value>,
) -> Result<u64, Refused> {
    if !given.contains_key("search") && !given.contains_key("filters") {
        return Ok(Portion::read(panel, asker, resource, given, &[]).await?.ids.len() as u64);
    }
    let Some(query) = question(panel, asker, resource, given)? else { return Ok(0) };
    let store = panel.door.store.clone();
    on_disk(move || Ok(store.table_count(resource, &query)?)).await
}

fn question(
    panel: &Panel,
    asker: &Asker,
    resource: &'static Resource,
    given: &Map<String, Value>,
) -> Result<Option<Query>, Refused> {
    let tenant = panel.door.store.tenant();
    let asked = RowQuery { limit: ROWS_MAX, ..lists::condition(&tenant, asker, resource, given)? };
    tables::question(&asker.access, &tenant, resource, asked)
}

/// `<rows before>-<cursor>`
fn place(given: &Map<String, Value>) -> Result<(usize, Option<String>), Refused> {
    let Some(cursor) = given.get("cursor").filter(|cursor| !cursor.is_null()) else { return Ok((0, None)) };
    let (before, cursor) = cursor.as_str().and_then(|cursor| cursor.split_once('-')).unwrap_or_default();
    let before = before.parse().map_err(|_| Refused::invalid("cursor", json!({ "why": "pattern" })))?;
    Ok((before, Some(cursor.into())))
}
