//! The phrases and the music built into the program, as samples that all legs share.

use crate::audio::{sounds::Sounds, wav};
use std::sync::Arc;

/// `<language>/<phrase>` or `music/<name>` with its WAV file.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/sounds.rs"));

/// The phrases of every language, so that another one can be set at any time, and the music.
pub fn load() -> Sounds {
    let mut sounds = Sounds::default();
    for (name, file) in FILES {
        // A test reads them all.
        let Ok(sound) = wav::read(file) else { continue };
        super::memory::forget(file);
        if name.starts_with("music/") {
            sounds.music.push(Arc::new(sound));
        } else {
            sounds.phrases.insert((*name).to_owned(), Arc::new(sound));
        }
    }
    sounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_sound_in_every_language() {
        let sounds = load();
        assert!(!sounds.music.is_empty());
        for language in ["en", "zh", "ja"] {
            for phrase in ["number_unknown", "do_not_disturb_on", "do_not_disturb_off", "echo_test"] {
                let sound = sounds
                    .phrase(&format!("{language}/{phrase}"))
                    .unwrap_or_else(|| panic!("{language}/{phrase} is missing"));
                assert!(sound.wide.len() > 8_000, "{language}/{phrase} is shorter than half a second");
                assert_eq!(sound.narrow.len(), sound.wide.len() / 2);
                assert!(
                    sound.narrow.iter().any(|sample| sample.unsigned_abs() > 8_000),
                    "{language}/{phrase} is faint"
                );
            }
        }
        for (name, wav) in FILES {
            assert!(wav::read(wav).is_ok_and(|sound| !sound.wide.is_empty()), "{name} is not 16 kHz mono 16 bit");
        }
    }
}
