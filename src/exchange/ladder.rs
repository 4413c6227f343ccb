//! The SIP messages of legs that are up, kept for the story of their call (BOX-121), without secrets (BOX-122).

use crate::{
    history::story::{Story, Wired},
    sdp::LegId,
    sip::wire::{Peer, Transport},
    time::Uptime,
};
use std::{collections::BTreeMap, net::SocketAddr, ops::Range};

/// Messages of one leg that are kept, and how much of each.
const MESSAGES_MAX: usize = 30;
const BYTES_MAX: usize = 4_096;
/// Legs whose messages are kept at one time; beyond it those of the oldest go.
const LEGS_MAX: usize = 6_000;
const HIDDEN: &str = "***";
/// Headers with proofs and nonces.
const SECRET: [&str; 5] =
    ["authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "authentication-info"];

/// What is known only while the process runs.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    legs: BTreeMap<LegId, Rungs>,
    /// The leg of each Call-ID.
    by_call_id: BTreeMap<String, LegId>,
    /// Messages noted so far: of what comes and goes in one moment, the clock does not tell which was first.
    noted: u64,
}

#[derive(Clone, Debug, Default)]
struct Rungs {
    call_id: String,
    messages: Vec<Rung>,
    cut: bool,
}

#[derive(Clone, Debug)]
struct Rung {
    number: u64,
    at: Uptime,
    sent: bool,
    peer: (Transport, SocketAddr),
    text: String,
}

impl Ladder {
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// From now on messages with this Call-ID are of this leg.
    pub fn begin(&mut self, leg: LegId, call_id: &str) {
        if self.legs.len() >= LEGS_MAX
            && let Some(oldest) = self.legs.keys().next().copied()
        {
            self.forget(oldest);
        }
        self.by_call_id.insert(call_id.to_owned(), leg);
        self.legs.insert(leg, Rungs { call_id: call_id.to_owned(), ..Rungs::default() });
    }

    pub fn note(&mut self, now: Uptime, peer: &Peer, sent: bool, bytes: &[u8]) {
        let Some(leg) = call_id(bytes).and_then(|call_id| self.by_call_id.get(call_id)).copied() else { return };
        let Some(rungs) = self.legs.get_mut(&leg) else { return };
        if rungs.messages.len() == MESSAGES_MAX {
            rungs.cut = true;
            return;
        }
        rungs.cut |= bytes.len() > BYTES_MAX;
        let text = without_secrets(&bytes[..bytes.len().min(BYTES_MAX)]);
        self.noted += 1;
        let peer = (peer.transport, peer.remote);
        rungs.messages.push(Rung { number: self.noted, at: now, sent, peer, text });
    }

    /// Gives the story the messages of its legs.
    pub fn give(&mut self, story: &mut Story) {
        let mut all = Vec::new();
        for told in &story.legs {
            let leg = LegId(told.leg);
            // A leg that goes on is of another call from now on.
            let rungs = if told.ended_ms.is_some() { self.forget(leg) } else { self.legs.get(&leg).cloned() };
            if let Some(rungs) = rungs {
                story.cut |= rungs.cut;
                all.extend(rungs.messages.into_iter().map(|rung| (told.leg, rung)));
            }
        }
        all.sort_by_key(|(_, rung)| rung.number);
        let began = story.began;
        story.ladder.extend(all.into_iter().map(|(leg, Rung { at, sent, peer: (transport, remote), text, .. })| {
            let after_ms = at.since(began).as_millis() as u32;
            Wired { leg, after_ms, sent, peer: format!("{} {remote}", transport.word()), text }
        }));
    }

    fn forget(&mut self, leg: LegId) -> Option<Rungs> {
        let rungs = self.legs.remove(&leg)?;
        self.by_call_id.remove(&rungs.call_id);
        Some(rungs)
    }
}

/// Of a message as it stands on the wire.
pub fn call_id(bytes: &[u8]) -> Option<&str> {
    let mut lines = Lines { bytes, at: 0 };
    let _start = lines.next()?;
    let mut headers = lines.map(|line| &bytes[line]).take_while(|line| !line.is_empty());
    let value = headers.find_map(|line| {
        let (name, value) = header(line, b"iIcC")?;
        (name.eq_ignore_ascii_case(b"call-id") || name.eq_ignore_ascii_case(b"i")).then_some(value)
    })?;
    std::str::from_utf8(value.trim_ascii()).ok()
}

/// Where each line stands, without its end, which is CRLF or LF.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let start = self.at;
        self.at += end + 1;
        let has_return = end > 0 && end < rest.len() && rest[end - 1] == b'\r';
        Some(start..start + end - usize::from(has_return))
    }
}

/// The name and the value of a header whose name begins with one of these letters: most lines are let pass by it.
fn header<'a>(line: &'a [u8], first: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    line.first().filter(|letter| first.contains(letter))?;
    let colon = memchr::memchr(b':', line)?;
    Some((line[..colon].trim_ascii_end(), &line[colon + 1..]))
}

/// Proofs, nonces, keys of SRTP, and digits that somebody keyed are not there.
fn without_secrets(bytes: &[u8]) -> String {
    let mut clean = Vec::with_capacity(bytes.len());
    let (mut keyed, mut hidden, mut copied) = (false, false, 0);
    for line in (Lines { bytes, at: 0 }) {
        let text = &bytes[line.clone()];
        // A header may go on in the next line (RFC 3261 section 7.3.1).
        let goes_on = text.starts_with(b" ") || text.starts_with(b"\t");
        hidden &= goes_on;
        let kept = if goes_on {
            hidden.then_some(1)
        } else if let Some((name, value)) = header(text, b"aApPwWcC") {
            hidden = SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret.as_bytes()));
            let tells_type = name.eq_ignore_ascii_case(b"content-type") || name.eq_ignore_ascii_case(b"c");
            keyed |= tells_type && value.to_ascii_lowercase().windows(4).any(|part| part == b"dtmf");
            if hidden { Some(text.len() - value.len()) } else { before_key(text) }
        } else {
            let is_key = keyed && (text.starts_with(b"Signal") || text.len() == 1);
            is_key.then(|| memchr::memchr(b'=', text).map_or(0, |at| at + 1))
        };
        if let Some(kept) = kept {
            clean.extend_from_slice(&bytes[copied..line.start + kept]);
            clean.extend_from_slice(HIDDEN.as_bytes());
            copied = line.end;
        }
    }
    clean.extend_from_slice(&bytes[copied..]);
    String::from_utf8(clean).unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
}

/// How much of a line of SDP stands before a key; of `a=crypto:`, what is agreed stays.
fn before_key(line: &[u8]) -> Option<usize> {
    if line.starts_with(b"a=crypto:") {
        const KEY: &[u8] = b"inline:";
        let key = line.windows(KEY.len()).position(|part| part == KEY);
        return Some(key.map_or(b"a=crypto:".len(), |at| at + KEY.len()));
    }
    line.starts_with(b"a=ice-pwd:").then_some(b"a=ice-pwd:".len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::story::LegTold, sip::wire::Transport};

    fn peer() -> Peer {
        Peer {
            transport: Transport::Udp,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.7:5060".parse().unwrap(),
            connection: None,
        }
    }

    const INVITE: &str = "INVITE sip:802@x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\ni: abc-1\r\nAuthorization: Digest username=\"801\", realm=\"x\",\r\n response=\"5ecret\"\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:K3yK3yK3y\r\n";

    /// BOX-121, BOX-122
    #[test]
    fn messages_of_a_leg_are_kept_without_secrets() {
        let mut ladder = Ladder::default();
        ladder.note(Uptime(0), &peer(), false, INVITE.as_bytes());
        assert!(ladder.is_empty(), "of no leg");
        ladder.begin(LegId(7), "abc-1");
        ladder.note(Uptime(1_000), &peer(), false, INVITE.as_bytes());
        let ok = INVITE.replace("INVITE sip:802@x SIP/2.0", "SIP/2.0 200 OK").replace("i: abc", "Call-ID : abc");
        (0..40).for_each(|n| ladder.note(Uptime(21_000 + n), &peer(), true, ok.as_bytes()));
        let leg = LegTold { leg: 7, ended_ms: Some(9), ..LegTold::default() };
        let mut story = Story { legs: vec![leg], ..Story::default() };
        story.began = Uptime(1_000);
        ladder.give(&mut story);
        assert_eq!((story.ladder.len(), story.cut), (MESSAGES_MAX, true));
        let [first, second, ..] = &story.ladder[..] else { panic!("two") };
        assert_eq!((first.after_ms, first.sent, &*first.peer), (0, false, "udp 192.0.2.7:5060"));
        assert_eq!((second.after_ms, second.sent), (20, true));
        for secret in ["5ecret", "K3y"] {
            assert!(story.ladder.iter().all(|message| !message.text.contains(secret)), "{secret}");
        }
        assert!(first.text.contains("Authorization:***") && first.text.contains("AES_CM_128_HMAC_SHA1_80 inline:***"));
        assert!(ladder.is_empty() && call_id(b"no message").is_none());
    }

    /// BOX-121: what comes and goes in one moment stands in the order in which it did.
    #[test]
    fn messages_of_one_moment_keep_their_order() {
        let mut ladder = Ladder::default();
        let told = |leg| LegTold { leg, ended_ms: Some(9), ..LegTold::default() };
        // The one that is called has the lower number.
        ladder.begin(LegId(3), "abc-1");
        ladder.begin(LegId(2), "abc-2");
        ladder.note(Uptime(5), &peer(), false, INVITE.as_bytes());
        ladder.note(Uptime(5), &peer(), true, INVITE.replace("abc-1", "abc-2").as_bytes());
        ladder.note(Uptime(5), &peer(), true, INVITE.as_bytes());
        let mut story = Story { legs: vec![told(2), told(3)], ..Story::default() };
        ladder.give(&mut story);
        assert_eq!(story.ladder.iter().map(|message| message.leg).collect::<Vec<_>>(), [3, 2, 3]);
    }

    #[test]
    fn keys_that_somebody_pressed_are_not_kept() {
        let info = b"INFO sip:x SIP/2.0\r\nCall-ID: a\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=4\r\nDuration=160\r\n";
        let text = without_secrets(info);
        assert!(text.ends_with("\r\n\r\nSignal=***\r\nDuration=160\r\n"), "{text}");
        let plain = b"INFO sip:x SIP/2.0\r\nc: application/dtmf\r\n\r\n4";
        assert!(without_secrets(plain).ends_with("\r\n\r\n***"));
    }

    /// BOX-139
    #[test]
    fn the_oldest_legs_go_where_there_are_too_many() {
        let mut ladder = Ladder::default();
        (0..LEGS_MAX as u64 + 5).for_each(|leg| ladder.begin(LegId(leg), &format!("c{leg}")));
        assert_eq!((ladder.legs.len(), ladder.by_call_id.len()), (LEGS_MAX, LEGS_MAX));
        assert!(!ladder.legs.contains_key(&LegId(4)) && ladder.legs.contains_key(&LegId(5)));
    }
}
