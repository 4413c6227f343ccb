//! What can be played: phrases, music and tones as samples that all legs share.

use std::{collections::BTreeMap, sync::Arc};

/// One piece of sound at both rates, so that playing is copying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sound {
    /// 8 and 16 kHz.
    pub narrow: Vec<i16>,
    pub wide: Vec<i16>,
}

/// Made once at the start; the empty one plays silence.
#[derive(Clone, Debug, Default)]
pub struct Sounds {
    /// By name: `<language>/<phrase>`.
    pub phrases: BTreeMap<String, Arc<Sound>>,
    /// Where a phrase is looked for that names no language.
    pub language: String,
    /// Played one after the other, round and round.
    pub music: Vec<Arc<Sound>>,
}

impl Sounds {
    pub fn phrase(&self, name: &str) -> Option<&Arc<Sound>> {
        self.phrases.get(name).or_else(|| self.phrases.get(&format!("{}/{name}", self.language)))
    }
}
