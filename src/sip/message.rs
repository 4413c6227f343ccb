//! One message as it came: an index over its bytes, read on demand.

use super::address::{Address, Contacts};
use super::fault::Fault;
use super::method::Method;
use super::name::Name;
use super::params::{Params, split_outside};
use super::scan::{self, Field, Head};
use super::uri::{BadUri, Uri};
use super::via::Via;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, ops::Range};

/// The longest message, in bytes (BOX-149).
pub const MESSAGE_MAX: usize = 64 * 1024;
/// The most header fields (BOX-149).
pub const FIELDS_MAX: usize = 200;
/// The longest session description, in bytes (BOX-149).
pub const SDP_MAX: usize = 16 * 1024;

/// A request or a response whose start line, Via, From, To, Call-ID and CSeq have been seen to be right.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct Message {
    raw: Bytes,
    /// The head, as long as in `raw`: the same bytes, unless folds had to become blanks and bytes that are no UTF-8 `?`.
    head: Bytes,
    start: StartLine,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
enum StartLine {
    Request { method: Method, uri: Range<usize> },
    Response { code: u16, reason: Range<usize> },
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start<'a> {
    Request { method: &'a Method, uri: &'a str },
    Response { code: u16, reason: &'a str },
}

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

    pub fn start(&self) -> Start<'_> {
        match &self.start {
            StartLine::Request { method, uri } => Start::Request { method, uri: self.text(uri.clone()) },
            StartLine::Response { code, reason } => Start::Response { code: *code, reason: self.text(reason.clone()) },
        }
    }

    pub fn is_request(&self) -> bool {
        matches!(self.start, StartLine::Request { .. })
    }

    /// Of a response: that of its CSeq.
    pub fn method(&self) -> Method {
        match &self.start {
            StartLine::Request { method, .. } => method.clone(),
            StartLine::Response { .. } => self.cseq().1,
        }
    }

    /// 100 to 699; `None` for a request.
    pub fn code(&self) -> Option<u16> {
        match self.start {
            StartLine::Response { code, .. } => Some(code),
            StartLine::Request { .. } => None,
        }
    }

    /// The Request-URI; of a response an error.
    pub fn uri(&self) -> Result<Uri<'_>, BadUri> {
        match self.start() {
            Start::Request { uri, .. } => Uri::parse(uri),
            Start::Response { .. } => Err(BadUri::Syntax),
        }
    }

    /// The first field of this name, unfolded; empty values count.
    pub fn value(&self, name: Name) -> Option<&str> {
        self.lines(name).next()
    }

    /// The first field of a name that `Name` does not list.
    pub fn other(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|field| self.text_at(&field.label).eq_ignore_ascii_case(name));
        found.map(|field| self.text_at(&field.value))
    }

    /// Every field of this name as one value, in order.
    pub fn lines(&self, name: Name) -> impl DoubleEndedIterator<Item = &str> {
        self.fields.iter().filter(move |field| field.name == name).map(|field| self.text_at(&field.value))
    }

    /// As `lines`, with the bytes as they came but for folds.
    pub fn lines_raw(&self, name: Name) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let fields = self.fields.iter().filter(move |field| field.name == name);
        fields.map(|field| unfold(&self.raw[field.value.start as usize..field.value.end as usize]))
    }

    /// Every value of this name, comma lists taken apart, in order; empty ones are passed over.
    pub fn values(&self, name: Name) -> impl Iterator<Item = &str> {
        let separator = if name.is_list() { b',' } else { b'\n' };
        self.lines(name)
            .flat_map(move |line| split_outside(line, separator))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// Whether a list such as Supported, Require or Allow names this token, in any case.
    pub fn has_token(&self, name: Name, token: &str) -> bool {
        self.values(name).any(|value| Params::split(value).0.eq_ignore_ascii_case(token))
    }

    pub fn top_via(&self) -> Via<'_> {
        self.vias().next().unwrap_or_default()
    }

    pub fn vias(&self) -> impl Iterator<Item = Via<'_>> {
        self.values(Name::Via).filter_map(Via::parse)
    }

    pub fn from(&self) -> Address<'_> {
        self.value(Name::From).and_then(Address::parse).unwrap_or_default()
    }

    pub fn to(&self) -> Address<'_> {
        self.value(Name::To).and_then(Address::parse).unwrap_or_default()
    }

    pub fn call_id(&self) -> &str {
        self.value(Name::CallId).unwrap_or("")
    }

    pub fn cseq(&self) -> (u32, Method) {
        self.value(Name::CSeq).and_then(cseq).unwrap_or((0, Method::Other("".into())))
    }

    /// Route, Record-Route, Path, Refer-To and the like; `None` if one of them cannot be read.
    pub fn addresses(&self, name: Name) -> Option<Vec<Address<'_>>> {
        self.values(name).map(Address::parse).collect()
    }

    /// `None` if one cannot be read, or if `*` is not alone.
    pub fn contacts(&self) -> Option<Contacts<'_>> {
        let mut values = self.values(Name::Contact);
        if let (Some("*"), None) = (values.next(), values.next()) {
            return Some(Contacts::Star);
        }
        self.addresses(Name::Contact).map(Contacts::List)
    }

    /// `None` if it is missing or no number up to 255.
    pub fn max_forwards(&self) -> Option<u8> {
        self.value(Name::MaxForwards)?.parse().ok()
    }

    /// In seconds, the whole of it; `None` if it is missing or no number.
    pub fn expires(&self) -> Option<u32> {
        seconds(self.value(Name::Expires)?)
    }

    /// Type and subtype without parameters, as written.
    pub fn content_type(&self) -> Option<&str> {
        self.value(Name::ContentType).map(|value| Params::split(value).0)
    }

    pub fn body(&self) -> &[u8] {
        &self.raw[self.head.len()..]
    }

    /// The bytes as they came, from the start line to the end of the body.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    fn text(&self, range: Range<usize>) -> &str {
        std::str::from_utf8(&self.head[range]).unwrap_or("")
    }

    fn text_at(&self, range: &Range<u32>) -> &str {
        self.text(range.start as usize..range.end as usize)
    }
}

type Wrong = (u16, &'static str);

/// Building and checking.
impl Message {
    /// The second value says whether the start line is right. Silent: it is a response that is not, or no SIP at all.
    fn index(raw: Bytes, scanned: Head) -> Result<(Message, Result<(), Wrong>), Fault> {
        let head = readable(&raw.slice(..scanned.end), scanned.folded);
        let line = std::str::from_utf8(&head[scanned.start.clone()]).unwrap_or("");
        let offset = scanned.start.start;
        let (start, verdict) = match response_line(line, offset) {
            Some(Some(start)) => (start, Ok(())),
            Some(None) => return Err(Fault::silent("no status line")),
            None => request_line(line, offset).ok_or(Fault::silent("no SIP"))?,
        };
        Ok((Message { raw, head, start, fields: scanned.fields }, verdict))
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
        self.value(Name::To).and_then(Address::parse).ok_or((400, "To missing or unreadable"))?;
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
                Via::parse(via).ok_or((400, "Via unreadable"))?;
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
pub(super) fn content_length(value: &str) -> Option<usize> {
    let plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if plain { value.parse().ok() } else { None }
}

/// Delta-seconds; more than fits is the most there is (RFC 3261 section 20.19).
pub fn seconds(value: &str) -> Option<u32> {
    let plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| value.parse().unwrap_or(u32::MAX))
}

fn cseq(value: &str) -> Option<(u32, Method)> {
    let (number, method) = value.split_once([' ', '\t'])?;
    let number = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
    Some((number, Method::parse(method.trim())?))
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
        () if Uri::parse(uri) == Err(BadUri::Syntax) => Err((400, "Request-URI unreadable")),
        () if Uri::parse(uri).is_ok_and(|uri| uri.has_headers()) => Err((400, "headers in the Request-URI")),
        () => Ok(()),
    };
    Some((start, verdict))
}

fn is_version(word: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = word.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("SIP/"));
    prefix && word[4..].split_once('.').is_some_and(|(major, minor)| number(major) && number(minor))
}

/// The head as text of the same length; a copy only if something has to change.
fn readable(head: &Bytes, folded: bool) -> Bytes {
    let valid = std::str::from_utf8(head).is_ok();
    if valid && !folded {
        return head.clone();
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
    Bytes::from(text)
}

/// A line end that a blank follows is a blank itself.
fn blank_folds(text: &mut [u8]) {
    for at in 1..text.len() {
        if matches!(text[at], b' ' | b'\t') && text[at - 1] == b'\n' {
            text[at - 1] = b' ';
            if at > 1 && text[at - 2] == b'\r' {
                text[at - 2] = b' ';
            }
        }
    }
}

fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut value = value.to_vec();
    blank_folds(&mut value);
    Cow::Owned(value)
}

impl TryFrom<Bytes> for Message {
    type Error = Fault;
    fn try_from(raw: Bytes) -> Result<Message, Fault> {
        Message::parse(raw)
    }
}

impl From<Message> for Bytes {
    fn from(message: Message) -> Bytes {
        message.raw
    }
}
