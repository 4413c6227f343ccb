//! A message as it stands on the wire, line by line, each with what of it is not to be written down (BOX-122). It is
//! cut as its readers cut it: the head at line feeds, a description at carriage returns too.

use super::{frame::is_sip, scan};
use std::ops::Range;

/// What of a line is secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secret {
    #[default]
    Nothing,
    /// What somebody proves, behind the name of the field.
    Proof,
    /// What a proof is asked with: the nonce among it.
    Challenge,
    /// Keys of SRTP, each behind `inline:`.
    Keys,
    Password,
    /// A key that somebody pressed.
    Pressed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Without its end.
    pub text: Range<usize>,
    /// Where the next one begins.
    pub next: usize,
    pub secret: Secret,
    /// Where the secret begins.
    pub from: usize,
    /// It goes on with the field before (RFC 3261 section 7.3.1).
    pub folded: bool,
}

pub struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    begun: bool,
    in_head: bool,
    /// Of the field that a folded line would go on with.
    field: Secret,
    tells_type: bool,
    /// The body is of keys that somebody pressed.
    is_pressed: bool,
}

/// A whole message, or the body of one alone.
pub fn lines(bytes: &[u8]) -> Lines<'_> {
    let start = scan::leading_blank(bytes);
    let mut at = start;
    let first = scan::line(bytes, &mut at).unwrap_or(start..bytes.len());
    let in_head = is_sip(&bytes[first]);
    Lines { bytes, at: 0, begun: false, in_head, field: Secret::Nothing, tells_type: false, is_pressed: false }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.at == self.bytes.len() {
            return None;
        }
        let text = if self.in_head { self.head_line() } else { self.body_line() };
        let folded = self.in_head && matches!(self.bytes[text.clone()].first(), Some(b' ' | b'\t'));
        let (secret, from) = match () {
            () if folded => (self.field, text.start + 1),
            () if self.in_head => self.field_of(&text),
            () => self.secret_of(&text),
        };
        if folded && self.tells_type {
            self.is_pressed |= names_keys(&self.bytes[text.clone()]);
        }
        // Blank lines in front are no head yet.
        self.in_head &= !self.begun || !text.is_empty();
        self.begun |= !text.is_empty();
        Some(Line { text, next: self.at, secret, from, folded })
    }
}

impl Lines<'_> {
    fn head_line(&mut self) -> Range<usize> {
        let start = self.at;
        scan::line(self.bytes, &mut self.at).unwrap_or_else(|| {
            self.at = self.bytes.len();
            start..self.at
        })
    }

    fn body_line(&mut self) -> Range<usize> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let breaks = match &rest[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        self.at = start + end + breaks;
        start..start + end
    }

    fn field_of(&mut self, text: &Range<usize>) -> (Secret, usize) {
        (self.field, self.tells_type) = (Secret::Nothing, false);
        let line = &self.bytes[text.clone()];
        // Most fields are let pass by their first letter.
        if !line.first().is_some_and(|letter| b"aApPwWcC".contains(letter)) {
            return (Secret::Nothing, text.end);
        }
        let Some(colon) = memchr::memchr(b':', line) else { return (Secret::Nothing, text.end) };
        let name = line[..colon].trim_ascii_end();
        let is = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()));
        self.tells_type = is(&["content-type", "c"]);
        self.is_pressed |= self.tells_type && names_keys(&line[colon..]);
        self.field = match () {
            () if is(&["authorization", "proxy-authorization", "authentication-info"]) => Secret::Proof,
            () if is(&["www-authenticate", "proxy-authenticate"]) => Secret::Challenge,
            () => Secret::Nothing,
        };
        (self.field, text.start + colon + 1)
    }

    /// Of a line of a body; blanks round it count for nobody who reads it.
    fn secret_of(&self, text: &Range<usize>) -> (Secret, usize) {
        let line = self.bytes[text.clone()].trim_ascii_start();
        let start = text.end - line.len();
        if self.is_pressed {
            let name = memchr::memchr(b'=', line).map_or(0, |at| at + 1);
            let other = name > 0 && !line[..name].to_ascii_lowercase().starts_with(b"signal");
            return if other { (Secret::Nothing, text.end) } else { (Secret::Pressed, start + name) };
        }
        for (label, secret) in [(&b"a=crypto:"[..], Secret::Keys), (b"a=ice-pwd:", Secret::Password)] {
            if line.starts_with(label) {
                return (secret, start + label.len());
            }
        }
        (Secret::Nothing, text.end)
    }
}

/// `application/dtmf-relay`, `application/dtmf`
fn names_keys(kind: &[u8]) -> bool {
    kind.to_ascii_lowercase().windows(4).any(|part| part == b"dtmf")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line with what is secret of it and where that begins; plain ones are left out.
    fn secrets(message: &str) -> Vec<(Secret, &str, &str)> {
        let found = lines(message.as_bytes()).filter(|line| line.secret != Secret::Nothing);
        found
            .map(|line| (line.secret, &message[line.text.start..line.from], &message[line.from..line.text.end]))
            .collect()
    }

    /// BOX-122: wherever a secret is read, it is found.
    #[test]
    fn secrets_are_found_as_they_are_read() {
        let head = "INVITE sip:8@h SIP/2.0\r\nauthorization : Digest a,\r\n\tb\r\nSubject: x\r\n y\r\nProxy-Authenticate: Digest n\n\r\n";
        let proof = [
            (Secret::Proof, "authorization :", " Digest a,"),
            (Secret::Proof, "\t", "b"),
            (Secret::Challenge, "Proxy-Authenticate:", " Digest n"),
        ];
        assert_eq!(secrets(head), proof);
        assert_eq!(secrets(&format!("\r\n\r\n{head}")), proof, "behind a sign of life");
        let keys = [(Secret::Keys, "a=crypto:", "1 X inline:K"), (Secret::Password, "a=ice-pwd:", "P")];
        for end in ["\r\n", "\n", "\r"] {
            let sdp = ["v=0", "a=crypto:1 X inline:K", "a=ice-pwd:P", "Authorization: x", ""].join(end);
            assert_eq!(secrets(&format!("\r\nSIP/2.0 200 OK\r\n\r\n{sdp}")), keys, "{end:?}");
        }
        assert_eq!(secrets("v=0\ra=crypto:1 X inline:K\ra=ice-pwd:P"), keys, "a description alone");
        assert_eq!(secrets("SIP/2.0 200 OK\r\n\r\n  a=crypto:1 X inline:K")[0].0, Secret::Keys);
    }

    /// BOX-122
    #[test]
    fn keys_that_somebody_pressed_are_found() {
        for kind in ["Content-Type: application/DTMF-relay", "c:application/dtmf", "Content-Type:\r\n application/dtmf"]
        {
            let text = format!("INFO sip:8@h SIP/2.0\r\n{kind}\r\nAuthorized: no\r\n\r\nsignal= 4\rDuration=160\r\n11");
            assert_eq!(secrets(&text), [(Secret::Pressed, "signal=", " 4"), (Secret::Pressed, "", "11")], "{kind}");
        }
        assert_eq!(secrets("INFO sip:8@h SIP/2.0\r\nContent-Type: text/plain\r\n\r\nSignal=4"), []);
    }

    #[test]
    fn lines_are_all_there_is() {
        for text in ["", "a", "SIP/2.0\r\n\r\nb\rc\n\nd\r\n", "\r\n", "SIP/2.0 2\na: b\n c\n\n\r\n\r", "\rSIP/2.0"] {
            let (mut at, mut all) = (0, Vec::new());
            for line in lines(text.as_bytes()) {
                assert!(line.text.start == at && line.text.end <= line.next && line.from <= line.text.end, "{line:?}");
                at = line.next;
                all.push(&text[line.text]);
            }
            assert_eq!(at, text.len(), "{text:?}");
            assert!(all.iter().all(|line| !line.contains('\n')), "{all:?}");
        }
    }
}
