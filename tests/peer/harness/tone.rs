//! Tones as WAV files, and how loud a tone is in one (Goertzel).

use super::clock::try_wait;
use std::{
    f64::consts::TAU,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Length of the tones that phones play: longer than any call here, as baresip hangs up at the end of the file.
const LENGTH_S: u32 = 120;
pub const AMPLITUDE: f64 = 0.25;
/// From here up a tone counts as heard, below `SILENT` another counts as not heard; dBFS of the peak.
const HEARD: f64 = -20.0;
const SILENT: f64 = -38.0;
/// From here up anything counts as sound, dBFS of the mean.
const SOUND: f64 = -40.0;
/// Every tone that phones of these tests speak.
const TONES: [f64; 4] = [440.0, 660.0, 1000.0, 1400.0];
/// What is looked at when it is asked what a phone hears.
const WINDOW_S: f64 = 0.5;
const PATIENCE: Duration = Duration::from_secs(10);

/// 16-bit mono samples at `rate` per second.
pub struct Sound {
    pub rate: u32,
    pub samples: Vec<i16>,
}

impl Sound {
    /// Reads what is there of a WAV file that may still be growing.
    pub fn read(path: &Path) -> Option<Sound> {
        let bytes = fs::read(path).ok()?;
        let rate = u32::from_le_bytes(bytes.get(24..28)?.try_into().ok()?);
        let data = bytes.windows(4).position(|name| name == b"data")? + 8;
        let samples = bytes.get(data..)?.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        Some(Sound { rate, samples })
    }

    /// The two sides of a recorded call: A-law, left and right, as far as its head tells (BOX-58).
    pub fn sides(path: &Path) -> Option<[Sound; 2]> {
        let bytes = fs::read(path).ok()?;
        let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        assert_eq!(
            (&bytes[..4], &bytes[8..16], &bytes[20..24]),
            (&b"RIFF"[..], &b"WAVEfmt "[..], &b"\x06\0\x02\0"[..])
        );
        let told = word(54)? as usize;
        let data = bytes.get(58..58 + told)?;
        let rate = word(24)?;
        Some(
            [0, 1].map(|side| Sound {
                rate,
                samples: data.iter().skip(side).step_by(2).map(|&byte| linear(byte)).collect(),
            }),
        )
    }

    /// So many seconds from there.
    pub fn part(&self, from: f64, seconds: f64) -> Sound {
        let at = |seconds: f64| ((f64::from(self.rate) * seconds) as usize).min(self.samples.len());
        Sound { rate: self.rate, samples: self.samples[at(from)..at(from + seconds)].to_vec() }
    }

    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// Whether this tone is in it, and no other.
    pub fn is_only(&self, hertz: f64) -> bool {
        let others = TONES.iter().filter(|&&other| other != hertz);
        self.level(hertz) > HEARD && others.map(|&other| self.level(other)).all(|level| level < SILENT)
    }

    pub fn is_silent(&self) -> bool {
        self.loudness() < SOUND
    }

    /// All but the first `count` samples.
    fn after(&self, count: usize) -> Sound {
        Sound { rate: self.rate, samples: self.samples[count.min(self.samples.len())..].to_vec() }
    }

    /// The last `seconds`, or all if it is shorter.
    pub fn last(&self, seconds: f64) -> Sound {
        let count = (f64::from(self.rate) * seconds) as usize;
        let from = self.samples.len().saturating_sub(count);
        Sound { rate: self.rate, samples: self.samples[from..].to_vec() }
    }

    /// Level of one frequency in dBFS; 0 is a sine of full scale.
    pub fn level(&self, hertz: f64) -> f64 {
        let step = 2.0 * (TAU * hertz / f64::from(self.rate)).cos();
        let (mut one, mut two) = (0.0, 0.0);
        for &sample in &self.samples {
            (one, two) = (f64::from(sample) / 32768.0 + step * one - two, one);
        }
        let power = one * one + two * two - step * one * two;
        decibel(2.0 * power.max(0.0).sqrt() / self.samples.len().max(1) as f64)
    }

    /// Level of everything in dBFS (RMS).
    pub fn loudness(&self) -> f64 {
        let sum: f64 = self.samples.iter().map(|&sample| (f64::from(sample) / 32768.0).powi(2)).sum();
        decibel((sum / self.samples.len().max(1) as f64).sqrt())
    }
}

/// Waits until the tone, and none of the others, is in the sound that comes from now on. `heard` gives all that was
/// heard in the newest call, and a name for that call.
#[track_caller]
pub fn hears(who: &str, hertz: f64, heard: impl Fn() -> Option<(PathBuf, Sound)>) {
    listen(who, &format!("{hertz} Hz"), heard, |sound| sound.is_only(hertz));
}

/// Waits until there is sound that is none of the phones' tones.
#[track_caller]
pub fn hears_music(who: &str, heard: impl Fn() -> Option<(PathBuf, Sound)>) {
    listen(who, "music", heard, |sound| {
        sound.loudness() > SOUND && TONES.iter().all(|&tone| sound.level(tone) < SILENT)
    });
}

#[track_caller]
fn listen(who: &str, what: &str, heard: impl Fn() -> Option<(PathBuf, Sound)>, right: impl Fn(&Sound) -> bool) {
    let before = heard().map(|(call, sound)| (call, sound.samples.len()));
    let mut last = String::from("no sound at all");
    let found = try_wait(PATIENCE, || {
        let (call, sound) = heard()?;
        let old = before.as_ref().filter(|(same, _)| *same == call).map_or(0, |(_, count)| *count);
        let new = sound.after(old);
        let window = new.last(WINDOW_S);
        last = format!("{} new samples, {:.0} dB", new.samples.len(), window.loudness());
        TONES.iter().for_each(|&tone| write!(last, ", {tone} Hz {:.0} dB", window.level(tone)).unwrap());
        (new.samples.len() as f64 >= WINDOW_S * f64::from(sound.rate) && right(&window)).then_some(())
    });
    assert!(found.is_some(), "{who} does not hear {what}: {last}");
}

pub fn write_tone(path: &Path, hertz: f64, rate: u32) {
    let count = rate * LENGTH_S;
    let mut bytes = Vec::with_capacity(44 + 2 * count as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + 2 * count).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(rate.to_le_bytes());
    bytes.extend((2 * rate).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((2 * count).to_le_bytes());
    for n in 0..count {
        let sample = AMPLITUDE * 32767.0 * (TAU * hertz * f64::from(n) / f64::from(rate)).sin();
        bytes.extend((sample as i16).to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}

/// ITU-T G.711: A-law.
fn linear(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (exponent, step) = (i16::from(byte >> 4 & 7), i16::from(byte & 15));
    let size = if exponent == 0 { step * 16 + 8 } else { (step * 16 + 264) << (exponent - 1) };
    if byte & 0x80 != 0 { size } else { -size }
}

fn decibel(amplitude: f64) -> f64 {
    20.0 * amplitude.max(1e-9).log10()
}

#[test]
fn a_tone_is_measured_as_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tone.wav");
    write_tone(&path, 440.0, 8000);
    let second = Sound::read(&path).unwrap().last(1.0);
    assert_eq!((second.rate, second.samples.len()), (8000, 8000));
    assert!((second.level(440.0) + 12.0).abs() < 0.5, "{}", second.level(440.0));
    assert!((second.loudness() + 15.0).abs() < 0.5, "{}", second.loudness());
    assert!(second.level(1000.0) < -60.0 && second.level(660.0) < -60.0);
}
