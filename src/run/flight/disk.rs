//! The recording that is written now, compressed into its file.

use super::ring;
use crate::{
    exchange::flight::{End, Recorder, State, Told},
    time::{Now, Timestamp, Uptime},
};
use crossbeam_channel::{Sender, bounded};
use flate2::{Compression, write::GzEncoder};
use nix::sys::statvfs::statvfs;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use tracing::{error, info};

/// A piece is so long before the next one is wanted.
const PIECE_LASTS: Duration = Duration::from_secs(5 * 60);
/// Less is not worth a beginning.
const BYTES_MIN: u64 = 1_000_000;
/// What the compressor may still hold when the last of it is written.
const BYTES_AHEAD: u64 = 256_000;
/// With less left on the disk nothing is recorded: all else needs it more.
const FREE_BYTES_MIN: u64 = 512 << 20;
/// After a disk that did not write.
const RETRY: Duration = Duration::from_secs(60);
/// Who may wait until all is written.
pub(super) const SETTLES_MAX: usize = 16;
/// As long may that take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Held by whoever hands recordings out.
#[derive(Clone)]
pub struct Keeper {
    settles: Sender<Sender<()>>,
}

impl Keeper {
    pub(super) fn new(settles: Sender<Sender<()>>) -> Keeper {
        Keeper { settles }
    }

    /// Returns when everything before is in its file, or it took too long.
    pub fn settle(&self) {
        let (done, wait) = bounded(1);
        if self.settles.try_send(done).is_ok() {
            let _ = wait.recv_timeout(PATIENCE);
        }
    }
}

pub(super) struct Disk {
    folder: PathBuf,
    recording: Option<Recording>,
    /// When the piece that is open began; none: none is.
    piece: Option<Uptime>,
    /// A state was asked for and has not come.
    asked: bool,
    rests_until: Option<Uptime>,
    /// Something is not given to the system.
    dirty: bool,
    failing: bool,
}

/// Each call of a compressor costs about the same, however little it is given: it gets many events at once.
type Out = BufWriter<GzEncoder<Counted>>;

struct Recording {
    recorder: Recorder<Out>,
    began: Timestamp,
    bytes_max: u64,
}

/// A file, and how much went into it.
struct Counted {
    file: File,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Disk {
    pub fn new(folder: &Path) -> Disk {
        Disk {
            folder: folder.into(),
            recording: None,
            piece: None,
            asked: false,
            rests_until: None,
            dirty: false,
            failing: false,
        }
    }

    /// Whether a state is to come with which the next piece begins; says so once.
    pub fn wants_piece(&mut self, now: Now) -> bool {
        if self.asked || self.rests_until.is_some_and(|until| now.up < until) {
            return false;
        }
        let over = self.recording.as_ref().is_some_and(|recording| ring::is_over(recording.began, now.wall));
        let due = self.piece.is_none_or(|began| now.up.since(began) >= PIECE_LASTS) || over;
        self.asked = due && (self.has_room(now.wall) || over && self.is_affordable(now.wall));
        self.asked
    }

    /// In the recording that is open, or in the next one.
    fn has_room(&mut self, wall: Timestamp) -> bool {
        match &mut self.recording {
            Some(recording) if !ring::is_over(recording.began, wall) => {
                recording.recorder.out().get_ref().get_ref().bytes + BYTES_MIN <= recording.bytes_max
            }
            _ => self.is_affordable(wall),
        }
    }

    fn is_affordable(&mut self, wall: Timestamp) -> bool {
        match ring::all(&self.folder) {
            Ok(all) => ring::left(&all, wall) >= BYTES_MIN && free(&self.folder) >= FREE_BYTES_MIN,
            // There is none yet, or it is seen when the file is made.
            Err(_) => true,
        }
    }

    /// A piece begins, the one before ends, and with it its recording where that has had its hour.
    pub fn open(&mut self, state: State, wall: Timestamp) {
        self.asked = false;
        self.close(End::Full);
        let now = state.now;
        let opened = self.recording_for(wall).and_then(|recording| recording.recorder.open(state));
        (self.piece, self.dirty) = (Some(now.up), true);
        self.is_well(opened, now.up);
    }

    pub fn note(&mut self, told: Told) {
        let up = told.now.up;
        self.dirty = true;
        self.write(up, |recorder| recorder.note(told));
    }

    pub fn stranger(&mut self) {
        if let Some(recording) = self.recording.as_mut().filter(|_| self.piece.is_some()) {
            recording.recorder.stranger();
        }
    }

    pub fn close(&mut self, end: End) {
        let began = self.piece;
        self.write(began.unwrap_or_default(), |recorder| recorder.close(end).and_then(|()| recorder.out().flush()));
        self.piece = None;
    }

    /// Gives all to the system, which keeps it should the process end.
    pub fn flush(&mut self) {
        if std::mem::take(&mut self.dirty) {
            let began = self.piece;
            self.write(began.unwrap_or_default(), |recorder| recorder.out().flush());
        }
    }

    /// The piece has had all that its recording may have.
    pub fn is_used_up(&mut self) -> bool {
        let used_up = |recording: &mut Recording| {
            recording.recorder.out().get_ref().get_ref().bytes + BYTES_AHEAD > recording.bytes_max
        };
        self.piece.is_some() && self.recording.as_mut().is_some_and(used_up)
    }

    fn write(&mut self, up: Uptime, work: impl FnOnce(&mut Recorder<Out>) -> io::Result<()>) {
        if let Some(recording) = self.recording.as_mut().filter(|_| self.piece.is_some()) {
            let done = work(&mut recording.recorder);
            self.is_well(done, up);
        }
    }

    fn recording_for(&mut self, wall: Timestamp) -> io::Result<&mut Recording> {
        if self.recording.as_ref().is_none_or(|recording| ring::is_over(recording.began, wall)) {
            // The former one gets its last bytes when it goes.
            self.recording = None;
            DirBuilder::new().mode(0o700).recursive(true).create(&self.folder)?;
            let all = ring::all(&self.folder)?;
            for old in ring::gone(&all, wall) {
                fs::remove_file(&old.path)?;
            }
            let bytes_max = ring::left(&all, wall);
            let path = self.folder.join(ring::name(wall));
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            let out = BufWriter::new(GzEncoder::new(Counted { file, bytes: 0 }, Compression::fast()));
            let recorder = Recorder::begin(out, env!("CARGO_PKG_VERSION"))?;
            self.recording = Some(Recording { recorder, began: wall, bytes_max });
        }
        Ok(self.recording.as_mut().expect("it was just made"))
    }

    /// What was not written ends the recording; another one is tried later.
    fn is_well(&mut self, done: io::Result<()>, up: Uptime) {
        match done {
            Ok(()) if self.failing => {
                info!("the flight recorder writes again");
                self.failing = false;
            }
            Ok(()) => {}
            Err(error) => {
                if !self.failing {
                    error!(%error, "the flight recorder cannot write; calls go on");
                }
                (self.recording, self.piece, self.failing) = (None, None, true);
                self.rests_until = Some(up + RETRY);
            }
        }
    }
}

/// A file system that does not tell is written until it refuses. Its figures have 32 bits on some machines.
#[allow(clippy::unnecessary_cast)]
fn free(folder: &Path) -> u64 {
    statvfs(folder).map_or(u64::MAX, |disk| disk.blocks_available() as u64 * disk.fragment_size() as u64)
}
