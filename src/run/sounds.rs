//! The phrases and the music built into the program, as samples that all legs share.

use crate::audio::{
    codec::resample::Halver,
    sounds::{Sound, Sounds},
};
use std::sync::Arc;

/// `<language>/<phrase>` or `music/<name>` with its WAV file.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/sounds.rs"));

/// The phrases of one language, and the music.
pub fn load(language: &str) -> Sounds {
    let mut sounds = Sounds { language: language.to_owned(), ..Sounds::default() };
    for (name, wav) in FILES {
        let Some((folder, _)) = name.split_once('/') else { continue };
        if folder == "music" {
            sounds.music.push(Arc::new(sound(wav)));
        } else if folder == language {
            sounds.phrases.insert((*name).to_owned(), Arc::new(sound(wav)));
        }
    }
    sounds
}

/// Both rates of a file of 16 kHz, mono, 16 bit; what is none of that is silence.
fn sound(wav: &[u8]) -> Sound {
    let wide: Vec<i16> =
        samples(wav).unwrap_or_default().chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let mut narrow = vec![0; wide.len() / 2];
    Halver::default().run(&wide[..narrow.len() * 2], &mut narrow);
    Sound { narrow, wide }
}

/// The content of the `data` chunk of a WAV file in the one form that is kept under `sounds/`.
fn samples(wav: &[u8]) -> Option<&[u8]> {
    let chunks = wav.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
    let form = chunk(chunks, b"fmt ")?;
    let wanted = [1u16.to_le_bytes(), 1u16.to_le_bytes(), 16_000u32.to_le_bytes()[..2].try_into().ok()?];
    if form.get(..6)? != wanted.concat() || form.get(14..16)? != 16u16.to_le_bytes() {
        return None;
    }
    chunk(chunks, b"data")
}

fn chunk<'a>(mut chunks: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let length = u32::from_le_bytes(chunks.get(4..8)?.try_into().ok()?) as usize;
        if chunks.starts_with(name) {
            return chunks.get(8..8 + length);
        }
        chunks = chunks.get(8 + length + length % 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_sound_in_every_language() {
        for language in ["en", "zh", "ja"] {
            let sounds = load(language);
            assert!(!sounds.music.is_empty());
            for phrase in ["number_unknown", "do_not_disturb_on", "do_not_disturb_off", "echo_test"] {
                let sound = sounds.phrase(phrase).unwrap_or_else(|| panic!("{language}/{phrase} is missing"));
                assert!(sound.wide.len() > 8_000, "{language}/{phrase} is shorter than half a second");
                assert_eq!(sound.narrow.len(), sound.wide.len() / 2);
                assert!(
                    sound.narrow.iter().any(|sample| sample.unsigned_abs() > 8_000),
                    "{language}/{phrase} is faint"
                );
            }
        }
        for (name, wav) in FILES {
            assert!(samples(wav).is_some_and(|data| !data.is_empty()), "{name} is not 16 kHz mono 16 bit");
        }
    }
}
