//! Responses to our requests, and requests of ours that nobody answers.

use super::{
    compose::Asked,
    dialog::{Dialog, EARLY_MAX},
    machine::Sip,
    message::Message,
    method::Method,
    name::Name,
    timers::Due,
    transaction::{Again, Client, ClientId, Head, Heard, LIFE, Purpose},
    via::Via,
    wire::Peer,
    write,
};
use bytes::Bytes;
use std::time::Duration;

/// How long a phone may think about a change, as long as a proxy lets one ring (timer C of RFC 3261 section 16.6).
const REINVITE_LASTS: Duration = Duration::from_secs(180);

impl Sip {
    pub(super) fn hear(&mut self, peer: Peer, response: &Message) {
        let Some(id) = self.client_of(peer, response) else { return };
        self.known = true;
        let Some(client) = self.transactions.clients.get_mut(&id) else { return };
        let code = response.code().unwrap_or(0);
        let (purpose, asked) = (client.purpose, client.peer);
        let of_trunk = client.again.is_some() || matches!(purpose, Purpose::Errand(_));
        match client.hear(code, self.now.up, &mut self.timers) {
            Heard::New => {
                if code < 200 && matches!(purpose, Purpose::Reinvite(_)) {
                    self.timers.set(Due::ClientEnd(id), self.now.up + REINVITE_LASTS);
                }
                if code < 200 && client.cancel_wanted {
                    self.send_cancel(id);
                }
                if of_trunk {
                    self.told_outside(asked, response);
                }
                if code >= 300 && self.transactions.clients[&id].is_invite() {
                    self.acknowledge_refusal(id, response);
                }
                if matches!(code, 401 | 407) && self.proves(id, response) {
                    return;
                }
                if code > 100 && !matches!(code, 401 | 407) {
                    self.proof_taken(id);
                }
                self.tell(purpose, id, response);
            }
            Heard::Another => self.accepted_again(id, response),
            Heard::AckAgain => {
                if let Some(ack) = client.ack.clone() {
                    let peer = client.peer;
                    self.counters.retransmits += 1;
                    self.send(peer, ack);
                }
            }
            Heard::Known => {}
        }
    }

    /// RFC 3261 section 17.1.3; the address keeps out who has only guessed the branch.
    fn client_of(&self, peer: Peer, response: &Message) -> Option<ClientId> {
        let via: Via = response.top_via();
        let branch = via.branch()?;
        let number = branch.rsplit_once('-')?.1.parse().ok()?;
        let method = response.method();
        let id = ClientId { number, cancel: method == Method::Cancel };
        let client = self.transactions.clients.get(&id)?;
        let same_kind = client.is_invite() == (method == Method::Invite);
        let address = peer.remote.ip();
        let of_trunk = |again: &Again| self.is_source(again.login.trunk, address);
        let same_host = client.peer.remote.ip() == address || client.again.as_deref().is_some_and(of_trunk);
        (client.branch == branch && same_kind && same_host).then_some(id)
    }

    fn tell(&mut self, purpose: Purpose, id: ClientId, response: &Message) {
        match purpose {
            Purpose::Invite(leg) => self.invite_heard(leg, id, response),
            Purpose::Reinvite(leg) => self.reinvite_heard(leg, id, response),
            Purpose::Refresh(leg) => self.refresh_heard(leg, response),
            Purpose::Prack(_) | Purpose::Info(_) | Purpose::Nothing => {}
            Purpose::Lamp(lamp) => self.lamp_heard(lamp, response.code().unwrap_or(0)),
            Purpose::Refer(refer) => self.refer_heard(refer, response.code().unwrap_or(0)),
            Purpose::Ping(binding) => self.pong(binding),
            Purpose::Errand(errand) => self.errand_heard(errand, id, response),
        }
    }

    /// Timers B, F: as if 408 had come (RFC 3261 section 8.1.3.1); a flow that failed: as if 503 had.
    pub(super) fn unheard(&mut self, id: ClientId, purpose: Purpose, code: u16) {
        match purpose {
            Purpose::Invite(leg) => self.invite_unheard(leg, id, code),
            Purpose::Errand(errand) => self.errand_unheard(errand, id),
            Purpose::Reinvite(leg) => self.reinvite_failed(leg, code, None),
            Purpose::Refresh(leg) => self.refresh_failed(leg, code, None),
            Purpose::Lamp(lamp) => self.lamp_heard(lamp, code),
            Purpose::Refer(refer) => self.refer_heard(refer, code),
            Purpose::Prack(_) | Purpose::Info(_) | Purpose::Ping(_) | Purpose::Nothing => {}
        }
    }

    pub(super) fn client_again(&mut self, id: ClientId) {
        let Some(client) = self.transactions.clients.get_mut(&id) else { return };
        let peer = client.peer;
        if let Some(bytes) = client.again(self.now.up, &mut self.timers) {
            self.counters.retransmits += 1;
            self.send(peer, bytes);
        }
    }

    pub(super) fn client_end(&mut self, id: ClientId) {
        if let Some(client) = self.transactions.drop_client(id, &mut self.timers)
            && client.is_open()
        {
            self.unheard(id, client.purpose, 408);
        }
    }

    /// Every open request over this way has failed.
    pub(super) fn fail_clients(&mut self, is_lost: impl Fn(&Peer) -> bool) {
        let clients = self.transactions.clients.iter();
        let lost: Vec<ClientId> = clients.filter(|(_, client)| is_lost(&client.peer)).map(|(id, _)| *id).collect();
        for id in lost {
            if let Some(client) = self.transactions.drop_client(id, &mut self.timers)
                && client.is_open()
            {
                self.unheard(id, client.purpose, 503);
            }
        }
    }

    /// CANCEL goes out when a provisional response allows it, at once or later (RFC 3261 section 9.1).
    pub(super) fn cancel_client(&mut self, id: ClientId) {
        let Some(client) = self.transactions.clients.get_mut(&id) else { return };
        if !client.is_open() {
            return;
        }
        client.cancel_wanted = true;
        if client.is_heard() {
            self.send_cancel(id);
        }
    }

    /// Nobody waits for its answer any more. An INVITE that is answered after all is cancelled or ended then.
    pub(super) fn abandon_client(&mut self, id: ClientId) {
        let Some(client) = self.transactions.clients.get(&id) else { return };
        if client.is_invite() {
            self.timers.clear(Due::ClientAgain(id));
            self.cancel_client(id);
        } else {
            self.transactions.drop_client(id, &mut self.timers);
        }
    }

    fn send_cancel(&mut self, id: ClientId) {
        let Some(client) = self.transactions.clients.get_mut(&id) else { return };
        client.cancel_wanted = false;
        let (peer, branch) = (client.peer, client.branch.clone());
        let Some(head) = client.head.clone() else { return };
        let to = head.to.clone();
        let bytes = write_like(&head, &Method::Cancel, &to);
        // The INVITE that is not answered after its CANCEL is given up (RFC 3261 section 9.1).
        self.timers.set(Due::ClientEnd(id), self.now.up + LIFE);
        let id = ClientId { cancel: true, ..id };
        self.start_client(Client::new(id, peer, Purpose::Nothing, branch, None, bytes.clone()));
        self.send(peer, bytes);
    }

    /// ACK of a refusal, part of the transaction (RFC 3261 section 17.1.1.3).
    fn acknowledge_refusal(&mut self, id: ClientId, response: &Message) {
        let Some(client) = self.transactions.clients.get_mut(&id) else { return };
        let Some(head) = &client.head else { return };
        let ack = write_like(head, &Method::Ack, response.value(Name::To).unwrap_or(""));
        client.ack = Some(ack.clone());
        let peer = client.peer;
        self.send(peer, ack);
    }

    /// A 2xx after the first: its ACK was lost, or another branch of a fork answered too; that one is ended. To more
    /// branches than may ring nobody listens.
    fn accepted_again(&mut self, id: ClientId, response: &Message) {
        let Some(client) = self.transactions.clients.get(&id) else { return };
        let peer = client.peer;
        let tag = response.to().tag().unwrap_or("");
        if let Some(ack) = client.acks.get(tag).cloned() {
            self.counters.retransmits += 1;
            self.send(peer, ack);
        } else if client.acks.len() < EARLY_MAX {
            self.decline_accepted(id, response);
        }
    }

    /// ACK and BYE for a 2xx that nobody wants (RFC 3261 section 13.2.2.4).
    pub(super) fn decline_accepted(&mut self, id: ClientId, response: &Message) {
        let Some(client) = self.transactions.clients.get(&id) else { return };
        let Some(head) = &client.head else { return };
        let peer = client.peer;
        let trunk = client.again.as_ref().map(|again| again.login.trunk);
        let mut dialog = Dialog::asked_in(head, trunk).answered(response);
        self.acknowledge(id, peer, &dialog);
        let bye = dialog.ask(peer, Method::Bye, Vec::new(), None);
        self.ask(bye, Purpose::Nothing);
    }

    /// ACK of a 2xx; kept, to be sent again with each repeat.
    pub(super) fn acknowledge(&mut self, id: ClientId, peer: Peer, dialog: &Dialog) {
        let Some(client) = self.transactions.clients.get(&id) else { return };
        let cseq = client.head.as_ref().map_or(dialog.local_cseq, |head| head.cseq);
        let ack = self.write_ack(&Asked { cseq, ..dialog.asked(peer, Method::Ack, Vec::new(), None) });
        if let Some(client) = self.transactions.clients.get_mut(&id) {
            client.acks.insert(dialog.remote_tag.clone(), ack.clone());
        }
        self.transactions.weigh_client(id, &mut self.timers);
        self.send(peer, ack);
    }
}

/// A request with the Via, Route, From, Call-ID and number of an INVITE.
fn write_like(head: &Head, method: &Method, to: &str) -> Bytes {
    let (uri, routes) = super::compose::routed(&head.uri, &head.routes);
    let mut writer = write::request(method, &uri).header(Name::Via, &head.via);
    for route in &routes {
        writer = writer.header(Name::Route, route);
    }
    writer
        .header(Name::MaxForwards, &super::compose::MAX_FORWARDS.to_string())
        .header(Name::From, &head.from)
        .header(Name::To, to)
        .header(Name::CallId, &head.call_id)
        .header(Name::CSeq, &format!("{} {method}", head.cseq))
        .finish()
}
