//! Listen, whisper, barge: a leader hears a call, speaks to its agent alone, or to both (FEA-21 to FEA-24).

use crate::{
    call::{
        Calls,
        cause::Cause,
        leg::{HeardBy, Leg, Role},
        office::Office,
        one::Call,
        place::{Next, Place},
        record,
    },
    history::{
        call_record::{CallRecord, CallType, HangupBy},
        fact::Fact,
    },
    model::{Agent, AgentGroup},
    schema::kind::Ref,
    sdp::LegId,
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
    [called, caller].into_iter().find(|leg| both && leg.number == agent).map(|leg| leg.id)
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
