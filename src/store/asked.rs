//! Writes of somebody with rights of their own: what these do not allow is refused before anything is tried.

use super::{NotWritten, Store, Write, Written, draft::Draft, secrets::leave_out_untyped};
use crate::{
    model,
    schema::{Access, Asked, Held, Id, Refusals, Resource, Tenant, rule},
    time::Timestamp,
};
use serde_json::Value;

impl Store {
    /// `write` by whoever has this access. Whether they hold the permission for it is asked where it is asked for.
    pub fn write_as(&self, access: &Access, at: Timestamp, noun: &str, write: Write) -> Result<Written, NotWritten> {
        if let Some(table) = model::resource(noun).filter(|resource| resource.held == Held::Table) {
            self.attached(&write)?;
            return self.table(&access.by, at, |batch| {
                let before = stored(&write).map(|id| batch.row(table, id)).transpose()?.flatten();
                permitted(access, batch.tenant, table, &write, before.map(|(_, row)| row))?;
                batch.take(table, write)
            });
        }
        let mut written = self.write_all_as(access, at, vec![(noun, write)])?;
        Ok(written.remove(0))
    }

    /// Several, of which all are kept or none.
    pub fn write_all_as(
        &self,
        access: &Access,
        at: Timestamp,
        writes: Vec<(&str, Write)>,
    ) -> Result<Vec<Written>, NotWritten> {
        let permitted = |draft: &mut Draft, resource: &'static Resource, write: &Write| {
            draft.acting = access.acting;
            permitted_in(access, &draft.tenant, resource, write)
        };
        self.write_if(&access.by, at, writes, permitted)
    }
}

/// The row that a write is about, if there is one.
fn stored(write: &Write) -> Option<Id> {
    match write {
        Write::Change { id, .. } | Write::Remove { id, .. } | Write::Restore { id, .. } => Some(*id),
        Write::Add { .. } | Write::Set { .. } => None,
    }
}

/// The same of a noun whose rows stand in the snapshot.
pub fn permitted_in(access: &Access, tenant: &Tenant, resource: &Resource, write: &Write) -> Result<(), Refusals> {
    let before = stored(write).and_then(|id| tenant.rows_of(resource.name)?.row(id)).map(|(_, row)| row);
    permitted(access, tenant, resource, write, before)
}

/// `before`: the row as it is.
pub fn permitted(
    access: &Access,
    tenant: &Tenant,
    resource: &Resource,
    write: &Write,
    before: Option<Value>,
) -> Result<(), Refusals> {
    let (id, given) = match write {
        Write::Add { value } | Write::Set { value, .. } => (None, Some(value)),
        Write::Change { id, value, .. } | Write::Restore { id, value, .. } => (Some(*id), Some(value)),
        Write::Remove { id, .. } => (Some(*id), None),
    };
    // A secret that comes back as it was shown, or empty, is none that somebody sets.
    let given = given.map(|given| {
        let mut typed = given.clone();
        leave_out_untyped(resource, &mut typed);
        typed
    });
    let asked = Asked { access, tenant, id, before: before.as_ref(), given: given.as_ref() };
    resource.permit(&asked).map_err(|refusals| with_others(refusals, tenant, resource, write))
}

/// What is missing is told with all else that is wrong in a new row; what is forbidden is not looked into.
fn with_others(mut refusals: Refusals, tenant: &Tenant, resource: &Resource, write: &Write) -> Refusals {
    if let (Write::Add { value }, "invalid") = (write, refusals.word().0) {
        let begins = rule::beginnings(resource, tenant).into_iter().map(|(field, begins)| (field.into(), begins));
        let whole = begins.chain(value.clone()).collect();
        resource.taken(tenant, whole).map_or_else(|others| refusals.join(others), drop);
    }
    refusals
}
