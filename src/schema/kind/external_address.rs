//! How the box looks from outside: `auto`, `none`, an address, or a name to look up (BOX-41).

use super::line::{Form, Line};
use std::net::IpAddr;

pub type ExternalAddress = Line<Outside>;

pub struct Outside;

impl Form for Outside {
    const KIND: &'static str = "external_address";
    const MIN: u64 = 1;
    const MAX: u64 = 253;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || host_name(text)
}

/// RFC 1123 section 2.1; four numbers with dots are an address or nothing.
pub fn host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.split('.').all(label)
        && text.split('.').next_back().is_some_and(|last| !last.bytes().all(|b| b.is_ascii_digit()))
}
