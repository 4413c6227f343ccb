//! Looks at stored data without changing a byte of it (BOX-167): each file is read into memory and tried there.

use super::{
    Store, audit, config,
    disk::{Directory, MONTH_CACHE_BYTES},
    fault::{Fault, caught, of_redb},
    migrate, months,
    seal::Seal,
};
use crate::model::RESOURCES;
use redb::{Builder, Database, StorageBackend, backends::InMemoryBackend};
use std::{
    fs,
    io::{self, Read},
    path::Path,
};

/// What is read of a file at a time.
const PART_BYTES: usize = 1 << 20;

/// A directory whose files are opened as copies in memory.
struct Copies<'a> {
    path: &'a Path,
    /// The box that runs on it: it writes nothing to a file while that is copied.
    running: Option<&'a Store>,
}

impl Store {
    /// Every fault found in the data of a stopped box; none: everything can be read.
    pub fn verify(path: &Path) -> Result<Vec<Fault>, Fault> {
        let _lock = Directory::lock(path)?;
        Copies { path, running: None }.verify()
    }

    /// The same of the directory on which this box runs. What must be kept meanwhile waits for the copy of its file;
    /// takes the memory of the largest file.
    pub fn verify_running(&self, path: &Path) -> Result<Vec<Fault>, Fault> {
        Copies { path, running: Some(self) }.verify()
    }

    fn still<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        if name == config::FILE {
            return self.config.still(work);
        }
        if name == audit::FILE {
            return self.audit.still(work);
        }
        match self.months.named(name) {
            Some(month) => month.still(work),
            None => work(),
        }
    }
}

impl Copies<'_> {
    fn verify(&self) -> Result<Vec<Fault>, Fault> {
        let mut faults = Vec::new();
        if self.path.join(config::FILE).exists() {
            faults.extend(caught(config::FILE, || self.verify_config()).err());
        }
        for name in self.names()?.iter().filter(|name| months::is_month(name) || *name == audit::FILE) {
            faults.extend(caught(name, || self.open(name)).err());
        }
        Ok(faults)
    }

    fn verify_config(&self) -> Result<(), Fault> {
        let key = self.path.join("key");
        let seal = Seal::open(&key, false)?;
        let config = self.open(config::FILE)?;
        if !config::prepare(&config, &seal, migrate::LAYOUT)? {
            return Err(Fault::KeyWrong { path: key });
        }
        config::load(&config, &seal, &RESOURCES).map(drop)
    }

    fn open(&self, name: &str) -> Result<Database, Fault> {
        let path = self.path.join(name);
        let copy = match self.running {
            Some(store) => store.still(name, || in_memory(&path)),
            None => in_memory(&path),
        };
        let copy = copy.map_err(|error| Fault::NotReachable { path, error })?;
        let opened = Builder::new().set_cache_size(MONTH_CACHE_BYTES).create_with_backend(copy);
        let mut database = opened.map_err(|error| of_redb(name, error))?;
        match database.check_integrity() {
            Ok(true) => Ok(database),
            Ok(false) => Err(Fault::broken(name, "its pages do not fit together")),
            Err(error) => Err(of_redb(name, error)),
        }
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        let unreachable = |error| Fault::NotReachable { path: self.path.into(), error };
        let entries = fs::read_dir(self.path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        Ok(entries.map_err(unreachable)?.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }
}

fn in_memory(path: &Path) -> io::Result<InMemoryBackend> {
    let mut file = fs::File::open(path)?;
    let copy = InMemoryBackend::new();
    copy.set_len(file.metadata()?.len())?;
    let (mut part, mut copied) = (vec![0; PART_BYTES], 0);
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            return Ok(copy);
        }
        copy.write(copied, &part[..read])?;
        copied += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chance::{Chance, Seed},
        history::fact::{Fact, FactNumber},
        schema::{Access, Actor},
        time::Timestamp,
    };

    /// BOX-167: each fault is found, and looking changes nothing.
    #[test]
    fn faults_are_found_and_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.add_example_office(Timestamp(1_795_000_000_000)).unwrap();
        store.facts(&[(FactNumber(1), Fact::Alive(Timestamp(1_795_000_000_000)))]).unwrap();
        assert!(matches!(Store::verify(folder.path()), Err(Fault::InUse { .. })), "a running box is asked");
        assert!(store.verify_running(folder.path()).unwrap().is_empty());
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
    const MONTH_MS: i64 = 31 * 24 * 3_600_000;

    fn alive(store: &Store, number: u64, month: i64) {
        let at = Timestamp(1_795_000_000_000 + month * MONTH_MS);
        store.facts(&[(FactNumber(number), Fact::Alive(at))]).unwrap();
    }

    /// BOX-167: a running box looks at what lies on its disk, between the writes, and goes on.
    #[test]
    fn a_running_box_finds_its_faults() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        alive(&store, 1, 0);
        let early = store.months.newest().unwrap().unwrap();
        alive(&store, 2, 1);
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                for n in 1..60 {
                    store.make(&Access::whole(Actor::System), Timestamp(n), "api_access", "api_key").unwrap();
                    alive(&store, 2 + n as u64, n / 30 + 1);
                }
            });
            let mut looks = 0;
            while looks < 3 || !writing.is_finished() {
                let faults = store.verify_running(folder.path()).unwrap();
                assert!(faults.is_empty(), "{faults:?}");
                looks += 1;
            }
        });
        let before = early.still(|| fs::read(folder.path().join("history-2026-11.redb")).unwrap());
        let mut damaged = before.clone();
        damaged[..before.len() / 2].fill(0x5a);
        fs::write(folder.path().join("history-2026-11.redb"), &damaged).unwrap();
        let faults = store.verify_running(folder.path()).unwrap();
        assert!(matches!(&faults[..], [Fault::Broken { file, .. }] if file.contains("2026-11")), "{faults:?}");
        alive(&store, 100, 2);
        assert_eq!(store.outlived().unwrap().next_fact, 101);
    }

    /// BOX-7, BOX-66, BOX-167: however a file is damaged, that is told, or does no harm; and a box with a damaged
    /// month starts.
    #[test]
    fn no_damage_fells_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.add_example_office(Timestamp(1_795_000_000_000)).unwrap();
        (1..30).for_each(|number| alive(&store, number, 0));
        drop(store);
        let month = "history-2026-11.redb";
        let (mut chance, mut told) = (Chance::new(Seed::from(7)), 0);
        for round in 0..60 {
            let name = if round % 2 == 0 { config::FILE } else { month };
            let path = folder.path().join(name);
            let good = fs::read(&path).unwrap();
            let mut damaged = good.clone();
            for _ in 0..4 {
                let at = chance.below(damaged.len() as u32 - 512) as usize;
                damaged[at..at + 512].fill_with(|| chance.below(256) as u8);
            }
            fs::write(&path, &damaged).unwrap();
            told += Store::verify(folder.path()).unwrap().len();
            let opened = Store::open(folder.path()).map(drop);
            assert!(name != month || opened.is_ok(), "{opened:?}");
            fs::write(&path, &good).unwrap();
        }
        assert!(told > 10, "{told} of 60");
    }
}
