//! The box's own configuration: one record (BOX-9, BOX-11).

use crate::{
    schema::{
        Action, Held, Menu, Model, Tab, Tenant,
        kind::{ExternalAddress, List, Name, Network, Number, Realm, Switch},
        model::tab,
    },
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{net::IpAddr, sync::LazyLock};

const DAY_MS: i64 = 24 * 3600 * 1000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name of this box: on the page, in call records (CDR-59).
    pub name: Name<40>,
    pub realm: Realm,
    pub digest: Digest,
    /// Calls at once; one more is refused (BOX-131).
    pub max_calls: Number<1, 10000>,
    pub external_address: ExternalAddress,
    /// To peers inside, the box shows its own address (BOX-43).
    pub local_networks: List<Network, 0, 64>,
    /// Their wrong passwords ban nobody (BOX-145).
    pub never_ban: List<Network, 0, 256>,
    /// Proxies whose word on where a request comes from is taken (PRF-26).
    pub trusted_proxies: List<Network, 0, 64>,
    /// How long audit entries are kept (AUD-22).
    pub audit_days: Number<1, 3650>,
    /// How long call records are kept (BOX-60).
    pub record_days: Number<190, 3650>,
    /// How long recordings are kept of packages that do not say it themselves; 0: as long as there is room (BOX-59).
    pub recording_days: Number<0, 3650>,
    /// A disk that is nearly full gives up the oldest recordings for new ones (BOX-63).
    pub recording_overwrite: Switch,
}

/// What phones are challenged with (BOX-141).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Digest {
    #[default]
    Sha256AndMd5,
    Md5,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            name: Name::literal("Callbox"),
            realm: Realm::literal("callbox"),
            digest: Digest::default(),
            max_calls: Number::literal(500),
            external_address: ExternalAddress::literal("auto"),
            local_networks: private_ranges(),
            never_ban: List::default(),
            trusted_proxies: List::default(),
            audit_days: Number::literal(30),
            record_days: Number::literal(800),
            recording_days: Number::literal(0),
            recording_overwrite: Switch(true),
        }
    }
}

/// RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 and loopback; the box's own networks are added by who knows them.
fn private_ranges() -> List<Network, 0, 64> {
    let ranges = [
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    ];
    List::new(ranges.map(Network::literal).to_vec()).unwrap_or_default()
}

impl Model for Settings {
    const NAME: &'static str = "settings";
    const PATH: &'static str = "settings";
    const MENU: Menu = Menu::Box;
    const HELD: Held = Held::Single;
    const RIGHTS: &'static str = "box";
    const ACTIONS: &'static [Action] = &[Action::Edit];
    const TABS: &'static [Tab] = &[
        tab("general", &["name", "max_calls"]),
        tab("storage", &["record_days", "recording_days", "audit_days", "recording_overwrite"]),
        tab("network", &["external_address", "local_networks", "never_ban", "trusted_proxies", "realm", "digest"]),
    ];
    const VERSION: u16 = 2;

    /// Until version 1 some preferences stood here.
    fn upgrade(_: u16, mut value: Value) -> Value {
        if let Some(fields) = value.as_object_mut() {
            for moved in ["language", "time_zone", "extension_ring_timeout", "blind_transfer_ring_timeout"] {
                fields.remove(moved);
            }
        }
        value
    }
}

impl Settings {
    /// Those of this snapshot; as they are beforehand, if it has none.
    pub fn of(tenant: &Tenant) -> &Settings {
        static BEFOREHAND: LazyLock<Settings> = LazyLock::new(Settings::default);
        tenant.table::<Settings>().rows().next().map_or(&BEFOREHAND, |row| &row.value)
    }

    /// Calls at once: what is set here, or less where the upstream gave less.
    pub fn calls_most(&self, tenant: &Tenant) -> u32 {
        let given = tenant.bounds.most_in(Settings::NAME, "max_calls").unwrap_or(u64::MAX);
        given.min(self.max_calls.value() as u64) as u32
    }

    /// Records of calls that ended before this are no longer kept (BOX-60).
    pub fn records_from(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0 - self.record_days.value() * DAY_MS)
    }

    /// Nobody has said which networks are local: those in which the box stands are, too (BOX-43).
    pub fn has_usual_networks(&self) -> bool {
        self.local_networks == private_ranges()
    }

    /// Whether a peer is inside (BOX-43).
    pub fn is_local(&self, address: IpAddr) -> bool {
        self.local_networks.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// BOX-41, BOX-43, BOX-141
    #[test]
    fn a_new_box_has_settings_that_work() {
        let tenant = Tenant::default();
        let settings = Settings::of(&tenant);
        let local = |address: &str| settings.is_local(address.parse().unwrap());
        assert!(local("192.168.1.9") && local("127.0.0.1") && local("fd12::1") && local("::ffff:10.0.0.1"));
        assert!(!local("8.8.8.8") && !local("2001:db8::1") && settings.has_usual_networks());
        assert!(!Settings { local_networks: List::default(), ..Settings::default() }.has_usual_networks());
        let json = serde_json::to_value(settings).unwrap();
        assert_eq!(json["digest"], json!("sha256_and_md5"));
        assert_eq!(json["external_address"], json!("auto"));
    }

    #[test]
    fn the_newest_settings_are_read() {
        let mut tenant = Tenant::default();
        tenant.add(Settings { digest: Digest::Md5, ..Settings::default() });
        assert_eq!(Settings::of(&tenant).digest, Digest::Md5);
    }
}
