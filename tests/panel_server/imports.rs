//! Imports end to end: the file, its columns, what becomes of each row, and what a stop leaves.

use super::{Office, Response, START, agent, jobs::ended, refused};
use callbox::{
    history::job::JobStatus,
    schema::Id,
    store::{
        Store,
        table::{Query, Sort},
    },
};
use serde_json::{Value, json};
use std::time::Duration;

/// The only one of its kind, in the package that every office has.
const HERE: &str = "1";

impl Office {
    async fn send_file(&self, cookie: &str, name: &str, bytes: &[u8]) -> Response {
        let request = self.page("POST", &format!("/panel/uploads?name={name}")).with("Cookie", cookie);
        self.send(request.bytes(bytes.to_vec())).await
    }

    async fn uploaded(&self, cookie: &str, bytes: &[u8]) -> String {
        let response = self.send_file(cookie, "people.csv", bytes).await;
        assert_eq!(response.status, 201, "{response:?}");
        response.json()["upload"].as_str().unwrap().to_string()
    }

    /// Imports customers with columns by their numbers and further options; gives the job when it has ended.
    async fn imported(&self, cookie: &str, text: &str, columns: &[(usize, &str)], more: Value) -> Value {
        let asked = self.asked(cookie, text, columns, more).await;
        self.job(cookie, "/panel/customers/import", asked).await
    }

    async fn asked(&self, cookie: &str, text: &str, columns: &[(usize, &str)], more: Value) -> Value {
        let columns: Vec<_> =
            columns.iter().map(|(column, field)| json!({ "column": column, "field": field })).collect();
        let upload = self.uploaded(cookie, text.as_bytes()).await;
        let mut asked = json!({ "upload": upload, "encoding": "utf-8", "language": "en", "columns": columns, "chosen": { "package": HERE } });
        for (field, value) in more.as_object().cloned().unwrap_or_default() {
            match (&mut asked[&field], value) {
                (Value::Object(own), Value::Object(more)) => own.extend(more),
                (own, value) => *own = value,
            }
        }
        asked
    }

    fn customers(&self) -> Vec<Value> {
        rows(&self.store, "customer")
    }
}

fn rows(store: &Store, noun: &str) -> Vec<Value> {
    let resource = callbox::model::resource(noun).unwrap();
    let query = Query { limit: 500, sort: Sort { field: None, descending: false }, ..Query::default() };
    store.table_page(resource, &query).unwrap().items
}

fn column(rows: &[Value], field: &str) -> Vec<String> {
    let text = |row: &Value| {
        row.pointer(&format!("/{field}"))
            .map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_string))
    };
    rows.iter().map(text).collect()
}

fn counts(job: &Value) -> [u64; 4] {
    ["total", "processed", "succeeded", "failed"].map(|field| job[field].as_u64().unwrap())
}

/// CUS-19, CUS-49, CUS-50, CUS-53, CUS-65, CUS-66, SRC-2, JOB-11, JOB-25, JOB-26, LST-27: columns match by label and by name, the mark of UTF-8 is no part
/// of a heading, a data source is made, the tags stand on every row.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_customers() {
    let office = Office::with_customers().await;
    let tag = office.put("tag", json!({ "name": "VIP" }));
    office.put("custom_field", json!({ "package": HERE, "name": "mobile", "label": "手机", "type": "phone" }));
    let cookie = office.owner().await;
    let text = "\u{feff}姓名, PHONE ,手机,Gender,x\r\n王芳,139 1234-5678,(010) 88001234,女,1\r\n\"Li, Lei\",13900000002,,male,2\r\n";
    let upload = office.uploaded(&cookie, text.as_bytes()).await;
    let told = office.get(&cookie, &format!("/panel/customers/import?upload={upload}&package={HERE}")).await.json();
    assert_eq!(
        (&told["encoding"], &told["separator"], &told["name"]),
        (&json!("utf-8"), &json!(","), &json!("people.csv"))
    );
    let fields: Vec<_> = told["columns"].as_array().unwrap().iter().map(|column| &column["field"]).collect();
    assert_eq!(fields, [&json!("name"), &json!("phone"), &json!("custom.mobile"), &json!("gender"), &Value::Null]);
    assert_eq!(told["columns"][0]["samples"], json!(["王芳", "Li, Lei"]));
    let required: Vec<_> =
        told["fields"].as_array().unwrap().iter().filter(|field| field["required"] == true).collect();
    assert_eq!(required.len(), 1, "{required:?}");

    let columns = [(0, "name"), (1, "phone"), (2, "custom.mobile"), (3, "gender")];
    let job = office.imported(&cookie, text, &columns, json!({ "chosen": { "tags": [tag] } })).await;
    assert_eq!((counts(&job), &job["status"], &job["file_name"]), ([2, 2, 2, 0], &json!("done"), &json!("people.csv")));
    let made = office.customers();
    assert_eq!(column(&made, "name"), ["王芳", "Li, Lei"]);
    assert_eq!(column(&made, "phone"), ["13912345678", "13900000002"]);
    assert_eq!(column(&made, "gender"), ["female", "male"]);
    assert_eq!(column(&made, "custom/mobile"), ["01088001234", ""], "FLD-14 reading");
    assert_eq!(column(&made, "tags/0"), [tag.clone(), tag]);
    let source =
        office.store.row("data_source", Id(made[0]["data_source"].as_str().unwrap().parse().unwrap())).unwrap();
    assert_eq!(source["name"], "2026-11-18 19:06:40", "CUS-53 reading: in the office's time");
    office.imported(&cookie, "phone\n20", &[(0, "phone")], json!({})).await;
    let again = office.customers().pop().unwrap();
    let source = office.store.row("data_source", Id(again["data_source"].as_str().unwrap().parse().unwrap())).unwrap();
    assert_eq!(source["name"], "2026-11-18 19:06:40-2", "SRC-8 reading");
    let file = office.get(&cookie, "/panel/jobs/1/file").await;
    assert_eq!(file.body, text.as_bytes(), "as it was uploaded");
    let audited = office.get(&cookie, "/panel/audit?search=import").await.json();
    assert_eq!(audited["items"][0]["action"], "import customer");
}

/// CUS-20, CUS-49, BOX-158: too large, not UTF-8; read as what the person says, never stored garbled.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_encoding_is_taken_when_somebody_says_so() {
    let office = Office::with_customers().await;
    let cookie = office.owner().await;
    let large = vec![b'1'; 20 * 1024 * 1024 + 1];
    assert_eq!(office.send_file(&cookie, "large.csv", &large).await.refusal(), refused(413, "too_large"));
    assert_eq!(office.send_file(&cookie, "just.csv", &large[1..]).await.status, 201);
    let nobody = office.send_file("", "a.csv", b"a").await;
    assert_eq!(nobody.refusal(), refused(401, "unauthorized"));
    office.helper("viewer", &["customer.view"]);
    let viewer = office.cookie("viewer").await;
    assert_eq!(office.send_file(&viewer, "a.csv", b"a").await.refusal(), refused(403, "forbidden"));

    let (bytes, _, _) = encoding_rs::GB18030.encode("姓名,电话\n王芳,13912345678\n");
    let upload = office.uploaded(&cookie, &bytes).await;
    let look = async |encoding: &str| {
        let path = format!("/panel/customers/import?upload={upload}&package={HERE}{encoding}");
        office.get(&cookie, &path).await.json()
    };
    let told = look("").await;
    assert_eq!((&told["encoding"], &told["encodings"][0]), (&json!("gb18030"), &json!("gb18030")));
    assert_eq!((&told["columns"][0]["field"], &told["columns"][0]["samples"][0]), (&json!("name"), &json!("王芳")));
    assert_eq!(look("&encoding=utf-8").await["encoding"], Value::Null);
    let columns = json!([{ "column": 0, "field": "name" }, { "column": 1, "field": "phone" }]);
    let asked = |encoding: Value| json!({ "upload": upload, "encoding": encoding, "columns": columns, "chosen": { "package": HERE } });
    for wrong in [json!("utf-8"), json!("latin1"), Value::Null] {
        let response = office.ask(&cookie, "POST", "/panel/customers/import", asked(wrong)).await;
        assert_eq!(response.refusal(), refused(422, "invalid"));
        assert_eq!(response.json()["fields"], json!({ "encoding": { "why": "pattern" } }));
    }
    let other = office.ask(&viewer, "POST", "/panel/customers/import", asked(json!("gb18030"))).await;
    assert_eq!(other.refusal(), refused(403, "forbidden"));
    let job = office.job(&cookie, "/panel/customers/import", asked(json!("gb18030"))).await;
    assert_eq!(counts(&job), [1, 1, 1, 0]);
    assert_eq!(column(&office.customers(), "name"), ["王芳"]);
    let twice = office.ask(&cookie, "POST", "/panel/customers/import", asked(json!("gb18030"))).await;
    assert_eq!(twice.json()["fields"], json!({ "upload": { "why": "not_there" } }), "a file is taken once");
}

/// CUS-50, CUS-51, CUS-52, LST-21: what cannot be meant is refused before anything is made.
#[tokio::test(flavor = "multi_thread")]
async fn choices_that_cannot_be_meant_are_refused() {
    let office = Office::with_customers().await;
    let cookie = office.owner().await;
    let phone: &[(usize, &str)] = &[(0, "phone")];
    for (columns, more, field) in [
        (&[][..], json!({}), "columns"),
        (&[(0, "name")][..], json!({}), "columns"),
        (&[(5, "phone")][..], json!({}), "columns"),
        (&[(0, "phone"), (1, "phone")][..], json!({}), "columns"),
        (&[(0, "phone"), (1, "dnc_highlight")][..], json!({}), "columns"),
        (phone, json!({ "chosen": { "package": "9" } }), "chosen.package"),
        (phone, json!({ "chosen": { "stage": "1" } }), "chosen.stage"),
        (phone, json!({ "dealt": ["899"] }), "dealt"),
        (phone, json!({ "duplicates": "dial_list" }), "duplicates"),
        (phone, json!({ "dial_list": true }), "dial_list"),
        (phone, json!({ "required": ["nothing"] }), "required"),
        (phone, json!({ "fill": "7" }), "fill"),
        (phone, json!({ "first_row": "yes" }), "first_row"),
    ] {
        let asked = office.asked(&cookie, "phone,name\n100,A\n", columns, more.clone()).await;
        let response = office.ask(&cookie, "POST", "/panel/customers/import", asked).await;
        assert_eq!(response.refusal(), refused(422, "invalid"), "{more}");
        assert!(response.json()["fields"][field].is_object(), "{more}: {response:?}");
    }
    assert_eq!(rows(&office.store, "customer").len(), 0);
    assert_eq!(office.store.tenant().table::<callbox::model::DataSource>().len(), 0);

    let asked = office.asked(&cookie, "phone,Car\n100,Audi\n", phone, json!({})).await;
    let mut with_new = asked.clone();
    with_new["columns"] = json!([{ "column": 0, "field": "phone" }, { "column": 1, "new_field": " Car " }]);
    office.helper("clerk", &["customer.view", "customer.import"]);
    let job = office.job(&cookie, "/panel/customers/import", with_new).await;
    assert_eq!(counts(&job), [1, 1, 1, 0]);
    let field = office.store.row("custom_field", Id(1)).unwrap();
    assert_eq!((&field["label"], &field["name"], &field["type"]), (&json!("Car"), &json!("f_1"), &json!("input")));
    assert_eq!(column(&office.customers(), "custom/f_1"), ["Audi"]);

    let clerk = office.cookie("clerk").await;
    let mut asked = office.asked(&clerk, "phone,Size\n101,L\n", phone, json!({})).await;
    asked["columns"] = json!([{ "column": 0, "field": "phone" }, { "column": 1, "new_field": "Size" }]);
    let response = office.ask(&clerk, "POST", "/panel/customers/import", asked).await;
    assert_eq!(response.refusal(), refused(403, "forbidden"), "CUS-51 reading: it needs custom_field.add");

    let job = office.imported(&cookie, "200\n201\n", phone, json!({ "first_row": true })).await;
    assert_eq!(counts(&job), [2, 2, 2, 0], "CUS-52");
}

/// CUS-57, CUS-58, CUS-63, CUS-64, JOB-16, JOB-20: each row by itself; what failed comes back with line and reason.
#[tokio::test(flavor = "multi_thread")]
async fn each_row_is_taken_or_told() {
    let office = Office::with_customers().await;
    office.put("customer", json!({ "package": HERE, "phone": "100", "name": "Old", "area": "East", "remark": "kept" }));
    let cookie = office.owner().await;
    let text = "name,phone,age,area,email\n\
        A,0139,7,,\n\
        B,139,8,,\n\
        C,100,9,West,\n\
        \"D,101,1,,\n\
        E,102,x,,\n\
        F,103,1\n\
        ,104,1,,\n\
        G,,1,,\n\
        H,105,1,,nobody\n\
        I,106,\"1\",\"two\nlines\",\n";
    let columns = [(0, "name"), (1, "phone"), (2, "age"), (3, "area"), (4, "email")];
    let more = json!({ "remove_zero": true, "required": ["name"] });
    let job = office.imported(&cookie, text, &columns, more).await;
    assert_eq!((counts(&job), &job["reported"], &job["status"]), ([10, 10, 1, 9], &json!(9), &json!("done")));
    assert_eq!(column(&office.customers(), "name"), ["Old", "A"], "CUS-57: a second row of the file counts too");
    assert_eq!(column(&office.customers(), "phone"), ["100", "139"]);
    let told = office.text(&cookie, "/panel/jobs/1/failed").await;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "\u{feff}Line,Reason,Imported,name,phone,age,area,email");
    for (line, begin) in
        ["3,Another customer", "4,Another customer", "5,\"A quote", "6,", "7,\"It has 3 cells", "8,", "9,", "10,"]
            .iter()
            .enumerate()
    {
        assert!(lines[line + 1].starts_with(begin), "{begin}: {told}");
    }
    assert!(told.contains("F,103,1") && told.contains("nobody"), "the rows themselves: {told}");

    let text = "phone,name,area,age\n100,New,,44\n107,K,,\n";
    let columns = [(0, "phone"), (1, "name"), (2, "area"), (3, "age")];
    let tag = office.put("tag", json!({ "name": "VIP" }));
    let more = json!({ "duplicates": "overwrite", "chosen": { "tags": [tag] } });
    let job = office.imported(&cookie, text, &columns, more).await;
    assert_eq!(counts(&job), [2, 2, 2, 0]);
    let old = &office.customers()[0];
    assert_eq!(
        (&old["name"], &old["area"], &old["age"], &old["remark"]),
        (&json!("New"), &json!("East"), &json!(44), &json!("kept")),
        "CUS-57 reading: cells that are not empty"
    );
    assert_eq!((&old["tags"], &old["data_source"]), (&json!([tag]), &Value::Null), "CUS-65");
}

/// CUS-57 reading: a row that is two stored customers at once fails; agent and campaign stay.
#[tokio::test(flavor = "multi_thread")]
async fn overwriting_knows_whom_it_means() {
    let office = Office::with_customers().await;
    for number in ["801", "802"] {
        office.put("agent", agent(number));
    }
    office.put(
        "custom_field",
        json!({ "package": HERE, "name": "code", "label": "Code", "type": "input", "unique": true }),
    );
    office
        .put("customer", json!({ "package": HERE, "phone": "100", "custom": { "code": "a" }, "agent_number": "801" }));
    office.put("customer", json!({ "package": HERE, "phone": "101", "custom": { "code": "b" } }));
    let cookie = office.owner().await;
    let text = "phone,Code,##AgentNo##,name\n100,b,802,X\n100,a,802,Y\n102,b,,Z\n";
    let columns = [(0, "phone"), (1, "custom.code"), (2, "agent_number"), (3, "name")];
    let job = office.imported(&cookie, text, &columns, json!({ "duplicates": "overwrite" })).await;
    assert_eq!(counts(&job), [3, 3, 2, 1]);
    let made = office.customers();
    assert_eq!(column(&made, "name"), ["Y", "Z"]);
    assert_eq!((&made[0]["agent_number"], &made[1]["phone"]), (&json!("801"), &json!("102")));
    assert!(office.text(&cookie, "/panel/jobs/1/failed").await.contains("2,"), "its line");
}

/// CUS-17, CUS-55, CUS-56: dealt in turn; a column says it for its row, and who is not there is told.
#[tokio::test(flavor = "multi_thread")]
async fn customers_are_dealt_to_agents() {
    let office = Office::with_customers().await;
    for number in ["801", "802", "803"] {
        office.put("agent", agent(number));
    }
    let cookie = office.owner().await;
    let text = "phone\n100\n101\n100\n102\n103\n";
    office.imported(&cookie, text, &[(0, "phone")], json!({ "dealt": ["801", "802"] })).await;
    assert_eq!(column(&office.customers(), "agent_number"), ["801", "802", "801", "802"], "a duplicate takes no turn");
    assert!(office.customers().iter().all(|row| row["last_assigned_at"].is_string()));
    let told = {
        let upload = office.uploaded(&cookie, b"phone,##AgentNo##\n1,2\n").await;
        office.get(&cookie, &format!("/panel/customers/import?upload={upload}&package={HERE}")).await.json()
    };
    assert_eq!(told["columns"][1]["field"], "agent_number");
    let text = "phone,##AgentNo##\n200,803\n201,899\n202,\n";
    let job = office.imported(&cookie, text, &[(0, "phone"), (1, "agent_number")], json!({ "dealt": ["801"] })).await;
    assert_eq!((counts(&job), &job["reported"]), ([3, 3, 3, 0], &json!(1)));
    assert_eq!(column(&office.customers()[4..], "agent_number"), ["803", "null", "801"]);
    let told = office.text(&cookie, "/panel/jobs/2/failed").await;
    assert!(told.contains("\n3,") && told.contains("899") && told.contains(",Yes,201"), "{told}");
}

/// DIC-1, DIC-5, DIC-9..13, CUS-54: a dictionary is filled from a file, and fills in customers.
#[tokio::test(flavor = "multi_thread")]
async fn a_dictionary_fills_customers_in() {
    let office = Office::with_customers().await;
    let dictionary = office.put("dictionary", json!({ "name": "Cities" }));
    let cookie = office.owner().await;
    let import = async |text: &str, key: Value| {
        let upload = office.uploaded(&cookie, text.as_bytes()).await;
        let asked =
            json!({ "upload": upload, "encoding": "utf-8", "chosen": { "dictionary": dictionary }, "key": key });
        office.ask(&cookie, "POST", "/panel/dictionaries/import", asked).await
    };
    let wrong = import("City,Area\nx,y\n", json!("Street")).await;
    assert_eq!(wrong.json()["fields"], json!({ "key": { "why": "choice" } }), "DIC-10 reading");
    let mut page = office.open_page(&cookie);
    let begun =
        import("Address,Area,Nothing\nBeijing,North,1\nShanghai,East,2\nBeijing,Capital,3\n", Value::Null).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    assert_eq!(counts(&ended(&mut page, "1")), [3, 3, 3, 0]);
    assert_eq!(
        office.store.row("dictionary", Id(dictionary.parse().unwrap())).unwrap()["match_key"],
        "Address",
        "DIC-11"
    );
    let entries = rows(&office.store, "dictionary_entry");
    assert_eq!(column(&entries, "key"), ["Beijing", "Shanghai"], "of two rows with one key the last counts");
    assert_eq!(entries[0]["custom"], json!({ "Area": "Capital", "Nothing": "3" }));
    assert_eq!(
        import("Area,Address\nA,B\n", json!("Area")).await.refusal(),
        refused(422, "invalid"),
        "another key than before"
    );
    import("Address,Area\nshanghai,South\nTokyo,Kanto\n", Value::Null).await;
    ended(&mut page, "2");
    assert_eq!(rows(&office.store, "dictionary_entry").len(), 3);

    let text = "phone,address,area\n100, BEIJING ,\n101,Shanghai,own\n102,Paris,\n103,,\n";
    let columns = [(0, "phone"), (1, "address"), (2, "area")];
    let job = office.imported(&cookie, text, &columns, json!({ "fill": dictionary, "required": ["area"] })).await;
    assert_eq!(counts(&job), [4, 4, 2, 2], "filling comes before the required fields");
    assert_eq!(column(&office.customers(), "area"), ["Capital", "own"]);
}

/// JOB-29, JOB-30: a stop in the middle costs no row and doubles none; a cancelled import keeps what it has.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_middle_costs_nothing() {
    const ROWS: u64 = 20_000;
    let office = Office::with_customers().await;
    let cookie = office.owner().await;
    let numbers = |first: u64| (first..first + ROWS).map(|n| format!("{n},N{n}\n")).collect::<String>();
    let text = format!("phone,name\n{}\"broken,x\n", numbers(10_000));
    let columns = [(0, "phone"), (1, "name")];
    let asked = office.asked(&cookie, &text, &columns, json!({})).await;
    office.begun(&cookie, "/panel/customers/import", asked).await;
    while office.get(&cookie, "/panel/jobs/1").await.json()["processed"] == 0 {}
    let directory = office.stopped().await;
    let store = Store::open(directory.path()).unwrap();
    let job = store.job(1).unwrap().unwrap();
    assert!(job.status != JobStatus::Done && job.processed() > 0 && job.processed() < ROWS, "{job:?}");
    assert_eq!(rows_total(&store), job.succeeded, "what is written and how far it is are one");

    let office =
        Office::on(directory, store, true, callbox::time::Now { wall: START.wall + Duration::from_secs(9), ..START })
            .await;
    let cookie = office.owner().await;
    let mut page = office.open_page(&cookie);
    let job = ended(&mut page, "1");
    assert_eq!((counts(&job), &job["status"]), ([ROWS + 1, ROWS + 1, ROWS, 1], &json!("done")));
    assert_eq!(rows_total(&office.store), ROWS);
    let told = office.text(&cookie, "/panel/jobs/1/failed").await;
    assert_eq!(told.lines().count(), 2, "told once: {told}");
    assert!(told.contains(&format!("\n{},", ROWS + 2)), "its line: {told}");

    let asked = office.asked(&cookie, &format!("phone,name\n{}", numbers(50_000)), &columns, json!({})).await;
    let number = office.begun(&cookie, "/panel/customers/import", asked).await;
    assert_eq!(office.ask(&cookie, "DELETE", &format!("/panel/jobs/{number}"), Value::Null).await.status, 204);
    let job = ended(&mut page, &number);
    assert_eq!(job["status"], "cancelled");
    assert_eq!(rows_total(&office.store), ROWS + job["succeeded"].as_u64().unwrap(), "rows already written stay");
}

fn rows_total(store: &Store) -> u64 {
    store.table_count(callbox::model::resource("customer").unwrap(), &Query::default()).unwrap()
}

/// PKG-16, PKG-17, PKG-18, CUS-35: what a package keeps apart, its imports keep apart.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_breaks_no_uniqueness() {
    let office = Office::with_customers().await;
    let package =
        office.put("package", json!({ "display_name": "North", "code": "north", "unique_keys": ["name", "area"] }));
    let cookie = office.owner().await;
    let text = "phone,name,area\n100,A,x\n100,A,y\n101,a,X\n102,,\n103,,\n";
    let columns = [(0, "phone"), (1, "name"), (2, "area")];
    let job = office.imported(&cookie, text, &columns, json!({ "chosen": { "package": package } })).await;
    assert_eq!(counts(&job), [5, 5, 4, 1]);
    assert_eq!(column(&office.customers(), "phone"), ["100", "100", "102", "103"]);
}

/// LST-2, LST-3, ROL-12: what the form refuses a file does not do either: changing rows without the right, rows of
/// others, agents by whoever may not set them.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_opens_no_more_than_the_form() {
    let office = Office::with_customers().await;
    office.put("agent", agent("801"));
    office.put("customer", json!({ "package": HERE, "phone": "100", "name": "Theirs" }));
    let (role, _) = office.helper("clerk", &["customer.view", "customer.import"]);
    let clerk = office.cookie("clerk").await;
    let columns = [(0, "phone"), (1, "name")];
    let start = async |more: Value| {
        let asked = office.asked(&clerk, "phone,name\n100,X\n101,Y\n", &columns, more).await;
        office.ask(&clerk, "POST", "/panel/customers/import", asked).await
    };
    assert_eq!(start(json!({ "duplicates": "overwrite" })).await.refusal(), refused(403, "forbidden"));
    office.set("role", &role, json!({ "hidden_fields": ["customer.agent_number"] }));
    assert_eq!(start(json!({ "dealt": ["801"] })).await.refusal(), refused(403, "forbidden"));

    let rights = ["customer.view", "customer.edit", "customer.import"];
    office.set("role", &role, json!({ "permissions": rights, "scopes": { "customer": "self" } }));
    let text = "phone,name\n100,X\n101,Y\n101,Z\n";
    let job = office.imported(&clerk, text, &columns, json!({ "duplicates": "overwrite" })).await;
    assert_eq!(counts(&job), [3, 3, 2, 1]);
    assert_eq!(column(&office.customers(), "name"), ["Theirs", "Z"], "the row of another is not theirs to change");
}

/// DNC-1, DNC-10: numbers that must not be called come from a file into one package; those that are there stay, one that
/// waits is approved, an agent's wait.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_must_not_be_called_come_from_a_file() {
    let office = Office::with_customers().await;
    office.put("dnc", json!({ "package": HERE, "number": "100", "reason": "old" }));
    office.put("dnc", json!({ "package": HERE, "number": "101", "status": "pending" }));
    let cookie = office.owner().await;
    let start = async |cookie: &str, text: &str, chosen: Value| {
        let upload = office.uploaded(cookie, text.as_bytes()).await;
        let columns = json!([{ "column": 0, "field": "number" }, { "column": 1, "field": "reason" }]);
        let asked =
            json!({ "upload": upload, "encoding": "utf-8", "language": "en", "columns": columns, "chosen": chosen });
        office.ask(cookie, "POST", "/panel/dnc/import", asked).await
    };
    let none = start(&cookie, "number,reason\n1,x\n", json!({})).await;
    assert_eq!(none.json()["fields"], json!({ "chosen.package": { "why": "required" } }), "DNC-12");
    let mut page = office.open_page(&cookie);
    let text = "number,reason\n100,new\n101,asked\n+86 139-1234-5678,\n1,short\n102,asked\n102,again\n";
    assert_eq!(start(&cookie, text, json!({ "package": HERE })).await.status, 202);
    let job = ended(&mut page, "1");
    assert_eq!((counts(&job), &job["status"]), ([6, 6, 3, 3], &json!("done")));
    let listed = office.get(&cookie, "/panel/dnc?sort=number").await.json()["items"].clone();
    let listed = listed.as_array().unwrap();
    assert_eq!(column(listed, "number"), ["100", "101", "102", "8613912345678"]);
    assert_eq!(column(listed, "status"), ["enabled"; 4], "one that waited is approved");
    assert_eq!(column(listed, "reason"), ["old", "asked", "asked", ""]);
    let told = office.text(&cookie, "/panel/jobs/1/failed").await;
    for line in ["\n2,", "\n5,", "\n7,"] {
        assert!(told.contains(line), "{line}: {told}");
    }

    let role = office.put("role", json!({ "name": "R", "permissions": ["dnc.view", "dnc.import"] }));
    let mut value = agent("801");
    value["role"] = json!(role);
    office.put("agent", value);
    let theirs = office.cookie("801").await;
    let mut page = office.open_page(&theirs);
    assert_eq!(start(&theirs, "number,reason\n200,\n201,asked\n", json!({ "package": HERE })).await.status, 202);
    assert_eq!(counts(&ended(&mut page, "2")), [2, 2, 1, 1], "an agent gives a reason");
    let waiting = office.get(&cookie, "/panel/dnc?status=pending").await.json()["items"].clone();
    assert_eq!(column(waiting.as_array().unwrap(), "number"), ["201"], "DNC-18");
    office.helper("viewer", &["dnc.view", "dnc.add"]);
    let viewer = office.cookie("viewer").await;
    assert_eq!(office.send_file(&viewer, "a.csv", b"a").await.refusal(), refused(403, "forbidden"));
}

/// FLD-3, UPS-101: in an office that has no packages a file needs none; its rows are of the one that always is there, with
/// that one's fields.
#[tokio::test(flavor = "multi_thread")]
async fn without_packages_a_file_names_none() {
    let office = Office::with_customers().await;
    office.put("custom_field", json!({ "package": HERE, "name": "size", "label": "Size", "type": "input" }));
    let cookie = office.owner().await;
    let withheld = office.ask(&cookie, "PATCH", "/panel/given_limits", json!({ "packages": false })).await;
    assert_eq!(withheld.status, 200, "{withheld:?}");
    let upload = office.uploaded(&cookie, b"phone,Size\n1390,44\n").await;
    let told = office.get(&cookie, &format!("/panel/customers/import?upload={upload}")).await.json();
    let fields: Vec<_> = told["columns"].as_array().unwrap().iter().map(|column| &column["field"]).collect();
    assert_eq!(fields, [&json!("phone"), &json!("custom.size")], "{told}");
    let columns = [json!({ "column": 0, "field": "phone" }), json!({ "column": 1, "field": "custom.size" })];
    let asked = json!({ "upload": upload, "encoding": "utf-8", "language": "en", "columns": columns });
    let job = office.job(&cookie, "/panel/customers/import", asked).await;
    assert_eq!(counts(&job), [1, 1, 1, 0], "{job}");
    let customers = office.customers();
    assert_eq!(
        (column(&customers, "package"), column(&customers, "custom/size")),
        (vec![HERE.into()], vec!["44".into()])
    );
}
