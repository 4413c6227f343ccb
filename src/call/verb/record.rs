//! Recording on demand and its pause, from the panel or by keys on the agent's phone during the call.

use crate::{
    call::{
        Calls,
        command::{Answer, NotDone},
        leg::Role,
        office::Office,
        one::Call,
        place::Place,
        recording::Wish,
    },
    model::feature_code::FeatureCodes,
    sdp::LegId,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Keys that are further apart are no code.
const BETWEEN_MAX: Duration = Duration::from_secs(3);
/// The longest code.
const KEYS_MAX: usize = 8;

/// What an agent has keyed so far during a call.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Keyed {
    keys: String,
    at: Uptime,
}

impl Keyed {
    fn key(&mut self, key: char, now: Uptime) -> &str {
        if now.since(self.at) > BETWEEN_MAX {
            self.keys.clear();
        }
        if self.keys.len() == KEYS_MAX {
            self.keys.remove(0);
        }
        self.keys.push(key);
        self.at = now;
        &self.keys
    }
}

impl Calls {
    pub(in crate::call) fn record(&mut self, call_id: &str, wish: Wish) -> Result<Answer, NotDone> {
        let mut done = false;
        self.with_call(call_id, |call, office| done = call.wish(wish, office))?;
        if done { Ok(Answer::Done) } else { Err(NotDone::NoCall) }
    }
}

impl Call {
    /// An agent who talks pressed a key. The one code begins a recording, the other stops it for a while and goes on
    /// with it.
    pub fn keyed(&mut self, leg: LegId, key: char, office: &mut Office) {
        let talks = matches!(self.place, Place::Talk(_));
        let side = matches!(self.party.role(leg), Some(Role::Caller | Role::Called));
        let agent = self.party.leg(leg).is_some_and(|leg| leg.agent().is_some());
        if !(talks && side && agent && key.is_ascii()) {
            return;
        }
        let keys = self.keyed.key(key, office.up()).to_owned();
        let codes = FeatureCodes::of(&office.tenant);
        let is = |code: &str| !code.is_empty() && keys.ends_with(code);
        let wish = if is(&codes.record_call) {
            Some(Wish::Record)
        } else if is(&codes.pause_recording) {
            let paused = self.recording.as_ref().is_some_and(|running| running.paused);
            Some(if paused { Wish::Resume } else { Wish::Pause })
        } else {
            None
        };
        if let Some(wish) = wish {
            self.keyed = Keyed::default();
            self.wish(wish, office);
        }
    }
}
