//! Any description: read or refused, and what is read is written so that the same is read again.
#![no_main]

use callbox::sdp::{Origin, Session};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let _ = Session::parse_plain(body);
    let Ok(session) = Session::parse(body) else { return };
    // Without a format there is nothing to agree on, so it is never written.
    if session.codecs.is_empty() {
        return;
    }
    let origin = Origin { id: 1, version: 1, address: "192.0.2.1".parse().expect("an address") };
    let again = Session::parse(&session.write(&origin)).expect("what we wrote");
    assert_eq!((again.port, again.address, again.codecs), (session.port, session.address, session.codecs));
});
