//! How rows of a noun come out of a file, as the noun declares it.

use super::{Id, Tenant};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Import {
    /// What a row of the file becomes: the noun itself, or one whose rows belong to it.
    pub noun: &'static str,
    pub columns: Columns,
    /// Fields that are chosen once for all rows of the file.
    pub chosen: &'static [&'static str],
    /// The row that is made when none is chosen for a field.
    pub made: Option<Made>,
    /// A field of which several values can be chosen, dealt to the rows in turn.
    pub dealt: Option<Dealt>,
    /// What becomes of a row that is there already.
    pub again: Again,
    /// The noun with whose entries empty fields are filled in (DIC-13).
    pub fills: Option<&'static str>,
    /// A field that the office gets for a column that fits none.
    pub new_field: Option<Made>,
    /// Of a file, at most.
    pub bytes_max: u64,
}

impl Import {
    /// CUS-20, DIC-12
    pub const BYTES_MAX: u64 = 20 * 1024 * 1024;
}

/// What the columns of a file are.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Columns {
    /// Each fills one of these fields, or one that the office added.
    Fields(&'static [&'static str]),
    /// One is the key of its row, all others are kept by their headings. Which one it is stands in a field of the row
    /// to which they belong, once the first file has said it.
    Headings { key: &'static str, said_in: &'static str },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// It stays as it is.
    Stays,
    /// It stays, or takes what the file says, as the person wants.
    Chosen,
    /// It takes what the file says.
    Takes,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Dealt {
    pub field: &'static str,
    /// A column with this heading says it for each row.
    pub heading: &'static str,
}

/// A row of another noun that an import makes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Made {
    /// The field that refers to it, or under which it stands.
    pub field: &'static str,
    pub noun: &'static str,
    /// Its value by its name and the part to which the rows belong.
    #[serde(skip)]
    pub value: fn(&Tenant, Id, &str) -> Map<String, Value>,
}
