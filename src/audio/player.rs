//! Plays pieces one after the other, once or round and round.

use super::sounds::Sound;

#[derive(Clone, Debug, Default)]
pub struct Player {
    pieces: Vec<Sound>,
    round: bool,
    piece: usize,
    /// Samples of 8 kHz into the piece.
    at: usize,
}

impl Player {
    pub fn once(pieces: Vec<Sound>) -> Player {
        Player { pieces, ..Player::default() }
    }

    pub fn round(pieces: Vec<Sound>) -> Player {
        Player { pieces, round: true, ..Player::default() }
    }

    /// Fills samples at 8 or 16 a millisecond, with silence where nothing is left.
    pub fn fill(&mut self, rate: usize, samples: &mut [i16]) {
        let mut filled = 0;
        let step = rate / 8;
        // A round of nothing but empty pieces must come to an end.
        let mut empty = 0;
        while filled < samples.len() && empty <= self.pieces.len() {
            let Some(piece) = self.pieces.get(self.piece) else { break };
            let sound = piece.at_rate(rate > 8);
            let count = sound.copy(self.at * step, &mut samples[filled..]);
            filled += count;
            self.at += count / step;
            if self.at * step >= sound.len() {
                self.turn();
                empty += usize::from(count == 0);
            }
        }
        samples[filled..].fill(0);
    }

    fn turn(&mut self) {
        (self.piece, self.at) = (self.piece + 1, 0);
        if self.round && self.piece == self.pieces.len() {
            self.piece = 0;
        }
    }

    /// Nothing is left; never so when it goes round.
    pub fn over(&self) -> bool {
        !self.round && self.piece >= self.pieces.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(samples: &[i16]) -> Sound {
        let wide = samples.iter().flat_map(|&sample| [sample, sample]).collect();
        Sound { narrow: samples.iter().copied().collect(), wide }
    }

    fn take(player: &mut Player, rate: usize, count: usize) -> Vec<i16> {
        let mut samples = vec![99; count];
        player.fill(rate, &mut samples);
        samples
    }

    #[test]
    fn pieces_follow_without_a_seam_and_end() {
        let mut player = Player::once(vec![sound(&[1, 2, 3]), sound(&[]), sound(&[4, 5])]);
        assert_eq!(take(&mut player, 8, 4), [1, 2, 3, 4]);
        assert!(!player.over());
        assert_eq!(take(&mut player, 8, 4), [5, 0, 0, 0]);
        assert!(player.over());
        assert!(Player::once(Vec::new()).over());
    }

    #[test]
    fn music_goes_round() {
        let mut player = Player::round(vec![sound(&[1, 2]), sound(&[3])]);
        assert_eq!(take(&mut player, 8, 5), [1, 2, 3, 1, 2]);
        assert_eq!(take(&mut player, 8, 2), [3, 1]);
        assert!(!player.over());
        assert_eq!(take(&mut Player::round(vec![sound(&[])]), 8, 2), [0, 0]);
    }

    #[test]
    fn the_rate_may_change_on_the_way() {
        let mut player = Player::once(vec![sound(&[1, 2, 3, 4])]);
        assert_eq!(take(&mut player, 8, 1), [1]);
        assert_eq!(take(&mut player, 16, 4), [2, 2, 3, 3]);
        assert_eq!(take(&mut player, 8, 2), [4, 0]);
    }
}
