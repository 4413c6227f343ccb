//! How fast this machine is: what a known sum costs, to compare figures taken elsewhere.

use crate::cpu;
use sha2::{Digest, Sha256};
use std::hint::black_box;

/// CPU seconds of SHA-256 over 300 MiB.
pub fn sha256() -> f64 {
    let block = vec![0x5A; 1 << 20];
    let before = cpu::mine();
    let mut sum = Sha256::new();
    (0..300).for_each(|_| sum.update(black_box(&block)));
    black_box(sum.finalize());
    cpu::mine() - before
}
