//! The key with which programs come (API-3): kept only as a hash, of which the last characters are shown (API-5).

use super::line;
use crate::schema::Why;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, fmt};

/// API-3
pub const MIN: u64 = 16;
pub const MAX: u64 = 128;
/// Characters of one that the box makes (API-3).
const MADE: usize = 40;
/// Characters that are shown of one that is kept (API-5).
const END: usize = 4;

/// As typed, on its way in, or as kept. In JSON typed is a string and kept an object, so that nobody can type a hash.
#[derive(Clone, PartialEq, Eq)]
pub enum ApiKey {
    Typed(Box<str>),
    Kept(Hash),
}

/// Salt and hash in lower-case hex. A key is no word that people remember: one round of SHA-256 is enough, and each
/// request costs no more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hash {
    sha256: Box<str>,
    salt: Box<str>,
    end: Box<str>,
}

impl ApiKey {
    pub fn typed(text: &str) -> Result<ApiKey, Why> {
        let text = text.trim();
        line::checked(text, MIN, MAX, fits)?;
        Ok(ApiKey::Typed(text.into()))
    }

    /// As it is kept.
    pub fn hashed(self, salt: [u8; 16]) -> ApiKey {
        match self {
            ApiKey::Typed(text) => {
                let salt = line::hex(&salt);
                let end = text.len().saturating_sub(END);
                ApiKey::Kept(Hash { sha256: digest(&salt, &text), end: text[end..].into(), salt: salt.into() })
            }
            kept => kept,
        }
    }

    /// Whether this is the key, in the same time whatever was sent (API-22).
    pub fn is(&self, sent: &str) -> bool {
        use subtle::ConstantTimeEq;
        match self {
            ApiKey::Typed(text) => digest("", text).as_bytes().ct_eq(digest("", sent).as_bytes()).into(),
            ApiKey::Kept(hash) => digest(&hash.salt, sent).as_bytes().ct_eq(hash.sha256.as_bytes()).into(),
        }
    }
}

fn digest(salt: &str, key: &str) -> Box<str> {
    line::hex(&Sha256::new().chain_update(salt).chain_update(key).finalize()).into()
}

pub fn fits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for ApiKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            ApiKey::Typed(text) => to.serialize_str(text),
            ApiKey::Kept(hash) => hash.serialize(to),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Typed(String),
    // A struct would be read from a list too.
    Kept(serde_json::Map<String, serde_json::Value>),
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ApiKey, D::Error> {
        match Either::deserialize(from)? {
            Either::Typed(text) => ApiKey::typed(&text).map_err(|why| D::Error::custom(why.sentence())),
            Either::Kept(hash) => serde_json::from_value(hash.into()).map(ApiKey::Kept).map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for ApiKey {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "api_key".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "minLength": MIN, "maxLength": MAX, "writeOnly": true,
            "x-kind": "api_key", "x-kept": "hashed", "x-made": MADE, "x-tail": END
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "Abcd-efgh_ijkl-0123";

    /// API-5, API-22: nothing of it is kept but a hash and its end, which opens nothing.
    #[test]
    fn a_key_is_kept_as_a_hash_and_known_again() {
        let kept = ApiKey::typed(&format!(" {KEY} ")).unwrap().hashed([7; 16]);
        let json = serde_json::to_string(&kept).unwrap();
        assert!(!json.contains("Abcd") && json.contains(r#""end":"0123""#), "{json}");
        let read: ApiKey = serde_json::from_str(&json).unwrap();
        assert!(read.is(KEY));
        for other in ["", "0123", "Abcd-efgh_ijkl-0124", &KEY.to_lowercase(), &json] {
            assert!(!read.is(other), "{other}");
        }
        assert_ne!(kept, ApiKey::typed(KEY).unwrap().hashed([8; 16]));
        assert_eq!(format!("{read:?}"), "***");
    }

    /// API-3
    #[test]
    fn a_key_has_16_to_128_letters_digits_hyphens_and_underscores() {
        assert!(ApiKey::typed(&"x".repeat(16)).is_ok() && ApiKey::typed(&"9".repeat(128)).is_ok());
        assert_eq!(ApiKey::typed(&"x".repeat(15)), Err(Why::TooShort { min: 16 }));
        assert_eq!(ApiKey::typed(&"x".repeat(129)), Err(Why::TooLong { max: 128 }));
        for bad in ["sixteen letters!", "sechzehn zeichen", "***0123456789abcd", "密密密密密密密密密密密密密密密密"]
        {
            assert_eq!(ApiKey::typed(bad), Err(Why::Pattern), "{bad}");
        }
    }
}
