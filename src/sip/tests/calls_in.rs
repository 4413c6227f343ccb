//! Calls that phones make.

use super::*;
use crate::sip::order::End;

fn reliable(extra: &str) -> String {
    format!("Supported: 100rel\r\nAllow: INVITE, ACK, BYE, PRACK, UPDATE\r\n{extra}")
}

/// BOX-43, BOX-150, RFC 3261 section 13.3.1
#[test]
fn a_call_rings_is_answered_and_ends() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register(&mut world);
    let (mut talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    assert_eq!(world.codes(), [100]);
    let Report::Invited { user, dialed, offer, binding, replaces, .. } = world.report() else { panic!() };
    assert_eq!((leg.0 % 2, user.as_str(), dialed.as_str(), replaces), (1, "801", "802", None));
    assert_eq!(binding, Some(world.binding("801").id));
    assert_eq!(offer.unwrap().port, 4000);
    world.order(Order::Progress { leg, code: 180, early: None });
    let ringing = world.one();
    assert!(ringing.code() == Some(180) && ringing.body().is_empty() && ringing.to().tag().is_some());
    world.order(Order::Answer { leg, session: session(6000) });
    let ok = world.one();
    let body = String::from_utf8_lossy(ok.body()).into_owned();
    assert!(body.contains("c=IN IP4 10.0.0.1\r\n") && body.contains("m=audio 6000 RTP/AVP 8 101"), "{body}");
    assert_eq!(ok.value(Name::Contact), Some("<sip:callbox@10.0.0.1:5060>"));
    talk.heard(&ok);
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", "");
    world.hear(phone.peer, &ack);
    world.hear(phone.peer, &ack);
    assert_eq!(world.reports(), [Report::Confirmed { leg, session: None }]);
    world.order(Order::End { leg });
    let bye = world.one();
    assert_eq!((short(&bye).as_str(), bye.to().tag(), bye.from().tag()), ("BYE", Some("f8013"), talk_tag(&talk)));
    assert_eq!(world.report(), Report::Ended { leg, end: End::Ours });
}

fn talk_tag(talk: &Talk) -> Option<&str> {
    talk.remote.rsplit_once("tag=").map(|(_, tag)| tag)
}

/// BOX-43: who is outside the local networks sees the external address.
#[test]
fn a_phone_outside_sees_the_external_address() {
    let mut world = World::new();
    let mut phone = Phone::at("801", peer(Transport::Tls, "198.51.100.7:40000", Some(4)));
    let (_, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.order(Order::Answer { leg, session: session(6000) });
    let sent = world.sent();
    let ok = sent.last().unwrap();
    assert!(String::from_utf8_lossy(ok.body()).contains("c=IN IP4 203.0.113.9\r\n"));
    assert_eq!(ok.value(Name::Contact), Some("<sip:callbox@203.0.113.9:5061;transport=tls>"));
}

/// BOX-9, BOX-41: a name is looked up at once and every minute, and what is set anew is shown in the next message.
#[test]
fn the_external_address_is_what_its_name_says_now() {
    let mut world = World::new();
    let mut phone = Phone::at("801", peer(Transport::Tls, "198.51.100.7:40000", Some(4)));
    let mut seen = |world: &mut World| {
        let (_, leg) = phone.call(world, "802", "", &sdp(4000));
        world.order(Order::Answer { leg, session: session(6000) });
        let sent = world.sent();
        let contact = sent.last().unwrap().value(Name::Contact).unwrap();
        contact.strip_prefix("<sip:callbox@").unwrap().split(':').next().unwrap().to_owned()
    };
    let own = peer(Transport::Tls, "198.51.100.7:40000", Some(4)).local.ip().to_string();
    let name = || "office.example".to_owned();
    let asked = |world: &mut World| {
        std::mem::take(&mut world.other).contains(&wire::Order::Resolve { name: "office.example".into() })
    };
    let told = |world: &mut World, addresses: &[&str]| {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        world.receive(wire::Report::Resolved { name: name(), addresses });
    };
    world.set(Settings { external: External::Name(name()), ..settings() });
    assert!(asked(&mut world));
    assert_eq!(seen(&mut world), own, "not known yet");
    told(&mut world, &["2001:db8::9", "203.0.113.20"]);
    assert_eq!(seen(&mut world), "203.0.113.20");
    world.pass_ms(59_000);
    assert!(!asked(&mut world));
    world.pass_ms(1_000);
    assert!(asked(&mut world));
    told(&mut world, &[]);
    assert_eq!(seen(&mut world), "203.0.113.20", "a name server that is away for once changes nothing");
    told(&mut world, &["203.0.113.21"]);
    assert_eq!(seen(&mut world), "203.0.113.21");
    world.set(Settings { external: External::Own, ..settings() });
    assert_eq!(seen(&mut world), own);
    world.pass_ms(120_000);
    assert!(!asked(&mut world));
    told(&mut world, &["203.0.113.22"]);
    let local_networks = vec!["198.51.100.0/24".parse().unwrap()];
    world.set(settings());
    assert_eq!(seen(&mut world), "203.0.113.9");
    world.set(Settings { local_networks, ..settings() });
    assert_eq!(seen(&mut world), own, "BOX-43");
}

/// RFC 3261 section 9.2: CANCEL before the answer; its repeat is absorbed.
#[test]
fn a_call_is_cancelled_before_its_answer() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.clear();
    let cancel = cancel_of(&talk);
    world.hear(phone.peer, &cancel);
    world.hear(phone.peer, &cancel);
    assert_eq!(world.lines(), ["200 CANCEL", "487 INVITE", "200 CANCEL"]);
    assert_eq!(world.reports(), [Report::Ended { leg, end: End::Cancelled }]);
    world.order(Order::Answer { leg, session: session(6000) });
    assert!(world.sent().is_empty(), "too late");
}

fn cancel_of(talk: &Talk) -> String {
    let head = talk.invite.split("Authorization").next().unwrap().replace("INVITE", "CANCEL");
    format!("{head}Content-Length: 0\r\n\r\n")
}

/// RFC 3261 section 9.2: a CANCEL that comes after the answer changes nothing.
#[test]
fn a_cancel_that_crosses_the_answer_changes_nothing() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.order(Order::Answer { leg, session: session(6000) });
    world.clear();
    world.hear(phone.peer, &cancel_of(&talk));
    assert_eq!(world.lines(), ["200 CANCEL"]);
    assert!(world.reports().is_empty());
}

/// RFC 3261 section 9.2; nobody else can cancel a call (BOX-140).
#[test]
fn a_cancel_for_nothing_or_from_elsewhere_is_refused() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = phone.call(&mut world, "802", "", &sdp(4000));
    world.clear();
    world.hear(peer(Transport::Udp, "10.0.0.66:5060", None), &cancel_of(&talk));
    world.hear(phone.peer, &cancel_of(&talk).replace("z9hG4bK", "z9hG4bKother"));
    assert_eq!(world.codes(), [481, 481]);
    assert!(world.reports().is_empty());
}

/// RFC 3261 section 15: an answer must be acknowledged before BYE may end it.
#[test]
fn an_answer_that_is_ended_at_once_waits_for_its_ack() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.order(Order::Answer { leg, session: session(6000) });
    talk.heard(world.sent().last().unwrap());
    world.clear();
    world.order(Order::End { leg });
    assert_eq!(world.report(), Report::Ended { leg, end: End::Ours });
    assert!(world.sent().is_empty());
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", "");
    world.hear(phone.peer, &ack);
    assert_eq!(world.lines(), ["BYE"]);
    assert!(world.reports().is_empty());
}

/// RFC 3261 section 13.3.1: without an offer our answer is the offer, and the ACK brings theirs.
#[test]
fn a_call_without_offer_gets_ours() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", "", "");
    assert!(matches!(world.report(), Report::Invited { offer: None, .. }));
    world.order(Order::Answer { leg, session: session(6000) });
    let sent = world.sent();
    let ok = sent.last().unwrap();
    assert!(!ok.body().is_empty());
    talk.heard(ok);
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", &sdp(4000));
    world.hear(phone.peer, &ack);
    let Report::Confirmed { session: Some(answer), .. } = world.report() else { panic!() };
    assert_eq!(answer.port, 4000);
}

/// RFC 3261 section 13.2.2.4
#[test]
fn an_ack_that_owes_an_answer_ends_the_call() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", "", "");
    world.order(Order::Answer { leg, session: session(6000) });
    talk.heard(world.sent().last().unwrap());
    world.clear();
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", "");
    world.hear(phone.peer, &ack);
    assert_eq!(world.lines(), ["BYE"]);
    assert_eq!(world.report(), Report::Ended { leg, end: End::Refused { code: 488, retry_after: None } });
}

/// RFC 3262 section 3: early sound goes reliably, is repeated until PRACK, and the answer waits for that.
#[test]
fn early_sound_goes_reliably_to_a_phone_that_can() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", &reliable(""), &sdp(4000));
    world.clear();
    world.order(Order::Progress { leg, code: 183, early: Some(session(6000)) });
    let progress = world.one();
    assert!(progress.has_token(Name::Require, "100rel") && !progress.body().is_empty());
    talk.heard(&progress);
    let rseq = progress.value(Name::RSeq).unwrap().to_owned();
    let start = world.now.up;
    world.pass_ms(4_000);
    assert_eq!(world.times_ms(start), [500, 1500, 3500]);
    world.order(Order::Answer { leg, session: session(6000) });
    assert!(world.sent().is_empty(), "the answer waits");
    let cseq = phone.cseq;
    let wrong = phone.inside(&talk, "PRACK", &format!("RAck: 1 {cseq} INVITE\r\n"), "");
    world.hear(phone.peer, &wrong);
    assert_eq!(world.lines(), ["481 PRACK"]);
    let prack = phone.inside(&talk, "PRACK", &format!("RAck: {rseq} {cseq} INVITE\r\n"), "");
    world.hear(phone.peer, &prack);
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["200 PRACK", "200 INVITE"]);
    assert!(sent[1].body().is_empty(), "the answer was in the 183");
    let ack = phone.inside_numbered(&talk, "ACK", cseq, "", "");
    world.hear(phone.peer, &ack);
    assert_eq!(world.reports(), [Report::Confirmed { leg, session: None }]);
}

/// RFC 3262 section 3: one reliable response at a time; without PRACK the call is refused.
#[test]
fn reliable_responses_queue_and_end_without_prack() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", "Require: 100rel\r\n", &sdp(4000));
    world.clear();
    world.order(Order::Progress { leg, code: 180, early: None });
    world.order(Order::Progress { leg, code: 183, early: Some(session(6000)) });
    let first = world.one();
    talk.heard(&first);
    let rseq: u32 = first.value(Name::RSeq).unwrap().parse().unwrap();
    let rack = format!("RAck: {rseq} {} INVITE\r\n", phone.cseq);
    let prack = phone.inside(&talk, "PRACK", &rack, "");
    world.hear(phone.peer, &prack);
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["200 PRACK", "183 INVITE"]);
    assert_eq!(sent[1].value(Name::RSeq), Some((rseq + 1).to_string().as_str()));
    world.pass_ms(32_000);
    assert_eq!(world.sent().iter().find(|sent| sent.code() == Some(504)).map(short), Some("504 INVITE".into()));
    assert_eq!(world.reports(), [Report::Ended { leg, end: End::TimedOut }]);
}

/// RFC 3261 section 8.2: what cannot be is refused, each with its code, and nothing is reported.
#[test]
fn invites_that_cannot_be_are_refused() {
    let contact = "Contact: <sip:801@10.0.0.101:5060>\r\n";
    let bad_sdp = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\nm=audio x RTP/AVP 8\r\n";
    let video = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=video 9 RTP/AVP 31\r\n";
    let ok = sdp(4000);
    let cases: &[(&str, String, &str, u16)] = &[
        ("sip:802@box.test", format!("{contact}Require: teleport\r\n"), &ok, 420),
        ("sip:802@box.test", format!("{contact}Session-Expires: 60\r\n"), &ok, 422),
        ("sip:802@box.test", format!("{contact}Replaces: a;to-tag=b;from-tag=c\r\n"), &ok, 481),
        ("sip:802@box.test", format!("{contact}Content-Type: text/plain\r\n"), "hello", 415),
        ("sip:802@box.test", format!("{contact}Content-Encoding: gzip\r\n"), &ok, 415),
        ("sip:802@box.test", contact.into(), bad_sdp, 400),
        ("sip:802@box.test", contact.into(), video, 488),
        ("sip:802@box.test", String::new(), &ok, 400),
        ("sip:box.test", contact.into(), &ok, 484),
        ("mailto:802@box.test", contact.into(), &ok, 416),
    ];
    for (uri, extra, body, code) in cases {
        let mut world = World::new();
        let mut phone = Phone::udp("801");
        let request = phone.proven(&mut world, "INVITE", uri, extra, body);
        world.hear(phone.peer, &request);
        let answer = world.one();
        assert_eq!(answer.code(), Some(*code), "{uri} {extra} {body}");
        assert!(world.reports().is_empty());
        match code {
            420 => assert_eq!(answer.value(Name::Unsupported), Some("teleport")),
            422 => assert_eq!(answer.value(Name::MinSe), Some("90")),
            415 => assert_eq!(answer.value(Name::Accept), Some("application/sdp")),
            _ => {}
        }
    }
}

/// RFC 3261 sections 19.1.6, 8.2.2.1, 16.3: tel and sips URIs are dialed, a request that went round too often is not.
#[test]
fn other_schemes_are_dialed_and_loops_end() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let contact = "Contact: <sip:801@10.0.0.101:5060>\r\n";
    for uri in ["tel:+81-3-1234", "sips:+8131234@box.test;user=phone"] {
        let request = phone.proven(&mut world, "INVITE", uri, contact, &sdp(4000));
        world.hear(phone.peer, &request);
        let Report::Invited { dialed, .. } = world.report() else { panic!("{uri}") };
        assert_eq!(dialed, "+8131234");
    }
    world.clear();
    let request = phone.bare("INVITE", "sip:802@box.test", contact, &sdp(4000));
    world.hear(phone.peer, &request.replace("Max-Forwards: 70", "Max-Forwards: 0"));
    assert_eq!(world.codes(), [483]);
}

/// RFC 3261 section 8.2.2.2: the same request over two paths.
#[test]
fn a_merged_request_is_refused() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.clear();
    world.hear(phone.peer, &talk.invite.replace("z9hG4bK", "z9hG4bKother"));
    assert_eq!(world.codes(), [482]);
    world.order(Order::Answer { leg, session: session(6000) });
    world.clear();
    world.hear(phone.peer, &talk.invite.replace("z9hG4bK", "z9hG4bKslow"));
    assert_eq!(world.codes(), [482], "also behind the answer");
    assert!(world.reports().is_empty());
}

/// RFC 3891 section 3: the leg is named by the tags of the one who gets it; `call` decides what becomes of it.
#[test]
fn an_invite_may_take_the_place_of_a_leg() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let (ours, theirs) = (talk_tag(&talk).unwrap(), talk.local.rsplit_once("tag=").unwrap().1);
    let mut other = Phone::udp("802");
    let named = format!("Replaces: {};to-tag={ours};from-tag={theirs}\r\n", talk.call_id);
    other.call(&mut world, "801", &named, &sdp(4008));
    let Some(Report::Invited { replaces, .. }) = world.reports().pop() else { panic!() };
    assert_eq!(replaces, Some(leg));
    let early = format!("Replaces: {};to-tag={ours};from-tag={theirs};early-only\r\n", talk.call_id);
    let request = other.proven(&mut world, "INVITE", "sip:801@box.test", &early, &sdp(4008));
    world.clear();
    world.hear(other.peer, &request);
    assert_eq!(world.codes(), [486]);
}

/// INFO as phones send it; other bodies are refused (RFC 3261 section 8.2.3, RFC 6086).
#[test]
fn digits_come_as_info() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    for (kind, body, code) in [
        ("Content-Type: application/dtmf-relay\r\n", "Signal=#\r\nDuration=120\r\n", 200),
        ("Content-Type: application/dtmf\r\n", "5", 200),
        ("", "", 200),
        ("Content-Type: text/plain\r\n", "5", 415),
        ("Info-Package: foo\r\n", "", 469),
    ] {
        let info = phone.inside(&talk, "INFO", kind, body);
        world.hear(phone.peer, &info);
        assert_eq!(world.codes(), [code], "{kind}");
    }
    let digits = [('#', 120), ('5', 160)].map(|(digit, ms)| Report::Digit { leg, digit, ms });
    assert_eq!(world.reports(), digits);
}

/// RFC 3261 section 12.2.2: requests in a dialog come in order, from a dialog that exists, and from where it can be.
#[test]
fn requests_inside_a_dialog_must_belong_to_it() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    let old = phone.inside_numbered(&talk, "INFO", 1, "", "");
    world.hear(phone.peer, &old);
    assert_eq!(world.codes(), [500]);
    let bye = phone.inside(&talk, "BYE", "", "");
    world.hear(peer(Transport::Udp, "10.0.0.66:5060", None), &bye);
    world.hear(phone.peer, &bye.replace("tag=f801", "tag=g801").replace("z9hG4bK", "z9hG4bKa"));
    world.hear(phone.peer, &bye.replace("Call-ID: c", "Call-ID: d").replace("z9hG4bK", "z9hG4bKb"));
    assert_eq!(world.codes(), [481, 481, 481]);
    assert!(world.reports().is_empty());
    for (method, code) in [("OPTIONS", 200), ("NOTIFY", 489), ("MESSAGE", 405), ("JUMP", 501)] {
        let request = phone.inside(&talk, method, "Event: x\r\n", "");
        world.hear(phone.peer, &request);
        assert_eq!(world.codes(), [code], "{method}");
    }
}

/// DSK-338: the call of a phone whose connection broke goes on if it comes back in time.
#[test]
fn a_call_outlives_its_connection_if_the_phone_comes_back() {
    let mut world = World::new();
    let mut phone = Phone::tcp("801", 1);
    phone.register(&mut world);
    let (_, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    world.receive(wire::Report::Closed { connection: ConnectionId(1) });
    assert!(matches!(world.report(), Report::Unregistered { .. }));
    world.pass_ms(5_000);
    phone.peer = Phone::tcp("801", 2).peer;
    phone.register(&mut world);
    world.pass_ms(60_000);
    assert!(world.reports().is_empty());
    world.order(Order::End { leg });
    let (_, to, bye) = world.sent.pop().unwrap();
    assert_eq!((to.connection, short(&bye).as_str()), (Some(ConnectionId(2)), "BYE"));
}

#[test]
fn a_call_ends_if_the_phone_does_not_come_back() {
    let mut world = World::new();
    let mut phone = Phone::tcp("801", 1);
    let (_, leg) = answered(&mut world, &mut phone, "");
    let mut ringing = Phone::tcp("802", 3);
    let (_, other) = ringing.call(&mut world, "801", "", &sdp(4000));
    world.clear();
    world.receive(wire::Report::Closed { connection: ConnectionId(3) });
    assert_eq!(world.report(), Report::Ended { leg: other, end: End::ConnectionLost });
    world.receive(wire::Report::Closed { connection: ConnectionId(1) });
    world.pass_ms(31_999);
    assert!(world.reports().is_empty());
    world.pass_ms(1);
    assert_eq!(world.report(), Report::Ended { leg, end: End::ConnectionLost });
}
