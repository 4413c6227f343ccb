//! The phrases and the music built into the program, as samples that all legs share, beside the shelf of the office's own.

use crate::audio::{
    player::feed::Shelf,
    sounds::{Clip, Sounds},
};

/// `<language>/<phrase>` or `music/<name>`, at 8 and at 16 kHz.
const BUILT_IN: &[(&str, &[u8], &[u8])] = include!(concat!(env!("OUT_DIR"), "/sounds.rs"));

/// The phrases of every language, so that another one can be set at any time, and the music.
pub fn load(shelf: Shelf) -> Sounds {
    let mut sounds = Sounds::default().with_shelf(shelf);
    for &(name, narrow, wide) in BUILT_IN {
        let sound = Clip::built_in(narrow, wide);
        if name.starts_with("music/") {
            sounds.music.push(sound);
        } else {
            sounds.phrases.insert(name.to_owned(), sound);
        }
    }
    sounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_phrase_at_both_rates() {
        let sounds = load(Shelf::default());
        assert!(!sounds.music.is_empty());
        for language in ["en", "zh", "ja"] {
            for phrase in ["number_unknown", "do_not_disturb_on", "do_not_disturb_off", "echo_test"] {
                let sound = sounds
                    .phrase(&format!("{language}/{phrase}"))
                    .unwrap_or_else(|| panic!("{language}/{phrase} is missing"));
                assert!(sound.wide.len() > 8_000, "{language}/{phrase} is shorter than half a second");
                assert_eq!(sound.narrow.len(), sound.wide.len() / 2);
                let mut narrow = vec![0; sound.narrow.len()];
                sound.narrow.copy(0, &mut narrow);
                assert!(narrow.iter().any(|sample| sample.unsigned_abs() > 8_000), "{language}/{phrase} is faint");
            }
        }
    }
}
