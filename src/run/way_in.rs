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
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

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
}

impl WayIn {
    /// Waits while the queue is full. Not for the sound threads and not for the exchange's own.
    pub fn tell(&self, event: Event) {
        // Only a process that is ending has no exchange.
        let _ = self.proven.send(event);
        self.bell.ring();
    }

    /// A message of a stream; `false` if its queue is full. The teller tries again for a proven peer and drops a
    /// stranger's.
    pub fn stream(&self, came: Uptime, report: wire::Report, proven: bool) -> bool {
        let event = Event::Wire { came, report };
        let taken = if proven {
            !matches!(self.proven.try_send(event), Err(TrySendError::Full(_)))
        } else {
            !matches!(self.strangers.try_send(event), Err(TrySendError::Full(_)))
        };
        self.bell.ring();
        taken
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
        self.proven.try_recv().ok()
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
    let way_in = WayIn { proven: proven_in, strangers: strangers_in, bell: bell.clone() };
    Ok((way_in, Inbox { proven, strangers, bell }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::wire::{ConnectionId, Report};
    use nix::poll::{PollFd, PollFlags, poll};
    use std::{os::fd::AsFd, thread};

    /// BOX-139: strangers fill their own queue, never that of the proven.
    #[test]
    fn strangers_crowd_only_themselves() {
        let (way_in, inbox) = way_in().unwrap();
        let report = || Report::Closed { connection: ConnectionId(1) };
        let taken = (0..STRANGERS_MAX + 10).filter(|_| way_in.stream(Uptime(0), report(), false)).count();
        assert_eq!(taken, STRANGERS_MAX);
        assert!(way_in.stream(Uptime(0), report(), true));
        inbox.silence();
        assert!(inbox.proven().is_some());
        assert!(inbox.proven().is_none());
        assert_eq!(std::iter::from_fn(|| inbox.stranger()).count(), STRANGERS_MAX);
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
