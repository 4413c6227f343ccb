//! Answers that programs may ask for again under a word of their own, kept over a restart and sealed: some of them tell
//! a secret that the box made.

use super::{Fault, Need, Store, config};
use crate::time::Timestamp;
use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an answer is remembered.
pub const ANSWERED_FOR: Duration = Duration::from_secs(24 * 3600);
/// Of more, or of larger ones, the oldest go first.
pub const ANSWERS_MAX: u64 = 10_000;
const BYTES_MAX: u64 = 32 * 1024 * 1024;

/// The SHA-256 of a word.
pub type Word = [u8; 32];

/// What was asked, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The SHA-256 of the request.
    pub request: [u8; 32],
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Store {
    /// What was answered under this word in the last 24 hours.
    pub fn answered(&self, word: &Word, now: Timestamp) -> Result<Option<Answered>, Fault> {
        let table = config::read(&*self.config.database()?)?.open_table(config::ANSWERS).map_err(config::fault)?;
        let Some(kept) = table.get(word).map_err(config::fault)? else { return Ok(None) };
        let (at, sealed) = kept.value();
        if now.since(Timestamp(at)) >= ANSWERED_FOR {
            return Ok(None);
        }
        let text = self.seal.open_text(&place(word), sealed);
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    pub fn keep_answer(&self, word: &Word, now: Timestamp, answered: &Answered) -> Result<(), Fault> {
        let text = serde_json::to_string(answered).map_err(|error| Fault::broken(config::FILE, error))?;
        let sealed = self.seal.close(&place(word), &text)?;
        self.change_with_room(Need::Calls, |transaction| {
            forget(transaction, now, sealed.len() as u64)?;
            let mut answers = transaction.open_table(config::ANSWERS).map_err(config::fault)?;
            let mut order = transaction.open_table(config::ANSWERS_BY_AGE).map_err(config::fault)?;
            let former = answers.insert(word, (now.0, &*sealed)).map_err(config::fault)?.map(|kept| kept.value().0);
            if let Some(at) = former {
                order.remove((at, word)).map_err(config::fault)?;
            }
            order.insert((now.0, word), sealed.len() as u64).map(drop).map_err(config::fault)
        })
    }
}

/// Makes room for one more: what is too old goes, then the oldest until there is enough.
fn forget(transaction: &WriteTransaction, now: Timestamp, more: u64) -> Result<(), Fault> {
    let mut answers = transaction.open_table(config::ANSWERS).map_err(config::fault)?;
    let mut order = transaction.open_table(config::ANSWERS_BY_AGE).map_err(config::fault)?;
    let (mut count, mut bytes) = (order.len().map_err(config::fault)? + 1, more);
    for entry in order.iter().map_err(config::fault)? {
        bytes += entry.map_err(config::fault)?.1.value();
    }
    let mut gone = Vec::new();
    for entry in order.iter().map_err(config::fault)? {
        let (key, length) = entry.map_err(config::fault)?;
        let (at, word) = key.value();
        if count <= ANSWERS_MAX && bytes <= BYTES_MAX && now.since(Timestamp(at)) < ANSWERED_FOR {
            break;
        }
        (count, bytes) = (count - 1, bytes - length.value());
        gone.push((at, *word));
    }
    for (at, word) in &gone {
        order.remove((*at, word)).map_err(config::fault)?;
        answers.remove(word).map_err(config::fault)?;
    }
    Ok(())
}

fn place(word: &Word) -> String {
    let hex: String = word.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("answer/{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answered {
        Answered { request: [1; 32], status: 201, headers: vec![("etag".into(), "\"1\"".into())], body: body.into() }
    }

    fn word(n: u32) -> Word {
        let mut word = [0; 32];
        word[..4].copy_from_slice(&n.to_be_bytes());
        word
    }

    /// An answer is found again for 24 hours, also after a restart, and lies on the disk as nobody can read it.
    #[test]
    fn an_answer_is_remembered_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let (store, start) = (Store::open(folder.path()).unwrap(), Timestamp(1_795_000_000_000));
        let told = answer("a secret that was made");
        store.keep_answer(&word(1), start, &told).unwrap();
        drop(store);
        let bytes = std::fs::read(folder.path().join(config::FILE)).unwrap();
        assert!(!bytes.windows(14).any(|piece| piece == b"a secret that "));
        let store = Store::open(folder.path()).unwrap();
        let day = ANSWERED_FOR - Duration::from_millis(1);
        assert_eq!(store.answered(&word(1), start + day).unwrap(), Some(told.clone()));
        assert_eq!(store.answered(&word(2), start).unwrap(), None);
        assert_eq!(store.answered(&word(1), start + ANSWERED_FOR).unwrap(), None);
        store.keep_answer(&word(1), start + ANSWERED_FOR, &answer("anew")).unwrap();
        assert_eq!(store.answered(&word(1), start + ANSWERED_FOR).unwrap(), Some(answer("anew")));
    }

    /// However many and however large, they take no more room: the oldest go.
    #[test]
    fn answers_take_only_so_much_room() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let large = answer(&"x".repeat(900 * 1024));
        for n in 0..40 {
            store.keep_answer(&word(n), Timestamp(i64::from(n)), &large).unwrap();
        }
        let kept = |n| store.answered(&word(n), Timestamp(40)).unwrap().is_some();
        assert!(!kept(0) && !kept(8) && kept(39) && kept(20));
    }
}
