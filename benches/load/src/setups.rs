//! Calls from INVITE with digest to BYE through Callbox, at a stated rate, the second half of the users calling the first.

use crate::{
    measure::now,
    phone::{Message, prove, uri},
    registers,
    signal::{Asked, CALLED_PORT, CALLERS_PORT, Door, Plan, challenge, share_ms},
};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    io, process,
    time::Duration,
};

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=audio 9000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
                   a=sendrecv\r\n";

struct Calling<'a> {
    plan: &'a Plan,
    hold: Duration,
    callers: &'a Door,
    called: &'a Door,
    /// When the last INVITE of each call left.
    left: Vec<u64>,
    /// When the proven INVITE of a caller left, until it comes out at the other side.
    under_way: BTreeMap<String, u64>,
    /// Calls that are up: until when, number, target and To of the BYE.
    up: VecDeque<(u64, usize, String, String)>,
    through: Vec<u64>,
    refused: Vec<u64>,
    ended: usize,
    failed: usize,
}

pub fn run(plan: &Plan, hold: Duration) -> io::Result<Value> {
    let (callers, called) = (Door::open(plan.sip, CALLERS_PORT)?, Door::open(plan.sip, CALLED_PORT)?);
    let half = plan.users.len() / 2;
    let first = Plan { users: plan.users[..half].to_vec(), rate: 200, count: half, pids: Vec::new(), ..*plan };
    registers::through(&first, &called)?;
    let state = RefCell::new(Calling {
        plan,
        hold,
        callers: &callers,
        called: &called,
        left: Vec::new(),
        under_way: BTreeMap::new(),
        up: VecDeque::new(),
        through: Vec::new(),
        refused: Vec::new(),
        ended: 0,
        failed: 0,
    });
    let mut figures =
        plan.pace(&[&callers, &called], |at| state.borrow_mut().begin(at), || state.borrow_mut().hear())?;
    let mut state = state.into_inner();
    figures["ended"] = json!(state.ended);
    figures["refused"] = json!(state.refused.len());
    figures["failed"] = json!(plan.count - state.ended - state.refused.len());
    figures["invite_to_invite_p50_ms"] = json!(share_ms(&mut state.through, 0.5));
    figures["invite_to_invite_p99_ms"] = json!(share_ms(&mut state.through, 0.99));
    figures["refused_p99_ms"] = json!(share_ms(&mut state.refused, 0.99));
    Ok(figures)
}

impl Calling<'_> {
    fn caller(&self, at: usize) -> &(String, String) {
        let half = self.plan.users.len() / 2;
        &self.plan.users[half + at % half]
    }

    fn target(&self, at: usize) -> String {
        self.callers.uri(&self.plan.users[at % (self.plan.users.len() / 2)].0)
    }

    fn ask(&self, at: usize, method: &str, target: &str, to: &str, cseq: u32, extra: &str, body: &str) {
        let id = format!("c{at}x{}", process::id());
        self.callers.ask(&self.caller(at).0, &Asked { method, target, id: &id, to, cseq, extra, body });
    }

    fn invite(&self, at: usize, cseq: u32, proof: &str) {
        let target = self.target(at);
        self.ask(at, "INVITE", &target, &format!("<{target}>"), cseq, proof, SDP);
    }

    fn begin(&mut self, at: usize) {
        self.left.push(now());
        self.invite(at, 1, "");
    }

    fn hear(&mut self) -> usize {
        while let Some(request) = self.called.receive() {
            self.asked(&request);
        }
        while let Some(message) = self.callers.receive() {
            match message.status() {
                Some(code) => self.answered(code, &message),
                None => self.callers.accept(&message, "", "load", ""),
            }
        }
        while let Some((_, at, target, to)) = self.up.pop_front_if(|(until, ..)| *until <= now()) {
            self.ask(at, "BYE", &target, &to, 3, "", "");
        }
        self.ended + self.refused.len() + self.failed
    }

    /// At the called side: taken at once.
    fn asked(&mut self, request: &Message) {
        match request.method() {
            "INVITE" => {
                let caller = uri(request.header("from"));
                let caller = caller.trim_start_matches("sip:").split('@').next().unwrap_or_default();
                if let Some(left) = self.under_way.remove(caller) {
                    self.through.push(now() - left);
                }
                let tag = format!(";tag=t{}", request.header("call-id"));
                self.called.accept(request, &tag, "load", SDP);
            }
            "ACK" => {}
            method if !method.starts_with("SIP/") => self.called.accept(request, "", "load", ""),
            _ => {}
        }
    }

    fn answered(&mut self, code: u16, answer: &Message) {
        let at = answer.header("call-id")[1..].split('x').next().and_then(|at| at.parse::<usize>().ok());
        let (Some(at), (cseq, method)) = (at, answer.header("cseq").split_once(' ').unwrap_or_default()) else {
            return;
        };
        let cseq: u32 = cseq.parse().unwrap_or(0);
        match (method, code) {
            (_, 100..200) => {}
            ("BYE", 200) => self.ended += 1,
            ("INVITE", 200) => {
                let (target, to) = (uri(answer.header("contact")), answer.header("to").to_owned());
                self.ask(at, "ACK", &target, &to, cseq, "", "");
                self.up.push_back((now() + self.hold.as_nanos() as u64, at, target, to));
            }
            ("INVITE", _) => {
                self.ask(at, "ACK", &self.target(at), answer.header("to"), cseq, "", "");
                match code {
                    401 if cseq == 1 => self.prove(at, answer),
                    503 => self.refused.push(now() - self.left[at]),
                    _ => self.failed += 1,
                }
            }
            _ => self.failed += 1,
        }
    }

    fn prove(&mut self, at: usize, answer: &Message) {
        let (user, password) = self.caller(at).clone();
        let proof = prove(&user, &password, challenge(answer), "INVITE", &self.target(at));
        self.left[at] = now();
        self.under_way.insert(user, self.left[at]);
        self.invite(at, 2, &format!("Authorization: {proof}\r\n"));
    }
}
