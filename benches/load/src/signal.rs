//! What all loads of signalling share: users, one socket a side, the pace, and figures.

use crate::{
    cpu,
    measure::{Poll, now},
    number, office,
    phone::{Message, ending},
    stamp,
};
use serde_json::{Value, json};
use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
};

/// What is still under way after the last beginning is given up after this, nanoseconds.
const PATIENCE_NS: u64 = 5_000_000_000;

pub struct Plan {
    pub sip: SocketAddr,
    /// Numbers and passwords.
    pub users: Vec<(String, String)>,
    pub rate: usize,
    pub count: usize,
    /// Whose CPU is measured.
    pub pids: Vec<u32>,
}

impl Plan {
    pub fn read(file: &str, users: &str, rate: &str, count: &str, pids: &[&str]) -> io::Result<Plan> {
        let (told, sip) = office::read(&fs::read_to_string(file)?)?;
        let users = office::agents(&told, number(users)?)?;
        let pids = pids.iter().map(|pid| Ok(number(pid)? as u32)).collect::<io::Result<_>>()?;
        Ok(Plan { sip, users, rate: number(rate)?, count: number(count)?, pids })
    }

    pub fn cpu_s(&self) -> io::Result<f64> {
        self.pids.iter().map(|pid| cpu::of(*pid)).sum()
    }

    /// Calls `begin` with 0, 1, … each at its time, `hear` whenever something may have come, until it says that so
    /// many are done. What it cost is in the figures.
    pub fn pace(
        &self,
        doors: &[&Door],
        mut begin: impl FnMut(usize),
        mut hear: impl FnMut() -> usize,
    ) -> io::Result<Value> {
        let poll = Poll::new()?;
        for door in doors {
            poll.add(&door.socket, 0)?;
        }
        let (began, cpu, mut begun, mut last) = (now(), self.cpu_s()?, 0, now());
        loop {
            while begun < self.count && began + (begun as u64 * 1_000_000_000) / self.rate as u64 <= now() {
                begin(begun);
                begun += 1;
                last = now();
            }
            let done = hear();
            if done >= self.count || now() > last + PATIENCE_NS {
                break;
            }
            poll.wait(1, |_| {});
        }
        let spent = self.cpu_s()? - cpu;
        let resident: u64 = self.pids.iter().map(|pid| cpu::resident(*pid).unwrap_or(0)).sum();
        let seconds = (now() - began) as f64 / 1e9;
        Ok(json!({
            "rate": self.rate, "count": self.count, "seconds": (seconds * 100.0).round() / 100.0,
            "cpu_us_each": (spent * 1e6 / self.count as f64 * 10.0).round() / 10.0,
            "resident_kib": resident,
        }))
    }
}

/// Where registered phones are, and where they call from.
pub const CALLED_PORT: u16 = 15_070;
pub const CALLERS_PORT: u16 = 15_071;

/// One side's socket; many phones may stand behind it.
pub struct Door {
    pub socket: UdpSocket,
    box_at: SocketAddr,
}

impl Door {
    /// At the same port each time, so that its phones are the same phones.
    pub fn open(box_at: SocketAddr, port: u16) -> io::Result<Door> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nonblocking(true)?;
        stamp::begin(&socket)?;
        Ok(Door { socket, box_at })
    }

    pub fn receive(&self) -> Option<Message> {
        self.receive_stamped().map(|(message, _)| message)
    }

    /// And when it came, by the kernel.
    pub fn receive_stamped(&self) -> Option<(Message, u64)> {
        let mut bytes = [0; 8192];
        let (length, _, came) = stamp::receive(&self.socket, &mut bytes)?;
        Some((Message::read(&bytes[..length])?, came))
    }

    pub fn contact(&self, user: &str) -> String {
        let address = self.socket.local_addr().unwrap_or(self.box_at);
        format!("<sip:{user}@{address}>")
    }

    pub fn uri(&self, user: &str) -> String {
        format!("sip:{user}@{}", self.box_at)
    }

    /// A request of `user` with the number `cseq`; `extra` are whole lines.
    pub fn ask(&self, user: &str, what: &Asked) {
        let Asked { method, target, id, to, cseq, extra, body } = *what;
        let address = self.socket.local_addr().unwrap_or(self.box_at);
        let text = format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{id}.{cseq}{}\r\nMax-Forwards: 70\r\n\
             From: <{}>;tag=f{id}\r\nTo: {to}\r\nCall-ID: {id}\r\nCSeq: {cseq} {method}\r\nContact: {}\r\n{extra}{}",
            if method == "BYE" { "b" } else { "" },
            self.uri(user),
            self.contact(user),
            ending(body),
        );
        let _ = self.socket.send_to(text.as_bytes(), self.box_at);
    }

    /// 200 to a request; with a body and a tag to an INVITE.
    pub fn accept(&self, request: &Message, tag: &str, user: &str, body: &str) {
        self.say("200 OK", request, tag, user, body);
    }

    pub fn say(&self, status: &str, request: &Message, tag: &str, user: &str, body: &str) {
        let vias: String =
            request.headers.get("via").into_iter().flatten().map(|via| format!("Via: {via}\r\n")).collect();
        let text = format!(
            "SIP/2.0 {status}\r\n{vias}From: {}\r\nTo: {}{tag}\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: {}\r\n{}",
            request.header("from"),
            request.header("to"),
            request.header("call-id"),
            request.header("cseq"),
            self.contact(user),
            ending(body),
        );
        let _ = self.socket.send_to(text.as_bytes(), self.box_at);
    }
}

/// The words of a request.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub method: &'a str,
    pub target: &'a str,
    pub id: &'a str,
    pub to: &'a str,
    pub cseq: u32,
    pub extra: &'a str,
    pub body: &'a str,
}

/// The challenge of a 401 that we can answer.
pub fn challenge(answer: &Message) -> &str {
    let mut all = answer.headers.get("www-authenticate").into_iter().flatten();
    let md5 = all.find(|one| matches!(crate::phone::parameter(one, "algorithm"), "" | "MD5"));
    md5.map_or("", String::as_str)
}

/// Of nanoseconds, the one below which this share is, in milliseconds.
pub fn share_ms(delays: &mut [u64], share: f64) -> f64 {
    delays.sort_unstable();
    let at = ((delays.len() as f64 * share) as usize).min(delays.len().saturating_sub(1));
    delays.get(at).map_or(0.0, |ns| (*ns as f64 / 1e4).round() / 100.0)
}
