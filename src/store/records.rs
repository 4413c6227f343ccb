//! Call records, newest first, over all months (CDR rows).

use super::{
    PAGE_MAX, Page, Store,
    facts::unpacked,
    fault::Fault,
    months::{self, AGENT_EVENTS, BY_CALL, RECORDS, STORIES, TURNED_AWAY, fault},
};
use crate::{
    history::{
        call_record::{CallOutcome, CallRecord},
        fact::AgentEvent,
        recording::Recording,
    },
    schema::Id,
    time::Timestamp,
};
use redb::{Database, ReadableTable, ReadableTableMetadata};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// Records that are looked at for those that came of one.
const LINKED_LOOK: usize = 20_000;

/// Records whose recordings are looked at before others write.
const LOOKED_AT_TOGETHER: usize = 1_000;

/// Records that are forgotten in one commit.
const FORGOTTEN_TOGETHER: usize = 5_000;

#[derive(Clone, Debug, Default)]
pub struct RecordQuery {
    /// Contained in a number or name of the call, letter case and outer spaces ignored; empty finds all.
    pub search: String,
    /// Only records of these agents; none: of all.
    pub agents: Option<BTreeSet<String>>,
    /// `started_at` at or after this.
    pub from: Option<Timestamp>,
    /// `started_at` before this.
    pub to: Option<Timestamp>,
    /// A column and what it must be, by `RECORD_FILTERS`.
    pub filters: Vec<(Filter, String)>,
    /// `talk_seconds` at least and at most.
    pub talk: (Option<u32>, Option<u32>),
    /// 1 to `PAGE_MAX`.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// By which a list of records is narrowed, beside days and text.
#[derive(Clone, Copy, Debug)]
pub enum Filter {
    /// It stands somewhere in the text.
    Within(fn(&CallRecord) -> &str),
    /// It is the text, or one of several with commas between; the text may have commas itself.
    Is(fn(&CallRecord) -> String),
}

/// CDR-3, CDR-4, CDR-6, CDR-7.
pub const RECORD_FILTERS: &[(&str, Filter)] = &[
    ("original_caller_number", Filter::Within(|record| &record.original_caller_number)),
    ("actual_caller_number", Filter::Within(|record| &record.actual_caller_number)),
    ("original_called_number", Filter::Within(|record| &record.original_called_number)),
    ("actual_called_number", Filter::Within(|record| &record.actual_called_number)),
    ("access_number", Filter::Within(|record| &record.access_number)),
    ("agent_number", Filter::Is(|record| record.agent_number.clone())),
    ("group_number", Filter::Is(|record| record.group_number.clone())),
    ("department", Filter::Is(|record| id(record.department))),
    ("department_name", Filter::Is(|record| record.department_name.clone())),
    ("campaign", Filter::Is(|record| id(record.campaign))),
    ("campaign_name", Filter::Is(|record| record.campaign_name.clone())),
    ("package", Filter::Is(|record| id(record.package))),
    ("call_type", Filter::Is(|record| word(&record.call_type))),
    ("call_outcome", Filter::Is(|record| word(&record.call_outcome))),
    ("hangup_reason", Filter::Is(|record| word(&record.hangup_reason))),
    ("recording", Filter::Is(|record| record.recording.as_ref().map_or("none".into(), |one| word(&one.state)))),
];

fn id(of: Option<Id>) -> String {
    of.map(|id| id.to_string()).unwrap_or_default()
}

/// The word of a value of a closed list.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Filter {
    fn holds(self, record: &CallRecord, wanted: &str) -> bool {
        match self {
            Filter::Within(text) => text(record).contains(wanted),
            Filter::Is(text) => {
                let text = text(record);
                text == wanted || wanted.split(',').any(|one| one == text)
            }
        }
    }
}

/// How many calls began in one hour of the office's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallHour {
    pub hour: u8,
    pub answered: u32,
    pub missed: u32,
}

/// Calls and their recordings.
type Recordings = Vec<(String, Recording)>;

/// When the call or one before it ended, and the fact that says so.
pub(super) type Place = (i64, u64);

impl Store {
    pub fn call_records(&self, query: &RecordQuery) -> Result<Page<CallRecord>, Fault> {
        let mut wanted = Wanted::of(query);
        for month in self.months.all() {
            month.after(wanted.look_through(&month))?;
        }
        Ok(wanted.page())
    }

    /// The calls of a question by the hour in which they began, those that were answered apart; an hour without calls is
    /// not there.
    pub fn call_hours(&self, query: &RecordQuery) -> Result<Vec<CallHour>, Fault> {
        let wanted = Wanted::of(query);
        let mut hours = BTreeMap::new();
        for month in self.months.all() {
            let counted = wanted.each(&month, |record| {
                let CallHour { answered, missed, .. } =
                    hours.entry(record.call_hour).or_insert(CallHour { hour: record.call_hour, ..CallHour::default() });
                *(if record.call_outcome == CallOutcome::Answered { answered } else { missed }) += 1;
            });
            month.after(counted)?;
        }
        Ok(hours.into_values().collect())
    }

    /// Every call that began then or later, and has ended.
    pub fn each_record_since(&self, from: Timestamp, mut seen: impl FnMut(CallRecord)) -> Result<(), Fault> {
        let query = RecordQuery { from: Some(from), ..RecordQuery::default() };
        let wanted = Wanted::of(&query);
        self.months.all().iter().try_for_each(|month| month.after(wanted.each(month, &mut seen)))
    }

    /// The records of calls that came of this one: transfers, what was done to it from other phones (CDR-71, CDR-74
    /// reading). They end no earlier than it began; of very many only the first are looked at.
    pub fn records_after(&self, parent: &CallRecord) -> Result<Vec<CallRecord>, Fault> {
        let (mut found, mut left) = (Vec::new(), LINKED_LOOK);
        for month in self.months.all().into_iter().rev() {
            let records = months::read(&month)?.open_table(RECORDS).map_err(fault)?;
            for entry in records.range((parent.started_at.0, 0)..).map_err(fault)?.take(left) {
                left -= 1;
                let record: CallRecord = unpacked(entry.map_err(fault)?.1.value())?;
                if record.parent_call_id.as_deref() == Some(&*parent.call_id) {
                    found.push(record);
                }
            }
        }
        Ok(found)
    }

    pub fn call_record(&self, call_id: &str) -> Result<Option<CallRecord>, Fault> {
        for month in self.months.all() {
            if let Some(record) = month.after(record_in(&month, call_id))? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Removes the records of calls that ended before this moment, with what belongs to them (BOX-60): months that are
    /// over whole. Gives how many of the first that is left.
    pub fn forget_records_before(&self, moment: Timestamp) -> Result<u64, Fault> {
        self.months.forget_before(moment)?;
        let Some(month) = self.months.first() else { return Ok(0) };
        let (database, mut gone) = (month.database()?, 0);
        loop {
            let some = month.after(forget_some(&database, moment))?;
            gone += some as u64;
            if some < FORGOTTEN_TOGETHER {
                return Ok(gone);
            }
        }
    }
}

pub(super) fn record_in(month: &Database, call_id: &str) -> Result<Option<CallRecord>, Fault> {
    let transaction = months::read(month)?;
    let Some(places) = months::there(&transaction, BY_CALL)? else { return Ok(None) };
    let Some(place) = places.get(call_id).map_err(fault)? else { return Ok(None) };
    let record = transaction.open_table(RECORDS).map_err(fault)?.get(place.value()).map_err(fault)?;
    record.map(|record| unpacked(record.value())).transpose()
}

/// Recordings that are there, each with its call, of some records behind a place; and the last place if there may be
/// more.
pub(super) fn recordings_after(month: &Database, after: Place) -> Result<(Recordings, Option<Place>), Fault> {
    let Some(records) = months::there(&months::read(month)?, RECORDS)? else { return Ok((Vec::new(), None)) };
    let (mut found, mut last, mut looked) = (Vec::new(), None, 0);
    let behind = (Bound::Excluded(after), Bound::Unbounded);
    for entry in records.range::<Place>(behind).map_err(fault)?.take(LOOKED_AT_TOGETHER) {
        let (place, record) = entry.map_err(fault)?;
        (last, looked) = (Some(place.value()), looked + 1);
        let CallRecord { call_id, recording, .. } = unpacked(record.value())?;
        found.extend(recording.filter(Recording::is_there).map(|recording| (call_id, recording)));
    }
    Ok((found, last.filter(|_| looked == LOOKED_AT_TOGETHER)))
}

/// The oldest of those that ended before this moment.
fn forget_some(month: &Database, moment: Timestamp) -> Result<usize, Fault> {
    let transaction = months::begin(month)?;
    let before = ..(moment.0, 0);
    let mut old: Vec<(Place, CallRecord)> = Vec::new();
    let mut records = transaction.open_table(RECORDS).map_err(fault)?;
    for entry in records.range(before).map_err(fault)?.take(FORGOTTEN_TOGETHER) {
        let (place, record) = entry.map_err(fault)?;
        old.push((place.value(), unpacked(record.value())?));
    }
    let mut calls = transaction.open_table(BY_CALL).map_err(fault)?;
    let mut stories = transaction.open_table(STORIES).map_err(fault)?;
    let mut turned_away = transaction.open_table(TURNED_AWAY).map_err(fault)?;
    for (place, record) in &old {
        records.remove(place).map_err(fault)?;
        calls.remove(&*record.call_id).map_err(fault)?;
        stories.remove(&*record.call_id).map_err(fault)?;
        turned_away.remove(place).map_err(fault)?;
    }
    let mut events = transaction.open_table(AGENT_EVENTS).map_err(fault)?;
    events.retain(|_, event| unpacked(event).map_or(true, |event: AgentEvent| event.at >= moment)).map_err(fault)?;
    drop((records, calls, stories, turned_away, events));
    transaction.commit().map_err(fault)?;
    Ok(old.len())
}

/// A page being filled.
struct Wanted<'q> {
    query: &'q RecordQuery,
    search: String,
    limit: usize,
    /// Only what ended before this; none: from the newest.
    before: Option<Place>,
    found: Vec<(Place, CallRecord)>,
    total: u64,
}

impl<'q> Wanted<'q> {
    fn of(query: &'q RecordQuery) -> Wanted<'q> {
        // A cursor that this did not write begins past the end: an empty page, rather than the first again.
        let before = query.cursor.as_deref().map(|cursor| place(cursor).unwrap_or((i64::MIN, 0)));
        let limit = query.limit.clamp(1, PAGE_MAX);
        Wanted { query, search: query.search.trim().to_lowercase(), limit, before, found: Vec::new(), total: 0 }
    }

    /// Counts all that meet the query and takes those of this page, and one more.
    fn look_through(&mut self, month: &Database) -> Result<(), Fault> {
        let records = months::read(month)?.open_table(RECORDS).map_err(fault)?;
        let RecordQuery { agents, from, to, filters, talk, .. } = self.query;
        let whole = agents.is_none() && from.is_none() && to.is_none();
        let all = whole && self.search.is_empty() && filters.is_empty() && *talk == (None, None);
        if all {
            self.total += records.len().map_err(fault)?;
        }
        // Who began at or after `from` stands after it too.
        let from = (self.query.from.map_or(i64::MIN, |from| from.0), 0);
        let end = self.before.filter(|_| all).unwrap_or((i64::MAX, u64::MAX));
        for entry in records.range(from..end.max(from)).map_err(fault)?.rev() {
            if all && self.is_full() {
                break;
            }
            let (key, bytes) = entry.map_err(fault)?;
            let record: CallRecord = unpacked(bytes.value())?;
            if all || self.meets(&record) {
                self.total += u64::from(!all);
                self.take(key.value(), record);
            }
        }
        Ok(())
    }

    /// All that meet a question of days, one after the other.
    fn each(&self, month: &Database, mut seen: impl FnMut(CallRecord)) -> Result<(), Fault> {
        let records = months::read(month)?.open_table(RECORDS).map_err(fault)?;
        let from = (self.query.from.map_or(i64::MIN, |from| from.0), 0);
        for entry in records.range(from..).map_err(fault)? {
            let record: CallRecord = unpacked(entry.map_err(fault)?.1.value())?;
            if self.meets(&record) {
                seen(record);
            }
        }
        Ok(())
    }

    fn take(&mut self, place: Place, record: CallRecord) {
        let begun = self.before.is_none_or(|before| place < before);
        if begun && !self.is_full() {
            self.found.push((place, record));
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() > self.limit
    }

    fn meets(&self, record: &CallRecord) -> bool {
        self.query.from.is_none_or(|from| record.started_at >= from)
            && self.query.to.is_none_or(|to| record.started_at < to)
            && self.query.talk.0.is_none_or(|least| record.talk_seconds >= least)
            && self.query.talk.1.is_none_or(|most| record.talk_seconds <= most)
            && self.query.filters.iter().all(|(filter, wanted)| filter.holds(record, wanted))
            && self.query.agents.as_ref().is_none_or(|agents| agents.contains(&record.agent_number))
            && (self.search.is_empty() || texts(record).any(|text| text.to_lowercase().contains(&self.search)))
    }

    fn page(mut self) -> Page<CallRecord> {
        let more = self.is_full();
        self.found.truncate(self.limit);
        let last = self.found.last().filter(|_| more);
        let next = last.map(|((at, fact), _)| format!("{at}-{fact}"));
        Page { items: self.found.into_iter().map(|(_, record)| record).collect(), next, total: self.total }
    }
}

/// What the search box looks in (CDR-4).
fn texts(record: &CallRecord) -> impl Iterator<Item = &String> {
    [
        &record.original_caller_number,
        &record.actual_caller_number,
        &record.original_called_number,
        &record.actual_called_number,
        &record.original_caller_name,
        &record.actual_caller_name,
        &record.agent_number,
        &record.agent_name,
        &record.call_id,
    ]
    .into_iter()
}

fn place(cursor: &str) -> Option<Place> {
    let (at, fact) = cursor.rsplit_once('-')?;
    Some((at.parse().ok()?, fact.parse().ok()?))
}
