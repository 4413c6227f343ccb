//! One call: its place, its party, its record, and how it goes on.

use super::{
    cause::Cause,
    destination::Destination,
    leg::{Leg, Role},
    office::Office,
    party::Party,
    place::{Next, Place, announce::Announce, echo_test::EchoTest, ring_agent::RingAgent, talk::Talk},
    record::{self, Opening},
    row, verb,
};
use crate::{
    audio::order as sound,
    history::{
        call_record::{CallOutcome, CallRecord, SideSound, TransferType},
        fact::{AgentEvent, AgentEventKind, Fact},
    },
    model::Preferences,
    schema::tenant::Tenant,
    sdp::{LegId, Session},
    sip::order::Report,
    time::{Now, Timestamp, Uptime},
    view::{CallRow, CallState, Change},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// Destinations that may follow each other without anybody doing anything.
const HOPS: usize = 16;
/// How long a record waits for the last figures of its sound.
const FIGURES_WAIT: Duration = Duration::from_millis(300);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    pub record: CallRecord,
    pub called_name: String,
    began: Now,
    /// What was wanted when it began; what is changed meanwhile is for later calls (PRF-4).
    #[serde(skip)]
    wanted: Arc<Tenant>,
    pub place: Place,
    pub party: Party,
    /// Since when the state is what it is.
    pub since: Timestamp,
    state: CallState,
    /// Since when somebody holds it.
    held: Option<Timestamp>,
    /// The record says something that its last fact does not.
    unsaid: bool,
    shown: Option<Arc<CallRow>>,
    /// First the caller's side, then that of whoever answered.
    sound: [Option<SideSound>; 2],
    /// When the record is closed at the latest, once the call is over.
    closing: Option<Uptime>,
    pub recorded: bool,
}

impl Call {
    /// A call that begins with a phone's INVITE.
    pub fn begin(caller: Leg, dialed: &str, office: &mut Office) -> Call {
        let opening = Opening { caller: &caller.agent, dialed, after: None };
        let record = record::open(opening, office);
        Call::of(record, dialed, Party::of(caller), office)
    }

    /// A call that begins with a transfer of another.
    pub fn after(
        parent: &CallRecord,
        how: TransferType,
        by: &str,
        caller: Leg,
        dialed: &str,
        office: &mut Office,
    ) -> Call {
        let opening = Opening { caller: &caller.agent, dialed, after: Some((parent, how, by)) };
        let record = record::open(opening, office);
        Call::of(record, dialed, Party::of(caller), office)
    }

    fn of(record: CallRecord, dialed: &str, party: Party, office: &Office) -> Call {
        Call {
            record,
            called_name: office.name(dialed),
            began: office.now,
            wanted: office.tenant.clone(),
            place: Place::Over,
            party,
            since: office.wall(),
            state: CallState::Ringing,
            held: None,
            unsaid: true,
            shown: None,
            sound: [None, None],
            closing: None,
            recorded: false,
        }
    }

    pub fn is_over(&self) -> bool {
        self.closing.is_some()
    }

    /// Nothing is left to be done or to come.
    pub fn is_gone(&self) -> bool {
        self.recorded && self.party.legs().is_empty()
    }

    pub fn told(&mut self, leg: LegId, report: Report, office: &mut Office) {
        let next = match report {
            Report::Changed { offer, .. } => {
                verb::hold::changed(&mut self.party, leg, offer, office);
                Next::Stay
            }
            Report::ChangeAnswered { session, .. } => self.took(leg, session, office),
            Report::Confirmed { session: Some(session), .. } => {
                let next = self.took(leg, session, office);
                self.party.agree_on_a_codec(office);
                next
            }
            Report::ChangeRefused { .. } => {
                if let Some(leg) = self.party.leg(leg) {
                    leg.change_refused();
                }
                Next::Stay
            }
            Report::Confirmed { session: None, .. } => Next::Stay,
            Report::Digit { digit, ms, .. } => {
                let echo = matches!(self.place, Place::EchoTest(_));
                verb::digit::press(echo, &mut self.party, leg, digit, ms, office);
                Next::Stay
            }
            Report::Ended { .. } => {
                if let Some(leg) = self.party.leg(leg) {
                    leg.ended(office);
                }
                self.place.told(report, &mut self.party, office)
            }
            report => self.place.told(report, &mut self.party, office),
        };
        self.go_on(next, office);
    }

    pub fn heard(&mut self, leg: LegId, report: sound::Report, office: &mut Office) {
        let next = match report {
            sound::Report::Played { .. } => self.place.played(leg, &mut self.party),
            sound::Report::Closed { figures, .. } => {
                self.party.figures(leg, figures);
                self.note_sound();
                if let Some(leg) = self.party.leg(leg) {
                    leg.closed();
                }
                Next::Stay
            }
            sound::Report::Digit { .. }
            | sound::Report::Figures(_)
            | sound::Report::Stock(_)
            | sound::Report::Load { .. } => Next::Stay,
        };
        self.go_on(next, office);
    }

    pub fn due(&self) -> Option<Uptime> {
        let closing = self.closing.filter(|_| !self.recorded);
        [self.place.due(), self.party.leaving_due(), closing].into_iter().flatten().min()
    }

    pub fn time(&mut self, office: &mut Office) {
        let now = office.up();
        self.party.end_leaving(office);
        if self.place.due().is_some_and(|due| due <= now) {
            let next = self.place.time(&mut self.party, office);
            self.go_on(next, office);
        }
    }

    /// Follows what was decided, for a bounded number of hops.
    pub fn go_on(&mut self, next: Next, office: &mut Office) {
        let mut next = next;
        for _ in 0..HOPS {
            next = match next {
                Next::Stay => return self.place.sound(&mut self.party, office),
                Next::Go(destination) => self.go(destination, office),
                Next::Talk => self.talk(office),
                Next::End(cause) => return self.end(&cause, office),
            };
        }
        self.end(&Cause::failed(500), office);
    }

    /// Ends it for everyone. Whoever transferred it hears so too.
    pub fn end(&mut self, cause: &Cause, office: &mut Office) {
        if self.is_over() {
            return;
        }
        self.party.tell_transferor(if cause.code == 200 { 487 } else { cause.code }, office);
        self.close_record(cause, office);
        if let Some(caller) = self.party.caller().filter(|caller| caller.came && !caller.is_up()) {
            caller.refuse(cause.code.max(400), cause.retry_after, office);
        }
        self.party.end_all(office);
        self.place = Place::Over;
        self.closing = Some(office.up() + FIGURES_WAIT);
    }

    /// The record ends and the legs go on in another call.
    pub fn close_record(&mut self, cause: &Cause, office: &mut Office) {
        let at = self.clock(office);
        self.resume(at);
        self.note_sound();
        record::close(&mut self.record, cause, at);
    }

    /// The call ends without its legs, which were taken out of the party.
    pub fn close_after_transfer(&mut self, cause: &Cause, office: &mut Office) {
        self.close_record(cause, office);
        self.place = Place::Over;
        self.closing = Some(office.up());
    }

    /// Says what has changed since this was last called: facts and rows.
    pub fn settle(&mut self, office: &mut Office) {
        self.settle_hold(office);
        if self.is_over() {
            self.settle_end(office);
            return;
        }
        if self.unsaid {
            self.unsaid = false;
            office.remember_open(&self.record);
        }
        self.show(office);
    }

    /// Its row, if that has changed.
    pub fn show(&mut self, office: &mut Office) {
        if self.is_over() {
            return;
        }
        let row = row::row(self);
        if self.shown.as_deref() != Some(&row) {
            let row = Arc::new(row);
            office.show(Change::Call { call_id: row.call_id.clone(), row: Some(row.clone()) });
            self.shown = Some(row);
        }
    }

    fn go(&mut self, destination: Destination, office: &mut Office) -> Next {
        let place = match destination {
            Destination::Agent(agent) => {
                let length = self.ring_length();
                RingAgent::enter(&agent, length, &mut self.party, office).map(Place::RingAgent)
            }
            Destination::EchoTest => {
                EchoTest::enter(self.phrase("echo_test"), &mut self.party, office).map(Place::EchoTest)
            }
            Destination::Dnd => self.toggle_dnd(office).map(Place::Announce),
            Destination::Unknown => {
                let phrase = self.phrase("number_unknown");
                Announce::refuse(phrase, Cause::failed(404), &mut self.party, office).map(Place::Announce)
            }
        };
        match place {
            Ok(place) => {
                self.place = place;
                self.note_answer(office);
                Next::Stay
            }
            Err(cause) => Next::End(cause),
        }
    }

    fn preferences(&self) -> &Preferences {
        Preferences::of(&self.wanted)
    }

    /// PRF-41, PRF-42.
    fn ring_length(&self) -> Duration {
        match self.record.transfer_type {
            TransferType::Blind => self.preferences().blind_transfer_ring_timeout.length(),
            TransferType::None | TransferType::Attended => self.preferences().extension_ring_timeout.length(),
        }
    }

    /// A phrase in the language of this call.
    fn phrase(&self, name: &str) -> String {
        format!("{}/{name}", self.preferences().language.word())
    }

    /// FEA-9: of the agent whose phone dialed.
    fn toggle_dnd(&mut self, office: &mut Office) -> Result<Announce, Cause> {
        let agent = self.record.agent_number.clone();
        let on = office.floor.toggle_dnd(&agent, office.now.wall);
        let kind = if on { AgentEventKind::DndOn } else { AgentEventKind::DndOff };
        office.remember(Fact::AgentEvent(AgentEvent { at: office.wall(), agent_number: agent, kind }));
        let phrase = if on { "do_not_disturb_on" } else { "do_not_disturb_off" };
        Announce::confirm(self.phrase(phrase), &mut self.party, office)
    }

    fn talk(&mut self, office: &mut Office) -> Next {
        self.place = Place::Talk(Talk {});
        self.note_answer(office);
        self.party.agree_on_a_codec(office);
        Next::Stay
    }

    /// An answer to our offer; one that does not fit ends the leg, and so the call.
    fn took(&mut self, leg: LegId, session: Session, office: &mut Office) -> Next {
        let Some(phone) = self.party.leg(leg) else { return Next::Stay };
        if phone.take_answer(session, office) || !matches!(phone.role, Role::Caller | Role::Called) {
            return Next::Stay;
        }
        Next::End(Cause::failed(488))
    }

    fn note_answer(&mut self, office: &mut Office) {
        let up = self.party.has(Role::Caller).is_some_and(Leg::is_up);
        let alone = matches!(self.place, Place::EchoTest(_) | Place::Announce(_));
        let called = self.party.has(Role::Called).map(|leg| leg.agent.clone());
        let called = called.or_else(|| alone.then(|| self.record.original_called_number.clone()));
        if let Some(called) = called.filter(|_| up && self.record.answered_at.is_none()) {
            let at = self.clock(office);
            record::answered(&mut self.record, &called, at);
            self.unsaid = true;
        }
    }

    /// Sides that are gone already stay as they were last known.
    fn note_sound(&mut self) {
        for (role, side) in [Role::Caller, Role::Called].into_iter().zip(&mut self.sound) {
            if let Some(leg) = self.party.has(role).filter(|leg| leg.agreed.is_some()) {
                *side = Some(record::side(leg));
            }
        }
        if !self.recorded {
            self.record.sound = self.sound.iter().flatten().cloned().collect();
        }
    }

    /// CDR-52, CDR-53: every hold counts, and its time while anybody holds.
    fn settle_hold(&mut self, office: &mut Office) {
        let rings = matches!(&self.place, Place::RingAgent(place) if place.rang);
        if rings && self.record.call_outcome == CallOutcome::Failed {
            record::rang(&mut self.record);
            self.unsaid = true;
        }
        let held = !self.is_over() && self.party.is_held();
        match (self.held, held) {
            (None, true) => {
                self.held = Some(self.clock(office));
                self.record.hold_count += 1;
                self.unsaid = true;
            }
            (Some(_), false) => self.resume(self.clock(office)),
            (None, false) | (Some(_), true) => {}
        }
        let state = self.place.state(&self.party);
        if state != self.state {
            (self.state, self.since) = (state, self.clock(office));
        }
    }

    /// The time of day was set; the call is as long as it was.
    pub fn date_anew(&mut self, by_ms: i64, office: &Office) {
        if self.recorded {
            return;
        }
        for moment in [&mut self.began.wall, &mut self.since].into_iter().chain(&mut self.held) {
            *moment = moment.moved(by_ms);
        }
        record::date_anew(&mut self.record, by_ms, office);
        self.unsaid = true;
    }

    /// The time of day by the clock as it stood when the call was dated: one that moves meanwhile makes no call
    /// longer, shorter or ended before it was answered (BOX-52).
    fn clock(&self, office: &Office) -> Timestamp {
        self.began.wall + office.up().since(self.began.up)
    }

    fn resume(&mut self, at: Timestamp) {
        if let Some(since) = self.held.take() {
            self.record.hold_seconds += at.seconds_since(since);
            self.unsaid = true;
        }
    }

    fn settle_end(&mut self, office: &mut Office) {
        if self.shown.take().is_some() {
            office.show(Change::Call { call_id: self.record.call_id.clone(), row: None });
        }
        let silent = self.party.legs().iter().all(Leg::is_silent);
        let late = self.closing.is_some_and(|closing| closing <= office.up());
        if !self.recorded && (silent || late) {
            self.recorded = true;
            office.remember(Fact::CallEnded(Box::new(self.record.clone())));
        }
    }
}
