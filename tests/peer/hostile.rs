//! Messages that are wrong, too large, half sent or without an end, over every transport: each gets its answer.

use crate::harness::{Callbox, Lan, Namespace, callbox::Sip, elapsed, web::trusting};
use rustls::{ClientConnection, StreamOwned, pki_types::ServerName};
use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::Arc,
    thread,
    time::Duration,
};

/// The box waits 30 seconds for the rest of a message (BOX-158 gives the panel as long).
const SLOW: Duration = Duration::from_secs(40);
const SOON: Duration = Duration::from_secs(8);
const MESSAGE_MAX: usize = 64 << 10;
const SDP_MAX: usize = 16 << 10;

/// BOX-149, BOX-148: each is answered for what is wrong with it, and where the end of a message cannot be told the
/// answer still leaves before the connection is closed.
#[test]
fn what_is_wrong_is_answered_over_every_transport() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    for transport in ["UDP", "TCP", "TLS"] {
        for (what, code, make) in WRONG {
            let mut line = Line::open(transport, &place, &office.said.sip);
            line.say(make(&line).as_bytes());
            assert_eq!(line.answer(), Some(code), "{what} over {transport}");
        }
        if transport == "UDP" {
            continue;
        }
        for (what, code, make) in BROKEN {
            let mut line = Line::open(transport, &place, &office.said.sip);
            line.say(make(&line).as_bytes());
            assert_eq!(line.answer(), Some(code), "{what} over {transport}");
            assert!(line.is_closed_within(SOON), "{what} over {transport}");
        }
    }
    assert!(office.is_up());
    assert_alive(&place, &office);
}

type Make = fn(&Line) -> String;

const WRONG: [(&str, u16, Make); 7] = [
    ("201 header fields", 513, |line| request("OPTIONS", line, &"X: y\r\n".repeat(201), "")),
    ("an SDP of 16 KB and 1", 413, |line| {
        request("INVITE", line, "Content-Type: application/sdp\r\n", &"a".repeat(SDP_MAX + 1))
    }),
    ("no CSeq", 400, |line| request("OPTIONS", line, "", "").replace("CSeq", "C-Seq")),
    ("two Call-ID", 400, |line| request("OPTIONS", line, "Call-ID: two\r\n", "")),
    ("another version", 505, |line| request("OPTIONS", line, "", "").replacen("SIP/2.0\r\n", "SIP/7.0\r\n", 1)),
    ("an extension nobody knows", 420, |line| request("OPTIONS", line, "Require: telepathy\r\n", "")),
    ("a method nobody knows", 501, |line| request("DANCE", line, "", "")),
];

/// After these nobody knows where the next message begins.
const BROKEN: [(&str, u16, Make); 4] = [
    ("a body of 64 KB", 513, |line| request("OPTIONS", line, "", &"a".repeat(MESSAGE_MAX))),
    ("a body without end", 513, |line| {
        request("OPTIONS", line, "", "").replacen("Content-Length: 0", "Content-Length: 99999999", 1)
    }),
    ("a negative length", 400, |line| request("OPTIONS", line, "", "").replacen("Length: 0", "Length: -5", 1)),
    ("a head of 64 KB", 513, |line| request("OPTIONS", line, &format!("X: {}\r\n", "y".repeat(MESSAGE_MAX)), "")),
];

/// BOX-139, BOX-148: a message that never becomes whole is given up, however its bytes drip; meanwhile phones register.
#[test]
fn half_sent_messages_are_given_up() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    let before = office.memory();
    thread::scope(|scope| {
        for transport in ["TCP", "TLS"] {
            for drips in [false, true] {
                let (place, ports) = (&place, &office.said.sip);
                scope.spawn(move || {
                    let mut line = Line::open(transport, place, ports);
                    let whole = request("OPTIONS", &line, "", "");
                    line.say(&whole.as_bytes()[..whole.len() / 2]);
                    let closed = if drips { line.drips_until_closed(SLOW) } else { line.is_closed_within(SLOW) };
                    assert!(closed, "over {transport}, dripping: {drips}");
                });
            }
        }
        assert_alive(&place, &office);
    });
    assert!(office.is_up() && office.memory() < before + (8 << 20));
}

/// A phone registers as if nothing had been.
#[track_caller]
fn assert_alive(place: &Namespace, office: &Callbox) {
    let mut client = office.client(place, 5060, "801");
    assert_eq!(client.register("MD5", 60).code(), Some(200));
}

fn request(method: &str, line: &Line, more: &str, body: &str) -> String {
    let (transport, local, length) = (line.transport, line.local, body.len());
    format!(
        "{method} sip:802@box SIP/2.0\r\nVia: SIP/2.0/{transport} {local};branch=z9hG4bK{};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:801@box>;tag=a\r\nTo: <sip:802@box>\r\nCall-ID: {}@{local}\r\n\
         CSeq: 1 {method}\r\n{more}Content-Length: {length}\r\n\r\n{body}",
        elapsed().as_nanos(),
        elapsed().as_nanos(),
    )
}

/// A way to the box that says whatever bytes it is given.
struct Line {
    transport: &'static str,
    local: SocketAddr,
    way: Way,
}

enum Way {
    Udp(UdpSocket),
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Line {
    fn open(transport: &'static str, place: &Namespace, ports: &Sip) -> Line {
        let port = match transport {
            "UDP" => ports.udp,
            "TCP" => ports.tcp,
            _ => ports.tls,
        };
        let server = format!("{}:{port}", ports.host);
        if transport == "UDP" {
            let socket = place.run(|| UdpSocket::bind((place.address.as_str(), 0)).unwrap());
            socket.connect(&server).unwrap();
            return Line { transport, local: socket.local_addr().unwrap(), way: Way::Udp(socket) };
        }
        let stream = place.run(|| TcpStream::connect(&server).unwrap());
        let local = stream.local_addr().unwrap();
        if transport == "TCP" {
            return Line { transport, local, way: Way::Tcp(stream) };
        }
        let name = ServerName::try_from(ports.host.clone()).unwrap();
        let secured = ClientConnection::new(Arc::new(trusting()), name).unwrap();
        Line { transport, local, way: Way::Tls(Box::new(StreamOwned::new(secured, stream))) }
    }

    /// A stream may be closed before all was taken.
    fn say(&mut self, bytes: &[u8]) {
        let _ = match &mut self.way {
            Way::Udp(socket) => socket.send(bytes).map(drop),
            Way::Tcp(stream) => stream.write_all(bytes),
            Way::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
    }

    /// Bytes that come in time; none when the connection ended.
    fn hear(&mut self, within: Duration) -> std::io::Result<Vec<u8>> {
        let mut piece = vec![0; 65536];
        let count = match &mut self.way {
            Way::Udp(socket) => {
                socket.set_read_timeout(Some(within)).unwrap();
                socket.recv(&mut piece)
            }
            Way::Tcp(stream) => {
                stream.set_read_timeout(Some(within)).unwrap();
                stream.read(&mut piece)
            }
            Way::Tls(stream) => {
                stream.sock.set_read_timeout(Some(within)).unwrap();
                stream.read(&mut piece)
            }
        }?;
        piece.truncate(count);
        Ok(piece)
    }

    /// The code of the answer.
    fn answer(&mut self) -> Option<u16> {
        let bytes = self.hear(SOON).ok()?;
        String::from_utf8_lossy(&bytes).strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    fn is_closed_within(&mut self, within: Duration) -> bool {
        let end = elapsed() + within;
        while elapsed() < end {
            match self.hear(end.saturating_sub(elapsed()).max(Duration::from_millis(1))) {
                Ok(bytes) if !bytes.is_empty() => {}
                Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => return true,
            }
        }
        false
    }

    /// Says one more byte a second.
    fn drips_until_closed(&mut self, within: Duration) -> bool {
        let end = elapsed() + within;
        while elapsed() < end {
            self.say(b"x");
            if self.is_closed_within(Duration::from_secs(1)) {
                return true;
            }
        }
        false
    }
}
