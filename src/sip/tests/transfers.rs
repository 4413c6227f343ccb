//! REFER and what the phone hears of it (RFC 3515, 3891, 4488; DSK-348).

use super::*;
use crate::sip::order::{End, ReferId};

fn refer(world: &mut World, phone: &mut Phone, talk: &Talk, extra: &str) -> Vec<Message> {
    let request = phone.inside(talk, "REFER", extra, "");
    world.hear(phone.peer, &request);
    world.sent()
}

fn frag(message: &Message) -> (String, String) {
    let body = String::from_utf8_lossy(message.body()).trim_end().to_owned();
    (message.value(Name::SubscriptionState).unwrap().to_owned(), body)
}

/// RFC 3515 section 2.4.4: 202, the first NOTIFY at once, and how it goes until it is over.
#[test]
fn a_blind_transfer_is_told_how_it_goes() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let sent = refer(&mut world, &mut phone, &talk, "Refer-To: <sip:803@box.test>\r\n");
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["202 REFER", "NOTIFY"]);
    assert_eq!(sent[1].value(Name::Event), Some("refer"));
    assert_eq!(sent[1].content_type(), Some("message/sipfrag"));
    assert_eq!(frag(&sent[1]), ("active;expires=180".into(), "SIP/2.0 100 Trying".into()));
    let refer = ReferId(1);
    assert_eq!(world.report(), Report::Referred { leg, refer, target: "803".into(), replaces: None });
    world.pass_ms(10);
    world.order(Order::ReferResult { refer, code: 180 });
    assert_eq!(frag(&world.one()), ("active;expires=179".into(), "SIP/2.0 180 Ringing".into()));
    world.order(Order::ReferResult { refer, code: 200 });
    assert_eq!(frag(&world.one()), ("terminated;reason=noresource".into(), "SIP/2.0 200 OK".into()));
    world.order(Order::ReferResult { refer, code: 200 });
    assert!(world.sent().is_empty());
}

/// RFC 5057 section 4.2: the news comes in the same dialog even after the BYE, each with a number of its own.
#[test]
fn the_news_of_a_transfer_outlives_the_call() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.clear();
    let sent = refer(&mut world, &mut phone, &talk, "Refer-To: <sip:803@box.test>\r\n");
    world.reports();
    world.order(Order::End { leg });
    let bye = world.one();
    assert_eq!(world.report(), Report::Ended { leg, end: End::Ours });
    world.order(Order::ReferResult { refer: ReferId(1), code: 200 });
    let notify = world.one();
    assert_eq!((notify.call_id(), notify.to().tag()), (sent[1].call_id(), sent[1].to().tag()));
    assert!(notify.cseq().0 > bye.cseq().0);
}

/// RFC 3515 section 2.4.6: a second REFER in a dialog has its number as id.
#[test]
fn a_second_refer_has_an_id() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    refer(&mut world, &mut phone, &talk, "Refer-To: <sip:803@box.test>\r\n");
    let sent = refer(&mut world, &mut phone, &talk, "Refer-To: sip:802@box.test\r\n");
    assert_eq!(sent[1].value(Name::Event), Some(format!("refer;id={}", phone.cseq).as_str()));
}

/// RFC 4488: a phone that does not want to hear of it.
#[test]
fn a_refer_without_subscription_is_silent() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    let sent = refer(&mut world, &mut phone, &talk, "Refer-To: <sip:803@box.test>\r\nRefer-Sub: false\r\n");
    assert_eq!((sent.len(), sent[0].value(Name::ReferSub)), (1, Some("false")));
    world.order(Order::ReferResult { refer: ReferId(1), code: 200 });
    assert!(world.sent().is_empty());
}

/// DSK-348, RFC 3891: an attended transfer names another leg of the box, in whichever order the phone writes the tags.
#[test]
fn an_attended_transfer_names_the_other_leg() {
    for (first, second) in [("to-tag", "from-tag"), ("from-tag", "to-tag")] {
        let mut world = World::new();
        let mut phone = Phone::udp("801");
        let (talk, leg) = answered(&mut world, &mut phone, "");
        let (consult, other) = answered(&mut world, &mut phone, "");
        world.clear();
        let tag = |text: &str| text.rsplit_once("tag=").unwrap().1.to_owned();
        let (ours, theirs) = (tag(&consult.remote), tag(&consult.local));
        let call_id = consult.call_id.replace('@', "%40");
        let to = format!("<sip:803@box.test?Replaces={call_id}%3B{first}%3D{ours}%3B{second}%3D{theirs}>");
        refer(&mut world, &mut phone, &talk, &format!("Refer-To: {to}\r\n"));
        let refer = ReferId(1);
        let wanted = Report::Referred { leg, refer, target: "803".into(), replaces: Some(other) };
        assert_eq!(world.report(), wanted);
    }
}

/// RFC 5589: a dialog that is none of ours cannot be taken over.
#[test]
fn a_transfer_to_an_unknown_dialog_fails() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    let to = "Refer-To: <sip:803@box.test?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>\r\n";
    let sent = refer(&mut world, &mut phone, &talk, to);
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["202 REFER", "NOTIFY", "NOTIFY"]);
    assert_eq!(frag(&sent[2]).1, "SIP/2.0 481 Call/Transaction Does Not Exist");
    assert!(world.reports().is_empty());
}

/// RFC 3515 section 2.4.2
#[test]
fn refers_that_cannot_be_are_refused() {
    for (extra, code) in [
        ("", 400),
        ("Refer-To: <sip:1@a>, <sip:2@a>\r\n", 400),
        ("Refer-To: <http://a/>\r\n", 416),
        ("Refer-To: <sip:803@a;method=BYE>\r\n", 603),
        ("Refer-To: <sip:a>\r\n", 400),
    ] {
        let mut world = World::new();
        let mut phone = Phone::udp("801");
        let (talk, _) = answered(&mut world, &mut phone, "");
        world.clear();
        let sent = refer(&mut world, &mut phone, &talk, extra);
        assert_eq!(sent.iter().filter_map(Message::code).collect::<Vec<_>>(), [code], "{extra}");
        assert!(world.reports().is_empty());
    }
}

/// A phone that does not know the subscription hears no more of it; one that is never told is told that it ended.
#[test]
fn the_news_ends() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, _) = answered(&mut world, &mut phone, "");
    world.clear();
    let sent = refer(&mut world, &mut phone, &talk, "Refer-To: <sip:803@box.test>\r\n");
    world.hear(phone.peer, &phone.reply(&sent[1], 481, "", "", ""));
    world.order(Order::ReferResult { refer: ReferId(1), code: 180 });
    assert!(world.sent().is_empty());
    let sent = refer(&mut world, &mut phone, &talk, "Refer-To: <sip:803@box.test>\r\n");
    world.hear(phone.peer, &phone.reply(&sent[1], 200, "", "", ""));
    world.pass_ms(180_000);
    let last = world.sent().into_iter().find(|sent| short(sent) == "NOTIFY").unwrap();
    assert_eq!(frag(&last).0, "terminated;reason=timeout");
}
