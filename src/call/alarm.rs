//! What is wrong now and was dialed in need: each said once, and withdrawn when its cause is gone (BOX-8).

use super::{
    Calls,
    command::{Answer, NotDone},
    spent::{Budget, Due, Limit, Spent},
};
use crate::{
    history::fact::{Emergency, Fact},
    model::Trunk,
    schema::Id,
    sip::order::TrunkId,
    time::{Now, Timestamp, Uptime},
    view::{AlarmKind, AlarmRow, Change, DiskRow, TrunkRow},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A trunk may be tried anew for so long before anybody is told (TRK-51).
const DOWN_FOR: Duration = Duration::from_secs(60);
/// So long a call for help is shown to those who have not confirmed it (OUT-46).
pub const HELP_SHOWN: Duration = Duration::from_secs(24 * 3600);
/// A disk so full is told of (BOX-62), percent.
const DISK_FILLS_FROM: u8 = 80;
/// Calls for help that are shown at once; the oldest goes first.
const HELP_MAX: usize = 20;

/// Plain: it goes with the state of the exchange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alarms {
    standing: BTreeMap<String, Standing>,
    /// Trunks that were up and are not switched off since.
    were_up: BTreeSet<TrunkId>,
    down: BTreeMap<TrunkId, Down>,
    budgets: BTreeMap<String, Budget>,
    changed: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Standing {
    row: AlarmRow,
    /// It goes by itself then.
    until: Option<Timestamp>,
}

/// What is said of a budget, until the day is over.
struct Told {
    limit: Limit,
    percent: u8,
    numbers: Vec<String>,
    name: String,
    until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Down {
    since: Uptime,
    row: AlarmRow,
}

impl Alarms {
    /// How a trunk stands now; none: it is gone (TRK-51).
    pub fn trunk(&mut self, trunk: TrunkId, name: &str, stands: Option<&TrunkRow>, now: Now) {
        let alarm = format!("trunk-{}", trunk.0);
        match stands.map(|row| (row, row.state.as_str())) {
            Some((_, "up")) => {
                self.were_up.insert(trunk);
                self.down.remove(&trunk);
                self.withdraw(&alarm);
            }
            None | Some((_, "disabled")) => {
                self.were_up.remove(&trunk);
                self.down.remove(&trunk);
                self.withdraw(&alarm);
            }
            Some((row, state)) if self.were_up.contains(&trunk) => {
                let new = || AlarmRow { name: name.into(), ..AlarmRow::new(&alarm, AlarmKind::TrunkDown, now.wall) };
                let down = self.down.entry(trunk).or_insert_with(|| Down { since: now.up, row: new() });
                // While it is tried anew, why it is tried anew is still the cause.
                if state != "connecting" || down.row.reason.is_empty() {
                    down.row.reason.clone_from(&row.reason);
                    let error = row.last_error.as_ref();
                    (down.row.code, down.row.text) =
                        (error.and_then(|error| error.code), error.map(|error| error.text.clone()).unwrap_or_default());
                }
                if self.standing.contains_key(&alarm) {
                    let row = down.row.clone();
                    self.raise(row, None);
                }
            }
            Some(_) => {}
        }
    }

    /// A budget of the day is used up so far (OUT-67); the alarm ends with the day.
    fn budget(&mut self, of: &Budget, told: Told, now: Now) {
        let Told { limit, percent, numbers, name, until } = told;
        let alarm = format!("budget-{}", key(limit, of));
        let row = AlarmRow::new(&alarm, AlarmKind::Budget, now.wall);
        self.budgets.insert(alarm, of.clone());
        self.raise(AlarmRow { limit: word(limit), name, percent, numbers, ..row }, Some(until));
    }

    /// The budget of an alarm, which is said no longer (OUT-68); none: there is no such alarm.
    pub fn release(&mut self, alarm: &str) -> Option<Budget> {
        let budget = self.budgets.remove(alarm)?;
        self.withdraw(alarm);
        Some(budget)
    }

    /// Somebody called for help, or that is remembered from before a stop (OUT-46).
    pub fn emergency(&mut self, call: &Emergency) {
        self.raise(of_help(call), Some(call.at + HELP_SHOWN));
        let help: Vec<_> = self.standing.values().filter(|one| one.row.kind == AlarmKind::Emergency).collect();
        let oldest = help.iter().min_by_key(|one| one.row.since).filter(|_| help.len() > HELP_MAX);
        if let Some(oldest) = oldest.map(|one| one.row.alarm.clone()) {
            self.withdraw(&oldest);
        }
    }

    /// Somebody has seen a call for help: as it is known from now on, if it is shown.
    pub fn confirm(&mut self, alarm: &str, by: &str) -> Option<Emergency> {
        let standing = self.standing.get_mut(alarm).filter(|one| one.row.kind == AlarmKind::Emergency)?;
        if !standing.row.confirmed_by.iter().any(|known| known == by) {
            standing.row.confirmed_by.push(by.into());
            self.changed.insert(alarm.into());
        }
        let row = standing.row.clone();
        Some(Emergency {
            call_id: alarm.strip_prefix("emergency-")?.to_owned(),
            at: row.since,
            number: row.number,
            agent_number: row.agent_number,
            agent_name: row.name,
            department_name: row.department_name,
            address: row.address,
            confirmed_by: row.confirmed_by,
        })
    }

    /// The last recording is missing or not whole, or it is not any more (BOX-66).
    pub fn recordings(&mut self, fail: bool, now: Now) {
        const ALARM: &str = "recordings";
        match (fail, self.standing.contains_key(ALARM)) {
            (true, false) => self.raise(AlarmRow::new(ALARM, AlarmKind::RecordingFails, now.wall), None),
            (false, true) => self.withdraw(ALARM),
            (true, true) | (false, false) => {}
        }
    }

    /// How full the disk is, and what follows (BOX-62 to BOX-65). An alarm that stands goes a little below where it
    /// came, so that it does not come and go.
    pub fn disk(&mut self, disk: &DiskRow, now: Now) {
        const ALARM: &str = "disk";
        let from = DISK_FILLS_FROM - u8::from(self.standing.contains_key(ALARM));
        if disk.percent < from {
            return self.withdraw(ALARM);
        }
        let reason = match disk.percent {
            ..90 => "fills",
            90..95 if disk.overwrites => "overwrites",
            90..95 => "keeps",
            95..99 => "no_recordings",
            99.. => "only_calls",
        };
        let row = AlarmRow::new(ALARM, AlarmKind::DiskFills, now.wall);
        let row = AlarmRow { reason: reason.into(), percent: disk.percent, full_at: disk.full_at, ..row };
        self.raise(row, None);
    }

    /// When `time` wants to be called if nothing happens before.
    pub fn due(&self, now: Now) -> Option<Uptime> {
        if !self.changed.is_empty() {
            return Some(now.up);
        }
        let waits = |trunk: &TrunkId| !self.standing.contains_key(&format!("trunk-{}", trunk.0));
        let down = self.down.iter().filter(|(trunk, _)| waits(trunk)).map(|(_, down)| down.since + DOWN_FOR);
        let ends = self.standing.values().filter_map(|one| one.until).map(|until| now.up + until.since(now.wall));
        down.chain(ends).min()
    }

    pub fn time(&mut self, now: Now) {
        let down: Vec<AlarmRow> = self
            .down
            .values()
            .filter(|down| now.up.since(down.since) >= DOWN_FOR)
            .map(|down| down.row.clone())
            .collect();
        for row in down.into_iter().filter(|row| !self.standing.contains_key(&row.alarm)).collect::<Vec<_>>() {
            self.raise(row, None);
        }
        let over = |one: &Standing| one.until.is_some_and(|until| until <= now.wall);
        let over: Vec<String> =
            self.standing.iter().filter(|(_, one)| over(one)).map(|(alarm, _)| alarm.clone()).collect();
        for alarm in over {
            self.budgets.remove(&alarm);
            self.withdraw(&alarm);
        }
    }

    /// What is to be shown, once.
    pub fn take_changes(&mut self) -> Vec<Change> {
        let changed = std::mem::take(&mut self.changed);
        let row = |alarm: &String| self.standing.get(alarm).map(|one| Box::new(one.row.clone()));
        changed.into_iter().map(|alarm| Change::Alarm { row: row(&alarm), alarm }).collect()
    }

    fn raise(&mut self, row: AlarmRow, until: Option<Timestamp>) {
        let alarm = row.alarm.clone();
        let since = self.standing.get(&alarm).map_or(row.since, |before| before.row.since);
        let standing = Standing { row: AlarmRow { since, ..row }, until };
        if self.standing.get(&alarm) != Some(&standing) {
            self.standing.insert(alarm.clone(), standing);
            self.changed.insert(alarm);
        }
    }

    fn withdraw(&mut self, alarm: &str) {
        if self.standing.remove(alarm).is_some() {
            self.changed.insert(alarm.into());
        }
    }
}

impl Calls {
    /// Calls for help before the last stop; before the first event.
    pub fn restore_help(&mut self, calls: &[Emergency]) {
        calls.iter().for_each(|call| self.office.alarms.emergency(call));
    }

    /// How full the disk is now.
    pub fn disk_stands(&mut self, now: Now, disk: &DiskRow) {
        self.office.alarms.disk(disk, now);
    }

    /// How a trunk stands now; none: it is gone.
    pub fn trunk_stands(&mut self, now: Now, trunk: TrunkId, row: Option<&TrunkRow>) {
        let name = self.name_of_trunk(trunk);
        self.office.alarms.trunk(trunk, &name, row, now);
    }

    fn name_of_trunk(&self, trunk: TrunkId) -> String {
        Trunk::name_of(&self.office.tenant, Id(trunk.0))
    }

    /// What was told of budgets before the last stop is told again, once what is wanted is known.
    pub(super) fn alarm_again(&mut self) {
        let told = self.office.ways.spent.told(&self.office.tenant, self.office.wall());
        told.into_iter().for_each(|due| self.alarm(due));
    }

    /// OUT-67
    pub(super) fn alarm(&mut self, due: Due) {
        let Due::Alarm { limit, of, percent, numbers } = due else { return };
        let name = match &of {
            Budget::Agent(agent) | Budget::DearOfAgent(agent) => format!("{agent} {}", self.office.name(agent)),
            Budget::Dear => String::new(),
            Budget::Trunk(trunk) => self.name_of_trunk(*trunk),
        };
        let (now, until) = (self.office.now, Spent::day_ends(&self.office.tenant, self.office.wall()));
        let told = Told { limit, percent, numbers, name: name.trim_end().into(), until };
        self.office.alarms.budget(&of, told, now);
    }

    /// OUT-68: the one budget has its own size once more until midnight.
    pub(super) fn release(&mut self, alarm: &str) -> Result<Answer, NotDone> {
        let budget = self.office.alarms.release(alarm).ok_or(NotDone::NoSuchRow)?;
        let (tenant, wall) = (self.office.tenant.clone(), self.office.wall());
        self.office.ways.spent.release(budget, &tenant, wall);
        Ok(Answer::Done)
    }

    /// OUT-46
    pub(super) fn confirm(&mut self, alarm: &str, by: &str) -> Result<Answer, NotDone> {
        let call = self.office.alarms.confirm(alarm, by).ok_or(NotDone::NoSuchRow)?;
        self.office.remember(Fact::Emergency(Box::new(call)));
        Ok(Answer::Done)
    }

    pub(super) fn show_alarms(&mut self) {
        let now = self.office.now;
        self.office.alarms.recordings(self.office.recordings.fails, now);
        for change in self.office.alarms.take_changes() {
            self.office.show(change);
        }
    }
}

/// A call for help, as it is shown.
pub fn of_help(call: &Emergency) -> AlarmRow {
    AlarmRow {
        name: call.agent_name.clone(),
        number: call.number.clone(),
        agent_number: call.agent_number.clone(),
        department_name: call.department_name.clone(),
        address: call.address.clone(),
        confirmed_by: call.confirmed_by.clone(),
        ..AlarmRow::new(&format!("emergency-{}", call.call_id), AlarmKind::Emergency, call.at)
    }
}

fn word(limit: Limit) -> String {
    serde_json::to_value(limit).ok().and_then(|word| word.as_str().map(Into::into)).unwrap_or_default()
}

fn key(limit: Limit, of: &Budget) -> String {
    match of {
        Budget::Agent(agent) | Budget::DearOfAgent(agent) => format!("{}-{agent}", word(limit)),
        Budget::Dear => word(limit),
        Budget::Trunk(trunk) => format!("{}-{}", word(limit), trunk.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-62, BOX-63, BOX-64, BOX-65: the fuller the disk the worse; an alarm stays one, since it came, until the disk
    /// is a little emptier than when it did.
    #[test]
    fn a_disk_that_fills_is_told_of_by_what_follows() {
        let mut alarms = Alarms::default();
        let full_at = Some(Timestamp(9_000));
        let mut told = |percent, overwrites, second: i64| {
            let now = Now { up: Uptime(0), wall: Timestamp(second) };
            alarms.disk(&DiskRow { total_bytes: 1, percent, full_at, overwrites }, now);
            let row = alarms.standing.get("disk").map(|one| one.row.clone());
            row.map(|row| (row.reason, row.percent, row.since.0, row.full_at))
        };
        assert_eq!(told(79, true, 1), None);
        for (percent, overwrites, reason) in [
            (80, true, "fills"),
            (89, false, "fills"),
            (90, true, "overwrites"),
            (90, false, "keeps"),
            (95, true, "no_recordings"),
            (99, false, "only_calls"),
            (100, true, "only_calls"),
            (79, true, "fills"),
        ] {
            assert_eq!(told(percent, overwrites, 2 + i64::from(percent)), Some((reason.into(), percent, 82, full_at)));
        }
        assert_eq!([told(78, true, 3), told(79, true, 4)], [None, None]);
    }
}
