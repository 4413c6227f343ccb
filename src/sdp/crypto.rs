//! The `a=crypto` line: suite and key of SRTP (RFC 4568).

use super::{Crypto, SrtpKey, Suite};
use base64::{Engine, engine::general_purpose::STANDARD, prelude::BASE64_STANDARD_NO_PAD};

impl Suite {
    /// Name of RFC 4568 section 6.2.
    pub fn name(self) -> &'static str {
        match self {
            Suite::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Suite::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    fn named(name: &str) -> Option<Suite> {
        [Suite::AesCm128HmacSha1_80, Suite::AesCm128HmacSha1_32]
            .into_iter()
            .find(|suite| suite.name().eq_ignore_ascii_case(name))
    }
}

impl Crypto {
    /// Reads the value of the attribute. `None` for what we cannot do: another suite, several keys, an MKI, or a
    /// session parameter that changes the packets (RFC 4568 section 6.3); such a line is passed over.
    pub(super) fn parse(value: &str) -> Option<Crypto> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?.parse().ok()?;
        let suite = Suite::named(words.next()?)?;
        let key = key(words.next()?)?;
        words.all(harmless).then_some(Crypto { tag, suite, key })
    }

    pub(super) fn write(&self) -> String {
        format!("{} {} inline:{}", self.tag, self.suite.name(), STANDARD.encode(self.key.0))
    }
}

/// `inline:<key and salt>[|lifetime]`.
fn key(parameter: &str) -> Option<SrtpKey> {
    let (method, key) = parameter.split_once(':')?;
    let mut parts = key.split('|');
    let text = parts.next()?;
    let lifetime_alone = parts.next().is_none_or(|part| !part.contains(':')) && parts.next().is_none();
    if !method.eq_ignore_ascii_case("inline") || !lifetime_alone {
        return None;
    }
    let bytes = BASE64_STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    Some(SrtpKey(bytes.try_into().ok()?))
}

/// A window size hint asks nothing of the packets, and what begins with `-` may be ignored.
fn harmless(parameter: &str) -> bool {
    parameter.starts_with('-') || parameter.starts_with("WSH=")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    /// RFC 4568 sections 5.1, 6.1 and 6.3: what is taken and what is passed over.
    #[test]
    fn lines_that_we_can_do_are_taken() {
        let taken = [
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20"),
            format!("1 aes_cm_128_hmac_sha1_80 INLINE:{KEY}|1048576 WSH=64"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} -KDR=1"),
        ];
        for line in taken {
            let crypto = Crypto::parse(&line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(crypto.tag, 1);
            assert_eq!(crypto.suite, Suite::AesCm128HmacSha1_80);
            assert_eq!(crypto.write(), format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"));
        }
        let passed_over = [
            String::new(),
            format!("x AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
            format!("1 F8_128_HMAC_SHA1_80 inline:{KEY}"),
            format!("1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{KEY}"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{}", &KEY[4..]),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=1"),
            format!("1 AES_CM_128_HMAC_SHA1_80 uri:{KEY}"),
        ];
        for line in passed_over {
            assert_eq!(Crypto::parse(&line), None, "{line}");
        }
    }

    #[test]
    fn a_key_is_never_printed() {
        let crypto = Crypto::parse(&format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}")).unwrap();
        assert!(!format!("{crypto:?}").contains("WVN") && format!("{crypto:?}").contains("***"));
    }
}
