//! Numbers rung together or in turn, with no sign-in and no statistics of its own (RNG rows).

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{Destination, Dialable, InternalNumber, List, Name, NumberPrefix, Seconds, Text},
    model::{dialed, free_number, no_repeats, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RingGroup {
    pub name: Name<64>,
    #[serde(default)]
    pub internal_number: Option<InternalNumber>,
    /// Who is rung, in this order when in turn.
    pub numbers: List<Dialable, 1, 30>,
    #[serde(default)]
    pub strategy: Strategy,
    /// How long each ring lasts; under `all`, the whole group.
    #[serde(default = "thirty")]
    pub ring_timeout: Seconds<5, 300>,
    /// Where the call goes when nobody answers; none: hang up.
    #[serde(default)]
    pub timeout_destination: Option<Destination>,
    #[serde(default)]
    pub caller_number_prefix: NumberPrefix,
    #[serde(default)]
    pub caller_name_prefix: Text<20>,
}

/// RNG-16
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Strategy {
    #[default]
    All,
    RoundRobin,
    Random,
    Memory,
    Sequential,
}

fn thirty() -> Seconds<5, 300> {
    Seconds::literal(30)
}

impl Model for RingGroup {
    const NAME: &'static str = "ring_group";
    const PATH: &'static str = "ring_groups";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &[
        "name",
        "internal_number",
        "numbers",
        "caller_name_prefix",
        "caller_number_prefix",
        "strategy",
        "ring_timeout",
    ];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "name",
            "internal_number",
            "numbers",
            "strategy",
            "ring_timeout",
            "timeout_destination",
            "caller_number_prefix",
            "caller_name_prefix",
        ],
    )];
    const RULES: &'static [Rule] =
        &[unique("name"), free_number("internal_number"), dialed("internal_number", 0), no_repeats("numbers")];
}
