//! What happened, on its way to the disk: all facts of a moment in one transaction, and what outlives a stop.

use super::{
    Store, anew, dids, emergencies,
    fault::Fault,
    filled::Need,
    log, minutes,
    months::{self, BY_CALL, GROUP_TURNS, OPEN_CALLS, OPEN_RECORDINGS, RECORDS, REGISTRATIONS, STATE, fault},
    records::record_in,
    stories, talks, trunks, used, work,
};
use crate::{
    history::{
        audit::AuditEntry,
        call_record::{CallOutcome, CallRecord, CallType, HangupBy, HangupReason},
        fact::{ClockTold, Fact, FactNumber, GroupTurn, Outlived},
        recording::Recording,
    },
    model::Preferences,
    time::Timestamp,
};
use jiff::tz::TimeZone;
use redb::{Database, Key, ReadTransaction, ReadableTable, WriteTransaction};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::File,
    path::{Component, Path},
};

/// The way values are written. A changed struct gets the next number, and the old struct stays for reading.
const VERSION: u8 = 1;

const LAST_FACT: &str = "last_fact";
pub(super) const LAST_ALIVE: &str = "last_alive";

impl Store {
    /// Keeps all of them or none (BOX-93). Facts that are kept already are passed over, so who is not sure asks again.
    pub fn facts(&self, facts: &[(FactNumber, Fact)]) -> Result<(), Fault> {
        if facts.is_empty() {
            return Ok(());
        }
        self.disk.room(Need::Calls)?;
        let newest = facts.iter().filter_map(|(_, fact)| time_of(fact)).max().unwrap_or_default();
        let month = self.months.at(newest)?;
        let database = month.database()?;
        let Kept { transaction, elsewhere, audited } = month.after(keep_all(&database, facts, &self.clocks()))?;
        // First, for whoever asks again once the facts are kept learns of it no more.
        if !audited.is_empty() {
            self.audit_needing(Need::Calls, &audited)?;
        }
        month.after(transaction.commit().map_err(fault))?;
        self.note_dids(facts.iter().filter_map(|(_, fact)| match fact {
            Fact::CallEnded(record) => Some(&**record),
            _ => None,
        }))?;
        elsewhere.into_iter().try_for_each(|(call_id, recording)| self.keep_recording(call_id, recording))?;
        let sure = |(_, fact): &(FactNumber, Fact)| *fact == Fact::Clock(ClockTold::Sure);
        if facts.iter().any(sure) { self.date_anew() } else { Ok(()) }
    }

    /// Closes the calls that the last stop cut, each once, with the last time known (BOX-94, CDR-1 reading). Asked
    /// once at start, before any call.
    pub fn close_cut_calls(&self) -> Result<Vec<CallRecord>, Fault> {
        self.date_anew()?;
        let Some(month) = self.months.newest()? else { return Ok(Vec::new()) };
        let database = month.database()?;
        let closed = month.after(close_open(&database, &self.clocks()))?;
        self.note_dids(closed.iter())?;
        Ok(closed)
    }

    /// Those of the office.
    pub(super) fn clocks(&self) -> TimeZone {
        Preferences::of(&self.tenant()).time_zone.clocks()
    }

    /// Recordings that were not closed by the last stop: the call and the file of each (BOX-95).
    pub fn open_recordings(&self) -> Result<Vec<(String, String)>, Fault> {
        let Some(month) = self.months.newest()? else { return Ok(Vec::new()) };
        let transaction = months::read(&*month.database()?)?;
        let table = transaction.open_table(OPEN_RECORDINGS).map_err(fault)?;
        let entries = table.iter().map_err(fault)?;
        entries
            .map(|entry| entry.map(|(call, file)| (call.value().into(), file.value().into())).map_err(fault))
            .collect()
    }

    /// The record of a call that has ended says from now on how its recording is. Facts need this only where the month
    /// has turned since the call ended.
    pub fn keep_recording(&self, call_id: &str, recording: &Recording) -> Result<(), Fault> {
        for (place, month) in self.months.all().into_iter().enumerate() {
            let found = month.write(|transaction| {
                if place == 0 {
                    transaction.open_table(OPEN_RECORDINGS).map_err(fault)?.remove(call_id).map_err(fault)?;
                }
                amend(transaction, call_id, |record| tell(record, recording))
            })?;
            if found {
                break;
            }
        }
        Ok(())
    }

    /// What people write on the record of a call (CDR-57); none: there is no such record.
    pub fn remark_call(&self, call_id: &str, remark: &str) -> Result<Option<CallRecord>, Fault> {
        self.disk.room(Need::Saves)?;
        for month in self.months.all() {
            // A month that does not know the call has nothing written to it.
            let knows = month.after(record_in(&month, call_id))?.is_some();
            if knows
                && month.write(|transaction| amend(transaction, call_id, |record| record.remark = remark.into()))?
            {
                return self.call_record(call_id);
            }
        }
        Ok(None)
    }

    /// The recording of a call, if its file is still there.
    pub fn open_recording(&self, recording: &Recording) -> Option<File> {
        let path = Path::new(&recording.file);
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let below = plain && path.starts_with("recordings") && recording.is_there();
        below.then(|| File::open(self.directory.join(path)).ok()).flatten()
    }

    /// The newest time that was written down: of calls, and each hour (BOX-53).
    pub fn newest_time(&self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.outlived()?.last_alive.max(self.noted_at()?))
    }

    /// What the exchange begins with. Without `close_cut_calls` before it, it names the calls that were cut.
    pub fn outlived(&self) -> Result<Outlived, Fault> {
        let Some(month) = self.months.newest()? else {
            return Ok(Outlived { next_fact: 1, ..Outlived::default() });
        };
        let transaction = months::read(&*month.database()?)?;
        let table = transaction.open_table(STATE).map_err(fault)?;
        let number = |name| Ok(table.get(name).map_err(fault)?.map(|number| number.value()));
        Ok(Outlived {
            next_fact: number(LAST_FACT)?.unwrap_or(0) as u64 + 1,
            registrations: values(&transaction.open_table(REGISTRATIONS).map_err(fault)?)?,
            dnd: work::dnd(&transaction)?,
            signed_in: work::signed_in(&transaction)?,
            paused: work::paused(&transaction)?,
            realms: trunks::realms(&transaction)?,
            last_talks: talks::all(&transaction)?,
            group_turns: group_turns(&transaction)?,
            used: used::all(&transaction)?,
            emergencies: emergencies::all(&transaction)?,
            open_calls: values(&transaction.open_table(OPEN_CALLS).map_err(fault)?)?,
            last_alive: number(LAST_ALIVE)?.map(Timestamp),
        })
    }
}

/// All facts in one transaction, and what belongs elsewhere.
struct Kept<'f> {
    transaction: WriteTransaction,
    /// The recordings of calls that an earlier month knows; whoever asks again is given them again.
    elsewhere: Vec<(&'f str, &'f Recording)>,
    /// What stands in the audit log.
    audited: Vec<AuditEntry>,
}

fn keep_all<'f>(database: &Database, facts: &'f [(FactNumber, Fact)], clocks: &TimeZone) -> Result<Kept<'f>, Fault> {
    let (mut elsewhere, mut audited) = (Vec::new(), Vec::new());
    let transaction = months::begin(database)?;
    let last = state(&transaction, LAST_FACT)?;
    for (number, fact) in facts {
        match (fact, number.0 as i64 > last) {
            (Fact::Recorded { call_id, recording }, _) => {
                if !amend(&transaction, call_id, |record| tell(record, recording))? {
                    elsewhere.push((&**call_id, &**recording));
                }
            }
            (Fact::Emergency(call), true) => audited.extend(emergencies::keep(&transaction, call)?),
            (fact, true) => keep(&transaction, *number, fact, clocks)?,
            (_, false) => {}
        }
    }
    let number = facts.iter().map(|(number, _)| number.0 as i64).max().unwrap_or(last);
    set_state(&transaction, LAST_FACT, number.max(last))?;
    let alive = Timestamp(state(&transaction, LAST_ALIVE)?);
    set_state(&transaction, LAST_ALIVE, facts.iter().fold(alive, |alive, (_, fact)| alive_after(alive, fact)).0)?;
    Ok(Kept { transaction, elsewhere, audited })
}

fn close_open(database: &Database, clocks: &TimeZone) -> Result<Vec<CallRecord>, Fault> {
    let transaction = months::begin(database)?;
    let alive = Timestamp(state(&transaction, LAST_ALIVE)?);
    let mut last = state(&transaction, LAST_FACT)?;
    let open: Vec<CallRecord> = values(&transaction.open_table(OPEN_CALLS).map_err(fault)?)?;
    let closed: Vec<CallRecord> = open.into_iter().map(|record| cut(record, alive)).collect();
    if closed.is_empty() {
        return Ok(closed);
    }
    for record in &closed {
        last += 1;
        end_call(&transaction, FactNumber(last as u64), record, clocks)?;
    }
    set_state(&transaction, LAST_FACT, last)?;
    transaction.commit().map_err(fault)?;
    Ok(closed)
}

fn keep(transaction: &WriteTransaction, number: FactNumber, fact: &Fact, clocks: &TimeZone) -> Result<(), Fault> {
    match fact {
        Fact::CallOpen(record) => {
            note_recording(transaction, record)?;
            let mut table = transaction.open_table(OPEN_CALLS).map_err(fault)?;
            table.insert(&*record.call_id, &*packed(record)?).map(drop).map_err(fault)
        }
        Fact::CallEnded(record) => end_call(transaction, number, record, clocks),
        // Those that do not find their call here were dealt with before.
        Fact::Alive(_) | Fact::Recorded { .. } | Fact::Emergency(_) => Ok(()),
        Fact::CallTold(story) => stories::keep(transaction, story),
        Fact::Registered(registration) => {
            let mut table = transaction.open_table(REGISTRATIONS).map_err(fault)?;
            table.insert(registration.id, &*packed(registration)?).map(drop).map_err(fault)
        }
        Fact::Unregistered { id } => {
            let mut table = transaction.open_table(REGISTRATIONS).map_err(fault)?;
            table.remove(*id).map(drop).map_err(fault)
        }
        Fact::AgentEvent(event) => work::keep(transaction, number, event),
        Fact::GroupTurn(GroupTurn { group, rev, next }) => {
            let mut table = transaction.open_table(GROUP_TURNS).map_err(fault)?;
            table.insert(*group, (*rev, *next)).map(drop).map_err(fault)
        }
        Fact::TrunkTurn(turn) => trunks::keep_turn(transaction, number, turn),
        Fact::TrunkRealm { trunk, realm } => trunks::keep_realm(transaction, *trunk, realm.as_deref()),
        Fact::TrunkGone { trunk } => trunks::forget(transaction, *trunk),
        Fact::Used(used) => used::keep(transaction, used),
        Fact::Clock(told) => anew::keep(transaction, number, *told),
    }
}

/// What a start must look after, should the power go before it is closed.
fn note_recording(transaction: &WriteTransaction, record: &CallRecord) -> Result<(), Fault> {
    let Some(recording) = &record.recording else { return Ok(()) };
    let mut open = transaction.open_table(OPEN_RECORDINGS).map_err(fault)?;
    match recording.is_open() {
        true => open.insert(&*record.call_id, &*recording.file).map(drop).map_err(fault),
        false => open.remove(&*record.call_id).map(drop).map_err(fault),
    }
}

/// Changes the record of a call that has ended. False: this month does not know it.
pub(super) fn amend(
    transaction: &WriteTransaction,
    call_id: &str,
    change: impl FnOnce(&mut CallRecord),
) -> Result<bool, Fault> {
    let calls = transaction.open_table(BY_CALL).map_err(fault)?;
    let Some(key) = calls.get(call_id).map_err(fault)?.map(|key| key.value()) else { return Ok(false) };
    let mut records = transaction.open_table(RECORDS).map_err(fault)?;
    let record = records.get(key).map_err(fault)?.map(|record| unpacked::<CallRecord>(record.value())).transpose()?;
    let Some(mut record) = record else { return Ok(false) };
    change(&mut record);
    records.insert(key, &*packed(&record)?).map_err(fault)?;
    note_recording(transaction, &record)?;
    Ok(true)
}

fn tell(record: &mut CallRecord, recording: &Recording) {
    let file = record.recording.take().map(|before| before.file).unwrap_or_default();
    record.recording = Some(Recording { file, ..recording.clone() });
}

/// The record of a call, whole and once, and its place in the list; it is no longer open.
pub(super) fn end_call(
    transaction: &WriteTransaction,
    number: FactNumber,
    record: &CallRecord,
    clocks: &TimeZone,
) -> Result<(), Fault> {
    transaction.open_table(OPEN_CALLS).map_err(fault)?.remove(&*record.call_id).map_err(fault)?;
    note_recording(transaction, record)?;
    let mut calls = transaction.open_table(BY_CALL).map_err(fault)?;
    if calls.get(&*record.call_id).map_err(fault)?.is_some() {
        return Ok(());
    }
    let mut records = transaction.open_table(RECORDS).map_err(fault)?;
    // A clock that was set back puts no record before one that is there.
    let newest = records.last().map_err(fault)?.map_or(i64::MIN, |(key, _)| key.value().0);
    let key = (record.ended_at.unwrap_or(record.started_at).0.max(newest), number.0);
    calls.insert(&*record.call_id, key).map_err(fault)?;
    talks::keep(transaction, record)?;
    log::keep_call(transaction, key, record)?;
    dids::keep(transaction, record, clocks)?;
    minutes::keep(transaction, record, clocks)?;
    records.insert(key, &*packed(record)?).map(drop).map_err(fault)
}

/// A call that the power cut, as its record stands from then on.
fn cut(mut record: CallRecord, alive: Timestamp) -> CallRecord {
    let begun = record.answered_at.unwrap_or(record.started_at).max(record.started_at);
    let end = alive.max(begun);
    record.ended_at = Some(end);
    record.total_seconds = end.seconds_since(record.started_at);
    record.hangup_by = HangupBy::System;
    record.sip_code = "L500".into();
    record.hangup_reason = HangupReason::CallFailed;
    if let Some(answered) = record.answered_at {
        let talked = end.seconds_since(answered);
        record.hangup_reason = HangupReason::Normal;
        record.call_outcome = CallOutcome::Answered;
        record.talk_seconds = talked;
        // CDR-30: nobody is billed for a call that came in or stayed inside.
        let free = matches!(record.call_type, CallType::Inbound | CallType::Internal);
        record.billed_seconds = if free { 0 } else { talked };
    }
    record
}

fn time_of(fact: &Fact) -> Option<Timestamp> {
    match fact {
        Fact::CallOpen(record) | Fact::CallEnded(record) => {
            Some(record.ended_at.or(record.answered_at).unwrap_or(record.started_at))
        }
        Fact::Alive(at) => Some(*at),
        Fact::Registered(registration) => Some(registration.registered_at),
        Fact::TrunkTurn(turn) => Some(turn.at),
        Fact::Unregistered { .. }
        | Fact::CallTold(_)
        | Fact::Recorded { .. }
        | Fact::GroupTurn(_)
        | Fact::TrunkRealm { .. }
        | Fact::TrunkGone { .. }
        | Fact::Used(_)
        | Fact::Emergency(_)
        | Fact::Clock(_) => None,
        Fact::AgentEvent(event) => Some(event.at),
    }
}

/// The last time known once this has happened. It goes back with a clock that was set back, as calls that are up do.
fn alive_after(alive: Timestamp, fact: &Fact) -> Timestamp {
    match fact {
        Fact::Alive(at) => *at,
        other => time_of(other).map_or(alive, |at| at.max(alive)),
    }
}

pub(super) fn state(transaction: &WriteTransaction, name: &str) -> Result<i64, Fault> {
    let table = transaction.open_table(STATE).map_err(fault)?;
    Ok(table.get(name).map_err(fault)?.map_or(0, |number| number.value()))
}

pub(super) fn set_state(transaction: &WriteTransaction, name: &str, number: i64) -> Result<(), Fault> {
    transaction.open_table(STATE).map_err(fault)?.insert(name, number).map(drop).map_err(fault)
}

fn values<K: Key + 'static, T: DeserializeOwned>(
    table: &impl ReadableTable<K, &'static [u8]>,
) -> Result<Vec<T>, Fault> {
    table.iter().map_err(fault)?.map(|entry| unpacked(entry.map_err(fault)?.1.value())).collect()
}

fn group_turns(transaction: &ReadTransaction) -> Result<Vec<GroupTurn>, Fault> {
    let Some(table) = months::there(transaction, GROUP_TURNS)? else { return Ok(Vec::new()) };
    let entries = table.iter().map_err(fault)?;
    entries
        .map(|entry| {
            let (group, turn) = entry.map_err(fault)?;
            let (rev, next) = turn.value();
            Ok(GroupTurn { group: group.value(), rev, next })
        })
        .collect()
}

pub(super) fn packed(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    postcard::to_extend(value, vec![VERSION]).map_err(|error| Fault::broken("the history", error))
}

pub(super) fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    match bytes {
        [VERSION, value @ ..] => postcard::from_bytes(value).map_err(|error| Fault::broken("the history", error)),
        [found, ..] => Err(Fault::Newer { file: "the history".into(), found: (*found).into(), known: VERSION.into() }),
        [] => Err(Fault::broken("the history", "an empty value")),
    }
}
