//! What is used of the fraud limits today, kept over restarts and months (OUT-66, BOX-101).

use super::{
    facts::{packed, set_state, state, unpacked},
    fault::Fault,
    months::{self, STATE, USED, fault},
};
use crate::history::fact::UsedToday;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

const DAY: &str = "used_day";
const BUDGET: &str = "budget ";
const NUMBER: &str = "number ";

/// What another day has used is gone with the first that is used today.
pub fn keep(transaction: &WriteTransaction, used: &UsedToday) -> Result<(), Fault> {
    let mut table = transaction.open_table(USED).map_err(fault)?;
    if state(transaction, DAY)? != i64::from(used.day) {
        table.retain(|_, _| false).map_err(fault)?;
        set_state(transaction, DAY, i64::from(used.day))?;
    }
    for budget in &used.budgets {
        let key = format!("{BUDGET}{:?}", budget.of);
        table.insert(&*key, &*packed(budget)?).map_err(fault)?;
    }
    for (number, calls) in &used.numbers {
        table.insert(&*format!("{NUMBER}{number}"), &*packed(calls)?).map_err(fault)?;
    }
    Ok(())
}

pub fn all(transaction: &ReadTransaction) -> Result<Option<UsedToday>, Fault> {
    let day = transaction.open_table(STATE).map_err(fault)?.get(DAY).map_err(fault)?.map(|day| day.value() as i32);
    let (Some(day), Some(table)) = (day, months::there(transaction, USED)?) else { return Ok(None) };
    let mut used = UsedToday { day, ..UsedToday::default() };
    for entry in table.iter().map_err(fault)? {
        let (key, value) = entry.map_err(fault)?;
        match key.value().strip_prefix(NUMBER) {
            Some(number) => used.numbers.push((number.to_owned(), unpacked(value.value())?)),
            None => used.budgets.push(unpacked(value.value())?),
        }
    }
    Ok(Some(used))
}
