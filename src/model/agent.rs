//! Who takes calls at a phone: the number, the name, and the passwords for phone, panel and keys (AGT rows).

use super::{CallerId, Department, OutboundProfile, Person, PhoneTemplate, Role};
use crate::schema::{
    Action, Asked, Menu, Model, Refusals, Row, Rule, Tab, Tenant,
    kind::{InternalNumber, List, Mac, Name, Password, Phone, Pin, Ref, Seconds, Secret, Status, Switch, Text},
    model::{Series, appears, dialed, fixed, free_number, generated, lets_go, no_repeats, tab, unique},
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
    #[serde(default)]
    pub department: Option<Ref<Department>>,
    /// Outside numbers are reached from the panel only, not by keying them in (AGT-22).
    #[serde(default)]
    pub click_to_call_only: Switch,
    /// Rung over a trunk while no device is registered (AGT-1 reading).
    #[serde(default)]
    pub bound_number: Option<Phone>,
    /// In turn where there are several (CID reading).
    #[serde(default)]
    pub caller_ids: List<Ref<CallerId>, 0, 100>,
    #[serde(default)]
    pub outbound_profile: Option<Ref<OutboundProfile>>,
    /// The agent works with the browser (AGT-32).
    #[serde(default)]
    pub browser_work: Switch,
    /// How long after the browser was closed the agent is signed out of the groups (AGT-34).
    #[serde(default = "a_minute")]
    pub browser_sign_out_seconds: Seconds<10, 3_600>,
    #[serde(default)]
    pub phone_template: Option<Ref<PhoneTemplate>>,
    #[serde(default)]
    pub phone_mac: Option<Mac>,
}

fn a_minute() -> Seconds<10, 3_600> {
    Seconds::literal(60)
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
    const LIST: &'static [&'static str] = &[
        "agent_number",
        "first_name",
        "last_name",
        "role",
        "department",
        "click_to_call_only",
        "status",
        "caller_ids",
        "outbound_profile",
        "browser_work",
        "phone_template",
        "phone_mac",
    ];
    const FILTERS: &'static [&'static str] = &["department", "role", "status"];
    const NAMED: &'static [&'static str] = &["agent_number", "first_name", "last_name"];
    const ACTIONS: &'static [Action] =
        &[Action::Add, Action::Edit, Action::Delete, Action::BatchAdd, Action::BatchEdit, Action::SignInAs];
    const SERIES: Option<Series> = Some(Series {
        number: "agent_number",
        named: "first_name",
        same: &["sip_password", "web_password", "phone_password", "department", "click_to_call_only"],
        made: &["web_password"],
    });
    const BATCH: &'static [&'static str] = &[
        "sip_password",
        "web_password",
        "phone_password",
        "role",
        "department",
        "click_to_call_only",
        "status",
        "caller_ids",
        "outbound_profile",
        "browser_work",
        "browser_sign_out_seconds",
        "phone_template",
    ];
    const TABS: &'static [Tab] = &[
        tab(
            "general",
            &[
                "agent_number",
                "first_name",
                "last_name",
                "role",
                "department",
                "sip_password",
                "web_password",
                "phone_password",
                "click_to_call_only",
                "status",
            ],
        ),
        tab(
            "advanced",
            &[
                "bound_number",
                "caller_ids",
                "outbound_profile",
                "browser_work",
                "browser_sign_out_seconds",
                "phone_template",
                "phone_mac",
            ],
        ),
    ];
    const RULES: &'static [Rule] = &[
        free_number("agent_number"),
        dialed("agent_number", 0),
        fixed("agent_number"),
        generated("sip_password"),
        lets_go("department"),
        lets_go("caller_ids"),
        no_repeats("caller_ids"),
        appears("browser_sign_out_seconds", "browser_work", &["true"]),
        unique("phone_mac"),
    ];

    /// Nobody gives a role wider than the own, nor sets the password of an agent that has one.
    fn permit(asked: &Asked, refusals: &mut Refusals) {
        if let Some(id) = asked.id {
            Role::refuse_password(asked, "web_password", Person::Agent(id), refusals);
        }
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
pub mod tests {
    use super::*;

    /// An agent with what must be said of one, and nothing else.
    pub fn of_number(number: &'static str) -> Agent {
        Agent {
            agent_number: InternalNumber::literal(number),
            first_name: Name::literal("Li"),
            last_name: Text::default(),
            status: Status::Enabled,
            sip_password: Secret::literal("s3cret-word"),
            web_password: Password::nobody(),
            phone_password: usual_pin(),
            role: None,
            department: None,
            click_to_call_only: Switch(false),
            bound_number: None,
            caller_ids: List::default(),
            outbound_profile: None,
            browser_work: Switch(false),
            browser_sign_out_seconds: a_minute(),
            phone_template: None,
            phone_mac: None,
        }
    }

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
        let agent = |number, status| Agent { status, ..of_number(number) };
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
