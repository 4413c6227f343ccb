//! Files that people add to a customer, in a field that the office made for them.

use super::{HOUR, Office, Response, refused};
use serde_json::{Value, json};
use std::time::Duration;

const MEGABYTE: usize = 1024 * 1024;

impl Office {
    async fn attach(&self, cookie: &str, query: &str, bytes: &[u8]) -> Response {
        let path = format!("/panel/uploads/customers/custom.contract{query}");
        self.send(self.page("POST", &path).with("Cookie", cookie).bytes(bytes.to_vec())).await
    }

    async fn attached(&self, cookie: &str, query: &str, bytes: &[u8]) -> String {
        let response = self.attach(cookie, query, bytes).await;
        assert_eq!(response.status, 201, "{response:?}");
        response.json()["file"].as_str().unwrap().into()
    }

    /// What a sweep leaves that comes `hours` later.
    fn swept(&self, hours: u64) -> usize {
        while self.store.settle_tables().unwrap() {}
        let now = self.clock.lock().unwrap().wall;
        self.store.sweep_files(now + Duration::from_secs(hours * HOUR)).unwrap();
        self.on_disk().len()
    }
}

fn field() -> Value {
    json!({ "package": "1", "name": "contract", "label": "Contract", "type": "attachment" })
}

/// FLD-19 and its reading: one file of at most 20 MB, kept as it is, given out under its own name and never as a page; a
/// new upload takes the place of the old one, and what no customer names goes.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_attached_to_a_customer() {
    let office = Office::with_customers().await;
    office.put("custom_field", field());
    let cookie = office.owner().await;
    let page = b"<script>alert(1)</script>";
    let file = office.attached(&cookie, "?package=1&name=..%2F%E5%90%88%E5%90%8C%202026.html", page).await;
    assert!(file.ends_with("/合同 2026.html") && file.len() == 64 + "/合同 2026.html".len(), "{file}");
    let form = json!({ "package": "1", "phone": "139", "custom": { "contract": file } });
    let made = office.ask(&cookie, "POST", "/panel/customers", form).await;
    assert_eq!((made.status, &made.json()["custom"]["contract"]), (201, &json!(file)), "{made:?}");
    let path = format!("/panel/customers/{}", made.json()["id"].as_str().unwrap());
    let of_row = format!("{path}/file?field=custom.contract");
    let got = office.get(&cookie, &of_row).await;
    assert_eq!((got.status, &got.body[..]), (200, &page[..]));
    assert_eq!(got.header("content-type"), Some("application/octet-stream"));
    assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
    let named = "attachment; filename=\"___2026.html\"; filename*=UTF-8''%E5%90%88%E5%90%8C%202026.html";
    assert_eq!(got.header("content-disposition"), Some(named));
    assert_eq!(office.swept(2), 1, "a customer names it");

    let other = office.attached(&cookie, "?name=new.pdf", b"two").await;
    assert_eq!(office.on_disk().len(), 2, "of the usual package where none is named");
    let changed = office.ask(&cookie, "PATCH", &path, json!({ "custom": { "contract": other } })).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(office.get(&cookie, &of_row).await.body, b"two", "FLD-19: it takes the place of the old file");
    assert_eq!(office.swept(2), 1, "the old one goes");
    let job = office.job(&cookie, "/panel/customers/export", json!({ "search": "", "language": "en" })).await;
    let text = office.text(&cookie, &format!("/panel/jobs/{}/file", job["id"].as_str().unwrap())).await;
    assert!(text.contains("new.pdf") && !text.contains(&other[..64]), "a file tells its name: {text}");
    let emptied = office.ask(&cookie, "PATCH", &path, json!({ "custom": { "contract": null } })).await;
    assert_eq!((emptied.status, &emptied.json()["custom"]), (200, &json!({})), "{emptied:?}");
    assert_eq!(office.get(&cookie, &of_row).await.refusal(), refused(404, "not_found"));
    assert_eq!(office.swept(2), 0, "nobody names any");
}

/// FLD-19, LST-21: what is too large, is not kept, or is asked for where no such field is.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_attached_is_refused() {
    let office = Office::with_customers().await;
    office.put("custom_field", field());
    office.put("custom_field", json!({ "package": "1", "name": "car", "label": "Car", "type": "input" }));
    office.put("package", json!({ "display_name": "B", "code": "b" }));
    let cookie = office.owner().await;
    let most = office.attach(&cookie, "?package=1&name=x", &vec![7; 20 * MEGABYTE]).await;
    assert_eq!(most.status, 201, "{most:?}");
    let more = office.attach(&cookie, "?package=1&name=x", &vec![7; 20 * MEGABYTE + 1]).await;
    assert_eq!(more.refusal(), refused(413, "too_large"));
    for query in ["?package=2&name=x", "?package=99", "?package=x"] {
        assert_eq!(office.attach(&cookie, query, b"x").await.refusal(), refused(404, "not_found"), "{query}");
    }
    assert_eq!(office.attach(&cookie, "?size=3", b"x").await.refusal(), refused(422, "invalid"));
    for path in ["custom.car", "custom.none", "custom", "custom.", "phone"] {
        let request = office.page("POST", &format!("/panel/uploads/customers/{path}?package=1"));
        let response = office.send(request.with("Cookie", &cookie).bytes(b"x".to_vec())).await;
        assert!([404, 422].contains(&response.status), "{path}: {response:?}");
    }
    let before = office.on_disk().len();
    let add = async |contract: Value| {
        let form = json!({ "package": "1", "phone": "139", "custom": { "contract": contract } });
        office.ask(&cookie, "POST", "/panel/customers", form).await
    };
    let nowhere = format!("{}/x.pdf", "0a".repeat(32));
    for (wrong, why) in [(json!(nowhere), "not_there"), (json!("x.pdf"), "too_short"), (json!(7), "type")] {
        let response = add(wrong.clone()).await;
        assert_eq!(response.json()["fields"]["custom.contract"]["why"], why, "{wrong}");
    }
    let id = office.customer(json!({ "phone": "140" }));
    let wrong = json!({ "custom": { "contract": nowhere } });
    let changed = office.ask(&cookie, "PATCH", &format!("/panel/customers/{id}"), wrong).await;
    assert_eq!(changed.json()["fields"]["custom.contract"]["why"], "not_there");
    let none = office.get(&cookie, &format!("/panel/customers/{id}/file?field=custom.contract")).await;
    assert_eq!(none.refusal(), refused(404, "not_found"));
    assert_eq!(office.on_disk().len(), before, "nothing is left behind");
}

/// FLD-19, FLD-32, ROL-11: whoever does not see a field or a customer has none of its files.
#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_is_for_who_sees_it() {
    let office = Office::with_customers().await;
    office.put("custom_field", field());
    let owner = office.owner().await;
    let file = office.attached(&owner, "?package=1&name=a.pdf", b"secret").await;
    let id = office.customer(json!({ "phone": "139", "custom": { "contract": file } }));
    let path = format!("/panel/customers/{id}/file?field=custom.contract");
    let (role, _) = office.helper("hana", &["customer.view", "customer.edit"]);
    let hana = office.cookie("hana").await;
    assert_eq!(office.get(&hana, &path).await.refusal(), refused(404, "not_found"), "the scope is self");
    office.set("role", &role, json!({ "scopes": { "customer": "all" } }));
    assert_eq!(office.get(&hana, &path).await.body, b"secret");
    assert_eq!(office.attach(&hana, "?package=1&name=b", b"b").await.status, 201);
    for (rights, sees) in [("unedited", 200), ("unseen", 404)] {
        let form = json!({ "package": "1", "rights": [{ "role": role, rights: ["custom.contract"] }] });
        let forms = office.get(&owner, "/panel/customer_forms?package=1").await.json();
        let response = match forms["items"][0]["id"].as_str() {
            None => office.ask(&owner, "POST", "/panel/customer_forms", form).await,
            Some(id) => office.ask(&owner, "PATCH", &format!("/panel/customer_forms/{id}"), form).await,
        };
        assert!(response.status < 300, "{response:?}");
        assert_eq!(office.get(&hana, &path).await.status, sees, "{rights}");
        assert_eq!(office.attach(&hana, "?package=1&name=c", b"c").await.status, 404, "{rights}");
    }
    office.helper("otto", &["agent.view"]);
    let otto = office.cookie("otto").await;
    assert_eq!(office.get(&otto, &path).await.refusal(), refused(403, "forbidden"));
    assert_eq!(office.attach(&otto, "?package=1", b"x").await.refusal(), refused(403, "forbidden"));
}
