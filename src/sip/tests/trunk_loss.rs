//! A carrier over a line that loses, doubles and delays: trunks come up, calls end once, no proof is given twice.

use super::trunk_calls::dial;
use super::trunks::{CARRIER, Carrier, LINE, registering, state};
use super::*;
use crate::{
    chance::Chance,
    sip::{
        method::Method,
        order::{TrunkId, TrunkState},
    },
};
use std::collections::{BTreeMap, BTreeSet};

const SEEDS: u64 = 40;
/// Of 100 messages so many are lost, in either direction.
const LOST: u32 = 25;

struct Line {
    world: World,
    carrier: Carrier,
    chance: Chance,
    /// Nonce and count of every proof, with the message that holds it.
    proofs: BTreeMap<(String, String), Vec<u8>>,
    ended: BTreeMap<LegId, u32>,
    answered: BTreeSet<LegId>,
    /// What the carrier said last to each request.
    said: BTreeMap<String, String>,
}

impl Line {
    fn new(seed: u64) -> Line {
        let mut line = Line {
            world: World::new(),
            carrier: Carrier::at(CARRIER),
            chance: Chance::new(Seed::from(seed)),
            proofs: BTreeMap::new(),
            ended: BTreeMap::new(),
            answered: BTreeSet::new(),
            said: BTreeMap::new(),
        };
        line.world.trunks(&[Trunk { keep_alive_s: 30, ..registering() }]);
        line
    }

    fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.world.pass_ms(100);
            self.exchange();
        }
    }

    fn exchange(&mut self) {
        for request in self.world.sent() {
            self.note(&request);
            if self.chance.below(100) < LOST {
                continue;
            }
            for answer in self.answers(&request) {
                let times = 1 + u32::from(self.chance.below(10) == 0);
                for _ in 0..times {
                    if self.chance.below(100) >= LOST {
                        self.world.hear(self.carrier.phone.peer, &answer);
                    }
                }
            }
        }
        for report in self.world.reports() {
            match report {
                Report::Ended { leg, .. } => *self.ended.entry(leg).or_default() += 1,
                Report::Answered { leg, .. } => {
                    assert!(self.answered.insert(leg), "answered once");
                }
                _ => {}
            }
        }
    }

    /// TRK-44: a count of a nonce stands in one request only, however often that is repeated.
    fn note(&mut self, request: &Message) {
        let Some(proof) = request.value(Name::Authorization) else { return };
        let field = |name: &str| proof.split(&format!("{name}=")).nth(1).unwrap().split(',').next().unwrap().to_owned();
        let before = self.proofs.insert((field("nonce"), field("nc")), request.raw().to_vec());
        assert!(before.is_none_or(|before| before == request.raw().to_vec()), "a count was used twice");
    }

    /// As a carrier answers; the same again to what it knows.
    fn answers(&mut self, request: &Message) -> Vec<String> {
        let branch = request.top_via().branch().unwrap_or("").to_owned();
        let key = format!("{branch} {}", request.method());
        if let Some(said) = self.said.get(&key) {
            return vec![said.clone()];
        }
        let phone = &self.carrier.phone;
        let answer = match request.method() {
            Method::Options | Method::Bye => phone.reply(request, 200, "c", "", ""),
            Method::Ack => return Vec::new(),
            Method::Register | Method::Invite if request.value(Name::Authorization).is_none() => {
                let challenges =
                    self.carrier.digest.challenges(self.world.now.up, phone.peer.remote.ip(), Offer::Both, false);
                let lines: String = challenges.iter().map(|it| format!("WWW-Authenticate: {it}\r\n")).collect();
                phone.reply(request, 401, "c", &lines, "")
            }
            Method::Register => {
                assert!(self.carrier.is_proven(&self.world, request));
                let contact = request.value(Name::Contact).unwrap();
                self.carrier.phone.reply(request, 200, "c", &format!("Contact: {contact};expires=120\r\n"), "")
            }
            Method::Invite => {
                assert!(self.carrier.is_proven(&self.world, request));
                let tag = format!("c{}", request.cseq().0);
                self.carrier.phone.reply(request, 200, &tag, "", &sdp(4002))
            }
            _ => phone.reply(request, 481, "c", "", ""),
        };
        self.said.insert(key, answer.clone());
        vec![answer]
    }
}

/// TRK-41, TRK-44, TRK-25: whatever the line loses.
#[test]
fn a_lossy_line_comes_up_and_every_call_ends_once() {
    let mut answered = 0;
    for seed in 0..SEEDS {
        let mut line = Line::new(seed);
        line.pass(60_000);
        let mut ups = 0;
        for number in 1..=10 {
            let leg = LegId(number * 2);
            line.world.order(dial(leg, "02155509"));
            line.pass(6_000);
            line.world.order(Order::End { leg });
            line.pass(1_000);
            ups += u32::from(state(&line.world) == TrunkState::Up);
        }
        assert!(ups > 0, "seed {seed}: never up");
        answered += line.answered.len();
        line.pass(40_000);
        assert_eq!(line.ended.len(), 10, "seed {seed}");
        assert!(line.ended.values().all(|times| *times == 1), "seed {seed}: {:?}", line.ended);
        line.world.trunks(&[]);
        line.world.pass(Duration::from_secs(40));
        let sip = &line.world.sip;
        assert!(sip.standing(TrunkId(7)).is_none() && sip.standing(LINE).is_none());
        assert!(sip.legs.is_empty() && sip.tags.is_empty() && sip.trunks.errands.is_empty(), "seed {seed}");
        let open = (sip.transactions.clients.len(), sip.timers.len());
        assert_eq!(open, (0, 0), "seed {seed}: {:?}", sip.transactions.clients);
    }
    assert!(answered > SEEDS as usize * 5, "most calls are answered: {answered}");
}
