//! Challenges of carriers: answered for requests of our own, in the realm that is known, with every count once
//! (TRK-44 to TRK-46).

use super::{
    super::{
        bounded::Bounded,
        dialog::Stage,
        digest::{Algorithm, Attempt, Challenge},
        machine::Sip,
        message::Message,
        name::Name,
        order::{TrunkId, TrunkState},
        transaction::{Again, ClientId, Purpose},
    },
    standing::{Cause, News, Reason},
    trial::is_trial,
    wanted::Login,
};
use serde::{Deserialize, Serialize};

/// Nonces whose counts are remembered; a carrier that gives more than these at once gives fresh ones.
const NONCES_MAX: usize = 1_000;

/// How often each nonce was used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Counts(Bounded<String, u32>);

impl Default for Counts {
    fn default() -> Counts {
        Counts(Bounded::new(NONCES_MAX))
    }
}

impl Counts {
    /// This time included.
    fn next(&mut self, nonce: &str) -> u32 {
        let count = self.0.touch(nonce.to_owned(), || 0);
        *count += 1;
        *count
    }
}

impl Sip {
    /// Sends the request again with a proof; false if the refusal stands.
    pub(in crate::sip) fn proves(&mut self, id: ClientId, response: &Message) -> bool {
        let Some(client) = self.transactions.clients.get_mut(&id) else { return false };
        let purpose = client.purpose;
        let Some(mut again) = client.again.take() else { return false };
        if !self.is_wanted(id, purpose) {
            return false;
        }
        let Some(challenge) = self.chosen(&again.login, response) else { return false };
        let used = again.proven.is_some();
        if again.login.password.0.is_empty() || (used && (again.stale || !challenge.stale)) {
            return false;
        }
        again.stale = used;
        again.proven = Some(challenge.realm.clone());
        self.send_proof(id, purpose, *again, &challenge, response.code() == Some(407));
        true
    }

    /// A proof was taken: from now on only its realm gets one (TRK-46).
    pub(in crate::sip) fn proof_taken(&mut self, id: ClientId) {
        let Some(client) = self.transactions.clients.get(&id) else { return };
        let Some(again) = &client.again else { return };
        let (trunk, proven) = (again.login.trunk, again.proven.clone());
        if let Some(realm) = proven
            && self.trunks.lines.get(&trunk).is_some_and(|line| line.realm.is_none())
        {
            self.keep_realm(trunk, Some(realm));
        }
    }

    pub(in crate::sip) fn keep_realm(&mut self, trunk: TrunkId, realm: Option<String>) {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        if line.realm != realm {
            line.realm = realm.clone();
            if is_trial(trunk) {
                return;
            }
            self.out.trunks.push(News::Realm { trunk, realm });
        }
        self.trunks.touched.insert(trunk);
    }

    pub(in crate::sip) fn is_other_realm(&self, trunk: TrunkId) -> bool {
        self.trunks.lines.get(&trunk).is_some_and(|line| line.standing.other_realm.is_some())
    }

    /// Both realms, the known one first.
    pub(in crate::sip) fn realms_text(&self, trunk: TrunkId) -> String {
        let Some(line) = self.trunks.lines.get(&trunk) else { return String::new() };
        match (&line.realm, &line.standing.other_realm) {
            (Some(known), Some(other)) => format!("{known} → {other}"),
            _ => String::new(),
        }
    }

    /// The challenge of the known realm, with SHA-256 if it is offered (TRK-44). Another realm turns the trunk down.
    fn chosen(&mut self, login: &Login, response: &Message) -> Option<Challenge> {
        let name = if response.code() == Some(407) { Name::ProxyAuthenticate } else { Name::WwwAuthenticate };
        let all: Vec<Challenge> = response.lines(name).filter_map(Challenge::parse).collect();
        let known = self.trunks.lines.get(&login.trunk).map_or(login.realm.clone(), |line| line.realm.clone());
        let other = all.first().map(|challenge| challenge.realm.clone());
        let mut fit: Vec<Challenge> =
            all.into_iter().filter(|one| known.as_ref().is_none_or(|realm| one.realm == *realm)).collect();
        if let (true, Some(other)) = (fit.is_empty(), other) {
            self.realm_changed(login.trunk, other);
        }
        fit.sort_by_key(|challenge| challenge.algorithm != Algorithm::Sha256);
        fit.into_iter().next()
    }

    fn realm_changed(&mut self, trunk: TrunkId, other: String) {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        line.standing.other_realm = Some(other);
        let text = self.realms_text(trunk);
        let cause = Cause { text, ..Cause::from(Reason::RealmChanged) };
        self.turn_trunk(trunk, TrunkState::Refused, cause);
    }

    /// Whoever has gone on meanwhile proves nothing any more.
    fn is_wanted(&self, id: ClientId, purpose: Purpose) -> bool {
        let leg = |leg| self.legs.get(&leg);
        match purpose {
            Purpose::Invite(id_of) => leg(id_of).is_some_and(|leg| leg.stage == Stage::Sent(id)),
            Purpose::Reinvite(id_of) => {
                leg(id_of).and_then(|leg| leg.reoffer.as_ref()).is_some_and(|reoffer| reoffer.client == Some(id))
            }
            Purpose::Errand(errand) => self.trunks.errands.get(&errand).is_some_and(|errand| errand.client == Some(id)),
            _ => true,
        }
    }

    fn send_proof(&mut self, id: ClientId, purpose: Purpose, again: Again, challenge: &Challenge, proxy: bool) {
        let Again { login, mut asked, proven, stale } = again;
        let header = if proxy { Name::ProxyAuthorization } else { Name::Authorization };
        let count = self.trunks.counts.next(&challenge.nonce);
        let cnonce = self.chance.token(16);
        let (uri, _) = super::super::compose::routed(&asked.uri, &asked.routes);
        let body = asked.body.as_ref().map_or(&[][..], |(_, bytes)| &bytes[..]);
        let attempt = Attempt {
            user: &login.user,
            password: &login.password.0,
            method: asked.method.text(),
            uri: &uri,
            body,
            count,
            cnonce: &cnonce,
        };
        let proof = challenge.answer(&attempt);
        asked.lines.retain(|(name, _)| *name != header);
        asked.lines.push((header, proof));
        asked.cseq += 1;
        self.seen_anew(login.trunk, &mut asked);
        let (trunk, cseq) = (login.trunk, asked.cseq);
        let next = self.ask(asked, purpose);
        if let Some(client) = self.transactions.clients.get_mut(&next)
            && let Some(again) = &mut client.again
        {
            (again.proven, again.stale) = (proven, stale);
        }
        self.asked_again(trunk, purpose, id, next, cseq);
    }

    /// Whoever waits for the answer waits for the second request's.
    fn asked_again(&mut self, trunk: TrunkId, purpose: Purpose, before: ClientId, next: ClientId, cseq: u32) {
        match purpose {
            Purpose::Invite(leg) | Purpose::Reinvite(leg) | Purpose::Refresh(leg) | Purpose::Info(leg) => {
                let Some(kept) = self.legs.get_mut(&leg) else { return };
                kept.dialog.local_cseq = kept.dialog.local_cseq.max(cseq);
                if kept.stage == Stage::Sent(before) {
                    kept.stage = Stage::Sent(next);
                    kept.early.clear();
                }
                if let Some(reoffer) = kept.reoffer.as_mut().filter(|reoffer| reoffer.client == Some(before)) {
                    reoffer.client = Some(next);
                }
                self.errand_asks_again(self.errand_of(leg), next);
            }
            Purpose::Prack(leg) => {
                let Some(kept) = self.legs.get_mut(&leg) else { return };
                let early = kept.early.values_mut().find(|early| early.dialog.local_cseq + 1 == cseq);
                if let Some(early) = early {
                    early.dialog.local_cseq = cseq;
                }
            }
            Purpose::Errand(errand) => {
                self.registered_as(trunk, cseq);
                self.errand_asks_again(Some(errand), next);
            }
            Purpose::Lamp(_) | Purpose::Refer(_) | Purpose::Ping(_) | Purpose::Nothing => {}
        }
    }

    fn errand_asks_again(&mut self, errand: Option<super::ErrandId>, next: ClientId) {
        let Some(id) = errand else { return };
        let now = self.now.up;
        if let Some(errand) = self.trunks.errands.get_mut(&id) {
            errand.client = Some(next);
            errand.asked = now;
            self.errand_waits(id);
        }
    }
}
