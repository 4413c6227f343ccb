//! An address to write to.

use super::{
    external_address::host_name,
    line::{Form, Line},
};

/// One address, without a name beside it (RFC 5321 section 4.5.3.1).
pub type Email = Line<Mailbox>;

pub struct Mailbox;

impl Form for Mailbox {
    const KIND: &'static str = "email";
    const MIN: u64 = 3;
    const MAX: u64 = 254;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"@<>()[],;:\\\"".contains(letter);
    (1..=64).contains(&local.len()) && local.chars().all(plain) && domain.contains('.') && host_name(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-21
    #[test]
    fn an_address_is_one_mailbox() {
        for good in ["mei.lin@example.com", " a+b@mail.example.co.jp "] {
            assert!(Email::new(good).is_ok(), "{good}");
        }
        for bad in [
            "mei",
            "@example.com",
            "mei@",
            "mei@localhost",
            "mei@-a.com",
            "a b@example.com",
            "Mei <m@e.com>",
            "a@b@c.de",
        ] {
            assert!(Email::new(bad).is_err(), "{bad}");
        }
    }
}
