//! The file that an export makes: one CSV, or several in a ZIP where there are more rows than one may have (PRF-38,
//! PRF-39).

use super::encode::Encode;
use crate::schema::csv;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

pub struct Sheets {
    to: To,
    encode: Encode,
    headings: Vec<String>,
    /// Name of the files in a ZIP, without number and ending.
    name: String,
    rows_max: u64,
    /// Files that were begun, and rows in the last.
    files: u64,
    rows: u64,
}

enum To {
    One(BufWriter<File>),
    Several(Box<ZipWriter<BufWriter<File>>>),
}

/// What the file of so many rows is called.
pub fn file_name(name: &str, rows: u64, rows_max: u64) -> String {
    format!("{name}.{}", if rows > rows_max { "zip" } else { "csv" })
}

impl Sheets {
    pub fn create(
        path: &Path,
        name: &str,
        headings: Vec<String>,
        encode: Encode,
        rows: u64,
        rows_max: u64,
    ) -> io::Result<Sheets> {
        let file = BufWriter::new(File::create(path)?);
        let to = if rows > rows_max { To::Several(Box::new(ZipWriter::new(file))) } else { To::One(file) };
        let mut sheets = Sheets { to, encode, headings, name: name.into(), rows_max, files: 0, rows: 0 };
        sheets.begin()?;
        Ok(sheets)
    }

    pub fn row(&mut self, cells: &[String]) -> io::Result<()> {
        if self.rows == self.rows_max && matches!(self.to, To::Several(_)) {
            self.begin()?;
        }
        self.rows += 1;
        self.write(csv::line(cells.iter()))
    }

    pub fn finish(self) -> io::Result<()> {
        let file = match self.to {
            To::One(file) => file,
            To::Several(zip) => zip.finish()?,
        };
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    fn begin(&mut self) -> io::Result<()> {
        (self.files, self.rows) = (self.files + 1, 0);
        if let To::Several(zip) = &mut self.to {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            zip.start_file(format!("{}_{}.csv", self.name, self.files), options)?;
        }
        self.bytes(self.encode.begin())?;
        self.write(csv::line(self.headings.iter()))
    }

    fn write(&mut self, text: String) -> io::Result<()> {
        self.bytes(&self.encode.bytes(text))
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.to {
            To::One(file) => file.write_all(bytes),
            To::Several(zip) => zip.write_all(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::preferences::choice::ExportEncoding;
    use std::{collections::BTreeMap, io::Read};

    fn written(rows: u64, rows_max: u64) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("1.out");
        let headings = vec!["姓名".to_string(), "n".to_string()];
        let encode = Encode::of(ExportEncoding::Utf8Bom);
        let mut sheets = Sheets::create(&path, "customers", headings, encode, rows, rows_max).unwrap();
        (1..=rows).for_each(|n| sheets.row(&["王,芳".into(), n.to_string()]).unwrap());
        sheets.finish().unwrap();
        (directory, path)
    }

    /// PRF-36, PRF-38, PRF-39
    #[test]
    fn many_rows_become_several_files_in_one() {
        assert_eq!((file_name("a", 3, 3), file_name("a", 4, 3)), ("a.csv".into(), "a.zip".into()));
        let (_directory, path) = written(3, 3);
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text, "\u{feff}姓名,n\r\n\"王,芳\",1\r\n\"王,芳\",2\r\n\"王,芳\",3\r\n");
        let (_directory, path) = written(7, 3);
        let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
        let mut files = BTreeMap::new();
        for at in 0..zip.len() {
            let (mut file, mut text) = (zip.by_index(at).unwrap(), String::new());
            file.read_to_string(&mut text).unwrap();
            files.insert(file.name().unwrap().to_string(), text.lines().count());
        }
        let expected = [("customers_1.csv", 4), ("customers_2.csv", 4), ("customers_3.csv", 2)];
        assert_eq!(files, expected.map(|(name, lines)| (name.to_string(), lines)).into());
    }
}
