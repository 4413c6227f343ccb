//! Imports: the rows of a file become rows of a noun, a small batch at a time, each kept together with how far the file
//! is done, so that no row is written twice, whenever the box stops (JOB-30).

pub mod begin;
pub mod fields;
pub mod fill;
mod packed;
pub mod plan;
pub mod reason;
pub mod report;

use super::{
    super::{many, rest, site::Asker},
    Jobs, encode, files,
    task::{Stop, Task},
};
use crate::{
    history::job::Job,
    schema::{
        Action, Held, Id, Tenant,
        csv::read::{Mark, Reader},
    },
    store::{Keep, NotWritten, Store, table::Batch},
    time::Timestamp,
};
use encoding_rs::UTF_8;
use plan::{Plan, Row, Taken};
use reason::Reason;
use report::Report;
use serde_json::{Map, Value};
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufReader, BufWriter, Read},
    path::{Path, PathBuf},
};

/// Rows in one batch, and bytes of text that are read for it; it ends earlier when a person waits.
const AT_ONCE: usize = 100;
const BYTES_AT_ONCE: u64 = 512 * 1024;

type Text = Reader<BufReader<File>>;

pub fn run(jobs: &Jobs, task: &mut Task) -> Result<(), Stop> {
    let tenant = jobs.door.store.tenant();
    let asker = Asker::working(task.access(&tenant)?).acting_on(&task.job.page);
    let resource = rest::resource(&asker, &task.job.page).map_err(|_| Stop::Failed("forbidden"))?;
    rest::must(&asker, resource, Action::Import).map_err(|_| Stop::Failed("forbidden"))?;
    let access = (*asker.access).clone();
    let import = resource.import.ok_or(Stop::Failed("not_there"))?;
    let options = task.job.options.as_object().cloned().unwrap_or_default();
    let path = text(jobs, task, &options)?;
    let headings = first_record(&path, separator(&options))?;
    let plan = Plan::read(&tenant, &access, import, &options, &headings)?;
    if task.job.total.is_none() {
        task.job.total = Some(count(jobs, task, &path, &plan)?);
    }
    if plan.resource.held == Held::Packed {
        return packed::run(jobs, task, &plan, &path);
    }
    let mut text = open(&path, &plan, &task.job)?;
    let report = jobs.files.reported(task.job.job_number);
    let mut report = Report::open(&report, &plan, task.job.place.reported_bytes, task.job.reported)?;
    let mut waiting = VecDeque::new();
    loop {
        task.go_on(jobs)?;
        let until = task.job.place.byte + BYTES_AT_ONCE;
        gather(&jobs.door.store, &tenant, &plan, (&mut text, until), &mut waiting)?;
        if waiting.is_empty() {
            return Ok(());
        }
        let began = (jobs.door.clock)().up;
        match plan.resource.held {
            Held::Table => batch(jobs, task, &plan, &mut waiting, &mut report)?,
            Held::Snapshot | Held::Single => several(jobs, task, &plan, &mut waiting, &mut report)?,
            Held::Packed => unreachable!("such a file is taken whole"),
        }
        task.rest(jobs, began);
    }
}

/// A row, and where the text goes on behind it.
type Waiting = VecDeque<(Row, Mark)>;

fn gather(
    store: &Store,
    tenant: &Tenant,
    plan: &Plan,
    (text, until): (&mut Text, u64),
    waiting: &mut Waiting,
) -> Result<(), Stop> {
    while waiting.len() < AT_ONCE && (waiting.is_empty() || text.at().byte < until) {
        let row = match text.record()? {
            None => return Ok(()),
            Some(Err(none)) => Plan::no_row(none),
            Some(Ok(record)) if record.cells.len() != plan.width() => {
                // A quote that swallowed other rows gives them back.
                text.again_after_first_line(&record)?;
                plan.ragged(&record)
            }
            Some(Ok(record)) => plan.row(store, tenant, record)?,
        };
        waiting.push_back((row, text.at()));
    }
    Ok(())
}

/// Writes what fits into one batch, and with it how far the file is done.
fn batch(jobs: &Jobs, task: &mut Task, plan: &Plan, waiting: &mut Waiting, report: &mut Report) -> Result<(), Stop> {
    let (by, at) = (task.job.created_by.clone(), jobs.now());
    let (mut job, path) = (task.job.clone(), jobs.files.reported(task.job.job_number));
    let done = jobs.door.store.batch(&by, at, |batch| {
        let mut done = 0;
        for (row, after) in waiting.iter() {
            let outcome = place(batch, plan, row, job.place.dealt)?;
            note(plan, row, &outcome, &mut job, report).map_err(|error| files::fault(&path, error))?;
            (job.place.byte, job.place.line) = (after.byte, after.line);
            done += 1;
            if batch.is_awaited() {
                break;
            }
        }
        report.keep().map_err(|error| files::fault(&path, error))?;
        (job.place.reported_bytes, job.reported) = (report.bytes, report.rows);
        batch.keep_job(&job)?;
        Ok(done)
    })?;
    waiting.drain(..done);
    task.job = job;
    Ok(())
}

/// The same of a noun that is held in memory: its rows are written, then it is noted. Rows that were written before a
/// stop between the two are there already when they come again, and stay.
fn several(jobs: &Jobs, task: &mut Task, plan: &Plan, waiting: &mut Waiting, report: &mut Report) -> Result<(), Stop> {
    let (mut job, path, store) = (task.job.clone(), jobs.files.reported(task.job.job_number), &jobs.door.store);
    let asker = Asker::working(plan.access.clone());
    let outcomes = written(store, &asker, plan, jobs.now(), waiting)?;
    for ((row, after), outcome) in waiting.drain(..).zip(outcomes) {
        note(plan, &row, &outcome, &mut job, report).map_err(|error| files::fault(&path, error))?;
        (job.place.byte, job.place.line) = (after.byte, after.line);
    }
    report.keep().map_err(|error| files::fault(&path, error))?;
    (job.place.reported_bytes, job.reported) = (report.bytes, report.rows);
    store.keep_job(&job)?;
    task.job = job;
    Ok(())
}

fn written(
    store: &Store,
    asker: &Asker,
    plan: &Plan,
    at: Timestamp,
    waiting: &Waiting,
) -> Result<Vec<Outcome>, NotWritten> {
    let (tenant, mut writes) = (store.tenant(), Vec::new());
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    for (row, _) in waiting {
        let write = match &row.taken {
            Ok(taken) => {
                many::write_of_file(asker, plan.resource, &tenant, taken.whole.clone()).map_err(Reason::Refused)
            }
            Err(reason) => Err(reason.clone()),
        };
        outcomes.push(match write {
            Ok(write) => {
                writes.push(write);
                None
            }
            Err(reason) => Some(Outcome::Failed(reason)),
        });
    }
    let tried = store.write_several(&plan.access, at, plan.resource.name, (writes, &[]), Keep::Taken)?;
    let mut tried = tried.into_iter().map(|tried| match tried {
        Ok(_) => Outcome::Added,
        Err(refusals) => Outcome::Failed(Reason::Refused(refusals)),
    });
    Ok(outcomes.into_iter().filter_map(|known| known.or_else(|| tried.next())).collect())
}

/// What became of a row.
enum Outcome {
    Added,
    Overwritten,
    Failed(Reason),
}

/// Only a fault of the disk ends the import: what is wrong with a row is its own outcome.
fn place(batch: &mut Batch, plan: &Plan, row: &Row, dealt: u64) -> Result<Outcome, NotWritten> {
    let taken = match &row.taken {
        Ok(taken) => taken,
        Err(reason) => return Ok(Outcome::Failed(reason.clone())),
    };
    match write(batch, plan, taken, dealt) {
        Err(NotWritten::Refused(refusals)) => Ok(Outcome::Failed(Reason::Refused(refusals))),
        outcome => outcome,
    }
}

fn write(batch: &mut Batch, plan: &Plan, taken: &Taken, dealt: u64) -> Result<Outcome, NotWritten> {
    let value = batch.taken(plan.resource, with_dealt(plan, taken, dealt))?;
    let rivals = batch.rivals(plan.resource, &value, None)?;
    let Some(first) = rivals.first() else {
        batch.put_new(plan.resource, value)?;
        return Ok(Outcome::Added);
    };
    let mut ids: Vec<Id> = rivals.iter().map(|rival| rival.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let duplicate = || {
        let fields = first.fields.iter().map(|field| field.to_string()).collect();
        Ok(Outcome::Failed(Reason::Duplicate { fields, id: first.id }))
    };
    if !plan.overwrites {
        return duplicate();
    }
    if ids.len() > 1 {
        return Ok(Outcome::Failed(Reason::Rivals { ids }));
    }
    let Some((envelope, stored)) = batch.row(plan.resource, first.id)? else { return duplicate() };
    // Nobody changes a row that they do not see.
    if !plan.reaches(&stored, &envelope.created_by) {
        return duplicate();
    }
    batch.change(plan.resource, first.id, None, plan.overwriting(taken, &stored))?;
    Ok(Outcome::Overwritten)
}

/// Rows without one of their own are dealt what was chosen, in turn; one that names somebody who is not there is left
/// without (CUS-55, CUS-56).
fn with_dealt(plan: &Plan, taken: &Taken, dealt: u64) -> Map<String, Value> {
    let mut whole = taken.whole.clone();
    if let (Some(field), false) = (plan.import.dealt, plan.dealt.is_empty())
        && !whole.contains_key(field.field)
        && taken.left_out.is_none()
    {
        let turn = (dealt % plan.dealt.len() as u64) as usize;
        whole.insert(field.field.into(), plan.dealt[turn].as_str().into());
    }
    whole
}

fn note(plan: &Plan, row: &Row, outcome: &Outcome, job: &mut Job, report: &mut Report) -> io::Result<()> {
    let left_out = row.taken.as_ref().ok().and_then(|taken| taken.left_out.as_ref());
    match outcome {
        Outcome::Failed(reason) => {
            job.failed += 1;
            return report.add(plan, row, reason, false);
        }
        Outcome::Added => job.place.dealt += 1,
        Outcome::Overwritten => {}
    }
    job.succeeded += 1;
    left_out.map_or(Ok(()), |reason| report.add(plan, row, reason, true))
}

/// The file as text in UTF-8, made of what was uploaded if that is something else.
fn text(jobs: &Jobs, task: &Task, options: &Map<String, Value>) -> Result<PathBuf, Stop> {
    let number = task.job.job_number;
    let (input, path) = (jobs.files.input(number), jobs.files.text(number));
    let encoding = options.get("encoding").and_then(Value::as_str).unwrap_or("utf-8");
    let encoding = encode::named(encoding).ok_or(Stop::Failed("not_utf8"))?;
    if encoding == UTF_8 {
        let plain = encode::fits(UTF_8, File::open(&input)?)?;
        return if plain { Ok(input) } else { Err(Stop::Failed("not_utf8")) };
    }
    // Made anew after a stop: the same bytes give the same text.
    encode::to_utf8(encoding, BufReader::new(File::open(&input)?), BufWriter::new(File::create(&path)?))?;
    Ok(path)
}

fn first_record(path: &Path, separator: char) -> Result<Vec<String>, Stop> {
    match reader(path, separator, None)?.record()? {
        Some(Ok(record)) => Ok(record.cells),
        _ => Err(Stop::Failed("not_utf8")),
    }
}

fn separator(options: &Map<String, Value>) -> char {
    options.get("separator").and_then(Value::as_str).and_then(|text| text.chars().next()).unwrap_or(',')
}

fn reader(path: &Path, separator: char, at: Option<Mark>) -> io::Result<Text> {
    let mut file = File::open(path)?;
    let mut begin = [0; 3];
    let read = file.read(&mut begin)?;
    Reader::new(BufReader::new(file), separator, at.unwrap_or_else(|| Mark::first(&begin[..read])))
}

/// At the first row that is not done.
fn open(path: &Path, plan: &Plan, job: &Job) -> Result<Text, Stop> {
    if job.place.line > 0 {
        let at = Mark { byte: job.place.byte, line: job.place.line };
        return Ok(reader(path, plan.separator, Some(at))?);
    }
    let mut text = reader(path, plan.separator, None)?;
    if !plan.first_row {
        text.record()?;
    }
    Ok(text)
}

/// How many rows there are, broken ones among them.
fn count(jobs: &Jobs, task: &mut Task, path: &Path, plan: &Plan) -> Result<u64, Stop> {
    let mut text = open(path, plan, &task.job)?;
    let mut rows = 0;
    while let Some(record) = text.record()? {
        if let Ok(record) = &record
            && record.cells.len() != plan.width()
        {
            text.again_after_first_line(record)?;
        }
        rows += 1;
        if rows % 10_000 == 0 {
            task.go_on(jobs)?;
        }
    }
    Ok(rows)
}
