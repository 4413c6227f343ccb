//! Looks at stored data without changing a byte of it (BOX-167).

use super::{
    Store, audit, config,
    disk::{Directory, TABLES_CACHE_BYTES},
    fault::{Fault, caught, of_redb},
    migrate, months,
    records::{Place, recordings_after},
    seal::Seal,
    table,
    untouched::Untouched,
};
use crate::{history::recording::Recording, model::RESOURCES, schema::kind::line::hex};
use redb::{Builder, Database};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
    sync::Arc,
};

/// What is read of a recording at a time.
const PART_BYTES: usize = 1 << 20;

/// A directory whose files are looked at.
struct Looked<'a> {
    path: &'a Path,
    /// The box that runs on it: it writes nothing to a file while that is looked at.
    running: Option<&'a Store>,
}

impl Store {
    /// Every fault found in the data of a stopped box; none: everything can be read.
    pub fn verify(path: &Path) -> Result<Vec<Fault>, Fault> {
        let _lock = Directory::lock(path)?;
        Looked { path, running: None }.verify()
    }

    /// The same of the directory on which this box runs. What must be kept meanwhile waits until its file was looked at.
    pub fn verify_running(&self, path: &Path) -> Result<Vec<Fault>, Fault> {
        Looked { path, running: Some(self) }.verify()
    }

    fn still<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        match name {
            config::FILE => self.config.still(work),
            audit::FILE => self.audit.still(work),
            table::FILE => self.tables.still(work),
            month => match self.months.named(month) {
                Some(month) => month.still(work),
                None => work(),
            },
        }
    }
}

impl Looked<'_> {
    fn verify(&self) -> Result<Vec<Fault>, Fault> {
        let (mut faults, names) = (Vec::new(), self.names()?);
        if names.iter().any(|name| name == config::FILE) {
            faults.extend(self.look(config::FILE, || self.verify_config()).err());
        }
        for name in names.iter().filter(|name| [audit::FILE, table::FILE].contains(&&***name)) {
            faults.extend(self.look(name, || self.open(name).map(drop)).err());
        }
        for name in names.iter().filter(|name| months::is_month(name)) {
            let month = match self.running.and_then(|store| store.months.named(name)) {
                Some(month) => self.look(name, || self.open(name).map(drop)).and_then(|()| month.database()),
                None => caught(name, || self.open(name)).map(Arc::new),
            };
            match month {
                Ok(month) => faults.extend(self.verify_recordings(name, &month)?),
                Err(fault) => faults.push(fault),
            }
        }
        Ok(faults)
    }

    fn look<T>(&self, name: &str, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        match self.running {
            Some(store) => store.still(name, || caught(name, work)),
            None => caught(name, work),
        }
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
        let file = File::open(&path).and_then(Untouched::new);
        let file = file.map_err(|error| Fault::NotReachable { path, error })?;
        let opened = Builder::new().set_cache_size(TABLES_CACHE_BYTES).create_with_backend(file);
        let mut database = opened.map_err(|error| of_redb(name, error))?;
        match database.check_integrity() {
            Ok(true) => Ok(database),
            Ok(false) => Err(Fault::broken(name, "its pages do not fit together")),
            Err(error) => Err(of_redb(name, error)),
        }
    }

    /// Those of which a month says that they are there.
    fn verify_recordings(&self, name: &str, month: &Database) -> Result<Vec<Fault>, Fault> {
        let (mut faults, mut after) = (Vec::new(), Some(Place::default()));
        while let Some(place) = after {
            let (recordings, last) = match caught(name, || recordings_after(month, place)) {
                Ok(some) => some,
                Err(fault) => {
                    faults.push(fault);
                    break;
                }
            };
            for (call_id, recording) in recordings {
                faults.extend(self.verify_recording(&call_id, &recording)?);
            }
            after = last;
        }
        Ok(faults)
    }

    /// None: it is as it was closed, or has gone since its record was read.
    fn verify_recording(&self, call_id: &str, recording: &Recording) -> Result<Option<Fault>, Fault> {
        let what = match found(&self.path.join(&recording.file)) {
            Ok((bytes, hash)) if bytes == recording.bytes && hash == recording.sha256 => return Ok(None),
            Ok(_) => "it is not what was recorded".to_owned(),
            Err(error) => error.to_string(),
        };
        let record = self.running.map_or(Ok(None), |store| store.call_record(call_id))?;
        let goes = record.is_some_and(|record| record.recording.is_none_or(|now| !now.is_there()));
        Ok((!goes).then(|| Fault::Recording { file: recording.file.clone(), what }))
    }

    fn names(&self) -> Result<Vec<String>, Fault> {
        let unreachable = |error| Fault::NotReachable { path: self.path.into(), error };
        let entries = fs::read_dir(self.path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let names = entries.map_err(unreachable)?.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Ok(names)
    }
}

/// How long a file is, and its hash.
fn found(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut part = vec![0; PART_BYTES];
    loop {
        match file.read(&mut part)? {
            0 => return Ok((bytes, hex(&hash.finalize()))),
            read => {
                hash.update(&part[..read]);
                bytes += read as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chance::{Chance, Seed},
        history::{
            call_record::CallRecord,
            fact::{Fact, FactNumber},
            recording::RecordingState,
        },
        schema::{Access, Actor},
        store::tests::facts::record,
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

    /// BOX-167: customers, and recordings that are not as they were closed; one that has gone as its record says is
    /// none.
    #[test]
    fn tables_and_recordings_are_looked_at() {
        use RecordingState::{Deleted, Incomplete, Kept};
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let sound = b"what was said";
        let calls = [("whole", Kept), ("altered", Kept), ("gone", Incomplete), ("deleted", Deleted)];
        for (number, (call_id, state)) in (1..).zip(calls) {
            let (file, bytes) = (format!("recordings/{call_id}.wav"), sound.len() as u64);
            let recording = Recording { state, file, bytes, sha256: hex(&Sha256::digest(sound)), seconds: 1 };
            let at = Timestamp(1_795_000_000_000 + i64::try_from(number).unwrap());
            let record = CallRecord { ended_at: Some(at), recording: Some(recording), ..record(call_id, at) };
            store.facts(&[(FactNumber(number), Fact::CallEnded(Box::new(record)))]).unwrap();
        }
        let write = |call_id: &str, bytes: &[u8]| {
            fs::write(folder.path().join(format!("recordings/{call_id}.wav")), bytes).unwrap();
        };
        write("whole", sound);
        write("altered", b"what was sold");
        let files = |faults: &[Fault]| -> Vec<String> {
            let file = |fault: &Fault| match fault {
                Fault::Recording { file, .. } | Fault::Broken { file, .. } => file.clone(),
                other => panic!("{other:?}"),
            };
            faults.iter().map(file).collect()
        };
        let expected = ["recordings/altered.wav", "recordings/gone.wav"];
        assert_eq!(files(&store.verify_running(folder.path()).unwrap()), expected);
        drop(store);
        assert_eq!(files(&Store::verify(folder.path()).unwrap()), expected);
        write("altered", sound);
        write("gone", sound);
        assert!(Store::verify(folder.path()).unwrap().is_empty());

        let path = folder.path().join(table::FILE);
        let mut damaged = fs::read(&path).unwrap();
        let middle = damaged.len() / 2;
        damaged[..middle].fill(0x5a);
        fs::write(&path, damaged).unwrap();
        assert_eq!(files(&Store::verify(folder.path()).unwrap()), [table::FILE]);
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
