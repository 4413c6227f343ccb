//! One change to many rows: each is taken or refused by itself, and those that are taken are kept together.

use super::{NotWritten, Store, Write, asked::permitted, fault::Fault, secrets};
use crate::{
    model,
    schema::{Access, Id, Refusals, Why},
    time::Timestamp,
};
use serde_json::{Map, Value};

/// Rows in one transaction; between two, others may write.
const ROWS_AT_ONCE: usize = 500;

/// What is done to each row.
#[derive(Clone, Debug)]
pub enum Each {
    Change(Map<String, Value>),
    Remove,
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
                    let permitted = permitted(access, &draft.tenant, resource, &write).map_err(NotWritten::from);
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
}
