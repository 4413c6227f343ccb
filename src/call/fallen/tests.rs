//! Whichever step of a call falls, it ends alone, and whole.

use super::*;
use crate::{
    audio::order::{Figures, Slot},
    call::office::Orders,
    chance::Seed,
    history::call_record::CallRecord,
    model::Agent,
    schema::tenant::Tenant,
    sdp::{self, Codec, Direction, Ours, Session, SrtpKey},
    sip::{
        order::{Binding, BindingId, End, Report},
        wire::{Peer, Transport},
    },
    time::{Now, Timestamp, Uptime},
    view::AgentState,
};
use serde_json::json;
use std::{cell::Cell, collections::VecDeque, sync::Arc};

/// Whether a step falls before it has done anything, or when all is done and nothing of it was told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

thread_local! {
    /// Steps until one falls, and when.
    static STUMBLE: Cell<Option<(u32, When)>> = const { Cell::new(None) };
}

pub fn stumble(now: When) {
    let Some((left, when)) = STUMBLE.get().filter(|(_, when)| *when == now) else { return };
    STUMBLE.set((left > 0).then(|| (left - 1, when)));
    assert!(left > 0, "a test has this step fall");
}

/// An office of four phones, each of which does what it is told, and all that came of it.
struct Rig {
    calls: Calls,
    now: Now,
    /// Legs that have not ended in SIP, and those with sound.
    live: BTreeSet<LegId>,
    open: BTreeSet<LegId>,
    rung: Vec<LegId>,
    records: Vec<CallRecord>,
    fell: Vec<String>,
}

fn peer(agent: u64) -> Peer {
    let remote = format!("192.0.2.{}:5060", agent - 800).parse().unwrap();
    Peer { transport: Transport::Udp, local: "192.0.2.200:5060".parse().unwrap(), remote, connection: None }
}

fn session() -> Session {
    let ours =
        Ours { address: "192.0.2.9".parse().ok(), port: 4000, key: None, prefer: None, direction: Direction::SendRecv };
    sdp::offer(&ours, &[Codec::Pcma], &[])
}

impl Rig {
    fn new() -> Rig {
        let mut tenant = Tenant::default();
        for number in 801..=804 {
            let agent = json!({
                "agent_number": number.to_string(), "first_name": "A", "last_name": "B",
                "sip_password": "s3cret-word", "web_password": "Web-word-7",
            });
            tenant.add(serde_json::from_value::<Agent>(agent).unwrap());
        }
        let now = Now { up: Uptime(10_000_000), wall: Timestamp(1_795_000_000_000) };
        let (live, open) = (BTreeSet::new(), BTreeSet::new());
        let calls = Calls::new(Arc::default(), &[], Seed::from(1));
        let mut rig = Rig { calls, now, live, open, rung: Vec::new(), records: Vec::new(), fell: Vec::new() };
        rig.act(|calls, now, orders| calls.tenant(now, Arc::new(tenant), orders));
        let slots = (0..20).map(|n| Slot { port: 20_000 + 2 * n, deck: 0, key: SrtpKey([0; 30]) }).collect();
        rig.act(|calls, now, orders| calls.heard(now, sound::Report::Stock(slots), orders));
        for agent in 801..=804u64 {
            let binding = Binding {
                id: BindingId(agent),
                user: agent.to_string(),
                contact: format!("sip:{agent}@192.0.2.9"),
                instance: None,
                path: vec![],
                peer: peer(agent),
                user_agent: String::new(),
                call_id: "r".into(),
                cseq: 1,
                registered_at: now.wall,
                expires_at: now.wall.moved(300_000),
                reachable: true,
            };
            rig.told(Report::Registered { binding, fresh: true });
        }
        rig
    }

    fn told(&mut self, report: Report) {
        self.act(|calls, now, orders| calls.told(now, report, orders));
    }

    fn invites(&mut self, leg: LegId, from: u64, to: u64) {
        self.live.insert(leg);
        self.told(Report::Invited {
            leg,
            user: from.to_string(),
            binding: Some(BindingId(from)),
            dialed: to.to_string(),
            offer: Some(session()),
            replaces: None,
            peer: peer(from),
        });
    }

    /// The last that was rung rings, answers, and the caller hears so.
    fn answers(&mut self, caller: LegId) {
        let Some(leg) = self.rung.last().copied() else { return };
        self.told_live(leg, Report::Ringing { leg, code: 180, early: None });
        self.told_live(leg, Report::Answered { leg, session: session() });
        self.told_live(caller, Report::Confirmed { leg: caller, session: None });
    }

    /// A phone whose leg is over says nothing more of it.
    fn told_live(&mut self, leg: LegId, report: Report) {
        if self.live.contains(&leg) {
            self.told(report);
        }
    }

    fn hangs_up(&mut self, leg: LegId) {
        if self.live.remove(&leg) {
            self.told(Report::Ended { leg, end: End::Bye });
        }
    }

    fn pass(&mut self, seconds: u64) {
        let until = Uptime(self.now.up.0 + seconds * 1_000_000);
        while let Some(due) = self.calls.deadline().filter(|due| *due <= until) {
            self.wait(due);
            self.act(|calls, now, orders| calls.tick(now, orders));
        }
        self.wait(until);
    }

    fn wait(&mut self, until: Uptime) {
        let by_us = until.0.saturating_sub(self.now.up.0);
        self.now =
            Now { up: Uptime(self.now.up.0 + by_us), wall: Timestamp(self.now.wall.0 + by_us.div_ceil(1_000) as i64) };
    }

    fn act(&mut self, act: impl FnOnce(&mut Calls, Now, &mut Orders)) {
        let mut orders = Orders::new();
        act(&mut self.calls, self.now, &mut orders);
        let mut orders = VecDeque::from(orders);
        while let Some(order) = orders.pop_front() {
            let mut more = Orders::new();
            match order {
                Order::Sip(sip::Order::Ring { leg, .. }) => {
                    self.live.insert(leg);
                    self.rung.push(leg);
                }
                Order::Sip(sip::Order::End { leg } | sip::Order::Refuse { leg, .. }) if self.live.remove(&leg) => {
                    self.calls.told(self.now, Report::Ended { leg, end: End::Ours }, &mut more);
                }
                Order::Sound(sound::Order::Open { leg, .. }) => drop(self.open.insert(leg)),
                Order::Sound(sound::Order::Close { leg }) if self.open.remove(&leg) => {
                    let closed = sound::Report::Closed { leg, figures: Figures::default() };
                    self.calls.heard(self.now, closed, &mut more);
                }
                Order::Remember(Fact::CallEnded(record)) => self.records.push(*record),
                Order::Fell { call_id } => self.fell.push(call_id),
                _ => {}
            }
            orders.extend(more);
        }
    }
}

/// 801 calls 802, they talk, hold and hang up; `None` once so many steps are more than there are.
fn falls_at(step: u32, when: When) -> Option<Rig> {
    let mut rig = Rig::new();
    rig.invites(LegId(1), 803, 804);
    rig.answers(LegId(1));
    rig.pass(2);
    assert!(rig.records.is_empty() && rig.fell.is_empty());
    rig.rung.clear();
    STUMBLE.set(Some((step, when)));
    rig.invites(LegId(3), 801, 802);
    rig.answers(LegId(3));
    rig.told_live(LegId(3), Report::Changed { leg: LegId(3), offer: Some(session()) });
    rig.told_live(LegId(3), Report::Digit { leg: LegId(3), digit: '5', ms: 100 });
    rig.hangs_up(LegId(3));
    rig.pass(1);
    let fell = STUMBLE.take().is_none();
    rig.pass(60);
    fell.then_some(rig)
}

/// CDR-50: a step that fails ends its call and no other: its legs and its sound are let go, its record says why, and who
/// was in it is idle again.
#[test]
fn a_step_that_fails_ends_its_call_alone() {
    let mut seen = 0;
    for when in [When::Before, When::After] {
        let all = (0..).map_while(|step| falls_at(step, when)).enumerate();
        for (step, mut rig) in all {
            seen += 1;
            assert_eq!(rig.fell.len(), 1, "step {step}");
            let fallen = rig.fell[0].clone();
            assert!(rig.records.len() <= 1 && rig.calls.calls.len() == 1, "step {step}: {:?}", rig.records);
            for record in &rig.records {
                let ended =
                    record.sip_code == "L500" || record.call_id != fallen || record.hangup_by == HangupBy::Caller;
                assert!(ended && record.ended_at.is_some(), "step {step}: {record:?}");
            }
            assert!(fallen.is_empty() || rig.records.iter().any(|record| record.call_id == fallen), "step {step}");
            let others = BTreeSet::from([LegId(1), LegId(2)]);
            assert_eq!((&rig.live, &rig.open), (&others, &others), "step {step}");
            assert_eq!(rig.calls.legs.keys().copied().collect::<BTreeSet<_>>(), others, "step {step}");
            for agent in ["801", "802"] {
                assert_eq!(rig.calls.office.floor.agent(agent).unwrap().standing(), AgentState::Idle, "step {step}");
            }
            rig.records.clear();
            rig.hangs_up(LegId(1));
            rig.pass(5);
            assert_eq!(rig.records.len(), 1, "the other call goes on to its own end");
            assert_eq!((&*rig.records[0].sip_code, rig.records[0].hangup_by), ("200", HangupBy::Caller));
            assert!(rig.calls.calls.is_empty() && rig.live.is_empty() && rig.open.is_empty());
        }
    }
    assert!(seen > 20, "only {seen} steps");
}
