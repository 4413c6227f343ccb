//! Lamps and messages waiting (PHN-116 to PHN-126).

use super::*;
use crate::sip::order::{Lamp, LampId, Shown};

fn subscribe(world: &mut World, phone: &mut Phone, watched: &str, extra: &str) -> Talk {
    if !world.sip.registrar.is_at(phone.user, phone.peer.remote.ip()) {
        phone.register(world);
    }
    let uri = format!("sip:{watched}@{REALM}");
    let contact = format!("Contact: <{}>\r\n", phone.contact());
    let request = phone.proven(world, "SUBSCRIBE", &uri, &format!("{contact}{extra}"), "");
    world.hear(phone.peer, &request);
    let message = Message::parse(request.clone().into_bytes().into()).unwrap();
    Talk {
        local: message.value(Name::From).unwrap().into(),
        remote: message.value(Name::To).unwrap().into(),
        call_id: message.call_id().into(),
        target: uri,
        invite: request,
    }
}

fn two(world: &mut World) -> [Message; 2] {
    world.sent().try_into().unwrap_or_else(|sent| panic!("{sent:?}"))
}

fn text_of(message: &Message) -> String {
    String::from_utf8_lossy(message.body()).into_owned()
}

const DIALOG: &str = "Event: dialog\r\nAccept: application/dialog-info+xml\r\n";

/// PHN-116, PHN-118, RFC 4235 section 4.3: full state, a version more each time, one NOTIFY after another.
#[test]
fn a_lamp_shows_each_change_in_order() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let talk = subscribe(&mut world, &mut phone, "802", DIALOG);
    assert!(world.sent().is_empty(), "nobody has said that the box has this number");
    let lamp = LampId(1);
    assert_eq!(world.report(), Report::Watching { lamp, user: "801".into(), watched: "802".into() });
    world.order(Order::Lamp { lamp, state: Lamp::Idle });
    let [ok, first] = two(&mut world);
    assert_eq!((ok.code(), ok.value(Name::Expires)), (Some(200), Some("3600")));
    assert_eq!(first.value(Name::Event), Some("dialog"));
    assert_eq!(first.value(Name::SubscriptionState), Some("active;expires=3600"));
    assert_eq!(first.call_id(), talk.call_id);
    assert!(text_of(&first).contains("version=\"0\" state=\"full\""));
    let other = Some(Shown { number: "803".into(), name: "W".into() });
    world.order(Order::Lamp { lamp, state: Lamp::Early { other: other.clone() } });
    world.order(Order::Lamp { lamp, state: Lamp::Confirmed { other } });
    assert!(world.sent().is_empty(), "the first is not answered yet");
    world.hear(phone.peer, &phone.reply(&first, 200, "", "", ""));
    let second = world.one();
    assert!(text_of(&second).contains("version=\"1\"") && text_of(&second).contains("<state>confirmed</state>"));
    assert!(second.cseq().0 > first.cseq().0);
}

/// RFC 6665 section 4.2.1: renewed, ended by the phone, or run out; each time with the whole state.
#[test]
fn a_lamp_is_renewed_and_ends() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let mut talk = subscribe(&mut world, &mut phone, "802", &format!("{DIALOG}Expires: 60\r\n"));
    let lamp = LampId(1);
    world.order(Order::Lamp { lamp, state: Lamp::Idle });
    let [ok, notify] = two(&mut world);
    talk.heard(&ok);
    world.hear(phone.peer, &phone.reply(&notify, 200, "", "", ""));
    world.pass_ms(50_000);
    world.clear();
    let renew = phone.inside(&talk, "SUBSCRIBE", "Event: dialog\r\nExpires: 60\r\n", "");
    world.hear(phone.peer, &renew);
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["200 SUBSCRIBE", "NOTIFY"]);
    world.hear(phone.peer, &phone.reply(&sent[1], 200, "", "", ""));
    let gone = phone.inside(&talk, "SUBSCRIBE", "Event: dialog\r\nExpires: 0\r\n", "");
    world.hear(phone.peer, &gone);
    let sent = world.sent();
    assert_eq!(sent[1].value(Name::SubscriptionState), Some("terminated;reason=timeout"));
    assert_eq!(world.report(), Report::Unwatched { lamp });
    let again = phone.inside(&talk, "SUBSCRIBE", "Event: dialog\r\n", "");
    world.hear(phone.peer, &again);
    assert_eq!(world.codes(), [481]);

    subscribe(&mut world, &mut phone, "802", &format!("{DIALOG}Expires: 60\r\n"));
    world.order(Order::Lamp { lamp: LampId(2), state: Lamp::Idle });
    let [_, notify] = two(&mut world);
    world.hear(phone.peer, &phone.reply(&notify, 200, "", "", ""));
    world.clear();
    world.pass_ms(60_000);
    assert!(world.reports().contains(&Report::Unwatched { lamp: LampId(2) }));
    let states: Vec<Message> = world.sent();
    let mut states = states.iter().filter_map(|sent| sent.value(Name::SubscriptionState));
    assert!(states.next().is_some_and(|state| state.starts_with("terminated")));
}

/// RFC 6665 section 4.4.3: asked once.
#[test]
fn a_lamp_can_be_asked_for_once() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    subscribe(&mut world, &mut phone, "802", &format!("{DIALOG}Expires: 0\r\n"));
    world.clear();
    world.order(Order::Lamp { lamp: LampId(1), state: Lamp::Idle });
    let [ok, notify] = two(&mut world);
    assert_eq!(ok.value(Name::Expires), Some("0"));
    assert!(notify.value(Name::SubscriptionState).unwrap().starts_with("terminated") && !notify.body().is_empty());
    assert_eq!(world.report(), Report::Unwatched { lamp: LampId(1) });
}

/// PHN-116: a number that is none of the box's; an event that is none of ours.
#[test]
fn what_cannot_be_watched_is_refused() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    subscribe(&mut world, &mut phone, "999", DIALOG);
    world.clear();
    world.order(Order::RefuseLamp { lamp: LampId(1) });
    assert_eq!(world.codes(), [404]);
    assert_eq!(world.report(), Report::Unwatched { lamp: LampId(1) });
    assert!(world.sip.subscriptions.is_empty());
    subscribe(&mut world, &mut phone, "802", DIALOG);
    world.order(Order::Lamp { lamp: LampId(2), state: Lamp::Idle });
    let [_, notify] = two(&mut world);
    world.hear(phone.peer, &phone.reply(&notify, 200, "", "", ""));
    world.clear();
    // It was the box's, and is not any more.
    world.order(Order::RefuseLamp { lamp: LampId(2) });
    assert_eq!(world.one().value(Name::SubscriptionState), Some("terminated;reason=noresource"));
    assert_eq!(world.report(), Report::Unwatched { lamp: LampId(2) });
    subscribe(&mut world, &mut phone, "802", "Event: presence\r\n");
    let refused = world.one();
    assert_eq!((refused.code(), refused.value(Name::AllowEvents)), (Some(489), Some("dialog, message-summary")));
    subscribe(&mut world, &mut phone, "802", &format!("{DIALOG}Expires: 5\r\n"));
    assert_eq!(world.codes(), [423]);
    assert!(world.reports().is_empty());
}

/// PHN-116: who knows the password and has no phone there watches nobody.
#[test]
fn a_phone_that_is_not_registered_watches_nobody() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let contact = format!("Contact: <{}>\r\n{DIALOG}", phone.contact());
    let request = phone.proven(&mut world, "SUBSCRIBE", &format!("sip:802@{REALM}"), &contact, "");
    world.hear(phone.peer, &request);
    assert_eq!(world.codes().last(), Some(&404));
    assert!(world.sip.subscriptions.is_empty());
}

/// PHN-126
#[test]
fn there_are_never_messages() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    subscribe(&mut world, &mut phone, "801", "Event: message-summary\r\n");
    let sent = world.sent();
    assert_eq!(sent.iter().map(short).collect::<Vec<_>>(), ["200 SUBSCRIBE", "NOTIFY"]);
    assert_eq!(text_of(&sent[1]), "Messages-Waiting: no\r\n");
    assert!(world.reports().is_empty());
}

/// PHN-125: a NOTIFY without an answer goes out again within 60 seconds, and when the phone registers.
#[test]
fn a_lamp_that_was_not_heard_is_sent_again() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register(&mut world);
    world.sip.registrar_quiet();
    subscribe(&mut world, &mut phone, "802", DIALOG);
    let lamp = LampId(1);
    world.order(Order::Lamp { lamp, state: Lamp::Idle });
    let start = world.now.up;
    world.clear();
    world.pass_ms(59_999);
    let tries = world.sent.len();
    world.pass_ms(1);
    let (at, _, again) = world.sent.pop().unwrap();
    assert_eq!((world.sent.len(), at.since(start).as_secs(), short(&again).as_str()), (tries, 60, "NOTIFY"));
    world.pass_ms(33_000);
    world.clear();
    phone.register_with(&mut world, &format!("Contact: <{}>\r\n", phone.contact()));
    let notify = world.sent().into_iter().find(|sent| short(sent) == "NOTIFY").unwrap();
    world.hear(phone.peer, &phone.reply(&notify, 200, "", "", ""));
    assert!(!world.reports().iter().any(|report| matches!(report, Report::Unwatched { .. })));
    world.order(Order::Lamp { lamp, state: Lamp::Idle });
    let notify = world.one();
    world.hear(phone.peer, &phone.reply(&notify, 481, "", "", ""));
    assert_eq!(world.report(), Report::Unwatched { lamp });
}

/// PHN-117: 100 of a phone; the oldest goes.
#[test]
fn a_phone_has_no_more_than_100_lamps() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    for _ in 0..100 {
        subscribe(&mut world, &mut phone, "802", DIALOG);
    }
    assert!(world.reports().iter().all(|report| matches!(report, Report::Watching { .. })));
    subscribe(&mut world, &mut phone, "802", DIALOG);
    assert_eq!(world.reports()[0], Report::Unwatched { lamp: LampId(1) });
    assert_eq!(world.sip.subscriptions.len(), 100);
}

/// BOX-140, PHN-117
#[test]
fn nobody_watches_without_proof() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let request = phone.bare("SUBSCRIBE", "sip:802@box.test", DIALOG, "");
    world.hear(phone.peer, &request);
    assert_eq!(world.codes(), [401]);
    let request = phone.proven(&mut world, "SUBSCRIBE", "sip:802@box.test", DIALOG, "");
    world.hear(phone.peer, &request.replace("From: <sip:801", "From: <sip:802"));
    assert_eq!(world.codes(), [403]);
    assert!(world.reports().is_empty());
}
