//! Seals secrets that the box must be able to read, with a key that lies outside the database (BOX-57).

use super::{disk::sync_directory, fault::Fault};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use std::{
    fmt, fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

pub struct Seal(XChaCha20Poly1305);

impl Seal {
    /// Reads the key file; makes it if `new`, readable by the box's user only.
    pub fn open(path: &Path, new: bool) -> Result<Seal, Fault> {
        let unreachable = |error| Fault::NotReachable { path: path.into(), error };
        match fs::read(path) {
            Ok(key) => Seal::of(&key).ok_or(Fault::KeyWrong { path: path.into() }),
            Err(error) if error.kind() == ErrorKind::NotFound && new => {
                let key = random::<KEY_BYTES>()?;
                write_key(path, &key).map_err(unreachable)?;
                Seal::of(&key).ok_or(Fault::NoRandom)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Fault::KeyMissing { path: path.into() }),
            Err(error) => Err(unreachable(error)),
        }
    }

    pub fn of(key: &[u8]) -> Option<Seal> {
        XChaCha20Poly1305::new_from_slice(key).ok().map(Seal)
    }

    /// `place` says where the secret belongs; it cannot be opened anywhere else.
    pub fn close(&self, place: &str, secret: &str) -> Result<String, Fault> {
        let nonce = random::<NONCE_BYTES>()?;
        let payload = Payload { msg: secret.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&nonce.into(), payload).map_err(|_| Fault::NoRandom)?;
        Ok(STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// None: it was sealed with another key or for another place, or changed.
    pub fn open_text(&self, place: &str, sealed: &str) -> Option<String> {
        let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        String::from_utf8(self.0.decrypt(&(*nonce).into(), payload).ok()?).ok()
    }
}

/// The key is on the disk before anything is sealed with it.
fn write_key(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(key)?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), sync_directory)
}

pub fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Fault::NoRandom)?;
    Ok(bytes)
}

/// Random letters and digits, none that is mistaken for another; about 5.8 bits each.
pub fn random_word(length: usize) -> Result<String, Fault> {
    const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut word = String::with_capacity(length);
    while word.len() < length {
        // Bytes past the last whole run of the alphabet would favour its first letters.
        let fair =
            random::<32>()?.into_iter().filter(|byte| usize::from(*byte) < 256 / ALPHABET.len() * ALPHABET.len());
        word.extend(fair.take(length - word.len()).map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()] as char));
    }
    Ok(word)
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// BOX-57
    #[test]
    fn a_secret_opens_with_its_key_in_its_place_only() {
        let seal = Seal::of(&[1; 32]).unwrap();
        let sealed = seal.close("agent/1/sip_password", "s3cret-word").unwrap();
        assert!(!sealed.contains("s3cret"));
        assert_eq!(seal.open_text("agent/1/sip_password", &sealed).as_deref(), Some("s3cret-word"));
        assert_eq!(seal.open_text("agent/2/sip_password", &sealed), None);
        assert_eq!(Seal::of(&[2; 32]).unwrap().open_text("agent/1/sip_password", &sealed), None);
        assert_ne!(sealed, seal.close("agent/1/sip_password", "s3cret-word").unwrap());
    }

    /// BOX-57
    #[test]
    fn the_key_is_for_the_boxs_user_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        assert!(matches!(Seal::open(&path, false), Err(Fault::KeyMissing { .. })));
        let first = Seal::open(&path, true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let sealed = first.close("here", "word").unwrap();
        assert_eq!(Seal::open(&path, false).unwrap().open_text("here", &sealed).as_deref(), Some("word"));
        fs::write(&path, b"short").unwrap();
        assert!(matches!(Seal::open(&path, false), Err(Fault::KeyWrong { .. })));
    }
}
