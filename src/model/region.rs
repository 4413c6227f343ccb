//! Where a number belongs (LOC rows), by the digits with which it begins; the upstream gives the table.

use super::{Preferences, numbering::Numbering};
use crate::schema::{
    Held, Import, Menu, Model, Rule, Tab, Tenant,
    import::{Again, Columns},
    kind::{Country, Digits, Name},
    locations::{Location, Locations},
    model::{Action, given, tab, unique},
    places,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// International form without `+`.
    pub code: Digits<1, 15>,
    pub name: Name<80>,
    pub country: Country,
}

impl Model for Region {
    const NAME: &'static str = "region";
    const PATH: &'static str = "regions";
    const MENU: Menu = Menu::Lines;
    const HELD: Held = Held::Packed;
    const SEARCH: &'static [&'static str] = &["code", "name"];
    const LIST: &'static [&'static str] = &["code", "name", "country"];
    const FILTERS: &'static [&'static str] = &["country"];
    const ACTIONS: &'static [Action] = &[];
    const GIVEN: bool = true;
    const TABS: &'static [Tab] = &[tab("general", &["code", "name", "country"])];
    const RULES: &'static [Rule] = &[unique("code"), given("code"), given("name"), given("country")];
    const IMPORT: Option<Import> = Some(Import {
        noun: Self::NAME,
        columns: Columns::Fields(&["code", "name", "country"]),
        chosen: &[],
        made: None,
        dealt: None,
        again: Again::Takes,
        fills: None,
        new_field: None,
        bytes_max: 32 * 1024 * 1024,
    });
}

impl Region {
    /// The table that holds: that of the upstream, else the one that every box has (LOC-12).
    pub fn table(tenant: &Tenant) -> &Locations {
        if tenant.locations.is_empty() {
            return places::built_in(Preferences::of(tenant).language);
        }
        &tenant.locations
    }

    /// A number as it is dialed here or as a carrier shows it, in international form without `+` (LOC-7).
    pub fn international(tenant: &Tenant, number: &str) -> Option<String> {
        Numbering::of(tenant).international(number)
    }

    /// Where a number belongs; an internal or a short one nowhere.
    pub fn of<'t>(tenant: &'t Tenant, number: &str) -> Option<Location<'t>> {
        if tenant.number_holder(number).is_some() {
            return None;
        }
        Region::table(tenant).of(&Region::international(tenant, number)?)
    }

    /// As records keep it (LOC-9); empty: nowhere known.
    pub fn name_of(tenant: &Tenant, number: &str) -> String {
        Region::of(tenant, number).map(|place| place.name.to_owned()).unwrap_or_default()
    }
}
