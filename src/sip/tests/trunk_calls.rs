//! Calls from trunks and to trunks.

use super::trunks::{Carrier, LINE, registering, state};
use super::*;
use crate::sip::{
    method::Method,
    order::{End, Shown, TrunkId},
    trunk::{CallerHeader, CallerSource, DidSource, Password, Reading, tests_trunk},
};

const LEG: LegId = LegId(2);

pub(super) fn dial(leg: LegId, number: &str) -> Order {
    Order::Dial {
        leg,
        trunk: LINE,
        number: number.into(),
        from: Shown { number: "02188880000".into(), name: "Office".into() },
        withheld: false,
        max_forwards: None,
        offer: session(6000),
    }
}

/// A peer without signs of life.
fn plain() -> Trunk {
    Trunk { keep_alive_s: 0, ..tests_trunk() }
}

fn with(trunk: &Trunk) -> (World, Carrier) {
    let mut world = World::new();
    world.trunks(std::slice::from_ref(trunk));
    world.clear();
    (world, Carrier::new())
}

/// An INVITE of the carrier.
fn invite(carrier: &mut Carrier, uri: &str, extra: &str) -> String {
    let contact = format!("Contact: <{}>\r\n", carrier.phone.contact());
    carrier.phone.bare("INVITE", uri, &format!("{contact}{extra}"), &sdp(4000))
}

fn came(world: &mut World) -> (LegId, TrunkId, String, Shown, bool, u8) {
    let Report::CameIn { leg, trunk, number, caller, withheld, max_forwards, .. } = world.report() else { panic!() };
    (leg, trunk, number, caller, withheld, max_forwards)
}

/// TRK-52, TRK-54: from the trunk's address a call begins without a proof, from any other it is challenged.
#[test]
fn a_call_from_the_trunk_comes_in_and_from_elsewhere_it_is_challenged() {
    let (mut world, mut carrier) = with(&plain());
    let request = invite(&mut carrier, "sip:02155501@203.0.113.9", "");
    let mut other = peer(Transport::Udp, "198.51.100.1:34567", None);
    world.hear(other, &request);
    assert_eq!(world.codes(), [100]);
    let (leg, trunk, number, caller, withheld, hops) = came(&mut world);
    assert_eq!((leg.0 % 2, trunk, number.as_str(), hops), (1, LINE, "02155501", 70), "the port is not compared");
    assert_eq!((caller.number.as_str(), caller.name.as_str(), withheld), ("", "carrier", false));
    world.order(Order::Answer { leg, session: session(6000) });
    let ok = world.one();
    assert_eq!(ok.addresses(Name::Contact).unwrap()[0].uri, "sip:callbox@203.0.113.9:5060;line=7");
    other.remote = "198.51.100.2:5060".parse().unwrap();
    world.hear(other, &invite(&mut carrier, "sip:02155501@203.0.113.9", ""));
    assert_eq!(world.codes(), [401]);
    assert!(world.reports().is_empty());
}

/// TRK-52
#[test]
fn allowed_sources_are_the_trunks_too() {
    let trunk = Trunk { allowed_sources: vec!["192.0.2.0/28".parse().unwrap()], ..plain() };
    let (mut world, mut carrier) = with(&trunk);
    for (address, code) in [("192.0.2.15:5060", 100), ("192.0.2.16:5060", 401)] {
        world.hear(peer(Transport::Udp, address, None), &invite(&mut carrier, "sip:02155501@203.0.113.9", ""));
        assert_eq!(world.codes(), [code], "{address}");
    }
    world.trunks(&[Trunk { enabled: false, saved: 2, ..trunk }]);
    world.hear(carrier.phone.peer, &invite(&mut carrier, "sip:02155501@203.0.113.9", ""));
    assert_eq!(world.codes(), [401], "TRK-7: a disabled trunk takes no calls");
}

/// TRK-53
#[test]
fn several_trunks_of_one_address_are_told_apart() {
    let named = |id: u64, name: &str| Trunk { id: TrunkId(id), name: name.into(), ..plain() };
    let trunks = [
        Trunk { username: "1001".into(), ..named(1, "d") },
        Trunk { username: "1002".into(), ..named(2, "c") },
        Trunk { domain: "b.test".into(), ..named(3, "b") },
        named(4, "a"),
    ];
    let mut world = World::new();
    world.trunks(&trunks);
    let mut carrier = Carrier::new();
    let mut of = |uri: &str, to: &str| {
        world.clear();
        let request = invite(&mut carrier, uri, "").replace(&format!("To: <{uri}>"), &format!("To: <{to}>"));
        world.hear(carrier.phone.peer, &request);
        came(&mut world).1.0
    };
    assert_eq!(of("sip:1001@203.0.113.9;line=2", "sip:1@b.test"), 2, "the line goes first");
    assert_eq!(of("sip:1001@203.0.113.9", "sip:1@b.test"), 1, "then the user");
    assert_eq!(of("sip:02155501@203.0.113.9", "sip:02155501@b.test"), 3, "then the domain");
    assert_eq!(of("sip:02155501@203.0.113.9;line=77", "sip:02155501@x.test"), 4, "else the first by name");
}

/// TRK-55
#[test]
fn a_trunk_can_be_asked_for_a_proof() {
    let (mut world, mut carrier) =
        with(&Trunk { inbound_auth: true, username: "1001".into(), password: Password("secret".into()), ..plain() });
    let uri = "sip:02155501@203.0.113.9";
    world.hear(carrier.phone.peer, &invite(&mut carrier, uri, ""));
    let refused = world.one();
    assert_eq!(refused.code(), Some(401));
    let challenge = Challenge::of(&refused).unwrap();
    for (user, password, code) in [("1001", "wrong", 401), ("801", &*password("801"), 401), ("1001", "secret", 100)] {
        let attempt = Attempt { user, password, method: "INVITE", uri, body: b"", count: 1, cnonce: "x" };
        let proof = format!("Authorization: {}\r\n", challenge.answer(&attempt));
        world.hear(carrier.phone.peer, &invite(&mut carrier, uri, &proof));
        assert_eq!(world.codes(), [code], "{user} {password}");
    }
    assert!(matches!(world.report(), Report::CameIn { .. }));
}

/// TRK-54, TRK-56, BOX-145: a phone behind the router of a carrier, or in its machine, is a phone like any other.
#[test]
fn a_phone_may_stand_at_the_address_of_a_trunk() {
    let (mut world, mut carrier) = with(&plain());
    let address = carrier.phone.peer.remote.ip();
    let mut phone = Phone::at("801", peer(Transport::Udp, "198.51.100.1:40000", None));
    phone.register(&mut world);
    assert_eq!(world.binding("801").peer, phone.peer);
    let uri = "sip:802@box.test";
    let contact = format!("Contact: <{}>\r\n", phone.contact());
    let bare = phone.bare("INVITE", uri, &contact, &sdp(4000));
    world.hear(phone.peer, &bare);
    assert_eq!(world.codes(), [401], "it has to prove itself");
    phone.call(&mut world, "802", "", &sdp(4000));
    assert!(matches!(world.report(), Report::Invited { user, .. } if user == "801"));
    world.clear();
    let mut came = |world: &mut World| {
        world.clear();
        let call = invite(&mut carrier, "sip:02155501@203.0.113.9", "").replace("<sip:carrier@", "<sip:801@");
        world.hear(carrier.phone.peer, &call);
        matches!(world.report(), Report::CameIn { .. })
    };
    assert!(came(&mut world), "from any other port the trunk calls, whatever it calls itself");
    for _ in 0..10 {
        let proof = phone.proof_with(&mut world, "REGISTER", "sip:box.test", "guess");
        let guess = phone.bare("REGISTER", "sip:box.test", &proof, "");
        world.hear(phone.peer, &guess);
    }
    assert!(came(&mut world) && world.sip.ban_of(address).is_none(), "who guesses there harms no trunk");
    world.pass_ms(301_000);
    assert!(world.sip.bindings("801").next().is_none() && !world.sip.is_stranger(address));
    assert!(came(&mut world));
}

/// BOX-42: what a phone says of where our request came from counts for nothing, also at the address of a trunk.
#[test]
fn a_phone_does_not_say_how_the_box_looks_from_outside() {
    let mut world = World::new();
    world.set(Settings { external: External::Auto, ..settings() });
    world.trunks(&[plain()]);
    let mut phone = Phone::at("801", peer(Transport::Udp, "198.51.100.1:40000", None));
    phone.register(&mut world);
    world.pass_ms(31_000);
    let ask = world.sent().into_iter().find(|message| message.method() == Method::Options).unwrap();
    let answer = phone.reply(&ask, 200, "p", "", "").replace(";rport;", ";rport=7;received=192.0.2.66;");
    world.hear(phone.peer, &answer);
    let (_, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.clear();
    world.order(Order::Answer { leg, session: session(6000) });
    assert_eq!(world.one().value(Name::Contact), Some("<sip:callbox@10.0.0.1:5060>"));
}

/// TRK-56; where phones may not stand, no trunk registers either.
#[test]
fn a_trunk_may_call_and_nothing_else() {
    let (mut world, mut carrier) = with(&plain());
    world.set(Settings { remote_phones: RemotePhones::Off, ..settings() });
    for (method, code) in [
        ("OPTIONS", 200),
        ("REGISTER", 403),
        ("SUBSCRIBE", 403),
        ("MESSAGE", 403),
        ("PUBLISH", 403),
        ("REFER", 403),
        ("NOTIFY", 405),
        ("FOO", 405),
        ("BYE", 481),
    ] {
        let request = carrier.phone.bare(method, "sip:02155501@203.0.113.9", "", "");
        world.hear(carrier.phone.peer, &request);
        assert_eq!(world.codes(), [code], "{method}");
    }
    let (talk, leg) = talking(&mut world, &mut carrier, "");
    for (method, extra, code) in [
        ("INFO", "", 200),
        ("NOTIFY", "Event: x\r\nSubscription-State: active\r\n", 200),
        ("OPTIONS", "", 200),
        ("REFER", "Refer-To: <sip:0044207946@x>\r\n", 403),
        ("SUBSCRIBE", "Event: dialog\r\n", 403),
        ("MESSAGE", "", 403),
        ("FOO", "", 405),
        ("BYE", "", 200),
    ] {
        let request = carrier.phone.inside(&talk, method, extra, "");
        world.hear(carrier.phone.peer, &request);
        assert_eq!(world.codes(), [code], "{method}");
    }
    assert_eq!(world.reports(), [Report::Ended { leg, end: End::Bye }]);
}

/// The carrier calls and is answered; the ACK is there.
fn talking(world: &mut World, carrier: &mut Carrier, extra: &str) -> (Talk, LegId) {
    world.clear();
    let request = invite(carrier, "sip:02155501@203.0.113.9", extra);
    world.hear(carrier.phone.peer, &request);
    let leg = came(world).0;
    world.order(Order::Answer { leg, session: session(6000) });
    let message = Message::parse(request.clone().into_bytes().into()).unwrap();
    let mut talk = Talk {
        local: message.value(Name::From).unwrap().into(),
        remote: String::new(),
        call_id: message.call_id().into(),
        target: String::new(),
        invite: request,
    };
    talk.heard(world.sent().last().unwrap());
    let ack = carrier.phone.inside_numbered(&talk, "ACK", carrier.phone.cseq, "", "");
    world.hear(carrier.phone.peer, &ack);
    world.clear();
    (talk, leg)
}

/// TRK-58, TRK-60, TRK-61, TRK-62
#[test]
fn numbers_are_read_and_rewritten_as_the_trunk_says() {
    let rule = |remove: &str, add: &str| (remove.to_owned(), add.to_owned());
    let ((did_remove, did_add), (caller_remove, caller_add)) = (rule("86", "0"), rule("0086", "0"));
    let trunk = Trunk {
        did: Reading { source: DidSource::To, remove_prefix: did_remove, add_prefix: did_add },
        caller: Reading { source: CallerSource::Pai, remove_prefix: caller_remove, add_prefix: caller_add },
        ..plain()
    };
    let (mut world, mut carrier) = with(&trunk);
    let request = invite(&mut carrier, "sip:line@203.0.113.9", "P-Asserted-Identity: \"Wu\" <sip:0086215559@x>\r\n");
    world.hear(carrier.phone.peer, &request.replace("To: <sip:line@", "To: <sip:862155501@"));
    let Report::CameIn { asked, number, caller, .. } = world.report() else { panic!() };
    assert_eq!((asked.as_str(), number.as_str()), ("862155501", "02155501"));
    assert_eq!(caller, Shown { number: "0215559".into(), name: "Wu".into() });
}

/// TRK-63, TRK-65: what a carrier's caller says of itself beyond the rules reaches nobody.
#[test]
fn a_withheld_number_stays_withheld_and_tricks_are_dropped() {
    let (mut world, mut carrier) = with(&plain());
    let (_, leg) = talking(&mut world, &mut carrier, "");
    let kept = world.sip.legs[&leg].dialog.clone();
    let replaces = format!("Replaces: {};to-tag={};from-tag={}\r\n", kept.call_id, kept.local_tag, kept.remote_tag);
    let extra = format!(
        "P-Asserted-Identity: <sip:02155502@x>\r\nPrivacy: id\r\nAlert-Info: <x>;info=alert-autoanswer\r\n\
         Call-Info: <x>;answer-after=0\r\nAnswer-Mode: Auto\r\n{replaces}"
    );
    world.hear(carrier.phone.peer, &invite(&mut carrier, "sip:02155501@203.0.113.9", &extra));
    let (another, _, _, caller, withheld, _) = came(&mut world);
    assert!(another != leg && withheld);
    assert_eq!(caller, Shown::default());
}

/// TRK-66
#[test]
fn a_call_that_went_round_too_often_ends() {
    let (mut world, mut carrier) = with(&plain());
    let request = invite(&mut carrier, "sip:02155501@203.0.113.9", "");
    world.hear(carrier.phone.peer, &request.replace("Max-Forwards: 70", "Max-Forwards: 0"));
    assert_eq!(world.codes(), [483]);
    let request = invite(&mut carrier, "sip:02155501@203.0.113.9", "");
    world.hear(carrier.phone.peer, &request.replace("Max-Forwards: 70", "Max-Forwards: 9"));
    assert_eq!(came(&mut world).5, 9);
    world.clear();
    let Order::Dial { leg, trunk, number, from, withheld, offer, .. } = dial(LEG, "02155509") else { panic!() };
    world.order(Order::Dial { leg, trunk, number, from, withheld, max_forwards: Some(8), offer });
    assert_eq!(world.one().max_forwards(), Some(8));
}

/// TRK-17, TRK-67
#[test]
fn a_call_beyond_the_lines_of_the_trunk_is_busy() {
    let (mut world, mut carrier) = with(&Trunk { max_calls: 2, ..plain() });
    talking(&mut world, &mut carrier, "");
    world.order(dial(LEG, "02155509"));
    world.clear();
    let ask = |world: &mut World, carrier: &mut Carrier| {
        world.hear(carrier.phone.peer, &invite(carrier, "sip:02155501@203.0.113.9", ""));
        world.codes()
    };
    assert_eq!(ask(&mut world, &mut carrier), [100]);
    let Report::CameIn { leg, full, .. } = world.report() else { panic!() };
    assert!(full, "calls of both directions together");
    world.order(Order::Refuse { leg, code: 486, retry_after: None });
    assert_eq!(world.codes(), [486]);
    world.reports();
    assert_eq!(world.sip.standing(LINE).unwrap().calls, 2, "TRK-4");
    world.order(Order::End { leg: LEG });
    world.clear();
    assert_eq!(ask(&mut world, &mut carrier), [100]);
    assert!(matches!(world.report(), Report::CameIn { full: false, .. }));
}

/// TRK-68: the first word goes out with the call itself.
#[test]
fn a_call_hears_100_at_once() {
    let (mut world, mut carrier) = with(&plain());
    world.hear(carrier.phone.peer, &invite(&mut carrier, "sip:02155501@203.0.113.9", ""));
    assert_eq!(world.lines(), ["100 INVITE"]);
}

/// TRK-52: a carrier that listens elsewhere than it sends from says so in Via, Contact and Record-Route.
#[test]
fn a_carrier_is_spoken_to_where_it_listens() {
    let (mut world, mut carrier) = with(&plain());
    let from = peer(Transport::Udp, "198.51.100.1:40001", None);
    let request = invite(&mut carrier, "sip:02155501@203.0.113.9", "Record-Route: <sip:198.51.100.1:5090;lr>\r\n");
    world.hear(from, &request.replace(";rport", ""));
    let (_, to, _) = world.sent.pop().unwrap();
    assert_eq!(to.remote.to_string(), "198.51.100.1:5060", "the port of the Via");
    let leg = came(&mut world).0;
    world.order(Order::Answer { leg, session: session(6000) });
    let ok = world.one();
    let message = Message::parse(request.clone().into_bytes().into()).unwrap();
    let talk = Talk {
        local: message.value(Name::From).unwrap().into(),
        remote: ok.value(Name::To).unwrap().into(),
        call_id: message.call_id().into(),
        target: "sip:callbox@203.0.113.9:5060".into(),
        invite: request,
    };
    let ack = carrier.phone.inside_numbered(&talk, "ACK", carrier.phone.cseq, "", "");
    world.hear(peer(Transport::Udp, "198.51.100.1:40002", None), &ack);
    world.order(Order::End { leg });
    let (_, to, bye) = world.sent.pop().unwrap();
    assert_eq!((to.remote.to_string().as_str(), short(&bye).as_str()), ("198.51.100.1:5090", "BYE"));
}

/// TRK-69, TRK-14, TRK-26, TRK-82
#[test]
fn a_call_goes_out_is_challenged_and_answered() {
    let trunk = Trunk { registers: false, ..registering() };
    let (mut world, mut carrier) = with(&trunk);
    world.order(dial(LEG, "02155509"));
    let first = world.one();
    assert_eq!(line(&first), "INVITE sip:02155509@carrier.test SIP/2.0");
    assert_eq!((&*first.from().display, first.from().uri), ("Office", "sip:02188880000@carrier.test"));
    assert_eq!(first.addresses(Name::Contact).unwrap()[0].uri, "sip:1001@203.0.113.9:5060;line=7");
    assert!(first.has_token(Name::Supported, "100rel") && first.has_token(Name::Supported, "timer"));
    assert!(!first.has_token(Name::Allow, "REFER"), "TRK-88");
    carrier.say(&mut world, &first, 100, "");
    carrier.challenge(&mut world, &first);
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["ACK", "INVITE"]);
    let second = &sent[1];
    assert!(second.cseq().0 > first.cseq().0 && second.call_id() == first.call_id());
    assert!(carrier.is_proven(&world, second));
    let ringing = carrier.phone.reply(second, 183, "c", "Require: 100rel\r\nRSeq: 1\r\n", &sdp(4002));
    world.hear(carrier.phone.peer, &ringing);
    assert_eq!(world.lines(), ["PRACK"]);
    let Report::Ringing { leg: LEG, code: 183, early: Some(early) } = world.report() else { panic!() };
    assert_eq!(early.port, 4002);
    world.hear(carrier.phone.peer, &carrier.phone.reply(second, 200, "c", "", &sdp(4002)));
    assert_eq!(world.lines(), ["ACK"]);
    assert!(matches!(world.report(), Report::Answered { leg: LEG, .. }));
    world.order(Order::End { leg: LEG });
    let bye = world.one();
    carrier.challenge(&mut world, &bye);
    let bye = world.one();
    assert!(carrier.is_proven(&world, &bye), "inside a call too");
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Ours });
}

/// TRK-44: the other pair of headers.
#[test]
fn a_proxy_is_proven_to_in_its_own_header() {
    let (mut world, carrier) = with(&Trunk { registers: false, ..registering() });
    world.order(dial(LEG, "02155509"));
    let first = world.one();
    carrier.say(&mut world, &first, 407, "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", qop=\"auth\"\r\n");
    let sent = world.sent();
    assert!(sent[1].value(Name::ProxyAuthorization).is_some() && sent[1].value(Name::Authorization).is_none());
    carrier.say(&mut world, &sent[1], 407, "Proxy-Authenticate: Digest realm=\"p\", nonce=\"m\", qop=\"auth\"\r\n");
    assert_eq!(world.lines(), ["ACK"], "once is enough");
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Refused { code: 407, retry_after: None } });
}

/// TRK-45, TRK-46: a call in another realm gets no proof, and the trunk says so.
#[test]
fn a_call_in_another_realm_is_not_proven() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    carrier.grant(&mut world, 600);
    world.clear();
    world.order(dial(LEG, "02155509"));
    let first = world.one();
    carrier.say(&mut world, &first, 401, "WWW-Authenticate: Digest realm=\"evil\", nonce=\"n\", qop=\"auth\"\r\n");
    assert_eq!(world.lines(), ["ACK"]);
    assert_eq!(state(&world), crate::sip::order::TrunkState::Refused);
}

/// TRK-70, TRK-71, TRK-72
#[test]
fn the_caller_stands_where_the_carrier_wants_it() {
    let base = Trunk { registers: false, ..registering() };
    let sent = |trunk: &Trunk, withheld: bool| {
        let (mut world, _) = with(trunk);
        let Order::Dial { leg, trunk, number, from, offer, .. } = dial(LEG, "02155509") else { panic!() };
        world.order(Order::Dial { leg, trunk, number, from, withheld, max_forwards: None, offer });
        world.one()
    };
    let caller = "\"Office\" <sip:02188880000@carrier.test>";
    for (header, name, value) in [
        (CallerHeader::Pai, Name::PAssertedIdentity, caller.to_owned()),
        (CallerHeader::Ppi, Name::PPreferredIdentity, caller.to_owned()),
        (CallerHeader::Rpid, Name::RemotePartyId, format!("{caller};party=calling;screen=yes;privacy=off")),
    ] {
        let invite = sent(&Trunk { caller_header: header, ..base.clone() }, false);
        assert_eq!(invite.value(name), Some(value.as_str()));
        assert_eq!(invite.from().uri, "sip:02188880000@carrier.test", "From carries it too");
        let own = sent(&Trunk { caller_header: header, from_username: true, ..base.clone() }, false);
        assert_eq!((own.from().uri, own.value(name)), ("sip:1001@carrier.test", Some(value.as_str())));
    }
    let open = sent(&base, false);
    assert!(open.value(Name::PAssertedIdentity).is_none() && open.value(Name::Privacy).is_none());
    for (trunk, withheld) in [(Trunk { private: true, ..base.clone() }, false), (base.clone(), true)] {
        let hidden = sent(&trunk, withheld);
        assert_eq!((hidden.from().uri, hidden.value(Name::Privacy)), ("sip:anonymous@anonymous.invalid", Some("id")));
        assert_eq!(hidden.value(Name::PAssertedIdentity), Some(caller));
    }
}

/// TRK-86
#[test]
fn a_redirection_is_not_followed() {
    let (mut world, carrier) = with(&plain());
    world.order(dial(LEG, "02155509"));
    let invite = world.one();
    carrier.say(&mut world, &invite, 302, "Contact: <sip:x@192.0.2.99>\r\n");
    assert_eq!(world.lines(), ["ACK"]);
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Refused { code: 302, retry_after: None } });
}

/// TRK-7, TRK-82: a call that is up goes on when its trunk is disabled, and the session timer is kept.
#[test]
fn a_call_goes_on_when_its_trunk_is_disabled() {
    let (mut world, mut carrier) = with(&plain());
    let (talk, leg) = talking(&mut world, &mut carrier, "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n");
    world.trunks(&[Trunk { enabled: false, saved: 2, ..plain() }]);
    let refresh =
        carrier.phone.inside(&talk, "UPDATE", "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n", "");
    world.hear(carrier.phone.peer, &refresh);
    assert_eq!(world.codes(), [200]);
    world.reports();
    world.pass(Duration::from_secs(61));
    assert_eq!(world.reports(), [Report::Ended { leg, end: End::SessionExpired }]);
}
