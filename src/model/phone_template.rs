//! What a desk phone is configured with (TPL rows): a text with marks that each agent's values replace.

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{Name, Template, Text, template::Phone},
    model::{Action, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneTemplate {
    pub name: Name<64>,
    #[serde(default)]
    pub brand: Text<40>,
    /// The file name for which the phone asks.
    #[serde(default = "by_mac")]
    pub path: Template<Phone, 1, 200>,
    pub content: Template<Phone, 1, 65_536>,
}

fn by_mac() -> Template<Phone, 1, 200> {
    Template::literal("##mac##.cfg")
}

impl Model for PhoneTemplate {
    const NAME: &'static str = "phone_template";
    const PATH: &'static str = "phone_templates";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "path", "brand", "content"];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Clone];
    const GIVEN: bool = true;
    const TABS: &'static [Tab] = &[tab("general", &["name", "brand", "path", "content"])];
    const RULES: &'static [Rule] = &[unique("name")];
}
