//! SIP words against whatever comes: no panic, no growth, and what we write we read again.

use bytes::Bytes;
use callbox::sip::{
    address::Address,
    digest::{Attempt, Challenge},
    frame::{Frame, Framer},
    message::{FIELDS_MAX, MESSAGE_MAX, Message},
    method::Method,
    name::Name,
    uri::{Uri, escape, unescape},
    via::Via,
    write,
};
use proptest::{collection::vec, prelude::*, sample::select};
use std::{fs, path::Path};

fn torture() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rfc4475");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let messages = files.iter().filter(|path| path.extension().is_some_and(|end| end == "dat"));
    messages.map(|path| fs::read(path).unwrap()).collect()
}

/// Asks everything that can be asked of a message.
fn look_at(message: &Message) {
    let lists = [Name::Contact, Name::Route, Name::RecordRoute, Name::ReferTo, Name::Via, Name::Supported];
    let lengths: usize = lists.iter().map(|name| message.values(*name).map(str::len).sum::<usize>()).sum();
    assert!(lengths <= message.raw().len());
    let _ = (message.start(), message.method(), message.code(), message.uri().map(|uri| uri.is_same(&uri)));
    let _ = (message.top_via().received(), message.vias().count(), message.from().uri(), message.to().tag());
    let _ = (message.contacts(), message.call_id(), message.cseq(), message.max_forwards(), message.expires());
    let _ = (message.body(), message.content_type(), message.other("x"), message.has_token(Name::Allow, "x"));
    let _ = message.uri().map(|uri| (uri.number().len(), uri.headers().count(), uri.address()));
}

/// Reads it; whatever it is, its answer is one that can be read, unless the request had nothing to answer with.
fn take(bytes: Vec<u8>) {
    match Message::parse(Bytes::from(bytes)) {
        Ok(message) => {
            look_at(&message);
            assert!(message.raw().len() <= MESSAGE_MAX);
            assert!(message.lines(Name::Via).count() <= FIELDS_MAX);
            let again = Message::parse(message.raw().clone()).expect("what was read is read again");
            assert_eq!(again.raw(), message.raw());
            if message.is_request() {
                let answer = write::response(&message, 486, "192.0.2.77:5060".parse().unwrap(), "tag").finish();
                let answer = Message::parse(answer).expect("the answer to what was read");
                assert_eq!((answer.call_id(), answer.cseq()), (message.call_id(), message.cseq()));
                assert_eq!(answer.vias().count(), message.vias().count());
            }
        }
        Err(fault) => {
            let Some(request) = fault.message else { return };
            look_at(&request);
            let code = fault.answer.expect("what can be answered is");
            write::response(&request, code, "192.0.2.77:5060".parse().unwrap(), "tag").finish();
        }
    }
}

/// All messages, the same however the bytes are cut.
fn framed(bytes: &[u8], pieces: &[usize]) -> (Vec<Frame>, bool) {
    let (mut framer, mut frames, mut rest) = (Framer::new(), Vec::new(), bytes);
    let mut pieces = pieces.iter().cycle();
    while !rest.is_empty() {
        let piece = (*pieces.next().unwrap()).min(rest.len());
        framer.push(&rest[..piece]);
        rest = &rest[piece..];
        loop {
            match framer.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}

fn sip_words() -> impl Strategy<Value = String> {
    let words = vec![
        "INVITE ",
        "sip:",
        "tel:",
        "SIP/2.0",
        "\r\n",
        "\n",
        " ",
        "\t",
        ":",
        ";",
        ",",
        "<",
        ">",
        "\"",
        "\\",
        "=",
        "@",
        "[",
        "]",
        "?",
        "%",
        "%41",
        "Via: ",
        "v:",
        "SIP/2.0/UDP ",
        "From: ",
        "t:",
        "Call-ID: x",
        "CSeq: 1 INVITE",
        "l: ",
        "5",
        "tag=1",
        "branch=z9hG4bK",
        "rport",
        "é",
        "2001:db8::1",
        "h",
    ];
    vec(select(words), 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// BOX-148
    #[test]
    fn any_bytes_are_taken(bytes in vec(any::<u8>(), 0..600)) {
        take(bytes);
    }

    /// BOX-148
    #[test]
    fn any_words_are_taken(text in sip_words(), usual in any::<bool>()) {
        let head = "INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nFrom: ";
        take(if usual { format!("{head}{text}\r\nTo: <sip:1@h>\r\n\r\n").into_bytes() } else { text.clone().into_bytes() });
        let _ = (Uri::parse(&text), Address::parse(&text), Via::parse(&text), Challenge::parse(&text));
    }

    /// BOX-148
    #[test]
    fn torture_bent_further_is_taken(
        which in 0..49usize, changes in vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12)
    ) {
        let mut bytes = torture()[which].clone();
        for (at, byte, kind) in changes {
            if bytes.is_empty() { break; }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, byte),
                _ => { let tail = bytes[at..].to_vec(); bytes.extend(tail); }
            }
        }
        take(bytes);
    }

    /// RFC 3261 section 18.3
    #[test]
    fn a_stream_is_cut_the_same_however_it_comes(
        which in vec(0..49usize, 1..5), pieces in vec(1..200usize, 1..8), noise in vec(select(vec!["\r\n", "\r\n\r\n", "\n", ""]), 5)
    ) {
        let torture = torture();
        let mut bytes = Vec::new();
        for (which, noise) in which.iter().zip(noise) {
            bytes.extend_from_slice(noise.as_bytes());
            bytes.extend_from_slice(&torture[*which]);
        }
        let whole = framed(&bytes, &[bytes.len()]);
        prop_assert_eq!(framed(&bytes, &pieces), whole.clone());
        prop_assert!(whole.0.iter().all(|frame| !matches!(frame, Frame::Message(message) if message.len() > MESSAGE_MAX)));
    }

    #[test]
    fn what_we_write_we_read(display in any::<String>(), user in "[ -~é中]{1,20}", subject in any::<String>(), body in vec(any::<u8>(), 0..300)) {
        let uri = format!("sip:{}@192.0.2.1", escape(&user));
        let bytes = write::request(&Method::Message, &uri)
            .header(Name::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1")
            .header(Name::From, &format!("{};tag=1", write::address(&display, &uri)))
            .header(Name::To, &format!("<{uri}>"))
            .header(Name::CallId, "c")
            .header(Name::CSeq, "1 MESSAGE")
            .header(Name::Subject, &subject)
            .body("text/plain", body.clone())
            .finish();
        let message = Message::parse(bytes).unwrap();
        let shown: String = display.chars().filter(|letter| !letter.is_control()).collect();
        prop_assert_eq!(message.from().display, shown);
        prop_assert_eq!(message.from().tag(), Some("1"));
        let number = user.split(';').next().unwrap();
        prop_assert_eq!(unescape(message.uri().unwrap().user.unwrap()), user.as_str());
        prop_assert!(user.contains(';') || message.uri().unwrap().number() == number);
        prop_assert_eq!(message.body(), &body[..]);
        prop_assert_eq!(message.lines(Name::Via).count(), 1);
        let stored = serde_json::to_vec(&message).unwrap();
        let kept: Message = serde_json::from_slice(&stored).unwrap();
        prop_assert_eq!(kept.raw(), message.raw());
    }

    #[test]
    fn escapes_come_back(text in any::<String>()) {
        let escaped = escape(&text);
        prop_assert_eq!(unescape(&escaped), text.as_str());
    }

    #[test]
    fn any_challenge_is_answered_in_one_line(realm in "[ -~&&[^\"\\\\]]{0,20}", nonce in "[a-zA-Z0-9+/=]{1,40}", qop in select(vec!["", ", qop=auth", ", qop=\"auth-int,auth\""])) {
        let challenge = Challenge::parse(&format!("Digest realm=\"{realm}\", nonce=\"{nonce}\"{qop}")).unwrap();
        prop_assert_eq!((&challenge.realm, &challenge.nonce), (&realm, &nonce));
        let attempt = Attempt { user: "a\"b", password: "p", method: "INVITE", uri: "sip:1@h", body: b"", count: 1, cnonce: "c" };
        prop_assert!(!challenge.answer(&attempt).contains(['\r', '\n']));
    }
}
