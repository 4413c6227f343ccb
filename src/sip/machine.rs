//! The whole of SIP as a value: messages, orders and the time go in, messages and reports come out.

use super::{
    dialog::{Leg, Referral},
    digest::{Digest, Offer, Secret, Users},
    guard::{Ban, Guard},
    message::Message,
    network::Network,
    order::{self, Binding, LampId, Order, ReferId, Report},
    outside::Outside,
    recorded::Came,
    register::Registrar,
    subscribe::Subscription,
    timers::{Due, Timers},
    transaction::Transactions,
    trunk::{Dialing, Trunks, standing::News},
    wire::{self, Peer},
};
use crate::{
    chance::{Chance, Seed},
    sdp::LegId,
    time::{Now, Timestamp, Uptime},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    net::IpAddr,
    sync::Arc,
};

/// What an owner can set, and the secret of the nonces.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Settings {
    pub realm: String,
    pub digest: Offer,
    /// Made by `run`, never written down.
    #[serde(skip)]
    pub nonce_secret: [u8; 32],
    /// Peers that see our own address (BOX-43).
    pub local_networks: Vec<Network>,
    /// Those in the networks that we stand in ourselves are among them.
    pub own_networks: bool,
    /// What all others see.
    pub external: External,
    /// Addresses that are never banned (BOX-145).
    pub never_ban: Vec<Network>,
    pub remote_phones: RemotePhones,
}

/// How the box looks from outside its local networks (BOX-41).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum External {
    /// As from inside.
    #[default]
    Own,
    /// As trunks tell (BOX-42).
    Auto,
    Address(IpAddr),
    /// Looked up every minute.
    Name(String),
}

/// Whether phones outside the local networks are taken (BOX-151).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RemotePhones {
    #[default]
    Off,
    Tls,
    Any,
}

/// What came of one call; both lists in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Out {
    pub wire: Vec<wire::Order>,
    pub reports: Vec<order::Report>,
    /// Of trunks, to be shown and written down.
    pub trunks: Vec<News>,
}

/// Counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Messages that are no SIP.
    pub malformed: u64,
    /// INVITEs answered 503 because the box is full.
    pub refused: u64,
    pub challenged: u64,
    /// Wrong passwords and unknown numbers.
    pub unproven: u64,
    pub bans: u64,
    /// Requests and responses that we sent again.
    pub retransmits: u64,
    /// Answers that a stranger over UDP did not get (BOX-147).
    pub unanswered: u64,
}

/// Transactions, dialogs, registrations and lamps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sip {
    pub(super) settings: Settings,
    /// Digests of passwords.
    #[serde(skip)]
    pub(super) users: Arc<Users>,
    pub(super) chance: Chance,
    pub(super) now: Now,
    /// The last message belongs to a transaction, a leg, a lamp or a trunk.
    #[serde(skip)]
    pub(super) known: bool,
    #[serde(skip)]
    pub(super) out: Out,
    pub(super) timers: Timers,
    pub(super) transactions: Transactions,
    pub(super) legs: BTreeMap<LegId, Leg>,
    /// Those whose INVITE was theirs, by its Call-ID.
    pub(super) came: BTreeMap<String, Vec<LegId>>,
    /// Legs and lamps by the tag that we gave them.
    pub(super) tags: BTreeMap<String, Owner>,
    pub(super) last_leg: u64,
    pub(super) referrals: BTreeMap<ReferId, Referral>,
    pub(super) last_refer: u64,
    pub(super) registrar: Registrar,
    pub(super) subscriptions: BTreeMap<LampId, Subscription>,
    pub(super) last_lamp: u64,
    pub(super) digest: Digest,
    pub(super) guard: Guard,
    pub(super) trunks: Trunks,
    next_ban_end: Option<Timestamp>,
    /// Ours, each with the network that it stands in.
    pub(super) own_addresses: Vec<Network>,
    pub(super) outside: Outside,
    pub(super) refuses_new: bool,
    pub(super) counters: Counters,
}

/// Whose dialog a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Owner {
    Leg(LegId),
    Lamp(LampId),
}

impl Sip {
    /// `seed` gives tags, branches and Call-IDs.
    pub fn new(settings: Settings, seed: Seed) -> Sip {
        Sip {
            digest: Digest::new(&settings.realm, Secret(settings.nonce_secret)),
            guard: Guard::new(settings.never_ban.clone(), Vec::new()),
            trunks: Trunks::default(),
            next_ban_end: None,
            settings,
            users: Arc::default(),
            chance: Chance::new(seed),
            now: Now::default(),
            known: false,
            out: Out::default(),
            timers: Timers::default(),
            transactions: Transactions::default(),
            legs: BTreeMap::new(),
            came: BTreeMap::new(),
            tags: BTreeMap::new(),
            last_leg: 0,
            referrals: BTreeMap::new(),
            last_refer: 0,
            registrar: Registrar::default(),
            subscriptions: BTreeMap::new(),
            last_lamp: 0,
            own_addresses: Vec::new(),
            outside: Outside::default(),
            refuses_new: false,
            counters: Counters::default(),
        }
    }

    /// A new seed for what is still to be drawn.
    pub fn reseed(&mut self, seed: Seed) {
        self.chance = Chance::new(seed);
    }

    /// Who may prove themselves; a disabled agent is not among them, and loses devices and lamps at once.
    pub fn set_users(&mut self, now: Now, users: Arc<Users>, out: &mut Out) {
        self.users = users;
        self.turn(now, out, Sip::drop_strangers);
    }

    /// Devices known before a restart. One on UDP can be called at once; a connection is gone, and its device is
    /// reported as such until it comes back.
    pub fn restore(&mut self, now: Now, bindings: Vec<Binding>, out: &mut Out) {
        self.turn(now, out, |sip| sip.restore_bindings(bindings));
    }

    /// The time of day was set: registrations and bans are dated anew.
    pub fn clock_set(&mut self, now: Now, by_ms: i64, out: &mut Out) {
        self.guard.date_anew(by_ms);
        self.turn(now, out, |sip| sip.date_anew(by_ms));
    }

    /// Bans that outlived a restart (BOX-146).
    pub fn restore_bans(&mut self, bans: Vec<(IpAddr, Ban)>) {
        self.guard = Guard::new(self.settings.never_ban.clone(), bans);
    }

    pub fn receive(&mut self, now: Now, report: wire::Report, out: &mut Out) {
        self.turn(now, out, |sip| match report {
            wire::Report::Message { peer, bytes } => sip.take(peer, bytes),
            wire::Report::Closed { connection } => sip.connection_closed(connection),
            wire::Report::Unreached { peer } => sip.fail_clients(|way| is_same_way(way, &peer)),
            wire::Report::Addresses(addresses) => sip.addressed(addresses),
            wire::Report::Resolved { name, addresses } => {
                sip.resolved(&name, addresses.clone());
                sip.trunk_resolved(&name, addresses);
            }
            wire::Report::Services { name, found } => sip.trunk_served(&name, found),
            wire::Report::Connected { way, peer } => sip.way_open(way, peer),
            wire::Report::NotConnected { way, fault } => sip.way_shut(way, &fault),
        });
    }

    pub fn order(&mut self, now: Now, order: Order, out: &mut Out) {
        self.turn(now, out, |sip| match order {
            Order::Ring { leg, binding, from, alert, offer } => sip.ring(leg, binding, &from, alert, &offer),
            Order::Dial { leg, trunk, number, from, withheld, max_forwards, offer } => {
                sip.dial(trunk, Dialing { leg, number, from, withheld, max_forwards, offer });
            }
            Order::Progress { leg, code, early } => sip.progress(leg, code, early),
            Order::Answer { leg, session } => sip.answer(leg, session),
            Order::Refuse { leg, code, retry_after } => sip.refuse_leg(leg, code, retry_after),
            Order::End { leg } => sip.end(leg),
            Order::Reoffer { leg, session } => sip.reoffer(leg, session),
            Order::AcceptChange { leg, session } => sip.accept_change(leg, &session),
            Order::RefuseChange { leg, code } => sip.refuse_change(leg, code),
            Order::Digit { leg, digit, ms } => sip.send_digit(leg, digit, ms),
            Order::ReferResult { refer, code } => sip.refer_result(refer, code),
            Order::Lamp { lamp, state } => sip.show_lamp(lamp, state),
            Order::RefuseLamp { lamp } => sip.refuse_lamp(lamp),
        });
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Now, out: &mut Out) {
        self.turn(now, out, |sip| {
            while let Some(due) = sip.timers.pop(now.up) {
                sip.do_due(due);
            }
        });
    }

    /// When `tick` has something to do.
    pub fn deadline(&self) -> Option<Uptime> {
        self.timers.first()
    }

    /// The devices of an agent, those that do not answer among them.
    pub fn bindings(&self, user: &str) -> impl Iterator<Item = &Binding> {
        self.registrar.of(user)
    }

    /// Overload: new calls get 503 with Retry-After before anything costly is done for them (BOX-131, BOX-132).
    pub fn refuse_new(&mut self, refuse: bool) {
        self.refuses_new = refuse;
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// By which the messages of a leg are known, once one was sent or came: its Call-ID, and the tag of whoever began it.
    pub fn known_by(&self, leg: LegId) -> Option<(&str, &str)> {
        let Leg { outgoing, dialog, .. } = self.legs.get(&leg)?;
        let ours = || dialog.local.rsplit_once(";tag=").map_or("", |(_, tag)| tag);
        Some((&dialog.call_id, if *outgoing { ours() } else { &dialog.remote_tag }))
    }

    /// Whether nobody at this address has proven anything.
    pub fn is_stranger(&self, address: IpAddr) -> bool {
        !self.guard.trusts(address)
    }

    /// What came of the last message, since this was asked last.
    pub fn take_came(&mut self) -> Came {
        Came { proof: self.digest.take_outcome(), known: mem::take(&mut self.known), pressed: None }
    }

    /// Bans that have not ended, the one that ends first first.
    pub fn bans(&self) -> impl ExactSizeIterator<Item = (IpAddr, &Ban)> {
        self.guard.in_force()
    }

    pub fn ban_of(&self, address: IpAddr) -> Option<&Ban> {
        self.guard.ban_of(address)
    }

    /// Whether this is neither a phone's address nor a line's, nor one that is never banned.
    pub fn is_outside(&self, address: IpAddr) -> bool {
        !self.guard.is_safe(address.to_canonical())
    }

    /// Goes on from what was written down, which holds neither.
    pub fn resume(&mut self, users: Arc<Users>, dids: Arc<BTreeSet<String>>) {
        self.users = users;
        self.trunks.dids = dids;
    }

    /// Takes new settings; calls and registrations stay.
    pub fn set(&mut self, now: Now, settings: Settings, out: &mut Out) {
        self.turn(now, out, |sip| {
            if settings.realm != sip.settings.realm {
                sip.digest.set_realm(&settings.realm);
            }
            sip.settings = settings;
            sip.look_outside();
            sip.protect_trunks();
        });
    }

    /// Takes back a ban (BOX-146); false if this address has none.
    pub fn lift_ban(&mut self, now: Now, address: IpAddr, out: &mut Out) -> bool {
        let mut was = false;
        self.turn(now, out, |sip| was = sip.guard.lift(address));
        was
    }

    pub(super) fn turn(&mut self, now: Now, out: &mut Out, act: impl FnOnce(&mut Sip)) {
        self.now = now;
        // What a turn that failed has left is nobody's.
        self.out = mem::take(out);
        act(self);
        self.watch_bans();
        self.show_trunks();
        *out = mem::take(&mut self.out);
    }

    /// Whoever drops packets hears of bans that are taken back; those that end are no longer counted.
    fn watch_bans(&mut self) {
        self.guard.end_due(self.now.wall);
        for address in self.guard.take_lifted() {
            self.out.wire.push(wire::Order::Lift { address });
        }
        let first = self.guard.in_force().next().map(|(_, ban)| ban.until);
        if first != self.next_ban_end {
            self.next_ban_end = first;
            match first {
                Some(until) => self.timers.set(Due::BanEnd, self.now.up + until.since(self.now.wall)),
                None => self.timers.clear(Due::BanEnd),
            }
        }
    }

    fn do_due(&mut self, due: Due) {
        match due {
            Due::ClientAgain(id) => self.client_again(id),
            Due::ClientEnd(id) => self.client_end(id),
            Due::ServerAgain(id) => self.server_again(id),
            Due::ServerEnd(id) => self.transactions.drop_server(id, &mut self.timers),
            Due::AnswerAgain(leg) => self.answer_again(leg),
            Due::AnswerEnd(leg) => self.answer_end(leg),
            Due::ReliableAgain(leg) => self.reliable_again(leg),
            Due::ReliableEnd(leg) => self.reliable_end(leg),
            Due::Reoffer(leg) => self.reoffer_again(leg),
            Due::Refresh(leg) => self.refresh(leg),
            Due::SessionEnd(leg) => self.session_end(leg),
            Due::FlowEnd(leg) => self.flow_end(leg),
            Due::BindingEnd(binding) => self.unregister(binding),
            Due::Ping(binding) => self.ping(binding),
            Due::LampEnd(lamp) => self.lamp_end(lamp),
            Due::LampAgain(lamp) => self.notify_lamp(lamp),
            Due::ReferEnd(refer) => self.refer_end(refer),
            Due::Outside => self.look_up(),
            Due::TrunkRegister(trunk) => self.register_trunk(trunk),
            Due::TrunkPing(trunk) => self.ping_trunk(trunk),
            Due::TrunkNames => self.look_up_names(),
            Due::Trial(trunk) => self.trial_due(trunk),
            Due::Errand(errand) => self.errand_silent(errand),
            // Looked at on every turn.
            Due::BanEnd => self.next_ban_end = None,
        }
    }

    pub(super) fn report(&mut self, report: Report) {
        self.out.reports.push(report);
    }

    /// A tag of ours that leads back to its owner.
    pub(super) fn own_tag(&mut self, owner: Owner) -> String {
        let tag = self.chance.token(16);
        self.tags.insert(tag.clone(), owner);
        tag
    }

    /// Whether a peer sees our own address (BOX-43).
    pub(super) fn is_local(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let Settings { local_networks, own_networks, .. } = &self.settings;
        let is_own = |own: &Network| own.address == address || (*own_networks && own.contains(address));
        address.is_loopback()
            || self.own_addresses.iter().any(is_own)
            || local_networks.iter().any(|network| network.contains(address))
    }

    /// The first list is that of the start; another one means another network (TRK-32).
    fn addressed(&mut self, addresses: Vec<Network>) {
        let moved = !self.own_addresses.is_empty() && self.own_addresses != addresses;
        self.own_addresses = addresses;
        self.protect_trunks();
        if moved {
            self.ways_moved();
        }
    }

    fn take(&mut self, peer: Peer, bytes: bytes::Bytes) {
        if self.guard.banned(self.now.wall, peer.remote.ip()).is_some() {
            return;
        }
        match Message::parse(bytes) {
            Ok(message) if message.is_request() => self.hear_request(peer, &message),
            Ok(message) => self.hear(peer, &message),
            Err(fault) => {
                self.counters.malformed += 1;
                if let (Some(code), Some(message)) = (fault.answer, fault.message) {
                    self.respond_and_forget(peer, &message, code, Vec::new());
                }
            }
        }
    }
}

/// Our own address may be known less exactly to who reports a failure.
fn is_same_way(one: &Peer, other: &Peer) -> bool {
    one.transport == other.transport && one.remote == other.remote && one.connection == other.connection
}
