//! Writes of somebody with rights of their own: what these do not allow is refused before anything is tried.

use super::{NotWritten, Store, Write, Written, draft::Draft};
use crate::{
    model,
    schema::{Access, Asked, Held, Refusals, Resource, Tenant},
    time::Timestamp,
};

impl Store {
    /// `write` by whoever has this access. Whether they hold the permission for it is asked where it is asked for.
    pub fn write_as(&self, access: &Access, at: Timestamp, noun: &str, write: Write) -> Result<Written, NotWritten> {
        if let Some(table) = model::resource(noun).filter(|resource| resource.held == Held::Table) {
            return self.table(&access.by, at, |batch| {
                permitted(access, batch.tenant, table, &write)?;
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
            permitted(access, &draft.tenant, resource, write)
        };
        self.write_if(&access.by, at, writes, permitted)
    }
}

pub fn permitted(access: &Access, tenant: &Tenant, resource: &Resource, write: &Write) -> Result<(), Refusals> {
    let (id, given) = match write {
        Write::Add { value } | Write::Set { value, .. } => (None, Some(value)),
        Write::Change { id, value, .. } | Write::Restore { id, value } => (Some(*id), Some(value)),
        Write::Remove { id, .. } => (Some(*id), None),
    };
    resource.permit(&Asked { access, tenant, id, given })
}
