//! Where numbers belong: the table of the upstream out of a file, the one of every box, and what is looked up in them.

use super::{Office, refused};
use serde_json::{Value, json};
use std::time::Duration;

const TABLE: &str =
    "code,name,country\r\n8610,首都,CN\r\n86755,Shenzhen,cn\r\n861380000,Tianjin mobile,CN\r\n81,Japan,JP\r\n";

impl Office {
    /// Imports a table of places as whoever acts as the upstream; gives the job when it has ended.
    async fn places(&self, cookie: &str, text: &str) -> Value {
        let request = self.page("POST", "/panel/uploads?name=places.csv&for=given_regions").with("Cookie", cookie);
        let sent = self.send(request.bytes(text.as_bytes().to_vec())).await;
        assert_eq!(sent.status, 201, "{sent:?}");
        let columns: Vec<_> =
            ["code", "name", "country"].iter().enumerate().map(|(n, f)| json!({ "column": n, "field": f })).collect();
        let asked =
            json!({ "upload": sent.json()["upload"], "encoding": "utf-8", "language": "en", "columns": columns });
        self.job(cookie, "/panel/given_regions/import", asked).await
    }

    async fn listed(&self, cookie: &str, query: &str) -> Vec<String> {
        let list = self.get(cookie, &format!("/panel/regions?limit=500&{query}")).await.json();
        list["items"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect()
    }

    async fn look_up(&self, cookie: &str, number: &str) -> [Value; 4] {
        let told = self.get(cookie, &format!("/panel/regions/look_up?number={number}")).await;
        assert_eq!(told.status, 200, "{number}: {told:?}");
        let told = told.json();
        ["international", "code", "name", "country"].map(|field| told[field].clone())
    }
}

/// LOC-3, LOC-4, LOC-8, LOC-10, LOC-12, LOC-13, DID-32: a file takes the place of what is there for the countries it
/// names, is listed and looked up at once, and outlives a stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_the_table_of_places() {
    let office = Office::new().await;
    office.put("preferences", json!({ "country": "CN", "area_code": "755", "language": "en" }));
    let did = office.put("did", json!({ "number": "861088001234" }));
    let cookie = office.owner().await;
    let region = async |office: &Office, cookie: &str| {
        office.get(cookie, &format!("/panel/dids/{did}")).await.json()["region"].clone()
    };
    assert_eq!(region(&office, &cookie).await, "Beijing", "LOC-12, DID-32: without a table from upstream");
    let usual = office.get(&cookie, "/panel/regions").await.json();
    assert!(usual["total"].as_u64().unwrap() > 2_000, "LOC-12");

    let job = office.places(&cookie, TABLE).await;
    assert_eq!((&job["status"], &job["succeeded"], &job["page"]), (&json!("done"), &json!(4), &json!("given_regions")));
    assert_eq!(office.listed(&cookie, "").await, ["81", "8610", "861380000", "86755"], "LOC-4: in place of all");
    assert_eq!(region(&office, &cookie).await, "首都", "LOC-10");
    for (query, found) in [
        ("search=8675", &["86755"][..]),
        ("search=SHEN", &["86755"]),
        ("search=%E9%A6%96", &["8610"]),
        ("country=JP", &["81"]),
        ("country=JP,CN&search=mobile", &["861380000"]),
        ("sort=-code", &["86755", "861380000", "8610", "81"]),
        ("sort=name", &["81", "86755", "861380000", "8610"]),
        ("sort=country&search=8", &["8610", "861380000", "86755", "81"]),
        ("search=nowhere", &[]),
        ("sort=-id", &["86755", "861380000", "8610", "81"]),
        ("ids=81,86755", &["81", "86755"]),
        ("created_at=2001-01-01T00:00:00Z..", &["81", "8610", "861380000", "86755"]),
        ("created_at=..2001-01-01T00:00:00Z", &[]),
    ] {
        assert_eq!(office.listed(&cookie, query).await, found, "LOC-3: {query}");
    }
    let page = office.get(&cookie, "/panel/regions?limit=3").await.json();
    let next = page["next"].as_str().unwrap();
    let rest = office.get(&cookie, &format!("/panel/regions?limit=3&cursor={next}")).await.json();
    assert_eq!((&page["total"], rest["items"].as_array().unwrap().len(), &rest["next"]), (&json!(4), 1, &Value::Null));
    assert_eq!(office.get(&cookie, "/panel/regions/8610").await.json()["name"], "首都");
    assert_eq!(office.get(&cookie, "/panel/regions/99").await.refusal(), refused(404, "not_found"));
    assert_eq!(office.get(&cookie, "/panel/regions?sort=size").await.refusal(), refused(422, "invalid"));

    office.agent("80155").await;
    let none = || [Value::Null, Value::Null, Value::Null];
    for (number, international, place) in [
        ("010-8800 1234".replace(' ', "%20"), "861088001234", [json!("8610"), json!("首都"), json!("CN")]),
        ("88001234".into(), "8675588001234", [json!("86755"), json!("Shenzhen"), json!("CN")]),
        ("13800001111".into(), "8613800001111", [json!("861380000"), json!("Tianjin mobile"), json!("CN")]),
        ("%2B81312345678".into(), "81312345678", [json!("81"), json!("Japan"), json!("JP")]),
        ("0033142345678".into(), "33142345678", none()),
    ] {
        let [told, code, name, country] = office.look_up(&cookie, &number).await;
        assert_eq!((told, [code, name, country]), (json!(international), place), "LOC-7, LOC-8, LOC-13: {number}");
    }
    for number in ["1234", "80155"] {
        let [_, code, name, country] = office.look_up(&cookie, number).await;
        assert_eq!([code, name, country], none(), "LOC-7: short, or internal: {number}");
    }
    let wrong = office.get(&cookie, "/panel/regions/look_up?number=abc").await;
    assert_eq!(wrong.json()["fields"]["number"]["why"], "pattern");

    let job = office.places(&cookie, "code,name,country\n86,China,CN\n").await;
    assert_eq!(job["status"], "done", "{job}");
    assert_eq!(office.listed(&cookie, "").await, ["81", "86"], "LOC-4: of the countries it names, and no others");
    let office = office.again(Duration::from_secs(60)).await;
    let cookie = office.owner().await;
    assert_eq!(office.listed(&cookie, "").await, ["81", "86"], "it outlives a stop");
    assert_eq!(region(&office, &cookie).await, "China", "LOC-10");
}

/// LOC-2, LOC-4, LOC-5: a line that is wrong refuses the whole file and is named by its number; nothing changes.
#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_line_refuses_a_table_of_places() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    office.places(&cookie, TABLE).await;
    let before = office.listed(&cookie, "").await;
    for (row, lines, wrong) in [
        ("LOC-5", "86,China,CN\n86a,Nowhere,CN\n", "3"),
        ("LOC-2", "1234567890123456,Long,CN\n", "2"),
        ("LOC-5", "86,,CN\n", "2"),
        ("LOC-2", "86,China,ZZ\n", "2"),
        ("LOC-5", "86,China,CN\n861,One,CN\n86,Again,CN\n", "4"),
        ("LOC-5", "81,Not theirs,CN\n", "2"),
        ("LOC-2", &format!("86,{},CN\n", "x".repeat(81)), "2"),
        ("a cell more", "86,China,CN,x\n", "2"),
    ] {
        let job = office.places(&cookie, &format!("code,name,country\n{lines}")).await;
        let told = (&job["status"], &job["failure_reason"], &job["succeeded"], &job["failed"]);
        assert_eq!(told, (&json!("failed"), &json!("lines_wrong"), &json!(0), &json!(1)), "{row}: {lines} {job}");
        let report = office.text(&cookie, &format!("/panel/jobs/{}/failed", job["id"].as_str().unwrap())).await;
        let line = report.lines().nth(1).unwrap();
        assert_eq!(line.split(',').next(), Some(wrong), "{row}: {report}");
        assert_eq!(office.listed(&cookie, "").await, before, "{row}: all lines or none");
    }
    let form = |text: &[u8], to: &str| {
        let request = office.page("POST", &format!("/panel/uploads?name=x.csv&for={to}")).with("Cookie", &cookie);
        office.send(request.bytes(text.to_vec()))
    };
    let most = 32 * 1024 * 1024;
    assert_eq!(form(&vec![b'1'; most], "given_regions").await.status, 201, "LOC-4: 32 MB");
    assert_eq!(form(&vec![b'1'; most + 1], "given_regions").await.refusal(), refused(413, "too_large"), "LOC-4");
    assert_eq!(form(b"code\n", "regions").await.refusal(), refused(403, "upstream_owned"), "LOC-1");
    office.helper("hana", &["region.view"]);
    let hana = office.cookie("hana").await;
    let request = office.page("POST", "/panel/uploads?name=x.csv&for=given_regions").with("Cookie", &hana);
    assert_eq!(office.send(request.bytes(b"code\n".to_vec())).await.refusal(), refused(403, "forbidden"), "LOC-1");
    assert_eq!(office.listed(&hana, "").await, before, "LOC-1");
    assert_eq!(office.look_up(&hana, "%2B81312345678").await[2], "Japan");
    office.helper("otto", &[]);
    let otto = office.cookie("otto").await;
    for path in ["/panel/regions", "/panel/regions/look_up?number=8610"] {
        assert_eq!(office.get(&otto, path).await.refusal(), refused(403, "forbidden"), "LOC-1: {path}");
    }
}
