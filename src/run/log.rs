//! The log: lines with time, level, part and text, to standard error and to at most 64 MB on disk (BOX-162). A thread of
//! its own writes them: whoever has something to say waits neither for a disk nor for who reads along.

use super::clock;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::fd::AsFd,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread::Builder,
    time::Duration,
};
use tracing::Level;
use tracing_subscriber::fmt::{MakeWriter, format::Writer, time::FormatTime};

const FILE_BYTES_MAX: u64 = 8 << 20;
const FILES_MAX: u32 = 8;
/// Lines that wait to be written; of further ones it is said how many there were.
const WAITING_MAX: usize = 1_024;
/// How long a process that ends waits for its last lines.
const FLUSH_MAX: Duration = Duration::from_secs(1);
/// What a pipe that has room takes at once, in bytes.
const PIPE_BYTES: usize = 4_096;

static LOG: OnceLock<Lines> = OnceLock::new();

/// Begins to log; `verbose` adds what only a searcher for faults wants.
pub fn start(folder: &Path, verbose: bool) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let (mut rolling, mut reader) = (Rolling::open(folder.to_owned())?, Reader { to: io::stderr(), missing: 0 });
    let lines = Lines::begin(move |line| {
        // A disk that is full costs the file, never the program.
        let _ = rolling.write(line);
        reader.write(line);
    })?;
    let level = if verbose { Level::DEBUG } else { Level::INFO };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_timer(WallClock)
        .with_writer(LOG.get_or_init(|| lines).clone())
        .finish();
    // Only a second start in one process, as tests do it, finds one there.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// Waits until what was said so far is written, if anybody logs.
pub fn flush() {
    if let Some(lines) = LOG.get() {
        lines.flush();
    }
}

struct WallClock;

impl FormatTime for WallClock {
    fn format_time(&self, w: &mut Writer<'_>) -> std::fmt::Result {
        write!(w, "{}", clock::now().wall)
    }
}

enum Said {
    Line(Box<[u8]>),
    /// Whoever holds the other end wants to know when all before it is written.
    Mark(Sender<()>),
}

/// The way to the thread that writes.
#[derive(Clone)]
struct Lines {
    said: Sender<Said>,
    missing: Arc<AtomicU64>,
}

impl Lines {
    fn begin(write: impl FnMut(&[u8]) + Send + 'static) -> io::Result<Lines> {
        let (said, waiting) = bounded(WAITING_MAX);
        let missing = Arc::new(AtomicU64::new(0));
        let lines = Lines { said, missing: missing.clone() };
        Builder::new().name("log".into()).spawn(move || write_all(&waiting, &missing, write))?;
        Ok(lines)
    }

    fn flush(&self) {
        let (mark, written) = bounded(1);
        if self.said.send_timeout(Said::Mark(mark), FLUSH_MAX).is_ok() {
            let _ = written.recv_timeout(FLUSH_MAX);
        }
    }
}

fn write_all(waiting: &Receiver<Said>, missing: &AtomicU64, mut write: impl FnMut(&[u8])) {
    for said in waiting {
        match said {
            Said::Line(line) => write(&line),
            Said::Mark(mark) => drop(mark.send(())),
        }
        match missing.swap(0, Ordering::Relaxed) {
            0 => {}
            count => write(missing_lines(count).as_bytes()),
        }
    }
}

fn missing_lines(count: u64) -> String {
    format!("{}  WARN {}: {count} lines are missing here\n", clock::now().wall, module_path!())
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;
    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

impl Write for Lines {
    /// One line at a time.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(TrySendError::Full(_)) = self.said.try_send(Said::Line(line.into())) {
            self.missing.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Who reads along, and may have stopped doing so: the file does not wait for that.
struct Reader<W> {
    to: W,
    missing: u64,
}

impl<W: Write + AsFd> Reader<W> {
    fn write(&mut self, line: &[u8]) {
        if self.missing > 0 && self.has_room() {
            let told = missing_lines(std::mem::take(&mut self.missing));
            let _ = self.to.write_all(told.as_bytes());
        }
        for part in line.chunks(PIPE_BYTES) {
            if !self.has_room() {
                self.missing += 1;
                return;
            }
            let _ = self.to.write_all(part);
        }
    }

    fn has_room(&self) -> bool {
        let mut ends = [PollFd::new(self.to.as_fd(), PollFlags::POLLOUT)];
        // Who cannot be asked is written to.
        poll(&mut ends, PollTimeout::ZERO).map_or(true, |ready| ready > 0)
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
    use std::{io::Read, sync::Mutex};

    /// BOX-162: whoever says something goes on although nothing can be written, and it is said how much is missing.
    #[test]
    fn nobody_waits_for_the_log() {
        let (go, stopped) = bounded::<()>(0);
        let written = Arc::new(Mutex::new(Vec::new()));
        let to = written.clone();
        let mut lines = Lines::begin(move |line| {
            let _ = stopped.recv();
            to.lock().unwrap().push(String::from_utf8(line.to_vec()).unwrap());
        })
        .unwrap();
        for n in 0..5_000 {
            write!(lines, "{n}").unwrap();
        }
        drop(go);
        lines.flush();
        let written = written.lock().unwrap();
        let missing = 5_000 - (written.len() - 1);
        assert!((2..=3 + WAITING_MAX).contains(&written.len()), "{}", written.len());
        let told = written.iter().filter(|line| line.ends_with(&format!(": {missing} lines are missing here\n")));
        assert_eq!((written[0].as_str(), told.count()), ("0", 1), "{:?}", written.last());
    }

    /// BOX-162: whoever holds the other end of standard error and does not read stops nothing.
    #[test]
    fn a_reader_who_stops_is_passed_over() {
        let (from, to) = nix::unistd::pipe().unwrap();
        let (mut from, mut reader) = (File::from(from), Reader { to: File::from(to), missing: 0 });
        let line = [b"x".repeat(99), b"\n".to_vec()].concat();
        for _ in 0..2_000 {
            reader.write(&line);
        }
        assert!(reader.missing > 1_000);
        let read = 100 * (2_000 - reader.missing as usize);
        from.read_exact(&mut vec![0; read]).unwrap();
        let missing = reader.missing;
        reader.write(&line);
        drop(reader);
        let mut rest = String::new();
        from.read_to_string(&mut rest).unwrap();
        assert!(rest.contains(&format!(": {missing} lines are missing here\nxxx")), "{rest}");
    }

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
