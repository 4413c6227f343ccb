//! Who has proven nothing learns nothing and costs nothing (BOX-135, BOX-139 to BOX-151).

use super::*;
use crate::sip::order::End;

fn stranger() -> Peer {
    peer(Transport::Udp, "10.9.9.9:5060", None)
}

/// BOX-140: default deny; OPTIONS is answered without naming anything.
#[test]
fn a_stranger_gets_nothing() {
    let mut world = World::new();
    let mut phone = Phone::at("801", stranger());
    for (method, code) in [
        ("INVITE", 401),
        ("REGISTER", 401),
        ("SUBSCRIBE", 401),
        ("REFER", 401),
        ("OPTIONS", 200),
        ("MESSAGE", 405),
        ("PUBLISH", 405),
        ("NOTIFY", 489),
        ("INFO", 481),
        ("BYE", 481),
        ("UPDATE", 481),
        ("PRACK", 481),
        ("JUMP", 501),
    ] {
        let request = phone.bare(method, "sip:802@box.test", "", "");
        world.hear(phone.peer, &request);
        let answer = world.one();
        assert_eq!(answer.code(), Some(code), "{method}");
        let names = [Name::Allow, Name::Server, Name::Supported, Name::UserAgent, Name::Contact];
        assert!(method != "OPTIONS" || names.iter().all(|name| answer.value(*name).is_none()));
        world.pass_ms(100);
    }
    assert!(world.reports().is_empty());
    assert_eq!(world.sip.deadline(), None, "BOX-143: nothing is kept");
}

/// DSK-349
#[test]
fn a_refer_outside_a_call_is_refused() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let request = phone.proven(&mut world, "REFER", "sip:802@box.test", "Refer-To: <sip:803@box.test>\r\n", "");
    world.hear(phone.peer, &request);
    assert_eq!(world.codes(), [403]);
    assert!(world.reports().is_empty());
}

/// BOX-150: another's number in From.
#[test]
fn nobody_calls_as_someone_else() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let contact = "Contact: <sip:801@10.0.0.101:5060>\r\n";
    let request = phone.proven(&mut world, "INVITE", "sip:803@box.test", contact, &sdp(4000));
    world.hear(phone.peer, &request.replace("From: <sip:801", "From: <sip:802"));
    assert_eq!(world.codes(), [403]);
    assert!(world.reports().is_empty());
}

/// BOX-142: an unknown number and a wrong password are answered alike, byte for byte but for the nonce.
#[test]
fn an_unknown_number_looks_like_a_wrong_password() {
    let mut answers = Vec::new();
    for users in [&["801"][..], &["802"][..]] {
        let mut world = World::new();
        world.users(users);
        let mut phone = Phone::udp("801");
        let uri = format!("sip:{REALM}");
        let proof = phone.proof_with(&mut world, "REGISTER", &uri, "guess");
        let request = phone.bare("REGISTER", &uri, &proof, "");
        world.hear(phone.peer, &request);
        let text = String::from_utf8(world.one().raw().to_vec()).unwrap();
        let (head, rest) = text.split_once("nonce=\"").unwrap();
        answers.push(format!("{head}{}", rest.split_once('"').unwrap().1));
    }
    assert_eq!(answers[0], answers[1]);
}

/// BOX-142, DSK-334: nor does the time tell them apart: the medians of a thousand answers each, a disabled agent's
/// among them, lie within a millisecond.
#[test]
fn an_unknown_number_takes_as_long_as_a_wrong_password() {
    let mut world = World::new();
    world.set(Settings { never_ban: vec!["10.0.0.0/8".parse().unwrap()], ..settings() });
    world.users(&["801"]);
    let uri = format!("sip:{REALM}");
    // 802 was one, and is disabled.
    let mut phones = ["801", "802", "899"].map(|user| (Phone::at(user, stranger()), Vec::new()));
    for _ in 0..1_000 {
        for (phone, times) in &mut phones {
            let proof = phone.proof_with(&mut world, "REGISTER", &uri, "guess");
            let bytes = phone.bare("REGISTER", &uri, &proof, "").into_bytes().into();
            let mut out = Out::default();
            let begun = crate::run::clock::up();
            world.sip.receive(world.now, wire::Report::Message { peer: phone.peer, bytes }, &mut out);
            times.push(crate::run::clock::up().since(begun));
            assert!(matches!(&out.wire[..], [wire::Order::Send { bytes, .. }] if bytes.starts_with(b"SIP/2.0 401")));
        }
    }
    let medians = phones.map(|(_, mut times)| {
        times.sort_unstable();
        times[500]
    });
    let between = *medians.iter().max().unwrap() - *medians.iter().min().unwrap();
    assert!(between < Duration::from_millis(1), "{medians:?}");
}

/// RFC 3261 section 8.2.7: the same request gets the same tag without anything being kept.
#[test]
fn a_repeated_stranger_gets_the_same_tag() {
    let mut world = World::new();
    let mut phone = Phone::at("801", stranger());
    let request = phone.bare("INVITE", "sip:802@box.test", "", "");
    world.hear(phone.peer, &request);
    world.hear(phone.peer, &request);
    let sent = world.sent();
    assert_eq!(sent[0].to().tag(), sent[1].to().tag());
}

/// BOX-147: 20 answers a second over UDP, and none is repeated.
#[test]
fn a_stranger_over_udp_gets_20_answers_a_second() {
    let mut world = World::new();
    let mut phone = Phone::at("801", stranger());
    for _ in 0..1_000 {
        let request = phone.bare("INVITE", "sip:802@box.test", "", "");
        world.hear(phone.peer, &request);
    }
    assert_eq!(world.sent().len(), 20);
    assert_eq!(world.sip.counters().unanswered, 980);
    world.pass_ms(60_000);
    assert!(world.sent().is_empty());
}

/// BOX-144: 10 wrong passwords, and the address is not read any more for an hour.
#[test]
fn guessing_is_banned() {
    let mut world = World::new();
    let mut phone = Phone::at("801", stranger());
    let uri = format!("sip:{REALM}");
    for _ in 0..10 {
        let proof = phone.proof_with(&mut world, "REGISTER", &uri, "guess");
        let request = phone.bare("REGISTER", &uri, &proof, "");
        world.hear(phone.peer, &request);
        world.pass_ms(1_000);
    }
    let until = world.other.iter().find_map(|order| match order {
        wire::Order::Ban { address, until } if *address == stranger().remote.ip() => Some(*until),
        _ => None,
    });
    assert_eq!(until.unwrap().seconds_since(world.now.wall), 3_599);
    world.clear();
    let request = phone.bare("OPTIONS", "sip:802@box.test", "", "");
    world.hear(phone.peer, &request);
    assert!(world.sent().is_empty());
    assert_eq!((world.sip.counters().bans, world.sip.bans().count()), (1, 1));
    world.pass_ms(3_598_000);
    assert_eq!(world.sip.bans().count(), 1);
    world.pass_ms(1_000);
    assert_eq!(world.sip.bans().count(), 0, "it has ended, and nothing had to come for it");
}

/// BOX-144, BOX-145: whoever writes in the name of another address never sees what is answered there, so no nonce of
/// his is of that address, and nobody is banned or refused for what he says.
#[test]
fn nobody_is_banned_for_what_is_said_in_his_name() {
    for address in ["10.9.9.9:5060", "127.0.0.1:5060"] {
        let mut world = World::new();
        let mut phone = Phone::at("801", peer(Transport::Udp, address, None));
        let mut liar = Phone::at("801", peer(Transport::Udp, "10.9.9.66:5060", None));
        let uri = format!("sip:{REALM}");
        for _ in 0..40 {
            let proof = liar.proof_with(&mut world, "REGISTER", &uri, "guess");
            let request = phone.bare("REGISTER", &uri, &proof, "");
            world.hear(phone.peer, &request);
            let answer = world.one();
            assert!(answer.value(Name::WwwAuthenticate).unwrap().contains("stale=true"), "nothing of the password");
            world.pass_ms(1_000);
        }
        assert_eq!(world.sip.bans().count(), 0);
        phone.register(&mut world);
    }
}

/// BOX-145: while a number is refused nothing tells a right password from a wrong one, not even that its nonce is old.
#[test]
fn who_guesses_at_a_refused_number_learns_nothing() {
    let mut world = World::new();
    let mut phone = Phone::at("801", peer(Transport::Udp, "127.0.0.1:5060", None));
    let uri = format!("sip:{REALM}");
    let mut is_told_right = |world: &mut World, guess: &str| {
        let proof = phone.proof_with(world, "REGISTER", &uri, guess);
        let request = phone.bare("REGISTER", &uri, &proof, "");
        world.hear(phone.peer, &request);
        let answer = world.one();
        assert_eq!(answer.code(), Some(401));
        answer.value(Name::WwwAuthenticate).unwrap().contains("stale=true")
    };
    assert!(!is_told_right(&mut world, "first"));
    world.pass_ms(301_000);
    assert!(is_told_right(&mut world, &password("801")), "the nonce is old");
    (0..9).for_each(|_| assert!(!is_told_right(&mut world, "guess")));
    assert!(!is_told_right(&mut world, &password("801")));
    world.pass_ms(3_600_000);
    assert!(is_told_right(&mut world, &password("801")), "the hour is over");
}

/// BOX-9, BOX-145, BOX-146: whoever drops the packets of a banned address is told when the ban is taken back.
#[test]
fn a_ban_that_is_taken_back_is_told() {
    let mut world = World::new();
    let stranger = stranger().remote.ip();
    for never_ban in [vec![], vec![stranger.into()]] {
        let mut phone = Phone::at("801", super::peer(Transport::Udp, &format!("{stranger}:5060"), None));
        let uri = format!("sip:{REALM}");
        for _ in 0..10 {
            let proof = phone.proof_with(&mut world, "REGISTER", &uri, "guess");
            let request = phone.bare("REGISTER", &uri, &proof, "");
            world.hear(phone.peer, &request);
            world.pass_ms(1_000);
        }
        assert_eq!(world.sip.bans().count(), 1);
        world.other.clear();
        if never_ban.is_empty() {
            let mut out = Out::default();
            assert!(world.sip.lift_ban(world.now, stranger, &mut out));
            world.keep(out);
            assert!(!world.sip.lift_ban(world.now, stranger, &mut Out::default()));
        } else {
            world.set(Settings { never_ban, ..settings() });
        }
        assert_eq!(world.other, [wire::Order::Lift { address: stranger }]);
        assert_eq!(world.sip.bans().count(), 0);
        world.clear();
        let request = phone.bare("OPTIONS", "sip:802@box.test", "", "");
        world.hear(phone.peer, &request);
        assert_eq!(world.sent().len(), 1, "it is heard again");
    }
}

/// BOX-151: phones outside the local networks.
#[test]
fn remote_phones_are_taken_as_the_owner_says() {
    let outside = peer(Transport::Udp, "198.51.100.7:5060", None);
    let secure = peer(Transport::Tls, "198.51.100.8:5060", Some(1));
    for (remote_phones, codes) in
        [(RemotePhones::Off, [403, 403]), (RemotePhones::Tls, [403, 401]), (RemotePhones::Any, [401, 401])]
    {
        let mut world = World::new();
        world.set(Settings { remote_phones, ..settings() });
        for (from, code) in [outside, secure].into_iter().zip(codes) {
            let mut phone = Phone::at("801", from);
            let request = phone.bare("REGISTER", "sip:box.test", "", "");
            world.hear(from, &request);
            assert_eq!(world.codes(), [code], "{remote_phones:?}");
        }
    }
}

/// BOX-43, BOX-144, BOX-151: an office may have addresses that others could reach too. Whoever stands in a network of the
/// box is inside, and one phone there is not banned for another.
#[test]
fn a_network_of_the_box_is_local() {
    let mut world = World::new();
    world.set(Settings { remote_phones: RemotePhones::Off, ..settings() });
    let own = ["198.51.100.1/26", "2001:db8:1:2::1/64"].map(|own| own.parse().unwrap());
    world.receive(wire::Report::Addresses(own.to_vec()));
    let uri = format!("sip:{REALM}");
    for (remote, code) in [
        ("198.51.100.7:5060", 401),
        ("198.51.100.70:5060", 403),
        ("[2001:db8:1:2::7]:5060", 401),
        ("[2001:db8:1:3::7]:5060", 403),
    ] {
        let mut phone = Phone::at("801", peer(Transport::Udp, remote, None));
        let request = phone.bare("REGISTER", &uri, "", "");
        world.hear(phone.peer, &request);
        assert_eq!(world.codes(), [code], "{remote}");
    }
    let mut guesses = Phone::at("801", peer(Transport::Udp, "[2001:db8:1:2::7]:5060", None));
    for _ in 0..10 {
        let proof = guesses.proof_with(&mut world, "REGISTER", &uri, "guess");
        let request = guesses.bare("REGISTER", &uri, &proof, "");
        world.hear(guesses.peer, &request);
        world.pass_ms(1_000);
    }
    let banned: Vec<_> = world.sip.bans().map(|(address, _)| address).collect();
    assert_eq!(banned, [guesses.peer.remote.ip()]);
    Phone::at("802", peer(Transport::Udp, "[2001:db8:1:2::8]:5060", None)).register(&mut world);
    assert_eq!(world.sip.bindings("802").count(), 1);
    world.set(Settings { remote_phones: RemotePhones::Off, own_networks: false, ..settings() });
    world.clear();
    let request = Phone::at("803", peer(Transport::Udp, "198.51.100.8:5060", None)).bare("REGISTER", &uri, "", "");
    world.hear(peer(Transport::Udp, "198.51.100.8:5060", None), &request);
    assert_eq!(world.codes(), [403], "the owner has said what is local");
}

/// BOX-131, BOX-132: 503 with 5 to 30 seconds, at random, before the proof; calls that are up go on.
#[test]
fn a_full_box_refuses_new_calls_only() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    let (talk, leg) = answered(&mut world, &mut phone, "");
    world.sip.refuse_new(true);
    world.clear();
    let mut waits = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let invite = phone.bare("INVITE", "sip:802@box.test", "", &sdp(4000));
        world.hear(phone.peer, &invite);
        let answer = world.one();
        assert_eq!(answer.code(), Some(503));
        waits.insert(answer.value(Name::RetryAfter).unwrap().parse::<u32>().unwrap());
        world.pass_ms(100);
    }
    assert!(waits.len() > 10 && waits.iter().all(|wait| (5..=30).contains(wait)), "{waits:?}");
    assert_eq!(world.sip.counters().refused, 50);
    let bye = phone.inside(&talk, "BYE", "", "");
    world.hear(phone.peer, &bye);
    assert_eq!(world.codes(), [200]);
    assert_eq!(world.report(), Report::Ended { leg, end: End::Bye });
}

/// BOX-135, BOX-139: 20,000 requests from 20,000 addresses leave nothing behind but bounded counts.
#[test]
fn a_flood_of_strangers_leaves_nothing_behind() {
    let mut world = World::new();
    let mut phone = Phone::udp("801");
    phone.register(&mut world);
    world.sip.registrar_quiet();
    world.pass_ms(40_000);
    for at in 0..20_000u32 {
        let method = ["REGISTER", "INVITE", "SUBSCRIBE", "CANCEL", "ACK", "BYE"][at as usize % 6];
        let from = peer(Transport::Udp, &format!("10.{}.{}.{}:5060", 100 + at / 65536, at / 256 % 256, at % 256), None);
        let request = Phone::at("802", from).bare(method, "sip:801@box.test", "", "");
        world.hear(from, &request);
    }
    assert_eq!(world.sip.timers.len(), 0);
    assert!(world.sip.transactions.servers.is_empty() && world.sip.legs.is_empty() && world.sip.tags.is_empty());
    assert!(world.sip.came.is_empty());
    assert_eq!(world.sip.bindings("801").count(), 1, "who was registered still is");
    assert!(postcard::to_stdvec(&world.sip).unwrap().len() < 2_000_000);
}

/// BOX-148, BOX-149: what is no SIP is counted and dropped; what can be answered is.
#[test]
fn what_cannot_be_read_is_counted() {
    let mut world = World::new();
    let at = stranger();
    for text in ["", "\r\n\r\n", "hello", "SIP/2.0 200 OK\r\n\r\n", "ACK sip:x SIP/2.0\r\n\r\n"] {
        world.hear(at, text);
    }
    assert!(world.sent().is_empty());
    let short = Phone::at("801", at).bare("OPTIONS", "sip:802@box.test", "", "");
    world.hear(at, &short.replace("Content-Length: 0", "Content-Length: 9"));
    assert_eq!(world.codes(), [400]);
    assert!(world.sip.counters().malformed >= 4);
}
