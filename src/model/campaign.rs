//! Outbound work given to one agent group, over one package (CMP rows).

pub mod choice;

use super::{Agent, AgentGroup, CallerId, Condition, OutboundProfile, Package, Playlist, Stage};
use crate::schema::{
    Action, Menu, Model, Rule, Tab, Tenant,
    kind::{Link, List, Name, Number, QuickTime, RedialTime, Ref, Seconds, Switch},
    model::{Offered, appears, begins, fixed, later, lets_go, needs, no_repeats, only, same, tab, unique},
};
use choice::{AfterSubmit, CampaignStatus, DialerType, LoadContactRecords};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    pub name: Name<100>,
    /// The group that works it.
    pub agent_group: Ref<AgentGroup>,
    pub package: Ref<Package>,
    #[serde(default)]
    pub caller_ids: List<Ref<CallerId>, 0, 100>,
    /// Of the condition only inside or outside counts; none: at any time.
    #[serde(default)]
    pub working_hours: Option<Ref<Condition>>,
    /// The longest the customer's phone may ring.
    #[serde(default = "a_minute")]
    pub ring_timeout: Seconds<5, 300>,
    #[serde(default)]
    pub outbound_profile: Option<Ref<OutboundProfile>>,

    #[serde(default)]
    pub status: CampaignStatus,
    /// Highest first on the agent's page.
    #[serde(default = "nothing")]
    pub priority: Number<0, 99>,
    #[serde(default)]
    pub review_required: Switch,
    /// Agents take customers from the pool by themselves.
    #[serde(default)]
    pub agent_may_get: Switch,
    #[serde(default)]
    pub agent_may_add: Switch,
    /// Customers that an agent gets from the pool at one time.
    #[serde(default = "ten")]
    pub fetch_limit: Number<1, 1_000>,
    /// Agents see numbers with the middle four digits as `*`.
    #[serde(default)]
    pub hide_contact: Switch,
    #[serde(default)]
    pub after_submit: List<AfterSubmit, 0, 4>,
    #[serde(default)]
    pub load_contact_records: LoadContactRecords,
    #[serde(default)]
    pub default_stage: Option<Ref<Stage>>,
    #[serde(default = "ten_seconds")]
    pub auto_dial_countdown: Seconds<0, 600>,
    #[serde(default = "half_a_minute")]
    pub auto_dial_delay: Seconds<1, 600>,
    #[serde(default)]
    pub quick_appointments: List<QuickTime, 0, 12>,
    /// Submissions after which it stops; 0: none.
    #[serde(default = "no_quota")]
    pub quota: Number<0, 10_000_000>,

    #[serde(default)]
    pub dialer_type: DialerType,
    #[serde(default)]
    pub playlist: Option<Ref<Playlist>>,
    /// How often the playlist is played again.
    #[serde(default = "nothing")]
    pub repeat_count: Number<0, 99>,
    /// Keys that a customer may press; 0: no limit.
    #[serde(default = "no_limit")]
    pub max_input_length: Number<0, 64>,
    /// The wait after the first, second, … failed call; after the last the customer leaves the dial list.
    #[serde(default)]
    pub redial_interval: List<RedialTime, 0, 10>,

    /// The share of submissions that should be reviewed, percent.
    #[serde(default = "none_of_them")]
    pub review_ratio: Number<0, 100>,
    /// Whether its calls are recorded.
    #[serde(default = "on")]
    pub record_calls: Switch,
    /// Where the results of a finished dial list are sent.
    #[serde(default)]
    pub stats_url: Option<Link<500>>,
}

fn a_minute() -> Seconds<5, 300> {
    Seconds::literal(60)
}

fn nothing() -> Number<0, 99> {
    Number::literal(0)
}

fn ten() -> Number<1, 1_000> {
    Number::literal(10)
}

fn ten_seconds() -> Seconds<0, 600> {
    Seconds::literal(10)
}

fn half_a_minute() -> Seconds<1, 600> {
    Seconds::literal(30)
}

fn no_quota() -> Number<0, 10_000_000> {
    Number::literal(0)
}

fn no_limit() -> Number<0, 64> {
    Number::literal(0)
}

fn none_of_them() -> Number<0, 100> {
    Number::literal(0)
}

fn on() -> Switch {
    Switch(true)
}

impl Campaign {
    /// Whether an agent is in the group that works it (CUS-13 reading).
    pub fn is_worked_by(&self, tenant: &Tenant, agent_number: &str) -> bool {
        let agent = Agent::of(tenant, agent_number).map(|row| row.id());
        let group = self.agent_group.row(tenant).map(|row| &row.value);
        group.is_some_and(|group| group.agents.iter().any(|member| Some(member.id) == agent))
    }
}

impl Model for Campaign {
    const NAME: &'static str = "campaign";
    const PATH: &'static str = "campaigns";
    const MENU: Menu = Menu::Campaigns;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &[
        "id",
        "name",
        "status",
        "review_required",
        "agent_group",
        "playlist",
        "repeat_count",
        "max_input_length",
        "quota",
        "review_ratio",
        "fetch_limit",
        "stats_url",
    ];
    const FILTERS: &'static [&'static str] = &["status", "agent_group", "package"];
    /// One that is hidden or closed appears on no other page; a closed one is listed only for who asks for it.
    const OFFERED: Option<Offered> = Some(Offered {
        field: "status",
        to_agents: &["enabled"],
        to_others: &["enabled"],
        listed: &["enabled", "hidden"],
    });
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Clone];
    const TABS: &'static [Tab] = &[
        tab(
            "general",
            &["name", "agent_group", "package", "caller_ids", "working_hours", "ring_timeout", "outbound_profile"],
        ),
        tab(
            "advanced",
            &[
                "status",
                "priority",
                "review_required",
                "agent_may_get",
                "agent_may_add",
                "fetch_limit",
                "hide_contact",
                "after_submit",
                "load_contact_records",
                "default_stage",
                "auto_dial_countdown",
                "auto_dial_delay",
                "quick_appointments",
                "quota",
            ],
        ),
        tab("dialer", &["dialer_type", "playlist", "repeat_count", "max_input_length", "redial_interval"]),
        tab("review", &["review_ratio"]),
        tab("settings", &["record_calls", "stats_url"]),
    ];
    const RULES: &'static [Rule] = &[
        unique("name"),
        begins("ring_timeout", "preferences", "outside_ring_timeout"),
        fixed("agent_group"),
        fixed("package"),
        // A campaign that is closed stays so: hidden, its customers could be called again.
        Rule::Follows {
            field: "package",
            of: "status",
            is: "closed",
            sets: "status",
            from: Some("enabled"),
            to: Some("hidden"),
        },
        later("quota"),
        only("package", "status", &["enabled"]),
        no_repeats("caller_ids"),
        lets_go("caller_ids"),
        no_repeats("after_submit"),
        only("default_stage", "status", &["enabled"]),
        same("default_stage", "package"),
        appears("playlist", "dialer_type", &["voice_notice", "play_and_collect"]),
        needs("playlist", "dialer_type", &["voice_notice", "play_and_collect"]),
        appears("repeat_count", "dialer_type", &["voice_notice", "play_and_collect"]),
        appears("max_input_length", "dialer_type", &["play_and_collect"]),
    ];

    fn stays(&self) -> bool {
        true
    }
}
