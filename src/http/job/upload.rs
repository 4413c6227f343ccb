//! Files that people send: streamed to the disk, and kept until a job takes them, an hour at most.

use super::{
    super::{Panel, on_disk, query::Query, refused::Refused, rest, site::Asker},
    encode,
    files::{self, Files},
    import,
};
use crate::{
    schema::{Action, Actor, Import},
    store::Fault,
    time::Uptime,
};
use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
};
use hyper::body::Body as _;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::File,
    future::poll_fn,
    io::{self, Write},
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

/// Of a file that is too large, so much more is read and thrown away: whoever still sends would not see the answer.
const THROWN_AWAY_MAX: u64 = 16 * 1024 * 1024;
/// A sender that is silent for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// A sender that takes longer for a whole file is too slow.
const WHOLE_MAX: Duration = Duration::from_secs(900);
/// Files that are received at a time, each with a thread of its own; others wait their turn.
const AT_ONCE: usize = 8;
/// Uploads that wait for a job: of one person, and in all.
const OF_ONE_MAX: usize = 4;
const HELD_MAX: usize = 24;
const KEPT: Duration = Duration::from_secs(3600);
const NAME_CHARACTERS_MAX: usize = 200;
/// Parts of a file between the network and the disk.
const PARTS_MAX: usize = 4;

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

/// How large a file of a field of this schema may be.
pub fn bytes_max(schema: &Value) -> u64 {
    schema["x-bytes"].as_u64().unwrap_or(Import::BYTES_MAX)
}

/// A file that waits for a job.
#[derive(Clone, Debug)]
pub struct Upload {
    pub token: String,
    pub name: String,
    pub bytes: u64,
    /// The encodings in which it could be text, the likeliest first.
    pub encodings: Vec<&'static str>,
    by: Actor,
    at: Uptime,
}

pub struct Uploads {
    files: Files,
    held: Mutex<BTreeMap<String, Upload>>,
}

impl Uploads {
    pub fn new(files: Files) -> Uploads {
        Uploads { files, held: Mutex::default() }
    }

    /// One of this person's own.
    pub fn find(&self, token: &str, by: &Actor) -> Option<Upload> {
        self.locked().get(token).filter(|upload| upload.by == *by).cloned()
    }

    /// The same, which is nobody else's from now on.
    pub fn take(&self, token: &str, by: &Actor) -> Option<Upload> {
        self.find(token, by)?;
        self.locked().remove(token)
    }

    pub fn path(&self, token: &str) -> PathBuf {
        self.files.upload(token)
    }

    /// What was sent is not needed any more.
    pub fn remove(&self, path: &std::path::Path) {
        files::remove(path);
    }

    /// Keeps one; those that are old, or too many, go.
    pub fn hold(&self, upload: Upload) {
        let mut held = self.locked();
        let now = upload.at;
        let mut gone: Vec<String> =
            held.values().filter(|held| now.since(held.at) > KEPT).map(|held| held.token.clone()).collect();
        let mut own: Vec<&Upload> = held.values().filter(|held| held.by == upload.by).collect();
        own.sort_by_key(|held| held.at);
        gone.extend(own.iter().take((own.len() + 1).saturating_sub(OF_ONE_MAX)).map(|held| held.token.clone()));
        if held.len() >= HELD_MAX {
            gone.extend(held.values().min_by_key(|held| held.at).map(|held| held.token.clone()));
        }
        for token in gone {
            held.remove(&token);
            files::remove(&self.files.upload(&token));
        }
        held.insert(upload.token.clone(), upload);
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Upload>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `POST /panel/uploads?name=…&for=…`: the body is the file; what a list takes may be larger than what all take.
pub async fn take(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    asked.only(&["name", "for"])?;
    let bytes_max = match asked.text("for") {
        Some(list) => taken_by(&asker, list)?,
        None if import::fields::any(|resource| rest::must(&asker, resource, Action::Import).is_ok()) => {
            Import::BYTES_MAX
        }
        None => return Err(Refused::forbidden()),
    };
    let name: String = asked.text("name").unwrap_or("file.csv").chars().take(NAME_CHARACTERS_MAX).collect();
    let token = token()?;
    let path = panel.jobs.uploads.path(&token);
    let written = receive(&panel, body, path.clone(), bytes_max).await;
    let looked = match written {
        Ok(bytes) => {
            let looked = path.clone();
            on_disk(move || Ok((bytes, encodings(&looked).map_err(|error| files::fault(&looked, error))?))).await
        }
        Err(refused) => Err(refused),
    };
    let (bytes, encodings) = looked.inspect_err(|_| files::remove(&path))?;
    let told = json!({ "upload": token, "name": name, "bytes": bytes, "encodings": encodings });
    let at = (panel.door.clock)().up;
    panel.jobs.uploads.hold(Upload { token, name, bytes, encodings, by: asker.actor(), at });
    Ok((StatusCode::CREATED, Json(told)))
}

/// How large a file may be that this list takes.
fn taken_by(asker: &Asker, list: &str) -> Result<u64, Refused> {
    let asker = asker.clone().acting_on(list);
    let resource = rest::resource(&asker, list)?;
    rest::must(&asker, resource, Action::Import)?;
    Ok(resource.import.ok_or_else(Refused::not_found)?.bytes_max)
}

pub fn token() -> Result<String, Refused> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| Refused::from(Fault::NoRandom))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn encodings(path: &std::path::Path) -> io::Result<Vec<&'static str>> {
    let mut fitting = Vec::new();
    for (name, encoding) in encode::KNOWN {
        if encode::fits(encoding, File::open(path)?)? {
            fitting.push(name);
        }
    }
    Ok(fitting)
}

/// Writes the body as it comes, when there is a place for it and room on the disk; gives its length.
pub async fn receive(panel: &Panel, body: Body, path: PathBuf, bytes_max: u64) -> Result<u64, Refused> {
    panel.door.store.room()?;
    let _place = PLACES.acquire().await.expect("nobody closes it");
    let received = timeout(WHOLE_MAX, received(body, path, bytes_max)).await;
    received.unwrap_or_else(|_| Err(last(Refused::bad_json())))
}

async fn received(mut body: Body, path: PathBuf, bytes_max: u64) -> Result<u64, Refused> {
    let (parts, waiting) = mpsc::channel(PARTS_MAX);
    let writer = tokio::task::spawn_blocking(move || write(waiting, path));
    let mut bytes = 0;
    let sent = loop {
        let frame = timeout(SILENCE_MAX, poll_fn(|context| Pin::new(&mut body).poll_frame(context))).await;
        let frame = match frame {
            Ok(None) => break Ok(bytes),
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) | Err(_) => break Err(last(Refused::bad_json())),
        };
        // Trailers say nothing to us.
        let Ok(part) = frame.into_data() else { continue };
        bytes += part.len() as u64;
        if bytes > bytes_max + THROWN_AWAY_MAX {
            break Err(last(Refused::too_large()));
        }
        if bytes <= bytes_max && parts.send(part).await.is_err() {
            // The disk is full; the writer says so.
            break Ok(bytes);
        }
    };
    drop(parts);
    writer.await.unwrap_or_else(|_| Err(Refused::fault()))?;
    if bytes > bytes_max { Err(sent.err().unwrap_or_else(Refused::too_large)) } else { sent }
}

fn write(mut waiting: mpsc::Receiver<Bytes>, path: PathBuf) -> Result<(), Refused> {
    let written = File::create(&path).and_then(|mut file| {
        while let Some(part) = waiting.blocking_recv() {
            file.write_all(&part)?;
        }
        file.sync_data()
    });
    Ok(written.map_err(|error| files::fault(&path, error))?)
}

/// What is left of the body is not waited for.
fn last(refused: Refused) -> Refused {
    refused.header(header::CONNECTION, HeaderValue::from_static("close"))
}
