//! What a noun says beside its struct: its name and place, where it lives, its tabs, columns and rules.

use super::{Refusals, Tenant};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

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
    /// Columns of the list, in order.
    const LIST: &'static [&'static str] = &[];
    /// Tabs of the form, in order; together they name every field once.
    const TABS: &'static [Tab];
    const RULES: &'static [Rule] = &[];
    /// Fields by whose value the list can be narrowed (LST-7).
    const FILTERS: &'static [&'static str] = &[];
    /// Read-only columns after those of `LIST`: how many rows of another noun refer to this one.
    const COUNTS: &'static [Count] = &[];
    /// What people do here beside looking; each is a permission `<NAME>.<action>` (people.md, "Permissions").
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete];
    /// Fields that several rows get at once.
    const BATCH: &'static [&'static str] = &[];
    /// Fields that name a row to people, in order; empty: `name` if there is one, else the first of `LIST`.
    const NAMED: &'static [&'static str] = &[];
    /// A status with `pending`: what a person without `<NAME>.approve` saves.
    const APPROVAL: Option<&'static str> = None;
    /// The version of the struct. A row of an earlier one goes through `upgrade` at the first start.
    const VERSION: u16 = 1;

    /// A value as version `from` wrote it, as version `from + 1` would.
    fn upgrade(_from: u16, value: Value) -> Value {
        value
    }

    /// What one field alone cannot tell. `tenant` is as it was before this row is written.
    fn check(&self, _tenant: &Tenant, _refusals: &mut Refusals) {}

    /// Whether nobody may remove this row.
    fn stays(&self) -> bool {
        false
    }
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

/// What holds for a field beyond its own value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// No second row of this noun has it, letter case ignored (LST-23).
    Unique { field: &'static str },
    /// It cannot be changed after the first save.
    Fixed { field: &'static str },
    /// One of the internal numbers, which are one set over all nouns (AGT-9 reading).
    FreeNumber { field: &'static str },
    /// Left empty, the box makes one (AGT-19 reading).
    Generated { field: &'static str },
    /// No second row with the same value in `within` has it, letter case ignored (LST-23).
    UniqueWithin { field: &'static str, within: &'static str },
    /// No entry of the list twice.
    NoRepeats { field: &'static str },
    /// When the row that it refers to is deleted, it is emptied, or the entry is dropped; without this rule the
    /// delete is refused (LST-25).
    LetsGo { field: &'static str },
    /// The row that it refers to has one of these values in its field `of`.
    Only { field: &'static str, of: &'static str, is: &'static [&'static str] },
    /// Shown and asked for only while the field `when` has one of these values; a switch's are `true` and `false`.
    Appears { field: &'static str, when: &'static str, is: &'static [&'static str] },
    /// Required while the field `when` has one of these values.
    Needs { field: &'static str, when: &'static str, is: &'static [&'static str] },
    /// The upstream's: nobody changes it here (UPS-24).
    Given { field: &'static str },
    /// Set by the box: nobody types it.
    Shown { field: &'static str },
}

impl Rule {
    pub fn field(&self) -> &'static str {
        match self {
            Rule::Unique { field }
            | Rule::Fixed { field }
            | Rule::FreeNumber { field }
            | Rule::Generated { field }
            | Rule::UniqueWithin { field, .. }
            | Rule::NoRepeats { field }
            | Rule::LetsGo { field }
            | Rule::Only { field, .. }
            | Rule::Appears { field, .. }
            | Rule::Needs { field, .. }
            | Rule::Given { field }
            | Rule::Shown { field } => field,
        }
    }
}

pub const fn unique(field: &'static str) -> Rule {
    Rule::Unique { field }
}

pub const fn fixed(field: &'static str) -> Rule {
    Rule::Fixed { field }
}

pub const fn free_number(field: &'static str) -> Rule {
    Rule::FreeNumber { field }
}

pub const fn generated(field: &'static str) -> Rule {
    Rule::Generated { field }
}

pub const fn unique_within(field: &'static str, within: &'static str) -> Rule {
    Rule::UniqueWithin { field, within }
}

pub const fn no_repeats(field: &'static str) -> Rule {
    Rule::NoRepeats { field }
}

pub const fn lets_go(field: &'static str) -> Rule {
    Rule::LetsGo { field }
}

pub const fn only(field: &'static str, of: &'static str, is: &'static [&'static str]) -> Rule {
    Rule::Only { field, of, is }
}

pub const fn appears(field: &'static str, when: &'static str, is: &'static [&'static str]) -> Rule {
    Rule::Appears { field, when, is }
}

pub const fn needs(field: &'static str, when: &'static str, is: &'static [&'static str]) -> Rule {
    Rule::Needs { field, when, is }
}

pub const fn given(field: &'static str) -> Rule {
    Rule::Given { field }
}

pub const fn shown(field: &'static str) -> Rule {
    Rule::Shown { field }
}

pub const fn tab(name: &'static str, fields: &'static [&'static str]) -> Tab {
    Tab { name, fields }
}
