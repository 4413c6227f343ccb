//! Which outside numbers go to which trunks, and in what form (OUT rows); the first rule that fits decides.

use super::{Condition, Preferences, Trunk};
use crate::schema::{
    Menu, Model, Refusals, Row, Rule, Tab, Tenant, Why,
    kind::{Keys, List, Name, Number, Ref, Regex, Switch, regex},
    model::{Action, Count, count, counted, given, one, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutboundProfile {
    pub name: Name<64>,
    /// Used where nothing else names one (PRF-48); one at most has it.
    #[serde(default)]
    pub system_default: Switch,
    #[serde(default)]
    pub rules: List<OutboundRule, 0, 200>,
}

/// A number fits if it meets everything that is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-kind" = "row"))]
pub struct OutboundRule {
    #[serde(default = "on")]
    pub enabled: Switch,
    #[serde(default)]
    pub action: RuleAction,
    #[serde(default)]
    pub prefix: Keys<0, 20>,
    #[serde(default)]
    pub length_min: Option<Number<1, 32>>,
    #[serde(default)]
    pub length_max: Option<Number<1, 32>>,
    #[serde(default)]
    pub regex: Regex,
    #[serde(default)]
    pub number_classes: List<NumberClass, 0, 11>,
    /// Outside of it the rule does not fit.
    #[serde(default)]
    pub condition: Option<Ref<Condition>>,
    /// Tried in this order.
    #[serde(default)]
    pub trunks: List<Ref<Trunk>, 0, 10>,
    #[serde(default)]
    pub remove_prefix: Keys<0, 20>,
    #[serde(default)]
    pub add_prefix: Keys<0, 20>,
    /// Sent in place of every number that fits (INR-25).
    #[serde(default)]
    pub replacement_number: Keys<0, 32>,
}

/// OUT-13
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum RuleAction {
    #[default]
    Allow,
    Deny,
}

/// From the cheapest to the dearest (OUT-34).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum NumberClass {
    Emergency,
    #[default]
    Unknown,
    TollFree,
    Local,
    National,
    Mobile,
    SharedCost,
    Service,
    Premium,
    International,
    Satellite,
}

impl NumberClass {
    /// Whose minutes are counted together and sparingly (OUT-57).
    pub fn is_dear(self) -> bool {
        matches!(self, NumberClass::International | NumberClass::Satellite | NumberClass::Premium)
    }
}

fn on() -> Switch {
    Switch(true)
}

impl OutboundRule {
    /// Whether the form of a number fits; class and condition are judged by who knows them.
    pub fn fits(&self, number: &str) -> bool {
        let length = number.len() as i64;
        number.starts_with(&*self.prefix)
            && self.length_min.as_ref().is_none_or(|min| length >= min.value())
            && self.length_max.as_ref().is_none_or(|max| length <= max.value())
            && (self.regex.is_empty() || regex::is_found(&self.regex, number))
    }
}

impl OutboundRule {
    /// What is sent for a number that fits: a replacement, else without the one prefix and with the other (INR-23..27).
    pub fn rewritten(&self, number: &str) -> String {
        if !self.replacement_number.is_empty() {
            return self.replacement_number.to_string();
        }
        format!("{}{}", &*self.add_prefix, self.without_prefix(number))
    }

    pub fn without_prefix<'n>(&self, number: &'n str) -> &'n str {
        number.strip_prefix(&*self.remove_prefix).unwrap_or(number)
    }
}

impl OutboundProfile {
    /// That of the preferences, else that which the upstream marked (PRF-47, PRF-48).
    pub fn usual(tenant: &Tenant) -> Option<&Arc<Row<OutboundProfile>>> {
        let preferred = Preferences::of(tenant).default_outbound_profile.and_then(|profile| profile.row(tenant));
        preferred.or_else(|| tenant.table::<OutboundProfile>().rows().find(|row| row.value.system_default.0))
    }
}

impl Model for OutboundProfile {
    const NAME: &'static str = "outbound_profile";
    const PATH: &'static str = "outbound_profiles";
    const MENU: Menu = Menu::Lines;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "system_default", "rules"];
    const COUNTS: &'static [Count] = &[
        count("agents_count", "agent", "outbound_profile"),
        count("departments_count", "department", "outbound_profile"),
        count("campaigns_count", "campaign", "outbound_profile"),
    ];
    const ACTIONS: &'static [Action] = &[];
    const TABS: &'static [Tab] = &[tab("general", &["name", "system_default", "rules"])];
    const RULES: &'static [Rule] = &[
        unique("name"),
        counted("rules"),
        one("system_default"),
        given("name"),
        given("system_default"),
        given("rules"),
    ];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        for (place, rule) in self.rules.iter().enumerate() {
            let at = |field: &str| format!("rules.{place}.{field}");
            if (rule.action == RuleAction::Allow) == rule.trunks.is_empty() {
                refusals.add(&at("trunks"), if rule.trunks.is_empty() { Why::Required } else { Why::Choice });
            }
            if rule.trunks.iter().enumerate().any(|(at, trunk)| rule.trunks[..at].contains(trunk)) {
                refusals.add(&at("trunks"), Why::Repeated);
            }
            if !rule.replacement_number.is_empty() && !rule.fits(&rule.replacement_number) {
                refusals.add(&at("replacement_number"), Why::Pattern);
            }
        }
    }
}
