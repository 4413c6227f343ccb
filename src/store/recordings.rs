//! Recordings on the disk: which go because their days are over or their room is needed (BOX-59, BOX-60, BOX-63).

use super::{Store, facts::amend, fault::Fault, months, opened::Opened, records::record_in};
use crate::{
    history::{call_record::CallRecord, recording::RecordingState},
    model::{Package, Settings},
    schema::Tenant,
    time::Timestamp,
};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

const FOLDER: &str = "recordings";
/// Files that go together: their records are changed in one commit.
const TOGETHER: usize = 200;
/// What was not written to for so long belongs to no call that is up: a recording lasts a day at most.
const WRITTEN_FOR: Duration = Duration::from_secs(25 * 3600);
/// When a day is over wherever the office lies, nothing begins in its folder any more.
const DAYS_OPEN: Duration = Duration::from_secs(2 * 24 * 3600);
const DAY_MS: i64 = 24 * 3600 * 1000;

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    pub recordings: u64,
    pub bytes: u64,
}

/// A record, and the month that has it.
type Kept = (Arc<Opened>, Box<CallRecord>);

/// A file, and what is known of its call.
struct Found {
    path: PathBuf,
    call_id: String,
    written_at: Timestamp,
    bytes: u64,
    record: Option<Kept>,
}

impl Found {
    /// Whether it may be written still, or closed.
    fn is_open(&self, now: Timestamp) -> bool {
        let open = self
            .record
            .as_ref()
            .is_none_or(|(_, record)| record.recording.as_ref().is_some_and(|recording| recording.is_open()));
        open && now < self.written_at + WRITTEN_FOR
    }

    /// When it was made.
    fn at(&self) -> Timestamp {
        self.record.as_ref().map_or(self.written_at, |(_, record)| record.started_at)
    }
}

impl Store {
    /// Deletes the oldest recordings until so many bytes have gone (BOX-63). Those that are being written stay.
    pub fn make_room(&self, bytes: u64, now: Timestamp) -> Result<Gone, Fault> {
        let mut gone = Gone::default();
        for day in self.recorded_days()? {
            if gone.bytes >= bytes {
                break;
            }
            self.let_go(&day, now, &mut gone, |found, gone| !found.is_open(now) && gone.bytes < bytes)?;
        }
        Ok(gone)
    }

    /// Deletes recordings that are older than their package keeps them, or than any record is kept (BOX-59, BOX-60).
    pub fn forget_recordings(&self, now: Timestamp) -> Result<Gone, Fault> {
        let tenant = self.tenant();
        let kept = KeptFor::of(&tenant, now);
        let mut gone = Gone::default();
        for day in self.recorded_days()?.into_iter().filter(|day| day.began < kept.newest()) {
            self.let_go(&day, now, &mut gone, |found, _| !found.is_open(now) && kept.is_over(found))?;
        }
        Ok(gone)
    }

    fn let_go(
        &self,
        day: &Day,
        now: Timestamp,
        gone: &mut Gone,
        goes: impl Fn(&Found, &Gone) -> bool,
    ) -> Result<(), Fault> {
        let months = self.months.since(day.began);
        let files = day.files().map_err(|error| day.fault(error))?;
        for together in files.chunks(TOGETHER) {
            let mut going = Vec::new();
            for (path, call_id, written_at, bytes) in together {
                let record = record_of(&months, call_id)?;
                let found = Found {
                    path: path.clone(),
                    call_id: call_id.clone(),
                    written_at: *written_at,
                    bytes: *bytes,
                    record,
                };
                if goes(&found, gone) {
                    (gone.recordings, gone.bytes) = (gone.recordings + 1, gone.bytes + found.bytes);
                    going.push(found);
                }
            }
            self.delete(&going)?;
        }
        if now > day.began + DAYS_OPEN {
            // Only where nothing is left.
            let _ = fs::remove_dir(&day.path);
        }
        Ok(())
    }

    /// Its record says first that a recording is gone: what the power spares goes the next time. A full disk is given
    /// the room before.
    fn delete(&self, going: &[Found]) -> Result<(), Fault> {
        let told = match tell(going) {
            Err(Fault::DiskFull) => None,
            told => Some(told?),
        };
        for found in going {
            match fs::remove_file(&found.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Fault::NotReachable { path: found.path.clone(), error });
                }
                _ => {}
            }
        }
        told.map_or_else(|| tell(going), Ok)
    }

    /// The oldest first.
    fn recorded_days(&self) -> Result<Vec<Day>, Fault> {
        let top = self.directory.join(FOLDER);
        let mut folders = vec![(top.clone(), String::new())];
        for _level in ["year", "month", "day"] {
            let mut below = Vec::new();
            for (folder, name) in &folders {
                below.extend(numbered(folder, name).map_err(|error| Fault::NotReachable { path: top.clone(), error })?);
            }
            folders = below;
        }
        folders.sort_unstable_by(|(_, one), (_, other)| one.cmp(other));
        Ok(folders.into_iter().filter_map(|(path, name)| Day::new(path, &name)).collect())
    }
}

/// All recordings that were begun on one day.
struct Day {
    path: PathBuf,
    began: Timestamp,
}

impl Day {
    fn new(path: PathBuf, name: &str) -> Option<Day> {
        let began = format!("{}T00:00:00Z", &name[1..]).parse().ok()?;
        Some(Day { path, began })
    }

    /// Path, call, when it was last written to and length; the oldest first.
    fn files(&self) -> io::Result<Vec<(PathBuf, String, Timestamp, u64)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            let call_id = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
            let (Some(call_id), true) = (call_id, path.extension().is_some_and(|end| end == "wav")) else { continue };
            // It may go at any time.
            let Ok(facts) = path.metadata() else { continue };
            let written = facts.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            files.push((path, call_id, Timestamp(written.as_millis() as i64), facts.len()));
        }
        files.sort_unstable_by(|one, other| (one.2, &one.1).cmp(&(other.2, &other.1)));
        Ok(files)
    }

    fn fault(&self, error: io::Error) -> Fault {
        Fault::NotReachable { path: self.path.clone(), error }
    }
}

/// Folders whose names are numbers, with their names so far.
fn numbered(folder: &Path, before: &str) -> io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) && path.is_dir() {
            found.push((path.clone(), format!("{before}-{name}")));
        }
    }
    Ok(found)
}

/// The months are those since it was begun, the first of them first.
fn record_of(months: &[Arc<Opened>], call_id: &str) -> Result<Option<Kept>, Fault> {
    for month in months {
        // What cannot be read says nothing of any recording.
        let found = match month.database() {
            Err(Fault::Broken { .. }) => continue,
            database => record_in(&*database?, call_id)?,
        };
        if let Some(record) = found {
            return Ok(Some((month.clone(), Box::new(record))));
        }
    }
    Ok(None)
}

/// The records say that these are deleted.
fn tell(going: &[Found]) -> Result<(), Fault> {
    let mut months: BTreeMap<*const Opened, (&Arc<Opened>, Vec<&str>)> = BTreeMap::new();
    for found in going {
        if let Some((month, _)) = &found.record {
            months.entry(Arc::as_ptr(month)).or_insert((month, Vec::new())).1.push(&found.call_id);
        }
    }
    for (month, calls) in months.into_values() {
        let database = month.database()?;
        month.after(months::begin(&database).and_then(|transaction| {
            for call_id in calls {
                amend(&transaction, call_id, |record| {
                    record.recording.iter_mut().for_each(|recording| recording.state = RecordingState::Deleted);
                })?;
            }
            transaction.commit().map_err(months::fault)
        }))?;
    }
    Ok(())
}

/// How long recordings are kept.
struct KeptFor<'t> {
    tenant: &'t Tenant,
    now: Timestamp,
    /// Made before this, the record goes too.
    records_from: Timestamp,
}

impl KeptFor<'_> {
    fn of(tenant: &Tenant, now: Timestamp) -> KeptFor<'_> {
        KeptFor { tenant, now, records_from: Settings::of(tenant).records_from(now) }
    }

    /// What is newer than this stays, whatever it is.
    fn newest(&self) -> Timestamp {
        let packages = self.tenant.table::<Package>().rows().filter_map(|row| self.of_package(&row.value));
        packages.fold(self.records_from, Timestamp::max)
    }

    fn of_package(&self, package: &Package) -> Option<Timestamp> {
        let own = Some(package.recording_days.value()).filter(|days| *days > 0);
        let days = own.unwrap_or_else(|| Settings::of(self.tenant).recording_days.value());
        (days > 0).then(|| Timestamp(self.now.0 - days * DAY_MS))
    }

    fn is_over(&self, found: &Found) -> bool {
        let record = found.record.as_ref().map(|(_, record)| record);
        let deleted = record
            .and_then(|record| record.recording.as_ref())
            .is_some_and(|recording| recording.state == RecordingState::Deleted);
        let package = record.and_then(|record| match record.package {
            Some(id) => self.tenant.table::<Package>().row(id),
            None => Package::default_of(self.tenant),
        });
        let over = package.and_then(|package| self.of_package(&package.value)).is_some_and(|from| found.at() < from);
        deleted || over || found.at() < self.records_from
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        history::{
            fact::{Fact, FactNumber},
            recording::Recording,
        },
        schema::{Actor, Id},
        store::{
            RecordQuery, Write,
            tests::{add, at, facts::record, fields, opened},
        },
    };
    use serde_json::json;
    use std::fs::{File, create_dir_all};

    const DAY_S: i64 = 24 * 3600;
    const BYTES: u64 = 100;

    struct Cabinet {
        store: Store,
        calls: u64,
        _directory: tempfile::TempDir,
    }

    impl Cabinet {
        fn new() -> Cabinet {
            let (_directory, store) = opened();
            store.provide(at(0)).unwrap();
            Cabinet { store, calls: 0, _directory }
        }

        /// A file of `BYTES` that was last written to at this second.
        fn file(&self, call_id: &str, second: i64) -> String {
            let day = at(second).to_string()[..10].replace('-', "/");
            let file = format!("{FOLDER}/{day}/{call_id}.wav");
            let path = self.store.directory.join(&file);
            create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, [0; BYTES as usize]).unwrap();
            let written = std::time::UNIX_EPOCH + Duration::from_millis(at(second).0 as u64);
            File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
            file
        }

        /// A call that ended at this second, with its recording.
        fn call(&mut self, call_id: &str, second: i64, package: Option<Id>, state: RecordingState) {
            let file = self.file(call_id, second);
            let recording = Some(Recording { state, file, bytes: BYTES, ..Recording::default() });
            let ended = CallRecord { ended_at: Some(at(second)), package, recording, ..record(call_id, at(second)) };
            self.calls += 1;
            self.store.facts(&[(FactNumber(self.calls), Fact::CallEnded(Box::new(ended)))]).unwrap();
        }

        fn set(&self, noun: &str, id: Id, value: serde_json::Value) {
            let write = Write::Change { id, rev: None, value: fields(value) };
            self.store.write(&Actor::System, at(0), noun, write).unwrap();
        }

        fn package(&self, code: &str, days: i64) -> Id {
            let value = json!({ "display_name": code, "code": code, "recording_days": days });
            self.store.write(&Actor::System, at(0), "package", add(value)).unwrap().id
        }

        /// The calls whose files are there, by name.
        fn there(&self) -> Vec<String> {
            let days = self.store.recorded_days().unwrap();
            let mut calls: Vec<String> =
                days.iter().flat_map(|day| day.files().unwrap()).map(|(_, call_id, ..)| call_id).collect();
            calls.sort_unstable();
            calls
        }

        fn state(&self, call_id: &str) -> RecordingState {
            self.store.call_record(call_id).unwrap().unwrap().recording.unwrap().state
        }
    }

    /// BOX-63, CDR-5 reading: the oldest go, and no more than is needed; their records stay and say so. What is being
    /// written or closed stays, however full the disk is.
    #[test]
    fn the_oldest_recordings_make_room() {
        use RecordingState::{Deleted, Incomplete, Kept, Open};
        let mut cabinet = Cabinet::new();
        cabinet.call("later", 3 * DAY_S, None, Incomplete);
        cabinet.call("second", 60, None, Kept);
        cabinet.call("first", 0, None, Kept);
        cabinet.call("closing", 4 * DAY_S - 5, None, Open);
        cabinet.file("up", 4 * DAY_S - 10);
        cabinet.file("orphan", DAY_S);
        let now = at(4 * DAY_S);
        assert_eq!(cabinet.store.make_room(0, now).unwrap(), Gone::default());
        let gone = cabinet.store.make_room(BYTES + 1, now).unwrap();
        assert_eq!(gone, Gone { recordings: 2, bytes: 2 * BYTES });
        assert_eq!(cabinet.there(), ["closing", "later", "orphan", "up"]);
        assert_eq!(
            [cabinet.state("first"), cabinet.state("second"), cabinet.state("later")],
            [Deleted, Deleted, Incomplete]
        );
        assert!(!cabinet.store.directory.join("recordings/2026/11/18").exists(), "its folder goes with the last");
        let gone = cabinet.store.make_room(u64::MAX, now).unwrap();
        assert_eq!((gone.recordings, cabinet.there()), (2, vec!["closing".to_owned(), "up".into()]));
        assert_eq!((cabinet.state("later"), cabinet.state("closing")), (Deleted, Open));
        let records = RecordQuery { limit: 10, ..RecordQuery::default() };
        assert_eq!(cabinet.store.call_records(&records).unwrap().total, 4, "all records stay");
    }

    /// BOX-59: each package keeps its own for its own days, 0 for ever. What a power cut left of a deleted one goes.
    #[test]
    fn recordings_go_when_the_days_of_their_package_are_over() {
        use RecordingState::{Deleted, Kept};
        let mut cabinet = Cabinet::new();
        let default = Package::default_of(&cabinet.store.tenant()).unwrap().id();
        cabinet.set("package", default, json!({ "recording_days": 7 }));
        let (for_ever, three) = (cabinet.package("ever", 0), cabinet.package("three", 3));
        for (day, mark) in [(0, "old"), (4, "new")] {
            cabinet.call(&format!("ever-{mark}"), day * DAY_S, Some(for_ever), Kept);
            cabinet.call(&format!("three-{mark}"), day * DAY_S, Some(three), Kept);
            cabinet.call(&format!("default-{mark}"), day * DAY_S, Some(default), Kept);
            cabinet.call(&format!("none-{mark}"), day * DAY_S, None, Kept);
        }
        cabinet.call("half-gone", 6 * DAY_S, Some(for_ever), Deleted);
        cabinet.file("orphan", 0);
        let days = |days| at(days * DAY_S + 60);
        assert_eq!(cabinet.store.forget_recordings(days(3)).unwrap().recordings, 1);
        assert_eq!(cabinet.state("three-old"), Deleted);
        assert_eq!(cabinet.store.forget_recordings(days(10)).unwrap().recordings, 4);
        assert_eq!(cabinet.there(), ["default-new", "ever-new", "ever-old", "none-new", "orphan"]);
        assert_eq!(
            [cabinet.state("default-old"), cabinet.state("none-old"), cabinet.state("ever-old")],
            [Deleted, Deleted, Kept]
        );
        assert_eq!(cabinet.store.forget_recordings(days(10)).unwrap(), Gone::default());
        let write = Write::Set { rev: None, value: fields(json!({ "recording_days": 9 })) };
        cabinet.store.write(&Actor::System, at(0), "settings", write).unwrap();
        cabinet.store.forget_recordings(days(10)).unwrap();
        assert_eq!(
            cabinet.there(),
            ["default-new", "ever-new", "none-new", "orphan"],
            "a package that says nothing: as the box says"
        );
    }

    /// BOX-60: records and their recordings go after `record_days`, whole months with their files; what must outlive a
    /// stop does.
    #[test]
    fn records_go_when_their_days_are_over() {
        let mut cabinet = Cabinet::new();
        let settings = json!({ "record_days": 190 });
        let write = Write::Set { rev: None, value: fields(settings) };
        cabinet.store.write(&Actor::System, at(0), "settings", write).unwrap();
        for day in [0, 1, 40, 60, 250] {
            cabinet.call(&format!("day-{day}"), day * DAY_S, None, RecordingState::Kept);
        }
        let months = |cabinet: &Cabinet| {
            let names = cabinet.store.disk.names().unwrap();
            names.iter().filter(|name| months::is_month(name)).count()
        };
        let forget = |cabinet: &Cabinet, day: i64| {
            let now = at(day * DAY_S + 60);
            cabinet.store.forget_recordings(now).unwrap();
            let from = Settings::of(&cabinet.store.tenant()).records_from(now);
            cabinet.store.forget_records_before(from).unwrap()
        };
        assert_eq!((months(&cabinet), forget(&cabinet, 189)), (4, 0));
        assert_eq!((forget(&cabinet, 190), cabinet.there().len()), (1, 4));
        assert!(cabinet.store.call_record("day-0").unwrap().is_none());
        assert!(cabinet.store.call_record("day-1").unwrap().is_some());
        forget(&cabinet, 245);
        assert_eq!((months(&cabinet), cabinet.there()), (2, vec!["day-250".to_owned(), "day-60".into()]));
        let all = RecordQuery { limit: 10, ..RecordQuery::default() };
        assert_eq!(cabinet.store.call_records(&all).unwrap().total, 2);
        forget(&cabinet, 900);
        assert_eq!((months(&cabinet), cabinet.there().len()), (1, 0));
        assert_eq!(cabinet.store.call_records(&all).unwrap().total, 0);
        assert_eq!(cabinet.store.outlived().unwrap().next_fact, 6, "the numbers go on");
    }
}
