//! Exports: the rows of a list by its filters, or those that were ticked, with the columns that are shown, as a file.

use super::{
    super::{lists, refused::Refused, rest, site::Asker, tables, words},
    Jobs,
    cell::Cells,
    encode::Encode,
    sheets::{self, Sheets},
    task::{Stop, Task},
};
use crate::{
    model::{self, Preferences},
    schema::{Access, Held, Id, Resource, Tenant, index::at, layout, model::Masked, resource::CUSTOM},
    store::{RowQuery, Store, table::Query},
};
use serde_json::{Map, Value, json};
use std::ops::ControlFlow;

const PAGE: usize = 200;
/// Columns of every list, after its own.
const OF_EVERY_ROW: [&str; 2] = ["created_at", "updated_at"];

/// What an export was asked for; read anew from the job's options when it runs.
pub struct Wanted {
    resource: &'static Resource,
    rows: Named,
    columns: Vec<String>,
    /// The schema of fields that the office added, where all rows are of one part.
    custom: Value,
    pub language: String,
}

/// Which rows, and how their noun is held.
#[derive(Clone)]
enum Named {
    Snapshot(RowQuery),
    Table(Query),
    Ticked(Vec<Id>),
    None,
}

impl Wanted {
    pub fn read(
        asker: &Asker,
        tenant: &Tenant,
        resource: &'static Resource,
        given: &Map<String, Value>,
    ) -> Result<Wanted, Refused> {
        const KNOWN: [&str; 6] = ["ids", "search", "filters", "sort", "columns", "language"];
        if let Some(field) = given.keys().find(|field| !KNOWN.contains(&field.as_str())) {
            return Err(Refused::invalid(field, json!({ "why": "unknown" })));
        }
        let mut condition = lists::condition(tenant, asker, resource, given)?;
        condition.sort = text(given, "sort")?.map(str::to_string);
        condition.limit = PAGE;
        let (rows, part) = named(asker, tenant, resource, condition, ids(given)?)?;
        let custom = part.and_then(|value| seen(&asker.access, tenant, resource, &value));
        let custom = custom.filter(|_| asker.access.sees(resource, CUSTOM)).unwrap_or_default();
        let preferred = Preferences::of(tenant).language.word();
        let mut wanted = Wanted {
            resource,
            rows,
            columns: Vec::new(),
            custom,
            language: text(given, "language")?.unwrap_or(preferred).into(),
        };
        wanted.columns = wanted.chosen(&asker.access, given)?;
        Ok(wanted)
    }

    fn chosen(&self, access: &Access, given: &Map<String, Value>) -> Result<Vec<String>, Refused> {
        let wrong = |why: &str| Refused::invalid("columns", json!({ "why": why }));
        let all = self.all(access);
        let chosen = match given.get("columns") {
            None | Some(Value::Null) => return Ok(all),
            Some(columns) => columns.as_array().ok_or_else(|| wrong("type"))?,
        };
        let names = chosen.iter().map(|name| name.as_str().map(str::to_string)).collect::<Option<Vec<_>>>();
        // A page may show columns of its own, which no file has.
        let known: Vec<_> = names.ok_or_else(|| wrong("type"))?.into_iter().filter(|name| all.contains(name)).collect();
        if known.is_empty() { Err(wrong("required")) } else { Ok(known) }
    }

    /// Every column that this person may see; never a secret.
    fn all(&self, access: &Access) -> Vec<String> {
        let resource = self.resource;
        let secret = |name: &str| resource.field(name).is_some_and(|schema| schema["x-kept"].is_string());
        let listed = resource.list.iter().copied().filter(|name| access.sees(resource, name) && !secret(name));
        let custom = self.custom["properties"].as_object().into_iter().flat_map(Map::keys);
        listed
            .map(str::to_string)
            .chain(custom.map(|name| format!("{CUSTOM}.{name}")))
            .chain(resource.counts.iter().map(|count| count.name.to_string()))
            .chain(OF_EVERY_ROW.map(str::to_string))
            .collect()
    }

    fn schema(&self, column: &str) -> Value {
        match column.split_once('.') {
            Some((_, name)) => self.custom["properties"][name].clone(),
            None if OF_EVERY_ROW.contains(&column) => json!({ "type": "string", "x-kind": "moment" }),
            None => self.resource.field(column).cloned().unwrap_or_default(),
        }
    }

    fn heading(&self, column: &str) -> String {
        let words = words::of(&self.language);
        let count = self.resource.counts.iter().find(|count| count.name == column);
        match column.split_once('.') {
            Some((_, name)) => self.custom["properties"][name]["title"].as_str().unwrap_or(name).into(),
            None if OF_EVERY_ROW.contains(&column) => words.word(&format!("row.{column}")),
            None => {
                let own = words.find(&format!("{}.{column}", self.resource.name)).map(str::to_string);
                own.unwrap_or_else(|| words.word(&count.map_or(column.into(), |count| format!("{}.many", count.noun))))
            }
        }
    }
}

pub fn run(jobs: &Jobs, task: &mut Task) -> Result<(), Stop> {
    let store = &jobs.door.store;
    let tenant = store.tenant();
    let access = task.access(&tenant)?;
    let resource = model::resource(&task.job.page).ok_or(Stop::Failed("not_there"))?;
    let asker = Asker::working(access);
    rest::must(&asker, resource, crate::schema::Action::Export).map_err(|_| Stop::Failed("forbidden"))?;
    let options = task.job.options.as_object().cloned().unwrap_or_default();
    let wanted = Wanted::read(&asker, &tenant, resource, &options).map_err(|_| Stop::Failed("not_there"))?;
    let rows = Rows { resource, access: &asker.access, named: wanted.rows.clone() };
    let preferences = Preferences::of(&tenant);
    let (total, rows_max) = (rows.count(store)?, preferences.export_max_rows.value() as u64);
    let path = jobs.files.output(task.job.job_number);
    (task.job.total, task.job.succeeded) = (Some(total), 0);
    task.job.file_name = sheets::file_name(resource.path, total, rows_max);
    let headings = wanted.columns.iter().map(|column| wanted.heading(column)).collect();
    let encode = Encode::of(preferences.export_encoding);
    let mut sheets = Sheets::create(&path, resource.path, headings, encode, total, rows_max)?;
    let lines = Lines::new(&wanted, &tenant, &asker.access);
    task.go_on(jobs)?;
    rows.each(store, |row| {
        let Some(row) = row else { return task.go_on(jobs).map(ControlFlow::Continue) };
        // What was added meanwhile is not in the file.
        if task.job.succeeded == total {
            return Ok(ControlFlow::Break(()));
        }
        sheets.row(&lines.cells(row))?;
        task.job.succeeded += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    sheets.finish()?;
    task.job.total = Some(task.job.succeeded);
    Ok(())
}

/// Writes rows as the person who asked may see them.
struct Lines<'a> {
    wanted: &'a Wanted,
    masked: Option<Masked>,
    cells: Cells<'a>,
    schemas: Vec<Value>,
}

impl<'a> Lines<'a> {
    fn new(wanted: &'a Wanted, tenant: &'a Tenant, access: &'a Access) -> Lines<'a> {
        let cells = Cells::new(wanted.resource.name, tenant, words::of(&wanted.language));
        let schemas = wanted.columns.iter().map(|column| wanted.schema(column)).collect();
        Lines { wanted, masked: wanted.resource.masked(tenant, access), cells, schemas }
    }

    fn cells(&self, row: Value) -> Vec<String> {
        let masked = self.masked.as_ref().is_some_and(|masked| masked.holds(&row));
        let columns = self.wanted.columns.iter().zip(&self.schemas);
        let cell = |(column, schema): (&String, &Value)| {
            let text = self.cells.text(column, schema, at(&row, column));
            if masked && Resource::is_number(schema) { crate::schema::kind::phone::masked(&text) } else { text }
        };
        columns.map(cell).collect()
    }
}

/// The rows themselves.
struct Rows<'a> {
    resource: &'static Resource,
    access: &'a Access,
    named: Named,
}

impl Rows<'_> {
    /// How many there are at most.
    fn count(&self, store: &Store) -> Result<u64, Stop> {
        Ok(match &self.named {
            Named::Snapshot(query) => {
                store.matching(self.resource.name, query).ok_or(Stop::Failed("not_there"))?.len() as u64
            }
            Named::Table(query) => store.table_count(self.resource, query)?,
            Named::Ticked(ids) => ids.len() as u64,
            Named::None => 0,
        })
    }

    /// None: so many were read, and others may have a turn.
    fn each(
        self,
        store: &Store,
        mut visit: impl FnMut(Option<Value>) -> Result<ControlFlow<()>, Stop>,
    ) -> Result<(), Stop> {
        let (resource, access) = (self.resource, self.access);
        match self.named {
            Named::Snapshot(mut query) => loop {
                let page = store.rows(resource.name, &query).ok_or(Stop::Failed("not_there"))?;
                for row in page.items {
                    if visit(Some(row))?.is_break() {
                        return Ok(());
                    }
                }
                query.cursor = page.next;
                if query.cursor.is_none() || visit(None)?.is_break() {
                    return Ok(());
                }
            },
            Named::Table(mut query) => loop {
                let page = store.table_page(resource, &query)?;
                for row in page.items {
                    if visit(Some(row))?.is_break() {
                        return Ok(());
                    }
                }
                query.cursor = page.next;
                if query.cursor.is_none() || visit(None)?.is_break() {
                    return Ok(());
                }
            },
            Named::Ticked(ids) => {
                for (at, id) in ids.into_iter().enumerate() {
                    if at % PAGE == PAGE - 1 && visit(None)?.is_break() {
                        return Ok(());
                    }
                    let Some((made_by, row)) = store.table_row_by(resource, id)? else { continue };
                    if access.reaches(resource, &row, &made_by) && visit(Some(row))?.is_break() {
                        return Ok(());
                    }
                }
                Ok(())
            }
            Named::None => Ok(()),
        }
    }
}

/// The rows that are meant, and the value that says to which part they all belong, if it is one.
fn named(
    asker: &Asker,
    tenant: &Tenant,
    resource: &'static Resource,
    mut asked: RowQuery,
    ids: Option<Vec<Id>>,
) -> Result<(Named, Option<Value>), Refused> {
    if resource.held != Held::Table {
        if asked.sort.as_deref().is_some_and(|sort| !lists::sees(asker, resource, sort.trim_start_matches('-'))) {
            return Err(Refused::invalid("sort", json!({ "why": "choice" })));
        }
        asked.ids = ids.map(|ids| ids.into_iter().collect());
        return Ok((Named::Snapshot(asked), None));
    }
    let query = tables::question(&asker.access, tenant, resource, asked)?;
    let part = query.as_ref().and_then(|query| part(resource, query.within.as_deref()));
    Ok(match (ids, query) {
        (Some(ids), _) => (Named::Ticked(ids), part),
        (None, Some(query)) => (Named::Table(query), part),
        (None, None) => (Named::None, part),
    })
}

/// The schema of the office's fields that whoever asks is shown (FLD-32).
fn seen(access: &Access, tenant: &Tenant, resource: &Resource, part: &Value) -> Option<Value> {
    let mut custom = resource.custom(tenant, part)?;
    let kept = resource.kept_from(tenant, access, part);
    let fields = custom["properties"].as_object_mut().into_iter();
    fields.for_each(|fields| fields.retain(|name, _| !kept.unseen.contains(&layout::path(name))));
    Some(custom)
}

/// A value that says to which part all rows belong, if it is one.
fn part(resource: &Resource, parts: Option<&[Id]>) -> Option<Value> {
    match (resource.within, parts) {
        (Some(within), Some([part])) => Some(json!({ within: part })),
        _ => None,
    }
}

fn ids(given: &Map<String, Value>) -> Result<Option<Vec<Id>>, Refused> {
    let wrong = || Refused::invalid("ids", json!({ "why": "type" }));
    let Some(ids) = given.get("ids").filter(|ids| !ids.is_null()) else { return Ok(None) };
    let ids = ids.as_array().ok_or_else(wrong)?.iter().map(|id| id.as_str()?.parse().ok());
    ids.collect::<Option<Vec<_>>>().map(Some).ok_or_else(wrong)
}

fn text<'g>(given: &'g Map<String, Value>, field: &str) -> Result<Option<&'g str>, Refused> {
    match given.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| Refused::invalid(field, json!({ "why": "type" }))),
    }
}
