//! Where a batch of customers came from (SRC rows); each import makes one.

use super::Customer;
use crate::schema::{
    Count, Id, Menu, Model, Rule, Tab, Tenant,
    kind::{Color, Name, Text, color},
    model::{count, in_turn, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    pub name: Name<80>,
    /// Customers of the source are marked with it.
    #[serde(default = "first_color")]
    pub color: Color,
    #[serde(default)]
    pub remark: Text<500>,
}

fn first_color() -> Color {
    Color::literal(color::OFFERED[0])
}

impl DataSource {
    /// That of a file which names none: called by the time (SRC-2).
    pub fn of_import(_: &Tenant, _: Id, name: &str) -> Map<String, Value> {
        Map::from_iter([("name".to_string(), name.into())])
    }
}

impl Model for DataSource {
    const NAME: &'static str = "data_source";
    const PATH: &'static str = "data_sources";
    const MENU: Menu = Menu::Customers;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "color", "remark"];
    const COUNTS: &'static [Count] = &[count("customers_count", Customer::NAME, "data_source")];
    const TABS: &'static [Tab] = &[tab("general", &["name", "color"]), tab("advanced", &["remark"])];
    const RULES: &'static [Rule] = &[unique("name"), in_turn("color", &color::OFFERED)];
}
