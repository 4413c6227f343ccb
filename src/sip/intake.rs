//! Requests: repeats are absorbed, what cannot be is refused, the rest goes to its verb (RFC 3261 section 8.2).

use super::{
    compose::{ALLOW, Lines, SUPPORTED},
    machine::{Owner, Sip},
    message::Message,
    method::Method,
    name::Name,
    transaction::{Server, ServerId, ServerKey},
    uri::{Scheme, Uri},
    wire::Peer,
};

impl Sip {
    pub(super) fn hear_request(&mut self, peer: Peer, request: &Message) {
        let method = request.method();
        let peer = self.answered_at(peer, request);
        let key = server_key(peer, request);
        if method == Method::Ack {
            return self.hear_ack(peer, &key, request);
        }
        if let Some(id) = self.transactions.server(&key) {
            self.known = true;
            return self.repeat(id);
        }
        if let Some((code, lines)) = refusal(request) {
            return self.respond_and_forget(peer, request, code, lines);
        }
        match &method {
            Method::Cancel => self.hear_cancel(peer, key, request),
            _ if request.to().tag().is_some() => self.hear_inside(peer, key, request),
            _ if let Some(trunk) = self.trunk_of(peer, request) => self.hear_trunk(peer, key, trunk, request),
            Method::Invite => self.hear_invite(peer, key, request),
            Method::Register => self.hear_register(peer, key, request),
            Method::Subscribe => self.hear_subscribe(peer, key, request),
            Method::Options => self.respond_and_forget(peer, request, 200, Lines::new()),
            Method::Refer => self.hear_refer_outside(peer, key, request),
            Method::Notify => self.respond_and_forget(peer, request, 489, Lines::new()),
            Method::Bye | Method::Prack | Method::Update | Method::Info => {
                self.respond_and_forget(peer, request, 481, Lines::new());
            }
            Method::Message | Method::Publish => {
                self.respond_and_forget(peer, request, 405, vec![(Name::Allow, ALLOW.to_owned())]);
            }
            Method::Other(_) => {
                self.respond_and_forget(peer, request, 501, vec![(Name::Allow, ALLOW.to_owned())]);
            }
            Method::Ack => {}
        }
    }

    /// Keeps a request until it is answered, so that its repeats are known.
    pub(super) fn open(&mut self, peer: Peer, key: ServerKey, request: &Message) -> ServerId {
        self.transactions.keep_server(Server::new(key, peer, request), &mut self.timers)
    }

    fn repeat(&mut self, id: ServerId) {
        let Some(server) = self.transactions.servers.get(&id) else { return };
        if let Some(bytes) = server.repeat() {
            let peer = server.peer;
            self.counters.retransmits += 1;
            self.send(peer, bytes);
        }
    }

    pub(super) fn server_again(&mut self, id: ServerId) {
        let Some(server) = self.transactions.servers.get_mut(&id) else { return };
        if let Some(bytes) = server.again(id, self.now.up, &mut self.timers) {
            let peer = server.peer;
            self.counters.retransmits += 1;
            self.send(peer, bytes);
        }
    }

    /// A request with a To tag belongs to a dialog that exists, or to none (RFC 3261 section 12.2.2).
    fn hear_inside(&mut self, peer: Peer, key: ServerKey, request: &Message) {
        let owner = request.to().tag().and_then(|tag| self.tags.get(tag)).copied();
        match owner {
            Some(Owner::Leg(leg)) if self.is_of_leg(peer, leg, request) => {
                self.known = true;
                self.hear_leg(peer, leg, key, request);
            }
            Some(Owner::Lamp(lamp)) if self.is_of_lamp(peer, lamp, request) => {
                self.known = true;
                self.hear_lamp(peer, lamp, key, request);
            }
            _ => self.respond_and_forget(peer, request, 481, Lines::new()),
        }
    }

    /// Whether the message can come from the other side of a dialog that was agreed over `known`.
    pub(super) fn is_plausible(&self, peer: Peer, known: Peer, user: &str) -> bool {
        use super::wire::Transport::Tls;
        if known.transport == Tls && peer.transport != Tls {
            return false;
        }
        let address = peer.remote.ip();
        address == known.remote.ip() || self.registrar.of(user).any(|binding| binding.peer.remote.ip() == address)
    }
}

/// RFC 3261 section 17.2.3; a branch of RFC 2543 says nothing, so all else is compared.
pub(super) fn server_key(peer: Peer, request: &Message) -> ServerKey {
    let via = request.top_via();
    let method = request.method();
    let method = if method == Method::Ack { Method::Invite } else { method };
    let branch = match via.own_branch() {
        Some(branch) => branch.to_owned(),
        None => format!(
            "{} {} {} {} {}",
            request.uri().map_or("", |uri| uri.text),
            request.from().tag().unwrap_or(""),
            request.call_id(),
            request.cseq().0,
            via.branch().unwrap_or(""),
        ),
    };
    let sent_by = format!("{}:{}", via.host.to_ascii_lowercase(), via.port.unwrap_or(0));
    ServerKey { branch, sent_by, remote: peer.remote.ip(), method: method.text().to_owned() }
}

/// What is wrong with a request whoever sent it.
fn refusal(request: &Message) -> Option<(u16, Lines)> {
    match request.uri() {
        Err(bad) => return Some((bad.code(), Lines::new())),
        Ok(Uri { scheme: Scheme::Sip | Scheme::Sips | Scheme::Tel, .. }) => {}
    }
    if request.max_forwards() == Some(0) {
        return Some((483, Lines::new()));
    }
    if request.method() == Method::Cancel {
        return None;
    }
    let unknown: Vec<&str> = request
        .values(Name::Require)
        .chain(request.values(Name::ProxyRequire))
        .filter(|option| !SUPPORTED.iter().any(|ours| ours.eq_ignore_ascii_case(option)))
        .collect();
    (!unknown.is_empty()).then(|| (420, vec![(Name::Unsupported, unknown.join(", "))]))
}
