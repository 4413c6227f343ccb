//! Who offers what, and what comes of it.

use super::*;
use proptest::prelude::*;

fn ours() -> Ours {
    Ours {
        address: Some("192.0.2.200".parse().unwrap()),
        port: 20000,
        key: None,
        prefer: None,
        direction: Direction::SendRecv,
    }
}

const OUR_KEY: SrtpKey = SrtpKey([1; 30]);
const THEIR_KEY: SrtpKey = SrtpKey([2; 30]);

fn secret() -> Ours {
    Ours { key: Some(OUR_KEY), ..ours() }
}

fn theirs(lines: &str) -> Session {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
    Session::parse(format!("{head}{lines}").as_bytes()).unwrap()
}

fn crypto(tag: u32, suite: Suite) -> Crypto {
    Crypto { tag, suite, key: THEIR_KEY }
}

fn choices(list: &[(Codec, u8)]) -> Vec<Choice> {
    list.iter().map(|&(codec, payload)| Choice { codec, payload }).collect()
}

/// RFC 3264 section 6.1, RFC 4317 section 2.1: the offerer's order and numbers, and only what we can do.
#[test]
fn an_answer_keeps_the_order_and_the_numbers_of_the_offer() {
    let offer = theirs(
        "m=audio 4000 RTP/AVP 97 0 8 96 110\r\na=rtpmap:97 iLBC/8000\r\na=rtpmap:96 G722/8000\r\n\
         a=rtpmap:110 telephone-event/8000\r\na=ptime:30\r\n",
    );
    let (answer, agreed) = answer(&offer, &ours()).unwrap();
    let expected = choices(&[(Codec::Pcmu, 0), (Codec::Pcma, 8), (Codec::G722, 96)]);
    assert_eq!((answer.codecs, answer.telephone_event, answer.port), (expected.clone(), Some(110), 20000));
    assert_eq!((answer.secure, answer.crypto, answer.media), (false, vec![], vec![Media::Sound]));
    assert_eq!(agreed.remote, "192.0.2.1:4000".parse().unwrap());
    assert_eq!((agreed.send, agreed.take), (expected[0], expected));
    assert_eq!((agreed.event_send, agreed.event_take, agreed.ptime_ms), (Some(110), Some(110), 30));
}

/// What the other leg speaks goes first, so that nothing is transcoded without need.
#[test]
fn the_codec_of_the_other_leg_goes_first_if_the_phone_can_speak_it() {
    let offer = theirs("m=audio 4000 RTP/AVP 9 0 8\r\n");
    let table = [
        (None, [Codec::G722, Codec::Pcmu, Codec::Pcma]),
        (Some(Codec::Pcma), [Codec::Pcma, Codec::G722, Codec::Pcmu]),
        (Some(Codec::G722), [Codec::G722, Codec::Pcmu, Codec::Pcma]),
    ];
    for (prefer, expected) in table {
        let (answer, agreed) = answer(&offer, &Ours { prefer, ..ours() }).unwrap();
        assert_eq!(answer.codecs, expected.map(Codec::choice));
        assert_eq!(agreed.send.codec, expected[0]);
    }
    let (answer, _) =
        answer(&theirs("m=audio 4000 RTP/AVP 0\r\n"), &Ours { prefer: Some(Codec::G722), ..ours() }).unwrap();
    assert_eq!(answer.codecs, [Codec::Pcmu.choice()]);
}

/// RFC 3264 sections 6.1 and 8.4: what the phone does, what we would do, and what we then do.
#[test]
fn hold_and_resume_follow_the_offer() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    let table = [
        ("sendrecv", SendRecv, SendRecv),
        ("sendonly", SendRecv, RecvOnly),
        ("recvonly", SendRecv, SendOnly),
        ("inactive", SendRecv, Inactive),
        ("sendrecv", SendOnly, SendOnly),
        ("sendonly", SendOnly, Inactive),
        ("recvonly", SendOnly, SendOnly),
        ("sendrecv", Inactive, Inactive),
    ];
    for (offered, direction, expected) in table {
        let offer = theirs(&format!("m=audio 4000 RTP/AVP 0\r\na={offered}\r\n"));
        let (answer, agreed) = answer(&offer, &Ours { direction, ..ours() }).unwrap();
        assert_eq!((answer.direction, agreed.direction), (expected, expected), "{offered} {direction:?}");
    }
    let held = theirs("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
    let (answer, agreed) = answer(&held, &ours()).unwrap();
    assert_eq!((answer.direction, agreed.direction.sends()), (RecvOnly, false));
}

/// DSK-341, DSK-343, RFC 4568 sections 5.1.2 and 7.1
#[test]
fn srtp_is_agreed_over_tls_alone() {
    use Suite::{AesCm128HmacSha1_32 as Short, AesCm128HmacSha1_80 as Long};
    let plain = || theirs("m=audio 4000 RTP/AVP 0\r\n");
    let secure = |crypto: Vec<Crypto>| Session { secure: true, crypto, ..plain() };
    let optional = |crypto: Vec<Crypto>| Session { crypto, ..plain() };
    let keys = |suite| Some(Keys { suite, ours: OUR_KEY, theirs: THEIR_KEY });
    let table = [
        (secret(), plain(), Ok((0, None))),
        (ours(), plain(), Ok((0, None))),
        (secret(), secure(vec![crypto(3, Long)]), Ok((3, keys(Long)))),
        (secret(), secure(vec![crypto(2, Short), crypto(3, Long)]), Ok((2, keys(Short)))),
        (secret(), optional(vec![crypto(1, Long)]), Ok((1, keys(Long)))),
        (secret(), secure(vec![]), Err(Fault::NoCommonSuite)),
        (ours(), secure(vec![crypto(1, Long)]), Err(Fault::SrtpWithoutTls)),
        (ours(), optional(vec![crypto(1, Long)]), Ok((0, None))),
    ];
    for (ours, offer, expected) in table {
        let outcome = answer(&offer, &ours);
        if let Ok((answer, _)) = &outcome {
            assert_eq!(answer.secure, offer.secure);
            assert!(answer.crypto.iter().all(|crypto| crypto.key == OUR_KEY));
        }
        let told = outcome.map(|(answer, agreed)| (answer.crypto.first().map_or(0, |crypto| crypto.tag), agreed.keys));
        assert_eq!(told, expected, "{offer:?}");
    }
}

/// RFC 3264 section 6: what is not sound is refused in its place (DSK-354).
#[test]
fn an_answer_has_a_line_for_each_line_of_the_offer() {
    let offer = theirs("m=video 5000 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 0\r\nm=image 5002 udptl t38\r\n");
    let (answer, _) = answer(&offer, &ours()).unwrap();
    let origin = crate::sdp::Origin { id: 1, version: 1, address: "192.0.2.200".parse().unwrap() };
    let body = String::from_utf8(answer.write(&origin)).unwrap();
    let lines: Vec<&str> = body.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(lines, ["m=video 0 RTP/AVP 96", "m=audio 20000 RTP/AVP 0", "m=image 0 udptl t38"]);
}

#[test]
fn no_common_codec_is_answered_488() {
    let fault = answer(&theirs("m=audio 4000 RTP/AVP 18 3\r\n"), &ours()).unwrap_err();
    assert_eq!((fault.code(), fault), (488, Fault::NoCommonCodec));
}

#[test]
fn the_second_leg_is_offered_first_what_the_first_one_speaks() {
    let table: [(&[Codec], [u8; 3]); 4] = [
        (&[], [9, 8, 0]),
        (&[Codec::Pcmu], [0, 9, 8]),
        (&[Codec::Pcma, Codec::Pcmu], [8, 0, 9]),
        (&[Codec::Pcmu, Codec::Pcmu], [0, 9, 8]),
    ];
    for (first, expected) in table {
        let offer = offer(&ours(), first, &[]);
        assert_eq!(offer.codecs.iter().map(|choice| choice.payload).collect::<Vec<_>>(), expected);
        assert_eq!((offer.telephone_event, offer.secure, offer.media), (Some(101), false, vec![Media::Sound]));
    }
    let secure = offer(&secret(), &[], &[]);
    let line = Crypto { tag: 1, suite: Suite::AesCm128HmacSha1_80, key: OUR_KEY };
    assert_eq!((secure.secure, secure.crypto), (true, vec![line]));
}

/// RFC 3264 section 8: a later offer keeps the places of the lines.
#[test]
fn a_later_offer_keeps_the_places_of_the_lines() {
    let media = theirs("m=video 5000 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 0\r\n").media;
    assert_eq!(offer(&ours(), &[], &media).media, media);
}

/// RFC 3264 section 7, RFC 4317 section 2.1
#[test]
fn their_answer_says_what_we_send_and_take() {
    let ours = offer(&ours(), &[Codec::Pcma], &[]);
    let agreed = accept(
        &ours,
        &theirs("m=audio 4000 RTP/AVP 18 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:45\r\na=recvonly\r\n"),
    )
    .unwrap();
    assert_eq!(agreed.send, Codec::Pcmu.choice());
    assert_eq!(agreed.take, [Codec::Pcma.choice(), Codec::Pcmu.choice()]);
    assert_eq!((agreed.event_send, agreed.event_take, agreed.ptime_ms), (Some(96), Some(101), 40));
    assert_eq!((agreed.direction, agreed.keys), (Direction::SendOnly, None));
    let silent = accept(&ours, &theirs("m=audio 4000 RTP/AVP 0\r\n")).unwrap();
    assert_eq!((silent.event_send, silent.event_take, silent.ptime_ms), (None, None, 20));
}

/// RFC 3264 section 6, RFC 4568 section 7.1.3
#[test]
fn an_answer_that_does_not_fit_is_a_fault() {
    let plain = offer(&ours(), &[], &[]);
    let secure = offer(&secret(), &[], &[]);
    let good = theirs("m=audio 4000 RTP/AVP 0\r\n");
    let keyed = |tag, suite| Session { secure: true, crypto: vec![crypto(tag, suite)], ..good.clone() };
    let none = theirs("m=audio 4000 RTP/AVP 18\r\n");
    let protocol = Fault::BadAnswer("another protocol than offered");
    let line = Fault::BadAnswer("a=crypto line that was not offered");
    let table = [
        (&plain, none, Fault::NoCommonCodec),
        (&plain, keyed(1, Suite::AesCm128HmacSha1_80), protocol.clone()),
        (&secure, good.clone(), protocol),
        (&secure, keyed(2, Suite::AesCm128HmacSha1_80), line.clone()),
        (&secure, keyed(1, Suite::AesCm128HmacSha1_32), line),
        (&secure, Session { secure: true, ..good.clone() }, Fault::NoCommonSuite),
        (&plain, Session { port: 0, ..good.clone() }, Fault::NoSound),
    ];
    for (offer, answer, expected) in table {
        assert_eq!(accept(offer, &answer).unwrap_err(), expected);
    }
    let keys = Keys { suite: Suite::AesCm128HmacSha1_80, ours: OUR_KEY, theirs: THEIR_KEY };
    let agreed = accept(&secure, &keyed(1, Suite::AesCm128HmacSha1_80)).unwrap();
    assert_eq!(agreed.keys, Some(keys));
}

proptest! {
    /// Both sides of one offer and answer mean the same by it.
    #[test]
    fn both_sides_agree_on_the_same(
        first in prop::sample::subsequence(Codec::ALL.to_vec(), 0..=3).prop_shuffle(),
        prefer in prop::option::of(prop::sample::select(Codec::ALL.to_vec())),
        secure: bool,
        hold: bool,
    ) {
        let direction = if hold { Direction::SendOnly } else { Direction::SendRecv };
        let a = Ours { direction, ..if secure { secret() } else { ours() } };
        let b = Ours { port: 30000, prefer, key: secure.then_some(THEIR_KEY), ..ours() };
        let offer = offer(&a, &first, &[]);
        let (answer, at_b) = answer(&offer, &b).unwrap();
        let at_a = accept(&offer, &answer).unwrap();
        prop_assert_eq!(at_a.send, at_b.send);
        prop_assert!(at_b.take.contains(&at_a.send) && at_a.take.contains(&at_b.send));
        prop_assert_eq!(at_a.direction, at_b.direction.reversed());
        prop_assert_eq!(at_a.keys.map(|keys| (keys.ours, keys.theirs)), at_b.keys.map(|keys| (keys.theirs, keys.ours)));
    }
}
