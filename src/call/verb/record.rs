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
/// What an agent has keyed so far of a code, during a call. Of all else that is keyed nothing is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Keyed {
    keys: String,
    at: Uptime,
}

impl Keyed {
    fn key(&mut self, key: char, now: Uptime, codes: &[&str]) -> &str {
        if now.since(self.at) > BETWEEN_MAX {
            self.keys.clear();
        }
        self.keys.push(key);
        self.at = now;
        while !self.keys.is_empty() && !codes.iter().any(|code| code.starts_with(&self.keys)) {
            self.keys.remove(0);
        }
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
        let codes = FeatureCodes::of(&office.tenant);
        let keys = self.keyed.key(key, office.up(), &[&codes.record_call, &codes.pause_recording]);
        if !keys.is_empty() {
            office.pressed = Some(key);
        }
        let is = |code: &str| !code.is_empty() && keys == code;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-122: of what somebody keys during a call no more is kept than may become a code.
    #[test]
    fn only_the_beginning_of_a_code_is_kept() {
        let mut keyed = Keyed::default();
        let mut after = |keys: &str| {
            keys.chars().map(|key| keyed.key(key, Uptime(0), &["*1", "*22", ""]).to_owned()).last().unwrap()
        };
        assert_eq!(
            ["4", "111", "*", "*", "2", "3", "*", "2", "2"].map(&mut after),
            ["", "", "*", "*", "*2", "", "*", "*2", "*22"]
        );
        assert_eq!(after("*1"), "*1");
        let late = Uptime(0) + BETWEEN_MAX + Duration::from_millis(1);
        keyed.key('*', Uptime(0), &["*1"]);
        assert_eq!(keyed.key('1', late, &["*1"]), "");
    }
}
