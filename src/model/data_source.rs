//! Where a batch of customers came from (SRC rows); each import makes one.

use super::Customer;
use crate::schema::{
    Count, Id, Menu, Model, Rule, Tab, Tenant,
    kind::{Color, Name, Text},
    model::{count, tab, unique},
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

/// Taken in turn for sources that are made by themselves (SRC-9 reading); each can be told from the others.
const COLORS: [&str; 12] = [
    "#0f8b8d", "#2563eb", "#ea580c", "#9333ea", "#16a34a", "#dc2626", "#ca8a04", "#4f46e5", "#db2777", "#0891b2",
    "#65a30d", "#78716c",
];

fn first_color() -> Color {
    Color::literal(COLORS[0])
}

impl DataSource {
    /// The colour of the next source that is made by itself.
    pub fn next_color(tenant: &Tenant) -> &'static str {
        COLORS[tenant.table::<DataSource>().len() % COLORS.len()]
    }
}

impl DataSource {
    /// That of a file which names none: called by the time, coloured in turn (SRC-2).
    pub fn of_import(tenant: &Tenant, _: Id, name: &str) -> Map<String, Value> {
        let color = DataSource::next_color(tenant);
        Map::from_iter([("name".to_string(), name.into()), ("color".to_string(), color.into())])
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
    const RULES: &'static [Rule] = &[unique("name")];
}
