//! Looks at stored data without changing a byte of it (BOX-167): each file is read into memory and tried there.

use super::{
    Store, config,
    disk::{Directory, Disk},
    fault::{Fault, of_redb},
    migrate,
    seal::Seal,
};
use crate::model::RESOURCES;
use redb::{Builder, Database, StorageBackend, backends::InMemoryBackend};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A directory whose files are opened as copies in memory.
#[derive(Debug)]
struct Copies {
    path: PathBuf,
}

impl Disk for Copies {
    fn open(&self, name: &str, cache_bytes: usize) -> Result<Database, Fault> {
        let path = self.path.join(name);
        let bytes = fs::read(&path).map_err(|error| Fault::NotReachable { path, error })?;
        let copy = in_memory(&bytes).map_err(|error| Fault::broken(name, error))?;
        let opened = Builder::new().set_cache_size(cache_bytes).create_with_backend(copy);
        let mut database = opened.map_err(|error| of_redb(name, error))?;
        match database.check_integrity() {
            Ok(true) => Ok(database),
            Ok(false) => Err(Fault::broken(name, "its pages do not fit together")),
            Err(error) => Err(of_redb(name, error)),
        }
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        let unreachable = |error| Fault::NotReachable { path: self.path.clone(), error };
        let entries = fs::read_dir(&self.path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        Ok(entries.map_err(unreachable)?.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }

    /// Names stay as they are.
    fn rename(&self, _: &str, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    fn remove(&self, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    fn room(&self) -> Result<(), Fault> {
        Ok(())
    }
}

fn in_memory(bytes: &[u8]) -> io::Result<InMemoryBackend> {
    let backend = InMemoryBackend::new();
    backend.set_len(bytes.len() as u64)?;
    backend.write(0, bytes)?;
    Ok(backend)
}

impl Store {
    /// Every fault found in the data of a stopped box; none: everything can be read.
    pub fn verify(path: &Path) -> Result<Vec<Fault>, Fault> {
        let _lock = Directory::lock(path)?;
        let copies = Copies { path: path.into() };
        let mut faults = Vec::new();
        if path.join(config::FILE).exists() {
            faults.extend(verify_config(&copies).err());
        }
        for name in copies.names()?.iter().filter(|name| super::months::is_month(name)) {
            faults.extend(copies.open(name, super::disk::MONTH_CACHE_BYTES).err());
        }
        Ok(faults)
    }
}

fn verify_config(copies: &Copies) -> Result<(), Fault> {
    let key = copies.path.join("key");
    let seal = Seal::open(&key, false)?;
    let config = copies.open(config::FILE, super::disk::MONTH_CACHE_BYTES)?;
    if !config::prepare(&config, &seal, migrate::LAYOUT)? {
        return Err(Fault::KeyWrong { path: key });
    }
    config::load(&config, &seal, &RESOURCES).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        history::fact::{Fact, FactNumber},
        time::Timestamp,
    };

    /// BOX-167: each fault is found, and looking changes nothing.
    #[test]
    fn faults_are_found_and_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.add_example_office(Timestamp(1_795_000_000_000)).unwrap();
        store.facts(&[(FactNumber(1), Fact::Alive(Timestamp(1_795_000_000_000)))]).unwrap();
        assert!(matches!(Store::verify(folder.path()), Err(Fault::InUse { .. })), "a running box is left alone");
        drop(store);
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        let before = read(config::FILE);
        assert!(Store::verify(folder.path()).unwrap().is_empty());
        assert_eq!(before, read(config::FILE));

        let mut names = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let month = names.find(|name| super::super::months::is_month(name)).unwrap();
        let mut damaged = read(&month);
        let middle = damaged.len() / 2;
        damaged[..middle].fill(0x5a);
        fs::write(folder.path().join(&month), &damaged).unwrap();
        fs::write(folder.path().join("key"), [7; 32]).unwrap();
        let faults = Store::verify(folder.path()).unwrap();
        assert!(matches!(&faults[..], [Fault::KeyWrong { .. }, Fault::Broken { .. }]), "{faults:?}");
        assert_eq!(damaged, read(&month));
    }
}
