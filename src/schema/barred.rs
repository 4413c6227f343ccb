//! Numbers that must not be called because the whole of whom they belong to is barred (CUS-21, CUS-28): by the part of
//! the office, sorted, with what has changed since beside them.

use super::Id;
use std::{collections::BTreeMap, mem, sync::Arc};

/// Changes that wait to be sorted in; a copy shares all but them.
const SINCE_MAX: usize = 1_024;
/// Of a telephone number.
const DIGITS_MAX: usize = 15;

/// The part, and the number with a digit before it that keeps its zeros.
pub type Key = (u64, u64);

#[derive(Clone, Debug, Default)]
pub struct Barred {
    /// A number stands here as often as somebody who has it is barred.
    sorted: Arc<Vec<Key>>,
    since: BTreeMap<Key, i64>,
}

/// A number came to be barred once more, or once less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub part: Id,
    pub number: String,
    pub bars: bool,
}

impl Barred {
    /// What all copies share, and what has changed since, for whoever writes it down.
    pub fn parts(&self) -> (&Arc<Vec<Key>>, &BTreeMap<Key, i64>) {
        (&self.sorted, &self.since)
    }

    /// Of its parts, as they were written down.
    pub fn of(sorted: Arc<Vec<Key>>, since: BTreeMap<Key, i64>) -> Barred {
        Barred { sorted, since }
    }

    pub fn holds(&self, part: Id, number: &str) -> bool {
        let Some(key) = key(part, number) else { return false };
        let often =
            self.sorted.partition_point(|other| *other <= key) - self.sorted.partition_point(|other| *other < key);
        often as i64 + self.since.get(&key).copied().unwrap_or(0) > 0
    }

    pub fn change(&mut self, change: &Change) {
        let Some(key) = key(change.part, &change.number) else { return };
        let since = self.since.entry(key).or_default();
        *since += if change.bars { 1 } else { -1 };
        if *since == 0 {
            self.since.remove(&key);
        }
        if self.since.len() > SINCE_MAX {
            self.sort_in();
        }
    }

    fn sort_in(&mut self) {
        let mut since = mem::take(&mut self.since).into_iter().peekable();
        let mut all = Vec::with_capacity(self.sorted.len() + since.len());
        for key in self.sorted.iter() {
            while let Some((new, often)) = since.next_if(|(new, _)| new < key) {
                all.extend((0..often).map(|_| new));
            }
            match since.peek_mut() {
                Some((gone, often)) if gone == key && *often < 0 => *often += 1,
                _ => all.push(*key),
            }
        }
        since.for_each(|(new, often)| all.extend((0..often).map(|_| new)));
        self.sorted = Arc::new(all);
    }
}

/// None: it is no telephone number.
fn key(part: Id, number: &str) -> Option<Key> {
    let digits = (1..=DIGITS_MAX).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((part.0, format!("1{number}").parse().ok().filter(|_| digits)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(number: &str, bars: bool) -> Change {
        Change { part: Id(1), number: number.into(), bars }
    }

    /// CUS-32: barred for two people, a number is free when both are
    #[test]
    fn a_number_is_barred_as_long_as_somebody_who_has_it_is() {
        let mut barred = Barred::default();
        for number in 0..3 * SINCE_MAX {
            barred.change(&change(&format!("1380000{number:04}"), true));
        }
        let before = barred.clone();
        for (number, other) in [("13800000007", "13800000008"), ("13800003000", "13800003001")] {
            barred.change(&change(number, true));
            barred.change(&change(number, false));
            assert!(barred.holds(Id(1), number) && barred.holds(Id(1), other));
            barred.change(&change(number, false));
            assert!(!barred.holds(Id(1), number) && barred.holds(Id(1), other) && before.holds(Id(1), number));
        }
        assert!(
            !barred.holds(Id(2), "13800000008") && !barred.holds(Id(1), "3800000008"),
            "of another part; not whole"
        );
        barred.change(&change("010", true));
        assert!(barred.holds(Id(1), "010") && !barred.holds(Id(1), "10") && !barred.holds(Id(1), "anonymous"));
        barred.sort_in();
        assert!(barred.since.is_empty() && barred.holds(Id(1), "010") && !barred.holds(Id(1), "13800000007"));
        assert_eq!(barred.sorted.len(), 3 * SINCE_MAX - 1);
    }
}
