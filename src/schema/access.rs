//! What somebody may do, see and reach. Worked out from the newest snapshot at each request, so that a change of a
//! role holds at the next request of a session already open (ROL-17).

use super::{
    Actor, Bounds, Id, Refusals, Resource, Why,
    kind::{FormTabs, HiddenFields, Permissions, Scope, Scopes},
    permission::SCOPED,
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, net::IpAddr};

/// Whose a row is, in tables of which a role shows a part.
pub const WHOSE: &str = "agent_number";

/// The rights of one asker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub by: Actor,
    /// The owner, a program, the box: nothing is kept from them (API-29).
    whole: bool,
    /// The role that is held; nobody edits the own one.
    pub role: Option<Id>,
    pub grants: Grants,
    /// Whose rows `self` and `groups` show, by agent number; none for an account, which is in no agent group.
    pub own_number: Option<Box<str>>,
    pub group_numbers: BTreeSet<Box<str>>,
    /// Agents of the groups led: a leader has some rights over these alone (DSK-26, MON-2).
    pub led_numbers: BTreeSet<Box<str>>,
    /// The address from which they ask, where they come over a wire.
    pub from: Option<IpAddr>,
    /// They act as the upstream that this box has not (UPS-2).
    pub acting: bool,
    /// What the office has not, whoever of its people asks.
    pub bounds: Bounds,
}

/// What a role says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    pub permissions: Permissions,
    pub closed_tabs: FormTabs,
    pub hidden_fields: HiddenFields,
    pub scopes: Scopes,
}

/// Rows of a scoped table that are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach<'a> {
    All,
    /// Those of these agents.
    Agents(BTreeSet<&'a str>),
    /// Those that this actor created, for who is no agent (ROL-11 reading).
    Created(&'a Actor),
    Nothing,
}

impl Access {
    /// Everything, without limits.
    pub fn whole(by: Actor) -> Access {
        let grants =
            Grants { permissions: Permissions::all(), scopes: Scopes::everywhere(Scope::All), ..Grants::default() };
        Access { whole: true, ..Access::of(by, None, grants) }
    }

    /// What a role grants; without one the default permissions.
    pub fn of(by: Actor, role: Option<Id>, grants: Grants) -> Access {
        let (group_numbers, led_numbers) = (BTreeSet::new(), BTreeSet::new());
        Access {
            by,
            whole: false,
            role,
            grants,
            own_number: None,
            group_numbers,
            led_numbers,
            from: None,
            acting: false,
            bounds: Bounds::default(),
        }
    }

    /// The same in an office that is held to these.
    pub fn bounded(self, bounds: &Bounds) -> Access {
        Access { bounds: bounds.clone(), ..self }
    }

    /// The same of somebody who asks from this address.
    pub fn coming_from(self, address: Option<IpAddr>) -> Access {
        Access { from: address, ..self }
    }

    /// The same, acting as the upstream (UPS-2).
    pub fn as_upstream(self) -> Access {
        Access { acting: true, ..self }
    }

    /// Whether nothing is kept from them.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether they hold a permission of the closed list, such as `agent.edit`.
    pub fn may(&self, permission: &str) -> bool {
        self.whole || self.grants.permissions.has(permission)
    }

    /// `forbidden` unless they hold it (LST-1, LST-2).
    pub fn must(&self, permission: &str) -> Result<(), Refusals> {
        if self.may(permission) { Ok(()) } else { Err(Refusals::whole(Why::Forbidden)) }
    }

    /// Whether a tab of a noun's form is theirs (LST-3).
    pub fn opens(&self, noun: &str, tab: &str) -> bool {
        self.whole || self.grants.closed_tabs.is_empty() || !self.grants.closed_tabs.has(&format!("{noun}.{tab}"))
    }

    /// Whether a field is shown to them: it is not hidden (ROL-9), nor on a closed tab (ROL-10).
    pub fn sees(&self, resource: &Resource, field: &str) -> bool {
        let tab = resource.tabs.iter().find(|tab| tab.fields.contains(&field));
        tab.is_none_or(|tab| self.opens(resource.name, tab.name))
            && self.sees_column(resource.name, field)
            && !self.bounds.withholds(resource, field)
    }

    /// The same for a table that has no form: call records, live rows.
    pub fn sees_column(&self, table: &str, field: &str) -> bool {
        (self.whole || !self.grants.hidden_fields.has(table, field)) && !self.bounds.withholds_column(table, field)
    }

    /// Whether some field of this table is hidden from them.
    pub fn hides_of(&self, table: &str) -> bool {
        !self.whole && self.grants.hidden_fields.iter().any(|name| name.split('.').next() == Some(table))
    }

    /// Whether they may set a field: nobody sets what they are not shown.
    pub fn edits(&self, resource: &Resource, field: &str) -> bool {
        self.sees(resource, field)
    }

    /// A row as it may leave the box: what they do not see is not there.
    pub fn shown(&self, resource: &Resource, row: Value) -> Value {
        self.without(row, |field| !self.sees(resource, field))
    }

    /// The same for a table that has no form.
    pub fn shown_columns(&self, table: &str, row: Value) -> Value {
        self.without(row, |field| !self.sees_column(table, field))
    }

    fn without(&self, mut row: Value, hidden: impl Fn(&str) -> bool) -> Value {
        if let Some(fields) = row.as_object_mut().filter(|_| !self.whole || self.bounds != Bounds::default()) {
            fields.retain(|field, _| !hidden(field));
        }
        row
    }

    /// Refuses fields that they may not set (LST-3). What the office has not is refused where it is saved.
    pub fn refuse(&self, resource: &Resource, value: &Map<String, Value>) -> Result<(), Refusals> {
        let mut refusals = Refusals::default();
        let known = |field: &&String| resource.field(field).is_some();
        let kept = |field: &&String| !self.edits(resource, field) && !self.bounds.withholds(resource, field);
        for field in value.keys().filter(known).filter(kept) {
            refusals.add(field, Why::Forbidden);
        }
        refusals.so_far()
    }

    pub fn scope(&self, table: &str) -> Scope {
        if self.whole { Scope::All } else { self.grants.scopes.of(table) }
    }

    /// Which rows of a scoped table are theirs (ROL-12 to ROL-14). An account is in no agent group: its own rows are
    /// those it created.
    pub fn reach(&self, table: &str) -> Reach<'_> {
        match (self.scope(table), &self.own_number) {
            (Scope::All, _) => Reach::All,
            (Scope::Own, None) => Reach::Created(&self.by),
            (Scope::Groups, None) => Reach::Nothing,
            (Scope::Own, Some(own)) => Reach::Agents(BTreeSet::from([&**own])),
            (Scope::Groups, Some(own)) => {
                let members = self.group_numbers.iter().chain(&self.led_numbers).map(|number| &**number);
                Reach::Agents(members.chain([&**own]).collect())
            }
        }
    }

    /// The same of a noun; all rows of one that has no scopes.
    pub fn reach_of(&self, resource: &Resource) -> Reach<'_> {
        if SCOPED.contains(&resource.name) { self.reach(resource.name) } else { Reach::All }
    }

    /// Whether a row is among them.
    pub fn reaches(&self, resource: &Resource, row: &Value, made_by: &Actor) -> bool {
        self.reach_of(resource).holds(row[WHOSE].as_str(), Some(made_by))
    }

    /// Whether everything that a role grants is theirs too.
    pub fn covers(&self, grants: &Grants) -> bool {
        self.lacks(grants, None).is_empty()
    }

    /// The parts of a role that grant what they lack and the role did not grant before: nobody gives that (people.md,
    /// Roles).
    pub fn lacks(&self, after: &Grants, before: Option<&Grants>) -> Vec<&'static str> {
        let own = &self.grants;
        if self.whole {
            return Vec::new();
        }
        let mut lacks = Vec::new();
        let given = after.permissions.without(&before.map_or_else(Permissions::default, |before| before.permissions));
        if !given.without(&own.permissions).is_empty() {
            lacks.push("permissions");
        }
        let opened = before.map_or_else(FormTabs::all, |before| before.closed_tabs).without(&after.closed_tabs);
        if !opened.and(&own.closed_tabs).is_empty() {
            lacks.push("closed_tabs");
        }
        let shown = |field: &str| before.is_none_or(|before| before.hidden_fields.holds(field));
        if own.hidden_fields.iter().any(|field| !after.hidden_fields.holds(field) && shown(field)) {
            lacks.push("hidden_fields");
        }
        let before = before.map_or_else(Scopes::default, |before| before.scopes);
        if after.scopes.wider_than(&own.scopes).any(|table| after.scopes.of(table) > before.of(table)) {
            lacks.push("scopes");
        }
        lacks
    }
}

impl Reach<'_> {
    /// Whether a row of these agents, made by this actor, is among them.
    pub fn holds<'r>(&self, agents: impl IntoIterator<Item = &'r str>, created_by: Option<&Actor>) -> bool {
        match self {
            Reach::All => true,
            Reach::Agents(numbers) => agents.into_iter().any(|number| numbers.contains(number)),
            Reach::Created(actor) => created_by == Some(*actor),
            Reach::Nothing => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn role(permissions: &[&str], tabs: &[&str], hidden: &[&str], scopes: Value) -> Grants {
        Grants {
            permissions: serde_json::from_value(json!(permissions)).unwrap(),
            closed_tabs: serde_json::from_value(json!(tabs)).unwrap(),
            hidden_fields: serde_json::from_value(json!(hidden)).unwrap(),
            scopes: serde_json::from_value(scopes).unwrap(),
        }
    }

    fn agent(number: &str, grants: Grants) -> Access {
        Access { own_number: Some(number.into()), ..Access::of(Actor::Agent(1), Some(Id(1)), grants) }
    }

    /// LST-1, LST-2, ROL-15, ROL-16
    #[test]
    fn a_permission_is_held_or_not() {
        let access = agent("801", role(&["agent.view"], &[], &[], json!({})));
        assert!(access.may("agent.view") && access.may("panel.pause"));
        assert!(!access.may("agent.edit") && !access.may("agent.fly"));
        assert_eq!(access.must("agent.edit").unwrap_err().word(), ("forbidden", 403));
        assert!(Access::whole(Actor::Api).may("box.restore"));
    }

    /// ROL-12, ROL-13, ROL-14, ROL-11 reading
    #[test]
    fn a_scope_reaches_the_own_rows_those_of_the_groups_or_all() {
        let scoped = |scope: &str| role(&[], &[], &[], json!({ "call_record": scope }));
        let holds = |access: &Access, number: &str| access.reach("call_record").holds([number], None);
        let own = agent("801", scoped("self"));
        assert!(holds(&own, "801") && !holds(&own, "802"));
        let mut groups = agent("801", scoped("groups"));
        groups.group_numbers.insert("802".into());
        groups.led_numbers.insert("803".into());
        assert!(["801", "802", "803"].iter().all(|number| holds(&groups, number)) && !holds(&groups, "804"));
        assert!(holds(&agent("801", scoped("all")), "804"));
        let account = |scope: &str| Access::of(Actor::Account(7), Some(Id(1)), scoped(scope));
        let made = |access: &Access, by: &Actor| access.reach("call_record").holds(["801"], Some(by));
        assert!(made(&account("self"), &Actor::Account(7)) && !made(&account("self"), &Actor::Account(8)));
        assert!(!made(&account("groups"), &Actor::Account(7)) && made(&account("all"), &Actor::Api));
    }

    /// Nobody gives what they lack, in any of the four parts of a role.
    #[test]
    fn a_role_is_covered_by_one_that_grants_as_much() {
        let own = agent(
            "801",
            role(
                &["agent.view", "agent.edit"],
                &["agent.advanced"],
                &["agent.status"],
                json!({ "customer": "groups" }),
            ),
        );
        let tabs = ["agent.advanced"].as_slice();
        let hidden = ["agent.status"].as_slice();
        assert!(own.covers(&role(&["agent.view"], &["agent.advanced", "tag.advanced"], hidden, json!({}))));
        assert!(!own.covers(&role(&["agent.delete"], tabs, hidden, json!({}))));
        assert!(!own.covers(&role(&[], &[], hidden, json!({}))));
        assert!(!own.covers(&role(&[], tabs, &[], json!({}))));
        assert!(!own.covers(&role(&[], tabs, hidden, json!({ "customer": "all" }))));
        let before = role(&["agent.delete"], tabs, hidden, json!({ "customer": "all" }));
        assert!(own.lacks(&before, Some(&before)).is_empty(), "what was granted before is not given now");
        let wider = role(&["agent.add", "agent.delete"], &[], &[], json!({ "customer": "all", "ticket": "all" }));
        assert_eq!(own.lacks(&wider, Some(&before)), ["permissions", "closed_tabs", "hidden_fields", "scopes"]);
        assert!(Access::whole(Actor::System).covers(&role(&["box.restore"], &[], &[], json!({}))));
    }
}
