//! Between 8 and 16 kHz with one half-band filter.

use std::{f64::consts::PI, sync::LazyLock};

/// Taps on each side of the middle that are not zero: 12 of 23, flat to 3.4 kHz and 60 dB down from 4.6 kHz.
const SIDE: usize = 12;
/// Samples that the filter looks back over at the lower rate.
const SPAN: usize = 2 * SIDE;
/// Kaiser window for 60 dB.
const BETA: f64 = 5.65;

/// A gain of one, as a shift. One bit more, and sound made for it would go beyond 32 bits.
const UNIT: u32 = 14;

/// The taps beside the middle, in 1/2^`UNIT` of a gain of one at the lower rate.
static TAPS: LazyLock<[i32; SIDE]> = LazyLock::new(|| {
    let ideal: [f64; SIDE] = std::array::from_fn(|side| {
        let offset = (2 * side + 1) as f64;
        let sign = if side % 2 == 0 { 1.0 } else { -1.0 };
        sign * 2.0 / (PI * offset) * kaiser(offset / (2 * SIDE) as f64, BETA)
    });
    let gain: f64 = 2.0 * ideal.iter().sum::<f64>();
    ideal.map(|tap| libm::round(tap / gain * f64::from(1 << UNIT)) as i32)
});

/// The Kaiser window, −1 to 1.
pub(super) fn kaiser(x: f64, beta: f64) -> f64 {
    bessel(beta * libm::sqrt(1.0 - x * x)) / bessel(beta)
}

/// Modified Bessel function of the first kind, order zero.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    (1..=30).fold(1.0, |sum, n| {
        term *= (x / 2.0 / f64::from(n)) * (x / 2.0 / f64::from(n));
        sum + term
    })
}

/// From 8 to 16 kHz.
#[derive(Clone, Debug, Default)]
pub struct Doubler {
    past: [i16; SPAN],
}

impl Doubler {
    /// `out` takes twice as many samples as `samples` has.
    pub fn run(&mut self, samples: &[i16], out: &mut [i16]) {
        let taps = &*TAPS;
        for (&sample, pair) in samples.iter().zip(out.chunks_exact_mut(2)) {
            push(&mut self.past, sample);
            pair[0] = self.past[SIDE - 1];
            pair[1] = clamp(sides(taps, &self.past) >> UNIT);
        }
    }
}

/// From 16 to 8 kHz.
#[derive(Clone, Debug, Default)]
pub struct Halver {
    even: [i16; SPAN],
    odd: [i16; SPAN],
}

impl Halver {
    /// `out` takes half as many samples as `samples` has, which is even.
    pub fn run(&mut self, samples: &[i16], out: &mut [i16]) {
        let taps = &*TAPS;
        for (pair, sample) in samples.chunks_exact(2).zip(out) {
            push(&mut self.even, pair[0]);
            let between = sides(taps, &self.even);
            *sample = clamp(((i32::from(self.odd[SIDE]) << UNIT) + between) >> (UNIT + 1));
            push(&mut self.odd, pair[1]);
        }
    }
}

fn push(past: &mut [i16; SPAN], sample: i16) {
    past.copy_within(1.., 0);
    past[SPAN - 1] = sample;
}

fn sides(taps: &[i32; SIDE], past: &[i16; SPAN]) -> i32 {
    let (before, after) = past.split_at(SIDE);
    taps.iter()
        .zip(before.iter().rev().zip(after))
        .map(|(tap, (&left, &right))| tap * (i32::from(left) + i32::from(right)))
        .sum()
}

fn clamp(sample: i32) -> i16 {
    sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, rate: f64, count: usize) -> Vec<i16> {
        (0..count).map(|n| (libm::sin(2.0 * PI * hz * n as f64 / rate) * 10_000.0) as i16).collect()
    }

    /// Power after the filter has run in, relative to a sine of 10,000, in dB.
    fn level(samples: &[i16]) -> f64 {
        let tail = &samples[100..];
        let power = tail.iter().map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / tail.len() as f64;
        10.0 * libm::log10(power.max(1e-9) / 5e7)
    }

    #[test]
    fn speech_passes_both_ways_unchanged() {
        for hz in [200.0, 440.0, 1000.0, 3000.0, 3300.0] {
            let mut narrow = vec![0; 4000];
            Halver::default().run(&sine(hz, 16_000.0, 8000), &mut narrow);
            assert!(level(&narrow).abs() < 0.3, "{hz} Hz down: {}", level(&narrow));
            let mut wide = vec![0; 8000];
            Doubler::default().run(&sine(hz, 8_000.0, 4000), &mut wide);
            assert!(level(&wide).abs() < 0.3, "{hz} Hz up: {}", level(&wide));
        }
    }

    #[test]
    fn what_would_fold_back_is_gone() {
        for hz in [4700.0, 5000.0, 6500.0, 7900.0] {
            let mut narrow = vec![0; 4000];
            Halver::default().run(&sine(hz, 16_000.0, 8000), &mut narrow);
            assert!(level(&narrow) < -50.0, "{hz} Hz: {}", level(&narrow));
        }
    }

    /// Full swings in step with the taps: the loudest that the filter can be asked for is cut off, not turned round.
    #[test]
    fn the_loudest_stays_loud() {
        let swing = |n: usize| if (n as isize - SIDE as isize).rem_euclid(2) == 0 { i16::MAX } else { i16::MIN };
        let sided = |n: usize| if n < SIDE { swing(2 * SIDE - 1 - n) } else { swing(n) };
        let narrow: Vec<i16> = (0..SPAN).map(sided).collect();
        let mut wide = [0; 2 * SPAN];
        Doubler::default().run(&narrow, &mut wide);
        assert_eq!(wide[2 * SPAN - 1], i16::MAX);
        let both: Vec<i16> = narrow.iter().flat_map(|&sample| [sample, i16::MAX]).collect();
        let mut back = [0; SPAN];
        Halver::default().run(&both, &mut back);
        assert_eq!(back[SPAN - 1], i16::MAX);
    }

    /// Packets of any length join without a seam.
    #[test]
    fn the_cut_does_not_matter() {
        let samples = sine(700.0, 16_000.0, 640);
        let (mut whole, mut cut) = ([0; 320], [0; 320]);
        Halver::default().run(&samples, &mut whole);
        let mut halver = Halver::default();
        for (from, to) in [(0, 2), (2, 300), (300, 640)] {
            halver.run(&samples[from..to], &mut cut[from / 2..to / 2]);
        }
        assert_eq!(whole, cut);
    }
}
