//! How far a customer is (STG rows): success, follow up or failed, by its score.

use super::Package;
use crate::schema::{
    Action, Id, Menu, Model, Rule, Tab, Tenant,
    kind::{Name, Number, Ref},
    model::{Offered, fixed, only, tab, unique_within},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: Name<80>,
    /// Above 0: success; 0: follow up; below 0: failed (STG-9).
    #[serde(default = "follow_up")]
    pub score: Number<-9_999, 9_999>,
    #[serde(default)]
    pub status: StageStatus,
    pub package: Ref<Package>,
}

/// STG-10
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum StageStatus {
    #[default]
    Enabled,
    Hidden,
    Closed,
}

/// What a stage means for its customer (STG-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Success,
    FollowUp,
    Failed,
}

impl Stage {
    pub fn outcome(&self) -> Outcome {
        match self.score.value() {
            1.. => Outcome::Success,
            0 => Outcome::FollowUp,
            _ => Outcome::Failed,
        }
    }
}

fn follow_up() -> Number<-9_999, 9_999> {
    Number::literal(0)
}

impl Model for Stage {
    const NAME: &'static str = "stage";
    const PATH: &'static str = "stages";
    const MENU: Menu = Menu::System;
    const LIST: &'static [&'static str] = &["name", "score"];
    const WITHIN: Option<&'static str> = Some("package");
    const FILTERS: &'static [&'static str] = &["package", "status"];
    const OFFERED: Option<Offered> = Some(Offered {
        field: "status",
        to_agents: &["enabled"],
        to_others: &["enabled", "hidden"],
        listed: &["enabled", "hidden", "closed"],
    });
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit];
    const TABS: &'static [Tab] = &[tab("general", &["name", "score", "status", "package"])];
    const RULES: &'static [Rule] =
        &[unique_within("name", "package"), fixed("package"), only("package", "status", &["enabled"])];

    /// The list begins with the usual package (STG-3).
    fn part(tenant: &Tenant) -> Option<Id> {
        Some(Package::usual(tenant)?.id())
    }

    fn stays(&self) -> bool {
        true
    }
}
