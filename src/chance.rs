//! Choices and tokens that the same seed gives again; keys and nonce secrets never come from here.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// What a `Chance` begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub [u8; 32]);

impl From<u64> for Seed {
    fn from(number: u64) -> Seed {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Seed(bytes)
    }
}

/// ChaCha with `u32` draws: the same on every machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chance(ChaCha12Rng);

impl Chance {
    pub fn new(seed: Seed) -> Chance {
        Chance(ChaCha12Rng::from_seed(seed.0))
    }

    pub fn u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number from 0 to `limit` - 1; 0 if `limit` is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        ((u64::from(self.u32()) * u64::from(limit)) >> 32) as u32
    }

    /// Letters and digits, about five bits each, for tags, branches and Call-IDs.
    pub fn token(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        (0..length).map(|_| ALPHABET[(self.u32() >> 27) as usize] as char).collect()
    }
}
