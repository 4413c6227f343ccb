//! A trial of what is typed into the form of a trunk: each step with its address, time and answer (TRK-19).

use super::{
    super::{machine::Sip, message::Message, order::TrunkId, timers::Due},
    errand::{Errand, ErrandId, What},
    standing::{Cause, News, Reason},
    wanted::Trunk,
};
use crate::time::{Now, Uptime};
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, time::Duration};

/// At one time; whoever asks for more is told to wait.
const TRIALS_MAX: usize = 8;
/// Their lines have numbers that no row has.
const FIRST: u64 = 1 << 62;
/// A trial is over then, whatever has come by now.
const WHOLE: Duration = Duration::from_secs(14);
/// Of each request, where the form allows longer.
const STEP_S: u32 = 6;
/// So long its line stays for the challenge to the last request.
const LEAVES: Duration = Duration::from_secs(3);
/// More targets than anybody reads of.
const STEPS_MAX: usize = 40;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Trial {
    /// Who waits for the outcome.
    asked: u64,
    /// The trunk whose form it is.
    saved: Option<TrunkId>,
    /// When what is done now began.
    since: Uptime,
    pub steps: Vec<Step>,
    over: bool,
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    LookUp,
    Connect,
    Options,
    Register,
}

impl Stage {
    pub fn word(self) -> &'static str {
        match self {
            Stage::LookUp => "look_up",
            Stage::Connect => "connect",
            Stage::Options => "options",
            Stage::Register => "register",
        }
    }

    fn of(errand: &Errand) -> Stage {
        match (errand.at, errand.client, &errand.what) {
            (None, ..) => Stage::LookUp,
            (Some(_), None, _) => Stage::Connect,
            (Some(_), Some(_), What::Register) => Stage::Register,
            (Some(_), Some(_), _) => Stage::Options,
        }
    }
}

/// One step and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub stage: Stage,
    pub address: Option<SocketAddr>,
    pub ms: u32,
    /// Of the response.
    pub code: Option<u16>,
    /// None: it went as it should.
    pub fault: Option<Reason>,
    /// What else there is to know of the fault.
    pub text: String,
}

/// What to change, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Advice {
    Works,
    Host,
    NotConnected,
    Certificate,
    NoAnswer,
    OutOfService,
    NoAnswerToRegister,
    PasswordMissing,
    Password,
    Username,
    Realm,
    ContactMissing,
    NotRegistered,
}

impl Advice {
    pub fn word(self) -> &'static str {
        match self {
            Advice::Works => "works",
            Advice::Host => "host",
            Advice::NotConnected => "not_connected",
            Advice::Certificate => "certificate",
            Advice::NoAnswer => "no_answer",
            Advice::OutOfService => "out_of_service",
            Advice::NoAnswerToRegister => "no_answer_to_register",
            Advice::PasswordMissing => "password_missing",
            Advice::Password => "password",
            Advice::Username => "username",
            Advice::Realm => "realm",
            Advice::ContactMissing => "contact_missing",
            Advice::NotRegistered => "not_registered",
        }
    }
}

/// Of a trial that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    pub asked: u64,
    pub steps: Vec<Step>,
    pub advice: Advice,
}

pub(in crate::sip) fn is_trial(trunk: TrunkId) -> bool {
    trunk.0 >= FIRST
}

impl Sip {
    /// Tries a trunk as it is typed; `News::Tested` says what came of it. False: too many are tried now.
    pub fn test_trunk(
        &mut self,
        now: Now,
        asked: u64,
        saved: Option<TrunkId>,
        wanted: Trunk,
        out: &mut super::super::Out,
    ) -> bool {
        if self.trunks.trials.len() >= TRIALS_MAX {
            return false;
        }
        self.turn(now, out, |sip| sip.begin_trial(asked, saved, wanted));
        true
    }

    fn begin_trial(&mut self, asked: u64, saved: Option<TrunkId>, wanted: Trunk) {
        self.trunks.last_trial += 1;
        let id = TrunkId(FIRST + self.trunks.last_trial);
        let before = saved.and_then(|saved| self.trunks.lines.get(&saved));
        let before = before.filter(|line| !wanted.is_other(&line.wanted));
        let (realm, contact) = (before.and_then(|line| line.realm.clone()), before.map(|line| line.contact));
        let connect_timeout_s = wanted.connect_timeout_s.min(STEP_S);
        let mut line = self.fresh_line(Trunk { id, enabled: true, connect_timeout_s, ..wanted });
        (line.realm, line.contact) = (realm, contact.unwrap_or(line.contact));
        self.trunks.lines.insert(id, line);
        let saved = saved.filter(|_| contact.is_some());
        let trial = Trial { asked, saved, since: self.now.up, steps: Vec::new(), over: false };
        self.trunks.trials.insert(id, trial);
        self.timers.set(Due::Trial(id), self.now.up + WHOLE);
        self.look_up_names();
        self.begin_errand(id, What::Ping);
    }

    /// A target of it is to be tried.
    pub(super) fn trial_tries(&mut self, id: ErrandId) {
        let now = self.now.up;
        let Some(errand) = self.trunks.errands.get(&id) else { return };
        let Some(trial) = self.trunks.trials.get_mut(&errand.trunk) else { return };
        if trial.steps.is_empty() && errand.at.is_some() {
            trial.note(now, Stage::LookUp, Cause { address: errand.at, ..Cause::default() }, false);
        }
        trial.since = now;
    }

    /// A way to its target is open.
    pub(super) fn trial_connects(&mut self, id: ErrandId) {
        let now = self.now.up;
        let Some(errand) = self.trunks.errands.get(&id) else { return };
        let Some(trial) = self.trunks.trials.get_mut(&errand.trunk) else { return };
        let new = |step: &Step| step.stage != Stage::Connect || step.address != errand.at || step.fault.is_some();
        if trial.steps.iter().all(new) {
            trial.note(now, Stage::Connect, Cause { address: errand.at, ..Cause::default() }, false);
        }
        trial.since = now;
    }

    /// Its target did not answer, or cannot be reached.
    pub(super) fn trial_loses(&mut self, id: ErrandId) {
        let now = self.now.up;
        let Some(errand) = self.trunks.errands.get(&id) else { return };
        let Some(trial) = self.trunks.trials.get_mut(&errand.trunk) else { return };
        trial.note(now, Stage::of(errand), errand.fault.clone(), true);
    }

    /// No target is left.
    pub(super) fn trial_fails(&mut self, errand: Errand) {
        let (trunk, now) = (errand.trunk, self.now.up);
        let Some(trial) = self.trunks.trials.get_mut(&trunk) else { return };
        if trial.steps.is_empty() {
            trial.note(now, Stage::LookUp, errand.fault, true);
        }
        let met = trial.steps.iter().any(|step| step.stage == Stage::Connect && step.fault.is_none());
        self.trial_goes_on(trunk, matches!(errand.what, What::Ping) && met);
    }

    /// A final response to OPTIONS or REGISTER.
    pub(super) fn trial_hears(&mut self, errand: &Errand, cause: Cause, response: &Message) {
        let (trunk, now) = (errand.trunk, self.now.up);
        let registers = matches!(errand.what, What::Register);
        let cause = if registers { self.registration_of_trial(trunk, cause, response) } else { cause };
        let code = cause.code;
        let Some(trial) = self.trunks.trials.get_mut(&trunk) else { return };
        let failed = if registers { cause.reason != Reason::Registered } else { is_out_of_service(code) };
        trial.note(now, if registers { Stage::Register } else { Stage::Options }, cause, failed);
        if registers && code == Some(423) && self.asks_longer(trunk, response) {
            return self.trial_registers(trunk);
        }
        self.trial_goes_on(trunk, !registers);
    }

    /// What a response to REGISTER says.
    fn registration_of_trial(&mut self, trunk: TrunkId, cause: Cause, response: &Message) -> Cause {
        match cause.code.unwrap_or(0) {
            200..300 => {
                let granted = self.granted_s(trunk, response).map(|seconds| Duration::from_secs(u64::from(seconds)));
                let Some(length) = granted else { return Cause { reason: Reason::ContactMissing, ..cause } };
                self.hold_registration(trunk, &cause, length);
                Cause { reason: Reason::Registered, ..cause }
            }
            401 | 407 if self.is_other_realm(trunk) => {
                Cause { reason: Reason::RealmChanged, text: self.realms_text(trunk), ..cause }
            }
            401 | 407 => Cause { reason: Reason::Password, ..cause },
            _ => Cause { reason: Reason::Refused, ..cause },
        }
    }

    fn trial_goes_on(&mut self, trunk: TrunkId, has_registration_before: bool) {
        let registers = self.trunks.lines.get(&trunk).is_some_and(|line| line.wanted.registers);
        if has_registration_before && registers { self.trial_registers(trunk) } else { self.end_trial(trunk) }
    }

    fn trial_registers(&mut self, trunk: TrunkId) {
        if let Some(trial) = self.trunks.trials.get_mut(&trunk) {
            trial.since = self.now.up;
        }
        self.begin_errand(trunk, What::Register);
    }

    /// Its time is over; then its line is.
    pub(in crate::sip) fn trial_due(&mut self, trunk: TrunkId) {
        let now = self.now.up;
        let Some(trial) = self.trunks.trials.get_mut(&trunk) else { return };
        if trial.over {
            self.trunks.trials.remove(&trunk);
            self.drop_errands_of(trunk);
            self.drop_ways(trunk);
            self.trunks.lines.remove(&trunk);
            return;
        }
        if let Some(errand) = self.trunks.errands.values().find(|errand| errand.trunk == trunk) {
            let reason = if errand.at.is_none() { Reason::NotFound } else { Reason::NoAnswer };
            trial.note(now, Stage::of(errand), Cause { address: errand.at, ..reason.into() }, true);
        }
        self.end_trial(trunk);
    }

    /// The carrier is left as it was found: a registration of the office that stood before stands again.
    fn end_trial(&mut self, trunk: TrunkId) {
        self.drop_errands_of(trunk);
        let Some(line) = self.trunks.lines.get(&trunk) else { return };
        let (wanted, held) = (line.wanted.clone(), line.registration.is_held());
        let Some(trial) = self.trunks.trials.get_mut(&trunk).filter(|trial| !trial.over) else { return };
        trial.over = true;
        let advice = advice(&wanted, &trial.steps);
        let (asked, steps, saved) = (trial.asked, std::mem::take(&mut trial.steps), trial.saved);
        self.out.trunks.push(News::Tested(Tested { asked, steps, advice }));
        self.timers.set(Due::Trial(trunk), self.now.up + LEAVES);
        let stands = |id: &TrunkId| self.trunks.enabled(*id).is_some_and(|line| line.registration.is_held());
        match saved.filter(stands) {
            Some(saved) if held => self.register_trunk(saved),
            _ => self.unregister_trunk(trunk),
        }
    }

    fn drop_errands_of(&mut self, trunk: TrunkId) {
        let errands = self.trunks.errands.iter().filter(|(_, errand)| errand.trunk == trunk);
        for errand in errands.map(|(id, _)| *id).collect::<Vec<ErrandId>>() {
            self.drop_errand(errand);
        }
    }
}

impl Trial {
    fn note(&mut self, now: Uptime, stage: Stage, cause: Cause, failed: bool) {
        if self.steps.len() == STEPS_MAX {
            return;
        }
        let Cause { reason, code, address, ms, text } = cause;
        let ms = ms.unwrap_or_else(|| now.since(self.since).as_millis() as u32);
        self.steps.push(Step { stage, address, ms, code, fault: failed.then_some(reason), text });
    }
}

/// TRK-30
fn is_out_of_service(code: Option<u16>) -> bool {
    matches!(code, Some(408 | 500..=504 | 513))
}

fn advice(wanted: &Trunk, steps: &[Step]) -> Advice {
    let Some(last) = steps.last() else { return Advice::Host };
    let answered = steps.iter().any(|step| step.stage == Stage::Options && step.code.is_some());
    let Some(fault) = last.fault else { return Advice::Works };
    match (last.stage, fault, last.code) {
        (Stage::LookUp, ..) => Advice::Host,
        (_, Reason::Certificate, _) => Advice::Certificate,
        (Stage::Connect, ..) => Advice::NotConnected,
        (Stage::Options, _, Some(_)) => Advice::OutOfService,
        (Stage::Register, _, None) if answered => Advice::NoAnswerToRegister,
        (_, Reason::NotConnected, None) => Advice::NotConnected,
        (_, _, None) => Advice::NoAnswer,
        (_, Reason::Password, _) if wanted.password.0.is_empty() => Advice::PasswordMissing,
        (_, Reason::Password, _) => Advice::Password,
        (_, Reason::RealmChanged, _) => Advice::Realm,
        (_, Reason::ContactMissing, _) => Advice::ContactMissing,
        (_, _, Some(403 | 404)) => Advice::Username,
        _ => Advice::NotRegistered,
    }
}
