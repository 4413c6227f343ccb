//! Sees to it that what was written stays: one sync for all recordings, and the hash of those that are over.

use crate::{
    audio::{
        order::{Recorded, RecordingId, Report},
        recorder::tape::Ended,
    },
    schema::kind::line::hex,
};
use crossbeam_channel::{Receiver, RecvError, RecvTimeoutError, TryRecvError};
use nix::libc;
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    fs::File,
    io,
    os::{fd::AsRawFd, unix::fs::FileExt},
    time::Duration,
};
use tracing::error;

/// Hashed in one go: a sync does not wait longer for it.
pub const PART: usize = 1 << 20;
/// Reports for which there was no room are told again.
const AGAIN: Duration = Duration::from_millis(100);

pub enum Errand {
    /// Something was written.
    Sync,
    Ended {
        recording: RecordingId,
        file: File,
        ended: Ended,
    },
    /// It could not be begun.
    Refused(RecordingId),
}

/// A recording that is over.
struct Closing {
    recording: RecordingId,
    file: File,
    ended: Ended,
    hash: Sha256,
    hashed: u64,
    synced: bool,
}

pub struct Keeper<F> {
    /// Any file of the disk.
    place: File,
    errands: Receiver<Errand>,
    report: F,
    /// In the order in which they ended.
    closing: VecDeque<Closing>,
    reports: VecDeque<Report>,
    failing: bool,
}

impl<F: Fn(Report) -> Option<Report>> Keeper<F> {
    pub fn new(place: File, errands: Receiver<Errand>, report: F) -> Keeper<F> {
        Keeper { place, errands, report, closing: VecDeque::new(), reports: VecDeque::new(), failing: false }
    }

    pub fn run(mut self) {
        loop {
            match self.next() {
                Ok(Some(Errand::Sync)) => self.sync(),
                Ok(Some(Errand::Ended { recording, file, ended })) => {
                    let hash = Sha256::new();
                    self.closing.push_back(Closing { recording, file, ended, hash, hashed: 0, synced: false });
                }
                Ok(Some(Errand::Refused(recording))) => {
                    self.reports.push_back(Report::Recorded { recording, recorded: Recorded::default() });
                }
                Ok(None) => {}
                Err(RecvError) => return self.end(),
            }
            self.hash();
            self.tell();
        }
    }

    /// Waits if there is nothing to do.
    fn next(&self) -> Result<Option<Errand>, RecvError> {
        if self.is_hashing() {
            return match self.errands.try_recv() {
                Ok(errand) => Ok(Some(errand)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(RecvError),
            };
        }
        if self.reports.is_empty() {
            return self.errands.recv().map(Some);
        }
        match self.errands.recv_timeout(AGAIN) {
            Ok(errand) => Ok(Some(errand)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(RecvError),
        }
    }

    fn is_hashing(&self) -> bool {
        self.closing.iter().any(|closing| !closing.is_hashed())
    }

    fn sync(&mut self) {
        // SAFETY: the file is open.
        let synced = match unsafe { libc::syncfs(self.place.as_raw_fd()) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        };
        if let Err(error) = &synced
            && !self.failing
        {
            error!(%error, "recordings may not outlast a power cut; look at the disk");
        }
        self.failing = synced.is_err();
        for closing in &mut self.closing {
            closing.synced = true;
            closing.ended.whole &= synced.is_ok();
        }
    }

    /// A part of the first that is not hashed.
    fn hash(&mut self) {
        if let Some(closing) = self.closing.iter_mut().find(|closing| !closing.is_hashed()) {
            closing.go_on();
        }
        while self.closing.front().is_some_and(|closing| closing.is_hashed() && closing.synced) {
            self.reports.extend(self.closing.pop_front().map(Closing::report));
        }
    }

    fn tell(&mut self) {
        while let Some(report) = self.reports.pop_front() {
            if let Some(full) = (self.report)(report) {
                return self.reports.push_front(full);
            }
        }
    }

    /// The process ends.
    fn end(mut self) {
        self.sync();
        while self.is_hashing() {
            self.hash();
        }
        self.hash();
        self.tell();
    }
}

impl Closing {
    fn is_hashed(&self) -> bool {
        self.hashed >= self.ended.bytes
    }

    fn go_on(&mut self) {
        let mut part = vec![0; PART.min((self.ended.bytes - self.hashed) as usize)];
        match self.file.read_exact_at(&mut part, self.hashed) {
            Ok(()) => {
                self.hash.update(&part);
                self.hashed += part.len() as u64;
            }
            Err(error) => {
                error!(%error, recording = self.recording.0, "a recording cannot be read; look at the disk");
                (self.hashed, self.ended.whole) = (self.ended.bytes, false);
            }
        }
    }

    fn report(self) -> Report {
        let Ended { samples, bytes, whole } = self.ended;
        let sha256 = hex(&self.hash.finalize());
        Report::Recorded {
            recording: self.recording,
            recorded: Recorded { seconds: samples.div_ceil(8_000), bytes, sha256, whole },
        }
    }
}
