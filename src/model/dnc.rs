//! Numbers that must not be called (DNC rows), each in one package.

use super::Package;
use crate::schema::{
    Action, Menu, Model, Rule, Tab,
    kind::{Approval, Phone, Ref, Text},
    model::{fixed, only, tab, unique_within},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dnc {
    pub package: Ref<Package>,
    pub number: Phone,
    /// `pending` until somebody who may has approved it; only `enabled` bars the number.
    #[serde(default)]
    pub status: Approval,
    #[serde(default)]
    pub reason: Text<200>,
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
    const APPROVAL: Option<&'static str> = Some("status");
    const TABS: &'static [Tab] = &[tab("general", &["package", "number", "status", "reason"])];
    const RULES: &'static [Rule] = &[
        unique_within("number", "package"),
        fixed("number"),
        fixed("package"),
        only("package", "status", &["enabled"]),
    ];
}
