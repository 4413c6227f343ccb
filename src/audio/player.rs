//! Plays pieces one after the other, once or round and round.

pub mod feed;

use super::sounds::Clip;
use feed::{Feed, Shelf, Title};

#[derive(Debug, Default)]
pub struct Player {
    pieces: Vec<Piece>,
    round: bool,
    piece: usize,
    shelf: Shelf,
}

#[derive(Debug)]
pub enum Piece {
    /// In the memory; samples of 8 kHz into it.
    Clip { clip: Clip, at: usize },
    /// Silence, in samples of 8 kHz, and how much of it has passed.
    Pause { length: usize, at: usize },
    /// A file, asked for when its turn is near. `round`: it has no end.
    File { title: Title, round: bool, feed: Option<Feed> },
}

impl Piece {
    pub fn clip(clip: Clip) -> Piece {
        Piece::Clip { clip, at: 0 }
    }

    pub fn pause(ms: u32) -> Piece {
        Piece::Pause { length: 8 * ms as usize, at: 0 }
    }

    pub fn file(title: Title) -> Piece {
        Piece::File { title, round: false, feed: None }
    }

    /// Music that goes round by itself.
    pub fn music(media: u64) -> Piece {
        Piece::File { title: Title::Media(media), round: true, feed: None }
    }

    /// Asks for what has to come from afar.
    fn prepare(&mut self, shelf: &Shelf) {
        if let Piece::File { title, round, feed: feed @ None } = self {
            *feed = Some(shelf.take(*title, *round));
        }
    }

    fn rewind(&mut self) {
        match self {
            Piece::Clip { at, .. } | Piece::Pause { at, .. } => *at = 0,
            Piece::File { feed, .. } => *feed = None,
        }
    }

    /// What was filled, and whether more may follow: now or later.
    fn fill(&mut self, rate: usize, samples: &mut [i16]) -> (usize, bool) {
        let step = rate / 8;
        match self {
            Piece::Clip { clip, at } => {
                let sound = clip.at_rate(rate > 8);
                let count = sound.copy(*at * step, samples);
                *at += count / step;
                (count, *at * step < sound.len())
            }
            Piece::Pause { length, at } => {
                let count = ((*length - *at) * step).min(samples.len());
                samples[..count].fill(0);
                *at += count / step;
                (count, *at < *length)
            }
            Piece::File { feed: Some(feed), .. } => feed.fill(rate, samples),
            Piece::File { feed: None, .. } => (0, false),
        }
    }
}

impl Player {
    pub fn once(pieces: Vec<Piece>, shelf: &Shelf) -> Player {
        Player::new(pieces, false, shelf)
    }

    pub fn round(pieces: Vec<Piece>, shelf: &Shelf) -> Player {
        Player::new(pieces, true, shelf)
    }

    fn new(pieces: Vec<Piece>, round: bool, shelf: &Shelf) -> Player {
        let mut player = Player { pieces, round, piece: 0, shelf: shelf.clone() };
        player.prepare();
        player
    }

    /// The piece that plays, and the next, so that it is there when its turn comes.
    fn prepare(&mut self) {
        let shelf = &self.shelf;
        self.pieces.iter_mut().skip(self.piece).take(2).for_each(|piece| piece.prepare(shelf));
    }

    /// Fills samples at 8 or 16 a millisecond, with silence where nothing is left or nothing has come.
    pub fn fill(&mut self, rate: usize, samples: &mut [i16]) {
        let mut filled = 0;
        // A round of nothing but empty pieces must come to an end.
        let mut empty = 0;
        while filled < samples.len() && empty <= self.pieces.len() {
            let Some(piece) = self.pieces.get_mut(self.piece) else { break };
            let (count, more) = piece.fill(rate, &mut samples[filled..]);
            filled += count;
            empty = if count == 0 { empty + 1 } else { 0 };
            if !more {
                self.turn();
            } else if count == 0 {
                break;
            }
        }
        samples[filled..].fill(0);
    }

    fn turn(&mut self) {
        self.pieces[self.piece].rewind();
        self.piece += 1;
        if self.round && self.piece == self.pieces.len() {
            self.piece = 0;
        }
        self.prepare();
    }

    /// Nothing is left; never so when it goes round.
    pub fn over(&self) -> bool {
        !self.round && self.piece >= self.pieces.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::sounds::Pcm;
    use crossbeam_channel::unbounded;

    fn clip(samples: &[i16]) -> Piece {
        let wide = samples.iter().flat_map(|&sample| [sample, sample]).collect();
        Piece::clip(Clip { narrow: samples.iter().copied().collect(), wide })
    }

    fn once(pieces: Vec<Piece>) -> Player {
        Player::once(pieces, &Shelf::default())
    }

    fn round(pieces: Vec<Piece>) -> Player {
        Player::round(pieces, &Shelf::default())
    }

    fn take(player: &mut Player, rate: usize, count: usize) -> Vec<i16> {
        let mut samples = vec![99; count];
        player.fill(rate, &mut samples);
        samples
    }

    #[test]
    fn pieces_follow_without_a_seam_and_end() {
        let mut player = once(vec![clip(&[1, 2, 3]), clip(&[]), clip(&[4, 5])]);
        assert_eq!(take(&mut player, 8, 4), [1, 2, 3, 4]);
        assert!(!player.over());
        assert_eq!(take(&mut player, 8, 4), [5, 0, 0, 0]);
        assert!(player.over());
        assert!(once(Vec::new()).over());
    }

    #[test]
    fn music_goes_round() {
        let mut player = round(vec![clip(&[1, 2]), clip(&[3])]);
        assert_eq!(take(&mut player, 8, 5), [1, 2, 3, 1, 2]);
        assert_eq!(take(&mut player, 8, 2), [3, 1]);
        assert!(!player.over());
        assert_eq!(take(&mut round(vec![clip(&[])]), 8, 2), [0, 0]);
    }

    #[test]
    fn the_rate_may_change_on_the_way() {
        let mut player = once(vec![clip(&[1, 2, 3, 4])]);
        assert_eq!(take(&mut player, 8, 1), [1]);
        assert_eq!(take(&mut player, 16, 4), [2, 2, 3, 3]);
        assert_eq!(take(&mut player, 8, 2), [4, 0]);
    }

    /// IVR-10: the gap after a prompt.
    #[test]
    fn a_pause_lasts_as_long_as_it_should() {
        for rate in [8, 16] {
            let mut player = once(vec![clip(&[7]), Piece::pause(10), clip(&[8])]);
            let samples = take(&mut player, rate, 90 * rate / 8);
            let sounds: Vec<usize> = (0..samples.len()).filter(|&at| samples[at] != 0).collect();
            assert_eq!((sounds[0], *sounds.last().unwrap()), (0, 82 * rate / 8 - 1));
            assert!(player.over());
        }
    }

    /// What has to come from the disk is asked for a piece ahead, and waited for.
    #[test]
    fn media_are_asked_for_in_time() {
        let (wanted, asked) = unbounded();
        let pieces = [5, 6, 7].map(|media| Piece::file(Title::Media(media))).into();
        let mut player = Player::once(pieces, &Shelf::new(wanted));
        let (five, six) = (asked.recv().unwrap(), asked.recv().unwrap());
        assert_eq!((five.title, six.title, asked.len(), five.round), (Title::Media(5), Title::Media(6), 0, false));
        assert_eq!(take(&mut player, 8, 2), [0, 0], "nothing has come");
        five.blocks.send(Pcm::from_iter([1, 2, 3])).unwrap();
        drop(six);
        assert_eq!(take(&mut player, 8, 2), [1, 2]);
        assert_eq!(take(&mut player, 8, 2), [3, 0], "nothing more has come");
        drop(five);
        assert_eq!(take(&mut player, 8, 1), [0]);
        let seven = asked.recv().unwrap();
        assert!(seven.title == Title::Media(7) && !player.over(), "6 is not there and left out");
        drop(seven);
        take(&mut player, 8, 1);
        assert!(player.over());
    }

    /// MED-13: where the office's own music is gone, that of the program goes on.
    #[test]
    fn music_that_is_gone_is_replaced() {
        let mut player = round(vec![Piece::music(5), clip(&[1, 2])]);
        assert_eq!(take(&mut player, 8, 5), [1, 2, 1, 2, 1]);
        let (wanted, asked) = unbounded();
        let mut player = Player::round(vec![Piece::music(5), clip(&[1, 2])], &Shelf::new(wanted));
        let five = asked.recv().unwrap();
        assert!(five.round);
        five.blocks.send(Pcm::from_iter([3; 8])).unwrap();
        assert_eq!(take(&mut player, 8, 9), [3, 3, 3, 3, 3, 3, 3, 3, 0]);
    }
}
