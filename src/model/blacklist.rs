//! Numbers whose calls are turned away (BLK rows).

use crate::schema::{
    Actor, Asked, Menu, Model, Refusals, Rule, Tab, Why,
    kind::{self, Phone, Text},
    model::{Action, Again, Approval, Logged, Many, Whose, fixed, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blacklist {
    pub number: Phone,
    /// `pending` until somebody who may has approved it; only `enabled` has effect.
    #[serde(default)]
    pub status: kind::Approval,
    /// Required of agents (BLK-17).
    #[serde(default)]
    pub reason: Text<200>,
}

impl Model for Blacklist {
    const NAME: &'static str = "blacklist";
    const PATH: &'static str = "blacklist";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["number"];
    const LIST: &'static [&'static str] = &["number", "status", "reason"];
    const FILTERS: &'static [&'static str] = &["status"];
    const NAMED: &'static [&'static str] = &["number"];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Approve];
    const APPROVAL: Option<Approval> = Some(Approval { field: "status", of: Whose::Agents });
    const MANY: Option<Many> = Some(Many { field: "number", again: Again::Skipped, spaces: false });
    const AUTHOR: bool = true;
    const LOGGED: Option<Logged> = Some(Logged { named: "number", reason: "reason" });
    const TABS: &'static [Tab] = &[tab("general", &["number", "status", "reason"])];
    const RULES: &'static [Rule] = &[unique("number"), fixed("number")];

    /// An agent gives a reason, an account may (BLK-17, DNC reading).
    fn permit(asked: &Asked, refusals: &mut Refusals) {
        if matches!(asked.access.by, Actor::Agent(_)) && asked.id.is_none() && asked.lacks("reason") {
            refusals.add("reason", Why::Required);
        }
    }
}
