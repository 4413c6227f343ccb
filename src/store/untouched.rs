//! A database file that is opened without a byte of it being changed: what redb writes stays in memory, beside it.

use redb::StorageBackend;
use std::{
    collections::BTreeMap,
    fs::File,
    io,
    os::unix::fs::FileExt,
    sync::{Mutex, MutexGuard, PoisonError},
};

const PAGE_BYTES: u64 = 4_096;

type Page = Box<[u8; PAGE_BYTES as usize]>;

#[derive(Debug)]
pub struct Untouched {
    file: File,
    beside: Mutex<Beside>,
}

/// How it would be.
#[derive(Debug)]
struct Beside {
    bytes: u64,
    /// So much of the file still counts.
    of_file: u64,
    /// Those that were written to, by their place.
    pages: BTreeMap<u64, Page>,
}

impl Untouched {
    pub fn new(file: File) -> io::Result<Untouched> {
        let bytes = file.metadata()?.len();
        Ok(Untouched { file, beside: Mutex::new(Beside { bytes, of_file: bytes, pages: BTreeMap::new() }) })
    }

    fn beside(&self) -> MutexGuard<'_, Beside> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Beside {
    fn read(&self, file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(out.len() as u64).filter(|end| *end <= self.bytes);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        let there = self.of_file.saturating_sub(offset).min(out.len() as u64) as usize;
        let (of_file, beyond) = out.split_at_mut(there);
        file.read_exact_at(of_file, offset)?;
        beyond.fill(0);
        for (place, page) in self.pages.range(offset / PAGE_BYTES..end.div_ceil(PAGE_BYTES)) {
            let begins = place * PAGE_BYTES;
            let (from, to) = (begins.max(offset), (begins + PAGE_BYTES).min(end));
            let part = &page[(from - begins) as usize..(to - begins) as usize];
            out[(from - offset) as usize..(to - offset) as usize].copy_from_slice(part);
        }
        Ok(())
    }

    fn write(&mut self, file: &File, offset: u64, data: &[u8]) -> io::Result<()> {
        let end = offset.checked_add(data.len() as u64).filter(|end| *end <= self.bytes);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        for place in offset / PAGE_BYTES..end.div_ceil(PAGE_BYTES) {
            let begins = place * PAGE_BYTES;
            let mut page: Page = Box::new([0; PAGE_BYTES as usize]);
            let known = (self.bytes - begins).min(PAGE_BYTES) as usize;
            self.read(file, begins, &mut page[..known])?;
            let (from, to) = (begins.max(offset), (begins + PAGE_BYTES).min(end));
            let part = &data[(from - offset) as usize..(to - offset) as usize];
            page[(from - begins) as usize..(to - begins) as usize].copy_from_slice(part);
            self.pages.insert(place, page);
        }
        Ok(())
    }

    fn set_len(&mut self, bytes: u64) {
        self.of_file = self.of_file.min(bytes);
        drop(self.pages.split_off(&bytes.div_ceil(PAGE_BYTES)));
        if let Some(last) = self.pages.get_mut(&(bytes / PAGE_BYTES)) {
            last[(bytes % PAGE_BYTES) as usize..].fill(0);
        }
        self.bytes = bytes;
    }
}

impl StorageBackend for Untouched {
    fn len(&self) -> io::Result<u64> {
        Ok(self.beside().bytes)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.beside().read(&self.file, offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.beside().set_len(len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.beside().write(&self.file, offset, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    #[derive(Clone, Debug)]
    enum Does {
        Writes(u64, Vec<u8>),
        SetsLength(u64),
    }

    fn does() -> impl Strategy<Value = Does> {
        let data = prop::collection::vec(any::<u8>(), 0..9_000);
        prop_oneof![
            (0..20_000_u64, data).prop_map(|(at, data)| Does::Writes(at, data)),
            (0..24_000_u64).prop_map(Does::SetsLength),
        ]
    }

    proptest! {
        /// BOX-167: whoever writes to it reads what would be there, and the file stays as it was.
        #[test]
        fn it_reads_as_if_it_had_been_written(done in prop::collection::vec(does(), 0..12), length in 0..12_000_usize) {
            let first: Vec<u8> = (0..length).map(|n| n as u8 | 1).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&first).unwrap();
            let (untouched, mut would_be) = (Untouched::new(file.try_clone().unwrap()).unwrap(), first.clone());
            for one in done {
                match one {
                    Does::Writes(at, data) => {
                        let (at, end) = (at as usize, at as usize + data.len());
                        let written = untouched.write(at as u64, &data);
                        prop_assert_eq!(written.is_ok(), end <= would_be.len());
                        if written.is_ok() {
                            would_be[at..end].copy_from_slice(&data);
                        }
                    }
                    Does::SetsLength(length) => {
                        untouched.set_len(length).unwrap();
                        would_be.resize(length as usize, 0);
                    }
                }
                prop_assert_eq!(untouched.len().unwrap(), would_be.len() as u64);
                let mut read = vec![7; would_be.len()];
                untouched.read(0, &mut read).unwrap();
                prop_assert!(read == would_be);
                if let Some(from) = would_be.len().checked_sub(5_000) {
                    untouched.read(from as u64, &mut read[from..]).unwrap();
                    prop_assert!(read == would_be);
                }
                prop_assert!(untouched.read(would_be.len() as u64, &mut [0]).is_err());
            }
            let mut stays = vec![0; length];
            file.read_exact_at(&mut stays, 0).unwrap();
            prop_assert!(stays == first && file.metadata().unwrap().len() == length as u64);
        }
    }
}
