//! What can be wrong with the data directory: the cause, and what to do about it.

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

#[derive(Debug)]
pub enum Fault {
    /// Another process has the directory open (BOX-165).
    InUse { directory: PathBuf },
    /// A file or directory cannot be read, made or written.
    NotReachable { path: PathBuf, error: io::Error },
    /// The disk is full but for a reserve (BOX-64).
    DiskFull,
    /// A database file is damaged.
    Broken { file: String, what: String },
    /// A recording is not there, or not as it was closed.
    Recording { file: String, what: String },
    /// The disk under a database file answers with errors.
    DiskFails { file: String, what: String },
    /// The directory was written by a later version of the program.
    Newer { file: String, found: u64, known: u64 },
    /// The key file that belongs to the database is gone (BOX-57).
    KeyMissing { path: PathBuf },
    /// The key file is not the one that belongs to the database.
    KeyWrong { path: PathBuf },
    /// The machine gives no random bytes.
    NoRandom,
}

impl Fault {
    /// Data in use or not readable (BOX-172).
    pub fn exit_code(&self) -> u8 {
        4
    }

    /// The API's word and status.
    pub fn word(&self) -> (&'static str, u16) {
        match self {
            Fault::DiskFull => ("disk_full", 507),
            _ => ("broken", 500),
        }
    }

    /// What is wrong, in one line (BOX-171).
    pub fn cause(&self) -> String {
        match self {
            Fault::InUse { directory } => format!("{} is in use by another callbox", directory.display()),
            Fault::NotReachable { path, error } => format!("{} cannot be used: {error}", path.display()),
            Fault::DiskFull => "the disk is full".into(),
            Fault::Broken { file, what } => format!("{file} is damaged: {what}"),
            Fault::Recording { file, what } => format!("the recording {file} cannot be used: {what}"),
            Fault::DiskFails { file, what } => format!("the disk fails under {file}: {what}"),
            Fault::Newer { file, found, known } => {
                format!("{file} has layout {found}, written by a later version; this version knows {known}")
            }
            Fault::KeyMissing { path } => format!("{} is gone; passwords cannot be read without it", path.display()),
            Fault::KeyWrong { path } => format!("{} does not fit the database beside it", path.display()),
            Fault::NoRandom => "the machine gives no random bytes".into(),
        }
    }

    /// What to do, in one line (BOX-171).
    pub fn remedy(&self) -> &'static str {
        match self {
            Fault::InUse { .. } => "Stop the other callbox, or start this one with another --data.",
            Fault::NotReachable { .. } => "Look at the rights of the directory and its owner, or give another --data.",
            Fault::DiskFull => "Free some space on the disk; nothing that was answered with success is lost.",
            Fault::Broken { .. } | Fault::DiskFails { .. } => {
                "Look at the disk; then restore a backup into a new directory."
            }
            Fault::Recording { .. } => "Look at the disk; then put the file back from a copy, if there is one.",
            Fault::Newer { .. } => "Start the later version, or restore a backup of this one.",
            Fault::KeyMissing { .. } | Fault::KeyWrong { .. } => {
                "Put the key file of this database back, from a backup."
            }
            Fault::NoRandom => "Look at the log of the operating system.",
        }
    }

    pub(crate) fn broken(file: &str, what: impl fmt::Display) -> Fault {
        Fault::Broken { file: file.into(), what: what.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}\n{}", self.cause(), self.remedy())
    }
}

impl std::error::Error for Fault {}

/// What redb says about `file`.
pub(crate) fn of_redb(file: &str, error: impl Into<redb::Error>) -> Fault {
    match error.into() {
        redb::Error::Io(error) => match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Fault::DiskFull,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Fault::broken(file, error),
            _ => Fault::DiskFails { file: file.into(), what: error.to_string() },
        },
        error @ redb::Error::PreviousIo => Fault::DiskFails { file: file.into(), what: error.to_string() },
        error => Fault::broken(file, error),
    }
}

/// What came of work on `file`: redb falls over some that are damaged.
pub(crate) fn caught<T>(file: &str, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Fault::broken(file, "its pages do not fit together")))
}
