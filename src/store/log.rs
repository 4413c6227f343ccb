//! What became of rows that tell so, also of those that are gone, and of the calls they turned away (BLK-5, BLK-8).

use super::{
    PAGE_MAX, Page, Store,
    config::{self, LOG},
    fault::Fault,
    journal::{self, Entry},
    months::{self, TURNED_AWAY},
};
use crate::{
    history::call_record::{CallRecord, HangupReason},
    model,
    schema::{Actor, Resource, kind::phone, resource::PENDING},
    time::Timestamp,
};
use redb::{Database, ReadableTable, ReadableTableMetadata, WriteTransaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of one noun, beside the calls; the oldest go first.
pub const ENTRIES_MAX: u64 = 100_000;

#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Contained in what a row is told by, outer spaces ignored; empty finds all.
    pub search: String,
    /// 1 to `PAGE_MAX`.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What became of a row, or a call that it turned away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    pub at: Timestamp,
    pub word: Word,
    /// What the row is told by.
    pub named: String,
    pub reason: String,
    /// None: nobody did anything, somebody called.
    pub by: Option<Actor>,
    pub call_id: Option<String>,
}

/// A closed list (BLK reading).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Added,
    Approved,
    Rejected,
    Removed,
    Call,
}

/// Where an entry stands among all, those of calls beside those of rows.
type Place = (i64, bool, u64);

impl Store {
    /// What is told of the rows of a noun, newest first.
    pub fn log(&self, resource: &Resource, query: &LogQuery) -> Result<Page<Logged>, Fault> {
        let before = query.cursor.as_deref().map_or((i64::MAX, true, u64::MAX), |text| place(text).unwrap_or_default());
        let mut wanted = Wanted { before, query, found: Vec::new(), total: 0 };
        wanted.rows(&*self.config.database()?, resource)?;
        for month in self.months.all() {
            month.after(wanted.calls(&month))?;
        }
        Ok(wanted.page())
    }
}

struct Wanted<'q> {
    before: Place,
    query: &'q LogQuery,
    found: Vec<(Place, Logged)>,
    total: u64,
}

impl Wanted<'_> {
    fn rows(&mut self, database: &Database, resource: &Resource) -> Result<(), Fault> {
        let log = config::read(database)?.open_table(LOG).map_err(config::fault)?;
        let (all, most) = ((resource.name, i64::MIN, 0)..=(resource.name, i64::MAX, u64::MAX), self.most());
        let mut taken = 0;
        for entry in log.range(all).map_err(config::fault)?.rev() {
            let (key, bytes) = entry.map_err(config::fault)?;
            let place = (key.value().1, false, key.value().2);
            let logged: Logged = read(bytes.value())?;
            if self.meets(&logged.named) {
                self.total += 1;
                taken += usize::from(self.take(taken < most, place, || logged));
            }
        }
        Ok(())
    }

    fn calls(&mut self, month: &Database) -> Result<(), Fault> {
        let Some(calls) = months::there(&months::read(month)?, TURNED_AWAY)? else { return Ok(()) };
        let (most, mut taken) = (self.most(), 0);
        if self.query.search.is_empty() {
            self.total += calls.len().map_err(months::fault)?;
        }
        for call in calls.range::<(i64, u64)>(..).map_err(months::fault)?.rev() {
            if self.query.search.is_empty() && taken == most {
                break;
            }
            let (key, value) = call.map_err(months::fault)?;
            let ((at, fact), (number, call_id)) = (key.value(), value.value());
            if !self.meets(number) {
                continue;
            }
            self.total += u64::from(!self.query.search.is_empty());
            let logged = || Logged {
                at: Timestamp(at),
                word: Word::Call,
                named: number.into(),
                reason: String::new(),
                by: None,
                call_id: Some(call_id.into()),
            };
            taken += usize::from(self.take(taken < most, (at, true, fact), logged));
        }
        Ok(())
    }

    fn meets(&self, named: &str) -> bool {
        named.contains(self.query.search.trim())
    }

    /// As many as a page has, and one more that says whether there is another.
    fn most(&self) -> usize {
        self.query.limit.clamp(1, PAGE_MAX) + 1
    }

    fn take(&mut self, room: bool, place: Place, logged: impl FnOnce() -> Logged) -> bool {
        let taken = room && place < self.before;
        if taken {
            self.found.push((place, logged()));
        }
        taken
    }

    fn page(mut self) -> Page<Logged> {
        let limit = self.most() - 1;
        self.found.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
        let more = self.found.len() > limit;
        self.found.truncate(limit);
        let next = self.found.last().filter(|_| more);
        let next = next.map(|((at, call, number), _)| format!("{at}-{}-{number}", u8::from(*call)));
        Page { items: self.found.into_iter().map(|(_, logged)| logged).collect(), next, total: self.total }
    }
}

/// Nothing stands before a cursor that this did not write.
fn place(cursor: &str) -> Option<Place> {
    let mut parts = cursor.rsplitn(3, '-');
    let (number, call, at) = (parts.next()?, parts.next()?, parts.next()?);
    Some((at.parse().ok()?, call == "1", number.parse().ok()?))
}

/// A change of a row, if its noun tells of such.
pub fn append(transaction: &WriteTransaction, resource: &Resource, entry: &Entry) -> Result<(), Fault> {
    let Some(mut logged) = logged(resource, entry) else { return Ok(()) };
    let mut log = transaction.open_table(LOG).map_err(config::fault)?;
    let all = (resource.name, i64::MIN, 0)..=(resource.name, i64::MAX, u64::MAX);
    let newest = log.range(all.clone()).map_err(config::fault)?.next_back();
    let newest = newest.transpose().map_err(config::fault)?.map(|(key, _)| key.value().1);
    // A clock that was set back puts no entry before one that is there.
    logged.at = logged.at.max(newest.map_or(logged.at, Timestamp));
    let bytes = serde_json::to_vec(&logged).map_err(|error| Fault::broken(config::FILE, error))?;
    log.insert((resource.name, logged.at.0, entry.revision), &*bytes).map_err(config::fault)?;
    let over = log.len().map_err(config::fault)? > ENTRIES_MAX;
    let oldest = log.range(all).map_err(config::fault)?.next().transpose().map_err(config::fault)?;
    let oldest = oldest.map(|(key, _)| (resource.name, key.value().1, key.value().2)).filter(|_| over);
    oldest.map_or(Ok(()), |key| log.remove(key).map(drop).map_err(config::fault))
}

/// What the journal knows of the time before there was a log.
pub fn begin(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(LOG).map_err(config::fault)?;
    for entry in journal::all(transaction)? {
        if let Some(resource) = model::resource(&entry.noun) {
            append(transaction, resource, &entry)?;
        }
    }
    Ok(())
}

/// A call that the blacklist turned away; `key` is that of its record.
pub fn keep_call(transaction: &WriteTransaction, key: (i64, u64), record: &CallRecord) -> Result<(), Fault> {
    if record.hangup_reason != HangupReason::Blacklist {
        return Ok(());
    }
    let number = phone::meant(&record.original_caller_number);
    let mut calls = transaction.open_table(TURNED_AWAY).map_err(months::fault)?;
    calls.insert(key, (&*number, &*record.call_id)).map(drop).map_err(months::fault)
}

fn logged(resource: &Resource, entry: &Entry) -> Option<Logged> {
    let told = resource.logged?;
    let row = entry.after.as_ref().or(entry.before.as_ref())?;
    let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
    Some(Logged {
        at: entry.at,
        word: word(resource, entry)?,
        named: text(told.named),
        reason: text(told.reason),
        by: Some(entry.by.clone()),
        call_id: None,
    })
}

/// None: it neither came nor went, nor was it let through.
fn word(resource: &Resource, entry: &Entry) -> Option<Word> {
    let waits = |row: &Value| resource.approval.is_some_and(|approval| row[approval.field] == PENDING);
    match (&entry.before, &entry.after) {
        (None, Some(_)) => Some(Word::Added),
        (Some(_), None) => Some(Word::Removed),
        (Some(before), Some(after)) if waits(before) && !waits(after) => {
            let on = after[resource.approval?.field] == "enabled";
            Some(if on { Word::Approved } else { Word::Rejected })
        }
        _ => None,
    }
}

fn read(bytes: &[u8]) -> Result<Logged, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault::broken(config::FILE, error))
}
