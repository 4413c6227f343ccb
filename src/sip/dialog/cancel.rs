//! CANCEL from them: a request of its own that may come too late (RFC 3261 section 9.2).

use super::super::{compose::Lines, machine::Sip, message::Message, order::End, transaction::ServerKey, wire::Peer};
use super::Stage;

impl Sip {
    /// It speaks into the INVITE of the same branch from the same address. Its repeats are absorbed like any other's.
    pub(in crate::sip) fn hear_cancel(&mut self, peer: Peer, key: ServerKey, request: &Message) {
        let invite = ServerKey { method: "INVITE".to_owned(), ..key.clone() };
        let Some(invite) = self.transactions.server(&invite) else {
            return self.respond_and_forget(peer, request, 481, Lines::new());
        };
        self.known = true;
        let leg = self.transactions.servers.get(&invite).and_then(|server| server.leg);
        let tag = match leg.map(|leg| self.tag_of(leg)) {
            Some(tag) if !tag.is_empty() => tag,
            _ => self.stateless_tag(request),
        };
        let server = self.open(peer, key, request);
        self.respond(server, 200, &tag, Lines::new(), None);
        let Some(leg) = leg else { return };
        if self.legs.get(&leg).is_some_and(|kept| kept.stage == Stage::Came(invite)) {
            self.respond(invite, 487, &tag, Lines::new(), None);
            self.finish(leg, End::Cancelled);
        }
    }
}
