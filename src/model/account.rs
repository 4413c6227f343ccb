//! Who signs in to the panel and is not an agent (ACC rows); the first is the owner.

use super::{Person, Role};
use crate::schema::{
    Action, Actor, Asked, Menu, Model, Refusals, Row, Rule, Tab, Tenant, Why,
    kind::{Name, Password, Ref, Status, Switch, Text, Username},
    model::{fixed, initial, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
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
    /// ACC-19; the owner has none and needs none.
    #[serde(default)]
    pub role: Option<Ref<Role>>,
    /// Holds every permission; cannot be deleted or disabled.
    #[serde(default)]
    pub owner: Switch,
    #[serde(default)]
    pub remark: Text<500>,
}

impl Model for Account {
    const NAME: &'static str = "account";
    const PATH: &'static str = "accounts";
    const MENU: Menu = Menu::People;
    const PROGRAMS: bool = false;
    const SEARCH: &'static [&'static str] = &["username", "first_name", "last_name"];
    const LIST: &'static [&'static str] = &["username", "last_name", "first_name", "role", "status", "remark"];
    const TABS: &'static [Tab] = &[
        tab("general", &["username", "last_name", "first_name", "password", "role", "status", "owner"]),
        tab("advanced", &["remark"]),
    ];
    const RULES: &'static [Rule] = &[unique("username"), initial("password"), fixed("owner")];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::SignInAs];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.owner.0 && !self.enabled() {
            refusals.add("status", Why::Protected);
        }
        if self.owner.0 && self.role.is_some() {
            refusals.add("role", Why::Protected);
        }
    }

    fn stays(&self) -> bool {
        self.owner.0
    }

    /// The owner is changed by the owner alone and made by the set-up alone; nobody removes or disables the account
    /// they are signed in with (ACC reading), nor gives an account a role wider than the own, nor sets the password of
    /// one that has it.
    fn permit(asked: &Asked, refusals: &mut Refusals) {
        let row = asked.id.and_then(|id| asked.tenant.table::<Account>().row(id));
        let own = row.is_some_and(|row| asked.access.by == Actor::Account(row.id().0));
        let disables = asked.given("status").is_some_and(|status| *status == json!(Status::Disabled));
        match row {
            Some(row) if row.value.owner.0 && !own => return refusals.add("", Why::Protected),
            Some(_) if own && asked.given.is_none() => return refusals.add("", Why::Protected),
            Some(_) if own && disables => refusals.add("status", Why::Protected),
            None if asked.given("owner").is_some_and(|owner| *owner != json!(false)) => {
                refusals.add("owner", Why::Protected);
            }
            _ => {}
        }
        // ACC-19
        if asked.lacks("role") && !row.is_some_and(|row| row.value.owner.0) {
            refusals.add("role", Why::Required);
        }
        if let Some(row) = row {
            Role::refuse_password(asked, "password", Person::Account(row.id()), refusals);
        }
        Role::refuse_wider(asked, refusals);
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
