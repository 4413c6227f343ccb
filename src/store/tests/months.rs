//! A month that begins while the disk fails, and a clock that goes back before it.

use super::{at, machine::Machine, pressed};
use crate::{history::fact::FactNumber, store::Store};

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
