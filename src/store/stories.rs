//! Why calls went as they went, beside their records; forgotten after a month (BOX-119, BOX-120).

use super::{
    Store,
    facts::{packed, unpacked},
    fault::Fault,
    months::{self, STORIES, fault},
};
use crate::{history::story::Story, time::Timestamp};
use flate2::{Compress, CompressError, Compression, FlushCompress, Status, read::DeflateDecoder};
use redb::{Database, ReadTransaction, WriteTransaction};
use std::{
    cell::RefCell,
    io::{self, Read},
};

/// The largest that is read: of what is written none comes near.
const BYTES_MAX: u64 = 4 << 20;

impl Store {
    pub fn story(&self, call_id: &str) -> Result<Option<Story>, Fault> {
        for month in self.months.all() {
            let story = months::read(&month).and_then(|transaction| of(&transaction, call_id));
            if let Some(story) = month.after(story)? {
                return Ok(Some(story));
            }
        }
        Ok(None)
    }

    /// Those of months that were over before this moment.
    pub fn forget_stories_before(&self, moment: Timestamp) -> Result<(), Fault> {
        for month in self.months.older(moment) {
            let database = month.database()?;
            month.after(forget(&database))?;
        }
        Ok(())
    }
}

fn forget(month: &Database) -> Result<(), Fault> {
    // A month that has none is not written to, night after night.
    if months::there(&months::read(month)?, STORIES)?.is_none() {
        return Ok(());
    }
    let transaction = months::begin(month)?;
    transaction.delete_table(STORIES).map_err(fault)?;
    transaction.commit().map_err(fault)
}

pub(super) fn of(transaction: &ReadTransaction, call_id: &str) -> Result<Option<Story>, Fault> {
    let Some(table) = months::there(transaction, STORIES)? else { return Ok(None) };
    let Some(bytes) = table.get(call_id).map_err(fault)? else { return Ok(None) };
    let bytes = inflated(bytes.value()).map_err(|error| Fault::broken("the history", error))?;
    unpacked(&bytes).map(Some)
}

pub(super) fn keep(transaction: &WriteTransaction, story: &Story) -> Result<(), Fault> {
    let bytes = deflated(&packed(story)?).map_err(|error| Fault::broken("the history", error))?;
    let mut table = transaction.open_table(STORIES).map_err(fault)?;
    table.insert(&*story.call_id, &*bytes).map(drop).map_err(fault)
}

/// SIP is mostly the same words again and again. What compresses them is as large as a hundred stories, so it is made
/// once.
fn deflated(bytes: &[u8]) -> Result<Vec<u8>, CompressError> {
    thread_local!(static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false)));
    DEFLATE.with_borrow_mut(|deflate| {
        deflate.reset();
        let mut to = Vec::with_capacity(bytes.len() / 2);
        while deflate.compress_vec(&bytes[deflate.total_in() as usize..], &mut to, FlushCompress::Finish)?
            != Status::StreamEnd
        {
            to.reserve(bytes.len() / 4 + 64);
        }
        Ok(to)
    })
}

fn inflated(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    DeflateDecoder::new(bytes).take(BYTES_MAX).read_to_end(&mut all)?;
    Ok(all)
}
