//! INVITEs that we send, until their final response (RFC 3261 section 13.2).

use super::super::{
    compose::{ALLOW, Asked, Lines, SUPPORTED_IN_DIALOG},
    machine::{Owner, Sip},
    message::{Message, seconds},
    method::Method,
    name::Name,
    order::{Alert, BindingId, End, Report, Shown},
    transaction::{ClientId, Purpose},
    trunk,
    uri::escape,
    write,
};
use super::{Dialog, LEGS_MAX, Leg, Stage, offer::said};
use crate::sdp::{LegId, Session};

impl Sip {
    pub(in crate::sip) fn ring(&mut self, leg: LegId, device: BindingId, from: &Shown, alert: Alert, offer: &Session) {
        let Some(binding) = self.registrar.binding(device).cloned() else {
            return self.report(Report::Ended { leg, end: End::Refused { code: 480, retry_after: None } });
        };
        if self.legs.len() >= LEGS_MAX {
            return self.report(Report::Ended { leg, end: End::Refused { code: 503, retry_after: None } });
        }
        let tag = self.own_tag(Owner::Leg(leg));
        let host = self.host_for(binding.peer);
        let dialog = Dialog {
            call_id: self.chance.token(24),
            local: format!("{};tag={tag}", write::address(&from.name, &from_uri(&from.number, &host))),
            local_tag: tag,
            remote: write::address("", &format!("sip:{}@{host}", escape(&binding.user))),
            target: binding.contact.clone(),
            routes: binding.path.clone(),
            ..Dialog::default()
        };
        let id = self.chance.u32() >> 1;
        let mut new = Leg::new(leg, binding.user, binding.peer, dialog, id);
        new.binding = Some(device);
        new.outgoing = true;
        new.says = announced(alert, &host);
        assert!(self.legs.insert(leg, new).is_none(), "a leg number is used once");
        self.send_invite(leg, offer);
    }

    /// The first INVITE, or the same again with a longer session interval (RFC 4028 section 7.4).
    pub(in crate::sip) fn send_invite(&mut self, leg: LegId, offer: &Session) {
        let body = self.describe(leg, offer);
        let mut lines = self.invite_lines(leg);
        let Some(kept) = self.legs.get(&leg) else { return };
        lines.extend(kept.says.iter().cloned());
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let asked = kept.dialog.ask(kept.peer, Method::Invite, lines, body);
        let asked = Asked { max_forwards: kept.max_forwards, ..asked };
        let client = self.ask(asked, Purpose::Invite(leg));
        if let Some(kept) = self.legs.get_mut(&leg) {
            kept.stage = Stage::Sent(client);
        }
    }

    /// What every INVITE of ours says.
    pub(in crate::sip) fn invite_lines(&self, leg: LegId) -> Lines {
        let mut lines = self.own_lines(leg);
        if let Some(leg) = self.legs.get(&leg) {
            lines.extend(leg.timer.asks(leg.stage == Stage::Up));
        }
        lines
    }

    /// Contact, Allow and Supported.
    pub(in crate::sip) fn own_lines(&self, leg: LegId) -> Lines {
        let Some(leg) = self.legs.get(&leg) else { return Lines::new() };
        if let Some(trunk) = leg.dialog.trunk {
            return vec![
                (Name::Contact, self.contact_of(trunk, leg.peer)),
                (Name::Allow, trunk::ALLOW.to_owned()),
                (Name::Supported, trunk::SUPPORTED.to_owned()),
            ];
        }
        vec![
            (Name::Contact, self.contact_for(leg.peer)),
            (Name::Allow, ALLOW.to_owned()),
            (Name::Supported, SUPPORTED_IN_DIALOG.to_owned()),
        ]
    }

    pub(in crate::sip) fn invite_heard(&mut self, leg: LegId, client: ClientId, response: &Message) {
        let code = response.code().unwrap_or(0);
        let waits = self.legs.get(&leg).is_some_and(|kept| kept.stage == Stage::Sent(client));
        if waits && !self.dial_hears(leg, response) {
            return;
        }
        match code {
            200..300 if !waits => self.decline_accepted(client, response),
            _ if !waits => {}
            100 => {}
            101..200 => self.rings(leg, code, response),
            200..300 => self.accepted(leg, client, response),
            422 if self.wants_longer(leg, response) => {
                if let Some(offer) = self.legs.get(&leg).and_then(|kept| kept.ours.last().cloned()) {
                    self.send_invite(leg, &offer);
                }
            }
            _ => {
                let retry_after = response.value(Name::RetryAfter).and_then(retry_after);
                self.finish(leg, End::Refused { code, retry_after });
            }
        }
    }

    /// Nobody answered our INVITE, or it did not get out.
    pub(in crate::sip) fn invite_unheard(&mut self, leg: LegId, client: ClientId, code: u16) {
        let waits = self.legs.get(&leg).is_some_and(|kept| kept.stage == Stage::Sent(client));
        if !waits || self.dial_unheard(leg, client) {
            return;
        }
        let end = if code == 408 { End::TimedOut } else { End::Refused { code, retry_after: None } };
        self.finish(leg, end);
    }

    fn accepted(&mut self, leg: LegId, client: ClientId, response: &Message) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let peer = kept.peer;
        let last_cseq = kept.dialog.local_cseq;
        let tag = response.to().tag().unwrap_or("");
        let early = kept.early.remove(tag).unwrap_or_default();
        let mut dialog = kept.dialog.answered(response);
        dialog.local_cseq = early.dialog.local_cseq.max(last_cseq);
        dialog.remote_cseq = early.dialog.remote_cseq;
        kept.dialog = dialog.clone();
        kept.stage = Stage::Up;
        kept.early.clear();
        kept.allows_update = allows_update(response);
        kept.theirs = bytes::Bytes::copy_from_slice(response.body());
        self.dialed(leg);
        self.settle_way(leg);
        let peer = self.legs.get(&leg).map_or(peer, |kept| kept.peer);
        self.acknowledge(client, peer, &dialog);
        let settled = early.session.clone().filter(|_| early.settled);
        match settled.or_else(|| said(response, peer).session()).or(early.session) {
            Some(session) => {
                self.session_agreed(leg, response);
                self.report(Report::Answered { leg, session });
                self.offer_next(leg);
            }
            None => {
                self.send_bye(leg);
                self.finish(leg, End::Refused { code: 488, retry_after: None });
            }
        }
    }
}

/// Seconds of a Retry-After; a comment or parameters may follow.
pub(in crate::sip) fn retry_after(value: &str) -> Option<u32> {
    seconds(value.split([';', '(', ' ']).next().unwrap_or(""))
}

pub(in crate::sip) fn allows_update(message: &Message) -> bool {
    message.has_token(Name::Allow, "UPDATE")
}

/// What tells a phone how to ring, or not to (PHN-111, GRP-24 reading).
fn announced(alert: Alert, host: &str) -> Lines {
    let info = |what: &str| (Name::AlertInfo, format!("<sip:{host}>;info={what}"));
    match alert {
        Alert::Internal => vec![info("internal")],
        Alert::External => vec![info("external")],
        Alert::Answered => {
            let at_once = (Name::CallInfo, format!("<sip:{host}>;answer-after=0"));
            vec![at_once, info("alert-autoanswer;delay=0")]
        }
    }
}

fn from_uri(number: &str, host: &str) -> String {
    if number.is_empty() {
        "sip:anonymous@anonymous.invalid".to_owned()
    } else {
        format!("sip:{}@{host}", escape(number))
    }
}
