//! What phones and carriers really send: each of these was refused or bent by some parser.

use bytes::Bytes;
use callbox::sip::{
    address::{Address, Contacts},
    fault::Fault,
    message::Message,
    method::Method,
    name::Name,
    uri::{Scheme, Uri},
    write,
};
use std::net::SocketAddr;

/// An OPTIONS with these lines in place of the headers of the same name.
fn request(lines: &str) -> Result<Message, Fault> {
    whole("OPTIONS sip:801@192.0.2.1 SIP/2.0", lines, "")
}

fn whole(start: &str, lines: &str, body: &str) -> Result<Message, Fault> {
    let method = start.split(' ').next().unwrap();
    let cseq = format!("CSeq: 1 {method}");
    let usual = [
        ("via", "v", "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx"),
        ("from", "f", "From: <sip:802@192.0.2.1>;tag=a"),
        ("to", "t", "To: <sip:801@192.0.2.1>"),
        ("call-id", "i", "Call-ID: one"),
        ("cseq", "cseq", cseq.as_str()),
    ];
    let given: Vec<String> =
        lines.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim().to_lowercase()).collect();
    let mut text = format!("{start}\r\n");
    for (long, compact, line) in usual {
        if !given.iter().any(|name| name == long || name == compact) {
            text.push_str(&format!("{line}\r\n"));
        }
    }
    text.push_str(&format!("{lines}\r\n{body}"));
    Message::parse(Bytes::from(text.into_bytes()))
}

fn contacts(message: &Message) -> Vec<Address<'_>> {
    match message.contacts() {
        Some(Contacts::List(list)) => list,
        other => panic!("{other:?}"),
    }
}

/// RFC 3261 section 7.3.3
#[test]
fn compact_names_are_names() {
    let lines = "v: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKc\r\nf: <sip:8@h>;tag=q\r\nt: <sip:9@h>\r\ni: two\r\nm: <sip:8@h>\r\nk: 100rel, timer\r\ns: x\r\no: dialog\r\nr: <sip:1@h>\r\nx: 1800;refresher=uac\r\nc: text/plain\r\nl: 0\r\n";
    let message = request(lines).unwrap();
    assert_eq!(message.top_via().branch(), Some("z9hG4bKc"));
    assert_eq!((message.from().tag(), message.to().uri, message.call_id()), (Some("q"), "sip:9@h", "two"));
    assert!(message.has_token(Name::Supported, "TIMER") && !message.has_token(Name::Supported, "tim"));
    assert_eq!(message.value(Name::SessionExpires), Some("1800;refresher=uac"));
    assert_eq!((message.value(Name::Event), message.value(Name::ReferTo)), (Some("dialog"), Some("<sip:1@h>")));
    assert_eq!(message.content_type(), Some("text/plain"));
}

/// RFC 3261 sections 7.3.1 and 7.5
#[test]
fn lines_end_fold_and_begin_in_many_ways() {
    let feeds = request("Subject: one\r\n two\r\n\tthree\r\n").unwrap();
    assert_eq!(feeds.value(Name::Subject), Some("one   two  \tthree"));
    let text =
        String::from_utf8(request("Max-Forwards : 7\r\nFrom\t:<sip:1@h>;tag=z\r\n").unwrap().raw().to_vec()).unwrap();
    for variant in [text.clone(), text.replace("\r\n", "\n"), format!("\r\n\r\n{text}"), format!("\n{text}trailing")] {
        let message = Message::parse(Bytes::from(variant)).unwrap();
        assert_eq!((message.max_forwards(), message.from().tag()), (Some(7), Some("z")));
    }
}

/// Chinese phones write GB 18030 into display names; the answer gives them their bytes back.
#[test]
fn names_that_are_no_utf8_come_back_as_they_were() {
    let mut bytes = b"OPTIONS sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKg\r\nFrom: \"".to_vec();
    bytes.extend_from_slice(&[0xd5, 0xc5, 0xc8, 0xfd]);
    bytes.extend_from_slice(b"\" <sip:8@h>;tag=g\r\nTo: <sip:1@h>\r\nCall-ID: g\r\nCSeq: 1 OPTIONS\r\n\r\n");
    let message = Message::parse(Bytes::from(bytes)).unwrap();
    assert_eq!((message.from().display.chars().count(), message.from().tag()), (4, Some("g")));
    let answer = write::response(&message, 200, source(), "t").finish();
    assert!(answer.windows(4).any(|word| word == [0xd5, 0xc5, 0xc8, 0xfd]));
}

fn source() -> SocketAddr {
    "198.51.100.7:40000".parse().unwrap()
}

/// RFC 3261 section 20.10, RFC 5626, RFC 5627
#[test]
fn contacts_of_every_kind_are_read() {
    let instance = "Contact: \"a, b\" <sip:8@h;transport=tcp>;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";reg-id=1;expires=60, <sips:8@[2001:db8::9]:5061;gr=urn:uuid:1;x>;q=0.5\r\nContact: sip:9@h;expires=30\r\n";
    let message = request(instance).unwrap();
    let list = contacts(&message);
    assert_eq!(list.len(), 3);
    assert_eq!((list[0].display.as_ref(), list[0].params.value("reg-id")), ("a, b", Some("1")));
    let wanted = Some("<urn:uuid:00000000-0000-1000-8000-000A95A0E128>");
    assert_eq!(list[0].params.value("+sip.instance"), wanted);
    assert_eq!(list[0].uri().unwrap().params.value("transport"), Some("tcp"));
    let secure = list[1].uri().unwrap();
    assert_eq!((secure.scheme, secure.host, secure.port), (Scheme::Sips, "[2001:db8::9]", Some(5061)));
    assert_eq!((secure.params.value("gr"), secure.params.has("x")), (Some("urn:uuid:1"), true));
    assert_eq!((list[2].uri, list[2].params.value("expires")), ("sip:9@h", Some("30")));
    assert_eq!(request("Contact: *\r\nExpires: 0\r\n").unwrap().contacts(), Some(Contacts::Star));
    assert_eq!(request("Contact: *, <sip:8@h>\r\n").unwrap().contacts(), None);
    assert_eq!(request("").unwrap().contacts(), Some(Contacts::List(vec![])));
}

#[test]
fn display_names_may_hold_anything() {
    for (written, display) in [
        ("\"<<8>>\" <sip:8@h>;tag=1", "<<8>>"),
        ("\"a \\\"b\\\" \\\\\" <sip:8@h>;tag=1", "a \"b\" \\"),
        ("\"张三;x,y\"<sip:8@h>;tag=1", "张三;x,y"),
        ("Anna Bell <sip:8@h>;tag=1", "Anna Bell"),
        ("<sip:8@h>;tag=1", ""),
        ("sip:8@h;tag=1", ""),
        ("\"\" <sip:8@h>;x;tag=1;", ""),
    ] {
        let message = request(&format!("From: {written}\r\n")).unwrap();
        assert_eq!((message.from().display.as_ref(), message.from().tag()), (display, Some("1")), "{written}");
        let again = write::address(display, "sip:8@h");
        assert_eq!(Address::parse(&again).unwrap().display, display);
    }
    for wrong in
        ["\"open <sip:8@h>", "<sip:8@h", "< sip:8@h>", "\"a\" b <sip:8@h>", "sip:8@h?x=y", "<>", "8", "<sip:8@h>x"]
    {
        assert_eq!(request(&format!("From: {wrong}\r\n")).unwrap_err().answer, Some(400), "{wrong}");
    }
}

/// RFC 3966; carriers write such in From and the Request-URI.
#[test]
fn tel_uris_are_numbers() {
    let message =
        whole("INVITE tel:+86-10-1234.5678;phone-context=+86 SIP/2.0", "From: <tel:114>;tag=1\r\n", "").unwrap();
    let uri = message.uri().unwrap();
    assert_eq!((uri.scheme, uri.number().as_ref()), (Scheme::Tel, "+861012345678"));
    assert_eq!(uri.params.value("phone-context"), Some("+86"));
    assert_eq!(message.from().uri().unwrap().number(), "114");
}

/// RFC 3261 section 8.2.1: what is unknown is answered, so it has to be read.
#[test]
fn unknown_methods_and_schemes_are_read() {
    let message = whole("SERVICE sip:801@h SIP/2.0", "", "").unwrap();
    assert_eq!(message.method(), Method::Other("SERVICE".into()));
    assert_eq!(whole("OPTIONS urn:service:sos SIP/2.0", "", "").unwrap().uri().unwrap_err().code(), 416);
    assert_eq!(whole("OPTIONS sip:801@h sip/2.0", "", "").unwrap().method(), Method::Options);
}

/// RFC 3261 section 18.3, BOX-149
#[test]
fn bodies_are_as_long_as_they_say() {
    let message =
        whole("INFO sip:1@h SIP/2.0", "Content-Type: application/dtmf-relay\r\nContent-Length: 3\r\n", "a\0\u{e9}more")
            .unwrap();
    assert_eq!(message.body(), b"a\0\xc3");
    assert_eq!(whole("INFO sip:1@h SIP/2.0", "", "all of it").unwrap().body(), b"all of it");
    for (lines, code) in [
        ("Content-Length: 4\r\n", 400),
        ("Content-Length: 3\r\nl: 3\r\n", 400),
        ("Content-Length: +3\r\n", 400),
        ("Content-Length: 99999999999999999999999\r\n", 400),
        ("Content-Length: 70000\r\n", 513),
    ] {
        assert_eq!(whole("INFO sip:1@h SIP/2.0", lines, "abc").unwrap_err().answer, Some(code), "{lines}");
    }
}

/// BOX-149
#[test]
fn what_is_too_large_is_answered_so() {
    let many = "X: y\r\n".repeat(195);
    assert!(request(&many).is_ok());
    let fault = request(&format!("{many}X: y\r\n")).unwrap_err();
    assert_eq!((fault.answer, fault.message.unwrap().call_id()), (Some(513), "one"));
    let fault = request(&format!("X: {}\r\n", "y".repeat(65_536))).unwrap_err();
    assert_eq!(fault.answer, None, "its head has no end within the limit");
    let fault = whole("MESSAGE sip:1@h SIP/2.0", "", &"y".repeat(65_536)).unwrap_err();
    assert_eq!(fault.answer, Some(513));
    let sdp = "Content-Type: application/SDP\r\n";
    assert!(whole("INVITE sip:1@h SIP/2.0", sdp, &"y".repeat(16_384)).is_ok());
    assert_eq!(whole("INVITE sip:1@h SIP/2.0", sdp, &"y".repeat(16_385)).unwrap_err().answer, Some(413));
}

#[test]
fn what_is_no_sip_is_dropped_in_silence() {
    for bytes in [
        "",
        "\r\n\r\n",
        "\0\0\0\0",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "SIP/2.0 99 no\r\n\r\n",
        "hello\r\n\r\n",
        " OPTIONS sip:h SIP/2.0\r\n\r\n",
    ] {
        assert_eq!(Message::parse(Bytes::from(bytes)).unwrap_err().answer, None, "{bytes:?}");
    }
    assert_eq!(whole("ACK sip:1@h SIP/2.0", "From: broken\r\n", "").unwrap_err().answer, None);
    assert_eq!(whole("SIP/2.0 200 OK", "CSeq: 1 INVITE\r\nTo: broken\r\n", "").unwrap_err().answer, None);
}

/// RFC 3261 section 8.2.6, RFC 3581
#[test]
fn a_response_finds_its_way_back() {
    let lines = "Via: SIP/2.0/UDP 10.0.0.9:5062;rport;branch=z9hG4bK1, SIP/2.0/TCP p.example;branch=z9hG4bK0\r\nVia: SIP/2.0/TLS q;branch=z9hG4bKq\r\nRecord-Route: <sip:p;lr>\r\nTimestamp: 54\r\n";
    let message = whole("INVITE sip:801@h SIP/2.0", lines, "").unwrap();
    let answer = Message::parse(write::response(&message, 180, source(), "mine").finish()).unwrap();
    let top = answer.top_via();
    assert_eq!((top.received(), top.rport(), top.branch()), (Some(source().ip()), Some(40_000), Some("z9hG4bK1")));
    assert_eq!(answer.vias().map(|via| via.host).collect::<Vec<_>>(), ["10.0.0.9", "p.example", "q"]);
    assert_eq!((answer.to().tag(), answer.from().tag(), answer.call_id()), (Some("mine"), Some("a"), "one"));
    assert_eq!((answer.cseq(), answer.code()), ((1, Method::Invite), Some(180)));
    assert_eq!((answer.value(Name::RecordRoute), answer.value(Name::Timestamp)), (Some("<sip:p;lr>"), None));
    let trying = Message::parse(write::response(&message, 100, source(), "").finish()).unwrap();
    assert_eq!((trying.to().tag(), trying.value(Name::Timestamp)), (None, Some("54")));
    let known = whole("BYE sip:801@h SIP/2.0", "To: <sip:801@h>;tag=old\r\n", "").unwrap();
    assert_eq!(Message::parse(write::response(&known, 200, source(), "new").finish()).unwrap().to().tag(), Some("old"));
    let same: SocketAddr = "192.0.2.9:5060".parse().unwrap();
    let plain = Message::parse(write::response(&known, 200, same, "").finish()).unwrap();
    assert_eq!(plain.value(Name::Via), Some("SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx"));
}

/// RFC 3261 section 18.2.2: whoever wrote a Via that cannot be read gets it back as it was, and nothing of another.
#[test]
fn a_via_that_cannot_be_read_goes_back_untouched() {
    let good = "SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKgood";
    for bad in ["SIP/2.0/UDP 192.0.2.8;;,;,,", "none at all", ","] {
        let fault = whole("OPTIONS sip:801@h SIP/2.0", &format!("Via: {bad}\r\nVia: {good}\r\n"), "").unwrap_err();
        assert_eq!(fault.answer, Some(400), "{bad}");
        let answer = write::response(&fault.message.unwrap(), 400, source(), "mine").finish();
        let text = String::from_utf8_lossy(&answer).into_owned();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("Via: ")).collect();
        assert_eq!(lines, [format!("Via: {bad}"), format!("Via: {good}")]);
    }
}

/// Nothing that is given can begin a line of its own.
#[test]
fn lines_cannot_be_smuggled() {
    let evil = "x\r\nVia: SIP/2.0/UDP evil\r\n\r\nbody";
    let message = write::request(&Method::Options, "sip:1@h\r\nX: y")
        .header(Name::Via, "SIP/2.0/UDP h;branch=z9hG4bK1")
        .header(Name::From, &format!("{};tag=1", write::address(evil, &format!("sip:1@h>{evil}"))))
        .header(Name::To, "<sip:1@h>")
        .header(Name::CallId, "c")
        .header(Name::CSeq, "1 OPTIONS")
        .header(Name::Subject, evil)
        .other("X-Own\r\nY", evil)
        .body("text/plain", "body\r\n")
        .finish();
    let text = String::from_utf8(message.to_vec()).unwrap();
    let starts = [
        "OPTIONS sip:1@hX:y SIP/2.0",
        "Via: ",
        "From: ",
        "To: ",
        "Call-ID: ",
        "CSeq: ",
        "Subject: ",
        "X-OwnY: ",
        "Content-Type: text/plain",
        "Content-Length: 6",
    ];
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(head.split("\r\n").count(), starts.len());
    assert!(head.split("\r\n").zip(starts).all(|(line, start)| line.starts_with(start)), "{head}");
    assert_eq!(body, "body\r\n");
}

/// RFC 3891 and 3515: the dialog of a consultation call, escaped inside Refer-To.
#[test]
fn a_refer_to_holds_its_replaces() {
    let replaces = "call;1@h;to-tag=a;from-tag=b";
    let written = format!("<sip:802@h?Replaces={}&X=1>", callbox::sip::uri::escape(replaces));
    let message = request(&format!("Refer-To: {written}\r\n")).unwrap();
    let target = message.addresses(Name::ReferTo).unwrap();
    let uri = target[0].uri().unwrap();
    assert_eq!(uri.header("replaces").as_deref(), Some(replaces));
    assert_eq!((uri.number().as_ref(), uri.header("x").as_deref()), ("802", Some("1")));
    let sloppy = Uri::parse("sip:802@h?Replaces=call@h;to-tag=a;from-tag=b").unwrap();
    assert_eq!((sloppy.host, sloppy.header("Replaces").as_deref()), ("h", Some("call@h;to-tag=a;from-tag=b")));
}

/// RFC 3261 section 19.1.4, its own examples among them.
#[test]
fn uris_are_compared_by_what_they_mean() {
    let same = |one: &str, other: &str| {
        let (one, other) = (Uri::parse(one).unwrap(), Uri::parse(other).unwrap());
        assert_eq!(one.is_same(&other), other.is_same(&one));
        one.is_same(&other)
    };
    assert!(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
    assert!(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
    assert!(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"));
    assert!(same(
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"
    ));
    assert!(same(
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x"
    ));
    assert!(same("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0::1]"));
    assert!(!same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
    assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
    assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
    assert!(!same("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"));
    assert!(!same("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"));
    assert!(!same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
    assert!(!same("sip:a@h", "sips:a@h"));
}

/// RFC 5118
#[test]
fn ipv6_is_read_wherever_it_stands() {
    let message = whole(
        "REGISTER sip:[2001:db8::10] SIP/2.0",
        "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;received=[2001:db8::9:255];branch=z9hG4bKas3-111\r\nTo: sip:user@example.com\r\nContact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n",
        "",
    )
    .unwrap();
    let via = message.top_via();
    assert_eq!((via.address(), via.port), (Some("2001:db8::9:1".parse().unwrap()), Some(6050)));
    assert_eq!(via.received(), Some("2001:db8::9:255".parse().unwrap()));
    assert_eq!(message.uri().unwrap().address(), Some("2001:db8::10".parse().unwrap()));
    // 4.2: without brackets it is no host.
    assert_eq!(whole("REGISTER sip:2001:db8::10 SIP/2.0", "", "").unwrap_err().answer, Some(400));
    // 4.3: inside the brackets there is no port, behind them there is.
    assert_eq!(Uri::parse("sip:[2001:db8::10:5070]").unwrap().port, None);
    assert_eq!(Uri::parse("sip:[2001:db8::10]:5070").unwrap().port, Some(5070));
    // 4.5: received without brackets.
    let bare = request("Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3\r\n").unwrap();
    assert_eq!(bare.top_via().received(), Some("2001:db8::9:255".parse().unwrap()));
    // 4.9 and 4.10: an IPv4 tail, also behind the three colons that the old grammar allows.
    for host in ["[2001:db8::192.0.2.1]", "[2001:db8:::192.0.2.1]"] {
        assert_eq!(
            Uri::parse(&format!("sip:u@{host}")).unwrap().address(),
            Some("2001:db8::192.0.2.1".parse().unwrap())
        );
    }
    let source: SocketAddr = "[2001:db8::9:2]:5060".parse().unwrap();
    let answer = Message::parse(write::response(&message, 200, source, "t").finish()).unwrap();
    assert_eq!(answer.top_via().received(), Some(source.ip()));
}

/// BOX-122: neither what is printed nor what is kept holds a proof.
#[test]
fn a_proof_is_neither_printed_nor_kept() {
    let message = request("Authorization: Digest response=\"0123\"\r\nSubject: x\r\n").unwrap();
    assert!(!format!("{message:?}").contains("0123"));
    let kept = serde_json::from_slice::<Message>(&serde_json::to_vec(&message).unwrap()).unwrap();
    assert!(!String::from_utf8_lossy(kept.raw()).contains("0123"));
    assert_eq!((kept.raw().len(), kept.value(Name::Subject)), (message.raw().len(), Some("x")));
}

/// BOX-148: no list is so long that looking something up in it takes noticeably long.
#[test]
fn parameters_are_bounded() {
    let params = |count: usize| (0..count).map(|n| format!(";p{n}")).collect::<String>();
    assert!(Uri::parse(&format!("sip:h{}", params(100))).is_ok());
    assert!(Uri::parse(&format!("sip:h{}", params(101))).is_err());
}

/// BOX-148: what we answer can be read by the same rules, however far the request goes to their ends.
#[test]
fn an_answer_has_room_for_what_it_adds() {
    let params = |count: usize| (0..count).map(|n| format!(";p{n}")).collect::<String>();
    let via = |more: &str| format!("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx{more}\r\n");
    let to = |more: &str| format!("To: <sip:801@192.0.2.1>{more}\r\n");
    let empty_first = format!("Via:\r\n{}", via(""));
    for lines in [via(&params(97)), to(&params(98)), to(";"), to(";a;"), empty_first] {
        let message = request(&lines).unwrap();
        let answer = Message::parse(write::response(&message, 200, source(), "mine").finish());
        let answer = answer.expect(&lines);
        assert_eq!((answer.to().tag(), answer.top_via().received()), (Some("mine"), Some(source().ip())));
    }
    for lines in [via(&params(98)), to(&params(99))] {
        assert_eq!(request(&lines).map_err(|fault| fault.answer).err(), Some(Some(400)), "{lines}");
    }
    assert!(request(&to(&(params(99) + ";tag=theirs"))).is_ok());
    assert!(request(&to(";;")).is_err(), "one too many is let pass, not two");
}
