//! What the box says and plays, measured: every voice as loud as the others, whole, and no gap in the music.

use std::{fs, path::Path};

const RATE: usize = 16_000;
/// 20 ms.
const FRAME: usize = RATE / 50;
/// Where somebody speaks (`sounds/README.md`).
const LOUD_DBFS: f64 = -18.5;
const SILENT_DBFS: f64 = -45.0;

/// Samples of a file that is as the README says.
fn samples(path: &Path) -> Vec<i16> {
    let bytes = fs::read(path).unwrap();
    let (u16_at, u32_at) = (
        |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]),
        |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize,
    );
    assert_eq!(
        (&bytes[..4], &bytes[8..16], &bytes[36..40]),
        (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]),
        "{path:?}"
    );
    assert_eq!((u16_at(20), u16_at(22), u32_at(24), u16_at(34)), (1, 1, RATE, 16), "{path:?}");
    assert_eq!(u32_at(40), bytes.len() - 44, "{path:?} is whole");
    bytes[44..].chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect()
}

fn dbfs(samples: &[i16]) -> f64 {
    let power = samples.iter().map(|sample| (f64::from(*sample) / 32_768.0).powi(2)).sum::<f64>();
    10.0 * (power / samples.len() as f64).max(1e-12).log10()
}

fn frames(samples: &[i16]) -> Vec<f64> {
    samples.chunks_exact(FRAME).map(dbfs).collect()
}

/// The level of the frames in which somebody speaks.
fn loudness(frames: &[f64]) -> f64 {
    let spoken: Vec<f64> = frames.iter().copied().filter(|level| *level > SILENT_DBFS).collect();
    10.0 * (spoken.iter().map(|level| 10f64.powf(level / 10.0)).sum::<f64>() / spoken.len() as f64).log10()
}

fn folder(name: &str) -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sounds").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "wav"));
    files.sort();
    files
}

/// FEA-7, OUT-24, GRP-70: loud and quiet words beside each other would not be one sentence.
#[test]
fn every_phrase_is_as_loud_as_the_others_and_whole() {
    for language in ["zh", "ja", "en"] {
        let files = folder(language);
        assert!(files.len() > 60, "{language}: {}", files.len());
        for path in files {
            let samples = samples(&path);
            let levels = frames(&samples);
            let loud = loudness(&levels);
            assert!((loud - LOUD_DBFS).abs() < 1.0, "{path:?}: {loud:.1} dBFS");
            assert!(samples.iter().all(|sample| sample.unsigned_abs() < 32_767), "{path:?} is clipped");
            let seconds = samples.len() as f64 / RATE as f64;
            assert!((0.15..9.0).contains(&seconds), "{path:?}: {seconds} s");
            let is_quiet = |level: &&f64| **level <= SILENT_DBFS;
            let (before, after) =
                (levels.iter().take_while(is_quiet).count(), levels.iter().rev().take_while(is_quiet).count());
            assert!(before.max(after) * 20 <= 240, "{path:?}: {before} and {after} frames of silence");
        }
    }
}

/// PRF-46: whoever waits long does not hear where it begins again.
#[test]
fn the_music_has_no_seam() {
    let files = folder("music");
    assert!(!files.is_empty());
    for path in files {
        let samples = samples(&path);
        assert_eq!(samples.len() % FRAME, 0, "{path:?} ends within a packet");
        let mut steps: Vec<u16> = samples.windows(2).map(|two| two[0].abs_diff(two[1])).collect();
        steps.sort_unstable();
        let (seam, usual) = (samples[0].abs_diff(samples[samples.len() - 1]), steps[steps.len() * 99 / 100]);
        assert!(seam <= usual, "{path:?}: a step of {seam}, where 99 of 100 are below {usual}");
        let around = [&samples[samples.len() - 25 * FRAME..], &samples[..25 * FRAME]].concat();
        let all = loudness(&frames(&samples));
        for (at, level) in frames(&around).into_iter().enumerate() {
            assert!((level - all).abs() < 9.0, "{path:?}: {level:.1} dBFS at frame {at}, {all:.1} elsewhere");
        }
    }
}
