//! What became of trunks is there after a stop, in the next month, and not without end.

use super::{at, opened};
use crate::{
    history::{
        fact::{Fact, FactNumber},
        trunk_turn::{TURNS_MAX, TrunkTurn},
    },
    schema::Id,
    store::Store,
};

fn turn(trunk: u64, seconds: i64) -> Fact {
    Fact::TrunkTurn(Box::new(TrunkTurn {
        trunk,
        at: at(seconds),
        from: "connecting".into(),
        to: "up".into(),
        reason: "registered".into(),
        code: Some(200),
        address: Some("192.0.2.50:5060".into()),
        ms: Some(12),
        text: String::new(),
    }))
}

fn seconds(store: &Store, trunk: u64) -> Vec<i64> {
    store.trunk_turns(Id(trunk)).unwrap().iter().map(|turn| turn.at.0 - at(0).0).map(|ms| ms / 1000).collect()
}

/// TRK-48: over restarts and months, the last thousand of each, and nothing of a trunk that is gone.
#[test]
fn the_last_thousand_changes_of_a_trunk_are_kept() {
    let (directory, store) = opened();
    let many = (0..TURNS_MAX as i64 + 5).map(|n| turn(7, n)).chain([turn(8, 3)]);
    let facts: Vec<_> = (1..).map(FactNumber).zip(many).collect();
    store.facts(&facts).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    let kept = seconds(&store, 7);
    assert_eq!((kept.len(), kept[0], kept[TURNS_MAX - 1]), (TURNS_MAX, 5, TURNS_MAX as i64 + 4));
    assert_eq!(seconds(&store, 8), [3]);

    let month = 31 * 24 * 3600;
    store.facts(&[(FactNumber(2_000), turn(8, month))]).unwrap();
    assert_eq!(seconds(&store, 8), [3, month]);
    assert_eq!(seconds(&store, 7).len(), TURNS_MAX);

    store.facts(&[(FactNumber(2_001), Fact::TrunkGone { trunk: 7 }), (FactNumber(2_002), turn(8, month + 1))]).unwrap();
    assert_eq!(seconds(&store, 7), Vec::<i64>::new());
    assert_eq!(seconds(&store, 8), [3, month, month + 1]);
}

/// TRK-46: the realm in which a password was accepted is known at the next start, until another is to be.
#[test]
fn a_realm_is_kept_until_it_is_forgotten() {
    let (directory, store) = opened();
    assert_eq!(store.outlived().unwrap().realms, []);
    let realm = |trunk, realm: Option<&str>| Fact::TrunkRealm { trunk, realm: realm.map(Into::into) };
    let facts = [realm(7, Some("carrier.test")), realm(8, Some("other.test")), realm(9, Some("gone.test"))];
    store.facts(&(1..).map(FactNumber).zip(facts).collect::<Vec<_>>()).unwrap();
    store.facts(&[(FactNumber(4), realm(8, None)), (FactNumber(5), Fact::TrunkGone { trunk: 9 })]).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.outlived().unwrap().realms, [(7, "carrier.test".to_owned())]);
}
