//! What recorded legs say, on its way from the decks to the thread that writes it down.

pub mod tape;
mod track;

use super::{codec::resample::Halver, order::RecordingId, rtp::Header};
use crate::{sdp::LegId, time::Uptime};

/// What one chunk holds of A-law at 8 kHz: 120 ms, as chunks are handed over every 100.
const BYTES: usize = 960;
/// Packets in one chunk: those of 10 ms, and a few that come late.
const PIECES: usize = 16;
/// Chunks for each leg: a writer that is kept from its work so many times 100 ms loses nothing.
pub const CHUNKS: usize = 14;

/// Some sound of one leg.
#[derive(Debug)]
pub struct Chunk {
    pub recording: RecordingId,
    pub leg: LegId,
    ssrc: u32,
    pieces: heapless::Vec<Piece, PIECES>,
    bytes: heapless::Vec<u8, BYTES>,
    /// Something was said before this for which there was no room.
    lost: bool,
    /// The last word of this deck about the recording, and when it was said.
    pub over: Option<Uptime>,
}

/// One packet, or a part of it.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// When the packet came.
    came: Uptime,
    /// Of the first sample, on the clock of the phone.
    timestamp: u32,
    /// In samples, which are bytes.
    length: u16,
}

impl Chunk {
    pub fn empty() -> Box<Chunk> {
        Box::new(Chunk {
            recording: RecordingId(0),
            leg: LegId(0),
            ssrc: 0,
            pieces: heapless::Vec::new(),
            bytes: heapless::Vec::new(),
            lost: false,
            over: None,
        })
    }

    pub fn over(recording: RecordingId, now: Uptime) -> Box<Chunk> {
        Box::new(Chunk { recording, over: Some(now), ..*Chunk::empty() })
    }

    fn begin(&mut self, recording: RecordingId, leg: LegId, ssrc: u32) {
        (self.recording, self.leg, self.ssrc, self.lost, self.over) = (recording, leg, ssrc, false, None);
        self.pieces.clear();
        self.bytes.clear();
    }

    /// Takes what fits; how much that was.
    fn add(&mut self, came: Uptime, timestamp: u32, said: &[u8]) -> usize {
        let length = said.len().min(BYTES - self.bytes.len());
        let piece = Piece { came, timestamp, length: length as u16 };
        if length == 0 || self.pieces.push(piece).is_err() {
            return 0;
        }
        let _ = self.bytes.extend_from_slice(&said[..length]);
        length
    }

    /// Each packet with its sound.
    fn said(&self) -> impl Iterator<Item = (Piece, &[u8])> {
        let mut at = 0;
        self.pieces.iter().map(move |&piece| {
            let from = at;
            at += usize::from(piece.length);
            (piece, &self.bytes[from..at])
        })
    }
}

/// The ways of chunks off a deck and back. Neither waits.
pub trait Desk {
    /// Given back if there is no room.
    fn hand_over(&mut self, chunk: Box<Chunk>) -> Option<Box<Chunk>>;
    /// One that was written down.
    fn take_back(&mut self) -> Option<Box<Chunk>>;
}

/// The chunks of one deck that hold nothing.
#[derive(Debug, Default)]
pub struct Spare {
    #[allow(clippy::vec_box, reason = "they go from hand to hand")]
    chunks: Vec<Box<Chunk>>,
    /// Those that are there, wherever they are, and those that should be.
    owned: usize,
    wanted: usize,
}

impl Spare {
    /// For one leg more. Asks for memory.
    pub fn grow(&mut self) {
        self.wanted += CHUNKS;
        while self.owned < self.wanted {
            self.chunks.push(Chunk::empty());
            self.owned += 1;
        }
        self.reserve();
    }

    /// Room for all, so that none asks for memory when it comes back.
    fn reserve(&mut self) {
        self.chunks.reserve(self.owned.saturating_sub(self.chunks.len()));
    }

    /// For one leg less.
    pub fn shrink(&mut self) {
        self.wanted = self.wanted.saturating_sub(CHUNKS);
    }

    /// A chunk from elsewhere comes to this deck.
    pub fn adopt(&mut self) {
        self.owned += 1;
        self.reserve();
    }

    /// A chunk of this deck goes elsewhere.
    pub fn part(&mut self) {
        self.owned = self.owned.saturating_sub(1);
    }

    /// What was written down comes back; what is too much goes.
    pub fn restock(&mut self, desk: &mut impl Desk) {
        while let Some(chunk) = desk.take_back() {
            self.chunks.push(chunk);
        }
        while self.owned > self.wanted && self.chunks.pop().is_some() {
            self.owned -= 1;
        }
    }

    #[cfg(test)]
    pub fn owned(&self) -> usize {
        self.owned
    }

    fn take(&mut self) -> Option<Box<Chunk>> {
        self.chunks.pop()
    }

    fn keep(&mut self, chunk: Box<Chunk>) {
        self.chunks.push(chunk);
    }
}

/// On a leg that is recorded: gathers what it says.
#[derive(Debug)]
pub struct Tap {
    pub recording: RecordingId,
    leg: LegId,
    chunk: Option<Box<Chunk>>,
    lost: bool,
    pub down: Halver,
}

impl Tap {
    pub fn new(recording: RecordingId, leg: LegId) -> Tap {
        Tap { recording, leg, chunk: None, lost: false, down: Halver::default() }
    }

    /// Takes a packet's sound in A-law.
    pub fn take(&mut self, now: Uptime, header: &Header, said: &[u8], spare: &mut Spare, desk: &mut impl Desk) {
        let (mut rest, mut timestamp) = (said, header.timestamp);
        if self.chunk.as_ref().is_some_and(|chunk| chunk.ssrc != header.ssrc) {
            self.hand_over(spare, desk);
        }
        while !rest.is_empty() {
            let Some(chunk) = self.chunk(header.ssrc, spare) else {
                self.lost = true;
                return;
            };
            let taken = chunk.add(now, timestamp, rest);
            (rest, timestamp) = (&rest[taken..], timestamp.wrapping_add(taken as u32));
            if !rest.is_empty() {
                self.hand_over(spare, desk);
            }
        }
    }

    fn chunk(&mut self, ssrc: u32, spare: &mut Spare) -> Option<&mut Chunk> {
        if self.chunk.is_none() {
            let mut chunk = spare.take()?;
            chunk.begin(self.recording, self.leg, ssrc);
            chunk.lost = std::mem::take(&mut self.lost);
            self.chunk = Some(chunk);
        }
        self.chunk.as_deref_mut()
    }

    /// What was gathered goes to the writer.
    pub fn hand_over(&mut self, spare: &mut Spare, desk: &mut impl Desk) {
        let Some(chunk) = self.chunk.take() else { return };
        if let Some(chunk) = desk.hand_over(chunk) {
            self.lost = true;
            spare.keep(chunk);
        }
    }

    /// Whether it holds a chunk, which goes where the leg goes.
    pub fn holds(&self) -> bool {
        self.chunk.is_some()
    }
}
