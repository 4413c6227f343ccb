//! The threads that put recordings on the disk: one writes, one sees to it that what is written stays.

mod disk;
mod mend;
mod writer;

pub use mend::Cut;
pub use writer::taken;

use crate::{
    audio::{
        order::{Order, Report},
        recorder::{Block, Desk},
    },
    run::clock,
    store::{FILES_PERCENT_MAX, Filled},
    time::Uptime,
};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    thread::{Builder, JoinHandle},
};

/// Blocks under way from one deck to the writer, and back: seconds of what 300 calls say. Whoever sends never waits,
/// and the writer looks when it is time, so neither wakes the other.
const UNDER_WAY: usize = 1_024;

/// Where recordings go.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directory with all data.
    pub data: PathBuf,
    /// How much of its disk may be used when one is begun (BOX-64).
    pub used_percent_max: u8,
}

impl Place {
    pub fn new(data: &Path) -> Place {
        Place { data: data.to_owned(), used_percent_max: FILES_PERCENT_MAX }
    }

    fn is_full(&self) -> io::Result<bool> {
        Ok(Filled::of(&self.data)?.reaches(self.used_percent_max))
    }
}

/// The way to the writer. What is open is closed when this is dropped.
pub struct Recordings {
    orders: Option<Sender<(Uptime, Order)>>,
    threads: Vec<JoinHandle<()>>,
}

/// One deck's ways of blocks.
pub struct RecordingDesk {
    full: Sender<Block>,
    back: Receiver<Block>,
}

/// The writer's end of them.
struct Ring {
    full: Receiver<Block>,
    back: Sender<Block>,
}

impl Desk for RecordingDesk {
    fn hand_over(&mut self, block: Block) -> Option<Block> {
        self.full.try_send(block).err().map(|full| full.into_inner())
    }

    fn take_back(&mut self) -> Option<Block> {
        self.back.try_recv().ok()
    }
}

/// Starts the threads for the recordings of a place; gives a desk for each deck.
pub fn start(
    place: &Place,
    decks: u8,
    report: impl Fn(Report) -> Option<Report> + Send + 'static,
) -> io::Result<(Recordings, Vec<RecordingDesk>)> {
    let (mut desks, mut rings) = (Vec::new(), Vec::new());
    for _ in 0..decks {
        let ((full, taken), (give, back)) = (bounded(UNDER_WAY), bounded(UNDER_WAY));
        desks.push(RecordingDesk { full, back });
        rings.push(Ring { full: taken, back: give });
    }
    // No more than the calls that are up, and what is done to each.
    let ((orders, ordered), (errands, errand)) = (unbounded(), unbounded());
    let disk = disk::Keeper::new(File::open(&place.data)?, errand, report);
    let writer = writer::Writer::new(place.clone(), ordered, rings, errands);
    let threads = vec![
        Builder::new().name("recordings".into()).spawn(move || writer.run())?,
        Builder::new().name("recordings-disk".into()).spawn(move || disk.run())?,
    ];
    Ok((Recordings { orders: Some(orders), threads }, desks))
}

impl Recordings {
    /// To be told before the decks are.
    pub fn tell(&self, order: &Order) {
        if let Some(orders) = &self.orders {
            let _ = orders.send((clock::up(), order.clone()));
        }
    }

    /// Whether one of the threads fell.
    pub fn has_fallen(&self) -> bool {
        self.threads.iter().any(JoinHandle::is_finished)
    }
}

impl Drop for Recordings {
    fn drop(&mut self) {
        self.orders = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
