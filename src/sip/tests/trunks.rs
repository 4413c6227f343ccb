//! Trunks that register at a carrier, and what becomes of their state.

use super::*;
use crate::sip::{
    digest::{Digest, Outcome, Secret},
    order::{TrunkId, TrunkState},
    trunk::{
        Password,
        standing::{Changed, Reason},
        tests_trunk,
    },
};

pub(super) const LINE: TrunkId = TrunkId(7);
pub(super) const CARRIER: &str = "198.51.100.1:5060";

pub(super) fn registering() -> Trunk {
    Trunk {
        registers: true,
        username: "1001".into(),
        password: Password("secret".into()),
        domain: "carrier.test".into(),
        keep_alive_s: 0,
        ..tests_trunk()
    }
}

/// The other end of a trunk.
pub(super) struct Carrier {
    pub phone: Phone,
    pub digest: Digest,
    pub password: String,
}

impl Carrier {
    pub fn new() -> Carrier {
        Carrier::at(CARRIER)
    }

    pub fn at(address: &str) -> Carrier {
        Carrier {
            phone: Phone::at("carrier", peer(Transport::Udp, address, None)),
            digest: Digest::new("carrier.test", Secret([3; 32])),
            password: "secret".into(),
        }
    }

    pub fn say(&self, world: &mut World, request: &Message, code: u16, extra: &str) {
        let tag = if code == 100 { "" } else { "c" };
        world.hear(self.phone.peer, &self.phone.reply(request, code, tag, extra, ""));
    }

    pub fn challenge(&mut self, world: &mut World, request: &Message) {
        let challenges = self.digest.challenges(world.now.up, self.phone.peer.remote.ip(), Offer::Both, false);
        let lines: String = challenges.iter().map(|value| format!("WWW-Authenticate: {value}\r\n")).collect();
        self.say(world, request, 401, &lines);
    }

    pub fn is_proven(&mut self, world: &World, request: &Message) -> bool {
        let users = [("1001".to_owned(), Ha1::new("1001", "carrier.test", &self.password))].into_iter().collect();
        let outcome = self.digest.verify(world.now.up, self.phone.peer.remote.ip(), request, &users);
        matches!(outcome, Outcome::Proven { .. })
    }

    /// Challenges a REGISTER and grants what follows.
    pub fn grant(&mut self, world: &mut World, expires_s: u32) -> Message {
        let first = world.one();
        assert_eq!(short(&first), "REGISTER");
        self.challenge(world, &first);
        let second = world.one();
        assert!(self.is_proven(world, &second), "{:?}", second.value(Name::Authorization));
        let contact = second.value(Name::Contact).unwrap().to_owned();
        self.say(world, &second, 200, &format!("Contact: {contact};expires={expires_s}\r\n"));
        second
    }
}

pub(super) fn state(world: &World) -> TrunkState {
    world.sip.standing(LINE).unwrap().state
}

fn reason(world: &World) -> Reason {
    world.sip.standing(LINE).unwrap().cause.reason
}

/// Seconds until the next REGISTER.
fn waits_s(world: &mut World) -> f64 {
    let since = world.now.up;
    while world.sent.is_empty() {
        world.pass_ms(500);
        assert!(world.now.up.since(since) < Duration::from_secs(5_000));
    }
    let at = world.sent[0].0;
    at.since(since).as_secs_f64()
}

fn registered() -> (World, Carrier) {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    carrier.grant(&mut world, 600);
    assert_eq!(state(&world), TrunkState::Up);
    world.clear();
    (world, carrier)
}

/// TRK-33, TRK-34, TRK-36, TRK-44, TRK-47
#[test]
fn a_trunk_registers_with_a_proof_and_is_up() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    assert_eq!(state(&world), TrunkState::Connecting);
    let proven = carrier.grant(&mut world, 600);
    assert_eq!(line(&proven), "REGISTER sip:carrier.test SIP/2.0");
    assert_eq!((proven.to().uri, proven.expires()), ("sip:1001@carrier.test", Some(600)));
    let contact = proven.addresses(Name::Contact).unwrap()[0].uri.to_owned();
    assert_eq!(contact, "sip:1001@203.0.113.9:5060;line=7", "our address as seen outside, and the line's own value");
    let proof = proven.value(Name::Authorization).unwrap();
    assert!(proof.contains("algorithm=SHA-256") && proof.contains("qop=auth, nc=00000001"), "{proof}");
    assert_eq!(
        world.reports(),
        [TrunkState::Connecting, TrunkState::Up].map(|state| Report::Trunk { trunk: LINE, state })
    );
    assert_eq!(reason(&world), Reason::Registered);
}

/// The answer of a carrier that sees the request come from elsewhere.
fn seen(answer: String, from: &str, port: u16) -> String {
    answer.replace(";rport;", &format!(";received={from};rport={port};"))
}

fn contacts(message: &Message) -> Vec<&str> {
    message.lines(Name::Contact).collect()
}

/// BOX-42: a carrier tells how it sees us; phones outside and its calls are told the same, and what it knew before is
/// taken back.
#[test]
fn a_carrier_tells_our_address_outside() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.set(Settings { external: External::Auto, ..settings() });
    world.trunks(&[registering()]);
    let answer = |world: &mut World, request: &Message, code, extra: &str, from: &str| {
        let text = seen(carrier.phone.reply(request, code, "c", extra, ""), from, 6_070);
        world.hear(carrier.phone.peer, &text);
    };
    let first = world.one();
    let own = first.value(Name::Contact).unwrap().to_owned();
    assert!(own.contains(&carrier.phone.peer.local.to_string()), "{own}");
    let challenges = carrier.digest.challenges(world.now.up, carrier.phone.peer.remote.ip(), Offer::Both, false);
    answer(&mut world, &first, 401, &format!("WWW-Authenticate: {}\r\n", challenges[0]), "203.0.113.77");
    let proven = world.one();
    let contact = "<sip:1001@203.0.113.77:6070;line=7>";
    assert_eq!(contacts(&proven), [contact], "with the proof");
    answer(&mut world, &proven, 200, &format!("Contact: {contact};expires=600\r\n"), "203.0.113.77");
    assert!(world.sent().is_empty());
    world.order(trunk_calls::dial(LegId(2), "02155501"));
    let invite = world.one();
    assert!(invite.value(Name::Contact).unwrap().contains("@203.0.113.77:6070"));
    assert!(String::from_utf8_lossy(invite.body()).contains("c=IN IP4 203.0.113.77\r\n"));
    let mut phone = Phone::at("801", peer(Transport::Tls, "198.51.100.7:40000", Some(4)));
    let (_, leg) = phone.call(&mut world, "802", "", &sdp(4000));
    world.order(Order::Answer { leg, session: session(6000) });
    let ok = world.sent().pop().unwrap();
    assert_eq!(ok.value(Name::Contact), Some("<sip:callbox@203.0.113.77:5061;transport=tls>"), "the port is the own");
    // The provider gives another address; the registration that was there is taken back.
    world.pass_ms(480_000);
    let renewal = world.sent().into_iter().rfind(|message| short(message) == "REGISTER").unwrap();
    answer(&mut world, &renewal, 200, &format!("Contact: {contact};expires=600\r\n"), "203.0.113.78");
    let again = world.one();
    let before = format!("{contact};expires=0");
    assert_eq!(contacts(&again), ["<sip:1001@203.0.113.78:6070;line=7>", before.as_str()]);
    // It sees us elsewhere each time: that waits for the next renewal.
    answer(&mut world, &again, 200, "Contact: <sip:1001@203.0.113.78:6070;line=7>;expires=600\r\n", "203.0.113.79");
    assert!(world.sent().is_empty());
    world.set(Settings { external: External::Own, ..settings() });
    assert!(world.sip.try_trunk(world.now, LINE, &mut Out::default()));
}

/// BOX-49: a router that changes what we send is told of, and no longer when it stops.
#[test]
fn a_router_that_changes_sip_is_named() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.set(Settings { external: External::Own, ..settings() });
    world.trunks(&[registering()]);
    let first = world.one();
    let local = carrier.phone.peer.local.to_string();
    let answer = carrier.phone.reply(&first, 403, "c", "", "");
    world.hear(carrier.phone.peer, &seen(answer.replace(&local, "203.0.113.77:1024"), "203.0.113.77", 1_024));
    let changed = |world: &World| world.sip.standing(LINE).unwrap().changed.clone();
    let router = Some("203.0.113.77".parse().unwrap());
    assert_eq!(changed(&world), Some(Changed { sent: local, came: "203.0.113.77:1024".into(), router }));
    assert!(waits_s(&mut world) >= 60.0);
    let second = world.one();
    carrier.say(&mut world, &second, 403, "");
    assert_eq!(changed(&world), None);
}

/// TRK-35, TRK-38
#[test]
fn a_registration_is_renewed_when_four_fifths_have_passed() {
    let (mut world, mut carrier) = registered();
    assert_eq!(waits_s(&mut world), 480.0);
    let first = world.one();
    carrier.challenge(&mut world, &first);
    let again = world.one();
    assert!(again.cseq().0 > first.cseq().0 && again.call_id() == first.call_id());
    let contact = again.value(Name::Contact).unwrap().to_owned();
    let extra = format!("Contact: {contact}\r\nExpires: 100\r\nService-Route: <sip:edge.carrier.test;lr>\r\n");
    carrier.say(&mut world, &again, 200, &extra);
    assert_eq!(waits_s(&mut world), 80.0, "what the carrier grants is kept to");
    world.clear();
    world.order(trunk_calls::dial(LegId(2), "02155501"));
    assert_eq!(world.one().value(Name::Route), Some("<sip:edge.carrier.test;lr>"));
}

/// TRK-34
#[test]
fn a_carrier_that_wants_longer_is_asked_for_longer() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    let first = world.one();
    carrier.say(&mut world, &first, 423, "Min-Expires: 1800\r\n");
    let again = world.one();
    assert_eq!(again.expires(), Some(1800));
    carrier.say(&mut world, &again, 423, "Min-Expires: 1800\r\n");
    assert!(world.sent().is_empty(), "the same again is a failure");
    assert_eq!(state(&world), TrunkState::Unreachable);
}

/// TRK-37
#[test]
fn a_200_without_our_contact_is_a_failure() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    let first = world.one();
    carrier.say(&mut world, &first, 200, "Contact: <sip:1001@192.0.2.77:5060;line=8>\r\n");
    assert_eq!((state(&world), reason(&world)), (TrunkState::Unreachable, Reason::ContactMissing));
    let again = waits_s(&mut world);
    assert!((4.0..=6.0).contains(&again), "{again}");
    let request = world.one();
    let contact = "Contact: <sip:other@x>, <sip:1001@100.64.1.2:4321;line=7>;expires=600\r\n";
    carrier.say(&mut world, &request, 200, contact);
    assert_eq!(state(&world), TrunkState::Up, "a carrier may write another address into it");
}

/// TRK-39, TRK-41, TRK-25
#[test]
fn after_a_failure_the_waits_grow_and_the_trunk_comes_back_by_itself() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    for usual in [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0] {
        let request = world.sent().pop().unwrap();
        carrier.say(&mut world, &request, 500, "");
        assert_eq!(state(&world), TrunkState::Unreachable);
        let waited = waits_s(&mut world);
        assert!((usual * 0.8..=usual * 1.2).contains(&waited), "{usual}: {waited}");
    }
    carrier.grant(&mut world, 600);
    assert_eq!(state(&world), TrunkState::Up);
    world.clear();
    world.pass(Duration::from_secs(480));
    world.pass(Duration::from_secs(5));
    assert_eq!((state(&world), reason(&world)), (TrunkState::Unreachable, Reason::NoAnswer));
    world.clear();
    assert!(waits_s(&mut world) <= 6.0, "the waits begin anew after success");
}

/// TRK-40
#[test]
fn a_wrong_password_is_tried_rarely() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    carrier.password = "other".into();
    world.trunks(&[registering()]);
    for usual in [60.0, 300.0, 900.0, 3_600.0, 3_600.0] {
        let first = world.one();
        carrier.challenge(&mut world, &first);
        let second = world.one();
        assert!(!carrier.is_proven(&world, &second));
        carrier.challenge(&mut world, &second);
        assert!(world.sent().is_empty(), "the password is used once");
        assert_eq!((state(&world), reason(&world)), (TrunkState::Refused, Reason::Password));
        assert_eq!(waits_s(&mut world), usual);
    }
    let request = world.one();
    carrier.say(&mut world, &request, 403, "");
    assert_eq!((state(&world), reason(&world)), (TrunkState::Refused, Reason::Refused));
    world.pass_ms(1_000);
    let mut saved = registering();
    saved.saved = 2;
    saved.password = Password("other".into());
    world.trunks(&[saved]);
    carrier.grant(&mut world, 600);
    assert_eq!(state(&world), TrunkState::Up);
}

/// TRK-42
#[test]
fn saving_and_register_now_try_at_once() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    let request = world.one();
    carrier.say(&mut world, &request, 403, "");
    let mut out = Out::default();
    assert!(world.sip.try_trunk(world.now, LINE, &mut out));
    world.keep(out);
    let request = world.one();
    carrier.say(&mut world, &request, 403, "");
    assert_eq!(waits_s(&mut world), 60.0, "the waits begin anew");
    let request = world.one();
    carrier.say(&mut world, &request, 403, "");
    world.trunks(&[Trunk { saved: 2, ..registering() }]);
    assert_eq!(world.lines(), ["REGISTER"]);
    world.trunks(&[Trunk { saved: 2, ..registering() }]);
    assert!(world.sent().is_empty(), "nothing was saved");
    assert!(!world.sip.try_trunk(world.now, TrunkId(99), &mut Out::default()));
}

/// TRK-7, TRK-43
#[test]
fn who_is_disabled_or_deleted_unregisters() {
    for deleted in [false, true] {
        let (mut world, mut carrier) = registered();
        let disabled = Trunk { enabled: false, saved: 2, ..registering() };
        world.trunks(if deleted { &[] } else { std::slice::from_ref(&disabled) });
        let gone = world.one();
        assert_eq!((short(&gone).as_str(), gone.expires()), ("REGISTER", Some(0)));
        carrier.challenge(&mut world, &gone);
        let proven = world.one();
        assert!(carrier.is_proven(&world, &proven));
        assert_eq!(proven.expires(), Some(0));
        carrier.say(&mut world, &proven, 200, "");
        world.pass(Duration::from_secs(7_200));
        assert!(world.sent().is_empty(), "{:?}", world.lines());
        if !deleted {
            assert_eq!(state(&world), TrunkState::Disabled);
            world.order(trunk_calls::dial(LegId(2), "02155501"));
            assert!(matches!(world.reports().last(), Some(Report::Ended { .. })));
            assert!(world.sent().is_empty());
        }
    }
}

/// TRK-44: MD5 where nothing better is offered, each count of a nonce once.
#[test]
fn a_nonce_that_stays_is_counted_on() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    let mut counts = Vec::new();
    for _ in 0..3 {
        let request = world.one();
        carrier.say(&mut world, &request, 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n");
        let proven = world.one();
        let proof = proven.value(Name::Authorization).unwrap().to_owned();
        assert!(proof.contains("algorithm=MD5"));
        counts.push(proof.split("nc=").nth(1).unwrap()[..8].to_owned());
        let contact = proven.value(Name::Contact).unwrap().to_owned();
        carrier.say(&mut world, &proven, 200, &format!("Contact: {contact};expires=60\r\n"));
        waits_s(&mut world);
    }
    assert_eq!(counts, ["00000001", "00000002", "00000003"]);
}

/// TRK-45
#[test]
fn a_challenge_from_elsewhere_is_not_answered() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    let request = world.one();
    let mut stranger = Carrier::at("192.0.2.66:5060");
    stranger.challenge(&mut world, &request);
    assert!(world.sent().is_empty());
    let mut forged = Carrier::new();
    let other = Message::parse(
        String::from_utf8_lossy(request.raw()).replace("branch=z9hG4bK", "branch=z9hG4bKx").into_bytes().into(),
    );
    forged.challenge(&mut world, &other.unwrap());
    assert!(world.sent().is_empty(), "no request of ours");
    let without = Trunk { saved: 2, password: Password::default(), ..registering() };
    carrier.say(&mut world, &request, 500, "");
    world.trunks(&[without]);
    let request = world.one();
    forged.challenge(&mut world, &request);
    assert!(world.sent().is_empty(), "no password, no proof");
    assert_eq!((state(&world), reason(&world)), (TrunkState::Refused, Reason::Password));
}

/// TRK-46
#[test]
fn another_realm_gets_no_proof_until_it_is_accepted() {
    let (mut world, carrier) = registered();
    assert_eq!(world.sip.standing(LINE).unwrap().other_realm, None);
    waits_s(&mut world);
    let request = world.one();
    let other = "WWW-Authenticate: Digest realm=\"evil.test\", nonce=\"n\", qop=\"auth\"\r\n";
    carrier.say(&mut world, &request, 401, other);
    assert!(world.sent().is_empty());
    let standing = world.sip.standing(LINE).unwrap().clone();
    assert_eq!((standing.state, standing.cause.reason), (TrunkState::Refused, Reason::RealmChanged));
    assert_eq!(
        (standing.cause.text.as_str(), standing.other_realm.as_deref()),
        ("carrier.test → evil.test", Some("evil.test"))
    );
    let mut out = Out::default();
    assert!(world.sip.accept_realm(world.now, LINE, &mut out));
    world.keep(out);
    let request = world.one();
    carrier.say(&mut world, &request, 401, other);
    let proven = world.one();
    assert!(proven.value(Name::Authorization).unwrap().contains("realm=\"evil.test\""));
    assert!(!world.sip.accept_realm(world.now, LINE, &mut Out::default()), "there is nothing to accept any more");
}

/// TRK-46: the realm outlives a restart.
#[test]
fn the_realm_is_kept_over_a_restart() {
    let (world, carrier) = registered();
    let realm = Some("carrier.test".to_owned());
    assert!(world.news.contains(&News::Realm { trunk: LINE, realm }), "it is told to be kept");
    let mut world = World::new();
    world.sip.restore_realms(vec![(LINE, "carrier.test".into())]);
    world.trunks(&[registering()]);
    let request = world.one();
    carrier.say(&mut world, &request, 401, "WWW-Authenticate: Digest realm=\"evil.test\", nonce=\"n\"\r\n");
    assert!(world.sent().is_empty());
    assert_eq!(reason(&world), Reason::RealmChanged);
}

/// TRK-13: no password is printed or written down with the state.
#[test]
fn a_password_is_in_nothing_that_is_written_down() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.trunks(&[Trunk { password: Password("hush-hush".into()), ..registering() }]);
    let first = world.one();
    carrier.challenge(&mut world, &first);
    assert_eq!(world.lines(), ["REGISTER"], "the proof is on its way");
    let bytes = postcard::to_stdvec(&world.sip).unwrap();
    assert!(bytes.windows(4).any(|window| window == b"1001"));
    assert!(!bytes.windows(9).any(|window| window == b"hush-hush"));
    assert!(!format!("{:?}", world.sip).contains("hush-hush"));
}

fn peer_trunk(keep_alive_s: u32) -> Trunk {
    Trunk { keep_alive_s, ..tests_trunk() }
}

/// TRK-29, TRK-30, TRK-31
#[test]
fn three_options_without_an_answer_are_too_many() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.trunks(&[peer_trunk(30)]);
    let ping = world.one();
    assert_eq!(line(&ping), "OPTIONS sip:198.51.100.1 SIP/2.0");
    carrier.say(&mut world, &ping, 404, "");
    assert_eq!((state(&world), reason(&world)), (TrunkState::Up, Reason::Answered));
    for code in [401, 403, 404, 405, 483, 200] {
        assert_eq!(waits_s(&mut world), 30.0);
        let ping = world.one();
        carrier.say(&mut world, &ping, code, "");
        assert_eq!(state(&world), TrunkState::Up, "{code}");
    }
    for (code, after) in [(503, TrunkState::Up), (408, TrunkState::Up), (500, TrunkState::Unreachable)] {
        waits_s(&mut world);
        let ping = world.one();
        carrier.say(&mut world, &ping, code, "");
        assert_eq!(state(&world), after, "{code}");
    }
    waits_s(&mut world);
    let ping = world.one();
    carrier.say(&mut world, &ping, 200, "");
    assert_eq!(state(&world), TrunkState::Up, "the first that counts");
    world.pass(Duration::from_secs(89));
    assert_eq!(state(&world), TrunkState::Up);
    world.pass(Duration::from_secs(6));
    assert_eq!((state(&world), reason(&world)), (TrunkState::Unreachable, Reason::NoAnswer));
}

/// TRK-29, TRK-47
#[test]
fn a_peer_that_is_not_watched_is_up() {
    let mut world = World::new();
    world.trunks(&[peer_trunk(0)]);
    assert_eq!((state(&world), reason(&world)), (TrunkState::Up, Reason::NotWatched));
    world.pass(Duration::from_secs(4_000));
    assert!(world.sent().is_empty());
}

/// TRK-31, TRK-41: who was away may have forgotten us.
#[test]
fn a_registered_trunk_that_answers_again_registers_at_once() {
    let (mut world, mut carrier) = (World::new(), Carrier::new());
    world.trunks(&[Trunk { keep_alive_s: 30, ..registering() }]);
    let sent = world.sent();
    let [register, ping] = &sent[..] else { panic!("{sent:?}") };
    carrier.say(&mut world, ping, 200, "");
    assert_eq!(state(&world), TrunkState::Connecting, "signs of life are no registration");
    carrier.challenge(&mut world, register);
    let proven = world.one();
    let contact = proven.value(Name::Contact).unwrap().to_owned();
    carrier.say(&mut world, &proven, 200, &format!("Contact: {contact}\r\n"));
    assert_eq!(state(&world), TrunkState::Up);
    world.pass(Duration::from_secs(95));
    assert_eq!(state(&world), TrunkState::Unreachable);
    world.clear();
    waits_s(&mut world);
    let ping = world.sent().pop().unwrap();
    carrier.say(&mut world, &ping, 200, "");
    assert_eq!(state(&world), TrunkState::Up);
    assert_eq!(world.lines(), ["REGISTER"]);
}

/// TRK-48
#[test]
fn each_change_of_state_says_what_led_to_it() {
    let (mut world, carrier) = (World::new(), Carrier::new());
    world.trunks(&[registering()]);
    let request = world.one();
    world.news.clear();
    world.pass_ms(250);
    carrier.say(&mut world, &request, 403, "");
    let turn = world.news.iter().find_map(|news| match news {
        News::Turned(turn) => Some(turn.clone()),
        _ => None,
    });
    let turn = turn.unwrap();
    assert_eq!((turn.from, turn.to, turn.at), (TrunkState::Connecting, TrunkState::Refused, world.now.wall));
    assert_eq!((turn.cause.code, turn.cause.ms), (Some(403), Some(250)));
    assert_eq!(turn.cause.address, Some(CARRIER.parse().unwrap()));
}
