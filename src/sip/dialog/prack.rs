//! PRACK from them: a reliable provisional response of ours has arrived (RFC 3262 section 3).

use super::super::{compose::Lines, machine::Sip, message::Message, name::Name, transaction::ServerId};
use crate::sdp::LegId;

impl Sip {
    /// An offer in it is refused: the session is agreed already.
    pub(in crate::sip) fn hear_prack(&mut self, leg: LegId, server: ServerId, request: &Message) {
        let tag = self.tag_of(leg);
        let rack = request.value(Name::RAck).and_then(rack);
        let waiting = self.legs.get(&leg).and_then(|kept| kept.reliable.waiting.as_ref());
        if rack.is_none() || waiting.map(|waiting| (waiting.rseq, waiting.cseq)) != rack {
            self.respond(server, 481, &tag, Lines::new(), None);
            return;
        }
        let code = if request.body().is_empty() { 200 } else { 488 };
        self.respond(server, code, &tag, Lines::new(), None);
        self.reliable_heard(leg);
    }
}

/// `rseq cseq INVITE`
fn rack(value: &str) -> Option<(u32, u32)> {
    let mut words = value.split_ascii_whitespace();
    let numbers = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next() == Some("INVITE") && words.next().is_none()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rack_names_two_numbers_and_the_method() {
        assert_eq!(rack("776656 1 INVITE"), Some((776_656, 1)));
        for bad in ["", "1 INVITE", "1 2 BYE", "1 2 INVITE 3", "x 2 INVITE"] {
            assert_eq!(rack(bad), None, "{bad}");
        }
    }
}
