//! REGISTER, 401, REGISTER with digest, 200, at a stated rate; each user keeps one contact.

use crate::{
    measure::now,
    phone::{Message, prove},
    signal::{Asked, CALLED_PORT, Door, Plan, challenge, share_ms},
};
use serde_json::{Value, json};
use std::{cell::RefCell, io, process};

struct Registering<'a> {
    plan: &'a Plan,
    door: &'a Door,
    /// When each began.
    began: Vec<u64>,
    delays: Vec<u64>,
    failed: usize,
}

pub fn run(plan: &Plan) -> io::Result<Value> {
    through(plan, &Door::open(plan.sip, CALLED_PORT)?)
}

/// The phones stand behind this door.
pub fn through(plan: &Plan, door: &Door) -> io::Result<Value> {
    let state = RefCell::new(Registering { plan, door, began: Vec::new(), delays: Vec::new(), failed: 0 });
    let figures = plan.pace(&[door], |at| state.borrow_mut().begin(at), || state.borrow_mut().hear())?;
    let mut state = state.into_inner();
    let mut figures = figures;
    figures["done"] = json!(state.delays.len());
    figures["failed"] = json!(plan.count - state.delays.len());
    figures["delay_p99_ms"] = json!(share_ms(&mut state.delays, 0.99));
    Ok(figures)
}

impl Registering<'_> {
    fn begin(&mut self, at: usize) {
        self.began.push(now());
        self.ask(at, 1, "");
    }

    fn ask(&self, at: usize, cseq: u32, proof: &str) {
        let (user, _) = &self.plan.users[at % self.plan.users.len()];
        let (target, id) = (format!("sip:{}", self.plan.sip), format!("r{at}x{}", process::id()));
        let (to, extra) = (format!("<{}>", self.door.uri(user)), format!("Expires: 300\r\n{proof}"));
        let asked = Asked { method: "REGISTER", target: &target, id: &id, to: &to, cseq, extra: &extra, body: "" };
        self.door.ask(user, &asked);
    }

    fn hear(&mut self) -> usize {
        while let Some(message) = self.door.receive() {
            match message.status() {
                Some(code) => self.answered(code, &message),
                None => self.door.accept(&message, "", "load", ""),
            }
        }
        self.delays.len() + self.failed
    }

    fn answered(&mut self, code: u16, answer: &Message) {
        let id = answer.header("call-id");
        let Some(at) = id[1..].split('x').next().and_then(|at| at.parse::<usize>().ok()) else { return };
        match code {
            100..200 => {}
            401 if answer.header("cseq").starts_with("1 ") => {
                let (user, password) = &self.plan.users[at % self.plan.users.len()];
                let target = format!("sip:{}", self.plan.sip);
                let proof = prove(user, password, challenge(answer), "REGISTER", &target);
                self.ask(at, 2, &format!("Authorization: {proof}\r\n"));
            }
            200 => self.delays.push(now() - self.began[at]),
            _ => self.failed += 1,
        }
    }
}
