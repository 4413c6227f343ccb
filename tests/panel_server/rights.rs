//! Who may do what: sign-in of accounts and agents, roles, signing in as another, own passwords.

use super::{Office, Response, START, call_row, refused, state_of};
use callbox::{
    call::command::{Command, HeardBy},
    schema::Actor,
    store::Write,
    view::{AgentState, BoxRow, Change},
};
use serde_json::{Value, json};
use std::sync::Arc;

const PASSWORD: &str = "long enough";

impl Office {
    /// Written by the box itself; gives the id.
    pub fn put(&self, noun: &str, value: Value) -> String {
        let value = value.as_object().unwrap().clone();
        let written = self.store.write(&Actor::System, START.wall, noun, Write::Add { value });
        written.unwrap_or_else(|why| panic!("{noun}: {why}")).id.to_string()
    }

    pub fn set(&self, noun: &str, id: &str, value: Value) {
        let (id, value) = (id.parse().unwrap(), value.as_object().unwrap().clone());
        self.store.write(&Actor::System, START.wall, noun, Write::Change { id, rev: None, value }).unwrap();
    }

    /// A role with these permissions, and an account that holds it.
    pub fn helper(&self, name: &str, permissions: &[&str]) -> (String, String) {
        let role = self.put("role", json!({ "name": name, "permissions": permissions }));
        let account = self.put(
            "account",
            json!({ "username": name, "first_name": "Hana", "last_name": "Sato", "password": PASSWORD, "role": role }),
        );
        (role, account)
    }

    /// The cookie of whoever signs in with the password of these tests.
    pub async fn cookie(&self, username: &str) -> String {
        let response = self.sign_in(username, PASSWORD).await;
        assert_eq!(response.status, 200, "{response:?}");
        response.cookie()
    }

    pub async fn ask(&self, cookie: &str, method: &str, path: &str, body: Value) -> Response {
        let request = self.page(method, path).with("Cookie", cookie);
        self.send(if body.is_null() { request } else { request.json(&body) }).await
    }
}

/// DSK-1, DSK-2, DSK-3, DSK-20, DSK-22, AGT-12, AGT-20, AGT-27
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_signs_in_with_number_and_web_password() {
    let office = Office::new().await;
    let id = office.agent("801").await["id"].as_str().unwrap().to_string();
    let response = office.sign_in(" 801 ", PASSWORD).await;
    assert_eq!(response.status, 200);
    let (body, cookie) = (response.json(), response.cookie());
    assert_eq!((&body["account"]["kind"], &body["account"]["username"]), (&json!("agent"), &json!("801")));
    assert_eq!((&body["account"]["role"], &body["acted_by"]), (&Value::Null, &Value::Null));
    let permissions = body["rights"]["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("customer.edit")) && permissions.contains(&json!("panel.pause")));
    assert!(!permissions.contains(&json!("agent.view")));
    for (method, path) in [("GET", "/panel/agents"), ("GET", "/panel/call_records"), ("GET", "/panel/settings")] {
        assert_eq!(office.ask(&cookie, method, path, Value::Null).await.refusal(), refused(403, "forbidden"), "{path}");
    }
    assert_eq!(office.sign_in("801", "wrong horse").await.refusal(), refused(401, "sign_in_failed"));
    assert_eq!(office.sign_in("899", PASSWORD).await.refusal(), refused(401, "sign_in_failed"));

    office.set("agent", &id, json!({ "status": "disabled" }));
    let told = office.sign_in("801", PASSWORD).await;
    assert_eq!(told.refusal(), refused(403, "disabled"));
    assert_eq!(
        told.json()["message"],
        "This account is disabled and cannot sign in. Please contact the administrator."
    );
    assert_eq!(office.sign_in("801", "wrong horse").await.refusal(), refused(401, "sign_in_failed"));
    let open = office.ask(&cookie, "GET", "/panel/session", Value::Null).await;
    assert_eq!(open.refusal(), refused(401, "unauthorized"), "its open sessions ended");
}

/// ACC-13 and its reading, DSK-79: what ends a session ends it at once, and for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_the_status_and_the_password() {
    let office = Office::new().await;
    let (_, account) = office.helper("hana", &["agent.view"]);
    let open = async |cookie: &str| office.ask(cookie, "GET", "/panel/session", Value::Null).await.status;
    let cookie = office.cookie("hana").await;
    office.set("account", &account, json!({ "remark": "on leave" }));
    assert_eq!(open(&cookie).await, 200);
    office.set("account", &account, json!({ "status": "disabled" }));
    assert_eq!(open(&cookie).await, 401);
    assert_eq!(office.sign_in("hana", PASSWORD).await.refusal(), refused(401, "sign_in_failed"));
    office.set("account", &account, json!({ "status": "enabled" }));
    assert_eq!(open(&cookie).await, 401, "it does not come back");
    let cookie = office.cookie("hana").await;
    office.set("account", &account, json!({ "password": "another word" }));
    assert_eq!(open(&cookie).await, 401);
}

/// DSK-11: whoever signs out while the session's last use is being written is out over a restart, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_does_not_come_back() {
    let office = Office::new().await;
    office.helper("hana", &["agent.view"]);
    let mut ended = Vec::new();
    for _ in 0..40 {
        let cookie = office.cookie("hana").await;
        office.pass(601);
        let open = office.ask(&cookie, "GET", "/panel/session", Value::Null);
        let (_, out) = tokio::join!(open, office.ask(&cookie, "DELETE", "/panel/session", Value::Null));
        assert_eq!(out.status, 204);
        ended.push(cookie);
    }
    let office = office.again(std::time::Duration::from_secs(60)).await;
    for cookie in ended {
        assert_eq!(office.ask(&cookie, "GET", "/panel/session", Value::Null).await.status, 401);
    }
}

/// DSK-77, DSK-78, DSK-79: the own password is typed once more; this session goes on, also over a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_sets_the_own_password() {
    let office = Office::new().await;
    office.agent("801").await;
    let (here, there) = (office.cookie("801").await, office.cookie("801").await);
    let form = |password: &str, new: &str, again: &str| json!({ "password": password, "new_password": new, "new_password_confirm": again });
    for (body, field, why) in [
        (form("wrong horse", "another word", "another word"), "password", "pattern"),
        (form(PASSWORD, "another word", "another wor"), "new_password_confirm", "pattern"),
        (form(PASSWORD, "short", "short"), "new_password", "too_short"),
        (form(PASSWORD, "", ""), "new_password", "required"),
    ] {
        let response = office.ask(&here, "POST", "/panel/me/password", body).await;
        assert_eq!(response.refusal(), refused(422, "invalid"), "{field}");
        assert_eq!(response.json()["fields"][field]["why"], why, "{response:?}");
    }
    let set = office.ask(&here, "POST", "/panel/me/password", form(PASSWORD, "another word", "another word")).await;
    assert_eq!(set.status, 204, "{set:?}");
    let open =
        async |office: &Office, cookie: &str| office.ask(cookie, "GET", "/panel/session", Value::Null).await.status;
    assert_eq!((open(&office, &here).await, open(&office, &there).await), (200, 401));
    assert_eq!(office.sign_in("801", PASSWORD).await.status, 401);
    assert_eq!(office.sign_in("801", "another word").await.status, 200);
    let office = office.again(std::time::Duration::from_secs(60)).await;
    assert_eq!(open(&office, &here).await, 200);
}

/// LST-1, LST-2, ROL-15, ROL-17: each request is held against the role as it is now.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_decides_at_the_next_request() {
    let office = Office::new().await;
    let id = office.agent("801").await["id"].as_str().unwrap().to_string();
    let (role, _) = office.helper("hana", &["agent.view"]);
    let cookie = office.cookie("hana").await;
    let (one, new) =
        (format!("/panel/agents/{id}"), json!({ "agent_number": "802", "first_name": "B", "web_password": PASSWORD }));
    let drawn = office.ask(&cookie, "GET", "/panel/schema", Value::Null).await.json();
    let names: Vec<_> =
        drawn["resources"].as_array().unwrap().iter().map(|noun| (&noun["name"], &noun["may"])).collect();
    assert_eq!(names, [(&json!("agent"), &json!([]))]);
    assert_eq!(office.ask(&cookie, "GET", "/panel/agents", Value::Null).await.status, 200);
    let delete = json!({ "ids": [id] });
    let actions = [
        ("agent.add", "POST", "/panel/agents", new.clone()),
        ("agent.edit", "PATCH", &one, json!({ "last_name": "X" })),
        ("agent.edit", "POST", &format!("{one}/reveal"), Value::Null),
        ("agent.delete", "POST", "/panel/agents/delete", delete),
        ("agent.delete", "DELETE", &one, Value::Null),
    ];
    for (_, method, path, body) in &actions {
        let response = office.ask(&cookie, method, path, body.clone()).await;
        assert_eq!(response.refusal(), refused(403, "forbidden"), "{method} {path}");
    }
    for (permission, method, path, body) in &actions {
        if *method == "DELETE" {
            continue;
        }
        office.set("role", &role, json!({ "permissions": ["agent.view", permission] }));
        let response = office.ask(&cookie, method, path, body.clone()).await;
        assert!(response.status < 300, "{method} {path}: {response:?}");
    }
    office.set("role", &role, json!({ "permissions": [] }));
    assert_eq!(office.ask(&cookie, "GET", "/panel/agents", Value::Null).await.refusal(), refused(403, "forbidden"));
}

/// ROL-9, ROL-10, LST-3: what a role does not show never leaves the box, and cannot be set.
#[tokio::test(flavor = "multi_thread")]
async fn hidden_fields_and_closed_tabs_stay_inside() {
    let office = Office::new().await;
    let (role, account) = office.helper("hana", &["account.view", "account.edit", "agent.view", "agent.edit"]);
    let id = office.agent("801").await["id"].as_str().unwrap().to_string();
    office.set("role", &role, json!({ "hidden_fields": ["agent.last_name"], "closed_tabs": ["account.advanced"] }));
    let cookie = office.cookie("hana").await;
    let drawn = office.ask(&cookie, "GET", "/panel/schema", Value::Null).await.json().to_string();
    assert!(!drawn.contains("last_name\":{\"type\":\"string\",\"maxLength\":40,\"x-kind\":\"text\""), "{drawn}");
    let list = office.ask(&cookie, "GET", "/panel/agents", Value::Null).await.json();
    assert_eq!((list["items"][0].get("last_name"), &list["items"][0]["first_name"]), (None, &json!("Anna")));
    let one = format!("/panel/agents/{id}");
    assert_eq!(office.ask(&cookie, "GET", &one, Value::Null).await.json().get("last_name"), None);
    let set = office.ask(&cookie, "PATCH", &one, json!({ "last_name": "X" })).await;
    assert_eq!(
        (set.refusal(), &set.json()["fields"]["last_name"]["why"]),
        (refused(403, "forbidden"), &json!("forbidden"))
    );
    let set = office.ask(&cookie, "PATCH", &one, json!({ "first_name": "Bea" })).await;
    assert_eq!((set.status, set.json().get("last_name")), (200, None));

    let own = format!("/panel/accounts/{account}");
    assert_eq!(office.ask(&cookie, "GET", &own, Value::Null).await.json().get("remark"), None);
    let set = office.ask(&cookie, "PATCH", &own, json!({ "remark": "X" })).await;
    assert_eq!(set.refusal(), refused(403, "forbidden"));
    assert_eq!(office.ask(&cookie, "PATCH", &own, json!({ "first_name": "Hanako" })).await.status, 200);
}

/// people.md, Roles: nobody gives what they lack, nor edits the own role; ROL-5: one in use stays.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_lack() {
    let office = Office::new().await;
    let all = [
        "role.view",
        "role.add",
        "role.edit",
        "role.delete",
        "account.view",
        "account.add",
        "account.edit",
        "agent.view",
    ];
    let (own, account) = office.helper("hana", &all);
    let (wide, admin) = office.helper("admin", &["box.restore"]);
    let cookie = office.cookie("hana").await;
    let role = async |method: &str, id: &str, body: Value| {
        office.ask(&cookie, method, &format!("/panel/roles{id}"), body).await
    };
    let forbidden = |response: &Response, field: &str| {
        assert_eq!(response.refusal(), refused(403, "forbidden"), "{response:?}");
        assert!(field.is_empty() || response.json()["fields"][field]["why"] == "forbidden", "{response:?}");
    };
    let made = role("POST", "", json!({ "name": "Small", "permissions": ["agent.view"] })).await;
    assert_eq!(made.status, 201, "{made:?}");
    forbidden(&role("POST", "", json!({ "name": "Big", "permissions": ["box.restore"] })).await, "permissions");
    forbidden(&role("POST", "", json!({ "name": "Big", "scopes": { "customer": "all" } })).await, "scopes");
    let (wide_path, own_path) = (format!("/{wide}"), format!("/{own}"));
    assert_eq!(role("PATCH", &wide_path, json!({ "name": "Renamed" })).await.status, 200);
    assert_eq!(role("PATCH", &wide_path, json!({ "permissions": ["box.restore", "agent.view"] })).await.status, 200);
    forbidden(&role("PATCH", &wide_path, json!({ "permissions": ["box.restore", "box.update"] })).await, "permissions");
    forbidden(&role("PATCH", &own_path, json!({ "name": "Mine" })).await, "");
    forbidden(&role("DELETE", &own_path, Value::Null).await, "");

    let in_use = role("DELETE", &wide_path, Value::Null).await;
    assert_eq!(in_use.refusal(), refused(409, "in_use"), "ROL-5");
    let small = made.json()["id"].as_str().unwrap().to_string();
    assert_eq!(role("DELETE", &format!("/{small}"), Value::Null).await.status, 204);

    let people = async |method: &str, id: &str, body: Value| {
        office.ask(&cookie, method, &format!("/panel/accounts{id}"), body).await
    };
    let new = |role: &str| json!({ "username": "new", "first_name": "N", "last_name": "N", "password": PASSWORD, "role": role });
    forbidden(&people("POST", "", new(&wide)).await, "role");
    forbidden(&people("PATCH", &format!("/{account}"), json!({ "role": wide })).await, "role");
    forbidden(&people("PATCH", &format!("/{admin}"), json!({ "password": "another word" })).await, "password");
    // A form sends back a secret as it was shown or left empty: nobody sets it with that (ACC-17 reading).
    for untyped in [json!(""), json!("  "), json!("***"), Value::Null] {
        let saved = people("PATCH", &format!("/{admin}"), json!({ "password": untyped, "remark": "seen" })).await;
        assert_eq!((saved.status, &saved.json()["remark"]), (200, &json!("seen")), "{untyped}: {saved:?}");
    }
    let mut twice = new(&own);
    twice["owner"] = json!(true);
    assert_eq!(people("POST", "", twice).await.refusal(), refused(403, "forbidden"));
    assert_eq!(people("POST", "", new(&own)).await.status, 201);
}

/// people.md, Roles: nobody gets what they lack by setting the password of an agent who has it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_the_password_of_an_agent_who_may_more() {
    let office = Office::new().await;
    let id = async |number: &str| office.agent(number).await["id"].as_str().unwrap().to_string();
    let (manager, clerk) = (id("801").await, id("802").await);
    let wide = office.put("role", json!({ "name": "Manager", "permissions": ["agent.edit", "box.restore"] }));
    office.set("agent", &manager, json!({ "role": wide }));
    let (own, _) = office.helper("hana", &["agent.view", "agent.edit"]);
    let (hana, word) = (office.cookie("hana").await, json!({ "web_password": "another word" }));
    let set =
        async |id: &str, value: &Value| office.ask(&hana, "PATCH", &format!("/panel/agents/{id}"), value.clone()).await;
    let refusal = set(&manager, &word).await;
    assert_eq!(refusal.refusal(), refused(403, "forbidden"), "{refusal:?}");
    assert_eq!(refusal.json()["fields"]["web_password"]["why"], "forbidden");
    assert_eq!(set(&clerk, &word).await.status, 200);
    assert_eq!(office.sign_in("801", "another word").await.refusal(), refused(401, "sign_in_failed"));
    assert_eq!(office.sign_in("802", "another word").await.status, 200);
    // A form sends back what it was shown.
    assert_eq!(set(&manager, &json!({ "web_password": "***", "last_name": "Li" })).await.status, 200);
    let own_word = office.ask(&office.cookie("801").await, "PATCH", &format!("/panel/agents/{manager}"), word).await;
    assert_eq!(own_word.status, 200, "{own_word:?}");
    office.set("agent", &manager, json!({ "role": own }));
    assert_eq!(set(&manager, &json!({ "web_password": "a third word" })).await.status, 200);
}

/// ACC reading: the owner stays as it is, and nobody shuts themselves out.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_protected() {
    let office = Office::new().await;
    let (role, account) =
        office.helper("hana", &["account.view", "account.edit", "account.delete", "account.sign_in_as"]);
    let (hana, owner) = (office.cookie("hana").await, office.owner().await);
    let boss = "/panel/accounts/1";
    for body in [json!({ "password": "another word" }), json!({ "status": "disabled" }), json!({ "remark": "x" })] {
        assert_eq!(office.ask(&hana, "PATCH", boss, body.clone()).await.refusal(), refused(403, "forbidden"), "{body}");
    }
    assert_eq!(office.ask(&hana, "DELETE", boss, Value::Null).await.refusal(), refused(403, "forbidden"));
    let as_boss = office.ask(&hana, "POST", "/panel/accounts/1/sign_in_as", Value::Null).await;
    assert_eq!(as_boss.refusal(), refused(403, "forbidden"));
    for body in [json!({ "role": role }), json!({ "status": "disabled" })] {
        let response = office.ask(&owner, "PATCH", boss, body.clone()).await;
        assert_eq!(response.refusal(), refused(403, "forbidden"), "{body}");
    }
    assert_eq!(office.ask(&owner, "DELETE", boss, Value::Null).await.refusal(), refused(403, "forbidden"));
    assert_eq!(office.ask(&owner, "PATCH", boss, json!({ "remark": "the first" })).await.status, 200);
    let own = format!("/panel/accounts/{account}");
    assert_eq!(office.ask(&hana, "DELETE", &own, Value::Null).await.refusal(), refused(403, "forbidden"));
    let off = office.ask(&hana, "PATCH", &own, json!({ "status": "disabled" })).await;
    assert_eq!(off.refusal(), refused(403, "forbidden"));
    assert_eq!(office.ask(&owner, "DELETE", &own, Value::Null).await.status, 204);
    assert_eq!(office.ask(&hana, "GET", "/panel/session", Value::Null).await.status, 401, "ACC-9");
}

/// ACC-8, DSK-28, DSK-30: as another with that one's rights, and back.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_as_another_and_goes_back() {
    let office = Office::new().await;
    let agent = office.agent("801").await["id"].as_str().unwrap().to_string();
    let (_, account) = office.helper("hana", &["agent.view"]);
    let owner = office.owner().await;
    let path = format!("/panel/accounts/{account}/sign_in_as");
    let acted = office.ask(&owner, "POST", &path, Value::Null).await;
    assert_eq!(acted.status, 200, "{acted:?}");
    let (body, as_hana) = (acted.json(), acted.cookie());
    assert_eq!((&body["account"]["username"], &body["acted_by"]["username"]), (&json!("hana"), &json!("boss")));
    assert_eq!(body["rights"]["whole"], false);
    assert_eq!(office.ask(&owner, "GET", "/panel/session", Value::Null).await.status, 401, "the former cookie is over");
    assert_eq!(office.ask(&as_hana, "GET", "/panel/agents", Value::Null).await.status, 200);
    let delete = office.ask(&as_hana, "DELETE", &format!("/panel/agents/{agent}"), Value::Null).await;
    assert_eq!(delete.refusal(), refused(403, "forbidden"));
    let password =
        json!({ "password": PASSWORD, "new_password": "another word", "new_password_confirm": "another word" });
    let set = office.ask(&as_hana, "POST", "/panel/me/password", password).await;
    assert_eq!(set.refusal(), refused(403, "forbidden"), "DSK-30");
    let further = office.ask(&as_hana, "POST", &format!("/panel/agents/{agent}/sign_in_as"), Value::Null).await;
    assert_eq!(further.refusal(), refused(403, "forbidden"));

    let office = office.again(std::time::Duration::from_secs(60)).await;
    let back = office.ask(&as_hana, "POST", "/panel/session/back", Value::Null).await;
    assert_eq!((back.status, &back.json()["account"]["username"]), (200, &json!("boss")));
    assert_eq!(back.json()["acted_by"], Value::Null);
    let owner = back.cookie();
    assert_eq!(office.ask(&owner, "POST", "/panel/session/back", Value::Null).await.status, 404);
    let as_agent = office.ask(&owner, "POST", &format!("/panel/agents/{agent}/sign_in_as"), Value::Null).await;
    assert_eq!((as_agent.status, &as_agent.json()["account"]["username"]), (200, &json!("801")));
    let as_agent = as_agent.cookie();
    office.set("agent", &agent, json!({ "status": "disabled" }));
    assert_eq!(office.ask(&as_agent, "GET", "/panel/session", Value::Null).await.status, 401);
    let owner = office.owner().await;
    for path in [format!("/panel/agents/{agent}/sign_in_as"), "/panel/accounts/1/sign_in_as".into()] {
        assert_eq!(office.ask(&owner, "POST", &path, Value::Null).await.refusal(), refused(403, "forbidden"), "{path}");
    }
    let nobody = office.ask(&owner, "POST", "/panel/accounts/99/sign_in_as", Value::Null).await;
    assert_eq!(nobody.refusal(), refused(404, "not_found"));
}

/// ROL-17: whoever may act as others no longer does not go on acting.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_right_ends_what_was_begun_with_it() {
    let office = Office::new().await;
    let agent = office.agent("801").await["id"].as_str().unwrap().to_string();
    let (role, _) = office.helper("hana", &["agent.sign_in_as"]);
    let cookie = office.cookie("hana").await;
    let acted = office.ask(&cookie, "POST", &format!("/panel/agents/{agent}/sign_in_as"), Value::Null).await.cookie();
    assert_eq!(office.ask(&acted, "GET", "/panel/session", Value::Null).await.status, 200);
    office.set("role", &role, json!({ "permissions": [] }));
    assert_eq!(office.ask(&acted, "GET", "/panel/session", Value::Null).await.status, 401);
}

/// LST-1, ROL-9, ROL-17, MON-2, MON-3: the live feed tells each viewer what that one may see, and at once anew when
/// the role changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_what_its_role_shows() {
    let office = Office::new().await;
    office.agent("801").await;
    office.agent("803").await;
    let (role, _) = office.helper("hana", &["agent.view"]);
    let between = |id: &str, caller: &str, called: &str| {
        let row = callbox::view::CallRow { caller_number: caller.into(), called_number: called.into(), ..call_row(id) };
        Change::Call { call_id: id.into(), row: Some(Arc::new(row)) }
    };
    office.live.take(between("a", "801", "802"));
    office.live.take(between("b", "803", "804"));
    office.live.take(state_of("801", AgentState::Talking));
    office.live.take(state_of("803", AgentState::Talking));
    office.live.take(Change::Box(BoxRow { calls: 2, ..BoxRow::default() }));
    let ids = |told: &Value| -> Vec<String> {
        told["calls"].as_array().unwrap().iter().map(|row| row["call_id"].as_str().unwrap().into()).collect()
    };

    let mut agent = office.open_page(&office.cookie("801").await);
    let all = agent.next().unwrap();
    assert_eq!(
        (ids(&all), &all["agents"][0]["agent_number"], &all["box"]),
        (vec!["a".into()], &json!("801"), &Value::Null)
    );
    let mut helper = office.open_page(&office.cookie("hana").await);
    let all = helper.next().unwrap();
    assert_eq!((ids(&all), all["agents"].as_array().unwrap().len()), (vec![], 0));

    // Whoever calls from outside says of themselves what they like, also the number of an agent.
    let row = callbox::view::CallRow { from_outside: true, called_number: "95001".into(), ..call_row("c") };
    let outside = callbox::view::SideRow { number: "801".into(), outside: true, ..Default::default() };
    let told = |row: callbox::view::CallRow| Change::Call { call_id: "c".into(), row: Some(Arc::new(row)) };
    office.live.take(told(callbox::view::CallRow { sides: vec![outside.clone()], ..row.clone() }));
    let cookie = office.cookie("801").await;
    for (method, path) in [("DELETE", "/panel/calls/c"), ("POST", "/panel/calls/c/record")] {
        assert_eq!(office.ask(&cookie, method, path, Value::Null).await.refusal(), refused(403, "forbidden"), "{path}");
    }
    // Whose phone is in the call has it before them, also when it came by another number.
    let inside = callbox::view::SideRow { outside: false, ..outside };
    office.live.take(told(callbox::view::CallRow { sides: vec![inside], ..row.clone() }));
    let change = agent.next().unwrap();
    assert_eq!(change["calls"][0]["row"]["called_number"], "95001");
    office.live.take(told(row));
    assert_eq!(agent.next().unwrap()["calls"], json!([{ "call_id": "c", "row": null }]));
    office.live.take(Change::Call { call_id: "c".into(), row: None });

    // The call moves on to others: whoever saw it hears that it is gone, whoever did not hears nothing.
    office.live.take(between("a", "805", "806"));
    let change = agent.next().unwrap();
    assert_eq!(change["calls"], json!([{ "call_id": "a", "row": null }]));

    office.set(
        "role",
        &role,
        json!({ "permissions": ["monitor.view"], "scopes": { "monitor": "all" }, "hidden_fields": ["monitor.caller_number"] }),
    );
    let mut all = helper.next().unwrap();
    while all["kind"] != "all" {
        assert_eq!((&all["calls"], &all["agents"]), (&json!([]), &json!([])));
        all = helper.next().unwrap();
    }
    assert_eq!(
        (ids(&all), all["agents"].as_array().unwrap().len(), &all["box"]["calls"]),
        (vec!["a".into(), "b".into()], 2, &json!(2))
    );
    assert_eq!((all["calls"][0].get("caller_number"), &all["calls"][0]["called_number"]), (None, &json!("806")));
    let cookie = office.cookie("hana").await;
    let listed = office.ask(&cookie, "GET", "/panel/calls", Value::Null).await.json();
    assert_eq!((listed["items"].as_array().unwrap().len(), listed["items"][0].get("caller_number")), (2, None));
    let end = office.ask(&cookie, "DELETE", "/panel/calls/a", Value::Null).await;
    assert_eq!(end.refusal(), refused(403, "forbidden"), "MON-49");
    let other = office.cookie("803").await;
    assert_eq!(office.ask(&other, "DELETE", "/panel/calls/a", Value::Null).await.refusal(), refused(403, "forbidden"));
    let asked = office.asked.lock().unwrap();
    assert!(asked.iter().all(|(_, command)| matches!(command, Command::Page { .. })), "{asked:?}");
}

/// DSK-24, DSK-26, DSK-27, MON-3, MON-50, ROL-13: a leader sees and may act for the agents of the groups led, with no
/// right that the leader lacks; a member sees the group's calls where the role says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_has_rights_over_the_agents_led() {
    let office = Office::new().await;
    let id = async |number: &str| office.agent(number).await["id"].as_str().unwrap().to_string();
    let (leader, led, other) = (id("801").await, id("802").await, id("803").await);
    let wide =
        office.put("role", json!({ "name": "Wide", "permissions": ["agent.view", "customer.view", "agent.add"] }));
    office.set("agent", &led, json!({ "role": wide }));
    office.put("agent_group", json!({ "name": "Sales", "group_number": "600", "agents": [led], "leaders": [leader] }));
    let cookie = office.cookie("801").await;
    let session = office.ask(&cookie, "GET", "/panel/session", Value::Null).await.json();
    assert_eq!(session["rights"]["leads"], json!(["802"]));
    for (caller, id) in [("802", "a"), ("803", "b")] {
        let row = callbox::view::CallRow { caller_number: caller.into(), called_number: "0171".into(), ..call_row(id) };
        office.live.take(Change::Call { call_id: id.into(), row: Some(Arc::new(row)) });
    }
    let calls = office.ask(&cookie, "GET", "/panel/calls", Value::Null).await.json();
    assert_eq!((calls["items"].as_array().unwrap().len(), &calls["items"][0]["call_id"]), (1, &json!("a")));
    let end =
        async |call_id: &str| office.ask(&cookie, "DELETE", &format!("/panel/calls/{call_id}"), Value::Null).await;
    assert_eq!(end("b").await.refusal(), refused(403, "forbidden"));
    assert_eq!(end("a").await.refusal(), refused(409, "no_call"), "asked, and gone meanwhile");
    assert_eq!(office.asked.lock().unwrap().len(), 1);

    // MON-49 to MON-51, MON-59: whom one leads, or whose right one has; at the own phone.
    let listen = async |id: &str, how: &str, body: Value| {
        let answer = office.ask(&cookie, "POST", &format!("/panel/agents/{id}/{how}"), body).await;
        (answer.status, office.asked.lock().unwrap().pop().map(|(_, command)| command))
    };
    let wanted = Command::Supervise { agent_number: "802".into(), phone: "801".into(), how: HeardBy::Agent };
    assert_eq!(listen(&led, "whisper", Value::Null).await, (202, Some(wanted)));
    office.asked.lock().unwrap().clear();
    assert_eq!(listen(&other, "listen", json!({ "phone": "801" })).await, (403, None));
    assert_eq!(listen(&leader, "listen", Value::Null).await.1, None);
    let boss = office.owner().await;
    let asked = office.ask(&boss, "POST", &format!("/panel/agents/{other}/barge"), json!({})).await;
    assert_eq!(asked.status, 422, "an account names a phone");
    let asked = office.ask(&boss, "POST", &format!("/panel/agents/{other}/barge"), json!({ "phone": "801" })).await;
    assert_eq!(asked.status, 202);
    let wanted = Command::Supervise { agent_number: "803".into(), phone: "801".into(), how: HeardBy::All };
    assert_eq!(office.asked.lock().unwrap().pop().map(|(_, command)| command), Some(wanted));

    let act =
        async |id: &str| office.ask(&cookie, "POST", &format!("/panel/agents/{id}/sign_in_as"), Value::Null).await;
    assert_eq!(act(&other).await.refusal(), refused(403, "forbidden"));
    let acted = act(&led).await;
    assert_eq!((acted.status, &acted.json()["account"]["username"]), (200, &json!("802")));
    let permissions = acted.json()["rights"]["permissions"].clone();
    assert!(permissions.as_array().unwrap().contains(&json!("customer.view")));
    assert!(!permissions.as_array().unwrap().contains(&json!("agent.view")), "DSK-27: {permissions}");
    let acted = acted.cookie();
    assert_eq!(office.ask(&acted, "GET", "/panel/agents", Value::Null).await.refusal(), refused(403, "forbidden"));

    let role = office
        .put("role", json!({ "name": "Member", "permissions": ["monitor.view"], "scopes": { "monitor": "groups" } }));
    office.set("agent", &other, json!({ "role": role }));
    let member = office.cookie("803").await;
    let seen = async || {
        office.ask(&member, "GET", "/panel/calls", Value::Null).await.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(seen().await, 1);
    office.put("agent_group", json!({ "name": "Service", "group_number": "601", "agents": [led, other] }));
    assert_eq!(seen().await, 2);
}
