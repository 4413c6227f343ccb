//! The log: lines with time, level, part and text, to standard error and to at most 64 MB on disk (BOX-162).

use super::clock;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tracing::Level;
use tracing_subscriber::fmt::{MakeWriter, format::Writer, time::FormatTime};

const FILE_BYTES_MAX: u64 = 8 << 20;
const FILES_MAX: u32 = 8;

/// Begins to log; `verbose` adds what only a searcher for faults wants.
pub fn start(folder: &Path, verbose: bool) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let lines = Lines(Arc::new(Mutex::new(Rolling::open(folder.to_owned())?)));
    let level = if verbose { Level::DEBUG } else { Level::INFO };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_timer(WallClock)
        .with_writer(lines)
        .finish();
    // Only a second start in one process, as tests do it, finds one there.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

struct WallClock;

impl FormatTime for WallClock {
    fn format_time(&self, w: &mut Writer<'_>) -> std::fmt::Result {
        write!(w, "{}", clock::now().wall)
    }
}

#[derive(Clone)]
struct Lines(Arc<Mutex<Rolling>>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;
    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

impl Write for Lines {
    /// One line at a time; a disk that is full costs the file, never the program.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().write_all(line);
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `callbox.log`, then `callbox.1.log` and so on, the oldest dropped.
struct Rolling {
    folder: PathBuf,
    file: File,
    bytes: u64,
}

impl Rolling {
    fn open(folder: PathBuf) -> io::Result<Rolling> {
        let file = OpenOptions::new().create(true).append(true).open(folder.join("callbox.log"))?;
        let bytes = file.metadata()?.len();
        Ok(Rolling { folder, file, bytes })
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.bytes + line.len() as u64 > FILE_BYTES_MAX {
            self.roll()?;
        }
        self.file.write_all(line)?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    fn roll(&mut self) -> io::Result<()> {
        let name = |n: u32| self.folder.join(if n == 0 { "callbox.log".into() } else { format!("callbox.{n}.log") });
        for n in (0..FILES_MAX - 1).rev() {
            match fs::rename(name(n), name(n + 1)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        *self = Rolling::open(self.folder.clone())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-162
    #[test]
    fn the_log_stays_within_64_megabytes() {
        let folder = tempfile::tempdir().unwrap();
        let mut rolling = Rolling::open(folder.path().to_owned()).unwrap();
        let line = vec![b'x'; 1 << 20];
        for _ in 0..100 {
            rolling.write(&line).unwrap();
        }
        let sizes: Vec<u64> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).collect();
        assert_eq!(sizes.len(), FILES_MAX as usize);
        assert!(sizes.iter().sum::<u64>() <= 64 << 20);
        assert!(folder.path().join("callbox.log").exists());
    }
}
