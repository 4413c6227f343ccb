//! A fill-in table that completes customers while they are imported (DIC rows). Its entries are `DictionaryEntry`.

use super::DictionaryEntry;
use crate::schema::{
    Action, Count, Import, Menu, Model, Rule, Tab,
    import::{Again, Columns},
    kind::{Name, Text},
    model::{count, shown, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dictionary {
    pub name: Name<80>,
    /// The column on which rows are matched; the first import sets it (DIC-10).
    #[serde(default)]
    pub match_key: Text<80>,
}

impl Model for Dictionary {
    const NAME: &'static str = "dictionary";
    const PATH: &'static str = "dictionaries";
    const MENU: Menu = Menu::Customers;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "match_key"];
    const COUNTS: &'static [Count] = &[count("entries_count", DictionaryEntry::NAME, "dictionary")];
    const TABS: &'static [Tab] = &[tab("general", &["name", "match_key"])];
    const RULES: &'static [Rule] = &[unique("name"), shown("match_key")];
    const IMPORT: Option<Import> = Some(Import {
        noun: DictionaryEntry::NAME,
        columns: Columns::Headings { key: "key", said_in: "match_key" },
        chosen: &["dictionary"],
        made: None,
        dealt: None,
        again: Again::Takes,
        fills: None,
        new_field: None,
        bytes_max: Import::BYTES_MAX,
    });
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Import];
}
