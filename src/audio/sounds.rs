//! What can be played: phrases, music and tones as samples that all legs share.

use super::{
    codec::g711,
    order::Tone,
    player::feed::Shelf,
    tone::{Country, render},
};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Samples of one channel, as they lie in a file or in the program itself: what is played is not read before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pcm {
    bytes: Bytes,
    form: Form,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// 16 bit, the lower byte first.
    #[default]
    Linear,
    /// A-law: the program is half as large.
    Law,
}

impl Form {
    fn width(self) -> usize {
        match self {
            Form::Linear => 2,
            Form::Law => 1,
        }
    }
}

impl Pcm {
    fn of(bytes: &'static [u8]) -> Pcm {
        Pcm { bytes: Bytes::from_static(bytes), form: Form::Law }
    }

    /// In samples.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.form.width()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples from `at` on, as many as there are and `out` takes; how many that were.
    pub fn copy(&self, at: usize, out: &mut [i16]) -> usize {
        let width = self.form.width();
        let rest = self.bytes.get(at * width..).unwrap_or_default();
        let count = out.len().min(rest.len() / width);
        let out = &mut out[..count];
        match self.form {
            Form::Law => g711::A.decode_into(&rest[..count], out),
            Form::Linear => {
                for (sample, pair) in out.iter_mut().zip(rest.chunks_exact(2)) {
                    *sample = i16::from_le_bytes([pair[0], pair[1]]);
                }
            }
        }
        count
    }
}

impl From<Vec<u8>> for Pcm {
    fn from(bytes: Vec<u8>) -> Pcm {
        Pcm { bytes: bytes.into(), form: Form::Linear }
    }
}

impl FromIterator<i16> for Pcm {
    fn from_iter<T: IntoIterator<Item = i16>>(samples: T) -> Pcm {
        Pcm { bytes: samples.into_iter().flat_map(i16::to_le_bytes).collect(), form: Form::Linear }
    }
}

/// One piece of sound at both rates, so that playing is copying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clip {
    /// 8 and 16 kHz.
    pub narrow: Pcm,
    pub wide: Pcm,
}

impl Clip {
    /// What is part of the program, in A-law.
    pub fn built_in(narrow: &'static [u8], wide: &'static [u8]) -> Clip {
        Clip { narrow: Pcm::of(narrow), wide: Pcm::of(wide) }
    }

    pub fn at_rate(&self, wide: bool) -> &Pcm {
        if wide { &self.wide } else { &self.narrow }
    }
}

/// Made once at the start; what it lacks is silence.
#[derive(Clone, Debug)]
pub struct Sounds {
    /// By name: `<language>/<phrase>`.
    pub phrases: BTreeMap<String, Clip>,
    /// Played one after the other, round and round.
    pub music: Vec<Clip>,
    /// The office's own.
    pub shelf: Shelf,
    tones: [Clip; 4],
}

impl Default for Sounds {
    fn default() -> Sounds {
        Sounds::new(Country::default())
    }
}

impl Sounds {
    /// Tones only.
    pub fn new(country: Country) -> Sounds {
        let tones = [Tone::Ringback, Tone::Busy, Tone::Reorder, Tone::Beep].map(|tone| render(country, tone));
        Sounds { phrases: BTreeMap::new(), music: Vec::new(), shelf: Shelf::default(), tones }
    }

    /// The same, beside what the office has.
    pub fn with_shelf(self, shelf: Shelf) -> Sounds {
        Sounds { shelf, ..self }
    }

    pub fn tone(&self, tone: Tone) -> Clip {
        self.tones[tone as usize].clone()
    }

    pub fn phrase(&self, name: &str) -> Option<&Clip> {
        self.phrases.get(name)
    }
}
