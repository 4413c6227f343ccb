//! A password that a person types to sign in: 8 to 64 characters, kept only as an argon2id hash (BOX-152).

use super::line::{self, hex};
use crate::schema::Why;
use argon2::{Algorithm, Argon2, Params, Version};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{borrow::Cow, fmt};

/// ACC-17 reading.
pub const MIN: u64 = 8;
pub const MAX: u64 = 64;

/// KiB and passes (BOX-152).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// As typed, on its way in, or as kept. In JSON typed is a string and kept an object, so that nobody can type a hash.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    Typed(Box<str>),
    Kept(Hash),
}

/// Salt and hash, both in lower-case hex.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hash {
    argon2id: Box<str>,
    salt: Box<str>,
    memory_kib: u32,
    passes: u32,
}

impl Password {
    pub fn typed(text: &str) -> Result<Password, Why> {
        let text = text.trim();
        line::checked(text, MIN, MAX, fits)?;
        Ok(Password::Typed(text.into()))
    }

    /// As it is kept. Takes 20 to 300 ms of one core.
    pub fn hashed(self, salt: [u8; SALT_BYTES]) -> Password {
        match self {
            Password::Typed(text) => Password::Kept(Hash {
                argon2id: hex(&digest(&text, &salt, MEMORY_KIB, PASSES)).into(),
                salt: hex(&salt).into(),
                memory_kib: MEMORY_KIB,
                passes: PASSES,
            }),
            kept => kept,
        }
    }

    /// Whether this was typed. Takes 20 to 300 ms of one core (BOX-152: at most 4 at a time).
    pub fn is(&self, typed: &str) -> bool {
        use subtle::ConstantTimeEq;
        match self {
            Password::Typed(text) => text.as_bytes().ct_eq(typed.trim().as_bytes()).into(),
            Password::Kept(hash) => {
                let Some(salt) = unhex(&hash.salt) else { return false };
                let found = hex(&digest(typed.trim(), &salt, hash.memory_kib, hash.passes));
                found.as_bytes().ct_eq(hash.argon2id.as_bytes()).into()
            }
        }
    }

    /// Another for each password that was ever set, and says nothing of it (DSK-79).
    pub fn mark(&self) -> &str {
        match self {
            Password::Typed(_) => "",
            Password::Kept(hash) => &hash.salt,
        }
    }

    /// Takes as long as a check, and is no password of anyone: for names that do not exist (ACC-13 reading).
    pub fn nobody() -> Password {
        Password::Kept(Hash {
            argon2id: "".into(),
            salt: hex(&[0; SALT_BYTES]).into(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
        })
    }
}

fn digest(typed: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Vec<u8> {
    let mut hash = vec![0; HASH_BYTES];
    let params = Params::new(memory_kib, passes, 1, Some(HASH_BYTES));
    let done = params.and_then(|params| {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(typed.as_bytes(), salt, &mut hash)
    });
    // Parameters that cannot be used come only from a row that was tampered with; nothing equals an empty hash.
    if done.is_err() { Vec::new() } else { hash }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map(pair).collect()
}

pub fn fits(text: &str) -> bool {
    line::writing(text)
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Password::Typed(text) => to.serialize_str(text),
            Password::Kept(hash) => hash.serialize(to),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Typed(String),
    Kept(Hash),
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Password, D::Error> {
        match Either::deserialize(from)? {
            Either::Typed(text) => Password::typed(&text).map_err(|why| D::Error::custom(why.sentence())),
            Either::Kept(hash) => Ok(Password::Kept(hash)),
        }
    }
}

impl JsonSchema for Password {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "password".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "minLength": MIN, "maxLength": MAX, "writeOnly": true,
            "x-kind": "password", "x-kept": "hashed"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-152, ACC-17 reading
    #[test]
    fn a_password_is_kept_as_a_hash_and_known_again() {
        let kept = Password::typed("correct horse").unwrap().hashed([7; SALT_BYTES]);
        let json = serde_json::to_string(&kept).unwrap();
        assert!(!json.contains("horse") && json.contains("argon2id"), "{json}");
        let read: Password = serde_json::from_str(&json).unwrap();
        assert!(read.is("correct horse"));
        assert!(!read.is("correct horsf"));
        assert!(!Password::nobody().is(""));
        assert_eq!(format!("{read:?}"), "***");
    }

    /// ACC-17 reading
    #[test]
    fn a_hash_cannot_be_typed() {
        let kept = Password::typed("correct horse").unwrap().hashed([7; SALT_BYTES]);
        let Password::Kept(hash) = &kept else { panic!() };
        assert!(!kept.is(&hash.argon2id));
        assert_eq!(Password::typed("short"), Err(Why::TooShort { min: 8 }));
        assert_eq!(Password::typed(&"x".repeat(65)), Err(Why::TooLong { max: 64 }));
    }
}
