//! Any datagram: read or refused, and answered with something that can be read.
#![no_main]

use bytes::Bytes;
use callbox::sip::{digest::Challenge, message::Message, name::Name, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = "192.0.2.77:5060".parse().expect("an address");
    match Message::parse(Bytes::copy_from_slice(bytes)) {
        Ok(message) => {
            for name in [Name::Contact, Name::Route, Name::RecordRoute, Name::ReferTo, Name::Path] {
                let Some(addresses) = message.addresses(name) else { continue };
                for address in addresses {
                    let _ = address.uri().map(|uri| (uri.is_same(&uri), uri.number().len(), uri.headers().count()));
                }
            }
            let _ = (message.contacts(), message.start(), message.uri(), message.code(), message.expires());
            let _ =
                (message.content_type(), message.max_forwards(), message.from().tag(), message.top_via().received());
            message.lines(Name::WwwAuthenticate).for_each(|line| drop(Challenge::parse(line)));
            assert!(Message::parse(message.raw().clone()).is_ok(), "what was read is read again");
            if message.is_request() {
                let answer =
                    Message::parse(write::response(&message, 200, source, "tag").finish()).expect("our answer");
                assert_eq!((answer.call_id(), answer.cseq()), (message.call_id(), message.cseq()));
            }
        }
        Err(fault) => {
            if let Some(request) = fault.message {
                write::response(&request, fault.answer.expect("a code"), source, "tag").finish();
            }
        }
    }
});
