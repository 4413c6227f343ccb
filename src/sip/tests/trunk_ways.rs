//! Where a trunk's requests go: names, targets that fail, connections that break.

use super::trunk_calls::dial;
use super::trunks::{Carrier, LINE, registering, state};
use super::*;
use crate::sip::{
    order::{End, TrunkState},
    trunk::{standing::Reason, tests_trunk},
    wire::{NoWay, Service},
};
use std::net::IpAddr;

const LEG: LegId = LegId(2);

fn named(host: &str, port: u16) -> Trunk {
    Trunk { host: host.into(), port, keep_alive_s: 0, ..tests_trunk() }
}

fn resolve(world: &mut World, name: &str, addresses: &[&str]) {
    let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
    world.receive(wire::Report::Resolved { name: name.into(), addresses });
}

fn serve(world: &mut World, name: &str, services: &[(u16, u16, u16, &str)]) {
    let service =
        |&(priority, weight, port, host): &(u16, u16, u16, &str)| Service { priority, weight, port, host: host.into() };
    let found = Some(services.iter().map(service).collect());
    world.receive(wire::Report::Services { name: name.into(), found });
}

/// What is looked up, in order.
fn questions(world: &mut World) -> Vec<String> {
    let asked = world.other.iter().filter_map(|order| match order {
        wire::Order::Resolve { name } => Some(name.clone()),
        wire::Order::Services { name } => Some(format!("SRV {name}")),
        _ => None,
    });
    let asked = asked.collect();
    world.other.clear();
    asked
}

/// Where the last messages went.
fn remotes(world: &mut World) -> Vec<String> {
    std::mem::take(&mut world.sent).iter().map(|(_, peer, _)| peer.remote.to_string()).collect()
}

/// TRK-21
#[test]
fn a_name_is_looked_up_as_its_port_and_transport_say() {
    let asked = |trunk: Trunk| {
        let mut world = World::new();
        world.trunks(&[trunk]);
        questions(&mut world)
    };
    let of = |transport| Trunk { transport, ..named("carrier.test", 0) };
    assert_eq!(asked(named("198.51.100.9", 0)), [""; 0]);
    assert_eq!(asked(named("carrier.test", 5070)), ["carrier.test"]);
    assert_eq!(asked(of(Transport::Udp)), ["SRV _sip._udp.carrier.test", "carrier.test"]);
    assert_eq!(asked(of(Transport::Tcp)), ["SRV _sip._tcp.carrier.test", "carrier.test"]);
    assert_eq!(asked(of(Transport::Tls)), ["SRV _sips._tcp.carrier.test", "carrier.test"]);
}

/// TRK-21: a call waits for the name; without SRV the usual port is taken.
#[test]
fn a_name_without_services_is_met_at_the_usual_port() {
    for (transport, port) in [(Transport::Udp, 5060), (Transport::Tls, 5061)] {
        let mut world = World::new();
        world.trunks(&[Trunk { transport, ..named("carrier.test", 0) }]);
        world.order(dial(LEG, "1"));
        let service = if transport == Transport::Udp { "_sip._udp.carrier.test" } else { "_sips._tcp.carrier.test" };
        resolve(&mut world, "carrier.test", &["198.51.100.9", "2001:db8::9"]);
        assert!(world.sent.is_empty(), "the services are not known yet");
        serve(&mut world, service, &[]);
        assert_eq!(remotes(&mut world), [format!("198.51.100.9:{port}")]);
        world.pass_ms(4_000);
        assert_eq!(remotes(&mut world).last(), Some(&format!("[2001:db8::9]:{port}")));
    }
}

/// TRK-22, TRK-25, TRK-23: by priority, to the next where nobody answers; who failed rests for a minute.
#[test]
fn the_next_target_is_tried_when_one_is_silent() {
    let mut world = World::new();
    world.trunks(&[named("carrier.test", 0)]);
    serve(&mut world, "_sip._udp.carrier.test", &[(20, 0, 5060, "b.test"), (10, 0, 5070, "a.test")]);
    assert!(questions(&mut world).ends_with(&["a.test".into(), "b.test".into()]));
    resolve(&mut world, "a.test", &["198.51.100.1"]);
    resolve(&mut world, "b.test", &["198.51.100.2"]);
    resolve(&mut world, "carrier.test", &[]);
    world.order(dial(LEG, "1"));
    world.pass_ms(3_999);
    assert!(world.sent.iter().all(|(_, peer, _)| peer.remote.to_string() == "198.51.100.1:5070"));
    world.clear();
    world.pass_ms(1);
    assert_eq!(remotes(&mut world), ["198.51.100.2:5060"]);
    world.pass_ms(4_000);
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::TimedOut });
    world.clear();
    world.pass_ms(53_000);
    world.order(dial(LegId(4), "1"));
    assert_eq!(remotes(&mut world), ["198.51.100.1:5070"], "both rest, so both are tried");
    world.order(Order::End { leg: LegId(4) });
    world.pass_ms(70_000);
    let (other, request) = fails_at(&mut world, LegId(6), "198.51.100.1:5070");
    world.hear(other.phone.peer, &other.phone.reply(&request, 503, "c", "Retry-After: 300\r\n", ""));
    assert_eq!(remotes(&mut world), ["198.51.100.1:5070", "198.51.100.2:5060"], "its ACK, and the next target");
    world.order(Order::End { leg: LegId(6) });
    world.pass_ms(299_000);
    world.clear();
    world.order(dial(LegId(8), "1"));
    assert_eq!(remotes(&mut world), ["198.51.100.2:5060"]);
    world.order(Order::End { leg: LegId(8) });
    world.pass_ms(1_500);
    world.clear();
    world.order(dial(LegId(10), "1"));
    assert_eq!(remotes(&mut world), ["198.51.100.1:5070"]);
}

/// The carrier at this address has got the INVITE of `leg`.
fn fails_at(world: &mut World, leg: LegId, address: &str) -> (Carrier, Message) {
    world.clear();
    world.order(dial(leg, "1"));
    let request = world.one();
    (Carrier::at(address), request)
}

/// TRK-25: a target that answers after all when the next one was asked rings nobody.
#[test]
fn an_answer_that_comes_too_late_is_ended() {
    let mut world = World::new();
    let pair = Trunk { outbound_proxy: Some(("carrier.test".into(), 5060)), ..named("carrier.test", 5060) };
    world.trunks(&[pair]);
    resolve(&mut world, "carrier.test", &["198.51.100.1", "198.51.100.2"]);
    world.order(dial(LEG, "1"));
    let first = world.one();
    world.pass_ms(4_000);
    let second = world.sent().pop().unwrap();
    let (late, quick) = (Carrier::at("198.51.100.1:5060"), Carrier::at("198.51.100.2:5060"));
    world.pass_ms(5_000);
    world.clear();
    late.say(&mut world, &first, 180, "");
    assert_eq!(world.lines(), ["CANCEL"]);
    world.hear(late.phone.peer, &late.phone.reply(&first, 200, "z", "", &sdp(4000)));
    assert_eq!(world.lines(), ["ACK", "BYE"]);
    assert!(world.reports().is_empty());
    drop((second, quick));
}

/// TRK-15
#[test]
fn a_proxy_gets_every_request_and_the_uri_stays() {
    let mut world = World::new();
    let proxy = Some(("198.51.100.77".into(), 5090));
    world.trunks(&[Trunk { outbound_proxy: proxy, ..registering() }]);
    let (_, peer, request) = world.sent.pop().unwrap();
    assert_eq!(
        (peer.remote.to_string().as_str(), line(&request)),
        ("198.51.100.77:5090", "REGISTER sip:carrier.test SIP/2.0")
    );
    assert!(world.sip.is_source(LINE, "198.51.100.1".parse().unwrap()), "TRK-52: the host's addresses are its own too");
    assert!(world.sip.is_source(LINE, "198.51.100.77".parse().unwrap()));
}

/// TRK-24, TRK-52
#[test]
fn the_last_answer_holds_while_no_name_server_speaks() {
    let mut world = World::new();
    world.trunks(&[named("carrier.test", 5060)]);
    resolve(&mut world, "carrier.test", &["198.51.100.1"]);
    for _ in 0..3 {
        world.pass(Duration::from_secs(7 * 3_600));
        assert!(questions(&mut world).len() >= 400, "asked again each minute");
        resolve(&mut world, "carrier.test", &[]);
        assert!(world.sip.is_source(LINE, "198.51.100.1".parse().unwrap()));
    }
    world.pass(Duration::from_secs(4 * 3_600));
    resolve(&mut world, "carrier.test", &[]);
    assert!(!world.sip.is_source(LINE, "198.51.100.1".parse().unwrap()));
    world.clear();
    world.order(dial(LEG, "1"));
    assert_eq!(world.report(), Report::Ended { leg: LEG, end: End::TimedOut });
    resolve(&mut world, "carrier.test", &["198.51.100.5"]);
    world.clear();
    world.order(dial(LegId(4), "1"));
    assert_eq!(remotes(&mut world), ["198.51.100.5:5060"]);
}

/// TRK-41: a name that is found at last.
#[test]
fn a_trunk_whose_name_is_not_found_comes_back_by_itself() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.trunks(&[Trunk { host: "carrier.test".into(), port: 5060, ..registering() }]);
    resolve(&mut world, "carrier.test", &[]);
    assert_eq!(
        (state(&world), world.sip.standing(LINE).unwrap().cause.reason),
        (TrunkState::Unreachable, Reason::NotFound)
    );
    world.pass(Duration::from_secs(60));
    resolve(&mut world, "carrier.test", &["198.51.100.1"]);
    for _ in 0..48 {
        if world.sent.is_empty() {
            world.pass_ms(1_000);
        }
    }
    assert!(!world.sent.is_empty(), "within one wait");
    carrier.grant(&mut world, 600);
    assert_eq!(state(&world), TrunkState::Up);
}

fn tcp() -> Trunk {
    Trunk { transport: Transport::Tcp, ..registering() }
}

fn stream(connection: u64) -> Peer {
    peer(Transport::Tcp, "198.51.100.1:5060", Some(connection))
}

/// TRK-26: one connection for all, also for calls that come in over it; when it breaks it is opened again, and what
/// is up goes on.
#[test]
fn a_connection_serves_both_directions_and_comes_back() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    carrier.phone = Phone::at("carrier", stream(1));
    world.trunks(&[tcp()]);
    let contact = carrier.grant(&mut world, 600).value(Name::Contact).unwrap().to_owned();
    assert_eq!(contact, "<sip:1001@203.0.113.9:5060;transport=tcp;line=7>");
    world.clear();
    world.order(dial(LEG, "02155509"));
    let (_, to, invite) = world.sent.pop().unwrap();
    assert_eq!(to, stream(1), "the connection of the registration");
    world.hear(stream(1), &carrier.phone.reply(&invite, 200, "c", "", &sdp(4002)));
    world.clear();
    world.receive(wire::Report::Closed { connection: ConnectionId(1) });
    let (_, to, register) = world.sent.pop().unwrap();
    assert_eq!((short(&register).as_str(), to), ("REGISTER", stream(2)), "at once, over a new one");
    world.pass(Duration::from_secs(60));
    assert!(!world.reports().iter().any(|report| matches!(report, Report::Ended { .. })), "the call goes on");
    world.sent.clear();
    let talk = Talk::of_invite(&invite, "c");
    carrier.phone.peer = stream(2);
    let info = carrier.phone.inside(&talk, "OPTIONS", "", "");
    world.hear(stream(2), &info);
    assert_eq!(world.codes(), [200]);
    world.order(Order::End { leg: LEG });
    let (_, to, bye) = world.sent.pop().unwrap();
    assert_eq!((short(&bye).as_str(), to), ("BYE", stream(2)));
}

/// TRK-27
#[test]
fn a_certificate_that_does_not_hold_stops_everything() {
    let mut world = World::new();
    world.opens = false;
    world.trunks(&[Trunk { transport: Transport::Tls, ca_certificate: "PEM".into(), ..registering() }]);
    let connect = world.other.iter().find_map(|order| match order {
        wire::Order::Connect { way, remote, certified: Some(certified), .. } => {
            Some((*way, *remote, certified.clone()))
        }
        _ => None,
    });
    let (way, remote, certified) = connect.unwrap();
    assert_eq!(remote.port(), 5061);
    assert_eq!(
        (certified.names, certified.verify, certified.authorities.as_str()),
        (vec!["carrier.test".to_owned(), "198.51.100.1".into()], true, "PEM")
    );
    let fault = NoWay::Certificate("expired".into());
    world.receive(wire::Report::NotConnected { way, fault });
    let standing = world.sip.standing(LINE).unwrap();
    assert_eq!((standing.state, standing.cause.text.as_str()), (TrunkState::Certificate, "expired"));
    assert!(world.sent.is_empty(), "nothing is sent");
}

/// TRK-28
#[test]
fn a_trunk_may_leave_the_certificate_unchecked() {
    let mut world = World::new();
    world.opens = false;
    world.trunks(&[Trunk { transport: Transport::Tls, tls_verify: false, ..registering() }]);
    assert!(world.other.iter().any(|order| {
        matches!(order, wire::Order::Connect { certified: Some(certified), .. } if !certified.verify)
    }));
}

/// TRK-32
#[test]
fn another_address_tries_every_trunk_anew() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.receive(wire::Report::Addresses(vec!["10.0.0.1".parse().unwrap()]));
    world.trunks(&[registering()]);
    carrier.grant(&mut world, 600);
    world.clear();
    world.receive(wire::Report::Addresses(vec!["10.0.0.1".parse().unwrap()]));
    world.pass_ms(2_000);
    assert!(world.sent.is_empty(), "nothing changed");
    world.receive(wire::Report::Addresses(vec!["10.0.0.2".parse().unwrap()]));
    world.pass_ms(2_000);
    assert_eq!(short(&world.sent.remove(0).2), "REGISTER");
}

/// BOX-145: the address of a trunk is banned no longer.
#[test]
fn a_trunk_is_never_banned() {
    let mut world = World::new();
    let mut phone = Phone::at("801", Carrier::new().phone.peer);
    for _ in 0..10 {
        let proof = phone.proof_with(&mut world, "REGISTER", "sip:box.test", "wrong");
        let request = phone.bare("REGISTER", "sip:box.test", &proof, "");
        world.hear(phone.peer, &request);
    }
    assert_eq!(world.sip.bans().len(), 1);
    world.trunks(&[tests_trunk()]);
    assert_eq!(world.sip.bans().len(), 0);
    let address = phone.peer.remote.ip();
    assert!(
        world.other.contains(&wire::Order::Lift { address }) && world.other.contains(&wire::Order::Trust { address })
    );
    world.trunks(&[]);
    world.set(settings());
    assert!(world.sip.is_stranger(address) && world.other.contains(&wire::Order::Distrust { address }));
    assert_eq!(world.sip.bans().len(), 0, "and nobody remembers");
}
