//! Plays a story straight at the calls: reports of legs go in, orders come out, no message is written.

use super::{
    act::{self, Act, Event, Offer, Outside},
    ears::Ears,
    office::{self, Warned},
    phone::{self, Phone},
    rows,
    story::{Stage, Story},
    work::Stood,
};
use callbox::{
    audio,
    call::{
        Calls, Order,
        command::{Actor, Command, ReplyId},
        match_plugin::QuestionId,
    },
    chance::Seed,
    history::fact::{Emergency, Fact, GroupTurn, LastTalk, UsedToday},
    schema::tenant::Tenant,
    sdp::{Codec, Direction, LegId, Session},
    sip::{
        self,
        order::{Alert, Binding, BindingId, End, LampId, ReferId, Report, Shown, TrunkId},
        wire::Peer,
    },
    time::{Now, Timestamp, Uptime},
    view::{Change, RecordingNow},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// The moment at which every story begins.
const BEGIN: i64 = 1_795_000_000_000;

pub struct Direct {
    calls: Calls,
    given: Vec<String>,
    tenant: Tenant,
    now_ms: u64,
    /// How far the time of day was set.
    set_ms: i64,
    phones: BTreeMap<String, Phone>,
    bindings: BTreeMap<String, Binding>,
    lines: BTreeMap<LegId, Line>,
    lamps: BTreeMap<LampId, (String, String)>,
    refers: BTreeMap<ReferId, String>,
    ears: Ears,
    stood: Stood,
    used: Option<UsedToday>,
    talks: Vec<LastTalk>,
    turns: Vec<GroupTurn>,
    warned: Warned,
    /// Calls for help, and the alarm that was told last.
    help: Vec<Emergency>,
    alarm: String,
    /// What the service of a menu was asked last.
    question: Option<QuestionId>,
    follows: Vec<String>,
    rows: BTreeMap<String, callbox::view::CallRow>,
    next: u64,
}

/// One call at a phone.
struct Line {
    phone: String,
    /// The number at the other end, as the phone knows it.
    number: String,
    state: State,
    /// The phone called.
    called: bool,
    /// The offer that waits for an answer of the phone.
    offer: Option<Session>,
    since: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Calling,
    Ringing,
    Up,
}

impl Direct {
    pub fn new(story: &Story) -> Direct {
        let tenant = office::tenant(&story.given);
        let mut stage = Direct {
            calls: Calls::new(Arc::new(tenant.clone()), &[], Seed::from(1)),
            given: story.given.clone(),
            tenant,
            now_ms: 0,
            set_ms: 0,
            phones: BTreeMap::new(),
            bindings: BTreeMap::new(),
            lines: BTreeMap::new(),
            lamps: BTreeMap::new(),
            refers: BTreeMap::new(),
            ears: Ears::new(&story.given),
            stood: Stood::default(),
            used: None,
            talks: Vec::new(),
            turns: Vec::new(),
            warned: Warned::default(),
            help: Vec::new(),
            alarm: String::new(),
            question: None,
            follows: Vec::new(),
            rows: BTreeMap::new(),
            next: 1,
        };
        stage.start(office::slots(&story.given));
        for phone in phone::phones(&story.given) {
            let name = phone.name.clone();
            let registers = phone.outside.is_none();
            stage.phones.insert(name.clone(), phone);
            if registers {
                stage.register(&name);
            }
        }
        stage.follows.clear();
        stage
    }

    fn start(&mut self, slots: u16) {
        let tenant = Arc::new(self.tenant.clone());
        self.with(|calls, now, orders| calls.tenant(now, tenant, orders));
        let stock = self.ears.stock(slots);
        self.with(|calls, now, orders| calls.heard(now, stock, orders));
    }

    fn given(&mut self, line: String) {
        self.given.push(line);
        self.tenant = office::tenant(&self.given);
    }

    fn now(&self) -> Now {
        Now { up: Uptime(self.now_ms * 1000), wall: Timestamp(BEGIN + self.set_ms + self.now_ms as i64) }
    }

    /// Lets something happen, and everything that follows from it at once.
    fn with(&mut self, act: impl FnOnce(&mut Calls, Now, &mut Vec<Order>)) {
        let now = self.now();
        let mut orders = Vec::new();
        act(&mut self.calls, now, &mut orders);
        let mut orders = VecDeque::from(orders);
        while let Some(order) = orders.pop_front() {
            let mut more = Vec::new();
            match order {
                Order::Sip(order) => {
                    for report in self.obey(order) {
                        self.calls.told(now, report, &mut more);
                    }
                }
                Order::Sound(order) => {
                    for report in self.ears.order(self.now_ms, order) {
                        self.calls.heard(now, report, &mut more);
                    }
                }
                Order::Reply(_, answer) => self.follows.push(match answer {
                    Ok(_) => "done".into(),
                    Err(not) => format!("not done: {not:?}"),
                }),
                Order::Remember(fact) => self.remember(fact),
                Order::Show(change) => self.show(change),
                Order::Fell { call_id } => panic!("call {call_id:?} fell"),
                Order::AskPlugin(question) => {
                    self.follows.push(office::asked(&question));
                    self.question = Some(question.id);
                }
                Order::KeepPrompt(prompt) => {
                    self.follows.push(format!("\"{}\" of {} s is kept", prompt.name, prompt.seconds));
                    self.calls.prompt_kept(now, prompt.recording, true, &mut more);
                }
            }
            orders.extend(more);
        }
    }

    fn tell(&mut self, report: Report) {
        self.with(|calls, now, orders| calls.told(now, report, orders));
    }

    /// What a phone does at once when an order reaches it.
    fn obey(&mut self, order: sip::order::Order) -> Vec<Report> {
        use sip::order::Order as O;
        match order {
            O::Ring { leg, binding, from, alert, offer } => {
                let reports = self.ring(leg, binding, from, offer);
                if alert == Alert::Answered && self.lines.contains_key(&leg) {
                    self.say(leg, "is to answer");
                }
                reports
            }
            O::Dial { leg, trunk, number, from, offer, .. } => self.dial(leg, trunk, &number, from, offer),
            O::Progress { leg, code, early } => {
                let sound = if early.is_some() { " with sound" } else { "" };
                assert!(code == 180 || early.is_some());
                self.say(leg, &format!("hears ringing{sound}"));
                vec![]
            }
            O::Answer { leg, session } => {
                let line = self.lines.get_mut(&leg).expect("an answer goes to a line");
                assert!(line.called && line.state != State::Up, "answered twice");
                line.state = State::Up;
                let phone = &self.phones[&line.phone];
                let answer = line.offer.is_none().then(|| phone.answer(&session, 4000, Direction::SendRecv, None));
                self.say(leg, "is answered");
                vec![Report::Confirmed { leg, session: answer.map(|answer| answer.expect("the phone can")) }]
            }
            O::Refuse { leg, code, retry_after } => {
                let later = retry_after.map_or("", |after| {
                    assert!((5..=30).contains(&after));
                    " for now"
                });
                self.say(leg, &format!("is refused {code}{later}"));
                self.lines.remove(&leg);
                vec![Report::Ended { leg, end: End::Ours }]
            }
            O::End { leg } => {
                let line = self.lines.get(&leg).expect("an end goes to a line");
                let what = match (line.state, line.called) {
                    (State::Up, _) => "is hung up",
                    (_, true) => "is refused 480",
                    (_, false) => "stops",
                };
                self.say(leg, what);
                self.lines.remove(&leg);
                vec![Report::Ended { leg, end: End::Ours }]
            }
            O::Reoffer { leg, session } => {
                let phone = &self.phones[&self.lines[&leg].phone];
                let answer = phone.answer(&session, 4000, Direction::SendRecv, None);
                self.say(leg, "is asked again");
                match answer {
                    Some(session) => vec![Report::ChangeAnswered { leg, session }],
                    None => vec![Report::ChangeRefused { leg, code: 488 }],
                }
            }
            O::AcceptChange { leg, session } => {
                let line = self.lines.get_mut(&leg).expect("a change has a line");
                if line.offer.is_some() {
                    return vec![];
                }
                let answer = self.phones[&line.phone].answer(&session, 4000, Direction::SendRecv, None);
                vec![Report::ChangeAnswered { leg, session: answer.expect("the phone can") }]
            }
            O::RefuseChange { leg, code } => {
                self.say(leg, &format!("is refused {code}"));
                vec![]
            }
            O::Digit { leg, digit, .. } => {
                self.say(leg, &format!("is told key {digit}"));
                vec![]
            }
            O::ReferResult { refer, code } => {
                let phone = self.refers[&refer].clone();
                self.follows.push(format!("{phone} is told {code}"));
                vec![]
            }
            O::Lamp { lamp, state } => {
                let (phone, watched) = &self.lamps[&lamp];
                self.follows.push(format!("{phone} sees {watched} {}", office::lamp(&state)));
                vec![]
            }
            O::RefuseLamp { lamp } => {
                let (phone, watched) = &self.lamps[&lamp];
                self.follows.push(format!("{phone} cannot watch {watched}"));
                vec![]
            }
        }
    }

    /// A carrier that cannot reach the number has no way to it.
    fn dial(&mut self, leg: LegId, trunk: TrunkId, number: &str, from: Shown, offer: Session) -> Vec<Report> {
        let over = rows::name("trunk", trunk.0, &self.given);
        let there = |phone: &&Phone| {
            phone.outside.as_ref().is_some_and(|way| phone.agent == number && (way.is_empty() || *way == over))
        };
        match self.phones.values().find(there).cloned() {
            Some(phone) => self.ring_phone(leg, &phone, from, offer),
            None => vec![Report::Ended { leg, end: End::Refused { code: 503, retry_after: None } }],
        }
    }

    fn ring(&mut self, leg: LegId, binding: BindingId, from: Shown, offer: Session) -> Vec<Report> {
        let (name, _) = self.bindings.iter().find(|(_, known)| known.id == binding).expect("a known device is rung");
        let phone = self.phones[name].clone();
        self.ring_phone(leg, &phone, from, offer)
    }

    fn ring_phone(&mut self, leg: LegId, phone: &Phone, from: Shown, offer: Session) -> Vec<Report> {
        if phone.answer(&offer, 4000, Direction::SendRecv, None).is_none() {
            self.follows.push(format!("{} cannot", phone.name));
            return vec![Report::Ended { leg, end: End::Refused { code: 488, retry_after: None } }];
        }
        let line = Line {
            phone: phone.name.clone(),
            number: from.number.clone(),
            state: State::Ringing,
            called: false,
            offer: Some(offer),
            since: self.next,
        };
        self.next += 1;
        self.lines.insert(leg, line);
        if phone.quiet {
            return vec![];
        }
        self.say(leg, &phone::rings(&from.number, &from.name));
        vec![Report::Ringing { leg, code: 180, early: None }]
    }

    fn say(&mut self, leg: LegId, what: &str) {
        let phone = &self.lines[&leg].phone;
        self.follows.push(format!("{phone} {what}"));
    }

    fn remember(&mut self, fact: Fact) {
        match fact {
            Fact::GroupTurn(turn) => {
                self.turns.retain(|other| other.group != turn.group);
                self.turns.push(turn);
            }
            Fact::CallEnded(record) => {
                self.talks.extend(office::talk(&record));
                self.follows.push(office::record(&record, &self.given));
            }
            Fact::AgentEvent(event) => self.follows.push(self.stood.take(event)),
            Fact::CallTold(story) => self.follows.extend(office::told(&story, &self.given)),
            Fact::Recorded { call_id, recording } => self.follows.push(office::recorded(&call_id, &recording)),
            Fact::Used(used) => office::used(&mut self.used, *used),
            Fact::Clock(_) => {}
            Fact::Emergency(call) => office::called_for_help(&mut self.help, *call),
            Fact::CallOpen(_) | Fact::Alive(_) | Fact::Registered(_) | Fact::Unregistered { .. } => {}
            Fact::TrunkTurn(_) | Fact::TrunkRealm { .. } | Fact::TrunkGone { .. } => panic!("trunks are of SIP"),
        }
    }

    fn show(&mut self, change: Change) {
        if let Change::Agent { row: Some(row), .. } = &change {
            self.follows.extend(self.warned.news(row));
        }
        if let Change::Alarm { alarm, row } = &change {
            self.alarm.clone_from(alarm);
            self.follows.extend(office::alarm(alarm, row.as_deref(), &self.given));
        }
        if let Change::Call { call_id, row } = change {
            match row {
                Some(row) => self.rows.insert(call_id, Arc::unwrap_or_clone(row)),
                None => self.rows.remove(&call_id),
            };
        }
    }

    fn register(&mut self, name: &str) {
        let phone = &self.phones[name];
        self.next += 1;
        let binding = Binding {
            id: self.bindings.get(name).map_or(BindingId(self.next), |known| known.id),
            user: phone.agent.clone(),
            contact: format!("sip:{}@{}:5060", phone.agent, phone.address()),
            instance: None,
            path: vec![],
            peer: Peer {
                transport: phone.transport,
                local: "192.0.2.200:5060".parse().unwrap(),
                remote: format!("{}:5060", phone.address()).parse().unwrap(),
                connection: None,
            },
            user_agent: "story".into(),
            call_id: name.into(),
            cseq: 1,
            registered_at: self.now().wall,
            expires_at: Timestamp(self.now().wall.0 + 300_000),
            reachable: true,
        };
        self.bindings.insert(name.to_string(), binding.clone());
        self.tell(Report::Registered { binding, fresh: true });
    }

    fn line(&self, phone: &str, on: Option<&str>, fits: impl Fn(&Line) -> bool) -> LegId {
        let mine = self.lines.iter().filter(|(_, line)| line.phone == phone && fits(line));
        let mine = mine.filter(|(_, line)| on.is_none_or(|number| line.number == number));
        mine.max_by_key(|(_, line)| line.since)
            .map(|(leg, _)| *leg)
            .unwrap_or_else(|| panic!("{phone} has no such line"))
    }

    fn phone_acts(&mut self, name: &str, act: Act) {
        let phone = self.phones.get(name).unwrap_or_else(|| panic!("no phone {name}")).clone();
        let ringing = |line: &Line| line.state == State::Ringing && !line.called;
        let up = |line: &Line| line.state == State::Up;
        match act {
            Act::Registers => self.register(name),
            Act::Unregisters => {
                let binding = self.bindings.remove(name).expect("it is registered");
                self.tell(Report::Unregistered { binding });
            }
            Act::Vanishes | Act::Returns => {
                let id = self.bindings[name].id;
                self.tell(Report::Reachable { id, reachable: act == Act::Returns });
            }
            Act::Calls { number, offer } => self.call(&phone, number, offer, None),
            Act::TakesOver(other) => {
                let replaced = self.line(&other, None, |_| true);
                self.call(&phone, other[..3].to_string(), Offer::Usual, Some(replaced));
            }
            Act::Rings { sound } => {
                let leg = self.line(name, None, ringing);
                let offer = self.lines[&leg].offer.clone().expect("it was offered");
                let early = sound.then(|| phone.answer(&offer, 4000, Direction::SendRecv, None).expect("it can"));
                self.say(leg, "rings");
                self.tell(Report::Ringing { leg, code: if sound { 183 } else { 180 }, early });
            }
            Act::Answers { speaking } => {
                let leg = self.line(name, None, ringing);
                self.lines.get_mut(&leg).unwrap().state = State::Up;
                let offer = self.lines[&leg].offer.clone().expect("it was offered");
                let session = phone.answer(&offer, 4000, Direction::SendRecv, speaking).expect("it can");
                self.tell(Report::Answered { leg, session });
            }
            Act::Refuses(code) => {
                let leg = self.line(name, None, ringing);
                self.lines.remove(&leg);
                self.tell(Report::Ended { leg, end: End::Refused { code, retry_after: None } });
            }
            Act::HangsUp { on } => {
                let leg = self.line(name, on.as_deref(), |_| true);
                let line = self.lines.remove(&leg).unwrap();
                let end = match (line.state, line.called) {
                    (State::Up, _) => End::Bye,
                    (_, true) => End::Cancelled,
                    (_, false) => End::Refused { code: 603, retry_after: None },
                };
                self.tell(Report::Ended { leg, end });
            }
            Act::LosesLine => {
                let leg = self.line(name, None, up);
                self.lines.remove(&leg);
                self.tell(Report::Ended { leg, end: End::TimedOut });
            }
            Act::Holds { on } => self.change(&phone, on.as_deref(), Direction::SendOnly, None),
            Act::Resumes { on } => self.change(&phone, on.as_deref(), Direction::SendRecv, None),
            Act::AsksAgain { speaking: Some(codec) } => {
                self.change(&phone, None, Direction::SendRecv, Some(codec));
            }
            Act::AsksAgain { speaking: None } => {
                let leg = self.line(name, None, up);
                self.lines.get_mut(&leg).unwrap().offer = None;
                self.tell(Report::Changed { leg, offer: None });
            }
            Act::Presses(digit) => {
                let leg = self.line(name, None, up);
                self.tell(Report::Digit { leg, digit, ms: 160 });
            }
            Act::Dials(digit) => {
                let leg = self.line(name, None, up);
                let report = audio::order::Report::Digit { leg, digit, ms: 160 };
                self.with(|calls, now, orders| calls.heard(now, report, orders));
            }
            Act::Sounds(sounds) => {
                let leg = self.line(name, None, up);
                let report = self.ears.figures(leg, sounds);
                self.with(|calls, now, orders| calls.heard(now, report, orders));
            }
            Act::Transfers { whom, to } => {
                let leg = self.line(name, Some(&whom), up);
                self.refer(name, leg, to, None);
            }
            Act::Joins { whom, with } => {
                let leg = self.line(name, Some(&whom), up);
                let other = self.line(name, Some(&with), |_| true);
                self.refer(name, leg, with, Some(other));
            }
            Act::Watches(watched) => {
                let lamp = LampId(self.next);
                self.next += 1;
                self.lamps.insert(lamp, (name.to_string(), watched.clone()));
                self.tell(Report::Watching { lamp, user: phone.agent.clone(), watched });
            }
            Act::Listens => {
                let leg = self.line(name, None, |_| true);
                self.with(|calls, now, orders| calls.heard(now, audio::order::Report::Played { leg }, orders));
            }
        }
    }

    fn call(&mut self, phone: &Phone, number: String, offer: Offer, replaces: Option<LegId>) {
        let leg = LegId(self.next * 2 + 1);
        self.next += 1;
        let usual = phone.offer(4000, Direction::SendRecv, None);
        let offer = match offer {
            Offer::Usual => Some(usual),
            Offer::None => None,
            Offer::Video => Some(phone::with_video(usual)),
            Offer::Strange => Some(Session { codecs: vec![], ..usual }),
        };
        let line = Line {
            phone: phone.name.clone(),
            number: number.clone(),
            state: State::Calling,
            called: true,
            offer: offer.clone(),
            since: self.next,
        };
        self.lines.insert(leg, line);
        let binding = self.bindings.get(&phone.name);
        let peer = Peer {
            transport: phone.transport,
            local: "192.0.2.200:5060".parse().unwrap(),
            remote: format!("{}:5060", phone.address()).parse().unwrap(),
            connection: None,
        };
        if phone.outside.is_some() {
            let caller = Shown { number: phone.agent.clone(), name: String::new() };
            let (asked, trunk) = (number.clone(), TrunkId(1));
            let (withheld, max_forwards) = (false, 70);
            return self.tell(Report::CameIn {
                leg,
                trunk,
                asked,
                number,
                caller,
                withheld,
                max_forwards,
                full: false,
                offer,
                peer,
            });
        }
        let binding = binding.map(|binding| binding.id);
        self.tell(Report::Invited { leg, user: phone.agent.clone(), binding, dialed: number, offer, replaces, peer });
    }

    fn change(&mut self, phone: &Phone, on: Option<&str>, direction: Direction, speaking: Option<Codec>) {
        let leg = self.line(&phone.name, on, |line| line.state == State::Up);
        let mut offer = phone.offer(4000, direction, speaking);
        if let Some(codec) = speaking {
            offer.codecs.retain(|choice| choice.codec == codec);
        }
        self.lines.get_mut(&leg).unwrap().offer = Some(offer.clone());
        self.tell(Report::Changed { leg, offer: Some(offer) });
    }

    fn refer(&mut self, phone: &str, leg: LegId, target: String, replaces: Option<LegId>) {
        let refer = ReferId(self.next);
        self.next += 1;
        self.refers.insert(refer, phone.to_string());
        self.follows.push(format!("{phone} is told 100"));
        self.tell(Report::Referred { leg, refer, target, replaces });
    }

    fn box_acts(&mut self, outside: Outside) {
        let ask = |command| {
            move |calls: &mut Calls, now, orders: &mut Vec<Order>| {
                calls.ask(now, Actor::System, command, ReplyId(1), orders);
            }
        };
        match outside {
            Outside::HangsUp { phone, by } => {
                let row = self.rows.values().find(|row| row.sides.iter().any(|side| side.number == phone));
                let call_id = row.expect("it is in a call").call_id.clone();
                let command = Command::HangUp { call_id };
                self.with(|calls, now, orders| calls.ask(now, by, command, ReplyId(1), orders));
            }
            Outside::HangsUpNothing => self.with(ask(Command::HangUp { call_id: "none".into() })),
            Outside::Clicks { number, agent, campaign } => {
                let campaign = campaign.map(|name| rows::id("campaign", &name, &self.given));
                self.with(ask(office::clicked(number, agent, campaign)))
            }
            Outside::Tests { trunk, number } => {
                let trunk = rows::id("trunk", &trunk, &self.given).0;
                self.with(ask(Command::TestCall { trunk, number }));
            }
            Outside::Supervises { phone, agent, how } => {
                self.with(ask(Command::Supervise { agent_number: agent, phone, how }));
            }
            Outside::Page { by, opens } => {
                self.with(|calls, now, orders| calls.ask(now, by, Command::Page { opens }, ReplyId(1), orders));
            }
            Outside::Drains => self.with(ask(Command::Drain)),
            Outside::Stops => self.with(ask(Command::Stop)),
            Outside::Disables(agent) => {
                self.given(format!("{agent} disabled"));
                self.new_tenant();
            }
            Outside::Sets(field, value) => {
                self.given(format!("set {field} {value}"));
                self.new_tenant();
            }
            Outside::ClockSet(by) => {
                self.set_ms += by * 1000;
                self.with(|calls, now, orders| calls.clock_set(now, by * 1000, orders));
            }
            Outside::Silences(trunk) | Outside::Speaks(trunk) => panic!("{trunk} is heard in SIP alone"),
            Outside::Restarts => self.restart(),
            Outside::DiskWrites => {
                for report in self.ears.written() {
                    self.with(|calls, now, orders| calls.heard(now, report, orders));
                }
            }
            Outside::Records(phone, wish) => {
                let row = self.rows.values().find(|row| row.sides.iter().any(|side| side.number == phone));
                let call_id = row.expect("it is in a call").call_id.clone();
                self.with(ask(Command::Record { call_id, wish }));
            }
            Outside::ServiceSays { destination, media } => {
                let question = self.question.expect("a service was asked");
                let answer = rows::answer(destination, media, &self.given);
                self.with(|calls, now, orders| calls.plugin_answered(now, question, answer, orders));
            }
            Outside::Confirms(by) => self.with(ask(Command::Confirm { alarm: self.alarm.clone(), by })),
            Outside::Releases => self.with(ask(Command::Release { alarm: self.alarm.clone() })),
            Outside::Behind => self.calls.waited(Duration::from_millis(300), self.now().up),
            Outside::Late(late_us_mean) => self.with(|calls, now, orders| {
                calls.heard(now, audio::order::Report::Load { deck: 0, late_us_mean }, orders);
            }),
        }
    }

    fn new_tenant(&mut self) {
        let tenant = Arc::new(self.tenant.clone());
        self.with(|calls, now, orders| calls.tenant(now, tenant, orders));
    }

    /// Registrations and do-not-disturb outlive a restart; calls do not.
    fn restart(&mut self) {
        let Stood { dnd, signed_in, paused } = self.stood.clone();
        self.calls = Calls::new(Arc::new(self.tenant.clone()), &dnd, Seed::from(2));
        self.calls.restore_work(signed_in, paused);
        self.calls.restore(self.talks.clone(), self.turns.clone());
        self.used.clone().into_iter().for_each(|used| self.calls.restore_used(used));
        self.calls.restore_help(&self.help);
        self.ears = Ears::new(&self.given);
        self.lines.clear();
        self.lamps.clear();
        self.rows.clear();
        self.start(100);
        for binding in self.bindings.clone().into_values() {
            self.tell(Report::Registered { binding, fresh: false });
        }
    }
}

impl Stage for Direct {
    fn pass(&mut self, until_ms: u64) {
        while let Some(due) = self.calls.deadline().filter(|due| due.0 <= until_ms * 1000) {
            let due_ms = due.0.div_ceil(1000);
            assert!(due_ms >= self.now_ms, "a deadline lies in the past");
            self.now_ms = due_ms;
            self.with(|calls, now, orders| calls.tick(now, orders));
            assert!(self.calls.deadline() != Some(due), "a deadline stays when its time has come");
        }
        assert!(until_ms >= self.now_ms, "a story goes forward");
        self.now_ms = until_ms;
    }

    fn act(&mut self, event: &str) {
        match act::read(event) {
            Event::Phone(name, act) => self.phone_acts(&name, act),
            Event::Box(outside) => self.box_acts(outside),
        }
    }

    fn follows(&mut self) -> Vec<String> {
        let lines = &self.lines;
        let name = |leg: LegId| lines.get(&leg).map_or("somebody".to_string(), |line| line.phone.clone());
        let mut follows = std::mem::take(&mut self.follows);
        follows.extend(self.ears.changes(name));
        follows
    }

    fn check(&self) {
        for leg in self.ears.legs() {
            assert!(self.lines.contains_key(&leg), "the slot of {leg:?} outlives its line");
        }
        // CDR-10: a page shows which calls are recorded now.
        let recorded =
            self.rows.values().filter(|row| row.recording.is_some_and(|now| now != RecordingNow::Off)).count();
        assert_eq!(recorded, self.ears.recordings());
        for row in self.rows.values() {
            assert!(row.sides.len() <= 2 && row.answered_at.is_none_or(|at| at >= row.started_at));
        }
    }

    fn end(&mut self) {
        self.check();
    }
}
