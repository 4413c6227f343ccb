//! What goes through the write door, and what does not.

use super::{add, agent, at, fields, opened};
use crate::{
    model::{Account, Agent, ApiAccess, Person, Settings, settings::Digest},
    schema::{Actor, Id, Refusals, Why},
    store::{Fault, NotWritten, OwnerForm, RowQuery, Session, Store, Write},
    time::Timestamp,
};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

fn refusals(result: Result<super::super::Written, NotWritten>) -> Refusals {
    match result.unwrap_err() {
        NotWritten::Refused(refusals) => refusals,
        NotWritten::Fault(fault) => panic!("{fault}"),
    }
}

/// BOX-92, LST-17, LST-18, AGT-19 reading, AGT-21 reading
#[test]
fn a_saved_agent_is_there_after_a_restart() {
    let (directory, store) = opened();
    let written = store.write(&Actor::Account(1), at(0), "agents", agent("801")).unwrap();
    assert_eq!((written.id, written.rev), (Id(1), 1));
    let row = written.row.unwrap();
    assert_eq!(row["sip_password"], "***");
    assert_eq!(row["created_at"], row["updated_at"]);
    let generated = written.generated["sip_password"].as_str().unwrap().to_owned();
    assert_eq!(generated.len(), 12);
    drop(store);

    let store = Store::open(directory.path()).unwrap();
    let tenant = store.tenant();
    let agent = &Agent::of(&tenant, "801").unwrap().value;
    assert_eq!(&*agent.sip_password, generated);
    assert_eq!(&*agent.phone_password, "123456");
    assert!(agent.web_password.is("not a secret"));
    assert!(agent.enabled());
    assert_eq!(store.reveal("agent", Id(1), "sip_password"), Some(generated));
    assert_eq!(store.reveal("agent", Id(1), "web_password"), None);
    assert_eq!(tenant.revision, 1);
}

/// BOX-57, BOX-152
#[test]
fn no_secret_lies_in_clear_in_any_file() {
    let (directory, store) = opened();
    let secrets = ["uncommonSipWord", "uncommon web phrase", "8675309867"];
    let value = json!({
        "agent_number": "801", "first_name": "Li",
        "sip_password": secrets[0], "web_password": secrets[1], "phone_password": secrets[2],
    });
    store.write(&Actor::System, at(0), "agent", add(value)).unwrap();
    let change = fields(json!({ "sip_password": "uncommonSipWord2" }));
    store.write(&Actor::System, at(1), "agent", Write::Change { id: Id(1), rev: None, value: change }).unwrap();
    let journal = store.journal(None, 10).unwrap();
    assert_eq!(journal[0].secrets_changed, ["sip_password"]);
    assert_eq!(journal[1].secrets_changed, ["sip_password", "phone_password", "web_password"]);
    assert!(!format!("{:?} {journal:?}", store.tenant()).contains("uncommon"));
    drop(store);
    let bytes = std::fs::read(directory.path().join("config.redb")).unwrap();
    for secret in secrets {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
    }
}

/// LST-21, LST-22, AGT-8, AGT-16 reading
#[test]
fn a_form_is_refused_with_all_its_faults_and_nothing_is_written() {
    let (_directory, store) = opened();
    let bad = json!({
        "agent_number": "01001", "first_name": "王".repeat(41), "status": "asleep", "sip_password": "has space",
        "phone_password": "12a", "colour": 7,
    });
    let refused = refusals(store.write(&Actor::Api, at(0), "agent", add(bad)));
    assert_eq!(refused.word(), ("invalid", 422));
    assert_eq!(
        Value::Object(refused.fields()),
        json!({
            "agent_number": { "why": "pattern" },
            "first_name": { "why": "too_long", "max": 40 },
            "status": { "why": "choice" },
            "sip_password": { "why": "pattern" },
            "web_password": { "why": "required" },
            "phone_password": { "why": "pattern" },
            "colour": { "why": "unknown" },
        })
    );
    assert_eq!(store.tenant().revision, 0);
    assert_eq!(store.rows("agent", &RowQuery::default()).unwrap().total, 0);
}

/// AGT-9, AGT-10, LST-17
#[test]
fn a_number_is_unique_fixed_and_free_again_when_its_agent_is_gone() {
    let (_directory, store) = opened();
    let by = Actor::System;
    store.write(&by, at(0), "agent", agent("801")).unwrap();
    let taken = refusals(store.write(&by, at(1), "agent", agent(" 801 ")));
    assert_eq!(taken.word(), ("number_taken", 409));
    let renumber = |number: &str| {
        let value = fields(json!({ "agent_number": number, "last_name": "Wang" }));
        store.write(&by, at(2), "agent", Write::Change { id: Id(1), rev: Some(1), value })
    };
    assert_eq!(refusals(renumber("802")), Refusals::one("agent_number", Why::Fixed));
    assert_eq!(renumber("801").unwrap().rev, 2);
    let stale = store.write(&by, at(3), "agent", Write::Remove { id: Id(1), rev: Some(1) });
    assert_eq!(refusals(stale), Refusals::whole(Why::ChangedMeanwhile { rev: 2 }));
    store.write(&by, at(3), "agent", Write::Remove { id: Id(1), rev: Some(2) }).unwrap();
    assert!(store.row("agent", Id(1)).is_none());
    assert_eq!(store.write(&by, at(4), "agent", agent("801")).unwrap().id, Id(2));
}

/// ACC-17 reading: an empty secret on edit keeps the old one
#[test]
fn a_secret_that_nobody_typed_stays() {
    let (_directory, store) = opened();
    let made = store.write(&Actor::System, at(0), "agent", agent("801")).unwrap();
    let value =
        fields(json!({ "sip_password": "***", "web_password": "", "phone_password": null, "first_name": "Bo" }));
    store.write(&Actor::System, at(1), "agent", Write::Change { id: Id(1), rev: None, value }).unwrap();
    let tenant = store.tenant();
    let agent = &Agent::of(&tenant, "801").unwrap().value;
    assert_eq!(&*agent.first_name, "Bo");
    assert_eq!(&*agent.sip_password, made.generated["sip_password"].as_str().unwrap());
    assert!(agent.web_password.is("not a secret"));
    assert_eq!(store.journal(None, 1).unwrap()[0].secrets_changed, [""; 0]);
}

/// A batch is kept whole or not at all, and its rows see each other.
#[test]
fn a_batch_with_a_fault_writes_nothing() {
    let (_directory, store) = opened();
    let batch = |last: &'static str| {
        store.write_all(
            &Actor::System,
            at(0),
            vec![("agent", agent("801")), ("agent", agent("802")), ("agent", agent(last))],
        )
    };
    assert!(batch("802").is_err());
    assert_eq!(store.tenant().table::<Agent>().len(), 0);
    assert_eq!(batch("803").unwrap().iter().map(|w| w.id.0).collect::<Vec<_>>(), [1, 2, 3]);
}

/// Each snapshot is told in the order of the writes, before the write is answered; other tables are shared.
#[test]
fn a_snapshot_is_told_before_the_answer() {
    let (_directory, store) = opened();
    let told = Arc::new(Mutex::new(Vec::new()));
    let newest = Arc::new(AtomicU64::new(0));
    let (seen, last) = (told.clone(), newest.clone());
    store.watch(Box::new(move |tenant| {
        seen.lock().unwrap().push(tenant.revision);
        last.store(tenant.revision, Ordering::SeqCst);
    }));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (store, newest) = (&store, &newest);
            scope.spawn(move || {
                for n in 0..3 {
                    let value =
                        json!({ "username": format!("user-{thread}-{n}"), "first_name": "A", "last_name": "B" });
                    store.write(&Actor::System, at(0), "account", add(value)).unwrap();
                    assert!(newest.load(Ordering::SeqCst) > 0);
                }
            });
        }
    });
    assert_eq!(*told.lock().unwrap(), (1..=12).collect::<Vec<_>>());
    assert_eq!(store.tenant().table::<Account>().len(), 12);
}

/// LST-4 to LST-8
#[test]
fn a_list_is_searched_and_paged_newest_first() {
    let (_directory, store) = opened();
    for n in 0..25 {
        let value =
            json!({ "username": format!("Person{n:02}"), "first_name": "Ann", "last_name": format!("L{}", n % 5) });
        store.write(&Actor::System, at(n / 2), "account", add(value)).unwrap();
    }
    let page = |search: &str, cursor: Option<String>| {
        store.rows("accounts", &RowQuery { search: search.into(), limit: 10, cursor, ..RowQuery::default() }).unwrap()
    };
    let (mut names, mut cursor) = (Vec::new(), None);
    loop {
        let part = page("", cursor);
        assert_eq!(part.total, 25);
        names.extend(part.items.iter().map(|row| row["username"].as_str().unwrap().to_owned()));
        cursor = part.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, (0..25).rev().map(|n| format!("Person{n:02}")).collect::<Vec<_>>());
    assert_eq!(page("  pERSON1 ", None).total, 10);
    assert_eq!(page("l3", None).total, 5);
    assert_eq!(page("remark", None).total, 0);
    assert!(page("", Some("nonsense".into())).items.is_empty());
    assert!(store.rows("planets", &RowQuery::default()).is_none());
}

/// BOX-9, BOX-15, BOX-109, BOX-169, ACC reading on the owner
#[test]
fn the_owner_is_made_once_stays_and_can_be_unset_at_the_box() {
    let (directory, store) = opened();
    let form = |username: &str, password: &str| OwnerForm {
        username: username.into(),
        password: password.into(),
        first_name: "Mei".into(),
        last_name: "Lin".into(),
    };
    assert!(store.needs_owner());
    assert_eq!(refusals(store.add_owner(at(0), &form("mei", ""))), Refusals::one("password", Why::Required));
    assert_eq!(refusals(store.add_owner(at(0), &form("801", "long enough"))), Refusals::one("username", Why::Pattern));
    let id = store.add_owner(at(0), &form("mei", "long enough")).unwrap().id;
    assert!(!store.needs_owner());
    assert_eq!(refusals(store.add_owner(at(1), &form("eve", "long enough"))).word(), ("not_found", 404));
    let disable = Write::Change { id, rev: None, value: fields(json!({ "status": "disabled" })) };
    assert_eq!(refusals(store.write(&Actor::System, at(1), "account", disable)).word(), ("forbidden", 403));
    let remove = Write::Remove { id, rev: None };
    assert_eq!(refusals(store.write(&Actor::System, at(1), "account", remove)).word(), ("forbidden", 403));

    store.add_session(&[1; 32], &session(id, at(1))).unwrap();
    assert!(store.reset_owner(at(2)).unwrap());
    assert!(store.needs_owner() && store.sessions().unwrap().is_empty());
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert!(store.needs_owner());
    assert_eq!(store.add_owner(at(3), &form("Mei2", "another word")).unwrap().id, id);
    let tenant = store.tenant();
    assert!(Account::of(&tenant, "MEI2").unwrap().value.password.as_ref().unwrap().is("another word"));
}

/// The example office rings with MD5 and is filled once.
#[test]
fn the_example_office_can_be_used_and_remembered() {
    let (directory, store) = opened();
    let example = store.add_example_office(at(0)).unwrap();
    assert!(store.add_example_office(at(1)).is_err());
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.example().unwrap(), Some(example.clone()));
    let tenant = store.tenant();
    assert_eq!(Settings::of(&tenant).digest, Digest::Md5);
    assert_eq!(example.agents.len(), 8);
    for known in &example.agents {
        let agent = &Agent::of(&tenant, &known.agent_number).unwrap().value;
        assert_eq!((&*agent.sip_password, agent.name()), (&*known.sip_password, known.name.clone()));
    }
    assert!(Account::owner(&tenant).unwrap().value.password.as_ref().unwrap().is(&example.owner.password));
    assert!(ApiAccess::of(&tenant).is_key(&example.api_key) && !ApiAccess::of(&tenant).is_key("guess"));
}

fn session(account: Id, seen_at: Timestamp) -> Session {
    let person = Person::Account(account);
    Session { person, acted_by: None, password_mark: String::new(), created_at: at(0), seen_at }
}

/// BOX-139, BOX-146
#[test]
fn bans_and_sessions_outlive_a_restart_and_have_a_limit() {
    let (directory, store) = opened();
    let many: Vec<_> = (0..10_050).map(|n| (format!("10.0.{}.{}", n / 256, n % 256), Some(vec![n as u8]))).collect();
    store.keep_bans(&many[..9_000]).unwrap();
    store.keep_bans(&many[9_000..]).unwrap();
    store.keep_bans(&[("10.0.39.65".into(), None), ("10.0.39.66".into(), None)]).unwrap();
    for n in 0..3 {
        store.add_session(&[n; 32], &session(Id(n.into()), at(n.into()))).unwrap();
    }
    store.end_session(&[1; 32]).unwrap();
    store.end_sessions_unseen_since(at(2)).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    let bans = store.bans().unwrap();
    assert_eq!(bans.len(), 9_999);
    assert!(!bans.iter().any(|(address, _)| address == "10.0.0.49" || address == "10.0.39.65"));
    assert!(bans.contains(&("10.0.0.50".into(), vec![50])));
    assert_eq!(store.sessions().unwrap().iter().map(|(hash, _)| hash[0]).collect::<Vec<_>>(), [2]);
}

/// BOX-165, BOX-172
#[test]
fn a_second_process_is_told_that_the_data_are_in_use() {
    let (directory, store) = opened();
    let second = Store::open(directory.path()).unwrap_err();
    assert!(matches!(second, Fault::InUse { .. }));
    assert_eq!((second.exit_code(), second.to_string().lines().count()), (4, 2));
    drop(store);
    Store::open(directory.path()).unwrap();
}

/// BOX-57, BOX-171, BOX-172
#[test]
fn a_lost_or_foreign_key_and_a_damaged_file_say_what_to_do() {
    let (directory, store) = opened();
    drop(store);
    let key = directory.path().join("key");
    let own = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(Store::open(directory.path()).unwrap_err(), Fault::KeyMissing { .. }));
    std::fs::write(&key, [9; 32]).unwrap();
    assert!(matches!(Store::open(directory.path()).unwrap_err(), Fault::KeyWrong { .. }));
    std::fs::write(&key, own).unwrap();
    std::fs::write(directory.path().join("config.redb"), vec![0xa5; 70_000]).unwrap();
    let broken = Store::open(directory.path()).unwrap_err();
    assert!(matches!(broken, Fault::Broken { .. }), "{broken:?}");
}
