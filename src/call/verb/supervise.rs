//! Listen, whisper, barge: a leader hears a call, speaks to its agent alone, or to both (FEA-21 to FEA-24).

use crate::{
    call::{
        Calls,
        calls::CallNumber,
        cause::Cause,
        command::{Answer, NotDone},
        destination::Destination,
        leg::{HeardBy, Leg, Role},
        office::Office,
        one::Call,
        party::Guest,
        place::{Next, Place, first_leg::FirstLeg, watch::Watch},
        record::{self, Opening},
    },
    history::{
        call_record::{CallRecord, CallType, HangupBy},
        fact::Fact,
    },
    model::{Agent, AgentGroup},
    schema::kind::Ref,
    sdp::LegId,
    sip::order::{Alert, Shown},
};

impl Calls {
    /// An agent who is in no call cannot be heard by phone; whoever may not gets busy.
    pub(in crate::call) fn supervise(&mut self, mut leg: Leg, how: HeardBy, agent: &str, dialed: &str) {
        let found = self.calls.iter().find_map(|(number, call)| Some((*number, talks(call, agent)?)));
        let Some((number, of)) = found.filter(|_| self.may(&leg.number, how, agent)) else {
            return self.turn_away(leg, dialed, Cause::busy(HangupBy::System));
        };
        let call = self.calls.get_mut(&number).expect("a call that was just found");
        assert!(leg.open(call.party.deck(), &mut self.office), "a leg is admitted only while there are slots");
        leg.role = Role::Leader { of, heard: how };
        if !leg.answer(call.party.other_codec(of), &mut self.office) {
            leg.role = Role::Caller;
            return self.turn_away(leg, dialed, Cause::failed(488));
        }
        call.supervised(leg, word(how), agent, dialed, &mut self.office);
        call.go_on(Next::Stay, &mut self.office);
        self.touch(number);
    }

    /// The phone rings, and hears what the agent does from then on: this call and those that follow. Asked once more
    /// for the same two, it is heard otherwise from now on (MON-63).
    pub(in crate::call) fn supervise_from_panel(
        &mut self,
        agent: &str,
        phone: &str,
        how: HeardBy,
    ) -> Result<Answer, NotDone> {
        if !self.office.is_agent(agent) || agent == phone {
            return Err(NotDone::NoSuchRow);
        }
        let is_there = |number: &&CallNumber| {
            let watch = self.calls.get(number).and_then(Call::watched);
            watch.is_some_and(|(leader, watch)| leader.number == phone && watch.agent == agent)
        };
        if let Some(number) = self.office.watches.keys().find(is_there).copied() {
            self.with(number, |call, _| call.watch(how));
            return Ok(Answer::Called { call_id: self.call(number).record.call_id.clone() });
        }
        self.is_free(phone)?;
        if self.limit.refuses(self.up(), &self.office) {
            return Err(NotDone::CallLimit);
        }
        let opening = Opening { caller: phone, dialed: agent, after: None };
        let record = CallRecord { call_type: word(how), ..record::open(opening, &mut self.office) };
        let shown = Shown { number: agent.to_owned(), name: self.office.name(agent) };
        let mut call = Call::without_caller(record, agent, shown, &self.office);
        let length = self.office.preferences().extension_ring_timeout.length();
        let (then, office) = (Destination::Supervise(how, agent.to_owned()), &mut self.office);
        let place = match call.bound(phone, true, office) {
            Some(order) => FirstLeg::dial(order, length, then, &mut call.party, office),
            None => FirstLeg::enter(phone, Alert::Internal, length, then, &mut call.party, office),
        };
        call.place = Place::FirstLeg(place.map_err(|_| NotDone::AgentUnavailable)?);
        let call_id = call.record.call_id.clone();
        let number = self.add(call);
        self.office.watches.insert(number, None);
        Ok(Answer::Called { call_id })
    }

    /// Each leader at a phone hears the call that the agent has now.
    pub(in crate::call) fn attend(&mut self) {
        for (number, before) in std::mem::take(&mut self.office.watches) {
            let Some(call) = self.calls.get(&number).filter(|call| !call.is_over()) else {
                self.visit(before, None);
                continue;
            };
            let wanted = call.watched().map(|(leader, watch)| (leader.id, watch.agent.clone(), watch.how));
            let now = wanted.and_then(|(leg, agent, heard)| {
                let mut calls = self.calls.iter();
                let (other, of) = calls.find_map(|(other, call)| Some((*other, talks(call, &agent)?)))?;
                Some((other, Guest { leg, of, heard }))
            });
            self.visit(before, now);
            let talk = now.and_then(|(other, _)| self.calls.get(&other));
            let hears: Vec<LegId> = talk.into_iter().flat_map(|call| call.party.sides().map(|leg| leg.id)).collect();
            let call_id = talk.map(|call| call.record.call_id.clone());
            self.with_changed(number, hears, call_id);
            self.office.watches.insert(number, now);
        }
    }

    fn visit(&mut self, before: Option<(CallNumber, Guest)>, now: Option<(CallNumber, Guest)>) {
        if before == now {
            return;
        }
        let mut tell = |(number, guest): (CallNumber, Guest), comes: bool| {
            self.with(number, |call, office| {
                call.party.visit(guest.leg, comes.then_some(guest));
                call.go_on(Next::Stay, office);
            });
        };
        before.into_iter().for_each(|before| tell(before, false));
        now.into_iter().for_each(|now| tell(now, true));
    }

    fn with_changed(&mut self, number: CallNumber, hears: Vec<LegId>, call_id: Option<String>) {
        let same = |call: &Call| matches!(&call.place, Place::Watch(watch) if watch.hears == hears);
        if self.calls.get(&number).is_none_or(|call| same(call) || call.watched().is_none()) {
            return;
        }
        self.with(number, |call, office| {
            if call.record.parent_call_id.is_none() {
                call.record.parent_call_id = call_id;
                call.unsaid();
            }
            if let Place::Watch(watch) = &mut call.place {
                watch.hears = hears;
            }
            call.go_on(Next::Stay, office);
        });
    }

    /// Leaders over the agents of their groups, and whoever's role grants it.
    fn may(&self, leader: &str, how: HeardBy, agent: &str) -> bool {
        let tenant = &self.office.tenant;
        let (Some(leader), Some(agent)) = (Agent::of(tenant, leader), Agent::of(tenant, agent)) else { return false };
        let has = |list: &[Ref<Agent>], id| list.iter().any(|one| one.id == id);
        let leads = |group: &AgentGroup| {
            let member = has(&group.agents, agent.id()) || has(&group.static_agents, agent.id());
            member && has(&group.leaders, leader.id())
        };
        let granted = || {
            let role = leader.value.role.and_then(|role| role.row(tenant));
            role.is_some_and(|role| role.value.permissions.has(right(how)))
        };
        leader.id() != agent.id() && (tenant.table::<AgentGroup>().rows().any(|row| leads(&row.value)) || granted())
    }
}

impl Call {
    /// The leader's phone, and whom it hears, once it was answered.
    fn watched(&self) -> Option<(&Leg, &Watch)> {
        let Place::Watch(watch) = &self.place else { return None };
        Some((self.party.has(Role::Caller).filter(|leg| leg.is_up())?, watch))
    }

    fn watch(&mut self, how: HeardBy) {
        if let Place::Watch(watch) = &mut self.place {
            watch.how = how;
        }
    }

    /// A leader's leg comes into this call.
    pub fn supervised(&mut self, leg: Leg, how: CallType, agent: &str, dialed: &str, office: &mut Office) {
        let record = record::beside(&self.record, how, &leg.number, dialed, office);
        let record = CallRecord { ended_at: None, actual_called_number: agent.to_owned(), ..record };
        office.remember_open(&record);
        self.supervised.push((leg.id, record));
        self.party.add(leg);
    }

    /// Of this leader, or of all.
    pub(in crate::call) fn end_supervision(&mut self, leader: Option<LegId>, by: HangupBy, office: &mut Office) {
        for (_, mut record) in self.supervised.extract_if(.., |(leg, _)| leader.is_none_or(|leader| leader == *leg)) {
            record::close(&mut record, &Cause::normal(by), office.wall());
            office.remember(Fact::CallEnded(Box::new(record)));
        }
    }
}

/// The agent's leg, if the agent talks in this call.
fn talks(call: &Call, agent: &str) -> Option<LegId> {
    let side = |role| call.party.has(role).filter(|leg| leg.is_up());
    let (caller, called) = (side(Role::Caller)?, side(Role::Called)?);
    let both = matches!(call.place, Place::Talk(_));
    [called, caller].into_iter().find(|leg| both && leg.staff() == Some(agent)).map(|leg| leg.id)
}

fn word(how: HeardBy) -> CallType {
    match how {
        HeardBy::Nobody => CallType::Listen,
        HeardBy::Agent => CallType::Whisper,
        HeardBy::All => CallType::Barge,
    }
}

fn right(how: HeardBy) -> &'static str {
    match how {
        HeardBy::Nobody => "monitor.listen",
        HeardBy::Agent => "monitor.whisper",
        HeardBy::All => "monitor.barge",
    }
}
