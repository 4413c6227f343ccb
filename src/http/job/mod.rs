//! Background jobs (JOB rows): long imports and exports, two at a time, in the order in which they were started.
//!
//! They run on threads of their own that stand back for everything else of the box, write in small batches, and go on
//! after a restart where they were.

pub mod age;
pub mod begin;
pub mod cell;
pub mod encode;
pub mod export;
pub mod files;
pub mod import;
pub mod route;
mod settle;
pub mod sheets;
pub mod task;
pub mod upload;

use super::Door;
use crate::{
    history::job::{Job, JobStatus, JobType, Place},
    schema::Actor,
    store::{Fault, NotWritten},
    time::Timestamp,
};
use files::Files;
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use task::Task;
use tokio::sync::watch;
use upload::Uploads;

/// JOB-23
const AT_ONCE: usize = 2;
/// Ended jobs that pages are still told of.
const ENDED_KEPT: usize = 50;
const LATELY: Duration = Duration::from_secs(3600);
/// How long jobs stand still before they look again whether the box has time for them.
const STAND_BACK: Duration = Duration::from_secs(1);

/// All jobs that wait or run, and who works on them.
pub struct Jobs {
    door: Arc<Door>,
    files: Files,
    pub uploads: Uploads,
    state: Mutex<State>,
    woken: Condvar,
    newest: watch::Sender<u64>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct State {
    /// By their numbers, which are their order.
    unfinished: BTreeMap<u64, Unfinished>,
    ended: VecDeque<Job>,
    wanted: settle::Wanted,
    stopping: bool,
}

struct Unfinished {
    job: Job,
    taken: bool,
    cancelled: Arc<AtomicBool>,
}

impl Jobs {
    /// Goes on with what the last stop cut short (JOB-30).
    pub fn start(door: Arc<Door>) -> Result<Arc<Jobs>, Fault> {
        let files = Files::new(door.store.jobs_directory());
        files.forget_uploads();
        let mut state = State::default();
        for job in door.store.unfinished_jobs()? {
            let unfinished = Unfinished { job, taken: false, cancelled: Arc::default() };
            state.unfinished.insert(unfinished.job.job_number, unfinished);
        }
        let jobs = Arc::new(Jobs {
            door,
            uploads: Uploads::new(files.clone()),
            files,
            state: Mutex::new(state),
            woken: Condvar::new(),
            newest: watch::Sender::new(0),
            threads: Mutex::default(),
        });
        for number in 0..AT_ONCE {
            jobs.spawn(&format!("job/{number}"), |jobs| jobs.work())?;
        }
        jobs.follow();
        jobs.spawn("settle", |jobs| jobs.settle())?;
        Ok(jobs)
    }

    fn spawn(self: &Arc<Jobs>, name: &str, work: fn(&Jobs)) -> Result<(), Fault> {
        let jobs = self.clone();
        let thread = thread::Builder::new().name(name.into()).spawn(move || work(&jobs));
        let thread = thread.map_err(|error| Fault::NotReachable { path: "background jobs".into(), error })?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Returns when nobody works any more; what runs goes on at the next start.
    pub fn stop(&self) {
        self.locked().stopping = true;
        self.woken.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of background jobs fell over");
            }
        }
    }

    /// Takes a job on; `ready` is given its number before anybody works on it.
    pub fn begin(&self, job: Job, ready: impl FnOnce(&Files, u64) -> std::io::Result<()>) -> Result<u64, NotWritten> {
        let job = self.door.store.add_job(job)?;
        let number = job.job_number;
        if let Err(error) = ready(&self.files, number) {
            self.door.store.forget_job(number)?;
            return Err(files::fault(&self.files.input(number), error).into());
        }
        self.locked().unfinished.insert(number, Unfinished { job, taken: false, cancelled: Arc::default() });
        self.tell();
        Ok(number)
    }

    /// Stops a job that waits or runs: one that nobody works on is over at once. False: it has ended.
    pub fn cancel(&self, number: u64) -> Result<bool, NotWritten> {
        let mut state = self.locked();
        let Some(unfinished) = state.unfinished.get_mut(&number) else { return Ok(false) };
        if std::mem::replace(&mut unfinished.taken, true) {
            unfinished.cancelled.store(true, Ordering::Release);
            drop(state);
            self.woken.notify_all();
            return Ok(true);
        }
        let mut job = unfinished.job.clone();
        drop(state);
        end(&mut job, JobStatus::Cancelled, self.now());
        let kept = self.door.store.keep_job(&job);
        let mut state = self.locked();
        if let Err(why) = kept {
            // It waits as before.
            state.unfinished.get_mut(&number).into_iter().for_each(|unfinished| unfinished.taken = false);
            drop(state);
            self.woken.notify_all();
            return Err(why);
        }
        state.unfinished.remove(&number);
        drop(state);
        self.ended(job);
        Ok(true)
    }

    /// A job as it is this moment, also while it runs.
    pub fn one(&self, number: u64) -> Result<Option<Job>, Fault> {
        let running = self.locked().unfinished.get(&number).map(|unfinished| unfinished.job.clone());
        running.map_or_else(|| self.door.store.job(number), |job| Ok(Some(job)))
    }

    /// The same with how far those that run are.
    pub fn fresh(&self, job: Job) -> Job {
        self.locked().unfinished.get(&job.job_number).map_or(job, |unfinished| unfinished.job.clone())
    }

    /// What somebody started: those that wait or run, and those that ended lately (JOB-22).
    pub fn of(&self, by: &Actor) -> Vec<Job> {
        let (state, now) = (self.locked(), self.now());
        let lately = |job: &&Job| job.ended_at.is_some_and(|ended| now < ended + LATELY);
        let unfinished = state.unfinished.values().map(|unfinished| &unfinished.job);
        unfinished.chain(state.ended.iter().filter(lately)).filter(|job| job.created_by == *by).cloned().collect()
    }

    /// Tells when there is something new of a job.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    pub fn door(&self) -> &Arc<Door> {
        &self.door
    }

    pub fn files(&self) -> &Files {
        &self.files
    }

    fn work(&self) {
        task::stand_back();
        while let Some(task) = self.next() {
            let job = task.run(self);
            let number = job.job_number;
            if job.has_ended() {
                tracing::info!(number, status = ?job.status, reason = job.failure_reason, "a background job has ended");
                if let Err(why) = self.door.store.keep_job(&job) {
                    tracing::error!(%why, number, "the end of a job could not be kept; it is done again at the next start");
                }
                self.locked().unfinished.remove(&number);
                self.ended(job);
            }
        }
    }

    /// The next that waits, when the box has time for it. None: the box stops.
    fn next(&self) -> Option<Task> {
        let mut state = self.locked();
        loop {
            if state.stopping {
                return None;
            }
            if let Some(unfinished) = state.unfinished.values_mut().find(|unfinished| !unfinished.taken) {
                unfinished.taken = true;
                unfinished.job.status = JobStatus::Running;
                return Some(Task::new(unfinished.job.clone(), unfinished.cancelled.clone()));
            }
            state = self.woken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts how far a job is where everybody sees it.
    fn show(&self, job: &Job) {
        if let Some(unfinished) = self.locked().unfinished.get_mut(&job.job_number) {
            unfinished.job = job.clone();
        }
        self.tell();
    }

    fn ended(&self, job: Job) {
        let mut state = self.locked();
        state.ended.push_back(job);
        if state.ended.len() > ENDED_KEPT {
            state.ended.pop_front();
        }
        drop(state);
        self.tell();
    }

    /// A job whose entry is removed is not told of any more.
    pub fn forget(&self, number: u64) {
        self.locked().ended.retain(|job| job.job_number != number);
        self.tell();
    }

    fn tell(&self) {
        self.woken.notify_all();
        self.newest.send_modify(|newest| *newest += 1);
    }

    /// Stands still while calls need the box (JOB-24, BOX-134).
    fn give_way(&self, cancelled: &AtomicBool) {
        let mut state = self.locked();
        while !state.stopping && !cancelled.load(Ordering::Acquire) && self.door.live.refusing() {
            state = self.woken.wait_timeout(state, STAND_BACK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Leaves the disk to others for so long.
    fn rest(&self, cancelled: &AtomicBool, length: Duration) {
        let goes_on = |state: &mut State| !state.stopping && !cancelled.load(Ordering::Acquire);
        drop(self.woken.wait_timeout_while(self.locked(), length, goes_on));
    }

    fn is_stopping(&self) -> bool {
        self.locked().stopping
    }

    fn now(&self) -> Timestamp {
        (self.door.clock)().wall
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end(job: &mut Job, status: JobStatus, at: Timestamp) {
    job.status = status;
    job.ended_at = Some(at);
}

/// A job that nobody has begun.
pub fn new(job_type: JobType, page: &str, by: Actor, at: Timestamp, file_name: String, options: Value) -> Job {
    Job {
        job_number: 0,
        job_type,
        page: page.into(),
        file_name,
        status: JobStatus::Waiting,
        options,
        total: None,
        succeeded: 0,
        failed: 0,
        reported: 0,
        created_by: by,
        created_at: at,
        ended_at: None,
        failure_reason: None,
        place: Place::default(),
    }
}

/// Tells a browser to keep an answer as a file of this name (RFC 6266, RFC 8187).
pub fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let mut coded = String::new();
    for byte in name.bytes() {
        if is_plain(char::from(byte)) && byte.is_ascii() {
            coded.push(char::from(byte));
        } else {
            coded += &format!("%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_')
}
