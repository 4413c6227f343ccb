//! Why an agent takes no calls for a while (PAU rows).

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::Name,
    model::{tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseReason {
    pub name: Name<40>,
}

impl Model for PauseReason {
    const NAME: &'static str = "pause_reason";
    const PATH: &'static str = "pause_reasons";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name"];
    const TABS: &'static [Tab] = &[tab("general", &["name"])];
    const RULES: &'static [Rule] = &[unique("name")];
}
