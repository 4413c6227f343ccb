//! The directory with all data: its lock, its layout, and how its database files are opened (BOX-56).

use super::{
    fault::{Fault, caught, of_redb},
    filled::{self, Need},
};
use redb::{Builder, Database};
use std::{
    fmt, fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Cache of the file with the configuration, of the running month, and of each earlier month that is being read:
/// 20 MB with all months of `record_days`; of the tables, which the system caches beside us, as much as a batch needs.
pub const TABLES_CACHE_BYTES: usize = 8 << 20;
pub const CONFIG_CACHE_BYTES: usize = 2 << 20;
/// Of the newest month, which is written all the time and seldom read: pages that stay would hold the memory of a busy
/// hour around them, and make no call cheaper.
pub const MONTH_CACHE_BYTES: usize = 64 << 10;
pub const OLD_MONTH_CACHE_BYTES: usize = 512 << 10;

/// Where database files lie. The tests give one that loses power.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Opens a database file, new if it is not there.
    fn open(&self, name: &str, cache_bytes: usize) -> Result<Database, Fault>;
    /// All file names.
    fn names(&self) -> Result<Vec<String>, Fault>;
    /// Gives a file another name, at once and for good; a file that has that name goes.
    fn rename(&self, from: &str, to: &str) -> Result<(), Fault>;
    fn remove(&self, name: &str) -> Result<(), Fault>;
    /// `DiskFull` if too little is free to write this.
    fn room(&self, need: Need) -> Result<(), Fault>;
}

/// Opens a database file; a new one gets its name when it is whole, for redb cannot open one that a power cut left
/// half made.
pub fn open(disk: &dyn Disk, name: &str, cache_bytes: usize) -> Result<Database, Fault> {
    let names = disk.names()?;
    if !names.iter().any(|known| known == name) {
        let half = format!("{name}.new");
        if names.contains(&half) {
            disk.remove(&half)?;
        }
        drop(disk.open(&half, cache_bytes)?);
        disk.rename(&half, name)?;
    }
    disk.open(name, cache_bytes)
}

/// Keeps a broken file under another name, so that the box can begin a new one.
pub fn set_aside(disk: &dyn Disk, name: &str) -> Result<(), Fault> {
    let names = disk.names()?;
    let aside = (1..).map(|n| format!("{name}.broken-{n}")).find(|aside| !names.contains(aside));
    disk.rename(name, &aside.expect("numbers do not end"))
}

/// A real directory, locked while this lives.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// Its lock goes when the file is closed, also when the process is killed.
    _lock: fs::File,
}

impl Directory {
    /// Makes the layout of BOX-56 and locks the directory against a second process.
    pub fn lock(path: &Path) -> Result<Directory, Fault> {
        for part in ["", "recordings", "media", "certificates", "flight", "log", "backup", "jobs"] {
            let part = path.join(part);
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&part);
            made.map_err(|error| Fault::NotReachable { path: part, error })?;
        }
        let name = path.join("lock");
        let lock = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&name);
        let lock = lock.map_err(|error| Fault::NotReachable { path: name.clone(), error })?;
        match lock.try_lock() {
            Ok(()) => Ok(Directory { path: path.into(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(Fault::InUse { directory: path.into() }),
            Err(fs::TryLockError::Error(error)) => Err(Fault::NotReachable { path: name, error }),
        }
    }
}

impl Disk for Directory {
    fn open(&self, name: &str, cache_bytes: usize) -> Result<Database, Fault> {
        open_file(&self.path.join(name), name, cache_bytes)
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        let unreachable = |error| Fault::NotReachable { path: self.path.clone(), error };
        let entries = fs::read_dir(&self.path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let names = entries.map_err(unreachable)?.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
        Ok(names.collect())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Fault> {
        let to = self.path.join(to);
        let renamed = fs::rename(self.path.join(from), &to).and_then(|()| sync_directory(&self.path));
        renamed.map_err(|error| Fault::NotReachable { path: to, error })
    }

    fn remove(&self, name: &str) -> Result<(), Fault> {
        let path = self.path.join(name);
        fs::remove_file(&path).map_err(|error| Fault::NotReachable { path, error })
    }

    fn room(&self, need: Need) -> Result<(), Fault> {
        if filled::has_room(&self.path, need) { Ok(()) } else { Err(Fault::DiskFull) }
    }
}

pub(super) fn open_file(path: &Path, name: &str, cache_bytes: usize) -> Result<Database, Fault> {
    let open = || Builder::new().set_cache_size(cache_bytes).create(path);
    caught(name, || {
        open().map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Fault::InUse { directory: path.into() },
            redb::DatabaseError::Storage(redb::StorageError::Io(error)) if is_about_path(&error) => {
                Fault::NotReachable { path: path.into(), error }
            }
            error => of_redb(name, error),
        })
    })
}

fn is_about_path(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::NotFound
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// Makes a new or renamed name in the directory survive a power cut.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}
