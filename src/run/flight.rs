//! The flight recorder of a running box: the exchange's end never waits, a thread of its own writes.

mod disk;
mod flights;
mod ring;

pub use disk::Keeper;
pub use flights::Flights;

use super::{
    clock,
    memory::{self, Rest},
};
use crate::{
    exchange::{
        Event, Exchange,
        flight::{End, Noting, State, Told},
    },
    time::Now,
};
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, select, unbounded};
use disk::Disk;
use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Events that may wait to be written, and the bytes of their messages; beyond either the piece ends.
const WAITING_MAX: usize = 8_192;
const WAITING_BYTES_MAX: usize = 4 << 20;

/// What the exchange's end gives to the thread.
enum Item {
    Open(Box<State>),
    Told(Told),
    Stranger,
    Close(End),
}

/// What both ends see.
#[derive(Default)]
struct Between {
    /// The thread wants a state, with which a piece begins.
    wants: AtomicBool,
    /// It wants no more events.
    stop: AtomicBool,
    /// An event was lost: the piece ends there.
    lost: AtomicBool,
    bytes: AtomicUsize,
}

/// The exchange's end.
pub struct Flight {
    items: Sender<Item>,
    between: Arc<Between>,
    open: bool,
}

impl Flight {
    /// Before an event is handled; `None` while nothing is recorded.
    pub fn before(&mut self, exchange: &Exchange, now: Now, event: &Event) -> Option<Noting> {
        if self.between.stop.load(Ordering::Acquire) {
            self.between.stop.store(false, Ordering::Release);
            self.open = false;
        }
        if self.between.wants.load(Ordering::Acquire) {
            self.open(exchange, now);
        }
        self.open.then(|| Noting::before(exchange, event))
    }

    pub fn after(&mut self, exchange: &mut Exchange, now: Now, noting: Noting) {
        let item = noting.after(exchange, now).map_or(Item::Stranger, Item::Told);
        self.give(item);
    }

    /// The exchange failed on this event: what led there is kept, and what it is now is another piece.
    pub fn failed(&mut self, now: Now, noting: Noting) {
        self.give(Item::Told(noting.failed(now)));
        self.give(Item::Close(End::Failed));
        self.open = false;
    }

    fn open(&mut self, exchange: &Exchange, now: Now) {
        self.between.wants.store(false, Ordering::Release);
        self.open = true;
        self.give(Item::Open(Box::new(State::of(exchange, now))));
    }

    /// Never waits: an item that finds too many before it ends the piece.
    fn give(&mut self, item: Item) {
        let length = length(&item);
        let waiting = self.between.bytes.fetch_add(length, Ordering::AcqRel);
        let full = self.items.len() >= WAITING_MAX || waiting > WAITING_BYTES_MAX;
        if full || self.items.send(item).is_err() {
            self.between.bytes.fetch_sub(length, Ordering::AcqRel);
            self.between.lost.store(true, Ordering::Release);
            self.open = false;
        }
    }
}

/// Of what it holds beside itself.
fn length(item: &Item) -> usize {
    match item {
        Item::Told(Told {
            event: Event::Wire { report: crate::exchange::wire::Report::Message { bytes, .. }, .. },
            ..
        }) => bytes.len(),
        // Few at a time, and what they hold is held anyway.
        Item::Open(_) | Item::Told(_) | Item::Stranger | Item::Close(_) => 0,
    }
}

/// Begins to record into `folder`, which may be new.
pub fn start(folder: &Path) -> io::Result<(Flight, Keeper, JoinHandle<()>)> {
    // `give` keeps the bound; room for so many that is taken ahead would never be given back.
    let (items, came) = unbounded();
    let (settles, asked) = bounded(disk::SETTLES_MAX);
    let between = Arc::new(Between::default());
    let writer = Writer { came, asked, between: between.clone(), disk: Disk::new(folder) };
    let keeper = Keeper::new(settles);
    let open = keeper.clone();
    let thread = thread::Builder::new().name("flight".into()).spawn(move || writer.run(open))?;
    Ok((Flight { items, between, open: false }, keeper, thread))
}

/// How often what was written is given to the system, and looked after.
const EVERY: Duration = Duration::from_secs(1);
/// How long events gather behind the first: a thread that is woken by each costs more than what it does.
const TURN: Duration = Duration::from_millis(250);
/// Behind everything that a call needs.
const NICE: libc::c_int = 19;

/// What the thread was woken by.
enum Came {
    Item(Item),
    Asked(Sender<()>),
    Nothing,
}

/// The thread's end.
struct Writer {
    came: Receiver<Item>,
    asked: Receiver<Sender<()>>,
    between: Arc<Between>,
    disk: Disk,
}

impl Writer {
    /// `keeper` keeps the way open by which this thread is asked, however many have gone.
    fn run(mut self, keeper: Keeper) {
        // SAFETY: numbers in, a number out; 0 is this thread alone.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
        let mut looked = clock::now().up;
        let mut rest = Rest::new(clock::now().up);
        self.look();
        loop {
            if rest.look(clock::now().up, false) {
                memory::collect();
            }
            let asked = match self.wait() {
                Came::Item(item) => {
                    self.take(item);
                    self.asked.recv_timeout(TURN).ok()
                }
                Came::Asked(done) => Some(done),
                Came::Nothing => None,
            };
            if !self.drain() {
                drop(keeper);
                return self.disk.close(End::Stopped);
            }
            if let Some(done) = asked {
                self.disk.flush();
                // Whoever asked may have lost patience.
                let _ = done.send(());
            }
            if looked + EVERY <= clock::now().up {
                looked = clock::now().up;
                self.look();
            }
        }
    }

    /// Sleeps until something came, or it is time to look.
    fn wait(&self) -> Came {
        select! {
            recv(self.came) -> item => item.map_or(Came::Nothing, Came::Item),
            recv(self.asked) -> done => done.map_or(Came::Nothing, Came::Asked),
            default(EVERY) => Came::Nothing,
        }
    }

    /// All that waits now; false when nothing can come any more.
    fn drain(&mut self) -> bool {
        for _ in 0..=self.came.len() {
            match self.came.try_recv() {
                Ok(item) => self.take(item),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    fn take(&mut self, item: Item) {
        self.between.bytes.fetch_sub(length(&item), Ordering::AcqRel);
        match item {
            Item::Open(state) => self.disk.open(*state, clock::now().wall),
            Item::Told(told) => self.disk.note(told),
            Item::Stranger => self.disk.stranger(),
            Item::Close(end) => self.disk.close(end),
        }
        if self.disk.is_used_up() {
            self.between.stop.store(true, Ordering::Release);
            self.disk.close(End::UsedUp);
        }
    }

    /// What is due: a piece that lost an event ends, the next one is asked for, and what is old goes.
    fn look(&mut self) {
        if self.came.is_empty() && self.between.lost.swap(false, Ordering::AcqRel) {
            self.disk.close(End::Behind);
        }
        self.disk.flush();
        if self.disk.wants_piece(clock::now()) {
            self.between.wants.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests;
