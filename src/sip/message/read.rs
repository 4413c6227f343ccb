//! Bytes to a message: what is checked before anyone sees it, and what becomes of the rest.

use super::{FIELDS_MAX, KEPT_MAX, MESSAGE_MAX, Message, SDP_MAX, StartLine, blank_folds, cseq};
use crate::sip::{
    address::Address,
    fault::Fault,
    method::Method,
    name::Name,
    params::split_outside,
    scan::{self, Head},
    uri::{BadUri, Uri},
    via::Via,
};
use bytes::Bytes;
use std::sync::Arc;

type Wrong = (u16, &'static str);

impl Message {
    /// One datagram, or what `sip::frame` cut from a stream. Blank lines in front are passed over, and what is behind
    /// the body is cut off.
    pub fn parse(raw: Bytes) -> Result<Message, Fault> {
        let raw = raw.slice(scan::leading_blank(&raw)..);
        let too_long = raw.len() > MESSAGE_MAX;
        let raw = raw.slice(..raw.len().min(MESSAGE_MAX));
        let head = scan::head(&raw, FIELDS_MAX);
        let overfull = head.as_ref().is_some_and(|head| head.overfull);
        let (mut message, line) = match head {
            Some(head) => Message::index(raw, head)?,
            None => return Err(Fault::silent("no whole head")),
        };
        let verdict = match line {
            _ if too_long => Err((513, "longer than 64 KB")),
            _ if overfull => Err((513, "more than 200 header fields")),
            _ if message.kept() > KEPT_MAX => Err((513, "more to keep than 8 KB")),
            Err(wrong) => Err(wrong),
            Ok(()) => message.check(),
        };
        match verdict {
            Ok(()) => Ok(message),
            Err((code, reason)) if message.deserves_answer() => {
                Err(Fault { answer: Some(code), reason, message: Some(Box::new(message)) })
            }
            Err((_, reason)) => Err(Fault::silent(reason)),
        }
    }

    /// The second value says whether the start line is right. Silent: it is a response that is not, or no SIP at all.
    fn index(raw: Bytes, scanned: Head) -> Result<(Message, Result<(), Wrong>), Fault> {
        let head = readable(&raw[..scanned.end], scanned.folded);
        let line = head.get(scanned.start.clone()).unwrap_or("");
        let offset = scanned.start.start;
        let (start, verdict) = match response_line(line, offset) {
            Some(Some(start)) => (start, Ok(())),
            Some(None) => return Err(Fault::silent("no status line")),
            None => request_line(line, offset).ok_or(Fault::silent("no SIP"))?,
        };
        Ok((Message { raw, head, start, fields: scanned.fields }, verdict))
    }

    /// What of it might be kept, in bytes.
    fn kept(&self) -> usize {
        let line = match &self.start {
            StartLine::Request { uri, .. } => uri.len(),
            StartLine::Response { reason, .. } => reason.len(),
        };
        let fields = self.fields.iter().filter(|field| field.name.is_kept());
        line + fields.map(|field| field.value.len()).sum::<usize>()
    }

    /// An ACK is never answered (RFC 3261 section 17.1.1.3), and an answer needs somewhere to go.
    fn deserves_answer(&self) -> bool {
        match &self.start {
            StartLine::Request { method, .. } => *method != Method::Ack && self.value(Name::Via).is_some(),
            StartLine::Response { .. } => false,
        }
    }

    fn check(&mut self) -> Result<(), Wrong> {
        for (name, reason) in SINGLE {
            if self.lines(name).nth(1).is_some() {
                return Err((400, reason));
            }
        }
        self.check_vias()?;
        self.value(Name::From).and_then(Address::parse).ok_or((400, "From missing or unreadable"))?;
        let to = self.value(Name::To).and_then(Address::parse).ok_or((400, "To missing or unreadable"))?;
        if self.is_request() && to.tag().is_none() && to.params.are_crowded() {
            return Err((400, "To without room for a tag"));
        }
        self.value(Name::CallId).filter(|value| is_call_id(value)).ok_or((400, "Call-ID missing or unreadable"))?;
        let (_, method) = self.value(Name::CSeq).and_then(cseq).ok_or((400, "CSeq missing or unreadable"))?;
        if self.is_request() && self.method() != method {
            return Err((400, "CSeq of another method"));
        }
        if self.is_request() && self.value(Name::MaxForwards).is_some() && self.max_forwards().is_none() {
            return Err((400, "Max-Forwards unreadable"));
        }
        self.cut_body()
    }

    fn check_vias(&self) -> Result<(), Wrong> {
        let mut vias = 0;
        for line in self.lines(Name::Via) {
            for via in split_outside(line, b',') {
                let via = Via::parse(via).ok_or((400, "Via unreadable"))?;
                if vias == 0 && self.is_request() && via.params.are_crowded() {
                    return Err((400, "Via without room for where it came from"));
                }
                vias += 1;
            }
        }
        if vias == 0 { Err((400, "no Via")) } else { Ok(()) }
    }

    fn cut_body(&mut self) -> Result<(), Wrong> {
        let Some(value) = self.value(Name::ContentLength) else { return self.check_sdp() };
        let length = content_length(value).ok_or((400, "Content-Length unreadable"))?;
        let whole = self.head.len().saturating_add(length);
        match self.raw.len() {
            _ if whole > MESSAGE_MAX => return Err((513, "longer than 64 KB")),
            came if came < whole => return Err((400, "body shorter than Content-Length")),
            _ => self.raw.truncate(whole),
        }
        self.check_sdp()
    }

    fn check_sdp(&self) -> Result<(), Wrong> {
        let is_sdp = self.content_type().is_some_and(|kind| kind.eq_ignore_ascii_case("application/sdp"));
        if is_sdp && self.body().len() > SDP_MAX { Err((413, "SDP longer than 16 KB")) } else { Ok(()) }
    }
}

const SINGLE: [(Name, &str); 7] = [
    (Name::From, "several From"),
    (Name::To, "several To"),
    (Name::CallId, "several Call-ID"),
    (Name::CSeq, "several CSeq"),
    (Name::MaxForwards, "several Max-Forwards"),
    (Name::ContentLength, "several Content-Length"),
    (Name::ContentType, "several Content-Type"),
];

/// Digits only; `None` for anything else and for what no machine could hold.
pub(in crate::sip) fn content_length(value: &str) -> Option<usize> {
    let plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if plain { value.parse().ok() } else { None }
}

fn is_call_id(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte > b' ' && byte != 0x7f)
}

/// `None`: no status line at all; `Some(None)`: a wrong one.
fn response_line(line: &str, offset: usize) -> Option<Option<StartLine>> {
    let version = line.get(..4)?;
    if !version.eq_ignore_ascii_case("SIP/") {
        return None;
    }
    Some(status(line, offset))
}

fn status(line: &str, offset: usize) -> Option<StartLine> {
    let (version, rest) = line.split_once(' ')?;
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let code: u16 = code.parse().ok().filter(|code| is_code && (100..700).contains(code))?;
    let start = offset + line.len() - reason.len();
    version.eq_ignore_ascii_case("SIP/2.0").then_some(StartLine::Response { code, reason: start..offset + line.len() })
}

/// `None` if it is no request of any SIP. What can be read of a wrong one is kept, so that it can be answered.
fn request_line(line: &str, offset: usize) -> Option<(StartLine, Result<(), Wrong>)> {
    let version = line.split_ascii_whitespace().next_back().filter(|word| is_version(word))?;
    let mut parts = line.splitn(3, ' ');
    let (method, uri, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let place = offset + method.len() + 1..offset + method.len() + 1 + uri.len();
    let start = StartLine::Request { method: Method::parse(method)?, uri: place };
    let verdict = match () {
        () if !version.eq_ignore_ascii_case("SIP/2.0") => Err((505, "another version of SIP")),
        () if rest != version => Err((400, "request line unreadable")),
        () => match Uri::parse(uri) {
            Err(BadUri::Syntax) => Err((400, "Request-URI unreadable")),
            Ok(uri) if uri.has_headers() => Err((400, "headers in the Request-URI")),
            Ok(_) | Err(BadUri::Scheme) => Ok(()),
        },
    };
    Some((start, verdict))
}

fn is_version(word: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = word.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("SIP/"));
    prefix && word[4..].split_once('.').is_some_and(|(major, minor)| number(major) && number(minor))
}

/// The head as text of the same length, so that it is looked at once whether it is UTF-8.
fn readable(head: &[u8], folded: bool) -> Arc<str> {
    if !folded && let Ok(text) = std::str::from_utf8(head) {
        return text.into();
    }
    let mut text = head.to_vec();
    if folded {
        blank_folds(&mut text);
    }
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(&text[at..]) {
        let bad = at + error.valid_up_to();
        let end = error.error_len().map_or(text.len(), |length| bad + length);
        text[bad..end].fill(b'?');
        at = end;
    }
    String::from_utf8_lossy(&text).into()
}
