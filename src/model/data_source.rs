//! Where a batch of customers came from (SRC rows); each import makes one.

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{Color, Name, Text},
    model::{tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    pub name: Name<80>,
    /// Customers of the source are marked with it.
    #[serde(default = "teal")]
    pub color: Color,
    #[serde(default)]
    pub remark: Text<500>,
}

fn teal() -> Color {
    Color::literal("#0f8b8d")
}

impl Model for DataSource {
    const NAME: &'static str = "data_source";
    const PATH: &'static str = "data_sources";
    const MENU: Menu = Menu::Customers;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "color", "remark"];
    const TABS: &'static [Tab] = &[tab("general", &["name", "color"]), tab("advanced", &["remark"])];
    const RULES: &'static [Rule] = &[unique("name")];
}
