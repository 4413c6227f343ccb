//! Writes what recorded legs said into their files, twice a second.

use super::{Place, Ring, disk::Errand};
use crate::{
    audio::{
        order::{Order, RecordingId},
        recorder::{
            Block, Word,
            tape::{Paper, Tape},
        },
        wav::Form,
    },
    run::clock,
    sdp::LegId,
    time::Uptime,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use nix::libc;
use std::{
    collections::{BTreeMap, VecDeque},
    fs::{DirBuilder, File, OpenOptions, remove_file},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Component, Path, PathBuf},
    time::Duration,
};
use tracing::{error, info};

/// BOX-95 allows a second between what is said and what stays: half of it is the disk's. What is laid down in one go is
/// written while it is near.
const EVERY: Duration = Duration::from_millis(500);
/// Nobody waits so long for a recording that is over.
const SOON: Duration = Duration::from_millis(100);
/// Sound goes before: who writes it down has a second, who passes it on has none.
const NICE: libc::c_int = 5;
/// Prompts that wait to be kept.
const TAKEN_MAX: usize = 32;
pub struct Writer {
    place: Place,
    orders: Receiver<(Uptime, Order)>,
    rings: Vec<Ring>,
    errands: Sender<Errand>,
    open: BTreeMap<RecordingId, Open>,
    /// Those that could not be begun, until all decks have said their last word: what they hand over comes back to them.
    refused: BTreeMap<RecordingId, usize>,
    /// Taken from the rings and not laid down yet, each with the number of its ring.
    came: Vec<(usize, Block)>,
    /// The packets in them, by recording and time: room to sort in.
    sorted: Vec<(RecordingId, Uptime, Packet)>,
    unsynced: bool,
    /// When it is time to write again, and to look what came.
    next: Uptime,
    look: Uptime,
    /// Prompts that were taken, the oldest first: whoever keeps one gives it another name.
    taken: VecDeque<PathBuf>,
    /// The last one could not be begun, or broke: that is said once.
    failing: bool,
}

/// Of the blocks that came, which, and which packet of it.
type Packet = (u32, u32);

struct Open {
    tape: Tape,
    paper: Sheet,
    /// Decks that have said their last word, and when the latest did.
    over: usize,
    over_at: Uptime,
}

/// A file that says whether it was written.
struct Sheet {
    file: File,
    path: PathBuf,
    written: bool,
    error: Option<io::Error>,
}

impl Paper for Sheet {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.written = true;
        self.file.write_all_at(bytes, at).map_err(|error| {
            let kind = error.kind();
            self.error = Some(error);
            kind.into()
        })
    }
}

impl Writer {
    pub fn new(place: Place, orders: Receiver<(Uptime, Order)>, rings: Vec<Ring>, errands: Sender<Errand>) -> Writer {
        Writer {
            place,
            orders,
            rings,
            errands,
            open: BTreeMap::new(),
            refused: BTreeMap::new(),
            came: Vec::new(),
            sorted: Vec::new(),
            unsynced: false,
            next: Uptime(0),
            look: Uptime(0),
            taken: VecDeque::new(),
            failing: false,
        }
    }

    pub fn run(mut self) {
        // SAFETY: numbers in, a number out; 0 is this thread alone.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
        loop {
            let order = match self.open.is_empty() && self.refused.is_empty() && !self.unsynced {
                true => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => self.orders.recv_timeout(self.look.since(clock::up())),
            };
            match order {
                Ok((at, order)) => self.obey(at, order),
                Err(RecvTimeoutError::Timeout) => self.pass(clock::up()),
                Err(RecvTimeoutError::Disconnected) => return self.end(clock::up()),
            }
        }
    }

    /// An order is obeyed before what was said after it is laid down: it was given before the decks heard of it.
    fn obey(&mut self, at: Uptime, order: Order) {
        match order {
            Order::Record { recording, left, right, file } => {
                self.begin(recording, Form::Call, at, || below(&file));
                self.seat(recording, &[left, right]);
            }
            Order::Take { leg, recording } => {
                self.begin(recording, Form::Prompt, at, || Ok(PathBuf::from(taken(recording))));
                self.seat(recording, &[vec![leg]]);
                self.forget_taken(recording);
            }
            Order::PauseRecording { recording } => {
                self.open.get_mut(&recording).into_iter().for_each(|open| open.tape.pause(at));
            }
            Order::ResumeRecording { recording } => {
                self.open.get_mut(&recording).into_iter().for_each(|open| open.tape.resume(at));
            }
            // The decks say when.
            Order::StopRecording { .. } => self.look = self.look.min(at + SOON),
            Order::Open { .. } | Order::Set { .. } | Order::Hear { .. } | Order::Digit { .. } | Order::Close { .. } => {
            }
        }
    }

    fn begin(&mut self, recording: RecordingId, form: Form, at: Uptime, file: impl FnOnce() -> io::Result<PathBuf>) {
        if self.open.contains_key(&recording) || self.refused.contains_key(&recording) {
            return;
        }
        let begun = file().and_then(|file| {
            let mut paper = Sheet::new(&self.place, &file)?;
            let tape = Tape::begin(recording, form, at, &mut paper).inspect_err(|_| paper.forget())?;
            Ok(Open { tape, paper, over: 0, over_at: at })
        });
        match begun {
            Ok(open) => {
                self.open.insert(recording, open);
                if std::mem::take(&mut self.failing) {
                    info!("recordings are written again");
                }
            }
            Err(error) => {
                self.refused.insert(recording, 0);
                let _ = self.errands.send(Errand::Refused(recording));
                if !std::mem::replace(&mut self.failing, true) {
                    error!(%error, "calls are not recorded; they go on. Make room on the disk");
                }
            }
        }
    }

    fn seat(&mut self, recording: RecordingId, sides: &[Vec<LegId>]) {
        let Some(open) = self.open.get_mut(&recording) else { return };
        sides.iter().enumerate().for_each(|(side, legs)| open.tape.seat(side, legs));
    }

    /// What nobody came to keep goes.
    fn forget_taken(&mut self, recording: RecordingId) {
        self.taken.push_back(self.place.data.join(taken(recording)));
        if self.taken.len() > TAKEN_MAX {
            self.taken.pop_front().into_iter().for_each(|path| drop(remove_file(path)));
        }
    }

    fn pass(&mut self, now: Uptime) {
        let is_time = now >= self.next;
        if is_time {
            self.next = now + EVERY;
        }
        self.look = self.next;
        self.lay_down();
        // What is written is synced at once: the disk has half of the second that BOX-95 allows, and fewer pages.
        if is_time {
            self.open.values_mut().for_each(|open| open.tape.until(now, &mut open.paper));
        }
        self.refused.retain(|_, over| *over < self.rings.len());
        let over = self.open.extract_if(.., |_, open| open.over >= self.rings.len()).collect::<Vec<_>>();
        for (_, open) in over {
            let at = open.over_at;
            self.close(open, at);
        }
        self.look();
        if is_time && std::mem::take(&mut self.unsynced) {
            let _ = self.errands.send(Errand::Sync);
        }
    }

    fn lay_down(&mut self) {
        for (number, ring) in self.rings.iter().enumerate() {
            self.came.extend(ring.full.try_iter().map(|block| (number, block)));
        }
        for (_, block) in &mut self.came {
            block.turn();
        }
        while let Ok((at, order)) = self.orders.try_recv() {
            self.obey(at, order);
        }
        self.sort();
        let Writer { open, came, sorted, .. } = self;
        for of_one in sorted.chunk_by(|one, other| one.0 == other.0) {
            let Some(open) = open.get_mut(&of_one[0].0) else { continue };
            for &(_, _, (block, packet)) in of_one {
                let (_, block) = &came[block as usize];
                let said = &block.said()[packet as usize];
                open.tape.take(said, block.sound(said), &mut open.paper);
            }
        }
        self.give_back();
    }

    /// What belongs to one recording is laid down together, and what was said first is laid down first.
    fn sort(&mut self) {
        self.sorted.clear();
        for (number, (_, block)) in (0..).zip(&self.came) {
            let said = (0..).zip(block.said());
            self.sorted.extend(said.map(|(packet, said)| (said.recording, said.came, (number, packet))));
        }
        self.sorted.sort_unstable();
    }

    fn give_back(&mut self) {
        for (number, block) in std::mem::take(&mut self.came) {
            block.words.iter().for_each(|word| self.hear(*word));
            let _ = self.rings[number].back.try_send(block);
        }
    }

    fn hear(&mut self, word: Word) {
        match word {
            Word::Lost(recording) => self.open.get_mut(&recording).into_iter().for_each(|open| open.tape.lose()),
            Word::Over(recording, at) => {
                if let Some(open) = self.open.get_mut(&recording) {
                    (open.over, open.over_at) = (open.over + 1, open.over_at.max(at));
                } else if let Some(over) = self.refused.get_mut(&recording) {
                    *over += 1;
                }
            }
        }
    }

    fn close(&mut self, mut open: Open, at: Uptime) {
        let ended = open.tape.end(at, &mut open.paper);
        self.unsynced = true;
        say(&mut open.paper, &mut self.failing);
        let _ = self.errands.send(Errand::Ended { recording: open.tape.recording, file: open.paper.file, ended });
    }

    /// What was written, and what could not be.
    fn look(&mut self) {
        for open in self.open.values_mut() {
            self.unsynced |= std::mem::take(&mut open.paper.written);
            say(&mut open.paper, &mut self.failing);
        }
    }

    /// The process ends: nobody hands over any more.
    fn end(mut self, now: Uptime) {
        self.lay_down();
        for open in std::mem::take(&mut self.open).into_values() {
            self.close(open, now);
        }
    }
}

fn say(paper: &mut Sheet, failing: &mut bool) {
    let Some(error) = paper.error.take() else { return };
    if !std::mem::replace(failing, true) {
        error!(%error, file = %paper.path.display(), "a recording breaks off; the call goes on. Look at the disk");
    }
}

impl Sheet {
    fn new(place: &Place, file: &Path) -> io::Result<Sheet> {
        if place.is_full()? {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let path = place.data.join(file);
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // Also read, for its hash.
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Sheet { file, path, written: false, error: None })
    }

    /// Not even its head could be written.
    fn forget(&self) {
        let _ = remove_file(&self.path);
    }
}

/// What lies below the recordings and nowhere else.
pub fn below(file: &str) -> io::Result<PathBuf> {
    let path = PathBuf::from(file);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || !path.starts_with("recordings") {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{file}` is no place for a recording")));
    }
    Ok(path)
}

/// A prompt that somebody speaks is a media file that is not kept yet: a start clears it away.
pub fn taken(recording: RecordingId) -> String {
    format!("media/take-{}.new", recording.0)
}
