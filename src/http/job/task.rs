//! One job while somebody works on it.

use super::{super::records, Jobs, end, export, import};
use crate::{
    history::job::{Job, JobStatus, JobType},
    model::Person,
    schema::{Access, Actor, Id, Refusals, Tenant},
    store::{Fault, NotWritten},
    time::{Timestamp, Uptime},
};
use nix::libc;
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// The lowest priority that still gets a share of a busy machine: a job holds the write door while it writes.
const NICE: i32 = 19;
/// The last of the best-effort class, for the disk.
const IO_CLASS: libc::c_int = (2 << 13) | 7;

const REST_MAX: Duration = Duration::from_millis(100);

pub struct Task {
    pub job: Job,
    cancelled: Arc<AtomicBool>,
}

/// Why work on a job ends before it is done.
#[derive(Debug)]
pub enum Stop {
    /// Somebody cancelled it.
    Cancelled,
    /// The box stops; it goes on at the next start.
    Later,
    /// It cannot be done; a word of `JOB_FAILURES`.
    Failed(&'static str),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        tracing::error!(%fault, "the store could not do what a background job asked");
        Stop::Failed(if matches!(fault, Fault::DiskFull) { "disk_full" } else { "broken" })
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        tracing::error!(%error, "a file of a background job");
        Stop::Failed(match error.kind() {
            io::ErrorKind::NotFound => "file_missing",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "disk_full",
            _ => "broken",
        })
    }
}

impl From<Refusals> for Stop {
    fn from(refusals: Refusals) -> Stop {
        Stop::Failed(if refusals.word().0 == "forbidden" { "forbidden" } else { "not_there" })
    }
}

impl From<NotWritten> for Stop {
    fn from(not_written: NotWritten) -> Stop {
        match not_written {
            NotWritten::Refused(refusals) => refusals.into(),
            NotWritten::Fault(fault) => fault.into(),
        }
    }
}

impl Task {
    pub fn new(job: Job, cancelled: Arc<AtomicBool>) -> Task {
        Task { job, cancelled }
    }

    /// The job as it is afterwards: it has ended, or the box stops.
    pub fn run(mut self, jobs: &Jobs) -> Job {
        jobs.show(&self.job);
        let worked = catch_unwind(AssertUnwindSafe(|| match self.job.job_type {
            JobType::Export if self.job.page == records::export::PAGE => records::export::run(jobs, &mut self),
            JobType::Export => export::run(jobs, &mut self),
            JobType::Import => import::run(jobs, &mut self),
        }));
        let at = jobs.now();
        match worked {
            Ok(Ok(())) => end(&mut self.job, JobStatus::Done, at),
            Ok(Err(Stop::Cancelled)) => end(&mut self.job, JobStatus::Cancelled, at),
            Ok(Err(Stop::Later)) => {}
            Ok(Err(Stop::Failed(why))) => self.fail(why, at),
            Err(_) => self.fail("broken", at),
        }
        self.job
    }

    fn fail(&mut self, why: &str, at: Timestamp) {
        self.job.failure_reason = Some(why.into());
        end(&mut self.job, JobStatus::Failed, at);
    }

    /// Asked between two small pieces of work: tells how far it is (JOB-15), stands back for calls, and says whether to go on.
    pub fn go_on(&self, jobs: &Jobs) -> Result<(), Stop> {
        jobs.show(&self.job);
        jobs.give_way(&self.cancelled);
        if self.cancelled.load(Ordering::Acquire) {
            return Err(Stop::Cancelled);
        }
        if jobs.is_stopping() { Err(Stop::Later) } else { Ok(()) }
    }

    /// After a batch the disk is left to others as long as the batch had it, for people wait for theirs (JOB-24).
    pub fn rest(&self, jobs: &Jobs, began: Uptime) {
        let length = (jobs.door.clock)().up.since(began).min(REST_MAX);
        jobs.rest(&self.cancelled, length);
    }

    /// What whoever started it may do now: rights that were taken away meanwhile are gone.
    pub fn access(&self, tenant: &Tenant) -> Result<Access, Stop> {
        let person = match self.job.created_by {
            Actor::Account(id) => Person::Account(Id(id)),
            Actor::Agent(id) => Person::Agent(Id(id)),
            Actor::Api | Actor::System => return Ok(Access::whole(self.job.created_by.clone())),
        };
        let access = person.access(tenant).filter(|_| person.is_enabled(tenant));
        access.ok_or(Stop::Failed("forbidden"))
    }
}

/// This thread comes after all others, for the processor and for the disk.
pub fn stand_back() {
    let own = nix::unistd::gettid().as_raw();
    // SAFETY: both take plain numbers; 1 names one thread by its number.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, own as libc::id_t, NICE);
        libc::syscall(libc::SYS_ioprio_set, 1, own, IO_CLASS);
    }
}
