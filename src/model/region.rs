//! Where a number belongs (LOC rows), by the digits with which it begins; the upstream gives the table.

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{Country, Digits, Name},
    model::{Action, given, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// International form without `+`.
    pub code: Digits<1, 15>,
    pub name: Name<80>,
    pub country: Country,
}

impl Model for Region {
    const NAME: &'static str = "region";
    const PATH: &'static str = "regions";
    const MENU: Menu = Menu::Lines;
    const SEARCH: &'static [&'static str] = &["code", "name"];
    const LIST: &'static [&'static str] = &["code", "name", "country"];
    const FILTERS: &'static [&'static str] = &["country"];
    const ACTIONS: &'static [Action] = &[];
    const TABS: &'static [Tab] = &[tab("general", &["code", "name", "country"])];
    const RULES: &'static [Rule] = &[unique("code"), given("code"), given("name"), given("country")];
}
