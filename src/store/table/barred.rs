//! Numbers that are barred with their rows, as they lie beside the rows (CUS-21, CUS-28).

use super::{
    Tables,
    layout::{self, BARRED, META, Names},
    plan::part,
};
use crate::{
    schema::{
        Id, Resource, Tenant,
        barred::{Barred, Change},
    },
    store::fault::Fault,
};
use redb::{ReadableTable, WriteTransaction};
use serde_json::Value;
use std::collections::BTreeSet;

/// The figure in `META` that says that the numbers of the rows from before were looked for.
const BEGUN: &str = "barred";

impl Tables {
    /// All that are barred now.
    pub fn barred(&self, tenant: &Tenant) -> Result<Barred, Fault> {
        self.begin_to_bar(tenant)?;
        let mut barred = Barred::default();
        let table = self.read()?.open_table(BARRED).map_err(layout::fault)?;
        for entry in table.iter().map_err(layout::fault)? {
            let (key, ()) = entry.map(|(key, value)| (key, value.value())).map_err(layout::fault)?;
            let (.., part, number) = key.value();
            barred.change(&Change { part: Id(part), number: number.into(), bars: true });
        }
        Ok(barred)
    }

    /// Once, for rows that were written before their numbers were kept.
    fn begin_to_bar(&self, tenant: &Tenant) -> Result<(), Fault> {
        let meta = self.read()?.open_table(META).map_err(layout::fault)?;
        if meta.get(BEGUN).map_err(layout::fault)?.is_some() {
            return Ok(());
        }
        let transaction = layout::begin(&*self.opened.database()?)?;
        transaction.open_table(BARRED).map_err(layout::fault)?;
        for resource in self.resources.iter().filter(|resource| resource.bar.is_some()) {
            let rows = transaction.open_table(Names::of(resource.name).rows()).map_err(layout::fault)?;
            for row in rows.iter().map_err(layout::fault)? {
                let (id, bytes) = row.map_err(layout::fault)?;
                let row = layout::kept(resource, bytes.value())?;
                changed(&transaction, tenant, resource, Id(id.value()), (None, Some(&row.value)))?;
            }
        }
        transaction.open_table(META).map_err(layout::fault)?.insert(BEGUN, 1).map_err(layout::fault)?;
        self.opened.after(transaction.commit().map_err(layout::fault))
    }
}

/// Keeps the numbers of a row that is barred now, none of one that is not; gives what is no longer as it was.
pub fn changed(
    transaction: &WriteTransaction,
    tenant: &Tenant,
    resource: &Resource,
    id: Id,
    (before, after): (Option<&Value>, Option<&Value>),
) -> Result<Vec<Change>, Fault> {
    let Some(bar) = resource.bar else { return Ok(Vec::new()) };
    let marked = |row: Option<&Value>| row.filter(|row| row[bar.mark] == true).cloned();
    let (before, after) = (marked(before), marked(after));
    if before.is_none() && after.is_none() {
        return Ok(Vec::new());
    }
    let numbers = |row: &Value| -> BTreeSet<(u64, String)> {
        (bar.numbers)(tenant, row).into_iter().map(|number| (part(resource, row), number)).collect()
    };
    let now = after.as_ref().map(numbers).unwrap_or_default();
    let mut table = transaction.open_table(BARRED).map_err(layout::fault)?;
    let mut was = BTreeSet::new();
    for entry in table.range((resource.name, id.0, 0, "")..(resource.name, id.0 + 1, 0, "")).map_err(layout::fault)? {
        let (key, _) = entry.map_err(layout::fault)?;
        let (.., part, number) = key.value();
        was.insert((part, number.to_owned()));
    }
    let mut changes = Vec::new();
    for (part, number) in was.symmetric_difference(&now) {
        let (key, bars) = ((resource.name, id.0, *part, number.as_str()), now.contains(&(*part, number.clone())));
        if bars { table.insert(key, ()).map(drop) } else { table.remove(key).map(drop) }.map_err(layout::fault)?;
        changes.push(Change { part: Id(*part), number: number.clone(), bars });
    }
    Ok(changes)
}
