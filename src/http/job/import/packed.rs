//! A file that takes the place of what is there: all of its lines, or none of them (LOC-4, LOC-5).

use super::{
    super::{
        Jobs,
        task::{Stop, Task},
    },
    Plan, Reason, Report, Row, open,
};
use crate::{
    schema::{Refusals, Tenant, Why, locations::Builder},
    store::NotTaken,
};
use serde_json::{Map, Value};
use std::path::Path;

/// Lines between two looks at whether the work is to go on.
const AT_ONCE: u64 = 1_000;
/// Wrong lines that are named; a file with more is another one.
const NAMED_MAX: u64 = 10_000;

/// Reads the file from its beginning: nothing of it is kept before its last line is right.
pub fn run(jobs: &Jobs, task: &mut Task, plan: &Plan, path: &Path) -> Result<(), Stop> {
    let tenant = jobs.door.store.tenant();
    (task.job.succeeded, task.job.failed, task.job.reported) = (0, 0, 0);
    let reported = jobs.files.reported(task.job.job_number);
    let mut report = Report::open(&reported, plan, 0, 0)?;
    let (mut text, mut builder) = (open(path, plan, &task.job)?, Builder::default());
    while let Some(record) = text.record()? {
        let row = match record {
            Err(none) => Plan::no_row(none),
            Ok(record) if record.cells.len() != plan.width() => {
                text.again_after_first_line(&record)?;
                plan.ragged(&record)
            }
            Ok(record) => plan.row(&jobs.door.store, &tenant, record)?,
        };
        match taken(plan, &tenant, &row) {
            Ok(value) => {
                let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
                builder.add(&text("code"), &text("country"), &text("name"), row.line);
                task.job.succeeded += 1;
            }
            Err(reason) => fail(task, plan, &row, &reason, &mut report)?,
        }
        if task.job.processed().is_multiple_of(AT_ONCE) {
            task.go_on(jobs)?;
        }
    }
    if task.job.failed == 0 {
        match jobs.door.store.set_locations(jobs.now(), builder)? {
            Ok(_) => return Ok(()),
            Err(NotTaken::TooMany) => return Err(Stop::Failed("too_many_rows")),
            Err(NotTaken::Twice(lines)) => name_twice(task, plan, path, &lines, &mut report)?,
        }
    }
    report.keep()?;
    (task.job.place.reported_bytes, task.job.reported, task.job.succeeded) = (report.bytes, report.rows, 0);
    Err(Stop::Failed("lines_wrong"))
}

/// What a line says, as its fields take it.
fn taken(plan: &Plan, tenant: &Tenant, row: &Row) -> Result<Value, Reason> {
    let whole: &Map<String, Value> = &row.taken.as_ref().map_err(Clone::clone)?.whole;
    plan.resource.taken(tenant, whole.clone()).map_err(Reason::Refused)
}

fn fail(task: &mut Task, plan: &Plan, row: &Row, reason: &Reason, report: &mut Report) -> Result<(), Stop> {
    task.job.failed += 1;
    if task.job.failed <= NAMED_MAX {
        report.add(plan, row, reason, false)?;
    }
    Ok(())
}

/// Lines whose code another line has, or a place of a country that the file does not name.
fn name_twice(task: &mut Task, plan: &Plan, path: &Path, lines: &[u64], report: &mut Report) -> Result<(), Stop> {
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    let (mut text, why) = (open(path, plan, &task.job)?, Reason::Refused(Refusals::one("code", Why::NameTaken)));
    while let Some(record) = text.record()? {
        if let Ok(record) = record
            && lines.binary_search(&record.line).is_ok()
        {
            let row = Row { line: record.line, cells: record.cells, taken: Err(why.clone()) };
            fail(task, plan, &row, &why, report)?;
        }
    }
    Ok(())
}
