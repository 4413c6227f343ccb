//! The sessions of the box: kept by the hash of their token, in memory and in the store, until 12 hours unused.

use super::{Door, refused::Refused, session::Signed};
use crate::{
    model::Account,
    schema::Id,
    store::{Fault, Session},
    time::{Timestamp, Uptime},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::watch;

/// DSK-17
const UNUSED_MAX: Duration = Duration::from_secs(12 * 3600);
/// How far the store may be behind, so that not every request writes.
const WRITTEN_EVERY: Duration = Duration::from_secs(600);

/// As many as the store keeps; the one used longest ago makes room.
const SESSIONS_MAX: usize = 1000;

/// The SHA-256 of the token in a cookie; the token itself is nowhere kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token([u8; 32]);

impl Token {
    /// A fresh one, and what stands in the cookie: 256 random bits.
    fn new() -> Result<(Token, String), Refused> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).map_err(|_| Refused::fault())?;
        Ok((Token(Sha256::digest(bits).into()), URL_SAFE_NO_PAD.encode(bits)))
    }

    pub fn read(cookie: &str) -> Option<Token> {
        let bits: [u8; 32] = URL_SAFE_NO_PAD.decode(cookie).ok()?.try_into().ok()?;
        Some(Token(Sha256::digest(bits).into()))
    }
}

#[derive(Clone, Debug)]
struct Open {
    account: Id,
    begun_at: Timestamp,
    ends: Uptime,
    written: Uptime,
}

pub struct Sessions {
    all: Mutex<BTreeMap<Token, Open>>,
    /// Counts ends, so that open pages look whether theirs is among them.
    ends: watch::Sender<u64>,
}

impl Sessions {
    /// Those that outlived the last stop.
    pub fn read(door: &Door) -> Result<Sessions, Fault> {
        let now = (door.clock)();
        let mut all = BTreeMap::new();
        door.store.end_sessions_unseen_since(Timestamp(now.wall.0 - UNUSED_MAX.as_millis() as i64))?;
        for (token, kept) in door.store.sessions()? {
            let unused = Duration::from_millis((now.wall.0 - kept.seen_at.0).max(0) as u64);
            let ends = now.up + UNUSED_MAX.saturating_sub(unused);
            let open = Open { account: kept.account, begun_at: kept.created_at, ends, written: now.up };
            all.insert(Token(token), open);
        }
        Ok(Sessions { all: Mutex::new(all), ends: watch::Sender::new(0) })
    }

    /// Gives what stands in the cookie. Writes to the disk.
    pub fn begin(&self, door: &Door, account: Id) -> Result<String, Refused> {
        let now = (door.clock)();
        let (token, cookie) = Token::new()?;
        let open = Open { account, begun_at: now.wall, ends: now.up + UNUSED_MAX, written: now.up };
        write(door, token, &open, now.wall)?;
        let mut all = self.all();
        if all.len() >= SESSIONS_MAX {
            soonest(&all).map(|token| all.remove(&token));
        }
        all.insert(token, open);
        Ok(cookie)
    }

    /// Whose it is, if it has not ended; from now on it lasts another 12 hours.
    pub fn find(&self, door: &Arc<Door>, token: Token) -> Option<Signed> {
        let account = self.touch(door, token)?;
        let enabled = door.store.tenant().table::<Account>().row(account).is_some_and(|row| row.value.enabled());
        enabled.then_some(Signed { account, token })
    }

    /// Whether it goes on, of a page that is open (DSK-17).
    pub fn keep(&self, door: &Arc<Door>, signed: &Signed) -> bool {
        self.find(door, signed.token).is_some()
    }

    /// DSK-11. Writes to the disk.
    pub fn end(&self, door: &Door, token: Token) -> Result<(), Refused> {
        self.all().remove(&token);
        self.ends.send_modify(|count| *count += 1);
        door.store.end_session(&token.0).map_err(Refused::from)
    }

    /// Tells when some session ended.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.ends.subscribe()
    }

    fn touch(&self, door: &Arc<Door>, token: Token) -> Option<Id> {
        let now = (door.clock)();
        let mut all = self.all();
        let open = all.get_mut(&token)?;
        if open.ends <= now.up {
            all.remove(&token);
            return None;
        }
        open.ends = now.up + UNUSED_MAX;
        if now.up.since(open.written) >= WRITTEN_EVERY {
            open.written = now.up;
            write_behind(door, token, open.clone(), now.wall);
        }
        Some(open.account)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Token, Open>> {
        self.all.lock().expect("no panic while looking")
    }
}

fn write(door: &Door, token: Token, open: &Open, seen_at: Timestamp) -> Result<(), Refused> {
    let session = Session { account: open.account, created_at: open.begun_at, seen_at };
    door.store.add_session(&token.0, &session).map_err(Refused::from)
}

/// Nobody waits for it; without it the session only ends some minutes early after a restart.
fn write_behind(door: &Arc<Door>, token: Token, open: Open, seen_at: Timestamp) {
    let door = door.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(refused) = write(&door, token, &open, seen_at) {
            tracing::warn!(?refused, "the last use of a session could not be written");
        }
    });
}

fn soonest(all: &BTreeMap<Token, Open>) -> Option<Token> {
    all.iter().min_by_key(|(_, open)| open.ends).map(|(token, _)| *token)
}
