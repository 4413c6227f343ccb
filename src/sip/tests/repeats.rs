//! Every timer of RFC 3261 and RFC 6026, at the millisecond.

use super::*;
use crate::sip::order::End;

/// RFC 3261 section 17.1.1.2: timer A doubles without an upper bound, timer B ends it after 32 seconds.
#[test]
fn an_invite_over_udp_is_sent_again_until_timer_b() {
    let mut world = World::new();
    let mut phone = Phone::udp("802");
    phone.register(&mut world);
    ring(&mut world, &phone, LegId(2));
    let start = world.now.up;
    world.sip.registrar_quiet();
    world.pass_ms(31_999);
    assert_eq!(world.times_ms(start), [500, 1500, 3500, 7500, 15500, 31500]);
    assert!(world.reports().is_empty());
    world.pass_ms(1);
    assert_eq!(world.report(), Report::Ended { leg: LegId(2), end: End::TimedOut });
}

/// RFC 3261 section 17.1.1.2: a provisional response stops timers A and B, and no other takes their place.
#[test]
fn an_invite_that_rings_is_not_sent_again() {
    let mut world = World::new();
    let mut phone = Phone::udp("802");
    phone.register(&mut world);
    let invite = ring(&mut world, &phone, LegId(2));
    world.sip.registrar_quiet();
    world.hear(phone.peer, &phone.reply(&invite, 180, "p", "", ""));
    world.pass_ms(300_000);
    assert!(world.sent().is_empty());
    assert_eq!(world.reports(), [Report::Ringing { leg: LegId(2), code: 180, early: None }]);
}

/// RFC 3261 section 17.1.1.2: over a stream nothing is sent again, timer B still runs.
#[test]
fn an_invite_over_tcp_is_sent_once() {
    let mut world = World::new();
    let mut phone = Phone::tcp("802", 1);
    phone.register(&mut world);
    ring(&mut world, &phone, LegId(2));
    world.pass_ms(32_000);
    assert!(world.sent().is_empty());
    assert_eq!(world.report(), Report::Ended { leg: LegId(2), end: End::TimedOut });
}

/// RFC 3261 section 17.1.2.2: timer E doubles up to 4 seconds, timer F ends it; 408 inside a dialog is silence.
#[test]
fn a_bye_is_sent_again_until_timer_f() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (_, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    world.order(Order::End { leg });
    assert_eq!(world.report(), Report::Ended { leg, end: End::Ours });
    world.clear();
    let start = world.now.up;
    world.pass_ms(60_000);
    assert_eq!(world.times_ms(start), [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
    assert_eq!(world.sip.deadline(), None, "nothing is left of the call");
}

/// RFC 3261 section 17.1.1.2, timer D: each repeat of a refusal gets its ACK again for 32 seconds.
#[test]
fn a_refusal_is_acknowledged_each_time() {
    let mut world = World::new();
    let mut phone = Phone::udp("802");
    phone.register(&mut world);
    let invite = ring(&mut world, &phone, LegId(2));
    world.sip.registrar_quiet();
    let busy = phone.reply(&invite, 486, "p", "", "");
    world.hear(phone.peer, &busy);
    let ack = world.one();
    assert_eq!((short(&ack), ack.top_via().branch()), ("ACK".into(), invite.top_via().branch()));
    assert_eq!(ack.to().tag(), Some("p"));
    let end = End::Refused { code: 486, retry_after: None };
    assert_eq!(world.report(), Report::Ended { leg: LegId(2), end });
    world.pass_ms(31_000);
    world.hear(phone.peer, &busy);
    assert_eq!(world.lines(), ["ACK"]);
    world.pass_ms(1_000);
    world.hear(phone.peer, &busy);
    assert!(world.lines().is_empty() && world.reports().is_empty());
}

/// RFC 3261 section 17.2.1: timer G repeats a refusal up to every 4 seconds until the ACK; timer I absorbs ACKs.
#[test]
fn our_refusal_is_sent_again_until_its_ack() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (mut talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.order(Order::Refuse { leg, code: 486, retry_after: None });
    talk.heard(world.sent().last().unwrap());
    let start = world.now.up;
    world.pass_ms(12_000);
    assert_eq!(world.times_ms(start), [500, 1500, 3500, 7500, 11500]);
    let ack = talk.invite.replace("INVITE", "ACK").replace("Content-Length: ", "X-Was: ");
    let ack = ack.split("\r\n\r\n").next().unwrap().replace("To: <sip:802@box.test>", &format!("To: {}", talk.remote));
    world.hear(phone.peer, &format!("{ack}\r\n\r\n"));
    world.pass_ms(60_000);
    assert!(world.sent().is_empty());
    assert_eq!(world.sip.deadline(), None);
}

/// RFC 3261 section 17.2.1: a repeated INVITE gets the last response again and begins no second leg.
#[test]
fn a_repeated_invite_is_absorbed() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.hear(phone.peer, &talk.invite);
    assert_eq!(world.codes(), [100, 100]);
    world.order(Order::Progress { leg, code: 180, early: None });
    world.hear(phone.peer, &talk.invite);
    assert_eq!(world.codes(), [180, 180]);
    assert_eq!(world.reports().len(), 1);
}

/// RFC 6026 section 7.1: once accepted, a repeated INVITE is absorbed for 32 seconds (timer L).
#[test]
fn a_repeated_invite_after_the_answer_is_absorbed() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.hear(phone.peer, &talk.invite);
    world.pass_ms(31_000);
    world.hear(phone.peer, &talk.invite);
    assert!(world.sent().is_empty() && world.reports().is_empty());
}

/// RFC 3261 section 13.3.1.4: our 200 goes out again until the ACK, over streams too; without one the call ends.
#[test]
fn an_answer_without_ack_ends_the_call() {
    for mut phone in [Phone::udp("801"), Phone::tcp("801", 1)] {
        let mut world = World::new();
        let (_, leg) = phone.call(&mut world, "802", "", &sdp(4000));
        world.order(Order::Answer { leg, session: session(6000) });
        world.clear();
        let start = world.now.up;
        world.pass_ms(31_999);
        assert_eq!(world.times_ms(start), [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
        world.pass_ms(1);
        assert_eq!(world.lines(), ["BYE"]);
        assert_eq!(world.report(), Report::Ended { leg, end: End::TimedOut });
    }
}

/// RFC 3261 section 17.2.2, timer J: the answer to a repeated BYE is the same one, for 32 seconds.
#[test]
fn a_repeated_bye_gets_the_same_answer() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let bye = phone.inside(&talk, "BYE", "", "");
    world.hear(phone.peer, &bye);
    world.pass_ms(31_999);
    world.hear(phone.peer, &bye);
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["200 BYE", "200 BYE"]);
    assert_eq!(sent[0].raw(), sent[1].raw());
    assert_eq!(world.reports(), [Report::Ended { leg, end: End::Bye }]);
    world.pass_ms(2);
    world.hear(phone.peer, &bye);
    assert_eq!(world.codes(), [481], "the dialog is gone, and a phone must not be left off hook");
}

/// BOX-139: whoever is proven and says much takes neither memory nor the transactions of others.
#[test]
fn long_messages_make_room_among_themselves() {
    let mut world = World::new();
    let (mut phone, mut other) = (Phone::udp("801"), Phone::udp("802"));
    let refer = |world: &mut World, phone: &mut Phone, extra: &str| {
        let request = phone.proven(world, "REFER", "sip:802@box.test", extra, "");
        world.hear(phone.peer, &request);
        assert_eq!(world.codes(), [403]);
        request
    };
    let short = refer(&mut world, &mut other, "");
    let long = format!("Via: SIP/2.0/UDP {}\r\n", "x".repeat(7_000));
    for _ in 0..3_000 {
        refer(&mut world, &mut phone, &long);
    }
    assert_eq!(world.sip.transactions.servers.len(), 1_001);
    world.hear(other.peer, &short);
    assert_eq!(world.codes(), [403], "it is known still");
    other.register_with(&mut world, &format!("Contact: <sip:802@{};x={}>\r\n", other.peer.remote, "x".repeat(7_000)));
    world.sip.registrar_quiet();
    world.clear();
    for leg in 1..=1_500 {
        ring(&mut world, &other, LegId(2 * leg));
    }
    assert_eq!(world.sip.transactions.clients.len(), 1_000);
    world.pass_ms(40_000);
    assert!(world.sip.transactions.servers.is_empty() && world.sip.transactions.clients.is_empty());
    world.clear();
    refer(&mut world, &mut phone, &long);
}

/// BOX-139: what would be kept for as long as a call, a registration or a lamp lasts is no longer than a proxy or two
/// make it.
#[test]
fn a_request_with_too_much_to_keep_is_refused() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    for (method, label) in
        [("SUBSCRIBE", "Call-ID: "), ("REGISTER", "Contact: <sip:801@x;y="), ("INVITE", "Record-Route: <sip:x;y=")]
    {
        let extra = "Contact: <sip:801@x;y=z>\r\nRecord-Route: <sip:x;y=z>\r\nEvent: dialog\r\n";
        let request = phone.proven(&mut world, method, "sip:802@box.test", extra, "");
        let bytes = request.replace(label, &format!("{label}{}", "x".repeat(9_000))).into_bytes().into();
        let mut out = Out::default();
        world.sip.receive(world.now, wire::Report::Message { peer: phone.peer, bytes }, &mut out);
        let [wire::Order::Send { bytes, .. }] = &out.wire[..] else { panic!("{out:?}") };
        assert!(bytes.starts_with(b"SIP/2.0 513"), "{method}");
    }
    assert!(world.reports().is_empty() && world.sip.transactions.servers.is_empty());
}

/// The state can be written down and read back, and the same events give the same bytes.
#[test]
fn the_same_events_give_the_same_bytes() {
    let run = || {
        let mut world = World::new();
        let mut phone = Phone::udp("801");
        phone.register(&mut world);
        let (_, leg) = answered(&mut world, &mut phone, "");
        world.order(Order::Reoffer { leg, session: session(6004) });
        world.pass_ms(20_000);
        let sent: Vec<u8> = world.sent.iter().flat_map(|(_, _, message)| message.raw().to_vec()).collect();
        (sent, postcard::to_stdvec(&world.sip).unwrap())
    };
    let (first, second) = (run(), run());
    assert!(first == second);
    let read: Sip = postcard::from_bytes(&first.1).unwrap();
    assert_eq!(postcard::to_stdvec(&read).unwrap(), first.1);
}
