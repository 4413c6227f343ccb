//! REGISTER to a carrier: kept alive, tried again with growing waits, taken back (TRK-33 to TRK-43).

use super::{
    super::{
        address::{Address, Contacts},
        compose::{Asked, MAX_FORWARDS},
        machine::Sip,
        message::{Message, seconds},
        method::Method,
        name::Name,
        order::{TrunkId, TrunkState},
        timers::Due,
        transaction::Purpose,
        uri::{Uri, escape},
        wire::Peer,
    },
    errand::{ErrandId, What, state_of},
    standing::{Cause, Reason},
};
use crate::{chance::Chance, time::Uptime};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Seconds to wait after the first failure, the second, … (TRK-39), each up to a fifth more or less.
const WAITS_S: [u64; 7] = [5, 10, 20, 40, 80, 160, 300];
/// The same after a refusal (TRK-40).
const REFUSED_WAITS_S: [u64; 4] = [60, 300, 900, 3_600];
/// The longest that a Min-Expires can make us ask for, in seconds.
const EXPIRES_S_MAX: u32 = 86_400;
/// Routes that a carrier can want beside its own address (RFC 3608).
const ROUTES_MAX: usize = 8;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Registration {
    call_id: String,
    tag: String,
    cseq: u32,
    /// Asked for in place of `expires`, because the carrier wants more (423).
    longer_s: Option<u32>,
    /// The way and the moment of the end of what was granted.
    held: Option<(Peer, Uptime)>,
    /// Failures in a row, and refusals.
    failures: usize,
    refusals: usize,
    /// As it was last sent, and another that it was before and that the carrier is to forget.
    contact: String,
    contact_before: Option<String>,
    pub service_route: Vec<String>,
    pub running: Option<ErrandId>,
}

impl Registration {
    pub fn new(chance: &mut Chance) -> Registration {
        Registration {
            call_id: chance.token(24),
            tag: chance.token(12),
            cseq: 0,
            longer_s: None,
            held: None,
            failures: 0,
            refusals: 0,
            contact: String::new(),
            contact_before: None,
            service_route: Vec::new(),
            running: None,
        }
    }

    /// The Contact of the next REGISTER; an other one that the carrier may know is taken back.
    fn contacts(&mut self, contact: String) -> impl Iterator<Item = (Name, String)> + use<> {
        let before = std::mem::replace(&mut self.contact, contact.clone());
        if before != contact && self.held.is_some() {
            self.contact_before = Some(before);
        }
        let before = self.contact_before.iter().map(|before| (Name::Contact, format!("{before};expires=0")));
        [(Name::Contact, contact)].into_iter().chain(before).collect::<Vec<_>>().into_iter()
    }

    pub fn begin_waits(&mut self) {
        (self.failures, self.refusals) = (0, 0);
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether the carrier knows us at this moment.
    pub fn holds(&self, now: Uptime) -> bool {
        self.held.is_some_and(|(_, until)| until > now)
    }
}

impl Sip {
    /// At once, unless a REGISTER is on its way.
    pub(in crate::sip) fn register_trunk(&mut self, trunk: TrunkId) {
        self.timers.clear(Due::TrunkRegister(trunk));
        let Some(line) = self.trunks.enabled(trunk) else { return };
        if line.registration.running.is_some() {
            return;
        }
        let errand = self.begin_errand(trunk, What::Register);
        if self.trunks.errands.contains_key(&errand)
            && let Some(line) = self.trunks.lines.get_mut(&trunk)
        {
            line.registration.running = Some(errand);
        }
    }

    pub(in crate::sip) fn register_request(&mut self, trunk: TrunkId, peer: Peer) -> Option<Asked> {
        let line = self.trunks.lines.get(&trunk)?;
        let expires_s = line.registration.longer_s.unwrap_or(line.wanted.expires_s).max(line.wanted.expires_s);
        self.registering(trunk, peer, expires_s)
    }

    fn registering(&mut self, trunk: TrunkId, peer: Peer, expires_s: u32) -> Option<Asked> {
        let contact = self.contact_of(trunk, peer);
        let line = self.trunks.lines.get_mut(&trunk)?;
        line.registration.cseq += 1;
        let contacts = line.registration.contacts(contact);
        let domain = line.wanted.domain();
        let own = format!("<sip:{}@{domain}>", escape(&line.wanted.username));
        Some(Asked {
            peer,
            trunk: Some(trunk),
            method: Method::Register,
            uri: format!("sip:{domain}"),
            routes: Vec::new(),
            from: format!("{own};tag={}", line.registration.tag),
            to: own,
            call_id: line.registration.call_id.clone(),
            cseq: line.registration.cseq,
            max_forwards: MAX_FORWARDS,
            lines: contacts
                .chain([(Name::Expires, expires_s.to_string()), (Name::Supported, "path".to_owned())])
                .collect(),
            body: None,
        })
    }

    /// The carrier that asks for a proof has told how it sees us: the request that brings it says so (BOX-42).
    pub(in crate::sip) fn seen_anew(&mut self, trunk: TrunkId, asked: &mut Asked) {
        let contact = self.contact_of(trunk, asked.peer);
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        if asked.method == Method::Register && line.registration.contact != contact {
            line.registration.contact = contact.clone();
            let ours = asked.lines.iter_mut().find(|(name, _)| *name == Name::Contact);
            ours.into_iter().for_each(|(_, value)| *value = contact.clone());
        }
    }

    /// The number of a REGISTER that was sent again with a proof.
    pub(in crate::sip) fn registered_as(&mut self, trunk: TrunkId, cseq: u32) {
        if let Some(line) = self.trunks.lines.get_mut(&trunk) {
            line.registration.cseq = line.registration.cseq.max(cseq);
        }
    }

    pub(in crate::sip) fn register_heard(&mut self, trunk: TrunkId, cause: Cause, response: &Message) {
        match cause.code.unwrap_or(0) {
            200..300 => self.registered_at(trunk, cause, response),
            423 if self.asks_longer(trunk, response) => self.register_trunk(trunk),
            401 | 407 => {
                let reason = if self.is_other_realm(trunk) { Reason::RealmChanged } else { Reason::Password };
                let text = self.realms_text(trunk);
                self.register_refused(trunk, Cause { reason, text, ..cause });
            }
            403 => self.register_refused(trunk, cause),
            _ => self.register_failed(trunk, cause),
        }
    }

    fn registered_at(&mut self, trunk: TrunkId, cause: Cause, response: &Message) {
        let Some(granted_s) = self.granted_s(trunk, response) else {
            return self.register_failed(trunk, Cause { reason: Reason::ContactMissing, ..cause });
        };
        let now = self.now.up;
        let whole = Duration::from_secs(u64::from(granted_s));
        let routes = response.values(Name::ServiceRoute).take(ROUTES_MAX).map(str::to_owned).collect();
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        let Some(peer) = cause.address.and_then(|target| line.ways.get(&target)).copied() else { return };
        line.registration.begin_waits();
        line.registration.held = Some((peer, now + whole));
        line.registration.service_route = routes;
        let was_corrected = line.registration.contact_before.take().is_some();
        line.missed = 0;
        let contact = line.registration.contact.clone();
        self.timers.set(Due::TrunkRegister(trunk), now + whole * 4 / 5);
        self.turn_trunk(trunk, TrunkState::Up, Cause { reason: Reason::Registered, ..cause });
        // It sees us elsewhere than we said (BOX-42). Once: who sees us elsewhere each time waits for the next.
        if !was_corrected && contact != self.contact_of(trunk, peer) {
            self.register_trunk(trunk);
        }
    }

    /// The carrier knows us for so long.
    pub(super) fn hold_registration(&mut self, trunk: TrunkId, cause: &Cause, length: Duration) {
        let until = self.now.up + length;
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        let peer = cause.address.and_then(|target| line.ways.get(&target)).copied();
        line.registration.held = peer.map(|peer| (peer, until));
    }

    /// For how long the 200 grants our Contact; `None` if it is not there (TRK-37). A carrier may write another
    /// address into it, behind which we stand for it.
    pub(super) fn granted_s(&self, trunk: TrunkId, response: &Message) -> Option<u32> {
        let line = self.trunks.lines.get(&trunk)?;
        let Contacts::List(list) = response.contacts()? else { return None };
        let user = line.contact_user();
        let is_ours = |contact: &&Address| {
            contact.uri().is_ok_and(|uri: Uri| {
                uri.user == Some(user.as_str()) && uri.params.value("line") == Some(&line.contact.to_string())
            })
        };
        let ours = list.iter().find(is_ours)?;
        let granted = ours.params.value("expires").and_then(seconds).or(response.expires());
        granted.or(Some(line.wanted.expires_s)).filter(|granted| *granted > 0)
    }

    /// TRK-34
    pub(super) fn asks_longer(&mut self, trunk: TrunkId, response: &Message) -> bool {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return false };
        let asked = line.registration.longer_s.unwrap_or(line.wanted.expires_s);
        let wanted = response.value(Name::MinExpires).and_then(seconds).filter(|wanted| *wanted > asked);
        let wanted = wanted.filter(|wanted| *wanted <= EXPIRES_S_MAX);
        line.registration.longer_s = wanted.or(line.registration.longer_s);
        wanted.is_some()
    }

    /// TRK-40
    fn register_refused(&mut self, trunk: TrunkId, cause: Cause) {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        line.registration.held = None;
        let step = line.registration.refusals.min(REFUSED_WAITS_S.len() - 1);
        line.registration.refusals += 1;
        self.timers.set(Due::TrunkRegister(trunk), self.now.up + Duration::from_secs(REFUSED_WAITS_S[step]));
        self.turn_trunk(trunk, TrunkState::Refused, cause);
    }

    /// TRK-39
    pub(in crate::sip) fn register_failed(&mut self, trunk: TrunkId, cause: Cause) {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        let step = line.registration.failures.min(WAITS_S.len() - 1);
        line.registration.failures += 1;
        let wait_ms = WAITS_S[step] * 1_000;
        let drawn_ms = wait_ms * 4 / 5 + u64::from(self.chance.below((wait_ms * 2 / 5) as u32 + 1));
        self.timers.set(Due::TrunkRegister(trunk), self.now.up + Duration::from_millis(drawn_ms));
        self.turn_trunk(trunk, state_of(&cause), cause);
    }

    /// TRK-43: whatever is answered, the box is gone from there.
    pub(in crate::sip) fn unregister_trunk(&mut self, trunk: TrunkId) {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        let Some((peer, _)) = line.registration.held.take() else { return };
        line.registration.service_route.clear();
        if let Some(asked) = self.registering(trunk, peer, 0) {
            self.ask(asked, Purpose::Nothing);
        }
    }
}
