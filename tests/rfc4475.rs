//! Every torture message of RFC 4475: what is read, what is answered, what is dropped (BOX-148).

use bytes::Bytes;
use callbox::chance::Seed;
use callbox::sip::{
    Out, RemotePhones, Settings, Sip,
    address::Contacts,
    digest::Offer,
    fault::Fault,
    message::{Message, Start},
    method::Method,
    name::Name,
    uri::{BadUri, Uri},
    wire::{Order, Peer, Report, Transport},
    write,
};
use callbox::time::Now;
use std::{fs, net::SocketAddr, path::Path};

fn bytes(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rfc4475").join(name).with_extension("dat");
    Bytes::from(fs::read(path).unwrap())
}

fn read(name: &str) -> Message {
    Message::parse(bytes(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

fn refused(name: &str) -> Fault {
    Message::parse(bytes(name)).err().unwrap_or_else(|| panic!("{name} was read"))
}

/// What a message leads to as far as its words go.
#[derive(Debug, PartialEq)]
enum Fate {
    /// It is read; what to do with it is for the rules.
    Read,
    /// It is answered with this code, over its Request-URI at the latest.
    Answered(u16),
    Dropped,
}
use Fate::*;

fn fate(name: &str) -> Fate {
    match Message::parse(bytes(name)) {
        Ok(message) if !message.is_request() => Read,
        Ok(message) => message.uri().map_or_else(|bad| Answered(bad.code()), |_| Read),
        Err(fault) => fault.answer.map_or(Dropped, Answered),
    }
}

const FATES: [(&str, Fate); 49] = [
    // 3.1.1: valid
    ("wsinv", Read),
    ("intmeth", Read),
    ("esc01", Read),
    ("escnull", Read),
    ("esc02", Read),
    ("lwsdisp", Read),
    ("longreq", Read),
    ("dblreq", Read),
    ("semiuri", Read),
    ("transports", Read),
    ("mpart01", Read),
    ("unreason", Read),
    ("noreason", Read),
    // 3.1.2: invalid
    ("badinv01", Answered(400)),
    ("clerr", Answered(400)),
    ("ncl", Answered(400)),
    ("scalar02", Answered(400)),
    ("scalarlg", Dropped),
    ("quotbal", Answered(400)),
    ("ltgtruri", Answered(400)),
    ("lwsruri", Answered(400)),
    ("lwsstart", Answered(400)),
    ("trws", Answered(400)),
    ("escruri", Answered(400)),
    // A date decides nothing here, so a wrong one is passed over, as the section allows.
    ("baddate", Read),
    // The Contact is refused when it is asked for, see below.
    ("regbadct", Read),
    ("badaspec", Answered(400)),
    // Bare words with commas are names of people; the section allows to be kind.
    ("baddn", Read),
    ("badvers", Answered(505)),
    ("mismatch01", Answered(400)),
    ("mismatch02", Answered(400)),
    ("bigcode", Dropped),
    // 3.2 to 3.4: for transactions, for the application, and older phones
    ("badbranch", Read),
    ("insuf", Answered(400)),
    ("unkscm", Answered(416)),
    ("novelsc", Answered(416)),
    ("unksm2", Read),
    ("bext01", Read),
    ("invut", Read),
    ("regaut01", Read),
    ("multi01", Answered(400)),
    ("mcl01", Answered(400)),
    ("bcast", Read),
    ("zeromf", Read),
    ("cparam01", Read),
    ("cparam02", Read),
    ("regescrt", Read),
    ("sdp01", Read),
    ("inv2543", Read),
];

#[test]
fn every_message_has_its_fate() {
    for (name, expected) in FATES {
        assert_eq!(fate(name), expected, "{name}");
    }
}

/// What is answered can be: Via, CSeq and Call-ID go back where they were readable.
#[test]
fn what_is_refused_is_answered_well() {
    let source: SocketAddr = "192.0.2.254:5060".parse().unwrap();
    for (name, _) in FATES.iter().filter(|(_, fate)| matches!(fate, Answered(_))) {
        let Err(fault) = Message::parse(bytes(name)) else { continue };
        let (code, request) = (fault.answer.unwrap(), fault.message.unwrap());
        let answer = write::response(&request, code, source, "ours").finish();
        assert!(answer.starts_with(format!("SIP/2.0 {code} ").as_bytes()), "{name}");
        let branch = request.top_via().branch();
        let text = String::from_utf8_lossy(&answer).into_owned();
        assert!(branch.is_none_or(|branch| text.contains(branch)), "{name}: {text}");
        assert!(text.contains(";received=192.0.2.254") || *name == "badinv01" || *name == "badvers", "{name}: {text}");
        assert!(request.call_id().is_empty() || text.contains(request.call_id()), "{name}: {text}");
    }
    assert_eq!(refused("badvers").message.unwrap().value(Name::CSeq), Some("1 OPTIONS"));
}

/// Section 3.1.1.1
#[test]
fn wsinv_is_unfolded_and_its_blanks_do_not_count() {
    let message = read("wsinv");
    assert_eq!(message.uri().unwrap().number(), "vivekg");
    assert!(message.uri().unwrap().params.has("unknownparam"));
    assert_eq!(message.to().tag(), Some("1918181833n"));
    let from = message.from();
    assert_eq!((from.display.as_ref(), from.uri), ("J Rosenberg \\\"", "sip:jdrosen@example.com"));
    assert_eq!(from.tag(), Some("98asjd8"));
    assert_eq!(message.max_forwards(), Some(68));
    assert_eq!(message.cseq(), (9, Method::Invite));
    assert_eq!(message.body().len(), 150);
    assert_eq!(message.value(Name::Subject), Some(""));
    let other = message.other("newfangledheader").unwrap();
    assert_eq!(other.split_whitespace().collect::<Vec<_>>().join(" "), "newfangled value continued newfangled value");
    assert_eq!(message.other("UnknownHeaderWithUnusualValue"), Some(";;,,;;,;"));
    let hops: Vec<_> = message.vias().map(|via| (via.transport, via.host, via.branch().unwrap())).collect();
    let expected = [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ];
    assert_eq!(hops, expected);
    let Some(Contacts::List(contacts)) = message.contacts() else { panic!("contacts") };
    assert_eq!(contacts[0].display, "Quoted string \"\"");
    assert_eq!((contacts[0].params.value("newparam"), contacts[0].params.value("q")), (Some("newvalue"), Some("0.33")));
    assert!(contacts[0].params.has("secondparam"));
}

/// Section 3.1.1.2
#[test]
fn intmeth_is_kept_letter_by_letter() {
    let message = read("intmeth");
    let method = Method::Other("!interesting-Method0123456789_*+`.%indeed'~".into());
    assert_eq!(message.method(), method);
    assert_eq!(message.cseq(), (139_122_385, method));
    let uri = message.uri().unwrap();
    assert_eq!(uri.user, Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
    assert_eq!(uri.password, Some("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"));
    assert_eq!(message.to().display, "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    assert_eq!(message.from().display, "token1~` token2'+_ token3*%!.-");
    assert_eq!(message.from().params.value("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(message.from().tag(), Some("_token~1'+`*%!-."));
    assert_eq!(message.call_id(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
    assert_eq!(message.other("extensionHeader-!.%*+_`'~"), Some("\u{feff}大停電"));
}

/// Sections 3.1.1.3 to 3.1.1.5: escapes mean their letter in a URI, and nothing in a method or a name.
#[test]
fn escapes_count_where_they_may() {
    let message = read("esc01");
    assert_eq!(message.uri().unwrap().number(), "sips:user@example.com");
    assert_eq!(message.uri().unwrap().host, "example.net");
    assert_eq!(message.to().uri().unwrap().number(), "user");
    assert_eq!(message.from().uri().unwrap().number(), "I have spaces");
    let Some(Contacts::List(contacts)) = message.contacts() else { panic!("contacts") };
    assert!(
        Uri::parse("sip:caller@host5.example.net;lr;name=value%2541").unwrap().is_same(&contacts[0].uri().unwrap())
    );

    let message = read("escnull");
    let Some(Contacts::List(contacts)) = message.contacts() else { panic!("contacts") };
    let users: Vec<_> = contacts.iter().map(|contact| contact.uri().unwrap().number().into_owned()).collect();
    assert_eq!(users, ["\0", "\0\0"]);

    let message = read("esc02");
    assert_eq!(message.method(), Method::Other("RE%47IST%45R".into()));
    assert_eq!(message.to().display, "%Z%45");
    assert_eq!(message.values(Name::Contact).count(), 2);
    assert_eq!(message.top_via().branch(), Some("z9hG4bK209%fzsnel234"));
}

/// Sections 3.1.1.6 to 3.1.1.13
#[test]
fn the_other_valid_ones_are_read_whole() {
    assert_eq!(read("lwsdisp").from().display, "caller");
    assert_eq!(read("lwsdisp").from().uri, "sip:caller@example.com");
    let long = read("longreq");
    assert_eq!(long.vias().count(), 34);
    assert_eq!(long.to().uri().unwrap().port, Some(6000));
    assert_eq!((long.body().len(), long.top_via().host), (150, "sip33.example.com"));
    let double = read("dblreq");
    assert_eq!((double.method(), double.body().len()), (Method::Register, 0));
    assert!(!double.raw().windows(6).any(|word| word == b"INVITE"));
    let user = read("semiuri");
    assert_eq!(user.uri().unwrap().user, Some("user;par=u%40example.net"));
    assert_eq!(user.values(Name::Accept).count(), 6);
    let hops = read("transports");
    assert_eq!(hops.vias().map(|via| via.transport).collect::<Vec<_>>(), ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
    let parts = read("mpart01");
    assert_eq!(parts.body().len(), 553);
    assert_eq!(parts.content_type(), Some("multipart/mixed"));
    assert!(std::str::from_utf8(parts.body()).is_err());
    let reason = "= 2**3 * 5**2 но сто девяносто девять - простое";
    assert_eq!(read("unreason").start(), Start::Response { code: 200, reason });
    assert_eq!(read("noreason").code(), Some(100));
}

/// Sections 3.1.2.13, 3.3 and 3.4: what the rules see of them.
#[test]
fn what_the_rules_decide_on_is_there() {
    assert_eq!(read("regbadct").contacts(), None);
    assert_eq!(read("badbranch").top_via().own_branch(), None);
    assert_eq!(read("unkscm").uri().map(|_| ()), Err(BadUri::Scheme));
    assert_eq!(read("unksm2").to().uri().map(|_| ()), Err(BadUri::Scheme));
    let required: Vec<String> = read("bext01").values(Name::Require).map(str::to_owned).collect();
    assert_eq!(required, ["nothingSupportsThis", "nothingSupportsThisEither"]);
    assert_eq!(read("invut").content_type(), Some("application/unknownformat"));
    assert_eq!(read("regaut01").value(Name::Authorization), Some("NoOneKnowsThisScheme opaque-data=here"));
    assert_eq!(read("bcast").vias().count(), 2);
    assert_eq!(read("zeromf").max_forwards(), Some(0));
    let header = read("cparam01");
    let Some(Contacts::List(contacts)) = header.contacts() else { panic!("contacts") };
    assert_eq!((contacts[0].params.has("unknownparam"), contacts[0].uri), (true, "sip:+19725552222@gw1.example.net"));
    let inside = read("cparam02");
    let Some(Contacts::List(contacts)) = inside.contacts() else { panic!("contacts") };
    assert_eq!(
        (contacts[0].params.has("unknownparam"), contacts[0].uri().unwrap().params.has("unknownparam")),
        (false, true)
    );
    let route = read("regescrt");
    let Some(Contacts::List(contacts)) = route.contacts() else { panic!("contacts") };
    assert_eq!(contacts[0].uri().unwrap().header("route").unwrap(), "<sip:sip.example.com>");
    assert_eq!(read("sdp01").value(Name::Accept), Some("text/nobodyKnowsThis"));
    let old = read("inv2543");
    assert_eq!((old.from().tag(), old.top_via().branch(), old.body().len()), (None, None, 105));
}

/// BOX-140, BOX-148: what a stranger on the office network is answered; all but OPTIONS ask for a proof or refuse.
#[test]
fn the_box_answers_or_drops_every_one() {
    for (name, _) in FATES {
        let settings = Settings {
            realm: "callbox".into(),
            digest: Offer::Both,
            nonce_secret: [1; 32],
            local_networks: vec!["192.0.2.0/24".parse().unwrap()],
            own_networks: false,
            external: Default::default(),
            never_ban: vec![],
            remote_phones: RemotePhones::Off,
        };
        let mut sip = Sip::new(settings, Seed::from(1));
        let peer = Peer {
            transport: Transport::Udp,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.254:5060".parse().unwrap(),
            connection: None,
        };
        let mut out = Out::default();
        sip.receive(Now::default(), Report::Message { peer, bytes: bytes(name) }, &mut out);
        assert!(out.reports.is_empty(), "{name}");
        let codes: Vec<u16> = out.wire.iter().map(code).collect();
        let expected: Vec<u16> =
            ANSWERS.iter().filter(|(_, names)| names.contains(&name)).map(|(code, _)| *code).collect();
        assert_eq!(codes, expected, "{name}");
    }
}

fn code(order: &Order) -> u16 {
    let Order::Send { bytes, .. } = order else { panic!("{order:?}") };
    let line = std::str::from_utf8(&bytes[..12]).unwrap();
    line.strip_prefix("SIP/2.0 ").unwrap().trim().parse().unwrap()
}

/// The rest is dropped: responses to nothing.
const ANSWERS: [(u16, &[&str]); 10] = [
    (200, &["lwsdisp", "semiuri", "transports", "baddn", "badbranch"]),
    (
        400,
        &[
            "badinv01",
            "clerr",
            "ncl",
            "scalar02",
            "quotbal",
            "ltgtruri",
            "lwsruri",
            "lwsstart",
            "trws",
            "escruri",
            "badaspec",
            "mismatch01",
            "mismatch02",
            "insuf",
            "multi01",
            "mcl01",
        ],
    ),
    (
        401,
        &[
            "esc01", "escnull", "longreq", "dblreq", "baddate", "regbadct", "unksm2", "invut", "regaut01", "cparam01",
            "cparam02", "regescrt", "sdp01", "inv2543",
        ],
    ),
    (405, &["mpart01"]),
    (416, &["unkscm", "novelsc"]),
    (420, &["bext01"]),
    // Its To has a tag of no dialog of ours.
    (481, &["wsinv"]),
    (483, &["zeromf"]),
    (501, &["intmeth", "esc02"]),
    (505, &["badvers"]),
];
