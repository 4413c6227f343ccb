//! All calls that are up, and the door to them.

use super::{
    cause::Cause,
    command::{Actor, Answer, Command, NotDone, ReplyId},
    destination::{Destination, slot_of},
    engaged::engaged,
    fallen::caught,
    lamp::Lamps,
    leg::{Leg, Role},
    limit::Limit,
    office::{Office, Order, Orders},
    one::Call,
    place::{Next, Place},
    recording,
    registered::device,
    spent::Due,
    verb,
};
use crate::{
    audio::order::{self as sound, Recorded, RecordingId},
    chance::{Chance, Seed},
    floor::agent::Engaged,
    history::{
        fact::{Fact, GroupTurn, LastTalk, UsedToday},
        story::Story,
    },
    schema::{Id, tenant::Tenant},
    sdp::LegId,
    sip::{
        order::{Binding, BindingId, Report, TrunkId},
        wire::Transport,
    },
    time::{Now, Uptime},
    view::{AgentRow, Change},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

/// How often it is said that calls are up (BOX-94).
const ALIVE_EVERY: Duration = Duration::from_secs(2);
/// The answers to the last messages of a call come within this (RFC 3261 section 17.1.1.1, T1): its story has them too.
const ANSWERED_WITHIN: Duration = Duration::from_millis(500);
/// A story that is due soon is told with one that is due.
const DUE_SOON: Duration = Duration::from_millis(250);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(in crate::call) struct CallNumber(u64);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calls {
    pub(in crate::call) office: Office,
    pub(in crate::call) calls: BTreeMap<CallNumber, Call>,
    next_call: u64,
    /// Those of them whose legs are still being let go.
    over: BTreeSet<CallNumber>,
    /// The call that each leg is in.
    pub(super) legs: BTreeMap<LegId, CallNumber>,
    /// What each leg was to its agent when the floor was last told.
    engaged: BTreeMap<LegId, (String, Engaged)>,
    /// When each call wants the time, and the same the other way round.
    due: BTreeSet<(Uptime, CallNumber)>,
    due_of: BTreeMap<CallNumber, Uptime>,
    touched: BTreeSet<CallNumber>,
    /// Registrations as last written down.
    pub(super) written: BTreeMap<BindingId, Binding>,
    /// The agents' rows as last shown.
    shown: BTreeMap<String, AgentRow>,
    lamps: Lamps,
    /// Slots in which somebody was parked, or no longer is, since lamps were last told.
    slots_changed: BTreeSet<String>,
    pub(in crate::call) limit: Limit,
    alive: Option<Uptime>,
    begun: bool,
    /// Stories of calls that are over, since when.
    untold: VecDeque<(Uptime, Box<Story>)>,
    /// Those who wait until no call is up.
    waiting: Vec<ReplyId>,
}

impl Calls {
    pub fn new(tenant: Arc<Tenant>, dnd: &[String], seed: Seed) -> Calls {
        let mut calls = Calls {
            office: Office::new(Arc::default(), Chance::new(seed)),
            calls: BTreeMap::new(),
            next_call: 1,
            over: BTreeSet::new(),
            legs: BTreeMap::new(),
            engaged: BTreeMap::new(),
            due: BTreeSet::new(),
            due_of: BTreeMap::new(),
            touched: BTreeSet::new(),
            written: BTreeMap::new(),
            shown: BTreeMap::new(),
            lamps: Lamps::default(),
            slots_changed: BTreeSet::new(),
            limit: Limit::default(),
            alive: None,
            begun: false,
            untold: VecDeque::new(),
            waiting: Vec::new(),
        };
        calls.office.tenant = tenant;
        for agent in dnd {
            calls.office.floor.set_dnd(agent, true, Default::default());
        }
        calls
    }

    /// With whom numbers outside talked, and whose turn it is in ring groups, when the last stop came; before the
    /// first event.
    pub fn restore(&mut self, talks: Vec<LastTalk>, turns: Vec<GroupTurn>) {
        self.office.ways.last_agents.restore(talks, &self.office.tenant);
        self.office.turns = turns.into_iter().map(|turn| (Id(turn.group), turn)).collect();
    }

    /// The limits used up before the last stop; before the first event.
    pub fn restore_used(&mut self, used: UsedToday) {
        self.office.ways.spent.restore(used);
    }

    /// What is wanted has changed. Calls that are up go on as they are.
    pub fn tenant(&mut self, now: Now, tenant: Arc<Tenant>, orders: &mut Orders) {
        self.begin(now);
        self.office.tenant = tenant;
        self.staff();
        // The first is told of what was said before the last stop.
        if !std::mem::replace(&mut self.begun, true) {
            self.alarm_again();
        }
        self.lamps.tenant(&mut self.office);
        self.finish(orders);
    }

    pub fn told(&mut self, now: Now, report: Report, orders: &mut Orders) {
        self.begin(now);
        let leg = report.leg();
        if caught(|| self.hear_of(report)).is_none() {
            self.fell_at(leg);
        }
        self.finish(orders);
    }

    /// What was to be done in SIP for this leg failed.
    pub fn failed(&mut self, now: Now, leg: Option<LegId>, orders: &mut Orders) {
        self.begin(now);
        self.fell_at(leg);
        self.finish(orders);
    }

    pub fn heard(&mut self, now: Now, report: sound::Report, orders: &mut Orders) {
        use sound::Report as Sound;
        self.begin(now);
        match report {
            Sound::Stock(slots) => self.office.stock.put(slots),
            Sound::Load { deck, late_us_mean } => self.limit.load(deck, late_us_mean, now.up),
            Sound::Figures(all) => self.measured(all),
            Sound::Digit { leg, .. } | Sound::Played { leg } | Sound::Closed { leg, .. } => {
                self.with_leg(leg, |call, office| call.heard(leg, report, office));
            }
            Sound::Recorded { recording, recorded } => self.recorded(recording, recorded),
        }
        self.finish(orders);
    }

    pub fn ask(&mut self, now: Now, by: Actor, command: Command, reply: ReplyId, orders: &mut Orders) {
        self.begin(now);
        match command {
            Command::HangUp { call_id } => {
                let answer = self.hang_up(&call_id, &by);
                self.office.orders.push(Order::Reply(reply, answer));
            }
            Command::ClickToCall(wanted) => {
                let answer = self.click_to_call(wanted);
                self.office.orders.push(Order::Reply(reply, answer));
            }
            Command::Supervise { agent_number, phone, how } => {
                let answer = self.supervise_from_panel(&agent_number, &phone, how);
                self.office.orders.push(Order::Reply(reply, answer));
            }
            Command::TestCall { trunk, number } => {
                let answer = self.test_call(TrunkId(trunk), &number);
                self.office.orders.push(Order::Reply(reply, answer));
            }
            Command::Record { call_id, wish } => {
                let answer = self.record(&call_id, wish);
                self.office.orders.push(Order::Reply(reply, answer));
            }
            Command::Confirm { alarm, by } => {
                let answer = self.confirm(&alarm, &by);
                self.office.orders.push(Order::Reply(reply, answer));
            }
            Command::Release { alarm } => {
                let answer = self.release(&alarm);
                self.office.orders.push(Order::Reply(reply, answer));
            }
            Command::Page { opens } => {
                self.page(&by, opens);
                self.office.orders.push(Order::Reply(reply, Ok(Answer::Done)));
            }
            Command::Drain => self.drain(reply),
            // Asked of SIP; the exchange answers.
            Command::Bans
            | Command::LiftBan { .. }
            | Command::Explain(_)
            | Command::TryTrunk { .. }
            | Command::TestTrunk(_)
            | Command::AcceptRealm { .. } => {}
            Command::Stop => {
                let all: Vec<CallNumber> = self.calls.keys().copied().collect();
                for number in all {
                    self.with(number, |call, office| verb::hang_up::hang_up_for(&by, call, office));
                }
                self.drain(reply);
            }
        }
        self.finish(orders);
    }

    /// The time of day was set: calls and agents are dated anew, and nothing lasts longer or shorter (BOX-52).
    pub fn clock_set(&mut self, now: Now, by_ms: i64, orders: &mut Orders) {
        self.begin(now);
        let all: Vec<CallNumber> = self.calls.keys().copied().collect();
        for number in all {
            self.with(number, |call, office| call.date_anew(by_ms, office));
        }
        self.office.floor.date_anew(by_ms);
        self.office.ways.spent.date_anew(by_ms);
        self.office.ways.call_backs.date_anew(by_ms);
        self.alive = None;
        self.finish(orders);
    }

    pub fn tick(&mut self, now: Now, orders: &mut Orders) {
        self.begin(now);
        self.office.alarms.time(now);
        self.spend();
        while let Some(&(due, number)) = self.due.first().filter(|(due, _)| *due <= now.up) {
            self.due.remove(&(due, number));
            self.due_of.remove(&number);
            self.with(number, Call::time);
        }
        self.finish(orders);
    }

    pub fn deadline(&self) -> Option<Uptime> {
        let alive = self.alive.filter(|_| self.up() > 0);
        let spent = self.office.ways.spent.due().map(|due| self.office.up() + due.since(self.office.wall()));
        let alarms = self.office.alarms.due(self.office.now);
        let untold = self.untold.front().map(|(over, _)| *over + ANSWERED_WITHIN);
        self.due.first().map(|(due, _)| *due).into_iter().chain(alive).chain(spent).chain(alarms).chain(untold).min()
    }

    /// A box that is about to stop waits for no answer.
    fn tell_stories(&mut self) {
        let now = self.office.up();
        let is_due = self.untold.front().is_some_and(|(over, _)| now.since(*over) >= ANSWERED_WITHIN);
        if !is_due && !self.limit.draining {
            return;
        }
        let soon = |(over, _): &mut (Uptime, Box<Story>)| now.since(*over) + DUE_SOON >= ANSWERED_WITHIN;
        while let Some((_, story)) = self.untold.pop_front_if(|told| self.limit.draining || soon(told)) {
            self.office.remember(Fact::CallTold(story));
        }
    }

    /// Adds up what outside calls have used, and ends those whose budget is used up (OUT-60, OUT-65).
    fn spend(&mut self) {
        let wall = self.office.wall();
        if self.office.ways.spent.due().is_none_or(|due| due > wall) {
            return;
        }
        let tenant = self.office.tenant.clone();
        for due in self.office.ways.spent.tick(&tenant, wall) {
            match due {
                Due::End { call, limit } => self.with_counted(&call, |call, office| call.used_up(limit, office)),
                Due::Warn { call } => self.with_counted(&call, Call::warn),
                alarm => self.alarm(alarm),
            }
        }
    }

    /// How long an event lay before it was looked at (BOX-132).
    pub fn waited(&mut self, length: Duration, now: Uptime) {
        self.limit.waited(length, now);
    }

    pub fn is_behind(&self, now: Uptime) -> bool {
        self.limit.is_behind(now)
    }

    pub fn seed(&mut self, seed: Seed) {
        self.office.chance = Chance::new(seed);
    }

    /// Calls that have not ended.
    pub fn up(&self) -> usize {
        self.calls.len() - self.over.len()
    }

    pub fn refuses(&self) -> bool {
        self.limit.refuses(self.up(), &self.office)
    }

    pub fn refused(&self) -> u64 {
        self.limit.refused
    }

    pub fn devices(&self) -> usize {
        self.office.floor.devices()
    }

    /// How many recordings are missing or not whole, and whether the last one is.
    pub fn recordings_lost(&self) -> (u64, bool) {
        (self.office.recordings.lost, self.office.recordings.fails)
    }

    pub fn max_calls(&self) -> u32 {
        self.office.settings().calls_most(&self.office.tenant)
    }

    pub(in crate::call) fn number_of(&self, leg: LegId) -> Option<CallNumber> {
        self.legs.get(&leg).copied()
    }

    pub(in crate::call) fn call(&self, number: CallNumber) -> &Call {
        &self.calls[&number]
    }

    pub(in crate::call) fn touch(&mut self, number: CallNumber) {
        self.touched.insert(number);
    }

    pub(in crate::call) fn add(&mut self, call: Call) -> CallNumber {
        let number = CallNumber(self.next_call);
        self.next_call += 1;
        self.calls.insert(number, call);
        self.touch(number);
        number
    }

    pub(in crate::call) fn begin(&mut self, now: Now) {
        self.office.now = now;
    }

    fn hear_of(&mut self, report: Report) {
        let wall = self.office.wall();
        match report {
            Report::Registered { binding, .. } => {
                self.write_down(&binding);
                self.office.floor.registered(&binding.user.clone(), device(binding), wall);
            }
            Report::Unregistered { binding } => {
                self.written.remove(&binding.id);
                self.office.remember(Fact::Unregistered { id: binding.id.0 });
                self.office.floor.unregistered(&binding.user, binding.id.0, wall);
            }
            Report::Reachable { id, reachable } => self.office.floor.reachable(id.0, reachable, wall),
            Report::Watching { lamp, user, watched } => self.lamps.watch(lamp, user, watched, &mut self.office),
            Report::Unwatched { lamp } => self.lamps.unwatch(lamp),
            Report::Invited { .. } => self.invited(report),
            Report::CameIn { .. } => self.came_in(report),
            Report::Trunk { trunk, state } => self.office.ways.trunk_is(trunk, state),
            Report::Referred { leg, refer, target, replaces } => self.referred(leg, refer, &target, replaces),
            of_a_leg => {
                if let Some(leg) = of_a_leg.leg() {
                    self.with_leg(leg, |call, office| call.told(leg, of_a_leg, office));
                }
            }
        }
    }

    /// Figures change nothing but what is shown.
    fn measured(&mut self, all: Vec<(LegId, sound::Figures)>) {
        let (mut measured, mut silent) = (BTreeSet::new(), BTreeSet::new());
        for (leg, figures) in all {
            let Some(number) = self.number_of(leg) else { continue };
            let Some(call) = self.calls.get_mut(&number) else { continue };
            if call.party.figures(leg, figures) {
                measured.insert(number);
            }
            if call.misses_sound(leg, &self.office) {
                silent.insert(number);
            }
        }
        for number in silent {
            self.with(number, |call, office| call.end(&Cause::silent(), office));
        }
        for number in measured {
            if let Some(call) = self.calls.get_mut(&number) {
                call.show(&mut self.office);
            }
        }
    }

    fn invited(&mut self, report: Report) {
        let Report::Invited { leg, user, binding, dialed, offer, replaces, peer } = report else { return };
        let private = peer.transport == Transport::Tls;
        let registered = self.office.floor.agent(&user).is_some_and(|agent| agent.is_at(peer.remote.ip()));
        let caller = Leg::came(leg, Role::Caller, &user, binding, private, offer);
        // A call that changes phones is no new one.
        let calls = if replaces.is_some() { 0 } else { self.up() };
        let for_help = replaces.is_none() && self.is_for_help(&caller.number, &dialed);
        if for_help {
            self.make_room();
        }
        let refusal = match (self.admit(&caller, calls, for_help), replaces) {
            (Err(cause), _) => cause,
            (Ok(()), None) => return self.route(caller, registered, &dialed),
            (Ok(()), Some(replaced)) => match self.replaceable(&caller, replaced) {
                Ok((number, role)) => return self.take_over(caller, replaced, number, role),
                Err(code) => Cause::failed(code),
            },
        };
        self.turn_away(caller, &dialed, refusal);
    }

    /// A call that does not come to be, but for its record.
    pub(in crate::call) fn turn_away(&mut self, caller: Leg, dialed: &str, cause: Cause) {
        let mut call = Call::begin(caller, dialed, &mut self.office);
        call.end(&cause, &mut self.office);
        self.add(call);
    }

    /// A call for help is refused only where nothing is left to carry it (OUT-41).
    fn admit(&mut self, caller: &Leg, calls: usize, for_help: bool) -> Result<(), Cause> {
        if !self.office.is_enabled(&caller.number) {
            return Err(Cause::forbidden());
        }
        let refused =
            if for_help { self.limit.refuses_help(&self.office) } else { self.limit.refuses(calls, &self.office) };
        if refused {
            return Err(self.limit.cause(&mut self.office));
        }
        caller.fits().map_err(Cause::failed)
    }

    fn route(&mut self, caller: Leg, registered: bool, dialed: &str) {
        // FEA-6: a parked call goes before an agent of that number.
        let slot = slot_of(dialed, &self.office.tenant);
        if let Some(number) = slot.and_then(|slot| self.office.parked.get(&slot)) {
            return self.fetch(caller, *number);
        }
        match Destination::of(dialed, &self.office) {
            // FEA-2: whoever knows the password and has no phone here has no codes either.
            code if code.is_code() && !registered => self.turn_away(caller, dialed, Cause::forbidden()),
            Destination::Park => self.park_held(caller, None, dialed),
            Destination::Slot(slot) => self.park_held(caller, Some(slot), dialed),
            Destination::Pickup(whom) => self.pick_up(caller, whom.as_deref(), dialed),
            Destination::Supervise(how, agent) => self.supervise(caller, how, &agent, dialed),
            destination => self.send(caller, destination, dialed),
        }
    }

    fn send(&mut self, mut caller: Leg, destination: Destination, dialed: &str) {
        let deck = self.deck_for(&caller.number, &destination);
        let opened = caller.open(deck, &mut self.office);
        let call = Call::begin(caller, dialed, &mut self.office);
        let next = if opened { Next::Go(destination) } else { Next::End(self.limit.cause(&mut self.office)) };
        let number = self.add(call);
        self.with(number, |call, office| call.go_on(next, office));
    }

    /// That of another call of either side, as the two may be joined by a transfer.
    fn deck_for(&self, caller: &str, destination: &Destination) -> Option<u8> {
        let called = match destination {
            Destination::Agent(agent) => Some(agent.as_str()),
            _ => None,
        };
        let legs = [Some(caller), called].into_iter().flatten().filter_map(|number| self.office.floor.agent(number));
        let mut calls = legs.flat_map(|agent| agent.legs()).filter_map(|leg| self.number_of(LegId(*leg)));
        calls.find_map(|number| self.call(number).party.deck())
    }

    fn hang_up(&mut self, call_id: &str, by: &Actor) -> Result<Answer, NotDone> {
        let act = |call: &mut Call, office: &mut Office| verb::hang_up::hang_up_for(by, call, office);
        self.with_call(call_id, act).map(|()| Answer::Done)
    }

    /// Of the call that has this id and is up.
    pub(in crate::call) fn with_call(
        &mut self,
        call_id: &str,
        act: impl FnOnce(&mut Call, &mut Office),
    ) -> Result<(), NotDone> {
        let found = self.calls.iter().find(|(_, call)| call.record.call_id == call_id && !call.is_over());
        let number = found.map(|(number, _)| *number).ok_or(NotDone::NoCall)?;
        self.with(number, act);
        Ok(())
    }

    /// A record that is written already is told anew how its recording is.
    fn recorded(&mut self, recording: RecordingId, recorded: Recorded) {
        if let Some(is_left) = self.office.recordings.prompt_closed(recording, &recorded) {
            return self.prompt_closed(recording, &recorded, is_left);
        }
        let Some(call_id) = self.office.recordings.finished(recording, &recorded) else { return };
        let unwritten = |call: &Call| call.record.call_id == call_id && !call.recorded;
        match self.calls.iter().find(|(_, call)| unwritten(call)).map(|(number, _)| *number) {
            Some(number) => self.with(number, |call, office| call.recorded(recorded, office)),
            None => {
                let recording = Box::new(recording::kept(String::new(), recorded));
                self.office.remember(Fact::Recorded { call_id, recording });
            }
        }
    }

    /// The call in which the limits count an outside call under this name.
    fn with_counted(&mut self, name: &str, act: impl FnOnce(&mut Call, &mut Office)) {
        let found = self.calls.iter().find(|(_, call)| call.counted.iter().any(|counted| counted == name));
        if let Some(number) = found.map(|(number, _)| *number) {
            self.with(number, act);
        }
    }

    fn drain(&mut self, reply: ReplyId) {
        self.limit.draining = true;
        self.waiting.push(reply);
    }

    fn with_leg(&mut self, leg: LegId, act: impl FnOnce(&mut Call, &mut Office)) {
        if let Some(number) = self.number_of(leg) {
            self.with(number, act);
        }
    }

    pub(in crate::call) fn with(&mut self, number: CallNumber, act: impl FnOnce(&mut Call, &mut Office)) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        match caught(|| act(call, &mut self.office)) {
            Some(()) => drop(self.touched.insert(number)),
            None => self.fell(number),
        }
    }

    /// The call, and all that is known of when and where it is.
    pub(super) fn take_out(&mut self, number: CallNumber) -> Option<Call> {
        self.touched.remove(&number);
        self.over.remove(&number);
        self.list(number, None);
        self.keep_slot(number, None);
        self.calls.remove(&number)
    }

    /// The leg is over, whatever call it was in.
    pub(super) fn forget_leg(&mut self, leg: LegId) {
        self.legs.remove(&leg);
        self.engage(leg, None);
    }

    pub(super) fn tell_later(&mut self, story: Story) {
        self.untold.push_back((self.office.up(), Box::new(story)));
    }

    /// Says what follows from all that was just done, once for each call and agent.
    pub(in crate::call) fn finish(&mut self, orders: &mut Orders) {
        self.make_room_on_trunks();
        self.attend();
        while let Some(number) = self.touched.pop_first() {
            if caught(|| self.settle(number)).is_none() {
                self.fell(number);
            }
        }
        self.tell_stories();
        self.show_agents();
        self.show_alarms();
        self.say_alive();
        if let Some(used) = self.office.ways.spent.take_changes() {
            self.office.remember(Fact::Used(Box::new(used)));
        }
        if !self.waiting.is_empty() && self.calls.values().all(|call| call.recorded) {
            for reply in std::mem::take(&mut self.waiting) {
                self.office.orders.push(Order::Reply(reply, Ok(Answer::Done)));
            }
        }
        orders.append(&mut self.office.orders);
    }

    fn settle(&mut self, number: CallNumber) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        call.settle(&mut self.office);
        let gone = call.party.sweep();
        let legs: Vec<(LegId, Option<(String, Engaged)>)> =
            call.party.legs().iter().map(|leg| (leg.id, engaged(call, leg, &self.office))).collect();
        let due = call.due();
        let over = call.is_gone();
        let story = over.then(|| call.story());
        let slot = match &call.place {
            Place::Park(place) => Some(place.slot),
            _ => None,
        };
        if call.is_over() {
            self.over.insert(number);
        }
        gone.into_iter().for_each(|leg| self.forget_leg(leg));
        for (leg, engaged) in legs {
            self.legs.insert(leg, number);
            self.engage(leg, engaged);
        }
        self.list(number, due.filter(|_| !over));
        self.keep_slot(number, slot);
        story.into_iter().for_each(|story| self.tell_later(story));
        if over {
            self.calls.remove(&number);
            self.over.remove(&number);
        }
    }

    fn list(&mut self, number: CallNumber, due: Option<Uptime>) {
        if let Some(before) = self.due_of.remove(&number) {
            self.due.remove(&(before, number));
        }
        if let Some(due) = due {
            self.due.insert((due, number));
            self.due_of.insert(number, due);
        }
    }

    /// The slot in which the call lies, if it does.
    fn keep_slot(&mut self, number: CallNumber, slot: Option<u32>) {
        let parked = &mut self.office.parked;
        let before = parked.iter().find(|(_, call)| **call == number).map(|(slot, _)| *slot);
        if before == slot {
            return;
        }
        if let Some(before) = before {
            parked.remove(&before);
        }
        if let Some(slot) = slot {
            parked.insert(slot, number);
        }
        self.slots_changed.extend(before.into_iter().chain(slot).map(|slot| slot.to_string()));
    }

    fn engage(&mut self, leg: LegId, engaged: Option<(String, Engaged)>) {
        let wall = self.office.wall();
        if self.engaged.get(&leg) == engaged.as_ref() {
            return;
        }
        if let Some((agent, _)) = self.engaged.remove(&leg) {
            self.office.floor.engage(&agent, leg.0, None, wall);
        }
        if let Some((agent, engaged)) = engaged {
            self.office.floor.engage(&agent, leg.0, Some(engaged.clone()), wall);
            self.engaged.insert(leg, (agent, engaged));
        }
    }

    fn show_agents(&mut self) {
        let changed = self.office.floor.take_changed();
        for number in &changed {
            let row = self.office.floor.row(number).filter(|_| self.office.is_agent(number));
            if row.is_none() {
                self.office.floor.forget(number);
            }
            if self.shown.get(number) == row.as_ref() {
                continue;
            }
            match &row {
                Some(row) => self.shown.insert(number.clone(), row.clone()),
                None => self.shown.remove(number),
            };
            self.office.show(Change::Agent { agent_number: number.clone(), row: row.map(Box::new) });
        }
        self.lamps.changed(&changed, &mut self.office);
        self.lamps.changed(&std::mem::take(&mut self.slots_changed), &mut self.office);
    }

    /// BOX-94: the newest of these is the last time known, should the power go.
    fn say_alive(&mut self) {
        if self.up() == 0 {
            self.alive = None;
            return;
        }
        let now = self.office.up();
        if self.alive.is_none_or(|due| due <= now) {
            self.alive = Some(now + ALIVE_EVERY);
            self.office.remember(Fact::Alive(self.office.wall()));
        }
    }
}
