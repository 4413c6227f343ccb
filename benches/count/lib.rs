//! A phone of agent 801, as far as the benches need one: its requests as bytes, with proof.

use callbox::sip::{
    digest::{Attempt, Challenge},
    message::Message,
    wire::{Peer, Report, Transport},
};

pub const NUMBER: &str = "801";
pub const PASSWORD: &str = "PasswordOfSomeLength1";
pub const REALM: &str = "callbox";
pub const REGISTRAR: &str = "sip:192.0.2.1";
const CONTACT: &str = "Contact: <sip:801@192.0.2.11:5060>\r\n";

/// What a desk phone offers.
pub const OFFER: &str = "v=0\r\no=801 8000 8000 IN IP4 192.0.2.11\r\ns=SIP Call\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n\
    m=audio 5004 RTP/AVP 9 8 0 18 101\r\na=sendrecv\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n\
    a=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=ptime:20\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";

#[derive(Default)]
pub struct Phone {
    cseq: u32,
    challenge: Option<Challenge>,
    /// How often the nonce was used.
    count: u32,
}

impl Phone {
    pub fn peer() -> Peer {
        let (local, remote) = ("192.0.2.1:5060", "192.0.2.11:5060");
        let address = |text: &str| text.parse().expect("an address");
        Peer { transport: Transport::Udp, local: address(local), remote: address(remote), connection: None }
    }

    /// Answers this refusal from now on.
    pub fn challenged(&mut self, refusal: &Message) {
        (self.challenge, self.count) = (Challenge::of(refusal), 0);
    }

    pub fn register(&mut self) -> Report {
        self.cseq += 1;
        let to = format!("<sip:{NUMBER}@192.0.2.1>");
        self.request("REGISTER", REGISTRAR, &to, &format!("{CONTACT}Expires: 300\r\n"), "")
    }

    pub fn invite(&mut self, number: &str) -> Report {
        self.cseq += 1;
        let uri = format!("sip:{number}@192.0.2.1");
        let to = format!("<{uri}>");
        self.request("INVITE", &uri, &to, &format!("{CONTACT}Content-Type: application/sdp\r\n"), OFFER)
    }

    /// A request inside the dialog that the box's answer to our INVITE made.
    pub fn inside(&mut self, method: &str, answer: &Message) -> Report {
        self.cseq += u32::from(method != "ACK");
        let to = answer.value(callbox::sip::name::Name::To).expect("a To");
        self.request(method, "sip:192.0.2.1:5060", to, CONTACT, "")
    }

    fn request(&mut self, method: &str, uri: &str, to: &str, lines: &str, body: &str) -> Report {
        let (cseq, length, proof) = (self.cseq, body.len(), self.proof(method, uri));
        let text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.11:5060;branch=z9hG4bK{method}{cseq}{};rport\r\n\
             From: \"Wang Fang\" <sip:{NUMBER}@192.0.2.1>;tag=2108443561\r\nTo: {to}\r\n\
             Call-ID: 1264398351-5060-1@192.0.2.11\r\nCSeq: {cseq} {method}\r\n{lines}{proof}Max-Forwards: 70\r\n\
             User-Agent: A desk phone 1.0.11.48\r\nSupported: replaces, path, timer\r\n\
             Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE\r\n\
             Content-Length: {length}\r\n\r\n{body}",
            self.count
        );
        Report::Message { peer: Phone::peer(), bytes: text.into_bytes().into() }
    }

    fn proof(&mut self, method: &str, uri: &str) -> String {
        let Some(challenge) = self.challenge.as_ref().filter(|_| method != "ACK") else { return String::new() };
        self.count += 1;
        let (user, password, count) = (NUMBER, PASSWORD, self.count);
        let attempt = Attempt { user, password, method, uri, body: b"", count, cnonce: "3fd2c1a9" };
        format!("Authorization: {}\r\n", challenge.answer(&attempt))
    }
}

pub fn bytes(report: Report) -> bytes::Bytes {
    match report {
        Report::Message { bytes, .. } => bytes,
        other => panic!("no message: {other:?}"),
    }
}
