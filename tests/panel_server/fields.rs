//! The tools of custom fields: how customers' fields stand in their form, who views and edits them, and their repair.

use super::{Office, refused};
use callbox::schema::Id;
use serde_json::{Value, json};

/// The fields of a form as somebody is told of them.
async fn fields(office: &Office, cookie: &str, query: &str) -> Vec<Value> {
    let told = office.get(cookie, &format!("/panel/customers/fields?package=1{query}")).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.json()["items"].as_array().unwrap().clone()
}

fn names(fields: &[Value]) -> Vec<&str> {
    fields.iter().map(|field| field["field"].as_str().unwrap()).collect()
}

impl Office {
    /// Two fields of the office beside the fixed ones; gives their ids.
    fn own_fields(&self) -> [String; 2] {
        [("car", true), ("wage", false)].map(|(name, global_search)| {
            let form = json!({
                "package": "1", "name": name, "label": name.to_uppercase(), "type": "input",
                "global_search": global_search, "unique": name == "wage",
            });
            self.put("custom_field", form)
        })
    }
}

/// FLD-8, FLD-35..37, FLD-39..41, FLD-42: fields stand as they were put, the customer's name first whatever is asked; what is placed
/// in area B, and how wide, is told with it; who may not use the tools changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn fields_stand_as_the_office_puts_them() {
    let office = Office::with_customers().await;
    office.own_fields();
    let cookie = office.owner().await;
    let usual = ["name", "phone", "email", "gender", "age", "address", "area", "remark", "custom.car", "custom.wage"];
    assert_eq!(names(&fields(&office, &cookie, "").await), usual, "FLD-42");
    let place = |field: &str, more: Value| {
        let mut place = json!({ "field": field });
        place.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        place
    };
    let wide = json!({ "label_width": 30, "content_width": 50, "required": true, "call_record": true });
    let places = json!([
        place("name", json!({})),
        place("email", json!({ "area": "B" })),
        place("custom.car", wide),
        place("phone", json!({})),
    ]);
    let made = office.ask(&cookie, "POST", "/panel/customer_forms", json!({ "package": "1", "places": places })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/panel/customer_forms/{}", made.json()["id"].as_str().unwrap());
    let told = fields(&office, &cookie, "").await;
    let expected =
        ["name", "custom.car", "phone", "gender", "age", "address", "area", "remark", "custom.wage", "email"];
    assert_eq!(names(&told), expected, "FLD-35, FLD-37: B stands behind A, what has no place behind what has one");
    let car = &told[1];
    for (row, field, value) in [
        ("FLD-37", "area", json!("A")),
        ("FLD-39", "required", json!(true)),
        ("FLD-40", "call_record", json!(true)),
        ("FLD-41", "label_width", json!(30)),
        ("FLD-41", "content_width", json!(50)),
    ] {
        assert_eq!(car[field], value, "{row}: {field}");
    }
    assert_eq!((&told[9]["area"], &told[9]["schema"]), (&json!("B"), &Value::Null), "FLD-37");
    assert_eq!(car["schema"]["title"], "CAR");

    for (row, places, why) in [
        ("FLD-36", json!([place("phone", json!({})), place("name", json!({}))]), "fixed"),
        ("FLD-36", json!([place("name", json!({ "area": "B" }))]), "fixed"),
        ("FLD-37", json!([place("email", json!({ "area": "C" }))]), "choice"),
        ("FLD-41", json!([place("email", json!({ "label_width": 101 }))]), "out_of_range"),
        ("FLD-41", json!([place("email", json!({ "content_width": -1 }))]), "out_of_range"),
        ("unknown", json!([place("custom.bike", json!({}))]), "choice"),
        ("twice", json!([place("email", json!({})), place("email", json!({}))]), "repeated"),
    ] {
        let response = office.ask(&cookie, "PATCH", &path, json!({ "places": places })).await;
        let fields = response.json()["fields"].as_object().unwrap().clone();
        assert_eq!(fields.values().next().unwrap()["why"], why, "{row}: {response:?}");
    }
    assert_eq!(fields(&office, &cookie, "").await, told, "nothing of it was kept");

    let add = async |custom: Value| {
        office
            .ask(&cookie, "POST", "/panel/customers", json!({ "package": "1", "phone": "100", "custom": custom }))
            .await
    };
    let without = add(json!({})).await;
    assert_eq!(without.json()["fields"], json!({ "custom.car": { "why": "required" } }), "FLD-39");
    assert_eq!(add(json!({ "car": "Audi" })).await.status, 201, "FLD-39");
    let email = json!([place("email", json!({ "required": true }))]);
    assert_eq!(office.ask(&cookie, "PATCH", &path, json!({ "places": email })).await.status, 200);
    let fixed = office.ask(&cookie, "POST", "/panel/customers", json!({ "package": "1", "phone": "101" })).await;
    assert_eq!(fixed.json()["fields"], json!({ "email": { "why": "required" } }), "FLD-39: a fixed field");

    office.helper("hana", &["custom_field.view", "custom_field.edit", "customer.view"]);
    let hana = office.cookie("hana").await;
    for (method, path, body) in [
        ("PATCH", path.clone(), json!({ "places": [] })),
        ("POST", "/panel/custom_fields/repair".into(), json!({ "package": "1" })),
        ("GET", "/panel/customers/fields?package=1&whole=true".into(), Value::Null),
    ] {
        assert_eq!(office.ask(&hana, method, &path, body).await.refusal(), refused(403, "forbidden"), "FLD-8: {path}");
    }
    assert_eq!(office.ask(&cookie, "DELETE", &path, Value::Null).await.refusal(), refused(403, "forbidden"));
}

/// FLD-32..34: what a role does not view is not shown, not searched and not exported; what it does not edit stays; a
/// fixed field can always be viewed.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_views_and_edits_what_it_may() {
    let office = Office::with_customers().await;
    office.own_fields();
    let rights = ["customer.view", "customer.edit", "customer.add", "customer.export", "customer.import"];
    let (role, _) = office.helper("hana", &rights);
    office.set("role", &role, json!({ "scopes": { "customer": "all" } }));
    let (owner, hana) = (office.owner().await, office.cookie("hana").await);
    let id = office.customer(json!({ "phone": "100", "name": "Mei", "custom": { "car": "Audi", "wage": "9000" } }));
    let path = format!("/panel/customers/{id}");
    let none = json!({ "package": "1", "rights": [{ "role": role, "unseen": ["email"] }] });
    let fixed = office.ask(&owner, "POST", "/panel/customer_forms", none).await;
    assert_eq!(fixed.json()["fields"], json!({ "rights": { "why": "fixed" } }), "FLD-34");
    let kept = json!([{ "role": role, "unseen": ["custom.car"], "unedited": ["custom.wage", "email"] }]);
    let made = office.ask(&owner, "POST", "/panel/customer_forms", json!({ "package": "1", "rights": kept })).await;
    assert_eq!(made.status, 201, "{made:?}");

    let told = fields(&office, &hana, "").await;
    assert!(!names(&told).contains(&"custom.car"), "FLD-32");
    let edits = |name: &str| told.iter().find(|field| field["field"] == name).unwrap()["edit"].clone();
    assert_eq!((edits("custom.wage"), edits("email"), edits("name")), (json!(false), json!(false), json!(true)));
    let row = office.get(&hana, &path).await.json();
    assert_eq!(row["custom"], json!({ "wage": "9000" }), "FLD-32");
    assert_eq!(office.get(&owner, &path).await.json()["custom"], json!({ "car": "Audi", "wage": "9000" }));
    let found = async |cookie: &str| office.field(cookie, "phone", "search=audi").await.len();
    assert_eq!((found(&hana).await, found(&owner).await), (0, 1), "FLD-32: not searched");
    while office.store.settle_tables().unwrap() {}
    assert_eq!((found(&hana).await, found(&owner).await), (0, 1), "nor by what was built meanwhile");

    let ask = async |body: Value| office.ask(&hana, "PATCH", &path, body).await;
    for (field, body) in [
        ("custom.car", json!({ "custom": { "car": "Volvo" } })),
        ("custom.wage", json!({ "custom": { "wage": "1" } })),
        ("email", json!({ "email": "mei@example.com" })),
    ] {
        let response = ask(body).await;
        assert_eq!(response.refusal(), refused(403, "forbidden"), "FLD-32: {field}");
        assert!(response.json()["fields"][field].is_object(), "{field}: {response:?}");
    }
    let same = ask(json!({ "name": "Mei Lin", "custom": { "wage": "9000" } })).await;
    assert_eq!((same.status, &same.json()["custom"]), (200, &json!({ "wage": "9000" })), "as it is, it may be sent");
    assert_eq!(office.get(&owner, &path).await.json()["custom"]["car"], "Audi", "what is not shown stays");
    let new = json!({ "package": "1", "phone": "101", "email": "a@b.cn" });
    let added = office.ask(&hana, "POST", "/panel/customers", new).await;
    assert_eq!(added.refusal(), refused(403, "forbidden"), "FLD-34");

    office.ask(&owner, "PATCH", &path, json!({ "custom": { "car": "Volvo" } })).await;
    let past = office.get(&hana, &format!("{path}/history")).await;
    assert!(!String::from_utf8(past.body).unwrap().contains("Volvo"), "nor in what became of it");
    let asked = json!({ "search": "", "language": "en" });
    let job = office.job(&hana, "/panel/customers/export", asked).await;
    let text = office.text(&hana, &format!("/panel/jobs/{}/file", job["id"].as_str().unwrap())).await;
    assert!(text.contains("WAGE") && !text.contains("CAR") && !text.contains("Volvo"), "FLD-32: {text}");

    assert_eq!(office.ask(&owner, "DELETE", &format!("/panel/roles/{role}"), Value::Null).await.status, 409);
    let spare = office.put("role", json!({ "name": "Spare" }));
    let form = format!("/panel/customer_forms/{}", made.json()["id"].as_str().unwrap());
    let both = json!([kept[0], { "role": spare, "unseen": ["custom.car"] }]);
    assert_eq!(office.ask(&owner, "PATCH", &form, json!({ "rights": both })).await.status, 200);
    assert_eq!(office.ask(&owner, "DELETE", &format!("/panel/roles/{spare}"), Value::Null).await.status, 204);
    assert_eq!(office.get(&owner, &form).await.json()["rights"].as_array().unwrap().len(), 1, "a role that is gone");
}

/// FLD-29..31: a repair puts fields in their place, takes away what is left of fields that are gone, builds indexes anew
/// from the rows, tells what it mended, and leaves every value.
#[tokio::test(flavor = "multi_thread")]
async fn fields_are_repaired() {
    let office = Office::with_customers().await;
    let [car, wage] = office.own_fields();
    let old = office.put("custom_field", json!({ "package": "1", "name": "old", "label": "Old", "type": "input" }));
    let owner = office.owner().await;
    let id = office.customer(json!({ "phone": "100", "custom": { "car": "Audi", "wage": "9000" } }));
    let role = office.put("role", json!({ "name": "Desk" }));
    let form = json!({
        "package": "1", "places": [{ "field": "name" }, { "field": "custom.old" }, { "field": "phone" }],
        "rights": [{ "role": role, "unedited": ["custom.old", "email"] }],
    });
    let made = office.ask(&owner, "POST", "/panel/customer_forms", form).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(office.ask(&owner, "DELETE", &format!("/panel/custom_fields/{old}"), Value::Null).await.status, 204);
    while office.store.settle_tables().unwrap() {}
    let before = office.get(&owner, &format!("/panel/customers/{id}")).await.json();

    let repair = async |body: Value| office.post(&owner, "/panel/custom_fields/repair", body).await["mended"].clone();
    let mended = |field: &str, what: &str| json!({ "field": field, "what": what });
    let one = repair(json!({ "package": "1", "ids": [wage] })).await;
    let of_wage = [mended("custom.wage", "place_added"), mended("custom.wage", "unique_index")];
    assert_eq!(one, json!(of_wage), "FLD-31: only what was picked");
    let all = repair(json!({ "package": "1" })).await;
    for entry in [
        mended("custom.car", "place_added"),
        mended("custom.car", "search_index"),
        mended("custom.old", "place_removed"),
        mended("custom.old", "right_removed"),
        mended("email", "place_added"),
        mended("custom.wage", "unique_index"),
    ] {
        assert!(all.as_array().unwrap().contains(&entry), "FLD-29, FLD-30: {entry} in {all}");
    }
    let form = office.get(&owner, "/panel/customer_forms?package=1").await.json()["items"][0].clone();
    let placed: Vec<_> = form["places"].as_array().unwrap().iter().map(|place| &place["field"]).collect();
    assert_eq!(placed[..3], ["name", "phone", "custom.wage"]);
    assert!(placed.contains(&&json!("custom.car")) && !placed.contains(&&json!("custom.old")), "{placed:?}");
    assert_eq!(form["rights"][0]["unedited"], json!(["email"]));
    assert_eq!(office.field(&owner, "phone", "search=audi").await, ["100"], "found while it is built");
    while office.store.settle_tables().unwrap() {}
    assert_eq!(office.field(&owner, "phone", "search=audi").await, ["100"], "and afterwards");
    let again = json!({ "package": "1", "phone": "101", "custom": { "wage": "9000" } });
    let taken = office.ask(&owner, "POST", "/panel/customers", again).await;
    assert_eq!(taken.refusal(), refused(409, "duplicate"), "a unique field stays unique");
    assert_eq!(office.get(&owner, &format!("/panel/customers/{id}")).await.json(), before, "FLD-29: no value changed");
    let twice = repair(json!({ "package": "1" })).await;
    let places =
        twice.as_array().unwrap().iter().filter(|one| one["what"] != "search_index" && one["what"] != "unique_index");
    assert_eq!(places.count(), 0, "nothing is left to be put in its place");
    for (body, field) in [
        (json!({}), "package"),
        (json!({ "package": "1", "ids": ["99"] }), "ids"),
        (json!({ "package": "1", "ids": [old] }), "ids"),
        (json!({ "package": "1", "all": true }), "all"),
    ] {
        let response = office.ask(&owner, "POST", "/panel/custom_fields/repair", body.clone()).await;
        assert!(response.json()["fields"][field].is_object(), "{body}: {response:?}");
    }
    let row = office.store.row("custom_field", Id(car.parse().unwrap())).unwrap();
    assert_eq!(row["label"], "CAR");
}
