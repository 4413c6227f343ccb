//! Devices of agents.

use super::*;
use crate::sip::order::REFRESH_SLACK;

fn contacts(message: &Message) -> Vec<String> {
    message.values(Name::Contact).map(str::to_owned).collect()
}

fn contact(at: &str, params: &str) -> String {
    format!("Contact: <sip:801@{at}>{params}\r\n")
}

/// DSK-332, DSK-336, BOX-141, RFC 3261 section 10.3
#[test]
fn a_phone_registers_renews_and_goes() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register_with(&mut world, &contact("10.0.0.101:5060", ";expires=3600"));
    let ok = world.one();
    assert_eq!((ok.code(), contacts(&ok)), (Some(200), vec!["<sip:801@10.0.0.101:5060>;expires=300".into()]));
    let Report::Registered { binding, fresh: true } = world.report() else { panic!() };
    assert_eq!((binding.user.as_str(), binding.peer, binding.reachable), ("801", phone.peer, true));
    assert_eq!(binding.expires_at, world.now.wall + Duration::from_secs(300));
    assert!(world.other.contains(&wire::Order::Trust { address: phone.peer.remote.ip() }));
    world.pass_ms(20_000);
    world.clear();
    phone.register_with(&mut world, &contact("10.0.0.101:5060", ""));
    assert!(matches!(world.report(), Report::Registered { fresh: false, .. }));
    world.clear();
    phone.register_with(&mut world, "");
    assert_eq!(contacts(&world.one()).len(), 1, "a question changes nothing");
    phone.register_with(&mut world, &contact("10.0.0.101:5060", ";expires=0"));
    assert!(contacts(&world.one()).is_empty());
    assert!(matches!(world.report(), Report::Unregistered { .. }));
    assert_eq!(world.sip.bindings("801").count(), 0);
    let address = phone.peer.remote.ip();
    assert!(world.sip.is_stranger(address) && world.other.contains(&wire::Order::Distrust { address }));
}

/// BOX-145: whoever comes from an address is trusted for as long as something that is proven is there.
#[test]
fn trust_lasts_as_long_as_somebody_is_there() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let address = phone.peer.remote.ip();
    let gone = wire::Order::Distrust { address };
    let mut neighbour = Phone::at("802", peer(Transport::Udp, &format!("{address}:5070"), None));
    neighbour.register(&mut world);
    let (talk, _) = answered(&mut world, &mut phone, "");
    neighbour.register_with(&mut world, "Contact: *\r\nExpires: 0\r\n");
    assert_eq!(world.sip.bindings("802").count(), 0);
    assert!(!world.sip.is_stranger(address), "a call is up");
    let bye = phone.inside(&talk, "BYE", "", "");
    world.hear(phone.peer, &bye);
    assert!(world.sip.is_stranger(address) && world.other.contains(&gone));
    world.clear();
    phone.register_with(&mut world, &contact("10.0.0.101:5060", ""));
    phone.peer = peer(Transport::Udp, "10.0.0.77:5060", None);
    phone.challenge = None;
    phone.register_with(&mut world, &contact("10.0.0.101:5060", ""));
    assert!(world.sip.is_stranger(address) && world.other.contains(&gone), "it has moved");
    assert!(!world.sip.is_stranger(phone.peer.remote.ip()));
}

/// DSK-336: 60 to 300 seconds; less is refused (RFC 3261 section 21.4.17), and what is not renewed ends.
#[test]
fn a_registration_lasts_as_long_as_was_granted() {
    let mut world = World::new();
    let mut phone = Phone::tcp("801", 1);
    phone.register_with(&mut world, &contact("10.0.0.101", ";expires=59"));
    let brief = world.one();
    assert_eq!((brief.code(), brief.value(Name::MinExpires)), (Some(423), Some("60")));
    phone.register_with(&mut world, &contact("10.0.0.101", "\r\nExpires: 60"));
    assert_eq!(contacts(&world.one()), ["<sip:801@10.0.0.101>;expires=60"]);
    world.clear();
    world.pass_ms(59_999);
    assert!(world.reports().is_empty());
    world.pass_ms(1);
    assert!(matches!(world.report(), Report::Unregistered { .. }));
}

/// DSK-339: a fourth device pushes out the one renewed longest ago.
#[test]
fn a_fourth_device_takes_the_place_of_the_oldest() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    for at in ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1"] {
        phone.register_with(&mut world, &contact(at, ""));
        world.pass_ms(10);
    }
    world.clear();
    phone.register_with(&mut world, &contact("10.0.0.4", ""));
    let reports = world.reports();
    let Report::Unregistered { binding } = &reports[0] else { panic!("{reports:?}") };
    assert_eq!(binding.contact, "sip:801@10.0.0.2");
    assert!(matches!(reports[1], Report::Registered { fresh: true, .. }));
    assert_eq!(world.sip.bindings("801").count(), 3);
}

/// RFC 3261 section 10.2.2: `*` ends all, and only with 0 seconds.
#[test]
fn a_star_ends_all_registrations() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register_with(&mut world, "Contact: <sip:801@10.0.0.1>, <sip:801@10.0.0.2>\r\n");
    assert_eq!(contacts(&world.one()).len(), 2);
    phone.register_with(&mut world, "Contact: *\r\n");
    phone.register_with(&mut world, "Contact: *\r\nExpires: 60\r\n");
    assert_eq!(world.codes(), [400, 400]);
    assert_eq!(world.sip.bindings("801").count(), 2);
    phone.register_with(&mut world, "Contact: *\r\nExpires: 0\r\n");
    assert_eq!(world.codes(), [200]);
    assert_eq!(world.sip.bindings("801").count(), 0);
}

/// RFC 3261 section 10.3 step 7: an overtaken REGISTER changes nothing.
#[test]
fn an_overtaken_register_changes_nothing() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register(&mut world);
    phone.cseq -= 2;
    let gone = format!("Contact: <{}>;expires=0\r\n", phone.contact());
    phone.register_with(&mut world, &gone);
    assert_eq!(world.codes(), [500]);
    assert_eq!(world.sip.bindings("801").count(), 1);
}

/// RFC 5626 section 6: instance and reg-id name the device, wherever it comes from; RFC 3327 section 5.3: the path.
#[test]
fn a_device_is_known_by_its_instance() {
    let mut world = World::new();
    let mut phone = Phone::tcp("801", 1);
    let outbound = ";+sip.instance=\"<urn:uuid:1>\";reg-id=1\r\nSupported: outbound, path\r\nPath: <sip:edge;lr>";
    phone.register_with(&mut world, &contact("10.0.0.1:1111;transport=tcp", outbound));
    let ok = world.one();
    assert!(ok.has_token(Name::Require, "outbound"));
    assert_eq!(ok.value(Name::Path), Some("<sip:edge;lr>"));
    assert!(contacts(&ok)[0].ends_with(";+sip.instance=\"<urn:uuid:1>\";reg-id=1"), "{:?}", contacts(&ok));
    let first = world.binding("801").id;
    phone.peer = Phone::tcp("801", 2).peer;
    phone.register_with(&mut world, &contact("10.0.0.1:2222;transport=tcp", outbound));
    let now = world.binding("801");
    assert_eq!((now.id, now.peer.connection, world.sip.bindings("801").count()), (first, Some(ConnectionId(2)), 1));
    world.clear();
    world.receive(wire::Report::Closed { connection: ConnectionId(1) });
    assert!(world.reports().is_empty(), "the old connection is nobody's");
    let invite = ring(&mut world, &phone, LegId(2));
    assert_eq!(invite.value(Name::Route), Some("<sip:edge;lr>"));
    assert_eq!(line(&invite), "INVITE sip:801@10.0.0.1:2222;transport=tcp SIP/2.0");
}

/// DSK-338
#[test]
fn the_end_of_a_connection_is_the_end_of_its_devices() {
    let mut world = World::new();
    let mut phone = Phone::tcp("801", 1);
    phone.register(&mut world);
    world.receive(wire::Report::Closed { connection: ConnectionId(1) });
    assert!(matches!(world.report(), Report::Unregistered { .. }));
}

/// DSK-337: asked every 30 seconds; three misses in a row, and back with the first answer.
#[test]
fn a_phone_on_udp_is_asked_for_signs_of_life() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let id = {
        phone.register(&mut world);
        world.binding("801").id
    };
    world.pass_ms(30_000);
    let ping = world.sent().remove(0);
    assert_eq!(line(&ping), "OPTIONS sip:801@10.0.0.101:5060 SIP/2.0");
    world.hear(phone.peer, &phone.reply(&ping, 405, "x", "", ""));
    world.clear();
    while world.sent.is_empty() {
        world.pass_ms(1);
    }
    world.pass_ms(89_999);
    assert!(world.reports().is_empty(), "three questions, no time for the third answer yet");
    world.pass_ms(1);
    assert_eq!(world.report(), Report::Reachable { id, reachable: false });
    let ping = world.sent().pop().unwrap();
    world.hear(phone.peer, &phone.reply(&ping, 200, "x", "", ""));
    assert_eq!(world.report(), Report::Reachable { id, reachable: true });
    assert!(world.binding("801").reachable);
}

/// DSK-337: registering again is a sign of life too.
#[test]
fn a_phone_that_registers_again_is_there() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register(&mut world);
    world.pass_ms(125_000);
    assert!(matches!(world.report(), Report::Reachable { reachable: false, .. }));
    phone.register_with(&mut world, &contact("10.0.0.101:5060", ""));
    let Report::Registered { binding, .. } = world.report() else { panic!() };
    assert!(binding.reachable);
}

/// DSK-334, DSK-335, BOX-142, BOX-150: no proof, a wrong one, an unknown number, another's number.
#[test]
fn nobody_registers_without_proof() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let uri = format!("sip:{REALM}");
    let bare = phone.bare("REGISTER", &uri, &contact("10.0.0.1", ""), "");
    world.hear(phone.peer, &bare);
    let wrong = phone.proof_with(&mut world, "REGISTER", &uri, "guess");
    let wrong = phone.bare("REGISTER", &uri, &wrong, "");
    world.hear(phone.peer, &wrong);
    let mut stranger = Phone::udp("899");
    let proof = stranger.proof(&mut world, "REGISTER", &uri);
    let unknown = stranger.bare("REGISTER", &uri, &proof, "");
    world.hear(stranger.peer, &unknown);
    assert_eq!(world.codes(), [401, 401, 401]);
    phone.register_with(&mut world, &contact("10.0.0.1", ""));
    world.clear();
    let proof = phone.proof(&mut world, "REGISTER", &uri);
    let other = phone.bare("REGISTER", &uri, &format!("{proof}{}", contact("10.0.0.1", "")), "");
    world.hear(phone.peer, &other.replace("To: <sip:box.test>", "To: <sip:802@box.test>"));
    assert_eq!(world.codes(), [403]);
    assert!(world.reports().is_empty());
}

/// BOX-141: each count of a nonce once; a repeat over the wire is absorbed, a replay is challenged.
#[test]
fn a_proof_counts_once() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let uri = format!("sip:{REALM}");
    let proof = phone.proof(&mut world, "INVITE", "sip:802@box.test");
    let extra = format!("{proof}Contact: <sip:801@10.0.0.101:5060>\r\n");
    let first = phone.bare("INVITE", "sip:802@box.test", &extra, &sdp(4000));
    world.hear(phone.peer, &first);
    world.hear(phone.peer, &first);
    assert_eq!(world.codes(), [100, 100]);
    let replay = phone.bare("INVITE", "sip:802@box.test", &extra, &sdp(4000));
    world.hear(phone.peer, &replay);
    let again = world.one();
    assert!(again.code() == Some(401) && again.value(Name::WwwAuthenticate).unwrap().contains("stale=true"));
    assert_eq!(world.reports().len(), 1);
    // The tenth and the 256th use of one nonce are as good as the first.
    for _ in 0..300 {
        let proof = phone.proof(&mut world, "REGISTER", &uri);
        let request = phone.bare("REGISTER", &uri, &proof, "").replace("To: <sip:box.test>", "To: <sip:801@box.test>");
        world.hear(phone.peer, &request);
        assert_eq!(world.codes(), [200]);
    }
}

/// AGT: a disabled agent loses devices and lamps at once, and cannot come back.
#[test]
fn a_disabled_agent_is_gone_at_once() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register(&mut world);
    world.users(&["802"]);
    assert!(matches!(world.report(), Report::Unregistered { .. }));
    phone.register_with(&mut world, &contact("10.0.0.1", ""));
    assert_eq!(world.codes(), [401]);
}

/// After a restart a phone on UDP can be called at once; a connection is gone with the process.
#[test]
fn devices_outlive_a_restart() {
    let mut world = World::new();
    let (mut udp, mut tcp) = (Phone::udp("801"), Phone::tcp("802", 1));
    udp.register(&mut world);
    tcp.register(&mut world);
    let kept = vec![world.binding("801"), world.binding("802")];
    let mut world = World::new();
    let mut out = Out::default();
    world.sip.restore(world.now, kept, &mut out);
    world.keep(out);
    let reports = world.reports();
    assert!(matches!(&reports[0], Report::Registered { binding, fresh: false } if binding.user == "801"));
    assert!(matches!(&reports[1], Report::Unregistered { binding } if binding.user == "802"));
    world.clear();
    ring(&mut world, &udp, LegId(2));
    // A last refresh that was not written down may have made it longer.
    world.pass_ms(300_000 + REFRESH_SLACK.as_millis() as u64);
    assert!(world.reports().iter().any(|report| matches!(report, Report::Unregistered { .. })));
}
