//! Who got in and who is kept out: sessions and bans.

use super::{Store, config, fault::Fault, filled::Need};
use crate::{model::Person, schema::Id, time::Timestamp};
use redb::{ReadableTable, ReadableTableMetadata};
use serde::{Deserialize, Serialize};

/// BOX-139, BOX-146.
pub const SESSIONS_MAX: u64 = 1_000;
pub const BANS_MAX: u64 = 10_000;

/// Someone who signed in; stored under the hash of the cookie (BOX-153).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    #[serde(flatten)]
    pub person: Person,
    /// Who signed in as this person (ACC-8, DSK-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acted_by: Option<Person>,
    /// Marks the password with which it was begun: with another one it is over (DSK-79).
    #[serde(default)]
    pub password_mark: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
}

impl Store {
    /// Adds a session, or puts a newer one in its place; at the limit the one seen longest ago goes.
    pub fn add_session(&self, hash: &[u8; 32], session: &Session) -> Result<(), Fault> {
        self.change_with_room(Need::Calls, |transaction| {
            let mut table = transaction.open_table(config::SESSIONS).map_err(config::fault)?;
            let bytes = serde_json::to_vec(session).map_err(|error| Fault::broken(config::FILE, error))?;
            table.insert(hash, &*bytes).map_err(config::fault)?;
            if table.len().map_err(config::fault)? > SESSIONS_MAX {
                let oldest = sessions_of(&table)?.into_iter().min_by_key(|(_, session)| session.seen_at);
                oldest.map(|(hash, _)| table.remove(&hash).map(drop)).transpose().map_err(config::fault)?;
            }
            Ok(())
        })
    }

    pub fn sessions(&self) -> Result<Vec<([u8; 32], Session)>, Fault> {
        sessions_of(&config::read(&*self.config.database()?)?.open_table(config::SESSIONS).map_err(config::fault)?)
    }

    pub fn end_session(&self, hash: &[u8; 32]) -> Result<(), Fault> {
        self.end_sessions(|known, _| known == hash)
    }

    /// Ends every session of an account, when its password is unset at the box (BOX-169).
    pub fn end_sessions_of(&self, account: Id) -> Result<(), Fault> {
        self.end_sessions(|_, session| session.person == Person::Account(account))
    }

    /// Ends those nobody used since then.
    pub fn end_sessions_unseen_since(&self, moment: Timestamp) -> Result<(), Fault> {
        self.end_sessions(|_, session| session.seen_at < moment)
    }

    fn end_sessions(&self, ends: impl Fn(&[u8; 32], &Session) -> bool) -> Result<(), Fault> {
        let gone: Vec<_> = self.sessions()?.into_iter().filter(|(hash, session)| ends(hash, session)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.change(|transaction| {
            let mut table = transaction.open_table(config::SESSIONS).map_err(config::fault)?;
            gone.iter().try_for_each(|(hash, _)| table.remove(hash).map(drop).map_err(config::fault))
        })
    }

    /// Keeps bans over a restart (BOX-146): by address, bytes that mean something to who bans, none for one that is
    /// lifted. All in one write; the oldest go at the limit.
    pub fn keep_bans(&self, bans: &[(String, Option<Vec<u8>>)]) -> Result<(), Fault> {
        self.change_with_room(Need::Calls, |transaction| {
            let mut table = transaction.open_table(config::BANS).map_err(config::fault)?;
            let mut came = newest_ban(&table)?;
            for (address, bytes) in bans {
                came += 1;
                match bytes {
                    Some(bytes) => table.insert(&**address, (came, &**bytes)).map(drop),
                    None => table.remove(&**address).map(drop),
                }
                .map_err(config::fault)?;
            }
            drop_oldest_bans(&mut table)
        })
    }

    pub fn bans(&self) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let table = config::read(&*self.config.database()?)?.open_table(config::BANS).map_err(config::fault)?;
        let bans = table.iter().map_err(config::fault)?.map(|ban| {
            let (address, value) = ban.map_err(config::fault)?;
            Ok((address.value().to_owned(), value.value().1.to_vec()))
        });
        bans.collect()
    }

    pub(super) fn change_with_room(
        &self,
        need: Need,
        write: impl FnOnce(&redb::WriteTransaction) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.disk.room(need)?;
        self.change(write)
    }

    pub(super) fn change(&self, write: impl FnOnce(&redb::WriteTransaction) -> Result<(), Fault>) -> Result<(), Fault> {
        let database = self.config.database()?;
        self.config.after(config::begin(&database).and_then(|transaction| {
            write(&transaction)?;
            transaction.commit().map_err(config::fault)
        }))
    }
}

type Bans<'t> = redb::Table<'t, &'static str, (u64, &'static [u8])>;

fn newest_ban(table: &Bans) -> Result<u64, Fault> {
    let mut newest = 0;
    for ban in table.iter().map_err(config::fault)? {
        newest = newest.max(ban.map_err(config::fault)?.1.value().0);
    }
    Ok(newest)
}

fn drop_oldest_bans(table: &mut Bans) -> Result<(), Fault> {
    let over = table.len().map_err(config::fault)?.saturating_sub(BANS_MAX) as usize;
    if over == 0 {
        return Ok(());
    }
    let mut order = Vec::new();
    for ban in table.iter().map_err(config::fault)? {
        let (address, value) = ban.map_err(config::fault)?;
        order.push((value.value().0, address.value().to_owned()));
    }
    order.sort_unstable();
    order[..over].iter().try_for_each(|(_, address)| table.remove(&**address).map(drop).map_err(config::fault))
}

fn sessions_of(
    table: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
) -> Result<Vec<([u8; 32], Session)>, Fault> {
    let sessions = table.iter().map_err(config::fault)?.map(|entry| {
        let (hash, bytes) = entry.map_err(config::fault)?;
        let session = serde_json::from_slice(bytes.value()).map_err(|error| Fault::broken(config::FILE, error))?;
        Ok((*hash.value(), session))
    });
    sessions.collect()
}
