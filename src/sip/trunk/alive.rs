//! Signs of life of a carrier: OPTIONS, also between registrations (TRK-29 to TRK-31).

use super::{
    super::{
        compose::{Asked, MAX_FORWARDS},
        machine::Sip,
        method::Method,
        order::{TrunkId, TrunkState},
        timers::Due,
        uri::escape,
        wire::Peer,
    },
    errand::{What, state_of},
    standing::{Cause, Reason},
};

/// TRK-31
const MISSED_MAX: u32 = 3;

impl Sip {
    /// Asks once, and again after the interval.
    pub(in crate::sip) fn ping_trunk(&mut self, trunk: TrunkId) {
        self.timers.clear(Due::TrunkPing(trunk));
        let Some(every) = self.trunks.enabled(trunk).and_then(|line| line.wanted.keep_alive()) else { return };
        self.timers.set(Due::TrunkPing(trunk), self.now.up + every);
        let pings = |errand: &super::errand::Errand| errand.trunk == trunk && matches!(errand.what, What::Ping);
        if !self.trunks.errands.values().any(pings) {
            self.begin_errand(trunk, What::Ping);
        }
    }

    pub(in crate::sip) fn options_request(&mut self, trunk: TrunkId, peer: Peer) -> Option<Asked> {
        let lines = self.contact_lines(trunk, peer);
        let (tag, call_id) = (self.chance.token(10), self.chance.token(20));
        let line = self.trunks.lines.get(&trunk)?;
        let domain = line.wanted.domain();
        let user = if line.wanted.username.is_empty() { "callbox" } else { &line.wanted.username };
        Some(Asked {
            peer,
            // A challenge is an answer as good as any (TRK-30).
            trunk: None,
            method: Method::Options,
            uri: format!("sip:{domain}"),
            routes: line.registration.service_route.clone(),
            from: format!("<sip:{}@{domain}>;tag={tag}", escape(user)),
            to: format!("<sip:{domain}>"),
            call_id,
            cseq: 1,
            max_forwards: MAX_FORWARDS,
            lines,
            body: None,
        })
    }

    /// TRK-30
    pub(in crate::sip) fn ping_heard(&mut self, trunk: TrunkId, cause: Cause) {
        if matches!(cause.code, Some(408 | 500..=504 | 513)) {
            return self.ping_missed(trunk, cause);
        }
        let now = self.now.up;
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        line.missed = 0;
        let (state, registers) = (line.standing.state, line.wanted.registers);
        let holds = !registers || line.registration.holds(now);
        let was_away = matches!(state, TrunkState::Unreachable | TrunkState::Certificate);
        let waits = state == TrunkState::Connecting || was_away;
        if waits && holds {
            self.turn_trunk(trunk, TrunkState::Up, Cause { reason: Reason::Answered, ..cause });
        }
        // Who was away may have forgotten us meanwhile.
        if was_away && registers && holds {
            self.register_trunk(trunk);
        }
    }

    /// TRK-31. A certificate that does not hold says enough at once.
    pub(in crate::sip) fn ping_missed(&mut self, trunk: TrunkId, cause: Cause) {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        if line.wanted.keep_alive_s == 0 {
            return;
        }
        line.missed += 1;
        let lost = line.missed >= MISSED_MAX && matches!(line.standing.state, TrunkState::Up | TrunkState::Connecting);
        if cause.reason == Reason::Certificate || lost {
            self.turn_trunk(trunk, state_of(&cause), cause);
        }
    }
}
