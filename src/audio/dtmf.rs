//! Digits: as events of RFC 4733, and as tones in the sound.

use crate::time::Uptime;
use std::{f32::consts::TAU, time::Duration};

/// Bytes of an event's payload (RFC 4733 section 2.3).
pub const EVENT: usize = 4;
/// A press whose end was lost is over when nothing more came for so long.
const LOST: Duration = Duration::from_millis(300);
/// The keys in the order of their event codes (RFC 4733 section 3.2).
const KEYS: &[u8; 16] = b"0123456789*#ABCD";
const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const PAD: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];

/// The event code of a key.
pub fn code(digit: char) -> Option<u8> {
    KEYS.iter().position(|&key| char::from(key) == digit.to_ascii_uppercase()).map(|code| code as u8)
}

fn key(code: u8) -> Option<char> {
    KEYS.get(usize::from(code)).map(|&key| char::from(key))
}

/// One packet of an event (RFC 4733 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub code: u8,
    pub end: bool,
    /// Ticks since the event began.
    pub duration: u16,
}

impl Event {
    pub fn read(payload: &[u8]) -> Option<Event> {
        let bytes: &[u8; EVENT] = payload.first_chunk()?;
        let duration = u16::from_be_bytes([bytes[2], bytes[3]]);
        Some(Event { code: bytes[0], end: bytes[1] & 0x80 != 0, duration })
    }

    /// With a power of -10 dBm0.
    pub fn write(&self) -> [u8; EVENT] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, u8::from(self.end) << 7 | 10, high, low]
    }
}

/// A key that was pressed and let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    pub digit: char,
    pub ms: u16,
}

/// Presses made of the events of one phone: each is told once, at its end, however often its packets come.
#[derive(Clone, Debug, Default)]
pub struct Presses {
    now: Option<Held>,
    /// Timestamp of the last press that was told.
    told: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    code: u8,
    timestamp: u32,
    duration: u16,
    last: Uptime,
}

impl Presses {
    /// A press has begun of which the end has not come.
    pub fn held(&self) -> bool {
        self.now.is_some()
    }

    /// Takes an event packet; the press that is over by it.
    pub fn take(&mut self, now: Uptime, timestamp: u32, event: Event) -> Option<Press> {
        if self.told == Some(timestamp) {
            return None;
        }
        let before = self.now.filter(|held| held.timestamp != timestamp);
        let duration = match self.now {
            Some(held) if before.is_none() => held.duration.max(event.duration),
            _ => event.duration,
        };
        self.now = Some(Held { code: event.code, timestamp, duration, last: now });
        if let Some(lost) = before {
            return self.tell(lost, false);
        }
        if event.end { self.over() } else { None }
    }

    /// A press whose end never came.
    pub fn tick(&mut self, now: Uptime) -> Option<Press> {
        if now.since(self.now?.last) >= LOST { self.over() } else { None }
    }

    fn over(&mut self) -> Option<Press> {
        let held = self.now.take()?;
        self.tell(held, true)
    }

    fn tell(&mut self, held: Held, latest: bool) -> Option<Press> {
        if latest {
            self.told = Some(held.timestamp);
        }
        key(held.code).map(|digit| Press { digit, ms: held.duration / 8 })
    }
}

/// Two sine waves that sound like a key.
#[derive(Clone, Debug)]
pub struct Chord([Wave; 2]);

#[derive(Clone, Debug)]
struct Wave {
    turn: f32,
    one: f32,
    two: f32,
}

impl Chord {
    /// At 8 or 16 samples a millisecond.
    pub fn new(digit: char, rate: usize) -> Option<Chord> {
        let digit = digit.to_ascii_uppercase();
        let row = PAD.iter().position(|row| row.iter().any(|&key| char::from(key) == digit))?;
        let column = PAD[row].iter().position(|&key| char::from(key) == digit)?;
        Some(Chord([Wave::new(ROWS[row], rate), Wave::new(COLUMNS[column], rate)]))
    }

    /// Each wave at -9 dB of full scale.
    pub fn fill(&mut self, samples: &mut [i16]) {
        const LOUD: f32 = 11_000.0;
        for sample in samples {
            *sample = (self.0.iter_mut().map(Wave::next).sum::<f32>() * LOUD) as i16;
        }
    }
}

impl Wave {
    fn new(hz: f32, rate: usize) -> Wave {
        let step = TAU * hz / (rate as f32 * 1000.0);
        Wave { turn: 2.0 * libm::cosf(step), one: -libm::sinf(step), two: -libm::sinf(2.0 * step) }
    }

    fn next(&mut self) -> f32 {
        let value = self.turn * self.one - self.two;
        (self.two, self.one) = (self.one, value);
        value
    }
}

/// Samples that are judged at once, at 8 kHz: 12.75 ms, so that 40 ms of a tone hold two whole blocks.
const BLOCK: usize = 102;
/// The weakest key that counts: mean square of a block, -36 dBFS.
const WEAKEST: f32 = 270_000.0;
/// The two waves hold at least so much of all that is heard: speech does not.
const SHARE: f32 = 0.65;
/// A wave is so much stronger than the others of its kind, power.
const CLEAR: f32 = 6.0;
/// How much stronger the row may be than the column and the other way round, power: 8 and 8 dB.
const TWIST: f32 = 6.3;

/// Finds keys in sound at 8 kHz. Two blocks that agree begin a press, two without it end one.
#[derive(Clone, Debug)]
pub struct Detector {
    waves: [Goertzel; 8],
    power: f32,
    filled: usize,
    last: Option<char>,
    held: Option<char>,
    blocks: u16,
    misses: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct Goertzel {
    turn: f32,
    one: f32,
    two: f32,
}

impl Goertzel {
    fn new(hz: f32) -> Goertzel {
        Goertzel { turn: 2.0 * libm::cosf(TAU * hz / 8000.0), one: 0.0, two: 0.0 }
    }

    fn add(&mut self, sample: f32) {
        let value = sample + self.turn * self.one - self.two;
        (self.two, self.one) = (self.one, value);
    }

    fn power(&mut self) -> f32 {
        let power = self.one * self.one + self.two * self.two - self.turn * self.one * self.two;
        (self.one, self.two) = (0.0, 0.0);
        power
    }
}

impl Default for Detector {
    fn default() -> Detector {
        let waves = std::array::from_fn(|at| Goertzel::new(if at < 4 { ROWS[at] } else { COLUMNS[at - 4] }));
        Detector { waves, power: 0.0, filled: 0, last: None, held: None, blocks: 0, misses: 0 }
    }
}

impl Detector {
    /// Listens; the press that is over by these samples.
    pub fn hear(&mut self, samples: &[i16]) -> Option<Press> {
        let mut over = None;
        for &sample in samples {
            let sample = f32::from(sample);
            self.power += sample * sample;
            self.waves.iter_mut().for_each(|wave| wave.add(sample));
            self.filled += 1;
            if self.filled == BLOCK {
                let found = self.judge();
                over = self.step(found).or(over);
            }
        }
        over
    }

    /// A key sounds now, or may: its tone is not for those who get it as an event.
    pub fn sounding(&self) -> bool {
        self.held.is_some() || self.last.is_some()
    }

    fn judge(&mut self) -> Option<char> {
        let mut powers = [0.0; 8];
        for (power, wave) in powers.iter_mut().zip(&mut self.waves) {
            *power = wave.power();
        }
        let (all, count) = (self.power, BLOCK as f32);
        (self.power, self.filled) = (0.0, 0);
        let (row, row_power) = strongest(&powers[..4])?;
        let (column, column_power) = strongest(&powers[4..])?;
        let share = 2.0 * (row_power + column_power) / (count * all);
        let even = row_power < column_power * TWIST && column_power < row_power * TWIST;
        (all / count > WEAKEST && share > SHARE && even).then(|| char::from(PAD[row][column]))
    }

    fn step(&mut self, found: Option<char>) -> Option<Press> {
        let before = std::mem::replace(&mut self.last, found);
        match self.held {
            None if found.is_some() && found == before => {
                (self.held, self.blocks, self.misses) = (found, 2, 0);
                None
            }
            Some(_) if found == self.held => {
                self.blocks += 1 + self.misses;
                self.misses = 0;
                None
            }
            Some(digit) => {
                self.misses += 1;
                (self.misses >= 2).then(|| {
                    self.held = None;
                    let ms = (u32::from(self.blocks) * BLOCK as u32 / 8).min(u32::from(u16::MAX)) as u16;
                    Press { digit, ms }
                })
            }
            None => None,
        }
    }
}

/// The one that stands out, with its power.
fn strongest(powers: &[f32]) -> Option<(usize, f32)> {
    let (at, &most) = powers.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1))?;
    let clear = powers.iter().enumerate().all(|(other, &power)| other == at || power * CLEAR < most);
    clear.then_some((at, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: u8, end: bool, duration: u16) -> Event {
        Event { code, end, duration }
    }

    /// RFC 4733 section 2.3
    #[test]
    fn an_event_reads_back_as_written() {
        let press = event(11, true, 1600);
        assert_eq!(Event::read(&press.write()), Some(press));
        assert_eq!(Event::read(&[1, 2, 3]), None);
        assert_eq!(code('#'), Some(11));
        assert_eq!((code('a'), code('x')), (Some(12), None));
    }

    /// RFC 4733 section 2.5.1.4: the last packet comes three times; one press is told.
    #[test]
    fn a_press_is_told_once() {
        let mut presses = Presses::default();
        let packets = [(false, 160), (false, 320), (true, 480), (true, 480), (true, 480)];
        let told: Vec<Press> =
            packets.iter().filter_map(|&(end, ticks)| presses.take(Uptime(0), 7, event(5, end, ticks))).collect();
        assert_eq!(told, [Press { digit: '5', ms: 60 }]);
        assert_eq!(presses.tick(Uptime(10_000_000)), None);
    }

    #[test]
    fn the_same_key_twice_is_two_presses() {
        let mut presses = Presses::default();
        let told = [1000, 3000].map(|timestamp| presses.take(Uptime(0), timestamp, event(5, true, 800)).is_some());
        assert_eq!(told, [true, true]);
    }

    /// RFC 4733 section 2.5.2.2: lost ends
    #[test]
    fn a_press_whose_end_is_lost_is_told() {
        let mut presses = Presses::default();
        assert_eq!(presses.take(Uptime(0), 7, event(1, false, 800)), None);
        assert_eq!(presses.take(Uptime(1), 9000, event(2, false, 160)), Some(Press { digit: '1', ms: 100 }));
        assert_eq!(presses.tick(Uptime(200_000)), None);
        assert_eq!(presses.tick(Uptime(300_001)), Some(Press { digit: '2', ms: 20 }));
    }

    #[test]
    fn what_is_no_key_is_not_told() {
        assert_eq!(Presses::default().take(Uptime(0), 7, event(16, true, 800)), None, "flash");
    }

    /// What the detector makes of a sound in packets of 20 ms.
    fn heard(sound: &[i16]) -> Vec<char> {
        let mut detector = Detector::default();
        sound.chunks(160).filter_map(|packet| detector.hear(packet)).map(|press| press.digit).collect()
    }

    fn tone(digit: char, ms: usize) -> Vec<i16> {
        let mut samples = vec![0; ms * 8];
        Chord::new(digit, 8).unwrap().fill(&mut samples);
        samples
    }

    /// ITU-T Q.24: every key, at every place in the blocks, 40 ms on and 40 ms off.
    #[test]
    fn every_key_is_found_in_its_tones() {
        for shift in 0..BLOCK {
            let mut sound = vec![0; shift];
            for &key in KEYS {
                sound.extend(tone(char::from(key), 40));
                sound.extend([0; 320]);
            }
            sound.extend([0; 320]);
            assert_eq!(heard(&sound).iter().collect::<String>().as_bytes(), KEYS, "shift {shift}");
        }
    }

    fn wave(hz: f32, loud: f32, sample: usize) -> f32 {
        loud * libm::sinf(TAU * hz * sample as f32 / 8000.0)
    }

    /// ITU-T Q.24: 1.5 % off the frequency and 6 dB of twist are still a key; single tones, dial tone, noise and
    /// weak tones are none.
    #[test]
    fn only_keys_are_found() {
        let sound = |waves: &[(f32, f32)]| -> Vec<i16> {
            (0..8000)
                .map(|n| waves.iter().map(|&(hz, loud)| wave(hz, loud, n)).sum::<f32>() as i16)
                .chain([0; 800])
                .collect()
        };
        assert_eq!(heard(&sound(&[(770.0 * 1.015, 8000.0), (1336.0 * 0.985, 8000.0)])), ['5']);
        assert_eq!(heard(&sound(&[(770.0, 8000.0), (1336.0, 4000.0)])), ['5']);
        assert_eq!(heard(&sound(&[(770.0, 4000.0), (1336.0, 8000.0)])), ['5']);
        for waves in [
            &[(770.0, 8000.0)][..],
            &[(350.0, 8000.0), (440.0, 8000.0)],
            &[(770.0, 8000.0), (1336.0, 500.0)],
            &[(770.0, 100.0), (1336.0, 100.0)],
            &[(770.0, 8000.0), (1270.0, 8000.0)],
            &[(697.0, 4000.0), (1209.0, 4000.0), (300.0, 6000.0), (2100.0, 6000.0)],
        ] {
            assert_eq!(heard(&sound(waves)), [], "{waves:?}");
        }
        let mut noise = 1u32;
        let hiss: Vec<i16> = (0..80_000)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 17) as i16
            })
            .collect();
        assert_eq!(heard(&hiss), []);
    }

    #[test]
    fn a_press_lasts_as_long_as_its_tone() {
        let mut sound = tone('9', 200);
        sound.extend([0; 800]);
        let mut detector = Detector::default();
        let press = sound.chunks(160).find_map(|packet| detector.hear(packet)).unwrap();
        assert!((160..=220).contains(&press.ms), "{} ms", press.ms);
    }
}
