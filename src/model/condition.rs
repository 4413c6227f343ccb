//! Whether it is now inside or outside of times that are set (CND rows), in the time zone of the preferences.

use crate::schema::{
    Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Destination, List, Name, Period, period::Form},
    model::{tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub name: Name<64>,
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Without any it is never inside.
    #[serde(default)]
    pub periods: List<Period, 0, 100>,
    /// None: hang up.
    #[serde(default)]
    pub inside_destination: Option<Destination>,
    #[serde(default)]
    pub outside_destination: Option<Destination>,
}

/// CND-8
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum ConditionType {
    Weekly,
    Time,
    Date,
    DateRange,
}

impl ConditionType {
    fn form(self) -> Form {
        match self {
            ConditionType::Weekly => Form::Weekly,
            ConditionType::Time => Form::Time,
            ConditionType::Date => Form::Date,
            ConditionType::DateRange => Form::DateRange,
        }
    }
}

impl Model for Condition {
    const NAME: &'static str = "condition";
    const PATH: &'static str = "conditions";
    const MENU: Menu = Menu::Routing;
    const LIST: &'static [&'static str] = &["name", "type", "periods", "inside_destination", "outside_destination"];
    const TABS: &'static [Tab] =
        &[tab("general", &["name", "type", "periods", "inside_destination", "outside_destination"])];
    const RULES: &'static [Rule] = &[unique("name")];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.periods.iter().any(|period| period.form() != self.kind.form()) {
            refusals.add("periods", Why::Pattern);
        }
    }
}
