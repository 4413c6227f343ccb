//! An agent signs in to groups by phone and proves it with the phone password (FEA-27).

use super::{Next, talk};
use crate::{
    audio::order::Source,
    call::{cause::Cause, leg::Role, office::Office, party::Party, speech::phrase},
    history::call_record::HangupBy,
    model::Agent,
    sdp::LegId,
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Wrong passwords of one call.
const TRIES: u8 = 3;
/// Longer than any phrase, should nothing be reported of it.
const LIMIT: Duration = Duration::from_secs(15);
/// For the next key.
const KEY: Duration = Duration::from_secs(10);
/// Of a password.
const KEYS_MAX: usize = 255;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    pub until: Uptime,
    agent: String,
    group: Option<String>,
    step: Step,
    /// No key of it is written down: a recording says what it was worth.
    #[serde(skip)]
    input: String,
    tries: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    /// What to do is said.
    Ask,
    Keys,
    Done,
    Failed,
}

impl SignIn {
    pub fn enter(agent: &str, group: Option<String>, party: &mut Party, office: &mut Office) -> Result<SignIn, Cause> {
        party.answer_caller(office)?;
        let (until, agent) = (office.up() + LIMIT, agent.to_owned());
        Ok(SignIn { until, agent, group, step: Step::Ask, input: String::new(), tries: 0 })
    }

    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        match report {
            Report::Ended { leg, end } if party.role(*leg) == Some(Role::Caller) => {
                Next::End(talk::how(end, HangupBy::Caller))
            }
            _ => Next::Stay,
        }
    }

    pub fn played(&mut self, leg: LegId, party: &Party, office: &Office) -> Next {
        if party.role(leg) == Some(Role::Caller) { self.after(office) } else { Next::Stay }
    }

    /// What is said is over, or nothing is keyed any more.
    pub fn after(&mut self, office: &Office) -> Next {
        match self.step {
            Step::Ask => self.go(Step::Keys, KEY, office),
            Step::Keys => self.go(Step::Failed, LIMIT, office),
            Step::Done | Step::Failed => Next::End(Cause::normal(HangupBy::System)),
        }
    }

    /// `#` ends the password, `*` begins it again. A replay, which knows no password, is told by them whether it was
    /// right.
    pub fn key(&mut self, key: char, office: &mut Office) -> Next {
        if matches!(self.step, Step::Done | Step::Failed) {
            return Next::Stay;
        }
        let right = match (key, office.lives) {
            ('#', true) if !self.input.is_empty() => Some(self.is_right(office)),
            ('#' | '*', false) => Some(key == '#'),
            ('#' | '*', true) => {
                self.input.clear();
                None
            }
            (key, _) => {
                self.input.extend(Some(key).filter(|_| self.input.len() < KEYS_MAX));
                None
            }
        };
        office.pressed = right.map(|right| if right { '#' } else { '*' });
        match right {
            None => self.go(Step::Keys, KEY, office),
            Some(true) => {
                office.sign_in(&self.agent, self.group.as_deref());
                self.go(Step::Done, LIMIT, office)
            }
            Some(false) => {
                self.input.clear();
                self.tries += 1;
                self.go(if self.tries < TRIES { Step::Ask } else { Step::Failed }, LIMIT, office)
            }
        }
    }

    fn is_right(&self, office: &Office) -> bool {
        Agent::of(&office.tenant, &self.agent).is_some_and(|agent| *agent.value.phone_password == *self.input)
    }

    fn go(&mut self, step: Step, length: Duration, office: &Office) -> Next {
        self.step = step;
        self.until = office.up() + length;
        Next::Stay
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        let language = office.preferences().language;
        let phrase = |name| phrase(language, name);
        let wrong = (self.tries > 0).then(|| phrase("password_wrong"));
        let sounds = match self.step {
            Step::Ask => wrong.into_iter().chain([phrase("enter_phone_password")]).collect(),
            Step::Keys => return party.caller_hears(Source::Silence, office),
            Step::Done => vec![phrase("signed_in")],
            Step::Failed => wrong.into_iter().chain([phrase("goodbye")]).collect(),
        };
        party.caller_hears(Source::Play(sounds), office);
    }
}
