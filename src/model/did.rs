//! A number on which calls arrive (DID rows): some fields are the upstream's, some the office's.

use super::Package;
use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{Country, Destination, Moment, Number, NumberPrefix, Phone, Ref, Status, Text},
    model::{Action, Again, Many, given, lets_go, located, only, released, shown, tab, told, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Did {
    pub number: Phone,
    #[serde(default)]
    pub status: Status,
    #[serde(default)]
    pub name: Text<64>,
    /// DIDs of one group are matched together by an inbound route.
    #[serde(default)]
    pub group: Text<64>,
    /// In which the caller is looked up and recorded; none: the default package of the preferences.
    #[serde(default)]
    pub package: Option<Ref<Package>>,
    /// None: the inbound routes are asked.
    #[serde(default)]
    pub destination: Option<Destination>,
    #[serde(default)]
    pub caller_number_prefix: NumberPrefix,
    #[serde(default)]
    pub caller_name_prefix: Text<20>,
    #[serde(default = "china")]
    pub country: Country,
    /// Where the number belongs, from the table of regions.
    #[serde(default)]
    pub region: Text<80>,
    #[serde(default)]
    pub remark: Text<500>,
    /// Calls from outside in the present month of the office, and their minutes (DID-30, DID-31).
    #[serde(default = "none")]
    pub calls_this_month: Number<0, 4_294_967_295>,
    #[serde(default = "none")]
    pub minutes_this_month: Number<0, 4_294_967_295>,
    /// When it was last called (DID-33).
    #[serde(default)]
    pub last_used_at: Option<Moment>,
}

fn none() -> Number<0, 4_294_967_295> {
    Number::literal(0)
}

fn china() -> Country {
    Country::literal("CN")
}

impl Model for Did {
    const NAME: &'static str = "did";
    const PATH: &'static str = "dids";
    const MENU: Menu = Menu::Numbers;
    const SEARCH: &'static [&'static str] = &["number"];
    const FINDS_OFFICE: bool = true;
    const LIST: &'static [&'static str] =
        &["number", "name", "group", "destination", "caller_name_prefix", "caller_number_prefix", "country", "region"];
    const FILTERS: &'static [&'static str] = &["package", "status"];
    const NAMED: &'static [&'static str] = &["number", "name"];
    const ACTIONS: &'static [Action] = &[Action::Edit, Action::BatchEdit, Action::Export];
    const MANY: Option<Many> = Some(Many { field: "number", again: Again::Refused, spaces: true });
    const BATCH: &'static [&'static str] =
        &["name", "group", "package", "destination", "caller_number_prefix", "caller_name_prefix", "remark"];
    const TABS: &'static [Tab] = &[
        tab(
            "general",
            &[
                "number",
                "name",
                "group",
                "package",
                "destination",
                "caller_number_prefix",
                "caller_name_prefix",
                "status",
                "region",
                "calls_this_month",
                "minutes_this_month",
                "last_used_at",
            ],
        ),
        tab("advanced", &["country", "remark"]),
    ];
    const RULES: &'static [Rule] = &[
        unique("number"),
        given("number"),
        given("status"),
        given("country"),
        shown("region"),
        shown("calls_this_month"),
        told("calls_this_month"),
        shown("minutes_this_month"),
        told("minutes_this_month"),
        shown("last_used_at"),
        told("last_used_at"),
        located("region", "number"),
        lets_go("package"),
        released("package", "status", "closed"),
        only("package", "status", &["enabled"]),
    ];
}
