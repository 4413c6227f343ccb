//! Who the office is (COM rows); without effect on calls.

use super::Settings;
use crate::schema::{
    Held, Menu, Model, Tab, Tenant,
    kind::{Email, Lettered, Link, PhoneLine, Text},
    model::{Action, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Company {
    pub name: Text<120>,
    pub contact: Text<80>,
    pub phone: Option<PhoneLine>,
    pub fax: Option<PhoneLine>,
    pub email: Option<Email>,
    pub website: Option<Link<200>>,
    pub address: Text<200>,
    pub postal_code: Lettered<12>,
    pub tax_number: Lettered<40>,
    pub invoice_title: Text<120>,
    pub bank_name: Text<120>,
    pub bank_account: Lettered<40>,
    pub finance_contact: Text<80>,
    pub finance_email: Option<Email>,
}

impl Company {
    /// Whether a text stands in what the office is called: its name, or its domain (DID-3). `text` must be folded.
    pub fn is_called(tenant: &Tenant, text: &str) -> bool {
        let name = tenant.table::<Company>().rows().next().map(|row| row.value.name.to_lowercase());
        let domain = Settings::of(tenant).realm.to_lowercase();
        [name.unwrap_or_default(), domain].iter().any(|called| called.contains(text))
    }
}

impl Model for Company {
    const NAME: &'static str = "company";
    const PATH: &'static str = "company";
    const MENU: Menu = Menu::System;
    const HELD: Held = Held::Single;
    const ACTIONS: &'static [Action] = &[Action::Edit];
    const TABS: &'static [Tab] = &[
        tab("company", &["name", "contact", "phone", "fax", "email", "website", "address", "postal_code"]),
        tab(
            "finance",
            &["tax_number", "invoice_title", "bank_name", "bank_account", "finance_contact", "finance_email"],
        ),
    ];
}
