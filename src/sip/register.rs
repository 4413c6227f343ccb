//! REGISTER: which device an agent is called on, and over which way (RFC 3261 section 10, RFC 3327, RFC 5626).

use super::{
    address::{Address, Contacts},
    compose::Lines,
    machine::Sip,
    message::{Message, seconds},
    name::Name,
    order::{Binding, BindingId, REFRESH_SLACK, Report},
    timers::Due,
    transaction::ServerKey,
    wire::{ConnectionId, Peer, Transport},
};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::IpAddr, time::Duration};

/// Devices of an agent (AGT-19, DSK-339).
const DEVICES_MAX: usize = 3;
/// Devices of the whole box; the one renewed longest ago goes (BOX-139).
const BINDINGS_MAX: usize = 10_000;
/// Contacts in one REGISTER.
const CONTACTS_MAX: usize = 10;
/// For how long a registration is granted, in seconds (DSK-336).
const EXPIRES_S_MIN: u32 = 60;
const EXPIRES_S_MAX: u32 = 300;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Registrar {
    kept: BTreeMap<BindingId, Kept>,
    by_user: BTreeMap<String, Vec<BindingId>>,
    last: u64,
    renewals: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub binding: Binding,
    /// Grows with each renewal in the box.
    renewed: u64,
    /// `reg-id`; with the instance it names the device (RFC 5626 section 6).
    reg_id: Option<u32>,
    pub ping: Ping,
}

/// Whether the last OPTIONS was answered (DSK-337).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ping {
    pub waiting: bool,
    pub missed: u32,
}

/// One Contact that is to be bound, or with 0 seconds unbound.
struct Wanted {
    contact: String,
    instance: Option<String>,
    reg_id: Option<u32>,
    expires_s: u32,
}

impl Registrar {
    pub fn binding(&self, id: BindingId) -> Option<&Binding> {
        self.kept.get(&id).map(|kept| &kept.binding)
    }

    pub fn kept_mut(&mut self, id: BindingId) -> Option<&mut Kept> {
        self.kept.get_mut(&id)
    }

    pub fn of(&self, user: &str) -> impl Iterator<Item = &Binding> {
        self.by_user.get(user).into_iter().flatten().filter_map(|id| self.binding(*id))
    }

    pub fn all(&self) -> impl Iterator<Item = &Binding> {
        self.kept.values().map(|kept| &kept.binding)
    }

    /// Whether a device of `user` is at this address.
    pub fn is_at(&self, user: &str, address: IpAddr) -> bool {
        self.of(user).any(|binding| binding.peer.remote.ip() == address)
    }

    /// The device of `user` that speaks from there.
    pub fn at(&self, user: &str, peer: Peer) -> Option<BindingId> {
        let mut found = self.of(user).filter(|binding| binding.peer.remote == peer.remote);
        found.find(|binding| binding.peer.connection == peer.connection).map(|binding| binding.id)
    }

    fn same(&self, user: &str, wanted: &Wanted) -> Option<BindingId> {
        let same = |binding: &&Binding| {
            let kept = &self.kept[&binding.id];
            let device =
                wanted.instance.is_some() && binding.instance == wanted.instance && kept.reg_id == wanted.reg_id;
            device || is_same_contact(&binding.contact, &wanted.contact)
        };
        self.of(user).find(same).map(|binding| binding.id)
    }

    fn oldest(&self, user: Option<&str>) -> Option<BindingId> {
        let first = |one: &&Kept, other: &&Kept| one.renewed.cmp(&other.renewed);
        let kept = match user {
            Some(user) => self.by_user.get(user)?.iter().filter_map(|id| self.kept.get(id)).min_by(first),
            None => self.kept.values().min_by(first),
        };
        kept.map(|kept| kept.binding.id)
    }

    fn put(&mut self, binding: Binding, reg_id: Option<u32>) {
        self.renewals += 1;
        let (id, renewed) = (binding.id, self.renewals);
        let ping = self.kept.get(&id).map_or(Ping::default(), |kept| kept.ping);
        let of_user = self.by_user.entry(binding.user.clone()).or_default();
        if !of_user.contains(&id) {
            of_user.push(id);
        }
        self.kept.insert(id, Kept { binding, renewed, reg_id, ping });
    }

    fn take(&mut self, id: BindingId) -> Option<Binding> {
        let binding = self.kept.remove(&id)?.binding;
        if let Some(of_user) = self.by_user.get_mut(&binding.user) {
            of_user.retain(|each| *each != id);
            if of_user.is_empty() {
                self.by_user.remove(&binding.user);
            }
        }
        Some(binding)
    }
}

impl Sip {
    pub(super) fn hear_register(&mut self, peer: Peer, key: ServerKey, request: &Message) {
        let Some(user) = self.prove(peer, request) else { return };
        let server = self.open(peer, key, request);
        let (code, lines) = match self.registered(peer, &user, request) {
            Ok(()) => (200, self.registrations(&user, request)),
            Err(refusal) => refusal,
        };
        self.refuse(server, code, lines);
    }

    fn registered(&mut self, peer: Peer, user: &str, request: &Message) -> Result<(), (u16, Lines)> {
        let to = request.to().uri().is_ok_and(|uri| uri.number() == user);
        if !to || !Sip::is_from(request, user) {
            return Err((403, Lines::new()));
        }
        let contacts = request.contacts().ok_or((400, Lines::new()))?;
        let list = match contacts {
            Contacts::Star if request.expires() == Some(0) => return self.unbind_all(user, request),
            Contacts::Star => return Err((400, Lines::new())),
            Contacts::List(list) if list.len() > CONTACTS_MAX => return Err((400, Lines::new())),
            Contacts::List(list) => list,
        };
        let wanted: Vec<Wanted> = list.iter().map(|contact| wish(contact, request)).collect::<Result<_, _>>()?;
        for one in &wanted {
            self.in_order(user, self.registrar.same(user, one), request)?;
        }
        for one in wanted {
            self.bind(peer, user, one, request);
        }
        Ok(())
    }

    /// RFC 3261 section 10.3 step 7: what was overtaken changes nothing.
    fn in_order(&self, _user: &str, binding: Option<BindingId>, request: &Message) -> Result<(), (u16, Lines)> {
        let Some(binding) = binding.and_then(|id| self.registrar.binding(id)) else { return Ok(()) };
        let overtaken = binding.call_id == request.call_id() && request.cseq().0 <= binding.cseq;
        if overtaken { Err((500, Lines::new())) } else { Ok(()) }
    }

    fn unbind_all(&mut self, user: &str, request: &Message) -> Result<(), (u16, Lines)> {
        let all: Vec<BindingId> = self.registrar.of(user).map(|binding| binding.id).collect();
        for id in &all {
            self.in_order(user, Some(*id), request)?;
        }
        for id in all {
            self.unregister(id);
        }
        Ok(())
    }

    fn bind(&mut self, peer: Peer, user: &str, wanted: Wanted, request: &Message) {
        let known = self.registrar.same(user, &wanted);
        if wanted.expires_s == 0 {
            if let Some(id) = known {
                self.unregister(id);
            }
            return;
        }
        if known.is_none() {
            self.make_room(user);
        }
        let id = known.unwrap_or_else(|| {
            self.registrar.last += 1;
            BindingId(self.registrar.last)
        });
        let before = self.registrar.binding(id).cloned();
        let lasts = Duration::from_secs(u64::from(wanted.expires_s));
        let binding = Binding {
            id,
            user: user.to_owned(),
            contact: wanted.contact,
            instance: wanted.instance,
            path: request.values(Name::Path).map(str::to_owned).collect(),
            peer,
            user_agent: request.value(Name::UserAgent).unwrap_or("").chars().take(100).collect(),
            call_id: request.call_id().to_owned(),
            cseq: request.cseq().0,
            registered_at: before.as_ref().map_or(self.now.wall, |before| before.registered_at),
            expires_at: self.now.wall + lasts,
            reachable: true,
        };
        self.timers.set(Due::BindingEnd(id), self.now.up + lasts);
        self.registrar.put(binding.clone(), wanted.reg_id);
        self.came_back(before.as_ref(), &binding);
        self.report(Report::Registered { binding, fresh: before.is_none() });
    }

    /// A fourth device takes the place of the one renewed longest ago (DSK-339).
    fn make_room(&mut self, user: &str) {
        if self.registrar.of(user).count() >= DEVICES_MAX
            && let Some(oldest) = self.registrar.oldest(Some(user))
        {
            self.unregister(oldest);
        }
        if self.registrar.kept.len() >= BINDINGS_MAX
            && let Some(oldest) = self.registrar.oldest(None)
        {
            self.unregister(oldest);
        }
    }

    /// What hangs on a registration: trust, signs of life, legs and lamps whose connection broke.
    fn came_back(&mut self, before: Option<&Binding>, binding: &Binding) {
        let address = binding.peer.remote.ip();
        let left = before.map(|before| before.peer.remote.ip()).filter(|left| *left != address);
        if before.is_none() || left.is_some() {
            self.trust(binding.peer);
        }
        if let Some(left) = left {
            self.end_trust(left);
        }
        self.expect_signs(binding, before.is_some_and(|before| before.peer == binding.peer));
        self.rejoin(before.map(|before| before.peer), binding);
        self.lamps_again(binding);
    }

    /// The 200 lists every device of the agent (RFC 3261 section 10.3 step 8).
    fn registrations(&self, user: &str, request: &Message) -> Lines {
        let mut lines: Lines = self.registrar.of(user).map(|binding| (Name::Contact, self.written(binding))).collect();
        for path in request.lines(Name::Path) {
            lines.push((Name::Path, path.to_owned()));
        }
        let asks = request.has_token(Name::Supported, "outbound") || request.has_token(Name::Require, "outbound");
        if asks && self.registrar.of(user).any(|binding| self.registrar.kept[&binding.id].reg_id.is_some()) {
            lines.push((Name::Require, "outbound".to_owned()));
        }
        lines
    }

    fn written(&self, binding: &Binding) -> String {
        let mut value = format!("<{}>;expires={}", binding.contact, self.left_s(binding.expires_at));
        if let Some(instance) = &binding.instance {
            value.push_str(&format!(";+sip.instance=\"{instance}\""));
        }
        if let Some(reg_id) = self.registrar.kept[&binding.id].reg_id {
            value.push_str(&format!(";reg-id={reg_id}"));
        }
        value
    }

    fn left_s(&self, until: Timestamp) -> u32 {
        until.seconds_since(self.now.wall)
    }

    /// It expired, said so, was pushed out, or its connection or agent is gone.
    pub(super) fn unregister(&mut self, id: BindingId) {
        let Some(binding) = self.registrar.take(id) else { return };
        self.timers.clear(Due::BindingEnd(id));
        self.timers.clear(Due::Ping(id));
        self.end_trust(binding.peer.remote.ip());
        self.report(Report::Unregistered { binding });
    }

    pub(super) fn restore_bindings(&mut self, bindings: Vec<Binding>) {
        for binding in bindings {
            self.registrar.last = self.registrar.last.max(binding.id.0);
            let left_s = self.left_s(binding.expires_at + REFRESH_SLACK);
            if left_s == 0 || binding.peer.transport != Transport::Udp || !self.users.contains_key(&binding.user) {
                self.report(Report::Unregistered { binding });
                continue;
            }
            let left = Duration::from_secs(u64::from(left_s));
            self.timers.set(Due::BindingEnd(binding.id), self.now.up + left);
            self.registrar.put(binding.clone(), None);
            self.trust(binding.peer);
            self.expect_signs(&binding, false);
            self.report(Report::Registered { binding, fresh: false });
        }
    }

    /// Each lasts as long as was granted, also after a restart (BOX-52).
    pub(super) fn date_anew(&mut self, by_ms: i64) {
        let moved = self.registrar.kept.values_mut().map(|kept| {
            kept.binding.registered_at = kept.binding.registered_at.moved(by_ms);
            kept.binding.expires_at = kept.binding.expires_at.moved(by_ms);
            kept.binding.clone()
        });
        for binding in moved.collect::<Vec<_>>() {
            self.report(Report::Registered { binding, fresh: false });
        }
    }

    /// Their number is no longer among the users.
    pub(super) fn drop_strangers(&mut self) {
        let gone = self.registrar.all().filter(|binding| !self.users.contains_key(&binding.user));
        for id in gone.map(|binding| binding.id).collect::<Vec<_>>() {
            self.unregister(id);
        }
        self.drop_lamps_of_strangers();
    }

    /// DSK-338: the connection is the flow.
    pub(super) fn connection_closed(&mut self, connection: ConnectionId) {
        self.break_legs(connection);
        self.fail_clients(|peer| peer.connection == Some(connection));
        let lost = self.registrar.all().filter(|binding| binding.peer.connection == Some(connection));
        for id in lost.map(|binding| binding.id).collect::<Vec<_>>() {
            self.unregister(id);
        }
        self.way_broke(connection);
    }
}

fn wish(contact: &Address, request: &Message) -> Result<Wanted, (u16, Lines)> {
    if contact.uri().is_err() {
        return Err((400, Lines::new()));
    }
    let asked = contact.params.value("expires").and_then(seconds).or(request.expires()).unwrap_or(EXPIRES_S_MAX);
    if (1..EXPIRES_S_MIN).contains(&asked) {
        return Err((423, vec![(Name::MinExpires, EXPIRES_S_MIN.to_string())]));
    }
    Ok(Wanted {
        contact: contact.uri.to_owned(),
        instance: contact.params.value("+sip.instance").map(str::to_owned),
        reg_id: contact.params.value("reg-id").and_then(seconds),
        expires_s: asked.min(EXPIRES_S_MAX),
    })
}

fn is_same_contact(one: &str, other: &str) -> bool {
    use super::uri::Uri;
    match (Uri::parse(one), Uri::parse(other)) {
        (Ok(one), Ok(other)) => one.is_same(&other),
        _ => one == other,
    }
}
