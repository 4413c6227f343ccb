//! The power goes at any write: nothing that was answered is lost, and what was not is there whole or not at all.

use super::{add, at, fields, machine::Machine, pressed};
use crate::{
    history::fact::{Fact, FactNumber},
    model::Account,
    schema::{Actor, Id},
    store::{Fault, Store, Write},
};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What the office does.
#[derive(Clone, Debug)]
enum Step {
    Add(u8),
    Rename(u8, u8),
    Remove(u8),
    /// So many agents press do-not-disturb in one moment, in this month.
    Facts(u8, u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..40_u8).prop_map(Step::Add),
        (0..40_u8, any::<u8>()).prop_map(|(who, name)| Step::Rename(who, name)),
        (0..40_u8).prop_map(Step::Remove),
        (1..6_u8, 0..3_u8).prop_map(|(count, month)| Step::Facts(count, month)),
    ]
}

/// The same in plain maps.
#[derive(Clone, Debug, Default, PartialEq)]
struct Office {
    accounts: BTreeMap<String, (u64, String)>,
    next_id: u64,
    dnd: BTreeSet<String>,
    facts: u64,
}

impl Office {
    fn seen(store: &Store, next_id: u64) -> Office {
        let tenant = store.tenant();
        let rows = tenant.table::<Account>().rows();
        let accounts = rows.map(|row| (row.value.username.to_string(), (row.id().0, row.value.first_name.to_string())));
        let outlived = store.outlived().unwrap();
        Office {
            accounts: accounts.collect(),
            next_id,
            dnd: outlived.dnd.into_iter().collect(),
            facts: outlived.next_fact - 1,
        }
    }

    /// What is sent to the store, and the office as it then is. None: the store would refuse.
    fn after(&self, step: &Step) -> (Option<Office>, Asked) {
        let mut then = self.clone();
        match step {
            Step::Add(who) => {
                let asked = Asked::Write(add(json!({ "username": name(*who), "first_name": "new", "last_name": "x" })));
                let free = !self.accounts.contains_key(&name(*who));
                then.next_id += u64::from(free);
                then.accounts.insert(name(*who), (then.next_id, "new".into()));
                (free.then_some(then), asked)
            }
            Step::Rename(who, to) => {
                let value = fields(json!({ "first_name": format!("n{to}") }));
                let id = self.id(*who);
                let known = then.accounts.get_mut(&name(*who)).map(|account| account.1 = format!("n{to}"));
                (known.map(|()| then), Asked::Write(Write::Change { id, rev: None, value }))
            }
            Step::Remove(who) => {
                let known = then.accounts.remove(&name(*who));
                (known.map(|_| then), Asked::Write(Write::Remove { id: self.id(*who), rev: None }))
            }
            Step::Facts(count, month) => {
                let numbers = self.facts + 1..=self.facts + u64::from(*count);
                then.facts += u64::from(*count);
                then.dnd.extend(numbers.clone().map(|n| n.to_string()));
                let month = at(i64::from(*month) * 31 * 24 * 3600);
                (Some(then), Asked::Facts(numbers.map(|n| (FactNumber(n), pressed(n, month))).collect()))
            }
        }
    }

    fn id(&self, who: u8) -> Id {
        Id(self.accounts.get(&name(who)).map_or(9_999, |(id, _)| *id))
    }
}

enum Asked {
    Write(Write),
    Facts(Vec<(FactNumber, Fact)>),
}

impl Asked {
    fn of(self, store: &Store) -> bool {
        match self {
            Asked::Write(write) => store.write(&Actor::System, at(0), "account", write).is_ok(),
            Asked::Facts(facts) => store.facts(&facts).is_ok(),
        }
    }
}

fn name(who: u8) -> String {
    format!("person-{who}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// BOX-92, BOX-96, LST-17
    #[test]
    fn a_power_cut_loses_nothing_that_was_answered(
        lives in prop::collection::vec((prop::collection::vec(step(), 1..25), 1..400_u64, any::<u64>()), 1..4),
    ) {
        let machine = Machine::default();
        drop(machine.store().unwrap());
        let mut office = Office::default();
        for (steps, left, seed) in lives {
            let mut doubtful = None;
            // The power may go while the box starts.
            machine.powered_for(left);
            if let Ok(store) = machine.store() {
                for step in steps {
                    let (then, asked) = office.after(&step);
                    let done = asked.of(&store);
                    let powered = machine.is_powered();
                    prop_assert!(!powered || done == then.is_some(), "{step:?}");
                    match then {
                        Some(then) if done => office = then,
                        Some(then) => doubtful = Some(then),
                        None => {}
                    }
                    if !powered {
                        break;
                    }
                }
            }
            machine.restart(seed);
            let store = machine.store().unwrap();
            let found = Office::seen(&store, office.next_id);
            let in_doubt = doubtful.map(|then| Office { next_id: office.next_id, ..then });
            if found != office {
                prop_assert_eq!(Some(&found), in_doubt.as_ref());
                let added = found.accounts.values().any(|(id, _)| *id > office.next_id);
                office = Office { next_id: office.next_id + u64::from(added), ..found };
            }
            let newest = store.journal(None, 1).unwrap().first().map_or(0, |entry| entry.revision);
            prop_assert_eq!(newest, store.tenant().revision);
        }
    }

    /// BOX-66: a disk that fails for a moment and goes on
    #[test]
    fn a_disk_that_failed_for_a_moment_is_written_again(
        moments in prop::collection::vec((prop::collection::vec(step(), 1..12), 1..150_u64), 1..4),
    ) {
        let machine = Machine::default();
        let store = machine.store().unwrap();
        let mut office = Office::default();
        for (steps, left) in moments {
            machine.powered_for(left);
            let mut possible = vec![office.clone()];
            for step in steps {
                let (then, asked) = office.after(&step);
                match then {
                    Some(then) if asked.of(&store) => {
                        office = then;
                        possible = vec![office.clone()];
                    }
                    Some(then) => {
                        possible.push(then);
                        break;
                    }
                    None => {}
                }
            }
            machine.powered_again();
            // Whatever the store says now, it is one of the two, and it takes the next write.
            let unknown = Write::Remove { id: Id(9_999), rev: None };
            prop_assert!(store.write(&Actor::System, at(0), "account", unknown).is_err());
            let number = possible.last().unwrap().facts + 1;
            prop_assert!(store.facts(&[(FactNumber(number), pressed(0, at(0)))]).is_ok());
            let found = Office::seen(&store, 0);
            let fits = |then: &&Office| {
                let mut then = Office { next_id: 0, facts: number, ..(*then).clone() };
                then.dnd.insert("0".into());
                then == found
            };
            let known = possible.iter().find(fits);
            prop_assert!(known.is_some(), "{found:?} is none of {possible:?}");
            office = Office { next_id: known.unwrap().next_id, ..found };
        }
    }
}

/// BOX-64, BOX-92, BOX-93: refused clearly while the disk is full, and nothing is lost
#[test]
fn a_full_disk_is_said_and_taken_up_again() {
    let machine = Machine::default();
    let store = machine.store().unwrap();
    let one = || add(json!({ "username": "mei", "first_name": "Mei", "last_name": "Lin" }));
    machine.fill(true);
    let refused = store.write(&Actor::System, at(0), "account", one()).unwrap_err();
    assert_eq!(refused.word(), ("disk_full", 507));
    assert!(matches!(store.facts(&[(FactNumber(1), pressed(1, at(0)))]), Err(Fault::DiskFull)));
    assert_eq!((store.tenant().revision, store.outlived().unwrap().next_fact), (0, 1));
    machine.fill(false);
    store.write(&Actor::System, at(0), "account", one()).unwrap();
    store.facts(&[(FactNumber(1), pressed(1, at(0)))]).unwrap();
    assert_eq!(store.outlived().unwrap().dnd, ["1"]);
}
