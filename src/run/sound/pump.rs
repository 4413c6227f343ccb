//! The loop of one sound thread: packets, orders and the 20 ms of its timer.

use super::{
    Errand, Luggage, SoundSettings,
    ports::{Pair, Ports},
    share,
};
use crate::{
    audio::{
        deck::{BUFFER, Deck, Incoming, Kind, Out},
        order::{Order, Report},
        sounds::Sounds,
    },
    chance::Seed,
    run::clock,
    sdp::LegId,
    time::Uptime,
};
use crossbeam_channel::{Receiver, TryRecvError};
use nix::{
    libc,
    sys::{
        epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
        eventfd::EventFd,
        time::TimeSpec,
        timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags},
    },
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};

/// Events taken in one go.
const EVENTS: usize = 128;
/// Errands done in one go, so that sound does not wait for them.
const ERRANDS: usize = 64;
const TICK: Duration = Duration::from_millis(20);
/// Marks of what is no port.
const WAKE: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
/// Real-time priority: above everything of the machine but its own threads.
const PRIORITY: i32 = 20;

/// What a thread begins with.
pub struct Plan {
    pub deck: u8,
    pub settings: SoundSettings,
    pub sounds: Arc<Sounds>,
    pub seed: Seed,
}

pub struct Pump<F> {
    deck: Deck,
    number: u8,
    epoll: Epoll,
    timer: TimerFd,
    errands: Receiver<Errand>,
    wake: Arc<EventFd>,
    way: Way<F>,
    late: Late,
}

/// What the deck sends goes out here.
struct Way<F> {
    ports: Ports,
    report: F,
    sent: u64,
}

impl<F: Fn(Report)> Out for Way<F> {
    fn send(&mut self, seat: u16, kind: Kind, to: SocketAddr, packet: &[u8]) {
        if let Some(pair) = self.ports.pair(seat) {
            pair.port(kind).send(to, packet);
            self.sent += 1;
        }
    }

    fn report(&mut self, report: Report) {
        (self.report)(report);
    }
}

impl<F: Fn(Report)> Pump<F> {
    pub fn new(plan: Plan, errands: Receiver<Errand>, wake: Arc<EventFd>, report: F) -> io::Result<Pump<F>> {
        let Plan { deck: number, settings, sounds, seed } = plan;
        let deck = Deck::new(&settings.ports, sounds, seed);
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&*wake, EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, TIMER))?;
        let own = share(deck.seats(), number, settings.threads.max(1));
        let mut ports = Ports::new(number, settings.bind, deck.port(0), deck.seats(), own);
        report(Report::Stock(ports.restock()?));
        let way = Way { ports, report, sent: 0 };
        Ok(Pump { deck, number, epoll, timer, errands, wake, way, late: Late::default() })
    }

    pub fn run(mut self) {
        prefer();
        let interval = Expiration::Interval(TimeSpec::from_duration(TICK));
        self.timer.set(interval, TimerSetTimeFlags::empty()).expect("a timer of 20 ms can be set");
        self.late.next_tick = clock::now().up + TICK;
        let mut events = [EpollEvent::empty(); EVENTS];
        let mut buffer = [0; BUFFER];
        let mut open = true;
        while open {
            let Ok(count) = self.epoll.wait(&mut events, EpollTimeout::NONE) else { continue };
            let now = clock::now().up;
            let sent = self.way.sent;
            for event in &events[..count] {
                match event.data() {
                    TIMER => self.tick(now),
                    WAKE => open = self.obey(now),
                    port => self.packet(now, port, &mut buffer),
                }
            }
            self.late.round(now, clock::now().up, self.way.sent - sent, count == EVENTS);
        }
    }

    fn packet(&mut self, now: Uptime, mark: u64, buffer: &mut [u8; BUFFER]) {
        let seat = (mark >> 1) as u16;
        let kind = if mark & 1 == 0 { Kind::Rtp } else { Kind::Rtcp };
        let Some(pair) = self.way.ports.pair(seat) else { return };
        let Some((length, from)) = pair.port(kind).receive(buffer) else { return };
        if length <= crate::audio::rtp::PACKET_MAX {
            self.deck.packet(now, Incoming { seat, kind, from, buffer, length }, &mut self.way);
        }
    }

    fn tick(&mut self, now: Uptime) {
        let mut expired = [0; 8];
        let _ = nix::unistd::read(&self.timer, &mut expired);
        self.late.tick(now);
        self.deck.tick(now, &mut self.way);
        if let Some(late_us_mean) = self.late.second(now) {
            self.way.report(Report::Load { deck: self.number, late_us_mean });
        }
    }

    /// Does errands; false when nobody can send one any more.
    fn obey(&mut self, now: Uptime) -> bool {
        let _ = self.wake.read();
        for _ in 0..ERRANDS {
            match self.errands.try_recv() {
                Ok(Errand::Order(order)) => self.order(now, order),
                Ok(Errand::Leave(leg, to)) => drop(to.send(self.leave(leg))),
                Ok(Errand::Arrive(luggage)) => self.arrive(luggage),
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
            Order::Set { .. } | Order::Hear { .. } | Order::Digit { .. } => None,
        };
        self.deck.order(now, order, &mut self.way);
        if let Some(seat) = over {
            // Closing the sockets takes them out of the epoll set too.
            self.way.ports.close(seat);
            self.restock();
        }
    }

    fn open(&mut self, seat: u16) {
        if let Some(pair) = self.way.ports.take(seat) {
            watch(&self.epoll, seat, pair);
        }
        self.restock();
    }

    fn leave(&mut self, leg: LegId) -> Option<Luggage> {
        let leg = self.deck.leave(leg)?;
        let pair = self.way.ports.leave(leg.seat)?;
        for port in [&pair.rtp, &pair.rtcp] {
            let _ = self.epoll.delete(port);
        }
        Some(Luggage { leg, pair })
    }

    fn arrive(&mut self, luggage: Luggage) {
        let Luggage { leg, pair } = luggage;
        if let Some(pair) = self.way.ports.arrive(leg.seat, pair) {
            watch(&self.epoll, leg.seat, pair);
        }
        self.deck.arrive(leg);
    }

    fn restock(&mut self) {
        match self.way.ports.restock() {
            Ok(slots) if !slots.is_empty() => self.way.report(Report::Stock(slots)),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "no port for sound can be bound"),
        }
    }
}

fn watch(epoll: &Epoll, seat: u16, pair: &Pair) {
    for (kind, port) in [(0, &pair.rtp), (1, &pair.rtcp)] {
        let mark = u64::from(seat) << 1 | kind;
        let _ = epoll.add(port, EpollEvent::new(EpollFlags::EPOLLIN, mark));
    }
}

/// Asks for real-time scheduling; without the right to it the thread runs as the others do.
fn prefer() {
    let wanted = libc::sched_param { sched_priority: PRIORITY };
    // SAFETY: 0 is this thread, and the parameter lives through the call.
    let refused = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &wanted) } != 0;
    tracing::debug!(refused, "real-time scheduling of a sound thread");
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
    /// How long the round before took, if this one did not wait.
    before_us: u64,
    second_over: Uptime,
}

impl Late {
    fn tick(&mut self, now: Uptime) {
        self.ticks += 1;
        self.ticks_us += now.since(self.next_tick).as_micros() as u64;
        while self.next_tick <= now {
            self.next_tick = self.next_tick + TICK;
        }
    }

    /// A packet waited in the mean half the round in which it came and half that in which it left; `full` if more
    /// events waited than were taken.
    fn round(&mut self, began: Uptime, ended: Uptime, sent: u64, full: bool) {
        let took = ended.since(began).as_micros() as u64;
        self.packets += sent;
        self.packets_us += sent * (took + self.before_us) / 2;
        self.before_us = if full { self.before_us + took } else { took };
    }

    /// The mean of the second that is over, the worse of both kinds.
    fn second(&mut self, now: Uptime) -> Option<u32> {
        if now < self.second_over {
            return None;
        }
        let ticks = self.ticks_us.checked_div(self.ticks).unwrap_or(0);
        let packets = self.packets_us.checked_div(self.packets).unwrap_or(0);
        *self = Late { next_tick: self.next_tick, second_over: now + Duration::from_secs(1), ..Late::default() };
        Some(ticks.max(packets) as u32)
    }
}
