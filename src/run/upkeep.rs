//! The thread that looks how full the disk is: it keeps room for calls, gives up the oldest recordings where the owner
//! wants that, and tells the exchange (BOX-62 to BOX-65); and whether the time of day is sure (BOX-54).

use super::{clock, way_in::WayIn};
use crate::{
    exchange::Event,
    model::Settings,
    store::{Filled, Store},
    time::Timestamp,
    view::DiskRow,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::{
    io,
    sync::Arc,
    thread::{Builder, JoinHandle},
    time::Duration,
};
use tracing::{error, info, warn};

/// 300 recorded calls write 25 MB meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// BOX-63, percent.
const OVERWRITE_FROM: u8 = 90;
const OVERWRITE_UNTIL: u8 = 88;
const HOUR_MS: i64 = 3_600_000;

/// Ends the thread when it is dropped.
pub struct Upkeep {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub fn start(store: Arc<Store>, way_in: WayIn) -> io::Result<Upkeep> {
    let (stop, stopping) = bounded(0);
    let keeper = Keeper { store, way_in, stopping, told: None, sure: None, noted: None, failing: false };
    let thread = Builder::new().name("upkeep".into()).spawn(move || keeper.run())?;
    Ok(Upkeep { stop: Some(stop), thread: Some(thread) })
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Keeper {
    store: Arc<Store>,
    way_in: WayIn,
    stopping: Receiver<()>,
    told: Option<DiskRow>,
    sure: Option<bool>,
    /// The hour whose use is noted.
    noted: Option<i64>,
    failing: bool,
}

impl Keeper {
    fn run(mut self) {
        loop {
            self.ask_clock();
            self.look(clock::now().wall);
            if self.stopping.recv_timeout(LOOK_EVERY) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    fn ask_clock(&mut self) {
        let sure = clock::is_sure();
        if sure {
            clock::believe();
        }
        if self.sure != Some(sure) {
            self.sure = Some(sure);
            self.way_in.tell(Event::TimeSure(sure));
        }
    }

    fn look(&mut self, now: Timestamp) {
        let kept = self.store.keep_reserve();
        self.is_well(kept.map_err(|fault| fault.to_string()));
        let Some(mut filled) = self.store.filled() else { return };
        let overwrites = Settings::of(&self.store.tenant()).recording_overwrite.0;
        if overwrites && filled.reaches(OVERWRITE_FROM) {
            self.overwrite(filled, now);
            filled = self.store.filled().unwrap_or(filled);
        }
        let noted = self.note(now, filled);
        self.tell(now, filled, overwrites, noted);
    }

    /// What cannot be kept or noted is said once.
    fn is_well(&mut self, done: Result<(), String>) {
        match done {
            Ok(()) => self.failing = false,
            Err(fault) if !self.failing => {
                warn!(fault, "the disk is not looked after as it should be; look at the disk");
                self.failing = true;
            }
            Err(_) => {}
        }
    }

    fn overwrite(&mut self, filled: Filled, now: Timestamp) {
        match self.store.make_room(filled.above(OVERWRITE_UNTIL), now) {
            Ok(gone) if gone.recordings > 0 => {
                info!(recordings = gone.recordings, bytes = gone.bytes, "the oldest recordings make room for new ones");
            }
            Ok(_) => {}
            Err(fault) => error!(%fault, "the oldest recordings cannot be deleted; look at the disk"),
        }
    }

    /// Whether there is a new hour's use by which to tell when the disk is full.
    fn note(&mut self, now: Timestamp, filled: Filled) -> bool {
        let hour = now.0.div_euclid(HOUR_MS);
        let noted = self.noted != Some(hour) && self.store.note_disk_use(now, filled.used).is_ok();
        if noted {
            self.noted = Some(hour);
        }
        noted
    }

    /// The pace is asked for where it may have changed: an idle box does not read its database at each look.
    fn tell(&mut self, now: Timestamp, filled: Filled, overwrites: bool, noted: bool) {
        let percent = filled.percent();
        let known = self.told.filter(|told| !noted && told.percent == percent);
        let full_at = match known {
            Some(told) => told.full_at,
            None => self.store.disk_full_at(now, filled).unwrap_or_default(),
        };
        let row = DiskRow { total_bytes: filled.total, percent, full_at, overwrites };
        if self.told != Some(row) {
            self.told = Some(row);
            self.way_in.tell(Event::Disk(row));
        }
    }
}
