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
    /// Kept by pages of their own; it has no list and no route of this noun.
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
}

impl Rule {
    pub fn field(&self) -> &'static str {
        match self {
            Rule::Unique { field } | Rule::Fixed { field } | Rule::FreeNumber { field } | Rule::Generated { field } => {
                field
            }
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

pub const fn tab(name: &'static str, fields: &'static [&'static str]) -> Tab {
    Tab { name, fields }
}
