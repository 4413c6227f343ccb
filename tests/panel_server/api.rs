//! The API held against its own document: each route answers what the document says, whatever it is sent. A noun that is
//! declared anew is among them by itself.

mod growth;
mod schema;

use super::{Office, Request, Response, START, refused};
use callbox::{
    http::openapi,
    model,
    schema::{Actor, Resource, Rule},
    store::Write,
};
use growth::taken_away;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs, path::Path};

const RELEASED: &str = "docs/api/v1.json";
/// Set to anything, the document of now becomes that of the release.
const RELEASE: &str = "RELEASE_API";

/// One operation of the document.
struct Route<'d> {
    method: String,
    path: String,
    told: &'d Value,
}

/// A box with a record of every noun, and the document that it gives of itself.
struct Held {
    office: Office,
    document: Value,
    /// By path, such as `/agents`.
    ids: BTreeMap<String, String>,
}

impl Held {
    async fn new() -> Held {
        let office = Office::new().await;
        office.store.provide(START.wall).unwrap();
        office.set_access(json!({ "limit_data": 0 }));
        let document = office.send(office.program("GET", "/api/v1/openapi.json")).await;
        assert_eq!((document.status, document.header("content-type")), (200, Some("application/json")));
        let mut held = Held { office, document: document.json(), ids: BTreeMap::new() };
        held.fill();
        held
    }

    /// A record of each noun, written by the box itself: some are the upstream's.
    fn fill(&mut self) {
        let mut left: Vec<_> = self.paths().filter_map(|path| model::resource(&path[1..])).collect();
        while !left.is_empty() {
            let before = left.len();
            left.retain(|resource| {
                let whole = Value::Object(crate::resources::full(resource));
                let Some(Value::Object(mut value)) = self.linked(resource.schema(), &whole) else { return true };
                for rule in resource.rules.iter().filter(|rule| matches!(rule, Rule::FreeNumber { .. })) {
                    let number = json!((900 + self.ids.len()).to_string());
                    value.insert(
                        rule.field().into(),
                        if is_required(resource, rule.field()) { number } else { json!(null) },
                    );
                }
                let write =
                    |value| self.office.store.write(&Actor::System, START.wall, resource.name, Write::Add { value });
                let written = write(value.clone()).or_else(|_| {
                    // Some fields do not stand beside each other.
                    value.retain(|field, _| is_required(resource, field));
                    write(value)
                });
                let id = written.unwrap_or_else(|why| panic!("{resource:?}: {why}")).id.to_string();
                self.ids.insert(format!("/{}", resource.path), id);
                false
            });
            assert!(left.len() < before, "each refers to another: {left:?}");
        }
    }

    /// The same with every reference to a record that is there; none: one is not there yet.
    fn linked(&self, schema: &Value, value: &Value) -> Option<Value> {
        if let Some(noun) = schema["x-to"].as_str() {
            let path = model::resource(noun)?.path;
            return self.ids.get(&format!("/{path}")).map(|id| json!(id));
        }
        if schema["x-kind"] == "file" {
            // The one of the document's example, with nothing in it.
            return Some(json!(self.office.file("")));
        }
        Some(match value {
            Value::Object(fields) if schema["properties"].is_object() => {
                let linked = fields.iter().map(|(name, field)| {
                    // A record that may refer to its own kind is first there without.
                    let field = self.linked(&schema["properties"][name], field);
                    let nullable = schema["properties"][name]["type"].as_array().is_some();
                    Some((name.clone(), field.or_else(|| nullable.then_some(Value::Null))?))
                });
                Value::Object(linked.collect::<Option<_>>()?)
            }
            Value::Array(entries) => {
                Value::Array(entries.iter().map(|entry| self.linked(&schema["items"], entry)).collect::<Option<_>>()?)
            }
            other => other.clone(),
        })
    }

    fn paths(&self) -> impl Iterator<Item = &str> {
        let lists = self.document["paths"].as_object().unwrap().keys().filter(|path| !path.contains(['{', '.']));
        lists.map(String::as_str).filter(|path| model::resource(&path[1..]).is_some())
    }

    fn routes(&self) -> Vec<Route<'_>> {
        let paths = self.document["paths"].as_object().unwrap();
        let of = |(path, methods): (&String, &'_ Value)| (path.clone(), methods.as_object().unwrap().clone());
        let mut routes = Vec::new();
        for (path, methods) in paths.iter().map(of) {
            for method in methods.keys().filter(|word| *word != "parameters") {
                let told = &self.document["paths"][&path][method];
                routes.push(Route { method: method.to_uppercase(), path: path.clone(), told });
            }
        }
        routes
    }

    /// The path with a record that is there.
    fn to(&self, path: &str) -> String {
        let id = path.strip_suffix("/{id}").map(|list| &self.ids[list]);
        let path = id.map_or_else(|| path.to_owned(), |id| path.replace("{id}", id));
        format!("/api/v1{}", path.replace("{call_id}", "none"))
    }

    fn ask(&self, route: &Route) -> Request {
        let within = model::resource(&route.path[1..]).filter(|_| route.method == "GET").and_then(|noun| noun.within);
        let part =
            within.map(|part| format!("?{part}={}", self.ids[&format!("/{}", model::resource(part).unwrap().path)]));
        self.office.program(&route.method, &(self.to(&route.path) + &part.unwrap_or_default()))
    }

    /// What the document says of an answer of this status.
    fn told<'a>(&'a self, route: &'a Route, status: u16) -> &'a Value {
        let told = &route.told["responses"][status.to_string()];
        let shared = told["$ref"].as_str().and_then(|place| self.document.pointer(place.trim_start_matches('#')));
        shared.unwrap_or(told)
    }

    /// Sends it, and holds the answer against what the document says of this route.
    async fn send(&self, route: &Route<'_>, request: Request) -> Response {
        let response = self.office.send(request.clone()).await;
        let place = format!("{} {}: {response:?}", request.method, request.path);
        let told = self.told(route, response.status);
        assert!(told.is_object(), "the document knows no {} of {place}", response.status);
        let schema = &told["content"]["application/json"]["schema"];
        if schema.is_null() {
            assert!(response.body.is_empty(), "{place}");
            return response;
        }
        assert_eq!(response.header("content-type"), Some("application/json"), "{place}");
        let faults = schema::faults(&self.document, schema, &response.json(), response.status < 400);
        assert!(faults.is_empty(), "{faults:?} {place}");
        for (header, _) in told["headers"].as_object().into_iter().flatten() {
            assert!(response.header(&header.to_lowercase()).is_some(), "no {header}: {place}");
        }
        if response.status >= 400 {
            let words = told["x-errors"].as_array().unwrap();
            assert!(words.contains(&response.json()["error"]), "a word that is not told: {place}");
        }
        response
    }

    fn body<'a>(&'a self, route: &'a Route) -> Option<&'a Value> {
        let schema = &route.told["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        schema.as_str().and_then(|place| self.document.pointer(place.trim_start_matches('#')))
    }

    /// A body that is taken: what must be there, with references to records that are there.
    fn example(&self, route: &Route) -> Value {
        let schema = self.body(route).unwrap();
        let example = schema["examples"].get(0).cloned().unwrap_or_else(|| json!({}));
        self.linked(schema, &example).unwrap_or(example)
    }
}

fn is_required(resource: &Resource, field: &str) -> bool {
    resource.schema()["required"].as_array().is_some_and(|required| required.iter().any(|name| name == field))
}

/// API-45, API-47, API-48, API-49, API-51, API-26: every route answers, and every answer fits its schema, without a field
/// that the document does not name.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_as_the_document_says() {
    let held = Held::new().await;
    for path in ["/agents", "/agent_groups", "/campaigns", "/customers", "/call_records"] {
        assert!(held.document["paths"][path]["get"].is_object(), "API-45: {path}");
    }
    let mut read = 0;
    for route in held.routes().iter().filter(|route| route.method == "GET") {
        let response = held.send(route, held.ask(route)).await;
        let there = !route.path.starts_with("/call_records/{call_id}");
        assert_eq!(response.status, if there { 200 } else { 404 }, "{}", route.path);
        if route.path.ends_with("/{id}") {
            read += 1;
            let tag = response.header("etag").unwrap().to_owned();
            assert_eq!(held.send(route, held.ask(route).with("If-None-Match", &tag)).await.status, 304);
        } else if held.ids.contains_key(&route.path) {
            assert!(!response.json()["items"].as_array().unwrap().is_empty(), "{}", route.path);
        }
    }
    assert!(read > 20 && read == held.ids.len(), "{read}");
    for route in held.routes().iter().filter(|route| route.method == "PATCH") {
        let response = held.send(route, held.ask(route).json(&json!({}))).await;
        assert_eq!(response.status, 200, "{}: {response:?}", route.path);
    }
}

/// API-47, API-49: customers are those of the package that is named, else of the preferences', else of the one that
/// always is there; a page at a time, each row once; and a table refuses and keeps as every other list.
#[tokio::test(flavor = "multi_thread")]
async fn customers_are_listed_by_package() {
    let office = Office::new().await;
    office.store.provide(START.wall).unwrap();
    let vip = office.put("package", json!({ "display_name": "Vip", "code": "vip" }));
    let add = async |package: &str, phone: String| {
        let body = json!({ "package": package, "phone": phone, "name": "Mei Lin" });
        let response = office.send(office.program("POST", "/api/v1/customers").json(&body)).await;
        assert_eq!(response.status, 201, "{response:?}");
        response.json()
    };
    for n in 0..5 {
        add(&vip, format!("1380000000{n}")).await;
    }
    let usual = add("1", "13900000000".into()).await;
    let list = async |query: &str| office.send(office.program("GET", &format!("/api/v1/customers{query}"))).await;
    let phones = async |query: &str| {
        let page = list(query).await.json();
        let items = page["items"].as_array().unwrap().iter().map(|row| row["phone"].as_str().unwrap().to_owned());
        (items.collect::<Vec<_>>(), page["next"].as_str().map(str::to_owned))
    };
    assert_eq!(phones("").await, (vec!["13900000000".to_owned()], None));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for pages in 1.. {
        let (phones, next) = phones(&format!("?package={vip}&limit=2&sort=phone&cursor={cursor}")).await;
        found.extend(phones);
        let Some(next) = next else {
            assert_eq!(pages, 3);
            break;
        };
        cursor = next;
    }
    assert_eq!(found, (0..5).map(|n| format!("1380000000{n}")).collect::<Vec<_>>());
    assert_eq!(phones(&format!("?package={vip}&search=00000003")).await.0, ["13800000003"]);
    let Value::Object(value) = json!({ "default_package": vip }) else { unreachable!() };
    office.store.write(&Actor::System, START.wall, "preferences", Write::Set { rev: None, value }).unwrap();
    assert_eq!(phones("").await.0.len(), 5);
    for (query, field, why) in [
        ("?package=99", "package", json!({ "why": "not_there" })),
        ("?package=vip", "package", json!({ "why": "not_there" })),
        ("?limit=0", "limit", json!({ "why": "out_of_range", "min": 1, "max": 500 })),
        ("?limit=501", "limit", json!({ "why": "out_of_range", "min": 1, "max": 500 })),
        ("?sort=remark", "sort", json!({ "why": "choice" })),
        ("?name=Mei", "name", json!({ "why": "unknown" })),
    ] {
        assert_eq!(list(query).await.json()["fields"][field], why, "{query}");
    }
    // Nothing of it came into the configuration that calls read.
    assert!(office.store.tenant().rows_of("customer").is_none());
    let one = format!("/api/v1/customers/{}", usual["id"].as_str().unwrap());
    let shown = office.send(office.program("GET", &one)).await;
    assert_eq!((shown.json(), shown.header("etag")), (usual, Some("\"1\"")));
    let changed =
        office.send(office.program("PATCH", &one).with("If-Match", "\"1\"").json(&json!({ "name": "Lin" }))).await;
    assert_eq!((changed.json()["name"].as_str(), changed.header("etag")), (Some("Lin"), Some("\"2\"")));
    let taken = json!({ "package": "1", "phone": "13900000000" });
    let twice = office.send(office.program("POST", "/api/v1/customers").json(&taken)).await;
    assert_eq!(twice.refusal(), refused(409, "duplicate"));
    assert_eq!(office.send(office.program("DELETE", &one)).await.status, 204);
    assert_eq!(office.send(office.program("GET", &one)).await.status, 404);
}

/// ROL-11 to ROL-14: in the panel nobody sees, changes or removes a customer beyond the role's scope.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_holds_for_customers() {
    let office = Office::new().await;
    office.store.provide(START.wall).unwrap();
    let rights = ["customer.view", "customer.edit", "customer.delete"];
    let role = |name: &str, scope: &str| {
        office.put("role", json!({ "name": name, "permissions": rights, "scopes": { "customer": scope } }))
    };
    let (own, all) = (role("Own", "self"), role("All", "all"));
    for (number, role) in [("801", &own), ("802", &all)] {
        let agent = json!({
            "agent_number": number, "first_name": "A", "web_password": "long enough", "sip_password": "s3cret-word",
            "role": role,
        });
        office.put("agent", agent);
    }
    let customer = |phone: &str, number: Value| {
        office.put("customer", json!({ "package": "1", "phone": phone, "agent_number": number }))
    };
    let (mine, other) = (customer("13800000001", json!("801")), customer("13800000002", json!(null)));
    let (own, all) = (office.cookie("801").await, office.cookie("802").await);
    let count = async |cookie: &str, query: &str| {
        let path = format!("/panel/customers{query}");
        office.ask(cookie, "GET", &path, Value::Null).await.json()["items"].as_array().unwrap().len()
    };
    assert_eq!((count(&own, "").await, count(&all, "").await), (1, 2));
    assert_eq!((count(&own, "?agent_number=802").await, count(&own, "?agent_number=801").await), (0, 1));
    let status = async |cookie: &str, method: &str, id: &str| {
        let body = if method == "PATCH" { json!({ "name": "Lin" }) } else { Value::Null };
        office.ask(cookie, method, &format!("/panel/customers/{id}"), body).await.status
    };
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(status(&own, method, &other).await, 404, "{method}");
    }
    assert_eq!((status(&own, "PATCH", &mine).await, status(&all, "DELETE", &other).await), (200, 204));
}

/// API-27, API-29, LST-24: what is not there is told apart from what cannot be done.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_what_is_not_there() {
    let held = Held::new().await;
    let long = "9".repeat(4000);
    for route in held.routes() {
        let unknown = ["0", "999999", "01", "-1", "abc", "%00", "..%2f..", "1%20", "18446744073709551616", &long, "g1"];
        if route.path.ends_with('}') {
            for id in unknown {
                let path = held.to(&route.path).rsplit_once('/').unwrap().0.to_owned() + "/" + id;
                let request = held.office.program(&route.method, &path).json(&json!({}));
                assert_eq!(held.send(&route, request).await.refusal(), refused(404, "not_found"), "{path}");
            }
        }
        let query = held.office.program(&route.method, &format!("{}?api_key=x", held.to(&route.path)));
        if route.method == "GET" && !route.path.ends_with('}') && route.told["parameters"].is_array() {
            assert_eq!(held.send(&route, query).await.refusal(), refused(422, "invalid"), "{}", route.path);
        }
        let methods = if route.path.ends_with('}') { &["PUT", "POST"][..] } else { &["PUT", "DELETE", "PATCH"] };
        for method in methods {
            let response = held.office.send(held.office.program(method, &held.to(&route.path)).json(&json!({}))).await;
            assert_eq!(response.refusal(), refused(405, "method_not_allowed"), "{method} {}", route.path);
        }
    }
}

/// API-23, API-24, API-25, API-28, LST-21: whatever is sent as a body, it is refused by the words of the document, and
/// every field that does not fit its schema is named.
#[tokio::test(flavor = "multi_thread")]
async fn every_body_that_does_not_fit_is_refused() {
    let held = Held::new().await;
    let wrong =
        [json!(true), json!(-123_456_789), json!(1.5), json!("\u{0}"), json!([[]]), json!({ "x": {} }), json!(null)];
    for route in held.routes() {
        let Some(schema) = held.body(&route) else { continue };
        for value in &wrong {
            let fields = schema["properties"].as_object().unwrap();
            let body: Map<_, _> = fields.keys().map(|name| (name.clone(), value.clone())).collect();
            let response = held.send(&route, held.ask(&route).json(&Value::Object(body))).await;
            let named = if response.status == 422 { response.json()["fields"].clone() } else { json!({}) };
            for (name, field) in fields {
                // A secret that is not typed is left as it is.
                let untyped = field["writeOnly"] == true && value.is_null();
                if untyped || schema::faults(&held.document, field, value, true).is_empty() {
                    continue;
                }
                let inside = format!("{name}.");
                let is_named =
                    named.as_object().unwrap().keys().any(|place| place == name || place.starts_with(&inside));
                assert!(is_named, "{} {}.{name} takes {value}: {response:?}", route.method, route.path);
            }
        }
        let surprise = held.send(&route, held.ask(&route).json(&json!({ "surprise": 1 }))).await;
        assert_eq!(surprise.json()["fields"]["surprise"], json!({ "why": "unknown" }), "{}", route.path);
        let deep = "[".repeat(20_000);
        for bad in ["", "{", "nul", "{\"a\":1}x", "a=b", &deep, &format!("{{\"name\":{deep}")] {
            let response = held.send(&route, held.ask(&route).bytes(bad.into())).await;
            assert_eq!(response.refusal(), refused(400, "bad_json"), "{}", route.path);
        }
        let response = held.send(&route, held.ask(&route).bytes(vec![b' '; 10 * 1024 * 1024])).await;
        assert_eq!(response.refusal(), refused(413, "too_large"), "{}", route.path);
    }
}

/// API-4, API-20, BOX-157: without the key nothing is told, whatever the route.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_for_the_key() {
    let held = Held::new().await;
    for route in held.routes() {
        let response = held.send(&route, held.ask(&route).with("Authorization", "Bearer wrong-key-wrong-key")).await;
        assert_eq!(response.refusal(), refused(401, "unauthorized"));
        let response = held.send(&route, held.ask(&route).with("Host", "elsewhere.example")).await;
        assert_eq!(response.refusal(), refused(421, "wrong_host"));
        held.office.pass(15 * 60);
    }
}

/// DSK-158: no change is lost, whatever the noun: what was changed since is neither changed nor deleted.
#[tokio::test(flavor = "multi_thread")]
async fn no_noun_loses_a_change() {
    let held = Held::new().await;
    let mut changed = 0;
    for route in held.routes().iter().filter(|route| route.method == "PATCH") {
        let tag = held
            .office
            .send(held.office.program("GET", &held.to(&route.path)))
            .await
            .header("etag")
            .unwrap()
            .to_owned();
        let now = held.send(route, held.ask(route).with("If-Match", &tag).json(&json!({}))).await;
        assert_eq!(now.status, 200, "{now:?}");
        assert_ne!(now.header("etag"), Some(&*tag), "{}", route.path);
        for stale in [&*tag, "\"0\"", "W/\"1\"", "rubbish"] {
            let late = held.send(route, held.ask(route).with("If-Match", stale).json(&json!({}))).await;
            assert_eq!(late.refusal(), refused(409, "changed_meanwhile"), "{} {stale}", route.path);
            let routes = held.routes();
            let delete = routes.iter().find(|other| other.path == route.path && other.method == "DELETE");
            if let Some(delete) = delete {
                let late = held.send(delete, held.ask(delete).with("If-Match", stale)).await;
                assert_eq!(late.refusal(), refused(409, "changed_meanwhile"), "{} {stale}", route.path);
            }
        }
        changed += 1;
    }
    assert!(changed > 15, "{changed}");
}

/// The example of each body is taken, and what was added is deleted again.
#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_taken() {
    let held = Held::new().await;
    for route in held.routes().iter().filter(|route| route.method == "POST" && held.body(route).is_some()) {
        let response = held.send(route, held.ask(route).json(&held.example(route))).await;
        let taken = ["name_taken", "number_taken", "duplicate"];
        if response.status == 409 && taken.contains(&response.json()["error"].as_str().unwrap()) {
            continue;
        }
        let several = response.status == 200 && response.json()["skipped"].is_array();
        assert!(response.status == 201 || several, "{}: {response:?}", route.path);
        let path = format!("{}/{{id}}", route.path);
        let routes = held.routes();
        let Some(delete) = routes.iter().find(|other| other.path == path && other.method == "DELETE") else { continue };
        let Some(id) = response.header("location") else { continue };
        let one = format!("/api/v1{}/{id}", route.path);
        assert_eq!(held.send(delete, held.office.program("DELETE", &one)).await.status, 204, "{one}");
        assert_eq!(held.office.send(held.office.program("GET", &one)).await.status, 404, "{one}");
    }
}

/// A released document is only added to (HOUSE).
#[test]
fn the_released_document_is_only_added_to() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(RELEASED);
    let now = openapi::document();
    let text = fs::read_to_string(&file).unwrap_or_default();
    if !text.is_empty() {
        let lost = taken_away(&serde_json::from_str(&text).unwrap(), &now);
        assert!(lost.is_empty(), "the API lost what programs of the last release use:\n{}", lost.join("\n"));
    }
    if std::env::var_os(RELEASE).is_some() {
        fs::write(&file, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    assert!(file.exists(), "{RELEASED} is not there: run the tests once with {RELEASE}=1");
}

/// The document names nothing that is not there, and each operation once.
#[test]
fn the_document_is_whole() {
    let document = openapi::document();
    let text = document.to_string();
    for (at, _) in text.match_indices("\"$ref\":\"#") {
        let place = text[at + 9..].split('"').next().unwrap();
        assert!(document.pointer(place).is_some(), "{place}");
    }
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let mut names: Vec<_> = operations.filter_map(|one| one["operationId"].as_str()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(count == names.len() && count > 60, "{count}");
    assert!(!text.contains("argon2id") && !text.contains("web/"));
}

/// API-2, API-5: the same document for who may look at API access, in the panel.
#[tokio::test(flavor = "multi_thread")]
async fn the_panel_gives_the_document_to_who_may_see_it() {
    let office = Office::new().await;
    office.helper("looks", &["api_access.view"]);
    office.helper("other", &["agent.view"]);
    let ask =
        async |name: &str| office.ask(&office.cookie(name).await, "GET", "/panel/openapi.json", Value::Null).await;
    assert_eq!(ask("looks").await.json(), openapi::document());
    assert_eq!(ask("other").await.refusal(), refused(403, "forbidden"));
}

/// API-27: a wrong method is told which ones this noun takes, and no others.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_told_the_right_ones() {
    let office = Office::new().await;
    for (path, allowed) in [
        ("agents", "GET, HEAD, POST"),
        ("agents/1", "GET, HEAD, PATCH, DELETE"),
        ("dids", "GET, HEAD"),
        ("dids/1", "GET, HEAD, PATCH"),
        ("calls", "GET,HEAD"),
        ("openapi.json", "GET,HEAD"),
    ] {
        let response = office.send(office.program("PUT", &format!("/api/v1/{path}"))).await;
        assert_eq!(response.refusal(), refused(405, "method_not_allowed"), "{path}");
        assert_eq!(response.header("allow"), Some(allowed), "{path}");
    }
    for method in ["PUT", "OPTIONS"] {
        let nobody = office.program(method, "/api/v1/dids/1").without("authorization");
        let response = office.send(nobody).await;
        assert_eq!((response.refusal(), response.header("allow")), (refused(401, "unauthorized"), None), "{method}");
    }
}
