//! Messages to be sent, written by us line by line; nothing that is given can break a line.

use super::message::{Message, SDP_MAX};
use super::method::Method;
use super::name::Name;
pub use super::reason::reason;
use super::via::Via;
use crate::sdp::place::{push_address, push_number};
use bytes::{BufMut, Bytes, BytesMut};
use std::net::SocketAddr;

/// Most messages fit: one allocation each.
const USUAL: usize = 1024;

/// A message that grows header by header; `finish` ends it.
#[derive(Debug)]
pub struct Writer {
    out: BytesMut,
    body: Option<(String, Bytes)>,
}

/// A request without any header yet.
pub fn request(method: &Method, uri: &str) -> Writer {
    let mut writer = Writer { out: BytesMut::with_capacity(USUAL), body: None };
    writer.put(method.text().as_bytes());
    writer.out.put_u8(b' ');
    writer.put(uri.replace(char::is_whitespace, "").as_bytes());
    writer.out.put_slice(b" SIP/2.0\r\n");
    writer
}

/// A response with what RFC 3261 section 8.2.6 copies from the request: Via (the first one says where the request
/// really came from, RFC 3581), From, To, Call-ID, CSeq, for a dialog Record-Route, for a 100 Timestamp. `to_tag`
/// is added where the request has none; empty: none, as in a 100.
pub fn response(request: &Message, code: u16, source: SocketAddr, to_tag: &str) -> Writer {
    let mut writer = Writer { out: BytesMut::with_capacity(USUAL), body: None };
    for part in ["SIP/2.0 ", &code.to_string(), " ", reason(code), "\r\n"] {
        writer.put(part.as_bytes());
    }
    for (at, line) in request.lines_raw(Name::Via).filter(|line| !line.is_empty()).enumerate() {
        let stamped = if at == 0 { stamped(&line, source) } else { None };
        writer = writer.raw(Name::Via, stamped.as_deref().unwrap_or(&line));
    }
    if (101..300).contains(&code) {
        writer = writer.copy(request, Name::RecordRoute);
    }
    writer = writer.copy(request, Name::From).to(request, to_tag).copy(request, Name::CallId).copy(request, Name::CSeq);
    if code == 100 { writer.copy(request, Name::Timestamp) } else { writer }
}

impl Writer {
    /// A line end inside `value` becomes a blank.
    pub fn header(self, name: Name, value: &str) -> Writer {
        self.raw(name, value.as_bytes())
    }

    /// A header that `Name` does not list; what is no letter, digit or `-` of its name is left out.
    pub fn other(mut self, name: &str, value: &str) -> Writer {
        let name: String = name.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
        self.line(name.as_bytes(), value.as_bytes());
        self
    }

    /// Every field of this name, as it came.
    pub fn copy(mut self, from: &Message, name: Name) -> Writer {
        for line in from.lines_raw(name) {
            self.line(name.text().as_bytes(), &line);
        }
        self
    }

    pub fn body(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Writer {
        let bytes = bytes.into();
        assert!(content_type != "application/sdp" || bytes.len() <= SDP_MAX, "we write no such SDP");
        self.body = Some((content_type.to_owned(), bytes));
        self
    }

    /// With Content-Length, which over a stream is what ends the message.
    pub fn finish(mut self) -> Bytes {
        let (content_type, body) = self.body.take().unwrap_or_default();
        if !content_type.is_empty() {
            self.line(b"Content-Type", content_type.as_bytes());
        }
        self.line(b"Content-Length", body.len().to_string().as_bytes());
        self.out.put_slice(b"\r\n");
        self.out.put_slice(&body);
        self.out.freeze()
    }

    fn to(self, request: &Message, tag: &str) -> Writer {
        if tag.is_empty() || request.to().tag().is_some() {
            return self.copy(request, Name::To);
        }
        let Some(line) = request.lines_raw(Name::To).next() else { return self };
        // Some phones end the value with a `;` of their own.
        let line = line.trim_ascii_end();
        let mut value = line.strip_suffix(b";").unwrap_or(line).to_vec();
        value.extend_from_slice(b";tag=");
        value.extend_from_slice(tag.as_bytes());
        self.raw(Name::To, &value)
    }

    fn raw(mut self, name: Name, value: &[u8]) -> Writer {
        assert!(name != Name::Other, "a name without text");
        self.line(name.text().as_bytes(), value);
        self
    }

    fn line(&mut self, name: &[u8], value: &[u8]) {
        self.out.put_slice(name);
        self.out.put_slice(b": ");
        self.put_safe(value);
        self.out.put_slice(b"\r\n");
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.put_slice(bytes);
    }

    fn put_safe(&mut self, value: &[u8]) {
        if memchr::memchr2(b'\r', b'\n', value).is_some() {
            self.out.extend(value.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }));
        } else {
            self.out.put_slice(value);
        }
    }
}

/// The first Via line with `received` and `rport` behind its first value; `None` if it needs neither, or if it is none
/// that could be read: whoever wrote it gets it back as it is.
fn stamped(line: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let end = super::params::find_outside(text, b',').unwrap_or(text.len());
    let via = Via::parse(&text[..end])?;
    let address = source.ip().to_canonical();
    let asked = via.asks_rport();
    if !asked && via.address() == Some(address) {
        return None;
    }
    let (params, others) = (via.params, &text[end..]);
    let place = super::params::cut_before(&text[..end], b';').0.trim_ascii_end();
    let mut value = String::with_capacity(line.len() + 64);
    value.push_str(place);
    for (name, text) in params.iter() {
        if name.eq_ignore_ascii_case("rport") || name.eq_ignore_ascii_case("received") {
            continue;
        }
        value.extend([";", name]);
        if let Some(text) = text {
            value.extend(["=", text]);
        }
    }
    value.push_str(";received=");
    push_address(&mut value, address);
    if asked {
        value.push_str(";rport=");
        push_number(&mut value, source.port().into());
    }
    value.push_str(others);
    Some(value.into_bytes())
}

/// `"display" <uri>`, or `<uri>` without a display name. Quotes are escaped; whatever could break out is left out.
pub fn address(display: &str, uri: &str) -> String {
    let uri: String = uri.chars().filter(|letter| !letter.is_whitespace() && !"<>\"".contains(*letter)).collect();
    if display.is_empty() {
        return format!("<{uri}>");
    }
    format!("{} <{uri}>", quoted(display))
}

/// A quoted string (RFC 3261 section 25.1).
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}
