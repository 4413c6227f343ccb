//! re-INVITE and UPDATE in both directions.

use super::*;
use crate::sip::order::End;

/// RFC 3261 section 14.2: a hold is an offer like any other, and is answered where it came from.
#[test]
fn a_phone_changes_its_session() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let hold = format!("{}a=sendonly\r\n", sdp(4000));
    let request = phone.inside(&talk, "INVITE", "", &hold);
    world.hear(phone.peer, &request);
    let Report::Changed { offer: Some(offer), .. } = world.report() else { panic!() };
    assert_eq!(offer.direction, Direction::SendOnly);
    assert!(world.sent().is_empty());
    let answer = Session { direction: Direction::RecvOnly, ..session(6000) };
    world.order(Order::AcceptChange { leg, session: answer });
    let ok = world.one();
    assert_eq!((short(&ok).as_str(), ok.to().tag()), ("200 INVITE", request_tag(&request)));
    let body = String::from_utf8_lossy(ok.body()).into_owned();
    assert!(
        body.contains("a=recvonly") && body.lines().any(|line| line.starts_with("o=") && line.contains(" 2 IN")),
        "{body}"
    );
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", "");
    world.hear(phone.peer, &ack);
    world.pass_ms(5_000);
    assert!(world.sent().is_empty() && world.reports().is_empty());
}

fn request_tag(request: &str) -> Option<&str> {
    request.lines().find(|line| line.starts_with("To: ")).and_then(|line| line.rsplit_once("tag=")).map(|(_, tag)| tag)
}

/// RFC 4028 section 7.4: the same description again is a refresh and none of the call's business.
#[test]
fn a_refresh_by_invite_is_answered_inside() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    let request =
        phone.inside(&talk, "INVITE", "Session-Expires: 600;refresher=uac\r\nSupported: timer\r\n", &sdp(4000));
    world.hear(phone.peer, &request);
    let ok = world.one();
    assert_eq!((short(&ok).as_str(), ok.value(Name::SessionExpires)), ("200 INVITE", Some("600;refresher=uac")));
    assert!(String::from_utf8_lossy(ok.body()).contains(" 1 IN IP4"), "the version of our description stays");
    assert!(world.reports().is_empty());
}

/// RFC 3261 section 14.2, RFC 3264 section 4: without an offer ours goes out, and the ACK brings the answer.
#[test]
fn a_reinvite_without_offer_gets_ours() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let request = phone.inside(&talk, "INVITE", "", "");
    world.hear(phone.peer, &request);
    assert_eq!(world.report(), Report::Changed { leg, offer: None });
    world.order(Order::AcceptChange { leg, session: session(6000) });
    assert!(!world.one().body().is_empty());
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", &sdp(4010));
    world.hear(phone.peer, &ack);
    let Report::ChangeAnswered { session, .. } = world.report() else { panic!() };
    assert_eq!(session.port, 4010);
}

/// RFC 3261 section 14.2: a refused change leaves all as it was.
#[test]
fn a_change_is_refused() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let request = phone.inside(&talk, "INVITE", "", &sdp(4010));
    world.hear(phone.peer, &request);
    let second = phone.inside(&talk, "INVITE", "", &sdp(4012));
    world.hear(phone.peer, &second);
    let busy = world.one();
    assert!(busy.code() == Some(500) && busy.value(Name::RetryAfter).is_some(), "one change at a time");
    world.order(Order::RefuseChange { leg, code: 488 });
    assert_eq!(world.lines(), ["488 INVITE"]);
    assert_eq!(world.reports().len(), 1);
}

/// RFC 3261 section 14.2: nobody asks again before the first INVITE is answered, though sound is agreed already.
#[test]
fn a_call_that_rings_is_not_asked_again() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", "Supported: 100rel\r\n", &sdp(4000));
    world.order(Order::Progress { leg, code: 183, early: Some(session(6000)) });
    let early = world.sent().pop().unwrap();
    talk.heard(&early);
    let rack = format!("RAck: {} {} INVITE\r\n", early.value(Name::RSeq).unwrap(), phone.cseq);
    let (number, prack) = (phone.cseq, phone.inside(&talk, "PRACK", &rack, ""));
    world.hear(phone.peer, &prack);
    world.clear();
    let again = phone.inside(&talk, "INVITE", "", &sdp(4010));
    world.hear(phone.peer, &again);
    let refusal = world.one();
    assert!(refusal.code() == Some(500) && refusal.value(Name::RetryAfter).is_some());
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", "");
    world.hear(phone.peer, &ack);
    assert!(world.reports().is_empty());
    world.order(Order::Answer { leg, session: session(6000) });
    assert_eq!(world.lines(), ["200 INVITE"]);
    let ack = phone.inside_numbered(&talk, "ACK", number, "", "");
    world.hear(phone.peer, &ack);
    assert_eq!(world.reports(), [Report::Confirmed { leg, session: None }]);
    let mut called = Phone::udp("802");
    called.register(&mut world);
    let invite = ring(&mut world, &called, LegId(2));
    let early = called.reply(&invite, 183, "p", "Require: 100rel\r\nRSeq: 1\r\n", &sdp(4002));
    world.hear(called.peer, &early);
    world.clear();
    let again = called.inside(&Talk::of_invite(&invite, "p"), "INVITE", "", &sdp(4012));
    world.hear(called.peer, &again);
    assert_eq!(world.codes(), [491]);
}

/// RFC 3311: an offer by UPDATE is answered in its 200.
#[test]
fn an_update_changes_the_session_too() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let request = phone.inside(&talk, "UPDATE", "", &sdp(4010));
    world.hear(phone.peer, &request);
    assert!(matches!(world.report(), Report::Changed { offer: Some(_), .. }));
    world.order(Order::AcceptChange { leg, session: session(6000) });
    let ok = world.one();
    assert!(short(&ok) == "200 UPDATE" && !ok.body().is_empty());
    world.pass_ms(40_000);
    assert!(world.reports().is_empty(), "no ACK is waited for");
}

/// RFC 3261 section 14.1: our offer, its answer, and its ACK.
#[test]
fn the_box_changes_the_session() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (_, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    world.order(Order::Reoffer { leg, session: session(6010) });
    world.order(Order::Reoffer { leg, session: session(6012) });
    world.order(Order::Reoffer { leg, session: session(6014) });
    let first = world.one();
    assert!(String::from_utf8_lossy(first.body()).contains("m=audio 6010"));
    world.hear(phone.peer, &phone.reply(&first, 200, "", "", &sdp(4000)));
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["ACK", "INVITE"]);
    assert!(String::from_utf8_lossy(sent[1].body()).contains("m=audio 6014"), "the newest counts");
    assert!(matches!(world.report(), Report::ChangeAnswered { .. }));
    world.hear(phone.peer, &phone.reply(&sent[1], 488, "", "", ""));
    assert_eq!(world.report(), Report::ChangeRefused { leg, code: 488 });
}

/// RFC 3262 section 4: a phone that takes its time over a change and says so reliably hears that it was heard.
#[test]
fn a_change_that_is_thought_of_reliably_is_confirmed() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (_, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    world.order(Order::Reoffer { leg, session: session(6010) });
    let invite = world.one();
    let reliable = |rseq: u32| format!("Require: 100rel\r\nRSeq: {rseq}\r\n");
    let early = phone.reply(&invite, 183, "p", &reliable(7), &sdp(4010));
    world.hear(phone.peer, &early);
    world.hear(phone.peer, &early);
    let prack = world.one();
    assert_eq!(
        (short(&prack), prack.value(Name::RAck)),
        ("PRACK".into(), Some(&*format!("7 {} INVITE", invite.cseq().0)))
    );
    world.hear(phone.peer, &phone.reply(&prack, 200, "p", "", ""));
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", &reliable(8), ""));
    assert_eq!(world.lines(), ["PRACK"]);
    world.hear(phone.peer, &phone.reply(&invite, 200, "p", "", ""));
    let ack = world.one();
    assert_eq!((short(&ack), ack.cseq().0), ("ACK".into(), invite.cseq().0));
    assert!(matches!(world.report(), Report::ChangeAnswered { session, .. } if session.port == 4010));
}

/// RFC 3261 section 14.1: glare. The owner of the Call-ID waits 2.1 to 4 seconds, the other at most 2.
#[test]
fn crossing_changes_are_tried_again() {
    for (ours, range) in [(true, 2_100..=4_000), (false, 0..=2_000)] {
        let mut world = World::new();
        let mut phone = Phone::udp("801");
        let (talk, leg) = if ours {
            phone.register(&mut world);
            world.sip.registrar_quiet();
            (called(&mut world, &mut phone, LegId(2), ""), LegId(2))
        } else {
            answered(&mut world, &mut phone, "")
        };
        world.clear();
        world.order(Order::Reoffer { leg, session: session(6010) });
        let invite = world.one();
        let theirs = phone.inside(&talk, "INVITE", "", &sdp(4010));
        world.hear(phone.peer, &theirs);
        assert_eq!(world.lines(), ["491 INVITE"], "while ours is out");
        world.hear(phone.peer, &phone.reply(&invite, 491, "", "", ""));
        assert_eq!(world.lines(), ["ACK"]);
        let due = world.sip.timers.at(crate::sip::timers::Due::Reoffer(leg)).unwrap();
        let wait_ms = due.since(world.now.up).as_millis() as u64;
        assert!(range.contains(&wait_ms), "{wait_ms}");
        world.pass_ms(wait_ms);
        let again = world.sent().into_iter().find(|sent| short(sent) == "INVITE").unwrap();
        assert!(again.cseq().0 > invite.cseq().0 && again.body() == invite.body());
        assert!(world.reports().is_empty());
        world.hear(phone.peer, &phone.reply(&again, 200, "", "", &sdp(4000)));
        assert!(matches!(world.report(), Report::ChangeAnswered { .. }));
    }
}

/// RFC 3261 section 14.1: glare without end is given up.
#[test]
fn glare_is_not_tried_for_ever() {
    let mut world = World::new();
    let mut phone = Phone::tcp("801", 1);
    let (_, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    world.order(Order::Reoffer { leg, session: session(6010) });
    for _ in 0..6 {
        let invite = world.sent().into_iter().find(|sent| short(sent) == "INVITE").unwrap();
        world.hear(phone.peer, &phone.reply(&invite, 491, "", "", ""));
        world.pass_ms(2_000);
    }
    assert_eq!(world.reports(), [Report::ChangeRefused { leg, code: 491 }]);
}

/// RFC 3261 section 12.2.1.2: 408 and 481 inside a dialog end it, and so does silence.
#[test]
fn a_dialog_that_the_phone_forgot_ends() {
    for code in [408, 481] {
        let mut world = World::new();
        let mut phone = Phone::udp("801");
        let (_, leg) = answered(&mut world, &mut phone, "");
        world.clear();
        world.order(Order::Reoffer { leg, session: session(6010) });
        let invite = world.one();
        if code == 408 {
            world.pass_ms(32_000);
        } else {
            world.hear(phone.peer, &phone.reply(&invite, code, "", "", ""));
        }
        assert_eq!(world.sent().last().map(short), Some("BYE".into()));
        assert_eq!(world.report(), Report::Ended { leg, end: End::TimedOut });
    }
}

/// RFC 3261 section 13.2.2.4: the answer to a change that comes after the end gets its ACK all the same.
#[test]
fn a_change_that_crosses_the_end_is_acknowledged() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    world.order(Order::Reoffer { leg, session: session(6010) });
    let invite = world.one();
    let bye = phone.inside(&talk, "BYE", "", "");
    world.hear(phone.peer, &bye);
    world.hear(phone.peer, &phone.reply(&invite, 200, "", "", &sdp(4000)));
    assert_eq!(world.lines(), ["200 BYE", "ACK"]);
    assert_eq!(world.reports(), [Report::Ended { leg, end: End::Bye }]);
}

/// RFC 3261 section 15.1.2: a change that was never answered is, when the call ends.
#[test]
fn an_open_change_is_answered_when_the_call_ends() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    let request = phone.inside(&talk, "INVITE", "", &sdp(4010));
    world.hear(phone.peer, &request);
    world.clear();
    world.order(Order::End { leg });
    assert_eq!(world.lines(), ["BYE", "487 INVITE"]);
}

/// BOX-44: a phone whose router gave it another port is spoken to there.
#[test]
fn the_box_follows_a_phone_to_another_port() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    phone.peer.remote.set_port(6666);
    let update = phone.inside(&talk, "UPDATE", "", "");
    world.hear(phone.peer, &update);
    world.clear();
    world.order(Order::End { leg });
    assert_eq!(world.sent[0].1, phone.peer);
}

/// A change in a call over TLS comes over TLS or not at all.
#[test]
fn a_call_over_tls_takes_nothing_over_less() {
    let mut world = World::new();
    let mut phone = Phone::at("801", peer(Transport::Tls, "10.0.0.101:40000", Some(1)));
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    let bye = phone.inside(&talk, "BYE", "", "");
    world.hear(Phone::udp("801").peer, &bye);
    assert_eq!(world.codes(), [481]);
    assert!(world.reports().is_empty());
}

/// A phone that thinks about a change for ever keeps neither the call nor the box waiting (RFC 3261 section 16.6).
#[test]
fn a_change_that_is_never_answered_ends_the_call() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (_, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    world.order(Order::Reoffer { leg, session: session(6010) });
    let invite = world.one();
    world.hear(phone.peer, &phone.reply(&invite, 100, "", "", ""));
    world.pass_ms(179_999);
    assert!(world.sent().is_empty() && world.reports().is_empty());
    world.pass_ms(1);
    assert_eq!(world.lines(), ["BYE"]);
    assert_eq!(world.report(), Report::Ended { leg, end: End::TimedOut });
}
