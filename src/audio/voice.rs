//! What one leg says, laid out in time, so that it can be mixed: packets are put where they belong, late and doubled
//! ones change nothing, what is lost is concealed, and each 20 ms become sound of either rate.

use super::{
    codec::resample::{Doubler, Halver},
    outgoing::TICKS_PER_MS,
};

/// What a step adds, in ticks of the RTP clock: 20 ms.
const STEP: usize = 20 * TICKS_PER_MS as usize;
/// How much is kept: what hearers with long packets look back at, and what waits for its time. A power of two.
const KEPT: usize = 4096;
/// Packets further away than this, either way, begin a new stream.
const REACH: i64 = KEPT as i64 / 2;
/// Ticks whose arrival is known together: 5 ms, which divides every length of packets in use.
const BLOCK: usize = 40;
const BLOCKS: usize = KEPT / BLOCK + 1;
/// How far what came is held back before it sounds: a step, and twice the jitter, within bounds.
const HELD_MIN: i64 = 10 * TICKS_PER_MS as i64;
const HELD_MAX: i64 = 80 * TICKS_PER_MS as i64;
/// What waits longer than this beyond that is skipped: the phone's clock is faster than ours.
const WAITS_MAX: i64 = 60 * TICKS_PER_MS as i64;
/// Lost sound is continued this long, fading, with the period that fits best: 66 to 200 Hz.
const CONCEALED_MAX: usize = 60 * TICKS_PER_MS as usize;
const PERIODS: std::ops::RangeInclusive<usize> = 40..=120;
/// What is compared to find the period.
const LOOK: usize = 80;

/// Samples at one rate in a ring, by their time.
#[derive(Debug)]
struct Ring {
    /// Samples a tick, as a shift: 0 at 8 kHz, 1 at 16.
    shift: u32,
    samples: Box<[i16]>,
}

impl Ring {
    fn new(shift: u32) -> Ring {
        Ring { shift, samples: vec![0; KEPT << shift].into() }
    }

    fn at(&self, sample: i64) -> usize {
        sample as usize & (self.samples.len() - 1)
    }

    fn put(&mut self, tick: i64, samples: &[i16]) {
        let start = self.at(tick << self.shift);
        let first = samples.len().min(self.samples.len() - start);
        self.samples[start..start + first].copy_from_slice(&samples[..first]);
        self.samples[..samples.len() - first].copy_from_slice(&samples[first..]);
    }

    /// The two pieces from a time on.
    fn pieces(&self, tick: i64, count: usize) -> (&[i16], &[i16]) {
        let start = self.at(tick << self.shift);
        let first = count.min(self.samples.len() - start);
        (&self.samples[start..start + first], &self.samples[..count - first])
    }
}

#[derive(Debug)]
pub struct Voice {
    /// As it came, and at the other rate once somebody wants it.
    own: Ring,
    other: Option<Other>,
    /// Whether somebody wants it so.
    asked: bool,
    /// What the clock of the packets shows at the beginning of our time.
    zero: Option<u32>,
    /// Up to here it is sound, and up to here something came.
    now: i64,
    end: i64,
    /// Which blocks came, by their place in the ring.
    came: [bool; BLOCKS],
    /// Ticks concealed in one go so far.
    concealed: usize,
}

/// The same at the other rate.
#[derive(Debug)]
struct Other {
    ring: Ring,
    up: Doubler,
    down: Halver,
}

impl Default for Voice {
    fn default() -> Voice {
        Voice::new(8)
    }
}

impl Voice {
    /// Of a codec with so many samples a millisecond.
    pub fn new(rate: usize) -> Voice {
        Voice {
            own: Ring::new(u32::from(rate > 8)),
            other: None,
            asked: false,
            zero: None,
            now: 0,
            end: 0,
            came: [false; BLOCKS],
            concealed: CONCEALED_MAX,
        }
    }

    pub fn rate(&self) -> usize {
        8 << self.own.shift
    }

    /// Takes the samples of a packet, so many a millisecond. Too late for its time, it is left.
    pub fn put(&mut self, timestamp: u32, jitter_ms: f32, rate: usize, samples: &[i16]) {
        if rate != self.rate() {
            *self = Voice::new(rate);
        }
        let length = (samples.len() >> self.own.shift) as i64;
        if length == 0 || length > REACH {
            return;
        }
        let mut at = self.time(timestamp);
        let is_dry = self.end <= self.now;
        let near = self.now - REACH..=self.now + REACH - length;
        if at.is_none_or(|at| is_dry && at < self.now || !near.contains(&at)) {
            let held = (2.0 * jitter_ms * TICKS_PER_MS as f32) as i64;
            let begins = block_of(self.now + held.clamp(HELD_MIN, HELD_MAX));
            self.zero = Some(timestamp.wrapping_sub(begins as u32));
            (self.end, at) = (begins, Some(begins));
            self.came.fill(false);
        }
        // Whoever counts from elsewhere after a pause is 5 ms early at most.
        let at = block_of(at.unwrap_or_default());
        if at < self.now {
            return;
        }
        self.own.put(at, samples);
        for block in blocks(at, at + length) {
            self.came[block] = true;
        }
        self.end = self.end.max(at + length);
    }

    fn time(&self, timestamp: u32) -> Option<i64> {
        let ahead = timestamp.wrapping_sub(self.zero?).wrapping_sub(self.now as u32) as i32;
        Some(self.now + i64::from(ahead))
    }

    /// 20 ms pass: what came for them is sound now, and what did not is made up.
    pub fn step(&mut self) {
        if self.end - self.now > HELD_MAX + WAITS_MAX {
            self.skip();
        }
        for from in (self.now..self.now + STEP as i64).step_by(BLOCK) {
            let block = place(from);
            if std::mem::take(&mut self.came[block]) {
                self.resume(from);
            } else {
                self.conceal(from);
            }
        }
        self.now += STEP as i64;
        self.convert();
    }

    /// What waits too long goes, in whole blocks.
    fn skip(&mut self) {
        let over = (self.end - self.now - HELD_MAX) / BLOCK as i64 * BLOCK as i64;
        for block in blocks(self.now, self.now + over) {
            self.came[block] = false;
        }
        self.now += over;
    }

    /// Sound after what was made up takes over from it softly.
    fn resume(&mut self, from: i64) {
        if self.concealed == 0 {
            return;
        }
        let count = BLOCK << self.own.shift;
        let first = from << self.own.shift;
        let mut came = [0; 2 * BLOCK];
        for (n, sample) in came[..count].iter_mut().enumerate() {
            *sample = self.own.samples[self.own.at(first + n as i64)];
        }
        self.conceal(from);
        self.concealed = 0;
        for (n, &sample) in came[..count].iter().enumerate() {
            let at = self.own.at(first + n as i64);
            let (made, share) = (i32::from(self.own.samples[at]), n as i32);
            self.own.samples[at] = (made + (i32::from(sample) - made) * share / count as i32) as i16;
        }
    }

    /// The last period again and again, fading evenly to silence.
    fn conceal(&mut self, from: i64) {
        let shift = self.own.shift;
        let period = if self.concealed < CONCEALED_MAX { self.period(from) } else { 0 };
        let first = from << shift;
        for n in 0..(BLOCK << shift) as i64 {
            let left = CONCEALED_MAX.saturating_sub(self.concealed + (n as usize >> shift));
            // What is repeated has itself faded since it was said.
            let had = CONCEALED_MAX.min(left + period as usize).max(1);
            let before = i32::from(self.own.samples[self.own.at(first + n - (period << shift))]);
            let at = self.own.at(first + n);
            self.own.samples[at] = (before * left as i32 / had as i32) as i16;
        }
        self.concealed = (self.concealed + BLOCK).min(CONCEALED_MAX);
    }

    /// The lag, in ticks, at which what was said last is most like itself.
    fn period(&self, from: i64) -> i64 {
        let sample = |tick: i64| i64::from(self.own.samples[self.own.at(tick << self.own.shift)]);
        let likeness = |lag: usize| {
            let (mut both, mut before) = (0, 1);
            for n in 1..=LOOK as i64 {
                let (now, then) = (sample(from - n), sample(from - n - lag as i64));
                both += now * then;
                before += then * then;
            }
            both.max(0) as f64 * both.max(0) as f64 / before as f64
        };
        PERIODS.max_by(|&one, &other| likeness(one).total_cmp(&likeness(other))).unwrap_or(LOOK) as i64
    }

    /// The step that has just become sound, at the other rate too.
    fn convert(&mut self) {
        if !self.asked {
            return;
        }
        let other = self.other.get_or_insert_with(|| Other {
            ring: Ring::new(1 - self.own.shift),
            up: Doubler::default(),
            down: Halver::default(),
        });
        let from = self.now - STEP as i64;
        let (mut taken, mut given) = ([0; 2 * STEP], [0; 2 * STEP]);
        let (taken, given) = (&mut taken[..STEP << self.own.shift], &mut given[..STEP << other.ring.shift]);
        let (first, second) = self.own.pieces(from, taken.len());
        taken[..first.len()].copy_from_slice(first);
        taken[first.len()..].copy_from_slice(second);
        match self.own.shift {
            0 => other.up.run(taken, given),
            _ => other.down.run(taken, given),
        }
        other.ring.put(from, given);
    }

    /// Adds what was said to a mix with so many samples a millisecond: from so many ticks ago on.
    pub fn add(&mut self, ago: usize, rate: usize, mix: &mut [i32]) {
        let from = self.now - ago as i64;
        let ring = match (rate == self.rate(), &self.other) {
            (true, _) => &self.own,
            (false, Some(other)) => &other.ring,
            // From the next step on.
            (false, None) => {
                self.asked = true;
                return;
            }
        };
        let (first, second) = ring.pieces(from, mix.len());
        for (sum, &sample) in mix.iter_mut().zip(first.iter().chain(second)) {
            *sum += i32::from(sample);
        }
    }
}

/// The beginning of the block that a time is in.
fn block_of(tick: i64) -> i64 {
    tick.div_euclid(BLOCK as i64) * BLOCK as i64
}

fn place(tick: i64) -> usize {
    (tick / BLOCK as i64) as usize % BLOCKS
}

/// The places of all whole blocks between two times.
fn blocks(from: i64, to: i64) -> impl Iterator<Item = usize> {
    let block = BLOCK as i64;
    ((from + block - 1) / block..to / block).map(move |number| place(number * block))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn tone(hz: f64, rate: usize, from: usize, count: usize) -> Vec<i16> {
        let sample = |n: usize| libm::sin(2.0 * PI * hz * n as f64 / (rate as f64 * 1000.0)) * 8000.0;
        (from..from + count).map(|n| sample(n) as i16).collect()
    }

    fn heard(voice: &mut Voice, rate: usize) -> Vec<i16> {
        let mut mix = vec![0; 20 * rate];
        voice.add(STEP, rate, &mut mix);
        mix.into_iter().map(|sample| sample as i16).collect()
    }

    /// Speaks one packet of 20 ms a step, but for those that are lost, and gives all that is heard.
    fn speak(voice: &mut Voice, steps: usize, lost: &[usize]) -> Vec<i16> {
        let rate = voice.rate();
        (0..steps)
            .flat_map(|step| {
                if !lost.contains(&step) {
                    let samples = tone(440.0, rate, step * 20 * rate, 20 * rate);
                    voice.put(4_294_967_000_u32.wrapping_add(step as u32 * 160), 0.0, rate, &samples);
                }
                voice.step();
                heard(voice, rate)
            })
            .collect()
    }

    /// The greatest step from one sample to the next.
    fn roughest(samples: &[i16]) -> i32 {
        samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max().unwrap()
    }

    #[test]
    fn what_is_said_is_heard_as_it_was_said() {
        for rate in [8, 16] {
            let mut voice = Voice::new(rate);
            let heard = speak(&mut voice, 20, &[]);
            let begin = heard.iter().position(|&sample| sample != 0).unwrap() - 1;
            assert_eq!(begin / rate, 10, "held back for 10 ms");
            let after = begin + 5 * rate;
            assert_eq!(heard[after..], tone(440.0, rate, 5 * rate, heard.len() - after), "after 5 ms of fading in");
        }
    }

    #[test]
    fn a_lost_packet_is_no_hole_and_no_click() {
        let mut voice = Voice::new(8);
        let whole = speak(&mut Voice::new(8), 20, &[]);
        let heard = speak(&mut voice, 20, &[10]);
        let gap = 10 * 160 + 80..11 * 160 + 80;
        let power = |samples: &[i16]| samples.iter().map(|&s| i64::from(s) * i64::from(s)).sum::<i64>();
        assert!(power(&heard[gap.clone()]) * 3 > power(&whole[gap]), "it goes on");
        assert!(roughest(&heard) < 2 * roughest(&whole), "{} {}", roughest(&heard), roughest(&whole));
        assert_eq!(heard[12 * 160..], whole[12 * 160..]);
    }

    #[test]
    fn a_long_loss_fades_into_silence() {
        let heard = speak(&mut Voice::new(8), 20, &(10..20).collect::<Vec<_>>());
        assert!(heard[14 * 160..].iter().all(|&sample| sample == 0));
    }

    #[test]
    fn packets_out_of_order_are_put_where_they_belong() {
        let mut voice = Voice::new(8);
        let said: Vec<Vec<i16>> = (0..4).map(|n| tone(440.0, 8, n * 160, 160)).collect();
        for n in [0, 2, 1, 3, 1] {
            voice.put(n as u32 * 160, 0.0, 8, &said[n]);
        }
        let heard: Vec<i16> = (0..5)
            .flat_map(|_| {
                voice.step();
                heard(&mut voice, 8)
            })
            .collect();
        assert_eq!(heard[80 + 40..80 + 640], said.concat()[40..]);
    }

    #[test]
    fn a_fast_clock_and_a_new_stream_catch_up() {
        let mut voice = Voice::new(8);
        for n in 0..40 {
            voice.put(n * 160, 0.0, 8, &tone(440.0, 8, 0, 160));
            if n % 2 == 0 {
                voice.step();
            }
        }
        assert!(voice.end - voice.now <= HELD_MAX + WAITS_MAX + 160);
        voice.put(3_000_000_000, 0.0, 8, &[1; 160]);
        voice.step();
        assert_eq!(heard(&mut voice, 8)[150], 1);
    }

    #[test]
    fn the_other_rate_follows_when_it_is_asked_for() {
        for (own, other) in [(8, 16), (16, 8)] {
            let mut voice = Voice::new(own);
            let mut all = Vec::new();
            for step in 0..20 {
                voice.put(step * 160, 0.0, own, &tone(440.0, own, step as usize * 20 * own, 20 * own));
                voice.step();
                all.extend(heard(&mut voice, other));
            }
            let ups = all[all.len() / 2..].windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            assert!((87..=89).contains(&ups), "440 Hz for 0.2 s: {ups}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_packets_break_it(packets in proptest::collection::vec((0..u32::MAX, 0..2000_usize, 0..3_u8), 1..60)) {
            let mut voice = Voice::new(16);
            for (timestamp, count, steps) in packets {
                voice.put(timestamp, 500.0, 16, &vec![i16::MIN; count]);
                (0..steps).for_each(|_| voice.step());
                heard(&mut voice, 8);
            }
        }
    }
}
