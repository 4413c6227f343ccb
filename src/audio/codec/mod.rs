//! From one codec to the other: all three carry eight bytes a millisecond, so a payload keeps its length.

pub mod g711;
pub mod narrow;
pub mod resample;

use crate::sdp::Codec;
use audio_codec::{
    Decoder as _, Encoder as _,
    g722::{G722Decoder, G722Encoder},
};
use resample::{Doubler, Halver};
use std::fmt;

/// The longest payload that is decoded, bytes; at 16 kHz each byte becomes two samples.
pub const PAYLOAD_MAX: usize = 1488;
pub const SAMPLES_MAX: usize = 2 * PAYLOAD_MAX;

/// Samples at the codec's own rate.
pub type Samples = [i16; SAMPLES_MAX];

/// Samples a millisecond.
pub fn rate(codec: Codec) -> usize {
    if codec == Codec::G722 { 16 } else { 8 }
}

/// Whether two codecs carry sound at the same rate.
fn law(codec: Codec) -> Option<&'static g711::Law> {
    match codec {
        Codec::Pcma => Some(&g711::A),
        Codec::Pcmu => Some(&g711::U),
        Codec::G722 => None,
    }
}

/// Sum of the squares of a payload's samples; `None` where that takes decoding.
pub fn power(codec: Codec, payload: &[u8]) -> Option<u64> {
    law(codec).map(|law| law.power_of(payload))
}

/// Overwrites a G.711 payload with silence; false where that takes encoding.
pub fn hush(codec: Codec, payload: &mut [u8]) -> bool {
    law(codec).is_some_and(|law| {
        payload.fill(law.silence);
        true
    })
}

/// What a leg says, turned into samples.
pub struct Ear {
    g722: G722Decoder,
}

impl Default for Ear {
    fn default() -> Ear {
        Ear { g722: G722Decoder::new() }
    }
}

impl Ear {
    /// Gives the samples at the codec's rate.
    pub fn decode<'a>(&mut self, codec: Codec, payload: &[u8], out: &'a mut Samples) -> &'a [i16] {
        let payload = &payload[..payload.len().min(PAYLOAD_MAX)];
        match law(codec) {
            Some(law) => {
                law.decode_into(payload, out);
                &out[..payload.len()]
            }
            None => {
                let count = self.g722.decode_into(payload, out).unwrap_or(0);
                &out[..count]
            }
        }
    }
}

/// Samples turned into what a leg hears.
pub struct Mouth {
    g722: G722Encoder,
    up: Doubler,
    down: Halver,
}

impl Default for Mouth {
    fn default() -> Mouth {
        Mouth { g722: G722Encoder::new(), up: Doubler::default(), down: Halver::default() }
    }
}

impl Mouth {
    /// Encodes samples that are at the rate of `from`; gives the length of the payload. `between` is for the change
    /// of rate, `out` takes a byte for each eighth of a millisecond.
    pub fn encode(&mut self, from: Codec, samples: &[i16], to: Codec, between: &mut Samples, out: &mut [u8]) -> usize {
        let at_rate: &[i16] = match (rate(from), rate(to)) {
            (8, 16) => {
                let count = (samples.len() * 2).min(SAMPLES_MAX);
                self.up.run(&samples[..count / 2], &mut between[..count]);
                &between[..count]
            }
            (16, 8) => {
                self.down.run(samples, &mut between[..samples.len() / 2]);
                &between[..samples.len() / 2]
            }
            _ => samples,
        };
        match law(to) {
            Some(law) => {
                let count = at_rate.len().min(out.len());
                law.encode_into(&at_rate[..count], &mut out[..count]);
                count
            }
            None => self.g722.encode_into(&at_rate[..at_rate.len() & !1], out).unwrap_or(0),
        }
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Ear")
    }
}

impl fmt::Debug for Mouth {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Mouth")
    }
}

/// Rewrites one G.711 law as the other in place; false if that is not the pair.
pub fn swap_law(from: Codec, to: Codec, payload: &mut [u8]) -> bool {
    match (law(from), law(to)) {
        (Some(law), Some(_)) => {
            law.to_other(payload);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// Sends 440 Hz through encoder, decoder and back, and gives the signal to noise ratio in dB at the best delay.
    fn snr(out: &[i16], reference: &[i16]) -> f64 {
        (0..120)
            .map(|delay| {
                let pairs = reference[1000..].iter().zip(&out[1000 + delay..]);
                let (signal, noise) = pairs.fold((0.0, 0.0), |(signal, noise), (&a, &b)| {
                    let (a, b) = (f64::from(a), f64::from(b));
                    (signal + a * a, noise + (a - b) * (a - b))
                });
                10.0 * libm::log10(signal / noise.max(1e-9))
            })
            .fold(f64::MIN, f64::max)
    }

    fn sine(codec: Codec, ms: usize) -> Vec<i16> {
        let per_ms = rate(codec);
        (0..ms * per_ms).map(|n| (libm::sin(2.0 * PI * 0.44 * n as f64 / per_ms as f64) * 8000.0) as i16).collect()
    }

    fn through(from: Codec, over: Codec) -> f64 {
        let sound = sine(from, 400);
        let (mut mouth, mut ear, mut back) = (Mouth::default(), Ear::default(), Mouth::default());
        let (mut between, mut samples) = ([0; SAMPLES_MAX], [0; SAMPLES_MAX]);
        let mut heard = Vec::new();
        for frame in sound.chunks(20 * rate(from)) {
            let mut payload = [0; 160];
            assert_eq!(mouth.encode(from, frame, over, &mut between, &mut payload), 160);
            let decoded = ear.decode(over, &payload, &mut samples);
            assert_eq!(decoded.len(), 20 * rate(over));
            match (rate(from), rate(over)) {
                (8, 16) => {
                    back.down.run(decoded, &mut between[..160]);
                    heard.extend_from_slice(&between[..160]);
                }
                (16, 8) => {
                    back.up.run(decoded, &mut between[..320]);
                    heard.extend_from_slice(&between[..320]);
                }
                _ => heard.extend_from_slice(decoded),
            }
        }
        snr(&heard, &sound)
    }

    #[test]
    fn sound_survives_each_pair_of_codecs() {
        for from in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
            for over in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
                let ratio = through(from, over);
                assert!(ratio > 30.0, "{from:?} over {over:?}: {ratio:.1} dB");
            }
        }
    }

    #[test]
    fn the_laws_swap_in_place() {
        let mut payload: Vec<u8> = (0..=255).collect();
        assert!(swap_law(Codec::Pcmu, Codec::Pcma, &mut payload));
        assert_eq!(payload[usize::from(g711::SILENCE_U)], g711::SILENCE_A);
        assert!(!swap_law(Codec::G722, Codec::Pcma, &mut payload));
    }
}
