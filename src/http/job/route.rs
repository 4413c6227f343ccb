//! The page of background jobs: listed, downloaded, cancelled, deleted (JOB-2 to JOB-31).

use super::{
    super::{
        Panel,
        audit::Done,
        body, on_disk,
        parts::{self, Parts},
        query::{self, Query},
        records,
        refused::Refused,
        several::Several,
        site::Asker,
    },
    encode::Encode,
};
use crate::{
    history::job::{Job, JobStatus, JobType},
    model::{self, Person, Preferences, Settings},
    schema::{Action, Actor, Id, Tenant},
    store::{JobQuery, PAGE_MAX, Page},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::PathBuf,
    sync::Arc,
};

const PART_BYTES: usize = 64 * 1024;

/// `GET /panel/jobs`: those that wait or run; with `all` every one that there ever was.
pub async fn list(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asked.only(&["search", "all", "limit", "cursor"])?;
    let wanted = JobQuery {
        limit: asked.limit(&asker)?,
        cursor: asked.text("cursor").and_then(|cursor| cursor.parse().ok()),
        ..condition(&asker, asked.text("search"), asked.text("all") == Some("true"))
    };
    let store = panel.door.store.clone();
    let page = on_disk(move || Ok(store.jobs(&wanted)?)).await?;
    let tenant = panel.door.store.tenant();
    let items = page.items.into_iter().map(|job| shown(&asker, &tenant, panel.jobs.fresh(job))).collect();
    Ok(Json(query::page(&asker, Page { items, next: page.next, total: page.total })))
}

/// `GET /panel/jobs/{number}`
pub async fn one(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(number): Path<String>,
) -> Result<Json<Value>, Refused> {
    let job = found(&panel, &asker, &number).await?;
    Ok(Json(shown(&asker, &panel.door.store.tenant(), job)))
}

/// `DELETE /panel/jobs/{number}`: a job that has ended goes, one that waits or runs is cancelled (JOB-28, JOB-29).
pub async fn remove(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(number): Path<String>,
) -> Result<StatusCode, Refused> {
    let job = found(&panel, &asker, &number).await?;
    may_remove(&asker, &job)?;
    on_disk(move || remove_one(&panel, &job)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /panel/jobs/count`: how many a condition names (LST-15).
pub async fn count(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let given = body::object(body).await?;
    Ok(Json(json!({ "count": chosen(&panel, &asker, &given).await?.0.len() })))
}

/// `POST /panel/jobs/delete`: those that were ticked, or all that meet the search (LST-14, JOB-5).
pub async fn remove_several(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let given = body::object(body).await?;
    let (jobs, unknown) = chosen(&panel, &asker, &given).await?;
    let mut several = Several::default();
    unknown.iter().for_each(|number| several.note(number, Err(Refused::not_found())));
    for job in jobs {
        let (number, panel) = (job.job_number.to_string(), panel.clone());
        let done = match may_remove(&asker, &job) {
            Ok(()) => on_disk(move || remove_one(&panel, &job)).await,
            refused => refused,
        };
        several.note(&number, done);
    }
    Ok(several.told())
}

/// `GET /panel/jobs/{number}/file`: the uploaded file of an import, the file that an export made (JOB-25, JOB-26).
pub async fn file(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(number): Path<String>,
) -> Result<Response, Refused> {
    let job = own(&panel, &asker, &number).await?;
    still_kept(&panel, &job)?;
    still_may(&asker, &job)?;
    let ready = job.job_type == JobType::Import || job.status == JobStatus::Done;
    if !job.has_ended() || !ready {
        return Err(Refused::not_found());
    }
    let files = panel.jobs.files();
    let path = if job.job_type == JobType::Import { files.input(job.job_number) } else { files.output(job.job_number) };
    let kind = if job.file_name.ends_with(".zip") {
        "application/zip".to_string()
    } else if job.job_type == JobType::Import {
        "text/csv".into()
    } else {
        encoding(&panel).charset_kind()
    };
    send(path, &job.file_name, &kind, |from, parts| {
        let mut from = from;
        let mut bytes = vec![0; PART_BYTES];
        loop {
            let read = from.read(&mut bytes)?;
            if read == 0 || !parts.send(bytes[..read].to_vec()) {
                return Ok(());
            }
        }
    })
    .await
}

/// `GET /panel/jobs/{number}/failed`: rows of an import that failed, each with its line and the reason (JOB-20).
pub async fn failed(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(number): Path<String>,
) -> Result<Response, Refused> {
    let job = own(&panel, &asker, &number).await?;
    still_kept(&panel, &job)?;
    if job.reported == 0 || !job.has_ended() {
        return Err(Refused::not_found());
    }
    let encode = encoding(&panel);
    let name = format!("{}_rows.csv", job.file_name.trim_end_matches(".csv"));
    let path = panel.jobs.files().reported(job.job_number);
    send(path, &name, &encode.charset_kind(), move |from, parts| {
        let mut part = encode.begin().to_vec();
        for line in from.split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned() + "\n";
            part.extend(encode.bytes(line));
            if part.len() >= PART_BYTES && !parts.send(std::mem::take(&mut part)) {
                return Ok(());
            }
        }
        parts.send(part);
        Ok(())
    })
    .await
}

fn still_kept(panel: &Panel, job: &Job) -> Result<(), Refused> {
    if super::age::is_over(job, (panel.door.clock)().wall) { Err(Refused::file_expired()) } else { Ok(()) }
}

/// A file that was made of rows is for whoever may still have them.
fn still_may(asker: &Asker, job: &Job) -> Result<(), Refused> {
    if job.page == records::export::PAGE {
        return Ok(asker.access.must("call_record.export")?);
    }
    let exported = model::resource(&job.page).filter(|_| job.job_type == JobType::Export);
    exported.map_or(Ok(()), |resource| asker.must(resource, Action::Export.word()))
}

async fn send(
    path: PathBuf,
    name: &str,
    kind: &str,
    write: impl FnOnce(BufReader<File>, &Parts) -> io::Result<()> + Send + 'static,
) -> Result<Response, Refused> {
    let opened = on_disk(move || Ok(File::open(path))).await?;
    let from = opened.map(BufReader::new).map_err(|_| Refused::file_expired())?;
    let body = parts::made(move |parts| {
        if let Err(error) = write(from, parts) {
            tracing::error!(%error, "the file of a job could not be read to its end");
        }
    });
    let body = body.await;
    let kind = [(header::CONTENT_TYPE, kind.to_string()), (header::CONTENT_DISPOSITION, super::disposition(name))];
    Ok((kind, Extension(Done("download job".into())), body).into_response())
}

fn encoding(panel: &Panel) -> Encode {
    Encode::of(Preferences::of(&panel.door.store.tenant()).export_encoding)
}

fn condition(asker: &Asker, search: Option<&str>, all: bool) -> JobQuery {
    let by = (!sees_all(asker)).then(|| asker.actor());
    JobQuery { search: search.unwrap_or_default().into(), by, unfinished: !all, ..JobQuery::default() }
}

/// JOB-27: agents see their own, whatever the role.
fn sees_all(asker: &Asker) -> bool {
    !matches!(asker.access.by, Actor::Agent(_)) && asker.access.may("job.view")
}

async fn found(panel: &Arc<Panel>, asker: &Asker, number: &str) -> Result<Job, Refused> {
    let number = number.parse().map_err(|_| Refused::not_found())?;
    let asked = panel.clone();
    let job = on_disk(move || Ok(asked.jobs.one(number)?)).await?;
    job.filter(|job| job.created_by == asker.actor() || sees_all(asker)).ok_or_else(Refused::not_found)
}

/// A job of the asker's own; that of another is known, its file is not given (JOB-26).
async fn own(panel: &Arc<Panel>, asker: &Asker, number: &str) -> Result<Job, Refused> {
    let parsed = number.parse().map_err(|_| Refused::not_found())?;
    let asked = panel.clone();
    let job = on_disk(move || Ok(asked.jobs.one(parsed)?)).await?.ok_or_else(Refused::not_found)?;
    if job.created_by == asker.actor() { Ok(job) } else { Err(Refused::not_creator()) }
}

/// The own ones need no right.
fn may_remove(asker: &Asker, job: &Job) -> Result<(), Refused> {
    let others = sees_all(asker) && asker.access.may("job.delete");
    if job.created_by == asker.actor() || others { Ok(()) } else { Err(Refused::forbidden()) }
}

fn remove_one(panel: &Panel, job: &Job) -> Result<(), Refused> {
    if panel.jobs.cancel(job.job_number)? {
        return Ok(());
    }
    panel.door.store.forget_job(job.job_number)?;
    panel.jobs.files().remove(job.job_number);
    panel.jobs.forget(job.job_number);
    Ok(())
}

/// The jobs that a body names by `ids`, or by `search` and `all`, and texts that are the number of none.
async fn chosen(
    panel: &Arc<Panel>,
    asker: &Asker,
    given: &Map<String, Value>,
) -> Result<(Vec<Job>, Vec<String>), Refused> {
    let wrong = |field: &str, why: &str| Refused::invalid(field, json!({ "why": why }));
    if let Some(field) = given.keys().find(|field| !["ids", "search", "all"].contains(&field.as_str())) {
        return Err(wrong(field, "unknown"));
    }
    let Some(ids) = given.get("ids") else {
        let said = |field: &str| given.get(field).filter(|said| !said.is_null());
        let search = said("search").map(|search| search.as_str().ok_or_else(|| wrong("search", "type"))).transpose()?;
        let all = said("all").map(|all| all.as_bool().ok_or_else(|| wrong("all", "type"))).transpose()?;
        let mut wanted = condition(asker, search, all.unwrap_or_default());
        wanted.limit = PAGE_MAX;
        return every(panel, wanted).await.map(|jobs| (jobs, Vec::new()));
    };
    let ids = ids.as_array().ok_or_else(|| wrong("ids", "type"))?;
    let (mut jobs, mut unknown) = (Vec::new(), Vec::new());
    for id in ids {
        let id = id.as_str().ok_or_else(|| wrong("ids", "type"))?;
        match found(panel, asker, id).await {
            Ok(job) => jobs.push(job),
            Err(_) => unknown.push(id.to_string()),
        }
    }
    Ok((jobs, unknown))
}

async fn every(panel: &Arc<Panel>, mut wanted: JobQuery) -> Result<Vec<Job>, Refused> {
    let store = panel.door.store.clone();
    on_disk(move || {
        let mut jobs = Vec::new();
        loop {
            let page = store.jobs(&wanted)?;
            jobs.extend(page.items);
            wanted.cursor = page.next.and_then(|next| next.parse().ok());
            if wanted.cursor.is_none() {
                return Ok(jobs);
            }
        }
    })
    .await
}

/// JOB-6
pub fn shown(asker: &Asker, tenant: &Tenant, job: Job) -> Value {
    let own = job.created_by == asker.actor();
    json!({
        "id": job.job_number.to_string(),
        "job_number": job.job_number.to_string(),
        "job_type": job.job_type,
        "page": job.page,
        "server_name": Settings::of(tenant).name,
        "file_name": job.file_name,
        "status": job.status,
        "options": job.options.to_string(),
        "total": job.total,
        "processed": job.processed(),
        "succeeded": job.succeeded,
        "failed": job.failed,
        "reported": job.reported,
        "created_by": name(tenant, &job.created_by),
        "created_at": job.created_at,
        "ended_at": job.ended_at,
        "failure_reason": job.failure_reason,
        "own": own,
        "may_delete": may_remove(asker, &job).is_ok(),
    })
}

fn name(tenant: &Tenant, by: &Actor) -> Option<String> {
    match by {
        Actor::Account(id) => Person::Account(Id(*id)).username(tenant),
        Actor::Agent(id) => Person::Agent(Id(*id)).username(tenant),
        Actor::Api => Some("api".into()),
        Actor::System => None,
    }
}
