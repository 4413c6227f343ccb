//! What a challenge and its answer are held to.

use super::*;
use bytes::Bytes;
use std::time::Duration;

const REALM: &str = "callbox";

fn server() -> Digest {
    Digest::new(REALM, Secret([7; 32]))
}

fn users() -> Users {
    [("801", "right"), ("802", "other")]
        .map(|(user, password)| (user.to_owned(), Ha1::new(user, REALM, password)))
        .into()
}

fn phone() -> IpAddr {
    "192.0.2.9".parse().unwrap()
}

fn at(seconds: u64) -> Uptime {
    Uptime(seconds * 1_000_000)
}

fn message(uri: &str, authorization: &str) -> Message {
    let text = format!(
        "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:801@h>;tag=1\r\nTo: <sip:801@h>\r\n\
         Call-ID: c\r\nCSeq: 1 REGISTER\r\n{authorization}\r\nbody"
    );
    Message::parse(Bytes::from(text)).unwrap()
}

/// A phone's second try at REGISTER, and what comes of it.
struct Phone<'a> {
    user: &'a str,
    password: &'a str,
    challenge: Challenge,
}

impl Phone<'_> {
    fn request(&self, count: u32) -> Message {
        let attempt = Attempt {
            user: self.user,
            password: self.password,
            method: "REGISTER",
            uri: "sip:h;transport=udp",
            body: b"body",
            count,
            cnonce: "c0ffee",
        };
        message("sip:h;transport=udp", &format!("Authorization: {}\r\n", self.challenge.answer(&attempt)))
    }
}

fn challenged<'a>(server: &mut Digest, user: &'a str, password: &'a str) -> Phone<'a> {
    let values = server.challenges(at(1), phone(), Offer::Both, false);
    Phone { user, password, challenge: Challenge::parse(&values[0]).unwrap() }
}

fn stale() -> Outcome {
    Outcome::Stale { user: "801".into() }
}

fn proven() -> Outcome {
    Outcome::Proven { user: "801".into() }
}

/// RFC 7616 section 3.9.1, RFC 2617 section 3.5, RFC 2069 section 2.4 with the password of RFC 2617, and two for
/// auth-int reckoned by hand.
#[test]
fn the_sums_are_those_of_the_standards() {
    let (realm, nonce) = ("http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    let old = ("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093");
    let (md5, sha) = ("MD5", "SHA-256");
    for (realm, nonce, algorithm, qop, cnonce, password, expected) in [
        (realm, nonce, md5, ", qop=\"auth\"", cnonce, "Circle of Life", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            realm,
            nonce,
            sha,
            ", qop=\"auth, auth-int\"",
            cnonce,
            "Circle of Life",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
        (realm, nonce, md5, ", qop=auth-int", cnonce, "Circle of Life", "9aaa3cbaec2406853a7cb784c6813d11"),
        (
            realm,
            nonce,
            sha,
            ", qop=auth-int",
            cnonce,
            "Circle of Life",
            "2fa9fd5a55eaefc542900085331c15a0d8dcebeb505811bdd82a5b1f49ae156e",
        ),
        (
            old.0,
            old.1,
            md5,
            ", qop=\"auth,auth-int\"",
            "0a4f113b",
            "Circle Of Life",
            "6629fae49393a05397450978507c4ef1",
        ),
        (old.0, old.1, md5, "", "", "Circle Of Life", "670fd8c2df070c60b045671b8b24ff02"),
    ] {
        let value = format!("digest realm=\"{realm}\", algorithm={algorithm} , nonce=\"{nonce}\"{qop}");
        let challenge = Challenge::parse(&value).unwrap();
        let attempt = Attempt {
            user: "Mufasa",
            password,
            method: "GET",
            uri: "/dir/index.html",
            body: b"body",
            count: 1,
            cnonce,
        };
        let answer = challenge.answer(&attempt);
        assert!(answer.contains(&format!("response=\"{expected}\"")), "{answer}");
    }
}

/// BOX-141, RFC 8760
#[test]
fn phones_are_challenged_with_the_better_sum_first() {
    let both = server().challenges(at(1), phone(), Offer::Both, false);
    assert_eq!(both.len(), 2);
    assert!(both[0].contains("algorithm=SHA-256") && both[1].contains("algorithm=MD5"));
    assert!(both.iter().all(|value| value.contains("qop=\"auth\"") && !value.contains("stale")));
    let one = server().challenges(at(1), phone(), Offer::Md5, true);
    assert!(one.len() == 1 && one[0].contains("algorithm=MD5") && one[0].ends_with("stale=true"));
}

/// BOX-141: each count once, up to 64 apart in any order; past the count nothing.
#[test]
fn each_count_is_accepted_once() {
    let (mut server, users) = (server(), users());
    let phone_801 = challenged(&mut server, "801", "right");
    let mut ask = |count| server.verify(at(2), phone(), &phone_801.request(count), &users);
    for count in [1, 2, 0x0a, 9, 0xff, 0xfe, 0x3e8, 0x3e8 - 63, 4_000_000_000] {
        assert_eq!(ask(count), proven(), "{count}");
        assert_eq!(ask(count), stale(), "{count} again");
    }
    assert_eq!((ask(0), ask(0x3e8 + 1)), (stale(), stale()));
}

/// BOX-141: five minutes, one address, our secret. The password was right, so none of these counts against a phone.
#[test]
fn a_nonce_is_for_one_address_and_five_minutes() {
    let (mut server, users) = (server(), users());
    let phone_801 = challenged(&mut server, "801", "right");
    let request = phone_801.request(1);
    assert_eq!(server.verify(at(302), phone(), &request, &users), stale());
    assert_eq!(server.verify(at(0), phone(), &request, &users), stale());
    assert_eq!(server.verify(at(2), "192.0.2.10".parse().unwrap(), &request, &users), stale());
    let mut restarted = Digest::new(REALM, Secret([8; 32]));
    assert_eq!(restarted.verify(at(2), phone(), &request, &users), stale());
    assert_eq!(server.verify(at(301), phone(), &request, &users), proven());
}

/// BOX-142, BOX-144: who names a nonce that was not given to its address may speak for somebody else: nothing is said of
/// the password, nor of the number, and nothing counts.
#[test]
fn a_foreign_nonce_says_nothing_of_the_password() {
    let (mut server, users) = (server(), users());
    let elsewhere = "192.0.2.10".parse().unwrap();
    for (user, password) in [("801", "right"), ("801", "wrong"), ("899", "right")] {
        let mut phone = challenged(&mut server, user, password);
        let outcome = Outcome::Stale { user: user.into() };
        assert_eq!(server.verify(at(2), elsewhere, &phone.request(1), &users), outcome);
        phone.challenge = Challenge::parse("Digest realm=\"callbox\", nonce=\"made-up\", qop=\"auth\"").unwrap();
        assert_eq!(server.verify(at(2), elsewhere, &phone.request(1), &users), outcome);
    }
    let old = challenged(&mut server, "801", "wrong").request(1);
    assert_eq!(server.verify(at(900), phone(), &old, &users), Outcome::Wrong { user: "801".into() }, "it was there");
}

/// BOX-142, BOX-143
#[test]
fn who_proves_nothing_leaves_nothing() {
    let (mut server, users) = (server(), users());
    let wrong = challenged(&mut server, "801", "wrong").request(1);
    assert_eq!(server.verify(at(2), phone(), &wrong, &users), Outcome::Wrong { user: "801".into() });
    let unknown = challenged(&mut server, "899", "right").request(1);
    assert_eq!(server.verify(at(2), phone(), &unknown, &users), Outcome::Unknown { user: "899".into() });
    let before = postcard::to_stdvec(&server).unwrap();
    server.challenges(at(3), phone(), Offer::Both, false);
    assert_eq!(postcard::to_stdvec(&server).unwrap().len(), before.len());
}

#[test]
fn what_is_no_answer_to_us_counts_as_none() {
    let (mut server, users) = (server(), users());
    let good = challenged(&mut server, "801", "right").request(1);
    let value = good.value(Name::Authorization).unwrap();
    for other in [
        String::new(),
        "Authorization: Basic ODAxOnJpZ2h0\r\n".to_owned(),
        "Authorization: Digest\r\n".to_owned(),
        format!("Authorization: {}\r\n", value.replace("realm=\"callbox\"", "realm=\"else\"")),
        format!("Authorization: {}\r\n", value.replace("SHA-256", "SHA-256-sess")),
        format!("Authorization: {}\r\n", value.replace("nc=", "no=")),
        format!("Authorization: {}\r\n", value.replace("qop=auth", "qop=none")),
    ] {
        let request = message("sip:h;transport=udp", &other);
        assert_eq!(server.verify(at(2), phone(), &request, &users), Outcome::Missing, "{other}");
    }
    let beside = format!("Authorization: Digest realm=\"else\", x=y\r\nAuthorization: {value}\r\n");
    assert_eq!(server.verify(at(2), phone(), &message("sip:h;transport=udp", &beside), &users), proven());
}

/// Who overhears one call cannot make another of it.
#[test]
fn a_proof_for_one_number_is_none_for_another() {
    let (mut server, users) = (server(), users());
    let proof = |server: &mut Digest, uri: &str| {
        let phone = challenged(server, "801", "right");
        let attempt =
            Attempt { user: "801", password: "right", method: "REGISTER", uri, body: b"", count: 1, cnonce: "x" };
        format!("Authorization: {}\r\n", phone.challenge.answer(&attempt))
    };
    let stolen = message("sip:00999@h", &proof(&mut server, "sip:802@h"));
    assert_eq!(server.verify(at(2), phone(), &stolen, &users), Outcome::Wrong { user: "801".into() });
    let sloppy = message("sip:802@h;transport=tcp", &proof(&mut server, "sip:802@192.0.2.1"));
    assert_eq!(server.verify(at(2), phone(), &sloppy, &users), proven());
}

/// RFC 7616 section 3.4.3: who proves the body too is held to it.
#[test]
fn a_proof_of_the_body_holds_for_this_body() {
    let (mut server, users) = (server(), users());
    let mut phone_801 = challenged(&mut server, "801", "right");
    phone_801.challenge = {
        let values = server.challenges(at(1), phone(), Offer::Both, false);
        Challenge::parse(&values[0].replace("qop=\"auth\"", "qop=\"auth-int\"")).unwrap()
    };
    let request = phone_801.request(1);
    let other = Bytes::from(String::from_utf8_lossy(request.raw()).replace("\r\n\r\nbody", "\r\n\r\nbent"));
    let bent = Message::parse(other).unwrap();
    assert_eq!(server.verify(at(2), phone(), &bent, &users), Outcome::Wrong { user: "801".into() });
    assert_eq!(server.verify(at(2), phone(), &request, &users), proven());
}

/// RFC 2069 phones do not count: each nonce is good for one request.
#[test]
fn who_does_not_count_uses_a_nonce_once() {
    let (mut server, users) = (server(), users());
    let values = server.challenges(at(1), phone(), Offer::Md5, false);
    let challenge = Challenge::parse(&values[0].replace(", qop=\"auth\"", "")).unwrap();
    let request = Phone { user: "801", password: "right", challenge }.request(1);
    assert_eq!(server.verify(at(2), phone(), &request, &users), proven());
    assert_eq!(server.verify(at(2), phone(), &request, &users), stale());
}

/// BOX-139: beyond the limit the oldest go, and what went is not accepted again.
#[test]
fn used_nonces_are_bounded_and_never_good_twice() {
    let secret = Secret([7; 32]);
    let mut nonces = nonce::Nonces::new(secret);
    let made: Vec<String> = (0..nonce::USED_MAX as u64 + 10).map(|n| nonces.make(Uptime(n), phone())).collect();
    for one in &made {
        assert_eq!(nonces.take(at(1), phone(), one, Some(1)), nonce::Freshness::Fresh);
    }
    for one in made.iter().step_by(997).chain(made.first()) {
        assert_eq!(nonces.take(at(1), phone(), one, Some(1)), nonce::Freshness::Stale);
    }
    let later = at(1) + nonce::LIFE + Duration::from_secs(1);
    let young = nonces.make(later, phone());
    assert_eq!(nonces.take(later, phone(), &young, Some(1)), nonce::Freshness::Fresh);
    assert!(postcard::to_stdvec(&nonces).unwrap().len() < 64, "what is over is forgotten");
}

/// BOX-122: no secret is written down or printed.
#[test]
fn secrets_stay_inside() {
    let server = server();
    let bytes = postcard::to_stdvec(&server).unwrap();
    assert!(!bytes.windows(8).any(|word| word == [7; 8]));
    assert!(format!("{server:?} {:?}", users()).matches("***").count() == 4);
}

/// BOX-140: what stands in a recording in place of a proof proves nothing to a box that is there, and all to a replay.
#[test]
fn a_recorded_outcome_is_believed_by_a_replay_alone() {
    let recorded = message("sip:h", "Authorization: Recorded proven 801\r\n");
    let mut server = server();
    assert_eq!(server.verify(at(1), phone(), &recorded, &users()), Outcome::Missing);
    assert_eq!(server.take_outcome(), Some(Outcome::Missing));
    let mut replay: Digest = postcard::from_bytes(&postcard::to_stdvec(&server).unwrap()).unwrap();
    let user = || "801".to_owned();
    for outcome in [
        Outcome::Proven { user: user() },
        Outcome::Wrong { user: user() },
        Outcome::Unknown { user: user() },
        stale(),
        Outcome::Missing,
    ] {
        let recorded = message("sip:h", &format!("Authorization: Recorded {}\r\n", outcome.word()));
        assert_eq!(replay.verify(at(1), phone(), &recorded, &Users::new()), outcome);
    }
    let proven = challenged(&mut server, "801", "right").request(1);
    assert_eq!(replay.verify(at(1), phone(), &proven, &users()), Outcome::Missing, "it has no secret to check it with");
}

/// Nonces that are out are good in the next realm too.
#[test]
fn a_realm_can_change() {
    let mut server = server();
    server.set_realm("other");
    assert!(server.challenges(at(1), phone(), Offer::Md5, false)[0].contains("realm=\"other\""));
}
