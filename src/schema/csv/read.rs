//! Reads records of comma-separated text one by one. What is broken is told with its line, and the next line goes on.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// A longer record is none: somebody forgot a quote. Each of its lines is then read again, so that these bound the
/// work, too.
const RECORD_BYTES_MAX: u64 = 256 * 1024;
const RECORD_LINES_MAX: u64 = 500;
/// One of more cells is none either: no office has so many fields.
const CELLS_MAX: usize = 2_000;
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// A place in the text: a byte, and its line from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub byte: u64,
    pub line: u64,
}

impl Mark {
    /// Behind the mark that says that the text is UTF-8, if there is one.
    pub fn first(text: &[u8]) -> Mark {
        let byte = if text.starts_with(super::MARK.as_bytes()) { super::MARK.len() as u64 } else { 0 };
        Mark { byte, line: 1 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub line: u64,
    /// Where its second line begins, or what comes after it.
    second: Mark,
    pub cells: Vec<String>,
}

/// What is no record: its line, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRecord {
    pub line: u64,
    pub text: String,
    pub why: Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A quote that is not closed, or something behind one that is.
    Quote,
    TooLong,
    /// Bytes that are no UTF-8.
    NotText,
}

pub struct Reader<R> {
    from: R,
    separator: char,
    at: Mark,
}

impl<R: BufRead + Seek> Reader<R> {
    pub fn new(mut from: R, separator: char, at: Mark) -> io::Result<Reader<R>> {
        from.seek(SeekFrom::Start(at.byte))?;
        Ok(Reader { from, separator, at })
    }

    /// Where the next record begins.
    pub fn at(&self) -> Mark {
        self.at
    }

    /// The next record; lines with nothing on them are passed over. None: the text is over.
    pub fn record(&mut self) -> io::Result<Option<Result<Record, NoRecord>>> {
        loop {
            let found = self.next_record()?;
            if !matches!(&found, Some(Ok(record)) if record.cells.iter().all(String::is_empty) && record.cells.len() < 2)
            {
                return Ok(found);
            }
        }
    }

    /// Goes on with the second line of a record that turned out to be none.
    pub fn again_after_first_line(&mut self, record: &Record) -> io::Result<()> {
        self.go_to(record.second)
    }

    fn next_record(&mut self) -> io::Result<Option<Result<Record, NoRecord>>> {
        let (begin, mut parse, mut first) = (self.at, Parse::new(self.separator), None);
        loop {
            let mut bytes = Vec::new();
            let read = (&mut self.from).take(RECORD_BYTES_MAX + 1).read_until(b'\n', &mut bytes)? as u64;
            self.at = Mark { byte: self.at.byte + read, line: self.at.line + u64::from(bytes.ends_with(b"\n")) };
            if read == 0 && first.is_none() {
                return Ok(None);
            }
            let too_long = self.at.byte - begin.byte > RECORD_BYTES_MAX || self.at.line - begin.line > RECORD_LINES_MAX;
            let text = str::from_utf8(&bytes);
            if too_long && first.is_none() {
                self.pass_line()?;
            }
            let (second, text_of_first) =
                first.get_or_insert_with(|| (self.at, String::from_utf8_lossy(bytes.trim_ascii_end()).into_owned()));
            let why = match text {
                _ if too_long => Broken::TooLong,
                Err(_) => Broken::NotText,
                Ok(_) if read == 0 => Broken::Quote,
                Ok(line) => match parse.line(line) {
                    Line::Goes => continue,
                    Line::Ends => {
                        return Ok(Some(Ok(Record { line: begin.line, second: *second, cells: parse.cells })));
                    }
                    Line::Broken => Broken::Quote,
                    Line::TooLong => Broken::TooLong,
                },
            };
            let (second, text) = (*second, std::mem::take(text_of_first));
            self.go_to(second)?;
            return Ok(Some(Err(NoRecord { line: begin.line, text, why })));
        }
    }

    /// Reads to the end of a line that is too long to be kept.
    fn pass_line(&mut self) -> io::Result<()> {
        loop {
            let there = self.from.fill_buf()?;
            let end = there.iter().position(|byte| *byte == b'\n');
            let passed = end.map_or(there.len(), |end| end + 1);
            self.from.consume(passed);
            self.at.byte += passed as u64;
            if end.is_some() || passed == 0 {
                self.at.line += u64::from(end.is_some());
                return Ok(());
            }
        }
    }

    fn go_to(&mut self, mark: Mark) -> io::Result<()> {
        if self.at != mark {
            self.from.seek(SeekFrom::Start(mark.byte))?;
            self.at = mark;
        }
        Ok(())
    }
}

/// The separator of a text whose first line this is: the one that stands in it most often.
pub fn separator_of(line: &str) -> char {
    let most = SEPARATORS.iter().rev().max_by_key(|separator| line.matches(**separator).count());
    most.copied().unwrap_or(SEPARATORS[0])
}

enum Line {
    /// A quote is open: the record has another line.
    Goes,
    Ends,
    Broken,
    TooLong,
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Start,
    Plain,
    Quoted,
    Closed,
}

/// One record as far as it is read.
struct Parse {
    separator: char,
    cells: Vec<String>,
    cell: String,
    inside: Inside,
}

impl Parse {
    fn new(separator: char) -> Parse {
        Parse { separator, cells: Vec::new(), cell: String::new(), inside: Inside::Start }
    }

    fn line(&mut self, line: &str) -> Line {
        let text = line.strip_suffix('\n').map_or(line, |text| text.strip_suffix('\r').unwrap_or(text));
        for letter in text.chars() {
            self.inside = match (self.inside, letter) {
                (Inside::Start, '"') => Inside::Quoted,
                (Inside::Quoted, '"') => Inside::Closed,
                (Inside::Quoted, _) => self.take(letter, Inside::Quoted),
                (Inside::Closed, '"') => self.take(letter, Inside::Quoted),
                (_, letter) if letter == self.separator && self.cells.len() + 1 == CELLS_MAX => return Line::TooLong,
                (_, letter) if letter == self.separator => {
                    self.cells.push(std::mem::take(&mut self.cell));
                    Inside::Start
                }
                (Inside::Closed, _) => return Line::Broken,
                (_, _) => self.take(letter, Inside::Plain),
            };
        }
        if self.inside == Inside::Quoted {
            self.cell.push('\n');
            return Line::Goes;
        }
        self.cells.push(std::mem::take(&mut self.cell));
        Line::Ends
    }

    fn take(&mut self, letter: char, inside: Inside) -> Inside {
        self.cell.push(letter);
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    fn all(text: &str) -> Vec<(u64, Result<Vec<String>, Broken>)> {
        let mut reader = reader(text);
        let mut found = Vec::new();
        while let Some(record) = reader.record().unwrap() {
            found.push(match record {
                Ok(record) => (record.line, Ok(record.cells)),
                Err(none) => (none.line, Err(none.why)),
            });
        }
        assert_eq!(reader.at().byte, text.len() as u64);
        found
    }

    fn reader(text: &str) -> Reader<BufReader<Cursor<&[u8]>>> {
        let first = Mark::first(text.as_bytes());
        Reader::new(BufReader::with_capacity(16, Cursor::new(text.as_bytes())), ',', first).unwrap()
    }

    fn good(line: u64, cells: &[&str]) -> (u64, Result<Vec<String>, Broken>) {
        (line, Ok(cells.iter().map(|cell| cell.to_string()).collect()))
    }

    /// CUS-49: with and without the mark, as every program writes it.
    #[test]
    fn records_are_read_however_they_are_written() {
        assert_eq!(all("a,b\r\n1,2\r\n"), [good(1, &["a", "b"]), good(2, &["1", "2"])]);
        assert_eq!(all("\u{feff}姓名,b\n1,2"), [good(1, &["姓名", "b"]), good(2, &["1", "2"])]);
        let several = all("\"a,\"\"x\"\"\",\"two\nlines\"\n\n5\" pipe,\n");
        assert_eq!(several, [good(1, &["a,\"x\"", "two\nlines"]), good(4, &["5\" pipe", ""])]);
        assert_eq!(all(""), []);
        assert_eq!(all("\"\""), [] as [(u64, Result<Vec<String>, Broken>); 0]);
        assert_eq!(separator_of("a;b;c,d"), ';');
        assert_eq!((separator_of("a\tb"), separator_of("a"), separator_of("a,b;c")), ('\t', ',', ','));
    }

    /// CUS-64 reading, JOB-20: a broken quote costs its own line and no other.
    #[test]
    fn a_broken_quote_costs_one_line() {
        let open = all("a,b\n1,\"2\n3,4\n5,6\n");
        assert_eq!(open, [good(1, &["a", "b"]), (2, Err(Broken::Quote)), good(3, &["3", "4"]), good(4, &["5", "6"])]);
        let behind = all("\"a\"x,b\n3,4\n");
        assert_eq!(behind, [(1, Err(Broken::Quote)), good(2, &["3", "4"])]);
        let long = format!("\"{}\n1,2\n", "x".repeat(2 * RECORD_BYTES_MAX as usize));
        assert_eq!(all(&long), [(1, Err(Broken::TooLong)), good(2, &["1", "2"])]);
    }

    /// A file of 20 MB of separators is no 500 MB of cells.
    #[test]
    fn a_record_has_no_more_cells_than_an_office_could_have_fields() {
        let separators = |cells: usize| ",".repeat(cells - 1) + "\n1,2\n";
        assert_eq!(all(&separators(CELLS_MAX + 1)), [(1, Err(Broken::TooLong)), good(2, &["1", "2"])]);
        let most = all(&separators(CELLS_MAX));
        assert_eq!(most[0].1.as_ref().map(Vec::len), Ok(CELLS_MAX));
    }

    /// Lines that each open a quote cost their number, not their square.
    #[test]
    fn quotes_that_are_never_closed_cost_a_bounded_work() {
        struct Counted<R>(R, std::rc::Rc<std::cell::Cell<u64>>);
        impl<R: Read> Read for Counted<R> {
            fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
                let read = self.0.read(bytes)?;
                self.1.set(self.1.get() + read as u64);
                Ok(read)
            }
        }
        impl<R: Seek> Seek for Counted<R> {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.0.seek(to)
            }
        }
        // Each stays inside a quote, whether it begins inside one or not.
        let (line, lines) = ("a\",\"\n", 5_000);
        let (text, read) = (line.repeat(lines), std::rc::Rc::default());
        let from = Counted(Cursor::new(text.as_bytes()), std::rc::Rc::clone(&read));
        let from = BufReader::with_capacity(512, from);
        let mut reader = Reader::new(from, ',', Mark { byte: 0, line: 1 }).unwrap();
        let mut broken = 0;
        while let Some(record) = reader.record().unwrap() {
            broken += usize::from(record.is_err());
        }
        assert_eq!(broken, lines);
        assert!(read.get() < 600 * text.len() as u64, "{} bytes are read of {}", read.get(), text.len());
    }

    #[test]
    fn a_record_of_many_lines_can_be_read_line_by_line() {
        let mut reader = reader("1,\"2\n3,4\n5,6\"\n7,8\n");
        let record = reader.record().unwrap().unwrap().unwrap();
        assert_eq!(record.cells, ["1", "2\n3,4\n5,6"]);
        reader.again_after_first_line(&record).unwrap();
        assert_eq!(reader.at().line, 2);
        assert_eq!(reader.record().unwrap().unwrap().unwrap().cells, ["3", "4"]);
    }

    #[test]
    fn bytes_that_are_no_text_cost_one_line() {
        let bytes = b"a\n\xff,b\nc\n";
        let mut reader = Reader::new(Cursor::new(&bytes[..]), ',', Mark { byte: 0, line: 1 }).unwrap();
        let why: Vec<_> =
            std::iter::from_fn(|| reader.record().unwrap()).map(|r| r.err().map(|none| none.why)).collect();
        assert_eq!(why, [None, Some(Broken::NotText), None]);
    }
}
