//! One row of a dictionary: a key, and what a customer with that key gets (DIC-13).

use super::Dictionary;
use crate::schema::{
    Held, Id, Menu, Model, Rule, Tab, Tenant,
    index::{Entry, Finding, Index},
    kind::{Custom, Name, Ref},
    model::{fixed, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DictionaryEntry {
    pub dictionary: Ref<Dictionary>,
    /// Compared without letter case.
    pub key: Name<500>,
    /// The other columns of its row, by heading.
    #[serde(default)]
    pub custom: Custom,
}

impl Model for DictionaryEntry {
    const NAME: &'static str = "dictionary_entry";
    const PATH: &'static str = "dictionary_entries";
    const MENU: Menu = Menu::Unlisted;
    const HELD: Held = Held::Table;
    const WITHIN: Option<&'static str> = Some("dictionary");
    const TABS: &'static [Tab] = &[tab("general", &["dictionary", "key", "custom"])];
    const RULES: &'static [Rule] = &[fixed("dictionary")];

    fn finding(_: &Tenant, _: Option<Id>) -> Finding {
        Finding { indexes: vec![Index::new(Entry::Value, "key").unique()], searched: Vec::new() }
    }
}
