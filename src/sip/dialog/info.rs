//! INFO: digits of phones that send them as messages, and for carriers that want them so.

use super::{
    super::{
        compose::Lines,
        machine::Sip,
        message::Message,
        method::Method,
        name::Name,
        order::Report,
        transaction::{Purpose, ServerId},
    },
    Stage,
};
use crate::sdp::LegId;
use bytes::Bytes;

const RELAY: &str = "application/dtmf-relay";

/// Length of a digit whose phone does not say it, in milliseconds.
const USUAL_MS: u16 = 160;
const SHORTEST_MS: u16 = 40;
const LONGEST_MS: u16 = 5_000;

impl Sip {
    /// An empty INFO is a sign of life and is answered (RFC 2976); a package is none of ours (RFC 6086).
    pub(in crate::sip) fn hear_info(&mut self, leg: LegId, server: ServerId, request: &Message) {
        let tag = self.tag_of(leg);
        if request.value(Name::InfoPackage).is_some() {
            self.respond(server, 469, &tag, vec![(Name::RecvInfo, String::new())], None);
            return;
        }
        let kind = request.content_type().unwrap_or("").to_ascii_lowercase();
        let text = String::from_utf8_lossy(request.body());
        let digit = match kind.as_str() {
            RELAY => relay(&text),
            "application/dtmf" => key(text.trim()).map(|digit| (digit, USUAL_MS)),
            _ if request.body().is_empty() => {
                self.respond(server, 200, &tag, Lines::new(), None);
                return;
            }
            _ => {
                let accept = "application/dtmf-relay, application/dtmf".to_owned();
                self.respond(server, 415, &tag, vec![(Name::Accept, accept)], None);
                return;
            }
        };
        self.respond(server, if digit.is_some() { 200 } else { 400 }, &tag, Lines::new(), None);
        if let Some((digit, ms)) = digit {
            self.report(Report::Digit { leg, digit, ms });
        }
    }

    pub(in crate::sip) fn send_digit(&mut self, leg: LegId, digit: char, ms: u16) {
        let Some(kept) = self.legs.get(&leg) else { return };
        if kept.over || !matches!(kept.stage, Stage::Answered | Stage::Up) {
            return;
        }
        let body = Bytes::from(format!("Signal={digit}\r\nDuration={ms}\r\n"));
        self.ask_in(leg, Method::Info, Lines::new(), Some((RELAY.into(), body)), Purpose::Info(leg));
    }
}

/// `Signal=5`, `Duration=160`, a line each, blanks allowed.
fn relay(text: &str) -> Option<(char, u16)> {
    let value = |name: &str| {
        text.lines().find_map(|line| {
            let (each, value) = line.split_once('=')?;
            each.trim().eq_ignore_ascii_case(name).then_some(value.trim())
        })
    };
    let ms = value("Duration").and_then(|ms| ms.parse().ok()).unwrap_or(USUAL_MS);
    Some((key(value("Signal")?)?, ms.clamp(SHORTEST_MS, LONGEST_MS)))
}

/// A key by its face or by its number of RFC 4733.
fn key(text: &str) -> Option<char> {
    match text {
        "10" => Some('*'),
        "11" => Some('#'),
        "12" | "13" | "14" | "15" => {
            char::from_digit(text.parse::<u32>().ok()? - 2, 16).map(|key| key.to_ascii_uppercase())
        }
        _ => {
            let mut letters = text.chars();
            let letter =
                letters.next().map(|letter| letter.to_ascii_uppercase()).filter(|_| letters.next().is_none())?;
            "0123456789*#ABCD".contains(letter).then_some(letter)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_phones_write_them() {
        assert_eq!(relay("Signal=5\r\nDuration=200\r\n"), Some(('5', 200)));
        assert_eq!(relay("Signal= *\nDuration = 9999999"), Some(('*', USUAL_MS)));
        assert_eq!(relay("signal=11"), Some(('#', USUAL_MS)));
        assert_eq!(relay("Signal=7\r\nDuration=1"), Some(('7', SHORTEST_MS)));
        assert_eq!(relay("Duration=1"), None);
        assert_eq!([key("d"), key("15"), key("12"), key("55"), key("")], [Some('D'), Some('D'), Some('A'), None, None]);
    }
}
