//! What lists find, in what order, a page at a time; and what is done to many rows at once.

use super::{add, agent, at, fields, opened};
use crate::{
    schema::{Access, Actor, Id},
    store::{Each, RowQuery, Store, Write},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Agents 1 to 30 in the order 7, 14, 21 …, every third of them disabled.
fn office(store: &Store) {
    // Where none of these numbers calls for help.
    let country = Write::Set { rev: None, value: fields(json!({ "country": "US" })) };
    store.write(&Actor::System, at(0), "preferences", country).unwrap();
    for n in 1..=30_i64 {
        let number = (n * 7) % 31 + 100;
        let value = json!({
            "agent_number": number.to_string(), "first_name": format!("Line {number}"), "web_password": "not a secret",
            "status": if n % 3 == 0 { "disabled" } else { "enabled" },
        });
        store.write(&Actor::System, at(n), "agent", add(value)).unwrap();
    }
}

fn numbers(items: &[Value]) -> Vec<i64> {
    items.iter().map(|row| row["agent_number"].as_str().unwrap().parse().unwrap()).collect()
}

/// Every page of a list, one after the other.
fn all(store: &Store, query: &RowQuery) -> Vec<i64> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let part = store.rows("agents", &RowQuery { cursor, limit: 7, ..query.clone() }).unwrap();
        assert!(part.items.len() == 7 || part.next.is_none());
        found.extend(numbers(&part.items));
        assert_eq!(part.total as usize, store.matching("agent", query).unwrap().len());
        cursor = part.next;
        if cursor.is_none() {
            return found;
        }
    }
}

/// LST-7, LST-8, LST-9
#[test]
fn a_list_is_sorted_by_any_column_and_paged() {
    let (_directory, store) = opened();
    office(&store);
    let sorted = |sort: &str| all(&store, &RowQuery { sort: Some(sort.into()), ..RowQuery::default() });
    assert_eq!(sorted("agent_number"), (101..=130).collect::<Vec<_>>());
    assert_eq!(sorted("-first_name"), (101..=130).rev().collect::<Vec<_>>());
    let newest_first = all(&store, &RowQuery::default());
    assert_eq!(newest_first, (1..=30).rev().map(|n| (n * 7) % 31 + 100).collect::<Vec<_>>());
    assert_eq!(sorted("-created_at"), newest_first);
    assert_eq!(sorted("id").len(), 30);
    let by_status = sorted("status");
    assert_eq!(by_status[..2], [121, 111], "rows of one status stand as they came");
    assert!(store.rows("agent", &RowQuery { sort: Some("sip_password".into()), ..RowQuery::default() }).is_none());
    let third = RowQuery { sort: Some("agent_number".into()), limit: 10, page: Some(3), ..RowQuery::default() };
    let third = store.rows("agent", &third).unwrap();
    assert_eq!((numbers(&third.items), third.next, third.total), ((121..=130).collect(), None, 30));
    let far = RowQuery { limit: 10, page: Some(99), ..RowQuery::default() };
    assert!(store.rows("agent", &far).unwrap().items.is_empty());
}

/// LST-4, LST-5, LST-7
#[test]
fn a_list_is_narrowed_by_every_filter_and_the_search() {
    let (_directory, store) = opened();
    office(&store);
    let with = |filters: &[(&str, &[&str])]| RowQuery {
        filters: filters
            .iter()
            .map(|(field, values)| ((*field).into(), values.iter().map(|value| (*value).into()).collect()))
            .collect(),
        ..RowQuery::default()
    };
    let count = |query: &RowQuery| store.matching("agent", query).unwrap().len();
    assert_eq!(count(&with(&[("status", &["disabled"])])), 10);
    assert_eq!(count(&with(&[("status", &["disabled", "enabled"])])), 30);
    assert_eq!(count(&with(&[("last_name", &["none"])])), 30);
    let (from, to) = (at(4), at(6));
    assert_eq!(count(&with(&[("created_at", &[&format!("{from}..{to}")])])), 3);
    assert_eq!(count(&with(&[("created_at", &[&format!("{from}..{to}")]), ("status", &["disabled"])])), 1);
    let disabled = with(&[("status", &["disabled"])]);
    let searched = RowQuery { search: " 10 ".into(), ..disabled.clone() };
    assert_eq!(count(&searched), all(&store, &disabled).iter().filter(|n| **n < 110).count());
    assert_eq!(count(&RowQuery { search_in: Some(Vec::new()), ..searched }), 0, "nothing is looked at");
    let ids = RowQuery { ids: Some(BTreeSet::from([Id(3), Id(4), Id(99)])), ..disabled };
    assert_eq!(store.matching("agent", &ids).unwrap(), [Id(3)]);
    assert!(store.matching("agent", &with(&[("web_password", &["x"])])).is_none());
}

#[test]
fn rows_are_named_chosen_and_jumped_to() {
    let (_directory, store) = opened();
    office(&store);
    let chosen = store.choices("agent", &RowQuery { search: "12".into(), limit: 4, ..RowQuery::default() }).unwrap();
    let names: Vec<_> = chosen.items.iter().map(|choice| choice.name.split(' ').next().unwrap()).collect();
    assert_eq!((names, chosen.total), (vec!["112", "120", "121", "122"], 11), "112 and 120 to 129");
    let next = RowQuery { search: "12".into(), limit: 4, cursor: chosen.next, ..RowQuery::default() };
    assert!(store.choices("agent", &next).unwrap().items[0].name.starts_with("123"));
    let found = store.find(" 112", 10, |_| true);
    assert_eq!((found[0].noun, found.len()), ("agent", 1));
    assert!(store.find("112", 10, |resource| resource.name != "agent").is_empty());
    assert!(store.find("  ", 10, |_| true).is_empty());
}

/// LST-14, LST-16, AGT-10
#[test]
fn many_rows_are_changed_and_those_that_may_not_stay() {
    let (directory, store) = opened();
    office(&store);
    let by = Actor::Account(1);
    let access = Access::whole(by.clone());
    let ids: Vec<_> = store.matching("agent", &RowQuery::default()).unwrap();
    let change = Each::Change(fields(json!({ "status": "disabled", "agent_number": "101" })));
    let done = store.write_each(&access, at(50), "agent", &ids, &change).unwrap();
    assert_eq!((done.written, done.refused.len()), (1, 29), "only one has that number already");
    let remove = store.write_each(&access, at(51), "agent", &[Id(1), Id(1), Id(77), Id(2)], &Each::Remove).unwrap();
    let words: Vec<_> = remove.refused.iter().map(|(id, why)| (id.0, why.word().0)).collect();
    assert_eq!((remove.written, words), (2, vec![(1, "not_found"), (77, "not_found")]));
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.matching("agent", &RowQuery::default()).unwrap().len(), 28);
    assert_eq!(store.journal(None, 2).unwrap()[0].by, by);
}

/// LST-27, AGT-10
#[test]
fn what_became_of_a_row_is_told_and_undone() {
    let (_directory, store) = opened();
    let by = Actor::Account(1);
    let id = store.write(&by, at(0), "agent", agent("801")).unwrap().id;
    store.write(&by, at(1), "agent", agent("802")).unwrap();
    let change = |value: Value| {
        store.write(&by, at(2), "agent", Write::Change { id, rev: None, value: fields(value) }).unwrap();
    };
    change(json!({ "first_name": "Bo", "status": "disabled" }));
    change(json!({ "first_name": "Cy" }));
    let past = store.past("agent", id, None, 10).unwrap();
    let revisions: Vec<_> = past.iter().map(|entry| entry.revision).collect();
    assert_eq!(revisions, [4, 3, 1]);
    assert_eq!(store.past("agent", id, Some(4), 1).unwrap()[0].revision, 3);
    let undo = |noun: &str, id, revision| {
        let write = store.undoing(noun, id, crate::store::Which::Revision(revision))?;
        store.write(&by, at(3), noun, write)
    };
    let undone = undo("agent", id, 3).unwrap().row.unwrap();
    assert_eq!((&undone["first_name"], &undone["status"]), (&json!("Li"), &json!("enabled")));
    assert!(undo("agent", Id(2), 3).is_err(), "that was another row");

    let account = add(json!({ "username": "mei.lin", "first_name": "Mei", "last_name": "Lin" }));
    let mei = store.write(&by, at(4), "account", account.clone()).unwrap().id;
    store.write(&by, at(5), "account", Write::Remove { id: mei, rev: None }).unwrap();
    let removed = store.past("account", mei, None, 1).unwrap()[0].revision;
    assert_eq!(undo("account", mei, removed).unwrap().id, mei);
    let again = undo("account", mei, removed).unwrap_err();
    assert_eq!(again.word(), ("name_taken", 409), "it is there already");
    undo("account", mei, removed - 1).unwrap();
    assert!(store.row("account", mei).is_none(), "what was added is away again");
    assert!(store.write(&by, at(8), "account", account).unwrap().id > mei, "LST-17");
}

/// ROL-7, SUR-49
#[test]
fn a_copy_has_a_name_of_its_own() {
    let (_directory, store) = opened();
    let by = Actor::Account(1);
    let value = json!({ "name": "Support", "permissions": ["agent.view"] });
    let id = store.write(&by, at(0), "role", add(value)).unwrap().id;
    let copy = |id: Id| {
        let value = store.copy_of("role", id).unwrap();
        store.write(&by, at(1), "role", Write::Add { value }).unwrap()
    };
    let first = copy(id).row.unwrap();
    assert_eq!(first["name"], "Support (copy)");
    assert_eq!(first["permissions"], store.row("role", id).unwrap()["permissions"]);
    assert_eq!(copy(id).row.unwrap()["name"], "Support (copy 2)");
    let long = store.write(&by, at(2), "role", add(json!({ "name": "長".repeat(80) }))).unwrap().id;
    assert_eq!(copy(long).row.unwrap()["name"], format!("{} (copy)", "長".repeat(73)));
    assert!(store.copy_of("role", Id(99)).is_none());
}

/// LST-11, LST-12
#[test]
fn chosen_columns_are_kept_for_each_person_and_list() {
    let (directory, store) = opened();
    let (one, other) = (Actor::Account(1), Actor::Agent(1));
    assert_eq!(store.columns(&one, "agents").unwrap(), None);
    store.set_columns(&one, "agents", &["status".into()]).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.columns(&one, "agents").unwrap(), Some(vec!["status".to_owned()]));
    assert_eq!(store.columns(&one, "roles").unwrap(), None);
    assert_eq!(store.columns(&other, "agents").unwrap(), None);
}
