//! What is remembered of requests, who may look at it, and for how long it is kept.

use super::{HOUR, Office, Response, START, agent, refused};
use callbox::{
    schema::Actor,
    store::{AuditQuery, Write},
};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "long enough";

impl Office {
    /// Entries on the disk, newest first, as soon as there are so many.
    pub async fn entries(&self, count: usize) -> Vec<Value> {
        let cookie = self.owner().await;
        loop {
            let page = self.ask(&cookie, "GET", "/panel/audit?limit=100", Value::Null).await.json();
            let found: Vec<_> = page["items"].as_array().unwrap().clone();
            if found.len() > count {
                // The last sign-in is the reader's own.
                return found.into_iter().filter(|entry| entry["username"] != "boss").collect();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn csv(&self, cookie: &str, query: &str) -> Response {
        self.ask(cookie, "GET", &format!("/panel/audit/export{query}"), Value::Null).await
    }
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

/// AUD-1, AUD-2, AUD-5, AUD-6, AUD-10..17, LST-27: what hana does is remembered, refused or not, without secrets.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_does_is_remembered() {
    let office = Office::new().await;
    office.helper("hana", &["agent.view", "agent.add"]);
    office.sign_in("hana", "wrong horse").await;
    let signed = office.sign_in("hana", PASSWORD).await;
    let cookie = signed.cookie();
    office.ask(&cookie, "GET", "/panel/agents?search=80", Value::Null).await;
    let added = office.ask(&cookie, "POST", "/panel/agents?key=abc", agent("801")).await;
    assert_eq!(added.status, 201);
    office.ask(&cookie, "POST", "/panel/agents", json!({ "agent_number": "0" })).await;
    let id = added.json()["id"].as_str().unwrap().to_string();
    office.ask(&cookie, "DELETE", &format!("/panel/agents/{id}"), Value::Null).await;
    office.ask(&cookie, "DELETE", "/panel/session", Value::Null).await;
    let entries = office.entries(6).await;
    assert_eq!(actions(&entries), ["sign_out", "delete agent", "add agent", "add agent", "sign_in", "sign_in_failed"]);
    let [out, delete, wrong, add, enter, failed] = &entries[..] else { panic!("{entries:?}") };
    for (entry, status, error) in [
        (out, 204, Value::Null),
        (delete, 403, json!("forbidden")),
        (wrong, 422, json!("invalid")),
        (add, 201, Value::Null),
        (enter, 200, Value::Null),
        (failed, 401, json!("sign_in_failed")),
    ] {
        assert_eq!((&entry["status"], &entry["error"]), (&json!(status), &error), "{entry}");
        assert_eq!((&entry["username"], &entry["acted_by"]), (&json!("hana"), &Value::Null));
        assert_eq!((&entry["ip_address"], &entry["created_at"]), (&json!("127.0.0.1"), &json!(START.wall)));
    }
    assert_eq!(add["request_address"], "POST /panel/agents");
    let parameters = add["request_parameters"].as_str().unwrap();
    assert!(parameters.starts_with("?key=***\n{\"agent_number\":\"801\""), "{parameters}");
    assert!(parameters.contains("\"web_password\":\"***\"") && !parameters.contains(PASSWORD), "{parameters}");
    let token = add["token"].as_str().unwrap();
    assert!(token.len() == 8 && token.bytes().all(|b| b.is_ascii_hexdigit()) && !cookie.contains(token));
    assert_eq!((&enter["token"], &out["token"], &failed["token"]), (&json!(token), &json!(token), &json!("")));
    let dir = office.stopped().await;
    let bytes = std::fs::read(dir.path().join("audit.redb")).unwrap();
    assert!(!bytes.windows(PASSWORD.len()).any(|piece| piece == PASSWORD.as_bytes()), "AUD-16");
}

/// AUD-3, AUD-4, API-52: programs leave an entry for each request, people for looking into calls.
#[tokio::test(flavor = "multi_thread")]
async fn programs_and_readers_of_records_are_remembered() {
    let office = Office::new().await;
    office.helper("hana", &["call_record.view"]);
    let cookie = office.cookie("hana").await;
    office.ask(&cookie, "GET", "/panel/call_records?search=0171", Value::Null).await;
    office.ask(&cookie, "GET", "/panel/call_records/abc", Value::Null).await;
    office.send(office.program("GET", "/api/v1/agents?limit=5")).await;
    office.send(office.program("POST", "/api/v1/agents").json(&agent("801"))).await;
    office.send(office.program("GET", "/api/v1/elsewhere")).await;
    office.send(office.program("GET", "/api/v1/agents").with("Authorization", "Bearer wrong")).await;
    let entries = office.entries(7).await;
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry["username"].as_str().unwrap(), entry["action"].as_str().unwrap(), &entry["status"]))
        .collect();
    assert_eq!(
        seen,
        [
            ("api", "view agent", &json!(401)),
            ("api", "view elsewhere", &json!(404)),
            ("api", "add agent", &json!(201)),
            ("api", "view agent", &json!(200)),
            ("hana", "open call_record", &json!(404)),
            ("hana", "search call_record", &json!(200)),
            ("hana", "sign_in", &json!(200)),
        ]
    );
    assert_eq!(entries[3]["request_parameters"], "?limit=5");
    assert_eq!(entries[5]["request_parameters"], "?search=0171");
    assert_ne!(entries[0]["token"], entries[3]["token"]);
}

/// AUD-19, ACC-8 reading, MON-52: both names, in each entry of the session.
#[tokio::test(flavor = "multi_thread")]
async fn acting_as_another_is_remembered_under_both_names() {
    let office = Office::new().await;
    let id = office.agent("801").await["id"].as_str().unwrap().to_string();
    office.helper("hana", &["agent.sign_in_as"]);
    let cookie = office.cookie("hana").await;
    let acted = office.ask(&cookie, "POST", &format!("/panel/agents/{id}/sign_in_as"), Value::Null).await.cookie();
    office.ask(&acted, "POST", "/panel/agents", agent("802")).await;
    office.ask(&acted, "POST", "/panel/session/back", Value::Null).await;
    let entries = office.entries(5).await;
    let seen: Vec<_> = entries[..3]
        .iter()
        .map(|entry| {
            (entry["username"].as_str().unwrap(), entry["acted_by"].as_str(), entry["action"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [("801", Some("hana"), "sign_back"), ("801", Some("hana"), "add agent"), ("hana", None, "sign_in_as agent"),]
    );
}

/// AUD-6, AUD-20, AUD-23: no agent looks, whatever the role; nobody changes anything.
#[tokio::test(flavor = "multi_thread")]
async fn only_accounts_with_the_right_look() {
    let office = Office::new().await;
    let role = office.put("role", json!({ "name": "Auditor", "permissions": ["audit.view"] }));
    let mut value = agent("801");
    value["role"] = json!(role);
    office.put("agent", value);
    office.put(
        "account",
        json!({ "username": "hana", "first_name": "H", "last_name": "S", "password": PASSWORD, "role": role }),
    );
    let (hana, agent) = (office.cookie("hana").await, office.cookie("801").await);
    assert_eq!(office.ask(&hana, "GET", "/panel/audit", Value::Null).await.status, 200);
    assert_eq!(office.csv(&hana, "").await.refusal(), refused(403, "forbidden"));
    for path in ["/panel/audit", "/panel/audit/1-1", "/panel/audit/export"] {
        assert_eq!(office.ask(&agent, "GET", path, Value::Null).await.refusal(), refused(403, "forbidden"), "{path}");
    }
    let owner = office.owner().await;
    for (method, path) in [("POST", "/panel/audit"), ("PATCH", "/panel/audit/1-1"), ("DELETE", "/panel/audit/1-1")] {
        let response = office.ask(&owner, method, path, json!({})).await;
        assert_eq!(response.refusal(), refused(405, "method_not_allowed"), "{method} {path}");
    }
    assert_eq!(office.send(office.program("GET", "/api/v1/audit")).await.status, 404);
}

/// AUD-7, AUD-8, AUD-9, AUD-15, AUD-18: searched, narrowed, paged, opened, and saved as a file.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_searched_and_saved() {
    let office = Office::new().await;
    office.helper("hana", &["agent.view"]);
    let hana = office.cookie("hana").await;
    office.pass(HOUR);
    let owner = office.owner().await;
    let long = json!({ "name": "王".repeat(9000) });
    office.ask(&owner, "PATCH", "/panel/settings", long).await;
    office.ask(&owner, "PATCH", "/panel/settings", json!({ "name": "=Callbox" })).await;
    office.ask(&hana, "DELETE", "/panel/session", Value::Null).await;
    let list = async |query: &str| {
        let page = office.ask(&owner, "GET", &format!("/panel/audit{query}"), Value::Null).await;
        assert_eq!(page.status, 200, "{query}: {page:?}");
        page.json()
    };
    let found = async |query: &str| list(query).await["items"].as_array().unwrap().len();
    while found("?limit=100").await < 5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(found("?search=HANA").await, 2);
    assert_eq!(found("?search=settings").await, 2);
    assert_eq!(found("?search=127.0.0").await, 5);
    assert_eq!(found("?username=hana").await, 2);
    let hour_later = START.wall + Duration::from_secs(HOUR);
    assert_eq!(found(&format!("?from={hour_later}")).await, 4);
    assert_eq!(found(&format!("?to={hour_later}&search=hana")).await, 1);
    assert_eq!(office.ask(&owner, "GET", "/panel/audit?from=soon", Value::Null).await.status, 422);
    let first = list("?limit=2").await;
    let rest = list(&format!("?limit=100&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!((&first["total"], rest["items"].as_array().unwrap().len(), &rest["next"]), (&json!(5), 3, &Value::Null));

    let cut = &list("?search=settings").await["items"][1];
    assert_eq!(
        (cut["request_parameters"].as_str().unwrap().chars().count(), &cut["parameters_cut"]),
        (8192, &json!(true))
    );
    assert_eq!((&cut["status"], &cut["error"]), (&json!(422), &json!("invalid")));
    let one = office.ask(&owner, "GET", &format!("/panel/audit/{}", cut["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(&one.json(), cut);
    assert_eq!(office.ask(&owner, "GET", "/panel/audit/7-7", Value::Null).await.status, 404);

    let other = office.ask(&owner, "PATCH", "/panel/preferences", json!({ "export_encoding": "gb18030" })).await;
    assert_eq!(other.status, 200, "{other:?}");
    let file = office.csv(&owner, "?search=settings").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=gb18030"), "PRF-36");
    assert!(file.body.starts_with(b"username"), "without the mark of UTF-8");
    office.ask(&owner, "PATCH", "/panel/preferences", json!({ "export_encoding": "utf-8-bom" })).await;
    let file = office.csv(&owner, "?search=settings").await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"audit.csv\""));
    let text = String::from_utf8_lossy(&file.body);
    assert!(text.contains("username,acted_by,action,ip_address,request_address"), "{text}");
    assert_eq!((text.matches("edit settings").count(), text.matches("hana").count()), (2, 0));
    while found("?search=audit/export").await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let exported = list("?search=audit/export").await;
    assert_eq!(exported["items"][0]["action"], "export audit", "AUD-1");
}

/// AUD-21, AUD-22, and what a stop and a power cut leave: all that was answered.
#[tokio::test(flavor = "multi_thread")]
async fn entries_outlive_a_stop_and_go_after_their_days() {
    let office = Office::new().await;
    let owner = office.owner().await;
    let days = office.ask(&owner, "PATCH", "/panel/settings", json!({ "audit_days": 2 })).await;
    assert_eq!(days.status, 200, "{days:?}");
    let all = AuditQuery { limit: 100, ..AuditQuery::default() };
    let kept = office.store.audited(&all).unwrap();
    assert_eq!(kept.total, 2, "what was changed is on the disk when it is answered");
    assert_eq!(kept.items[0].1.action, "edit settings");
    let office = office.again(Duration::from_secs(24 * HOUR)).await;
    office
        .store
        .write(&Actor::System, START.wall, "settings", Write::Set { rev: None, value: Default::default() })
        .unwrap();
    assert_eq!(office.store.audited(&all).unwrap().total, 2);
    let office = office.again(Duration::from_secs(25 * HOUR)).await;
    while office.store.audited(&all).unwrap().total > 0 {
        tokio::task::yield_now().await;
    }
}

/// PRF-26: a proxy is believed only if the box's configuration names it.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_believed_if_it_is_known() {
    let office = Office::new().await;
    let forwarded = "198.51.100.7, 203.0.113.9 , 127.0.0.1";
    let visit = async |office: &Office| {
        let body = json!({ "username": "nobody", "password": "wrong horse" });
        office.send(office.page("POST", "/panel/session").with("X-Forwarded-For", forwarded).json(&body)).await;
        office.entries(1).await.iter().map(|entry| entry["ip_address"].as_str().unwrap().to_string()).next().unwrap()
    };
    assert_eq!(visit(&office).await, "127.0.0.1");
    let proxies = json!({ "trusted_proxies": ["127.0.0.0/8"] });
    let value = proxies.as_object().unwrap().clone();
    office.store.write(&Actor::System, START.wall, "settings", Write::Set { rev: None, value }).unwrap();
    let seen = async |address: &str| loop {
        let found = visit(&office).await;
        if found == address {
            break;
        }
    };
    seen("203.0.113.9").await;
}
