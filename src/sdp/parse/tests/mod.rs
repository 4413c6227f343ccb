//! What phones send, and what is refused.

use super::*;
use crate::sdp::{Origin, Ours, SrtpKey, Suite, answer};
use proptest::prelude::*;

const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

/// Address, port, codecs with numbers, telephone-event, direction, ptime and protocol in one line.
fn told(body: &str) -> String {
    match Session::parse(body.as_bytes()) {
        Ok(session) => line(&session),
        Err(fault) => format!("{} {fault:?}", fault.code()),
    }
}

fn line(session: &Session) -> String {
    let codecs: Vec<String> =
        session.codecs.iter().map(|choice| format!("{}={}", choice.codec.name(), choice.payload)).collect();
    format!(
        "{} {} {} event {:?} {} ptime {:?}{}{}",
        session.address.unwrap(),
        session.port,
        codecs.join(","),
        session.telephone_event,
        session.direction.name(),
        session.ptime_ms,
        if session.secure { " secure" } else { "" },
        if session.media.len() == 1 { String::new() } else { format!(" of {}", session.media.len()) },
    )
}

/// RFC 4566, RFC 3264 section 5 and 8.4, RFC 3551, RFC 4733, DSK-354: what real phones send.
#[test]
fn what_phones_send_is_understood() {
    const PLAIN: &str = "192.0.2.1 4000 PCMU=0 event None sendrecv ptime None";
    let m = "m=audio 4000 RTP/AVP 0\r\n";
    let table: Vec<(&str, String, &str)> = vec![
        ("static number without rtpmap", format!("{HEAD}{m}"), PLAIN),
        (
            "all static numbers in their order",
            format!("{HEAD}m=audio 4000 RTP/AVP 9 8 18 0 3\r\n"),
            "192.0.2.1 4000 G722=9,PCMA=8,PCMU=0 event None sendrecv ptime None",
        ),
        ("no s=, no t=, no o=", format!("v=0\r\nc=IN IP4 192.0.2.1\r\n{m}"), PLAIN),
        ("bare line feeds", format!("{HEAD}{m}").replace("\r\n", "\n"), PLAIN),
        ("bare carriage returns", format!("{HEAD}{m}").replace("\r\n", "\r"), PLAIN),
        ("no end of the last line", format!("{HEAD}m=audio 4000 RTP/AVP 0"), PLAIN),
        ("blank first line", format!("\r\n{HEAD}{m}"), PLAIN),
        ("blank line within", format!("{HEAD}\r\n{m}"), PLAIN),
        ("runs of spaces", format!("{HEAD}m=audio  4000 RTP/AVP  0 \r\n"), PLAIN),
        (
            "numbers of 24 digits in o=",
            format!(
                "v=0\r\no=- 123456789012345678901234 123456789012345678901234 IN IP4 x\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{m}"
            ),
            PLAIN,
        ),
        (
            "empty o= and odd b=, t=, k=",
            format!("v=0\r\no=\r\ns=\r\nc=IN IP4 192.0.2.1\r\nb=AS\r\nt=\r\nk=\r\n{m}"),
            PLAIN,
        ),
        ("unknown lines", format!("{HEAD}x=what\r\n{m}y=what\r\na=unknown:thing\r\n"), PLAIN),
        (
            "dynamic number, lower case, channels",
            format!(
                "{HEAD}m=audio 4000 RTP/AVP 96 101\r\na=rtpmap:96 pcma/8000/1\r\na=rtpmap:101 TELEPHONE-EVENT/8000\r\na=fmtp:101 0-15\r\n"
            ),
            "192.0.2.1 4000 PCMA=96 event Some(101) sendrecv ptime None",
        ),
        (
            "static number mapped to another codec",
            format!("{HEAD}m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 opus/48000/2\r\n"),
            "192.0.2.1 4000 PCMA=8 event None sendrecv ptime None",
        ),
        (
            "G722 written with both clock rates",
            format!("{HEAD}m=audio 4000 RTP/AVP 9 97\r\na=rtpmap:9 G722/8000\r\na=rtpmap:97 G722/16000\r\n"),
            "192.0.2.1 4000 G722=9,G722=97 event None sendrecv ptime None",
        ),
        (
            "PCMU at a rate that is not ours",
            format!("{HEAD}m=audio 4000 RTP/AVP 98 0\r\na=rtpmap:98 PCMU/16000\r\n"),
            PLAIN,
        ),
        (
            "telephone-event of a wide codec is passed over",
            format!(
                "{HEAD}m=audio 4000 RTP/AVP 0 100 101\r\na=rtpmap:100 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\n"
            ),
            "192.0.2.1 4000 PCMU=0 event Some(101) sendrecv ptime None",
        ),
        (
            "numbers out of range and twice",
            format!("{HEAD}m=audio 4000 RTP/AVP 0 0 128 300 x 8\r\n"),
            "192.0.2.1 4000 PCMU=0,PCMA=8 event None sendrecv ptime None",
        ),
        (
            "direction of the session",
            format!("{HEAD}a=sendonly\r\n{m}"),
            "192.0.2.1 4000 PCMU=0 event None sendonly ptime None",
        ),
        (
            "direction of the line goes before that of the session",
            format!("{HEAD}a=sendonly\r\n{m}a=inactive\r\n"),
            "192.0.2.1 4000 PCMU=0 event None inactive ptime None",
        ),
        (
            "old-style hold",
            format!("{}{m}", HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0")),
            "0.0.0.0 4000 PCMU=0 event None sendonly ptime None",
        ),
        (
            "old-style hold that does not send either",
            format!("{HEAD}{m}c=IN IP4 0.0.0.0\r\na=recvonly\r\n"),
            "0.0.0.0 4000 PCMU=0 event None inactive ptime None",
        ),
        (
            "address of the line goes before that of the session",
            format!("{HEAD}{m}c=IN IP4 192.0.2.9\r\n"),
            "192.0.2.9 4000 PCMU=0 event None sendrecv ptime None",
        ),
        (
            "IPv6",
            format!("{}{m}", HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP6 2001:db8::7")),
            "2001:db8::7 4000 PCMU=0 event None sendrecv ptime None",
        ),
        (
            "ptime, and one that is none",
            format!("{HEAD}{m}a=ptime:30\r\n"),
            "192.0.2.1 4000 PCMU=0 event None sendrecv ptime Some(30)",
        ),
        ("ptime 0", format!("{HEAD}{m}a=ptime:0\r\n"), PLAIN),
        (
            "video beside sound",
            format!("{HEAD}{m}m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"),
            "192.0.2.1 4000 PCMU=0 event None sendrecv ptime None of 2",
        ),
        (
            "fax before sound",
            format!("{HEAD}m=image 5000 udptl t38\r\n{m}"),
            "192.0.2.1 4000 PCMU=0 event None sendrecv ptime None of 2",
        ),
        (
            "a sound line that is off before one that is on",
            format!("{HEAD}m=audio 0 RTP/AVP 8\r\n{m}"),
            "192.0.2.1 4000 PCMU=0 event None sendrecv ptime None of 2",
        ),
        ("a pair of ports", format!("{HEAD}m=audio 4000/2 RTP/AVP 0\r\n"), PLAIN),
        (
            "SRTP",
            format!("{HEAD}m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n"),
            "192.0.2.1 4000 PCMU=0 event None sendrecv ptime None secure",
        ),
    ];
    for (what, body, expected) in table {
        assert_eq!(told(&body), expected, "{what}");
    }
}

/// BOX-149, RFC 3261 section 21.4.26: what cannot be answered is refused by name.
#[test]
fn what_cannot_be_answered_is_refused_clearly() {
    let m = "m=audio 4000 RTP/AVP 0\r\n";
    let host = HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 phone.example.com");
    let table: Vec<(String, &str)> = vec![
        (format!("{HEAD}m=video 5000 RTP/AVP 96\r\n"), "488 NoSound"),
        (HEAD.to_string(), "488 NoSound"),
        (format!("{HEAD}m=audio 0 RTP/AVP 0\r\n"), "488 NoSound"),
        (format!("{HEAD}m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n"), "488 NoSound"),
        (format!("v=0\r\n{m}"), "488 NoAddress"),
        (format!("{host}{m}"), "488 Hostname(\"phone.example.com\")"),
        (format!("{HEAD}{m}c=IN IP4 224.2.1.1/127\r\n"), "488 Multicast"),
        (format!("{HEAD}{m}{}", "a=x\r\n".repeat(4000)), "413 TooLarge"),
    ];
    for (body, expected) in table {
        assert_eq!(told(&body), expected, "{}", &body[..body.len().min(300)]);
    }
    for malformed in [
        "",
        "v=1\r\n",
        "hello",
        "v=0\r\nm=audio\r\n",
        "v=0\r\nm=audio 70000 RTP/AVP 0\r\n",
        "v=0\r\nm=audio 1 RTP/AVP\r\n",
        "v=0\r\nc=IN\r\nm=audio 1 RTP/AVP 0\r\n",
    ] {
        assert!(matches!(Session::parse(malformed.as_bytes()), Err(Fault::Malformed(_))), "{malformed:?}");
    }
    let many = format!("{HEAD}{}", m.repeat(MEDIA_MAX + 1));
    assert!(matches!(Session::parse(many.as_bytes()), Err(Fault::Malformed(_))));
}

#[test]
fn a_name_that_is_not_utf_8_costs_no_call() {
    let body = [
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=\xff\xfe\r\nc=IN IP4 192.0.2.1\r\n".as_slice(),
        b"m=audio 4000 RTP/AVP 8\r\na=label:\xc3\x28\r\n",
    ]
    .concat();
    assert_eq!(line(&Session::parse(&body).unwrap()), "192.0.2.1 4000 PCMA=8 event None sendrecv ptime None");
}

/// DSK-341, DSK-343: sound offered twice, as SRTP and as RTP.
#[test]
fn of_two_sound_lines_the_plain_one_is_for_phones_without_tls() {
    let body = format!(
        "{HEAD}m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\nm=audio 4002 RTP/AVP 0\r\n"
    );
    let secure = Session::parse(body.as_bytes()).unwrap();
    let other = |port: &str, protocol: &str| Media::Other {
        kind: "audio".into(),
        protocol: protocol.into(),
        formats: port.into(),
    };
    assert_eq!((secure.port, secure.secure, secure.crypto.len()), (4000, true, 1));
    assert_eq!(secure.media, [Media::Sound, other("0", "RTP/AVP")]);
    let plain = Session::parse_plain(body.as_bytes()).unwrap();
    assert_eq!((plain.port, plain.secure, plain.crypto.len()), (4002, false, 0));
    assert_eq!(plain.media, [other("8", "RTP/SAVP"), Media::Sound]);
    let alone = format!("{HEAD}m=audio 4000 RTP/SAVP 8\r\n");
    assert!(Session::parse_plain(alone.as_bytes()).unwrap().secure);
}

/// RFC 4568 section 5: lines that we cannot do are passed over, the rest keep their order.
#[test]
fn crypto_lines_that_we_cannot_do_are_passed_over() {
    let body = format!(
        "{HEAD}m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}{KEY}\r\n\
         a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}|2^20\r\na=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n"
    );
    let crypto = Session::parse(body.as_bytes()).unwrap().crypto;
    let tags: Vec<(u32, Suite)> = crypto.iter().map(|crypto| (crypto.tag, crypto.suite)).collect();
    assert_eq!(tags, [(2, Suite::AesCm128HmacSha1_32), (3, Suite::AesCm128HmacSha1_80)]);
}

/// BOX-148, BOX-149: whatever is taken can be answered within the bounds.
#[test]
fn the_answer_to_the_longest_offer_is_not_too_long() {
    let ours = Ours { address: None, port: 65_535, key: None, prefer: None, direction: Direction::SendRecv };
    let origin =
        Origin { id: u64::MAX, version: u64::MAX, address: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap() };
    let formats: Vec<String> = (0..128).map(|payload| payload.to_string()).collect();
    let maps: String = (0..128).map(|payload| format!("a=rtpmap:{payload} PCMA/8000\n")).collect();
    let sound = format!("v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP {}\n{maps}", formats.join(" "));
    let offer = |others: usize| format!("{sound}m=video 4002 RTP/AVP {}\n", "9".repeat(others));
    let most = |others: usize| offer(others).len() <= BODY_MAX;
    assert!(most(12_000), "it is not the length of the whole that refuses it");
    assert_eq!(told(&offer(12_000)), "413 TooLarge");
    let longest = (0..12_000).rev().step_by(10).find_map(|others| Session::parse(offer(others).as_bytes()).ok());
    let (answer, _) = answer(&longest.expect("one is taken"), &ours).unwrap();
    assert!(answer.write(&origin).len() <= BODY_MAX);
}

fn any_session() -> impl Strategy<Value = Session> {
    let codecs = prop::sample::subsequence(Codec::ALL.to_vec(), 1..=3).prop_shuffle();
    let direction =
        prop::sample::select(vec![Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]);
    let crypto = prop::collection::vec((any::<u32>(), any::<bool>(), any::<[u8; 30]>()), 0..3);
    let other = prop::bool::ANY;
    (any::<[u8; 4]>(), 1..u16::MAX, codecs, any::<bool>(), direction, 1..200u16, any::<bool>(), crypto, other)
        .prop_filter("an address of one phone", |parts| {
            let address = IpAddr::from(parts.0);
            !address.is_multicast() && !address.is_unspecified()
        })
        .prop_map(|(address, port, codecs, event, direction, ptime, secure, crypto, other)| Session {
            address: Some(address.into()),
            port,
            codecs: codecs.into_iter().map(Codec::choice).collect(),
            telephone_event: event.then_some(101),
            direction,
            ptime_ms: Some(ptime),
            secure,
            crypto: crypto
                .into_iter()
                .map(|(tag, long, key)| Crypto {
                    tag,
                    suite: if long { Suite::AesCm128HmacSha1_80 } else { Suite::AesCm128HmacSha1_32 },
                    key: SrtpKey(key),
                })
                .collect(),
            media: if other {
                let kind = "video".into();
                vec![Media::Other { kind, protocol: "RTP/AVP".into(), formats: "96 97".into() }, Media::Sound]
            } else {
                vec![Media::Sound]
            },
        })
}

proptest! {
    #[test]
    fn what_we_write_is_read_back_the_same(session in any_session(), id: u64, version: u64) {
        let written = session.write(&Origin { id, version, address: "192.0.2.200".parse().unwrap() });
        prop_assert_eq!(Session::parse(&written).unwrap(), session);
    }

    /// BOX-148
    #[test]
    fn nothing_that_comes_makes_it_stumble(body in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Session::parse(&body);
    }

    /// BOX-148: cut, doubled and twisted descriptions.
    #[test]
    fn no_twisted_description_makes_it_stumble(session in any_session(), cut in 0..400usize, at in 0..400usize, byte: u8) {
        let mut body = session.write(&Origin { id: 1, version: 1, address: "192.0.2.200".parse().unwrap() });
        let place = at.min(body.len() - 1);
        body[place] = byte;
        body.truncate(cut.max(1));
        let _ = Session::parse(&body);
        let _ = Session::parse_plain(&[body.clone(), body].concat());
    }
}
