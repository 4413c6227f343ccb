//! What people with this role may do, see and reach (ROL rows).

use crate::schema::{
    Menu, Model, Rule, Tab,
    access::Grants,
    kind::{FormTabs, HiddenFields, Name, Permissions, Scopes},
    model::{tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub name: Name<80>,
    /// ROL-9
    #[serde(default)]
    pub hidden_fields: HiddenFields,
    /// ROL-10: on beforehand, taken away one by one.
    #[serde(default)]
    pub closed_tabs: FormTabs,
    /// ROL-11
    #[serde(default)]
    pub scopes: Scopes,
    /// ROL-15, ROL-16
    #[serde(default)]
    pub permissions: Permissions,
}

impl Model for Role {
    const NAME: &'static str = "role";
    const PATH: &'static str = "roles";
    const MENU: Menu = Menu::Unlisted;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name"];
    const TABS: &'static [Tab] = &[
        tab("general", &["name"]),
        tab("advanced", &["hidden_fields", "closed_tabs", "scopes"]),
        tab("permissions", &["permissions"]),
    ];
    const RULES: &'static [Rule] = &[unique("name")];
}

impl Role {
    pub fn grants(&self) -> Grants {
        Grants {
            permissions: self.permissions,
            closed_tabs: self.closed_tabs,
            hidden_fields: self.hidden_fields.clone(),
            scopes: self.scopes,
        }
    }
}
