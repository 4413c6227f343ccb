//! The sound threads: each has a deck, its ports, and nothing in common with the others.

mod line;
mod ports;
mod pump;
mod rank;
mod socket;
mod warm;

use super::recording::{self, Place, Recordings};
use crate::{
    audio::{
        deck::Hears,
        leg::Leg,
        order::{Order, Report, Source},
        sounds::Sounds,
    },
    chance::Seed,
    sdp::LegId,
};
use crossbeam_channel::{Sender, TrySendError, bounded};
use nix::sys::eventfd::{EfdFlags, EventFd};
use ports::Pair;
use pump::Pump;
use std::{
    cell::Cell,
    collections::BTreeMap,
    io,
    net::IpAddr,
    ops::{Range, RangeInclusive},
    sync::Arc,
    thread,
};

/// Errands that may wait for one deck; a sender waits when they are so many.
const ERRANDS_MAX: usize = 1_024;

#[derive(Clone, Debug)]
pub struct SoundSettings {
    /// The one address that sound comes to; none: every address of the machine.
    pub bind: Option<IpAddr>,
    /// Ports for pairs of RTP and RTCP.
    pub ports: RangeInclusive<u16>,
    /// Decks. Legs that hear each other are on one deck.
    pub threads: u8,
    pub recordings: Place,
}

/// The way to the sound threads. They end when this is dropped.
pub struct SoundThreads {
    ways: Vec<Way>,
    decks: BTreeMap<LegId, u8>,
    recordings: Recordings,
}

/// What a sound thread is told.
enum Errand {
    Order(Order),
    /// The leg goes to another deck, with its sockets.
    Leave(LegId, Sender<Option<Luggage>>),
    Arrive(Luggage),
    /// There was no leg for a while.
    Rest,
}

/// A leg between two decks.
struct Luggage {
    leg: Box<Leg>,
    hears: Option<Hears>,
    pair: Pair,
}

struct Way {
    errands: Option<Sender<Errand>>,
    wake: Arc<EventFd>,
    /// It has errands that it was not woken for.
    due: Cell<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Who hears the sound threads.
pub trait Ear: Clone + Send + 'static {
    /// Must not block, and gives back what it has no room for.
    fn tell(&self, report: Report) -> Option<Report>;

    /// Wakes whoever is to hear what was told: once for all of it.
    fn ring(&self);
}

/// A queue that wakes by itself whoever waits at it.
impl<F: Fn(Report) -> Option<Report> + Clone + Send + 'static> Ear for F {
    fn tell(&self, report: Report) -> Option<Report> {
        self(report)
    }

    fn ring(&self) {}
}

/// Binds the first ports and starts the threads.
pub fn start(settings: &SoundSettings, sounds: Arc<Sounds>, ear: impl Ear) -> io::Result<SoundThreads> {
    let of_disk = ear.clone();
    let (recordings, desks) = recording::start(&settings.recordings, settings.threads.max(1), move |report| {
        let full = of_disk.tell(report);
        of_disk.ring();
        full
    })?;
    let ways = (0..)
        .zip(desks)
        .map(|(deck, desk)| {
            let (errands, way_in) = bounded(ERRANDS_MAX);
            let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(io::Error::other)?;
            let pump = Pump::new(
                pump::Plan { deck, settings: settings.clone(), sounds: sounds.clone(), seed: Seed(seed), desk },
                way_in,
                wake.clone(),
                ear.clone(),
            )?;
            let thread = thread::Builder::new().name(format!("sound-{deck}")).spawn(move || pump.run())?;
            Ok(Way { errands: Some(errands), wake, due: Cell::new(false), thread: Some(thread) })
        })
        .collect::<io::Result<Vec<Way>>>()?;
    Ok(SoundThreads { ways, decks: BTreeMap::new(), recordings })
}

/// The seats whose ports are one deck's to bind: an equal run.
fn share(seats: u16, deck: u8, decks: u8) -> Range<u16> {
    let each = seats / u16::from(decks);
    let start = each * u16::from(deck);
    start..start + each
}

impl SoundThreads {
    /// Gives an order to the deck of its leg, which looks at it when it is woken or has packets. Waits while the deck's
    /// way in is full: no order is lost.
    pub fn send(&mut self, order: Order) {
        match &order {
            Order::Hear { leg, source: Source::Leg(speaker) } => self.bring_together(*leg, *speaker),
            Order::Hear { leg, source: Source::Legs(speakers) } => {
                if let Some((first, others)) = speakers.split_first() {
                    self.bring_together(*leg, *first);
                    others.iter().for_each(|other| self.bring_together(*other, *first));
                }
            }
            Order::Record { .. }
            | Order::Take { .. }
            | Order::PauseRecording { .. }
            | Order::ResumeRecording { .. }
            | Order::StopRecording { .. } => return self.tell_all(order),
            _ => {}
        }
        if let Some(deck) = self.deck(&order) {
            self.tell(deck, Errand::Order(order));
        }
    }

    /// A recording may be of legs on several decks; each looks for its own.
    fn tell_all(&self, order: Order) {
        self.recordings.tell(&order);
        for deck in 0..self.ways.len() as u8 {
            self.tell(deck, Errand::Order(order.clone()));
        }
    }

    fn tell(&self, deck: u8, errand: Errand) {
        let Some(way) = self.ways.get(usize::from(deck)) else { return };
        let Some(errands) = &way.errands else { return };
        way.due.set(true);
        if let Err(TrySendError::Full(errand)) = errands.try_send(errand) {
            way.wake();
            let _ = errands.send(errand);
        }
    }

    /// The decks let go of what they do not need now.
    pub fn rest(&self) {
        for deck in 0..self.ways.len() as u8 {
            self.tell(deck, Errand::Rest);
        }
        self.wake();
    }

    /// Whether a leg is open.
    pub fn is_busy(&self) -> bool {
        !self.decks.is_empty()
    }

    /// Whether one of the threads fell: calls on its deck are dumb, or what is recorded is not kept.
    pub fn has_fallen(&self) -> bool {
        let mut threads = self.ways.iter().filter_map(|way| way.thread.as_ref());
        threads.any(thread::JoinHandle::is_finished) || self.recordings.has_fallen()
    }

    /// Wakes the decks that were given something: once for all of it.
    pub fn wake(&self) {
        self.ways.iter().filter(|way| way.due.take()).for_each(Way::wake);
    }

    /// Legs that hear each other are on one deck: the hearer goes to the speaker's. Waits until it has left, so that
    /// no order overtakes it; that is rare and takes as long as one round of the deck.
    fn bring_together(&mut self, hearer: LegId, speaker: LegId) {
        let (Some(&from), Some(&to)) = (self.decks.get(&hearer), self.decks.get(&speaker)) else { return };
        if from == to {
            return;
        }
        let (hand_over, take) = bounded(1);
        self.tell(from, Errand::Leave(hearer, hand_over));
        self.wake();
        if let Ok(Some(luggage)) = take.recv() {
            self.tell(to, Errand::Arrive(luggage));
            self.decks.insert(hearer, to);
        }
    }

    fn deck(&mut self, order: &Order) -> Option<u8> {
        match order {
            Order::Open { leg, slot } => {
                self.decks.insert(*leg, slot.deck);
                Some(slot.deck)
            }
            Order::Close { leg } => self.decks.remove(leg),
            Order::Set { leg, .. } | Order::Hear { leg, .. } | Order::Digit { leg, .. } => self.decks.get(leg).copied(),
            Order::Record { .. }
            | Order::Take { .. }
            | Order::PauseRecording { .. }
            | Order::ResumeRecording { .. }
            | Order::StopRecording { .. } => None,
        }
    }
}

impl Way {
    /// A full counter wakes as well.
    fn wake(&self) {
        let _ = self.wake.write(1);
    }
}

impl Drop for SoundThreads {
    fn drop(&mut self) {
        for way in &mut self.ways {
            way.errands = None;
            way.wake();
            if let Some(thread) = way.thread.take() {
                let _ = thread.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audio::order::{Figures, Slot, Source, Stream},
        audio::rtp::{Header, Stamp},
        sdp::{Choice, Codec},
    };
    use crossbeam_channel::Receiver;
    use std::{
        net::{Ipv4Addr, SocketAddr, UdpSocket},
        time::Duration,
    };

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PATIENCE: Duration = Duration::from_secs(5);

    struct Rig {
        threads: SoundThreads,
        reports: Receiver<Report>,
        slots: Vec<Slot>,
        _data: tempfile::TempDir,
    }

    fn rig(ports: RangeInclusive<u16>, decks: u8) -> Rig {
        let (tell, reports) = crossbeam_channel::unbounded();
        let data = tempfile::tempdir().unwrap();
        let settings =
            SoundSettings { bind: Some(LOOPBACK), ports, threads: decks, recordings: Place::new(data.path()) };
        let threads =
            start(&settings, Arc::default(), move |report| tell.send(report).err().map(|lost| lost.0)).unwrap();
        let mut rig = Rig { threads, reports, slots: Vec::new(), _data: data };
        for _ in 0..decks {
            rig.slots.extend(rig.wait(|report| match report {
                Report::Stock(slots) => Some(slots),
                _ => None,
            }));
        }
        rig
    }

    impl Rig {
        fn wait<T>(&self, want: impl FnMut(Report) -> Option<T>) -> T {
            let reports = (0..100).map(|_| self.reports.recv_timeout(PATIENCE).expect("a report"));
            reports.into_iter().find_map(want).expect("the report among the first hundred")
        }

        fn open(&mut self, leg: u64, deck: u8, phone: &UdpSocket) -> SocketAddr {
            let at = self.slots.iter().position(|slot| slot.deck == deck).expect("a slot on the deck");
            let (leg, slot) = (LegId(leg), self.slots.remove(at));
            let stream = Stream {
                remote: phone.local_addr().unwrap(),
                send: Choice { codec: Codec::Pcma, payload: 8 },
                take: vec![Choice { codec: Codec::Pcma, payload: 8 }],
                event_send: None,
                event_take: None,
                keys_elsewhere: false,
                ptime_ms: 20,
                hears: true,
                speaks: true,
                srtp: None,
            };
            self.threads.send(Order::Open { leg, slot });
            self.threads.send(Order::Set { leg, stream, relearn: false });
            self.threads.wake();
            SocketAddr::new(LOOPBACK, slot.port)
        }

        fn close(&mut self, leg: u64) -> Figures {
            self.threads.send(Order::Close { leg: LegId(leg) });
            self.threads.wake();
            self.wait(|report| match report {
                Report::Closed { leg: closed, figures } if closed == LegId(leg) => Some(figures),
                _ => None,
            })
        }
    }

    fn phone() -> UdpSocket {
        let phone = UdpSocket::bind((LOOPBACK, 0)).unwrap();
        phone.set_read_timeout(Some(PATIENCE)).unwrap();
        phone
    }

    fn packet(sequence: u16) -> Vec<u8> {
        let mut packet = vec![0x55; 172];
        Stamp { marker: false, payload_type: 8, sequence, timestamp: u32::from(sequence) * 160, ssrc: 5 }
            .write(&mut packet);
        packet
    }

    /// BOX-45, BOX-50: two phones hear each other through the box, from the ports they send to.
    #[test]
    fn two_phones_hear_each_other() {
        let mut rig = rig(22_200..=23_399, 1);
        let (a, b) = (phone(), phone());
        let (to_a, to_b) = (rig.open(1, 0, &a), rig.open(2, 0, &b));
        rig.threads.send(Order::Hear { leg: LegId(1), source: Source::Leg(LegId(2)) });
        rig.threads.send(Order::Hear { leg: LegId(2), source: Source::Leg(LegId(1)) });
        // An order is obeyed after those before it; the answer to this one says that all were.
        let spare = phone();
        rig.open(3, 0, &spare);
        rig.close(3);
        let mut heard = [0; 2000];
        for sequence in 1..=50 {
            a.send_to(&packet(sequence), to_a).unwrap();
            let (length, from) = b.recv_from(&mut heard).unwrap();
            assert_eq!((length, from), (172, to_b));
            assert_eq!(heard[12..length], packet(sequence)[12..]);
            assert_ne!(Header::read(&heard[..length]).unwrap().ssrc, 5);
        }
        b.send_to(&packet(9), to_b).unwrap();
        assert_eq!(a.recv_from(&mut heard).unwrap(), (172, to_a));
        let figures = rig.close(1);
        assert_eq!((figures.packets_received, figures.packets_sent, figures.lost), (50, 1, 0));
    }

    /// BOX-46: a port that has a line to its phone still hears strangers, and counts them.
    #[test]
    fn a_line_leaves_the_port_open_to_be_knocked_at() {
        let mut rig = rig(25_800..=26_999, 1);
        let (a, stranger) = (phone(), phone());
        let to_a = rig.open(1, 0, &a);
        rig.threads.send(Order::Hear { leg: LegId(1), source: Source::Echo });
        let spare = phone();
        rig.open(2, 0, &spare);
        rig.close(2);
        let mut heard = [0; 2000];
        for sequence in 1..=60 {
            a.send_to(&packet(sequence), to_a).unwrap();
            assert_eq!(a.recv_from(&mut heard).unwrap(), (172, to_a));
        }
        stranger.send_to(&packet(61), to_a).unwrap();
        a.send_to(&packet(62), to_a).unwrap();
        assert_eq!(a.recv_from(&mut heard).unwrap(), (172, to_a));
        let figures = rig.close(1);
        assert_eq!((figures.packets_received, figures.strangers), (61, 1));
    }

    /// BOX-50: the ports of a call that is over refuse what still comes, and are offered again last.
    #[test]
    fn a_closed_port_rests() {
        let mut rig = rig(23_400..=24_599, 1);
        let a = phone();
        let to_a = rig.open(1, 0, &a);
        let next = rig.wait(|report| match report {
            Report::Stock(slots) => Some(slots),
            _ => None,
        });
        rig.close(1);
        // It is told before the port is closed; whatever follows is told after it.
        let spare = phone();
        rig.open(2, 0, &spare);
        rig.close(2);
        assert!(next.iter().all(|slot| slot.port != to_a.port()));
        a.connect(to_a).unwrap();
        a.send(&packet(1)).unwrap();
        assert_eq!(a.recv(&mut [0; 2000]).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }

    /// A transfer may join legs of two decks: one goes to the other's, with its port, its numbers and its lock.
    #[test]
    fn legs_of_two_decks_come_together() {
        let mut rig = rig(24_600..=25_799, 2);
        let (a, b) = (phone(), phone());
        let (to_a, to_b) = (rig.open(1, 0, &a), rig.open(2, 1, &b));
        rig.threads.send(Order::Hear { leg: LegId(1), source: Source::Leg(LegId(2)) });
        rig.threads.send(Order::Hear { leg: LegId(2), source: Source::Leg(LegId(1)) });
        let spare = phone();
        rig.open(3, 1, &spare);
        rig.close(3);
        let mut heard = [0; 2000];
        for sequence in 1..=20 {
            a.send_to(&packet(sequence), to_a).unwrap();
            assert_eq!(b.recv_from(&mut heard).unwrap(), (172, to_b));
            b.send_to(&packet(sequence), to_b).unwrap();
            assert_eq!(a.recv_from(&mut heard).unwrap(), (172, to_a));
        }
        assert_eq!(rig.close(1).packets_received, 20);
        assert_eq!(rig.close(2).packets_received, 20);
    }

    /// A thread that falls is seen, so that the process can start anew.
    #[test]
    fn a_thread_that_falls_is_seen() {
        let data = tempfile::tempdir().unwrap();
        let (ports, recordings) = (27_000..=27_999, Place::new(data.path()));
        let settings = SoundSettings { bind: Some(LOOPBACK), ports, threads: 1, recordings };
        let (tell, slots) = crossbeam_channel::unbounded();
        let mut threads = start(&settings, Arc::default(), move |report| match report {
            Report::Stock(slots) => tell.send(slots).err().map(|lost| Report::Stock(lost.0)),
            other => panic!("nobody wants {other:?}"),
        })
        .unwrap();
        let slot = slots.recv_timeout(PATIENCE).unwrap().remove(0);
        assert!(!threads.has_fallen());
        threads.send(Order::Open { leg: LegId(1), slot });
        threads.send(Order::Close { leg: LegId(1) });
        threads.wake();
        let until = crate::run::clock::up() + PATIENCE;
        while !threads.has_fallen() && crate::run::clock::up() < until {
            thread::yield_now();
        }
        assert!(threads.has_fallen());
    }

    #[test]
    fn decks_share_the_ports_in_even_runs() {
        assert_eq!(share(50, 0, 1), 0..50);
        assert_eq!([share(51, 0, 2), share(51, 1, 2)], [0..25, 25..50]);
    }
}
