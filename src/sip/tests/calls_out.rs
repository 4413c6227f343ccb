//! Calls that the box makes to phones.

use super::*;
use crate::sip::order::{Alert, BindingId, End, Shown};

const LEG: LegId = LegId(2);

fn world(phone: &mut Phone) -> World {
    let mut world = World::new();
    phone.register(&mut world);
    world.sip.registrar_quiet();
    world
}

/// RFC 3261 section 13.2, DSK-346
#[test]
fn a_phone_is_rung_and_answers() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    assert_eq!(line(&invite), "INVITE sip:802@10.0.0.102:5060 SIP/2.0");
    assert_eq!((&*invite.from().display, invite.from().uri), ("Li \"Lei\"", "sip:801@10.0.0.1"));
    assert!(invite.has_token(Name::Supported, "100rel") && invite.has_token(Name::Allow, "REFER"));
    assert!(String::from_utf8_lossy(invite.body()).contains("m=audio 6002"));
    world.hear(phone.peer, &phone.reply(&invite, 100, "", "", ""));
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", "", ""));
    assert_eq!(world.reports(), [Report::Ringing { leg: LEG, code: 180, early: None }]);
    let ok = phone.reply(&invite, 200, "p", "Record-Route: <sip:edge;lr>, <sip:core;lr>\r\n", &sdp(4002));
    world.hear(phone.peer, &ok);
    let ack = world.one();
    assert_eq!((short(&ack).as_str(), ack.cseq().0), ("ACK", invite.cseq().0));
    assert_eq!(ack.values(Name::Route).collect::<Vec<_>>(), ["<sip:core;lr>", "<sip:edge;lr>"]);
    let Report::Answered { session, .. } = world.report() else { panic!() };
    assert_eq!(session.port, 4002);
    // RFC 6026 section 7.2: the repeated answer gets the same ACK for 32 seconds.
    world.pass_ms(31_000);
    world.hear(phone.peer, &ok);
    assert_eq!(world.one().raw(), ack.raw());
    world.order(Order::End { leg: LEG });
    assert_eq!(world.one().value(Name::Route), Some("<sip:core;lr>"));
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Ours });
}

/// PHN-111, GRP-24 reading: what kind of call it is, or that the phone is to answer by itself.
#[test]
fn a_phone_is_told_how_to_ring() {
    for (alert, alert_info, call_info) in [
        (Alert::Internal, "internal", None),
        (Alert::External, "external", None),
        (Alert::Answered, "alert-autoanswer;delay=0", Some(";answer-after=0")),
    ] {
        let mut phone = Phone::udp("802");
        let mut world = world(&mut phone);
        let binding = world.binding("802").id;
        world.order(Order::Ring { leg: LEG, binding, from: Shown::default(), alert, offer: session(1) });
        let invite = world.one();
        let value = |info: &str| format!("<sip:10.0.0.1>;info={info}");
        assert_eq!(invite.value(Name::AlertInfo), Some(&*value(alert_info)));
        let call_info = call_info.map(|after| format!("<sip:10.0.0.1>{after}"));
        assert_eq!(invite.value(Name::CallInfo), call_info.as_deref());
    }
}

#[test]
fn a_device_that_is_gone_is_not_rung() {
    let mut world = World::new();
    let from = Shown::default();
    world.order(Order::Ring { leg: LEG, binding: BindingId(9), from, alert: Alert::Internal, offer: session(1) });
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Refused { code: 480, retry_after: None } });
}

/// RFC 3261 section 9.1: CANCEL is held until a provisional response came.
#[test]
fn a_cancel_waits_for_the_first_response() {
    let mut phone = Phone::tcp("802", 1);
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    world.order(Order::End { leg: LEG });
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Ours });
    world.pass_ms(3_000);
    assert!(world.sent().is_empty());
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", "", ""));
    let cancel = world.one();
    assert_eq!((short(&cancel), cancel.top_via().branch()), ("CANCEL".into(), invite.top_via().branch()));
    assert_eq!((cancel.cseq().0, cancel.to().tag()), (invite.cseq().0, None));
    world.hear(phone.peer, &phone.reply(&cancel, 200, "p", "", ""));
    world.hear(phone.peer, &phone.reply(&invite, 487, "p", "", ""));
    assert_eq!(world.lines(), ["ACK"]);
    assert!(world.reports().is_empty());
}

/// RFC 3261 section 9.1, the other race: the answer crosses our CANCEL and is ended.
#[test]
fn an_answer_that_crosses_our_cancel_is_ended() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", "", ""));
    world.clear();
    world.order(Order::End { leg: LEG });
    world.hear(phone.peer, &phone.reply(&invite, 200, "p", "", &sdp(4002)));
    assert_eq!(world.lines(), ["CANCEL", "ACK", "BYE"]);
    assert_eq!(world.reports(), [Report::Ended { leg: LEG, end: End::Ours }]);
}

/// RFC 3261 section 9.1: a phone that answers neither CANCEL nor INVITE is given up after 32 seconds.
#[test]
fn a_cancelled_call_does_not_wait_for_ever() {
    let mut phone = Phone::tcp("802", 1);
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", "", ""));
    world.order(Order::End { leg: LEG });
    world.pass_ms(32_000);
    assert_eq!(world.sip.deadline(), None);
}

/// RFC 3261 section 13.2.2.4: every branch of a fork rings for itself; the first answer is the call, the next one is
/// acknowledged and ended.
#[test]
fn the_second_answer_of_a_fork_is_ended() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    for tag in ["a", "b"] {
        world.hear(phone.peer, &phone.reply(&invite, 180, tag, "", ""));
    }
    world.hear(phone.peer, &phone.reply(&invite, 200, "b", "", &sdp(4002)));
    assert_eq!(world.lines(), ["ACK"]);
    world.hear(phone.peer, &phone.reply(&invite, 200, "a", "", &sdp(4004)));
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["ACK", "BYE"]);
    assert!(sent.iter().all(|message| message.to().tag() == Some("a")));
    let answers = world.reports().iter().filter(|report| matches!(report, Report::Answered { .. })).count();
    assert_eq!(answers, 1);
}

/// BOX-139, RFC 3261 section 12.1.2: what a phone makes of our own words is nothing to us, and its call leaves nothing.
#[test]
fn our_own_words_hold_however_they_come_back() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    let twisted = |text: String| {
        let from = invite.value(Name::From).unwrap();
        text.replace(from, "<sip:other@x>;tag=other").replace("CSeq: 1 ", "CSeq: 4294967295 ")
    };
    world.hear(phone.peer, &twisted(phone.reply(&invite, 180, "p", "Require: 100rel\r\nRSeq: 1\r\n", "")));
    let prack = world.one();
    assert_eq!((short(&prack), prack.cseq().0, prack.from().tag()), ("PRACK".into(), 2, invite.from().tag()));
    world.hear(phone.peer, &twisted(phone.reply(&invite, 200, "p", "", &sdp(4002))));
    world.hear(phone.peer, &twisted(phone.reply(&invite, 200, "q", "", &sdp(4004))));
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["ACK", "ACK", "BYE"]);
    assert!(sent.iter().all(|message| message.from().tag() == invite.from().tag()));
    assert_eq!(sent.iter().map(|message| message.cseq().0).collect::<Vec<_>>(), [1, 1, 2]);
    world.order(Order::End { leg: LEG });
    world.pass_ms(64_000);
    assert!(world.sip.legs.is_empty() && world.sip.tags.is_empty());
}

/// BOX-139: whoever answers one call again and again is not listened to for ever.
#[test]
fn a_fork_has_so_many_branches_and_no_more() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    for tag in 0..1_000 {
        world.hear(phone.peer, &phone.reply(&invite, 200, &format!("p{tag}"), "", &sdp(4002)));
    }
    let mut sent = world.lines();
    assert_eq!(sent.remove(0), "ACK");
    assert!(sent.chunks(2).all(|pair| pair == ["ACK", "BYE"]) && sent.len() == 2 * 15, "{}", sent.len());
}

/// RFC 3262 section 4: each reliable response gets its PRACK, in order, once; its sound is the answer.
#[test]
fn reliable_ringing_is_confirmed_in_order() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    let rel = |rseq: u32| format!("Require: 100rel\r\nRSeq: {rseq}\r\n");
    let first = phone.reply(&invite, 183, "p", &rel(7), &sdp(4002));
    world.hear(phone.peer, &first);
    let prack = world.one();
    assert_eq!(prack.value(Name::RAck), Some(format!("7 {} INVITE", invite.cseq().0).as_str()));
    let Report::Ringing { early: Some(early), code: 183, .. } = world.report() else { panic!() };
    assert_eq!(early.port, 4002);
    world.hear(phone.peer, &first);
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", &rel(9), ""));
    assert!(world.sent().is_empty() && world.reports().is_empty(), "a repeat and one that overtook");
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", &rel(8), ""));
    assert!(world.one().cseq().0 > prack.cseq().0);
    world.clear();
    world.hear(phone.peer, &phone.reply(&invite, 200, "p", "", ""));
    let Report::Answered { session, .. } = world.report() else { panic!() };
    assert_eq!(session.port, 4002, "the answer that came reliably");
    let ack = world.one();
    assert_eq!(ack.cseq().0, invite.cseq().0);
    world.order(Order::End { leg: LEG });
    assert!(world.one().cseq().0 > prack.cseq().0 + 1);
}

/// RFC 3261 section 13.2.1: an answer without any description is no call.
#[test]
fn an_answer_without_sound_is_ended() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    world.hear(phone.peer, &phone.reply(&invite, 200, "p", "", ""));
    assert_eq!(world.lines(), ["ACK", "BYE"]);
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Refused { code: 488, retry_after: None } });
}

/// RFC 3261 section 20.33, RFC 4028 section 7.4
#[test]
fn refusals_say_when_and_422_is_tried_again_once() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    assert_eq!(invite.value(Name::SessionExpires), Some("1800;refresher=uac"));
    world.hear(phone.peer, &phone.reply(&invite, 422, "p", "Min-SE: 2400\r\n", ""));
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["ACK", "INVITE"]);
    let again = &sent[1];
    assert_eq!(
        (again.value(Name::SessionExpires), again.value(Name::MinSe)),
        (Some("2400;refresher=uac"), Some("2400"))
    );
    assert_eq!((again.call_id(), again.cseq().0), (invite.call_id(), invite.cseq().0 + 1));
    world.hear(phone.peer, &phone.reply(again, 486, "p", "Retry-After: 30 (lunch);duration=5\r\n", ""));
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Refused { code: 486, retry_after: Some(30) } });
}

/// RFC 3261 section 17.1.3: a response that does not fit is nothing.
#[test]
fn foreign_responses_are_dropped() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    let ok = phone.reply(&invite, 200, "p", "", &sdp(4002));
    world.hear(peer(Transport::Udp, "10.0.0.66:5060", None), &ok);
    world.hear(phone.peer, &ok.replace("branch=z9hG4bK", "branch=z9hG4bKx"));
    world.hear(phone.peer, &ok.replace("INVITE", "BYE"));
    assert!(world.sent().is_empty() && world.reports().is_empty());
}

/// A way out that fails is told at once (RFC 3261 section 8.1.3.1), and a broken connection ends what rings.
#[test]
fn a_way_that_fails_ends_what_rings() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    ring(&mut world, &phone, LEG);
    world.receive(wire::Report::Unreached { peer: phone.peer });
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::Refused { code: 503, retry_after: None } });
    let mut phone = Phone::tcp("803", 5);
    phone.register(&mut world);
    ring(&mut world, &phone, LegId(4));
    world.receive(wire::Report::Closed { connection: ConnectionId(5) });
    let reports = world.reports();
    assert_eq!(reports[0], Report::Ended { leg: LegId(4), end: End::ConnectionLost });
    assert!(matches!(reports[1], Report::Unregistered { .. }), "DSK-338");
}

/// RFC 3261 section 12.2.1.1: a first route without `lr` becomes the Request-URI.
#[test]
fn a_strict_route_is_asked_itself() {
    let mut phone = Phone::udp("802");
    let mut world = world(&mut phone);
    let invite = ring(&mut world, &phone, LEG);
    world.hear(phone.peer, &phone.reply(&invite, 200, "p", "Record-Route: <sip:strict>\r\n", &sdp(4002)));
    let ack = world.one();
    assert_eq!(line(&ack), "ACK sip:strict SIP/2.0");
    assert_eq!(ack.value(Name::Route), Some("<sip:802@10.0.0.102:5060>"));
}

/// RFC 3261 section 19.1.1: what a Contact says behind `?` is no part of a Request-URI.
#[test]
fn a_contact_with_headers_is_asked_without_them() {
    let mut phone = Phone::udp("802");
    let mut world = World::new();
    phone.register_with(&mut world, "Contact: <sip:8?2@10.0.0.102?Subject=a>\r\n");
    world.clear();
    assert_eq!(line(&ring(&mut world, &phone, LEG)), "INVITE sip:8?2@10.0.0.102 SIP/2.0");
}
