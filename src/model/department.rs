//! Where an agent belongs (DEP rows): who may pick up whose calls, in a tree.

use super::{Agent, OutboundProfile};
use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{List, Name, Person, Ref},
    model::{Count, above, count, lets_go, members, tab, unique_within},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub name: Name<80>,
    /// The department above this one; none: it stands at the top.
    #[serde(default)]
    pub parent: Option<Ref<Department>>,
    /// For calls of the department's agents who have none of their own (AGT-38).
    #[serde(default)]
    pub outbound_profile: Option<Ref<OutboundProfile>>,
    /// Kept for information; it gives no rights (DEP-15 reading).
    #[serde(default)]
    pub manager: Option<Person>,
    /// Who belongs here: the same fact as the department of each of them (DEP-10 reading).
    #[serde(default, skip_serializing)]
    pub agents: List<Ref<Agent>, 0, 1_000>,
}

impl Model for Department {
    const NAME: &'static str = "department";
    const PATH: &'static str = "departments";
    const MENU: Menu = Menu::People;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "parent", "outbound_profile", "manager"];
    const COUNTS: &'static [Count] = &[count("agents_count", "agent", "department")];
    const FILTERS: &'static [&'static str] = &["parent"];
    const TABS: &'static [Tab] = &[tab("general", &["name", "parent", "agents", "outbound_profile", "manager"])];
    const RULES: &'static [Rule] = &[
        unique_within("name", "parent"),
        above("parent"),
        lets_go("manager"),
        members("agents", "agent", "department"),
    ];
}
