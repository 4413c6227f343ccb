//! One message as it came: an index over its bytes, read on demand.

mod read;

pub(in crate::sip) use read::content_length;

use super::address::{Address, Contacts};
use super::fault::Fault;
use super::method::Method;
use super::name::Name;
use super::params::{Params, split_outside};
use super::scan::Field;
use super::uri::{BadUri, Uri};
use super::via::Via;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, ops::Range, sync::Arc};

/// The longest message, in bytes (BOX-149).
pub const MESSAGE_MAX: usize = 64 * 1024;
/// The most header fields (BOX-149).
pub const FIELDS_MAX: usize = 200;
/// The most in bytes that the start line and the fields of which something is kept may have (BOX-139): ten proxies
/// with long names need a third of it.
pub const KEPT_MAX: usize = 8 * 1024;
/// The longest session description, in bytes (BOX-149).
pub const SDP_MAX: usize = 16 * 1024;

/// A request or a response whose start line, Via, From, To, Call-ID and CSeq have been seen to be right.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct Message {
    raw: Bytes,
    /// The head, as long as in `raw`: the same bytes, unless folds had to become blanks and bytes that are no UTF-8 `?`.
    head: Arc<str>,
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
            .map(str::trim_ascii)
            .filter(|value| !value.is_empty())
    }

    /// Whether a list such as Supported, Require or Allow names this token, in any case.
    pub fn has_token(&self, name: Name, token: &str) -> bool {
        self.values(name).any(|value| Params::split(value).0.eq_ignore_ascii_case(token))
    }

    /// Empty where it cannot be read, which is so in requests that are refused alone.
    pub fn top_via(&self) -> Via<'_> {
        self.values(Name::Via).next().and_then(Via::parse).unwrap_or_default()
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

    /// How much memory it takes, in bytes, as far as whoever sent it says.
    pub(in crate::sip) fn weight(&self) -> usize {
        self.raw.len() + self.head.len() + self.fields.len() * size_of::<Field>()
    }

    fn text(&self, range: Range<usize>) -> &str {
        self.head.get(range).unwrap_or("")
    }

    fn text_at(&self, range: &Range<u32>) -> &str {
        self.text(range.start as usize..range.end as usize)
    }
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

fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut value = value.to_vec();
    blank_folds(&mut value);
    Cow::Owned(value)
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

impl fmt::Debug for Message {
    /// Without the headers: one of them may hold a proof (BOX-122).
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.start(), self.call_id())
    }
}

impl TryFrom<Bytes> for Message {
    type Error = Fault;
    fn try_from(raw: Bytes) -> Result<Message, Fault> {
        Message::parse(raw)
    }
}

/// As it came, but for proofs, which are written down nowhere (BOX-122).
impl From<Message> for Bytes {
    fn from(message: Message) -> Bytes {
        let mut proofs = message.fields.iter().filter(|field| is_proof(field.name)).peekable();
        if proofs.peek().is_none() {
            return message.raw;
        }
        let mut raw = message.raw.to_vec();
        for proof in proofs {
            raw[proof.value.start as usize..proof.value.end as usize].fill(b'*');
        }
        Bytes::from(raw)
    }
}

fn is_proof(name: Name) -> bool {
    matches!(name, Name::Authorization | Name::ProxyAuthorization)
}
