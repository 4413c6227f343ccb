//! A table beside a list that is looked through: whatever is asked, both answer the same.

use super::{Batch, Query, Sort, Tables, fold::folded, query::Reader};
use crate::{
    model::Settings,
    schema::{
        Actor, Held, Id, Menu, Model, Refusals, Resource, Tab, Tenant, Why,
        index::{Entry, Finding, Index},
        kind::{List, Name, Number, Text},
        model::tab,
    },
    store::{
        NotWritten,
        disk::Directory,
        tests::{at, fields},
    },
};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tempfile::TempDir;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    book: Text<20>,
    #[serde(default)]
    name: Text<80>,
    #[serde(default)]
    phone: Text<20>,
    #[serde(default)]
    tags: List<Text<20>, 0, 9>,
    #[serde(default)]
    score: Option<Number<0, 1000>>,
}

impl Model for Note {
    const NAME: &'static str = "note";
    const PATH: &'static str = "notes";
    const MENU: Menu = Menu::Unlisted;
    const HELD: Held = Held::Table;
    const SEARCH: &'static [&'static str] = &["name", "phone"];
    const FILTERS: &'static [&'static str] = &["tags"];
    const SORTS: &'static [&'static str] = &["name", "score"];
    const WITHIN: Option<&'static str> = Some("book");
    const TABS: &'static [Tab] = &[tab("general", &["book", "name", "phone", "tags", "score"])];

    /// The tests choose by the name of the office.
    fn finding(tenant: &Tenant, _: Option<Id>) -> Finding {
        let mut finding = Finding::declared(Self::FILTERS, Self::SORTS, Self::SEARCH, Self::RULES);
        match &*Settings::of(tenant).name {
            "unique" => finding.indexes.push(Index::new(Entry::Value, "phone").unique()),
            "by score" => finding.indexes.push(Index::new(Entry::Filter, "score").named("score=")),
            "bare" => finding = Finding { searched: vec!["name".into()], ..Finding::default() },
            _ => {}
        }
        finding
    }
}

static NOTES: [Resource; 1] = [Resource::of::<Note>()];
const NOTE: &Resource = &NOTES[0];

fn office(name: &'static str) -> Tenant {
    let mut tenant = Tenant::default();
    tenant.add(Settings { name: Name::literal(name), ..Settings::default() });
    tenant
}

fn opened() -> (TempDir, Tables) {
    let folder = tempfile::tempdir().unwrap();
    let tables = Tables::open(Arc::new(Directory::lock(folder.path()).unwrap()), &NOTES).unwrap();
    (folder, tables)
}

fn written<T>(tables: &Tables, tenant: &Tenant, work: impl FnOnce(&mut Batch) -> Result<T, NotWritten>) -> T {
    tables.write(tenant, &Actor::System, at(1), work).unwrap()
}

fn refused<T>(tables: &Tables, tenant: &Tenant, work: impl FnOnce(&mut Batch) -> Result<T, NotWritten>) -> Refusals {
    match tables.write(tenant, &Actor::System, at(1), work) {
        Err(NotWritten::Refused(refusals)) => refusals,
        Err(NotWritten::Fault(fault)) => panic!("{fault}"),
        Ok(_) => panic!("it was taken"),
    }
}

fn note(name: &str, phone: &str) -> serde_json::Map<String, Value> {
    fields(json!({ "book": "1", "name": name, "phone": phone }))
}

/// What a table shows, by number.
type Listed = BTreeMap<u64, Value>;

fn asked(tables: &Tables, tenant: &Tenant, query: &Query, few: u64) -> (Vec<u64>, u64) {
    let mut reader = Reader::open(&tables.read().unwrap(), NOTE, tenant).unwrap();
    reader.few = few;
    let (mut ids, mut query, mut pages) = (Vec::new(), query.clone(), 0);
    loop {
        let page = reader.page(&query).unwrap();
        assert_eq!(page.total, reader.count(&query).unwrap());
        ids.extend(page.items.iter().map(|row| row.envelope.id.0));
        pages += 1;
        assert!(pages < 200, "pages do not end");
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return (ids, page.total),
        }
    }
}

/// The same, by looking at every row.
fn looked_through(list: &Listed, query: &Query) -> Vec<u64> {
    let texts = |value: &Value| ["name", "phone"].map(|field| value[field].as_str().unwrap_or("").to_string());
    let search = folded(&query.search);
    let fits = |value: &Value| {
        let within = query.within.as_ref().is_none_or(|parts| parts.iter().any(|part| value["book"] == json!(part)));
        let searched = search.is_empty() || texts(value).iter().any(|text| folded(text).contains(&search));
        let tags: BTreeSet<_> =
            value["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_string()).collect();
        within && searched && query.filters.iter().all(|(_, wanted)| !wanted.is_disjoint(&tags))
    };
    let key = |value: &Value| match query.sort.field.as_deref() {
        Some("name") => (0, folded(value["name"].as_str().unwrap_or(""))),
        Some("score") => (value["score"].as_i64().map_or(-1, |score| score), String::new()),
        _ => (0, String::new()),
    };
    let mut found: Vec<_> = list.iter().filter(|(_, value)| fits(value)).map(|(id, value)| (key(value), *id)).collect();
    found.sort();
    if query.sort.descending {
        found.reverse();
    }
    found.into_iter().map(|(_, id)| id).collect()
}

#[derive(Clone, Debug)]
enum Act {
    Add(Value),
    Change(usize, Value),
    Remove(usize),
}

fn a_note() -> impl Strategy<Value = Value> {
    let tags = proptest::collection::btree_set("[abc]", 0..3);
    let score = proptest::option::of(0..4_u32);
    ("[12]", "[aB芳 ]{0,4}", "[0-3]{0,5}", tags, score).prop_map(|(book, name, phone, tags, score)| {
        json!({ "book": book, "name": name, "phone": phone, "tags": tags, "score": score })
    })
}

fn acts() -> impl Strategy<Value = Vec<Vec<Act>>> {
    let act = prop_oneof![
        4 => a_note().prop_map(Act::Add),
        2 => (any::<usize>(), a_note()).prop_map(|(which, note)| Act::Change(which, note)),
        1 => any::<usize>().prop_map(Act::Remove),
    ];
    proptest::collection::vec(proptest::collection::vec(act, 0..25), 1..4)
}

fn questions() -> impl Strategy<Value = Vec<Query>> {
    let within = proptest::option::of(proptest::sample::select(vec![vec![Id(1)], vec![Id(2)], vec![Id(1), Id(2)]]));
    let filter = proptest::collection::btree_set("[abc]", 1..3).prop_map(|values| ("tags".to_string(), values));
    let filters = proptest::collection::vec(filter, 0..3);
    let sort = proptest::option::of(proptest::sample::select(vec!["name".to_string(), "score".to_string()]));
    let query = (within, "[aB芳1]{0,2}", filters, sort, any::<bool>(), 1..9_usize);
    let query = query.prop_map(|(within, search, filters, field, descending, limit)| Query {
        within,
        search,
        filters,
        sort: Sort { field, descending },
        limit,
        ..Query::default()
    });
    proptest::collection::vec(query, 1..12)
}

/// Does it to the table and to the list.
fn act(batch: &mut Batch, list: &mut Listed, act: Act) -> Result<(), NotWritten> {
    let nth = |list: &Listed, which: usize| list.keys().nth(which % list.len().max(1)).copied();
    match act {
        Act::Add(value) => {
            let written = batch.add(NOTE, fields(value))?;
            list.insert(written.id.0, written.row.unwrap());
        }
        Act::Change(which, value) => {
            if let Some(id) = nth(list, which) {
                let mut value = fields(value);
                value.remove("book");
                let written = batch.change(NOTE, Id(id), None, value)?;
                list.insert(id, written.row.unwrap());
            }
        }
        Act::Remove(which) => {
            if let Some(id) = nth(list, which) {
                batch.remove(NOTE, Id(id), None)?;
                list.remove(&id);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// LST-4 to LST-8, PKG-1, PKG-19
    #[test]
    fn a_table_answers_as_a_list_that_is_looked_through(acts in acts(), questions in questions()) {
        let ((_folder, tables), mut list, tenant) = (opened(), Listed::new(), office("plain"));
        for acts in acts {
            written(&tables, &tenant, |batch| acts.into_iter().try_for_each(|one| act(batch, &mut list, one)));
        }
        for question in &questions {
            let expected = looked_through(&list, question);
            for few in [0, 3, 5_000] {
                let (ids, total) = asked(&tables, &tenant, question, few);
                prop_assert_eq!(&ids, &expected, "{:?} with {}", question, few);
                prop_assert_eq!(total, expected.len() as u64);
            }
        }
    }

    /// FLD-24, PKG-19: what is searched and indexed later finds what was stored before, and after what is no more.
    #[test]
    fn what_is_indexed_later_finds_what_was_there(acts in acts(), questions in questions()) {
        let ((_folder, tables), mut list) = (opened(), Listed::new());
        for (acts, office) in acts.into_iter().zip(["bare", "plain", "bare"].map(office)) {
            written(&tables, &office, |batch| acts.into_iter().try_for_each(|one| act(batch, &mut list, one)));
        }
        let plain = office("plain");
        for settled in [false, true] {
            while settled && tables.settle(&plain).unwrap() {}
            for question in questions.iter().filter(|question| settled || question.search.is_empty()) {
                let (ids, _) = asked(&tables, &plain, question, 3);
                prop_assert_eq!(ids, looked_through(&list, question), "{:?}, settled: {}", question, settled);
            }
        }
    }
}

/// CUS-35, FLD-28, LST-24, DSK-158
#[test]
fn a_unique_value_stands_once_in_a_part() {
    let ((_folder, tables), tenant) = (opened(), office("unique"));
    let first = written(&tables, &tenant, |batch| batch.add(NOTE, note("a", "139")));
    let again = refused(&tables, &tenant, |batch| batch.add(NOTE, note("b", "139")));
    assert_eq!(again, Refusals::one("phone", Why::Duplicate { id: first.id }));
    assert_eq!((again.word(), &again.fields()["phone"]["id"]), (("duplicate", 409), &json!(first.id)));
    let mut elsewhere = note("b", "139");
    elsewhere.insert("book".into(), json!("2"));
    written(&tables, &tenant, |batch| batch.add(NOTE, elsewhere));
    let (one, two) =
        written(&tables, &tenant, |batch| Ok((batch.add(NOTE, note("", ""))?, batch.add(NOTE, note("", ""))?)));
    assert_eq!(two.id.0, one.id.0 + 1, "empty values are not compared, a refused row takes no number");
    let taken =
        |id, rev| refused(&tables, &tenant, |batch| batch.change(NOTE, id, rev, fields(json!({ "phone": "139" }))));
    assert_eq!(taken(one.id, None), again);
    assert_eq!(taken(one.id, Some(7)), Refusals::whole(Why::ChangedMeanwhile { rev: 1 }));
    assert_eq!(taken(Id(99), None), Refusals::whole(Why::NotFound));
    let same =
        written(&tables, &tenant, |batch| batch.change(NOTE, first.id, Some(1), fields(json!({ "phone": "139" }))));
    assert_eq!(same.rev, 2);
    written(&tables, &tenant, |batch| batch.remove(NOTE, first.id, None));
    written(&tables, &tenant, |batch| batch.change(NOTE, one.id, None, fields(json!({ "phone": "139" }))));
}

/// FLD-28: a value that was there before it had to be unique is not given a second time.
#[test]
fn a_later_rule_knows_earlier_rows() {
    let ((_folder, tables), plain, unique) = (opened(), office("plain"), office("unique"));
    written(&tables, &plain, |batch| (0..2_500).try_for_each(|n| batch.add(NOTE, note("", &format!("{n}"))).map(drop)));
    let again = refused(&tables, &unique, |batch| batch.add(NOTE, note("b", "2400")));
    assert_eq!(again, Refusals::one("phone", Why::Duplicate { id: Id(2401) }));
}

/// PKG-19: what is built of a small part looks at its own rows, however many others there are.
#[test]
fn a_small_part_is_built_from_its_own_rows() {
    let ((_folder, tables), plain, unique) = (opened(), office("plain"), office("unique"));
    let of = |book: &str, n: u64| {
        let mut one = note("", &n.to_string());
        one.insert("book".into(), json!(book));
        one
    };
    written(&tables, &plain, |batch| {
        batch.add(NOTE, of("1", 1))?;
        (0..3_500).try_for_each(|n| batch.add(NOTE, of("2", n)).map(drop))?;
        batch.add(NOTE, of("1", 2)).map(drop)
    });
    while tables.settle(&plain).unwrap() {}
    let mut steps = 0;
    while tables.settle(&unique).unwrap() {
        steps += 1;
        let again = refused(&tables, &unique, |batch| batch.add(NOTE, of("1", 2)));
        assert_eq!(again, Refusals::one("phone", Why::Duplicate { id: Id(3_502) }));
    }
    assert_eq!(steps, 2 + 5, "the small part takes one look, the large one four, and each one to begin");
}

/// A batch is kept whole or not at all, and what was kept is there after a new start (BOX-97).
#[test]
fn a_batch_is_kept_whole_or_not_at_all() {
    let ((folder, tables), tenant) = (opened(), office("unique"));
    written(&tables, &tenant, |batch| batch.add(NOTE, note("kept", "1")));
    refused(&tables, &tenant, |batch| {
        batch.add(NOTE, note("gone", "2"))?;
        batch.add(NOTE, note("gone", "1"))
    });
    drop(tables);
    let tables = Tables::open(Arc::new(Directory::lock(folder.path()).unwrap()), &NOTES).unwrap();
    assert_eq!(asked(&tables, &tenant, &Query { limit: 5, ..Query::default() }, 5), (vec![1], 1));
    let row = tables.row(&tenant, NOTE, Id(1)).unwrap().unwrap();
    assert_eq!((&row.value["name"], row.envelope.rev, row.envelope.created_at), (&json!("kept"), 1, at(1)));
}

/// HOUSE: each write leaves what changed.
#[test]
fn changes_are_remembered() {
    let ((_folder, tables), tenant) = (opened(), office("plain"));
    let id = written(&tables, &tenant, |batch| batch.add(NOTE, note("a", "1"))).id;
    written(&tables, &tenant, |batch| batch.change(NOTE, id, None, fields(json!({ "name": "b", "score": 3 }))));
    written(&tables, &tenant, |batch| batch.change(NOTE, id, None, fields(json!({ "score": null }))));
    written(&tables, &tenant, |batch| batch.remove(NOTE, id, None));
    let history = tables.history(NOTE, id, None, 10).unwrap();
    let changes: Vec<_> =
        history.iter().map(|entry| (entry.revision, entry.before.clone(), entry.after.clone())).collect();
    assert_eq!(changes.len(), 3);
    assert_eq!(changes[2], (1, Some(json!({ "name": "a" })), Some(json!({ "name": "b", "score": 3 }))));
    assert_eq!(changes[1], (2, Some(json!({ "score": 3 })), Some(json!({}))));
    assert_eq!((changes[0].1.as_ref().unwrap()["name"].clone(), &changes[0].2), (json!("b"), &None));
    assert!(tables.history(NOTE, Id(2), None, 10).unwrap().is_empty());
}

/// FLD-32 reading: what is hidden is not searched.
#[test]
fn a_hidden_field_is_not_searched() {
    let ((_folder, tables), tenant) = (opened(), office("plain"));
    written(&tables, &tenant, |batch| batch.add(NOTE, note("17", "139")).and(batch.add(NOTE, note("b", "217"))));
    let found = |hidden: &[&str]| {
        let hidden = hidden.iter().map(|field| (*field).to_string()).collect();
        asked(&tables, &tenant, &Query { search: "17".into(), hidden, limit: 9, ..Query::default() }, 9).0
    };
    assert_eq!(found(&[]), [2, 1]);
    assert_eq!(found(&["phone"]), [1]);
    assert_eq!(found(&["phone", "name"]), [0_u64; 0]);
    let separated = Query { search: "2-1 7".into(), limit: 9, ..Query::default() };
    assert_eq!(asked(&tables, &tenant, &separated, 9).0, [2], "CUS-2 reading");
}

/// A filter that nobody declared is answered by reading rows, then by its index.
#[test]
fn a_filter_needs_no_index() {
    let ((_folder, tables), plain, scored) = (opened(), office("plain"), office("by score"));
    for n in 0..30 {
        let value = fields(json!({ "book": "1", "score": n % 3 }));
        written(&tables, &plain, |batch| batch.add(NOTE, value));
    }
    let query = Query { filters: vec![("score".into(), BTreeSet::from(["2".into()]))], limit: 100, ..Query::default() };
    let expected: Vec<u64> = (1..=30).rev().filter(|id| (id - 1) % 3 == 2).collect();
    assert_eq!(asked(&tables, &plain, &query, 5_000).0, expected);
    while tables.settle(&scored).unwrap() {}
    for few in [0, 5_000] {
        assert_eq!(asked(&tables, &scored, &query, few).0, expected);
    }
}
