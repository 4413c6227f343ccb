//! All trunks, and how each of them stands.

use super::{
    super::{
        compose::Lines,
        digest::Users,
        machine::Sip,
        order::{Report, TrunkId, TrunkState},
        timers::Due,
        wire::{self, Peer, Transport, WayId},
    },
    errand::{Errand, ErrandId, What},
    locate::Names,
    proof::Counts,
    register::Registration,
    standing::{Cause, News, Reason, Standing, Turn},
    trial::{Trial, is_trial},
    wanted::{Login, Trunk},
};
use crate::time::Uptime;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::sip) struct Trunks {
    pub lines: BTreeMap<TrunkId, Line>,
    pub errands: BTreeMap<ErrandId, Errand>,
    pub last_errand: u64,
    /// Lines that are only tried.
    pub trials: BTreeMap<TrunkId, Trial>,
    pub last_trial: u64,
    /// Ways that are being opened.
    pub opening: BTreeMap<WayId, (TrunkId, SocketAddr)>,
    pub last_way: u64,
    pub names: Names,
    pub counts: Counts,
    /// As the last run left them.
    pub realms: BTreeMap<TrunkId, String>,
    /// Every DID of the box (TRK-59).
    #[serde(skip)]
    pub dids: Arc<BTreeSet<String>>,
    /// Whose each address is (TRK-52).
    pub sources: BTreeMap<IpAddr, BTreeSet<TrunkId>>,
    /// Those of which something changed that is shown.
    pub touched: BTreeSet<TrunkId>,
}

/// One trunk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Line {
    pub wanted: Trunk,
    /// By which the carrier tells its Contact apart (TRK-36).
    pub contact: u64,
    pub standing: Standing,
    pub registration: Registration,
    /// OPTIONS in a row that nobody answered.
    pub missed: u32,
    /// The realm of the first proof that was accepted (TRK-46).
    pub realm: Option<String>,
    /// Ways that are open, by the target.
    pub ways: BTreeMap<SocketAddr, Peer>,
    /// Targets that failed, and until when they are not tried (TRK-23).
    pub resting: BTreeMap<SocketAddr, Uptime>,
    /// What a call from it proves (TRK-55).
    #[serde(skip)]
    pub proofs: Users,
}

impl Line {
    /// Calls come over it: it is neither disabled nor only tried.
    pub fn is_open(&self) -> bool {
        self.wanted.enabled && !is_trial(self.wanted.id)
    }

    pub fn is_up(&self) -> bool {
        self.standing.state == TrunkState::Up
    }

    /// TRK-36: told apart at the carrier by `line`.
    pub fn contact_user(&self) -> String {
        let user = if self.wanted.username.is_empty() { "callbox" } else { &self.wanted.username };
        super::super::uri::escape(user)
    }
}

impl Trunks {
    pub fn login(&self, trunk: TrunkId) -> Option<Login> {
        let line = self.lines.get(&trunk)?;
        Some(line.wanted.login(line.realm.clone()))
    }

    pub fn enabled(&self, trunk: TrunkId) -> Option<&Line> {
        self.lines.get(&trunk).filter(|line| line.wanted.enabled)
    }
}

impl Sip {
    /// Every trunk that there is, disabled ones too. Whoever is new, was saved or was switched on is tried at once
    /// (TRK-33, TRK-42); whoever is gone or switched off un-registers (TRK-43).
    pub fn set_trunks(&mut self, now: crate::time::Now, trunks: Vec<Trunk>, out: &mut super::super::Out) {
        self.turn(now, out, |sip| {
            let kept: BTreeSet<TrunkId> = trunks.iter().map(|trunk| trunk.id).collect();
            let rows = sip.trunks.lines.keys().copied().filter(|id| !is_trial(*id));
            let gone: Vec<TrunkId> = rows.filter(|id| !kept.contains(id)).collect();
            for trunk in gone {
                sip.remove_trunk(trunk);
            }
            for trunk in trunks {
                sip.set_trunk(trunk);
            }
            sip.look_up_names();
            sip.protect_trunks();
        });
    }

    /// The realms in which passwords were accepted before the last stop (TRK-46); before the first event.
    pub fn restore_realms(&mut self, realms: Vec<(TrunkId, String)>) {
        self.trunks.realms = realms.into_iter().collect();
    }

    /// The numbers that `auto` looks for (TRK-59).
    pub fn set_dids(&mut self, dids: Arc<BTreeSet<String>>) {
        self.trunks.dids = dids;
    }

    /// "Register now" (TRK-42); false if there is no such trunk, or if it is disabled.
    pub fn try_trunk(&mut self, now: crate::time::Now, trunk: TrunkId, out: &mut super::super::Out) -> bool {
        let found = self.trunks.enabled(trunk).is_some();
        self.turn(now, out, |sip| sip.try_anew(trunk));
        found
    }

    /// The other realm is the carrier's too (TRK-46); false if none was asked in.
    pub fn accept_realm(&mut self, now: crate::time::Now, trunk: TrunkId, out: &mut super::super::Out) -> bool {
        let mut found = false;
        self.turn(now, out, |sip| {
            let Some(line) = sip.trunks.lines.get_mut(&trunk) else { return };
            let Some(realm) = line.standing.other_realm.take() else { return };
            found = true;
            sip.keep_realm(trunk, Some(realm));
            sip.try_anew(trunk);
        });
        found
    }

    pub fn standing(&self, trunk: TrunkId) -> Option<&Standing> {
        self.trunks.lines.get(&trunk).map(|line| &line.standing)
    }

    fn set_trunk(&mut self, wanted: Trunk) {
        let id = wanted.id;
        let before = self.trunks.lines.get(&id).map(|line| line.wanted.clone());
        let other = before.as_ref().is_none_or(|before| wanted.is_other(before));
        match &before {
            Some(before) if *before == wanted => return,
            Some(before) if before.enabled && (other || !wanted.enabled) => self.leave(id),
            _ => {}
        }
        if before.is_none() {
            let fresh = self.fresh_line(wanted.clone());
            self.trunks.lines.insert(id, fresh);
        }
        let realm = self.settings.realm.clone();
        let Some(line) = self.trunks.lines.get_mut(&id) else { return };
        line.proofs = wanted.proofs(&realm);
        line.wanted = wanted;
        let kept = before.as_ref().is_some_and(|before| !other && before.certified() == line.wanted.certified());
        if other && before.is_some() {
            self.keep_realm(id, None);
        }
        if !kept {
            self.drop_ways(id);
        }
        self.begin_trunk(id, other || before.is_some_and(|before| !before.enabled));
    }

    pub(super) fn fresh_line(&mut self, wanted: Trunk) -> Line {
        let standing = Standing {
            trunk: wanted.id,
            state: TrunkState::Disabled,
            since: self.now.wall,
            cause: Cause::from(Reason::SwitchedOff),
            last_fault: None,
            calls: 0,
            other_realm: None,
            changed: None,
        };
        self.trunks.touched.insert(wanted.id);
        Line {
            realm: self.trunks.realms.get(&wanted.id).cloned(),
            contact: wanted.id.0,
            wanted,
            standing,
            registration: Registration::new(&mut self.chance),
            missed: 0,
            ways: BTreeMap::new(),
            resting: BTreeMap::new(),
            proofs: Users::new(),
        }
    }

    /// `anew`: what was known of its state holds no longer.
    fn begin_trunk(&mut self, trunk: TrunkId, anew: bool) {
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        line.standing.other_realm = None;
        let (enabled, watched) = (line.wanted.enabled, line.wanted.registers || line.wanted.keep_alive_s > 0);
        self.trunks.touched.insert(trunk);
        if !enabled {
            return self.turn_trunk(trunk, TrunkState::Disabled, Reason::SwitchedOff.into());
        }
        if !watched {
            return self.turn_trunk(trunk, TrunkState::Up, Reason::NotWatched.into());
        }
        if anew || !self.trunks.lines[&trunk].is_up() {
            self.turn_trunk(trunk, TrunkState::Connecting, Reason::Begun.into());
        }
        self.try_anew(trunk);
    }

    /// At once, and the waits begin anew (TRK-42).
    pub(in crate::sip) fn try_anew(&mut self, trunk: TrunkId) {
        let Some(line) = self.trunks.lines.get_mut(&trunk).filter(|line| line.wanted.enabled) else { return };
        line.resting.clear();
        line.registration.begin_waits();
        if line.wanted.registers {
            self.register_trunk(trunk);
        }
        self.ping_trunk(trunk);
    }

    /// The carrier forgets the box, and nothing goes there on its own any more (TRK-7, TRK-43).
    fn leave(&mut self, trunk: TrunkId) {
        self.unregister_trunk(trunk);
        self.timers.clear(Due::TrunkRegister(trunk));
        self.timers.clear(Due::TrunkPing(trunk));
        let own = |errand: &Errand| errand.trunk == trunk && !matches!(errand.what, What::Dial(_));
        let errands: Vec<ErrandId> =
            self.trunks.errands.iter().filter(|(_, errand)| own(errand)).map(|(id, _)| *id).collect();
        for errand in errands {
            self.drop_errand(errand);
        }
    }

    fn remove_trunk(&mut self, trunk: TrunkId) {
        if self.trunks.enabled(trunk).is_some() {
            self.leave(trunk);
        }
        let dials: Vec<ErrandId> =
            self.trunks.errands.iter().filter(|(_, errand)| errand.trunk == trunk).map(|(id, _)| *id).collect();
        for errand in dials {
            self.errand_fails(errand);
        }
        self.drop_ways(trunk);
        self.trunks.lines.remove(&trunk);
        self.trunks.touched.remove(&trunk);
        self.out.trunks.push(News::Gone(trunk));
    }

    /// TRK-47: each change is reported and written down.
    pub(in crate::sip) fn turn_trunk(&mut self, trunk: TrunkId, to: TrunkState, cause: Cause) {
        if is_trial(trunk) {
            return;
        }
        let at = self.now.wall;
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        let from = line.standing.state;
        let fault = matches!(to, TrunkState::Refused | TrunkState::Unreachable | TrunkState::Certificate);
        if fault {
            line.standing.last_fault = Some(cause.clone());
        }
        if from == to && line.standing.cause.reason == cause.reason && line.standing.cause.code == cause.code {
            self.trunks.touched.insert(trunk);
            return;
        }
        line.standing.cause = cause.clone();
        self.trunks.touched.insert(trunk);
        if from != to {
            line.standing.state = to;
            line.standing.since = at;
            self.out.trunks.push(News::Turned(Turn { trunk, at, from, to, cause }));
            self.report(Report::Trunk { trunk, state: to });
        }
    }

    /// What of trunks is shown goes out once for each that changed.
    pub(in crate::sip) fn show_trunks(&mut self) {
        while let Some(trunk) = self.trunks.touched.pop_first() {
            let calls = self.calls_of(trunk) as u32;
            if let Some(line) = self.trunks.lines.get_mut(&trunk).filter(|_| !is_trial(trunk)) {
                line.standing.calls = calls;
                self.out.trunks.push(News::Stands(line.standing.clone()));
            }
        }
    }

    /// Calls of both directions that are up or being set up (TRK-17).
    pub(in crate::sip) fn calls_of(&self, trunk: TrunkId) -> usize {
        let legs = self.legs.values().filter(|leg| leg.dialog.trunk == Some(trunk) && !leg.over);
        let seeking = self.trunks.errands.values().filter(|errand| errand.trunk == trunk);
        let seeking = seeking.filter(|errand| errand.leg().is_some_and(|leg| !self.legs.contains_key(&leg)));
        legs.count() + seeking.count()
    }

    /// Contact of a request to a trunk or of an answer to it (TRK-36).
    pub(in crate::sip) fn contact_of(&self, trunk: TrunkId, peer: Peer) -> String {
        let line = self.trunks.lines.get(&trunk);
        let user = line.map_or_else(|| "callbox".to_owned(), Line::contact_user);
        let number = line.map_or(trunk.0, |line| line.contact);
        let transport = match peer.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        };
        format!("<sip:{user}@{}{transport};line={number}>", self.place_for(peer))
    }

    /// The same as a header.
    pub(in crate::sip) fn contact_lines(&self, trunk: TrunkId, peer: Peer) -> Lines {
        vec![(super::super::name::Name::Contact, self.contact_of(trunk, peer))]
    }

    /// The addresses of trunks are never banned (BOX-145).
    pub(in crate::sip) fn protect_trunks(&mut self) {
        let lines = self.trunks.lines.values().filter(|line| line.is_open());
        let mut sources = BTreeMap::<IpAddr, BTreeSet<TrunkId>>::new();
        for line in lines.clone() {
            for address in self.trunks.names.addresses_of(&line.wanted) {
                sources.entry(address).or_default().insert(line.wanted.id);
            }
        }
        let ranges = lines.flat_map(|line| line.wanted.allowed_sources.iter().copied());
        let own = self.settings.never_ban.iter().copied();
        let safe = own.chain(ranges).chain(sources.keys().copied().map(Into::into)).collect();
        let shared = self.own_addresses.iter().chain(&self.settings.local_networks).copied().collect();
        self.guard.never_ban(safe, shared);
        let addresses: Vec<IpAddr> = sources.keys().copied().collect();
        let before = std::mem::replace(&mut self.trunks.sources, sources);
        let Trunks { lines, sources, .. } = &mut self.trunks;
        for line in lines.values_mut().filter(|line| line.is_open()) {
            // A name may lead elsewhere each time it is looked up.
            let is_known = |target: &SocketAddr| sources.contains_key(&target.ip().to_canonical());
            line.ways.retain(|target, peer| peer.connection.is_some() || is_known(target));
        }
        for address in before.into_keys() {
            self.end_trust(address);
        }
        self.forget_outside();
        for address in addresses {
            if !self.guard.trusts(address) {
                self.guard.trust(address);
                self.out.wire.push(wire::Order::Trust { address });
            }
        }
    }
}
