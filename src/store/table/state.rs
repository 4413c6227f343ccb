//! How far each index of a part is built from the rows that were there before it.

use super::{
    layout,
    noun::{Noun, Stretch},
    plan::Plan,
};
use crate::{schema::index::Index, store::fault::Fault};
use redb::{ReadableTable, Table};
use serde::{Deserialize, Serialize};

/// Entries that one step makes or takes away, so that others can write between two steps.
pub const STEP: usize = 1_000;

/// The blocks of a part, among its indexes.
pub const BLOCKS: &str = "";

/// What is written at a block: blocks of before it are written anew.
const WITH_DIGITS: &str = "digits";

/// The fields that the office added, among its indexes: whether values of former ones are cleared away.
pub const CUSTOM: &str = "custom";

pub type States<'t> = Table<'t, (&'static str, u64, &'static str), &'static [u8]>;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What is built: one of another mark is thrown away.
    pub mark: String,
    pub progress: Progress,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// What lies there is being taken away.
    Clearing,
    /// Rows up to this number stand in it.
    UpTo(u64),
    Built,
}

pub fn mark_of(index: &Index) -> String {
    format!("{:?} {}", index.entry, index.fields.join(" "))
}

pub fn mark_of_blocks(plan: &Plan) -> String {
    let mut slots: Vec<String> = plan.searched.iter().map(|(slot, _)| slot.to_string()).collect();
    let filters = plan.indexes.iter().filter(|(_, index)| index.entry == crate::schema::index::Entry::Filter);
    slots.extend(filters.map(|(slot, _)| format!("={slot}")));
    slots.push(WITH_DIGITS.into());
    slots.join(" ")
}

pub fn read(
    states: &impl ReadableTable<(&'static str, u64, &'static str), &'static [u8]>,
    noun: &str,
    within: u64,
    name: &str,
) -> Result<Option<State>, Fault> {
    let kept = states.get((noun, within, name)).map_err(layout::fault)?;
    // One that cannot be read is as if it were not there: it is built anew.
    Ok(kept.and_then(|kept| serde_json::from_slice(kept.value()).ok()))
}

pub fn write(states: &mut States, noun: &str, within: u64, name: &str, state: &State) -> Result<(), Fault> {
    let bytes = serde_json::to_vec(state).map_err(|error| Fault::broken(layout::FILE, error))?;
    states.insert((noun, within, name), &*bytes).map(drop).map_err(layout::fault)
}

/// In a part without rows an index that never was has nothing to be built from.
pub fn new_are_built(states: &mut States, noun: &str, plan: &Plan) -> Result<(), Fault> {
    let indexes = plan.indexes.iter().map(|(_, index)| (&*index.name, mark_of(index)));
    for (name, mark) in indexes.chain([(BLOCKS, mark_of_blocks(plan))]) {
        if states.get((noun, plan.within, name)).map_err(layout::fault)?.is_none() {
            write(states, noun, plan.within, name, &State { mark, progress: Progress::Built })?;
        }
    }
    Ok(())
}

/// What rows are no longer put into, or otherwise than before, is not built any more.
pub fn disown(states: &mut States, noun: &str, plan: &Plan) -> Result<(), Fault> {
    let mut other = Vec::new();
    for state in states.range((noun, plan.within, "")..(noun, plan.within + 1, "")).map_err(layout::fault)? {
        let (place, bytes) = state.map_err(layout::fault)?;
        let (name, state) = (place.value().2, serde_json::from_slice::<State>(bytes.value()).ok());
        if name == CUSTOM {
            continue;
        }
        let wanted = match plan.named(name) {
            _ if name == BLOCKS => State { mark: mark_of_blocks(plan), progress: Progress::UpTo(0) },
            Some((_, index)) => State { mark: mark_of(index), progress: Progress::Clearing },
            None => State { mark: String::new(), progress: Progress::Clearing },
        };
        if state.is_none_or(|state| state.mark != wanted.mark) {
            other.push((name.to_string(), wanted));
        }
    }
    other.iter().try_for_each(|(name, state)| write(states, noun, plan.within, name, state))
}

/// One step towards an index that is built; whether it is.
pub fn build_some(noun: &mut Noun, states: &mut States, plan: &Plan, slot: u16, index: &Index) -> Result<bool, Fault> {
    let (name, mark) = (noun.resource.name, mark_of(index));
    let state = read(states, name, plan.within, &index.name)?.filter(|state| state.mark == mark);
    let progress = match state.map_or(Progress::Clearing, |state| state.progress) {
        Progress::Built => return Ok(true),
        Progress::Clearing if noun.clear_some(slot, plan.within, STEP)? => Progress::UpTo(0),
        Progress::Clearing => Progress::Clearing,
        Progress::UpTo(row) => {
            let Stretch { rows, last } = rows_after(noun, states, plan, row)?;
            for row in rows {
                noun.enter_index(plan, slot, &row)?;
            }
            last.map_or(Progress::Built, Progress::UpTo)
        }
    };
    let built = progress == Progress::Built;
    write(states, name, plan.within, &index.name, &State { mark, progress })?;
    Ok(built)
}

/// One step towards blocks that hold what is searched and filtered now; whether they do.
pub fn build_some_blocks(noun: &mut Noun, states: &mut States, plan: &Plan) -> Result<bool, Fault> {
    let (name, mark) = (noun.resource.name, mark_of_blocks(plan));
    let state = read(states, name, plan.within, BLOCKS)?.filter(|state| state.mark == mark);
    let progress = match state.map_or(Progress::UpTo(0), |state| state.progress) {
        Progress::Built => return Ok(true),
        Progress::Clearing => Progress::UpTo(0),
        Progress::UpTo(row) => {
            let Stretch { rows, last } = noun.rows_found_after(plan.within, row, STEP)?;
            for row in rows {
                noun.enter_block(plan, &row)?;
            }
            last.map_or(Progress::Built, Progress::UpTo)
        }
    };
    let built = progress == Progress::Built;
    write(states, name, plan.within, BLOCKS, &State { mark, progress })?;
    Ok(built)
}

/// The next rows of a part, by its blocks where these are there.
pub fn rows_after(noun: &Noun, states: &States, plan: &Plan, row: u64) -> Result<Stretch, Fault> {
    let blocks = read(states, noun.resource.name, plan.within, BLOCKS)?;
    if blocks.is_some_and(|blocks| blocks.progress == Progress::Built) {
        noun.rows_after(plan.within, row, STEP)
    } else {
        noun.rows_found_after(plan.within, row, STEP)
    }
}
