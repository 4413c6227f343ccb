//! A ring group whose phones all ring: from the caller's proven INVITE to the first phone's and to the last one's.

use crate::{
    measure::Poll,
    panel::Page,
    phone::{Message, prove},
    registers,
    signal::{Asked, CALLED_PORT, CALLERS_PORT, Door, Plan, challenge, share_ms},
    stamp,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io, process, thread, time::Duration};

const NUMBER: &str = "70001";
/// How long all rings before the caller gives up, and between one call and the next.
const RINGS: Duration = Duration::from_millis(50);
/// How long a call may take.
const PATIENCE_NS: u64 = 5_000_000_000;
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=audio 9000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
                   a=sendrecv\r\n";

struct Group<'a> {
    caller: &'a Door,
    phones: &'a Door,
    poll: &'a Poll,
    count: usize,
    user: &'a (String, String),
}

/// The last of the plan's users calls all before.
pub fn run(plan: &Plan, line: &str) -> io::Result<Value> {
    let (caller, phones) = (Door::open(plan.sip, CALLERS_PORT)?, Door::open(plan.sip, CALLED_PORT)?);
    let (user, rung) = plan.users.split_last().ok_or_else(|| io::Error::other("nobody calls"))?;
    let first = Plan { users: rung.to_vec(), rate: 200, count: rung.len(), pids: Vec::new(), ..*plan };
    registers::through(&first, &phones)?;
    let numbers: Vec<&str> = rung.iter().map(|(number, _)| number.as_str()).collect();
    let group = json!({ "name": "Load", "internal_number": NUMBER, "strategy": "all", "numbers": numbers });
    Page::sign_in(line)?.must("POST", "ring_groups", &group)?;
    let poll = Poll::new()?;
    poll.add(&caller.socket, 0)?;
    poll.add(&phones.socket, 1)?;
    let group = Group { caller: &caller, phones: &phones, poll: &poll, count: rung.len(), user };
    let (mut firsts, mut lasts, mut failed) = (Vec::new(), Vec::new(), 0);
    for at in 0..plan.count {
        match group.call(at) {
            Some((first, last)) => {
                firsts.push(first);
                lasts.push(last);
            }
            None => failed += 1,
        }
        thread::sleep(RINGS);
    }
    Ok(json!({
        "phones": rung.len(), "calls": plan.count, "failed": failed,
        "first_p50_ms": share_ms(&mut firsts, 0.5), "first_p99_ms": share_ms(&mut firsts, 0.99),
        "last_p50_ms": share_ms(&mut lasts, 0.5), "last_p99_ms": share_ms(&mut lasts, 0.99),
    }))
}

impl Group<'_> {
    /// Nanoseconds to the first phone's INVITE and to the last one's; none if it did not go as it should.
    fn call(&self, at: usize) -> Option<(u64, u64)> {
        let (until, mut rung, mut came) = (stamp::now() + PATIENCE_NS, BTreeMap::new(), Vec::new());
        let (mut left, mut cancelled, mut refused, mut stopped) = (0, false, false, 0);
        self.ask(at, "INVITE", 1, "", SDP);
        while stamp::now() < until {
            self.poll.wait(1, |_| {});
            while let Some((message, stamp)) = self.phones.receive_stamped() {
                match message.method() {
                    "INVITE" => {
                        came.push(stamp);
                        self.phones.say("180 Ringing", &message, ";tag=t", "load", "");
                        rung.insert(message.header("call-id").to_owned(), message);
                    }
                    "CANCEL" => {
                        self.phones.accept(&message, ";tag=t", "load", "");
                        if let Some(invite) = rung.get(message.header("call-id")) {
                            self.phones.say("487 Request Terminated", invite, ";tag=t", "load", "");
                        }
                    }
                    "ACK" => stopped += 1,
                    _ => {}
                }
            }
            while let Some(message) = self.caller.receive() {
                let told = (message.status().unwrap_or(0), message.header("cseq").to_owned());
                match (told.0, &*told.1) {
                    (401, "1 INVITE") => {
                        self.acknowledge(at, &message, 1);
                        let proof = prove(&self.user.0, &self.user.1, challenge(&message), "INVITE", &self.target());
                        left = stamp::now();
                        self.ask(at, "INVITE", 2, &format!("Authorization: {proof}\r\n"), SDP);
                    }
                    (487, "2 INVITE") => {
                        self.acknowledge(at, &message, 2);
                        refused = true;
                    }
                    (300.., "2 INVITE") => return None,
                    _ => {}
                }
            }
            if came.len() == self.count && !cancelled {
                thread::sleep(RINGS);
                self.ask(at, "CANCEL", 2, "", "");
                cancelled = true;
            }
            if refused && stopped == self.count {
                return Some((came.iter().min()? - left, came.iter().max()? - left));
            }
        }
        None
    }

    fn target(&self) -> String {
        self.caller.uri(NUMBER)
    }

    fn ask(&self, at: usize, method: &str, cseq: u32, extra: &str, body: &str) {
        let (target, id) = (self.target(), format!("g{at}x{}", process::id()));
        let to = format!("<{target}>");
        self.caller.ask(&self.user.0, &Asked { method, target: &target, id: &id, to: &to, cseq, extra, body });
    }

    fn acknowledge(&self, at: usize, answer: &Message, cseq: u32) {
        let (target, id) = (self.target(), format!("g{at}x{}", process::id()));
        let asked =
            Asked { method: "ACK", target: &target, id: &id, to: answer.header("to"), cseq, extra: "", body: "" };
        self.caller.ask(&self.user.0, &asked);
    }
}
