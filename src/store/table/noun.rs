//! The tables of one noun, open in one write.

use super::{
    blocks::Blocks,
    key,
    layout::{self, META, Names, SLOTS, STATES, kept},
    plan::{Claim, Found, Plan, Terms, part},
    state::{self, States},
    sweep,
};
use crate::{
    schema::{Id, Resource, Tenant},
    store::{config::Kept, draft::next_number, fault::Fault},
};
use redb::{ReadableTable, Table, WriteTransaction};
use std::collections::BTreeMap;

pub struct Noun<'t> {
    pub resource: &'static Resource,
    rows: Table<'t, u64, &'static [u8]>,
    index: Table<'t, &'static [u8], ()>,
    counts: Table<'t, &'static [u8], u64>,
    blocks: Blocks<'t>,
    plans: BTreeMap<u64, Plan>,
    /// What becomes of the counts at the end.
    counted: BTreeMap<Vec<u8>, i64>,
    next: Option<u64>,
}

/// Some rows of a part, and the last row that was looked at if there may be more.
pub struct Stretch {
    pub rows: Vec<Kept>,
    pub last: Option<u64>,
}

impl<'t> Noun<'t> {
    pub fn open(transaction: &'t WriteTransaction, resource: &'static Resource) -> Result<Noun<'t>, Fault> {
        let names = Names::of(resource.name);
        Ok(Noun {
            resource,
            rows: transaction.open_table(names.rows()).map_err(layout::fault)?,
            index: transaction.open_table(names.index()).map_err(layout::fault)?,
            counts: transaction.open_table(names.counts()).map_err(layout::fault)?,
            blocks: Blocks::new(
                transaction.open_table(names.blocks()).map_err(layout::fault)?,
                transaction.open_table(names.digits()).map_err(layout::fault)?,
            ),
            plans: BTreeMap::new(),
            counted: BTreeMap::new(),
            next: None,
        })
    }

    pub fn row(&self, id: Id) -> Result<Option<Kept>, Fault> {
        let bytes = self.rows.get(id.0).map_err(layout::fault)?;
        bytes.map(|bytes| kept(self.resource, bytes.value())).transpose()
    }

    /// The number of the next row; it is used up when a row with it is put.
    pub fn next(&mut self, transaction: &WriteTransaction) -> Result<u64, Fault> {
        if let Some(next) = self.next {
            return Ok(next);
        }
        let meta = transaction.open_table(META).map_err(layout::fault)?;
        let next = meta.get(&*next_number(self.resource.name)).map_err(layout::fault)?.map_or(1, |next| next.value());
        Ok(*self.next.insert(next))
    }

    /// Makes the plan of a part, so that its rows can be put.
    pub fn plan(&mut self, transaction: &WriteTransaction, tenant: &Tenant, within: u64) -> Result<(), Fault> {
        if self.plans.contains_key(&within) {
            return Ok(());
        }
        let mut slots = transaction.open_table(SLOTS).map_err(layout::fault)?;
        let plan = Plan::made(self.resource, tenant, within, &mut slots)?;
        let mut states = transaction.open_table(STATES).map_err(layout::fault)?;
        state::disown(&mut states, self.resource.name, &plan)?;
        sweep::expect(self.resource, tenant, within, &mut states)?;
        if self.counted_now(&key::prefix(key::ALL, within))? == 0 {
            state::new_are_built(&mut states, self.resource.name, &plan)?;
        }
        self.build_unique(&mut states, &plan)?;
        self.plans.insert(within, plan);
        Ok(())
    }

    /// Whoever relies on a unique index that is not built yet has it built now, so that no second value slips in.
    fn build_unique(&mut self, states: &mut States, plan: &Plan) -> Result<(), Fault> {
        for (slot, index) in plan.indexes.iter().filter(|(_, index)| !index.unique.is_empty()) {
            while !state::build_some(self, states, plan, *slot, index)? {}
        }
        Ok(())
    }

    /// Rows of other numbers that have what this value claims for itself.
    pub fn holders(&self, claims: &[Claim], own: Option<Id>) -> Result<Vec<(usize, Id)>, Fault> {
        let mut holders = Vec::new();
        for (number, claim) in claims.iter().enumerate() {
            for term in &claim.terms {
                holders.extend(self.first_other(term, own)?.map(|id| (number, id)));
            }
        }
        Ok(holders)
    }

    fn first_other(&self, term: &[u8], own: Option<Id>) -> Result<Option<Id>, Fault> {
        let end = key::after(term);
        for entry in self.index.range(term..&*end).map_err(layout::fault)? {
            let holder = Id(key::row_of(entry.map_err(layout::fault)?.0.value()));
            if Some(holder) != own {
                return Ok(Some(holder));
            }
        }
        Ok(None)
    }

    /// The first rows that stand under a term.
    pub fn under(&self, term: &[u8], most: usize) -> Result<Vec<Id>, Fault> {
        let end = key::after(term);
        let entries = self.index.range(term..&*end).map_err(layout::fault)?.take(most);
        entries.map(|entry| Ok(Id(key::row_of(entry.map_err(layout::fault)?.0.value())))).collect()
    }

    pub fn planned(&self, within: u64) -> &Plan {
        &self.plans[&within]
    }

    /// Puts a row where another was, or none, and takes away what none comes after.
    pub fn put(&mut self, id: Id, before: Option<Found>, after: Option<&Kept>) -> Result<(), Fault> {
        let value = after.map(|kept| &kept.value).or(before.map(|row| row.value)).expect("a row comes, goes, or both");
        let within = part(self.resource, value);
        let plan = self.plans.remove(&within).expect("its part was planned");
        let put = self.put_by(&plan, id, before, after);
        self.plans.insert(within, plan);
        put
    }

    /// The same by a plan of one's own.
    pub fn put_by(&mut self, plan: &Plan, id: Id, before: Option<Found>, after: Option<&Kept>) -> Result<(), Fault> {
        let within = plan.within;
        let (old, new) = (before.map(|row| plan.terms(row)), after.map(|kept| plan.terms(kept.into())));
        let line = after.map(|kept| plan.line(kept.into()));
        self.stand(id.0, &old.unwrap_or_default(), &new.unwrap_or_default())?;
        match (after, line) {
            (Some(kept), Some(line)) => {
                let bytes = serde_json::to_vec(kept).map_err(|error| Fault::broken(layout::FILE, error))?;
                self.rows.insert(id.0, &*bytes).map_err(layout::fault)?;
                self.blocks.put(within, id.0, line)?;
            }
            _ => {
                self.rows.remove(id.0).map_err(layout::fault)?;
                self.blocks.remove(within, id.0)?;
            }
        }
        if self.next == Some(id.0) {
            self.next = Some(id.0 + 1);
        }
        Ok(())
    }

    /// Takes a row's entries out of the indexes and puts others in. What is there already, or gone, counts once.
    fn stand(&mut self, id: u64, old: &Terms, new: &Terms) -> Result<(), Fault> {
        for (term, counted) in old.iter().filter(|(term, _)| !new.contains_key(*term)) {
            if self.leave(term, id)? && *counted {
                *self.counted.entry(term.clone()).or_default() -= 1;
            }
        }
        for (term, counted) in new.iter().filter(|(term, _)| !old.contains_key(*term)) {
            if self.enter(term, id)? && *counted {
                *self.counted.entry(term.clone()).or_default() += 1;
            }
        }
        Ok(())
    }

    /// All rows of a part are counted, but have no index: their blocks know them.
    fn leave(&mut self, term: &[u8], id: u64) -> Result<bool, Fault> {
        if is_all(term) {
            return Ok(true);
        }
        Ok(self.index.remove(&*key::entry(term, id)).map_err(layout::fault)?.is_some())
    }

    fn enter(&mut self, term: &[u8], id: u64) -> Result<bool, Fault> {
        if is_all(term) {
            return Ok(true);
        }
        Ok(self.index.insert(&*key::entry(term, id), ()).map_err(layout::fault)?.is_none())
    }

    /// The next rows of a part after one, as its blocks know them.
    pub fn rows_after(&self, within: u64, after: u64, most: usize) -> Result<Stretch, Fault> {
        let ids = self.blocks.rows_after(within, after, most)?;
        let rows: Vec<_> = ids.iter().filter_map(|id| self.row(Id(*id)).transpose()).collect::<Result<_, _>>()?;
        Ok(Stretch { rows, last: ids.last().copied().filter(|_| ids.len() == most) })
    }

    /// The same, looked for among the rows of all parts, at most so many looked at: nobody relies on blocks here.
    pub fn rows_found_after(&self, within: u64, after: u64, most: usize) -> Result<Stretch, Fault> {
        let (mut rows, mut seen, mut last) = (Vec::new(), 0, None);
        for row in self.rows.range(after + 1..).map_err(layout::fault)?.take(most) {
            let (id, bytes) = row.map_err(layout::fault)?;
            let row = kept(self.resource, bytes.value())?;
            (seen, last) = (seen + 1, Some(id.value()));
            if part(self.resource, &row.value) == within {
                rows.push(row);
            }
        }
        Ok(Stretch { rows, last: last.filter(|_| seen == most) })
    }

    /// Puts the entries of one index for a row that is stored.
    pub fn enter_index(&mut self, plan: &Plan, slot: u16, row: &Kept) -> Result<(), Fault> {
        let prefix = key::prefix(slot, plan.within);
        let terms = plan.terms(row.into()).into_iter().filter(|(term, _)| term.starts_with(&prefix)).collect();
        self.stand(row.envelope.id.0, &Terms::new(), &terms)
    }

    /// Writes the line of a row that is stored anew.
    pub fn enter_block(&mut self, plan: &Plan, row: &Kept) -> Result<(), Fault> {
        self.blocks.put(plan.within, row.envelope.id.0, plan.line(row.into()))
    }

    /// Takes away entries of an index and its counts; whether none is left.
    pub fn clear_some(&mut self, slot: u16, within: u64, most: usize) -> Result<bool, Fault> {
        let prefix = key::prefix(slot, within);
        let end = key::after(&prefix);
        self.counted.retain(|term, _| !term.starts_with(&prefix));
        self.counts.retain_in(&*prefix..&*end, |_, _| false).map_err(layout::fault)?;
        let mut gone = 0;
        for entry in self.index.extract_from_if(&*prefix..&*end, |_, ()| true).map_err(layout::fault)?.take(most) {
            entry.map_err(layout::fault)?;
            gone += 1;
        }
        Ok(gone < most)
    }

    fn counted_now(&self, term: &[u8]) -> Result<u64, Fault> {
        let kept = self.counts.get(term).map_err(layout::fault)?.map_or(0, |count| count.value());
        Ok(kept.saturating_add_signed(self.counted.get(term).copied().unwrap_or(0)))
    }

    /// Puts what was held back until now.
    pub fn finish(mut self, transaction: &WriteTransaction) -> Result<(), Fault> {
        self.blocks.write()?;
        for term in self.counted.keys() {
            match self.counted_now(term)? {
                0 => drop(self.counts.remove(&**term).map_err(layout::fault)?),
                count => drop(self.counts.insert(&**term, count).map_err(layout::fault)?),
            }
        }
        if let Some(next) = self.next {
            let mut meta = transaction.open_table(META).map_err(layout::fault)?;
            meta.insert(&*next_number(self.resource.name), next).map_err(layout::fault)?;
        }
        Ok(())
    }
}

fn is_all(term: &[u8]) -> bool {
    term.starts_with(&key::ALL.to_be_bytes())
}
