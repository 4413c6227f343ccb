//! What an agent is warned of about a customer's number (POP rows).

use super::Package;
use crate::schema::{
    Action, Id, Menu, Model, Rule, Tab, Tenant,
    kind::{self, Lines, Phone, Ref},
    model::{Again, Approval, Many, Whose, fixed, only, tab, unique_within},
    table,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopupAlert {
    pub package: Ref<Package>,
    pub number: Phone,
    pub content: Lines<1, 500>,
    #[serde(default)]
    pub status: kind::Approval,
}

impl PopupAlert {
    /// What is to be said of a number in a package: what waits or is switched off says nothing (POP-14, POP-17). Numbers
    /// are compared by their digits.
    pub fn of<'t>(tenant: &'t Tenant, package: Id, number: &str) -> Option<&'t PopupAlert> {
        let key = table::key_within(&kind::phone::meant(number), &serde_json::json!(package));
        let alert = &tenant.table::<PopupAlert>().by("number", &key)?.value;
        Some(alert).filter(|alert| alert.status == kind::Approval::Enabled)
    }
}

impl Model for PopupAlert {
    const NAME: &'static str = "popup_alert";
    const PATH: &'static str = "popup_alerts";
    const MENU: Menu = Menu::Customers;
    const SEARCH: &'static [&'static str] = &["number"];
    const LIST: &'static [&'static str] = &["package", "number", "content", "status"];
    const FILTERS: &'static [&'static str] = &["package", "status"];
    const NAMED: &'static [&'static str] = &["number"];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Approve];
    const APPROVAL: Option<Approval> = Some(Approval { field: "status", of: Whose::Unapproving });
    const MANY: Option<Many> = Some(Many { field: "number", again: Again::Refused, spaces: false });
    const AUTHOR: bool = true;
    const TABS: &'static [Tab] = &[tab("general", &["package", "number", "content", "status"])];
    const RULES: &'static [Rule] = &[
        unique_within("number", "package"),
        fixed("number"),
        fixed("package"),
        only("package", "status", &["enabled"]),
    ];
}
