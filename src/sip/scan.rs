//! Bytes to an index of names and value ranges; knows lines, nothing of what they mean.

use super::name::Name;
use std::ops::Range;

/// A header field: where its value stands in the head.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: Name,
    /// As written.
    pub label: Range<u32>,
    pub value: Range<u32>,
}

/// The head of a message. All ranges count from the beginning of the bytes that were scanned.
pub(super) struct Head {
    pub start: Range<usize>,
    pub fields: Vec<Field>,
    /// Where the body begins.
    pub end: usize,
    /// There were more fields than the limit; the first ones are here.
    pub overfull: bool,
    /// Some line ends inside a value, so that the text is not the value yet.
    pub folded: bool,
}

/// How many CR and LF stand in front of a message (RFC 3261 section 7.5).
pub(super) fn leading_blank(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// `None` if there is no blank line, or no start line before the first header. A line that is no header is passed
/// over, as a header that nobody knows is.
pub(super) fn head(bytes: &[u8], fields_max: usize) -> Option<Head> {
    let mut at = 0;
    let start = line(bytes, &mut at)?;
    if start.is_empty() {
        return None;
    }
    let mut head = Head { start, fields: Vec::with_capacity(24), end: 0, overfull: false, folded: false };
    // Whether a folded line would belong to the last field in the list.
    let mut last_is_kept = false;
    loop {
        let line = line(bytes, &mut at)?;
        if line.is_empty() {
            head.end = at;
            return Some(head);
        }
        if matches!(bytes[line.start], b' ' | b'\t') {
            if last_is_kept {
                extend(&mut head, bytes, line);
            }
            continue;
        }
        last_is_kept = false;
        let Some(field) = field(bytes, line) else { continue };
        if head.fields.len() == fields_max {
            head.overfull = true;
            continue;
        }
        head.fields.push(field);
        last_is_kept = true;
    }
}

/// The next line without its end, which is CRLF or LF.
pub(super) fn line(bytes: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let start = *at;
    let feed = start + memchr::memchr(b'\n', bytes.get(start..)?)?;
    *at = feed + 1;
    let end = if feed > start && bytes[feed - 1] == b'\r' { feed - 1 } else { feed };
    Some(start..end)
}

fn field(bytes: &[u8], line: Range<usize>) -> Option<Field> {
    let colon = line.start + memchr::memchr(b':', &bytes[line.clone()])?;
    let label = trim(bytes, line.start..colon);
    let text = std::str::from_utf8(&bytes[label.clone()]).ok()?;
    if !super::method::is_token(text) {
        return None;
    }
    let value = trim(bytes, colon + 1..line.end);
    Some(Field { name: Name::parse(text), label: small(label), value: small(value) })
}

fn extend(head: &mut Head, bytes: &[u8], line: Range<usize>) {
    let Some(field) = head.fields.last_mut() else { return };
    let line = trim(bytes, line);
    if line.is_empty() {
        return;
    }
    if field.value.is_empty() {
        field.value = small(line);
    } else {
        field.value.end = line.end as u32;
        head.folded = true;
    }
}

fn trim(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let inner = &bytes[range.clone()];
    let front = inner.iter().take_while(|byte| blank(byte)).count();
    let back = inner[front..].iter().rev().take_while(|byte| blank(byte)).count();
    range.start + front..range.end - back
}

fn small(range: Range<usize>) -> Range<u32> {
    range.start as u32..range.end as u32
}
