//! What an office may spend on outside calls before it is stopped (OUT-50..69): one record, safe from the first start.

use super::outbound_profile::NumberClass;
use crate::schema::{
    Held, Menu, Model, Rule, Tab, Tenant,
    kind::{Country, List, Number, TimeOfDay},
    model::{Action, given, no_repeats, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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
    /// The same as the upstream sets them: of each the stricter holds (OUT-51). Empty lists and none: it sets nothing.
    pub upstream_allowed_classes: List<NumberClass, 0, 11>,
    pub upstream_allowed_countries: List<Country, 0, 249>,
    pub upstream_agent_concurrent: Option<Number<1, 10>>,
    pub upstream_agent_minutes_day: Option<Number<0, 1_440>>,
    pub upstream_agent_attempts_minute: Option<Number<1, 60>>,
    pub upstream_dear_agent_minutes_day: Option<Number<0, 1_440>>,
    pub upstream_dear_minutes_day: Option<Number<0, 100_000>>,
    pub upstream_dear_concurrent: Option<Number<1, 50>>,
    pub upstream_dear_call_minutes: Option<Number<1, 240>>,
    pub upstream_night_from: Option<TimeOfDay>,
    pub upstream_night_to: Option<TimeOfDay>,
    pub upstream_night_concurrent: Option<Number<1, 500>>,
    pub upstream_forward_concurrent: Option<Number<1, 100>>,
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
            upstream_allowed_classes: List::default(),
            upstream_allowed_countries: List::default(),
            upstream_agent_concurrent: None,
            upstream_agent_minutes_day: None,
            upstream_agent_attempts_minute: None,
            upstream_dear_agent_minutes_day: None,
            upstream_dear_minutes_day: None,
            upstream_dear_concurrent: None,
            upstream_dear_call_minutes: None,
            upstream_night_from: None,
            upstream_night_to: None,
            upstream_night_concurrent: None,
            upstream_forward_concurrent: None,
        }
    }
}

impl Model for FraudLimits {
    const NAME: &'static str = "fraud_limit";
    const PATH: &'static str = "fraud_limits";
    const MENU: Menu = Menu::Lines;
    const HELD: Held = Held::Single;
    const ACTIONS: &'static [Action] = &[Action::Edit];
    const TABS: &'static [Tab] = &[
        tab(
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
            ],
        ),
        tab(
            "upstream",
            &[
                "upstream_allowed_classes",
                "upstream_allowed_countries",
                "upstream_agent_concurrent",
                "upstream_agent_minutes_day",
                "upstream_agent_attempts_minute",
                "upstream_dear_agent_minutes_day",
                "upstream_dear_minutes_day",
                "upstream_dear_concurrent",
                "upstream_dear_call_minutes",
                "upstream_night_from",
                "upstream_night_to",
                "upstream_night_concurrent",
                "upstream_forward_concurrent",
            ],
        ),
    ];
    const RULES: &'static [Rule] = &[
        no_repeats("allowed_classes"),
        no_repeats("allowed_countries"),
        no_repeats("upstream_allowed_classes"),
        no_repeats("upstream_allowed_countries"),
        given("upstream_allowed_classes"),
        given("upstream_allowed_countries"),
        given("upstream_agent_concurrent"),
        given("upstream_agent_minutes_day"),
        given("upstream_agent_attempts_minute"),
        given("upstream_dear_agent_minutes_day"),
        given("upstream_dear_minutes_day"),
        given("upstream_dear_concurrent"),
        given("upstream_dear_call_minutes"),
        given("upstream_night_from"),
        given("upstream_night_to"),
        given("upstream_night_concurrent"),
        given("upstream_forward_concurrent"),
    ];
    const VERSION: u16 = 2;

    /// Until version 1 the calls to one number in a day stood here.
    fn upgrade(_: u16, mut value: Value) -> Value {
        value.as_object_mut().map(|fields| fields.remove("daily_call_limit"));
        value
    }
}

impl FraudLimits {
    /// In force: of each limit the stricter of what the office and the upstream set (OUT-51).
    pub fn of(tenant: &Tenant) -> FraudLimits {
        FraudLimits::set(tenant).stricter()
    }

    /// As they are set; as they are beforehand, if this snapshot has none (OUT-50).
    pub fn set(tenant: &Tenant) -> &FraudLimits {
        static BEFOREHAND: LazyLock<FraudLimits> = LazyLock::new(FraudLimits::default);
        tenant.table::<FraudLimits>().rows().next().map_or(&BEFOREHAND, |row| &row.value)
    }

    fn stricter(&self) -> FraudLimits {
        FraudLimits {
            allowed_classes: both(&self.allowed_classes, &self.upstream_allowed_classes),
            allowed_countries: both(&self.allowed_countries, &self.upstream_allowed_countries),
            agent_minutes_day: less_of_limits(self.agent_minutes_day, self.upstream_agent_minutes_day),
            agent_concurrent: less(self.agent_concurrent, self.upstream_agent_concurrent),
            agent_attempts_minute: less(self.agent_attempts_minute, self.upstream_agent_attempts_minute),
            dear_agent_minutes_day: less(self.dear_agent_minutes_day, self.upstream_dear_agent_minutes_day),
            dear_minutes_day: less(self.dear_minutes_day, self.upstream_dear_minutes_day),
            dear_concurrent: less(self.dear_concurrent, self.upstream_dear_concurrent),
            dear_call_minutes: less(self.dear_call_minutes, self.upstream_dear_call_minutes),
            night_concurrent: less(self.night_concurrent, self.upstream_night_concurrent),
            forward_concurrent: less(self.forward_concurrent, self.upstream_forward_concurrent),
            ..self.clone()
        }
    }

    /// Whether what the upstream sets is what holds of a limit, by the name of its field (OUT-68).
    pub fn is_upstream(&self, limit: &str) -> bool {
        let value = json!(self);
        let own = &value[limit];
        value[format!("upstream_{limit}")]
            .as_i64()
            .is_some_and(|most| json!(self.stricter())[limit] == most && *own != most)
    }

    /// When the dear classes rest: begin and end, in minutes of the day; the upstream's night beside the office's.
    pub fn nights(&self) -> impl Iterator<Item = (u32, u32)> {
        let upstream = self.upstream_night_from.as_ref().zip(self.upstream_night_to.as_ref());
        let own = (&self.night_from, &self.night_to);
        [Some(own), upstream].into_iter().flatten().map(|(from, to)| (from.minutes(), to.minutes()))
    }
}

fn less<const MIN: i64, const MAX: i64>(own: Number<MIN, MAX>, most: Option<Number<MIN, MAX>>) -> Number<MIN, MAX> {
    most.map_or(own, |most| own.min(most))
}

/// Where 0 is no limit.
fn less_of_limits<const MAX: i64>(own: Number<0, MAX>, most: Option<Number<0, MAX>>) -> Number<0, MAX> {
    match most.filter(|most| most.value() > 0) {
        Some(most) if own.value() > 0 => own.min(most),
        Some(most) => most,
        None => own,
    }
}

/// What both allow; an upstream that names nothing allows all.
fn both<T: Clone + PartialEq, const MAX: u64>(own: &List<T, 0, MAX>, upstream: &List<T, 0, MAX>) -> List<T, 0, MAX> {
    let allowed = |one: &&T| upstream.is_empty() || upstream.contains(one);
    List::new(own.iter().filter(allowed).cloned().collect()).unwrap_or_default()
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

    /// OUT-51, OUT-68: whoever sets a limit, the stricter of the two values holds, and it is known whose that is.
    #[test]
    fn of_two_values_the_stricter_holds() {
        let limits = |more: serde_json::Value| {
            let mut value = json!(FraudLimits::default());
            value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value::<FraudLimits>(value).unwrap()
        };
        let set = limits(json!({
            "allowed_classes": ["local", "international"], "upstream_allowed_classes": ["local", "mobile"],
            "allowed_countries": ["JP", "US"], "upstream_agent_concurrent": 2, "upstream_dear_concurrent": 9,
            "agent_minutes_day": 0, "upstream_agent_minutes_day": 60, "dear_agent_minutes_day": 10,
            "upstream_dear_agent_minutes_day": 0, "upstream_night_from": "12:00", "upstream_night_to": "13:00",
        }));
        let held = set.stricter();
        assert_eq!(json!(held.allowed_classes), json!(["local"]));
        assert_eq!(json!(held.allowed_countries), json!(["JP", "US"]), "the upstream names none");
        let numbers = [held.agent_concurrent.value(), held.dear_concurrent.value(), held.agent_minutes_day.value()];
        assert_eq!((numbers, held.dear_agent_minutes_day.value()), ([2, 2, 60], 0));
        assert_eq!(held.nights().collect::<Vec<_>>(), [(22 * 60, 6 * 60), (12 * 60, 13 * 60)]);
        let whose = ["agent_concurrent", "dear_concurrent", "agent_minutes_day", "night_concurrent"];
        assert_eq!(whose.map(|limit| set.is_upstream(limit)), [true, false, true, false]);
        let unlimited = limits(json!({ "upstream_agent_minutes_day": 0 })).stricter();
        assert_eq!(unlimited.agent_minutes_day.value(), 720, "no limit of theirs is none");
    }
}
