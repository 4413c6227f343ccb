//! Where a call goes whose DID does not say it (INR rows); the first match from the top.

use crate::schema::{
    Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Destination, Name, Number, NumberPrefix, Switch, Text, regex},
    model::{last, one, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InboundRoute {
    pub name: Name<64>,
    /// Routes are tried from the lowest up; of two with the same, the older one first.
    #[serde(default = "first")]
    pub position: Number<1, 10_000>,
    #[serde(default)]
    pub match_on: MatchOn,
    #[serde(default)]
    pub match_type: MatchType,
    /// Empty matches every call (INR-17).
    #[serde(default)]
    pub match_value: Text<200>,
    /// Takes away the prefixes that the DID added (INR-18).
    #[serde(default)]
    pub remove_caller_prefix: Switch,
    #[serde(default)]
    pub caller_number_prefix: NumberPrefix,
    /// Whoever last talked with this caller is rung first (INR-21).
    #[serde(default)]
    pub last_agent_first: Switch,
    /// None: hang up.
    #[serde(default)]
    pub destination: Option<Destination>,
    /// Takes the calls that match no other route, wherever it stands; one at most (INR-5).
    #[serde(default)]
    pub default_route: Switch,
}

/// INR-7
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum MatchOn {
    #[default]
    Caller,
    Did,
}

/// INR-8, INR-9
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum MatchType {
    #[default]
    Prefix,
    Region,
    Regex,
    Group,
}

fn first() -> Number<1, 10_000> {
    Number::literal(1)
}

impl Model for InboundRoute {
    const NAME: &'static str = "inbound_route";
    const PATH: &'static str = "inbound_routes";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &[
        "position",
        "name",
        "match_on",
        "match_type",
        "match_value",
        "destination",
        "last_agent_first",
        "caller_number_prefix",
        "default_route",
    ];
    const NAMED: &'static [&'static str] = &["name"];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "name",
            "position",
            "match_on",
            "match_type",
            "match_value",
            "destination",
            "last_agent_first",
            "remove_caller_prefix",
            "caller_number_prefix",
            "default_route",
        ],
    )];
    const RULES: &'static [Rule] = &[unique("name"), last("position"), one("default_route")];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.match_on == MatchOn::Caller && self.match_type == MatchType::Group {
            refusals.add("match_type", Why::Choice);
        }
        if self.match_type == MatchType::Regex && !regex::fits(&self.match_value) {
            refusals.add("match_value", Why::Pattern);
        }
    }
}
