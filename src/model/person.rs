//! Who signs in to the panel: an account by its user name, an agent by its number, on one page (DSK-1).

use super::{Account, Agent, AgentGroup, Role};
use crate::schema::{
    Access, Actor, Id, Row, Tenant,
    access::Grants,
    kind::{Password, Permissions, Scope},
    permission::{self, SCOPED},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    Account(Id),
    Agent(Id),
}

impl Person {
    /// Whoever signs in with this name: 2 to 6 digits are an agent's number, all else is an account's name (ACC-10
    /// reading).
    pub fn named(tenant: &Tenant, name: &str) -> Option<Person> {
        let name = name.trim();
        let agent = Agent::of(tenant, name).map(|row| Person::Agent(row.id()));
        agent.or_else(|| Account::of(tenant, name).map(|row| Person::Account(row.id())))
    }

    /// None: there is nobody any more, or nobody set a password yet (BOX-109).
    pub fn password<'t>(&self, tenant: &'t Tenant) -> Option<&'t Password> {
        match self {
            Person::Account(id) => tenant.table::<Account>().row(*id)?.value.password.as_ref(),
            Person::Agent(id) => Some(&tenant.table::<Agent>().row(*id)?.value.web_password),
        }
    }

    /// Whether they are there and may sign in (ACC-13, AGT-27).
    pub fn is_enabled(&self, tenant: &Tenant) -> bool {
        match self {
            Person::Account(id) => tenant.table::<Account>().row(*id).is_some_and(|row| row.value.enabled()),
            Person::Agent(id) => tenant.table::<Agent>().row(*id).is_some_and(|row| row.value.enabled()),
        }
    }

    pub fn is_owner(&self, tenant: &Tenant) -> bool {
        matches!(self, Person::Account(id) if tenant.table::<Account>().row(*id).is_some_and(|row| row.value.owner.0))
    }

    pub fn actor(&self) -> Actor {
        match self {
            Person::Account(id) => Actor::Account(id.0),
            Person::Agent(id) => Actor::Agent(id.0),
        }
    }

    /// Whether they may sign in as another: by a permission of the role over all, as leader over the agents led
    /// (ACC-8, DSK-26); as the owner only the owner, who is nobody else.
    pub fn may_sign_in_as(&self, tenant: &Tenant, other: Person) -> bool {
        let Some(access) = self.access(tenant) else { return false };
        let right = match other {
            Person::Account(_) => access.may("account.sign_in_as") && !other.is_owner(tenant),
            Person::Agent(_) => {
                let leads = || other.username(tenant).is_some_and(|number| access.led_numbers.contains(&*number));
                access.may("agent.sign_in_as") || leads()
            }
        };
        right && *self != other && other.is_enabled(tenant)
    }

    /// The name with which they sign in; an agent's number.
    pub fn username(&self, tenant: &Tenant) -> Option<String> {
        Some(match self {
            Person::Account(id) => tenant.table::<Account>().row(*id)?.value.username.to_string(),
            Person::Agent(id) => tenant.table::<Agent>().row(*id)?.value.agent_number.to_string(),
        })
    }

    /// First and last name.
    pub fn names(&self, tenant: &Tenant) -> Option<(String, String)> {
        Some(match self {
            Person::Account(id) => {
                let account = &tenant.table::<Account>().row(*id)?.value;
                (account.first_name.to_string(), account.last_name.to_string())
            }
            Person::Agent(id) => {
                let agent = &tenant.table::<Agent>().row(*id)?.value;
                (agent.first_name.to_string(), agent.last_name.to_string())
            }
        })
    }

    /// The role they hold; the owner has none and needs none.
    pub fn role<'t>(&self, tenant: &'t Tenant) -> Option<&'t Arc<Row<Role>>> {
        let role = match self {
            Person::Account(id) => tenant.table::<Account>().row(*id)?.value.role,
            Person::Agent(id) => tenant.table::<Agent>().row(*id)?.value.role,
        };
        role?.row(tenant)
    }

    /// What they may do, see and reach now. None: they are not there any more.
    pub fn access(&self, tenant: &Tenant) -> Option<Access> {
        let role = self.role(tenant);
        let (id, granted) = (role.map(|role| role.id()), role.map(|role| role.value.grants()));
        let access = match self {
            Person::Account(row) if tenant.table::<Account>().row(*row)?.value.owner.0 => {
                Some(Access::whole(self.actor()))
            }
            Person::Account(_) => Some(Access::of(self.actor(), id, granted.unwrap_or_default())),
            Person::Agent(row) => {
                let number = &*tenant.table::<Agent>().row(*row)?.value.agent_number;
                let mut access = Access::of(self.actor(), id, granted.unwrap_or_else(without_role));
                access.own_number = Some(number.into());
                add_groups(&mut access, tenant, *row);
                Some(access)
            }
        };
        Some(access?.bounded(&tenant.bounds))
    }
}

/// Agents of the groups led, and of the own groups where a scope asks for them (ROL-13).
fn add_groups(access: &mut Access, tenant: &Tenant, own: Id) {
    let asks = SCOPED.iter().any(|table| access.scope(table) == Scope::Groups);
    for group in tenant.table::<AgentGroup>().rows().map(|row| &row.value) {
        let leads = group.leaders.iter().any(|leader| leader.id == own);
        if leads {
            access.led_numbers.extend(numbers(group, tenant));
        } else if asks && group.agents.iter().any(|agent| agent.id == own) {
            access.group_numbers.extend(numbers(group, tenant));
        }
    }
}

fn numbers(group: &AgentGroup, tenant: &Tenant) -> impl Iterator<Item = Box<str>> {
    group.agents.iter().filter_map(|agent| Some((&*agent.row(tenant)?.value.agent_number).into()))
}

/// DSK-22
fn without_role() -> Grants {
    let granted = permission::WITHOUT_ROLE.iter().fold(Permissions::default(), |all, word| all.with(word));
    Grants { permissions: granted, ..Grants::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::kind::{Name, Ref, Status, Switch, Text, Username};
    use serde_json::json;

    fn account(username: &'static str, role: Option<Id>) -> Account {
        Account {
            username: Username::literal(username),
            last_name: Name::literal("Lin"),
            first_name: Name::literal("Mei"),
            password: None,
            status: Status::Enabled,
            role: role.map(Ref::to),
            owner: Switch(role.is_none()),
            remark: Text::default(),
        }
    }

    fn agent(number: &'static str, status: Status) -> Agent {
        Agent { status, ..crate::model::agent::tests::of_number(number) }
    }

    /// DSK-1, AGT-12, ACC-10 reading
    #[test]
    fn a_name_or_a_number_is_one_person() {
        let mut tenant = Tenant::default();
        let owner = Person::Account(tenant.add(account("owner", None)));
        let agent = Person::Agent(tenant.add(agent("801", Status::Enabled)));
        assert_eq!(Person::named(&tenant, " Owner "), Some(owner));
        assert_eq!(Person::named(&tenant, "801"), Some(agent));
        assert_eq!(Person::named(&tenant, "802"), None);
        assert_eq!(agent.username(&tenant).as_deref(), Some("801"));
        assert!(owner.is_owner(&tenant) && !agent.is_owner(&tenant));
    }

    /// ACC-1, DSK-20, DSK-22, ROL-1, ROL-16: an account has what its role grants, an agent without one what the desk
    /// needs, the owner everything.
    #[test]
    fn a_person_has_the_rights_of_the_role() {
        let mut tenant = Tenant::default();
        let owner = Person::Account(tenant.add(account("owner", None)));
        let role: Role = serde_json::from_value(json!({ "name": "Desk", "permissions": ["agent.view"] })).unwrap();
        let role = tenant.add(role);
        let helper = Person::Account(tenant.add(account("helper", Some(role))));
        let agent = Person::Agent(tenant.add(agent("801", Status::Enabled)));
        assert!(owner.access(&tenant).unwrap().is_whole());
        let helper = helper.access(&tenant).unwrap();
        assert!(helper.may("panel.sign_in") && helper.may("agent.view") && !helper.may("customer.view"));
        assert_eq!(helper.role, Some(role));
        let agent = agent.access(&tenant).unwrap();
        assert!(agent.may("customer.edit") && agent.may("softphone.use") && !agent.may("customer.delete"));
        assert_eq!(agent.own_number.as_deref(), Some("801"));
        assert!(Person::Agent(Id(99)).access(&tenant).is_none());
    }
}
