//! The blocks of a noun in one write: those that change are held until the end.

use super::{
    block::{Block, Line, Read},
    digits, layout,
};
use crate::store::fault::Fault;
use redb::{ReadableTable, Table};
use std::{collections::BTreeMap, ops::Bound};

/// Blocks that are held before they are written, about 4 MB.
const HELD_MAX: usize = 256;

type Place = (u64, u64);

#[derive(Debug)]
pub struct Blocks<'t> {
    table: Table<'t, Place, &'static [u8]>,
    digits: Table<'t, Place, &'static [u8]>,
    held: BTreeMap<Place, Block>,
}

impl<'t> Blocks<'t> {
    pub fn new(table: Table<'t, Place, &'static [u8]>, digits: Table<'t, Place, &'static [u8]>) -> Blocks<'t> {
        Blocks { table, digits, held: BTreeMap::new() }
    }

    /// Puts a row into the block that holds the rows round it.
    pub fn put(&mut self, within: u64, id: u64, line: Line) -> Result<(), Fault> {
        let place = self.place(within, id)?.unwrap_or((within, id));
        let block = self.held(place)?;
        block.put(id, line);
        if let Some((first, end)) = block.divided() {
            self.held.insert((within, first), end);
        }
        if self.held.len() > HELD_MAX { self.write() } else { Ok(()) }
    }

    pub fn remove(&mut self, within: u64, id: u64) -> Result<(), Fault> {
        let Some(place) = self.place(within, id)? else { return Ok(()) };
        self.held(place)?.remove(id);
        Ok(())
    }

    /// The numbers of the next rows of a part after one.
    pub fn rows_after(&self, within: u64, after: u64, most: usize) -> Result<Vec<u64>, Fault> {
        let mut ids = Vec::new();
        let mut from = Bound::Included(self.place(within, after)?.unwrap_or((within, 0)));
        while ids.len() < most {
            let next = (from, Bound::Included((within, u64::MAX)));
            let held = self.held.range(next).next();
            let kept = self.table.range::<Place>(next).map_err(layout::fault)?.next();
            let kept = kept.transpose().map_err(layout::fault)?;
            let place = match (held, &kept) {
                (None, None) => break,
                (Some((held, _)), None) => *held,
                (None, Some((kept, _))) => kept.value(),
                (Some((held, _)), Some((kept, _))) => kept.value().min(*held),
            };
            match (held, &kept) {
                (Some((held, block)), _) if *held == place => ids.extend(block.ids().filter(|id| *id > after)),
                (_, Some((_, bytes))) => {
                    let block = Read::of(bytes.value());
                    let all = (0..block.rows()).map(|row| place.1 + block.id(row));
                    ids.extend(all.filter(|id| *id > after));
                }
                (_, None) => {}
            }
            from = Bound::Excluded(place);
        }
        ids.truncate(most);
        Ok(ids)
    }

    /// The block that holds a row, or would: the last one that begins at it or before it.
    fn place(&self, within: u64, id: u64) -> Result<Option<Place>, Fault> {
        let before = (within, 0)..=(within, id);
        let held = self.held.range(before.clone()).next_back().map(|(place, _)| *place);
        let kept = self.table.range(before).map_err(layout::fault)?.next_back().transpose().map_err(layout::fault)?;
        Ok(held.max(kept.map(|(place, _)| place.value())))
    }

    fn held(&mut self, place: Place) -> Result<&mut Block, Fault> {
        if !self.held.contains_key(&place) {
            let kept = self.table.get(place).map_err(layout::fault)?;
            let block = kept.map(|bytes| Block::read(place.1, bytes.value())).unwrap_or_default();
            self.held.insert(place, block);
        }
        Ok(self.held.get_mut(&place).expect("it was just put there"))
    }

    pub fn write(&mut self) -> Result<(), Fault> {
        for (place, block) in std::mem::take(&mut self.held) {
            if block.is_empty() {
                self.table.remove(place).map_err(layout::fault)?;
                self.digits.remove(place).map_err(layout::fault)?;
            } else {
                let bytes = block.written(place.1);
                self.table.insert(place, &*bytes).map_err(layout::fault)?;
                self.digits.insert(place, &*digits::of(Read::of(&bytes).all_texts())).map_err(layout::fault)?;
            }
        }
        Ok(())
    }
}
