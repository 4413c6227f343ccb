//! The sound of an MP3 file: MPEG 1, 2 and 2.5, layer III.

use super::{Fault, Source};
use nanomp3::{Channels, Error, Options, SliceReader, VbrTag, frames, strip_tags};

/// Bytes before the first frame, and between frames, that are no sound: what a recorder of a stream leaves.
const STRANGE_MAX: usize = 4 * 1024;
/// Frames that a file has at least: a header of four bytes is found by chance.
const FRAMES_MIN: u64 = 2;

pub struct Mp3<'f> {
    reader: SliceReader<'f, f32>,
    rate: u32,
    channels: usize,
    samples: u64,
}

impl<'f> Mp3<'f> {
    pub fn read(file: &'f [u8]) -> Result<Mp3<'f>, Fault> {
        let sound = strip_tags(file);
        let (mut rate, mut samples, mut count, mut end, mut strange) = (0, 0, 0_u64, 0, 0);
        let mut announced = None;
        for frame in frames(sound) {
            let is_tag = count == 0 && announced.is_none();
            if let Some(tag) = is_tag.then(|| VbrTag::parse(frame.data)).flatten() {
                announced = Some(tag.frames.map_or(0, u64::from));
            } else {
                if frame.layer != 3 || (count > 0 && frame.sample_rate != rate) {
                    return Err(Fault::NotSound);
                }
                (rate, samples, count) = (frame.sample_rate, samples + frame.samples as u64, count + 1);
            }
            strange += frame.offset - end;
            end = frame.offset + frame.data.len();
        }
        if count < FRAMES_MIN || strange > STRANGE_MAX {
            return Err(Fault::NotSound);
        }
        let begun = sound[end..].windows(2).next().is_some_and(|pair| pair[0] == 0xFF && pair[1] >= 0xE0);
        if begun || announced.is_some_and(|frames| frames > count) {
            return Err(Fault::CutOff);
        }
        let options = Options::default().skip_scan(true).allow_mono_stereo_transition(false);
        let reader: SliceReader<f32> = SliceReader::with_options(sound, options);
        let channels = if reader.channels() == Some(Channels::Mono) { 1 } else { 2 };
        Ok(Mp3 { reader, rate, channels, samples })
    }
}

impl Source for Mp3<'_> {
    fn rate(&self) -> u32 {
        self.rate
    }

    fn samples(&self) -> u64 {
        self.samples
    }

    fn part(&mut self, most: usize) -> Result<Vec<f32>, Fault> {
        let mut interleaved = vec![0.0; most * self.channels];
        let read = self.reader.read(&mut interleaved).map_err(|error| match error {
            Error::FormatChanged => Fault::NotSound,
            _ => Fault::CutOff,
        })?;
        let one = |frame: &[f32]| (frame.iter().sum::<f32>() / frame.len() as f32).clamp(-1.0, 1.0);
        Ok(interleaved[..read].chunks_exact(self.channels).map(one).collect())
    }
}
