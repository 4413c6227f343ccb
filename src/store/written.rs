//! A write, and what became of it.

use super::fault::Fault;
use crate::schema::{Id, Refusals};
use serde_json::{Map, Value};
use std::fmt;

/// One change to one row. `value` has the fields by name; but for a new row only those that change. With `rev`, the row
/// must still be at that revision.
#[derive(Clone, Debug)]
pub enum Write {
    Add {
        value: Map<String, Value>,
    },
    Change {
        id: Id,
        rev: Option<u64>,
        value: Map<String, Value>,
    },
    Remove {
        id: Id,
        rev: Option<u64>,
    },
    /// A row that was removed, under its own number. `made` is what of it the box made anew, to be shown once.
    Restore {
        id: Id,
        value: Map<String, Value>,
        made: Map<String, Value>,
    },
    /// Fields of the one row of a noun that has one; it is at revision 0 until somebody sets it.
    Set {
        rev: Option<u64>,
        value: Map<String, Value>,
    },
}

/// What became of a write: on the disk, and in the snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub id: Id,
    pub rev: u64,
    /// As it is shown; none if it was removed.
    pub row: Option<Value>,
    /// Secrets that the box made, in clear, this once.
    pub generated: Map<String, Value>,
}

/// Nothing was written.
#[derive(Debug)]
pub enum NotWritten {
    Refused(Refusals),
    Fault(Fault),
}

impl NotWritten {
    /// The API's word and status.
    pub fn word(&self) -> (&'static str, u16) {
        match self {
            NotWritten::Refused(refusals) => refusals.word(),
            NotWritten::Fault(fault) => fault.word(),
        }
    }

    /// The API's sentence in English.
    pub fn sentence(&self) -> String {
        match self {
            NotWritten::Refused(refusals) => refusals.sentence(),
            NotWritten::Fault(fault) => fault.cause(),
        }
    }
}

impl From<Refusals> for NotWritten {
    fn from(refusals: Refusals) -> NotWritten {
        NotWritten::Refused(refusals)
    }
}

impl From<Fault> for NotWritten {
    fn from(fault: Fault) -> NotWritten {
        NotWritten::Fault(fault)
    }
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for NotWritten {}
