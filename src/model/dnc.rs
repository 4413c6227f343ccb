//! Numbers that must not be called (DNC rows), each in one package.

use super::Package;
use crate::schema::{
    Action, Actor, Asked, Id, Import, Menu, Model, Refusals, Row, Rule, Tab, Tenant, Why,
    import::{self, Columns},
    kind::{self, Phone, Ref, Text},
    model::{Again, Approval, Many, Whose, fixed, only, tab, unique_within},
    table,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dnc {
    pub package: Ref<Package>,
    pub number: Phone,
    /// `pending` until somebody who may has approved it; only `enabled` bars the number.
    #[serde(default)]
    pub status: kind::Approval,
    #[serde(default)]
    pub reason: Text<200>,
}

impl Dnc {
    /// The entry of a number in a package, in force or not.
    pub fn of<'t>(tenant: &'t Tenant, package: Id, number: &str) -> Option<&'t Arc<Row<Dnc>>> {
        let within = serde_json::json!(package);
        tenant.table().by("number", &table::key_within(number, &within))
    }
}

impl Model for Dnc {
    const NAME: &'static str = "dnc";
    const PATH: &'static str = "dnc";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["number"];
    const LIST: &'static [&'static str] = &["package", "number", "status", "reason"];
    const FILTERS: &'static [&'static str] = &["package", "status"];
    const NAMED: &'static [&'static str] = &["number"];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Import, Action::Approve];
    const APPROVAL: Option<Approval> = Some(Approval { field: "status", of: Whose::Agents });
    const MANY: Option<Many> = Some(Many { field: "number", again: Again::Skipped, spaces: false });
    const AUTHOR: bool = true;
    const IMPORT: Option<Import> = Some(Import {
        noun: Self::NAME,
        columns: Columns::Fields(&["number", "reason"]),
        chosen: &["package"],
        made: None,
        dealt: None,
        again: import::Again::Stays,
        fills: None,
        new_field: None,
        bytes_max: Import::BYTES_MAX,
    });
    const TABS: &'static [Tab] = &[tab("general", &["package", "number", "status", "reason"])];
    const RULES: &'static [Rule] = &[
        unique_within("number", "package"),
        fixed("number"),
        fixed("package"),
        only("package", "status", &["enabled"]),
    ];

    /// An agent gives a reason, an account may (BLK-17, DNC reading).
    fn permit(asked: &Asked, refusals: &mut Refusals) {
        if matches!(asked.access.by, Actor::Agent(_)) && asked.id.is_none() && asked.lacks("reason") {
            refusals.add("reason", Why::Required);
        }
    }
}
