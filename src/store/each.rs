//! One change to many rows: each is taken or refused by itself, and those that are taken are kept together.

use super::{
    NotWritten, Store, Write,
    asked::{permitted, permitted_in},
    fault::Fault,
    secrets,
    table::Batch,
};
use crate::{
    model,
    schema::{Access, Id, Refusals, Resource, Tenant, Why},
    time::Timestamp,
};
use serde_json::{Map, Value};

/// Rows in one transaction; between two, others may write.
const ROWS_AT_ONCE: usize = 500;
/// The same of a table, where each takes longer.
const TABLED_AT_ONCE: usize = 100;

/// What is done to each row.
#[derive(Clone, Debug)]
pub enum Each {
    Change(Map<String, Value>),
    Remove,
}

/// What is done to one row of a table, by what stands in it.
pub enum Step {
    /// It is already as it shall be.
    Stays,
    Write(Write),
    /// The box sets fields that nobody types.
    Set(Map<String, Value>),
}

/// What became of them.
#[derive(Debug, Default)]
pub struct EachWritten {
    pub written: u64,
    pub refused: Vec<(Id, Refusals)>,
}

impl Store {
    /// Those that may be changed are, the others stay and say why (LST-16).
    pub fn write_each(
        &self,
        access: &Access,
        at: Timestamp,
        noun: &str,
        ids: &[Id],
        what: &Each,
    ) -> Result<EachWritten, NotWritten> {
        let resource = model::resource(noun).ok_or_else(|| Refusals::whole(Why::NotFound))?;
        let write = |id| match what {
            Each::Change(value) => Write::Change { id, rev: None, value: value.clone() },
            Each::Remove => Write::Remove { id, rev: None },
        };
        // Slow, and the same for all of them.
        let hashes = secrets::hashes(resource, &write(Id(0)))?;
        let mut all = EachWritten::default();
        for ids in ids.chunks(ROWS_AT_ONCE) {
            let part = self.through(&access.by, at, |draft| {
                draft.acting = access.acting;
                let mut part = EachWritten::default();
                for id in ids {
                    let none_new = || Err(Fault::broken(super::config::FILE, "a row was added where none is"));
                    let write = write(*id);
                    let permitted = permitted_in(access, &draft.tenant, resource, &write).map_err(NotWritten::from);
                    match permitted.and_then(|()| draft.take(resource, write, hashes.clone(), none_new)) {
                        Ok(_) => part.written += 1,
                        Err(NotWritten::Refused(refusals)) => part.refused.push((*id, refusals)),
                        Err(fault) => return Err(fault),
                    }
                }
                Ok(part)
            })?;
            all.written += part.written;
            all.refused.extend(part.refused);
        }
        Ok(all)
    }

    /// The same to rows of a table that are in reach, in small batches, so that people who write one row come between.
    pub fn table_each(
        &self,
        access: &Access,
        at: Timestamp,
        resource: &'static Resource,
        ids: &[Id],
        mut step: impl FnMut(&Tenant, Id, &Value) -> Step,
    ) -> Result<EachWritten, NotWritten> {
        let (mut all, mut left) = (EachWritten::default(), ids);
        while !left.is_empty() {
            let (part, done) = self.batch(&access.by, at, |batch| {
                let (mut part, mut done) = (EachWritten::default(), 0);
                for id in left.iter().take(TABLED_AT_ONCE) {
                    match one(batch, access, resource, *id, &mut step) {
                        Ok(()) => part.written += 1,
                        Err(NotWritten::Refused(refusals)) => part.refused.push((*id, refusals)),
                        Err(fault) => return Err(fault),
                    }
                    done += 1;
                    if batch.is_awaited() {
                        break;
                    }
                }
                Ok((part, done))
            })?;
            all.written += part.written;
            all.refused.extend(part.refused);
            left = &left[done..];
        }
        Ok(all)
    }
}

fn one(
    batch: &mut Batch,
    access: &Access,
    resource: &'static Resource,
    id: Id,
    step: &mut impl FnMut(&Tenant, Id, &Value) -> Step,
) -> Result<(), NotWritten> {
    let tenant = batch.tenant;
    let row = batch.row(resource, id)?.filter(|(envelope, row)| access.reaches(resource, row, &envelope.created_by));
    let (_, row) = row.ok_or_else(|| Refusals::whole(Why::NotFound))?;
    match step(tenant, id, &row) {
        Step::Stays => Ok(()),
        Step::Set(value) => batch.set(resource, id, value).map(drop),
        Step::Write(write) => {
            permitted(access, tenant, resource, &write, Some(row))?;
            batch.take(resource, write).map(drop)
        }
    }
}
