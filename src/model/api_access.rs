//! How programs get in (API rows): their key, the addresses they come from, how often they may ask; one record.

use crate::schema::{
    Action, Held, Menu, Model, Rule, Tab, Tenant,
    kind::{ApiKey, List, Network, Number, Switch},
    model::{holds_asker, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApiAccess {
    /// None: the API is off (API-4).
    pub api_key: Option<ApiKey>,
    /// A request that starts a call may carry what its call record keeps beside it (API-7).
    pub custom_call_record: Switch,
    /// Of programs, and of whoever signs in with a password; empty: every address (API-10 to API-12).
    pub api_ip_allowlist: List<Network, 0, 200>,
    /// Requests of each kind in 60 seconds; 0: as many as come (API-15, API-16).
    pub limit_sms: Limit,
    pub limit_notice: Limit,
    pub limit_data: Limit,
    pub limit_click_to_call: Limit,
}

/// API-15
pub const LIMIT_MAX: i64 = 10_000;
pub type Limit = Number<0, LIMIT_MAX>;

impl Default for ApiAccess {
    fn default() -> ApiAccess {
        let sixty = Limit::literal(60);
        ApiAccess {
            api_key: None,
            custom_call_record: Switch(false),
            api_ip_allowlist: List::default(),
            limit_sms: sixty,
            limit_notice: sixty,
            limit_data: sixty,
            limit_click_to_call: sixty,
        }
    }
}

impl Model for ApiAccess {
    const NAME: &'static str = "api_access";
    const PATH: &'static str = "api_access";
    const MENU: Menu = Menu::System;
    const HELD: Held = Held::Single;
    const ACTIONS: &'static [Action] = &[Action::Edit];
    const TABS: &'static [Tab] = &[
        tab("key", &["api_key", "custom_call_record", "api_ip_allowlist"]),
        tab("limits", &["limit_sms", "limit_notice", "limit_data", "limit_click_to_call"]),
    ];
    const RULES: &'static [Rule] = &[holds_asker("api_ip_allowlist")];
}

impl ApiAccess {
    /// That of this snapshot; as it is beforehand, if it has none.
    pub fn of(tenant: &Tenant) -> &ApiAccess {
        static BEFOREHAND: LazyLock<ApiAccess> = LazyLock::new(ApiAccess::default);
        tenant.table::<ApiAccess>().rows().next().map_or(&BEFOREHAND, |row| &row.value)
    }

    /// Whether this is the key; without one nothing is (API-4).
    pub fn is_key(&self, sent: &str) -> bool {
        self.api_key.as_ref().is_some_and(|key| key.is(sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// API-1, API-3, API-7, API-9, API-15
    #[test]
    fn a_new_box_has_no_key_and_sixty_requests_a_minute() {
        let json = serde_json::to_value(ApiAccess::default()).unwrap();
        assert_eq!(
            json,
            json!({
                "api_key": null, "custom_call_record": false, "api_ip_allowlist": [], "limit_sms": 60,
                "limit_notice": 60, "limit_data": 60, "limit_click_to_call": 60,
            })
        );
        assert!(!ApiAccess::of(&Tenant::default()).is_key(""));
    }
}
