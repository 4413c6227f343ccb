//! The way into the exchange for everything but datagrams: bounded queues and a bell that wakes its thread.

use super::sound::Ear;
use crate::{
    audio::order::Report,
    exchange::{Event, wire},
    time::Uptime,
};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::{
    io,
    os::fd::{AsRawFd, RawFd},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;

/// Sound reports, commands, new snapshots and proven streams that may wait; whoever finds no room keeps what it has.
const PROVEN_MAX: usize = 1_024;
/// Messages of streams that have proven nothing.
const STRANGERS_MAX: usize = 512;

struct Bell {
    eventfd: EventFd,
    rung: AtomicBool,
}

impl Bell {
    fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            // A counter that is full wakes as well as one that is raised.
            let _ = self.eventfd.write(1);
        }
    }
}

/// Held by whoever has something to tell the exchange.
#[derive(Clone)]
pub struct WayIn {
    proven: Sender<Event>,
    strangers: Sender<Event>,
    bell: Arc<Bell>,
    /// Told of each place that becomes free in the queue of the proven.
    room: Arc<Notify>,
}

impl WayIn {
    /// Waits while the queue is full. Not for the sound threads and not for the exchange's own.
    pub fn tell(&self, event: Event) {
        // Only a process that is ending has no exchange.
        let _ = self.proven.send(event);
        self.bell.ring();
    }

    /// A message of a stranger over a stream; dropped if their queue is full.
    pub fn stranger(&self, came: Uptime, report: wire::Report) {
        let _ = self.strangers.try_send(Event::Wire { came, report });
        self.bell.ring();
    }

    /// Of a proven peer, or of a connection itself; waits, and nothing turns meanwhile, while the queue is full.
    pub async fn stream(&self, came: Uptime, report: wire::Report) {
        let mut event = Event::Wire { came, report };
        loop {
            let mut room = pin!(self.room.notified());
            // Before the queue is looked at, so that no place becomes free unheard.
            room.as_mut().enable();
            let taken = self.proven.try_send(event);
            self.bell.ring();
            match taken {
                Err(TrySendError::Full(back)) => event = back,
                // Only a process that is ending has no exchange.
                Ok(()) | Err(TrySendError::Disconnected(_)) => return,
            }
            room.await;
        }
    }
}

impl Ear for WayIn {
    /// Given back if the queue is full; the teller keeps what must not be lost.
    fn tell(&self, report: Report) -> Option<Report> {
        match self.proven.try_send(Event::Sound(report)) {
            Err(TrySendError::Full(Event::Sound(report))) => Some(report),
            _ => None,
        }
    }

    fn ring(&self) {
        self.bell.ring();
    }
}

/// The exchange's end.
pub struct Inbox {
    proven: Receiver<Event>,
    strangers: Receiver<Event>,
    bell: Arc<Bell>,
    room: Arc<Notify>,
}

impl Inbox {
    pub fn fd(&self) -> RawFd {
        self.bell.eventfd.as_raw_fd()
    }

    /// To be called after a wake-up and before the queues are read.
    pub fn silence(&self) {
        // In this order: who finds the bell rung until then has told what is read now; whoever comes later rings it.
        let _ = self.bell.eventfd.read();
        self.bell.rung.swap(false, Ordering::AcqRel);
    }

    pub fn proven(&self) -> Option<Event> {
        let event = self.proven.try_recv().ok()?;
        self.room.notify_one();
        Some(event)
    }

    pub fn stranger(&self) -> Option<Event> {
        self.strangers.try_recv().ok()
    }

    pub fn is_empty(&self) -> bool {
        self.proven.is_empty() && self.strangers.is_empty()
    }
}

pub fn way_in() -> io::Result<(WayIn, Inbox)> {
    let eventfd = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
    let bell = Arc::new(Bell { eventfd, rung: AtomicBool::new(false) });
    let (proven_in, proven) = bounded(PROVEN_MAX);
    let (strangers_in, strangers) = bounded(STRANGERS_MAX);
    let room = Arc::new(Notify::new());
    let way_in = WayIn { proven: proven_in, strangers: strangers_in, bell: bell.clone(), room: room.clone() };
    Ok((way_in, Inbox { proven, strangers, bell, room }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::wire::{ConnectionId, Report};
    use nix::poll::{PollFd, PollFlags, poll};
    use std::{
        future::{Future, poll_fn},
        os::fd::AsFd,
        sync::atomic::AtomicUsize,
        thread,
    };

    /// BOX-139: strangers fill their own queue, never that of the proven.
    #[tokio::test]
    async fn strangers_crowd_only_themselves() {
        let (way_in, inbox) = way_in().unwrap();
        let report = || Report::Closed { connection: ConnectionId(1) };
        (0..STRANGERS_MAX + 10).for_each(|_| way_in.stranger(Uptime(0), report()));
        way_in.stream(Uptime(0), report()).await;
        inbox.silence();
        assert!(inbox.proven().is_some());
        assert!(inbox.proven().is_none());
        assert_eq!(std::iter::from_fn(|| inbox.stranger()).count(), STRANGERS_MAX);
    }

    /// BOX-132: however many connections wait for room, they wait for a place that becomes free, and look for it no
    /// more often than that.
    #[tokio::test]
    async fn whoever_waits_for_room_does_not_turn() {
        const WAITING: u64 = 200;
        let (way_in, inbox) = way_in().unwrap();
        (0..PROVEN_MAX).for_each(|_| way_in.tell(Event::Tick));
        let looks = Arc::new(AtomicUsize::new(0));
        let waiting: Vec<_> = (0..WAITING)
            .map(|number| {
                let (way_in, looks) = (way_in.clone(), looks.clone());
                tokio::spawn(async move {
                    let report = Report::Closed { connection: ConnectionId(number) };
                    let mut told = pin!(way_in.stream(Uptime(0), report));
                    poll_fn(|cx| {
                        looks.fetch_add(1, Ordering::Relaxed);
                        told.as_mut().poll(cx)
                    })
                    .await;
                })
            })
            .collect();
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(looks.load(Ordering::Relaxed), WAITING as usize, "each looked once and sleeps");
        let mut told = 0;
        while told < WAITING {
            match inbox.proven() {
                Some(Event::Wire { .. }) => told += 1,
                Some(_) => {}
                None => tokio::task::yield_now().await,
            }
        }
        for one in waiting {
            one.await.unwrap();
        }
        assert!(looks.load(Ordering::Relaxed) <= 3 * WAITING as usize, "{looks:?}");
    }

    /// MON-49: whoever tells something while the bell is silenced is heard at once, and so is everybody after.
    #[test]
    fn no_ring_is_lost_while_the_bell_is_silenced() {
        const TOLD: usize = 300_000;
        let (way_in, inbox) = way_in().unwrap();
        let teller = thread::spawn(move || (0..TOLD).for_each(|_| way_in.tell(Event::Tick)));
        let mut heard = 0;
        while heard < TOLD {
            let mut doors = [PollFd::new(inbox.bell.eventfd.as_fd(), PollFlags::POLLIN)];
            let rang = poll(&mut doors, 10_000_u16).unwrap();
            assert_eq!(rang, 1, "{heard} were heard, {} wait, and nobody rings", inbox.proven.len());
            inbox.silence();
            heard += std::iter::from_fn(|| inbox.proven()).count();
        }
        teller.join().unwrap();
    }
}
