//! Session timers (RFC 4028).

use super::*;
use crate::sip::order::End;

const UPDATE: &str = "Allow: INVITE, ACK, BYE, UPDATE\r\n";

fn ok_says(world: &mut World, phone: &mut Phone, extra: &str) -> (Option<String>, bool) {
    let (_, leg) = phone.call(world, "802", extra, &sdp(4000));
    world.order(Order::Answer { leg, session: session(6000) });
    let sent = world.sent();
    let ok = sent.last().unwrap();
    (ok.value(Name::SessionExpires).map(str::to_owned), ok.has_token(Name::Require, "timer"))
}

/// RFC 4028 section 9, table 2
#[test]
fn the_refresher_is_as_the_phone_asks() {
    for (extra, says, requires) in [
        ("Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n", Some("600;refresher=uac"), true),
        ("Supported: timer\r\nx: 600;refresher=uas\r\n", Some("600;refresher=uas"), false),
        ("Supported: timer\r\nSession-Expires: 600\r\n", Some("600;refresher=uas"), false),
        ("Supported: timer\r\n", Some("1800;refresher=uas"), false),
        ("Supported: timer\r\nSession-Expires: 9999\r\n", Some("1800;refresher=uas"), false),
        ("Supported: timer\r\nMin-SE: 3000\r\nSession-Expires: 3600\r\n", Some("3000;refresher=uas"), false),
        ("Supported: timer\r\nMin-SE: 1200\r\nSession-Expires: 600\r\n", Some("600;refresher=uas"), false),
        ("", None, false),
    ] {
        let found = ok_says(&mut World::new(), &mut Phone::udp("801"), extra);
        assert_eq!(found, (says.map(str::to_owned), requires), "{extra}");
    }
}

/// RFC 4028 section 10: we refresh at half the time, by UPDATE where the phone knows it, and go on for ever.
#[test]
fn the_box_refreshes_at_half_the_time() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    answered(&mut world, &mut phone, &format!("{UPDATE}Supported: timer\r\nSession-Expires: 600\r\n"));
    world.clear();
    for _ in 0..5 {
        world.pass_ms(299_999);
        assert!(world.sent().is_empty());
        world.pass_ms(1);
        let update = world.one();
        assert_eq!((short(&update).as_str(), update.body().len()), ("UPDATE", 0));
        assert_eq!(update.value(Name::SessionExpires), Some("600;refresher=uac"));
        world.hear(phone.peer, &phone.reply(&update, 200, "", "Session-Expires: 600;refresher=uac\r\n", ""));
    }
    assert!(world.reports().is_empty());
}

/// RFC 4028 section 7.4: a phone without UPDATE gets a re-INVITE with the very same description.
#[test]
fn a_phone_without_update_is_refreshed_by_invite() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.order(Order::Answer { leg, session: session(6000) });
    let ok = world.sent().pop().unwrap();
    talk.heard(&ok);
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", "");
    world.hear(phone.peer, &ack);
    world.clear();
    world.pass_ms(900_000);
    let invite = world.one();
    assert_eq!((short(&invite).as_str(), invite.body()), ("INVITE", ok.body()));
    world.hear(phone.peer, &phone.reply(&invite, 200, "", "", &sdp(4000)));
    assert_eq!(world.lines(), ["ACK"]);
    assert!(world.reports().is_empty(), "the same answer is no news");
    world.pass_ms(900_000);
    let invite = world.one();
    world.hear(phone.peer, &phone.reply(&invite, 200, "", "", &sdp(4020)));
    assert!(matches!(world.report(), Report::ChangeAnswered { .. }), "another answer is");
}

/// RFC 4028 section 10: a refresh that nobody answers ends the call.
#[test]
fn a_dead_phone_is_found() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (_, leg) = answered(&mut world, &mut phone, &format!("{UPDATE}Supported: timer\r\nSession-Expires: 90\r\n"));
    world.clear();
    world.pass_ms(45_000 + 32_000);
    assert_eq!(world.sent().last().map(short), Some("BYE".into()));
    assert_eq!(world.report(), Report::Ended { leg, end: End::TimedOut });
}

/// RFC 4028 section 10: refusals are tried again until the session is over.
#[test]
fn a_refresh_that_is_refused_until_the_end_ends_the_call() {
    let mut world = World::new();
    let mut phone = Phone::tcp("801", 1);
    let (_, leg) = answered(&mut world, &mut phone, &format!("{UPDATE}Supported: timer\r\nSession-Expires: 90\r\n"));
    world.clear();
    let start = world.now.up;
    while world.reports.is_empty() {
        world.pass_ms(1_000);
        for update in world.sent().iter().filter(|sent| short(sent) == "UPDATE") {
            world.hear(phone.peer, &phone.reply(update, 500, "", "", ""));
        }
    }
    assert_eq!(world.report(), Report::Ended { leg, end: End::SessionExpired });
    assert_eq!(world.now.up.since(start).as_secs(), 90);
}

/// RFC 4028 section 10: a phone that promised to refresh and does not is ended a third before the end.
#[test]
fn a_phone_that_forgets_to_refresh_is_ended() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let timer = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n";
    let (talk, leg) = answered(&mut world, &mut phone, timer);
    world.clear();
    world.pass_ms(50_000);
    let update = phone.inside(&talk, "UPDATE", timer, "");
    world.hear(phone.peer, &update);
    let ok = world.one();
    assert_eq!((short(&ok).as_str(), ok.value(Name::SessionExpires)), ("200 UPDATE", Some("90;refresher=uac")));
    world.pass_ms(59_999);
    assert!(world.reports().is_empty());
    world.pass_ms(1);
    assert_eq!(world.lines(), ["BYE"]);
    assert_eq!(world.report(), Report::Ended { leg, end: End::SessionExpired });
}

/// RFC 4028 section 7.2: what the phone's answer says counts for a call that we made.
#[test]
fn the_phone_may_take_the_refresh_over() {
    let mut world = World::new();
    let mut phone = Phone::udp("802");
    phone.register(&mut world);
    world.sip.registrar_quiet();
    called(&mut world, &mut phone, LegId(2), "Session-Expires: 120;refresher=uas\r\nRequire: timer\r\n");
    world.pass_ms(87_999);
    assert!(world.sent().is_empty() && world.reports().is_empty());
    world.pass_ms(1);
    assert_eq!(world.lines(), ["BYE"]);
    assert_eq!(world.report(), Report::Ended { leg: LegId(2), end: End::SessionExpired });
}

/// RFC 4028 section 7.2: an answer may shorten what we asked for, not make it endless.
#[test]
fn a_phone_that_asks_for_a_century_is_missed_in_time() {
    let mut world = World::new();
    let mut phone = Phone::udp("802");
    phone.register(&mut world);
    called(&mut world, &mut phone, LegId(2), "Require: timer\r\nSession-Expires: 4000000000;refresher=uas\r\n");
    world.sip.registrar_quiet();
    world.clear();
    world.pass_ms(1_800_000);
    assert_eq!(world.report(), Report::Ended { leg: LegId(2), end: End::SessionExpired });
}

/// RFC 4028 section 9: less than 90 seconds is refused in every request.
#[test]
fn too_short_a_session_is_refused() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    for method in ["UPDATE", "INVITE"] {
        let request = phone.inside(&talk, method, "Supported: timer\r\nSession-Expires: 89\r\n", "");
        world.hear(phone.peer, &request);
        let answer = world.one();
        assert_eq!((answer.code(), answer.value(Name::MinSe)), (Some(422), Some("90")));
    }
    assert!(world.reports().is_empty());
}
