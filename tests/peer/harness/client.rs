//! The tests' own SIP client: plain text over UDP or TCP, with the digest of RFC 8760, and no opinion of what is right.

use super::{
    Agent, Namespace,
    callbox::Sip,
    clock::{elapsed, wait, wall_ms},
    message::{Message, parameter, whole},
    proof::{Proof, algorithm_of},
};
use std::{
    fmt::Write as _,
    io::{ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// RFC 3261 timer T1: after this a request over UDP is sent again.
const SEND_AGAIN: Duration = Duration::from_millis(500);
const GLANCE: Duration = Duration::from_millis(50);

pub struct Client {
    pub agent: Agent,
    pub local: SocketAddr,
    /// What it says of itself in Via and Contact: its own address, or one behind a NAT that nobody can reach.
    pub claimed: SocketAddr,
    server: SocketAddr,
    wire: Wire,
    count: u32,
    nonce_count: u32,
    /// When the last INVITE with credentials was sent; milliseconds since 1970.
    pub proven: Option<i64>,
    /// Once set, nothing is waited for any more.
    pub stop: Arc<AtomicBool>,
}

enum Wire {
    Udp(UdpSocket),
    Tcp { stream: TcpStream, waiting: Vec<u8> },
}

/// A call as this side knows it.
#[derive(Clone, Debug)]
pub struct Dialog {
    pub call_id: String,
    /// This side's From or To with its tag, and the other's.
    pub ours: String,
    pub theirs: String,
    /// Where requests go.
    pub target: String,
    pub cseq: u32,
}

impl Client {
    pub fn udp(place: &Namespace, port: u16, agent: &Agent, ports: &Sip) -> Client {
        Client::udp_between(place, &place.address, port, &ports.host, agent, ports)
    }

    /// Over UDP from one of the place's addresses to one of the box's.
    pub fn udp_between(place: &Namespace, from: &str, port: u16, to: &str, agent: &Agent, ports: &Sip) -> Client {
        let socket = place.run(|| UdpSocket::bind((from, port)).unwrap());
        let local = socket.local_addr().unwrap();
        let to: IpAddr = to.parse().unwrap();
        Client::new(Wire::Udp(socket), local, SocketAddr::new(to, ports.udp), agent)
    }

    pub fn tcp(place: &Namespace, agent: &Agent, ports: &Sip) -> Client {
        let server = SocketAddr::new(ports.host.parse().unwrap(), ports.tcp);
        let stream = place.run(|| TcpStream::connect(server).unwrap());
        stream.set_nodelay(true).unwrap();
        let local = stream.local_addr().unwrap();
        Client::new(Wire::Tcp { stream, waiting: Vec::new() }, local, server, agent)
    }

    fn new(wire: Wire, local: SocketAddr, server: SocketAddr, agent: &Agent) -> Client {
        Client {
            agent: agent.clone(),
            local,
            claimed: local,
            server,
            wire,
            count: 0,
            nonce_count: 0,
            proven: None,
            stop: Arc::default(),
        }
    }

    fn transport(&self) -> &'static str {
        match self.wire {
            Wire::Udp(_) => "UDP",
            Wire::Tcp { .. } => "TCP",
        }
    }

    /// A word that was not used before.
    pub fn fresh(&mut self) -> String {
        self.count += 1;
        format!("{}x{}x{}", self.agent.agent_number, wall_ms(), self.count)
    }

    pub fn send(&mut self, bytes: &[u8]) {
        match &mut self.wire {
            // Nobody listens while the program is down: then the next receive tells.
            Wire::Udp(socket) => drop(socket.send_to(bytes, self.server)),
            Wire::Tcp { stream, .. } => stream.write_all(bytes).unwrap(),
        }
    }

    /// The next message, or `None` when none came in time.
    pub fn receive(&mut self, within: Duration) -> Option<Message> {
        let end = elapsed() + within;
        while elapsed() < end && !self.stop.load(Ordering::Relaxed) {
            let bytes = self.piece(GLANCE.min(end.saturating_sub(elapsed()).max(Duration::from_millis(1))));
            if let Some(message) = bytes.and_then(|bytes| Message::parse(&String::from_utf8_lossy(&bytes))) {
                return Some(message);
            }
        }
        None
    }

    fn piece(&mut self, within: Duration) -> Option<Vec<u8>> {
        let mut piece = vec![0; 65536];
        match &mut self.wire {
            Wire::Udp(socket) => {
                socket.set_read_timeout(Some(within)).unwrap();
                let count = socket.recv(&mut piece).ok()?;
                piece.truncate(count);
                Some(piece)
            }
            Wire::Tcp { stream, waiting } => {
                if whole(waiting).is_none() {
                    stream.set_read_timeout(Some(within)).unwrap();
                    match stream.read(&mut piece) {
                        Ok(0) => panic!("the box has closed the connection"),
                        Ok(count) => waiting.extend(&piece[..count]),
                        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                        Err(e) => panic!("connection: {e}"),
                    }
                }
                whole(waiting).map(|length| waiting.drain(..length).collect())
            }
        }
    }

    /// Sends a request until its final response comes, which may never be.
    pub fn ask(&mut self, request: &str) -> Option<Message> {
        self.ask_until(request, |_, _| false)
    }

    /// The same; what comes meanwhile and is no final response to it is shown to `other`, which may end the wait.
    pub fn ask_until(
        &mut self,
        request: &str,
        mut other: impl FnMut(&mut Client, &Message) -> bool,
    ) -> Option<Message> {
        let sent = Message::parse(request).unwrap();
        let (end, mut again) = (elapsed() + PATIENCE, elapsed() + SEND_AGAIN);
        let mut provisional = false;
        self.send(request.as_bytes());
        while elapsed() < end && !self.stop.load(Ordering::Relaxed) {
            let Some(message) = self.receive(GLANCE) else {
                if self.transport() == "UDP" && !provisional && elapsed() >= again {
                    self.send(request.as_bytes());
                    again = elapsed() + SEND_AGAIN;
                }
                continue;
            };
            let same = message.value("CSeq") == sent.value("CSeq") && message.value("Call-ID") == sent.value("Call-ID");
            match message.code() {
                Some(200..) if same => return Some(message),
                Some(_) if same => provisional = true,
                _ => {}
            }
            if other(self, &message) {
                return None;
            }
        }
        None
    }

    /// A request outside of a dialog, or within: `headers` and `body` as they are to be sent, lines ending in CRLF.
    pub fn request(&mut self, method: &str, uri: &str, dialog: &Dialog, headers: &str, body: &str) -> String {
        let (transport, claimed, branch) = (self.transport(), self.claimed, self.fresh());
        let number = &self.agent.agent_number;
        let mut text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {claimed};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n\
             From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} {method}\r\n\
             Contact: <sip:{number}@{claimed};transport={}>\r\n{headers}",
            dialog.ours,
            dialog.theirs,
            dialog.call_id,
            dialog.cseq,
            transport.to_lowercase()
        );
        if !body.is_empty() {
            text += "Content-Type: application/sdp\r\n";
        }
        write!(text, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        text
    }

    /// A new Call-ID and tag towards `number`.
    pub fn dialog(&mut self, number: &str) -> Dialog {
        let (tag, server) = (self.fresh(), self.server);
        let host = if server.is_ipv6() { format!("[{}]", server.ip()) } else { server.ip().to_string() };
        Dialog {
            call_id: self.fresh(),
            ours: format!("<sip:{}@{host}>;tag={tag}", self.agent.agent_number),
            theirs: format!("<sip:{number}@{host}>"),
            target: format!("sip:{number}@{}", self.server),
            cseq: 1,
        }
    }

    /// Answers a challenge in the algorithm named (`MD5`, `SHA-256`), as a header line.
    pub fn credentials(&mut self, challenge: &Message, algorithm: &str, method: &str, uri: &str) -> String {
        let offered: Vec<&str> =
            challenge.values("WWW-Authenticate").chain(challenge.values("Proxy-Authenticate")).collect();
        let chosen = offered.iter().find(|line| algorithm_of(line) == algorithm);
        let chosen = chosen.unwrap_or_else(|| panic!("no {algorithm} among {offered:?}"));
        self.nonce_count += 1;
        let proof = Proof {
            username: &self.agent.agent_number,
            password: &self.agent.sip_password,
            realm: parameter(chosen, "realm").expect("a realm"),
            nonce: parameter(chosen, "nonce").expect("a nonce"),
            opaque: parameter(chosen, "opaque"),
            count: 1,
            cnonce: format!("{:08x}", self.nonce_count),
        };
        let name = if challenge.code() == Some(407) { "Proxy-Authorization" } else { "Authorization" };
        format!("{name}: {}\r\n", proof.line(algorithm, method, uri))
    }

    /// Registers for `expires` seconds and gives the final response.
    #[track_caller]
    pub fn register(&mut self, algorithm: &str, expires: u32) -> Message {
        let mut dialog = self.dialog(&self.agent.agent_number.clone());
        let uri = format!("sip:{}", self.server);
        let headers = format!("Expires: {expires}\r\n");
        let request = self.request("REGISTER", &uri, &dialog, &headers, "");
        let challenge = self.ask(&request).expect("a response to REGISTER");
        if challenge.code() != Some(401) {
            return challenge;
        }
        let proof = self.credentials(&challenge, algorithm, "REGISTER", &uri);
        dialog.cseq += 1;
        let request = self.request("REGISTER", &uri, &dialog, &(headers + &proof), "");
        self.ask(&request).expect("a response to REGISTER with credentials")
    }

    /// Sends a request that is no INVITE with the answer to the challenge that it gets first.
    pub fn prove(&mut self, method: &str, dialog: &mut Dialog, headers: &str, body: &str) -> Option<Message> {
        let uri = dialog.target.clone();
        let request = self.request(method, &uri, dialog, headers, body);
        let challenge = self.ask(&request)?;
        if !matches!(challenge.code(), Some(401 | 407)) {
            return Some(challenge);
        }
        let proof = self.credentials(&challenge, "MD5", method, &uri);
        dialog.cseq += 1;
        let request = self.request(method, &uri, dialog, &format!("{headers}{proof}"), body);
        self.ask(&request)
    }

    /// An INVITE with the answer to the challenge that its first form got; it is not sent yet.
    pub fn proven_invite(&mut self, number: &str, offer: &str) -> (Dialog, String) {
        self.try_proven_invite(number, offer).expect("a challenge").expect("a challenge, not another answer")
    }

    fn try_proven_invite(&mut self, number: &str, offer: &str) -> Option<Result<(Dialog, String), (Dialog, Message)>> {
        self.proven = None;
        let mut dialog = self.dialog(number);
        let uri = dialog.target.clone();
        let request = self.request("INVITE", &uri, &dialog, "", offer);
        let challenge = self.ask(&request)?;
        self.acknowledge(&dialog, &challenge, &request);
        if !matches!(challenge.code(), Some(401 | 407)) {
            return Some(Err((dialog, challenge)));
        }
        let proof = self.credentials(&challenge, "MD5", "INVITE", &uri);
        dialog.cseq += 1;
        let request = self.request("INVITE", &uri, &dialog, &proof, offer);
        self.proven = Some(wall_ms());
        Some(Ok((dialog, request)))
    }

    /// Calls, proves itself, and acknowledges whatever final response comes.
    pub fn call(&mut self, number: &str, offer: &str) -> Option<(Dialog, Message)> {
        let (mut dialog, request) = match self.try_proven_invite(number, offer)? {
            Ok(invite) => invite,
            Err(refused) => return Some(refused),
        };
        let response = self.ask(&request)?;
        dialog.theirs = response.value("To").into();
        if response.code() == Some(200) {
            dialog.target = response.contact();
        }
        self.acknowledge(&dialog, &response, &request);
        Some((dialog, response))
    }

    /// Calls until the box takes it: on a machine busy with other tests it may refuse for load (BOX-132).
    #[track_caller]
    pub fn call_up(&mut self, number: &str, offer: &str) -> (Dialog, Message) {
        let (dialog, answer) = wait("the box takes the call", 4 * PATIENCE, || {
            self.call(number, offer).filter(|(_, answer)| answer.code() != Some(503))
        });
        assert_eq!(answer.code(), Some(200), "{answer:?}");
        (dialog, answer)
    }

    /// The next request of this method; OPTIONS meanwhile are answered, others passed over.
    #[track_caller]
    pub fn await_request(&mut self, method: &str) -> Message {
        let end = elapsed() + PATIENCE;
        loop {
            let left = end.saturating_sub(elapsed());
            let message = self.receive(left).unwrap_or_else(|| panic!("no {method} came"));
            match message.method() {
                Some(found) if found == method => return message,
                Some("OPTIONS") => self.reply(&message, 200, ""),
                _ => {}
            }
        }
    }

    /// ACK: within the dialog for 2xx (RFC 3261 section 13.2.2.4), else with the branch of the INVITE (17.1.1.3).
    pub fn acknowledge(&mut self, dialog: &Dialog, response: &Message, request: &str) {
        self.acknowledge_with(dialog, response, request, "");
    }

    /// The same with an answer to the offer in the 2xx.
    pub fn acknowledge_with(&mut self, dialog: &Dialog, response: &Message, request: &str, answer: &str) {
        let target = dialog.target.clone();
        let mut text = self.request("ACK", &target, dialog, "", answer);
        text = text.replacen(&format!("To: {}", dialog.theirs), &format!("To: {}", response.value("To")), 1);
        if response.code() != Some(200) {
            let via = |text: &str| text.lines().find(|line| line.starts_with("Via: ")).unwrap().to_owned();
            text = text.replacen(&via(&text), &via(request), 1);
        }
        self.send(text.as_bytes());
    }

    /// Sends a new offer within a call, acknowledges its 200 and gives it.
    pub fn reinvite(&mut self, dialog: &mut Dialog, offer: &str) -> Option<Message> {
        dialog.cseq += 1;
        let target = dialog.target.clone();
        let request = self.request("INVITE", &target, dialog, "", offer);
        let response = self.ask(&request)?;
        self.acknowledge(dialog, &response, &request);
        Some(response)
    }

    /// Ends a call; true if the box said 200.
    pub fn bye(&mut self, dialog: &mut Dialog) -> bool {
        dialog.cseq += 1;
        let target = dialog.target.clone();
        let request = self.request("BYE", &target, dialog, "", "");
        self.ask(&request).is_some_and(|response| response.code() == Some(200))
    }

    /// Answers a request.
    pub fn reply(&mut self, request: &Message, code: u16, body: &str) {
        let mut text = format!("SIP/2.0 {code} Answer\r\n");
        for name in ["Via", "From", "Call-ID", "CSeq", "Record-Route"] {
            request.values(name).for_each(|value| write!(text, "{name}: {value}\r\n").unwrap());
        }
        let to = request.value("To");
        let tag = if to.contains("tag=") { "" } else { ";tag=callee" };
        let (number, claimed) = (&self.agent.agent_number, self.claimed);
        write!(text, "To: {to}{tag}\r\nContact: <sip:{number}@{claimed}>\r\n").unwrap();
        if !body.is_empty() {
            text += "Content-Type: application/sdp\r\n";
        }
        write!(text, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.send(text.as_bytes());
    }
}
