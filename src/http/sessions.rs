//! The sessions of the box: kept by the hash of their token, in memory and in the store, until 12 hours unused.

use super::{Door, refused::Refused, session::Signed};
use crate::{
    model::Person,
    schema::{Access, Tenant},
    store::{Fault, Session},
    time::{Timestamp, Uptime},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
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

    /// As the audit log names it: enough to tell sessions apart, and not to use one (AUD-17).
    pub fn short(&self) -> String {
        short(&self.0)
    }

    pub fn read(cookie: &str) -> Option<Token> {
        let bits: [u8; 32] = URL_SAFE_NO_PAD.decode(cookie).ok()?.try_into().ok()?;
        Some(Token(Sha256::digest(bits).into()))
    }
}

/// The first eight hex digits of a hash.
pub(super) fn short(hash: &[u8]) -> String {
    hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    pub person: Person,
    /// Who signed in as that person, and may go back (ACC-8, DSK-26).
    pub acted_by: Option<Person>,
}

impl Who {
    pub fn new(person: Person) -> Who {
        Who { person, acted_by: None }
    }

    /// Whose password opened it.
    pub fn proven(&self) -> Person {
        self.acted_by.unwrap_or(self.person)
    }

    /// Both are there and may sign in, the one as the other (ACC-13 reading, ROL-17).
    fn holds(&self, tenant: &Tenant) -> bool {
        let may_act = self.acted_by.is_none_or(|by| by.may_sign_in_as(tenant, self.person));
        may_act && [self.person, self.proven()].iter().all(|person| person.is_enabled(tenant))
    }

    /// The rights of the person; a leader as another agent has none that the leader lacks (DSK-27).
    pub fn access(&self, tenant: &Tenant) -> Option<Access> {
        let mut access = self.person.access(tenant)?;
        if let Some(leader @ Person::Agent(_)) = self.acted_by {
            access.grants.permissions = access.grants.permissions.and(&leader.access(tenant)?.grants.permissions);
        }
        Some(access)
    }
}

fn mark(tenant: &Tenant, person: Person) -> String {
    person.password(tenant).map_or("", |password| password.mark()).to_string()
}

#[derive(Clone, Debug)]
struct Open {
    who: Who,
    /// Of the password that opened it: with another one it is over (DSK-79). None while its own person sets one.
    password_mark: Option<String>,
    begun_at: Timestamp,
    ends: Uptime,
    written: Uptime,
}

pub struct Sessions {
    all: Arc<Mutex<BTreeMap<Token, Open>>>,
    /// Counts what may end a session or change its rights: ends, and new snapshots. Open pages then look again.
    turns: Arc<watch::Sender<u64>>,
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
            let (who, begun_at) = (Who { person: kept.person, acted_by: kept.acted_by }, kept.created_at);
            let password_mark = Some(kept.password_mark);
            all.insert(Token(token), Open { who, password_mark, begun_at, ends, written: now.up });
        }
        let turns = Arc::new(watch::Sender::new(0));
        door.store.watch(Box::new({
            let turns = turns.clone();
            move |_| turns.send_modify(|count| *count += 1)
        }));
        Ok(Sessions { all: Arc::new(Mutex::new(all)), turns })
    }

    /// Gives the session and what stands in its cookie. Writes to the disk.
    pub fn begin(&self, door: &Door, who: Who) -> Result<(Signed, String), Refused> {
        let now = (door.clock)();
        let (token, cookie) = Token::new()?;
        let password_mark = Some(mark(&door.store.tenant(), who.proven()));
        let open = Open { who, password_mark, begun_at: now.wall, ends: now.up + UNUSED_MAX, written: now.up };
        keep(door, token, &open, now.wall)?;
        let mut all = self.all();
        if all.len() >= SESSIONS_MAX {
            soonest(&all).map(|token| all.remove(&token));
        }
        all.insert(token, open);
        Ok((Signed { who, token }, cookie))
    }

    /// Whose it is, if it has not ended; from now on it lasts another 12 hours.
    pub fn find(&self, door: &Arc<Door>, token: Token) -> Option<Signed> {
        let now = (door.clock)();
        let tenant = door.store.tenant();
        let mut all = self.all();
        let open = all.get_mut(&token)?;
        let same_password = open.password_mark.as_ref().is_none_or(|known| *known == mark(&tenant, open.who.proven()));
        if open.ends <= now.up || !same_password || !open.who.holds(&tenant) {
            all.remove(&token);
            drop(all);
            end_behind(door, token);
            return None;
        }
        open.ends = now.up + UNUSED_MAX;
        if now.up.since(open.written) >= WRITTEN_EVERY {
            open.written = now.up;
            self.write_behind(door, token, open.clone(), now.wall);
        }
        Some(Signed { who: open.who, token })
    }

    /// Goes on while its person sets another password in `write`; all others of that person end (DSK-79). Writes to
    /// the disk.
    pub fn through_new_password<T>(
        &self,
        door: &Door,
        signed: &Signed,
        write: impl FnOnce() -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.set_mark(signed, None);
        // Without a mark it would outlive every password: it has one again also where the write fell over.
        let written = catch_unwind(AssertUnwindSafe(write));
        let open = self.set_mark(signed, Some(mark(&door.store.tenant(), signed.who.proven())));
        open.map_or(Ok(()), |open| renew(&self.all, door, signed.token, &open, (door.clock)().wall))?;
        written.unwrap_or_else(|fault| resume_unwind(fault))
    }

    fn set_mark(&self, signed: &Signed, mark: Option<String>) -> Option<Open> {
        let mut all = self.all();
        let open = all.get_mut(&signed.token)?;
        open.password_mark = mark;
        Some(open.clone())
    }

    /// Whether it goes on, of a page that is open (DSK-17).
    pub fn keep(&self, door: &Arc<Door>, signed: &Signed) -> bool {
        self.find(door, signed.token).is_some()
    }

    /// DSK-11. Writes to the disk.
    pub fn end(&self, door: &Door, token: Token) -> Result<(), Refused> {
        self.all().remove(&token);
        self.turns.send_modify(|count| *count += 1);
        door.store.end_session(&token.0).map_err(Refused::from)
    }

    /// Tells when a page should look whether its session goes on, and with which rights.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.turns.subscribe()
    }

    /// Nobody waits for it; without it the session only ends some minutes early after a restart.
    fn write_behind(&self, door: &Arc<Door>, token: Token, open: Open, seen_at: Timestamp) {
        let (all, door) = (self.all.clone(), door.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(refused) = renew(&all, &door, token, &open, seen_at) {
                tracing::warn!(?refused, "the last use of a session could not be written");
            }
        });
    }

    fn all(&self) -> All<'_> {
        locked(&self.all)
    }
}

type All<'a> = MutexGuard<'a, BTreeMap<Token, Open>>;

fn locked(all: &Mutex<BTreeMap<Token, Open>>) -> All<'_> {
    all.lock().expect("no panic while looking")
}

/// Keeps one that is open. If it ended meanwhile it is over on the disk too, and no restart brings it back.
fn renew(
    all: &Mutex<BTreeMap<Token, Open>>,
    door: &Door,
    token: Token,
    open: &Open,
    seen_at: Timestamp,
) -> Result<(), Refused> {
    keep(door, token, open, seen_at)?;
    let ended = !locked(all).contains_key(&token);
    if ended { door.store.end_session(&token.0).map_err(Refused::from) } else { Ok(()) }
}

fn keep(door: &Door, token: Token, open: &Open, seen_at: Timestamp) -> Result<(), Refused> {
    let (Who { person, acted_by }, password_mark) = (open.who, open.password_mark.clone().unwrap_or_default());
    let session = Session { person, acted_by, password_mark, created_at: open.begun_at, seen_at };
    door.store.add_session(&token.0, &session).map_err(Refused::from)
}

/// One that is over is forgotten on the disk too; if that fails it is over all the same.
fn end_behind(door: &Arc<Door>, token: Token) {
    let door = door.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(fault) = door.store.end_session(&token.0) {
            tracing::warn!(%fault, "a session that is over could not be forgotten");
        }
    });
}

fn soonest(all: &BTreeMap<Token, Open>) -> Option<Token> {
    all.iter().min_by_key(|(_, open)| open.ends).map(|(token, _)| *token)
}
