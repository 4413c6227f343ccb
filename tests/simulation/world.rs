//! The office of a seed, its people, and the time.

use super::{
    checks::Checks,
    flow,
    line::Quality,
    lines::{self, Brought, Lines},
};
use crate::{
    phone::{Line, State, Ua},
    replay::Flight,
    scenario::{
        carrier,
        ears::Ears,
        office,
        phone::Phone,
        rows,
        wired::{self},
    },
};
use bytes::Bytes;
use callbox::{
    audio::{self, order::Source},
    call::{
        command::{Actor, Command, ReplyId, Wish},
        match_plugin::{Answer, QuestionId},
    },
    chance::{Chance, Seed},
    exchange::{Action, Actions, Event, Exchange, wire},
    history::fact::{FactNumber, Outlived},
    schema::tenant::Tenant,
    sdp::{Codec, Direction, LegId},
    sip::wire::{ConnectionId, Transport},
    time::{Now, Timestamp, Uptime},
};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher},
    net::SocketAddr,
    sync::Arc,
};

const BEGIN: i64 = 1_795_000_000_000;
/// How long people do things, and how long the office then has to come to rest, seconds.
const BUSY_S: u64 = 90;
const REST_S: u64 = 1_200;
const SLOTS: u16 = 60;
/// The longest that something may wait for an answer, seconds: an INVITE that rings (RFC 3261, timer C) and what
/// follows.
const LONGEST_WAIT_S: u64 = 400;
/// Events of one piece of the recording.
const FLIGHT_EVENTS: usize = 200;
/// Ticks in one instant: more is a loop.
const TICKS: u32 = 1_000;

pub struct World {
    chance: Chance,
    quality: Quality,
    tenant: Tenant,
    exchange: Exchange,
    /// None: nothing is recorded.
    flight: Option<Flight>,
    now_us: u64,
    /// Those of the office, then those outside.
    phones: Vec<Ua>,
    lines: Lines,
    /// When each packet arrives: at the box from a phone, or at a phone.
    packets: BTreeMap<(u64, u64), Packet>,
    next_packet: u64,
    next_connection: u64,
    ears: Ears,
    given: Vec<String>,
    checks: Checks,
    hashes: Vec<u64>,
    /// After so many events the state is summed up too.
    state_every: usize,
    sum: DefaultHasher,
}

enum Packet {
    ToBox(usize, Bytes),
    ToPhone(wire::Peer, Bytes),
    /// A carrier's own words.
    OfCarrier(SocketAddr, Bytes),
    /// What was played to this leg has come to its end.
    Played(LegId),
    /// From the service of a menu.
    Plugin(QuestionId, Option<Answer>),
}

impl World {
    pub fn new(seed: u64, state_every: usize) -> World {
        let mut chance = Chance::new(Seed::from(seed));
        let quality = Quality::draw(&mut chance);
        let given = flow::draw(&mut chance);
        let tenant = office::tenant(&given);
        let lines = Lines::of(&tenant, &mut chance);
        let mut world = World {
            exchange: wired::exchange(&tenant, Outlived::default()),
            flight: None,
            tenant,
            quality,
            now_us: 0,
            phones: Vec::new(),
            lines,
            packets: BTreeMap::new(),
            next_packet: 0,
            next_connection: 100,
            ears: Ears::new(&given),
            given,
            checks: Checks::default(),
            hashes: Vec::new(),
            state_every,
            sum: DefaultHasher::new(),
            chance,
        };
        world.start();
        for agent in 801..=801 + 2 + world.chance.below(3) {
            for device in 0..=world.chance.below(2) {
                let phone = world.phone(agent, device);
                let number = world.phones.len() as u64 + 1;
                let password = office::password(&phone.agent);
                let mut ua = Ua::new(phone, password, number);
                ua.at(0).register();
                world.phones.push(ua);
            }
        }
        world.phones.extend(world.lines.people(&mut world.chance));
        world
    }

    /// From now on all is recorded, and played again in the end.
    pub fn recorded(self) -> World {
        World { flight: Some(Flight::every(FLIGHT_EVENTS)), ..self }
    }

    /// Everything that happened, as a sum after each event.
    pub fn play(mut self) -> Vec<u64> {
        while self.now_us < BUSY_S * 1_000_000 {
            let wait = 20 + u64::from(self.chance.below(2_500));
            self.pass(self.now_us + wait * 1000);
            self.somebody_acts();
        }
        self.come_to_rest();
        self.checks.end();
        assert_eq!(self.ears.legs().count(), 0, "every slot is back");
        assert_eq!(self.ears.recordings(), 0, "every recording has ended");
        self.nothing_stays();
        self.flight.iter_mut().for_each(|flight| flight.end(&[]));
        self.hashes
    }

    fn come_to_rest(&mut self) {
        for at in 0..self.phones.len() {
            let now = self.now_us / 1000;
            if self.phones[at].dead {
                self.phones[at].dead = false;
                self.phones[at].forget();
                self.phones[at].at(now).register();
            }
        }
        let end = self.now_us + REST_S * 1_000_000;
        while self.now_us < end && !self.is_at_rest() {
            self.disk_writes();
            for at in 0..self.phones.len() {
                let now = self.now_us / 1000;
                while let Some(line) = self.phones[at].live_line(None, |_| true) {
                    self.phones[at].at(now).hang_up(line);
                }
            }
            self.pass(self.now_us + 10_000_000);
        }
        self.pass(self.now_us + 1_000_000);
        self.disk_writes();
    }

    /// Of all the calls nothing waits for anything any more.
    fn nothing_stays(&mut self) {
        // What was sent and never answered is given up.
        self.pass(self.now_us + LONGEST_WAIT_S * 1_000_000);
        let state = format!("{:#?}", self.exchange);
        for part in ["calls", "over", "legs", "engaged", "due", "due_of", "touched", "waiting"] {
            assert!(is_empty(&state, "calls", part), "{part} of calls stay");
        }
        for part in ["legs", "referrals"] {
            assert!(is_empty(&state, "sip", part), "{part} of SIP stay");
        }
    }

    /// The disk has caught up with what was said.
    fn disk_writes(&mut self) {
        for report in self.ears.written() {
            self.tell(Event::Sound(report));
        }
    }

    fn is_at_rest(&self) -> bool {
        let all_on_hook = self.phones.iter().flat_map(|ua| &ua.lines).all(|line| line.state == State::Over);
        all_on_hook && self.packets.is_empty() && self.checks.all_calls_are_over() && self.ears.legs().count() == 0
    }

    fn phone(&mut self, agent: u32, device: u32) -> Phone {
        let letter = ["", "b", "c"][device as usize];
        let mut phone = Phone::new(&format!("{agent}{letter}"));
        (phone.transport, phone.srtp) = match self.chance.below(4) {
            0 => (Transport::Tls, true),
            1 => (Transport::Tcp, false),
            _ => (Transport::Udp, false),
        };
        phone.codecs = match self.chance.below(4) {
            0 => vec![Codec::G722],
            1 => vec![Codec::Pcmu],
            2 => vec![Codec::G722, Codec::Pcma, Codec::Pcmu],
            _ => vec![Codec::Pcma, Codec::Pcmu],
        };
        phone.quiet = self.chance.below(10) == 0;
        phone
    }

    fn start(&mut self) {
        let report = wire::Report::Addresses(vec!["192.0.2.200".parse().unwrap()]);
        self.tell(Event::Wire { came: Uptime(self.now_us), report });
        let stock = self.ears.stock(SLOTS);
        self.tell(Event::Sound(stock));
    }

    fn now(&self) -> Now {
        Now { up: Uptime(self.now_us), wall: Timestamp(BEGIN + self.now_us as i64 / 1000) }
    }

    fn tell(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let mut actions = Actions::default();
            let now = self.now();
            match &mut self.flight {
                Some(flight) => flight.handle(&mut self.exchange, now, event, &mut actions),
                None => self.exchange.handle(now, event, &mut actions),
            }
            let facts = self.checks.last_fact();
            for action in actions.drain() {
                self.sum.write(format!("{action:?}").as_bytes());
                self.act_on(action, &mut events);
            }
            if self.checks.last_fact() > facts {
                events.push(Event::Stored(FactNumber(self.checks.last_fact())));
            }
            self.note();
            self.checks.hold(self.ears.legs().count());
            let due = self.exchange.deadline();
            let far = Uptime(self.now_us + 3_600_000_000);
            assert!(due.is_none_or(|due| due < far), "a deadline lies more than an hour ahead");
        }
    }

    /// Actions so far and the state, for the same seed gives the same of both.
    fn note(&mut self) {
        if self.hashes.len().is_multiple_of(self.state_every) {
            let state = postcard::to_stdvec(&self.exchange).expect("the state is plain");
            self.sum.write(&state);
        }
        self.hashes.push(self.sum.finish());
    }

    fn act_on(&mut self, action: Action, events: &mut Vec<Event>) {
        match action {
            Action::Wire(wire::Order::Send { peer, bytes }) => {
                let datagram = peer.transport == Transport::Udp;
                for after in self.quality.arrivals(datagram, &mut self.chance) {
                    self.post(after, Packet::ToPhone(peer, bytes.clone()));
                }
            }
            Action::Wire(wire::Order::Ban { address, .. }) => panic!("{address} was banned"),
            Action::Wire(wire::Order::Lift { address }) => panic!("{address} was banned before"),
            Action::Wire(wire::Order::Resolve { name }) => panic!("nobody set the name {name}"),
            Action::Wire(wire::Order::Services { name }) => panic!("no trunk is called {name}"),
            Action::Wire(wire::Order::Connect { way, remote, .. }) => {
                assert!(self.lines.is_at(remote), "no line is at {remote}");
                let report = wire::Report::Connected { way, peer: carrier::peer(remote) };
                events.push(Event::Wire { came: Uptime(self.now_us), report });
            }
            Action::Wire(wire::Order::Close { .. } | wire::Order::Trust { .. } | wire::Order::Distrust { .. }) => {}
            Action::Sound(order) => {
                if let audio::order::Order::Hear { leg, source: Source::Play(_) } = &order {
                    let length = 100 + u64::from(self.chance.below(5_000));
                    self.post(length, Packet::Played(*leg));
                }
                events.extend(self.ears.order(self.now_us / 1_000, order).into_iter().map(Event::Sound));
            }
            Action::Reply(..) => {}
            Action::Remember(number, fact) => self.checks.fact(number, fact),
            Action::Show(change) => self.checks.show(change),
            Action::Fell { call_id } => panic!("call {call_id:?} fell"),
            Action::AskPlugin(question) => {
                let (destination, media) = flow::answer(&mut self.chance);
                let answer = rows::answer(destination, media, &self.given);
                let after = u64::from(self.chance.below(7_000));
                self.post(after, Packet::Plugin(question.id, answer));
            }
            Action::KeepPrompt(prompt) => {
                events.push(Event::PromptKept { recording: prompt.recording, kept: self.chance.below(4) > 0 });
            }
        }
    }

    fn post(&mut self, after_ms: u64, packet: Packet) {
        self.next_packet += 1;
        self.packets.insert((self.now_us + after_ms * 1000, self.next_packet), packet);
    }

    fn collect(&mut self) {
        for at in 0..self.phones.len() {
            let datagram = self.phones[at].peer.transport == Transport::Udp;
            for bytes in self.phones[at].take_out() {
                for after in self.quality.arrivals(datagram, &mut self.chance) {
                    self.post(after, Packet::ToBox(at, bytes.clone()));
                }
            }
            self.phones[at].news.clear();
        }
    }

    fn pass(&mut self, until_us: u64) {
        let mut ticks = 0;
        loop {
            self.collect();
            let packet = self.packets.first_key_value().map(|((at, _), _)| *at);
            let phone = self.phones.iter().filter_map(Ua::deadline).map(|at| at * 1000).min();
            let own = self.exchange.deadline().map(|due| due.0);
            let next = [packet, phone, own].into_iter().flatten().min().filter(|at| *at <= until_us);
            let Some(next) = next else { break };
            ticks = if next > self.now_us { 0 } else { ticks + 1 };
            assert!(ticks < TICKS, "time stands still: packet {packet:?}, phone {phone:?}, own {own:?}");
            self.now_us = self.now_us.max(next);
            if packet == Some(next) {
                let (_, packet) = self.packets.pop_first().expect("it was just seen");
                self.deliver(packet);
            } else if phone == Some(next) {
                for ua in &mut self.phones {
                    if ua.deadline().is_some_and(|at| at * 1000 <= self.now_us) {
                        ua.at(self.now_us / 1000).tick();
                    }
                }
            } else {
                self.tell(Event::Tick);
            }
        }
        self.now_us = until_us;
    }

    fn deliver(&mut self, packet: Packet) {
        match packet {
            Packet::ToBox(at, bytes) => {
                let peer = self.phones[at].peer;
                let bytes = match self.phones[at].phone.outside {
                    Some(_) => self.lines.pass(peer.remote, bytes, &mut self.chance),
                    None => Some(bytes),
                };
                bytes.into_iter().for_each(|bytes| self.comes(peer, bytes));
            }
            Packet::OfCarrier(address, bytes) => self.comes(carrier::peer(address), bytes),
            Packet::ToPhone(peer, bytes) if self.lines.is_at(peer.remote) => self.at_carrier(peer, bytes),
            Packet::Played(leg) if self.ears.plays(leg) => {
                self.tell(Event::Sound(audio::order::Report::Played { leg }));
            }
            Packet::Played(_) => {}
            Packet::Plugin(question, answer) => self.tell(Event::PluginAnswered { question, answer }),
            Packet::ToPhone(peer, bytes) => {
                let now = self.now_us / 1000;
                // What went into a connection that is closed arrives nowhere.
                let here = |ua: &&mut Ua| ua.peer.remote == peer.remote && ua.peer.connection == peer.connection;
                if let Some(ua) = self.phones.iter_mut().find(here) {
                    ua.at(now).take(bytes);
                }
            }
        }
    }

    fn comes(&mut self, peer: wire::Peer, bytes: Bytes) {
        let report = wire::Report::Message { peer, bytes };
        self.tell(Event::Wire { came: Uptime(self.now_us), report });
    }

    fn at_carrier(&mut self, peer: wire::Peer, bytes: Bytes) {
        let now = self.now_us / 1000;
        match self.lines.take(peer, &bytes, &self.phones, &mut self.chance) {
            Brought::To(at) => self.phones[at].at(now).take(bytes),
            Brought::Back(said) => {
                for bytes in said {
                    for after in self.quality.arrivals(true, &mut self.chance) {
                        self.post(after, Packet::OfCarrier(peer.remote, bytes.clone()));
                    }
                }
            }
        }
    }

    fn somebody_acts(&mut self) {
        self.disk_writes();
        if self.chance.below(12) == 0 {
            self.lines.turn(&mut self.chance);
        }
        let at = self.chance.below(self.phones.len() as u32) as usize;
        let now = self.now_us / 1000;
        let draw = self.chance.below(100);
        if draw == 0 {
            return self.restart();
        }
        if draw == 1 {
            return self.panel_acts();
        }
        if self.phones[at].phone.outside.is_some() {
            return self.outside_acts(at, draw);
        }
        if self.phones[at].dead {
            if draw < 50 {
                self.phones[at].dead = false;
                self.phones[at].forget();
                self.phones[at].at(now).register();
            }
            return;
        }
        self.phones[at].at(now);
        match draw {
            2 => self.phones[at].dead = true,
            3 => self.phones[at].unregister(),
            4 | 5 => self.phones[at].register(),
            6 => self.reconnect(at),
            7..38 => self.call(at),
            38..54 => self.answer_or_refuse(),
            54..63 => self.hang_up(at),
            63..71 => self.hold(at),
            71..77 => self.transfer(at),
            77..83 => self.join(at),
            83..92 => self.press(at),
            92..94 => self.record(at),
            94..96 => self.take_over(at),
            _ => {
                let watched = self.number();
                self.phones[at].watch(&watched);
            }
        }
    }

    /// Somebody outside, who has no phone of the office.
    fn outside_acts(&mut self, at: usize, draw: u32) {
        self.phones[at].at(self.now_us / 1000);
        match draw {
            2..42 => self.call(at),
            42..58 => self.answer_or_refuse(),
            58..68 => self.hang_up(at),
            68..76 => self.hold(at),
            76..79 => self.transfer(at),
            79..95 => self.press(at),
            _ => self.take_over(at),
        }
    }

    fn number(&mut self) -> String {
        flow::number(&mut self.chance)
    }

    fn call(&mut self, at: usize) {
        // Two calls at a phone are what people do; more is what a switchboard does.
        if self.phones[at].lines.iter().filter(|line| line.state != State::Over).count() >= 2 {
            return;
        }
        let number = match self.phones[at].phone.outside {
            Some(_) => flow::did(&mut self.chance),
            None => self.number(),
        };
        let with_offer = self.chance.below(8) != 0;
        let ua = &mut self.phones[at];
        let offer = with_offer.then(|| ua.phone.offer(4000, Direction::SendRecv, None));
        ua.call(&number, offer, None);
    }

    fn answer_or_refuse(&mut self) {
        let ringing = |line: &Line| line.state == State::Ringing && !line.called;
        let now = self.now_us / 1000;
        let first = self.chance.below(self.phones.len() as u32) as usize;
        let draw = self.chance.below(10);
        for step in 0..self.phones.len() {
            let at = (first + step) % self.phones.len();
            let ua = &mut self.phones[at];
            if ua.dead {
                continue;
            }
            if let Some(line) = ua.live_line(None, ringing) {
                ua.at(now);
                match draw {
                    0 => ua.refuse(line, 486),
                    1 => ua.refuse(line, 603),
                    2 => ua.refuse(line, 480),
                    3 => ua.ring(line, true),
                    _ => ua.answer(line, None),
                }
                return;
            }
        }
    }

    fn hang_up(&mut self, at: usize) {
        if let Some(line) = self.phones[at].live_line(None, |_| true) {
            self.phones[at].hang_up(line);
        }
    }

    fn hold(&mut self, at: usize) {
        let direction = if self.chance.below(2) == 0 { Direction::SendOnly } else { Direction::SendRecv };
        let offerless = self.chance.below(6) == 0;
        let ua = &mut self.phones[at];
        match ua.live_line(None, |line| line.state == State::Up) {
            Some(line) if offerless => ua.change_without_offer(line),
            Some(line) => ua.change(line, direction, None),
            None => {}
        }
    }

    fn transfer(&mut self, at: usize) {
        let to = self.number();
        let ua = &mut self.phones[at];
        if let Some(line) = ua.live_line(None, |line| line.state == State::Up) {
            ua.refer(line, &to, None);
        }
    }

    fn join(&mut self, at: usize) {
        let ua = &mut self.phones[at];
        let Some(newest) = ua.live_line(None, |_| true) else { return };
        let Some(older) = ua.live_line(None, |line| line.id != newest && line.state == State::Up) else { return };
        let (number, dialog) = (ua.line(newest).number.clone(), ua.dialog(newest));
        ua.refer(older, &number, Some(dialog));
    }

    fn press(&mut self, at: usize) {
        if let Some(line) = self.phones[at].live_line(None, |line| line.state == State::Up) {
            let key = flow::key(&mut self.chance);
            self.phones[at].press(line, key);
        }
    }

    /// The code that begins a recording, or the one that stops it for a while and goes on with it.
    fn record(&mut self, at: usize) {
        let code = if self.chance.below(3) == 0 { "*71" } else { "*72" };
        if let Some(line) = self.phones[at].live_line(None, |line| line.state == State::Up) {
            code.chars().for_each(|key| self.phones[at].press(line, key));
        }
    }

    fn take_over(&mut self, at: usize) {
        let from = self.chance.below(self.phones.len() as u32) as usize;
        let Some(line) = self.phones[from].live_line(None, |_| true) else { return };
        let (dialog, number) = (self.phones[from].dialog(line), self.phones[from].phone.agent.clone());
        let ua = &mut self.phones[at];
        let offer = ua.phone.offer(4000, Direction::SendRecv, None);
        ua.call(&number, Some(offer), Some(dialog));
    }

    fn panel_acts(&mut self) {
        let nth = self.chance.below(1_000);
        let call_id = self.checks.a_call(nth).unwrap_or_else(|| "none".into());
        let command = match self.chance.below(6) {
            0 => Command::Record { call_id, wish: Wish::Record },
            1 | 2 => Command::Record { call_id, wish: Wish::Pause },
            3 => Command::Record { call_id, wish: Wish::Resume },
            4 => office::clicked(lines::anyone(&mut self.chance), (801 + self.chance.below(5)).to_string(), None),
            _ => Command::HangUp { call_id },
        };
        self.tell(Event::Ask { by: Actor::System, command, reply: ReplyId(1) });
    }

    /// A phone on a stream loses its connection and comes back over a new one.
    fn reconnect(&mut self, at: usize) {
        let Some(connection) = self.phones[at].peer.connection else { return };
        let report = wire::Report::Closed { connection };
        self.tell(Event::Wire { came: Uptime(self.now_us), report });
        self.next_connection += 1;
        self.phones[at].peer.connection = Some(ConnectionId(self.next_connection));
        self.phones[at].register();
    }

    /// The process dies; what the store kept is what the next one knows.
    fn restart(&mut self) {
        let outlived = self.checks.outlived();
        self.exchange = wired::exchange(&self.tenant, outlived);
        self.flight.iter_mut().for_each(Flight::interrupt);
        self.ears = Ears::new(&self.given);
        self.start();
        for at in 0..self.phones.len() {
            if self.phones[at].peer.connection.is_some() {
                self.next_connection += 1;
                self.phones[at].peer.connection = Some(ConnectionId(self.next_connection));
                let now = self.now_us / 1000;
                self.phones[at].at(now).register();
            }
        }
        let late = audio::order::Report::Load { deck: 1, late_us_mean: 100 };
        self.tell(Event::Sound(late));
        self.tell(Event::Tenant(Arc::new(self.tenant.clone())));
    }
}

/// Whether a table in one of the parts of the state holds nothing, as it is printed: a field a line, a step further in
/// each time.
fn is_empty(state: &str, part: &str, table: &str) -> bool {
    let (_, of_part) = state.split_once(&format!("\n    {part}: ")).expect("a part of the state");
    let (_, value) = of_part.split_once(&format!("\n        {table}: ")).expect("a table of this part");
    value.starts_with("{}") || value.starts_with("[]")
}
