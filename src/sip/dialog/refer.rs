//! REFER: a phone wants its call to go elsewhere, and hears by NOTIFY how that went (RFC 3515, 3891, 4488).

use super::super::{
    compose::{Asked, Lines},
    machine::Sip,
    message::Message,
    method::Method,
    name::Name,
    order::{ReferId, Report},
    timers::Due,
    transaction::{Purpose, ServerId, ServerKey},
    uri::Uri,
    wire::Peer,
    write::reason,
};
use super::{Dialog, invite::Refusal};
use crate::sdp::LegId;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a phone hears of its REFER.
const LASTS_S: u64 = 180;
/// REFERs at once in the whole box; the oldest is forgotten.
const REFERRALS_MAX: usize = 1_000;
const SIPFRAG: &str = "message/sipfrag;version=2.0";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Referral {
    pub leg: LegId,
    /// Tells the second REFER in a dialog from the first (RFC 3515 section 2.4.6).
    id: Option<u32>,
    /// The dialog, when its leg is over before the news is.
    left: Option<(Peer, Dialog)>,
}

struct Wanted {
    target: String,
    /// `Some(None)`: it names a dialog that we do not know.
    replaces: Option<Option<LegId>>,
}

impl Sip {
    /// DSK-349
    pub(in crate::sip) fn hear_refer_outside(&mut self, peer: Peer, key: ServerKey, request: &Message) {
        if self.prove(peer, request).is_some() {
            let server = self.open(peer, key, request);
            self.refuse(server, 403, Lines::new());
        }
    }

    pub(in crate::sip) fn hear_refer(&mut self, leg: LegId, server: ServerId, request: &Message) {
        let tag = self.tag_of(leg);
        let wanted = match self.wanted(request) {
            Ok(wanted) => wanted,
            Err((code, lines)) => {
                self.respond(server, code, &tag, lines, None);
                return;
            }
        };
        let silent = request.value(Name::ReferSub).is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        let mut lines = self.own_lines(leg);
        if silent {
            lines.push((Name::ReferSub, "false".to_owned()));
        }
        self.respond(server, 202, &tag, lines, None);
        let refer = self.keep_referral(leg, request.cseq().0, silent);
        self.notify_refer(refer, 100);
        match wanted.replaces {
            Some(None) => self.refer_result(refer, 481),
            Some(replaces) => self.report(Report::Referred { leg, refer, target: wanted.target, replaces }),
            None => self.report(Report::Referred { leg, refer, target: wanted.target, replaces: None }),
        }
    }

    fn wanted(&self, request: &Message) -> Result<Wanted, Refusal> {
        let addresses = request.addresses(Name::ReferTo).unwrap_or_default();
        let [address] = &addresses[..] else { return Err((400, Lines::new())) };
        let uri = address.uri().map_err(|bad| (bad.code(), Lines::new()))?;
        if !is_call(&uri) {
            return Err((603, Lines::new()));
        }
        let replaces = uri.header("Replaces").map(|value| self.leg_named(&value));
        let target = uri.number().into_owned();
        if target.is_empty() && replaces.is_none() {
            return Err((400, Lines::new()));
        }
        Ok(Wanted { target, replaces })
    }

    fn keep_referral(&mut self, leg: LegId, cseq: u32, silent: bool) -> ReferId {
        self.last_refer += 1;
        let refer = ReferId(self.last_refer);
        let Some(kept) = self.legs.get_mut(&leg) else { return refer };
        kept.refers += 1;
        let id = (kept.refers > 1).then_some(cseq);
        if silent {
            return refer;
        }
        if self.referrals.len() >= REFERRALS_MAX
            && let Some((oldest, _)) = self.referrals.pop_first()
        {
            self.timers.clear(Due::ReferEnd(oldest));
        }
        self.referrals.insert(refer, Referral { leg, id, left: None });
        self.timers.set(Due::ReferEnd(refer), self.now.up + Duration::from_secs(LASTS_S));
        refer
    }

    /// How it goes; a final code is the last word.
    pub(in crate::sip) fn refer_result(&mut self, refer: ReferId, code: u16) {
        self.notify_refer(refer, code);
        if code >= 200 {
            self.drop_referral(refer);
        }
    }

    fn notify_refer(&mut self, refer: ReferId, code: u16) {
        let Some(referral) = self.referrals.get(&refer) else { return };
        let event = referral.id.map_or("refer".to_owned(), |id| format!("refer;id={id}"));
        let state = match (code, self.timers.at(Due::ReferEnd(refer))) {
            (..200, Some(end)) => format!("active;expires={}", end.since(self.now.up).as_secs()),
            (..200, None) => "terminated;reason=timeout".to_owned(),
            _ => "terminated;reason=noresource".to_owned(),
        };
        let lines = vec![(Name::Event, event), (Name::SubscriptionState, state)];
        let body = Bytes::from(format!("SIP/2.0 {code} {}\r\n", reason(code)));
        if let Some(asked) = self.ask_referrer(refer, lines, body) {
            self.ask(asked, Purpose::Refer(refer));
        }
    }

    fn ask_referrer(&mut self, refer: ReferId, mut lines: Lines, body: Bytes) -> Option<Asked> {
        let referral = self.referrals.get(&refer)?;
        let leg = referral.leg;
        let peer = match (&referral.left, self.legs.get(&leg)) {
            (Some((peer, _)), _) => *peer,
            (None, kept) => kept?.peer,
        };
        lines.insert(0, (Name::Contact, self.contact_for(peer)));
        let left = self.referrals.get_mut(&refer)?.left.as_mut().map(|(_, dialog)| dialog);
        let dialog = match left {
            Some(dialog) => dialog,
            None => &mut self.legs.get_mut(&leg)?.dialog,
        };
        Some(dialog.ask(peer, Method::Notify, lines, Some((SIPFRAG.into(), body))))
    }

    /// A phone that does not know the subscription, or does not answer, hears no more.
    pub(in crate::sip) fn refer_heard(&mut self, refer: ReferId, code: u16) {
        if code >= 300 {
            self.drop_referral(refer);
        }
    }

    /// Nobody said how it went in time.
    pub(in crate::sip) fn refer_end(&mut self, refer: ReferId) {
        self.notify_refer(refer, 100);
        self.drop_referral(refer);
    }

    fn drop_referral(&mut self, refer: ReferId) {
        self.timers.clear(Due::ReferEnd(refer));
        self.referrals.remove(&refer);
    }
}

impl Referral {
    pub fn outlives(&mut self, peer: Peer, dialog: &Dialog) {
        // Room for what is still to be sent by others in this dialog: the BYE.
        let dialog = Dialog { local_cseq: dialog.local_cseq + 1, ..dialog.clone() };
        self.left = Some((peer, dialog));
    }
}

/// Refer-To may ask for another method than INVITE; that is not done.
fn is_call(uri: &Uri) -> bool {
    uri.params.value("method").is_none_or(|method| method.eq_ignore_ascii_case("INVITE"))
}
