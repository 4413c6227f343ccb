//! SUBSCRIBE and NOTIFY: lamps, and phones that ask for messages (RFC 6665, RFC 4235, RFC 3842; PHN-116 to PHN-126).

use super::{
    compose::{ALLOW, Body, Lines},
    dialog::Dialog,
    lamp_document::{self, document},
    machine::{Owner, Sip},
    message::Message,
    method::Method,
    name::Name,
    order::{Binding, Lamp, LampId, Report},
    params::Params,
    timers::Due,
    transaction::{Purpose, ServerId, ServerKey},
    wire::Peer,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Of one phone, and of the box (PHN-117); the oldest goes.
const OF_PHONE_MAX: usize = 100;
const SUBSCRIPTIONS_MAX: usize = 10_000;
/// Granted, in seconds.
const EXPIRES_S_MIN: u32 = 60;
const EXPIRES_S_MAX: u32 = 3_600;
/// A NOTIFY that got no answer for 32 seconds is sent again after this: 60 seconds in all (PHN-125).
const AGAIN: Duration = Duration::from_secs(28);
const SUMMARY_TYPE: &str = "application/simple-message-summary";
const EVENTS: &str = "dialog, message-summary";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Package {
    Dialog,
    MessageSummary,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subscription {
    package: Package,
    /// The Event header, with its id.
    event: String,
    user: String,
    watched: String,
    peer: Peer,
    dialog: Dialog,
    /// Of the next document.
    version: u32,
    state: Option<Lamp>,
    /// A NOTIFY waits for its answer.
    waiting: bool,
    /// The state changed meanwhile, or the last NOTIFY was not heard.
    stale: bool,
    /// Asked for once, without a subscription (RFC 6665 section 4.4.3).
    once: bool,
    /// The SUBSCRIBE, and the seconds that it is granted, while nobody has said whether its number can be watched.
    asked: Option<(ServerId, u32)>,
}

impl Sip {
    pub(super) fn hear_subscribe(&mut self, peer: Peer, key: ServerKey, request: &Message) {
        let Some(user) = self.prove(peer, request) else { return };
        let server = self.open(peer, key, request);
        if let Err((code, lines)) = self.subscribed(peer, server, user, request) {
            self.refuse(server, code, lines);
        }
    }

    fn subscribed(
        &mut self,
        peer: Peer,
        server: ServerId,
        user: String,
        request: &Message,
    ) -> Result<(), (u16, Lines)> {
        if !Sip::is_from(request, &user) {
            return Err((403, Lines::new()));
        }
        let event = request.value(Name::Event).unwrap_or("");
        let package = package(event).ok_or_else(|| (489, vec![(Name::AllowEvents, EVENTS.to_owned())]))?;
        // PHN-116: a phone that is registered there.
        if package == Package::Dialog && !self.registrar.is_at(&user, peer.remote.ip()) {
            return Err((404, Lines::new()));
        }
        let expires_s = granted(request)?;
        let watched = request.uri().map(|uri| uri.number().into_owned()).unwrap_or_default();
        self.make_room_for_lamp(&user, peer);
        let lamp = LampId(self.last_lamp + 1);
        let tag = self.own_tag(Owner::Lamp(lamp));
        let Some(dialog) = Dialog::of_request(request, &tag) else {
            self.tags.remove(&tag);
            return Err((400, Lines::new()));
        };
        self.last_lamp += 1;
        let subscription = Subscription {
            package,
            event: event.to_owned(),
            user: user.clone(),
            watched: watched.clone(),
            peer,
            dialog,
            version: 0,
            state: None,
            waiting: false,
            stale: false,
            once: expires_s == 0,
            asked: Some((server, expires_s)),
        };
        self.subscriptions.insert(lamp, subscription);
        let lasts_s = if expires_s == 0 { 32 } else { expires_s };
        self.timers.set(Due::LampEnd(lamp), self.now.up + Duration::from_secs(u64::from(lasts_s)));
        match package {
            Package::Dialog => self.report(Report::Watching { lamp, user, watched }),
            Package::MessageSummary => {
                self.accept_lamp(lamp);
                self.notify_lamp(lamp);
            }
        }
        Ok(())
    }

    fn accept_lamp(&mut self, lamp: LampId) {
        if let Some((server, expires_s)) = self.subscriptions.get_mut(&lamp).and_then(|kept| kept.asked.take()) {
            self.respond_subscribed(server, lamp, expires_s);
        }
    }

    fn respond_subscribed(&mut self, server: ServerId, lamp: LampId, expires_s: u32) {
        let Some(kept) = self.subscriptions.get(&lamp) else { return };
        let lines = vec![(Name::Contact, self.contact_for(kept.peer)), (Name::Expires, expires_s.to_string())];
        let tag = kept.dialog.local_tag.clone();
        self.respond(server, 200, &tag, lines, None);
    }

    pub(super) fn is_of_lamp(&self, peer: Peer, lamp: LampId, request: &Message) -> bool {
        let Some(kept) = self.subscriptions.get(&lamp) else { return false };
        let from = request.from();
        kept.dialog.call_id == request.call_id()
            && kept.dialog.remote_tag == from.tag().unwrap_or("")
            && self.is_plausible(peer, kept.peer, &kept.user)
    }

    /// A refresh, or with 0 seconds the end (RFC 6665 section 4.2.1.4); each is answered with the whole state.
    pub(super) fn hear_lamp(&mut self, peer: Peer, lamp: LampId, key: ServerKey, request: &Message) {
        let server = self.open(peer, key, request);
        let Some(kept) = self.subscriptions.get_mut(&lamp) else { return };
        let tag = kept.dialog.local_tag.clone();
        if !kept.dialog.takes(request.cseq().0) {
            return self.refuse(server, 500, Lines::new());
        }
        if request.method() != Method::Subscribe {
            self.respond(server, 405, &tag, vec![(Name::Allow, ALLOW.to_owned())], None);
            return;
        }
        let expires_s = match granted(request) {
            Ok(expires_s) => expires_s,
            Err((code, lines)) => {
                self.respond(server, code, &tag, lines, None);
                return;
            }
        };
        kept.peer = peer;
        kept.dialog.refresh_target(request);
        self.respond_subscribed(server, lamp, expires_s);
        if expires_s == 0 {
            return self.end_lamp(lamp, "timeout");
        }
        self.timers.set(Due::LampEnd(lamp), self.now.up + Duration::from_secs(u64::from(expires_s)));
        self.notify_lamp(lamp);
    }

    pub(super) fn show_lamp(&mut self, lamp: LampId, state: Lamp) {
        self.accept_lamp(lamp);
        let Some(kept) = self.subscriptions.get_mut(&lamp) else { return };
        kept.state = Some(state);
        if kept.once {
            self.end_lamp(lamp, "timeout");
        } else {
            self.notify_lamp(lamp);
        }
    }

    /// Its number is none of the box's, or not any more.
    pub(super) fn refuse_lamp(&mut self, lamp: LampId) {
        match self.subscriptions.get_mut(&lamp).and_then(|kept| kept.asked.take()) {
            Some((server, _)) => {
                self.refuse(server, 404, Lines::new());
                self.forget_lamp(lamp);
            }
            None => self.end_lamp(lamp, "noresource"),
        }
    }

    pub(super) fn lamp_end(&mut self, lamp: LampId) {
        self.end_lamp(lamp, "timeout");
    }

    /// The last NOTIFY, and it is forgotten.
    fn end_lamp(&mut self, lamp: LampId, reason: &str) {
        self.accept_lamp(lamp);
        self.send_notify(lamp, &format!("terminated;reason={reason}"));
        self.forget_lamp(lamp);
    }

    fn forget_lamp(&mut self, lamp: LampId) {
        let Some(kept) = self.subscriptions.remove(&lamp) else { return };
        self.tags.remove(&kept.dialog.local_tag);
        self.timers.clear(Due::LampEnd(lamp));
        self.timers.clear(Due::LampAgain(lamp));
        if kept.package == Package::Dialog {
            self.report(Report::Unwatched { lamp });
        }
    }

    /// One NOTIFY at a time, so that none overtakes another; the newest state follows.
    pub(super) fn notify_lamp(&mut self, lamp: LampId) {
        let end = self.timers.at(Due::LampEnd(lamp));
        let Some(kept) = self.subscriptions.get_mut(&lamp) else { return };
        if kept.package == Package::Dialog && kept.state.is_none() {
            return;
        }
        if kept.waiting {
            kept.stale = true;
            return;
        }
        kept.waiting = true;
        kept.stale = false;
        self.timers.clear(Due::LampAgain(lamp));
        let left_s = end.map_or(0, |end| end.since(self.now.up).as_secs());
        let state = if kept.once { "terminated;reason=timeout".to_owned() } else { format!("active;expires={left_s}") };
        let once = kept.once;
        self.send_notify(lamp, &state);
        if once {
            self.forget_lamp(lamp);
        }
    }

    fn send_notify(&mut self, lamp: LampId, state: &str) {
        let Some(kept) = self.subscriptions.get(&lamp) else { return };
        let (peer, host) = (kept.peer, self.host_for(kept.peer));
        let lines = vec![
            (Name::Contact, self.contact_for(peer)),
            (Name::Event, kept.event.clone()),
            (Name::SubscriptionState, state.to_owned()),
        ];
        let Some(kept) = self.subscriptions.get_mut(&lamp) else { return };
        let body = kept.body(&host);
        kept.version += 1;
        let asked = kept.dialog.ask(peer, Method::Notify, lines, body);
        self.ask(asked, Purpose::Lamp(lamp));
    }

    /// No answer: the subscription stays, and the state goes out again (PHN-125). A refusal ends it.
    pub(super) fn lamp_heard(&mut self, lamp: LampId, code: u16) {
        let Some(kept) = self.subscriptions.get_mut(&lamp) else { return };
        if code < 200 {
            return;
        }
        kept.waiting = false;
        match code {
            ..300 if kept.stale => self.notify_lamp(lamp),
            ..300 => {}
            408 | 500..600 => {
                kept.stale = true;
                self.timers.set(Due::LampAgain(lamp), self.now.up + AGAIN);
            }
            _ => self.forget_lamp(lamp),
        }
    }

    /// The phone registered: what it may have missed is sent again, over the way it has now.
    pub(super) fn lamps_again(&mut self, binding: &Binding) {
        let address = binding.peer.remote.ip();
        let its = self
            .subscriptions
            .iter_mut()
            .filter(|(_, kept)| kept.user == binding.user && kept.peer.remote.ip() == address);
        let mut missed = Vec::new();
        for (lamp, kept) in its {
            let moved =
                kept.peer.connection != binding.peer.connection && kept.peer.transport == binding.peer.transport;
            if moved {
                kept.peer = binding.peer;
            }
            if moved || (kept.stale && !kept.waiting) {
                missed.push(*lamp);
            }
        }
        for lamp in missed {
            self.notify_lamp(lamp);
        }
    }

    pub(super) fn drop_lamps_of_strangers(&mut self) {
        let gone = self.subscriptions.iter().filter(|(_, kept)| !self.users.contains_key(&kept.user));
        for lamp in gone.map(|(lamp, _)| *lamp).collect::<Vec<_>>() {
            self.end_lamp(lamp, "rejected");
        }
    }

    fn make_room_for_lamp(&mut self, user: &str, peer: Peer) {
        let is_its = |kept: &Subscription| kept.user == user && kept.peer.remote.ip() == peer.remote.ip();
        let mut its = self.subscriptions.iter().filter(|(_, kept)| is_its(kept)).map(|(lamp, _)| *lamp);
        let oldest = its.next();
        let full = its.count() + 1 >= OF_PHONE_MAX;
        if let Some(oldest) = oldest.filter(|_| full) {
            self.end_lamp(oldest, "giveup");
        }
        if self.subscriptions.len() >= SUBSCRIPTIONS_MAX
            && let Some(oldest) = self.subscriptions.keys().next().copied()
        {
            self.end_lamp(oldest, "giveup");
        }
    }
}

impl Subscription {
    fn body(&self, host: &str) -> Body {
        match (self.package, &self.state) {
            (Package::Dialog, Some(state)) => {
                let text = document(&self.watched, host, self.version, state);
                Some((lamp_document::CONTENT_TYPE.into(), Bytes::from(text)))
            }
            (Package::Dialog, None) => None,
            (Package::MessageSummary, _) => {
                Some((SUMMARY_TYPE.into(), Bytes::from_static(b"Messages-Waiting: no\r\n")))
            }
        }
    }
}

fn package(event: &str) -> Option<Package> {
    match Params::split(event).0 {
        name if name.eq_ignore_ascii_case("dialog") => Some(Package::Dialog),
        name if name.eq_ignore_ascii_case("message-summary") => Some(Package::MessageSummary),
        _ => None,
    }
}

fn granted(request: &Message) -> Result<u32, (u16, Lines)> {
    match request.expires().unwrap_or(EXPIRES_S_MAX) {
        0 => Ok(0),
        short @ 1..EXPIRES_S_MIN => {
            let _ = short;
            Err((423, vec![(Name::MinExpires, EXPIRES_S_MIN.to_string())]))
        }
        asked => Ok(asked.min(EXPIRES_S_MAX)),
    }
}
