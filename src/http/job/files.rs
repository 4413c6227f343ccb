//! The files of jobs: `jobs/<number>.in`, `.out` and `.rows` under the data directory.

use crate::store::Fault;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const UPLOAD: &str = "upload-";

#[derive(Clone, Debug)]
pub struct Files {
    directory: PathBuf,
}

impl Files {
    pub fn new(directory: PathBuf) -> Files {
        Files { directory }
    }

    /// What was uploaded for an import, as it came.
    pub fn input(&self, number: u64) -> PathBuf {
        self.of(number, "in")
    }

    /// The same in UTF-8, where it came in another encoding.
    pub fn text(&self, number: u64) -> PathBuf {
        self.of(number, "text")
    }

    /// What an export made.
    pub fn output(&self, number: u64) -> PathBuf {
        self.of(number, "out")
    }

    /// Rows of an import that somebody should look at.
    pub fn reported(&self, number: u64) -> PathBuf {
        self.of(number, "rows")
    }

    /// An upload that no job has taken yet.
    pub fn upload(&self, token: &str) -> PathBuf {
        self.directory.join(format!("{UPLOAD}{token}"))
    }

    /// All files of a job.
    pub fn remove(&self, number: u64) {
        for path in [self.input(number), self.text(number), self.output(number), self.reported(number)] {
            remove(&path);
        }
    }

    /// Uploads of before the last start belong to nobody.
    pub fn forget_uploads(&self) {
        for path in self.all().filter(|path| name(path).starts_with(UPLOAD)) {
            remove(&path);
        }
    }

    /// Jobs that have files.
    pub fn numbers(&self) -> Vec<u64> {
        let mut numbers: Vec<u64> = self.all().filter_map(|path| name(&path).split('.').next()?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn all(&self) -> impl Iterator<Item = PathBuf> {
        fs::read_dir(&self.directory).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
    }

    fn of(&self, number: u64, what: &str) -> PathBuf {
        self.directory.join(format!("{number}.{what}"))
    }
}

pub fn fault(path: &Path, error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::DiskFull,
        _ => Fault::NotReachable { path: path.into(), error },
    }
}

pub fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "a file of a job could not be removed");
        }
        _ => {}
    }
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
