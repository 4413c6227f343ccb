//! A request that goes to one target of a trunk after another until somebody answers (TRK-22 to TRK-25).

use super::{
    super::{
        dialog::retry_after,
        machine::Sip,
        message::Message,
        name::Name,
        order::{TrunkId, TrunkState},
        timers::Due,
        transaction::{ClientId, Purpose},
        wire::Peer,
    },
    dial::Dialing,
    standing::{Cause, Reason},
    trial::is_trial,
};
use crate::{sdp::LegId, time::Uptime};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, net::SocketAddr, time::Duration};

/// How long a target that failed is not tried, and how long it may ask for (TRK-23).
const RESTS: Duration = Duration::from_secs(60);
const RESTS_MAX: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(in crate::sip) struct ErrandId(pub u64);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) enum What {
    Register,
    Ping,
    Dial(Box<Dialing>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Errand {
    pub trunk: TrunkId,
    pub what: What,
    /// Targets not tried yet, the next first; `None` while their names are looked up.
    left: Option<VecDeque<SocketAddr>>,
    /// The target that is tried.
    pub at: Option<SocketAddr>,
    pub client: Option<ClientId>,
    /// When the request went to it.
    pub asked: Uptime,
    /// What the last target did.
    pub fault: Cause,
}

impl Errand {
    pub fn leg(&self) -> Option<LegId> {
        match &self.what {
            What::Dial(dialing) => Some(dialing.leg),
            What::Register | What::Ping => None,
        }
    }

    /// Whether a way to this target is all that it waits for.
    pub fn waits_for(&self, trunk: TrunkId, target: SocketAddr) -> bool {
        self.trunk == trunk && self.at == Some(target) && self.client.is_none()
    }
}

impl Sip {
    pub(in crate::sip) fn begin_errand(&mut self, trunk: TrunkId, what: What) -> ErrandId {
        self.trunks.last_errand += 1;
        let id = ErrandId(self.trunks.last_errand);
        let errand = Errand {
            trunk,
            what,
            left: None,
            at: None,
            client: None,
            asked: self.now.up,
            fault: Reason::NotFound.into(),
        };
        self.trunks.errands.insert(id, errand);
        self.errand_waits(id);
        self.errand_seeks(id);
        id
    }

    /// Looks for targets; while a name is being looked up the errand waits no longer than for a response.
    pub(in crate::sip) fn errand_seeks(&mut self, id: ErrandId) {
        let Some(errand) = self.trunks.errands.get(&id).filter(|errand| errand.left.is_none()) else { return };
        let Some(targets) = self.targets(errand.trunk) else { return };
        if let Some(errand) = self.trunks.errands.get_mut(&id) {
            errand.left = Some(targets.into());
            self.errand_next(id);
        }
    }

    /// The next target, or the end.
    pub(in crate::sip) fn errand_next(&mut self, id: ErrandId) {
        let Some(errand) = self.trunks.errands.get_mut(&id) else { return };
        let trunk = errand.trunk;
        errand.client = None;
        errand.at = errand.left.as_mut().and_then(VecDeque::pop_front);
        self.trial_tries(id);
        let Some(errand) = self.trunks.errands.get_mut(&id) else { return };
        let Some(target) = errand.at else { return self.errand_fails(id) };
        self.errand_waits(id);
        match self.trunks.lines.get(&trunk).and_then(|line| line.ways.get(&target)).copied() {
            Some(peer) => self.errand_goes(id, peer),
            None => self.open_way(trunk, target),
        }
    }

    /// A way to its target is open.
    pub(in crate::sip) fn errand_goes(&mut self, id: ErrandId, peer: Peer) {
        self.trial_connects(id);
        let now = self.now.up;
        let Some(errand) = self.trunks.errands.get_mut(&id) else { return };
        errand.asked = now;
        let trunk = errand.trunk;
        let client = match errand.what.clone() {
            What::Register => self.register_request(trunk, peer).map(|asked| self.ask(asked, Purpose::Errand(id))),
            What::Ping => self.options_request(trunk, peer).map(|asked| self.ask(asked, Purpose::Errand(id))),
            What::Dial(dialing) => self.dial_goes(trunk, peer, &dialing),
        };
        if let Some(errand) = self.trunks.errands.get_mut(&id) {
            errand.client = client;
        }
    }

    /// A response to REGISTER or OPTIONS.
    pub(in crate::sip) fn errand_heard(&mut self, id: ErrandId, client: ClientId, response: &Message) {
        let waits = self.trunks.errands.get(&id).is_some_and(|errand| errand.client == Some(client));
        let Some(asked) = self.transactions.clients.get(&client).map(|client| client.peer) else { return };
        if !waits || !self.errand_hears(id, response) {
            return;
        }
        let Some(errand) = self.drop_errand(id) else { return };
        let cause = errand.cause(self.now.up, response);
        self.compare(errand.trunk, asked, response);
        if is_trial(errand.trunk) {
            return self.trial_hears(&errand, cause, response);
        }
        match errand.what {
            What::Register => self.register_heard(errand.trunk, cause, response),
            What::Ping => self.ping_heard(errand.trunk, cause),
            What::Dial(_) => {}
        }
    }

    /// Somebody is there. False: there is nothing final yet, or the next target is tried (TRK-23).
    pub(in crate::sip) fn errand_hears(&mut self, id: ErrandId, response: &Message) -> bool {
        self.timers.clear(Due::Errand(id));
        let code = response.code().unwrap_or(0);
        let Some(errand) = self.trunks.errands.get_mut(&id) else { return code >= 200 };
        if code == 503 {
            let wait = response.value(Name::RetryAfter).and_then(retry_after);
            let wait = wait.map_or(RESTS, |seconds| Duration::from_secs(u64::from(seconds)).min(RESTS_MAX));
            errand.fault = errand.cause(self.now.up, response);
            self.rest_target(id, wait);
            if self.has_target_left(id) {
                self.errand_next(id);
                return false;
            }
        }
        code >= 200
    }

    /// Nobody answered, the way broke, or there is none.
    pub(in crate::sip) fn errand_lost(&mut self, id: ErrandId, reason: Reason, text: &str) {
        let Some(errand) = self.trunks.errands.get_mut(&id) else { return };
        errand.fault = Cause { reason, code: None, address: errand.at, ms: None, text: text.to_owned() };
        let client = errand.client;
        self.trial_loses(id);
        if let Some(client) = client {
            self.abandon_client(client);
        }
        self.rest_target(id, RESTS);
        self.errand_next(id);
    }

    /// TRK-25: no response in time, 100 included. While names are looked up there is no target yet.
    pub(in crate::sip) fn errand_silent(&mut self, id: ErrandId) {
        let reason = match self.trunks.errands.get(&id) {
            Some(errand) if errand.at.is_none() => Reason::NotFound,
            Some(errand) if errand.client.is_none() => Reason::NotConnected,
            Some(_) => Reason::NoAnswer,
            None => return,
        };
        self.errand_lost(id, reason, "");
    }

    /// The transaction of an errand ended without a response.
    pub(in crate::sip) fn errand_unheard(&mut self, id: ErrandId, client: ClientId) {
        if self.trunks.errands.get(&id).is_some_and(|errand| errand.client == Some(client)) {
            self.errand_lost(id, Reason::NoAnswer, "");
        }
    }

    /// No target is left.
    pub(in crate::sip) fn errand_fails(&mut self, id: ErrandId) {
        let Some(errand) = self.drop_errand(id) else { return };
        if is_trial(errand.trunk) {
            return self.trial_fails(errand);
        }
        match errand.what {
            What::Register => self.register_failed(errand.trunk, errand.fault),
            What::Ping => self.ping_missed(errand.trunk, errand.fault),
            What::Dial(dialing) => self.dial_failed(dialing.leg, &errand.fault),
        }
    }

    pub(in crate::sip) fn drop_errand(&mut self, id: ErrandId) -> Option<Errand> {
        self.timers.clear(Due::Errand(id));
        let errand = self.trunks.errands.remove(&id)?;
        if matches!(errand.what, What::Register)
            && let Some(line) = self.trunks.lines.get_mut(&errand.trunk)
        {
            line.registration.running = None;
        }
        Some(errand)
    }

    pub(in crate::sip) fn errand_of(&self, leg: LegId) -> Option<ErrandId> {
        self.trunks.errands.iter().find(|(_, errand)| errand.leg() == Some(leg)).map(|(id, _)| *id)
    }

    pub(in crate::sip) fn errand_waits(&mut self, id: ErrandId) {
        let Some(errand) = self.trunks.errands.get(&id) else { return };
        let Some(line) = self.trunks.lines.get(&errand.trunk) else { return };
        self.timers.set(Due::Errand(id), self.now.up + line.wanted.connect_timeout());
    }

    fn has_target_left(&self, id: ErrandId) -> bool {
        self.trunks.errands.get(&id).and_then(|errand| errand.left.as_ref()).is_some_and(|left| !left.is_empty())
    }

    fn rest_target(&mut self, id: ErrandId, length: Duration) {
        let Some(errand) = self.trunks.errands.get(&id) else { return };
        if let (Some(target), Some(line)) = (errand.at, self.trunks.lines.get_mut(&errand.trunk)) {
            line.resting.insert(target, self.now.up + length);
        }
    }
}

impl Errand {
    /// What a response of its target says.
    pub fn cause(&self, now: Uptime, response: &Message) -> Cause {
        Cause {
            reason: Reason::Refused,
            code: response.code(),
            address: self.at,
            ms: Some(now.since(self.asked).as_millis() as u32),
            text: String::new(),
        }
    }
}

/// What a failure of the way means for the trunk.
pub(in crate::sip) fn state_of(cause: &Cause) -> TrunkState {
    match cause.reason {
        Reason::Certificate => TrunkState::Certificate,
        Reason::Password | Reason::RealmChanged => TrunkState::Refused,
        _ => TrunkState::Unreachable,
    }
}
