//! Agents by page and by program, the set-up, and the files.

use super::{Office, START, agent, refused, state_of};
use callbox::{
    call::command::{Actor, Command, Wish},
    schema::Id,
    store::Write,
    view::AgentState,
};
use serde_json::{Value, json};

fn setup() -> Value {
    json!({
        "username": "boss", "password": "correct horse", "password_confirm": "correct horse",
        "first_name": "Ada", "last_name": "Boss",
    })
}

/// BOX-12, BOX-14, BOX-15: nobody is in a new box; whoever makes the owner is signed in, and nobody does it twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_box_is_given_its_owner_once() {
    let office = Office::empty().await;
    let named = json!({ "name": "Callbox", "language": "zh" });
    let state = office.send(office.page("GET", "/panel/setup")).await;
    assert_eq!(state.json(), json!({ "needed": true, "open": true, "box": named }));
    assert_eq!(office.send(office.page("GET", "/panel/agents")).await.status, 401);
    assert_eq!(office.sign_in("", "").await.refusal(), refused(401, "sign_in_failed"));
    let made = office.send(office.page("POST", "/panel/setup").json(&setup())).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["account"]["username"], "boss");
    let agents = office.send(office.page("GET", "/panel/agents").with("Cookie", &made.cookie())).await;
    assert_eq!(agents.status, 200);
    let state = office.send(office.page("GET", "/panel/setup")).await;
    assert_eq!(state.json(), json!({ "needed": false, "open": false, "box": named }));
    let again = office.send(office.page("POST", "/panel/setup").json(&setup())).await;
    assert_eq!(again.refusal(), refused(404, "not_found"));
    assert_eq!(office.sign_in("boss", "correct horse").await.status, 200);
}

/// ACC-17, ACC-18, BOX-15
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_owner_is_refused_field_by_field() {
    let office = Office::empty().await;
    for (field, value, why) in [
        ("username", json!(""), "required"),
        ("username", json!(7), "type"),
        ("password_confirm", json!("correct hors"), "pattern"),
        ("first_name", json!("x".repeat(41)), "too_long"),
        ("owner", json!(true), "unknown"),
    ] {
        let mut form = setup();
        form[field] = value;
        let response = office.send(office.page("POST", "/panel/setup").json(&form)).await;
        assert_eq!(response.refusal(), refused(422, "invalid"), "{field}");
        assert_eq!(response.json()["fields"][field]["why"], why, "{response:?}");
    }
    let mut short = setup();
    short["password"] = json!("short");
    short["password_confirm"] = json!("short");
    let response = office.send(office.page("POST", "/panel/setup").json(&short)).await;
    assert_eq!(response.json()["fields"]["password"], json!({ "why": "too_short", "min": 8 }));
    assert_eq!(office.send(office.page("GET", "/panel/setup")).await.json()["needed"], true);
}

/// BOX-13
#[tokio::test(flavor = "multi_thread")]
async fn set_up_closes_after_half_an_hour() {
    let office = Office::empty().await;
    office.pass(30 * 60 - 1);
    assert_eq!(office.send(office.page("GET", "/panel/setup")).await.json()["open"], true);
    office.pass(1);
    assert_eq!(office.send(office.page("GET", "/panel/setup")).await.json()["open"], false);
    let response = office.send(office.page("POST", "/panel/setup").json(&setup())).await;
    assert_eq!(response.refusal(), refused(403, "setup_closed"));
    assert!(response.json()["message"].as_str().unwrap().contains("press the button"));
}

/// BOX-13: whoever is outside the local networks finds it closed.
#[tokio::test(flavor = "multi_thread")]
async fn set_up_is_for_the_local_networks() {
    let office = Office::empty().await;
    let Value::Object(elsewhere) = json!({ "local_networks": ["10.0.0.0/8"] }) else { unreachable!() };
    let write = Write::Set { rev: None, value: elsewhere };
    office.store.write(&Actor::System, START.wall, "settings", write).unwrap();
    assert_eq!(office.send(office.page("GET", "/panel/setup")).await.json()["open"], false);
    let response = office.send(office.page("POST", "/panel/setup").json(&setup())).await;
    assert_eq!(response.refusal(), refused(403, "setup_closed"));
}

/// LST-17, LST-18, AGT-10, AGT-19 reading, AGT-24, BOX-57: an agent's life by the panel.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_added_changed_shown_and_removed() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let page = |method: &str, path: &str| office.page(method, path).with("Cookie", &cookie);
    let added = office.send(page("POST", "/panel/agents").json(&agent("801"))).await;
    assert_eq!(added.status, 201, "{added:?}");
    let row = added.json();
    let (id, made) = (row["id"].as_str().unwrap(), row["generated"]["sip_password"].as_str().unwrap());
    assert_eq!((&row["rev"], &row["sip_password"], &row["status"]), (&json!(1), &json!("***"), &json!("enabled")));
    assert_eq!(row["created_at"], "2026-11-18T11:06:40.000Z");
    assert_eq!(added.header("location"), Some(id));
    let path = format!("/panel/agents/{id}");
    let shown = office.send(page("GET", &path)).await;
    assert_eq!(shown.header("etag"), Some("\"1\""));
    let text = String::from_utf8(shown.body.clone()).unwrap();
    assert!(!text.contains(made) && !text.contains("long enough") && !text.contains("argon"), "{text}");
    assert_eq!(office.send(page("GET", &path).with("If-None-Match", "\"1\"")).await.status, 304);

    let revealed = office.send(page("POST", &format!("{path}/reveal"))).await.json();
    assert_eq!(revealed["sip_password"], made);
    assert_eq!(revealed.get("web_password"), None);

    office.pass(60);
    let changed = office.send(page("PATCH", &path).json(&json!({ "first_name": " Ben ", "status": "disabled" }))).await;
    assert_eq!(changed.header("etag"), Some("\"2\""));
    let row = changed.json();
    assert_eq!((&row["first_name"], &row["status"], &row["rev"]), (&json!("Ben"), &json!("disabled"), &json!(2)));
    assert_eq!(row["updated_at"], "2026-11-18T11:07:40.000Z");
    assert_eq!(row["created_at"], "2026-11-18T11:06:40.000Z");
    let fixed = office.send(page("PATCH", &path).json(&json!({ "agent_number": "802" }))).await;
    assert_eq!(fixed.refusal(), refused(422, "invalid"));
    assert_eq!(fixed.json()["fields"]["agent_number"]["why"], "fixed");

    assert_eq!(office.send(page("DELETE", &path)).await.status, 204);
    assert_eq!(office.send(page("GET", &path)).await.refusal(), refused(404, "not_found"));
    assert_eq!(office.send(page("DELETE", &path)).await.refusal(), refused(404, "not_found"));
}

/// LST-21, LST-23, AGT-8, AGT-9: everything that is wrong, at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_agent_is_refused_field_by_field() {
    let office = Office::new().await;
    office.agent("801").await;
    let wrong = json!({ "agent_number": "01001", "first_name": "x".repeat(41), "status": "resting", "shoe_size": 44 });
    let response = office.send(office.program("POST", "/api/v1/agents").json(&wrong)).await;
    assert_eq!(response.refusal(), refused(422, "invalid"));
    let fields = response.json()["fields"].clone();
    assert_eq!(fields["agent_number"]["why"], "pattern");
    assert_eq!(fields["first_name"], json!({ "why": "too_long", "max": 40 }));
    assert_eq!(fields["status"]["why"], "choice");
    assert_eq!(fields["web_password"]["why"], "required");
    assert_eq!(fields["shoe_size"]["why"], "unknown");
    let taken = office.send(office.program("POST", "/api/v1/agents").json(&agent("801"))).await;
    assert_eq!(taken.refusal(), refused(409, "number_taken"));
    assert_eq!(taken.json()["fields"]["agent_number"]["why"], "taken");
}

/// LST-4 to LST-9, AGT-2, API-47
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_searched_and_paged() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    for number in 801..=805 {
        office.agent(&number.to_string()).await;
        office.pass(1);
    }
    let numbers = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|row| row["agent_number"].as_str().unwrap().into()).collect()
    };
    let page = |query: &str| office.page("GET", &format!("/panel/agents{query}")).with("Cookie", &cookie);
    let first = office.send(page("?limit=2")).await.json();
    assert_eq!((numbers(&first), &first["total"]), (vec!["805".into(), "804".into()], &json!(5)));
    let next = first["next"].as_str().unwrap();
    let second = office.send(page(&format!("?limit=2&cursor={next}"))).await.json();
    assert_eq!(numbers(&second), ["803", "802"]);
    let found = office.send(page("?search=%20803&cursor=")).await.json();
    assert_eq!((numbers(&found), &found["next"], &found["total"]), (vec!["803".into()], &Value::Null, &json!(1)));
    for wrong in ["?limit=0", "?limit=501", "?limit=x", "?serach=1", "?limit=-1"] {
        assert_eq!(office.send(page(wrong)).await.refusal(), refused(422, "invalid"), "{wrong}");
    }
    let all = office.send(office.program("GET", "/api/v1/agents")).await.json();
    assert_eq!((numbers(&all).len(), &all["next"], all.get("total")), (5, &Value::Null, None));
}

/// LST-16, AGT-6 reading: who is in a call stays, the others go.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_in_a_call_stays() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let mut ids = Vec::new();
    for number in ["801", "802", "803"] {
        ids.push(office.agent(number).await["id"].as_str().unwrap().to_string());
    }
    office.live.take(state_of("801", AgentState::Ringing));
    office.live.take(state_of("802", AgentState::Talking));
    office.live.take(state_of("803", AgentState::Idle));
    for path in [format!("/panel/agents/{}", ids[0]), format!("/api/v1/agents/{}", ids[1])] {
        let bearer = format!("Bearer {}", office.key);
        let request = office.page("DELETE", &path).with("Cookie", &cookie).with("Authorization", &bearer);
        assert_eq!(office.send(request).await.refusal(), refused(409, "in_call"));
    }
    let several = json!({ "ids": [ids[0], ids[2], "999"] });
    let request = office.page("POST", "/panel/agents/delete").with("Cookie", &cookie).json(&several);
    let expected = json!({ "deleted": 1, "refused": [
        { "id": ids[0], "error": "in_call", "name": "801 Anna" }, { "id": "999", "error": "not_found" },
    ] });
    assert_eq!(office.send(request).await.json(), expected);
    for wrong in [json!({}), json!({ "ids": 7 }), json!({ "ids": [7] }), json!({ "ids": [], "all": true })] {
        let request = office.page("POST", "/panel/agents/delete").with("Cookie", &cookie).json(&wrong);
        assert_eq!(office.send(request).await.refusal(), refused(422, "invalid"), "{wrong}");
    }
}

/// HOUSE: forms and lists are drawn from the declaration, fields in its order.
#[tokio::test(flavor = "multi_thread")]
async fn the_declaration_is_shown() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let schema = office.send(office.page("GET", "/panel/schema").with("Cookie", &cookie)).await.json();
    let agents = &schema["resources"][0];
    assert_eq!(
        (&agents["name"], &agents["path"], &agents["menu"]),
        (&json!("agent"), &json!("agents"), &json!("people"))
    );
    let fields: Vec<_> = agents["schema"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(fields[..3], ["agent_number", "first_name", "last_name"]);
    assert!(agents["tabs"][0]["fields"].as_array().unwrap().contains(&json!("sip_password")));
    assert!(agents["rules"].as_array().unwrap().contains(&json!({ "rule": "fixed", "field": "agent_number" })));
    assert_eq!(agents["may"], json!(["add", "edit", "delete", "batch_add", "batch_edit", "sign_in_as"]));
}

/// `no_call` of the error words; the asker is named to the exchange.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_ended_by_the_panel() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let end = |call: &str| office.page("DELETE", &format!("/panel/calls/{call}")).with("Cookie", &cookie);
    assert_eq!(office.send(end("known")).await.status, 204);
    assert_eq!(office.send(end("other")).await.refusal(), refused(409, "no_call"));
    let asked = office.asked.lock().unwrap();
    let owner = Actor::Account(Id(1).0);
    assert_eq!(asked[0], (owner, Command::HangUp { call_id: "known".into() }));
}

/// Who may end a call may have it recorded, and pause that; nobody else but the agents whose call it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_paused_by_the_panel() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let asked =
        |call: &str, verb: &str| office.page("POST", &format!("/panel/calls/{call}/{verb}")).with("Cookie", &cookie);
    for (verb, wish) in [("record", Wish::Record), ("pause_recording", Wish::Pause), ("resume_recording", Wish::Resume)]
    {
        assert_eq!(office.send(asked("known", verb)).await.status, 204, "{verb}");
        let last = office.asked.lock().unwrap().pop().unwrap();
        assert_eq!(last, (Actor::Account(Id(1).0), Command::Record { call_id: "known".into(), wish }));
    }
    assert_eq!(office.send(asked("other", "record")).await.refusal(), refused(409, "no_call"));
    assert_eq!(office.send(asked("known", "fly")).await.refusal(), refused(404, "not_found"));
}

/// LST-20, LST-21: an empty text in an optional field is as if it were not given, in a form, by a program and in a change.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_text_is_nothing_given() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let typed = json!({
        "agent_number": "811", "first_name": "A", "last_name": "", "web_password": "long enough",
        "bound_number": "", "phone_mac": "", "caller_ids": "", "department": " ", "status": "",
    });
    let added = office.ask(&cookie, "POST", "/panel/agents", typed).await;
    assert_eq!(added.status, 201, "{added:?}");
    let (row, path) = (added.json(), format!("/panel/agents/{}", added.json()["id"].as_str().unwrap()));
    let kept = ["last_name", "department", "phone_mac", "caller_ids", "status"].map(|field| row[field].clone());
    assert_eq!(kept, [json!(""), json!(null), json!(null), json!([]), json!("enabled")]);
    let company = office.ask(&cookie, "PATCH", "/panel/company", json!({ "email": " " })).await;
    assert_eq!((company.status, &company.json()["email"]), (200, &json!(null)));
    let changed = office.ask(&cookie, "PATCH", &path, json!({ "department": "", "status": "" })).await;
    assert_eq!(changed.json()["fields"], json!({ "status": { "why": "required" } }), "a row has one");
    let changed = office.ask(&cookie, "PATCH", &path, json!({ "department": "" })).await;
    assert_eq!((changed.status, &changed.json()["department"]), (200, &json!(null)));
}
