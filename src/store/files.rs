//! Files that rows name by what is in them: kept whole or not at all, and gone with the last row that names them.

use super::{
    Store, config,
    disk::{self, Disk},
    fault::Fault,
    filled::Need,
};
use crate::{
    model::RESOURCES,
    schema::{Resource, kind::file, kind::line::hex},
    time::Timestamp,
};
use redb::{ReadableTable, TableError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};

/// How long a file waits for a row that names it.
const WAITS: Duration = Duration::from_secs(3600);
/// Files that wait at one time; beyond it the oldest goes.
const WAITING_MAX: usize = 32;
/// After so many bytes it is looked whether the disk still has room.
const LOOK_EVERY: usize = 1 << 20;
const PART_BYTES: usize = 64 << 10;
/// What a file is called until it is whole.
const HALF: &str = ".new";

/// What is known of a kept file, under its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    /// What rows that name it show of it.
    told: Map<String, Value>,
}

/// A file that is being written; it goes again unless it is kept.
#[derive(Debug)]
pub struct NewFile {
    file: fs::File,
    path: PathBuf,
    disk: Arc<dyn Disk>,
    unlooked: usize,
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unlooked += bytes.len();
        if self.unlooked >= LOOK_EVERY {
            self.unlooked = 0;
            self.disk.room(Need::Files).map_err(|_| io::ErrorKind::StorageFull)?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for NewFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // A file that was kept has another name by now.
        let _ = fs::remove_file(&self.path);
    }
}

impl Store {
    /// A new empty file beside those that are kept. `name` is one that no other has.
    pub fn new_file(&self, name: &str) -> Result<NewFile, Fault> {
        self.disk.room(Need::Files)?;
        let path = self.files_directory().join(format!("{name}{HALF}"));
        let file = fs::OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|error| fault(&path, error))?;
        Ok(NewFile { file, path, disk: self.disk.clone(), unlooked: 0 })
    }

    /// A file that lies beside those that are kept already, under a name that goes with the next start.
    pub fn half_file(&self, name: &str) -> Result<NewFile, Fault> {
        let path = self.files_directory().join(format!("{name}{HALF}"));
        let file = fs::OpenOptions::new().read(true).write(true).open(&path).map_err(|error| fault(&path, error))?;
        Ok(NewFile { file, path, disk: self.disk.clone(), unlooked: 0 })
    }

    /// Keeps a file that is whole; gives its hash. It is on the disk before any row can name it.
    pub fn keep_file(&self, mut new: NewFile, mut told: Map<String, Value>, at: Timestamp) -> Result<String, Fault> {
        let hash = hash_of(&mut new.file).map_err(|error| fault(&new.path, error))?;
        let (directory, path) = (self.files_directory(), self.file_path(&hash));
        // One file may come as several things: what each told of it stays known.
        for (field, value) in self.told_of_file(&hash)?.into_iter().flatten() {
            told.entry(field).or_insert(value);
        }
        let kept = Kept { at, told };
        let bytes = serde_json::to_string(&kept).map_err(|error| Fault::broken(config::FILE, error))?;
        let _door = self.locked();
        let named = new.file.sync_all().and_then(|()| fs::rename(&new.path, &path));
        named.and_then(|()| disk::sync_directory(&directory)).map_err(|error| fault(&path, error))?;
        self.change_with_room(Need::Saves, |transaction| {
            let mut files = transaction.open_table(config::FILES).map_err(config::fault)?;
            files.insert(&*hash, &*bytes).map(drop).map_err(config::fault)
        })?;
        self.let_oldest_go(&hash, at)?;
        Ok(hash)
    }

    /// Opens a kept file.
    pub fn open_file(&self, hash: &str) -> Option<fs::File> {
        file::fits(hash).then(|| fs::File::open(self.file_path(hash)).ok()).flatten()
    }

    /// What rows that name a file show of it; none: it is not kept.
    pub(super) fn told_of_file(&self, hash: &str) -> Result<Option<Map<String, Value>>, Fault> {
        let files = match config::read(&*self.config.database()?)?.open_table(config::FILES) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            files => files.map_err(config::fault)?,
        };
        let Some(kept) = files.get(hash).map_err(config::fault)? else { return Ok(None) };
        Ok(self.open_file(hash).and(Some(read(kept.value())?.told)))
    }

    /// Lets go of files that no row names any more. The door is locked.
    pub(super) fn let_go_of_files(&self, hashes: Vec<String>) {
        if hashes.is_empty() {
            return;
        }
        if let Err(fault) = self.unnamed(hashes).and_then(|gone| self.remove_files(&gone)) {
            tracing::warn!(%fault, "files that nobody needs any more are still there");
        }
    }

    /// Lets go of what no row came to name in time, and of what a power cut left behind.
    pub fn sweep_files(&self, now: Timestamp) -> Result<(), Fault> {
        // Looked for while others go on, and looked at once more when nobody can come to name one.
        let old = self.kept_files()?.into_iter().filter(|(_, kept)| kept.at + WAITS < now);
        let old = self.unnamed(old.map(|(hash, _)| hash).collect())?;
        let _door = self.locked();
        self.remove_files(&self.unnamed(old)?)
    }

    /// Files that were not whole when the power went, or of which nothing is known.
    pub(super) fn clear_half_files(&self) -> Result<(), Fault> {
        let known = self.kept_files()?;
        let directory = self.files_directory();
        let entries = fs::read_dir(&directory).map_err(|error| fault(&directory, error))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !known.contains_key(name) && path.is_file() {
                fs::remove_file(&path).map_err(|error| fault(&path, error))?;
            }
        }
        Ok(())
    }

    fn let_oldest_go(&self, newest: &str, at: Timestamp) -> Result<(), Fault> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert(newest.to_owned(), at);
        if waiting.len() <= WAITING_MAX {
            return Ok(());
        }
        let still = self.unnamed(waiting.keys().cloned().collect())?;
        waiting.retain(|hash, _| still.contains(hash));
        let mut oldest: Vec<_> = waiting.iter().filter(|(hash, _)| *hash != newest).collect();
        oldest.sort_unstable_by_key(|(_, at)| **at);
        let over = waiting.len().saturating_sub(WAITING_MAX);
        let gone: Vec<_> = oldest.into_iter().take(over).map(|(hash, _)| hash.clone()).collect();
        waiting.retain(|hash, _| !gone.contains(hash));
        self.remove_files(&gone)
    }

    /// Those of these files that no row names.
    fn unnamed(&self, mut hashes: Vec<String>) -> Result<Vec<String>, Fault> {
        let (tenant, named) = (self.tenant(), self.named_files());
        hashes.retain(|hash| !named.contains(hash));
        let mut unnamed = Vec::new();
        for hash in hashes {
            if !self.tables.name_file(&tenant, &hash)? {
                unnamed.push(hash);
            }
        }
        Ok(unnamed)
    }

    fn kept_files(&self) -> Result<BTreeMap<String, Kept>, Fault> {
        let files = match config::read(&*self.config.database()?)?.open_table(config::FILES) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(BTreeMap::new()),
            files => files.map_err(config::fault)?,
        };
        let files = files.iter().map_err(config::fault)?.map(|entry| {
            let (hash, kept) = entry.map_err(config::fault)?;
            Ok((hash.value().to_owned(), read(kept.value())?))
        });
        files.collect()
    }

    /// All that rows of the snapshot name.
    fn named_files(&self) -> BTreeSet<String> {
        let tenant = self.tenant();
        let mut named = BTreeSet::new();
        for resource in RESOURCES.iter().filter(|resource| fields(resource).next().is_some()) {
            let Some(rows) = tenant.rows_of(resource.name) else { continue };
            for (_, value) in rows.ids().into_iter().filter_map(|id| rows.row(id)) {
                named.extend(fields(resource).filter_map(|field| value[field].as_str().map(str::to_owned)));
            }
        }
        named
    }

    /// First forgotten, then removed: what the power spares is cleared at the next start.
    fn remove_files(&self, hashes: &[String]) -> Result<(), Fault> {
        if hashes.is_empty() {
            return Ok(());
        }
        self.change(|transaction| {
            let mut files = transaction.open_table(config::FILES).map_err(config::fault)?;
            hashes.iter().try_for_each(|hash| files.remove(&**hash).map(drop).map_err(config::fault))
        })?;
        for path in hashes.iter().map(|hash| self.file_path(hash)) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(&path, error)),
                _ => {}
            }
        }
        Ok(())
    }

    fn files_directory(&self) -> PathBuf {
        self.directory.join("media")
    }

    fn file_path(&self, hash: &str) -> PathBuf {
        self.files_directory().join(hash)
    }
}

/// Fields of a noun that name a file.
pub(super) fn fields(resource: &Resource) -> impl Iterator<Item = &str> {
    resource.fields().filter(|(_, schema)| schema["x-kind"] == file::KIND).map(|(field, _)| field)
}

fn read(kept: &str) -> Result<Kept, Fault> {
    serde_json::from_str(kept).map_err(|error| Fault::broken(config::FILE, error))
}

fn hash_of(file: &mut fs::File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; PART_BYTES]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&part[..read]),
        }
    }
}

fn fault(path: &Path, error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::DiskFull,
        _ => Fault::NotReachable { path: path.into(), error },
    }
}
