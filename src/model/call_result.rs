//! What an agent says a call came to (RES rows), and when it is offered.

use super::{Campaign, Stage};
use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{List, Name, Ref, Switch},
    model::{lets_go, no_repeats, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallResult {
    pub name: Name<64>,
    #[serde(default)]
    pub call_status: CallStatus,
    /// Offered only while that stage is chosen; none: whatever stage.
    #[serde(default)]
    pub stage: Option<Ref<Stage>>,
    /// Empty: every campaign, also those to come (RES-13 reading).
    #[serde(default)]
    pub campaigns: List<Ref<Campaign>, 0, 1_000>,
    /// Saving with it needs an appointment (RES-14).
    #[serde(default)]
    pub force_appointment: Switch,
}

/// RES-8
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum CallStatus {
    #[default]
    Any,
    Answered,
    NotAnswered,
}

impl Model for CallResult {
    const NAME: &'static str = "call_result";
    const PATH: &'static str = "call_results";
    const MENU: Menu = Menu::Campaigns;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "call_status", "stage"];
    const FILTERS: &'static [&'static str] = &["call_status", "stage"];
    const AUTHOR: bool = true;
    const TABS: &'static [Tab] = &[tab("general", &["name", "call_status", "stage", "campaigns", "force_appointment"])];
    const RULES: &'static [Rule] = &[unique("name"), no_repeats("campaigns"), lets_go("campaigns")];
}
