//! A table with a limit that drops its oldest row there, for whatever strangers can fill (BOX-139).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows by key, and the order in which they were last touched.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bounded<K: Ord, V> {
    rows: BTreeMap<K, (u64, V)>,
    order: BTreeMap<u64, K>,
    touched: u64,
    limit: usize,
}

impl<K: Ord + Clone, V> Bounded<K, V> {
    /// `limit` is at least 1.
    pub fn new(limit: usize) -> Bounded<K, V> {
        assert!(limit > 0, "a table of nothing");
        Bounded { rows: BTreeMap::new(), order: BTreeMap::new(), touched: 0, limit }
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.rows.get_mut(key).map(|(_, value)| value)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.rows.values_mut().map(|(_, value)| value)
    }

    /// The row of this key, made if need be, now the youngest; the oldest goes if there is one too many.
    pub fn touch(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let mine = self.touched;
        self.touched += 1;
        match self.rows.get(&key) {
            Some((before, _)) => self.order.remove(before),
            None if self.rows.len() >= self.limit => self.drop_oldest(),
            None => None,
        };
        self.order.insert(mine, key.clone());
        let row = self.rows.entry(key).or_insert_with(|| (mine, make()));
        row.0 = mine;
        &mut row.1
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (mine, value) = self.rows.remove(key)?;
        self.order.remove(&mine);
        Some(value)
    }

    /// The row that goes next.
    pub fn oldest(&self) -> Option<&K> {
        self.order.first_key_value().map(|(_, key)| key)
    }

    /// By key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().map(|(key, (_, value))| (key, value))
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn drop_oldest(&mut self) -> Option<K> {
        let (_, key) = self.order.pop_first()?;
        self.rows.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-139
    #[test]
    fn the_row_untouched_longest_goes_first() {
        let mut table = Bounded::new(2);
        for key in ["a", "b", "a", "c"] {
            *table.touch(key, || 0) += 1;
        }
        assert_eq!(table.iter().collect::<Vec<_>>(), [(&"a", &2), (&"c", &1)]);
        assert_eq!(table.remove(&"a"), Some(2));
        *table.touch("d", || 0) += 1;
        assert_eq!((table.len(), table.get(&"c")), (2, Some(&1)));
    }
}
