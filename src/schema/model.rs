//! What a noun says beside its struct: its name and place, where it lives, its tabs, columns and rules.

pub use super::rule::{
    above, appears, begins, counted, dialed, fixed, free_number, from_file, generated, given, holds_asker, in_turn,
    initial, last, later, lets_go, located, members, names, needs, no_repeats, numbered, one, only, released, same,
    settled, shown, told, unique, unique_within,
};
use super::{
    Access, Bound, Id, Import, Refusals, Rule, Tenant,
    index::Finding,
    layout::{KeptFrom, Placed},
};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A noun of the panel, declared once: storage, checks, list, form and API follow from it.
pub trait Model: Serialize + DeserializeOwned + JsonSchema + std::fmt::Debug + Send + Sync + 'static {
    /// Singular, in snake case, as in the glossary.
    const NAME: &'static str;
    /// Plural, as in a route.
    const PATH: &'static str;
    const MENU: Menu;
    const HELD: Held = Held::Snapshot;
    /// Fields in which the search box looks (LST-4).
    const SEARCH: &'static [&'static str] = &[];
    /// Whether what is called as the office itself finds every row: all rows are the one office's (DID-3).
    const FINDS_OFFICE: bool = false;
    /// Columns of the list, in order.
    const LIST: &'static [&'static str] = &[];
    /// Tabs of the form, in order; together they name every field once.
    const TABS: &'static [Tab];
    const RULES: &'static [Rule] = &[];
    /// Fields by whose value the list can be narrowed (LST-7).
    const FILTERS: &'static [&'static str] = &[];
    /// Columns by which the list of a table can be sorted; any other noun is sorted by each of its columns.
    const SORTS: &'static [&'static str] = &[];
    /// The field that refers to the part of the office to which a row of a table belongs for good: what it is found by,
    /// and what it must not share with others, may differ from part to part (PKG-1).
    const WITHIN: Option<&'static str> = None;
    /// Read-only columns after those of `LIST`: how many rows of another noun refer to this one.
    const COUNTS: &'static [Count] = &[];
    /// What people do here beside looking; each is a permission `<NAME>.<action>` (people.md, "Permissions").
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete];
    /// The word before the dot of its permissions.
    const RIGHTS: &'static str = Self::NAME;
    /// The one right for all that is written here, in place of one for each action.
    const WRITES: Option<Action> = None;
    /// Whether programs with the API key find it.
    const PROGRAMS: bool = true;
    /// Fields that several rows get at once.
    const BATCH: &'static [&'static str] = &[];
    /// Fields that name a row to people, in order; empty: `name` if there is one, else the first of `LIST`.
    const NAMED: &'static [&'static str] = &[];
    /// Which rows are held back by a status, where one is chosen and in the list; none: no row is.
    const OFFERED: Option<Offered> = None;
    /// Rows that wait for somebody with `<NAME>.approve`.
    const APPROVAL: Option<Approval> = None;
    /// Several values of one field can be typed into a new row; each becomes a row of its own.
    const MANY: Option<Many> = None;
    /// Several rows can be made in one go, numbered on from the first.
    const SERIES: Option<Series> = None;
    /// Whether the upstream gives whole rows of it, beside those of the office (TPL-5).
    const GIVEN: bool = false;
    /// Whether the list tells who added a row.
    const AUTHOR: bool = false;
    /// What is told of the rows of this noun that came and went; none: nothing is.
    const LOGGED: Option<Logged> = None;
    /// How rows come out of a file; none: not at all.
    const IMPORT: Option<Import> = None;
    /// How rows are given to somebody's work; none: not at all.
    const ASSIGN: Option<Assign> = None;
    /// How numbers of rows are barred; none: not at all.
    const BAR: Option<Bar> = None;
    /// The noun whose rows say how the fields of these stand in their form, where the office orders them itself.
    const FORM: Option<&'static str> = None;
    /// The version of the struct. A row of an earlier one goes through `upgrade` at the first start.
    const VERSION: u16 = 1;

    /// A value as version `from` wrote it, as version `from + 1` would.
    fn upgrade(_from: u16, value: Value) -> Value {
        value
    }

    /// What one field alone cannot tell. `tenant` is as it was before this row is written.
    fn check(&self, _tenant: &Tenant, _refusals: &mut Refusals) {}

    /// What rows of a table are found by, in one part where there are parts.
    fn finding(_tenant: &Tenant, _within: Option<Id>) -> Finding {
        Finding::declared(Self::FILTERS, Self::SORTS, Self::SEARCH, Self::RULES)
    }

    /// The part that is meant where none is named; none: all of them (API-49).
    fn part(_tenant: &Tenant) -> Option<Id> {
        None
    }

    /// The schema of the fields that the office itself adds to this row, under `custom`; none: the noun has none.
    fn custom(_tenant: &Tenant, _value: &Value) -> Option<Value> {
        None
    }

    /// Sets what the box sets itself whenever a row of a table is written.
    fn stamp(_before: Option<&Value>, _after: &mut Value, _at: Timestamp) {}

    /// Rows that every office has from the beginning.
    fn first() -> Vec<Self> {
        Vec::new()
    }

    /// The rows whose telephone numbers are masked for whoever has this access.
    fn masked(_tenant: &Tenant, _access: &Access) -> Option<Masked> {
        None
    }

    /// Whether people are told something before they work with a row.
    const WARNS: bool = false;

    /// What they are told (POP-2).
    fn warnings(_tenant: &Tenant, _value: &Value) -> Vec<String> {
        Vec::new()
    }

    /// How the fields of a row stand in its form where the office orders them itself; none: as they are declared.
    fn layout(_tenant: &Tenant, _value: &Value) -> Option<Vec<Placed>> {
        None
    }

    /// What of a row is kept from whoever has this access, beside what the role hides of every row.
    fn kept_from(_tenant: &Tenant, _access: &Access, _value: &Value) -> KeptFrom {
        KeptFrom::default()
    }

    /// Whether nobody may remove this row.
    fn stays(&self) -> bool {
        false
    }

    /// To what the one record of this noun holds the rest of the office.
    fn bounds(&self) -> Vec<Bound> {
        Vec::new()
    }

    /// What whoever asks may not do with this row, beyond permissions, tabs and hidden fields.
    fn permit(_asked: &Asked, _refusals: &mut Refusals) {}
}

/// Rows that have one of these values in this field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    pub field: &'static str,
    pub values: BTreeSet<String>,
}

impl Masked {
    pub fn holds(&self, row: &Value) -> bool {
        row[self.field].as_str().is_some_and(|value| self.values.contains(value))
    }
}

/// A write that somebody wants, before it is taken.
pub struct Asked<'a> {
    pub access: &'a Access,
    /// As it is before the write.
    pub tenant: &'a Tenant,
    /// None: a new row. One that is put back has its number.
    pub id: Option<Id>,
    /// The row as it is; none: there is none.
    pub before: Option<&'a Value>,
    /// What was typed; none: the row shall go.
    pub given: Option<&'a Map<String, Value>>,
}

impl Asked<'_> {
    /// Whether a field stays empty that a new row must have, or is emptied.
    pub fn lacks(&self, field: &str) -> bool {
        match (self.given, self.given(field)) {
            (None, _) => false,
            (Some(_), Some(Value::String(text))) => text.trim().is_empty(),
            (Some(_), typed) => typed.map_or(self.id.is_none(), Value::is_null),
        }
    }

    /// A field as it was typed.
    pub fn given(&self, field: &str) -> Option<&Value> {
        self.given.and_then(|given| given.get(field))
    }
}

/// The words of a status by which rows are offered and listed (STG-11 to STG-13, CMP-40 to CMP-42).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    pub field: &'static str,
    /// Where an agent chooses one.
    pub to_agents: &'static [&'static str],
    /// Where anybody else does.
    pub to_others: &'static [&'static str],
    /// In the list of the panel, until somebody asks for others.
    pub listed: &'static [&'static str],
}

/// A status with `pending`, in which rows wait to be approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    pub field: &'static str,
    pub of: Whose,
}

/// Whose rows wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those that agents add, whatever their role; accounts add at once (BLK-15, BLK-18).
    Agents,
    /// Those of whoever may not approve (POP-17).
    Unapproving,
}

/// A field of which several values can be typed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Many {
    pub field: &'static str,
    pub again: Again,
    /// Whether they may stand with spaces between, not commas and line breaks alone.
    pub spaces: bool,
}

/// What becomes of a value that another row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// Nothing is saved.
    Refused,
    /// It is passed over and told of; one that waits is approved (BLK and DNC readings).
    Skipped,
}

/// Rows of which is told, in a list of its own, when they came, were let through and went, also when they are gone
/// (BLK-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The field by which a row is told.
    pub named: &'static str,
    pub reason: &'static str,
}

/// Rows that are made in one go (AGT-42).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Series {
    /// The field that counts on.
    pub number: &'static str,
    /// The required field that begins as the number.
    pub named: &'static str,
    /// Fields that are set for all of them.
    pub same: &'static [&'static str],
    /// Those of them that the box makes where they are left empty, for each row another.
    pub made: &'static [&'static str],
}

/// How rows are given to a piece of work and to somebody who does it (CUS-10).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Assign {
    /// The field that refers to the work.
    pub work: &'static str,
    /// The field that names who does it.
    pub person: &'static str,
    /// Whether that person does that work.
    #[serde(skip)]
    pub works: fn(&Tenant, Id, &str) -> bool,
}

/// How rows are kept from being called: whole, or by one number (CUS-21, CUS-24).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bar {
    /// The switch of a row that bars all of its numbers.
    pub mark: &'static str,
    /// The noun in whose rows single numbers are barred.
    pub list: &'static str,
    /// Fields of the row, and those in which they stand in the list.
    pub fields: &'static [(&'static str, &'static str)],
    /// All numbers of a row.
    #[serde(skip)]
    pub numbers: fn(&Tenant, &Value) -> Vec<String>,
}

/// The chapter of the panel's menu under which a noun's page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Menu {
    People,
    Customers,
    Campaigns,
    Routing,
    Numbers,
    Lines,
    System,
    Box,
    /// On the page of another noun, which draws it: it has routes, and no line in the menu.
    Beside,
    /// Kept by pages of their own; it has no list, no form and no route of this noun.
    Unlisted,
}

/// Where a noun lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Many rows of configuration, read by calls through the `Tenant`.
    Snapshot,
    /// One row that always is there, in the `Tenant` like the others.
    Single,
    /// Many rows on the disk, never in the `Tenant`.
    Table,
    /// Very many small rows that come out of files alone, packed in the `Tenant`; their number is their key.
    Packed,
}

/// What a person may be allowed to do with a noun, beside `view` (people.md, "Permissions").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Add,
    Edit,
    Delete,
    Clone,
    BatchAdd,
    BatchEdit,
    Import,
    Export,
    Approve,
    SignInAs,
    Assign,
    Dnc,
    Tools,
    Download,
    Play,
    Secret,
    Send,
    Use,
    Act,
    Control,
    Listen,
    Whisper,
    Barge,
    Backup,
    Restore,
    Update,
    Diagnose,
    Capture,
    Page,
}

impl Action {
    /// As in the name of its permission.
    pub fn word(self) -> &'static str {
        match self {
            Action::Add => "add",
            Action::Edit => "edit",
            Action::Delete => "delete",
            Action::Clone => "clone",
            Action::BatchAdd => "batch_add",
            Action::BatchEdit => "batch_edit",
            Action::Import => "import",
            Action::Export => "export",
            Action::Approve => "approve",
            Action::SignInAs => "sign_in_as",
            Action::Assign => "assign",
            Action::Dnc => "dnc",
            Action::Tools => "tools",
            Action::Download => "download",
            Action::Play => "play",
            Action::Secret => "secret",
            Action::Send => "send",
            Action::Use => "use",
            Action::Act => "act",
            Action::Control => "control",
            Action::Listen => "listen",
            Action::Whisper => "whisper",
            Action::Barge => "barge",
            Action::Backup => "backup",
            Action::Restore => "restore",
            Action::Update => "update",
            Action::Diagnose => "diagnose",
            Action::Capture => "capture",
            Action::Page => "page",
        }
    }
}

/// A column that counts: how many rows of `noun` refer to this row in `field`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    pub name: &'static str,
    pub noun: &'static str,
    pub field: &'static str,
}

pub const fn count(name: &'static str, noun: &'static str, field: &'static str) -> Count {
    Count { name, noun, field }
}

/// A part of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tab {
    pub name: &'static str,
    pub fields: &'static [&'static str],
}

pub const fn tab(name: &'static str, fields: &'static [&'static str]) -> Tab {
    Tab { name, fields }
}
