//! The loop of one sound thread: packets, orders and the 20 ms of its timer.

use super::{
    Ear, Errand, Luggage, SoundSettings, line,
    ports::{Door, Pair, Ports},
    rank::Rank,
    share,
    socket::Port,
    warm::warm,
};
use crate::{
    audio::{
        deck::{BUFFER, Deck, Incoming, Kind, Out},
        order::{Order, Report},
        recorder::{Block, Desk},
        sounds::Sounds,
    },
    chance::Seed,
    run::{clock, memory, recording::RecordingDesk},
    sdp::LegId,
    time::Uptime,
};
use crossbeam_channel::{Receiver, TryRecvError};
use nix::{
    sys::{
        epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
        eventfd::EventFd,
        time::TimeSpec,
        timerfd::{self, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags},
    },
    time::{ClockId, ClockNanosleepFlags, clock_nanosleep},
};
use std::{collections::VecDeque, io, mem, net::SocketAddr, sync::Arc, time::Duration};

/// Events taken in one go.
const EVENTS: usize = 256;
/// Ports whose packets are made ready together: as much as the nearest cache holds.
const TOGETHER: usize = 16;
/// Errands done in one go, so that sound does not wait for them.
const ERRANDS: usize = 64;
const TICK: Duration = Duration::from_millis(20);
/// How long packets that follow each other closely may gather where the thread runs in real time: half of the relay
/// delay that is allowed.
const GATHER: Duration = Duration::from_micros(500);
/// Marks of what is no port.
const WAKE: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;

/// What a thread begins with.
pub struct Plan {
    pub deck: u8,
    pub settings: SoundSettings,
    pub sounds: Arc<Sounds>,
    pub seed: Seed,
    pub desk: RecordingDesk,
}

pub struct Pump<E> {
    deck: Deck,
    number: u8,
    timer: TimerFd,
    errands: Receiver<Errand>,
    wake: Arc<EventFd>,
    way: Way<E>,
    late: Late,
    rank: Rank,
    /// The timer runs.
    ticking: bool,
}

/// What the deck sends goes out here.
struct Way<E> {
    ports: Ports,
    epoll: Epoll,
    ear: E,
    /// The ear was told something that it was not woken for.
    due: bool,
    desk: RecordingDesk,
    /// Reports for which there was no room and that must not be lost: no more than the legs that are open and the
    /// digits they can press.
    kept: VecDeque<Report>,
    sent: u64,
}

impl<E: Ear> Way<E> {
    fn tell_kept(&mut self) {
        while let Some(report) = self.kept.pop_front() {
            if let Some(full) = self.tell(report) {
                return self.kept.push_front(full);
            }
        }
    }

    fn tell(&mut self, report: Report) -> Option<Report> {
        self.due = true;
        self.ear.tell(report)
    }

    fn ring(&mut self) {
        if mem::take(&mut self.due) {
            self.ear.ring();
        }
    }
}

impl<E> Desk for Way<E> {
    fn hand_over(&mut self, block: Block) -> Option<Block> {
        self.desk.hand_over(block)
    }

    fn take_back(&mut self) -> Option<Block> {
        self.desk.take_back()
    }
}

impl<E: Ear> Out for Way<E> {
    fn send(&mut self, seat: u16, kind: Kind, to: SocketAddr, packet: &[u8]) {
        let Some(pair) = self.ports.pair_mut(seat) else { return };
        self.sent += 1;
        if kind == Kind::Rtcp {
            return pair.rtcp.send(to, packet);
        }
        match pair.line.way(to) {
            line::Way::Line(port) => return port.pass(packet),
            line::Way::Port => {}
            line::Way::Due => {
                if let Some(port) = pair.line.open(&pair.rtp) {
                    watch(&self.epoll, seat, Door::Line, port);
                }
            }
        }
        pair.rtp.send(to, packet);
    }

    fn report(&mut self, report: Report) {
        // The next second brings newer ones.
        let only_latest = matches!(report, Report::Figures(_) | Report::Load { .. });
        if only_latest {
            self.tell(report);
            return;
        }
        self.kept.push_back(report);
        self.tell_kept();
    }
}

impl<E: Ear> Pump<E> {
    pub fn new(plan: Plan, errands: Receiver<Errand>, wake: Arc<EventFd>, ear: E) -> io::Result<Pump<E>> {
        let Plan { deck: number, settings, sounds, seed, desk } = plan;
        let deck = Deck::new(&settings.ports, sounds, seed);
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&*wake, EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
        let timer =
            TimerFd::new(timerfd::ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, TIMER))?;
        let own = share(deck.seats(), number, settings.threads.max(1));
        let mut ports = Ports::new(number, settings.bind, deck.port(0), deck.seats(), own);
        let stock = ports.restock()?;
        let mut way = Way { ports, epoll, ear, due: false, desk, kept: VecDeque::new(), sent: 0 };
        way.report(Report::Stock(stock));
        way.ring();
        Ok(Pump { deck, number, timer, errands, wake, way, late: Late::default(), rank: Rank::new(), ticking: false })
    }

    pub fn run(mut self) {
        let mut events = [EpollEvent::empty(); EVENTS];
        let mut buffer = [0; BUFFER];
        let mut open = true;
        while open {
            if self.rank.is_real_time() && self.late.busy {
                gather();
            }
            let asked = clock::up();
            let Ok(count) = self.way.epoll.wait(&mut events, EpollTimeout::NONE) else { continue };
            let now = clock::up();
            let sent = self.way.sent;
            for together in events[..count].chunks(TOGETHER) {
                if together.len() > 1 {
                    self.warm(together);
                }
                for event in together {
                    match event.data() {
                        TIMER => self.tick(now),
                        WAKE => {
                            open = self.obey(now);
                            self.restock();
                        }
                        port => self.packet(now, port, &mut buffer),
                    }
                }
            }
            self.late.round(asked, now, clock::up(), self.way.sent - sent);
            self.way.ring();
            self.wind();
        }
        self.deck.end(&mut self.way);
        self.way.ring();
    }

    /// The timer runs while there is something to do at each tick: an idle box sleeps.
    fn wind(&mut self) {
        let busy = self.deck.is_busy() || !self.way.kept.is_empty();
        if busy == self.ticking {
            return;
        }
        self.ticking = busy;
        let wound = if busy {
            self.late.next_tick = clock::up() + TICK;
            self.timer.set(Expiration::Interval(TimeSpec::from_duration(TICK)), TimerSetTimeFlags::empty())
        } else {
            self.timer.unset()
        };
        wound.expect("a timer of 20 ms can be set");
    }

    /// What the packets of some ports will need: those who speak first, then those who hear them.
    fn warm(&self, events: &[EpollEvent]) {
        let seats = || events.iter().map(|event| marked(event.data()).0);
        for seat in seats() {
            self.way.ports.pair(seat).into_iter().for_each(warm);
            self.deck.at(seat).into_iter().for_each(warm);
        }
        for seat in seats() {
            for &hearer in self.deck.at(seat).into_iter().flat_map(|leg| &leg.hearers) {
                self.way.ports.pair(hearer).into_iter().for_each(warm);
                self.deck.at(hearer).into_iter().for_each(|leg| {
                    warm(leg);
                    warm(&*leg.keypad);
                });
            }
        }
    }

    fn packet(&mut self, now: Uptime, mark: u64, buffer: &mut [u8; BUFFER]) {
        let (seat, door) = marked(mark);
        let kind = if door == Door::Rtcp { Kind::Rtcp } else { Kind::Rtp };
        let Some(port) = self.way.ports.pair(seat).and_then(|pair| pair.port(door)) else { return };
        let Some((length, from)) = port.receive(buffer) else { return };
        if length <= crate::audio::rtp::PACKET_MAX {
            self.deck.packet(now, Incoming { seat, kind, from, buffer, length }, &mut self.way);
        }
    }

    fn tick(&mut self, now: Uptime) {
        let mut expired = [0; 8];
        let _ = nix::unistd::read(&self.timer, &mut expired);
        self.late.tick(now);
        if self.deck.tick(now, &mut self.way) {
            let (ticks, late_us_mean) = self.late.second();
            self.rank.second(now, ticks);
            self.way.report(Report::Load { deck: self.number, late_us_mean });
        }
        self.way.tell_kept();
    }

    /// Does errands; false when nobody can send one any more.
    fn obey(&mut self, now: Uptime) -> bool {
        let _ = self.wake.read();
        for _ in 0..ERRANDS {
            match self.errands.try_recv() {
                Ok(Errand::Order(order)) => self.order(now, order),
                Ok(Errand::Leave(leg, to)) => drop(to.send(self.leave(leg))),
                Ok(Errand::Arrive(luggage)) => self.arrive(luggage),
                Ok(Errand::Rest) => memory::collect(),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        // There may be more: come back after the packets.
        let _ = self.wake.write(1);
        true
    }

    fn order(&mut self, now: Uptime, order: Order) {
        let over = match &order {
            Order::Open { slot, .. } => {
                self.deck.seat(slot.port).into_iter().for_each(|seat| self.open(seat));
                None
            }
            Order::Close { leg } => self.deck.seat_of(*leg),
            Order::Set { .. }
            | Order::Hear { .. }
            | Order::Digit { .. }
            | Order::Record { .. }
            | Order::Take { .. }
            | Order::PauseRecording { .. }
            | Order::ResumeRecording { .. }
            | Order::StopRecording { .. } => None,
        };
        self.deck.order(now, order, &mut self.way);
        if let Some(seat) = over {
            // Closing the sockets takes them out of the epoll set too.
            self.way.ports.close(seat);
        }
    }

    fn open(&mut self, seat: u16) {
        if let Some(pair) = self.way.ports.take(seat) {
            watch_all(&self.way.epoll, seat, pair);
        }
    }

    fn leave(&mut self, leg: LegId) -> Option<Luggage> {
        let (leg, hears) = self.deck.leave(leg)?;
        let pair = self.way.ports.leave(leg.seat)?;
        for (_, port) in pair.ports() {
            let _ = self.way.epoll.delete(port);
        }
        Some(Luggage { leg, hears, pair })
    }

    fn arrive(&mut self, luggage: Luggage) {
        let Luggage { leg, hears, pair } = luggage;
        if let Some(pair) = self.way.ports.arrive(leg.seat, pair) {
            watch_all(&self.way.epoll, leg.seat, pair);
        }
        self.deck.arrive(leg, hears);
    }

    fn restock(&mut self) {
        match self.way.ports.restock() {
            Ok(slots) if !slots.is_empty() => self.way.report(Report::Stock(slots)),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "no port for sound can be bound"),
        }
    }
}

/// What comes meanwhile is what is waited for.
fn gather() {
    let _ = clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::empty(), &TimeSpec::from_duration(GATHER));
}

fn watch_all(epoll: &Epoll, seat: u16, pair: &Pair) {
    for (door, port) in pair.ports() {
        watch(epoll, seat, door, port);
    }
}

fn watch(epoll: &Epoll, seat: u16, door: Door, port: &Port) {
    let mark = u64::from(seat) << 2 | door as u64;
    let _ = epoll.add(port, EpollEvent::new(EpollFlags::EPOLLIN, mark));
}

/// The seat and the door that `watch` marked.
fn marked(mark: u64) -> (u16, Door) {
    let door = match mark & 3 {
        0 => Door::Rtp,
        1 => Door::Rtcp,
        _ => Door::Line,
    };
    ((mark >> 2) as u16, door)
}

/// How late packets leave (BOX-132).
#[derive(Default)]
struct Late {
    next_tick: Uptime,
    /// Of ticks: their number and sum in microseconds. What a tick makes leaves as late as the tick comes.
    ticks: u64,
    ticks_us: u64,
    /// Of packets passed on.
    packets: u64,
    packets_us: u64,
    /// When the round before began, and whether it had not to wait.
    round: Uptime,
    busy: bool,
}

/// A wait that is over so soon found something ready.
const AT_ONCE: Duration = Duration::from_micros(50);

impl Late {
    fn tick(&mut self, now: Uptime) {
        self.ticks += 1;
        self.ticks_us += now.since(self.next_tick).as_micros() as u64;
        while self.next_tick <= now {
            self.next_tick = self.next_tick + TICK;
        }
    }

    /// A round asked what is ready, began with the answer and ended. What was ready at once came since the round
    /// before, in the mean half of that time ago; and it left, in the mean, half way through this one.
    fn round(&mut self, asked: Uptime, began: Uptime, ended: Uptime, sent: u64) {
        self.busy = began.since(asked) < AT_ONCE;
        let waited = if self.busy { began.since(self.round) } else { Duration::ZERO };
        self.packets += sent;
        self.packets_us += sent * (waited + ended.since(began)).as_micros() as u64 / 2;
        self.round = began;
    }

    /// The means of the second that is over: of ticks, and of packets and ticks, the worse.
    fn second(&mut self) -> (Duration, u32) {
        let ticks = self.ticks_us.checked_div(self.ticks).unwrap_or(0);
        let packets = self.packets_us.checked_div(self.packets).unwrap_or(0);
        *self = Late { next_tick: self.next_tick, round: self.round, busy: self.busy, ..Late::default() };
        (Duration::from_micros(ticks), ticks.max(packets) as u32)
    }
}
