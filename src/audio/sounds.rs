//! What can be played: phrases, music and tones as samples that all legs share.

use super::{
    order::Tone,
    tone::{Country, render},
};
use std::{collections::BTreeMap, sync::Arc};

/// One piece of sound at both rates, so that playing is copying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sound {
    /// 8 and 16 kHz.
    pub narrow: Vec<i16>,
    pub wide: Vec<i16>,
}

/// Made once at the start; what it lacks is silence.
#[derive(Clone, Debug)]
pub struct Sounds {
    /// By name: `<language>/<phrase>`.
    pub phrases: BTreeMap<String, Arc<Sound>>,
    /// Played one after the other, round and round.
    pub music: Vec<Arc<Sound>>,
    pub ringback: Arc<Sound>,
    pub busy: Arc<Sound>,
    pub reorder: Arc<Sound>,
}

impl Default for Sounds {
    fn default() -> Sounds {
        Sounds::new(Country::default())
    }
}

impl Sounds {
    /// Tones only.
    pub fn new(country: Country) -> Sounds {
        let tone = |tone| Arc::new(render(country, tone));
        Sounds {
            phrases: BTreeMap::new(),
            music: Vec::new(),
            ringback: tone(Tone::Ringback),
            busy: tone(Tone::Busy),
            reorder: tone(Tone::Reorder),
        }
    }

    pub fn tone(&self, tone: Tone) -> Arc<Sound> {
        match tone {
            Tone::Ringback => self.ringback.clone(),
            Tone::Busy => self.busy.clone(),
            Tone::Reorder => self.reorder.clone(),
        }
    }

    pub fn phrase(&self, name: &str) -> Option<&Arc<Sound>> {
        self.phrases.get(name)
    }
}
