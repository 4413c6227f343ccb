//! Customers of several packages, with fields that the office adds.

use super::{add, agent, at, fields, opened};
use crate::{
    model::{Package, resource},
    schema::{Actor, Id, Refusals, Resource, Why},
    store::{
        NotWritten, Store, Write, Written,
        table::{Query, Sort},
    },
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const BY: Actor = Actor::Account(7);

fn office() -> (tempfile::TempDir, Store) {
    let (directory, store) = opened();
    store.provide(at(0)).unwrap();
    (directory, store)
}

fn saved(store: &Store, noun: &str, value: Value) -> Written {
    store.write(&BY, at(1), noun, add(value)).unwrap_or_else(|why| panic!("{noun}: {why}"))
}

fn refused(store: &Store, noun: &str, write: Write) -> Refusals {
    match store.write(&BY, at(1), noun, write) {
        Err(NotWritten::Refused(refusals)) => refusals,
        other => panic!("{noun}: {other:?}"),
    }
}

fn change(id: Id, value: Value) -> Write {
    Write::Change { id, rev: None, value: fields(value) }
}

fn changed(store: &Store, noun: &str, id: Id, value: Value) -> Written {
    store.write(&BY, at(2), noun, change(id, value)).unwrap_or_else(|why| panic!("{noun}: {why}"))
}

fn customers() -> &'static Resource {
    resource("customer").unwrap()
}

fn customer(phone: &str) -> Value {
    json!({ "package": "1", "phone": phone })
}

fn row(store: &Store, id: Id) -> Value {
    store.table_row(customers(), id).unwrap().unwrap()
}

fn found(store: &Store, query: Query) -> Vec<String> {
    let page = store.table_page(customers(), &Query { limit: 100, ..query }).unwrap();
    assert_eq!(page.items.len() as u64, page.total);
    page.items.iter().map(|row| row["phone"].as_str().unwrap().to_string()).collect()
}

fn settled(store: &Store) {
    while store.settle_tables().unwrap() {}
}

fn custom_field(store: &Store, name: &str, more: Value) -> Id {
    let mut value = fields(json!({ "package": "1", "name": name, "label": name, "type": "input" }));
    value.extend(fields(more));
    saved(store, "custom_field", Value::Object(value)).id
}

/// PKG-6 reading: every office has the default package, once, and nobody takes it away.
#[test]
fn the_default_package_is_always_there() {
    let (directory, store) = office();
    let id = Package::default_of(&store.tenant()).unwrap().id();
    assert_eq!((id, store.tenant().revision), (Id(1), 0));
    assert_eq!(refused(&store, "package", Write::Remove { id, rev: None }).word(), ("forbidden", 403));
    assert_eq!(refused(&store, "package", change(id, json!({ "status": "closed" }))).word().0, "forbidden");
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    store.provide(at(9)).unwrap();
    assert_eq!(store.tenant().table::<Package>().len(), 1);
    saved(&store, "package", json!({ "display_name": "North", "code": "north" }));
    let again = add(json!({ "display_name": "N", "code": "NORTH" }));
    assert_eq!(refused(&store, "package", again), Refusals::one("code", Why::NameTaken), "PKG-9");
}

/// PKG-1, CUS-1, CUS-34, CUS-35
#[test]
fn a_phone_is_unique_in_the_default_package() {
    let (_directory, store) = office();
    saved(&store, "package", json!({ "display_name": "North", "code": "north" }));
    let first = saved(&store, "customer", json!({ "package": "1", "phone": " +86 (139) 1234-5678", "name": "王芳" }));
    assert_eq!(first.row.unwrap()["phone"], "8613912345678");
    let again = refused(&store, "customer", add(customer("8613912345678")));
    assert_eq!(again, Refusals::one("phone", Why::Duplicate { id: first.id }));
    for _ in 0..2 {
        saved(&store, "customer", json!({ "package": "2", "phone": "8613912345678" }));
    }
    let of = |package| found(&store, Query { within: Some(vec![Id(package)]), ..Query::default() }).len();
    assert_eq!((of(1), of(2)), (1, 2));
    assert_eq!(
        refused(&store, "customer", change(first.id, json!({ "package": "2" }))),
        Refusals::one("package", Why::Fixed)
    );
    let nowhere = add(json!({ "package": "9", "phone": "10" }));
    assert_eq!(refused(&store, "customer", nowhere), Refusals::one("package", Why::NotThere));
}

/// PKG-16, PKG-17, PKG-18
#[test]
fn a_package_keeps_phones_and_combinations_apart() {
    let (_directory, store) = office();
    custom_field(&store, "mobile", json!({ "type": "phone" }));
    let first = saved(&store, "customer", json!({ "package": "1", "phone": "100", "custom": { "mobile": "200" } })).id;
    let second = saved(&store, "customer", json!({ "package": "1", "phone": "101", "custom": { "mobile": "100" } })).id;
    let on = || change(Id(1), json!({ "unique_phones": true }));
    assert_eq!(refused(&store, "package", on()), Refusals::one("unique_phones", Why::Duplicates { count: 2 }));
    changed(&store, "customer", second, json!({ "custom": { "mobile": "102" } }));
    store.write(&BY, at(2), "package", on()).unwrap();
    let taken = refused(&store, "customer", change(second, json!({ "custom": { "mobile": "100" } })));
    assert_eq!(taken, Refusals::one("custom.mobile", Why::Duplicate { id: first }));
    let other = refused(&store, "customer", add(customer("200")));
    assert_eq!(other, Refusals::one("phone", Why::Duplicate { id: first }));
    let twice = add(json!({ "package": "1", "phone": "300", "custom": { "mobile": "300" } }));
    assert_eq!(refused(&store, "customer", twice).word(), ("invalid", 422), "PKG-17");

    saved(&store, "customer", json!({ "package": "1", "phone": "400", "name": "A", "area": "x" }));
    saved(&store, "customer", json!({ "package": "1", "phone": "401", "name": "a", "area": "X" }));
    let keys = |fields: Value| change(Id(1), json!({ "unique_keys": fields }));
    let count = Refusals::one("unique_keys", Why::Duplicates { count: 2 });
    assert_eq!(refused(&store, "package", keys(json!(["name", "area"]))), count);
    store.write(&BY, at(2), "package", keys(json!(["name", "area", "phone"]))).unwrap();
    assert_eq!(refused(&store, "package", keys(json!(["name", "nothing"]))), Refusals::one("unique_keys", Why::Choice));
}

/// FLD-24, FLD-27, FLD-28, FLD-42
#[test]
fn a_custom_field_is_checked_searched_and_unique() {
    let (_directory, store) = office();
    ["10", "11", "12"].iter().for_each(|phone| drop(saved(&store, "customer", customer(phone))));
    let field = custom_field(&store, "wechat", json!({}));
    for (id, wechat) in [(1, "Anna"), (2, "bert"), (3, "ANNA")] {
        changed(&store, "customer", Id(id), json!({ "custom": { "wechat": wechat } }));
    }
    let searched = |text: &str| found(&store, Query { search: text.into(), ..Query::default() });
    assert_eq!(searched("anna"), [""; 0]);
    changed(&store, "custom_field", field, json!({ "global_search": true }));
    settled(&store);
    assert_eq!(searched("anna"), ["12", "10"]);
    let unique = || change(field, json!({ "unique": true }));
    assert_eq!(refused(&store, "custom_field", unique()), Refusals::one("unique", Why::Duplicates { count: 2 }));
    changed(&store, "customer", Id(3), json!({ "custom": { "wechat": "carl" } }));
    store.write(&BY, at(2), "custom_field", unique()).unwrap();
    let taken = refused(&store, "customer", change(Id(3), json!({ "custom": { "wechat": "Bert" } })));
    assert_eq!(taken, Refusals::one("custom.wechat", Why::Duplicate { id: Id(2) }));
    changed(&store, "custom_field", field, json!({ "required": true }));
    assert_eq!(refused(&store, "customer", add(customer("13"))), Refusals::one("custom.wechat", Why::Required));
    let emptied = refused(&store, "customer", change(Id(1), json!({ "custom": { "wechat": "" } })));
    assert_eq!(emptied, Refusals::one("custom.wechat", Why::Required));
    let unknown = refused(&store, "customer", change(Id(1), json!({ "custom": { "line": "x" } })));
    assert_eq!(unknown, Refusals::one("custom.line", Why::Unknown));
}

/// FLD-6 reading, FLD-10
#[test]
fn a_deleted_field_leaves_no_value_behind() {
    let (_directory, store) = office();
    let field = custom_field(&store, "wechat", json!({ "global_search": true }));
    saved(&store, "customer", json!({ "package": "1", "phone": "10", "custom": { "wechat": "secret" } }));
    store.write(&BY, at(2), "custom_field", Write::Remove { id: field, rev: None }).unwrap();
    custom_field(&store, "wechat", json!({ "global_search": true }));
    assert_eq!(row(&store, Id(1))["custom"], json!({}));
    settled(&store);
    assert_eq!(found(&store, Query { search: "secret".into(), ..Query::default() }), [""; 0]);
    let own = add(json!({ "package": "1", "name": "phone", "label": "x", "type": "input" }));
    assert_eq!(refused(&store, "custom_field", own), Refusals::one("name", Why::NameTaken));
}

/// TAG-5, TAG-10, SRC-6, AGT-6, CUS-17, CUS-47
#[test]
fn customers_let_go_of_what_is_deleted() {
    let (_directory, store) = office();
    let tag = |name: &str| saved(&store, "tag", json!({ "name": name })).id.to_string();
    let (warm, cold) = (tag("warm"), tag("cold"));
    let source = saved(&store, "data_source", json!({ "name": "fair" })).id.to_string();
    let agent = store.write(&BY, at(1), "agent", agent("801")).unwrap().id;
    for phone in ["10", "11", "12"] {
        saved(
            &store,
            "customer",
            json!({ "package": "1", "phone": phone, "tags": [warm, cold], "data_source": source, "agent_number": "801" }),
        );
    }
    let with = |field: &str, value: &str| {
        let filters = vec![(field.to_string(), BTreeSet::from([value.to_string()]))];
        found(&store, Query { filters, ..Query::default() })
    };
    assert_eq!(with("tags", &warm), ["12", "11", "10"]);
    assert_eq!(row(&store, Id(1))["last_assigned_at"], json!(at(1)));
    let unknown = add(json!({ "package": "1", "phone": "13", "agent_number": "999" }));
    assert_eq!(refused(&store, "customer", unknown), Refusals::one("agent_number", Why::NotThere));
    let typed = change(Id(1), json!({ "last_assigned_at": at(5) }));
    assert_eq!(refused(&store, "customer", typed), Refusals::one("last_assigned_at", Why::ReadOnly));
    let gone = |noun: &str, id: Id| store.write(&BY, at(2), noun, Write::Remove { id, rev: None }).unwrap();
    gone("tag", warm.parse().unwrap());
    gone("data_source", source.parse().unwrap());
    gone("agent", agent);
    settled(&store);
    let left = row(&store, Id(2));
    assert_eq!(
        (&left["tags"], &left["data_source"], &left["agent_number"]),
        (&json!([cold]), &json!(null), &json!(null))
    );
    assert_eq!(left["last_assigned_at"], json!(at(1)), "CUS-17 reading: a release keeps it");
    assert_eq!(with("tags", &warm), [""; 0]);
    assert_eq!(with("tags", &cold).len(), 3);
}

/// PKG-19: the same with and without an index
#[test]
fn an_index_changes_no_result() {
    let (_directory, store) = office();
    custom_field(&store, "city", json!({}));
    for (phone, city) in [("10", "广州"), ("11", "深圳"), ("12", "广州"), ("13", "")] {
        saved(&store, "customer", json!({ "package": "1", "phone": phone, "custom": { "city": city } }));
    }
    let ask = || {
        let filters = vec![("custom.city".to_string(), BTreeSet::from(["广州".to_string()]))];
        let sort = Sort { field: Some("custom.city".into()), descending: false };
        [
            found(&store, Query { filters: filters.clone(), ..Query::default() }),
            found(&store, Query { filters, search: "12".into(), ..Query::default() }),
            found(&store, Query { sort, ..Query::default() }),
        ]
    };
    let before = ask();
    assert_eq!(before, [vec!["12", "10"], vec!["12"], vec!["13", "10", "12", "11"]]);
    changed(&store, "package", Id(1), json!({ "index_fields": ["custom.city"] }));
    assert_eq!(ask(), before);
    settled(&store);
    assert_eq!(ask(), before);
}
