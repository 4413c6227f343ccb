//! Ringback, busy and reorder as the office's country plays them (ITU-T E.180 supplement 2), and a beep.

use super::{
    order::Tone,
    sounds::{Clip, Pcm},
};
use std::f32::consts::TAU;

/// Whose tones are played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Country {
    /// 425 Hz, as most of the world has it.
    #[default]
    World,
    China,
    Japan,
    NorthAmerica,
}

/// Waves and the turns of sound and silence, ms.
#[derive(Clone, Copy, Debug)]
struct Cadence {
    hz: &'static [f32],
    on_ms: usize,
    off_ms: usize,
}

/// Each wave at -18 dB of full scale: audible, and no fright.
const LOUD: f32 = 4000.0;

/// One turn of a tone, to be played round and round.
pub fn render(country: Country, tone: Tone) -> Clip {
    let cadence = cadence(country, tone);
    Clip { narrow: turn(&cadence, 8), wide: turn(&cadence, 16) }
}

fn cadence(country: Country, tone: Tone) -> Cadence {
    let (hz, on_ms, off_ms): (&[f32], usize, usize) = match (country, tone) {
        (Country::World, Tone::Ringback) => (&[425.0], 1000, 4000),
        (Country::World, Tone::Busy) => (&[425.0], 500, 500),
        (Country::World, Tone::Reorder) => (&[425.0], 250, 250),
        (Country::China, Tone::Ringback) => (&[450.0], 1000, 4000),
        (Country::China, Tone::Busy) => (&[450.0], 350, 350),
        (Country::China, Tone::Reorder) => (&[450.0], 700, 700),
        // 400 Hz beating at 16 Hz.
        (Country::Japan, Tone::Ringback) => (&[392.0, 408.0], 1000, 2000),
        (Country::Japan, Tone::Busy | Tone::Reorder) => (&[400.0], 500, 500),
        (_, Tone::Beep) => (&[1000.0], 300, 100),
        (Country::NorthAmerica, Tone::Ringback) => (&[440.0, 480.0], 2000, 4000),
        (Country::NorthAmerica, Tone::Busy) => (&[480.0, 620.0], 500, 500),
        (Country::NorthAmerica, Tone::Reorder) => (&[480.0, 620.0], 250, 250),
    };
    Cadence { hz, on_ms, off_ms }
}

fn turn(cadence: &Cadence, rate: usize) -> Pcm {
    let on = cadence.on_ms * rate;
    let step = TAU / (rate as f32 * 1000.0);
    let sound = |n: usize| cadence.hz.iter().map(|hz| LOUD * libm::sinf(step * hz * n as f32)).sum::<f32>() as i16;
    (0..on + cadence.off_ms * rate).map(|n| if n < on { sound(n) } else { 0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(pcm: &Pcm) -> Vec<i16> {
        let mut samples = vec![0; pcm.len()];
        assert_eq!(pcm.copy(0, &mut samples), pcm.len());
        samples
    }

    #[test]
    fn a_turn_is_sound_then_silence() {
        for country in [Country::World, Country::China, Country::Japan, Country::NorthAmerica] {
            for tone in [Tone::Ringback, Tone::Busy, Tone::Reorder, Tone::Beep] {
                let Cadence { on_ms, off_ms, .. } = cadence(country, tone);
                let Clip { narrow, wide } = render(country, tone);
                assert_eq!((narrow.len(), wide.len()), ((on_ms + off_ms) * 8, (on_ms + off_ms) * 16));
                let narrow = samples(&narrow);
                let (sound, silence) = narrow.split_at(on_ms * 8);
                assert!(sound.iter().any(|&sample| sample > 3900), "{country:?} {tone:?}");
                assert!(silence.iter().all(|&sample| sample == 0));
            }
        }
    }

    /// E.180 supplement 2: 425 Hz crosses zero upwards 425 times a second.
    #[test]
    fn the_frequency_is_right() {
        let narrow = samples(&render(Country::World, Tone::Ringback).narrow);
        let ups = narrow[..8000].windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((424..=425).contains(&ups), "{ups}");
    }
}
