//! `check` and `show` beside a running box: the second process asks the first, over a socket in the data directory.

use super::{
    fault::Fault,
    inspect::{Look, Said},
};
use crate::{http::live::Live, store::Store};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use std::{
    fs::{self, File, Permissions},
    io::{self, Read, Write},
    net::Shutdown,
    os::{
        fd::AsRawFd,
        unix::{
            fs::PermissionsExt,
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::{sync::oneshot, time::sleep};
use tracing::warn;

const NAME: &str = "running.socket";
/// A question that is longer is none of ours.
const QUESTION_BYTES_MAX: u64 = 256;
/// For the question to come, and for the answer to be taken.
const PATIENCE: Duration = Duration::from_secs(5);
/// Until the next one is taken, when the system has nothing left for this one.
const AGAIN: Duration = Duration::from_secs(1);
/// Behind everything that a call needs.
const NICE: libc::c_int = 19;

/// Asks the box that runs on `dir`; none if none answers there.
pub fn ask(dir: &Path, look: Look) -> Option<Result<Said, Fault>> {
    let stream = in_folder(dir, |path| UnixStream::connect(path)).ok()?;
    Some(put(&stream, look).unwrap_or_else(|_| Err(Fault::silent(dir))))
}

fn put(mut stream: &UnixStream, look: Look) -> io::Result<Result<Said, Fault>> {
    stream.write_all(&serde_json::to_vec(&look)?)?;
    stream.shutdown(Shutdown::Write)?;
    Ok(serde_json::from_reader(stream)?)
}

/// Opens the socket, for the user of the box alone. `dir` is locked by this process.
pub fn listen(dir: &Path) -> io::Result<tokio::net::UnixListener> {
    // What a box that was killed has left.
    let _ = fs::remove_file(dir.join(NAME));
    let listener = in_folder(dir, |path| UnixListener::bind(path))?;
    fs::set_permissions(dir.join(NAME), Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    tokio::net::UnixListener::from_std(listener)
}

/// Answers one after the other, each on a thread that waits for all others.
pub async fn answer(listener: tokio::net::UnixListener, store: Arc<Store>, live: Arc<Live>, dir: PathBuf) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(AGAIN).await;
            continue;
        };
        let (store, live, dir) = (store.clone(), live.clone(), dir.clone());
        let (done, ended) = oneshot::channel::<()>();
        let look = move || {
            let _done = done;
            // SAFETY: numbers in, a number out; 0 is this thread alone.
            unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
            if let Err(error) = stream.into_std().and_then(|stream| answer_one(&stream, &store, &live, &dir)) {
                warn!(%error, "a question beside this box was not answered");
            }
            drop(store);
        };
        if thread::Builder::new().name("beside".into()).spawn(look).is_ok() {
            // Falls over with the thread.
            let _ = ended.await;
        }
    }
}

fn answer_one(mut stream: &UnixStream, store: &Store, live: &Live, dir: &Path) -> io::Result<()> {
    if !is_ours(stream)? {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let look: Look = serde_json::from_reader(stream.take(QUESTION_BYTES_MAX))?;
    let said = look.at_running(store, live, dir).map_err(Fault::from);
    stream.write_all(&serde_json::to_vec(&said)?)
}

/// Whether the one at the other end may read the directory anyway.
fn is_ours(stream: &UnixStream) -> io::Result<bool> {
    let other = getsockopt(stream, PeerCredentials)?.uid();
    Ok(other == 0 || other == nix::unistd::geteuid().as_raw())
}

/// The path of a socket has 107 bytes at most; that of a directory may have more.
fn in_folder<T>(dir: &Path, work: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = File::open(dir)?;
    work(&PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        run::fault::Code,
        time::Timestamp,
        view::{AlarmKind, AlarmRow, Change},
    };

    /// BOX-167, BOX-170, BOX-172: what a stopped box says, a running one says too; also in a directory with a long
    /// name.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_running_box_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("long".repeat(50));
        drop(Store::open(&dir).unwrap());
        let looks = [Look::Check, Look::Show { json: false }, Look::Show { json: true }];
        let stopped = looks.map(|look| look.at(&dir).unwrap());
        let store = Arc::new(Store::open(&dir).unwrap());
        let refused = Look::Check.at(&dir).unwrap_err();
        assert_eq!((refused.code, refused.what.contains("in use")), (Code::Data, true), "before it answers");

        let live = Arc::new(Live::default());
        let answering = tokio::spawn(answer(listen(&dir).unwrap(), store.clone(), live.clone(), dir.clone()));
        for (look, stopped) in looks.into_iter().zip(stopped) {
            let dir = dir.clone();
            let said = tokio::task::spawn_blocking(move || look.at(&dir)).await.unwrap().unwrap();
            assert_eq!(said, stopped);
        }
        let row = AlarmRow::new("recordings", AlarmKind::RecordingFails, Timestamp(1_795_000_000_000));
        live.take(Change::Alarm { alarm: row.alarm.clone(), row: Some(Box::new(row)) });
        let asked = dir.clone();
        let said = tokio::task::spawn_blocking(move || looks[1].at(&asked)).await.unwrap().unwrap();
        assert!(said.text.ends_with("Alarms\n  recording_fails since 2026-11-18T11:06:40.000Z:\n"), "{}", said.text);
        let mode = fs::metadata(dir.join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        answering.abort();
    }

    /// BOX-171: a box that goes while it is asked, and a question that is none.
    #[test]
    fn a_box_that_says_nothing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let listener = in_folder(folder.path(), |path| UnixListener::bind(path)).unwrap();
        let going = thread::spawn(move || drop(listener.accept().unwrap()));
        let fault = ask(folder.path(), Look::Check).unwrap().unwrap_err();
        going.join().unwrap();
        assert_eq!((fault.code, fault.to_string().lines().count()), (Code::Data, 2), "{fault}");

        let store = Store::open(folder.path()).unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        (&ours).write_all(b"\"Dance\"").unwrap();
        ours.shutdown(Shutdown::Write).unwrap();
        assert!(answer_one(&theirs, &store, &Live::default(), folder.path()).is_err());
    }
}
