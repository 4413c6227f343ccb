//! One recording: sound is put where it belongs in time, gaps are silence, and what is whole is written down.

use super::{
    Said,
    side::Side,
    track::{Track, ticks},
};
use crate::{
    audio::{
        order::RecordingId,
        wav::{self, Form},
    },
    sdp::LegId,
    time::Uptime,
};
use std::{collections::BTreeMap, io};

/// What is kept to be changed, in samples: 2 s.
pub const KEPT: usize = 16_384;
/// Of this, what has been written: so late a packet may come.
const LATE: i64 = KEPT as i64 / 2;
/// What has not come so long after it was due is silence, until it comes.
const LAG: i64 = 100 * 8;
/// Files are written in whole pages while they grow: a page that is written twice wears the disk for nothing.
const PAGE: u64 = 4096;
/// Written in one go, in bytes.
const WOVEN: usize = 16 * 1024;
/// The head tells a new length so often, in samples: each time costs a page.
const HEAD_EVERY: i64 = 8 * 8000;
/// The longest recording, in samples.
const LONGEST: i64 = 24 * 3600 * 8000;
/// Pauses that are remembered while sound from before them may be under way.
const PAUSES: usize = 16;

/// Where a recording is written.
pub trait Paper {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
}

#[derive(Debug)]
pub struct Tape {
    pub recording: RecordingId,
    form: Form,
    began: Uptime,
    tracks: BTreeMap<LegId, Track>,
    pauses: heapless::Deque<(Uptime, Option<Uptime>), PAUSES>,
    sides: Vec<Side>,
    /// The first sample that is kept.
    base: i64,
    /// Samples that are written, those of them that the head tells, and where it was changed behind the writer.
    written: i64,
    told: i64,
    changed: Option<i64>,
    /// Where the sound ends.
    end: i64,
    whole: bool,
    broken: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// In the file.
    pub samples: u32,
    pub bytes: u64,
    /// Nothing that was said is missing.
    pub whole: bool,
}

impl Tape {
    /// Writes the head.
    pub fn begin(recording: RecordingId, form: Form, began: Uptime, paper: &mut impl Paper) -> io::Result<Tape> {
        paper.write(0, wav::head(form, 0).as_ref())?;
        Ok(Tape {
            recording,
            form,
            began,
            tracks: BTreeMap::new(),
            pauses: heapless::Deque::new(),
            sides: (0..form.channels()).map(|_| Side::new()).collect(),
            base: 0,
            written: 0,
            told: 0,
            changed: None,
            end: 0,
            whole: true,
            broken: false,
        })
    }

    /// From now on these legs are on this side, the left one 0. Others stay where they were: what they have said may
    /// still be under way.
    pub fn seat(&mut self, side: usize, legs: &[LegId]) {
        let side = side.min(self.form.channels() - 1);
        for &leg in legs {
            self.tracks.entry(leg).or_insert_with(|| Track::new(side)).side = side;
        }
    }

    /// What comes from now on is silence.
    pub fn pause(&mut self, at: Uptime) {
        if self.pauses.back().is_some_and(|(_, until)| until.is_none()) {
            return;
        }
        if self.pauses.is_full() {
            self.pauses.pop_front();
        }
        let _ = self.pauses.push_back((at, None));
    }

    pub fn resume(&mut self, at: Uptime) {
        if let Some((_, until @ None)) = self.pauses.back_mut() {
            *until = Some(at);
        }
    }

    fn is_paused(&self, at: Uptime) -> bool {
        self.pauses.iter().any(|&(from, until)| at >= from && until.is_none_or(|until| at < until))
    }

    /// Takes what a leg said, in A-law.
    pub fn take(&mut self, said: &Said, sound: &[u8], paper: &mut impl Paper) {
        let Some(track) = self.tracks.get_mut(&said.leg) else { return };
        let (at, side) = (track.place(said, self.began), track.side);
        if !self.is_paused(said.came) {
            self.put(side, at, sound, paper);
        }
    }

    /// Something that was said is missing.
    pub fn lose(&mut self) {
        self.whole = false;
    }

    fn put(&mut self, side: usize, at: i64, sound: &[u8], paper: &mut impl Paper) {
        let until = at + sound.len() as i64;
        let from = at.max(self.base);
        if from >= until || until > LONGEST {
            return;
        }
        self.reach(until, paper);
        self.sides[side].lay(from, &sound[(from - at) as usize..]);
        self.end = self.end.max(until);
        if from < self.written {
            self.changed = Some(self.changed.map_or(from, |before| before.min(from)));
        }
    }

    /// Time has come so far: what is missing is silence, and whole pages are written.
    pub fn until(&mut self, now: Uptime, paper: &mut impl Paper) {
        let now = (ticks(now) - ticks(self.began) - LAG).clamp(0, LONGEST);
        self.reach(now, paper);
        self.end = self.end.max(now);
        let head = self.form.head() as u64;
        let pages = (head + self.form.bytes(self.end)) / PAGE * PAGE;
        let whole = self.form.samples(pages.saturating_sub(head));
        self.write(whole.max(self.written), paper);
        if self.written - self.told >= HEAD_EVERY {
            self.tell(paper);
        }
    }

    /// Ends the recording: what is left is written, and the head tells all.
    pub fn end(&mut self, now: Uptime, paper: &mut impl Paper) -> Ended {
        let now = (ticks(now) - ticks(self.began)).clamp(0, LONGEST);
        self.reach(now, paper);
        self.end = now;
        self.write(now.max(self.written), paper);
        self.tell(paper);
        let bytes = self.form.head() as u64 + self.form.bytes(self.told);
        Ended { samples: self.told as u32, bytes, whole: self.whole && !self.broken }
    }

    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Goes on until the sample before `until` can be kept.
    fn reach(&mut self, until: i64, paper: &mut impl Paper) {
        while until > self.base + KEPT as i64 {
            let to = until.min(self.base + KEPT as i64);
            self.end = self.end.max(to);
            self.write(to, paper);
        }
    }

    /// Writes up to a sample that is kept, and what was changed before.
    fn write(&mut self, to: i64, paper: &mut impl Paper) {
        self.sides.iter_mut().for_each(|side| side.silent(to));
        let from = self.changed.take().unwrap_or(self.written).max(self.base);
        if from < to && !self.broken {
            self.broken = self.copy(from, to, paper).is_err();
        }
        if !self.broken {
            self.written = self.written.max(to);
        }
        self.base = (to - LATE).max(self.base);
    }

    fn copy(&self, mut from: i64, to: i64, paper: &mut impl Paper) -> io::Result<()> {
        let mut woven = [0; WOVEN];
        while from < to {
            let count = (to - from).min((WOVEN / 2) as i64) as usize;
            let out = &mut woven[..2 * count];
            match &self.sides[..] {
                [left, right] => left.weave(right, from, out),
                sides => sides.iter().for_each(|side| side.widen(from, out)),
            }
            paper.write(self.form.head() as u64 + self.form.bytes(from), out)?;
            from += count as i64;
        }
        Ok(())
    }

    /// A head that cannot be written leaves the one before.
    fn tell(&mut self, paper: &mut impl Paper) {
        match paper.write(0, wav::head(self.form, self.written as u32).as_ref()) {
            Ok(()) => self.told = self.written,
            Err(_) => self.broken = true,
        }
    }
}
