//! A separate set of customers (PKG rows), with its own fields, stages, campaigns and records; closed, never deleted.

use super::{CustomField, Customer, Preferences};
use crate::schema::{
    Action, Count, Id, Menu, Model, Refusals, Row, Rule, Tab, Tenant, Why,
    kind::{CodeWord, FieldName, List, Name, Number, Switch},
    model::{appears, count, fixed, no_repeats, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub display_name: Name<80>,
    /// Compared without case.
    pub code: CodeWord<64>,
    #[serde(default)]
    pub status: PackageStatus,
    /// Which pages no longer show it once it is closed (PKG-11).
    #[serde(default = "every_page")]
    pub hidden_pages: List<PackagePage, 0, 8>,
    /// No two phone fields of its customers hold one number (PKG-16).
    #[serde(default)]
    pub unique_phones: Switch,
    /// No two customers have the same values in all of these fields (PKG-18).
    #[serde(default)]
    #[schemars(extend("x-of" = Customer::NAME, "x-offered" = Customer::KEYS))]
    pub unique_keys: List<FieldName, 0, 5>,
    /// Fields that are searched often (PKG-19).
    #[serde(default)]
    #[schemars(extend("x-of" = Customer::NAME, "x-offered" = Customer::KEYS))]
    pub index_fields: List<FieldName, 0, 10>,
    /// 0: as the settings of the box say, beforehand as long as there is room (BOX-59).
    #[serde(default = "as_room_is")]
    pub recording_days: Number<0, 3_650>,
}

/// PKG-10
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum PackageStatus {
    #[default]
    Enabled,
    Closed,
}

/// PKG-11
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum PackagePage {
    CustomField,
    Customer,
    CallRecord,
    ContactRecord,
    Campaign,
    SurveyAnswer,
    Review,
    Stage,
}

fn every_page() -> List<PackagePage, 0, 8> {
    use PackagePage::*;
    let all = vec![CustomField, Customer, CallRecord, ContactRecord, Campaign, SurveyAnswer, Review, Stage];
    List::new(all).unwrap_or_default()
}

fn as_room_is() -> Number<0, 3_650> {
    Number::literal(0)
}

impl Package {
    /// The code of the package that always is there (PKG-6 reading).
    pub const DEFAULT: &'static str = "default";

    pub fn enabled(&self) -> bool {
        self.status == PackageStatus::Enabled
    }

    pub fn of<'t>(tenant: &'t Tenant, code: &str) -> Option<&'t Arc<Row<Package>>> {
        tenant.table().by("code", code)
    }

    pub fn default_of(tenant: &Tenant) -> Option<&Arc<Row<Package>>> {
        Package::of(tenant, Package::DEFAULT)
    }

    /// That of the preferences, else the one that always is there; that one alone where there is no other to choose
    /// (FLD-2 reading).
    pub fn usual(tenant: &Tenant) -> Option<&Arc<Row<Package>>> {
        let preferred =
            Preferences::of(tenant).default_package.filter(|_| !tenant.bounds.withholds_noun(Package::NAME));
        let preferred = preferred.and_then(|package| package.row(tenant));
        preferred.or_else(|| Package::default_of(tenant))
    }

    pub fn is_default(&self) -> bool {
        self.code.eq_ignore_ascii_case(Package::DEFAULT)
    }
}

impl Model for Package {
    const NAME: &'static str = "package";
    const PATH: &'static str = "packages";
    const MENU: Menu = Menu::Customers;
    const SEARCH: &'static [&'static str] = &["display_name"];
    const LIST: &'static [&'static str] = &["display_name", "code", "status", "unique_phones", "unique_keys"];
    const FILTERS: &'static [&'static str] = &["status"];
    const NAMED: &'static [&'static str] = &["display_name"];
    const COUNTS: &'static [Count] = &[count("customers_count", Customer::NAME, "package")];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "display_name",
            "code",
            "status",
            "hidden_pages",
            "unique_phones",
            "unique_keys",
            "index_fields",
            "recording_days",
        ],
    )];
    const RULES: &'static [Rule] = &[
        unique("code"),
        fixed("code"),
        appears("hidden_pages", "status", &["closed"]),
        no_repeats("hidden_pages"),
        no_repeats("unique_keys"),
        no_repeats("index_fields"),
    ];

    fn check(&self, tenant: &Tenant, refusals: &mut Refusals) {
        if self.is_default() && !self.enabled() {
            refusals.add("status", Why::Protected);
        }
        let own = Package::of(tenant, &self.code).map(|row| row.id());
        for (field, names) in [("unique_keys", &self.unique_keys[..]), ("index_fields", &self.index_fields)] {
            if names.iter().any(|name| !is_field(tenant, own, name)) {
                refusals.add(field, Why::Choice);
            }
        }
    }

    fn first() -> Vec<Self> {
        vec![Package {
            display_name: Name::literal("Default"),
            code: CodeWord::literal(Package::DEFAULT),
            status: PackageStatus::Enabled,
            hidden_pages: every_page(),
            unique_phones: Switch(false),
            unique_keys: List::default(),
            index_fields: List::default(),
            recording_days: as_room_is(),
        }]
    }

    fn stays(&self) -> bool {
        true
    }
}

/// Whether customers of a package have this field; a package that is not saved yet has none of its own.
fn is_field(tenant: &Tenant, package: Option<Id>, name: &str) -> bool {
    let own = |field: &str| package.is_some_and(|package| CustomField::named(tenant, package, field).is_some());
    name.strip_prefix("custom.").map_or_else(|| Customer::KEYS.contains(&name), own)
}
