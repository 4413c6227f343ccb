//! What an office may spend on outside calls before it is stopped (OUT-50..69): one record, safe from the first start.

use super::outbound_profile::NumberClass;
use crate::schema::{
    Held, Menu, Model, Rule, Tab, Tenant,
    kind::{Country, List, Number, TimeOfDay},
    model::{Action, given, no_repeats, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FraudLimits {
    pub allowed_classes: List<NumberClass, 0, 11>,
    /// That may be called where `international` is allowed; empty allows none.
    pub allowed_countries: List<Country, 0, 249>,
    pub agent_concurrent: Number<1, 10>,
    /// Answered outside minutes of one agent in a day; 0: no limit.
    pub agent_minutes_day: Number<0, 1_440>,
    pub agent_attempts_minute: Number<1, 60>,
    /// To `international`, `satellite` and `premium` together; 0: none at all.
    pub dear_agent_minutes_day: Number<0, 1_440>,
    pub dear_minutes_day: Number<0, 100_000>,
    pub dear_concurrent: Number<1, 50>,
    pub dear_call_minutes: Number<1, 240>,
    pub night_from: TimeOfDay,
    pub night_to: TimeOfDay,
    pub night_concurrent: Number<1, 500>,
    pub forward_concurrent: Number<1, 100>,
    /// Calls to one number in a day of the office; 0: no limit. The upstream sets it (CDR-80 reading).
    pub daily_call_limit: Number<0, 10_000>,
}

impl Default for FraudLimits {
    fn default() -> FraudLimits {
        use NumberClass::*;
        let safe = vec![Emergency, Unknown, TollFree, Local, National, Mobile, SharedCost, Service];
        FraudLimits {
            allowed_classes: List::new(safe).unwrap_or_default(),
            allowed_countries: List::default(),
            agent_concurrent: Number::literal(3),
            agent_minutes_day: Number::literal(720),
            agent_attempts_minute: Number::literal(12),
            dear_agent_minutes_day: Number::literal(30),
            dear_minutes_day: Number::literal(120),
            dear_concurrent: Number::literal(2),
            dear_call_minutes: Number::literal(60),
            night_from: TimeOfDay::literal("22:00"),
            night_to: TimeOfDay::literal("06:00"),
            night_concurrent: Number::literal(4),
            forward_concurrent: Number::literal(10),
            daily_call_limit: Number::literal(0),
        }
    }
}

impl Model for FraudLimits {
    const NAME: &'static str = "fraud_limit";
    const PATH: &'static str = "fraud_limits";
    const MENU: Menu = Menu::Lines;
    const HELD: Held = Held::Single;
    const ACTIONS: &'static [Action] = &[Action::Edit];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "allowed_classes",
            "allowed_countries",
            "agent_concurrent",
            "agent_minutes_day",
            "agent_attempts_minute",
            "dear_agent_minutes_day",
            "dear_minutes_day",
            "dear_concurrent",
            "dear_call_minutes",
            "night_from",
            "night_to",
            "night_concurrent",
            "forward_concurrent",
            "daily_call_limit",
        ],
    )];
    const RULES: &'static [Rule] =
        &[no_repeats("allowed_classes"), no_repeats("allowed_countries"), given("daily_call_limit")];
}

impl FraudLimits {
    /// Those of this snapshot; as they are beforehand, if it has none (OUT-50).
    pub fn of(tenant: &Tenant) -> &FraudLimits {
        static BEFOREHAND: LazyLock<FraudLimits> = LazyLock::new(FraudLimits::default);
        tenant.table::<FraudLimits>().rows().next().map_or(&BEFOREHAND, |row| &row.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OUT-50, OUT-52: nothing dear can be called before somebody opens it
    #[test]
    fn a_new_box_calls_nothing_dear() {
        let limits = FraudLimits::default();
        for class in [NumberClass::Premium, NumberClass::International, NumberClass::Satellite] {
            assert!(!limits.allowed_classes.contains(&class));
        }
        assert_eq!(limits.allowed_classes.len(), 8);
    }
}
