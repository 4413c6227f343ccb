//! The file of rows that somebody should look at: line, reason, whether it was taken all the same, and the row itself.

use super::{
    plan::{Plan, Row},
    reason::Reason,
};
use crate::{
    http::words::{self, Words},
    schema::csv,
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

pub struct Report {
    file: File,
    words: &'static Words,
    pub bytes: u64,
    pub rows: u64,
    unsafe_bytes: bool,
}

impl Report {
    /// Goes on where it was kept last: what was written after that belongs to rows that are done again.
    pub fn open(path: &Path, plan: &Plan, bytes: u64, rows: u64) -> io::Result<Report> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.set_len(bytes)?;
        file.seek(SeekFrom::Start(bytes))?;
        let words = words::of(&plan.language);
        let mut report = Report { file, words, bytes, rows, unsafe_bytes: false };
        if bytes == 0 {
            let own = ["import.line", "import.reason", "import.taken"].map(|key| words.word(key));
            report.write(csv::line(own.iter().chain(plan.headings())))?;
        }
        Ok(report)
    }

    pub fn add(&mut self, plan: &Plan, row: &Row, reason: &Reason, taken: bool) -> io::Result<()> {
        let taken = self.words.word(if taken { "word.yes" } else { "word.no" });
        let own = [row.line.to_string(), reason.said(self.words, plan), taken];
        self.rows += 1;
        self.write(csv::line(own.iter().chain(&row.cells)))
    }

    /// What was added is on the disk when this returns.
    pub fn keep(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.unsafe_bytes) { self.file.sync_data() } else { Ok(()) }
    }

    fn write(&mut self, line: String) -> io::Result<()> {
        self.file.write_all(line.as_bytes())?;
        (self.bytes, self.unsafe_bytes) = (self.bytes + line.len() as u64, true);
        Ok(())
    }
}
