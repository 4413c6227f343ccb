//! The sound of a WAV file: PCM of 8 to 32 bit, A-law or µ-law, up to eight channels.

use super::{super::codec::g711, Fault, Source};

const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
const CHANNELS_MAX: u16 = 8;
/// Bytes of a `fmt ` chunk that says what it is in 16 more.
const EXTENSIBLE: usize = 40;
/// A file that was written before its length was known.
const UNKNOWN_LENGTH: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coded {
    Alaw,
    Ulaw,
    /// Unsigned, as 8 bit are in a WAV.
    Eight,
    /// Signed, so many bytes.
    Wide(u16),
}

#[derive(Clone, Copy)]
struct Format {
    coded: Coded,
    channels: u16,
    rate: u32,
    /// Bytes of one sample of every channel.
    frame: usize,
}

pub struct Pcm<'f> {
    format: Format,
    rest: &'f [u8],
}

impl<'f> Pcm<'f> {
    /// `file` begins with RIFF.
    pub fn read(file: &'f [u8]) -> Result<Pcm<'f>, Fault> {
        let mut rest = file.get(12..).filter(|_| file[8..12] == *b"WAVE").ok_or(Fault::NotSound)?;
        let mut format = None;
        while let Some((head, after)) = rest.split_first_chunk::<8>() {
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
            let body = after.get(..length as usize);
            match &head[..4] {
                b"fmt " => format = Some(Format::read(body.ok_or(Fault::CutOff)?).ok_or(Fault::NotSound)?),
                b"data" => {
                    let format: Format = format.ok_or(Fault::NotSound)?;
                    let body = if length == UNKNOWN_LENGTH { Some(after) } else { body };
                    return Ok(Pcm { format, rest: body.ok_or(Fault::CutOff)? });
                }
                _ => {}
            }
            // Chunks begin at even places.
            rest = after.get((length as usize).next_multiple_of(2)..).unwrap_or_default();
        }
        Err(if format.is_some() { Fault::CutOff } else { Fault::NotSound })
    }
}

impl Format {
    fn read(chunk: &[u8]) -> Option<Format> {
        let two = |at: usize| Some(u16::from_le_bytes(chunk.get(at..at + 2)?.try_into().ok()?));
        let rate = u32::from_le_bytes(chunk.get(4..8)?.try_into().ok()?);
        let (channels, frame, bits) = (two(2)?, two(12)?, two(14)?);
        let tag = match two(0)? {
            // What it is stands in the first two bytes of a GUID.
            0xFFFE if chunk.len() >= EXTENSIBLE => two(24)?,
            tag => tag,
        };
        let coded = match (tag, bits) {
            (6, 8) => Coded::Alaw,
            (7, 8) => Coded::Ulaw,
            (1, 8) => Coded::Eight,
            (1, 16 | 24 | 32) => Coded::Wide(bits / 8),
            _ => return None,
        };
        let fits = RATES.contains(&rate) && (1..=CHANNELS_MAX).contains(&channels) && frame == channels * bits / 8;
        fits.then_some(Format { coded, channels, rate, frame: usize::from(frame) })
    }

    /// The channels in one.
    fn sample(&self, frame: &[u8]) -> f32 {
        let one = frame.len() / usize::from(self.channels);
        frame.chunks_exact(one).map(|sample| self.coded.sample(sample)).sum::<f32>() / f32::from(self.channels)
    }
}

impl Coded {
    fn sample(self, bytes: &[u8]) -> f32 {
        match self {
            Coded::Alaw => f32::from(g711::A.linear[usize::from(bytes[0])]) / 32_768.0,
            Coded::Ulaw => f32::from(g711::U.linear[usize::from(bytes[0])]) / 32_768.0,
            Coded::Eight => (f32::from(bytes[0]) - 128.0) / 128.0,
            Coded::Wide(width) => {
                // The upper bytes of four.
                let mut four = [0; 4];
                four[4 - usize::from(width)..].copy_from_slice(bytes);
                i32::from_le_bytes(four) as f32 / 2_147_483_648.0
            }
        }
    }
}

impl Source for Pcm<'_> {
    fn rate(&self) -> u32 {
        self.format.rate
    }

    fn samples(&self) -> u64 {
        (self.rest.len() / self.format.frame) as u64
    }

    fn part(&mut self, most: usize) -> Result<Vec<f32>, Fault> {
        let whole = self.samples().min(most as u64) as usize;
        let (part, rest) = self.rest.split_at(whole * self.format.frame);
        self.rest = rest;
        Ok(part.chunks_exact(self.format.frame).map(|frame| self.format.sample(frame)).collect())
    }
}
