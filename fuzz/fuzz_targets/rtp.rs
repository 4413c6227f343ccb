//! Any packet on a sound port: read or passed over, its sound always inside it.
#![no_main]

use callbox::audio::rtp::{Header, flatten};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|packet: &[u8]| {
    let Some(header) = Header::read(packet) else { return };
    let Some(payload) = header.payload(packet) else { return };
    assert!(payload.end <= packet.len());
    let mut flat = packet.to_vec();
    let length = flatten(&mut flat, payload.clone());
    assert_eq!(&flat[length - payload.len()..length], &packet[payload]);
});
