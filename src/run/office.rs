//! The exchange's own thread: waits for an event or the deadline, handles it, does the actions in their order.

use super::{
    clock::{self, Hands},
    datagram::{Datagram, DatagramSocket},
    flight::Flight,
    known::Known,
    match_plugin::Plugins,
    memory::{self, Rest},
    names::Names,
    sound::SoundThreads,
    stream::Streams,
    way_in::Inbox,
    writer::FactQueue,
};
use crate::{
    call::{
        command::{Answer, NotDone, ReplyId},
        recording::PromptToKeep,
    },
    exchange::{Action, Actions, Event, Exchange, wire},
    http::live::Live,
    time::{Now, Uptime},
};
use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};
use tracing::{error, warn};

/// Datagrams of strangers that wait while proven peers are served, and one address's share of them.
const STRANGERS_MAX: usize = 2_048;
const STRANGERS_MAX_EACH: u32 = 64;
const PROVEN_DATAGRAMS_MAX: usize = 8_192;
/// What proven peers say, over each of both ways, before the sockets are read again: whoever says more than that keeps
/// nobody else waiting.
const PROVEN_A_ROUND: usize = 256;
/// Strangers that are answered before proven peers are looked at again.
const STRANGERS_A_ROUND: usize = 16;
const BATCHES_A_ROUND: usize = 8;
/// Faults of the exchange after which the process starts anew, and the time they are counted in.
const PANICS_MAX: usize = 3;
const PANICS_WITHIN: Duration = Duration::from_secs(600);
const ASLEEP_MAX: Duration = Duration::from_secs(1);
/// A flood is told of so often.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// Gives an answer to whoever asked.
pub type Replies = dyn Fn(ReplyId, Result<Answer, NotDone>) + Send;

pub struct Office {
    pub exchange: Exchange,
    pub flight: Flight,
    pub sockets: Vec<DatagramSocket>,
    pub inbox: Inbox,
    pub streams: Arc<Streams>,
    pub known: Arc<Known>,
    pub sound: SoundThreads,
    pub facts: FactQueue,
    pub names: Names,
    pub plugins: Plugins,
    pub live: Arc<Live>,
    pub hands: Hands,
    pub reply: Box<Replies>,
    /// Says that no answer comes.
    pub forget: Box<dyn Fn(ReplyId) + Send>,
    /// Puts a prompt among the media files, and says so.
    pub keep: Box<dyn Fn(PromptToKeep) + Send>,
    pub falls: Falls,
    /// Set from outside when the thread is to end.
    pub ended: Arc<std::sync::atomic::AtomicBool>,
}

/// Why the thread came to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum OfficeEnd {
    Asked,
    /// Too many faults, or a thread that fell: the process starts anew.
    Broken,
}

/// When something fell, as far back as counts.
#[derive(Default)]
pub struct Falls(VecDeque<Uptime>);

impl Falls {
    fn add(&mut self, now: Uptime) {
        self.0.retain(|at| now.since(*at) < PANICS_WITHIN);
        self.0.push_back(now);
    }

    fn are_too_many(&self) -> bool {
        self.0.len() >= PANICS_MAX
    }
}

/// What was handled since the sockets were read.
#[derive(Default)]
struct Round {
    told: usize,
    proven: usize,
    strangers: usize,
}

#[derive(Default)]
struct Waiting {
    proven: VecDeque<Datagram>,
    strangers: VecDeque<Datagram>,
    shares: BTreeMap<IpAddr, u32>,
    /// Since it was last said.
    dropped: u64,
    said_at: Uptime,
}

impl Office {
    pub fn run(mut self) -> OfficeEnd {
        let (mut waiting, mut actions) = (Waiting::default(), Actions::default());
        let (mut told, mut rest) = (VecDeque::new(), Rest::new(clock::now().up));
        let mut ready = self.doors();
        while !self.ended.load(std::sync::atomic::Ordering::Acquire) {
            self.wait(&waiting, &told, &mut ready);
            if ready.last().is_some_and(|bell| bell.revents != 0) {
                self.inbox.silence();
            }
            self.read_datagrams(&mut waiting, &ready);
            let mut round = Round::default();
            while let Some(event) = unreached(&mut told).or_else(|| waiting.next(&self.inbox, &mut round)) {
                self.handle(event, &mut actions);
                self.act(&mut actions, &mut told);
            }
            let now = clock::now();
            if self.exchange.deadline().is_some_and(|at| at <= now.up) || self.hands.set_by(now).is_some() {
                self.handle(Event::Tick, &mut actions);
                self.act(&mut actions, &mut told);
            }
            if rest.look(now.up, self.sound.is_busy()) {
                if rest.was_busy() {
                    self.gather();
                }
                memory::forget_code();
            }
            if let Some(dropped) = waiting.take_dropped(now.up) {
                warn!(dropped, "more datagrams came than can be answered, and some were dropped unread");
            }
            if self.falls.are_too_many() {
                return OfficeEnd::Broken;
            }
            if self.sound.has_fallen() || self.facts.has_fallen() {
                error!("a thread fell without which the box is none: the process starts anew");
                return OfficeEnd::Broken;
            }
        }
        OfficeEnd::Asked
    }

    fn gather(&mut self) {
        let (exchange, live) = (&mut self.exchange, &self.live);
        memory::gather(|| {
            *exchange = exchange.clone();
            live.renew();
        });
        self.sound.rest();
    }

    /// What wakes this thread: every socket, and last the bell of the inbox.
    fn doors(&self) -> Vec<libc::pollfd> {
        let fds = self.sockets.iter().map(DatagramSocket::fd).chain([self.inbox.fd()]);
        fds.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 }).collect()
    }

    /// Sleeps until something came or is due, and notes at which door.
    fn wait(&self, waiting: &Waiting, told: &VecDeque<wire::Report>, ready: &mut [libc::pollfd]) {
        let busy = !waiting.is_empty() || !told.is_empty() || !self.inbox.is_empty();
        let now = clock::now().up;
        let until = self.exchange.deadline().map_or(ASLEEP_MAX, |at| at.since(now)).min(ASLEEP_MAX);
        let until = if busy { Duration::ZERO } else { until };
        let until = libc::timespec { tv_sec: until.as_secs() as _, tv_nsec: until.subsec_nanos() as _ };
        // SAFETY: the list lives until the call is over and its length is given.
        let found = unsafe { libc::ppoll(ready.as_mut_ptr(), ready.len() as _, &until, std::ptr::null()) };
        if found <= 0 {
            ready.iter_mut().for_each(|door| door.revents = 0);
        }
    }

    fn read_datagrams(&mut self, waiting: &mut Waiting, ready: &[libc::pollfd]) {
        let now = clock::now().wall;
        let ready = self.sockets.iter_mut().zip(ready).filter(|(_, door)| door.revents != 0);
        for (socket, _) in ready {
            for _ in 0..BATCHES_A_ROUND {
                let known = &self.known;
                let more = socket.read(
                    |address| known.is_banned(address, now),
                    |datagram| {
                        let trusted = known.is_trusted(datagram_ip(&datagram));
                        waiting.take(datagram, trusted);
                    },
                );
                if !more {
                    break;
                }
            }
        }
    }

    fn handle(&mut self, event: Event, actions: &mut Actions) {
        let now = clock::now();
        let set = self.hands.take(now);
        if let Some(by_ms) = set {
            let (way, seconds) = (if by_ms < 0 { "back" } else { "on" }, (by_ms.unsigned_abs() + 500) / 1_000);
            warn!("the time of day was set {way} by {seconds} s; calls and registrations last as they would have");
        }
        if let Some(by_ms) = set {
            self.clock_set(now, by_ms, actions);
        }
        self.tell(now, event, actions);
    }

    /// Those who drop packets and who keep bans over a restart hear of it as well.
    fn clock_set(&mut self, now: Now, by_ms: i64, actions: &mut Actions) {
        self.known.date_anew(by_ms);
        self.tell(now, Event::ClockSet { by_ms }, actions);
        for (address, ban) in self.exchange.bans() {
            if let Ok(ban) = postcard::to_stdvec(ban) {
                self.facts.ban(address.to_string(), ban);
            }
        }
    }

    fn tell(&mut self, now: Now, event: Event, actions: &mut Actions) {
        let noting = self.flight.before(&self.exchange, now, &event);
        let asked = if let Event::Ask { reply, .. } = &event { Some(*reply) } else { None };
        let exchange = &mut self.exchange;
        let outcome = catch_unwind(AssertUnwindSafe(|| exchange.handle(now, event, actions)));
        if outcome.is_err() {
            asked.into_iter().for_each(|asked| (self.forget)(asked));
            actions.push(Action::Fell { call_id: String::new() });
        }
        let fell = actions.iter().any(|action| matches!(action, Action::Fell { .. }));
        match noting {
            Some(noting) if fell => self.flight.failed(now, noting),
            Some(noting) => self.flight.after(exchange, now, noting),
            None => {}
        }
    }

    /// The cause was logged where it fell.
    fn fell(&mut self, call_id: &str) {
        match call_id {
            "" => error!("the exchange failed on an event; the calls go on"),
            call_id => error!(call_id, "a call fell over and was ended; the others go on"),
        }
        self.falls.add(clock::now().up);
    }

    fn act(&mut self, actions: &mut Actions, told: &mut VecDeque<wire::Report>) {
        for action in actions.drain() {
            match action {
                Action::Wire(order) => self.wire(order, told),
                Action::Sound(order) => self.sound.send(order),
                Action::Reply(to, answer) => (self.reply)(to, answer),
                Action::Remember(number, fact) => self.facts.push(number, fact),
                Action::Show(change) => self.live.take(change),
                Action::KeepPrompt(prompt) => (self.keep)(prompt),
                Action::AskPlugin(question) => self.plugins.ask(question),
                Action::Fell { call_id } => self.fell(&call_id),
            }
        }
        self.sound.wake();
    }

    fn wire(&mut self, order: wire::Order, told: &mut VecDeque<wire::Report>) {
        match order {
            wire::Order::Send { peer, bytes } => match peer.connection {
                Some(connection) => self.streams.send(connection, bytes),
                None => {
                    let socket = self.sockets.iter().find(|s| s.carries(&peer));
                    let sent = socket.map(|socket| socket.send(&peer, &bytes));
                    if matches!(&sent, Some(Err(e)) if e.kind() != std::io::ErrorKind::WouldBlock) {
                        told.push_back(wire::Report::Unreached { peer });
                    }
                }
            },
            wire::Order::Close { connection } => self.streams.close(connection),
            wire::Order::Ban { address, until } => {
                warn!(%address, until = %until, "address banned");
                self.known.ban(address, until);
                let kept = self.exchange.ban_of(address).and_then(|ban| postcard::to_stdvec(ban).ok());
                if let Some(ban) = kept {
                    self.facts.ban(address.to_string(), ban);
                }
                self.streams.close_address(address);
            }
            wire::Order::Lift { address } => {
                self.known.lift(address);
                self.facts.lift_ban(address.to_string());
            }
            wire::Order::Resolve { name } => self.names.resolve(name),
            wire::Order::Services { name } => self.names.services(name),
            wire::Order::Connect { way, transport: wire::Transport::Udp, remote, .. } => {
                let found = self.sockets.iter().find_map(|socket| socket.way_to(remote));
                told.push_back(match found {
                    Some(peer) => wire::Report::Connected { way, peer },
                    None => wire::Report::NotConnected { way, fault: wire::NoWay::Unreached },
                });
            }
            wire::Order::Connect { way, transport: wire::Transport::Tcp | wire::Transport::Tls, remote, certified } => {
                self.streams.clone().open(way, remote, certified);
            }
            wire::Order::Trust { address } => self.known.trust(address),
            wire::Order::Distrust { address } => self.known.distrust(address),
        }
    }
}

impl Waiting {
    /// Proven peers, sound and commands first; then a few strangers a round.
    fn next(&mut self, inbox: &Inbox, round: &mut Round) -> Option<Event> {
        if round.told < PROVEN_A_ROUND
            && let Some(event) = inbox.proven()
        {
            round.told += 1;
            return Some(event);
        }
        if round.proven < PROVEN_A_ROUND
            && let Some(datagram) = self.proven.pop_front()
        {
            round.proven += 1;
            return Some(message(datagram));
        }
        if round.strangers >= STRANGERS_A_ROUND {
            return None;
        }
        round.strangers += 1;
        self.stranger().map(message).or_else(|| inbox.stranger())
    }

    fn is_empty(&self) -> bool {
        self.proven.is_empty() && self.strangers.is_empty()
    }

    /// How many there was no room for; asked for as often as one likes, told once in a while.
    fn take_dropped(&mut self, now: Uptime) -> Option<u64> {
        if self.dropped == 0 || now.since(self.said_at) < SAY_EVERY {
            return None;
        }
        self.said_at = now;
        Some(std::mem::take(&mut self.dropped))
    }

    fn take(&mut self, datagram: Datagram, trusted: bool) {
        let ip = datagram_ip(&datagram);
        if trusted {
            if self.proven.len() < PROVEN_DATAGRAMS_MAX {
                self.proven.push_back(datagram);
            } else {
                self.dropped += 1;
            }
            return;
        }
        let share = self.shares.entry(ip).or_default();
        if *share >= STRANGERS_MAX_EACH || self.strangers.len() >= STRANGERS_MAX {
            if *share == 0 {
                self.shares.remove(&ip);
            }
            self.dropped += 1;
            return;
        }
        *share += 1;
        self.strangers.push_back(datagram);
    }

    fn stranger(&mut self) -> Option<Datagram> {
        let datagram = self.strangers.pop_front()?;
        let ip = datagram_ip(&datagram);
        if let Some(share) = self.shares.get_mut(&ip) {
            *share -= 1;
            if *share == 0 {
                self.shares.remove(&ip);
            }
        }
        Some(datagram)
    }
}

fn datagram_ip(datagram: &Datagram) -> IpAddr {
    datagram.peer.remote.ip()
}

fn unreached(told: &mut VecDeque<wire::Report>) -> Option<Event> {
    told.pop_front().map(|report| Event::Wire { came: clock::now().up, report })
}

fn message(datagram: Datagram) -> Event {
    let Datagram { came, peer, bytes } = datagram;
    Event::Wire { came, report: wire::Report::Message { peer, bytes } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        exchange::wire::{Peer, Transport},
        run::way_in::way_in,
    };

    /// Three faults within ten minutes, and the process starts anew.
    #[test]
    fn faults_that_are_far_apart_are_borne() {
        let at = |seconds: u64| Uptime(seconds * 1_000_000);
        let mut falls = Falls::default();
        for second in [0, 300, 600, 901, 1_300] {
            falls.add(at(second));
            assert!(!falls.are_too_many(), "{second}");
        }
        falls.add(at(1_499));
        assert!(falls.are_too_many());
    }

    fn datagram(from: &str) -> Datagram {
        let (local, remote) = ("192.0.2.1:5060".parse().unwrap(), from.parse().unwrap());
        let peer = Peer { transport: Transport::Udp, local, remote, connection: None };
        Datagram { came: Uptime(0), peer, bytes: "OPTIONS".into() }
    }

    /// BOX-139: what a flood costs is counted and said, and not each time.
    #[test]
    fn what_is_dropped_is_told_now_and_then() {
        let at = |seconds: u64| Uptime(seconds * 1_000_000);
        let mut waiting = Waiting::default();
        let flood = |waiting: &mut Waiting| {
            (0..100).for_each(|_| waiting.take(datagram("198.51.100.7:5060"), false));
        };
        assert_eq!(waiting.take_dropped(at(100)), None);
        flood(&mut waiting);
        assert_eq!(waiting.take_dropped(at(100)), Some(100 - u64::from(STRANGERS_MAX_EACH)));
        flood(&mut waiting);
        assert_eq!([101, 159, 160, 300].map(|second| waiting.take_dropped(at(second))), [None, None, Some(100), None]);
    }

    /// BOX-139: however much one proven peer says over its connection, the phones at the sockets and a few strangers
    /// are heard in each round, and the round ends.
    #[test]
    fn whoever_says_much_keeps_nobody_waiting() {
        let (way_in, inbox) = way_in().unwrap();
        let (mut waiting, mut heard) = (Waiting::default(), 0);
        for _round in 0..3 {
            waiting.take(datagram("192.0.2.7:5060"), true);
            waiting.take(datagram("198.51.100.7:5060"), false);
            let (mut round, mut from) = (Round::default(), Vec::new());
            loop {
                // As much as is taken comes after it.
                way_in.tell(Event::Tick);
                match waiting.next(&inbox, &mut round) {
                    Some(Event::Wire { report: wire::Report::Message { peer, .. }, .. }) => from.push(peer.remote.ip()),
                    Some(_) => heard += 1,
                    None => break,
                }
                assert!(heard <= 3 * PROVEN_A_ROUND, "the round does not end");
            }
            assert_eq!(from, ["192.0.2.7", "198.51.100.7"].map(|ip| ip.parse::<IpAddr>().unwrap()));
            assert!(!inbox.is_empty() && waiting.is_empty());
        }
        assert_eq!(heard, 3 * PROVEN_A_ROUND);
    }
}
