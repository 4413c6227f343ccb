//! Whether a row of a table names a kept file.

use super::{
    Tables, key,
    layout::{self, Names, SLOTS, STATES},
    plan::Plan,
    state::{self, Progress},
};
use crate::{
    schema::{Held, Id, Resource, Tenant, index::FILES},
    store::fault::Fault,
};
use redb::ReadTransaction;

impl Tables {
    /// Whether a row names the file of this hash, or may: an index that is not built yet cannot tell.
    pub fn name_file(&self, tenant: &Tenant, hash: &str) -> Result<bool, Fault> {
        let transaction = self.read()?;
        for resource in self.resources.iter().filter(|resource| resource.held == Held::Table) {
            for within in parts(tenant, resource) {
                if names(&transaction, tenant, resource, within, hash)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// The parts in which rows of a table can be; 0 where a noun has no parts.
fn parts(tenant: &Tenant, resource: &Resource) -> Vec<u64> {
    let noun = resource.within.and_then(|field| resource.field(field)?["x-to"].as_str());
    match noun {
        Some(noun) => tenant.rows_of(noun).into_iter().flat_map(|rows| rows.ids()).map(|Id(id)| id).collect(),
        None => vec![0],
    }
}

fn names(
    transaction: &ReadTransaction,
    tenant: &Tenant,
    resource: &'static Resource,
    within: u64,
    hash: &str,
) -> Result<bool, Fault> {
    let slots = transaction.open_table(SLOTS).map_err(layout::fault)?;
    let plan = Plan::wanted(resource, tenant, within, &slots)?;
    let Some((slot, index)) = plan.named(FILES) else { return Ok(false) };
    let states = transaction.open_table(STATES).map_err(layout::fault)?;
    let state = state::read(&states, resource.name, within, FILES)?;
    if state.is_none_or(|state| state.progress != Progress::Built || state.mark != state::mark_of(index)) {
        return Ok(true);
    }
    let first = key::term(*slot, within, &key::beginning(hash));
    let end = key::after(&first);
    let entries = transaction.open_table(Names::of(resource.name).index()).map_err(layout::fault)?;
    Ok(entries.range(&*first..&*end).map_err(layout::fault)?.next().is_some())
}
