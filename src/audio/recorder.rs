//! What recorded legs say, on its way from the decks to the thread that writes it down.

mod side;
pub mod tape;
mod track;

use super::{
    codec::{g711, resample::Halver},
    order::RecordingId,
    rtp::Header,
};
use crate::{
    sdp::{Codec, LegId},
    time::Uptime,
};
use std::collections::VecDeque;

/// What one block holds of sound: 200 packets of 20 ms.
const BYTES: usize = 32_000;
/// Packets in one block: those of 10 ms.
const PACKETS: usize = BYTES / 80;
/// Blocks that need not be full, as one is handed over every 100 ms: a writer that is kept from its work for 2 s loses
/// nothing.
pub const BLOCKS: usize = 20;
/// What one leg says in that time, in bytes.
const EACH: usize = 16_000;

/// Some of what the recorded legs of one deck said, in the order in which it came: whoever passes a packet on does no
/// more for its recording than to put it behind the one before.
#[derive(Debug)]
pub struct Block {
    said: Vec<Said>,
    bytes: Vec<u8>,
    pub words: Vec<Word>,
}

/// One packet.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    pub recording: RecordingId,
    pub leg: LegId,
    /// When the packet came.
    pub came: Uptime,
    ssrc: u32,
    /// Of the first sample, on the clock of the phone.
    timestamp: u32,
    /// Where its sound begins in the block.
    at: u32,
    /// In samples, which are bytes.
    length: u16,
    /// One of the two of G.711.
    codec: Codec,
}

/// What is told of a recording beside its sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Something was said for which there was no room.
    Lost(RecordingId),
    /// Nothing of it follows from this deck, and when that was.
    Over(RecordingId, Uptime),
}

impl Block {
    fn empty() -> Block {
        Block { said: Vec::with_capacity(PACKETS), bytes: Vec::with_capacity(BYTES), words: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.said.is_empty() && self.words.is_empty()
    }

    fn has_room(&self, length: usize) -> bool {
        self.said.len() < PACKETS && self.bytes.len() + length <= BYTES
    }

    pub fn said(&self) -> &[Said] {
        &self.said
    }

    pub fn sound(&self, said: &Said) -> &[u8] {
        &self.bytes[said.at as usize..][..usize::from(said.length)]
    }

    /// Turns all of it into A-law, from its beginning to its end: what is read in its order comes as fast as it is read.
    pub fn turn(&mut self) {
        for said in self.said.iter_mut().filter(|said| said.codec == Codec::Pcmu) {
            g711::U.to_other(&mut self.bytes[said.at as usize..][..usize::from(said.length)]);
            said.codec = Codec::Pcma;
        }
    }

    fn clear(&mut self) {
        self.said.clear();
        self.bytes.clear();
        self.words.clear();
    }
}

/// The ways of blocks off a deck and back. Neither waits.
pub trait Desk {
    /// Given back if there is no room.
    fn hand_over(&mut self, block: Block) -> Option<Block>;
    /// One that was written down.
    fn take_back(&mut self) -> Option<Block>;
}

/// On a leg that is recorded.
#[derive(Debug)]
pub struct Tap {
    pub recording: RecordingId,
    /// That something was lost is told once.
    lost: bool,
    pub down: Box<Halver>,
}

impl Tap {
    pub fn new(recording: RecordingId) -> Tap {
        Tap { recording, lost: false, down: Box::default() }
    }
}

/// One packet of a leg: its sound, under one of the laws of G.711.
pub struct Heard<'a> {
    pub came: Uptime,
    pub leg: LegId,
    pub header: &'a Header,
    pub codec: Codec,
    pub sound: &'a [u8],
}

/// What the recorded legs of one deck say, and the blocks that it is put into.
#[derive(Debug, Default)]
pub struct Log {
    open: Option<Block>,
    spare: Vec<Block>,
    /// Blocks that are there, wherever they are.
    owned: usize,
    legs: usize,
    /// Those for which there was no block yet: no more than the legs and recordings that were there meanwhile.
    words: VecDeque<Word>,
}

impl Log {
    /// For one leg more. Asks for memory.
    pub fn grow(&mut self) {
        self.legs += 1;
        self.own(self.wanted());
    }

    /// For one leg less.
    pub fn shrink(&mut self) {
        self.legs = self.legs.saturating_sub(1);
    }

    fn wanted(&self) -> usize {
        match self.legs {
            0 => 0,
            legs => BLOCKS + (legs * EACH).div_ceil(BYTES),
        }
    }

    fn own(&mut self, blocks: usize) {
        while self.owned < blocks {
            self.spare.push(Block::empty());
            self.owned += 1;
        }
        // Room for all, so that none asks for memory when it comes back.
        self.spare.reserve(self.owned - self.spare.len());
    }

    #[cfg(test)]
    pub fn owned(&self) -> usize {
        self.owned
    }

    /// Whether nothing waits to be handed over.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.open.as_ref().is_none_or(Block::is_empty)
    }

    pub fn take(&mut self, tap: &mut Tap, heard: &Heard, desk: &mut impl Desk) {
        let length = heard.sound.len();
        if self.open.as_ref().is_some_and(|block| !block.has_room(length)) {
            self.hand_over(desk);
        }
        match self.open() {
            Some(block) if block.has_room(length) => block.put(tap.recording, heard),
            _ => self.lose(tap),
        }
    }

    fn lose(&mut self, tap: &mut Tap) {
        if !std::mem::replace(&mut tap.lost, true) {
            self.words.push_back(Word::Lost(tap.recording));
        }
    }

    fn open(&mut self) -> Option<&mut Block> {
        if self.open.is_none() {
            self.open = self.spare.pop();
        }
        self.open.as_mut()
    }

    /// Nothing follows about it. Asks for memory where no leg of this deck was in it.
    pub fn over(&mut self, recording: RecordingId, now: Uptime) {
        self.words.push_back(Word::Over(recording, now));
        self.own(1);
    }

    /// What was gathered goes to the writer, and what it has written down comes back.
    pub fn hand_over(&mut self, desk: &mut impl Desk) {
        while let Some(mut block) = desk.take_back() {
            block.clear();
            self.spare.push(block);
        }
        if !self.words.is_empty() {
            let words = std::mem::take(&mut self.words);
            match self.open() {
                Some(block) => block.words.extend(words),
                None => self.words = words,
            }
        }
        if let Some(block) = self.open.take_if(|block| !block.is_empty()) {
            self.open = desk.hand_over(block);
        }
        if self.legs == 0 {
            self.spare.extend(self.open.take_if(|block| block.is_empty()));
        }
        while self.owned > self.wanted() && self.spare.pop().is_some() {
            self.owned -= 1;
        }
    }
}

impl Block {
    fn put(&mut self, recording: RecordingId, heard: &Heard) {
        self.said.push(Said {
            recording,
            leg: heard.leg,
            came: heard.came,
            ssrc: heard.header.ssrc,
            timestamp: heard.header.timestamp,
            at: self.bytes.len() as u32,
            length: heard.sound.len() as u16,
            codec: heard.codec,
        });
        self.bytes.extend_from_slice(heard.sound);
    }
}
