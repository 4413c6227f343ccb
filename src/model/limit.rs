//! What the upstream allows this office at most (UPS-101): one record, given as a whole.

use super::{Agent, Package};
use crate::schema::{
    Bound, Held, Menu, Model, Rule, Tab, Tenant,
    kind::{Number, Switch},
    model::{Action, given, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls to one number in a day of the office; 0: no limit (CDR-80 reading).
    pub daily_call_limit: Number<0, 10_000>,
    /// Calls at once; none: as many as the box is set to.
    pub max_calls: Option<Number<1, 10_000>>,
    /// None: as many as the box holds.
    pub agents: Option<Number<1, 10_000>>,
    /// Whether the office has packages beside the one that always is there.
    pub packages: Switch,
    /// Whether a menu may hand what is keyed in to an outside service.
    pub match_plugin: Switch,
    /// Whether accounts of the office act as the upstream on a box that has joined one (UPS-4).
    pub local_lines: Switch,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            daily_call_limit: Number::literal(0),
            max_calls: None,
            agents: None,
            packages: Switch(true),
            match_plugin: Switch(false),
            local_lines: Switch(false),
        }
    }
}

impl Model for Limits {
    const NAME: &'static str = "limit";
    const PATH: &'static str = "limits";
    const MENU: Menu = Menu::Lines;
    const HELD: Held = Held::Single;
    const RIGHTS: &'static str = "fraud_limit";
    const ACTIONS: &'static [Action] = &[];
    const TABS: &'static [Tab] =
        &[tab("general", &["daily_call_limit", "max_calls", "agents", "packages", "match_plugin", "local_lines"])];
    const RULES: &'static [Rule] = &[
        given("daily_call_limit"),
        given("max_calls"),
        given("agents"),
        given("packages"),
        given("match_plugin"),
        given("local_lines"),
    ];

    /// So that what is not given beforehand is withheld from the first start.
    fn first() -> Vec<Self> {
        vec![Limits::default()]
    }

    fn bounds(&self) -> Vec<Bound> {
        let withheld = [(self.packages, Package::NAME), (self.match_plugin, MATCH_PLUGIN)];
        let withheld = withheld.into_iter().filter(|(given, _)| !given.0).map(|(_, what)| Bound::Withheld(what));
        let most = [(self.agents, Agent::NAME), (self.max_calls, MAX_CALLS)];
        let most = most.into_iter().filter_map(|(most, what)| Some(Bound::Most(what, most?.value() as u64)));
        withheld.chain(most).collect()
    }
}

const MATCH_PLUGIN: &str = "ivr.match_plugin";
const MAX_CALLS: &str = "settings.max_calls";

impl Limits {
    /// Those of this snapshot; as they are beforehand, if it has none.
    pub fn of(tenant: &Tenant) -> &Limits {
        static BEFOREHAND: LazyLock<Limits> = LazyLock::new(Limits::default);
        tenant.table::<Limits>().rows().next().map_or(&BEFOREHAND, |row| &row.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;
    use serde_json::json;

    /// UPS-101: each of them is about a noun or a field that there is.
    #[test]
    fn what_is_limited_is_there() {
        let least: Limits =
            serde_json::from_value(json!({ "packages": false, "match_plugin": false, "agents": 3, "max_calls": 30 }))
                .unwrap();
        let bounds = least.bounds();
        assert_eq!(bounds.len(), 4);
        for bound in bounds {
            let (Bound::Withheld(what) | Bound::Most(what, _)) = bound;
            let (noun, field) = what.split_once('.').map_or((what, None), |(noun, field)| (noun, Some(field)));
            let resource = model::resource(noun).expect(what);
            assert!(field.is_none_or(|field| resource.field(field).is_some()), "{what}");
        }
    }

    /// UPS-101: calls at once are the fewer of what the box is set to and what is given, and what is taken back later.
    #[test]
    fn the_box_carries_no_more_calls_than_are_given() {
        let mut tenant = Tenant::default();
        let most = |tenant: &Tenant| model::Settings::of(tenant).calls_most(tenant);
        assert_eq!(most(&tenant), 500, "nothing is given");
        tenant.add(Limits { max_calls: Some(Number::literal(30)), ..Limits::default() });
        assert_eq!(most(&tenant), 30);
        let mut other = Tenant::default();
        other.add(model::Settings { max_calls: Number::literal(20), ..model::Settings::default() });
        other.add(Limits { max_calls: Some(Number::literal(30)), ..Limits::default() });
        assert_eq!(most(&other), 20, "the box is set to fewer");
    }
}
