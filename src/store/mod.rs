//! redb: the one write door, reads, migration.
//!
//! What is wanted lies in `config.redb`, what happened in `history-<month>.redb`. A write is validated, sealed,
//! journalled and committed in one transaction; then it is in the snapshot that everybody reads.

mod access;
mod anew;
mod answers;
mod asked;
mod audit;
mod columns;
mod config;
mod dids;
mod disk;
mod disk_use;
mod draft;
mod each;
mod emergencies;
mod example;
mod facts;
mod fault;
mod files;
mod filled;
mod find;
mod jobs;
pub mod journal;
mod locations;
mod log;
mod migrate;
mod minutes;
mod months;
mod night;
mod opened;
mod order;
mod owner;
mod past;
mod recordings;
mod records;
mod repair;
mod rows;
mod seal;
mod secrets;
mod several;
mod shown;
mod stories;
pub mod table;
mod tabled;
mod talks;
#[cfg(test)]
mod tests;
mod trunks;
mod untouched;
mod used;
mod verify;
mod work;
mod written;

pub use access::Session;
pub use answers::{ANSWERED_FOR, ANSWERS_MAX, Answered};
pub use audit::{AuditQuery, Audited};
pub use each::{Each, EachWritten, Step};
pub use example::{Example, ExampleAgent, ExampleOwner};
pub use fault::Fault;
pub use files::NewFile;
pub use filled::{FILES_PERCENT_MAX, Filled, SAVES_PERCENT_MAX};
pub use find::Target;
pub use jobs::JobQuery;
pub use locations::NotTaken;
pub use log::{LogQuery, Logged, Word as LogWord};
pub use owner::OwnerForm;
pub use past::Which;
pub use recordings::Gone;
pub use records::{Filter, RECORD_FILTERS, RecordQuery};
pub use rows::{BELOW, Named, RowQuery};
pub use several::{Keep, Tried};
pub use written::{NotWritten, Write, Written};

use crate::{
    history::did_use::DidUse,
    model::{self, RESOURCES},
    schema::{Actor, Held, Id, Refusals, Resource, Tenant, Why},
    time::Timestamp,
};
use disk::{Directory, Disk};
use draft::Draft;
use filled::Need;
use months::Months;
use opened::Opened;
use redb::Database;
use seal::Seal;
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};
use table::Tables;

/// Lines a page of a list or of records has at most (API-22).
pub const PAGE_MAX: usize = 500;

/// The open data directory of a box.
pub struct Store {
    disk: Arc<dyn Disk>,
    config: Opened,
    seal: Seal,
    tenant: RwLock<Arc<Tenant>>,
    /// One write at a time, from the check to the snapshot.
    door: Mutex<Door>,
    months: Months,
    tables: Tables,
    audit: Opened,
    /// How DIDs are used, as the months know it.
    dids: RwLock<BTreeMap<String, DidUse>>,
    /// Files kept since the start that no row was seen to name.
    waiting: Mutex<BTreeMap<String, Timestamp>>,
    /// Where files lie that are no databases.
    directory: PathBuf,
}

#[derive(Default)]
struct Door {
    watches: Vec<Watch>,
    /// The disk failed under a write, and nobody knows whether it is kept.
    doubtful: bool,
}

/// Told of each new snapshot, in the order of the writes.
pub type Watch = Box<dyn Fn(Arc<Tenant>) + Send>;

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next part begins, if there is one.
    pub next: Option<String>,
    /// How many meet the query, on all pages.
    pub total: u64,
}

impl<T> Page<T> {
    /// The same part with other items; what is not there any more is left out.
    fn map<U>(self, item: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page { items: self.items.into_iter().filter_map(item).collect(), next: self.next, total: self.total }
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Page { items: Vec::new(), next: None, total: 0 }
    }
}

impl Store {
    /// Refused while the disk has no room for imports, exports and uploads (BOX-64).
    pub fn room(&self) -> Result<(), Fault> {
        self.disk.room(Need::Files)
    }

    /// Opens the directory, new if it is empty; brings files of an earlier version up, keeping a copy.
    pub fn open(path: &Path) -> Result<Store, Fault> {
        let directory = Directory::lock(path)?;
        let new = !path.join(config::FILE).exists();
        let key = path.join("key");
        let seal = Seal::open(&key, new)?;
        migrate::bring_up(path, &RESOURCES, migrate::STEPS)?;
        let store = Store::on(Arc::new(directory), seal).map_err(|fault| match fault {
            Fault::KeyWrong { .. } => Fault::KeyWrong { path: key },
            other => other,
        })?;
        let store = Store { directory: path.into(), ..store };
        store.clear_half_files()?;
        Ok(store)
    }

    fn on(disk: Arc<dyn Disk>, seal: Seal) -> Result<Store, Fault> {
        let config = Opened::new(disk.clone(), config::FILE, disk::CONFIG_CACHE_BYTES);
        let database = config.database()?;
        if !config::prepare(&database, &seal, migrate::LAYOUT)? {
            return Err(Fault::KeyWrong { path: config::FILE.into() });
        }
        let tenant = fault::caught(config::FILE, || config::load(&database, &seal, &RESOURCES))?;
        let months = Months::open(disk.clone())?;
        let tables = Tables::open(disk.clone(), &RESOURCES)?;
        let barred = tables.barred(&tenant)?;
        let tenant = tenant.with_barred(barred);
        let audit = audit::open(disk.clone())?;
        let dids = RwLock::new(dids::all(&months)?);
        let tenant = RwLock::new(Arc::new(tenant));
        let (waiting, directory) = (Mutex::default(), PathBuf::new());
        Ok(Store {
            disk,
            config,
            seal,
            tenant,
            door: Mutex::default(),
            months,
            tables,
            audit,
            dids,
            waiting,
            directory,
        })
    }

    /// Gives an office the rows that every office has from the beginning, where it has none.
    pub fn provide(&self, at: Timestamp) -> Result<(), Fault> {
        let door = self.locked();
        let database = self.config.database()?;
        if self.config.after(config::give_first(&database, &RESOURCES, &self.tenant(), at))? {
            self.show(&door, self.loaded(&database)?);
        }
        drop(door);
        // What happens first need not say when.
        if self.months.newest()?.is_none() { self.months.at(at).map(drop) } else { Ok(()) }
    }

    /// The snapshot as it lies on the disk.
    fn loaded(&self, database: &Database) -> Result<Tenant, Fault> {
        Ok(config::load(database, &self.seal, &RESOURCES)?.with_barred(self.tenant().barred.clone()))
    }

    /// Brings into the snapshot which numbers are barred with rows of tables since it was made.
    fn bar(&self) {
        let changes = self.tables.take_barred();
        if changes.is_empty() {
            return;
        }
        let door = self.locked();
        let mut tenant = (*self.tenant()).clone();
        changes.iter().for_each(|change| tenant.barred.change(change));
        self.show(&door, tenant);
    }

    /// Where the files of background jobs lie.
    pub fn jobs_directory(&self) -> PathBuf {
        self.directory.join("jobs")
    }

    /// What is wanted now.
    pub fn tenant(&self) -> Arc<Tenant> {
        self.tenant.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on each write gives its snapshot to `watch` before it is answered.
    pub fn watch(&self, watch: Watch) {
        self.locked().watches.push(watch);
    }

    /// The one door through which configuration changes.
    pub fn write(&self, by: &Actor, at: Timestamp, noun: &str, write: Write) -> Result<Written, NotWritten> {
        if let Some(table) = model::resource(noun).filter(|resource| resource.held == Held::Table) {
            return self.write_table(by, at, table, write);
        }
        let mut written = self.write_all(by, at, vec![(noun, write)])?;
        Ok(written.remove(0))
    }

    /// Several writes, of which all are kept or none.
    pub fn write_all(&self, by: &Actor, at: Timestamp, writes: Vec<(&str, Write)>) -> Result<Vec<Written>, NotWritten> {
        self.write_if(by, at, writes, |_, _, _| Ok(()))
    }

    /// The same, if each is allowed by the snapshot at the moment of writing.
    fn write_if(
        &self,
        by: &Actor,
        at: Timestamp,
        writes: Vec<(&str, Write)>,
        allowed: impl Fn(&mut Draft, &'static Resource, &Write) -> Result<(), Refusals>,
    ) -> Result<Vec<Written>, NotWritten> {
        let mut prepared = Vec::with_capacity(writes.len());
        for (noun, write) in writes {
            let resource = model::resource(noun).ok_or_else(|| Refusals::whole(Why::NotFound))?;
            let hashes = secrets::hashes(resource, &write)?;
            prepared.push((resource, write, hashes));
        }
        self.through(by, at, |draft| {
            let mut written = Vec::with_capacity(prepared.len());
            for (resource, write, hashes) in prepared {
                allowed(draft, resource, &write)?;
                written.push(draft.take(resource, write, hashes, || self.next_number(resource))?);
            }
            Ok(written)
        })
    }

    /// Unsets a field that is optional, also a secret, which a typed-in value cannot.
    fn unset(&self, at: Timestamp, noun: &str, id: Id, field: &str) -> Result<Written, NotWritten> {
        let resource = model::resource(noun).ok_or_else(|| Refusals::whole(Why::NotFound))?;
        self.through(&Actor::System, at, |draft| draft.unset(resource, id, field))
    }

    /// Takes what `draft` says to the disk, then to the snapshot; one at a time.
    fn through<T>(
        &self,
        by: &Actor,
        at: Timestamp,
        write: impl FnOnce(&mut Draft) -> Result<T, NotWritten>,
    ) -> Result<T, NotWritten> {
        self.through_if(by, at, |draft| Ok((write(draft)?, true)))
    }

    /// The same; with `false` nothing is kept.
    fn through_if<T>(
        &self,
        by: &Actor,
        at: Timestamp,
        write: impl FnOnce(&mut Draft) -> Result<(T, bool), NotWritten>,
    ) -> Result<T, NotWritten> {
        let mut door = self.locked();
        self.disk.room(Need::Saves)?;
        if door.doubtful {
            let database = self.config.database()?;
            self.show(&door, self.config.after(self.loaded(&database))?);
            door.doubtful = false;
        }
        let told = |hash: &str| self.told_of_file(hash);
        let mut draft = Draft::new((*self.tenant()).clone(), &RESOURCES, &self.seal, by, at);
        draft.told = &told;
        let (written, kept) = write(&mut draft)?;
        if !kept {
            return Ok(written);
        }
        let unnamed = draft.unnamed_files();
        self.tables.allow(&self.tenant(), &draft.tenant)?;
        let database = self.config.database()?;
        let kept = self.config.after(config::begin(&database).and_then(|transaction| {
            let tenant = draft.keep(&transaction)?;
            transaction.commit().map_err(config::fault)?;
            Ok(tenant)
        }));
        door.doubtful = kept.is_err();
        self.show(&door, kept?);
        self.let_go_of_files(unnamed);
        Ok(written)
    }

    fn show(&self, door: &Door, tenant: Tenant) {
        let tenant = Arc::new(tenant);
        *self.tenant.write().unwrap_or_else(PoisonError::into_inner) = tenant.clone();
        for watch in &door.watches {
            watch(tenant.clone());
        }
    }

    fn next_number(&self, resource: &Resource) -> Result<u64, Fault> {
        let meta = config::read(&*self.config.database()?)?.open_table(config::META).map_err(config::fault)?;
        let next = meta.get(&*draft::next_number(resource.name)).map_err(config::fault)?;
        Ok(next.map_or(1, |number| number.value()))
    }

    /// What each write changed, newest first, from before `revision` if one is given.
    pub fn journal(&self, before: Option<u64>, limit: usize) -> Result<Vec<journal::Entry>, Fault> {
        journal::entries(&*self.config.database()?, before, limit.min(PAGE_MAX))
    }

    fn locked(&self) -> MutexGuard<'_, Door> {
        // A panic at the door left nothing half done: the transaction was dropped, the snapshot not replaced.
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Store").field("disk", &self.disk).finish_non_exhaustive()
    }
}
