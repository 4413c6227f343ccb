//! One call: its place, its party, its record, and how it goes on.

use super::{
    cause::Cause,
    destination::Destination,
    leg::{Leg, Role},
    office::Office,
    party::Party,
    place::{
        Next, Place, announce::Announce, echo_test::EchoTest, ivr::Ivr, outside::Outside, playlist::Playlist,
        prompt::Prompt, ring_agent::RingAgent, ring_group::RingGroup, talk::Talk, watch::Watch,
    },
    record::{self, Opening},
    recording::Running,
    row, speech,
    step::{Found, Rule, Step},
    told::Told,
    verb,
    way_out::Made,
};
use crate::{
    audio::order::{self as sound, Sound},
    history::{
        call_record::{CallOutcome, CallRecord, CallType, HangupBy, HangupReason, SideSound, TransferType, Visit},
        fact::{AgentEventKind, Fact},
    },
    model::{self, PopupAlert, Preferences},
    schema::{
        Id, Model, Row,
        tenant::{self, Tenant},
    },
    sdp::{LegId, Session},
    sip::order::{Report, Shown},
    time::{Now, Timestamp, Uptime},
    view::{AgentState, AlertRow, CallRow, CallState, Change},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// Destinations that a call may pass (DST reading), so that loops end.
const DESTINATIONS_MAX: u32 = 30;
/// How long a record waits for the last figures of its sound.
const FIGURES_WAIT: Duration = Duration::from_millis(300);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    pub record: CallRecord,
    pub called_name: String,
    pub began: Now,
    /// What was wanted when it began; what is changed meanwhile is for later calls (PRF-4).
    #[serde(with = "tenant::by_revision")]
    pub(super) wanted: Arc<Tenant>,
    pub place: Place,
    /// Destinations so far.
    passed: u32,
    /// Attempts of the places that it has left.
    pub(super) tried: usize,
    pub party: Party,
    /// Since when the state is what it is.
    pub since: Timestamp,
    state: CallState,
    /// Since when somebody holds it.
    held: Option<Timestamp>,
    /// The record says something that its last fact does not.
    pub(super) unsaid: bool,
    shown: Option<Arc<CallRow>>,
    /// First the caller's side, then that of whoever answered.
    sound: [Option<SideSound>; 2],
    /// When the record is closed at the latest, once the call is over.
    closing: Option<Uptime>,
    pub recorded: bool,
    pub recording: Option<Running>,
    pub told: Told,
    pub keyed: verb::record::Keyed,
    /// The records of those who listen, whisper or barge, each a call of its own (CDR-71 reading).
    pub supervised: Vec<(LegId, CallRecord)>,
    /// Where no phone dialed it.
    pub made: Option<Made>,
    /// The agent who transferred it blindly and is rung again should nobody answer (PRF-43).
    pub returns_to: Option<String>,
    /// From a number on the blacklist: its record says so, wherever it goes (BLK-4).
    pub blacklisted: bool,
    /// Under these names the limits count what is called outside in it, also before a transfer (OUT-66).
    pub counted: Vec<String>,
    /// What agents in it are warned of (POP-3, POP-4).
    pub alerts: Vec<AlertRow>,
    /// Hops that a call from outside has left (TRK-66).
    pub(super) max_forwards: Option<u8>,
}

impl Call {
    /// A call that begins with a phone's INVITE.
    pub fn begin(caller: Leg, dialed: &str, office: &mut Office) -> Call {
        let opening = Opening { caller: &caller.number, dialed, after: None };
        let record = record::open(opening, office);
        Call::of(record, dialed, caller, office)
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
        let opening = Opening { caller: &caller.number, dialed, after: Some((parent, how, by)) };
        let record = record::open(opening, office);
        Call::of(record, dialed, caller, office)
    }

    /// A call by which something is done to another: to park it.
    pub fn beside(parent: &CallRecord, what: CallType, caller: Leg, dialed: &str, office: &mut Office) -> Call {
        let record = record::open_beside(parent, what, &caller.number, dialed, office);
        Call::of(record, dialed, caller, office)
    }

    pub fn of(record: CallRecord, dialed: &str, caller: Leg, office: &Office) -> Call {
        let shown = caller.shown(office);
        Call::with(record, dialed, Party::of(caller, shown), office)
    }

    /// A call that begins with a phone that we ring; `shown` is what it is shown.
    pub fn without_caller(record: CallRecord, dialed: &str, shown: Shown, office: &Office) -> Call {
        Call::with(record, dialed, Party::without_caller(shown), office)
    }

    fn with(record: CallRecord, dialed: &str, party: Party, office: &Office) -> Call {
        Call {
            record,
            called_name: office.name(dialed),
            began: office.now,
            wanted: office.tenant.clone(),
            place: Place::Over,
            passed: 0,
            tried: 0,
            party,
            since: office.wall(),
            state: CallState::Ringing,
            held: None,
            unsaid: true,
            shown: None,
            sound: [None, None],
            closing: None,
            recorded: false,
            recording: None,
            told: Told::default(),
            keyed: Default::default(),
            supervised: Vec::new(),
            made: None,
            returns_to: None,
            blacklisted: false,
            counted: Vec::new(),
            alerts: Vec::new(),
            max_forwards: None,
        }
    }

    /// From now on agents in it are warned of whoever has this number.
    pub(super) fn warn_of(&mut self, number: &str) {
        let found = PopupAlert::of(&self.wanted, self.record.package.unwrap_or_default(), number);
        self.alerts.extend(found.map(|alert| AlertRow {
            call_id: self.record.call_id.clone(),
            number: number.to_owned(),
            content: alert.content.to_string(),
        }));
    }

    pub fn is_over(&self) -> bool {
        self.closing.is_some()
    }

    /// Nothing is left to be done or to come.
    pub fn is_gone(&self) -> bool {
        self.recorded && self.party.legs().is_empty()
    }

    pub fn told(&mut self, leg: LegId, report: Report, office: &mut Office) {
        self.tell_report(leg, &report, office);
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
                self.key(leg, digit, office)
            }
            Report::Ended { .. } => {
                if let Some(leg) = self.party.leg(leg) {
                    leg.ended(office);
                }
                self.end_supervision(Some(leg), HangupBy::Caller, office);
                self.place.told(report, &mut self.party, office)
            }
            report => self.place.told(report, &mut self.party, office),
        };
        self.go_on(next, office);
    }

    pub fn heard(&mut self, leg: LegId, report: sound::Report, office: &mut Office) {
        let next = match report {
            sound::Report::Played { .. } => self.place.played(leg, &mut self.party, office),
            sound::Report::Digit { digit, ms, .. } => {
                verb::digit::pass_on(&mut self.party, leg, digit, ms, office);
                self.key(leg, digit, office)
            }
            sound::Report::Closed { figures, .. } => {
                self.party.figures(leg, figures);
                self.note_sound();
                if let Some(leg) = self.party.leg(leg) {
                    leg.closed();
                }
                Next::Stay
            }
            sound::Report::Figures(_)
            | sound::Report::Stock(_)
            | sound::Report::Load { .. }
            | sound::Report::Recorded { .. } => Next::Stay,
        };
        self.go_on(next, office);
    }

    pub fn due(&self) -> Option<Uptime> {
        let closing = self.closing.filter(|_| !self.recorded);
        [self.place.due(), self.party.leaving_due(), self.length_due(), closing].into_iter().flatten().min()
    }

    pub fn time(&mut self, office: &mut Office) {
        let now = office.up();
        self.party.end_leaving(office);
        self.watch_length(office);
        if self.place.due().is_some_and(|due| due <= now) {
            let next = self.place.time(&mut self.party, office);
            self.go_on(next, office);
        }
    }

    pub fn unsaid(&mut self) {
        self.unsaid = true;
    }

    /// Follows what was decided, to where nothing more follows by itself.
    pub fn go_on(&mut self, mut next: Next, office: &mut Office) {
        self.tell_plugin(office);
        if next != Next::Stay {
            self.note_keys();
            self.note_trunk();
        }
        loop {
            next = match next {
                Next::Stay => return self.place.sound(&mut self.party, office),
                Next::Go(_) if self.passed == DESTINATIONS_MAX => Next::End(Cause::failed(482)),
                Next::Go(destination) => {
                    self.passed += 1;
                    self.note_visit(&destination, office);
                    self.go(destination, office).unwrap_or_else(|next| next)
                }
                Next::Talk => self.talk(office),
                Next::End(cause) => match self.come_back(office) {
                    Some(next) => next,
                    None => return self.end(&cause, office),
                },
            };
        }
    }

    /// Instead of ending: a call that was transferred and that nobody answered rings whoever transferred it, once
    /// (PRF-43 to PRF-45). `None`: it is none, or its caller is gone, or that phone cannot be rung either.
    fn come_back(&mut self, office: &mut Office) -> Option<Next> {
        let agent = self.returns_to.take()?;
        if !self.party.has(Role::Caller).is_some_and(Leg::is_up) {
            return None;
        }
        self.party.stop_ringing(office);
        self.party.tell_transferor(480, office);
        let prefix = self.preferences().blind_transfer_return_prefix.to_string();
        self.party.prefix("", &prefix);
        self.note_visit(&Destination::Agent(agent.clone()), office);
        let length = self.preferences().extension_ring_timeout.length();
        self.place = Place::RingAgent(RingAgent::enter(&agent, length, None, &mut self.party, office).ok()?);
        Some(Next::Stay)
    }

    /// Ends it for everyone. Whoever transferred it hears so too.
    pub fn end(&mut self, cause: &Cause, office: &mut Office) {
        if self.is_over() {
            return;
        }
        self.party.tell_transferor(if cause.code == 200 { 487 } else { cause.code }, office);
        self.close_record(cause, office);
        if let Some(caller) = self.party.caller().filter(|caller| caller.came && !caller.is_up()) {
            // Hung up before anybody answered, for no fault: nobody is there.
            let code = if cause.code < 400 { 480 } else { cause.code };
            caller.refuse(code, cause.retry_after, office);
        }
        self.party.end_all(office);
        self.end_supervision(None, HangupBy::System, office);
        self.place = Place::Over;
        self.closing = Some(office.up() + FIGURES_WAIT);
    }

    /// The record ends and the legs go on in another call.
    pub fn close_record(&mut self, cause: &Cause, office: &mut Office) {
        let at = self.clock(office);
        self.resume(at);
        self.stop_recording(office);
        self.tell_legs(true, office);
        self.note_sound();
        self.note_shown();
        record::close(&mut self.record, cause, at);
        if self.record.call_type == CallType::Inbound {
            self.record.did_billed_seconds = self.billed_of_did(office);
        }
        if self.blacklisted {
            self.record.hangup_reason = HangupReason::Blacklist;
        }
        let tenant = office.tenant.clone();
        self.counted.drain(..).for_each(|counted| office.ways.spent.ended(&counted, &tenant, office.now.wall));
    }

    /// CDR-22: of a call from outside, what those who were called were shown.
    fn note_shown(&mut self) {
        if self.record.call_type == CallType::Inbound {
            self.record.actual_caller_number.clone_from(&self.party.shown.number);
            self.record.actual_caller_name.clone_from(&self.party.shown.name);
        }
    }

    /// The call ends without its legs, which were taken out of the party.
    pub fn close_after_transfer(&mut self, cause: &Cause, office: &mut Office) {
        self.close_record(cause, office);
        self.party.end_leaders(office);
        self.end_supervision(None, HangupBy::System, office);
        self.place = Place::Over;
        self.closing = Some(office.up());
    }

    /// Says what has changed since this was last called: facts and rows.
    pub fn settle(&mut self, office: &mut Office) {
        self.settle_hold(office);
        if matches!(self.place, Place::VoiceNotice(_)) {
            self.note_answer(office);
        }
        self.tell_legs(false, office);
        self.note_length(office);
        if self.is_over() {
            self.settle_end(office);
            return;
        }
        self.settle_recording(office);
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

    /// Enters a place; an error is how the call goes on instead.
    fn go(&mut self, destination: Destination, office: &mut Office) -> Result<Next, Next> {
        self.tried = self.record.attempts.len();
        self.place = match destination {
            Destination::Agent(agent) => match self.bound(&agent, false, office) {
                Some(order) => {
                    let length = self.preferences().outside_ring_timeout.length();
                    Place::Outside(Outside::enter(order, length, None, &mut self.party, office)?)
                }
                None => {
                    let length = self.ring_length();
                    Place::RingAgent(RingAgent::enter(&agent, length, None, &mut self.party, office)?)
                }
            },
            Destination::AgentFirst { agent, then } => {
                let length = self.preferences().extension_ring_timeout.length();
                let idle = office.floor.agent(&agent).is_some_and(|known| known.standing() == AgentState::Idle);
                match idle.then(|| self.bound(&agent, false, office)).flatten() {
                    Some(order) => Place::Outside(Outside::enter(order, length, Some(*then), &mut self.party, office)?),
                    None => Place::RingAgent(RingAgent::enter(&agent, length, Some(*then), &mut self.party, office)?),
                }
            }
            Destination::RingGroup(id) => {
                let group = self.row::<model::RingGroup>(id)?;
                let then = Destination::to(&group.value.timeout_destination, office);
                let members = self.members(&group.value, office);
                Place::RingGroup(RingGroup::enter(&group, members, then, &mut self.party, office)?)
            }
            Destination::Ivr(id) => {
                let menu = self.row::<model::Ivr>(id)?;
                let asked = self.asked();
                Place::Ivr(Ivr::enter(&menu, asked, &mut self.party, office)?)
            }
            Destination::Playlist(id) => {
                let list = self.row::<model::Playlist>(id)?;
                let then = Destination::to(&list.value.destination, office);
                Place::Playlist(Playlist::enter(&list.value, then, &mut self.party, office)?)
            }
            Destination::Condition(id) => {
                let row = self.row::<model::Condition>(id)?;
                let condition = &row.value;
                let inside = condition.is_inside(&self.wanted, office.wall());
                let found = if inside { Found::Inside } else { Found::Outside };
                let to = if inside { &condition.inside_destination } else { &condition.outside_destination };
                let to = Destination::to(to, office);
                self.tell_steps([Step::new(Rule::Condition, found).of(&self.wanted, &row)], office);
                return Ok(to.next());
            }
            Destination::Outside(number) => self.call_outside(&number, office)?,
            Destination::Treatment(treatment) => {
                let then = Cause::failed(403).recorded("L403");
                Place::Announce(Announce::treat(&treatment, then, &mut self.party, office)?)
            }
            Destination::HangUp => return Ok(destination.next()),
            // Done to another call, before this one is any (`Calls::route`): nothing else leads there.
            Destination::Park | Destination::Slot(_) | Destination::Pickup(_) => {
                return Err(Next::End(Cause::failed(403)));
            }
            // A phone's was taken before; so this is one that the panel rang.
            Destination::Supervise(how, agent) => Place::Watch(Watch { agent, how, hears: Vec::new() }),
            Destination::EchoTest => {
                Place::EchoTest(EchoTest::enter(self.phrase("echo_test"), &mut self.party, office)?)
            }
            Destination::ParkedAt(slot) => {
                let said = speech::parked_at(self.preferences().language, &slot.to_string());
                Place::Announce(Announce::confirm(said, &mut self.party, office)?)
            }
            Destination::SayNumber => {
                let said = speech::your_number(self.preferences().language, &self.record.agent_number);
                Place::Announce(Announce::confirm(said, &mut self.party, office)?)
            }
            Destination::RecordPrompt => Place::Prompt(Prompt::enter(&mut self.party, office)?),
            Destination::Dnd => Place::Announce(self.toggle_dnd(office)?),
            Destination::Work(work) => self.work(&work, office)?,
            Destination::Unknown => {
                let phrase = self.phrase("number_unknown");
                Place::Announce(Announce::refuse(phrase, Cause::failed(404), &mut self.party, office)?)
            }
        };
        self.note_answer(office);
        Ok(Next::Stay)
    }

    /// Where it goes now is what was keyed, and no destination that somebody set.
    pub(super) fn is_keyed(&self) -> bool {
        self.passed <= 1
    }

    fn note_visit(&mut self, destination: &Destination, office: &Office) {
        let (place, name) = destination.named(&self.wanted);
        let after_ms = self.after_ms(office);
        self.record.places.push(Visit { after_ms, place: place.into(), name });
    }

    /// What was set when the call began (PRF-4).
    fn row<M: Model>(&self, id: Id) -> Result<Arc<Row<M>>, Cause> {
        self.wanted.table::<M>().row(id).cloned().ok_or_else(|| Cause::failed(404))
    }

    /// The caller pressed a key.
    fn key(&mut self, leg: LegId, key: char, office: &mut Office) -> Next {
        self.keyed(leg, key, office);
        if self.party.role(leg) == Some(Role::Caller) { self.place.key(key, office) } else { Next::Stay }
    }

    pub(super) fn preferences(&self) -> &Preferences {
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
    pub(super) fn phrase(&self, name: &str) -> Vec<Sound> {
        vec![Sound::Phrase(format!("{}/{name}", self.preferences().language.word()))]
    }

    /// FEA-9: of the agent whose phone dialed.
    fn toggle_dnd(&mut self, office: &mut Office) -> Result<Announce, Cause> {
        let agent = &*self.record.agent_number;
        let on = !office.floor.agent(agent).is_some_and(|agent| agent.dnd);
        office.happens(agent, if on { AgentEventKind::DndOn } else { AgentEventKind::DndOff });
        let phrase = if on { "do_not_disturb_on" } else { "do_not_disturb_off" };
        Announce::confirm(self.phrase(phrase), &mut self.party, office)
    }

    fn talk(&mut self, office: &mut Office) -> Next {
        self.note_line(office);
        self.returns_to = None;
        self.place = Place::Talk(Talk::default());
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
        Next::End(Cause::unfit(488))
    }

    /// A call from outside has so many hops left.
    pub fn sent_on(&mut self, max_forwards: u8) {
        self.max_forwards = Some(max_forwards.saturating_sub(1));
    }

    /// CDR-55: what was pressed in a menu that the call leaves.
    fn note_keys(&mut self) {
        let Place::Ivr(menu) = &self.place else { return };
        record::pressed(&mut self.record, menu.input());
        self.unsaid = true;
    }

    fn note_answer(&mut self, office: &mut Office) {
        let notice = matches!(&self.place, Place::VoiceNotice(place) if place.answered);
        let up = notice || self.party.has(Role::Caller).is_some_and(Leg::is_up);
        let inbound = self.record.call_type == CallType::Inbound;
        let alone = match &self.place {
            Place::EchoTest(_) | Place::Prompt(_) | Place::SignIn(_) | Place::Watch(_) => !inbound,
            Place::Announce(place) => !inbound && place.confirms(),
            _ => false,
        };
        let called = self.party.has(Role::Called).map(|leg| leg.number.clone());
        let called = called.or_else(|| alone.then(|| self.record.original_called_number.clone()));
        if let Some(called) = called.filter(|_| up && self.record.answered_at.is_none()) {
            let at = self.clock(office);
            record::answered(&mut self.record, &called, at);
            self.note_shown();
            self.unsaid = true;
            let leg = self.party.has(Role::Called);
            if let Some(trunk) = leg.and_then(|leg| leg.trunk) {
                let tenant = office.tenant.clone();
                if let Some(name) = self.counted.last() {
                    office.ways.spent.answered(name, trunk, &tenant, office.now.wall);
                }
            } else if self.record.agent_number.is_empty() {
                record::of_agent(&mut self.record, &called, office);
            }
        }
    }

    /// Sides that are gone already stay as they were last known.
    fn note_sound(&mut self) {
        let tenant = &self.wanted;
        for (role, side) in [Role::Caller, Role::Called].into_iter().zip(&mut self.sound) {
            if let Some(leg) = self.party.has(role).filter(|leg| leg.agreed.is_some()) {
                *side = Some(record::side(leg, tenant));
            }
        }
        if !self.recorded {
            self.record.sound = self.sound.iter().flatten().cloned().collect();
        }
    }

    /// CDR-52, CDR-53: every hold counts, and its time while anybody holds.
    fn settle_hold(&mut self, office: &mut Office) {
        self.note_trunk();
        if self.record.original_called_number.is_empty()
            && let Some(first) = self.party.has(Role::Rung).or(self.party.has(Role::Called))
        {
            self.record.original_called_number.clone_from(&first.number);
        }
        let waits = self.place.rang() || matches!(self.place, Place::Ivr(_) | Place::Playlist(_));
        if waits && self.record.call_outcome == CallOutcome::Failed {
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
            office.ways.last_agents.note(&self.record, &self.wanted);
            office.remember(Fact::CallEnded(Box::new(self.record.clone())));
        }
    }
}
