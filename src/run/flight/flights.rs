//! Recordings handed out, so that nothing that is still to be drawn by chance follows from them.

use super::{disk::Keeper, ring};
use crate::{
    http::flight::{Flights as Asked, Flown},
    time::Timestamp,
};
use std::{
    fs::{File, Metadata},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};
use tracing::info;

pub struct Flights {
    folder: PathBuf,
    keeper: Keeper,
    /// Has the exchange draw from another seed from now on.
    reseed: Box<dyn Fn() + Send + Sync>,
}

impl Flights {
    pub fn new(folder: &Path, keeper: Keeper, reseed: impl Fn() + Send + Sync + 'static) -> Flights {
        Flights { folder: folder.into(), keeper, reseed: Box::new(reseed) }
    }

    fn lying(&self) -> Vec<ring::Lies> {
        ring::all(&self.folder).unwrap_or_default()
    }
}

impl Asked for Flights {
    fn all(&self) -> Vec<Flown> {
        self.keeper.settle();
        let one = |lies: ring::Lies| {
            let name = lies.path.file_name()?.to_str()?.to_owned();
            let until = lies.path.metadata().ok().and_then(written).unwrap_or(lies.began);
            Some(Flown { name, began: lies.began, until, bytes: lies.bytes })
        };
        self.lying().into_iter().filter_map(one).collect()
    }

    fn open(&self, name: &str) -> Option<(File, u64)> {
        let lies = self.lying().into_iter().find(|lies| lies.path.file_name().is_some_and(|known| known == name))?;
        self.keeper.settle();
        let file = File::open(lies.path).ok()?;
        let length = file.metadata().ok()?.len();
        // The new seed is written behind what is handed out.
        (self.reseed)();
        info!(name, "a flight recording was handed out");
        Some((file, length))
    }
}

fn written(facts: Metadata) -> Option<Timestamp> {
    let since = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp(since.as_millis() as i64))
}
