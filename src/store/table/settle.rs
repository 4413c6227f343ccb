//! Indexes follow what the office wants found: built from the rows that are there, or taken away, step by step.

use super::{
    Tables, layout,
    layout::{SLOTS, STATES},
    noun::Noun,
    plan::Plan,
    query::Reader,
    state::{self, BLOCKS, CUSTOM, Progress, STEP, State, States},
    sweep::{self, Gone},
};
use crate::{
    schema::{Held, Id, Resource, Tenant},
    store::fault::Fault,
};
use redb::{ReadableTable, WriteTransaction};
use std::collections::BTreeSet;

impl Tables {
    /// One step; false if nothing is left to do. Between two steps others write.
    pub fn settle(&self, tenant: &Tenant) -> Result<bool, Fault> {
        let Some((resource, within)) = self.unsettled(tenant)? else { return Ok(false) };
        let turn = self.turns.work();
        let database = self.opened.database()?;
        let settled = layout::begin(&database).and_then(|transaction| {
            let reader = Reader::open(&self.read()?, resource, tenant)?;
            step(&transaction, resource, tenant, within, &reader)?;
            transaction.commit().map_err(layout::fault)
        });
        drop(turn);
        self.opened.after(settled).map(|()| true)
    }

    /// Has the indexes of these fields built anew from the rows, in one part; gives the fields that have one, and
    /// whether it keeps them unique.
    pub fn rebuild(
        &self,
        tenant: &Tenant,
        resource: &'static Resource,
        within: u64,
        fields: &BTreeSet<String>,
    ) -> Result<BTreeSet<(String, bool)>, Fault> {
        let turn = self.turns.person();
        let database = self.opened.database()?;
        let rebuilt = layout::begin(&database).and_then(|transaction| {
            let rebuilt = begin_anew(&transaction, resource, tenant, within, fields)?;
            transaction.commit().map_err(layout::fault)?;
            Ok(rebuilt)
        });
        drop(turn);
        self.opened.after(rebuilt)
    }

    /// A part in which something is to be built or taken away.
    fn unsettled(&self, tenant: &Tenant) -> Result<Option<(&'static Resource, u64)>, Fault> {
        let transaction = self.read()?;
        let states = transaction.open_table(STATES).map_err(layout::fault)?;
        let slots = transaction.open_table(SLOTS).map_err(layout::fault)?;
        for resource in self.resources.iter().filter(|resource| resource.held == Held::Table) {
            let reader = Reader::open(&transaction, resource, tenant)?;
            for within in reader.parts()? {
                let plan = Plan::known(resource, tenant, within, &slots)?;
                let wanted = (resource.finding)(tenant, resource.within.map(|_| Id(within)));
                let all = plan.indexes.len() == wanted.indexes.len() && plan.searched.len() == wanted.searched.len();
                if !all || todo(resource, tenant, &plan, &states, &reader)?.is_some() {
                    return Ok(Some((resource, within)));
                }
            }
        }
        Ok(None)
    }
}

fn begin_anew(
    transaction: &WriteTransaction,
    resource: &'static Resource,
    tenant: &Tenant,
    within: u64,
    fields: &BTreeSet<String>,
) -> Result<BTreeSet<(String, bool)>, Fault> {
    let mut slots = transaction.open_table(SLOTS).map_err(layout::fault)?;
    let mut states = transaction.open_table(STATES).map_err(layout::fault)?;
    let plan = Plan::made(resource, tenant, within, &mut slots)?;
    let mut rebuilt = BTreeSet::new();
    for (_, index) in &plan.indexes {
        let of: Vec<_> = index.fields.iter().filter(|field| fields.contains(&***field)).collect();
        if !of.is_empty() {
            let state = State { mark: state::mark_of(index), progress: Progress::Clearing };
            state::write(&mut states, resource.name, within, &index.name, &state)?;
            rebuilt.extend(of.into_iter().map(|field| (field.to_string(), !index.unique.is_empty())));
        }
    }
    let searched: Vec<_> = plan.searched.iter().filter(|(_, field)| fields.contains(&**field)).collect();
    if !searched.is_empty() {
        let state = State { mark: state::mark_of_blocks(&plan), progress: Progress::UpTo(0) };
        state::write(&mut states, resource.name, within, BLOCKS, &state)?;
        rebuilt.extend(searched.into_iter().map(|(_, field)| (field.to_string(), false)));
    }
    Ok(rebuilt)
}

/// What to do next in a part.
enum Todo {
    Forget(String),
    LetGo(Gone),
    Purge,
    Build(usize),
    BuildBlocks,
}

fn todo(
    resource: &Resource,
    tenant: &Tenant,
    plan: &Plan,
    states: &impl ReadableTable<(&'static str, u64, &'static str), &'static [u8]>,
    reader: &Reader,
) -> Result<Option<Todo>, Fault> {
    let built = |name: &str, mark: &str| {
        let state = state::read(states, resource.name, plan.within, name)?;
        Ok(state.is_some_and(|state| state.mark == mark && state.progress == Progress::Built))
    };
    for (number, (_, index)) in plan.indexes.iter().enumerate() {
        if !built(&index.name, &state::mark_of(index))? {
            return Ok(Some(Todo::Build(number)));
        }
    }
    if !built(BLOCKS, &state::mark_of_blocks(plan))? {
        return Ok(Some(Todo::BuildBlocks));
    }
    let known = states.range((resource.name, plan.within, "")..(resource.name, plan.within + 1, ""));
    for state in known.map_err(layout::fault)? {
        let (place, _) = state.map_err(layout::fault)?;
        let name = place.value().2;
        if name != BLOCKS && name != CUSTOM && plan.named(name).is_none() {
            return Ok(Some(Todo::Forget(name.into())));
        }
    }
    if !sweep::is_purged(resource, tenant, plan.within, states)? {
        return Ok(Some(Todo::Purge));
    }
    Ok(sweep::gone(resource, tenant, plan, reader)?.map(Todo::LetGo))
}

fn step(
    transaction: &WriteTransaction,
    resource: &'static Resource,
    tenant: &Tenant,
    within: u64,
    reader: &Reader,
) -> Result<(), Fault> {
    let mut noun = Noun::open(transaction, resource)?;
    let mut slots = transaction.open_table(SLOTS).map_err(layout::fault)?;
    let mut states = transaction.open_table(STATES).map_err(layout::fault)?;
    let plan = Plan::made(resource, tenant, within, &mut slots)?;
    state::disown(&mut states, resource.name, &plan)?;
    match todo(resource, tenant, &plan, &states, reader)? {
        Some(Todo::Build(number)) => {
            let (slot, index) = &plan.indexes[number];
            state::build_some(&mut noun, &mut states, &plan, *slot, index)?;
        }
        Some(Todo::BuildBlocks) => {
            state::build_some_blocks(&mut noun, &mut states, &plan)?;
        }
        Some(Todo::Purge) => sweep::purge(&mut noun, &mut states, tenant, &plan)?,
        Some(Todo::LetGo(gone)) => sweep::let_go(&mut noun, &plan, &gone)?,
        Some(Todo::Forget(name)) => forget(&mut noun, &slots, &mut states, within, &name)?,
        None => {}
    }
    drop((slots, states));
    noun.finish(transaction)
}

fn forget(
    noun: &mut Noun,
    slots: &impl ReadableTable<(&'static str, &'static str), u16>,
    states: &mut States,
    within: u64,
    name: &str,
) -> Result<(), Fault> {
    let slot = slots.get((noun.resource.name, name)).map_err(layout::fault)?.map(|slot| slot.value());
    let cleared = slot.map_or(Ok(true), |slot| noun.clear_some(slot, within, STEP))?;
    if cleared {
        states.remove((noun.resource.name, within, name)).map_err(layout::fault)?;
    }
    Ok(())
}
