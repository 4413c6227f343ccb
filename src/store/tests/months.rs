//! A month that begins while the disk fails, and a clock that goes back before it.

use super::{at, machine::Machine, pressed};
use crate::{
    history::{
        fact::{Fact, FactNumber, GroupTurn},
        story::Story,
    },
    store::{Store, disk::Disk},
};

const MONTH: i64 = 31 * 24 * 3600;

/// One agent sets do-not-disturb in this month; whether the store says that it is kept.
fn press(store: &Store, n: u64, month: i64) -> bool {
    store.facts(&[(FactNumber(n), pressed(n, at(month * MONTH)))]).is_ok()
}

fn dnd(store: &Store) -> Vec<String> {
    store.outlived().unwrap().dnd
}

/// BOX-66, BOX-93: wherever the disk fails while a month begins, what an earlier time then brings is in what the
/// month knows, now and after a stop.
#[test]
fn a_month_that_failed_to_begin_loses_nothing_that_came_before_it_began_again() {
    for left in 1.. {
        let machine = Machine::default();
        let store = machine.store().unwrap();
        assert!(press(&store, 1, 0));
        machine.powered_for(left);
        let begun = press(&store, 2, 1);
        machine.powered_again();
        assert!(press(&store, 3, 0), "after {left} writes");
        assert!(press(&store, 4, 1), "after {left} writes");
        // Where the disk failed at the very end, the second may be there too.
        let seen: Vec<_> = dnd(&store).into_iter().filter(|n| begun || n != "2").collect();
        let kept = if begun { &["1", "2", "3", "4"][..] } else { &["1", "3", "4"] };
        assert_eq!(seen, kept, "after {left} writes");
        let before = dnd(&store);
        drop(store);
        assert_eq!(dnd(&machine.store().unwrap()), before, "after {left} writes and a stop");
        if begun {
            break;
        }
    }
}

/// BOX-66, BOX-93: months that did not begin one after another do not keep the next from beginning.
#[test]
fn a_month_begins_after_one_that_did_not() {
    for left in 1.. {
        let machine = Machine::default();
        let store = machine.store().unwrap();
        assert!(press(&store, 1, 0));
        machine.powered_for(left);
        let begun = press(&store, 2, 1);
        machine.powered_again();
        assert_eq!(dnd(&store)[0], "1", "after {left} writes");
        assert!(press(&store, 3, 2), "after {left} writes");
        let found = dnd(&store);
        assert!(found.contains(&"1".into()) && found.contains(&"3".into()), "{found:?} after {left} writes");
        drop(store);
        assert_eq!(dnd(&machine.store().unwrap()), found, "after {left} writes and a stop");
        if begun {
            break;
        }
    }
}

/// BOX-66, BOX-120: a disk that fails while stories are forgotten keeps none of them for ever.
#[test]
fn stories_that_were_not_forgotten_are_so_the_next_night() {
    for left in 0.. {
        let machine = Machine::default();
        let store = machine.store().unwrap();
        assert!(press(&store, 1, 0));
        let story = Story { call_id: "c1".into(), ..Story::default() };
        store.facts(&[(FactNumber(2), Fact::CallTold(Box::new(story)))]).unwrap();
        assert!(press(&store, 3, 2) && store.story("c1").unwrap().is_some());
        machine.powered_for(left);
        let forgotten = store.forget_stories_before(at(2 * MONTH)).is_ok();
        machine.powered_again();
        store.forget_stories_before(at(2 * MONTH)).unwrap();
        assert_eq!(store.story("c1").unwrap(), None, "after {left} writes");
        machine.powered_for(0);
        store.forget_stories_before(at(2 * MONTH)).unwrap();
        if forgotten {
            break;
        }
    }
}

/// BOX-52: what happens first need not say when, and is kept where the rest of its month will be.
#[test]
fn a_new_box_begins_with_the_month_of_its_start() {
    let machine = Machine::default();
    let store = machine.store().unwrap();
    store.provide(at(0)).unwrap();
    store.facts(&[(FactNumber(1), Fact::GroupTurn(GroupTurn { group: 1, rev: 1, next: 2 }))]).unwrap();
    assert!(press(&store, 2, 0));
    store.provide(at(7 * MONTH)).unwrap();
    let mut months = machine.names().unwrap();
    months.retain(|name| name.starts_with("history-"));
    assert_eq!(months, ["history-2026-11.redb"], "a clock that is wrong at the next start begins none");
}
