//! Plays a story through the one door: phones write SIP messages, and every action of the exchange is done.

use super::{
    act::{self, Act, Event, Offer, Outside},
    carrier::{self, Carriers},
    ears::Ears,
    office,
    phone::{self, with_video},
    rows,
    story::{Stage, Story},
    work::Stood,
};
use crate::{
    phone::{Line, State, Ua},
    replay::Flight,
};
use bytes::Bytes;
use callbox::{
    audio,
    call::{
        command::{Actor, Command, ReplyId},
        match_plugin::QuestionId,
    },
    chance::Seed,
    exchange::{Action, Actions, Event as Told, Exchange, wire},
    history::fact::{Emergency, Fact, FactNumber, GroupTurn, LastTalk, Outlived, Registration, UsedToday},
    schema::tenant::Tenant,
    sdp::{Direction, LegId},
    sip::{self, message::Message},
    time::{Now, Timestamp, Uptime},
    view::Change,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

const BEGIN: i64 = 1_795_000_000_000;

pub struct Wired {
    /// The box waits for no answers any more.
    in_haste: bool,
    exchange: Exchange,
    flight: Flight,
    given: Vec<String>,
    tenant: Tenant,
    now_us: u64,
    /// How far the time of day was set.
    set_ms: i64,
    phones: BTreeMap<String, Ua>,
    carriers: Carriers,
    ears: Ears,
    registrations: BTreeMap<u64, Registration>,
    stood: Stood,
    used: Option<UsedToday>,
    realms: Vec<(u64, String)>,
    talks: Vec<LastTalk>,
    turns: Vec<GroupTurn>,
    last_fact: u64,
    rows: BTreeMap<String, callbox::view::CallRow>,
    warned: office::Warned,
    /// Calls for help, and the alarm that was told last.
    help: Vec<Emergency>,
    alarm: String,
    /// What the service of a menu was asked last.
    question: Option<QuestionId>,
    follows: Vec<String>,
    to_do: VecDeque<Told>,
}

impl Wired {
    pub fn new(story: &Story) -> Wired {
        let tenant = office::tenant(&story.given);
        let mut stage = Wired {
            in_haste: false,
            exchange: exchange(&tenant, Outlived::default()),
            flight: Flight::every(9),
            given: story.given.clone(),
            carriers: Carriers::of(&tenant),
            tenant,
            now_us: 0,
            set_ms: 0,
            phones: BTreeMap::new(),
            ears: Ears::new(&story.given),
            registrations: BTreeMap::new(),
            stood: Stood::default(),
            used: None,
            realms: Vec::new(),
            talks: Vec::new(),
            turns: Vec::new(),
            last_fact: 0,
            rows: BTreeMap::new(),
            warned: office::Warned::default(),
            help: Vec::new(),
            alarm: String::new(),
            question: None,
            follows: Vec::new(),
            to_do: VecDeque::new(),
        };
        stage.start(office::slots(&story.given));
        for (number, phone) in phone::phones(&story.given).into_iter().enumerate() {
            if let Some(trunk) = &phone.outside {
                let ua = Ua::outside(phone.clone(), carrier::peer(stage.carriers.address(trunk)));
                stage.phones.insert(ua.phone.name.clone(), ua);
                continue;
            }
            let password = office::password(&phone.agent);
            let mut ua = Ua::new(phone, password, number as u64 + 1);
            ua.at(0).register();
            stage.phones.insert(ua.phone.name.clone(), ua);
            stage.settle();
        }
        let known = |ua: &Ua| ua.registered || ua.phone.outside.is_some();
        assert!(stage.phones.values().all(known), "every phone registers");
        stage.follows.clear();
        stage
    }

    fn start(&mut self, slots: u16) {
        let addresses = wire::Report::Addresses(vec!["192.0.2.200".parse().unwrap()]);
        self.tell(Told::Wire { came: Uptime(self.now_us), report: addresses });
        let stock = self.ears.stock(slots);
        self.tell(Told::Sound(stock));
    }

    fn given(&mut self, line: String) {
        self.given.push(line);
        let revision = self.tenant.revision + 1;
        self.tenant = office::tenant(&self.given);
        self.tenant.revision = revision;
    }

    fn now(&self) -> Now {
        Now { up: Uptime(self.now_us), wall: Timestamp(BEGIN + self.set_ms + self.now_us as i64 / 1000) }
    }

    fn tell(&mut self, event: Told) {
        self.to_do.push_back(event);
        self.settle();
    }

    /// Carries messages until nobody has anything more to say.
    fn settle(&mut self) {
        loop {
            for ua in self.phones.values_mut() {
                let peer = ua.peer;
                for bytes in ua.take_out() {
                    if self.carriers.is_silent(peer.remote) {
                        continue;
                    }
                    trace(self.now_us, &ua.phone.name, ">", &bytes);
                    let report = wire::Report::Message { peer, bytes };
                    self.to_do.push_back(Told::Wire { came: Uptime(self.now_us), report });
                }
                self.follows.append(&mut ua.news);
            }
            let Some(event) = self.to_do.pop_front() else { return };
            let mut actions = Actions::default();
            let now = self.now();
            self.flight.handle(&mut self.exchange, now, event, &mut actions);
            let last = self.last_fact;
            for action in actions.drain() {
                self.act_on(action);
            }
            if self.last_fact > last {
                self.to_do.push_back(Told::Stored(FactNumber(self.last_fact)));
            }
        }
    }

    fn act_on(&mut self, action: Action) {
        match action {
            Action::Wire(wire::Order::Send { peer, bytes }) => {
                trace(self.now_us, &peer.remote.to_string(), "<", &bytes);
                self.deliver(peer, bytes);
            }
            Action::Wire(wire::Order::Ban { address, .. }) => panic!("{address} was banned"),
            Action::Wire(wire::Order::Lift { address }) => panic!("{address} was banned before"),
            Action::Wire(wire::Order::Resolve { name }) => panic!("nobody set the name {name}"),
            Action::Wire(wire::Order::Services { name }) => panic!("no trunk is called {name}"),
            Action::Wire(wire::Order::Connect { way, remote, .. }) => {
                assert!(self.carriers.has(remote), "no trunk is at {remote}");
                let report = wire::Report::Connected { way, peer: carrier::peer(remote) };
                self.to_do.push_back(Told::Wire { came: Uptime(self.now_us), report });
            }
            Action::Wire(wire::Order::Close { .. } | wire::Order::Trust { .. } | wire::Order::Distrust { .. }) => {}
            Action::Sound(order) => {
                for report in self.ears.order(self.now_us / 1_000, order) {
                    self.to_do.push_back(Told::Sound(report));
                }
            }
            Action::Reply(_, answer) => self.follows.push(match answer {
                Ok(_) => "done".into(),
                Err(not) => format!("not done: {not:?}"),
            }),
            Action::Remember(number, fact) => self.remember(number, fact),
            Action::Show(Change::Call { call_id, row }) => {
                match row {
                    Some(row) => self.rows.insert(call_id, Arc::unwrap_or_clone(row)),
                    None => self.rows.remove(&call_id),
                };
            }
            Action::Fell { call_id } => panic!("call {call_id:?} fell"),
            Action::AskPlugin(question) => {
                self.follows.push(office::asked(&question));
                self.question = Some(question.id);
            }
            Action::KeepPrompt(prompt) => {
                self.follows.push(format!("\"{}\" of {} s is kept", prompt.name, prompt.seconds));
                self.to_do.push_back(Told::PromptKept { recording: prompt.recording, kept: true });
            }
            Action::Show(Change::Agent { row: Some(row), .. }) => self.follows.extend(self.warned.news(&row)),
            Action::Show(Change::Alarm { alarm, row }) => {
                self.alarm.clone_from(&alarm);
                self.follows.extend(office::alarm(&alarm, row.as_deref(), &self.given));
            }
            Action::Show(Change::Agent { row: None, .. } | Change::Trunk { .. } | Change::Box(_)) => {}
        }
    }

    /// To the phone at this address, or to whomever a carrier brings it.
    fn deliver(&mut self, peer: wire::Peer, bytes: Bytes) {
        let now = self.now_us / 1000;
        if !self.carriers.has(peer.remote) {
            let to = self.phones.values_mut().find(|ua| ua.peer.remote == peer.remote);
            return to.expect("the box writes to phones and carriers alone").at(now).take(bytes);
        }
        if self.carriers.is_silent(peer.remote) {
            return;
        }
        let message = Message::parse(bytes.clone()).expect("the box writes SIP");
        if let Some(phone) = self.carriers.whom(peer.remote, &message, self.phones.values()) {
            return self.phones.get_mut(&phone).expect("a phone").at(now).take(bytes);
        }
        if let Some(bytes) = message.code().is_none().then(|| self.carriers.answer(&message)).flatten() {
            let report = wire::Report::Message { peer: carrier::peer(peer.remote), bytes };
            self.to_do.push_back(Told::Wire { came: Uptime(self.now_us), report });
        }
    }

    fn remember(&mut self, number: FactNumber, fact: Fact) {
        assert_eq!(number.0, self.last_fact + 1, "facts are numbered without a gap");
        self.last_fact = number.0;
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
            Fact::Registered(known) => {
                self.registrations.insert(known.id, *known);
            }
            Fact::Unregistered { id } => {
                self.registrations.remove(&id);
            }
            Fact::Recorded { call_id, recording } => self.follows.push(office::recorded(&call_id, &recording)),
            Fact::TrunkRealm { trunk, realm } => {
                self.realms.retain(|(of, _)| *of != trunk);
                self.realms.extend(realm.map(|realm| (trunk, realm)));
            }
            Fact::CallTold(story) => {
                assert!(!story.ladder.is_empty(), "a call has messages");
                // BOX-121: what ended the call has its answer.
                let has = |start: &str| {
                    let mut texts = story.ladder.iter().map(|message| &message.text);
                    texts.any(|text| text.starts_with(start) && text.contains(" BYE\r\n"))
                };
                assert!(self.in_haste || !has("BYE ") || has("SIP/2.0 "), "a BYE without its answer");
                self.follows.extend(office::told(&story, &self.given));
            }
            Fact::Used(used) => office::used(&mut self.used, *used),
            Fact::Clock(_) => {}
            Fact::Emergency(call) => office::called_for_help(&mut self.help, *call),
            Fact::CallOpen(_) | Fact::Alive(_) | Fact::TrunkTurn(_) | Fact::TrunkGone { .. } => {}
        }
    }

    fn phone_acts(&mut self, name: &str, act: Act) {
        let now = self.now_us / 1000;
        let other_dialog = match &act {
            Act::TakesOver(other) => {
                let ua = self.phones.get_mut(other).expect("a phone");
                let line = ua.live_line(None, |_| true).expect("it has a line");
                Some(ua.dialog(line))
            }
            _ => None,
        };
        let of_sound = match act {
            Act::Listens => Some(audio::order::Report::Played { leg: self.leg_of(name) }),
            Act::Dials(digit) => Some(audio::order::Report::Digit { leg: self.leg_of(name), digit, ms: 160 }),
            Act::Sounds(sounds) => Some(self.ears.figures(self.leg_of(name), sounds)),
            _ => None,
        };
        let ua = self.phones.get_mut(name).unwrap_or_else(|| panic!("no phone {name}"));
        ua.at(now);
        let up = |line: &Line| line.state == State::Up;
        let ringing = |line: &Line| line.state == State::Ringing && !line.called;
        let line = |ua: &Ua, on: Option<&str>, fits: &dyn Fn(&Line) -> bool| {
            ua.live_line(on, fits).unwrap_or_else(|| panic!("{name} has no such line"))
        };
        match act {
            Act::Registers => ua.register(),
            Act::Unregisters => ua.unregister(),
            Act::Vanishes | Act::LosesLine => ua.dead = true,
            Act::Returns => {
                ua.dead = false;
                ua.register();
            }
            Act::Calls { number, offer } => {
                let usual = ua.phone.offer(4000, Direction::SendRecv, None);
                let offer = match offer {
                    Offer::Usual => Some(usual),
                    Offer::None => None,
                    Offer::Video => Some(with_video(usual)),
                    Offer::Strange => Some(callbox::sdp::Session { codecs: vec![], ..usual }),
                };
                ua.call(&number, offer, None);
            }
            Act::TakesOver(other) => {
                let offer = ua.phone.offer(4000, Direction::SendRecv, None);
                ua.call(&other[..3], Some(offer), other_dialog);
            }
            Act::Rings { sound } => {
                let id = line(ua, None, &ringing);
                ua.ring(id, sound);
            }
            Act::Answers { speaking } => {
                let id = line(ua, None, &ringing);
                ua.answer(id, speaking);
            }
            Act::Refuses(code) => {
                let id = line(ua, None, &ringing);
                ua.refuse(id, code);
            }
            Act::HangsUp { on } => {
                let id = line(ua, on.as_deref(), &|_| true);
                ua.hang_up(id);
            }
            Act::Holds { on } => {
                let id = line(ua, on.as_deref(), &up);
                ua.change(id, Direction::SendOnly, None);
            }
            Act::Resumes { on } => {
                let id = line(ua, on.as_deref(), &up);
                ua.change(id, Direction::SendRecv, None);
            }
            Act::AsksAgain { speaking: Some(codec) } => {
                let id = line(ua, None, &up);
                ua.change(id, Direction::SendRecv, Some(codec));
            }
            Act::AsksAgain { speaking: None } => {
                let id = line(ua, None, &up);
                ua.change_without_offer(id);
            }
            Act::Presses(digit) => {
                let id = line(ua, None, &up);
                ua.press(id, digit);
            }
            Act::Dials(_) | Act::Sounds(_) => {}
            Act::Transfers { whom, to } => {
                let id = line(ua, Some(&whom), &up);
                ua.refer(id, &to, None);
            }
            Act::Joins { whom, with } => {
                let id = line(ua, Some(&whom), &up);
                let other = line(ua, Some(&with), &|_| true);
                let dialog = ua.dialog(other);
                ua.refer(id, &with, Some(dialog));
            }
            Act::Watches(watched) => ua.watch(&watched),
            Act::Listens => {}
        }
        self.settle();
        if let Some(report) = of_sound {
            self.tell(Told::Sound(report));
        }
    }

    fn leg_of(&self, name: &str) -> LegId {
        let ua = &self.phones[name];
        let mine = |port: u16| ua.line_of_port(port);
        self.ears.legs().find(|leg| self.ears.port(*leg).is_some_and(mine)).expect("it has a line")
    }

    fn box_acts(&mut self, outside: Outside) {
        let ask = |command| Told::Ask { by: Actor::System, command, reply: ReplyId(1) };
        match outside {
            Outside::HangsUp { phone, by } => {
                let row = self.rows.values().find(|row| row.sides.iter().any(|side| side.number == phone));
                let call_id = row.expect("it is in a call").call_id.clone();
                self.tell(Told::Ask { by, command: Command::HangUp { call_id }, reply: ReplyId(1) });
            }
            Outside::HangsUpNothing => self.tell(ask(Command::HangUp { call_id: "none".into() })),
            Outside::Clicks { number, agent, campaign } => {
                let campaign = campaign.map(|name| rows::id("campaign", &name, &self.given));
                self.tell(ask(office::clicked(number, agent, campaign)))
            }
            Outside::Tests { trunk, number } => {
                let trunk = rows::id("trunk", &trunk, &self.given).0;
                self.tell(ask(Command::TestCall { trunk, number }));
            }
            Outside::Supervises { phone, agent, how } => {
                self.tell(ask(Command::Supervise { agent_number: agent, phone, how }));
            }
            Outside::Page { by, opens } => {
                self.tell(Told::Ask { by, command: Command::Page { opens }, reply: ReplyId(1) });
            }
            Outside::Drains => {
                self.in_haste = true;
                self.tell(ask(Command::Drain));
            }
            Outside::Stops => {
                self.in_haste = true;
                self.tell(ask(Command::Stop));
            }
            Outside::Disables(agent) => {
                self.given(format!("{agent} disabled"));
                self.tell(Told::Tenant(Arc::new(self.tenant.clone())));
            }
            Outside::Sets(field, value) => {
                self.given(format!("set {field} {value}"));
                self.tell(Told::Tenant(Arc::new(self.tenant.clone())));
            }
            Outside::ClockSet(by) => {
                self.set_ms += by * 1000;
                self.tell(Told::ClockSet { by_ms: by * 1000 });
            }
            Outside::Restarts => {
                let outlived = Outlived {
                    next_fact: self.last_fact + 1,
                    registrations: self.registrations.values().cloned().collect(),
                    realms: self.realms.clone(),
                    last_talks: self.talks.clone(),
                    group_turns: self.turns.clone(),
                    used: self.used.clone(),
                    emergencies: self.help.clone(),
                    open_calls: vec![],
                    last_alive: None,
                    ..Outlived::default()
                };
                let outlived = self.stood.outlives(outlived);
                self.exchange = exchange(&self.tenant, outlived);
                self.flight.interrupt();
                self.ears = Ears::new(&self.given);
                self.rows.clear();
                self.phones.values_mut().for_each(Ua::forget);
                self.start(100);
            }
            Outside::Silences(trunk) => self.carriers.silence(&trunk, true),
            Outside::Speaks(trunk) => self.carriers.silence(&trunk, false),
            Outside::DiskWrites => {
                for report in self.ears.written() {
                    self.tell(Told::Sound(report));
                }
            }
            Outside::Records(phone, wish) => {
                let row = self.rows.values().find(|row| row.sides.iter().any(|side| side.number == phone));
                let call_id = row.expect("it is in a call").call_id.clone();
                self.tell(ask(Command::Record { call_id, wish }));
            }
            Outside::ServiceSays { destination, media } => {
                let question = self.question.expect("a service was asked");
                let answer = rows::answer(destination, media, &self.given);
                self.tell(Told::PluginAnswered { question, answer });
            }
            Outside::Confirms(by) => self.tell(ask(Command::Confirm { alarm: self.alarm.clone(), by })),
            Outside::Releases => self.tell(ask(Command::Release { alarm: self.alarm.clone() })),
            Outside::Behind => {
                let addresses = wire::Report::Addresses(vec!["192.0.2.200".parse().unwrap()]);
                self.tell(Told::Wire { came: Uptime(self.now_us - 300_000), report: addresses });
            }
            Outside::Late(late_us_mean) => {
                self.tell(Told::Sound(audio::order::Report::Load { deck: 0, late_us_mean }));
            }
        }
    }
}

/// With `TRACE` set, every message is printed.
fn trace(now_us: u64, phone: &str, way: &str, bytes: &[u8]) {
    if std::env::var_os("TRACE").is_some() {
        println!("{:.3} {phone} {way}\n{}", now_us as f64 / 1e6, String::from_utf8_lossy(bytes));
    }
}

pub fn exchange(tenant: &Tenant, outlived: Outlived) -> Exchange {
    let settings = sip::Settings { nonce_secret: [7; 32], ..sip::Settings::default() };
    Exchange::new(Arc::new(tenant.clone()), outlived, Seed::from(1), settings)
}

impl Stage for Wired {
    fn pass(&mut self, until_ms: u64) {
        loop {
            let phones = self.phones.values().filter_map(Ua::deadline).map(|at| at * 1000).min();
            let own = self.exchange.deadline().map(|due| due.0);
            let Some(due) = phones.into_iter().chain(own).min().filter(|due| *due <= until_ms * 1000) else { break };
            assert!(due >= self.now_us || own != Some(due) || self.now_us == 0, "a deadline lies in the past");
            self.now_us = self.now_us.max(due);
            for ua in self.phones.values_mut() {
                if ua.deadline().is_some_and(|at| at * 1000 <= self.now_us) {
                    ua.at(self.now_us / 1000).tick();
                }
            }
            self.settle();
            if own == Some(due) {
                self.tell(Told::Tick);
                assert!(self.exchange.deadline() != Some(Uptime(due)), "a deadline stays when its time has come");
            }
        }
        self.now_us = until_ms * 1000;
    }

    fn act(&mut self, event: &str) {
        match act::read(event) {
            Event::Phone(name, act) => self.phone_acts(&name, act),
            Event::Box(outside) => self.box_acts(outside),
        }
    }

    fn follows(&mut self) -> Vec<String> {
        let Wired { phones, ears, .. } = self;
        let ports: BTreeMap<LegId, Option<u16>> = ears.legs().map(|leg| (leg, ears.port(leg))).collect();
        let name = |leg: LegId| {
            let port = ports.get(&leg).copied().flatten();
            let phone = phones.values().find(|ua| port.is_some_and(|port| ua.line_of_port(port)));
            phone.map_or("somebody".to_string(), |ua| ua.phone.name.clone())
        };
        let mut follows = std::mem::take(&mut self.follows);
        follows.extend(ears.changes(name));
        follows
    }

    fn check(&self) {
        let up = self.phones.values().flat_map(|ua| &ua.lines).filter(|line| line.state != State::Over).count();
        assert!(self.ears.legs().count() <= up, "a slot outlives its line");
    }

    /// BOX-122, BOX-125: the recording of a story goes as the story did, and holds no password.
    fn end(&mut self) {
        let agents = self.phones.values().map(|ua| &ua.phone.agent);
        let secrets: Vec<String> = agents.flat_map(|agent| office::secrets(agent)).collect();
        self.flight.end(&secrets);
    }
}
