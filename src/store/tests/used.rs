//! What is used of the limits is as it was, after a stop and in the next month; another day begins with nothing.

use super::opened;
use crate::{
    history::fact::{BudgetOf, BudgetUsed, Fact, FactNumber, UsedToday},
    store::Store,
};

fn used(day: i32, budgets: &[(BudgetOf, u64)], numbers: &[(&str, u32)]) -> UsedToday {
    let budget = |(of, used_ms): &(BudgetOf, u64)| BudgetUsed {
        of: of.clone(),
        used_ms: *used_ms,
        released: 1,
        told: vec![(0, 80)],
        last: vec!["0012125550100".into()],
    };
    UsedToday {
        day,
        budgets: budgets.iter().map(budget).collect(),
        numbers: numbers.iter().map(|(number, calls)| (number.to_string(), *calls)).collect(),
    }
}

/// OUT-66, BOX-101, CDR-80
#[test]
fn the_limits_used_up_outlive_a_stop() {
    let (directory, store) = opened();
    assert_eq!(store.outlived().unwrap().used, None);
    let agent = || BudgetOf::Agent("801".into());
    let facts = [
        used(20_000, &[(agent(), 1_000), (BudgetOf::Trunk(7), 1_000)], &[("8613800000001", 1)]),
        used(20_000, &[(agent(), 2_000), (BudgetOf::Dear, 500)], &[("8613800000001", 2)]),
    ];
    let facts = facts.into_iter().map(|used| Fact::Used(Box::new(used)));
    store.facts(&(1..).map(FactNumber).zip(facts).collect::<Vec<_>>()).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    let mut kept = store.outlived().unwrap().used.unwrap();
    kept.budgets.sort_by(|one, other| one.of.cmp(&other.of));
    let all = [(agent(), 2_000), (BudgetOf::Dear, 500), (BudgetOf::Trunk(7), 1_000)];
    assert_eq!(kept, used(20_000, &all, &[("8613800000001", 2)]));
    let next = used(20_001, &[(BudgetOf::Dear, 9)], &[]);
    store.facts(&[(FactNumber(3), Fact::Used(Box::new(next.clone())))]).unwrap();
    assert_eq!(store.outlived().unwrap().used, Some(next));
}
