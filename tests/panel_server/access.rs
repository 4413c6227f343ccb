//! How programs get in: their key, the addresses they come from, how often they may ask.

use super::{Office, START, refused};
use callbox::{schema::Actor, store::Write};
use serde_json::{Value, json};
use std::{fs, time::Duration};

impl Office {
    /// Loopback is a proxy that the box trusts, so that requests can come from anywhere.
    fn behind_a_proxy(&self) {
        let Value::Object(value) = json!({ "trusted_proxies": ["127.0.0.1"] }) else { unreachable!() };
        self.store.write(&Actor::System, START.wall, "settings", Write::Set { rev: None, value }).unwrap();
    }

    pub fn set_access(&self, value: Value) {
        let Value::Object(value) = value else { unreachable!() };
        self.store.write(&Actor::System, START.wall, "api_access", Write::Set { rev: None, value }).unwrap();
    }

    async fn asks_with(&self, key: &str) -> (u16, String) {
        let request = self.program("GET", "/api/v1/agents").with("Authorization", &format!("Bearer {key}"));
        self.send(request).await.refusal()
    }
}

/// API-1, API-2, API-3, API-5, API-6, API-51, AUD-16: the owner has the box make a key and sees it once; its end is
/// shown from then on, and it is nowhere on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_and_shown_once() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let page = |method: &str, path: &str| office.page(method, path).with("Cookie", &cookie);
    let former = office.key.clone();
    assert_eq!(office.asks_with(&former).await.0, 200);
    let made = office.send(page("POST", "/panel/api_access/api_key")).await;
    assert_eq!((made.status, made.header("etag")), (200, Some("\"2\"")), "{made:?}");
    let key = made.json()["generated"]["api_key"].as_str().unwrap().to_owned();
    assert!(key.len() == 40 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
    assert_eq!(office.asks_with(&former).await, refused(401, "unauthorized"));
    assert_eq!(office.asks_with(&key).await.0, 200);
    let row = office.send(page("GET", "/panel/api_access")).await.json();
    assert_eq!(row["api_key"], format!("***{}", &key[36..]));
    assert!(row.get("generated").is_none());

    // What comes back as it was shown changes nothing.
    let same = json!({ "api_key": row["api_key"], "custom_call_record": true });
    assert_eq!(office.send(page("PATCH", "/panel/api_access").json(&same)).await.status, 200);
    assert_eq!(office.asks_with(&key).await.0, 200);
    let typed = "typed-by_the-owner-42";
    let set = office.send(page("PATCH", "/panel/api_access").json(&json!({ "api_key": typed }))).await;
    assert_eq!(set.json()["api_key"], "***r-42");
    assert_eq!((office.asks_with(&key).await.0, office.asks_with(typed).await.0), (401, 200));
    let wrong = office.send(page("PATCH", "/panel/api_access").json(&json!({ "api_key": "too short" }))).await;
    assert_eq!(wrong.json()["fields"]["api_key"], json!({ "why": "too_short", "min": 16 }));

    let dir = office.stopped().await;
    for file in fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = fs::read(&file).unwrap();
        for key in [&*former, &key, typed] {
            assert!(!bytes.windows(key.len()).any(|piece| piece == key.as_bytes()), "{}", file.display());
        }
    }
}

/// API-4, API-20: without a key the API is off.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_key_switches_the_api_off() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    for nothing in [json!(null), json!(" ")] {
        let off =
            office.page("PATCH", "/panel/api_access").with("Cookie", &cookie).json(&json!({ "api_key": nothing }));
        assert_eq!(office.send(off).await.json()["api_key"], Value::Null);
        for key in [&*office.key, "", "null"] {
            let request = office.program("GET", "/api/v1/agents").with("Authorization", &format!("Bearer {key}"));
            let response = office.send(request).await;
            assert_eq!(response.refusal(), refused(401, "unauthorized"));
            assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        }
        office.set_access(json!({ "api_key": office.key }));
        assert_eq!(office.asks_with(&office.key).await.0, 200);
    }
}

/// API-2, ROL-10: whoever has not the right sees, sets and makes nothing; who may only look makes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn api_access_is_for_who_may() {
    let office = Office::new().await;
    office.helper("looks", &["api_access.view"]);
    office.helper("other", &["agent.view", "box.view"]);
    let (looks, other) = (office.cookie("looks").await, office.cookie("other").await);
    for (cookie, method, path, status) in [
        (&other, "GET", "/panel/api_access", 403),
        (&other, "PATCH", "/panel/api_access", 403),
        (&other, "POST", "/panel/api_access/api_key", 403),
        (&looks, "GET", "/panel/api_access", 200),
        (&looks, "PATCH", "/panel/api_access", 403),
        (&looks, "POST", "/panel/api_access/api_key", 403),
    ] {
        let response = office.send(office.page(method, path).with("Cookie", cookie).json(&json!({}))).await;
        assert_eq!(response.status, status, "{method} {path}");
    }
    assert_eq!(office.send(office.program("GET", "/api/v1/api_access")).await.refusal(), refused(404, "not_found"));
    let elsewhere = office.page("POST", "/panel/api_access/limit_data").with("Cookie", &office.owner().await);
    assert_eq!(office.send(elsewhere).await.refusal(), refused(405, "method_not_allowed"));
}

/// API-10, API-11, API-12, API-14, API-23: an address that is not listed neither asks nor signs in, whatever it shows;
/// who is signed in goes on.
#[tokio::test(flavor = "multi_thread")]
async fn only_listed_addresses_ask_and_sign_in() {
    let office = Office::new().await;
    office.behind_a_proxy();
    office.set_access(json!({ "limit_data": 1 }));
    let cookie = office.owner().await;
    let from = |request: super::Request, address: &str| request.with("X-Forwarded-For", address);
    let ask = |address: &str, key: &str| {
        let bearer = format!("Bearer {key}");
        office.send(from(office.program("GET", "/api/v1/agents").with("Authorization", &bearer), address))
    };
    assert_eq!(ask("203.0.113.9", &office.key).await.status, 200, "an empty list lets all in");
    office.set_access(json!({ "api_ip_allowlist": ["192.0.2.0/24", "2001:db8::7"] }));
    let outside = refused(403, "address_not_allowed");
    assert_eq!(ask("203.0.113.9", &office.key).await.refusal(), outside);
    assert_eq!(ask("203.0.113.9", "wrong").await.refusal(), outside, "the address is looked at before the key");
    assert_eq!(ask("192.0.2.9", "wrong").await.refusal(), refused(401, "unauthorized"), "the key before the limit");
    assert_eq!(ask("192.0.2.9", &office.key).await.refusal(), refused(429, "rate_limited"));
    office.pass(60);
    for address in ["192.0.2.9", "2001:db8::7", "::ffff:192.0.2.1", "127.0.0.1", "::1"] {
        assert_eq!(ask(address, &office.key).await.status, 200, "{address}");
        office.pass(60);
    }
    let form = json!({ "username": "boss", "password": "correct horse" });
    let sign_in = |address: &str| office.send(from(office.page("POST", "/panel/session").json(&form), address));
    for _ in 0..40 {
        assert_eq!(sign_in("203.0.113.9").await.refusal(), outside);
    }
    assert_eq!(sign_in("192.0.2.9").await.status, 200);
    assert_eq!(sign_in("127.0.0.1").await.status, 200);
    let open = office.page("GET", "/panel/session").with("Cookie", &cookie);
    assert_eq!(office.send(from(open, "203.0.113.9")).await.status, 200);
}

/// DSK-5, BOX-155: whoever has a network of IPv6 guesses no more often than whoever has an address; in the office each
/// address counts for itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_ipv6_guesses_as_one() {
    let office = Office::new().await;
    office.behind_a_proxy();
    let ask = |address: String, key: &str| {
        let bearer = format!("Bearer {key}");
        let request = office.program("GET", "/api/v1/agents").with("Authorization", &bearer);
        office.send(request.with("X-Forwarded-For", &address))
    };
    let guess = async |network: &str| {
        for n in 1..=30 {
            assert_eq!(ask(format!("{network}::{n:x}"), "wrong").await.status, 401);
        }
        ask(format!("{network}:7::9"), &office.key).await.status
    };
    assert_eq!(guess("2001:db8:1:2").await, 401);
    assert_eq!(ask("2001:db8:1:3::9".into(), &office.key).await.status, 200);
    let Value::Object(value) = json!({ "local_networks": ["2001:db8:2::/48"] }) else { unreachable!() };
    office.store.write(&Actor::System, START.wall, "settings", Write::Set { rev: None, value }).unwrap();
    assert_eq!(guess("2001:db8:2:2").await, 200);
}

/// PRF-20..25: the preferences' list is for every request of the panel, and for no program.
#[tokio::test(flavor = "multi_thread")]
async fn only_listed_addresses_use_the_panel() {
    let office = Office::new().await;
    office.behind_a_proxy();
    let cookie = office.owner().await;
    let Value::Object(value) = json!({ "ip_allowlist": ["192.0.2.0/24"] }) else { unreachable!() };
    office.store.write(&Actor::System, START.wall, "preferences", Write::Set { rev: None, value }).unwrap();
    for (method, path) in [("GET", "/panel/session"), ("GET", "/panel/agents"), ("POST", "/panel/session")] {
        let asked = |address: &str| {
            office.page(method, path).with("Cookie", &cookie).with("X-Forwarded-For", address).json(&json!({}))
        };
        let outside = office.send(asked("203.0.113.9")).await;
        assert_eq!(outside.refusal(), refused(403, "address_not_allowed"), "{method} {path}");
        for address in ["192.0.2.9", "127.0.0.1"] {
            assert_ne!(office.send(asked(address)).await.status, 403, "{method} {path} {address}");
        }
    }
    let program = office.program("GET", "/api/v1/agents").with("X-Forwarded-For", "203.0.113.9");
    assert_eq!(office.send(program).await.status, 200);
}

/// API-9, API-13, PRF-20, PRF-24: nobody saves a list that their own address is not on; nothing is written then.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_locks_themselves_out() {
    let office = Office::new().await;
    office.behind_a_proxy();
    let cookie = office.owner().await;
    for (path, field) in [("/panel/api_access", "api_ip_allowlist"), ("/panel/preferences", "ip_allowlist")] {
        let save = |list: Value| {
            let request = office.page("PATCH", path).with("Cookie", &cookie).with("X-Forwarded-For", "192.0.2.9");
            office.send(request.json(&json!({ field: list })))
        };
        let outside = save(json!(["203.0.113.0/24", "10.0.0.1"])).await;
        assert_eq!(outside.refusal(), refused(422, "would_lock_out"), "{field}");
        assert_eq!(outside.json()["fields"][field], json!({ "why": "would_lock_out" }));
        assert_eq!(save(json!(["192.0.2"])).await.refusal(), refused(422, "invalid"));
        let row = office.send(office.page("GET", path).with("Cookie", &cookie)).await.json();
        assert_eq!(row[field], json!([]));
        assert_eq!(save(json!(["203.0.113.0/24", "192.0.2.9"])).await.status, 200);
        assert_eq!(save(json!([])).await.status, 200);
    }
}

/// API-15, API-17, API-30 to API-35, API-52: so many in a minute, told when the next may come; what is refused is
/// remembered and does not count.
#[tokio::test(flavor = "multi_thread")]
async fn programs_ask_so_often_and_no_more() {
    let office = Office::new().await;
    let ask = |path: &str| office.send(office.program("GET", path));
    for n in 0..60 {
        // Whatever the path, found or not.
        let path = ["/api/v1/agents", "/api/v1/calls", "/api/v1/nowhere"][n % 3];
        assert_ne!(ask(path).await.status, 429, "{n}");
    }
    office.pass(20);
    for path in ["/api/v1/agents", "/api/v1/nowhere"] {
        let over = ask(path).await;
        assert_eq!(over.refusal(), refused(429, "rate_limited"));
        assert_eq!(over.header("retry-after"), Some("40"));
    }
    // Writing is not reading.
    assert_eq!(office.agent("801").await["agent_number"], "801");
    office.set_access(json!({ "limit_data": 61 }));
    assert_eq!((ask("/api/v1/agents").await.status, ask("/api/v1/agents").await.status), (200, 429));
    office.set_access(json!({ "limit_data": 0 }));
    assert_eq!(ask("/api/v1/agents").await.status, 200);
    office.set_access(json!({ "limit_data": 60 }));
    office.pass(40);
    assert_eq!(ask("/api/v1/agents").await.status, 200);
    let audit = office.page("GET", "/panel/audit?limit=500").with("Cookie", &office.owner().await);
    let entries = office.send(audit).await.json()["items"].clone();
    let limited =
        entries.as_array().unwrap().iter().filter(|entry| entry["error"] == "rate_limited").collect::<Vec<_>>();
    assert_eq!(limited.len(), 3);
    assert_eq!((&limited[0]["username"], &limited[0]["status"]), (&json!("api"), &json!(429)));

    let office = office.again(Duration::from_secs(1)).await;
    office.set_access(json!({ "limit_data": 2 }));
    let status = async || office.send(office.program("GET", "/api/v1/agents")).await.status;
    assert_eq!((status().await, status().await, status().await), (200, 200, 429));
}
