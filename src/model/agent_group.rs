//! Agents who work together (GRP rows): who they are, how a waiting call finds one of them, and what it hears.

use super::{Agent, Media};
use crate::schema::{
    Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Destination, InternalNumber, List, Name, Number, NumberPrefix, Ref, Seconds, Switch, Text},
    model::{appears, counted, dialed, fixed, free_number, lets_go, needs, no_repeats, only, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Agents of one group.
const AGENTS_MAX: u64 = 1_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentGroup {
    pub name: Name<80>,
    pub group_number: InternalNumber,
    /// In the order in which they are offered calls, static and dynamic ones in one list (GRP-14 reading).
    #[serde(default)]
    pub agents: List<Ref<Agent>, 0, AGENTS_MAX>,
    /// They need not be among `agents` (GRP-14 reading).
    #[serde(default)]
    pub leaders: List<Ref<Agent>, 0, 100>,

    #[serde(default)]
    pub wrap_up_mode: WrapUpMode,
    /// 0: wrap-up never ends by itself (GRP-17).
    #[serde(default = "wrap_up")]
    pub wrap_up_exit_seconds: Number<0, 2_147_483_647>,
    #[serde(default)]
    pub auto_answer_queue: Switch,
    #[serde(default)]
    pub auto_answer_dialer: Switch,
    #[serde(default = "on")]
    pub auto_answer_click_to_call: Switch,
    /// Whether its calls are recorded (BOX-58); a campaign may say otherwise.
    #[serde(default = "on")]
    pub record_calls: Switch,

    /// Off: the group takes no inbound and no dialer calls (GRP-30).
    #[serde(default)]
    pub queue_enabled: Switch,
    #[serde(default)]
    pub ring_strategy: RingStrategy,
    /// Those of `agents` who are always signed in (GRP-45); the others sign in and out as they like.
    #[serde(default)]
    pub static_agents: List<Ref<Agent>, 0, AGENTS_MAX>,
    #[serde(default = "ring")]
    pub agent_ring_timeout: Seconds<5, 300>,
    #[serde(default = "retry")]
    pub retry_seconds: Seconds<0, 300>,
    /// 0: a caller may wait without limit (GRP-56).
    #[serde(default = "no_wait_limit")]
    pub max_wait_seconds: Seconds<0, 86_400>,
    /// 0: no limit (GRP-60 reading).
    #[serde(default = "no_limit")]
    pub max_waiting: Number<0, 1_000>,
    #[serde(default)]
    pub join_empty: Switch,
    #[serde(default = "on")]
    pub leave_when_empty: Switch,
    #[serde(default)]
    pub auto_pause: Switch,
    /// Callers leave while nobody signed in can take a call (GRP-73).
    #[serde(default)]
    pub overflow_no_agent: Switch,
    /// Where a call goes that leaves the queue unanswered; none: hang up (GRP-71).
    #[serde(default)]
    pub overflow_destination: Option<Destination>,
    #[serde(default)]
    pub hold_music: Option<Ref<Media>>,
    #[serde(default = "on")]
    pub wait_music_enabled: Switch,
    #[serde(default)]
    pub wait_music: Option<Ref<Media>>,
    #[serde(default)]
    pub queue_announce_enabled: Switch,
    #[serde(default)]
    pub queue_announce_media: Option<Ref<Media>>,
    #[serde(default)]
    pub agent_announce_enabled: Switch,
    #[serde(default)]
    pub agent_announce_media: Option<Ref<Media>>,
    #[serde(default)]
    pub announce_agent_number: Switch,
    /// None: the box's own sentence (GRP-52).
    #[serde(default)]
    pub agent_number_before_media: Option<Ref<Media>>,
    #[serde(default)]
    pub agent_number_after_media: Option<Ref<Media>>,
    #[serde(default)]
    pub periodic_announce_enabled: Switch,
    #[serde(default = "period")]
    pub periodic_announce_seconds: Seconds<10, 3_600>,
    #[serde(default)]
    pub periodic_announce_media: Option<Ref<Media>>,
    #[serde(default)]
    pub position_announce_enabled: Switch,
    #[serde(default = "period")]
    pub position_announce_seconds: Seconds<10, 3_600>,
    #[serde(default)]
    pub caller_prefix_enabled: Switch,
    #[serde(default)]
    pub caller_name_prefix: Text<20>,
    #[serde(default)]
    pub caller_number_prefix: NumberPrefix,

    /// Kept for the online chat service; without effect here (GRP-75 reading).
    #[serde(default)]
    pub skill_alias: Text<80>,
    #[serde(default)]
    pub im_assign_mode: ImAssignMode,
    #[serde(default = "one")]
    pub im_max_concurrent: Number<1, 1_000>,
}

/// After which calls an agent goes into wrap-up (GRP-18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum WrapUpMode {
    #[default]
    Off,
    Answered,
    Ring,
}

/// Who is offered a waiting call next (GRP-31).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum RingStrategy {
    #[default]
    LongestIdle,
    FewestCalls,
    InOrder,
    RoundRobinMemory,
    Random,
    RingAll,
}

/// How an agent gets an online chat (GRP-75 reading).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum ImAssignMode {
    #[default]
    Auto,
    Claim,
}

fn on() -> Switch {
    Switch(true)
}

fn wrap_up() -> Number<0, 2_147_483_647> {
    Number::literal(30)
}

fn ring() -> Seconds<5, 300> {
    Seconds::literal(20)
}

fn retry() -> Seconds<0, 300> {
    Seconds::literal(5)
}

fn no_wait_limit() -> Seconds<0, 86_400> {
    Seconds::literal(0)
}

fn no_limit() -> Number<0, 1_000> {
    Number::literal(0)
}

fn period() -> Seconds<10, 3_600> {
    Seconds::literal(30)
}

fn one() -> Number<1, 1_000> {
    Number::literal(1)
}

impl Model for AgentGroup {
    const NAME: &'static str = "agent_group";
    const PATH: &'static str = "agent_groups";
    const MENU: Menu = Menu::People;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] =
        &["name", "group_number", "agents", "leaders", "queue_enabled", "ring_strategy", "wrap_up_mode"];
    const FILTERS: &'static [&'static str] = &["queue_enabled"];
    const TABS: &'static [Tab] = &[
        tab("general", &["name", "group_number", "agents", "leaders"]),
        tab(
            "advanced",
            &[
                "wrap_up_mode",
                "wrap_up_exit_seconds",
                "auto_answer_queue",
                "auto_answer_dialer",
                "auto_answer_click_to_call",
                "record_calls",
            ],
        ),
        tab(
            "queue",
            &[
                "queue_enabled",
                "ring_strategy",
                "static_agents",
                "agent_ring_timeout",
                "retry_seconds",
                "max_wait_seconds",
                "max_waiting",
                "join_empty",
                "leave_when_empty",
                "auto_pause",
                "overflow_no_agent",
                "overflow_destination",
                "hold_music",
                "wait_music_enabled",
                "wait_music",
                "queue_announce_enabled",
                "queue_announce_media",
                "agent_announce_enabled",
                "agent_announce_media",
                "announce_agent_number",
                "agent_number_before_media",
                "agent_number_after_media",
                "periodic_announce_enabled",
                "periodic_announce_seconds",
                "periodic_announce_media",
                "position_announce_enabled",
                "position_announce_seconds",
                "caller_prefix_enabled",
                "caller_name_prefix",
                "caller_number_prefix",
            ],
        ),
        tab("im_queue", &["skill_alias", "im_assign_mode", "im_max_concurrent"]),
    ];
    const RULES: &'static [Rule] = &[
        unique("name"),
        free_number("group_number"),
        dialed("group_number", 0),
        fixed("group_number"),
        no_repeats("agents"),
        counted("agents"),
        lets_go("agents"),
        no_repeats("leaders"),
        lets_go("leaders"),
        no_repeats("static_agents"),
        only("hold_music", "type", &["hold_music"]),
        only("wait_music", "type", &["hold_music"]),
        appears("wait_music", "wait_music_enabled", &["true"]),
        only("queue_announce_media", "type", &["voice"]),
        appears("queue_announce_media", "queue_announce_enabled", &["true"]),
        needs("queue_announce_media", "queue_announce_enabled", &["true"]),
        only("agent_announce_media", "type", &["voice"]),
        appears("agent_announce_media", "agent_announce_enabled", &["true"]),
        needs("agent_announce_media", "agent_announce_enabled", &["true"]),
        only("agent_number_before_media", "type", &["voice"]),
        appears("agent_number_before_media", "announce_agent_number", &["true"]),
        only("agent_number_after_media", "type", &["voice"]),
        appears("agent_number_after_media", "announce_agent_number", &["true"]),
        appears("periodic_announce_seconds", "periodic_announce_enabled", &["true"]),
        only("periodic_announce_media", "type", &["voice"]),
        appears("periodic_announce_media", "periodic_announce_enabled", &["true"]),
        needs("periodic_announce_media", "periodic_announce_enabled", &["true"]),
        appears("position_announce_seconds", "position_announce_enabled", &["true"]),
        appears("caller_name_prefix", "caller_prefix_enabled", &["true"]),
        appears("caller_number_prefix", "caller_prefix_enabled", &["true"]),
    ];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.static_agents.iter().any(|agent| !self.agents.contains(agent)) {
            refusals.add("static_agents", Why::Choice);
        }
    }
}

impl AgentGroup {
    /// Those of `agents` who sign in and out as they like (GRP-44).
    pub fn dynamic_agents(&self) -> impl Iterator<Item = &Ref<Agent>> {
        self.agents.iter().filter(|agent| !self.static_agents.contains(agent))
    }
}
