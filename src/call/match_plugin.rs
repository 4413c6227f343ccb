//! An outside service that is asked what a caller's keys mean (IVR-32), and what it may answer.

use super::{
    calls::Calls,
    leg::{Leg, Role},
    office::{Office, Orders},
    one::Call,
    place::Place,
    step::{Rule, Step},
    way_out::{self, calls_for_help},
};
use crate::{
    model::{Ivr, Media, media::MediaType},
    schema::{
        Id,
        kind::{
            Destination,
            destination::{To, noun},
        },
        tenant::Tenant,
    },
    time::Now,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Later than this an answer is none.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Each question has its own, so that an answer that comes late is nobody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionId(pub u64);

/// What is asked, and where. `Calls::plugin_answered` says what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub id: QuestionId,
    /// An address of `http` or `https`; what stands in it may be a secret.
    #[serde(skip)]
    pub to: String,
    pub asked: Asked,
}

/// What is posted, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub call_id: String,
    /// Empty: withheld.
    pub caller_number: String,
    /// The number that was called, as the carrier knows it; empty for a call from inside.
    pub did: String,
    pub input: String,
}

/// What comes back: where the call goes, and what is played before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    #[serde(default)]
    pub media: Option<Id>,
    pub destination: Destination,
}

impl Answer {
    /// Whether all that it names is there: what is not would end the call.
    /// Nor does a service call for help for the agent who calls (OUT-48).
    fn fits(&self, tenant: &Tenant, agent: Option<&str>) -> bool {
        let to = self.destination.to();
        let there = match to {
            To::OutsideNumber(number) => {
                !calls_for_help(tenant, &way_out::Asked { number, agent, ..Default::default() })
            }
            _ => noun(to.word()).is_none_or(|noun| to.row().is_some_and(|id| tenant.name_of(noun, id).is_some())),
        };
        let voice = |id: Id| tenant.table::<Media>().row(id).is_some_and(|row| row.value.kind == MediaType::Voice);
        there && self.media.is_none_or(voice)
    }
}

impl Calls {
    /// `None`: it gave no answer that can be read.
    pub fn plugin_answered(&mut self, now: Now, question: QuestionId, answer: Option<Answer>, orders: &mut Orders) {
        self.begin(now);
        let asks = |call: &Call| matches!(&call.place, Place::Ivr(menu) if menu.asks(question));
        if let Some(number) = self.calls.iter().find(|(_, call)| asks(call)).map(|(number, _)| *number) {
            self.with(number, |call, office| call.plugin_answered(answer, office));
        }
        self.finish(orders);
    }
}

impl Call {
    fn plugin_answered(&mut self, answer: Option<Answer>, office: &mut Office) {
        let agent = self.party.has(Role::Caller).and_then(Leg::agent);
        let answer = answer.filter(|answer| answer.fits(&self.wanted, agent));
        let Place::Ivr(menu) = &mut self.place else { return };
        let next = menu.plugin_answered(answer, office);
        self.go_on(next, office);
    }

    /// What came of asking, for whoever wants to know why.
    pub(super) fn tell_plugin(&mut self, office: &Office) {
        let Place::Ivr(menu) = &mut self.place else { return };
        let Some((menu, found)) = menu.take_plugin_found() else { return };
        let row = self.wanted.table::<Ivr>().row(menu).cloned();
        let step = Step::new(Rule::MatchPlugin, found).of_any(&self.wanted, row.as_ref());
        self.tell_steps([step], office);
    }

    /// What a service is told of this call beside the keys.
    pub(super) fn asked(&self) -> Asked {
        Asked {
            call_id: self.record.call_id.clone(),
            caller_number: self.record.original_caller_number.clone(),
            did: self.record.access_number.clone(),
            input: String::new(),
        }
    }
}
