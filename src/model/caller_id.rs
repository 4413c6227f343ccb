//! A number that called parties are shown (CID rows); the upstream gives it.

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{Phone, Text},
    model::{Action, given, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallerId {
    pub number: Phone,
    #[serde(default)]
    pub provider: Text<80>,
}

impl Model for CallerId {
    const NAME: &'static str = "caller_id";
    const PATH: &'static str = "caller_ids";
    const MENU: Menu = Menu::Numbers;
    const SEARCH: &'static [&'static str] = &["number"];
    const LIST: &'static [&'static str] = &["number", "provider"];
    const NAMED: &'static [&'static str] = &["number"];
    const ACTIONS: &'static [Action] = &[];
    const TABS: &'static [Tab] = &[tab("general", &["number", "provider"])];
    const RULES: &'static [Rule] = &[unique("number"), given("number"), given("provider")];
}
