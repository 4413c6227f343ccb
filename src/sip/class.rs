//! Which bytes may stand where, looked up in a table: whoever reads a message asks it of nearly every byte.

/// A method, the name of a header or of a parameter (RFC 3261 section 25.1).
pub(super) const TOKEN: u8 = 1;
pub(super) const SCHEME: u8 = 1 << 1;
/// An underscore is no host name, but offices have machines called so.
pub(super) const HOST: u8 = 1 << 2;
/// Anywhere in a URI, which is more than the grammar allows.
pub(super) const URI: u8 = 1 << 3;

pub(super) fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// Whether there is something, and all of it is of this class.
pub(super) fn is_all(text: &str, class: u8) -> bool {
    // To the end in any case, as nearly always all of it is.
    !text.is_empty() && text.bytes().fold(class, |class, byte| class & CLASSES[usize::from(byte)]) != 0
}

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = classes_of(byte as u8);
        byte += 1;
    }
    classes
};

const fn classes_of(byte: u8) -> u8 {
    let plain = byte.is_ascii_alphanumeric();
    let token = plain || matches!(byte, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~');
    let scheme = plain || matches!(byte, b'+' | b'-' | b'.');
    let host = plain || matches!(byte, b'-' | b'.' | b'_');
    let uri = !matches!(byte, 0..=b' ' | 0x7f | b'<' | b'>' | b'"');
    (token as u8 * TOKEN) | (scheme as u8 * SCHEME) | (host as u8 * HOST) | (uri as u8 * URI)
}
