//! What the owner sets, and whom the owner lets in again, as phones feel it.

use crate::harness::{Agent, Callbox, Client, Lan, Namespace, baresip::SOON, message::parameter, wait, web::Web};
use serde_json::{Value, json};

fn owner<'a>(office: &Callbox<'a>) -> Web<'a> {
    let mut web = office.web();
    let owner = office.said.owner.as_ref().expect("the example office has an owner");
    let form = json!({ "username": owner.username, "password": owner.password });
    assert_eq!(web.sign_in("/panel/session", &form), 200);
    web
}

fn set(web: &Web, value: Value) {
    let (status, body) = web.send("PATCH", "/panel/settings", Some(&value));
    assert_eq!(status, 200, "{body}");
}

/// Algorithm and realm of each challenge that a REGISTER gets.
fn challenges(client: &mut Client) -> Vec<(String, String)> {
    let dialog = client.dialog("801");
    let request = client.request("REGISTER", "sip:callbox", &dialog, "", "");
    let answer = client.ask(&request).expect("an answer");
    let said = |challenge: &str, name: &str| parameter(challenge, name).unwrap_or_default();
    answer.values("WWW-Authenticate").map(|one| (said(one, "algorithm"), said(one, "realm"))).collect()
}

/// BOX-9, BOX-43, BOX-141, BOX-151, PRF-4: what is saved in the panel holds for the next message, without a restart.
#[test]
fn what_is_set_holds_at_once() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (web, place) = (owner(&office), lan.place());
    let mut phone = office.client(&place, 5060, "801");
    let challenge = |algorithm: &str, realm: &str| (algorithm.to_owned(), realm.to_owned());
    assert_eq!(challenges(&mut phone), [challenge("MD5", "callbox")]);
    set(&web, json!({ "digest": "sha256_and_md5", "realm": "front.example" }));
    let both = [challenge("SHA-256", "front.example"), challenge("MD5", "front.example")];
    assert_eq!(challenges(&mut phone), both);
    assert_eq!(phone.register("SHA-256", 60).code(), Some(200));

    set(&web, json!({ "local_networks": ["192.168.0.0/16"] }));
    assert_eq!(phone.register("SHA-256", 60).code(), Some(403), "it is outside now");
    set(&web, json!({ "local_networks": [format!("{}/32", place.address)] }));
    assert_eq!(phone.register("SHA-256", 60).code(), Some(200));
    let stale = web.send("PATCH", "/panel/settings", Some(&json!({ "max_calls": 0 })));
    assert_eq!(stale.0, 422, "{}", stale.1);
}

/// BOX-145, BOX-146: a ban is listed with its reason and count; lifted, or made impossible, the address is heard
/// again at once and after a restart.
#[test]
fn a_ban_is_seen_and_lifted() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let (place, other) = (lan.place(), lan.place());
    let wrong = Agent { sip_password: "guess".into(), ..office.agent("801").clone() };
    let guess = |office: &Callbox, place: &Namespace| {
        let mut guesser = Client::udp(place, 5060, &wrong, &office.said.sip);
        (0..10).for_each(|_| assert_eq!(guesser.register("MD5", 60).code(), Some(401)));
    };
    let bans = |web: &Web| web.get("/panel/bans").1["items"].as_array().expect("a list").clone();
    let heard = |office: &Callbox, place: &Namespace, port: u16| {
        let mut right = office.client(place, port, "802");
        let request = |client: &mut Client| {
            let dialog = client.dialog("801");
            client.request("OPTIONS", "sip:callbox", &dialog, "", "")
        };
        wait("it is heard again", SOON, || {
            let text = request(&mut right);
            right.send(text.as_bytes());
            right.receive(SOON / 20)
        });
    };
    let web = owner(&office);
    assert_eq!(bans(&web), [] as [Value; 0]);
    guess(&office, &place);
    let banned = bans(&web);
    assert_eq!(banned.len(), 1, "{banned:?}");
    let told = (&banned[0]["address"], &banned[0]["reason"], &banned[0]["times"]);
    assert_eq!(told, (&json!(place.address), &json!("wrong_password"), &json!(1)));
    let (status, body) = web.send("POST", "/panel/bans/delete", Some(&json!({ "ids": [place.address] })));
    assert_eq!((status, &body["deleted"]), (200, &json!(1)), "{body}");
    assert_eq!(bans(&web), [] as [Value; 0]);
    heard(&office, &place, 5062);

    guess(&office, &other);
    assert_eq!(bans(&web).len(), 1);
    set(&web, json!({ "never_ban": [other.address] }));
    assert_eq!(bans(&web), [] as [Value; 0]);
    heard(&office, &other, 5066);
    set(&web, json!({ "never_ban": [] }));

    office.stop();
    office.start_again();
    heard(&office, &place, 5064);
    heard(&office, &other, 5068);
    assert_eq!(bans(&owner(&office)), [] as [Value; 0]);
}
