//! The bytes of a text file in the encoding that the office wants (PRF-36), and text out of bytes in another.

use crate::{model::preferences::choice::ExportEncoding, schema::csv};
use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, GB18030, SHIFT_JIS, UTF_8};
use std::io::{self, BufRead, Read, Write};

/// What stands for a letter that the encoding does not have.
const UNKNOWN: &[u8] = b"?";
const PART_BYTES: usize = 16 * 1024;

#[derive(Clone, Copy, Debug)]
pub struct Encode {
    other: Option<&'static Encoding>,
    marked: bool,
}

impl Encode {
    pub fn of(wanted: ExportEncoding) -> Encode {
        let (other, marked) = match wanted {
            ExportEncoding::Utf8Bom => (None, true),
            ExportEncoding::Utf8 => (None, false),
            ExportEncoding::Gb18030 => (Some(GB18030), false),
            ExportEncoding::ShiftJis => (Some(SHIFT_JIS), false),
        };
        Encode { other, marked }
    }

    /// What a file begins with.
    pub fn begin(self) -> &'static [u8] {
        if self.marked { csv::MARK.as_bytes() } else { b"" }
    }

    pub fn bytes(self, text: String) -> Vec<u8> {
        let Some(encoding) = self.other else { return text.into_bytes() };
        let (bytes, _, lost) = encoding.encode(&text);
        if lost { letter_by_letter(encoding, &text) } else { bytes.into_owned() }
    }

    /// As a type of the web says it.
    pub fn charset_kind(self) -> String {
        format!("text/csv; charset={}", self.other.map_or("utf-8", Encoding::name))
    }
}

fn letter_by_letter(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        let mut place = [0; 4];
        let (encoded, _, lost) = encoding.encode(letter.encode_utf8(&mut place));
        bytes.extend_from_slice(if lost { UNKNOWN } else { &encoded });
    }
    bytes
}

/// Encodings that an uploaded file may have, by the names that pages say; the likeliest first.
pub const KNOWN: [(&str, &Encoding); 3] = [("utf-8", UTF_8), ("gb18030", GB18030), ("shift_jis", SHIFT_JIS)];

pub fn named(name: &str) -> Option<&'static Encoding> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, encoding)| *encoding)
}

/// The beginning of a file, to be looked at.
pub fn decoded(encoding: &str, bytes: &[u8]) -> String {
    named(encoding).unwrap_or(UTF_8).decode_without_bom_handling(bytes).0.into_owned()
}

/// Whether all bytes are text of this encoding.
pub fn fits(encoding: &'static Encoding, mut from: impl Read) -> io::Result<bool> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut bytes, mut text) = (vec![0; PART_BYTES], vec![0; 3 * PART_BYTES + 16]);
    let mut left = 0;
    loop {
        let read = from.read(&mut bytes[left..])?;
        let (there, last) = (left + read, read == 0);
        let (result, used, _) = decoder.decode_to_utf8_without_replacement(&bytes[..there], &mut text, last);
        match result {
            DecoderResult::Malformed(..) => return Ok(false),
            DecoderResult::InputEmpty if last => return Ok(true),
            _ => {}
        }
        bytes.copy_within(used..there, 0);
        left = there - used;
    }
}

/// Writes text of another encoding as UTF-8.
pub fn to_utf8(encoding: &'static Encoding, mut from: impl BufRead, mut to: impl Write) -> io::Result<()> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::with_capacity(4 * PART_BYTES);
    loop {
        let there = from.fill_buf()?;
        let (last, length) = (there.is_empty(), there.len());
        decode_all(&mut decoder, there, last, &mut text, &mut to)?;
        from.consume(length);
        if last {
            return to.flush();
        }
    }
}

fn decode_all(
    decoder: &mut Decoder,
    mut bytes: &[u8],
    last: bool,
    text: &mut String,
    to: &mut impl Write,
) -> io::Result<()> {
    loop {
        let (result, used, _) = decoder.decode_to_string(bytes, text, last);
        to.write_all(text.as_bytes())?;
        text.clear();
        bytes = &bytes[used..];
        if result == CoderResult::InputEmpty {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PRF-36, PRF-37
    #[test]
    fn a_file_is_written_in_the_encoding_of_the_office() {
        let written = |wanted| {
            let encode = Encode::of(wanted);
            [encode.begin(), &encode.bytes("王,é".into())].concat()
        };
        assert_eq!(written(ExportEncoding::Utf8Bom), "\u{feff}王,é".as_bytes());
        assert_eq!(written(ExportEncoding::Utf8), "王,é".as_bytes());
        assert_eq!(written(ExportEncoding::Gb18030), b"\xcd\xf5,\xa8\xa6");
        assert_eq!(written(ExportEncoding::ShiftJis), b"\x89\xa4,?", "a letter that it does not have");
        assert_eq!(Encode::of(ExportEncoding::Gb18030).charset_kind(), "text/csv; charset=gb18030");
    }

    /// CUS-49: what is not UTF-8 is known, and read only as what the person says it is.
    #[test]
    fn other_encodings_become_utf8() {
        let text = "姓名,电话\n王芳,13912345678\n".repeat(5_000);
        let (bytes, _, _) = GB18030.encode(&text);
        assert!(fits(GB18030, &*bytes).unwrap() && !fits(UTF_8, &*bytes).unwrap());
        assert!(fits(UTF_8, text.as_bytes()).unwrap());
        assert!(!fits(UTF_8, &text.as_bytes()[..4]).unwrap(), "a letter is cut");
        let mut read = Vec::new();
        to_utf8(GB18030, &*bytes, &mut read).unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), text);
        assert!(named("gb18030") == Some(GB18030) && named("latin1").is_none());
    }
}
