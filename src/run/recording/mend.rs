//! Recordings that a power cut left open: their heads tell less than there is.

use super::{Place, disk::PART};
use crate::{
    audio::{
        order::Recorded,
        wav::{self, Form},
    },
    schema::kind::line::hex,
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};
use tracing::{info, warn};

/// A recording lasts a day at most, so those that were open lie in the last two.
const DAYS: usize = 2;

/// What may have been open when the power went.
pub struct Cut {
    data: PathBuf,
    files: Vec<PathBuf>,
}

impl Cut {
    /// To be found before any recording begins.
    pub fn find(place: &Place) -> io::Result<Cut> {
        Ok(Cut { data: place.data.clone(), files: left_open(&place.data.join("recordings"))? })
    }

    /// Makes each head tell all that is there, and says of those that were not closed, each a call and its file, how
    /// they are (BOX-95, BOX-61).
    pub fn close(self, open: Vec<(String, String)>, mut tell: impl FnMut(&str, Recorded)) {
        // After a clock that was far ahead the last days are not those on which they were made.
        let open_files = open.iter().map(|(_, file)| self.data.join(file)).filter(|file| file.is_file());
        mend(&open_files.chain(self.files).collect());
        for (call_id, file) in open {
            let recorded = recorded(&self.data.join(&file)).unwrap_or_else(|error| {
                warn!(%error, file, "a recording that was cut is not there");
                Recorded::default()
            });
            tell(&call_id, recorded);
        }
    }
}

/// The files that may have been open, by what lies in `recordings/<year>/<month>/<day>`.
fn left_open(recordings: &Path) -> io::Result<Vec<PathBuf>> {
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
fn mend(files: &BTreeSet<PathBuf>) {
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

/// A file whose head tells all that is there.
fn recorded(path: &Path) -> io::Result<Recorded> {
    let file = File::open(path)?;
    let samples = there(&file)?;
    let (mut bytes, mut hash) = (0, Sha256::new());
    let mut part = vec![0; PART];
    loop {
        match file.read_at(&mut part, bytes)? {
            0 => break,
            read => {
                hash.update(&part[..read]);
                bytes += read as u64;
            }
        }
    }
    Ok(Recorded { seconds: samples.div_ceil(8_000), bytes, sha256: hex(&hash.finalize()), whole: true })
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
        mend(&found.into_iter().collect());
        let read = |day, name| fs::read(file(day, name)).unwrap();
        assert_eq!(read("12/01", "cut.wav")[..58], wav::head(Form::Call, 400)[..]);
        assert_eq!(read("12/02", "empty.wav"), wav::head(Form::Call, 0)[..]);
        assert_eq!((read("12/02", "whole.wav"), read("11/30", "old.wav")), (whole, cut));
        assert_eq!(read("12/02", "alien.wav"), b"RIFF".repeat(30));
        assert!(left_open(&dir.path().join("nothing")).unwrap().is_empty());
    }

    /// BOX-52, BOX-95: also where a clock that was far ahead has left later days.
    #[test]
    fn what_is_known_to_be_cut_is_closed_wherever_it_lies() {
        let dir = tempfile::tempdir().unwrap();
        let file = |day: &str| format!("recordings/{day}/cut.wav");
        let cut = [&wav::head(Form::Call, 100)[..], &[0xD5; 801]].concat();
        for day in ["2026/11/30", "2099/01/01", "2099/01/02"] {
            write(&dir.path().join(file(day)), &cut);
        }
        let files = left_open(&dir.path().join("recordings")).unwrap();
        let (mut told, open) = (Vec::new(), ["2026/11/30", "2026/12/01"]);
        let open = open.map(|day| (day.to_owned(), file(day))).into();
        let cut = Cut { data: dir.path().to_owned(), files };
        cut.close(open, |call_id, recorded| told.push((call_id.to_owned(), recorded.bytes)));
        assert_eq!(told, [("2026/11/30".to_owned(), 859), ("2026/12/01".to_owned(), 0)]);
        for day in ["2026/11/30", "2099/01/01"] {
            assert_eq!(fs::read(dir.path().join(file(day))).unwrap()[..58], wav::head(Form::Call, 400)[..], "{day}");
        }
    }
}
