//! What people with this role may do, see and reach (ROL rows).

use super::Person;
use crate::schema::{
    Action, Asked, Count, Menu, Model, Refusals, Rule, Tab, Why,
    access::Grants,
    kind::{FormTabs, HiddenFields, Name, Permissions, Ref, Scopes},
    model::{count, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

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
    const MENU: Menu = Menu::People;
    const PROGRAMS: bool = false;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name"];
    const TABS: &'static [Tab] = &[
        tab("general", &["name"]),
        tab("advanced", &["hidden_fields", "closed_tabs", "scopes"]),
        tab("permissions", &["permissions"]),
    ];
    const RULES: &'static [Rule] = &[unique("name")];
    const COUNTS: &'static [Count] =
        &[count("accounts_count", "account", "role"), count("agents_count", "agent", "role")];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Clone];

    /// Nobody edits the own role, nor gives a role what the own lacks.
    fn permit(asked: &Asked, refusals: &mut Refusals) {
        if asked.id.is_some() && asked.id == asked.access.role {
            return refusals.add("", Why::Forbidden);
        }
        let before = asked.id.and_then(|id| asked.tenant.table::<Role>().row(id)).map(|row| row.value.grants());
        let Some(after) = Role::granted(asked, before.as_ref()) else { return };
        for part in asked.access.lacks(&after, before.as_ref()) {
            refusals.add(part, Why::Forbidden);
        }
    }
}

impl Role {
    /// Refuses a write that gives somebody, in the field `role`, a role that grants more than the own.
    pub fn refuse_wider(asked: &Asked, refusals: &mut Refusals) {
        let typed = asked.given("role").and_then(|role| serde_json::from_value::<Ref<Role>>(role.clone()).ok());
        let role = typed.and_then(|role| role.row(asked.tenant));
        if role.is_some_and(|role| !asked.access.covers(&role.value.grants())) {
            refusals.add("role", Why::Forbidden);
        }
    }

    /// Refuses a write that sets, in this field, the password of somebody else whose role grants more than the own:
    /// whoever knows it signs in as them.
    pub fn refuse_password(asked: &Asked, field: &str, whose: Person, refusals: &mut Refusals) {
        let wider = whose.role(asked.tenant).is_some_and(|role| !asked.access.covers(&role.value.grants()));
        if wider && whose.actor() != asked.access.by && asked.given(field).is_some() {
            refusals.add(field, Why::Forbidden);
        }
    }

    /// What it would grant; none if what was typed is no role, which is refused as such.
    fn granted(asked: &Asked, before: Option<&Grants>) -> Option<Grants> {
        asked.given?;
        let before = before.cloned().unwrap_or_default();
        Some(Grants {
            permissions: part(asked, "permissions", before.permissions)?,
            closed_tabs: part(asked, "closed_tabs", before.closed_tabs)?,
            hidden_fields: part(asked, "hidden_fields", before.hidden_fields)?,
            scopes: part(asked, "scopes", before.scopes)?,
        })
    }

    pub fn grants(&self) -> Grants {
        Grants {
            permissions: self.permissions,
            closed_tabs: self.closed_tabs,
            hidden_fields: self.hidden_fields.clone(),
            scopes: self.scopes,
        }
    }
}

fn part<T: DeserializeOwned>(asked: &Asked, field: &str, before: T) -> Option<T> {
    asked.given(field).map_or(Some(before), |typed| serde_json::from_value(typed.clone()).ok())
}
