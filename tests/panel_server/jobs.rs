//! Background jobs: exports end to end, who may have what, what is kept and for how long.

use super::{HOUR, Office, Response, START, agent, refused, watching::Page};
use callbox::{
    schema::Actor,
    store::Write,
    view::{BoxRow, Change},
};
use serde_json::{Value, json};
use std::{io::Cursor, time::Duration};

impl Office {
    /// With the package that every office has.
    pub async fn with_customers() -> Office {
        let office = Office::new().await;
        office.store.provide(START.wall).unwrap();
        office
    }

    /// Starts a job and waits at an open page until it has ended; gives it as the page is told of it.
    pub async fn job(&self, cookie: &str, path: &str, body: Value) -> Value {
        let mut page = self.open_page(cookie);
        let number = self.begun(cookie, path, body).await;
        ended(&mut page, &number)
    }

    /// JOB-21: the number of a job, at once.
    pub async fn begun(&self, cookie: &str, path: &str, body: Value) -> String {
        let response = self.ask(cookie, "POST", path, body).await;
        assert_eq!(response.status, 202, "{response:?}");
        response.json()["job_number"].as_str().unwrap().to_string()
    }

    pub async fn get(&self, cookie: &str, path: &str) -> Response {
        self.ask(cookie, "GET", path, Value::Null).await
    }

    pub async fn text(&self, cookie: &str, path: &str) -> String {
        let response = self.get(cookie, path).await;
        assert_eq!(response.status, 200, "{response:?}");
        String::from_utf8(response.body).unwrap()
    }
}

/// Waits at an open page until a job has ended.
pub fn ended(page: &mut Page, number: &str) -> Value {
    loop {
        let told = page.next().unwrap();
        let jobs = told["jobs"].as_array().into_iter().flatten();
        let found = jobs.filter(|job| job["job_number"] == *number).find(|job| !job["ended_at"].is_null());
        if let Some(job) = found {
            return job.clone();
        }
    }
}

fn customers(office: &Office, phones: impl IntoIterator<Item = u64>) {
    let customer = callbox::model::resource("customer").unwrap();
    let phones: Vec<u64> = phones.into_iter().collect();
    office
        .store
        .batch(&Actor::System, START.wall, |batch| {
            for phone in &phones {
                let value = json!({ "package": "1", "phone": phone.to_string(), "name": format!("N{phone}") });
                batch.take(customer, Write::Add { value: value.as_object().unwrap().clone() })?;
            }
            Ok(())
        })
        .unwrap();
}

/// JOB-1, JOB-6..19, JOB-21, JOB-22, JOB-25, CUS-18, PRF-36, LST-27: from the list to the file, in the words of the page.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_becomes_a_file_of_what_the_list_shows() {
    let office = Office::with_customers().await;
    let tag = office.put("tag", json!({ "name": "VIP" }));
    for (phone, name) in [("801", "=1+1"), ("802", "王,芳"), ("803", "Bo")] {
        let tags = if phone == "803" { json!([]) } else { json!([tag]) };
        office.put("customer", json!({ "package": "1", "phone": phone, "name": name, "gender": "male", "tags": tags }));
    }
    let cookie = office.owner().await;
    let asked = json!({ "filters": { "tags": [tag] }, "sort": "phone", "language": "zh",
        "columns": ["phone", "name", "gender", "created_at", "a column of the page alone"] });
    let job = office.job(&cookie, "/panel/customers/export", asked.clone()).await;
    assert_eq!(
        (&job["job_type"], &job["page"], &job["status"]),
        (&json!("export"), &json!("customers"), &json!("done"))
    );
    assert_eq!(
        (&job["total"], &job["processed"], &job["succeeded"], &job["failed"]),
        (&json!(2), &json!(2), &json!(2), &json!(0))
    );
    assert_eq!(
        (&job["file_name"], &job["created_by"], &job["server_name"]),
        (&json!("customers.csv"), &json!("boss"), &json!("Callbox"))
    );
    let options: Value = serde_json::from_str(job["options"].as_str().unwrap()).unwrap();
    assert_eq!(options, asked, "JOB-13");
    let response = office.get(&cookie, "/panel/jobs/1/file").await;
    assert_eq!(response.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(response.header("content-disposition").unwrap().contains("customers.csv"));
    let heading = "\u{feff}电话,姓名,性别,创建时间";
    let rows = ["801,\"'=1+1\",男,2026-11-18 19:06:40", "802,\"王,芳\",男,2026-11-18 19:06:40", ""];
    let expected = [&[heading], &rows[..]].concat().join("\r\n");
    assert_eq!(String::from_utf8(response.body).unwrap(), expected, "never a secret, never a formula");
    let audited = office.get(&cookie, "/panel/audit?search=export").await.json();
    assert_eq!(
        (&audited["items"][0]["action"], &audited["items"][0]["status"]),
        (&json!("export customer"), &json!(202))
    );
}

/// CUS-18 reading: the ticked rows, or all that the filters find, of a noun that is a table; hidden fields stay out.
#[tokio::test(flavor = "multi_thread")]
async fn customers_are_exported_by_package_filter_or_tick() {
    let office = Office::with_customers().await;
    office.put("custom_field", json!({ "package": "1", "name": "car", "label": "车型", "type": "input" }));
    let tag = office.put("tag", json!({ "name": "VIP" }));
    office.put("package", json!({ "display_name": "North", "code": "north" }));
    let row = json!({ "package": "1", "phone": "100", "name": "A", "tags": [tag], "custom": { "car": "@Audi" }, "gender": "male" });
    let first = office.put("customer", row);
    office.put("customer", json!({ "package": "1", "phone": "101", "name": "B" }));
    office.put("customer", json!({ "package": "2", "phone": "102", "name": "C" }));
    let cookie = office.owner().await;
    let columns = json!(["name", "phone", "gender", "tags", "custom.car"]);
    let all = json!({ "filters": { "package": ["1"] }, "columns": columns, "language": "en", "sort": "name" });
    let job = office.job(&cookie, "/panel/customers/export", all).await;
    assert_eq!(job["total"], 2);
    let text = office.text(&cookie, "/panel/jobs/1/file").await;
    assert_eq!(text, "\u{feff}Name,Phone,Gender,Tags,车型\r\nA,100,Male,VIP,\"'@Audi\"\r\nB,101,,,\r\n");
    let usual = office.job(&cookie, "/panel/customers/export", json!({ "columns": ["phone"] })).await;
    assert_eq!(usual["total"], 2, "the package that the list shows where none is named");
    office.ask(&cookie, "DELETE", "/panel/jobs/2", Value::Null).await;
    for sort in ["remark", "custom.car", "nothing"] {
        let response = office.ask(&cookie, "POST", "/panel/customers/export", json!({ "sort": sort })).await;
        assert_eq!(response.json()["fields"], json!({ "sort": { "why": "choice" } }), "{sort}");
    }
    office
        .job(&cookie, "/panel/customers/export", json!({ "ids": [first], "columns": ["phone"], "language": "en" }))
        .await;
    assert_eq!(office.text(&cookie, "/panel/jobs/3/file").await, "\u{feff}Phone\r\n100\r\n");
    office
        .job(
            &cookie,
            "/panel/customers/export",
            json!({ "filters": { "tags": [tag] }, "columns": ["phone"], "language": "en" }),
        )
        .await;
    assert_eq!(office.text(&cookie, "/panel/jobs/4/file").await, "\u{feff}Phone\r\n100\r\n");
    let unknown = office.ask(&cookie, "POST", "/panel/customers/export", json!({ "colums": [] })).await;
    assert_eq!(unknown.refusal(), refused(422, "invalid"));
    let none = office.ask(&cookie, "POST", "/panel/customers/export", json!({ "columns": ["phone_password"] })).await;
    assert_eq!(none.refusal(), refused(422, "invalid"));

    let (role, _) = office.helper("clerk", &["customer.view", "customer.export"]);
    office.set("role", &role, json!({ "hidden_fields": ["customer.phone"], "scopes": { "customer": "all" } }));
    let clerk = office.cookie("clerk").await;
    let job = office
        .job(&clerk, "/panel/customers/export", json!({ "language": "en", "filters": { "package": ["1"] } }))
        .await;
    let sorted = office.ask(&clerk, "POST", "/panel/customers/export", json!({ "sort": "phone" })).await;
    assert_eq!(sorted.refusal(), refused(422, "invalid"), "an order would tell what is hidden");
    let file = format!("/panel/jobs/{}/file", job["id"].as_str().unwrap());
    let text = office.text(&clerk, &file).await;
    assert!(text.contains("Name") && !text.contains("Phone") && !text.contains("100"), "ROL-9 reading: {text}");
    office.set("role", &role, json!({ "permissions": ["customer.view"] }));
    assert_eq!(office.get(&clerk, &file).await.refusal(), refused(403, "forbidden"), "the right is gone meanwhile");
}

/// CMP-64, ROL-12: an agent's file has the own customers, with numbers masked as the campaign says.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_exports_the_own_customers_with_masked_numbers() {
    let office = Office::with_customers().await;
    let role = office.put("role", json!({ "name": "Seller", "permissions": ["customer.view", "customer.export"], "scopes": { "customer": "self" } }));
    let mut value = agent("801");
    value["role"] = json!(role);
    let own = office.put("agent", value);
    office.put("agent", agent("802"));
    let group = office.put("agent_group", json!({ "name": "Sales", "group_number": "6001", "agents": [own] }));
    let campaign =
        office.put("campaign", json!({ "name": "Spring", "agent_group": group, "package": "1", "hide_contact": true }));
    office.put(
        "customer",
        json!({ "package": "1", "phone": "13912345678", "campaign": campaign, "agent_number": "801" }),
    );
    office.put("customer", json!({ "package": "1", "phone": "13912340000", "agent_number": "802" }));
    let cookie = office.cookie("801").await;
    let job = office.job(&cookie, "/panel/customers/export", json!({ "columns": ["phone"], "language": "en" })).await;
    assert_eq!(job["total"], 1);
    assert_eq!(office.text(&cookie, "/panel/jobs/1/file").await, "\u{feff}Phone\r\n139****5678\r\n");
}

/// PRF-38, PRF-39: more rows than one file may have are several files in one.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_export_is_split() {
    let office = Office::with_customers().await;
    customers(&office, 10_000..12_500);
    let cookie = office.owner().await;
    let set = office
        .ask(&cookie, "PATCH", "/panel/preferences", json!({ "export_max_rows": 1_000, "export_encoding": "gb18030" }))
        .await;
    assert_eq!(set.status, 200, "{set:?}");
    let asked = json!({ "filters": { "package": ["1"] }, "columns": ["name"], "language": "zh" });
    let job = office.job(&cookie, "/panel/customers/export", asked).await;
    assert_eq!((&job["file_name"], &job["total"]), (&json!("customers.zip"), &json!(2_500)));
    let file = office.get(&cookie, "/panel/jobs/1/file").await;
    assert_eq!(file.header("content-type"), Some("application/zip"));
    let mut zip = zip::ZipArchive::new(Cursor::new(file.body)).unwrap();
    let mut lines = Vec::new();
    for at in 0..zip.len() {
        let mut bytes = Vec::new();
        std::io::copy(&mut zip.by_index(at).unwrap(), &mut bytes).unwrap();
        assert!(bytes.starts_with(b"\xd0\xd5\xc3\xfb\r\n"), "the heading in GB18030");
        lines.push(bytes.split(|byte| *byte == b'\n').count() - 2);
    }
    assert_eq!(lines, [1_000, 1_000, 500]);
}

/// JOB-2, JOB-3, JOB-4, JOB-5, JOB-26, JOB-27, JOB-28, JOB-31
#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_its_makers_and_goes_after_seven_days() {
    let office = Office::with_customers().await;
    office.helper("viewer", &["customer.view", "customer.export", "job.view"]);
    office.helper("other", &["customer.view"]);
    office.put("agent", agent("801"));
    let (boss, viewer, other) = (office.owner().await, office.cookie("viewer").await, office.cookie("other").await);
    let agent = office.cookie("801").await;
    office.job(&boss, "/panel/customers/export", json!({})).await;
    office.job(&viewer, "/panel/customers/export", json!({})).await;
    let total = async |cookie: &str, query: &str| {
        office.get(cookie, &format!("/panel/jobs{query}")).await.json()["total"].clone()
    };
    assert_eq!(total(&boss, "").await, 0, "none waits or runs");
    assert_eq!(total(&boss, "?all=true").await, 2);
    assert_eq!(total(&boss, "?all=true&search=CUSTOMERS").await, 2);
    assert_eq!(total(&boss, "?all=true&search=2").await, 1);
    assert_eq!((total(&viewer, "?all=true").await, total(&other, "?all=true").await), (json!(2), json!(0)));
    assert_eq!(total(&agent, "?all=true").await, 0);
    assert_eq!(office.get(&viewer, "/panel/jobs/1/file").await.refusal(), refused(403, "not_creator"));
    assert_eq!(office.get(&boss, "/panel/jobs/2/file").await.refusal(), refused(403, "not_creator"));
    assert_eq!(office.get(&boss, "/panel/jobs/9/file").await.refusal(), refused(404, "not_found"));
    assert_eq!(office.get(&boss, "/panel/jobs/1/failed").await.refusal(), refused(404, "not_found"));
    assert_eq!(office.ask(&viewer, "DELETE", "/panel/jobs/1", Value::Null).await.refusal(), refused(403, "forbidden"));
    assert_eq!(office.ask(&other, "DELETE", "/panel/jobs/1", Value::Null).await.refusal(), refused(404, "not_found"));
    let counted = office.ask(&viewer, "POST", "/panel/jobs/count", json!({ "search": "", "all": true })).await.json();
    assert_eq!(counted["count"], 2);
    let several = office.ask(&viewer, "POST", "/panel/jobs/delete", json!({ "search": "", "all": true })).await.json();
    assert_eq!((&several["deleted"], &several["refused"][0]["id"]), (&json!(1), &json!("1")));
    assert_eq!(total(&boss, "?all=true").await, 1);
    let none = office.ask(&boss, "POST", "/panel/jobs/delete", json!({})).await;
    assert_eq!((none.status, &none.json()["deleted"]), (200, &json!(0)), "without a search: those that wait or run");
    for wrong in [json!({ "search": 7 }), json!({ "all": "yes" })] {
        assert_eq!(office.ask(&boss, "POST", "/panel/jobs/count", wrong).await.refusal(), refused(422, "invalid"));
    }
    assert!(!office.dir.path().join("jobs/2.out").exists() && office.dir.path().join("jobs/1.out").exists());

    let office = office.again(Duration::from_secs(7 * 24 * HOUR - 1)).await;
    let boss = office.owner().await;
    assert_eq!(office.get(&boss, "/panel/jobs/1/file").await.status, 200);
    office.pass(1);
    assert_eq!(office.get(&boss, "/panel/jobs/1/file").await.refusal(), refused(410, "file_expired"));
    let office = office.again(Duration::from_secs(1)).await;
    let boss = office.owner().await;
    assert_eq!(office.get(&boss, "/panel/jobs/1/file").await.refusal(), refused(410, "file_expired"));
    assert_eq!(office.get(&boss, "/panel/jobs?all=true").await.json()["total"], 1, "the entry stays");
    let mut left = std::fs::read_dir(office.dir.path().join("jobs")).unwrap();
    while left.next().is_some() {
        left = std::fs::read_dir(office.dir.path().join("jobs")).unwrap();
    }
}

/// JOB-23, JOB-24, JOB-29, JOB-30, BOX-134: nothing runs while calls are refused for want of time; what waits can be
/// cancelled, and keeps its order over a restart.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_wait_for_calls_and_keep_their_order() {
    let office = Office::with_customers().await;
    customers(&office, [100]);
    let busy = |refusing| Change::Box(BoxRow { refusing, ..BoxRow::default() });
    office.live.take(busy(true));
    let cookie = office.owner().await;
    let mut page = office.open_page(&cookie);
    for _ in 0..4 {
        office.begun(&cookie, "/panel/customers/export", json!({ "columns": ["phone"] })).await;
    }
    let states = loop {
        let told = page.next().unwrap();
        let jobs = told["jobs"].as_array().cloned().unwrap_or_default();
        let states: Vec<_> = jobs.iter().map(|job| job["status"].as_str().unwrap_or_default().to_string()).collect();
        if states.iter().filter(|state| *state == "running").count() == 2 && states.len() == 4 {
            break states;
        }
    };
    assert_eq!(states, ["running", "running", "waiting", "waiting"]);
    assert_eq!(office.ask(&cookie, "DELETE", "/panel/jobs/3", Value::Null).await.status, 204);
    assert_eq!(office.get(&cookie, "/panel/jobs/3").await.json()["status"], "cancelled");
    assert_eq!(office.ask(&cookie, "DELETE", "/panel/jobs/1", Value::Null).await.status, 204);
    assert_eq!(ended(&mut page, "1")["status"], "cancelled");
    let listed = office.get(&cookie, "/panel/jobs").await.json();
    assert_eq!(listed["total"], 2, "{listed}");

    let office = office.again(Duration::from_secs(1)).await;
    let cookie = office.owner().await;
    let mut page = office.open_page(&cookie);
    let mut ends: Vec<Value> = Vec::new();
    while ends.len() < 2 {
        let told = page.next().unwrap();
        let jobs = told["jobs"].as_array().cloned().unwrap_or_default();
        ends = jobs.into_iter().filter(|job| job["status"] == "done").collect();
    }
    let numbers: Vec<_> = ends.iter().map(|job| job["job_number"].as_str().unwrap()).collect();
    assert_eq!(numbers.len(), 2);
    assert!(numbers.contains(&"2") && numbers.contains(&"4"), "{ends:?}");
    assert_eq!(office.text(&cookie, "/panel/jobs/4/file").await.lines().count(), 2);
}

/// LST-2, JOB-26: whoever may not see a list gets no file of it, not even when the right goes meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_gone_ends_the_job() {
    let office = Office::with_customers().await;
    let (role, _) = office.helper("clerk", &["customer.view", "customer.export"]);
    customers(&office, [100]);
    let clerk = office.cookie("clerk").await;
    let tags = office.ask(&clerk, "POST", "/panel/dids/export", json!({})).await;
    assert_eq!(tags.refusal(), refused(403, "forbidden"));
    office.live.take(Change::Box(BoxRow { refusing: true, ..BoxRow::default() }));
    let mut page = office.open_page(&clerk);
    for _ in 0..3 {
        office.begun(&clerk, "/panel/customers/export", json!({})).await;
    }
    office.set("role", &role, json!({ "permissions": ["customer.view"] }));
    office.live.take(Change::Box(BoxRow::default()));
    let job = ended(&mut page, "3");
    assert_eq!((&job["status"], &job["failure_reason"]), (&json!("failed"), &json!("forbidden")), "JOB-19");
}
