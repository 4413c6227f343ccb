//! Whether it is now inside or outside of times that are set (CND rows), in the time zone of the preferences.

use super::Preferences;
use crate::schema::{
    Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Destination, List, Name, Period, period::Form},
    model::{tab, unique},
};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub name: Name<64>,
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Without any it is never inside.
    #[serde(default)]
    pub periods: List<Period, 0, 100>,
    /// None: hang up.
    #[serde(default)]
    pub inside_destination: Option<Destination>,
    #[serde(default)]
    pub outside_destination: Option<Destination>,
}

/// CND-8
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum ConditionType {
    Weekly,
    Time,
    Date,
    DateRange,
}

impl ConditionType {
    fn form(self) -> Form {
        match self {
            ConditionType::Weekly => Form::Weekly,
            ConditionType::Time => Form::Time,
            ConditionType::Date => Form::Date,
            ConditionType::DateRange => Form::DateRange,
        }
    }
}

impl Condition {
    /// Whether a moment is within any of its periods, by the clocks of the office; without any it never is.
    pub fn is_inside(&self, tenant: &Tenant, at: Timestamp) -> bool {
        let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let shown = moment.to_zoned(Preferences::of(tenant).time_zone.clocks()).datetime();
        self.periods.iter().any(|period| period.span().holds(shown))
    }
}

impl Model for Condition {
    const NAME: &'static str = "condition";
    const PATH: &'static str = "conditions";
    const MENU: Menu = Menu::Routing;
    const LIST: &'static [&'static str] = &["name", "type", "periods", "inside_destination", "outside_destination"];
    const TABS: &'static [Tab] =
        &[tab("general", &["name", "type", "periods", "inside_destination", "outside_destination"])];
    const RULES: &'static [Rule] = &[unique("name")];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.periods.iter().any(|period| period.form() != self.kind.form()) {
            refusals.add("periods", Why::Pattern);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::kind::TimeZone;

    /// CND reading: all times are those of the office's zone, also where its clocks are set.
    #[test]
    fn the_clocks_are_those_of_the_office() {
        let condition = |periods: &[&'static str]| Condition {
            name: Name::literal("Hours"),
            kind: ConditionType::Weekly,
            periods: List::new(periods.iter().map(|period| Period::literal(period)).collect()).unwrap(),
            inside_destination: None,
            outside_destination: None,
        };
        let office = |zone: &'static str| {
            let mut tenant = Tenant::default();
            tenant.add(Preferences { time_zone: TimeZone::literal(zone), ..Preferences::default() });
            tenant
        };
        let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let hours = condition(&["mon 09:00-18:00", "tue 09:00-18:00"]);
        for (zone, moment, inside) in [
            ("Asia/Shanghai", "2026-11-23T01:00:00Z", true),
            ("Asia/Shanghai", "2026-11-23T00:59:59Z", false),
            ("Asia/Shanghai", "2026-11-24T10:00:00Z", true),
            ("Asia/Tokyo", "2026-11-23T00:00:00Z", true),
            ("Europe/Berlin", "2026-03-30T07:00:00Z", true),
            ("Europe/Berlin", "2026-03-23T07:30:00Z", false),
        ] {
            assert_eq!(hours.is_inside(&office(zone), at(moment)), inside, "{zone} {moment}");
        }
        assert!(!condition(&[]).is_inside(&office("Asia/Tokyo"), at("2026-11-23T03:00:00Z")), "never without periods");
    }
}
