//! How numbers are dialed in a country, as the upstream gives it in place of the plan that is built in (OUT-36).

use super::{
    OutboundProfile,
    numbering::{built_in, plan},
    outbound_profile::NumberClass,
};
use crate::schema::{
    Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Country, Digits, Keys, List, Number},
    model::{Action, given, no_repeats, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberingPlan {
    pub country: Country,
    /// Dialed before the code of another country.
    pub international_prefix: Digits<1, 5>,
    /// Dialed before a number of another area; empty: there is none.
    #[serde(default)]
    pub trunk_prefix: Digits<0, 3>,
    /// Beside those that are built in for the country.
    #[serde(default)]
    pub emergency_numbers: List<Digits<2, 6>, 0, 20>,
    /// Classes whose numbers have no trunk prefix in front although others have.
    #[serde(default)]
    pub bare_classes: List<NumberClass, 0, 11>,
    /// That choose a carrier, or hide or show the caller, before the number itself.
    #[serde(default)]
    pub selection_prefixes: List<Keys<1, 8>, 0, 30>,
    /// The longest prefix that fits decides.
    pub rules: List<PlanLine, 1, 1_000>,
    #[serde(skip)]
    made: Made,
}

/// A number fits that begins so and has as many digits, both ends included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-kind" = "row"))]
pub struct PlanLine {
    pub prefix: Digits<1, 15>,
    pub length_min: Number<1, 24>,
    pub length_max: Number<1, 24>,
    pub number_class: NumberClass,
}

/// What follows from a row alone, worked out once: calls ask for it again and again.
#[derive(Clone, Debug, Default)]
struct Made(OnceLock<Arc<plan::Plan>>);

impl PartialEq for Made {
    fn eq(&self, _: &Made) -> bool {
        true
    }
}

impl Model for NumberingPlan {
    const NAME: &'static str = "numbering_plan";
    const PATH: &'static str = "numbering_plans";
    const RIGHTS: &'static str = OutboundProfile::NAME;
    const MENU: Menu = Menu::Lines;
    const SEARCH: &'static [&'static str] = &["country"];
    const LIST: &'static [&'static str] = &["country", "international_prefix", "trunk_prefix", "emergency_numbers"];
    const ACTIONS: &'static [Action] = &[];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "country",
            "international_prefix",
            "trunk_prefix",
            "emergency_numbers",
            "bare_classes",
            "selection_prefixes",
            "rules",
        ],
    )];
    const RULES: &'static [Rule] = &[
        unique("country"),
        no_repeats("emergency_numbers"),
        no_repeats("bare_classes"),
        no_repeats("selection_prefixes"),
        given("country"),
        given("international_prefix"),
        given("trunk_prefix"),
        given("emergency_numbers"),
        given("bare_classes"),
        given("selection_prefixes"),
        given("rules"),
    ];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.rules.iter().any(|line| line.length_min.value() > line.length_max.value()) {
            refusals.add("rules", Why::Pattern);
        }
    }
}

impl NumberingPlan {
    /// Of a country: the given one, else the one that is built in.
    pub fn of(tenant: &Tenant, country: &str) -> Arc<plan::Plan> {
        let given = tenant.table::<NumberingPlan>().rows().find(|row| *row.value.country == *country);
        given.map_or_else(|| built_in(country), |row| row.value.plan())
    }

    fn plan(&self) -> Arc<plan::Plan> {
        self.made.0.get_or_init(|| Arc::new(self.make())).clone()
    }

    fn make(&self) -> plan::Plan {
        let base = built_in(&self.country);
        let mut emergency = base.emergency.clone();
        emergency.extend(self.emergency_numbers.iter().map(|number| number.to_string()));
        let rule = |line: &PlanLine| plan::PlanRule {
            prefix: line.prefix.to_string(),
            length_min: line.length_min.value() as usize,
            length_max: line.length_max.value() as usize,
            class: line.number_class,
        };
        plan::Plan {
            country: base.country.clone(),
            code: base.code.clone(),
            international: self.international_prefix.to_string(),
            trunk: self.trunk_prefix.to_string(),
            emergency,
            bare: self.bare_classes.iter().copied().collect(),
            before: self.selection_prefixes.iter().map(|prefix| prefix.to_string()).collect(),
            rules: self.rules.iter().map(rule).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Preferences, numbering::Numbering};
    use serde_json::json;

    /// OUT-36, OUT-40: what the upstream gives takes the place of the built-in plan; nobody loses an emergency number.
    #[test]
    fn a_given_plan_takes_the_place_of_the_built_in_one() {
        let mut tenant = Tenant::default();
        tenant.add(serde_json::from_value::<Preferences>(json!({ "country": "CN" })).unwrap());
        let class = |tenant: &Tenant, number: &str| Numbering::of(tenant).class(number);
        assert_eq!(class(&tenant, "13800138000"), NumberClass::Mobile);
        let plan = json!({
            "country": "CN", "international_prefix": "009", "emergency_numbers": ["117"], "bare_classes": ["premium"],
            "rules": [
                { "prefix": "13", "length_min": 11, "length_max": 11, "number_class": "premium" },
                { "prefix": "1380", "length_min": 11, "length_max": 11, "number_class": "toll_free" },
            ],
        });
        tenant.add(serde_json::from_value::<NumberingPlan>(plan).unwrap());
        assert_eq!(class(&tenant, "13900138000"), NumberClass::Premium);
        assert_eq!(class(&tenant, "13800138000"), NumberClass::TollFree, "the longest prefix");
        assert_eq!(class(&tenant, "02155667788"), NumberClass::Unknown, "nothing of the built-in one is left");
        assert_eq!(class(&tenant, "00981312345678"), NumberClass::International);
        for number in ["110", "119", "120", "122", "117"] {
            assert_eq!(class(&tenant, number), NumberClass::Emergency, "{number}");
        }
        tenant.add(serde_json::from_value::<Preferences>(json!({ "country": "GB" })).unwrap());
        let elsewhere = NumberingPlan::of(&tenant, "GB");
        assert_eq!(elsewhere, built_in("GB"), "it is that of one country");
    }
}
