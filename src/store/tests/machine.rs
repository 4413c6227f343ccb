//! A disk that loses power or fails after so many writes, and what is then left on it.

use crate::{
    chance::{Chance, Seed},
    store::{Fault, Store, disk::Disk, fault::of_redb, filled::Need, seal::Seal},
};
use redb::{Builder, Database, StorageBackend};
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
};

/// A disk of a machine that loses power after so many writes.
#[derive(Clone, Debug, Default)]
pub struct Machine(Arc<Mutex<Parts>>);

#[derive(Debug, Default)]
struct Parts {
    files: BTreeMap<String, File>,
    /// Writes until the power goes.
    left: Option<u64>,
    full: bool,
}

/// What is safe, and what was written since the last sync, in order.
#[derive(Debug, Default)]
struct File {
    safe: Vec<u8>,
    now: Vec<u8>,
    unsafe_writes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Length(usize),
    Bytes(usize, Vec<u8>),
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Change::Length(length) => to.resize(*length, 0),
            Change::Bytes(offset, bytes) => {
                let end = offset + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                to[*offset..end].copy_from_slice(bytes);
            }
        }
    }
}

impl Machine {
    /// After so many writes nothing is written any more.
    pub fn powered_for(&self, writes: u64) {
        self.0.lock().unwrap().left = Some(writes);
    }

    /// Whether it wrote all that it was asked to.
    pub fn is_powered(&self) -> bool {
        self.0.lock().unwrap().left != Some(0)
    }

    /// The disk works again, and has what it had.
    pub fn powered_again(&self) {
        self.0.lock().unwrap().left = None;
    }

    pub fn fill(&self, full: bool) {
        self.0.lock().unwrap().full = full;
    }

    /// The power is back: of what was not synced each write is there, gone, or torn.
    pub fn restart(&self, seed: u64) {
        let mut chance = Chance::new(Seed::from(seed));
        let mut parts = self.0.lock().unwrap();
        parts.left = None;
        for file in parts.files.values_mut() {
            for change in std::mem::take(&mut file.unsafe_writes) {
                match (chance.below(3), change) {
                    (0, _) => {}
                    (1, Change::Bytes(offset, bytes)) => {
                        let part = chance.below(bytes.len() as u32) as usize / 512 * 512;
                        Change::Bytes(offset, bytes[..part].to_vec()).apply(&mut file.safe);
                    }
                    (_, change) => change.apply(&mut file.safe),
                }
            }
            file.now = file.safe.clone();
        }
    }

    pub fn store(&self) -> Result<Store, Fault> {
        Store::on(Arc::new(self.clone()), Seal::of(&[3; 32]).unwrap())
    }
}

impl Disk for Machine {
    fn open(&self, name: &str, cache_bytes: usize) -> Result<Database, Fault> {
        self.0.lock().unwrap().files.entry(name.into()).or_default();
        let backend = Backend { machine: self.clone(), name: name.into() };
        let opened = Builder::new().set_cache_size(cache_bytes).create_with_backend(backend);
        opened.map_err(|error| of_redb(name, error))
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        Ok(self.0.lock().unwrap().files.keys().cloned().collect())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Fault> {
        assert!(!to.contains("broken"), "{from} is broken after a power cut");
        let mut parts = self.0.lock().unwrap();
        powered(&mut parts).map_err(|error| of_redb(from, redb::Error::Io(error)))?;
        let file = parts.files.remove(from).unwrap();
        parts.files.insert(to.into(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Fault> {
        self.0.lock().unwrap().files.remove(name);
        Ok(())
    }

    fn room(&self, _: Need) -> Result<(), Fault> {
        if self.0.lock().unwrap().full { Err(Fault::DiskFull) } else { Ok(()) }
    }
}

#[derive(Debug)]
struct Backend {
    machine: Machine,
    name: String,
}

impl Backend {
    fn change(&self, change: Change) -> Result<(), io::Error> {
        let mut parts = self.machine.0.lock().unwrap();
        powered(&mut parts)?;
        let file = parts.files.get_mut(&self.name).unwrap();
        change.apply(&mut file.now);
        file.unsafe_writes.push(change);
        Ok(())
    }
}

fn powered(parts: &mut Parts) -> Result<(), io::Error> {
    match &mut parts.left {
        Some(0) => Err(io::Error::other("no power")),
        Some(left) => {
            *left -= 1;
            Ok(())
        }
        None => Ok(()),
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.machine.0.lock().unwrap().files[&self.name].now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let parts = self.machine.0.lock().unwrap();
        let from = offset as usize;
        let bytes = parts.files[&self.name].now.get(from..from + out.len());
        out.copy_from_slice(bytes.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        self.change(Change::Length(length as usize))
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        let mut parts = self.machine.0.lock().unwrap();
        powered(&mut parts)?;
        let file = parts.files.get_mut(&self.name).unwrap();
        file.safe = file.now.clone();
        file.unsafe_writes.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.change(Change::Bytes(offset as usize, data.to_vec()))
    }
}
