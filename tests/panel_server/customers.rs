//! Customers as people with narrow rights meet them, and what is done to many of them at once.

use super::{Office, agent, refused};
use serde_json::{Value, json};

impl Office {
    pub fn customer(&self, value: Value) -> String {
        let mut whole = json!({ "package": "1" });
        whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        self.put("customer", whole)
    }

    pub async fn post(&self, cookie: &str, path: &str, body: Value) -> Value {
        let response = self.ask(cookie, "POST", path, body).await;
        assert_eq!(response.status, 200, "{path}: {response:?}");
        response.json()
    }

    pub async fn field(&self, cookie: &str, field: &str, query: &str) -> Vec<Value> {
        let list = self.get(cookie, &format!("/panel/customers?sort=phone&{query}")).await.json();
        list["items"].as_array().unwrap().iter().map(|row| row[field].clone()).collect()
    }

    /// Three agents of whom two work in Spring and one in Autumn as well.
    fn campaigns(&self) -> (String, String) {
        let ids: Vec<String> = ["801", "802", "803"].iter().map(|number| self.put("agent", agent(number))).collect();
        let group = |name: &str, number: &str, agents: Value| {
            self.put("agent_group", json!({ "name": name, "group_number": number, "agents": agents }))
        };
        let (spring, autumn) =
            (group("A", "6001", json!([ids[0], ids[1]])), group("B", "6002", json!([ids[1], ids[2]])));
        let campaign = |name: &str, group: &str| {
            self.put("campaign", json!({ "name": name, "agent_group": group, "package": "1" }))
        };
        (campaign("Spring", &spring), campaign("Autumn", &autumn))
    }
}

fn of_role(permissions: &[&str], scope: &str) -> Value {
    json!({ "name": format!("R{scope}{}", permissions.len()), "permissions": permissions, "scopes": { "customer": scope } })
}

/// ROL-11, ROL-12, LST-6: an account with scope `self` has what it made, in the list, by number, in files, counted, and nothing
/// else; one with scope `groups` is in no group.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_narrow_scope_has_what_it_made() {
    let office = Office::with_customers().await;
    let others = office.customer(json!({ "phone": "100", "name": "Theirs" }));
    let rights = ["customer.view", "customer.add", "customer.edit", "customer.delete", "customer.export"];
    let (role, _) = office.helper("hana", &rights);
    let hana = office.cookie("hana").await;
    for phone in ["101", "102"] {
        let response = office.ask(&hana, "POST", "/panel/customers", json!({ "package": "1", "phone": phone })).await;
        assert_eq!(response.status, 201, "{response:?}");
    }
    assert_eq!(office.field(&hana, "phone", "").await, ["101", "102"]);
    assert_eq!(office.field(&hana, "phone", "search=10").await, ["101", "102"]);
    assert_eq!(office.field(&hana, "phone", "search=100").await, [] as [&str; 0]);
    let found = office.get(&hana, "/panel/search?text=10").await.json();
    let names: Vec<_> = found["items"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["102", "101"], "and the line that finds everything finds no other");
    let count = office.post(&hana, "/panel/customers/count", json!({ "search": "" })).await;
    assert_eq!(count["count"], 2);
    for (method, body) in [("GET", Value::Null), ("PATCH", json!({ "name": "X" })), ("DELETE", Value::Null)] {
        let response = office.ask(&hana, method, &format!("/panel/customers/{others}"), body).await;
        assert_eq!(response.refusal(), refused(404, "not_found"), "{method}");
    }
    let history = office.get(&hana, &format!("/panel/customers/{others}/history")).await;
    assert_eq!(history.refusal(), refused(404, "not_found"));
    let job = office.job(&hana, "/panel/customers/export", json!({ "columns": ["phone"], "language": "en" })).await;
    assert_eq!(job["total"], 2, "nor is it told how many there are");
    assert_eq!(office.text(&hana, "/panel/jobs/1/file").await, "\u{feff}Phone\r\n102\r\n101\r\n");
    let gone = office.post(&hana, "/panel/customers/delete", json!({ "ids": [others] })).await;
    assert_eq!(gone["refused"], json!([{ "id": others, "error": "not_found" }]));
    let gone = office.post(&hana, "/panel/customers/delete", json!({ "filters": { "package": ["1"] } })).await;
    assert_eq!((&gone["deleted"], &gone["next"]), (&json!(2), &Value::Null), "LST-14, CUS-9 reading");
    let owner = office.owner().await;
    assert_eq!(office.field(&owner, "phone", "").await, ["100"]);
    let found = office.get(&owner, "/panel/search?text=theirs").await.json();
    assert_eq!(
        found["items"],
        json!([{ "noun": "customer", "path": "customers", "id": others, "name": "Theirs 100" }])
    );
    office.set("role", &role, json!({ "scopes": { "customer": "groups" } }));
    assert_eq!(office.get(&hana, "/panel/customers").await.json()["total"], 0);
}

/// CUS-10, CUS-11, CUS-12, CUS-13, CUS-14, CUS-15, CUS-16, CUS-17: released, put into a campaign, dealt to its agents.
#[tokio::test(flavor = "multi_thread")]
async fn customers_are_assigned() {
    let office = Office::with_customers().await;
    let (spring, autumn) = office.campaigns();
    for (phone, number) in [("100", "801"), ("101", "802"), ("102", "802")] {
        office.customer(json!({ "phone": phone, "name": phone, "campaign": spring, "agent_number": number }));
    }
    office.customer(json!({ "phone": "103" }));
    let cookie = office.owner().await;
    let assign = async |body: Value| office.post(&cookie, "/panel/customers/assign", body).await;
    let agents = async || office.field(&cookie, "agent_number", "").await;

    let done = assign(json!({ "filters": { "campaign": [spring] }, "campaign": autumn })).await;
    assert_eq!(done, json!({ "assigned": 3, "refused": [], "next": null }), "those found by the filter");
    assert_eq!(office.field(&cookie, "phone", &format!("campaign={autumn}")).await, ["100", "101", "102"], "CUS-4");
    assert_eq!(agents().await, [Value::Null, json!("802"), json!("802"), Value::Null], "CUS-13, CUS-14");
    let before = office.field(&cookie, "last_assigned_at", "").await;
    assert!(before[1].is_string() && before[3].is_null());

    office.pass(60);
    assign(json!({ "search": "", "campaign": autumn, "agent_numbers": ["802", "803"] })).await;
    assert_eq!(agents().await, ["803", "802", "803", "802"], "CUS-15: in turn, the newest first");
    let after = office.field(&cookie, "last_assigned_at", "").await;
    assert_eq!(after[1], before[1], "CUS-17: who had the agent already is not given anew");
    assert!(after[0].is_string() && after[2].as_str() > before[2].as_str());

    let released = assign(json!({ "filters": { "agent_number": ["803"] } })).await;
    assert_eq!(released["assigned"], 2);
    assert_eq!(agents().await, [Value::Null, json!("802"), Value::Null, json!("802")]);
    let campaigns = office.field(&cookie, "campaign", "").await;
    assert_eq!(campaigns, [Value::Null, json!(autumn), Value::Null, json!(autumn)], "CUS-11");
    assert_eq!(office.field(&cookie, "last_assigned_at", "").await[0], after[0], "a release keeps it");

    for (body, field, why) in [
        (json!({ "search": "", "agent_numbers": ["802"] }), "campaign", "required"),
        (json!({ "search": "", "campaign": autumn, "agent_numbers": ["801"] }), "agent_numbers", "not_this"),
        (json!({ "search": "", "campaign": "99" }), "campaign", "not_there"),
        (json!({ "search": "", "campaign": autumn, "agent_numbers": "802" }), "agent_numbers", "type"),
        (json!({ "search": "", "agents": [] }), "agents", "unknown"),
        (json!({}), "ids", "required"),
    ] {
        let response = office.ask(&cookie, "POST", "/panel/customers/assign", body.clone()).await;
        assert_eq!(response.refusal(), refused(422, "invalid"), "{body}");
        assert_eq!(response.json()["fields"], json!({ field: { "why": why } }), "{body}");
    }
    let other = office.put("package", json!({ "display_name": "North", "code": "north" }));
    let elsewhere = office.put("customer", json!({ "package": other, "phone": "200" }));
    let done = assign(json!({ "ids": [elsewhere, "x"], "campaign": autumn })).await;
    let expected = json!([{ "id": "x", "error": "not_found" }, { "id": elsewhere, "error": "invalid" }]);
    assert_eq!((&done["assigned"], &done["refused"]), (&json!(0), &expected), "a campaign is worked over one package");

    office.helper("viewer", &["customer.view", "customer.edit"]);
    let viewer = office.cookie("viewer").await;
    let response = office.ask(&viewer, "POST", "/panel/customers/assign", json!({ "search": "" })).await;
    assert_eq!(response.refusal(), refused(403, "forbidden"), "CUS-10 reading: it needs customer.assign");
    let tags = office.ask(&cookie, "POST", "/panel/tags/assign", json!({ "search": "" })).await;
    assert_eq!(tags.refusal(), refused(404, "not_found"));
    let audited = office.get(&cookie, "/panel/audit?search=assign").await.json();
    assert_eq!(audited["items"][0]["action"], "assign customer");
}

/// CUS-10: very many are assigned a portion at a time, each row once, whatever the filter finds meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn very_many_are_assigned_in_portions() {
    let office = Office::with_customers().await;
    let (spring, _) = office.campaigns();
    let customer = callbox::model::resource("customer").unwrap();
    let rows = 5_010_u64;
    let add = |batch: &mut callbox::store::table::Batch| {
        for n in 0..rows {
            let value = json!({ "package": "1", "phone": (10_000 + n).to_string() });
            let value = value.as_object().unwrap().clone();
            batch.take(customer, callbox::store::Write::Add { value })?;
        }
        Ok(())
    };
    office.store.batch(&callbox::schema::Actor::System, super::START.wall, add).unwrap();
    let cookie = office.owner().await;
    let asked = json!({ "search": "1", "campaign": spring, "agent_numbers": ["801", "802"] });
    let first = office.post(&cookie, "/panel/customers/assign", asked.clone()).await;
    assert_eq!((first["assigned"].as_u64(), first["next"].is_string()), (Some(5_000), true));
    let mut more = asked;
    more["cursor"] = first["next"].clone();
    let second = office.post(&cookie, "/panel/customers/assign", more.clone()).await;
    assert_eq!((&second["assigned"], &second["next"]), (&json!(10), &Value::Null));
    let count = async |number: &str| {
        let body = json!({ "filters": { "agent_number": [number] } });
        office.post(&cookie, "/panel/customers/count", body).await["count"].clone()
    };
    assert_eq!((count("801").await, count("802").await), (json!(rows / 2), json!(rows / 2)), "dealt on where it was");
    more["cursor"] = json!("nonsense");
    let wrong = office.ask(&cookie, "POST", "/panel/customers/assign", more).await;
    assert_eq!(wrong.refusal(), refused(422, "invalid"));
}

/// CUS-21..26, CUS-29..31, DNC-24, DNC-25: a customer is barred whole by a mark, or one number on the list; each is
/// taken back by itself.
#[tokio::test(flavor = "multi_thread")]
async fn customers_and_numbers_are_barred() {
    let office = Office::with_customers().await;
    let mei = office.customer(json!({ "phone": "100", "name": "Mei" }));
    let bo = office.customer(json!({ "phone": "101", "name": "Bo" }));
    let cookie = office.owner().await;
    let bar = async |body: Value| office.post(&cookie, "/panel/customers/bar", body).await;
    let marks = async || office.field(&cookie, "dnc_highlight", "").await;
    let listed = async || {
        let list = office.get(&cookie, "/panel/dnc").await.json();
        let rows = list["items"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| [&row["package"], &row["number"], &row["status"]].map(|v| v.as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let done = bar(json!({ "ids": [mei] })).await;
    assert_eq!(done, json!({ "changed": 1, "refused": [], "next": null }));
    assert_eq!(marks().await, [true, false], "CUS-21, CUS-22: highlight is the default");
    assert!(listed().await.is_empty(), "CUS-23, DNC-24");
    bar(json!({ "ids": [mei, bo], "highlight": false, "reason": "asked" })).await;
    assert_eq!(marks().await, [true, false], "CUS-25, DNC-25");
    let entries = listed().await;
    let entry = |number: &str| ["1", number, "enabled"].map(String::from);
    assert_eq!(entries, [entry("101"), entry("100")], "CUS-24, CUS-26");
    let again = bar(json!({ "search": "", "highlight": false })).await;
    assert_eq!((&again["changed"], listed().await.len()), (&json!(2), 2), "once on the list");
    bar(json!({ "ids": [mei], "barred": false })).await;
    assert_eq!((marks().await, listed().await.len()), (vec![json!(false), json!(false)], 2), "CUS-30");
    bar(json!({ "ids": [bo] })).await;
    bar(json!({ "search": "", "highlight": false, "barred": false })).await;
    assert_eq!((marks().await, listed().await.len()), (vec![json!(false), json!(true)], 0), "CUS-31");
    let off = bar(json!({ "ids": ["77", mei], "highlight": false, "barred": false })).await;
    assert_eq!((&off["changed"], &off["refused"][0]["error"]), (&json!(1), &json!("not_found")));
    let wrong = office.ask(&cookie, "POST", "/panel/customers/bar", json!({ "ids": [mei], "barred": "no" })).await;
    assert_eq!(wrong.refusal(), refused(422, "invalid"));

    let role = office.put("role", of_role(&["customer.view", "customer.dnc", "dnc.view"], "all"));
    let mut value = agent("801");
    value["role"] = json!(role);
    office.put("agent", value);
    let agent = office.cookie("801").await;
    let silent = office.post(&agent, "/panel/customers/bar", json!({ "ids": [mei], "highlight": false })).await;
    assert_eq!((&silent["changed"], &silent["refused"][0]["error"]), (&json!(0), &json!("invalid")), "a reason");
    let asked = json!({ "ids": [mei], "highlight": false, "reason": "asked" });
    assert_eq!(office.post(&agent, "/panel/customers/bar", asked).await["changed"], 1);
    assert_eq!(listed().await, [["1", "100", "pending"].map(String::from)], "DNC-18");
    office.helper("viewer", &["customer.view", "customer.edit"]);
    let viewer = office.cookie("viewer").await;
    let response = office.ask(&viewer, "POST", "/panel/customers/bar", json!({ "ids": [mei] })).await;
    assert_eq!(response.refusal(), refused(403, "forbidden"));
}

/// What the box sets itself nobody sets, nor empties.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_box_sets_is_not_emptied() {
    let office = Office::with_customers().await;
    office.put("agent", agent("801"));
    let id = office.customer(json!({ "phone": "100", "agent_number": "801" }));
    let cookie = office.owner().await;
    for value in [json!("2026-01-01T00:00:00.000Z"), Value::Null] {
        let path = format!("/panel/customers/{id}");
        let response = office.ask(&cookie, "PATCH", &path, json!({ "last_assigned_at": value })).await;
        assert_eq!(response.json()["fields"], json!({ "last_assigned_at": { "why": "read_only" } }), "CUS-47");
    }
}

/// CUS-9 reading, LST-15: what is deleted or changed comes back, custom fields and all, for who sees the row.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_comes_back() {
    let office = Office::with_customers().await;
    office.put("custom_field", json!({ "package": "1", "name": "car", "label": "Car", "type": "input" }));
    let cookie = office.owner().await;
    let added = json!({ "package": "1", "phone": "100", "name": "Mei" });
    let id = office.ask(&cookie, "POST", "/panel/customers", added).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/panel/customers/{id}");
    let changed = json!({ "name": "Bo", "area": "East", "custom": { "car": "Audi" } });
    let rev = office.ask(&cookie, "PATCH", &path, changed).await.json()["rev"].clone();
    let past = office.get(&cookie, &format!("{path}/history")).await.json();
    let fields: Vec<_> = past["items"][0]["changes"].as_array().unwrap().iter().map(|c| c["field"].clone()).collect();
    assert_eq!(fields, ["name", "area", "custom"]);
    let undone = office.post(&cookie, &format!("{path}/undo"), json!({ "rev": rev })).await;
    assert_eq!((&undone["name"], &undone["area"]), (&json!("Mei"), &json!("")));
    assert_eq!(undone["custom"]["car"], Value::Null, "{undone}");
    let rev = undone["rev"].as_u64().unwrap();
    assert_eq!(office.ask(&cookie, "DELETE", &path, Value::Null).await.status, 204);
    let back = office.post(&cookie, &format!("{path}/undo"), json!({ "rev": rev + 1 })).await;
    assert_eq!((&back["id"], &back["phone"]), (&json!(id), &json!("100")));
    assert_eq!(office.field(&cookie, "name", "search=mei").await, ["Mei"]);
    let twice = office.ask(&cookie, "POST", &format!("{path}/undo"), json!({ "rev": rev + 1 })).await;
    assert_eq!(twice.refusal(), refused(409, "name_taken"), "it is there already");
}

/// An agent that is put back has the number and the groups' names again, and secrets that the box made: those of before
/// are nowhere any more, and the answer says the new ones this once.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_comes_back_gets_new_secrets() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let row = office.agent("801").await;
    let path = format!("/panel/agents/{}", row["id"].as_str().unwrap());
    assert_eq!(office.ask(&cookie, "DELETE", &path, Value::Null).await.status, 204);
    let rev = row["rev"].as_u64().unwrap() + 1;
    let back = office.post(&cookie, &format!("{path}/undo"), json!({ "rev": rev })).await;
    assert_eq!((&back["id"], &back["agent_number"]), (&row["id"], &json!("801")));
    assert_eq!(back["web_password"], "***");
    let word = |field: &str| back["generated"][field].as_str().unwrap().to_owned();
    assert_ne!(word("sip_password"), row["generated"]["sip_password"].as_str().unwrap());
    assert_eq!(office.sign_in("801", "long enough").await.status, 401, "the one of before does not open any more");
    assert_eq!(office.sign_in("801", &word("web_password")).await.status, 200);
    let again = office.get(&cookie, &path).await.json();
    assert!(again["generated"].is_null(), "told once");
}

/// CMP-64, DSK-167: whoever is shown `139****5678` finds the customer by what is shown to them, and neither by the digits
/// that are not, nor by their order; of customers whose numbers are whole everything is found.
#[tokio::test(flavor = "multi_thread")]
async fn a_masked_number_is_not_found_out_by_searching() {
    let office = Office::with_customers().await;
    office.put(
        "custom_field",
        json!({ "package": "1", "name": "work", "label": "Work", "type": "phone", "global_search": true }),
    );
    let role = office.put("role", of_role(&["customer.view", "customer.export"], "all"));
    let mut value = agent("801");
    value["role"] = json!(role);
    let own = office.put("agent", value);
    let group = office.put("agent_group", json!({ "name": "A", "group_number": "6001", "agents": [own] }));
    let campaign =
        office.put("campaign", json!({ "name": "Spring", "agent_group": group, "package": "1", "hide_contact": true }));
    let custom = json!({ "work": "02188887777" });
    office.customer(json!({ "phone": "13912345678", "name": "Mei", "remark": "calls 1234", "campaign": campaign, "custom": custom }));
    office.customer(json!({ "phone": "13912349999", "name": "Bo" }));
    let (theirs, owner) = (office.cookie("801").await, office.owner().await);
    let found = async |cookie: &str, search: &str| {
        let list = office.get(cookie, &format!("/panel/customers?search={search}")).await.json();
        list["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (search, seen) in [
        ("mei", &["Mei"][..]),
        ("1391234", &["Bo"]),
        ("13912345678", &[]),
        ("139-1234-5678", &[]),
        ("8888", &[]),
        ("1234", &["Bo", "Mei"]),
        ("calls", &["Mei"]),
    ] {
        assert_eq!(found(&theirs, search).await, seen, "{search}");
    }
    assert_eq!(found(&owner, "1391234").await, ["Bo", "Mei"]);
    assert_eq!(found(&owner, "8888").await, ["Mei"]);
    let sorted = office.get(&theirs, "/panel/customers?sort=phone").await;
    assert_eq!(sorted.refusal(), refused(422, "invalid"));
    assert_eq!(office.get(&owner, "/panel/customers?sort=phone").await.status, 200);
    let asked = json!({ "search": "13912345678", "columns": ["name"] });
    assert_eq!(office.job(&theirs, "/panel/customers/export", asked).await["total"], 0);
}

/// TAG-5, SRC-6, FLD-6, FLD-24, PKG-19: what is deleted beside customers goes from them, and what an office wants found is
/// found, while the box runs; nobody has to start it anew.
#[tokio::test(flavor = "multi_thread")]
async fn customers_follow_what_the_office_wants() {
    let office = Office::with_customers().await;
    let field = office.put("custom_field", json!({ "package": "1", "name": "car", "label": "Car", "type": "input" }));
    let (tag, kept) = (office.put("tag", json!({ "name": "VIP" })), office.put("tag", json!({ "name": "Kept" })));
    let source = office.put("data_source", json!({ "name": "Fair" }));
    let id = office
        .customer(json!({ "phone": "100", "tags": [tag, kept], "data_source": source, "custom": { "car": "Audi" } }));
    let cookie = office.owner().await;
    let customer = callbox::model::resource("customer").unwrap();
    let row = || office.store.table_row(customer, callbox::schema::Id(id.parse().unwrap())).unwrap().unwrap();
    let until = async |what: &dyn Fn(&Value) -> bool| {
        while !what(&row()) {
            tokio::task::yield_now().await;
        }
    };
    for path in [format!("tags/{tag}"), format!("data_sources/{source}"), format!("custom_fields/{field}")] {
        assert_eq!(office.ask(&cookie, "DELETE", &format!("/panel/{path}"), Value::Null).await.status, 204, "{path}");
    }
    until(&|row| row["tags"] == json!([kept])).await;
    until(&|row| row["data_source"].is_null()).await;
    until(&|row| row["custom"].get("car").is_none()).await;

    office.put("custom_field", json!({ "package": "1", "name": "car", "label": "Car", "type": "input" }));
    let named =
        office.ask(&cookie, "PATCH", &format!("/panel/customers/{id}"), json!({ "custom": { "car": "Volvo" } })).await;
    assert_eq!(named.status, 200, "{named:?}");
    let searched =
        office.get(&cookie, "/panel/custom_fields").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(office.field(&cookie, "phone", "search=volvo").await, [] as [&str; 0]);
    let on = office
        .ask(&cookie, "PATCH", &format!("/panel/custom_fields/{searched}"), json!({ "global_search": true }))
        .await;
    assert_eq!(on.status, 200, "{on:?}");
    assert_eq!(office.field(&cookie, "phone", "search=volvo").await, ["100"], "at once, by reading rows");
    while office.store.settle_tables().unwrap() {}
    assert_eq!(office.field(&cookie, "phone", "search=volvo").await, ["100"], "and by the blocks");
}
