//! The files with what happened, one a month; the newest also holds what must outlive a stop.

use super::{
    disk::{Disk, MONTH_CACHE_BYTES, OLD_MONTH_CACHE_BYTES, set_aside},
    fault::{Fault, of_redb},
    opened::Opened,
    talks,
};
use crate::time::Timestamp;
use redb::{
    Database, Durability, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    WriteTransaction,
};
use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// `last_fact` and `last_alive`; a file without it was made and not begun.
pub const STATE: TableDefinition<&str, i64> = TableDefinition::new("state");
/// Call → its record as it would be closed now.
pub const OPEN_CALLS: TableDefinition<&str, &[u8]> = TableDefinition::new("open_calls");
pub const REGISTRATIONS: TableDefinition<u64, &[u8]> = TableDefinition::new("registrations");
/// Agents with do-not-disturb on.
pub const DND: TableDefinition<&str, ()> = TableDefinition::new("dnd");
/// An agent, and a group to which the agent is signed in.
pub const SIGNED_IN: TableDefinition<(&str, &str), ()> = TableDefinition::new("signed_in");
/// Agent → why paused, and since when.
pub const PAUSED: TableDefinition<&str, (&str, i64)> = TableDefinition::new("paused");
/// When it or one before it ended, and its fact → the record of a call.
pub const RECORDS: TableDefinition<(i64, u64), &[u8]> = TableDefinition::new("call_records");
/// Call → its key in `RECORDS`.
pub const BY_CALL: TableDefinition<&str, (i64, u64)> = TableDefinition::new("call_records_by_call");
/// The key in `RECORDS` of a call that the blacklist turned away → its number, and the call.
pub const TURNED_AWAY: TableDefinition<(i64, u64), (&str, &str)> = TableDefinition::new("turned_away");
/// Ring group → its revision, and with which number it begins the next call.
pub const GROUP_TURNS: TableDefinition<u64, (u64, u32)> = TableDefinition::new("group_turns");
/// A number outside → the agent who last talked with it, and when.
pub const LAST_TALKS: TableDefinition<&str, (&str, i64)> = TableDefinition::new("last_talks");
/// Call → the file of its recording, which is not closed yet.
pub const OPEN_RECORDINGS: TableDefinition<&str, &str> = TableDefinition::new("open_recordings");
/// Call → why it went as it went, deflated.
pub const STORIES: TableDefinition<&str, &[u8]> = TableDefinition::new("stories");
pub const AGENT_EVENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("agent_events");

/// A trunk and the fact → one change of its state; the last thousand.
pub const TRUNK_TURNS: TableDefinition<(u64, u64), &[u8]> = TableDefinition::new("trunk_turns");
/// Trunk → the realm in which its password was accepted.
pub const TRUNK_REALMS: TableDefinition<u64, &str> = TableDefinition::new("trunk_realms");

/// A day of the office, and an agent → seconds that they talked with numbers outside.
pub const MINUTES: TableDefinition<(i32, &str), u64> = TableDefinition::new("minutes");
/// Of a start at which nobody is sure of the time: its first fact → 0, and each that set the clock → by how many
/// milliseconds.
pub const CLOCK: TableDefinition<u64, i64> = TableDefinition::new("clock");
/// DID → `history::did_use::DidUse`.
pub const DID_USE: TableDefinition<&str, &[u8]> = TableDefinition::new("did_use");
/// Call → `history::fact::Emergency`, of the last day.
pub const EMERGENCIES: TableDefinition<&str, &[u8]> = TableDefinition::new("emergencies");
/// Hour → bytes used of the disk.
pub const DISK_USE: TableDefinition<i64, u64> = TableDefinition::new("disk_use");
/// What is used of the limits of a day.
pub const USED: TableDefinition<&str, &[u8]> = TableDefinition::new("used_today");

/// All months, each opened when it is needed.
#[derive(Debug)]
pub struct Months {
    disk: Arc<dyn Disk>,
    files: Mutex<BTreeMap<String, Arc<Opened>>>,
}

type Files<'a> = MutexGuard<'a, BTreeMap<String, Arc<Opened>>>;

impl Months {
    /// Opens the newest month. One that is broken is kept aside: the office needs its telephone more than a month of
    /// records (BOX-7).
    pub fn open(disk: Arc<dyn Disk>) -> Result<Months, Fault> {
        let names = disk.names()?.into_iter().filter(|name| is_month(name));
        let closed = |name: String| (name.clone(), Arc::new(Opened::new(disk.clone(), &name, OLD_MONTH_CACHE_BYTES)));
        let files = Mutex::new(names.map(closed).collect());
        let months = Months { disk, files };
        months.open_newest()?;
        Ok(months)
    }

    fn open_newest(&self) -> Result<(), Fault> {
        let mut files = self.locked();
        while let Some(name) = files.keys().next_back().cloned() {
            // The newest is written all the time, and has the larger cache.
            files.remove(&name);
            match self.begin(&mut files, &name) {
                Ok(_) => return Ok(()),
                Err(Fault::Broken { what, .. }) => {
                    tracing::error!(file = name, what, "a month of records is broken and set aside");
                    files.remove(&name);
                    set_aside(&*self.disk, &name)?;
                }
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// The file into which what happened at this time goes: never one before the newest, so a clock that is set back
    /// moves nothing that must be known at the next start.
    pub fn at(&self, time: Timestamp) -> Result<Arc<Opened>, Fault> {
        let mut files = self.locked();
        let name = name_of(time);
        let newest = files.keys().next_back().filter(|newest| **newest >= name).cloned();
        self.begin(&mut files, &newest.unwrap_or(name))
    }

    /// The newest file, if anything ever happened.
    pub fn newest(&self) -> Result<Option<Arc<Opened>>, Fault> {
        let mut files = self.locked();
        let name = files.keys().next_back().cloned();
        name.map(|name| self.begin(&mut files, &name)).transpose()
    }

    pub fn named(&self, name: &str) -> Option<Arc<Opened>> {
        self.locked().get(name).cloned()
    }

    /// Those of months that were over before this.
    pub fn older(&self, time: Timestamp) -> Vec<Arc<Opened>> {
        let name = name_of(time);
        self.locked().iter().filter(|(other, _)| **other < name).map(|(_, file)| file.clone()).collect()
    }

    /// Those of this month and of later ones, the first of them first.
    pub fn since(&self, time: Timestamp) -> Vec<Arc<Opened>> {
        self.locked().range(name_of(time)..).map(|(_, file)| file.clone()).collect()
    }

    pub fn first(&self) -> Option<Arc<Opened>> {
        self.locked().values().next().cloned()
    }

    /// Removes the files of months that were over before this. The newest stays, as it knows what must outlive a stop.
    pub fn forget_before(&self, time: Timestamp) -> Result<(), Fault> {
        let (mut files, end) = (self.locked(), name_of(time));
        while files.len() > 1 {
            let Some(first) = files.first_entry().filter(|first| *first.key() < end) else { break };
            self.disk.remove(first.key())?;
            first.remove();
        }
        Ok(())
    }

    /// All files that have begun, newest first. One that is broken is left out, and said so; one under which the disk
    /// failed for a moment is opened anew.
    pub fn all(&self) -> Vec<Month> {
        let files: Vec<_> = self.locked().iter().rev().map(|(name, file)| (name.clone(), file.clone())).collect();
        let opened = files.into_iter().filter_map(|(name, file)| {
            let month = Month::of(&file).or_else(|_| Month::of(&file));
            month.inspect_err(|fault| tracing::error!(file = name, "{}", fault.cause())).ok()
        });
        opened.flatten().collect()
    }

    /// Opens a month as the newest; a new one begins with what the one before knew.
    fn begin(&self, files: &mut Files, name: &str) -> Result<Arc<Opened>, Fault> {
        let new = || Arc::new(Opened::new(self.disk.clone(), name, MONTH_CACHE_BYTES));
        let month = files.get(name).cloned().unwrap_or_else(new);
        let database = month.database()?;
        // Also when the disk fails from here on, for then nobody knows whether the month has begun: what an earlier
        // month were told after that, this one would not know.
        files.insert(name.into(), month.clone());
        if !month.after(has_begun(&database))? {
            let before = self.before(files, name)?;
            month.after(carry(before.as_deref(), &database))?;
        }
        Ok(month)
    }

    /// What a month begins with; none if there is no earlier one that can be read.
    fn before(&self, files: &mut Files, name: &str) -> Result<Option<Arc<Database>>, Fault> {
        let before = files.keys().rev().find(|other| other.as_str() < name).cloned();
        let Some(before) = before else { return Ok(None) };
        match self.begin(files, &before).and_then(|month| month.database()) {
            Err(Fault::Broken { .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    fn locked(&self) -> Files<'_> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_of(time: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(time.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let date = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
    format!("history-{:04}-{:02}.redb", date.year().max(0), date.month())
}

pub fn is_month(name: &str) -> bool {
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let month = name.strip_prefix("history-").and_then(|name| name.strip_suffix(".redb"));
    month.and_then(|month| month.split_once('-')).is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
}

/// A month that has begun.
pub struct Month {
    file: Arc<Opened>,
    database: Arc<Database>,
}

impl Month {
    /// None: it was made and not begun.
    fn of(file: &Arc<Opened>) -> Result<Option<Month>, Fault> {
        let database = file.database()?;
        let begun = file.after(has_begun(&database))?;
        Ok(begun.then(|| Month { file: file.clone(), database }))
    }

    pub fn is(&self, file: &Arc<Opened>) -> bool {
        Arc::ptr_eq(&self.file, file)
    }

    /// What came of work on it; after a fault of its disk the next one who needs it opens it anew.
    pub fn after<T>(&self, done: Result<T, Fault>) -> Result<T, Fault> {
        match done {
            Err(Fault::DiskFails { .. } | Fault::DiskFull) => self.file.after(done),
            done => done,
        }
    }

    /// Keeps what the work did, or nothing of it.
    pub fn write<T>(&self, work: impl FnOnce(&WriteTransaction) -> Result<T, Fault>) -> Result<T, Fault> {
        self.after(begin(self).and_then(|transaction| {
            let done = work(&transaction)?;
            transaction.commit().map_err(fault)?;
            Ok(done)
        }))
    }
}

impl Deref for Month {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

fn has_begun(database: &Database) -> Result<bool, Fault> {
    match read(database)?.open_table(STATE) {
        Ok(_) => Ok(true),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(false),
        Err(error) => Err(fault(error)),
    }
}

/// Makes the tables of a new month, with what the one before knew, in one transaction.
fn carry(before: Option<&Database>, new: &Database) -> Result<(), Fault> {
    let to = begin(new)?;
    to.open_table(RECORDS).map_err(fault)?;
    to.open_table(BY_CALL).map_err(fault)?;
    to.open_table(AGENT_EVENTS).map_err(fault)?;
    let from = before.map(read).transpose()?;
    copy(from.as_ref(), &to, STATE)?;
    copy(from.as_ref(), &to, OPEN_CALLS)?;
    copy(from.as_ref(), &to, REGISTRATIONS)?;
    copy(from.as_ref(), &to, DND)?;
    copy(from.as_ref(), &to, SIGNED_IN)?;
    copy(from.as_ref(), &to, PAUSED)?;
    copy(from.as_ref(), &to, TRUNK_TURNS)?;
    copy(from.as_ref(), &to, TRUNK_REALMS)?;
    copy(from.as_ref(), &to, GROUP_TURNS)?;
    copy(from.as_ref(), &to, USED)?;
    copy(from.as_ref(), &to, EMERGENCIES)?;
    copy(from.as_ref(), &to, DID_USE)?;
    copy(from.as_ref(), &to, MINUTES)?;
    copy(from.as_ref(), &to, CLOCK)?;
    copy(from.as_ref(), &to, DISK_USE)?;
    talks::carry(from.as_ref(), &to)?;
    copy(from.as_ref(), &to, OPEN_RECORDINGS)?;
    to.commit().map_err(fault)
}

fn copy<K: redb::Key, V: redb::Value>(
    from: Option<&ReadTransaction>,
    to: &WriteTransaction,
    table: TableDefinition<K, V>,
) -> Result<(), Fault> {
    let mut to = to.open_table(table).map_err(fault)?;
    let Some(from) = from.map(|from| there(from, table)).transpose()?.flatten() else { return Ok(()) };
    for entry in from.iter().map_err(fault)? {
        let (key, value) = entry.map_err(fault)?;
        to.insert(key.value(), value.value()).map_err(fault)?;
    }
    Ok(())
}

/// A table that a file may be older than.
pub fn there<K: redb::Key, V: redb::Value>(
    from: &ReadTransaction,
    table: TableDefinition<K, V>,
) -> Result<Option<ReadOnlyTable<K, V>>, Fault> {
    match from.open_table(table) {
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        found => found.map(Some).map_err(fault),
    }
}

pub fn read(database: &Database) -> Result<ReadTransaction, Fault> {
    database.begin_read().map_err(fault)
}

/// On the disk when committed, and open at once after a power cut.
pub fn begin(database: &Database) -> Result<WriteTransaction, Fault> {
    let mut transaction = database.begin_write().map_err(fault)?;
    transaction.set_durability(Durability::Immediate).map_err(fault)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

pub fn fault(error: impl Into<redb::Error>) -> Fault {
    of_redb("the history", error)
}
