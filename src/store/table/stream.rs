//! Rows in an order, from one part of a noun or from several, as they are asked for.

use super::{block::Read, key, layout};
use crate::store::fault::Fault;
use redb::{AccessGuard, ReadOnlyTable};
use std::ops::Bound;

/// Where rows stand in an order: bytes that sort, the number of the row last.
pub type Tail = Vec<u8>;
pub type Stream = Box<dyn Iterator<Item = Result<Tail, Fault>>>;

pub type IndexTable = ReadOnlyTable<&'static [u8], ()>;
type Block<'a> = (AccessGuard<'a, (u64, u64)>, AccessGuard<'a, &'static [u8]>);
pub type BlockTable = ReadOnlyTable<(u64, u64), &'static [u8]>;

/// Which way, and behind which place.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    pub descending: bool,
    pub after: Option<&'a [u8]>,
}

/// What stands in the index behind these bytes.
pub fn of_index(index: &IndexTable, prefix: Vec<u8>, course: Course) -> Result<Stream, Fault> {
    let place = course.after.map(|after| [&prefix, after].concat());
    let end = key::after(&prefix);
    let (from, to) = match (&place, course.descending) {
        (Some(place), false) => (Bound::Excluded(&**place), Bound::Excluded(&*end)),
        (Some(place), true) => (Bound::Included(&*prefix), Bound::Excluded(&**place)),
        (None, _) => (Bound::Included(&*prefix), Bound::Excluded(&*end)),
    };
    let entries = index.range::<&[u8]>((from, to)).map_err(layout::fault)?;
    let cut = prefix.len();
    let tail = move |entry: Result<(AccessGuard<&'static [u8]>, _), _>| {
        entry.map(|(entry, _): (_, AccessGuard<()>)| entry.value()[cut..].to_vec()).map_err(layout::fault)
    };
    Ok(if course.descending { Box::new(entries.rev().map(tail)) } else { Box::new(entries.map(tail)) })
}

/// All rows of a part, by their numbers.
pub fn of_blocks(blocks: &BlockTable, within: u64, course: Course) -> Result<Stream, Fault> {
    let after = course.after.map(key::row_of);
    let first = match after {
        Some(after) if !course.descending => first_at(blocks, within, after)?,
        _ => 0,
    };
    let last = after.filter(|_| course.descending).unwrap_or(u64::MAX);
    let blocks = blocks.range((within, first)..=(within, last)).map_err(layout::fault)?;
    let descending = course.descending;
    let fits = move |id: &u64| match after {
        Some(after) if descending => *id < after,
        Some(after) => *id > after,
        None => true,
    };
    let rows = move |block: Result<Block, redb::StorageError>| {
        let mut ids = match block {
            Ok((place, bytes)) => ids(place.value().1, bytes.value()),
            Err(error) => return vec![Err(layout::fault(error))],
        };
        if descending {
            ids.reverse();
        }
        ids.into_iter().filter(fits).map(|id| Ok(id.to_be_bytes().to_vec())).collect()
    };
    Ok(if descending { Box::new(blocks.rev().flat_map(rows)) } else { Box::new(blocks.flat_map(rows)) })
}

/// The block in which a row lies begins at it or before it.
fn first_at(blocks: &BlockTable, within: u64, id: u64) -> Result<u64, Fault> {
    let place = blocks.range((within, 0)..=(within, id)).map_err(layout::fault)?.next_back();
    Ok(place.transpose().map_err(layout::fault)?.map_or(0, |(place, _)| place.value().1))
}

fn ids(first: u64, block: &[u8]) -> Vec<u64> {
    let block = Read::of(block);
    (0..block.rows()).map(|row| first + block.id(row)).collect()
}

/// Several streams of one order as one; what stands in several of them comes once.
pub fn merged(mut streams: Vec<Stream>, descending: bool) -> Stream {
    if streams.len() == 1 {
        return streams.remove(0);
    }
    let heads = streams.iter_mut().map(Iterator::next).collect();
    Box::new(Merged { streams, heads, descending })
}

struct Merged {
    streams: Vec<Stream>,
    heads: Vec<Option<Result<Tail, Fault>>>,
    descending: bool,
}

impl Iterator for Merged {
    type Item = Result<Tail, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(faulty) = self.heads.iter().position(|head| matches!(head, Some(Err(_)))) {
            return self.heads[faulty].take();
        }
        let tails = self.heads.iter().filter_map(|head| head.as_ref()?.as_ref().ok());
        let next = if self.descending { tails.max() } else { tails.min() }?.clone();
        for (head, stream) in self.heads.iter_mut().zip(&mut self.streams) {
            if matches!(head, Some(Ok(tail)) if *tail == next) {
                *head = stream.next();
            }
        }
        Some(Ok(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(tails: &[u8]) -> Stream {
        Box::new(tails.iter().map(|tail| Ok(vec![*tail])).collect::<Vec<_>>().into_iter())
    }

    #[test]
    fn streams_become_one_without_repeats() {
        let all = |streams: &[&[u8]], descending| -> Vec<u8> {
            let streams = streams.iter().map(|tails| stream(tails)).collect();
            merged(streams, descending).map(|tail| tail.unwrap()[0]).collect()
        };
        assert_eq!(all(&[&[9, 5, 1], &[7, 5], &[]], true), [9, 7, 5, 1]);
        assert_eq!(all(&[&[1, 5, 9], &[5, 7]], false), [1, 5, 7, 9]);
        assert_eq!(all(&[&[3, 2]], true), [3, 2]);
        assert_eq!(all(&[], true), [0_u8; 0]);
    }
}
