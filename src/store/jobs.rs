//! Background jobs as they are kept: beside the tables, so that what an import wrote and how far it is are one write.

use super::{
    NotWritten, PAGE_MAX, Page, Store,
    fault::Fault,
    table::{Batch, JOBS, file_fault},
};
use crate::{
    history::job::Job,
    schema::{Actor, Refusals, Why},
};
use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};

/// Jobs that are remembered; of those that have ended the oldest goes first.
const KEPT_MAX: u64 = 10_000;
/// Jobs that wait or run.
pub const UNFINISHED_MAX: u64 = 100;
const NUMBER: &str = "job/next";

/// Which jobs, and which part of them; newest first.
#[derive(Clone, Debug, Default)]
pub struct JobQuery {
    /// Stands in the number or the file name, letter case ignored; empty finds all (JOB-4).
    pub search: String,
    /// Only those of this person (JOB-27).
    pub by: Option<Actor>,
    /// Only those that wait or run (JOB-2).
    pub unfinished: bool,
    /// 1 to `PAGE_MAX`.
    pub limit: usize,
    /// The number of the last job of the page before.
    pub cursor: Option<u64>,
}

impl JobQuery {
    fn meets(&self, job: &Job) -> bool {
        let text = self.search.trim().to_lowercase();
        (!self.unfinished || !job.has_ended())
            && self.by.as_ref().is_none_or(|by| *by == job.created_by)
            && (job.job_number.to_string().contains(&text) || job.file_name.to_lowercase().contains(&text))
    }
}

impl Store {
    /// Refused while too many wait.
    pub fn room_for_a_job(&self) -> Result<(), NotWritten> {
        match self.unfinished_jobs()?.len() as u64 {
            UNFINISHED_MAX.. => Err(Refusals::whole(Why::LimitReached { max: UNFINISHED_MAX }).into()),
            _ => Ok(()),
        }
    }

    /// Keeps a new job under the next number (JOB-7), where there is room for it.
    pub fn add_job(&self, mut job: Job) -> Result<Job, NotWritten> {
        self.room_for_a_job()?;
        self.change_jobs(|transaction| {
            job.job_number = super::table::next_of(transaction, NUMBER)?;
            forget_oldest(transaction)?;
            put(transaction, &job)
        })?;
        Ok(job)
    }

    pub fn keep_job(&self, job: &Job) -> Result<(), NotWritten> {
        self.change_jobs(|transaction| put(transaction, job))
    }

    pub fn forget_job(&self, number: u64) -> Result<(), NotWritten> {
        self.change_jobs(|transaction| {
            let mut jobs = transaction.open_table(JOBS).map_err(file_fault)?;
            jobs.remove(number).map(drop).map_err(file_fault)
        })
    }

    pub fn job(&self, number: u64) -> Result<Option<Job>, Fault> {
        let jobs = self.tables.read()?.open_table(JOBS).map_err(file_fault)?;
        jobs.get(number).map_err(file_fault)?.map(|bytes| read(bytes.value())).transpose()
    }

    pub fn jobs(&self, query: &JobQuery) -> Result<Page<Job>, Fault> {
        let (mut page, limit) = (Page::default(), query.limit.clamp(1, PAGE_MAX));
        let jobs = self.tables.read()?.open_table(JOBS).map_err(file_fault)?;
        for job in jobs.iter().map_err(file_fault)?.rev() {
            let job = read(job.map_err(file_fault)?.1.value())?;
            if !query.meets(&job) {
                continue;
            }
            page.total += 1;
            match query.cursor {
                Some(cursor) if job.job_number >= cursor => {}
                _ if page.items.len() < limit => page.items.push(job),
                _ => page.next = page.items.last().map(|last: &Job| last.job_number.to_string()),
            }
        }
        Ok(page)
    }

    /// Those that wait or run, in the order in which they were started.
    pub fn unfinished_jobs(&self) -> Result<Vec<Job>, Fault> {
        let query = JobQuery { unfinished: true, limit: PAGE_MAX, ..JobQuery::default() };
        Ok(self.jobs(&query)?.items.into_iter().rev().collect())
    }

    fn change_jobs(&self, change: impl FnOnce(&WriteTransaction) -> Result<(), Fault>) -> Result<(), NotWritten> {
        let at = crate::time::Timestamp::default();
        self.tables.write(&self.tenant(), &Actor::System, at, |batch| Ok(change(batch.transaction())?))
    }
}

impl Batch<'_> {
    /// Keeps how far a job is, with what else is written here.
    pub fn keep_job(&self, job: &Job) -> Result<(), Fault> {
        put(self.transaction(), job)
    }
}

fn put(transaction: &WriteTransaction, job: &Job) -> Result<(), Fault> {
    let bytes = serde_json::to_vec(job).map_err(|error| file_fault(redb::Error::Corrupted(error.to_string())))?;
    let mut jobs = transaction.open_table(JOBS).map_err(file_fault)?;
    jobs.insert(job.job_number, &*bytes).map(drop).map_err(file_fault)
}

fn forget_oldest(transaction: &WriteTransaction) -> Result<(), Fault> {
    let mut jobs = transaction.open_table(JOBS).map_err(file_fault)?;
    if jobs.len().map_err(file_fault)? < KEPT_MAX {
        return Ok(());
    }
    let mut oldest = None;
    for job in jobs.iter().map_err(file_fault)? {
        let (number, bytes) = job.map_err(file_fault)?;
        if read(bytes.value())?.has_ended() {
            oldest = Some(number.value());
            break;
        }
    }
    oldest.map_or(Ok(()), |number| jobs.remove(number).map(drop).map_err(file_fault))
}

fn read(bytes: &[u8]) -> Result<Job, Fault> {
    serde_json::from_slice(bytes).map_err(|error| file_fault(redb::Error::Corrupted(error.to_string())))
}
