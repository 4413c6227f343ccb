//! Makes of an uploaded WAV or MP3 what calls play: one channel of 16 bit at 8 kHz (MED reading).

mod mp3;
mod pcm;

use super::codec::narrow::{Narrower, RATE};
use std::io;

/// MED reading.
pub const MINUTES_MAX: u32 = 60;

/// Samples of one channel, at the file's own rate, that are converted at a time.
const PART: usize = 16 * 1024;

/// What the file was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Wav,
    Mp3,
}

impl Form {
    pub fn word(self) -> &'static str {
        match self {
            Form::Wav => "wav",
            Form::Mp3 => "mp3",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Converted {
    pub form: Form,
    /// At 8 kHz.
    pub samples: u32,
}

impl Converted {
    /// The nearest whole number, at least one.
    pub fn seconds(&self) -> u32 {
        ((self.samples + RATE / 2) / RATE).max(1)
    }
}

#[derive(Debug)]
pub enum Fault {
    /// It is no WAV and no MP3, or of a form that is not taken.
    NotSound,
    /// It ends before its end.
    CutOff,
    /// It lasts longer than `MINUTES_MAX`.
    TooLong,
    /// What was converted could not be written.
    Write(io::Error),
}

/// Sound as it comes out of a file, before it is at 8 kHz.
trait Source {
    fn rate(&self) -> u32;
    /// Samples of one channel in all.
    fn samples(&self) -> u64;
    /// The next samples, −1 to 1, all channels in one; none: it is over.
    fn part(&mut self, most: usize) -> Result<Vec<f32>, Fault>;
}

/// Gives the samples to `write` in their order, so that hours of them never stand in memory.
pub fn convert(file: &[u8], mut write: impl FnMut(&[i16]) -> io::Result<()>) -> Result<Converted, Fault> {
    let (form, mut source): (Form, Box<dyn Source + '_>) = match file.starts_with(b"RIFF") {
        true => (Form::Wav, Box::new(pcm::Pcm::read(file)?)),
        false => (Form::Mp3, Box::new(mp3::Mp3::read(file)?)),
    };
    if is_too_long(source.samples(), source.rate()) {
        return Err(Fault::TooLong);
    }
    let samples =
        if source.rate() == RATE { straight(&mut *source, &mut write) } else { narrowed(&mut *source, &mut write) };
    match samples? {
        0 => Err(Fault::NotSound),
        samples => Ok(Converted { form, samples }),
    }
}

fn is_too_long(samples: u64, rate: u32) -> bool {
    samples > u64::from(rate) * 60 * u64::from(MINUTES_MAX)
}

/// Samples that are at 8 kHz already stay what they are.
fn straight(source: &mut dyn Source, write: &mut dyn FnMut(&[i16]) -> io::Result<()>) -> Result<u32, Fault> {
    let mut samples = 0;
    loop {
        let part = source.part(PART)?;
        if part.is_empty() {
            return Ok(samples);
        }
        samples += give(&part, write)?;
    }
}

fn narrowed(source: &mut dyn Source, write: &mut dyn FnMut(&[i16]) -> io::Result<()>) -> Result<u32, Fault> {
    let (mut narrower, mut out) = (Narrower::new(source.rate()), Vec::new());
    let (mut read, mut samples) = (0, 0);
    loop {
        let part = source.part(PART)?;
        match part.is_empty() {
            true => narrower.end(read, &mut out),
            false => narrower.run(&part, &mut out),
        }
        read += part.len() as u64;
        samples += give(&out, write)?;
        out.clear();
        if part.is_empty() {
            return Ok(samples);
        }
    }
}

fn give(samples: &[f32], write: &mut dyn FnMut(&[i16]) -> io::Result<()>) -> Result<u32, Fault> {
    let whole: Vec<i16> = samples.iter().map(|sample| libm::roundf(sample * 32_768.0) as i16).collect();
    write(&whole).map_err(Fault::Write)?;
    Ok(whole.len() as u32)
}

#[cfg(test)]
mod tests;
