//! A date with a name that is a holiday in a country, as the upstream gives it (UPS-102).

use super::{Preferences, Region};
use crate::schema::{
    Menu, Model, Rule, Tab, Tenant,
    kind::{Country, Date, Name},
    model::{Action, given, tab, unique_within},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub date: Date,
    pub name: Name<80>,
    pub country: Country,
}

impl Model for Holiday {
    const NAME: &'static str = "holiday";
    const PATH: &'static str = "holidays";
    const RIGHTS: &'static str = Region::NAME;
    const MENU: Menu = Menu::Lines;
    const SEARCH: &'static [&'static str] = &["name", "date"];
    const LIST: &'static [&'static str] = &["date", "name", "country"];
    const ACTIONS: &'static [Action] = &[];
    const TABS: &'static [Tab] = &[tab("general", &["date", "name", "country"])];
    const RULES: &'static [Rule] = &[unique_within("date", "country"), given("date"), given("name"), given("country")];
}

impl Holiday {
    /// Whether it is one in the country of the office (CDR-18).
    pub fn is(tenant: &Tenant, date: jiff::civil::Date) -> bool {
        let (country, date) = (&Preferences::of(tenant).country, date.to_string());
        tenant.table::<Holiday>().rows().any(|row| *row.value.date == *date && row.value.country == *country)
    }
}
