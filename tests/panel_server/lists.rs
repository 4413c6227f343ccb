//! Lists as pages ask for them: sorted, narrowed, named, removed by condition; a row's users, history and copies.

use super::{Office, agent, refused};
use serde_json::{Value, json};

/// Roles A and B; agents 801 to 806, those with an even number disabled, 801 to 803 with role A.
async fn staffed() -> (Office, String, String) {
    let office = Office::new().await;
    let role = office.put("role", json!({ "name": "A-Team" }));
    office.put("role", json!({ "name": "B-Team" }));
    for n in 1..=6 {
        let mut value = agent(&format!("80{n}"));
        value["status"] = json!(if n % 2 == 0 { "disabled" } else { "enabled" });
        value["role"] = if n <= 3 { json!(role) } else { Value::Null };
        office.put("agent", value);
    }
    let cookie = office.owner().await;
    (office, cookie, role)
}

fn column(page: &Value, field: &str) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}

/// LST-7, LST-8, LST-9
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_sorted_and_narrowed_and_names_what_it_refers_to() {
    let (office, cookie, role) = staffed().await;
    let list = async |query: &str| {
        let response = office.ask(&cookie, "GET", &format!("/panel/agents{query}"), Value::Null).await;
        assert_eq!(response.status, 200, "{query} {response:?}");
        response.json()
    };
    let page = list("?sort=agent_number&limit=4").await;
    assert_eq!(column(&page, "agent_number"), ["801", "802", "803", "804"]);
    assert_eq!((&page["total"], &page["names"]), (&json!(6), &json!({ "role": { (role.as_str()): "A-Team" } })));
    let next = page["next"].as_str().unwrap().to_owned();
    assert_eq!(
        column(&list(&format!("?sort=agent_number&limit=4&cursor={next}")).await, "agent_number"),
        ["805", "806"]
    );
    assert_eq!(column(&list("?sort=-agent_number&limit=2&page=2").await, "agent_number"), ["804", "803"]);
    assert_eq!(list(&format!("?role={role}&status=enabled")).await["total"], 2);
    assert_eq!(list("?role=none&status=enabled,disabled").await["total"], 3);
    assert_eq!(list("?status=disabled&search=80").await["total"], 3);
    let by_name = list("?sort=-role").await;
    assert_eq!(by_name["items"][0]["role"], json!(role));
    let counted = office.ask(&cookie, "GET", "/panel/roles?sort=-agents_count", Value::Null).await.json();
    assert_eq!(counted["items"][0]["agents_count"], 3);
    assert_eq!(counted["items"][1]["agents_count"], 0);
    for (query, field) in [("sort=colour", "sort"), ("colour=red", "colour"), ("page=0", "page"), ("limit=0", "limit")]
    {
        let response = office.ask(&cookie, "GET", &format!("/panel/agents?{query}"), Value::Null).await;
        assert_eq!((response.refusal(), response.json()["fields"][field].is_object()), (refused(422, "invalid"), true));
    }
}

/// ROL-9: what is hidden from somebody neither sorts nor narrows nor finds
#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_tells_nothing_by_the_order_of_a_list() {
    let (office, _, _) = staffed().await;
    let hidden = json!({
        "name": "narrow", "permissions": ["agent.view"],
        "hidden_fields": ["agent.status", "agent.agent_number"],
    });
    let role = office.put("role", hidden);
    office.put(
        "account",
        json!({ "username": "nina", "first_name": "N", "last_name": "K", "password": "long enough", "role": role }),
    );
    let cookie = office.cookie("nina").await;
    let list = async |query: &str| office.ask(&cookie, "GET", &format!("/panel/agents{query}"), Value::Null).await;
    assert_eq!(list("").await.json()["total"], 6);
    assert_eq!(list("?search=80").await.json()["total"], 0);
    assert_eq!(list("?sort=status").await.refusal(), refused(422, "invalid"));
    assert_eq!(list("?status=enabled").await.refusal(), refused(422, "invalid"));
    let condition = json!({ "filters": { "status": "enabled" } });
    let counted = office.ask(&cookie, "POST", "/panel/agents/count", condition).await;
    assert_eq!(counted.refusal(), refused(422, "invalid"));
    let found = office.ask(&cookie, "GET", "/panel/search?text=801", Value::Null).await.json();
    assert_eq!(found["items"], json!([]));
}

/// LST-14, LST-15, LST-16, LST-25
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_counted_and_removed_by_condition() {
    let (office, cookie, role) = staffed().await;
    let post = async |path: &str, body: Value| office.ask(&cookie, "POST", path, body).await;
    let condition = json!({ "filters": { "status": ["disabled"] }, "search": "80" });
    assert_eq!(post("/panel/agents/count", condition.clone()).await.json(), json!({ "count": 3 }));
    assert_eq!(post("/panel/agents/delete", json!({})).await.refusal(), refused(422, "invalid"));
    assert_eq!(post("/panel/agents/delete", condition).await.json(), json!({ "deleted": 3, "refused": [] }));
    let roles = office.ask(&cookie, "GET", "/panel/roles?sort=name", Value::Null).await.json();
    let ids = column(&roles, "id");
    let done = post("/panel/roles/delete", json!({ "ids": [ids[0], ids[1], "77", "x"] })).await.json();
    assert_eq!(done["deleted"], 1);
    let refused_rows = done["refused"].as_array().unwrap();
    assert_eq!(refused_rows.len(), 3);
    let in_use = refused_rows.iter().find(|row| row["error"] == "in_use").unwrap();
    assert_eq!((&in_use["id"], &in_use["name"]), (&json!(role), &json!("A-Team")));
    assert_eq!(in_use["users"].as_array().unwrap().len(), 2);
    let one = office.ask(&cookie, "DELETE", &format!("/panel/roles/{role}"), Value::Null).await;
    assert_eq!(one.refusal(), refused(409, "in_use"));
    assert_eq!(one.json()["users"][0]["noun"], "agent");
    let users = office.ask(&cookie, "GET", &format!("/panel/roles/{role}/users"), Value::Null).await.json();
    assert_eq!(users["users"], one.json()["users"]);
    // What one may not view has no name.
    office.helper("hana", &["role.view"]);
    let hana = office.cookie("hana").await;
    let users = office.ask(&hana, "GET", &format!("/panel/roles/{role}/users"), Value::Null).await.json();
    assert_eq!(users["users"].as_array().unwrap().len(), 2);
    assert_eq!((&users["users"][0]["noun"], &users["users"][0]["name"]), (&json!("agent"), &json!("")));
}

/// LST-2, ROL-7
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_undone_and_a_row_copied_by_who_may() {
    let (office, cookie, role) = staffed().await;
    let path = format!("/panel/roles/{role}");
    let changed = office.ask(&cookie, "PATCH", &path, json!({ "name": "C-Team", "permissions": ["agent.view"] })).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let past = office.ask(&cookie, "GET", &format!("{path}/history"), Value::Null).await.json();
    let newest = &past["items"][0];
    assert_eq!(
        (&newest["action"], &newest["by"]["kind"], &newest["by"]["name"]),
        (&json!("edit"), &json!("account"), &json!("boss"))
    );
    assert_eq!(newest["changes"][0], json!({ "field": "name", "before": "A-Team", "after": "C-Team" }));
    assert_eq!((past["items"].as_array().unwrap().len(), &past["next"]), (2, &Value::Null));
    let undo = json!({ "revision": newest["revision"] });
    let undone = office.ask(&cookie, "POST", &format!("{path}/undo"), undo.clone()).await;
    assert_eq!((undone.status, &undone.json()["name"]), (200, &json!("A-Team")));
    let copied = office.ask(&cookie, "POST", &format!("{path}/clone"), Value::Null).await;
    assert_eq!((copied.status, &copied.json()["name"]), (201, &json!("A-Team (copy)")));
    let chosen = office.ask(&cookie, "GET", "/panel/roles/choices?search=copy", Value::Null).await.json();
    assert_eq!(chosen["items"], json!([{ "id": copied.json()["id"], "name": "A-Team (copy)" }]));

    office.helper("hana", &["agent.view"]);
    let hana = office.cookie("hana").await;
    let ask = async |method: &str, path: String, body: Value| office.ask(&hana, method, &path, body).await.refusal();
    assert_eq!(ask("POST", format!("{path}/undo"), undo).await, refused(403, "forbidden"));
    assert_eq!(ask("POST", format!("{path}/clone"), Value::Null).await, refused(403, "forbidden"));
    assert_eq!(ask("GET", format!("{path}/history"), Value::Null).await, refused(403, "forbidden"));
    let near = office.ask(&hana, "GET", "/panel/roles/choices", Value::Null).await;
    assert_eq!(near.status, 200, "agents refer to roles");
    let own = office.ask(&hana, "GET", "/panel/schema", Value::Null).await.json();
    assert_eq!(own["resources"][0]["may"], json!([]));
}

/// LST-11, LST-12
#[tokio::test(flavor = "multi_thread")]
async fn the_columns_that_a_person_chose_are_theirs_alone() {
    let (office, cookie, _) = staffed().await;
    let path = "/panel/me/columns/agents";
    assert_eq!(office.ask(&cookie, "GET", path, Value::Null).await.json(), json!({ "columns": null }));
    let chosen = json!({ "columns": ["agent_number", "status"] });
    assert_eq!(office.ask(&cookie, "PUT", path, chosen.clone()).await.json(), chosen);
    let again = office.owner().await;
    assert_eq!(office.ask(&again, "GET", path, Value::Null).await.json(), chosen);
    office.helper("hana", &["agent.view"]);
    let hana = office.cookie("hana").await;
    assert_eq!(office.ask(&hana, "GET", path, Value::Null).await.json(), json!({ "columns": null }));
    assert_eq!(office.ask(&hana, "PUT", path, json!({ "columns": [7] })).await.refusal(), refused(422, "invalid"));
    let found = office.ask(&hana, "GET", "/panel/search?text=80", Value::Null).await.json();
    assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][0]["path"]), (5, &json!("agents")));
}
