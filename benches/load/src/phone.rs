//! One SIP phone, just enough to register, call, answer and be polite (RFC 3261, MD5 digest of RFC 2617).

use crate::flow::Flow;
use md5::{Digest, Md5};
use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

/// How long a step of a call may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Phone {
    pub number: String,
    password: String,
    box_at: SocketAddr,
    socket: UdpSocket,
    pub flow: Flow,
    cseq: u32,
    /// Of the call under way.
    call: Option<Call>,
    tokens: u32,
}

struct Call {
    id: String,
    local: String,
    remote: String,
    target: String,
}

pub struct Message {
    pub first: String,
    pub headers: BTreeMap<String, Vec<String>>,
    pub body: String,
}

impl Message {
    pub fn read(bytes: &[u8]) -> Option<Message> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let first = lines.next()?.to_owned();
        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let name = match name.trim().to_ascii_lowercase().as_str() {
                "v" => "via".to_owned(),
                "f" => "from".to_owned(),
                "t" => "to".to_owned(),
                "i" => "call-id".to_owned(),
                "m" => "contact".to_owned(),
                other => other.to_owned(),
            };
            headers.entry(name).or_default().push(value.trim().to_owned());
        }
        Some(Message { first, headers, body: body.to_owned() })
    }

    pub fn status(&self) -> Option<u16> {
        self.first.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    pub fn method(&self) -> &str {
        self.first.split(' ').next().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// The port where the sender of this description takes sound.
    fn sound_port(&self) -> Option<u16> {
        self.body.lines().find_map(|line| line.strip_prefix("m=audio "))?.split(' ').next()?.parse().ok()
    }
}

pub fn parameter<'a>(challenge: &'a str, name: &str) -> &'a str {
    let found = challenge.split(',').map(|part| part.trim().trim_start_matches("Digest ")).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then(|| value.trim_matches('"'))
    });
    found.unwrap_or_default()
}

pub fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Phone {
    pub fn new(number: &str, password: &str, box_at: SocketAddr, place: u32) -> io::Result<Phone> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let (number, password) = (number.to_owned(), password.to_owned());
        let flow = Flow::open(place)?;
        Ok(Phone { number, password, box_at, socket, flow, cseq: 0, call: None, tokens: place << 12 })
    }

    fn token(&mut self) -> String {
        self.tokens += 1;
        format!("{:x}x{:x}", self.tokens, std::process::id())
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap_or(self.box_at)
    }

    fn contact(&self) -> String {
        format!("<sip:{}@{}>", self.number, self.address())
    }

    fn send(&self, text: &str) {
        let _ = self.socket.send_to(text.as_bytes(), self.box_at);
    }

    /// The next message that came, if one did.
    pub fn receive(&self) -> Option<Message> {
        let mut bytes = [0; 8192];
        let length = self.socket.recv(&mut bytes).ok()?;
        Message::read(&bytes[..length])
    }

    fn wait(&mut self, mut want: impl FnMut(&Message) -> bool, others: &mut [&mut Phone]) -> io::Result<Message> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            others.iter_mut().for_each(|other| other.attend());
            match self.receive() {
                Some(message) if want(&message) => return Ok(message),
                Some(message) => self.answer(&message),
                None => std::thread::yield_now(),
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("phone {}: no answer", self.number)))
    }

    /// Answers whatever came meanwhile.
    pub fn attend(&mut self) {
        while let Some(message) = self.receive() {
            self.answer(&message);
        }
    }

    fn answer(&mut self, message: &Message) {
        match message.method() {
            "INVITE" => self.take_call(message),
            "BYE" | "OPTIONS" | "NOTIFY" | "CANCEL" | "UPDATE" => self.send(&self.reply(message, "200 OK", "", "")),
            _ => {}
        }
    }

    fn reply(&self, to: &Message, status: &str, tag: &str, body: &str) -> String {
        let vias: String = to.headers.get("via").into_iter().flatten().map(|via| format!("Via: {via}\r\n")).collect();
        let tag = if tag.is_empty() { String::new() } else { format!(";tag={tag}") };
        format!(
            "SIP/2.0 {status}\r\n{vias}From: {}\r\nTo: {}{tag}\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: {}\r\n{}",
            to.header("from"),
            to.header("to"),
            to.header("call-id"),
            to.header("cseq"),
            self.contact(),
            ending(body),
        )
    }

    /// The other side's INVITE: taken at once.
    fn take_call(&mut self, invite: &Message) {
        let Some(port) = invite.sound_port() else { return };
        self.flow.to = (Ipv4Addr::LOCALHOST, port).into();
        let id = invite.header("call-id").to_owned();
        if self.call.as_ref().is_none_or(|call| call.id != id) {
            let local = self.token();
            let (remote, target) = (invite.header("from").to_owned(), uri(invite.header("contact")));
            self.call = Some(Call { id, local, remote, target });
        }
        let tag = self.call.as_ref().map_or(String::new(), |call| call.local.clone());
        self.send(&self.reply(invite, "200 OK", &tag, &self.description()));
    }

    fn description(&self) -> String {
        let port = self.flow.socket.local_addr().map_or(9, |address| address.port());
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
             a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        )
    }

    /// The sound of the phone, for whoever sends it; the phone keeps a spare one.
    pub fn lend_flow(&mut self) -> io::Result<Flow> {
        Ok(std::mem::replace(&mut self.flow, Flow::open(0)?))
    }

    /// For so many seconds; 0: no longer.
    pub fn register(&mut self, expires_s: u32) -> io::Result<()> {
        let (id, tag) = (self.token(), self.token());
        let (target, who) = (format!("sip:{}", self.box_at), format!("<sip:{}@{}>", self.number, self.box_at));
        let extra = format!("Contact: {}\r\nExpires: {expires_s}\r\n", self.contact());
        let answer = self.ask("REGISTER", &target, &id, &tag, &who, &extra, "", &mut [])?;
        match answer.status() {
            Some(200) => Ok(()),
            status => Err(io::Error::other(format!("phone {} is not registered: {status:?}", self.number))),
        }
    }

    /// Calls; `other` answers meanwhile.
    pub fn invite(&mut self, other: &mut Phone) -> io::Result<()> {
        let number = other.number.clone();
        self.call(&number, &mut [other])
    }

    /// Calls a number; `others` answer what they are asked meanwhile.
    pub fn call(&mut self, number: &str, others: &mut [&mut Phone]) -> io::Result<()> {
        let (id, tag) = (self.token(), self.token());
        let target = format!("sip:{number}@{}", self.box_at);
        let extra = format!("Contact: {}\r\n", self.contact());
        let body = self.description();
        let answer = self.ask("INVITE", &target, &id, &tag, &format!("<{target}>"), &extra, &body, others)?;
        let (Some(200), Some(port)) = (answer.status(), answer.sound_port()) else {
            return Err(io::Error::other(format!("{} cannot call {number}: {}", self.number, answer.first)));
        };
        self.flow.to = (Ipv4Addr::LOCALHOST, port).into();
        let (remote, target) = (answer.header("to").to_owned(), uri(answer.header("contact")));
        self.call = Some(Call { id: id.clone(), local: tag.clone(), remote: remote.clone(), target: target.clone() });
        let branch = self.token();
        let ack = self.request("ACK", &target, &id, &tag, &remote, &branch, "", "");
        self.send(&ack);
        Ok(())
    }

    pub fn bye(&mut self) -> io::Result<()> {
        let Some(call) = self.call.take() else { return Ok(()) };
        let Call { id, local, remote, target } = call;
        self.ask("BYE", &target, &id, &local, &remote, "", "", &mut []).map(drop)
    }

    /// Sends a request, once more with a digest if it is challenged, and gives its final answer.
    #[allow(clippy::too_many_arguments, reason = "the words of a request")]
    fn ask(
        &mut self,
        method: &str,
        target: &str,
        id: &str,
        tag: &str,
        to: &str,
        extra: &str,
        body: &str,
        others: &mut [&mut Phone],
    ) -> io::Result<Message> {
        let mut proof = String::new();
        loop {
            self.cseq += 1;
            let branch = self.token();
            let request = self.request(method, target, id, tag, to, &branch, &format!("{extra}{proof}"), body);
            self.send(&request);
            let mine = format!("{} {method}", self.cseq);
            let id = id.to_owned();
            let answer = self.wait(
                |message| {
                    message.status().is_some_and(|status| status >= 200)
                        && message.header("cseq") == mine
                        && message.header("call-id") == id
                },
                others,
            )?;
            let refused = answer.status().is_some_and(|status| status >= 300);
            if method == "INVITE" && refused {
                let ack = self.request("ACK", target, &id, tag, answer.header("to"), &branch, "", "");
                self.send(&ack);
            }
            let (challenge, name) = match answer.status() {
                Some(401) => (answer.headers.get("www-authenticate"), "Authorization"),
                Some(407) => (answer.headers.get("proxy-authenticate"), "Proxy-Authorization"),
                _ => return Ok(answer),
            };
            let md5 = challenge.into_iter().flatten().find(|one| matches!(parameter(one, "algorithm"), "" | "MD5"));
            match md5 {
                Some(challenge) if proof.is_empty() => {
                    proof = format!("{name}: {}\r\n", self.prove(challenge, method, target));
                }
                _ => return Ok(answer),
            }
        }
    }

    fn prove(&self, challenge: &str, method: &str, target: &str) -> String {
        prove(&self.number, &self.password, challenge, method, target)
    }

    #[allow(clippy::too_many_arguments, reason = "the words of a request")]
    fn request(
        &self,
        method: &str,
        target: &str,
        id: &str,
        tag: &str,
        to: &str,
        branch: &str,
        extra: &str,
        body: &str,
    ) -> String {
        let (address, cseq) = (self.address(), self.cseq);
        format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{}@{}>;tag={tag}\r\nTo: {to}\r\nCall-ID: {id}\r\nCSeq: {cseq} {method}\r\n\
             {extra}{}",
            self.number,
            self.box_at,
            ending(body),
        )
    }
}

/// The value of an Authorization field.
pub fn prove(number: &str, password: &str, challenge: &str, method: &str, target: &str) -> String {
    let (realm, nonce) = (parameter(challenge, "realm"), parameter(challenge, "nonce"));
    let secret = md5(&format!("{number}:{realm}:{password}"));
    let what = md5(&format!("{method}:{target}"));
    let opaque = match parameter(challenge, "opaque") {
        "" => String::new(),
        opaque => format!(", opaque=\"{opaque}\""),
    };
    let head = format!("Digest username=\"{number}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{target}\"");
    if !challenge.contains("qop=") {
        return format!("{head}, response=\"{}\", algorithm=MD5{opaque}", md5(&format!("{secret}:{nonce}:{what}")));
    }
    let response = md5(&format!("{secret}:{nonce}:00000001:load:auth:{what}"));
    format!("{head}, response=\"{response}\", algorithm=MD5, cnonce=\"load\", nc=00000001, qop=auth{opaque}")
}

pub fn ending(body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!("{kind}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The address within a Contact.
pub fn uri(contact: &str) -> String {
    let inner = contact.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(uri, _)| uri);
    inner.unwrap_or(contact.split(';').next().unwrap_or_default()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2617 section 3.5
    #[test]
    fn the_digest_is_the_one_of_the_rfc() {
        let secret = md5("Mufasa:testrealm@host.com:Circle Of Life");
        let what = md5("GET:/dir/index.html");
        let text = format!("{secret}:dcd98b7102dd2f0e8b11d0f600bfb0c093:00000001:0a4f113b:auth:{what}");
        assert_eq!(md5(&text), "6629fae49393a05397450978507c4ef1");
    }

    #[test]
    fn a_challenge_is_read() {
        let challenge = "Digest realm=\"box\", nonce=\"a=b\", algorithm=MD5, qop=\"auth\"";
        assert_eq!((parameter(challenge, "realm"), parameter(challenge, "nonce")), ("box", "a=b"));
        assert_eq!((parameter(challenge, "algorithm"), parameter(challenge, "opaque")), ("MD5", ""));
    }

    #[test]
    fn a_contact_gives_its_address() {
        assert_eq!(uri("\"x\" <sip:a@b;transport=udp>;expires=3"), "sip:a@b;transport=udp");
        assert_eq!(uri("sip:a@b;expires=3"), "sip:a@b");
    }
}
