//! Sound that is too long for the memory, on its way from the disk: a thread reads ahead, a deck plays what is there.

use crate::audio::{codec::resample::Doubler, order::RecordingId, sounds::Pcm};
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

/// Blocks that wait to be played, beside the one that plays and the one that the reader holds.
const AHEAD: usize = 1;
/// The longest packet, at 8 kHz.
const LONGEST: usize = 480;

/// A file that can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Title {
    /// By the number of its row.
    Media(u64),
    /// Recorded by phone, and not kept yet.
    Taken(RecordingId),
}

/// What somebody wants to hear.
#[derive(Debug)]
pub struct Wanted {
    pub title: Title,
    /// From the beginning again when it is over.
    pub round: bool,
    /// Where its sound goes, at 8 kHz; when this is dropped it is over.
    pub blocks: Sender<Pcm>,
}

/// Where media files are asked for.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Option<Sender<Wanted>>);

impl Shelf {
    pub fn new(wanted: Sender<Wanted>) -> Shelf {
        Shelf(Some(wanted))
    }

    /// Of a shelf that nobody fills all is over at once.
    pub fn take(&self, title: Title, round: bool) -> Feed {
        let (blocks, came) = bounded(AHEAD);
        if let Some(wanted) = &self.0 {
            let _ = wanted.send(Wanted { title, round, blocks });
        }
        Feed { came, block: Pcm::default(), at: 0, up: Doubler::default() }
    }
}

#[derive(Debug)]
pub struct Feed {
    came: Receiver<Pcm>,
    block: Pcm,
    at: usize,
    up: Doubler,
}

impl Feed {
    /// Fills what it can, at 8 or 16 samples a millisecond; how much that was, and whether more may come later: now,
    /// or never.
    pub fn fill(&mut self, rate: usize, samples: &mut [i16]) -> (usize, bool) {
        let step = rate / 8;
        let mut filled = 0;
        while filled < samples.len() {
            if self.at >= self.block.len() {
                match self.came.try_recv() {
                    Ok(block) => (self.block, self.at) = (block, 0),
                    Err(TryRecvError::Empty) => return (filled, true),
                    Err(TryRecvError::Disconnected) => return (filled, false),
                }
            }
            let mut narrow = [0; LONGEST];
            let room = ((samples.len() - filled) / step).min(LONGEST);
            let count = self.block.copy(self.at, &mut narrow[..room]);
            let out = &mut samples[filled..filled + count * step];
            match step {
                1 => out.copy_from_slice(&narrow[..count]),
                _ => self.up.run(&narrow[..count], out),
            }
            self.at += count;
            filled += count * step;
        }
        (filled, true)
    }
}
