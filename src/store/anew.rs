//! What was written since a start at which nobody was sure of the time is dated anew once somebody is (BOX-54).

use super::{
    Store, dids,
    facts::{end_call, packed, set_state, unpacked},
    fault::Fault,
    minutes,
    months::{self, AGENT_EVENTS, BY_CALL, CLOCK, RECORDS, STORIES, TURNED_AWAY, fault},
    stories,
};
use crate::{
    history::{
        call_record::CallRecord,
        fact::{AgentEvent, ClockTold, FactNumber},
        story::Story,
    },
    schema::Tenant,
    time::Timestamp,
};
use jiff::tz::TimeZone;
use redb::{Database, ReadTransaction, ReadableTable, ReadableTableMetadata, WriteTransaction};

/// Of so many of the newest calls and events the time is put right; a box that was unsure for longer keeps the others as
/// they are.
const MOVED_MAX: usize = 20_000;
const SURE: &str = "clock_sure";
/// What was moved is in the newest month, and may still be in those before.
const MOVED_FROM: &str = "moved_from";

/// What was written since the start, with its fact.
#[derive(Default)]
struct Written {
    from: u64,
    calls: Vec<(u64, CallRecord, Option<Story>)>,
    events: Vec<(u64, AgentEvent)>,
}

/// How the clock was set since a start.
struct Sets {
    from: u64,
    /// At which fact, and by how many milliseconds.
    sets: Vec<(u64, i64)>,
}

impl Sets {
    /// By how much what this fact says has to move.
    fn after(&self, fact: u64) -> i64 {
        self.sets.iter().filter(|(at, _)| *at > fact).map(|(_, by_ms)| by_ms).sum()
    }
}

impl Store {
    /// Does what waits for it, if the time is sure; asked once more after a power cut, it goes on where it was.
    pub(super) fn date_anew(&self) -> Result<(), Fault> {
        self.take_out_moved()?;
        let Some(month) = self.months.newest()? else { return Ok(()) };
        let database = month.database()?;
        let Some(sets) = month.after(sets(&months::read(&database)?))? else { return Ok(()) };
        let written = self.written_since(&sets)?;
        let month = self.months.at(written.ends(&sets))?;
        let database = month.database()?;
        let moved = month.after(written.put(&database, &sets, &self.tenant(), &self.clocks()))?;
        self.note_dids(moved.iter())?;
        self.take_out_moved()
    }

    fn written_since(&self, sets: &Sets) -> Result<Written, Fault> {
        let mut written = Written { from: sets.from, ..Written::default() };
        // A clock that was never set needs nothing moved.
        if sets.sets.is_empty() {
            return Ok(written);
        }
        for month in self.months.all() {
            month.after(written.read(&month))?;
        }
        written.bound();
        Ok(written)
    }

    /// Nothing is in two months.
    fn take_out_moved(&self) -> Result<(), Fault> {
        let Some(month) = self.months.newest()? else { return Ok(()) };
        let newest = month.database()?;
        let known = months::read(&newest)?.open_table(months::STATE).map_err(fault)?.get(MOVED_FROM).map_err(fault)?;
        let from = known.map_or(0, |from| from.value());
        if from == 0 {
            return Ok(());
        }
        for earlier in self.months.all().iter().filter(|earlier| !earlier.is(&month)) {
            earlier.write(|transaction| take_out(transaction, from as u64))?;
        }
        month.after(months::begin(&newest).and_then(|transaction| {
            set_state(&transaction, MOVED_FROM, 0)?;
            transaction.commit().map_err(fault)
        }))
    }
}

impl Written {
    fn read(&mut self, database: &Database) -> Result<(), Fault> {
        let transaction = months::read(database)?;
        let records = transaction.open_table(RECORDS).map_err(fault)?;
        for entry in records.iter().map_err(fault)?.rev() {
            let (key, record) = entry.map_err(fault)?;
            let (_, fact) = key.value();
            if fact < self.from || self.calls.len() == MOVED_MAX {
                break;
            }
            let record: CallRecord = unpacked(record.value())?;
            let story = stories::of(&transaction, &record.call_id)?;
            self.calls.push((fact, record, story));
        }
        let events = transaction.open_table(AGENT_EVENTS).map_err(fault)?;
        for entry in events.range(self.from..).map_err(fault)?.rev() {
            if self.events.len() == MOVED_MAX {
                break;
            }
            let (fact, event) = entry.map_err(fault)?;
            self.events.push((fact.value(), unpacked(event.value())?));
        }
        Ok(())
    }

    /// In order, and no more than may be.
    fn bound(&mut self) {
        self.calls.sort_unstable_by_key(|(fact, ..)| *fact);
        self.events.sort_unstable_by_key(|(fact, _)| *fact);
        let full = |count: usize, first: Option<u64>| first.filter(|_| count == MOVED_MAX).unwrap_or(0);
        let calls = full(self.calls.len(), self.calls.first().map(|(fact, ..)| *fact));
        let events = full(self.events.len(), self.events.first().map(|(fact, _)| *fact));
        self.from = self.from.max(calls).max(events);
        self.calls.retain(|(fact, ..)| *fact >= self.from);
        self.events.retain(|(fact, _)| *fact >= self.from);
    }

    /// When the last call will have ended.
    fn ends(&self, sets: &Sets) -> Timestamp {
        let end =
            |(fact, call, _): &(u64, CallRecord, _)| call.ended_at.unwrap_or(call.started_at).moved(sets.after(*fact));
        self.calls.last().map(end).unwrap_or_default()
    }

    /// Into the newest month, each in its place.
    fn put(self, newest: &Database, sets: &Sets, tenant: &Tenant, clocks: &TimeZone) -> Result<Vec<CallRecord>, Fault> {
        let transaction = months::begin(newest)?;
        if !self.calls.is_empty() || !self.events.is_empty() {
            take_out(&transaction, self.from)?;
            set_state(&transaction, MOVED_FROM, self.from as i64)?;
        }
        let mut moved = Vec::new();
        for (fact, mut record, story) in self.calls {
            let by_ms = sets.after(fact);
            dids::take_back(&transaction, &record, clocks)?;
            minutes::take_back(&transaction, &record, clocks)?;
            record.date_anew(by_ms, tenant);
            end_call(&transaction, FactNumber(fact), &record, clocks)?;
            if let Some(mut story) = story {
                story.started_at = story.started_at.moved(by_ms);
                stories::keep(&transaction, &story)?;
            }
            moved.push(record);
        }
        let mut events = transaction.open_table(AGENT_EVENTS).map_err(fault)?;
        for (fact, mut event) in self.events {
            event.at = event.at.moved(sets.after(fact));
            events.insert(fact, &*packed(&event)?).map_err(fault)?;
        }
        drop(events);
        transaction.open_table(CLOCK).map_err(fault)?.retain(|_, _| false).map_err(fault)?;
        set_state(&transaction, SURE, 0)?;
        transaction.commit().map_err(fault)?;
        Ok(moved)
    }
}

pub fn keep(transaction: &WriteTransaction, number: FactNumber, told: ClockTold) -> Result<(), Fault> {
    let mut table = transaction.open_table(CLOCK).map_err(fault)?;
    match told {
        ClockTold::Unsure { from } => {
            table.retain(|_, _| false).map_err(fault)?;
            table.insert(from.0, 0).map(drop).map_err(fault)
        }
        ClockTold::Set { .. } if table.is_empty().map_err(fault)? => Ok(()),
        ClockTold::Set { by_ms } => table.insert(number.0, by_ms).map(drop).map_err(fault),
        ClockTold::Sure if table.is_empty().map_err(fault)? => Ok(()),
        ClockTold::Sure => set_state(transaction, SURE, 1),
    }
}

/// None: the time is not sure yet, or was from the start.
fn sets(transaction: &ReadTransaction) -> Result<Option<Sets>, Fault> {
    let sure = transaction.open_table(months::STATE).map_err(fault)?.get(SURE).map_err(fault)?;
    let Some(table) = months::there(transaction, CLOCK)?.filter(|_| sure.is_some_and(|sure| sure.value() == 1)) else {
        return Ok(None);
    };
    let told: Result<Vec<(u64, i64)>, Fault> = table
        .iter()
        .map_err(fault)?
        .map(|entry| entry.map(|(fact, by_ms)| (fact.value(), by_ms.value())).map_err(fault))
        .collect();
    let mut told = told?.into_iter();
    Ok(told.next().map(|(from, _)| Sets { from, sets: told.collect() }))
}

/// Calls and their events from this fact on.
fn take_out(transaction: &WriteTransaction, from: u64) -> Result<(), Fault> {
    let mut records = transaction.open_table(RECORDS).map_err(fault)?;
    let mut gone = Vec::new();
    for entry in records.iter().map_err(fault)?.rev() {
        let (key, record) = entry.map_err(fault)?;
        if key.value().1 < from {
            break;
        }
        gone.push((key.value(), unpacked::<CallRecord>(record.value())?.call_id));
    }
    let mut calls = transaction.open_table(BY_CALL).map_err(fault)?;
    let mut stories = transaction.open_table(STORIES).map_err(fault)?;
    let mut turned_away = transaction.open_table(TURNED_AWAY).map_err(fault)?;
    for (key, call_id) in gone {
        records.remove(key).map_err(fault)?;
        calls.remove(&*call_id).map_err(fault)?;
        stories.remove(&*call_id).map_err(fault)?;
        turned_away.remove(key).map_err(fault)?;
    }
    let mut events = transaction.open_table(AGENT_EVENTS).map_err(fault)?;
    events.retain_in(from.., |_, _| false).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        history::{
            call_record::CallType,
            fact::{AgentEventKind, Fact},
        },
        store::{
            RecordQuery,
            tests::{at, facts::record, opened},
        },
    };

    const DAY_S: i64 = 24 * 3600;

    fn call(call_id: &str, second: i64) -> Fact {
        Fact::CallEnded(Box::new(CallRecord {
            call_type: CallType::Outbound,
            talk_seconds: 60,
            answered_at: Some(at(second)),
            ended_at: Some(at(second + 60)),
            ..record(call_id, at(second))
        }))
    }

    fn clock(told: ClockTold) -> Fact {
        Fact::Clock(told)
    }

    fn numbered(from: u64, facts: impl IntoIterator<Item = Fact>) -> Vec<(FactNumber, Fact)> {
        (from..).map(FactNumber).zip(facts).collect()
    }

    /// Calls from the newest, with the second in which each began.
    fn listed(store: &Store) -> Vec<(String, i64)> {
        let page = store.call_records(&RecordQuery { limit: 100, ..RecordQuery::default() }).unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        let began = |call: CallRecord| (call.call_id, (call.started_at.0 - at(0).0) / 1000);
        page.items.into_iter().map(began).collect()
    }

    fn is(listed: Vec<(String, i64)>, expected: &[(&str, i64)]) {
        assert_eq!(listed.iter().map(|(call, at)| (&**call, *at)).collect::<Vec<_>>(), expected);
    }

    /// A start without a battery behind the clock: it begins where it stopped, and is set twice.
    fn unsure() -> Vec<(FactNumber, Fact)> {
        let story = Story { call_id: "first".into(), started_at: at(10), ..Story::default() };
        let dnd = AgentEvent { at: at(40), agent_number: "801".into(), kind: AgentEventKind::DndOn };
        numbered(
            2,
            [
                clock(ClockTold::Unsure { from: FactNumber(2) }),
                call("first", 10),
                Fact::CallTold(Box::new(story)),
                Fact::AgentEvent(dnd),
                clock(ClockTold::Set { by_ms: 20 * DAY_S * 1000 }),
                call("second", 20 * DAY_S + 100),
                clock(ClockTold::Set { by_ms: -3_600_000 }),
                call("third", 20 * DAY_S - 3_000),
            ],
        )
    }

    /// BOX-54: over the end of a month, by the same amount, in their order, once the time is sure and not before.
    #[test]
    fn what_was_written_before_the_time_was_sure_is_dated_anew() {
        let (_directory, store) = opened();
        store.facts(&numbered(1, [call("before", 0)])).unwrap();
        store.facts(&unsure()).unwrap();
        let (late, hour) = (20 * DAY_S, 3_600);
        is(listed(&store), &[("third", late - 3_000), ("second", late + 100), ("first", 10), ("before", 0)]);
        assert_eq!(store.minutes_until(at(late)).unwrap().of("801"), 4);
        store.facts(&numbered(10, [clock(ClockTold::Sure)])).unwrap();
        let after =
            [("third", late - 3_000), ("second", late + 100 - hour), ("first", late + 10 - hour), ("before", 0)];
        is(listed(&store), &after);
        let first = store.call_record("first").unwrap().unwrap();
        assert_eq!((first.ended_at, first.weekday), (Some(at(late + 70 - hour)), 2), "a Tuesday");
        assert_eq!(store.story("first").unwrap().unwrap().started_at, first.started_at);
        let month = months::read(&store.months.newest().unwrap().unwrap().database().unwrap()).unwrap();
        let event = month.open_table(AGENT_EVENTS).unwrap().get(5).unwrap().unwrap().value().to_vec();
        assert_eq!(unpacked::<AgentEvent>(&event).unwrap().at, at(late + 40 - hour));
        assert_eq!(store.minutes_until(at(late)).unwrap().of("801"), 4, "each counts once, on its own day");
        assert_eq!(store.minutes_until(at(late + 29 * DAY_S)).unwrap().of("801"), 3);
        // What follows is as it is.
        store
            .facts(&numbered(
                11,
                [clock(ClockTold::Set { by_ms: 5_000 }), call("fourth", late), clock(ClockTold::Sure)],
            ))
            .unwrap();
        is(listed(&store)[1..].to_vec(), &after);
    }

    /// BOX-54: the power goes when the time is sure, and once more when half is moved.
    #[test]
    fn a_cut_leaves_no_call_in_two_months() {
        let (directory, store) = opened();
        store.facts(&unsure()).unwrap();
        let month = store.months.newest().unwrap().unwrap();
        let transaction = months::begin(&month.database().unwrap()).unwrap();
        keep(&transaction, FactNumber(10), ClockTold::Sure).unwrap();
        transaction.commit().unwrap();
        let sure = sets(&months::read(&month.database().unwrap()).unwrap()).unwrap().unwrap();
        let written = store.written_since(&sure).unwrap();
        let newest = store.months.at(written.ends(&sure)).unwrap();
        written.put(&newest.database().unwrap(), &sure, &store.tenant(), &store.clocks()).unwrap();
        drop((month, newest, store));
        let store = Store::open(directory.path()).unwrap();
        assert!(store.close_cut_calls().unwrap().is_empty());
        let calls: Vec<String> = listed(&store).into_iter().map(|(call, _)| call).collect();
        assert_eq!(calls, ["third", "second", "first"]);
        assert_eq!(store.minutes_until(at(20 * DAY_S)).unwrap().of("801"), 3);
    }

    /// A start at which somebody was sure leaves what was written at one before as it is.
    #[test]
    fn another_start_begins_anew() {
        let (_directory, store) = opened();
        store.facts(&unsure()).unwrap();
        let later =
            [clock(ClockTold::Unsure { from: FactNumber(10) }), call("fourth", 21 * DAY_S), clock(ClockTold::Sure)];
        store.facts(&numbered(10, later)).unwrap();
        is(listed(&store)[3..].to_vec(), &[("first", 10)]);
    }
}
