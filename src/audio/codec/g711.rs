//! G.711: A-law and µ-law by table, exact as ITU-T G.191 has it.

use audio_codec_algorithms as itu;
use std::sync::LazyLock;

/// The A-law byte of silence, and the µ-law one.
pub const SILENCE_A: u8 = 0xD5;
pub const SILENCE_U: u8 = 0xFF;

/// One of the two laws. Encoding looks at the upper 12 bits of a sample under A-law and at 14 under µ-law, so
/// the tables stay small enough for the first cache.
pub struct Law {
    pub linear: [i16; 256],
    /// Square of each sample, for the level.
    pub power: [u32; 256],
    /// The same sound in the other law.
    pub other: [u8; 256],
    pub silence: u8,
    code: Box<[u8]>,
    shift: u32,
}

pub static A: LazyLock<Law> =
    LazyLock::new(|| Law::new(itu::decode_alaw, itu::encode_alaw, itu::convert_alaw_to_ulaw, 4, SILENCE_A));
pub static U: LazyLock<Law> =
    LazyLock::new(|| Law::new(itu::decode_ulaw, itu::encode_ulaw, itu::convert_ulaw_to_alaw, 2, SILENCE_U));

impl Law {
    fn new(decode: fn(u8) -> i16, encode: fn(i16) -> u8, convert: fn(u8) -> u8, shift: u32, silence: u8) -> Law {
        let linear: [i16; 256] = std::array::from_fn(|byte| decode(byte as u8));
        Law {
            linear,
            power: linear.map(|sample| (i32::from(sample) * i32::from(sample)) as u32),
            other: std::array::from_fn(|byte| convert(byte as u8)),
            silence,
            code: (0..=u16::MAX >> shift).map(|upper| encode((upper << shift) as i16)).collect(),
            shift,
        }
    }

    pub fn encode(&self, sample: i16) -> u8 {
        self.code[usize::from(sample as u16 >> self.shift)]
    }

    /// `out` is as long as `samples`.
    pub fn encode_into(&self, samples: &[i16], out: &mut [u8]) {
        for (byte, &sample) in out.iter_mut().zip(samples) {
            *byte = self.encode(sample);
        }
    }

    /// `out` is as long as `bytes`.
    pub fn decode_into(&self, bytes: &[u8], out: &mut [i16]) {
        for (sample, &byte) in out.iter_mut().zip(bytes) {
            *sample = self.linear[usize::from(byte)];
        }
    }

    /// Sum of the squares of the samples.
    pub fn power_of(&self, bytes: &[u8]) -> u64 {
        bytes.iter().map(|&byte| u64::from(self.power[usize::from(byte)])).sum()
    }

    /// Rewrites the bytes as those of the other law (G.711 tables 3 and 4).
    pub fn to_other(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.other[usize::from(*byte)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ITU-T G.711: every sample and every byte, both laws.
    #[test]
    fn the_tables_are_exact() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(A.encode(sample), itu::encode_alaw(sample), "A {sample}");
            assert_eq!(U.encode(sample), itu::encode_ulaw(sample), "u {sample}");
        }
        for byte in 0..=255u8 {
            assert_eq!(A.linear[usize::from(byte)], itu::decode_alaw(byte));
            assert_eq!(U.linear[usize::from(byte)], itu::decode_ulaw(byte));
        }
    }

    #[test]
    fn silence_is_silent() {
        assert!(A.linear[usize::from(SILENCE_A)].abs() <= 8);
        assert_eq!(U.linear[usize::from(SILENCE_U)], 0);
        assert_eq!(A.power_of(&[SILENCE_A; 10]), 640);
    }
}
