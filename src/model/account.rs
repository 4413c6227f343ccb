//! Who signs in to the panel and is not an agent (ACC rows); the first is the owner.

use crate::schema::{
    Menu, Model, Refusals, Row, Rule, Tab, Tenant, Why,
    kind::{Name, Password, Status, Switch, Text, Username},
    model::{fixed, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub username: Username,
    pub last_name: Name<40>,
    pub first_name: Name<40>,
    /// None: it was unset at the box, and is set anew as at the first start (BOX-109, BOX-169).
    #[serde(default)]
    pub password: Option<Password>,
    #[serde(default)]
    pub status: Status,
    /// Holds every permission; cannot be deleted or disabled.
    #[serde(default)]
    pub owner: Switch,
    #[serde(default)]
    pub remark: Text<500>,
}

impl Model for Account {
    const NAME: &'static str = "account";
    const PATH: &'static str = "accounts";
    const MENU: Menu = Menu::Unlisted;
    const SEARCH: &'static [&'static str] = &["username", "first_name", "last_name"];
    const LIST: &'static [&'static str] = &["username", "last_name", "first_name", "status", "remark"];
    const TABS: &'static [Tab] = &[
        tab("general", &["username", "last_name", "first_name", "password", "status", "owner"]),
        tab("advanced", &["remark"]),
    ];
    const RULES: &'static [Rule] = &[unique("username"), fixed("owner")];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.owner.0 && !self.enabled() {
            refusals.add("status", Why::Protected);
        }
    }

    fn stays(&self) -> bool {
        self.owner.0
    }
}

impl Account {
    /// The account that signs in with this name; letter case is ignored (ACC-10 reading).
    pub fn of<'a>(tenant: &'a Tenant, username: &str) -> Option<&'a Arc<Row<Account>>> {
        tenant.table().by("username", username.trim())
    }

    /// The owner, if the box has one.
    pub fn owner(tenant: &Tenant) -> Option<&Arc<Row<Account>>> {
        tenant.table::<Account>().rows().find(|row| row.value.owner.0)
    }

    pub fn enabled(&self) -> bool {
        self.status == Status::Enabled
    }
}
