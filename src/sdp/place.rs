//! Addresses and numbers as messages write them: the way through the formatter to these few digits was the longest of
//! writing a message.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

/// `host:port`, an IPv6 address in brackets.
pub fn push_place(text: &mut String, place: SocketAddr) {
    push_host(text, place.ip());
    text.push(':');
    push_number(text, place.port().into());
}

/// As the host of a URI: an IPv6 address in brackets.
pub fn push_host(text: &mut String, address: IpAddr) {
    if address.is_ipv4() {
        return push_address(text, address);
    }
    text.push('[');
    push_address(text, address);
    text.push(']');
}

pub fn push_address(text: &mut String, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            for (at, part) in address.octets().into_iter().enumerate() {
                if at > 0 {
                    text.push('.');
                }
                push_number(text, part.into());
            }
        }
        // Writing to a string does not fail.
        IpAddr::V6(address) => drop(write!(text, "{address}")),
    }
}

pub fn push_number(text: &mut String, number: u64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push((b'0' + (number % 10) as u8) as char);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_as_the_formatter_does() {
        for place in ["0.0.0.0:0", "192.168.10.255:5060", "10.9.99.100:65535", "[::1]:5061", "[fd12::a:0:1]:9"] {
            let place: SocketAddr = place.parse().unwrap();
            let mut text = String::new();
            push_place(&mut text, place);
            assert_eq!(text, place.to_string());
        }
    }
}
