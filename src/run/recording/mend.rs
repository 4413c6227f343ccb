//! Recordings that a power cut left open: their heads tell less than there is.

use crate::audio::wav::{self, Form};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};
use tracing::{info, warn};

/// A recording lasts a day at most, so those that were open lie in the last two.
const DAYS: usize = 2;

/// The files that may have been open, by what lies in `recordings/<year>/<month>/<day>`.
pub fn left_open(recordings: &Path) -> io::Result<Vec<PathBuf>> {
    let mut days = vec![recordings.to_owned()];
    for _level in ["year", "month", "day"] {
        let mut below = Vec::new();
        for folder in &days {
            below.extend(last(folder)?.into_iter().map(|name| folder.join(name)));
        }
        below.truncate(DAYS);
        days = below;
    }
    let mut files = Vec::new();
    for day in days {
        let found = fs::read_dir(day)?.collect::<io::Result<Vec<_>>>()?;
        files.extend(found.into_iter().map(|entry| entry.path()));
    }
    files.retain(|path| path.extension().is_some_and(|end| end == "wav"));
    Ok(files)
}

/// The names of the last folders, the latest first.
fn last(folder: &Path) -> io::Result<Vec<OsString>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?.collect::<io::Result<Vec<_>>>()?,
    };
    let mut names: Vec<OsString> =
        entries.into_iter().filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name()).collect();
    names.sort_unstable_by(|one, other| other.cmp(one));
    names.truncate(DAYS);
    Ok(names)
}

/// Makes each head tell all that is there.
pub fn mend(files: &[PathBuf]) {
    let mut mended = 0;
    for path in files {
        match close(path) {
            Ok(is_changed) => mended += u32::from(is_changed),
            Err(error) => warn!(%error, file = %path.display(), "a recording that was cut could not be closed"),
        }
    }
    if mended > 0 {
        info!(mended, "recordings were cut by the last stop and are closed");
    }
}

/// False if it was closed before, or is no recording of ours.
fn close(path: &Path) -> io::Result<bool> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let there = there(&file)?;
    let mut head = [0; 58];
    if file.metadata()?.len() >= Form::Call.head() as u64 {
        file.read_exact_at(&mut head, 0)?;
        match wav::told(&head) {
            None => return Ok(false),
            Some(told) if told == there => return Ok(false),
            Some(_) => {}
        }
    }
    file.write_all_at(&wav::head(Form::Call, there), 0)?;
    Ok(true)
}

/// Whole samples behind the head.
fn there(file: &File) -> io::Result<u32> {
    let bytes = file.metadata()?.len().saturating_sub(Form::Call.head() as u64);
    Ok(Form::Call.samples(bytes) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, bytes: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// BOX-95: after the start each is whole up to what the disk has.
    #[test]
    fn what_was_cut_is_closed_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let file = |day: &str, name: &str| dir.path().join("2026").join(day).join(name);
        let cut = [&wav::head(Form::Call, 100)[..], &[0xD5; 801]].concat();
        let whole = [&wav::head(Form::Call, 100)[..], &[0xD5; 200]].concat();
        for (day, name, bytes) in [
            ("11/30", "old.wav", &cut),
            ("12/01", "cut.wav", &cut),
            ("12/02", "whole.wav", &whole),
            ("12/02", "empty.wav", &Vec::new()),
            ("12/02", "alien.wav", &b"RIFF".repeat(30)),
        ] {
            write(&file(day, name), bytes);
        }
        let found = left_open(dir.path()).unwrap();
        assert_eq!(found.len(), 4, "{found:?}");
        mend(&found);
        let read = |day, name| fs::read(file(day, name)).unwrap();
        assert_eq!(read("12/01", "cut.wav")[..58], wav::head(Form::Call, 400)[..]);
        assert_eq!(read("12/02", "empty.wav"), wav::head(Form::Call, 0)[..]);
        assert_eq!((read("12/02", "whole.wav"), read("11/30", "old.wav")), (whole, cut));
        assert_eq!(read("12/02", "alien.wav"), b"RIFF".repeat(30));
        assert!(left_open(&dir.path().join("nothing")).unwrap().is_empty());
    }
}
