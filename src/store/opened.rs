//! A database file that is opened again after its disk failed, for redb then does nothing more with it.

use super::{
    disk::{self, Disk},
    fault::Fault,
};
use redb::Database;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub struct Opened {
    disk: Arc<dyn Disk>,
    name: String,
    cache_bytes: usize,
    database: Mutex<Option<Arc<Database>>>,
}

impl Opened {
    pub fn new(disk: Arc<dyn Disk>, name: &str, cache_bytes: usize) -> Opened {
        Opened { disk, name: name.into(), cache_bytes, database: Mutex::new(None) }
    }

    pub fn database(&self) -> Result<Arc<Database>, Fault> {
        let mut known = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = &*known {
            return Ok(database.clone());
        }
        let database = Arc::new(disk::open(&*self.disk, &self.name, self.cache_bytes)?);
        Ok(known.insert(database).clone())
    }

    /// What came of work on the file; after a fault the next one who needs it opens it anew.
    pub fn after<T>(&self, done: Result<T, Fault>) -> Result<T, Fault> {
        if done.is_err() {
            *self.database.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        done
    }

    /// Does `work` while nobody writes to the file or opens it.
    pub fn still<T>(&self, work: impl FnOnce() -> T) -> T {
        let known = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = known.clone() else { return work() };
        // Who writes may need the lock before it has finished.
        drop(known);
        // A database that begins nothing any more writes nothing either.
        let _still = database.begin_write();
        work()
    }
}
