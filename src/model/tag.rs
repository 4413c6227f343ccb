//! A label of customers (TAG rows), by which they are sorted and found.

use super::Customer;
use crate::schema::{
    Count, Menu, Model, Rule, Tab,
    kind::{Name, Text},
    model::{count, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    pub name: Name<80>,
    #[serde(default)]
    pub remark: Text<500>,
}

impl Model for Tag {
    const NAME: &'static str = "tag";
    const PATH: &'static str = "tags";
    const MENU: Menu = Menu::Customers;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "remark"];
    const COUNTS: &'static [Count] = &[count("customers_count", Customer::NAME, "tags")];
    const TABS: &'static [Tab] = &[tab("general", &["name"]), tab("advanced", &["remark"])];
    const RULES: &'static [Rule] = &[unique("name")];
}
