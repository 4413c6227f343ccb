//! Several writes to one noun, each held against those before it: those that may be are kept, or all or none.

use super::{NotWritten, Store, Write, Written, asked::permitted_in, seal::random_word, secrets};
use crate::{
    model,
    schema::{Access, Refusals, Resource, Why},
    time::Timestamp,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What is kept of several writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those that are taken.
    Taken,
    /// All; none, if one is refused.
    All,
    /// None: they are only tried.
    Nothing,
}

/// What became of each, in their order.
pub type Tried = Vec<Result<Written, Refusals>>;

impl Store {
    /// `made`: secrets that the box makes for a new row where they are left empty, beside those it always makes.
    pub fn write_several(
        &self,
        access: &Access,
        at: Timestamp,
        noun: &str,
        (writes, made): (Vec<Write>, &[&'static str]),
        keep: Keep,
    ) -> Result<Tried, NotWritten> {
        let resource = model::resource(noun).ok_or_else(|| Refusals::whole(Why::NotFound))?;
        let mut hashes = Hashes { resource, known: BTreeMap::new() };
        let mut prepared = Vec::with_capacity(writes.len());
        for mut write in writes {
            let made = make(resource, &mut write, made)?;
            let hashed = if keep == Keep::Nothing { Map::new() } else { hashes.of(&write)? };
            prepared.push((write, made, hashed));
        }
        self.through_if(&access.by, at, |draft| {
            draft.acting = access.acting;
            let mut tried = Vec::with_capacity(prepared.len());
            for (write, made, hashes) in prepared {
                let permitted = permitted_in(access, &draft.tenant, resource, &write).map_err(NotWritten::from);
                match permitted.and_then(|()| draft.take(resource, write, hashes, || self.next_number(resource))) {
                    Ok(mut written) => {
                        written.generated.extend(made);
                        tried.push(Ok(written));
                    }
                    Err(NotWritten::Refused(refusals)) => tried.push(Err(refusals)),
                    Err(fault) => return Err(fault),
                }
            }
            let kept = match keep {
                Keep::Taken => tried.iter().any(Result::is_ok),
                Keep::All => tried.iter().all(Result::is_ok),
                Keep::Nothing => false,
            };
            Ok((tried, kept))
        })
    }
}

/// Fills in secrets of a new row that nobody typed; gives them, to be shown once.
fn make(resource: &Resource, write: &mut Write, fields: &[&'static str]) -> Result<Map<String, Value>, NotWritten> {
    let mut made = Map::new();
    if let Write::Add { value } = write {
        secrets::leave_out_untyped(resource, value);
        for field in fields.iter().filter(|field| !value.contains_key(**field)).collect::<Vec<_>>() {
            let word = random_word(secrets::GENERATED_LENGTH)?;
            made.insert((*field).into(), word.clone().into());
            value.insert((*field).into(), word.into());
        }
    }
    Ok(made)
}

/// A password is hashed once, however many rows get it: that is slow.
struct Hashes {
    resource: &'static Resource,
    known: BTreeMap<String, Map<String, Value>>,
}

impl Hashes {
    fn of(&mut self, write: &Write) -> Result<Map<String, Value>, NotWritten> {
        let typed = match write {
            Write::Add { value } | Write::Change { value, .. } => {
                self.resource.hashed().map(|field| value.get(field)).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        };
        let typed = serde_json::json!(typed).to_string();
        if !self.known.contains_key(&typed) {
            self.known.insert(typed.clone(), secrets::hashes(self.resource, write)?);
        }
        Ok(self.known[&typed].clone())
    }
}
