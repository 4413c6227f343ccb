//! Session timers: a call whose other side died without a word ends (RFC 4028).

use super::super::{
    compose::Lines,
    machine::Sip,
    message::{Message, seconds},
    method::Method,
    name::Name,
    order::End,
    params::Params,
    timers::{Due, Timers},
    transaction::Purpose,
};
use super::{Stage, ring::retry_after};
use crate::{sdp::LegId, time::Uptime};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What we ask for, in seconds.
pub(in crate::sip) const SESSION_S: u32 = 1800;
/// Shortest interval that we take, in seconds (RFC 4028 section 5).
pub(in crate::sip) const SESSION_S_MIN: u32 = 90;

/// Longest that a Min-SE can make us wait, in seconds.
const SESSION_S_MAX: u32 = 86_400;
/// How long a refresh waits for another change, or after a refusal.
const REFRESH_AGAIN: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sip) enum Refresher {
    Us,
    Them,
}

/// As agreed in the last 2xx of the leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sip) struct SessionTimer {
    /// 0: none.
    pub interval_s: u32,
    pub refresher: Refresher,
    /// The largest Min-SE heard.
    pub min_s: u32,
    /// The other side says `Supported: timer`.
    pub supported: bool,
}

impl Default for SessionTimer {
    fn default() -> SessionTimer {
        SessionTimer { interval_s: 0, refresher: Refresher::Us, min_s: SESSION_S_MIN, supported: false }
    }
}

/// `Session-Expires` as it stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Wish {
    pub interval_s: u32,
    /// Whether the refresher is `uac`, if it is named.
    pub uac: Option<bool>,
}

impl SessionTimer {
    /// What their request with this wish leads to (RFC 4028 section 9, table 2): a phone that names nobody and one
    /// that knows no timers are refreshed by us.
    pub fn granted(self, wish: Option<Wish>, supported: bool) -> SessionTimer {
        let longest = SESSION_S.max(self.min_s);
        // A wish may be shortened, never made longer.
        let interval_s = wish.map_or(longest, |wish| wish.interval_s.min(longest));
        let theirs = supported && wish.and_then(|wish| wish.uac) == Some(true);
        let refresher = if theirs { Refresher::Them } else { Refresher::Us };
        SessionTimer { interval_s, refresher, supported, ..self }
    }

    /// What their 2xx to our request says (RFC 4028 section 7.2). Without the header the other side does not know
    /// timers and is refreshed by us.
    pub fn agreed(self, wish: Option<Wish>) -> SessionTimer {
        let longest = SESSION_S.max(self.min_s);
        match wish {
            Some(wish) => SessionTimer {
                // No longer than we asked for, so that whoever dies is missed.
                interval_s: wish.interval_s.clamp(SESSION_S_MIN, longest),
                refresher: if wish.uac == Some(false) { Refresher::Them } else { Refresher::Us },
                ..self
            },
            None => SessionTimer { interval_s: longest, refresher: Refresher::Us, ..self },
        }
    }

    /// Sets both deadlines anew (RFC 4028 section 10).
    pub fn start(&self, leg: LegId, now: Uptime, timers: &mut Timers) {
        timers.clear(Due::Refresh(leg));
        timers.clear(Due::SessionEnd(leg));
        if self.interval_s == 0 {
            return;
        }
        let whole = Duration::from_secs(u64::from(self.interval_s));
        match self.refresher {
            Refresher::Us => {
                timers.set(Due::Refresh(leg), now + whole / 2);
                timers.set(Due::SessionEnd(leg), now + whole);
            }
            Refresher::Them => {
                let early = (whole / 3).min(Duration::from_secs(32));
                timers.set(Due::SessionEnd(leg), now + (whole - early));
            }
        }
    }
}

impl SessionTimer {
    /// What a request of ours says: before the first agreement we offer to refresh, later the roles stay.
    pub fn asks(&self, agreed: bool) -> Lines {
        let interval_s = if agreed && self.interval_s > 0 { self.interval_s } else { SESSION_S.max(self.min_s) };
        let refresher = if agreed && self.refresher == Refresher::Them { "uas" } else { "uac" };
        vec![
            (Name::SessionExpires, format!("{interval_s};refresher={refresher}")),
            (Name::MinSe, self.min_s.to_string()),
        ]
    }

    /// What a 2xx of ours says; nothing to one that knows no timers.
    pub fn says(&self) -> Lines {
        if !self.supported || self.interval_s == 0 {
            return Lines::new();
        }
        match self.refresher {
            Refresher::Us => vec![(Name::SessionExpires, format!("{};refresher=uas", self.interval_s))],
            Refresher::Them => vec![
                (Name::SessionExpires, format!("{};refresher=uac", self.interval_s)),
                (Name::Require, "timer".to_owned()),
            ],
        }
    }
}

/// `Session-Expires` of a message.
pub(in crate::sip) fn wish(message: &Message) -> Option<Wish> {
    let (interval, params) = Params::split(message.value(Name::SessionExpires)?);
    let interval_s = seconds(interval)?;
    let uac = match params.value("refresher") {
        Some(side) if side.eq_ignore_ascii_case("uac") => Some(true),
        Some(side) if side.eq_ignore_ascii_case("uas") => Some(false),
        _ => None,
    };
    Some(Wish { interval_s, uac })
}

/// An interval that is shorter than we take (RFC 4028 section 9).
pub(in crate::sip) fn too_short(request: &Message) -> Option<Lines> {
    let short = wish(request)?.interval_s < SESSION_S_MIN;
    short.then(|| vec![(Name::MinSe, SESSION_S_MIN.to_string())])
}

fn min_se(message: &Message) -> u32 {
    let value = message.value(Name::MinSe).and_then(|value| seconds(Params::split(value).0));
    value.unwrap_or(0).clamp(SESSION_S_MIN, SESSION_S_MAX)
}

impl Sip {
    /// Their INVITE, re-INVITE or UPDATE: what we grant from now on. The clock starts with our 2xx.
    pub(in crate::sip) fn session_wished(&mut self, leg: LegId, request: &Message) {
        let Some(leg) = self.legs.get_mut(&leg) else { return };
        let supported = request.has_token(Name::Supported, "timer") || request.has_token(Name::Require, "timer");
        leg.timer.min_s = leg.timer.min_s.max(min_se(request));
        leg.timer = leg.timer.granted(wish(request), supported);
    }

    /// Our 2xx goes out.
    pub(in crate::sip) fn session_starts(&mut self, leg: LegId) -> Lines {
        let Some(kept) = self.legs.get(&leg) else { return Lines::new() };
        kept.timer.start(leg, self.now.up, &mut self.timers);
        kept.timer.says()
    }

    /// Their 2xx came.
    pub(in crate::sip) fn session_agreed(&mut self, leg: LegId, response: &Message) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        kept.timer = kept.timer.agreed(wish(response));
        kept.timer.start(leg, self.now.up, &mut self.timers);
    }

    /// 422: true if a longer interval than the last is worth a try (RFC 4028 section 7.4).
    pub(in crate::sip) fn wants_longer(&mut self, leg: LegId, response: &Message) -> bool {
        let Some(leg) = self.legs.get_mut(&leg) else { return false };
        let wanted = min_se(response);
        let longer = wanted > leg.timer.min_s;
        leg.timer.min_s = leg.timer.min_s.max(wanted);
        leg.timer.interval_s = if longer { wanted.max(leg.timer.interval_s) } else { leg.timer.interval_s };
        longer
    }

    /// Our turn: UPDATE where the phone knows it, else a re-INVITE that says the same again.
    pub(in crate::sip) fn refresh(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get(&leg) else { return };
        let busy = kept.stage != Stage::Up || kept.change.is_some() || kept.reoffer.is_some();
        if kept.over {
            return;
        }
        if busy {
            self.timers.set(Due::Refresh(leg), self.now.up + REFRESH_AGAIN);
            return;
        }
        if kept.allows_update {
            let lines = self.invite_lines(leg);
            self.ask_in(leg, Method::Update, lines, None, Purpose::Refresh(leg));
        } else {
            self.start_reoffer(leg, None);
        }
    }

    pub(in crate::sip) fn refresh_heard(&mut self, leg: LegId, response: &Message) {
        let code = response.code().unwrap_or(0);
        match code {
            ..200 => {}
            200..300 => {
                if let Some(kept) = self.legs.get_mut(&leg) {
                    kept.dialog.refresh_target(response);
                }
                self.session_agreed(leg, response);
            }
            422 if self.wants_longer(leg, response) => self.refresh(leg),
            405 | 501 => {
                if let Some(kept) = self.legs.get_mut(&leg) {
                    kept.allows_update = false;
                }
                self.refresh(leg);
            }
            _ => self.refresh_failed(leg, code, response.value(Name::RetryAfter).and_then(retry_after)),
        }
    }

    /// 408 and 481 end the dialog (RFC 4028 section 10); all else is tried again until the session runs out.
    pub(in crate::sip) fn refresh_failed(&mut self, leg: LegId, code: u16, retry_after: Option<u32>) {
        if !self.legs.contains_key(&leg) {
            return;
        }
        if matches!(code, 408 | 481) {
            self.send_bye(leg);
            return self.finish(leg, End::TimedOut);
        }
        let wait = retry_after.map_or(REFRESH_AGAIN, |s| Duration::from_secs(u64::from(s.clamp(1, 60))));
        self.timers.set(Due::Refresh(leg), self.now.up + wait);
    }

    pub(in crate::sip) fn session_end(&mut self, leg: LegId) {
        if self.legs.get(&leg).is_some_and(|kept| !kept.over) {
            self.send_bye(leg);
            self.finish(leg, End::SessionExpired);
        }
    }
}
