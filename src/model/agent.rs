//! Who takes calls at a phone: the number, the name, and the passwords for phone, panel and keys (AGT rows).

use super::Role;
use crate::schema::{
    Action, Asked, Menu, Model, Refusals, Row, Rule, Tab, Tenant,
    kind::{InternalNumber, Name, Password, Pin, Ref, Secret, Status, Text},
    model::{fixed, free_number, generated, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    pub agent_number: InternalNumber,
    pub first_name: Name<40>,
    #[serde(default)]
    pub last_name: Text<40>,
    #[serde(default)]
    pub status: Status,
    /// Without one an agent has what the desk needs (DSK-22).
    #[serde(default)]
    pub role: Option<Ref<Role>>,
    pub sip_password: Secret<8, 32>,
    pub web_password: Password,
    #[serde(default = "usual_pin")]
    pub phone_password: Pin<1, 255>,
}

/// AGT-21 reading.
fn usual_pin() -> Pin<1, 255> {
    Pin::literal("123456")
}

impl Model for Agent {
    const NAME: &'static str = "agent";
    const PATH: &'static str = "agents";
    const MENU: Menu = Menu::People;
    const SEARCH: &'static [&'static str] = &["agent_number"];
    const LIST: &'static [&'static str] = &["agent_number", "first_name", "last_name", "role", "status"];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "agent_number",
            "first_name",
            "last_name",
            "sip_password",
            "web_password",
            "phone_password",
            "role",
            "status",
        ],
    )];
    const RULES: &'static [Rule] = &[free_number("agent_number"), fixed("agent_number"), generated("sip_password")];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::SignInAs];

    /// Nobody gives a role wider than the own.
    fn permit(asked: &Asked, refusals: &mut Refusals) {
        Role::refuse_wider(asked, refusals);
    }
}

impl Agent {
    /// The agent with this number, enabled or not.
    pub fn of<'a>(tenant: &'a Tenant, number: &str) -> Option<&'a Arc<Row<Agent>>> {
        tenant.table().by("agent_number", number)
    }

    /// Whether it may place calls and be called (AGT-25, AGT-26).
    pub fn enabled(&self) -> bool {
        self.status == Status::Enabled
    }

    /// As phones and records show it: family name first where the writing has no spaces between names.
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

/// Family name first and joined in Chinese, Japanese and Korean writing; first name first with a space otherwise.
pub fn full_name(first_name: &str, last_name: &str) -> String {
    let eastern = |name: &str| name.chars().any(|letter| letter >= '\u{2e80}');
    match (first_name, last_name) {
        (first, "") => first.into(),
        (first, last) if eastern(first) && eastern(last) => format!("{last}{first}"),
        (first, last) => format!("{first} {last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CDR-14: a name is shown as its owner writes it
    #[test]
    fn a_name_stands_in_the_order_of_its_writing() {
        assert_eq!(full_name("芳", "王"), "王芳");
        assert_eq!(full_name("美咲", "鈴木"), "鈴木美咲");
        assert_eq!(full_name("Emma", "Clarke"), "Emma Clarke");
        assert_eq!(full_name("Mei", "林"), "Mei 林");
        assert_eq!(full_name("Emma", ""), "Emma");
    }

    /// AGT-9, AGT-25, AGT-26
    #[test]
    fn an_agent_is_found_by_number() {
        let agent = |number: &'static str, status| Agent {
            agent_number: InternalNumber::literal(number),
            first_name: Name::literal("Li"),
            last_name: Text::default(),
            status,
            role: None,
            sip_password: Secret::literal("s3cret-word"),
            web_password: Password::nobody(),
            phone_password: usual_pin(),
        };
        let mut tenant = Tenant::default();
        tenant.add(agent("801", Status::Enabled));
        let before = tenant.clone();
        let id = tenant.add(agent("802", Status::Disabled));
        assert!(Agent::of(&tenant, "801").unwrap().value.enabled());
        assert!(!Agent::of(&tenant, "802").unwrap().value.enabled());
        assert!(Agent::of(&before, "802").is_none(), "a snapshot never changes");
        assert!(Arc::ptr_eq(Agent::of(&before, "801").unwrap(), Agent::of(&tenant, "801").unwrap()));
        assert_eq!(tenant.number_holder("802"), Some(("agent", id)));
        assert!(Agent::of(&tenant, "80").is_none() && Agent::of(&tenant, "").is_none());
    }
}
