//! The sum of several voices for one hearer, no louder than a sample can be.

use super::{deck::Seated, voice::Voice};

/// Voices that one leg can hear at once.
pub const VOICES_MAX: usize = 32;
/// Above this the sum is turned down: what is left is for the turn itself.
const LOUDEST: f32 = 0.9 * i16::MAX as f32;
/// What it is turned up again in a packet, of its full gain.
const UP: f32 = 0.05;
/// A loud sound is turned down within this many samples.
const DOWN: usize = 16;
/// The longest packet of a mix: 60 ms at 16 kHz.
const SAMPLES: usize = 960;

/// What one leg hears of others: never itself, unless it was asked so.
#[derive(Debug)]
pub struct Mixer {
    /// Seats of the legs that are heard.
    pub seats: heapless::Vec<u16, VOICES_MAX>,
    gain: f32,
}

impl Default for Mixer {
    fn default() -> Mixer {
        Mixer { seats: heapless::Vec::new(), gain: 1.0 }
    }
}

impl Mixer {
    /// Fills samples at `per_ms` with what the others said, from so many ticks ago on.
    pub fn fill(&mut self, ago: usize, per_ms: usize, seated: &mut Seated, samples: &mut [i16]) {
        let mut sums = [0; SAMPLES];
        let sums = &mut sums[..samples.len().min(SAMPLES)];
        for &seat in &self.seats {
            if let Some(voice) = voice(seated, seat) {
                voice.add(ago, per_ms, sums);
            }
        }
        self.level(sums, samples);
    }

    /// Gain control: loud sums are turned down at once and up again slowly.
    fn level(&mut self, sums: &[i32], samples: &mut [i16]) {
        let peak = sums.iter().fold(0, |peak, sum| peak.max(sum.unsigned_abs())) as f32;
        let wanted = if peak > LOUDEST { LOUDEST / peak } else { 1.0 };
        let from = self.gain;
        let (to, within) = if wanted < from { (wanted, DOWN) } else { (wanted.min(from + UP), samples.len().max(1)) };
        self.gain = to;
        let cut = |sample: f32| sample.clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16;
        if from == 1.0 && to == 1.0 {
            samples.iter_mut().zip(sums).for_each(|(sample, &sum)| *sample = sum as i16);
            return;
        }
        for (n, (sample, &sum)) in samples.iter_mut().zip(sums).enumerate() {
            let share = (n as f32 / within as f32).min(1.0);
            *sample = cut(sum as f32 * (from + (to - from) * share));
        }
    }
}

fn voice(seated: &mut Seated, seat: u16) -> Option<&mut Voice> {
    seated.get_mut(usize::from(seat))?.as_mut()?.voice.as_deref_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(mixer: &mut Mixer, sums: &[i32]) -> Vec<i16> {
        let mut samples = vec![0; sums.len()];
        mixer.level(sums, &mut samples);
        samples
    }

    #[test]
    fn a_sum_that_fits_stays_as_it_is() {
        assert_eq!(level(&mut Mixer::default(), &[29_000, -29_000, 0, 1]), [29_000, -29_000, 0, 1]);
    }

    #[test]
    fn a_loud_sum_is_turned_down_and_up_again_slowly() {
        let mut mixer = Mixer::default();
        let loud: Vec<i32> = (0..160).map(|n| if n % 2 == 0 { 90_000 } else { -90_000 }).collect();
        let samples = level(&mut mixer, &loud);
        assert!(samples[DOWN..].iter().all(|sample| (29_400..29_500).contains(&i32::from(sample.unsigned_abs()))));
        let soft = vec![10_000; 160];
        let mut before = 3_000;
        let turns = (0..40)
            .take_while(|_| {
                let samples = level(&mut mixer, &soft);
                assert!(samples.is_sorted() && samples[0] >= before, "it only rises");
                before = samples[159];
                mixer.gain < 1.0
            })
            .count();
        assert!((10..20).contains(&turns), "{turns} packets, a quarter of a second and more");
        assert_eq!(level(&mut mixer, &soft), [10_000; 160]);
    }
}
