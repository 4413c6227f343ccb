//! The SIP messages of legs that are up, kept for the story of their call (BOX-121), without secrets (BOX-122).

use crate::{
    history::story::{Story, Wired},
    sdp::LegId,
    sip::{
        lines::{Secret, lines},
        wire::{Peer, Transport},
    },
    time::Uptime,
};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::SocketAddr,
};

/// Messages of one leg that are kept, and how much of each.
const MESSAGES_MAX: usize = 30;
const BYTES_MAX: usize = 4_096;
/// Legs whose messages are kept at one time; beyond it those of the oldest go.
const LEGS_MAX: usize = 6_000;
const HIDDEN: &str = "***";

/// What is known only while the process runs.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    legs: BTreeMap<LegId, Rungs>,
    /// The leg of each Call-ID; more than one where phones choose the same.
    by_call_id: BTreeMap<String, Vec<LegId>>,
    /// Messages noted so far: of what comes and goes in one moment, the clock does not tell which was first.
    noted: u64,
}

#[derive(Clone, Debug, Default)]
struct Rungs {
    call_id: String,
    /// Of whoever began it.
    tag: String,
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

    /// From now on messages with this Call-ID are of this leg; where another leg has it too, those with this tag, which
    /// is that of whoever began the leg.
    pub fn begin(&mut self, leg: LegId, (call_id, tag): (&str, &str)) {
        if self.legs.len() >= LEGS_MAX
            && let Some(oldest) = self.legs.keys().next().copied()
        {
            self.forget(oldest);
        }
        let legs = self.by_call_id.entry(call_id.to_owned()).or_default();
        if !legs.contains(&leg) {
            legs.push(leg);
        }
        self.legs.insert(leg, Rungs { call_id: call_id.to_owned(), tag: tag.to_owned(), ..Rungs::default() });
    }

    pub fn note(&mut self, now: Uptime, peer: &Peer, sent: bool, bytes: &[u8]) {
        let Some(leg) = self.leg_of(bytes) else { return };
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

    /// Of a message as it stands on the wire.
    pub fn leg_of(&self, bytes: &[u8]) -> Option<LegId> {
        match &self.by_call_id.get(call_id(bytes)?)?[..] {
            [leg] => Some(*leg),
            legs => {
                let began =
                    |leg: &&LegId| tags(bytes).any(|tag| self.legs.get(leg).is_some_and(|rungs| rungs.tag == tag));
                legs.iter().find(began).copied()
            }
        }
    }

    fn forget(&mut self, leg: LegId) -> Option<Rungs> {
        let rungs = self.legs.remove(&leg)?;
        if let Entry::Occupied(mut legs) = self.by_call_id.entry(rungs.call_id.clone()) {
            legs.get_mut().retain(|other| *other != leg);
            if legs.get().is_empty() {
                legs.remove();
            }
        }
        Some(rungs)
    }
}

/// Of a message as it stands on the wire.
pub fn call_id(bytes: &[u8]) -> Option<&str> {
    let value = values(bytes, b"iIcC", [b"call-id", b"i"]).next()?;
    std::str::from_utf8(value.trim_ascii()).ok()
}

/// Those of its From and its To.
fn tags(bytes: &[u8]) -> impl Iterator<Item = &str> {
    const TAG: &[u8] = b";tag=";
    let values = values(bytes, b"fF", [b"from", b"f"]).take(1).chain(values(bytes, b"tT", [b"to", b"t"]).take(1));
    values.filter_map(|value| {
        let at = value.windows(TAG.len()).rposition(|part| part.eq_ignore_ascii_case(TAG))? + TAG.len();
        let rest = &value[at..];
        let length = rest.iter().position(|byte| matches!(byte, b';' | b' ' | b'\t')).unwrap_or(rest.len());
        std::str::from_utf8(&rest[..length]).ok()
    })
}

/// Of the fields with one of two names, which begin with one of `letters`.
fn values<'a>(bytes: &'a [u8], letters: &'static [u8], names: [&'static [u8]; 2]) -> impl Iterator<Item = &'a [u8]> {
    let texts = lines(bytes).map(|line| &bytes[line.text]).skip_while(|line| line.is_empty());
    let head = texts.skip(1).take_while(|line| !line.is_empty());
    head.filter(|line| letters.contains(&line[0])).filter_map(move |line| {
        let colon = memchr::memchr(b':', line)?;
        let name = line[..colon].trim_ascii_end();
        names.iter().any(|known| name.eq_ignore_ascii_case(known)).then_some(&line[colon + 1..])
    })
}

/// Proofs, nonces, keys of SRTP, and digits that somebody keyed are not there; of a key what is agreed stays.
fn without_secrets(bytes: &[u8]) -> String {
    const KEY: &[u8] = b"inline:";
    let (mut clean, mut copied) = (Vec::with_capacity(bytes.len()), 0);
    for line in lines(bytes).filter(|line| line.secret != Secret::Nothing) {
        let key = memchr::memmem::find(&bytes[line.from..line.text.end], KEY);
        let from = match (line.secret, key) {
            (Secret::Keys, Some(at)) => line.from + at + KEY.len(),
            _ => line.from,
        };
        clean.extend_from_slice(&bytes[copied..from]);
        clean.extend_from_slice(HIDDEN.as_bytes());
        copied = line.text.end;
    }
    clean.extend_from_slice(&bytes[copied..]);
    String::from_utf8(clean).unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
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
        ladder.begin(LegId(7), ("abc-1", "a"));
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
        ladder.begin(LegId(3), ("abc-1", "a"));
        ladder.begin(LegId(2), ("abc-2", "b"));
        ladder.note(Uptime(5), &peer(), false, INVITE.as_bytes());
        ladder.note(Uptime(5), &peer(), true, INVITE.replace("abc-1", "abc-2").as_bytes());
        ladder.note(Uptime(5), &peer(), true, INVITE.as_bytes());
        let mut story = Story { legs: vec![told(2), told(3)], ..Story::default() };
        ladder.give(&mut story);
        assert_eq!(story.ladder.iter().map(|message| message.leg).collect::<Vec<_>>(), [3, 2, 3]);
    }

    /// BOX-121: phones that choose one Call-ID have a ladder each.
    #[test]
    fn legs_with_one_call_id_are_told_apart_by_who_began() {
        let mut ladder = Ladder::default();
        let text = |from: &str, to: &str| {
            format!(
                "BYE sip:x SIP/2.0\r\nTo: <sip:a>{to}\r\nf: \"x;tag=no\" <sip:b>{from};x=1\r\nCall-ID: same\r\n\r\n"
            )
        };
        ladder.begin(LegId(1), ("same", "one"));
        ladder.note(Uptime(0), &peer(), false, text(";tag=ours", ";TAG=any").as_bytes());
        ladder.begin(LegId(3), ("same", "two"));
        for (from, to) in [(";tag=one", ""), (";tag=two", ";tag=ours"), (";tag=ours", ";TAG=two"), (";tag=else", "")] {
            ladder.note(Uptime(5), &peer(), false, text(from, to).as_bytes());
        }
        let told = |leg| LegTold { leg, ended_ms: Some(9), ..LegTold::default() };
        let mut story = Story { legs: vec![told(1), told(3)], ..Story::default() };
        ladder.give(&mut story);
        assert_eq!(story.ladder.iter().map(|message| message.leg).collect::<Vec<_>>(), [1, 1, 3, 3]);
        assert!(ladder.is_empty() && ladder.by_call_id.is_empty());
    }

    #[test]
    fn keys_that_somebody_pressed_are_not_kept() {
        let info = b"INFO sip:x SIP/2.0\r\nCall-ID: a\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=4\r\nDuration=160\r\n";
        let text = without_secrets(info);
        assert!(text.ends_with("\r\n\r\nSignal=***\r\nDuration=160\r\n"), "{text}");
        let plain = b"INFO sip:x SIP/2.0\r\nc: application/dtmf\r\n\r\n4";
        assert!(without_secrets(plain).ends_with("\r\n\r\n***"));
        let other =
            b"INFO sip:x SIP/2.0\r\nContent-Type:\r\n application/dtmf-relay\r\n\r\nsignal = 11\rDuration=160\r";
        assert!(without_secrets(other).ends_with("\r\n\r\nsignal =***\rDuration=160\r"));
    }

    /// BOX-122: a description may end its lines with a carriage return alone, or begin them with a blank.
    #[test]
    fn keys_of_sound_are_not_kept_however_their_lines_end() {
        for text in ["v=0\ra=crypto:1 X inline:K3y\ra=ptime:20\r", "v=0\r\n a=crypto:1 X inline:K3y\r\na=ptime:20\r\n"]
        {
            let kept = without_secrets(format!("SIP/2.0 200 OK\r\n\r\n{text}").as_bytes());
            assert!(kept.contains("a=crypto:1 X inline:***") && kept.contains("a=ptime:20") && !kept.contains("K3y"));
        }
    }

    /// BOX-139
    #[test]
    fn the_oldest_legs_go_where_there_are_too_many() {
        let mut ladder = Ladder::default();
        (0..LEGS_MAX as u64 + 5).for_each(|leg| ladder.begin(LegId(leg), (&format!("c{leg}"), "")));
        assert_eq!((ladder.legs.len(), ladder.by_call_id.len()), (LEGS_MAX, LEGS_MAX));
        assert!(!ladder.legs.contains_key(&LegId(4)) && ladder.legs.contains_key(&LegId(5)));
    }
}
