//! Call records as a file: all that match, newest first, with the columns that are shown (CDR-9).

use super::{
    super::{
        Door, Panel, body,
        job::{Jobs, begin::begun, cell::Cells, encode::Encode, new, sheets, sheets::Sheets, task::Stop, task::Task},
        on_disk,
        query::Query,
        refused::Refused,
        site::Asker,
        words,
    },
    TABLE, asked, shown,
};
use crate::{
    history::job::JobType,
    model::Preferences,
    schema::Access,
    store::{PAGE_MAX, RecordQuery},
};
use axum::{Extension, Json, body::Body, extract::State, http::StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What jobs call this list.
pub const PAGE: &str = "call_records";

/// CDR-12 to CDR-59, in this order.
pub const COLUMNS: &[&str] = &[
    "campaign_name",
    "department_name",
    "agent_name",
    "agent_number",
    "group_number",
    "weekday",
    "is_holiday",
    "call_hour",
    "original_caller_number",
    "original_caller_name",
    "actual_caller_number",
    "actual_caller_name",
    "access_number",
    "actual_called_number",
    "original_called_number",
    "original_access_number",
    "did_billed_seconds",
    "talk_seconds",
    "billed_seconds",
    "total_seconds",
    "started_at",
    "answered_at",
    "ended_at",
    "call_id",
    "parent_call_id",
    "call_type",
    "transfer_type",
    "call_outcome",
    "transferred_from",
    "custom_content",
    "caller_region",
    "called_region",
    "hangup_reason",
    "hangup_by",
    "sip_code",
    "sip_code_text",
    "hold_count",
    "hold_seconds",
    "hold_avg_seconds",
    "customer_keys",
    "did_name",
    "remark",
    "created_at",
    "server_name",
];
/// Columns whose values are words.
const WORDS: &[&str] = &["call_type", "transfer_type", "call_outcome", "hangup_reason", "hangup_by"];

/// What an export was asked for; read anew from the job's options when it runs.
struct Wanted {
    rows: RecordQuery,
    columns: Vec<&'static str>,
    language: String,
}

/// `POST /panel/call_records/export`: the filters as the list has them, `columns` and `language`.
pub async fn begin(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    asker.access.must("call_record.export")?;
    let given = body::object(body).await?;
    panel.door.store.room()?;
    Wanted::read(&panel.door, &asker, &given)?;
    let at = (panel.door.clock)().wall;
    let job = new(JobType::Export, PAGE, asker.actor(), at, format!("{PAGE}.csv"), Value::Object(given));
    let number = on_disk(move || Ok(panel.jobs.begin(job, |_, _| Ok(()))?)).await?;
    Ok(begun(number))
}

impl Wanted {
    fn read(door: &Door, asker: &Asker, given: &Map<String, Value>) -> Result<Wanted, Refused> {
        let texts = given.iter().filter(|(name, _)| !["columns", "language"].contains(&name.as_str()));
        let mut question = Vec::new();
        for (name, value) in texts.filter(|(_, value)| !value.is_null()) {
            let text = value.as_str().ok_or_else(|| Refused::invalid(name, json!({ "why": "type" })))?;
            question.push((name.clone(), text.to_owned()));
        }
        let rows = asked::read(door, asker, &Query::of(question), &[])?;
        let preferred = Preferences::of(&door.store.tenant()).language.word();
        let language = given.get("language").and_then(Value::as_str).unwrap_or(preferred).to_owned();
        Ok(Wanted { rows, columns: columns(&asker.access, given)?, language })
    }
}

fn columns(access: &Access, given: &Map<String, Value>) -> Result<Vec<&'static str>, Refused> {
    let wrong = |why: &str| Refused::invalid("columns", json!({ "why": why }));
    let seen = COLUMNS.iter().copied().filter(|column| access.sees_column(TABLE, column));
    let chosen = match given.get("columns") {
        None | Some(Value::Null) => return Ok(seen.collect()),
        Some(columns) => columns.as_array().ok_or_else(|| wrong("type"))?,
    };
    let names = chosen.iter().map(|name| name.as_str()).collect::<Option<Vec<_>>>().ok_or_else(|| wrong("type"))?;
    // A page may show columns of its own, which no file has.
    let columns: Vec<_> = seen.filter(|column| names.contains(column)).collect();
    if columns.is_empty() { Err(wrong("required")) } else { Ok(columns) }
}

pub fn run(jobs: &Jobs, task: &mut Task) -> Result<(), Stop> {
    let door = jobs.door();
    let tenant = door.store.tenant();
    let asker = Asker::working(task.access(&tenant)?);
    asker.access.must("call_record.export").map_err(|_| Stop::Failed("forbidden"))?;
    let options = task.job.options.as_object().cloned().unwrap_or_default();
    let wanted = Wanted::read(door, &asker, &options).map_err(|_| Stop::Failed("not_there"))?;
    let mut rows = RecordQuery { limit: PAGE_MAX, ..wanted.rows };
    let (mut page, preferences) = (door.store.call_records(&rows)?, Preferences::of(&tenant));
    let (total, rows_max) = (page.total, preferences.export_max_rows.value() as u64);
    (task.job.total, task.job.succeeded) = (Some(total), 0);
    task.job.file_name = sheets::file_name(PAGE, total, rows_max);
    let cells = Cells::new(TABLE, &tenant, words::of(&wanted.language));
    let headings = wanted.columns.iter().map(|column| cells.words.word(&format!("{TABLE}.{column}"))).collect();
    let path = jobs.files().output(task.job.job_number);
    let encode = Encode::of(preferences.export_encoding);
    let mut sheets = Sheets::create(&path, PAGE, headings, encode, total, rows_max)?;
    loop {
        for record in page.items {
            // What was added meanwhile is not in the file.
            if task.job.succeeded < total {
                let row = shown(&asker, record);
                let line: Vec<String> =
                    wanted.columns.iter().map(|column| cell(&cells, column, &row[*column])).collect();
                sheets.row(&line)?;
                task.job.succeeded += 1;
            }
        }
        task.go_on(jobs)?;
        rows.cursor = page.next;
        if rows.cursor.is_none() {
            break;
        }
        page = door.store.call_records(&rows)?;
    }
    sheets.finish()?;
    task.job.total = Some(task.job.succeeded);
    Ok(())
}

fn cell(cells: &Cells, column: &str, value: &Value) -> String {
    let text = |kind: &str| cells.text(column, &json!({ "x-kind": kind }), value);
    match value {
        Value::String(word) if WORDS.contains(&column) => cells.words.word(&format!("{column}.{word}")),
        Value::Number(day) if column == "weekday" => cells.words.word(&format!("weekday.{day}")),
        _ if column.ends_with("_at") => text("moment"),
        _ => text("text"),
    }
}
