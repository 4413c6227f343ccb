//! What an office wants found and kept apart from now on, held against the rows that are there.

use super::{
    Tables, layout,
    layout::SLOTS,
    plan::{Plan, part},
    query::Reader,
};
use crate::{
    schema::{Held, Id, Refusals, Resource, Tenant, Why, index::Index},
    store::{NotWritten, fault::Fault},
};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Two values of one group that are the same have one number; the other way round it is as good as certain.
type Seen = Vec<(u64, u64)>;

impl Tables {
    /// Refuses a uniqueness that rows of before break (FLD-28, PKG-16, PKG-18 readings), and clears away what a field
    /// of the same name left behind.
    pub fn allow(&self, old: &Tenant, new: &Tenant) -> Result<(), NotWritten> {
        let mut refusals = Refusals::default();
        for resource in self.resources.iter().filter(|resource| resource.held == Held::Table) {
            for within in Reader::open(&self.read()?, resource, old)?.parts()? {
                for (because, indexes) in stricter(resource, old, new, within) {
                    let count = self.count_same(resource, new, within, &indexes)?;
                    if count > 0 {
                        refusals.add(because, Why::Duplicates { count });
                    }
                }
                while self.has_leftovers(resource, old, new, within)? && self.settle(old)? {}
            }
        }
        Ok(refusals.so_far()?)
    }

    /// Rows that have a value which another row has in the same group.
    fn count_same(&self, resource: &Resource, tenant: &Tenant, within: u64, names: &[String]) -> Result<u64, Fault> {
        let transaction = self.read()?;
        // The slots of indexes that are only wanted do not matter here: values are compared, not entries.
        let slots = transaction.open_table(SLOTS).map_err(layout::fault)?;
        let plan = Plan::wanted(resource, tenant, within, &slots)?;
        let rows = transaction.open_table(layout::Names::of(resource.name).rows()).map_err(layout::fault)?;
        let mut seen = Seen::new();
        for row in rows.range::<u64>(..).map_err(layout::fault)? {
            let (id, bytes) = row.map_err(layout::fault)?;
            let row = layout::kept(resource, bytes.value())?;
            if part(resource, &row.value) == within {
                let values = names.iter().flat_map(|name| plan.values_of(name, (&row).into()));
                seen.extend(values.map(|value| (hash(&value), id.value())));
            }
        }
        Ok(count_of_same(seen))
    }
}

/// Groups of indexes whose values need not be unique now and shall be, with the field that asks for it.
fn stricter(resource: &Resource, old: &Tenant, new: &Tenant, within: u64) -> Vec<(&'static str, Vec<String>)> {
    let part = resource.within.map(|_| Id(within));
    let (old, new) = ((resource.finding)(old, part), (resource.finding)(new, part));
    let is_new = |index: &&Index| {
        !old.indexes.iter().any(|o| (&o.name, &o.fields, &o.unique) == (&index.name, &index.fields, &index.unique))
    };
    let mut groups: Vec<(&'static str, Vec<String>)> = Vec::new();
    for index in new.indexes.iter().filter(|index| !index.unique.is_empty()).filter(is_new) {
        let names: Vec<String> = index.unique.iter().map(|name| name.to_string()).collect();
        if !groups.iter().any(|(_, known)| *known == names) {
            groups.push((index.because, names));
        }
    }
    groups
}

fn hash(value: &[u8]) -> u64 {
    BuildHasherDefault::<DefaultHasher>::new().hash_one(value)
}

fn count_of_same(mut seen: Seen) -> u64 {
    seen.sort_unstable();
    let mut rows: Vec<u64> =
        seen.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1).flatten().map(|(_, row)| *row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PKG-16, PKG-17
    #[test]
    fn rows_with_a_value_of_another_are_counted_once() {
        assert_eq!(count_of_same(vec![(7, 1), (8, 2), (7, 3), (9, 3), (9, 1)]), 2);
        assert_eq!(count_of_same(vec![(7, 1), (7, 1), (8, 2)]), 1, "twice in one row");
        assert_eq!(count_of_same(vec![(7, 1), (8, 2)]), 0);
    }
}
