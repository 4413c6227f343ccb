//! Why calls went as they went, beside their records; forgotten after a month (BOX-119, BOX-120).

use super::{
    Store,
    facts::{packed, unpacked},
    fault::Fault,
    months::{self, STORIES, fault},
};
use crate::{history::story::Story, time::Timestamp};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use redb::{TableError, WriteTransaction};
use std::io::{self, Read, Write};

/// The largest that is read: of what is written none comes near.
const BYTES_MAX: u64 = 4 << 20;

impl Store {
    pub fn story(&self, call_id: &str) -> Result<Option<Story>, Fault> {
        for month in self.months.all() {
            let table = match months::read(&month)?.open_table(STORIES) {
                Ok(table) => table,
                Err(TableError::TableDoesNotExist(_)) => continue,
                Err(error) => return Err(fault(error)),
            };
            if let Some(bytes) = table.get(call_id).map_err(fault)? {
                let bytes = inflated(bytes.value()).map_err(|error| Fault::broken("the history", error))?;
                return unpacked(&bytes).map(Some);
            }
        }
        Ok(None)
    }

    /// Those of months that were over before this moment.
    pub fn forget_stories_before(&self, moment: Timestamp) -> Result<(), Fault> {
        for month in self.months.older(moment) {
            let transaction = months::begin(&*month.database()?)?;
            transaction.delete_table(STORIES).map_err(fault)?;
            transaction.commit().map_err(fault)?;
        }
        Ok(())
    }
}

pub(super) fn keep(transaction: &WriteTransaction, story: &Story) -> Result<(), Fault> {
    let bytes = deflated(&packed(story)?).map_err(|error| Fault::broken("the history", error))?;
    let mut table = transaction.open_table(STORIES).map_err(fault)?;
    table.insert(&*story.call_id, &*bytes).map(drop).map_err(fault)
}

/// SIP is mostly the same words again and again.
fn deflated(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut to = DeflateEncoder::new(Vec::new(), Compression::fast());
    to.write_all(bytes)?;
    to.finish()
}

fn inflated(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    DeflateDecoder::new(bytes).take(BYTES_MAX).read_to_end(&mut all)?;
    Ok(all)
}
