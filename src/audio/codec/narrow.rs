//! From any rate to 8 kHz, for sound that is converted once: a windowed sinc, its taps between 512 phases.

use super::resample::kaiser;
use std::f64::consts::PI;

/// Samples a second that come out.
pub const RATE: u32 = 8_000;

/// Zero crossings of the sinc on each side.
const CROSSINGS: usize = 32;
/// Kaiser window for 70 dB.
const BETA: f64 = 6.76;
/// Where the filter is half way down, of the lower rate: it passes 3.4 kHz whole and nothing from 4 kHz.
const CUT: f64 = 0.4625;
const PHASES: usize = 512;

pub struct Narrower {
    rate: u32,
    /// Taps on each side of the middle.
    side: usize,
    /// `PHASES` + 1 rows of 2 · `side` taps.
    taps: Vec<f32>,
    /// What later samples still need; the first stands at `at`, counted from the beginning of the sound.
    past: Vec<f32>,
    at: u64,
    /// Samples given so far.
    given: u64,
}

impl Narrower {
    /// `rate` is not 0.
    pub fn new(rate: u32) -> Narrower {
        let stretch = f64::from(rate.max(RATE)) / f64::from(RATE);
        let side = (CROSSINGS as f64 * stretch).ceil() as usize;
        let taps = (0..=PHASES).flat_map(|phase| row(phase as f64 / PHASES as f64, side, stretch)).collect();
        Narrower { rate, side, taps, past: vec![0.0; side], at: 0, given: 0 }
    }

    /// Takes the next samples, and gives those that have all they need.
    pub fn run(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.past.extend_from_slice(samples);
        loop {
            let position = self.given * u64::from(self.rate);
            let (whole, part) = (position / u64::from(RATE), position % u64::from(RATE));
            // `past` begins `side` samples before the one at `at`.
            let from = (whole - self.at) as usize + 1;
            let Some(window) = self.past.get(from..from + 2 * self.side) else { break };
            out.push(self.between(window, part as f32 / RATE as f32));
            self.given += 1;
        }
        let next = self.given * u64::from(self.rate) / u64::from(RATE);
        let done = ((next - self.at) as usize).min(self.past.len());
        self.past.drain(..done);
        self.at += done as u64;
    }

    /// The last samples, of a sound of so many.
    pub fn end(&mut self, samples: u64, out: &mut Vec<f32>) {
        let whole = (samples * u64::from(RATE)).div_ceil(u64::from(self.rate));
        let before = self.given;
        let mut rest = Vec::new();
        self.run(&vec![0.0; 2 * self.side], &mut rest);
        rest.truncate(whole.saturating_sub(before) as usize);
        out.append(&mut rest);
    }

    fn between(&self, window: &[f32], part: f32) -> f32 {
        let place = part * PHASES as f32;
        let (phase, weight) = (place as usize, place.fract());
        let length = 2 * self.side;
        let (low, high) = self.taps[phase * length..(phase + 2) * length].split_at(length);
        (1.0 - weight) * product(low, window) + weight * product(high, window)
    }
}

/// The taps for a sample that lies so far, 0 to 1, behind the one in the middle.
fn row(part: f64, side: usize, stretch: f64) -> Vec<f32> {
    let tap = |n: usize| {
        let offset = (n as f64 + 1.0 - side as f64 - part) / stretch;
        let reach = offset / CROSSINGS as f64;
        if reach.abs() >= 1.0 { 0.0 } else { sinc(2.0 * CUT * offset) * kaiser(reach, BETA) }
    };
    let taps: Vec<f64> = (0..2 * side).map(tap).collect();
    let gain: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / gain) as f32).collect()
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { libm::sin(PI * x) / (PI * x) }
}

/// In eight sums, so that the machine can take eight at a time.
fn product(taps: &[f32], samples: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (taps, samples) = (taps.chunks_exact(8), samples.chunks_exact(8));
    let rest: f32 = taps.remainder().iter().zip(samples.remainder()).map(|(tap, sample)| tap * sample).sum();
    for (taps, samples) in taps.zip(samples) {
        for n in 0..8 {
            sums[n] += taps[n] * samples[n];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, rate: u32, count: usize) -> Vec<f32> {
        (0..count).map(|n| libm::sin(2.0 * PI * hz * n as f64 / f64::from(rate)) as f32).collect()
    }

    fn narrowed(rate: u32, samples: &[f32], part: usize) -> Vec<f32> {
        let (mut narrower, mut out) = (Narrower::new(rate), Vec::new());
        samples.chunks(part).for_each(|part| narrower.run(part, &mut out));
        narrower.end(samples.len() as u64, &mut out);
        out
    }

    /// What is left of a sound beside a tone of this pitch, and the tone itself, in dB of a full sine.
    fn beside(samples: &[f32], hz: f64) -> (f64, f64) {
        let turn = |n: usize| 2.0 * PI * hz * n as f64 / f64::from(RATE);
        let all = &samples[400..samples.len() - 400];
        let whole = all.len() / 80 * 80;
        let all = &all[..whole];
        let with = |wave: fn(f64) -> f64| {
            2.0 / whole as f64 * all.iter().enumerate().map(|(n, &s)| f64::from(s) * wave(turn(n))).sum::<f64>()
        };
        let (real, imaginary) = (with(libm::cos), with(libm::sin));
        let left = |(n, &s): (usize, &f32)| {
            let left = f64::from(s) - real * libm::cos(turn(n)) - imaginary * libm::sin(turn(n));
            left * left
        };
        let noise = 2.0 / whole as f64 * all.iter().enumerate().map(left).sum::<f64>();
        let level = real * real + imaginary * imaginary;
        (10.0 * libm::log10(noise.max(1e-15)), 10.0 * libm::log10(level.max(1e-15)))
    }

    /// MED reading: what is converted is as loud as it was, and has nothing beside it.
    #[test]
    fn a_tone_stays_a_tone_at_every_rate() {
        for (rate, pitches) in [
            (4_000, &[100.0, 1_600.0][..]),
            (11_025, &[300.0, 3_300.0]),
            (12_345, &[1_000.0]),
            (44_100, &[300.0, 3_300.0]),
            (48_000, &[1_000.0]),
            (192_000, &[3_300.0]),
        ] {
            for &hz in pitches {
                let out = narrowed(rate, &sine(hz, rate, rate as usize / 4), 997);
                assert_eq!(out.len(), (rate as usize / 4 * 8_000).div_ceil(rate as usize), "{rate}");
                let (noise, level) = beside(&out, hz);
                assert!(level.abs() < 0.1, "{hz} Hz at {rate}: {level} dB");
                assert!(noise < -65.0, "{hz} Hz at {rate}: {noise} dB beside it");
            }
        }
    }

    #[test]
    fn what_would_fold_back_is_gone() {
        for rate in [11_025, 16_000, 44_100, 48_000] {
            for hz in [4_100.0, 5_000.0] {
                let out = narrowed(rate, &sine(hz, rate, rate as usize / 4), 4_096);
                let loudest = out[400..1_600].iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
                assert!(loudest < 0.000_7, "{hz} Hz at {rate}: {loudest}");
            }
        }
    }

    #[test]
    fn the_cut_does_not_matter() {
        let samples = sine(700.0, 44_100, 5_000);
        let whole = narrowed(44_100, &samples, 5_000);
        for part in [1, 17, 1_000] {
            assert_eq!(narrowed(44_100, &samples, part), whole, "{part}");
        }
    }

    #[test]
    fn the_shortest_sound_has_a_sample() {
        assert_eq!(narrowed(44_100, &[0.5], 1).len(), 1);
        assert_eq!(narrowed(4_000, &[0.5], 1).len(), 2);
        assert!(narrowed(44_100, &[], 1).is_empty());
    }
}
