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
    fn phrases_are_equally_loud_at_both_rates() {
        let sounds = load(Shelf::default());
        assert!(!sounds.music.is_empty());
        for (name, sound) in &sounds.phrases {
            // A word of a number is short.
            assert!(sound.wide.len() > 2_000, "{name} is shorter than an eighth of a second");
            assert_eq!(sound.narrow.len(), sound.wide.len() / 2);
            let mut narrow = vec![0; sound.narrow.len()];
            sound.narrow.copy(0, &mut narrow);
            let dbfs = spoken_dbfs(&narrow);
            assert!((-20.5..-16.5).contains(&dbfs), "{name} is as loud as {dbfs} dBFS");
        }
    }

    /// Mean power of what is spoken, without the pauses.
    fn spoken_dbfs(samples: &[i16]) -> f64 {
        let power =
            |frame: &[i16]| frame.iter().map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / frame.len() as f64;
        let powers: Vec<f64> = samples.chunks(160).map(power).collect();
        let loudest = powers.iter().fold(0.0, |most: f64, &power| most.max(power));
        let spoken: Vec<f64> = powers.into_iter().filter(|&power| power > loudest / 1_000.0).collect();
        10.0 * libm::log10(spoken.iter().sum::<f64>() / spoken.len() as f64 / 32_768.0 / 32_768.0)
    }
}
