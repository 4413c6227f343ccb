//! The head of the WAV files that calls play and people download: one channel of 16 bit at 8 kHz.

use super::codec::narrow::RATE;

/// The bytes before the samples.
pub const HEAD: usize = 44;

/// What stands before so many samples.
pub fn head(samples: u32) -> [u8; HEAD] {
    let data = 2 * samples;
    let mut head = *b"RIFF----WAVEfmt \x10\0\0\0\x01\0\x01\0--------\x02\0\x10\0data----";
    for (at, figure) in [(4, data + HEAD as u32 - 8), (24, RATE), (28, 2 * RATE), (40, data)] {
        head[at..at + 4].copy_from_slice(&figure.to_le_bytes());
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_follows() {
        let expected =
            b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x08\0\0\0";
        assert_eq!(&head(4), expected);
    }
}
