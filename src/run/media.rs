//! The thread that reads media files ahead of those who play them, a second and a half each.

use crate::audio::{
    player::feed::{Shelf, Title, Wanted},
    sounds::Pcm,
    wav::{self, Form},
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, unbounded};
use std::{collections::BTreeSet, fs::File, io, os::unix::fs::FileExt, thread, time::Duration};
use tracing::warn;

/// Half a second.
const BLOCK: u64 = 8_000;
const EVERY: Duration = Duration::from_millis(200);
/// Media that are known to be gone: each is said once, and of more nothing.
const GONE_MAX: usize = 256;

/// One who plays a file.
struct Stream {
    title: Title,
    file: File,
    at: u64,
    end: u64,
    round: bool,
    blocks: Sender<Pcm>,
    /// Read, and no room for it yet.
    next: Option<Pcm>,
}

struct Reader<F> {
    wanted: Receiver<Wanted>,
    open: F,
    streams: Vec<Stream>,
    gone: BTreeSet<Title>,
}

/// `open` finds a file. The thread ends with the last shelf.
pub fn start(open: impl Fn(Title) -> Option<File> + Send + 'static) -> io::Result<Shelf> {
    let (want, wanted) = unbounded();
    let reader = Reader { wanted, open, streams: Vec::new(), gone: BTreeSet::new() };
    thread::Builder::new().name("media".into()).spawn(move || reader.run())?;
    Ok(Shelf::new(want))
}

impl<F: Fn(Title) -> Option<File>> Reader<F> {
    fn run(mut self) {
        loop {
            let wanted = match self.streams.is_empty() {
                true => self.wanted.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => self.wanted.recv_timeout(EVERY),
            };
            match wanted {
                Ok(wanted) => self.begin(wanted),
                Err(RecvTimeoutError::Timeout) => self.go_on(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn begin(&mut self, wanted: Wanted) {
        let title = wanted.title;
        let opened = (self.open)(title).ok_or_else(|| io::ErrorKind::NotFound.into());
        match opened.and_then(|file| Stream::begin(file, wanted)) {
            Ok(mut stream) => {
                self.gone.remove(&title);
                if self.is_flowing(&mut stream) {
                    self.streams.push(stream);
                }
            }
            Err(error) => self.say(title, &error),
        }
        // Whoever asks all the time must not keep the others waiting.
        if self.wanted.is_empty() {
            self.go_on();
        }
    }

    fn go_on(&mut self) {
        let mut streams = std::mem::take(&mut self.streams);
        streams.retain_mut(|stream| self.is_flowing(stream));
        self.streams = streams;
    }

    /// False when it is over, for whoever plays it or because nobody does.
    fn is_flowing(&mut self, stream: &mut Stream) -> bool {
        match stream.flow() {
            Ok(flows) => flows,
            Err(error) => {
                self.say(stream.title, &error);
                false
            }
        }
    }

    fn say(&mut self, title: Title, error: &io::Error) {
        if self.gone.len() < GONE_MAX && self.gone.insert(title) {
            warn!(?title, %error, "a file cannot be played and is left out");
        }
    }
}

impl Stream {
    fn begin(file: File, wanted: Wanted) -> io::Result<Stream> {
        let mut head = [0; 44];
        file.read_exact_at(&mut head, 0)?;
        let start = Form::Prompt.head() as u64;
        let end = file.metadata()?.len();
        let samples = Form::Prompt.samples(end.saturating_sub(start)) as u32;
        if wav::head(Form::Prompt, samples)[..] != head {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not as it was converted"));
        }
        let Wanted { title, round, blocks } = wanted;
        Ok(Stream { title, file, at: start, end, round: round && samples > 0, blocks, next: None })
    }

    fn flow(&mut self) -> io::Result<bool> {
        loop {
            let Some(next) = self.next.take().map_or_else(|| self.read(), |next| Ok(Some(next)))? else {
                return Ok(false);
            };
            match self.blocks.try_send(next) {
                Ok(()) => {}
                Err(TrySendError::Full(next)) => {
                    self.next = Some(next);
                    return Ok(true);
                }
                Err(TrySendError::Disconnected(_)) => return Ok(false),
            }
        }
    }

    fn read(&mut self) -> io::Result<Option<Pcm>> {
        if self.at >= self.end && self.round {
            self.at = Form::Prompt.head() as u64;
        }
        let length = BLOCK.min(self.end - self.at);
        if length == 0 {
            return Ok(None);
        }
        let mut block = vec![0; length as usize];
        self.file.read_exact_at(&mut block, self.at)?;
        self.at += length;
        Ok(Some(block.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{order::RecordingId, player::feed::Feed};
    use std::{
        io::Write,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };

    const SAMPLES: usize = 8_000;

    fn file(samples: usize) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&wav::head(Form::Prompt, samples as u32)).unwrap();
        (0..samples).for_each(|n| file.write_all(&(n as i16).to_le_bytes()).unwrap());
        file
    }

    /// Row 1 is a second long, what was taken broken, and another there is not.
    fn shelf() -> (Shelf, Arc<AtomicU32>) {
        let opened = Arc::new(AtomicU32::new(0));
        let counted = opened.clone();
        let shelf = start(move |title| {
            counted.fetch_add(1, Ordering::Relaxed);
            match title {
                Title::Media(1) => Some(file(SAMPLES)),
                Title::Taken(RecordingId(2)) => Some(tempfile::tempfile().unwrap()),
                _ => None,
            }
        });
        (shelf.unwrap(), opened)
    }

    /// All that is played, in packets of 20 ms; or, of what goes round, so many samples.
    fn heard(mut feed: Feed, most: usize) -> Vec<i16> {
        let mut heard = Vec::new();
        loop {
            let mut samples = [0; 160];
            let (count, more) = feed.fill(8, &mut samples);
            heard.extend_from_slice(&samples[..count]);
            if !more || heard.len() >= most {
                return heard;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn a_file_is_played_from_end_to_end() {
        let (shelf, opened) = shelf();
        let expected: Vec<i16> = (0..SAMPLES as i16).collect();
        assert_eq!(heard(shelf.take(Title::Media(1), false), usize::MAX), expected);
        let round = heard(shelf.take(Title::Media(1), true), 3 * SAMPLES);
        assert_eq!(round[..3 * SAMPLES], expected.repeat(3));
        assert_eq!(opened.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn what_is_broken_or_gone_is_over_at_once() {
        let (shelf, _) = shelf();
        for title in [Title::Taken(RecordingId(2)), Title::Media(3)] {
            assert_eq!(heard(shelf.take(title, true), usize::MAX), Vec::<i16>::new());
        }
    }

    #[test]
    fn what_nobody_plays_is_let_go() {
        let (wanted, ask) = unbounded();
        let mut reader =
            Reader { wanted: ask, open: |_| Some(file(80_000)), streams: Vec::new(), gone: BTreeSet::new() };
        let shelf = Shelf::new(wanted);
        let feeds = [1, 2].map(|media| shelf.take(Title::Media(media), false));
        (0..2).for_each(|_| reader.begin(reader.wanted.recv().unwrap()));
        assert_eq!(reader.streams.len(), 2);
        let [first, _second] = feeds;
        drop(first);
        reader.go_on();
        assert_eq!(reader.streams.len(), 1);
        assert!(reader.streams[0].at <= 44 + 2 * BLOCK, "no more than two blocks are read ahead");
    }
}
