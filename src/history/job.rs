//! A long import or export (JOB rows): what it was asked to do, how far it is, and what came of it.

use crate::{schema::Actor, time::Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub job_number: u64,
    pub job_type: JobType,
    /// The path of the list on which it was started.
    pub page: String,
    pub file_name: String,
    pub status: JobStatus,
    /// The choices with which it was started.
    pub options: Value,
    /// None until it is known.
    pub total: Option<u64>,
    pub succeeded: u64,
    pub failed: u64,
    /// Rows in the file of those that somebody should look at: all that failed, and some that were taken only in part.
    pub reported: u64,
    pub created_by: Actor,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// One word of `JOB_FAILURES`.
    pub failure_reason: Option<String>,
    /// How far an import is in its file.
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobType {
    Import,
    Export,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// Where an import goes on; kept together with the rows that it wrote, so that none is written twice (JOB-30).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The first byte that was not read yet, and its line from 1.
    pub byte: u64,
    pub line: u64,
    /// How long the file of reported rows is.
    pub reported_bytes: u64,
    /// Rows that took a turn of what is dealt.
    pub dealt: u64,
}

/// Why a job as a whole failed (JOB-19).
pub const JOB_FAILURES: &[&str] =
    &["forbidden", "file_missing", "not_utf8", "not_there", "disk_full", "broken", "lines_wrong", "too_many_rows"];

impl Job {
    pub fn processed(&self) -> u64 {
        self.succeeded + self.failed
    }

    pub fn has_ended(&self) -> bool {
        !matches!(self.status, JobStatus::Waiting | JobStatus::Running)
    }
}
