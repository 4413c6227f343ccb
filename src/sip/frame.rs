//! Whole messages out of a stream: bytes go in as they come, messages and keepalives come out.

use super::message::{MESSAGE_MAX, content_length};
use super::name::Name;
use super::scan;
use bytes::{Buf, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use std::{error, fmt};

/// What stands in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// One message, bytes of its own.
    Message(Bytes),
    /// CRLF CRLF, to be answered with `PONG` (RFC 5626 section 4.4.1).
    Ping,
}

/// What answers a ping.
pub const PONG: &[u8] = b"\r\n";
/// What ends a head.
const BLANK: &[u8] = b"\r\n";

/// Nothing more can be read from this stream: close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Broken {
    /// What comes is no SIP.
    Garbage,
    /// A head of more than 64 KB. If it began as SIP it came out before, to be answered.
    EndlessHead,
    /// Where the message ends cannot be told. What could be read of it came out before, to be answered.
    NoEnd,
}

/// Holds at most one message that is not whole, and nothing between messages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Framer {
    buffer: BytesMut,
    /// No head ends before here.
    searched: usize,
    /// How long the message is, once its head is there.
    whole: Option<usize>,
    broken: Option<Broken>,
}

impl Framer {
    pub fn new() -> Framer {
        Framer::default()
    }

    /// Takes what was read; call `next` until there is nothing before the next `push`.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Whether no message is half there.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// `Ok(None)`: wait for more.
    #[expect(clippy::should_implement_trait, reason = "a stream ends by breaking, which no iterator can say")]
    pub fn next(&mut self) -> Result<Option<Frame>, Broken> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        let frame = self.take();
        match frame {
            Err(broken) => self.stop(broken),
            // An idle stream holds no memory.
            Ok(_) if self.buffer.is_empty() => self.buffer = BytesMut::new(),
            Ok(_) => {}
        }
        frame
    }

    fn take(&mut self) -> Result<Option<Frame>, Broken> {
        if self.whole.is_none() {
            if self.skip_blank() {
                return Ok(Some(Frame::Ping));
            }
            if self.buffer.first().is_some_and(|first| !first.is_ascii_graphic() && !matches!(first, b'\r' | b'\n')) {
                return Err(Broken::Garbage);
            }
            if self.is_endless() {
                let message = self.too_large().ok_or(Broken::EndlessHead)?;
                return Ok(Some(self.last(message, Broken::EndlessHead)));
            }
            match self.find_head()? {
                Some(Ok(whole)) => self.whole = Some(whole),
                Some(Err(head)) => {
                    let message = Bytes::copy_from_slice(&self.buffer[..head]);
                    return Ok(Some(self.last(message, Broken::NoEnd)));
                }
                None => return Ok(None),
            }
        }
        let Some(whole) = self.whole.filter(|whole| *whole <= self.buffer.len()) else { return Ok(None) };
        let message = Bytes::copy_from_slice(&self.buffer[..whole]);
        self.whole = None;
        self.skip(whole);
        Ok(Some(Frame::Message(message)))
    }

    /// Line ends between messages; true if they were a ping. A half ping waits for its other half.
    fn skip_blank(&mut self) -> bool {
        loop {
            match self.buffer.as_ref() {
                [b'\r', b'\n', b'\r', b'\n', ..] => {
                    self.skip(4);
                    return true;
                }
                [] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return false,
                [b'\r' | b'\n', ..] => self.skip(1),
                _ => return false,
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.buffer.advance(bytes);
        self.searched = 0;
    }

    /// How long the message is in all; inside an error the length of a head that does not say it.
    fn find_head(&mut self) -> Result<Option<Result<usize, usize>>, Broken> {
        let Some(end) = self.head_end() else { return Ok(None) };
        let head = scan::head(&self.buffer[..end], end).ok_or(Broken::Garbage)?;
        if !is_sip(&self.buffer[head.start.clone()]) {
            return Err(Broken::Garbage);
        }
        let mut lengths = head.fields.iter().filter(|field| field.name == Name::ContentLength);
        let body = match (lengths.next(), lengths.next()) {
            (None, _) => Some(0),
            (Some(field), None) => self.length(field),
            (Some(_), Some(_)) => None,
        };
        let whole = body.and_then(|body| end.checked_add(body)).filter(|whole| *whole <= MESSAGE_MAX);
        Ok(Some(whole.ok_or(end)))
    }

    fn length(&self, field: &scan::Field) -> Option<usize> {
        let value = &self.buffer[field.value.start as usize..field.value.end as usize];
        content_length(std::str::from_utf8(value).ok()?)
    }

    /// Looks at each byte once, however slowly they come.
    fn head_end(&mut self) -> Option<usize> {
        while let Some(feed) = memchr::memchr(b'\n', &self.buffer[self.searched..]) {
            let feed = self.searched + feed;
            match &self.buffer[feed + 1..] {
                [b'\n', ..] => return Some(feed + 2),
                [b'\r', b'\n', ..] => return Some(feed + 3),
                [] | [b'\r'] => {
                    self.searched = feed;
                    return None;
                }
                _ => self.searched = feed + 1,
            }
        }
        self.searched = self.buffer.len();
        None
    }

    /// More than a message may be has come, and its head did not end in time.
    fn is_endless(&mut self) -> bool {
        self.buffer.len() > MESSAGE_MAX && self.head_end().is_none_or(|end| end > MESSAGE_MAX)
    }

    /// What came of a head without end, ended behind its last whole line; the rest stands as a body, so that whoever
    /// reads it sees that it is too large and knows whom to tell.
    fn too_large(&self) -> Option<Bytes> {
        let line = memchr::memchr(b'\n', &self.buffer)?;
        let cut = memchr::memrchr(b'\n', &self.buffer[..MESSAGE_MAX - BLANK.len()])? + 1;
        let message = [&self.buffer[..cut], BLANK, &self.buffer[cut..]].concat();
        is_sip(&self.buffer[..line]).then_some(message.into())
    }

    fn last(&mut self, message: Bytes, broken: Broken) -> Frame {
        self.stop(broken);
        Frame::Message(message)
    }

    fn stop(&mut self, broken: Broken) {
        *self = Framer { broken: Some(broken), ..Framer::default() };
    }
}

/// Whether the first line is one of SIP, of whatever version.
pub(super) fn is_sip(line: &[u8]) -> bool {
    line.windows(4).any(|word| word.eq_ignore_ascii_case(b"SIP/"))
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Broken::Garbage => "no SIP",
            Broken::EndlessHead => "a head longer than 64 KB",
            Broken::NoEnd => "a message without an end",
        })
    }
}

impl error::Error for Broken {}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> String {
        format!("MESSAGE sip:1@h SIP/2.0\r\nContent-Length : {}\r\n\r\n{body}", body.len())
    }

    /// All that comes out when the bytes arrive in pieces of this size.
    fn read(bytes: &[u8], piece: usize) -> (Vec<Frame>, Result<(), Broken>, Framer) {
        let mut framer = Framer::new();
        let mut frames = Vec::new();
        for piece in bytes.chunks(piece) {
            framer.push(piece);
            loop {
                match framer.next() {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(broken) => return (frames, Err(broken), framer),
                }
            }
        }
        (frames, Ok(()), framer)
    }

    /// RFC 3261 section 18.3, RFC 5626 section 4.4.1
    #[test]
    fn messages_and_pings_come_out_however_the_bytes_come_in() {
        let (one, two) = (message("body\r\n\r\nwith lines"), message("").replace("\r\n", "\n"));
        let bare = "OPTIONS sip:1@h SIP/2.0\r\nX: y\r\n\r\n";
        let stream = format!("\r\n\r\n{one}\r\n\r\n\r\n{two}{bare}\r\n\r\n\r\n");
        let text = |text: &str| Frame::Message(Bytes::copy_from_slice(text.as_bytes()));
        let expected = [Frame::Ping, text(&one), Frame::Ping, text(&two), text(bare), Frame::Ping];
        for piece in [1, 2, 3, 7, 1000] {
            let (frames, end, _) = read(stream.as_bytes(), piece);
            assert_eq!((frames.as_slice(), end), (expected.as_slice(), Ok(())), "pieces of {piece}");
        }
    }

    /// BOX-149: nothing grows without end, and the other side learns why where it can.
    #[test]
    fn what_has_no_end_breaks_the_stream() {
        let endless = format!("OPTIONS sip:1@h SIP/2.0\r\n{}", "X: y\r\n".repeat(20_000));
        let (frames, end, framer) = read(endless.as_bytes(), 1000);
        assert_eq!((frames.len(), end, framer.buffer.len()), (1, Err(Broken::EndlessHead), 0));
        let Frame::Message(bytes) = &frames[0] else { panic!("{frames:?}") };
        assert!(bytes.len() > MESSAGE_MAX, "it is refused as too large");
        let long_line = format!("OPTIONS sip:1@h SIP/2.0\r\nVia: v\r\nX: {}\r\n\r\n", "y".repeat(MESSAGE_MAX));
        let (frames, end, _) = read(long_line.as_bytes(), 100_000);
        assert_eq!(end, Err(Broken::EndlessHead));
        let begun = |frame: &Frame| matches!(frame, Frame::Message(bytes) if bytes.starts_with(b"OPTIONS sip:1@h SIP/2.0\r\nVia: v\r\n\r\nX: y"));
        assert!(frames.len() == 1 && begun(&frames[0]), "{frames:?}");
        let no_lines = vec![b'x'; MESSAGE_MAX + 2];
        assert_eq!(read(&no_lines, 1000).1, Err(Broken::EndlessHead));
        for lengths in ["Content-Length: 70000", "l: 3\r\nContent-Length: 3", "l: -1", "l: 18446744073709551615"] {
            let head = format!("OPTIONS sip:1@h SIP/2.0\r\n{lengths}\r\n\r\n");
            let (frames, end, _) = read(format!("{head}abc").as_bytes(), 1000);
            assert_eq!((frames, end), (vec![Frame::Message(head.into())], Err(Broken::NoEnd)), "{lengths}");
        }
        let many = format!("OPTIONS sip:1@h SIP/2.0\r\n{}l: 3\r\n\r\nabc", "X: y\r\n".repeat(1000));
        assert_eq!(read(many.as_bytes(), 1000).0, [Frame::Message(many.into())]);
    }

    #[test]
    fn garbage_breaks_the_stream_early() {
        for bytes in [&b"\x16\x03\x01\x02\x00\x01"[..], b"\0", b" OPTIONS", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"] {
            assert_eq!(read(bytes, 1000).1, Err(Broken::Garbage), "{bytes:?}");
        }
        let (_, _, mut framer) = read(b"\0", 1);
        framer.push(message("late").as_bytes());
        assert_eq!(framer.next(), Err(Broken::Garbage));
    }

    #[test]
    fn an_idle_stream_holds_no_memory() {
        let (_, _, framer) = read(message(&"x".repeat(60_000)).as_bytes(), 1400);
        assert_eq!(framer.buffer.capacity(), 0);
    }
}
