//! Many rows as one piece of bytes: what of them is searched, and by which values they are filtered.
//!
//! All texts lie together and are searched as one; behind them lie the filter values. A value begins with a byte that
//! no UTF-8 text has, and with its slot in bytes that no text begins with, so nothing is found across its ends.

use memchr::{memmem::Finder, memrchr};
use std::collections::{BTreeMap, BTreeSet};

/// A larger block is divided; just below a whole number of pages, with what the tree adds.
pub const BYTES_MAX: usize = 16_000;

const TEXT: u8 = 0xfe;
const TERM: u8 = 0xfd;
const SLOT_BYTES: usize = 3;
/// Number of a row after the first one of the block, where its texts end, where its filter values end.
const HEAD_BYTES: usize = 12;

/// What a block keeps of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    texts: Vec<u8>,
    terms: Vec<u8>,
}

impl Line {
    /// Text that is searched, folded.
    pub fn text(&mut self, slot: u16, folded: &str) {
        if !folded.is_empty() {
            begin(&mut self.texts, TEXT, slot);
            self.texts.extend_from_slice(folded.as_bytes());
        }
    }

    /// A value by which lists are narrowed.
    pub fn term(&mut self, slot: u16, value: &str) {
        begin(&mut self.terms, TERM, slot);
        self.terms.extend_from_slice(value.as_bytes());
    }

    fn bytes(&self) -> usize {
        HEAD_BYTES + self.texts.len() + self.terms.len()
    }
}

fn begin(bytes: &mut Vec<u8>, mark: u8, slot: u16) {
    bytes.push(mark);
    bytes.extend_from_slice(&slot_bytes(slot));
}

fn slot_bytes(slot: u16) -> [u8; SLOT_BYTES] {
    [12, 6, 0].map(|shift| 0x80 | (slot >> shift & 0x3f) as u8)
}

/// Rows of one block, for writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    rows: BTreeMap<u64, Line>,
    bytes: usize,
}

impl Block {
    pub fn read(first: u64, bytes: &[u8]) -> Block {
        let (mut block, read) = (Block::default(), Read::of(bytes));
        for place in 0..read.rows() {
            let line = Line { texts: read.texts(place).to_vec(), terms: read.terms(place).to_vec() };
            block.put(first + read.id(place), line);
        }
        block
    }

    /// What `read` takes; `first` is at most the number of the first row.
    pub fn written(&self, first: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes + 4);
        bytes.extend_from_slice(&(self.rows.len() as u32).to_le_bytes());
        let (mut texts, mut terms) = (0_u32, 0_u32);
        for (id, line) in &self.rows {
            texts += line.texts.len() as u32;
            terms += line.terms.len() as u32;
            for figure in [(id - first) as u32, texts, terms] {
                bytes.extend_from_slice(&figure.to_le_bytes());
            }
        }
        self.rows.values().for_each(|line| bytes.extend_from_slice(&line.texts));
        self.rows.values().for_each(|line| bytes.extend_from_slice(&line.terms));
        bytes
    }

    pub fn put(&mut self, id: u64, line: Line) {
        self.bytes += line.bytes();
        if let Some(before) = self.rows.insert(id, line) {
            self.bytes -= before.bytes();
        }
    }

    pub fn remove(&mut self, id: u64) {
        if let Some(before) = self.rows.remove(&id) {
            self.bytes -= before.bytes();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn ids(&self) -> impl Iterator<Item = u64> {
        self.rows.keys().copied()
    }

    /// If it has grown too large: its end, and the number with which that begins. Rows that come at the end leave
    /// what lies before them full.
    pub fn divided(&mut self) -> Option<(u64, Block)> {
        if self.bytes <= BYTES_MAX || self.rows.len() < 2 {
            return None;
        }
        let (last, line) = self.rows.last_key_value()?;
        let at =
            if self.bytes - line.bytes() <= BYTES_MAX { *last } else { *self.rows.keys().nth(self.rows.len() / 2)? };
        let end = Block::of(self.rows.split_off(&at));
        self.bytes -= end.bytes;
        Some((at, end))
    }

    fn of(rows: BTreeMap<u64, Line>) -> Block {
        let bytes = rows.values().map(Line::bytes).sum();
        Block { rows, bytes }
    }
}

/// A block as it lies on the disk.
#[derive(Clone, Copy, Debug)]
pub struct Read<'b> {
    rows: usize,
    heads: &'b [u8],
    texts: &'b [u8],
    terms: &'b [u8],
}

impl<'b> Read<'b> {
    /// Bytes that are no block are one without rows.
    pub fn of(bytes: &'b [u8]) -> Read<'b> {
        let none = Read { rows: 0, heads: &[], texts: &[], terms: &[] };
        let Some((count, rest)) = bytes.split_first_chunk::<4>() else { return none };
        let rows = u32::from_le_bytes(*count) as usize;
        let Some((heads, body)) = rows.checked_mul(HEAD_BYTES).and_then(|end| rest.split_at_checked(end)) else {
            return none;
        };
        let all = Read { rows, heads, texts: body, terms: &[] };
        let Some((texts, terms)) = rows.checked_sub(1).and_then(|last| body.split_at_checked(all.figure(last, 1)))
        else {
            return none;
        };
        Read { texts, terms, ..all }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The row's number, counted from that of the block.
    pub fn id(&self, row: usize) -> u64 {
        self.figure(row, 0) as u64
    }

    /// Those of all rows, one behind the other.
    pub fn all_texts(&self) -> &'b [u8] {
        self.texts
    }

    fn texts(&self, row: usize) -> &'b [u8] {
        self.part(self.texts, row, 1)
    }

    fn terms(&self, row: usize) -> &'b [u8] {
        self.part(self.terms, row, 2)
    }

    fn part(&self, of: &'b [u8], row: usize, figure: usize) -> &'b [u8] {
        let start = row.checked_sub(1).map_or(0, |before| self.figure(before, figure));
        of.get(start..self.figure(row, figure)).unwrap_or_default()
    }

    fn figure(&self, row: usize, which: usize) -> usize {
        let at = row * HEAD_BYTES + which * 4;
        self.heads
            .get(at..)
            .and_then(|bytes| bytes.first_chunk())
            .map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
    }

    /// The row in whose texts this byte lies.
    fn row_at(&self, byte: usize) -> usize {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = (low + high) / 2;
            if self.figure(middle, 1) > byte { high = middle } else { low = middle + 1 }
        }
        low
    }
}

/// What a row must have to be found.
#[derive(Debug, Default)]
pub struct Test {
    /// Any of these stands in its texts; without any, the texts are not looked at.
    needles: Vec<Finder<'static>>,
    /// Texts that the asker may not see are not searched (FLD-32 reading).
    hidden: BTreeSet<u16>,
    /// Each of these filters has one of these values.
    terms: Vec<(u16, BTreeSet<Box<[u8]>>)>,
}

impl Test {
    /// Looks for text that is folded and not empty.
    pub fn contains(&mut self, folded: &str) {
        self.needles.push(Finder::new(folded.as_bytes()).into_owned());
    }

    pub fn hide(&mut self, slot: u16) {
        self.hidden.insert(slot);
    }

    pub fn one_of<'v>(&mut self, slot: u16, values: impl Iterator<Item = &'v str>) {
        self.terms.push((slot, values.map(|value| value.as_bytes().into()).collect()));
    }

    /// Gives the place of each row that passes, in order.
    pub fn run(&self, block: Read, mut found: impl FnMut(usize)) {
        if self.needles.is_empty() {
            return (0..block.rows).filter(|row| self.fits(block, *row)).for_each(found);
        }
        let mut rows: Vec<usize> = Vec::new();
        self.needles.iter().for_each(|needle| self.search(needle, block, |row| rows.push(row)));
        if self.needles.len() > 1 {
            rows.sort_unstable();
            rows.dedup();
        }
        rows.into_iter().filter(|row| self.fits(block, *row)).for_each(&mut found);
    }

    fn search(&self, needle: &Finder, block: Read, mut found: impl FnMut(usize)) {
        let mut from = 0;
        while let Some(at) = block.texts.get(from..).and_then(|rest| needle.find(rest)) {
            let at = from + at;
            if self.is_hidden(block.texts, at) {
                from = at + 1;
                continue;
            }
            let row = block.row_at(at);
            found(row);
            from = block.figure(row, 1).max(at + 1);
        }
    }

    fn is_hidden(&self, texts: &[u8], at: usize) -> bool {
        !self.hidden.is_empty()
            && memrchr(TEXT, &texts[..at])
                .and_then(|mark| texts.get(mark + 1..)?.first_chunk())
                .is_some_and(|slot| self.hidden.contains(&slot_of(slot)))
    }

    fn fits(&self, block: Read, row: usize) -> bool {
        let terms = block.terms(row);
        self.terms.iter().all(|(slot, values)| {
            let slot = slot_bytes(*slot);
            let mut all = terms.split(|byte| *byte == TERM);
            all.any(|term| term.strip_prefix(&slot).is_some_and(|value| values.contains(value)))
        })
    }
}

fn slot_of(bytes: &[u8; SLOT_BYTES]) -> u16 {
    bytes.iter().fold(0, |slot, byte| slot << 6 | u16::from(byte & 0x3f))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAME: u16 = 1;
    const PHONE: u16 = 2;
    const TAG: u16 = 700;

    fn line(name: &str, phone: &str, tags: &[&str]) -> Line {
        let mut line = Line::default();
        line.text(NAME, name);
        line.text(PHONE, phone);
        tags.iter().for_each(|tag| line.term(TAG, tag));
        line
    }

    fn block() -> Block {
        let mut block = Block::default();
        block.put(10, line("wang fang", "13912340001", &["1", "12"]));
        block.put(12, line("", "13912340002", &[]));
        block.put(19, line("王芳", "", &["2"]));
        block
    }

    fn found(test: &Test, block: &Block) -> Vec<u64> {
        let bytes = block.written(10);
        let (mut ids, read) = (Vec::new(), Read::of(&bytes));
        test.run(read, |row| ids.push(10 + read.id(row)));
        ids
    }

    fn looks_for(texts: &[&str]) -> Test {
        let mut test = Test::default();
        texts.iter().for_each(|text| test.contains(text));
        test
    }

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let block = block();
        assert_eq!(Block::read(10, &block.written(10)), block);
        assert_eq!(Block::read(3, &block.written(3)), block);
        for bytes in [&[][..], &[1], &[9, 0, 0, 0, 1], &[0xff; 40]] {
            assert_eq!(Read::of(bytes).rows(), 0);
        }
    }

    /// LST-4, LST-7, FLD-32
    #[test]
    fn a_row_is_found_by_its_texts_and_values() {
        let block = block();
        assert_eq!(found(&looks_for(&["1391234"]), &block), [10, 12]);
        assert_eq!(found(&looks_for(&["芳"]), &block), [19]);
        assert_eq!(found(&looks_for(&["芳", "g f"]), &block), [10, 19]);
        assert_eq!(found(&looks_for(&["fang1"]), &block), [0_u64; 0], "not across two fields");
        assert_eq!(found(&looks_for(&["12"]), &block), [10, 12], "a tag is no text");
        let tagged = |values: &[&str], mut test: Test| {
            test.one_of(TAG, values.iter().copied());
            found(&test, &block)
        };
        assert_eq!(tagged(&["1"], Test::default()), [10]);
        assert_eq!(tagged(&["2", "12"], Test::default()), [10, 19]);
        assert_eq!(tagged(&["2"], looks_for(&["139"])), [0_u64; 0]);
        let mut hidden = looks_for(&["1391234"]);
        hidden.hide(PHONE);
        assert_eq!(found(&hidden, &block), [0_u64; 0]);
        let mut hidden = looks_for(&["an"]);
        hidden.hide(PHONE);
        assert_eq!(found(&hidden, &block), [10]);
    }

    #[test]
    fn a_block_that_grew_is_divided() {
        let mut block = Block::default();
        let long = "x".repeat(500);
        let mut id = 0;
        while block.divided().is_none() {
            id += 1;
            block.put(id, line(&long, "", &[]));
        }
        assert!(block.bytes <= BYTES_MAX && block.bytes > BYTES_MAX - 600, "rows at the end leave it full");
        assert_eq!(block.rows.len() as u64, id - 1);
        (1..id).for_each(|id| block.put(id, line(&long, &long, &[])));
        let (at, end) = block.divided().unwrap();
        assert_eq!(end.rows.first_key_value().unwrap().0, &at);
        assert_eq!(end.bytes + block.bytes, Block::of(end.rows.clone()).bytes + Block::of(block.rows.clone()).bytes);
        block.put(1, line(&"y".repeat(90_000), "", &[]));
        (2..id).for_each(|id| block.remove(id));
        assert!(block.divided().is_none(), "one row stays one block");
        assert_eq!(
            found(&looks_for(&["yy"]), &{
                let mut b = Block::default();
                b.put(10, line("yyy", "", &[]));
                b
            }),
            [10]
        );
    }

    proptest! {
        /// What is on a broken disk is searched without harm.
        #[test]
        fn any_bytes_are_searched(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut test = looks_for(&["a"]);
            test.hide(1);
            test.one_of(1, ["b"].into_iter());
            test.run(Read::of(&bytes), |_| {});
            Block::read(1, &bytes);
        }
    }
}
