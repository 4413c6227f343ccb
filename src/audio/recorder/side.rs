//! One side of a recording: what was said there in the last two seconds.

use super::tape::KEPT;
use crate::audio::codec::g711::{A, SILENCE_A};
use std::ops::Range;

#[derive(Debug)]
pub struct Side {
    /// A-law by time: a ring.
    kept: Box<[u8]>,
    /// Up to this sample; what stands behind it is of another time.
    until: i64,
}

impl Side {
    pub fn new() -> Side {
        Side { kept: vec![SILENCE_A; KEPT].into(), until: 0 }
    }

    /// Nothing more was said up to there.
    pub fn silent(&mut self, until: i64) {
        if until > self.until {
            for run in runs(self.until, (until - self.until) as usize) {
                self.kept[run].fill(SILENCE_A);
            }
            self.until = until;
        }
    }

    /// Where two speak at once, both are heard.
    pub fn lay(&mut self, at: i64, said: &[u8]) {
        self.silent(at);
        let (with_others, alone) = said.split_at((self.until - at).clamp(0, said.len() as i64) as usize);
        self.put(at, with_others, |cells, said| {
            for (cell, &new) in cells.iter_mut().zip(said) {
                *cell = both(*cell, new);
            }
        });
        self.put(at + with_others.len() as i64, alone, <[u8]>::copy_from_slice);
        self.until = self.until.max(at + said.len() as i64);
    }

    fn put(&mut self, at: i64, said: &[u8], each: impl Fn(&mut [u8], &[u8])) {
        let [first, rest] = runs(at, said.len());
        let (before, behind) = said.split_at(first.len());
        each(&mut self.kept[first], before);
        each(&mut self.kept[rest], behind);
    }

    /// Both sides of a call by turns, two bytes a sample.
    pub fn weave(&self, right: &Side, from: i64, out: &mut [u8]) {
        let (mut pairs, _) = out.as_chunks_mut::<2>();
        for run in runs(from, pairs.len()) {
            let (now, later) = pairs.split_at_mut(run.len());
            let sides = self.kept[run.clone()].iter().zip(&right.kept[run]);
            now.iter_mut().zip(sides).for_each(|(pair, (&left, &right))| *pair = [left, right]);
            pairs = later;
        }
    }

    /// 16 bit, two bytes a sample.
    pub fn widen(&self, from: i64, out: &mut [u8]) {
        let (mut wide, _) = out.as_chunks_mut::<2>();
        for run in runs(from, wide.len()) {
            let (now, later) = wide.split_at_mut(run.len());
            let kept = self.kept[run].iter().map(|&byte| A.linear[usize::from(byte)].to_le_bytes());
            now.iter_mut().zip(kept).for_each(|(wide, sample)| *wide = sample);
            wide = later;
        }
    }
}

/// Where so many samples from this one on stand: up to the end of the ring, and on from its beginning.
fn runs(from: i64, count: usize) -> [Range<usize>; 2] {
    let start = from as usize % KEPT;
    let first = count.min(KEPT - start);
    [start..start + first, 0..count - first]
}

fn both(one: u8, other: u8) -> u8 {
    if one == SILENCE_A {
        return other;
    }
    let sum = i32::from(A.linear[usize::from(one)]) + i32::from(A.linear[usize::from(other)]);
    A.encode(sum.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(side: &Side, from: i64, count: usize) -> Vec<u8> {
        runs(from, count).into_iter().flat_map(|run| side.kept[run].to_vec()).collect()
    }

    #[test]
    fn what_is_not_said_is_silent_also_where_the_ring_was_used() {
        let (mut side, turn) = (Side::new(), KEPT as i64);
        side.lay(0, &[0x33; KEPT]);
        side.lay(turn + 100, &[0x44; 10]);
        side.silent(turn + 120);
        let expected = [&[SILENCE_A; 100][..], &[0x44; 10], &[SILENCE_A; 10]].concat();
        assert_eq!(said(&side, turn, 120), expected);
        assert_eq!(said(&side, turn - 10, 10), [0x33; 10]);
    }

    #[test]
    fn what_comes_late_fills_the_gap_and_what_is_said_beside_it_is_mixed() {
        let mut side = Side::new();
        let end = KEPT as i64 - 2;
        side.lay(end, &[0x33; 2]);
        side.lay(end + 4, &[0x33; 2]);
        side.lay(end + 2, &[0x44; 3]);
        let late = 0x44;
        assert_eq!(said(&side, end, 6), [0x33, 0x33, late, late, both(0x33, late), 0x33]);
        assert_eq!(side.until, end + 6);
    }
}
