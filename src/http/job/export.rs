//! Exports: the rows of a list by its filters, or those that were ticked, with the columns that are shown, as a file.

use super::{
    super::{lists, refused::Refused, rest, site::Asker, words},
    Jobs,
    cell::Cells,
    encode::Encode,
    sheets::{self, Sheets},
    task::{Stop, Task},
};
use crate::{
    model::{self, Preferences},
    schema::{
        Access, Actor, Held, Id, Resource, Tenant, access::Reach, index::at, permission::SCOPED, resource::CUSTOM,
    },
    store::{
        RowQuery, Store,
        table::{Query, Sort},
    },
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, ops::ControlFlow};

const PAGE: usize = 200;
/// Columns of every list, after its own.
const OF_EVERY_ROW: [&str; 2] = ["created_at", "updated_at"];

/// What an export was asked for; read anew from the job's options when it runs.
pub struct Wanted {
    resource: &'static Resource,
    ids: Option<Vec<Id>>,
    condition: RowQuery,
    columns: Vec<String>,
    /// The schema of fields that the office added, where all rows are of one part.
    custom: Value,
    pub language: String,
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
        let mut condition = lists::condition(asker, resource, given)?;
        let table = resource.held == Held::Table;
        let moment = condition.filters.iter().find(|(field, _)| table && OF_EVERY_ROW.contains(&field.as_str()));
        if let Some((field, _)) = moment {
            return Err(Refused::invalid(field, json!({ "why": "unknown" })));
        }
        condition.sort = text(given, "sort")?.map(str::to_string);
        let ids = ids(given)?;
        let custom = part(resource, &condition).and_then(|value| resource.custom(tenant, &value));
        let custom = custom.filter(|_| asker.access.sees(resource, CUSTOM)).unwrap_or_default();
        let preferred = Preferences::of(tenant).language.word();
        let mut wanted = Wanted {
            resource,
            ids,
            condition,
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
    let rows = Rows::of(&asker.access, &wanted);
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
    tenant: &'a Tenant,
    access: &'a Access,
    cells: Cells<'a>,
    schemas: Vec<Value>,
}

impl<'a> Lines<'a> {
    fn new(wanted: &'a Wanted, tenant: &'a Tenant, access: &'a Access) -> Lines<'a> {
        let cells = Cells::new(wanted.resource.name, tenant, words::of(&wanted.language));
        let schemas = wanted.columns.iter().map(|column| wanted.schema(column)).collect();
        Lines { wanted, tenant, access, cells, schemas }
    }

    fn cells(&self, row: Value) -> Vec<String> {
        let masked = self.wanted.resource.masks(self.tenant, self.access, &row);
        let columns = self.wanted.columns.iter().zip(&self.schemas);
        let cell = |(column, schema): (&String, &Value)| {
            let text = self.cells.text(column, schema, at(&row, column));
            let number = matches!(schema["x-kind"].as_str(), Some("phone" | "digits"));
            if masked && number { crate::schema::kind::phone::masked(&text) } else { text }
        };
        columns.map(cell).collect()
    }
}

/// The rows themselves, however their noun is held.
enum Rows<'a> {
    Snapshot { resource: &'static Resource, query: RowQuery },
    Table { resource: &'static Resource, query: Query, by: Option<&'a Actor> },
    Ticked { resource: &'static Resource, ids: Vec<Id>, access: &'a Access },
    None,
}

impl<'a> Rows<'a> {
    fn of(access: &'a Access, wanted: &Wanted) -> Rows<'a> {
        let (resource, mut query) = (wanted.resource, wanted.condition.clone());
        if resource.held != Held::Table {
            query.ids = wanted.ids.as_ref().map(|ids| ids.iter().copied().collect());
            query.limit = PAGE;
            return Rows::Snapshot { resource, query };
        }
        if let Some(ids) = &wanted.ids {
            return Rows::Ticked { resource, ids: ids.clone(), access };
        }
        let mut query = table_query(access, resource, query);
        let by = match reach(access, resource) {
            Reach::All => None,
            Reach::Created(actor) => Some(actor),
            Reach::Agents(numbers) => {
                query.filters.push((AGENT.into(), numbers.into_iter().map(str::to_string).collect()));
                None
            }
            Reach::Nothing => return Rows::None,
        };
        Rows::Table { resource, query, by }
    }

    /// How many there are at most.
    fn count(&self, store: &Store) -> Result<u64, Stop> {
        Ok(match self {
            Rows::Snapshot { resource, query } => {
                store.matching(resource.name, query).ok_or(Stop::Failed("not_there"))?.len() as u64
            }
            Rows::Table { resource, query, .. } => store.table_count(resource, query)?,
            Rows::Ticked { ids, .. } => ids.len() as u64,
            Rows::None => 0,
        })
    }

    /// None: so many were read, and others may have a turn.
    fn each(
        self,
        store: &Store,
        mut visit: impl FnMut(Option<Value>) -> Result<ControlFlow<()>, Stop>,
    ) -> Result<(), Stop> {
        match self {
            Rows::Snapshot { resource, mut query } => loop {
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
            Rows::Table { resource, mut query, by } => loop {
                let page = store.table_page_by(resource, &query)?;
                for (made_by, row) in page.items {
                    if by.is_none_or(|by| *by == made_by) && visit(Some(row))?.is_break() {
                        return Ok(());
                    }
                }
                query.cursor = page.next;
                if query.cursor.is_none() || visit(None)?.is_break() {
                    return Ok(());
                }
            },
            Rows::Ticked { resource, ids, access } => {
                for (at, id) in ids.into_iter().enumerate() {
                    if at % PAGE == PAGE - 1 && visit(None)?.is_break() {
                        return Ok(());
                    }
                    let Some((made_by, row)) = store.table_row_by(resource, id)? else { continue };
                    let own = reach(access, resource).holds(row[AGENT].as_str(), Some(&made_by));
                    if own && visit(Some(row))?.is_break() {
                        return Ok(());
                    }
                }
                Ok(())
            }
            Rows::None => Ok(()),
        }
    }
}

/// The field that says whose a row is.
const AGENT: &str = "agent_number";

fn reach<'a>(access: &'a Access, resource: &Resource) -> Reach<'a> {
    if SCOPED.contains(&resource.name) { access.reach(resource.name) } else { Reach::All }
}

fn table_query(access: &Access, resource: &'static Resource, asked: RowQuery) -> Query {
    let hidden = resource.search.iter().filter(|field| !access.sees(resource, field));
    let mut query = Query {
        search: asked.search,
        hidden: hidden.map(|field| field.to_string()).collect(),
        limit: PAGE,
        ..Query::default()
    };
    for (field, values) in asked.filters {
        if resource.within == Some(&*field) {
            query.within = Some(values.iter().filter_map(|id| id.parse().ok()).collect());
        } else {
            query.filters.push((field, values.into_iter().collect::<BTreeSet<_>>()));
        }
    }
    if let Some(sort) = asked.sort {
        let (field, descending) = sort.strip_prefix('-').map_or((&*sort, false), |field| (field, true));
        query.sort = Sort { field: (field != "created_at").then(|| field.into()), descending };
    }
    query
}

/// A value that says to which part all rows belong, if it is one.
fn part(resource: &Resource, condition: &RowQuery) -> Option<Value> {
    let within = resource.within?;
    let (_, values) = condition.filters.iter().find(|(field, _)| field == within)?;
    (values.len() == 1).then(|| json!({ within: values[0] }))
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
