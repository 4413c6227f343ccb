//! What holds for the whole office (PRF rows): one record, in force as soon as it is saved.

pub mod choice;

use super::{CallerId, Media, OutboundProfile, Package, PhoneTemplate};
use crate::schema::{
    Action, Held, Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{
        Country, Currency, Destination, Digits, Language, List, Name, Network, Number, Ref, Seconds, Switch, Text,
        TimeZone, destination::Turned,
    },
    model::{appears, holds_asker, lets_go, needs, no_repeats, only, released, tab},
};
use choice::{
    DateFormat, DateFormatMode, DecimalSeparator, DurationFormat, ExportEncoding, NameFormat, NumberFormat,
    ThousandsSeparator, TimeFormat,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Preferences {
    /// Rules every date, day boundary, condition and report.
    pub time_zone: TimeZone,
    /// Of what phones are told; the panel has its own.
    pub language: Language,
    pub country: Country,
    /// Put before a local number where it is shown in full.
    pub area_code: Digits<0, 6>,
    pub date_format_mode: DateFormatMode,
    pub date_format: DateFormat,
    pub time_format: TimeFormat,
    pub duration_format: DurationFormat,
    pub number_format: NumberFormat,
    pub name_format: NameFormat,
    /// 0 reminds nobody.
    pub appointment_reminder_minutes: Number<0, 1_440>,
    /// A phone that nobody holds is given to an agent without one.
    pub auto_bind_phone: Switch,
    pub default_phone_template: Option<Ref<PhoneTemplate>>,
    /// Empty: the panel can be used from everywhere.
    pub ip_allowlist: List<Network, 0, 200>,

    pub currency: Currency,
    pub currency_symbol: Name<5>,
    pub currency_decimals: Number<0, 6>,
    pub decimal_separator: DecimalSeparator,
    pub thousands_separator: ThousandsSeparator,

    /// None: the package that always is there.
    pub default_package: Option<Ref<Package>>,
    pub export_encoding: ExportEncoding,
    pub export_max_rows: Number<1_000, 1_000_000>,

    /// How long an outside number is rung.
    pub outside_ring_timeout: Seconds<5, 300>,
    /// How long an extension is rung when it is dialed.
    pub extension_ring_timeout: Seconds<5, 300>,
    /// How long the target of a blind transfer is rung.
    pub blind_transfer_ring_timeout: Seconds<5, 300>,
    /// A blind-transferred call that is not answered rings back whoever transferred it.
    pub blind_transfer_return: Switch,
    pub blind_transfer_return_prefix: Text<20>,
    /// None: the box's own music.
    pub default_music: Option<Ref<Media>>,
    /// None: that which the upstream marked as default.
    pub default_outbound_profile: Option<Ref<OutboundProfile>>,
    /// Both sides hear a beep when a recording begins, stops for a while or goes on, where the law asks for it.
    pub recording_beep: Switch,

    pub caller_ids: List<Ref<CallerId>, 0, 100>,
    /// 0: the next for every call; n: one for n days.
    pub caller_id_rotation: Number<0, 365>,
    /// None: hang up.
    pub blacklist_destination: Option<Destination<Turned>>,
    /// None: hang up.
    pub dnc_destination: Option<Destination>,
}

impl Default for Preferences {
    fn default() -> Preferences {
        Preferences {
            time_zone: TimeZone::literal("Asia/Shanghai"),
            language: Language::default(),
            country: Country::literal("CN"),
            area_code: Digits::default(),
            date_format_mode: DateFormatMode::default(),
            date_format: DateFormat::default(),
            time_format: TimeFormat::default(),
            duration_format: DurationFormat::default(),
            number_format: NumberFormat::default(),
            name_format: NameFormat::default(),
            appointment_reminder_minutes: Number::literal(10),
            auto_bind_phone: Switch(false),
            default_phone_template: None,
            ip_allowlist: List::default(),
            currency: Currency::literal("CNY"),
            currency_symbol: Name::literal("¥"),
            currency_decimals: Number::literal(2),
            decimal_separator: DecimalSeparator::default(),
            thousands_separator: ThousandsSeparator::default(),
            default_package: None,
            export_encoding: ExportEncoding::default(),
            export_max_rows: Number::literal(50_000),
            outside_ring_timeout: Seconds::literal(60),
            extension_ring_timeout: Seconds::literal(30),
            blind_transfer_ring_timeout: Seconds::literal(30),
            blind_transfer_return: Switch(false),
            blind_transfer_return_prefix: Text::default(),
            default_music: None,
            default_outbound_profile: None,
            recording_beep: Switch(false),
            caller_ids: List::default(),
            caller_id_rotation: Number::literal(0),
            blacklist_destination: None,
            dnc_destination: None,
        }
    }
}

impl Model for Preferences {
    const NAME: &'static str = "preferences";
    const PATH: &'static str = "preferences";
    const MENU: Menu = Menu::System;
    const HELD: Held = Held::Single;
    const ACTIONS: &'static [Action] = &[Action::Edit];
    const TABS: &'static [Tab] = &[
        tab(
            "general",
            &[
                "time_zone",
                "language",
                "country",
                "area_code",
                "date_format_mode",
                "date_format",
                "time_format",
                "duration_format",
                "number_format",
                "name_format",
                "appointment_reminder_minutes",
                "auto_bind_phone",
                "default_phone_template",
                "ip_allowlist",
            ],
        ),
        tab(
            "currency",
            &["currency", "currency_symbol", "currency_decimals", "decimal_separator", "thousands_separator"],
        ),
        tab("data", &["default_package", "export_encoding", "export_max_rows"]),
        tab(
            "dialing",
            &[
                "outside_ring_timeout",
                "extension_ring_timeout",
                "blind_transfer_ring_timeout",
                "blind_transfer_return",
                "blind_transfer_return_prefix",
                "default_music",
                "default_outbound_profile",
            ],
        ),
        tab(
            "call_settings",
            &["caller_ids", "caller_id_rotation", "blacklist_destination", "dnc_destination", "recording_beep"],
        ),
    ];
    const RULES: &'static [Rule] = &[
        holds_asker("ip_allowlist"),
        appears("date_format", "date_format_mode", &["exact"]),
        appears("time_format", "date_format_mode", &["exact"]),
        appears("default_phone_template", "auto_bind_phone", &["true"]),
        needs("default_phone_template", "auto_bind_phone", &["true"]),
        appears("blind_transfer_return_prefix", "blind_transfer_return", &["true"]),
        only("default_package", "status", &["enabled"]),
        lets_go("default_package"),
        released("default_package", "status", "closed"),
        only("default_music", "type", &["hold_music"]),
        no_repeats("caller_ids"),
        lets_go("caller_ids"),
    ];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.decimal_separator.sign() == self.thousands_separator.sign() {
            refusals.add("thousands_separator", Why::Repeated);
        }
    }
}

impl Preferences {
    /// Those of this snapshot; as they are beforehand, if it has none.
    pub fn of(tenant: &Tenant) -> &Preferences {
        static BEFOREHAND: LazyLock<Preferences> = LazyLock::new(Preferences::default);
        tenant.table::<Preferences>().rows().next().map_or(&BEFOREHAND, |row| &row.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// PRF-5, PRF-6, PRF-8, PRF-10, PRF-16, PRF-27..29, PRF-36, PRF-38, PRF-40..42
    #[test]
    fn a_new_office_has_preferences_that_work() {
        let json = serde_json::to_value(Preferences::of(&Tenant::default())).unwrap();
        for (field, value) in [
            ("time_zone", json!("Asia/Shanghai")),
            ("language", json!("zh")),
            ("country", json!("CN")),
            ("date_format_mode", json!("friendly")),
            ("appointment_reminder_minutes", json!(10)),
            ("currency", json!("CNY")),
            ("currency_symbol", json!("¥")),
            ("currency_decimals", json!(2)),
            ("export_encoding", json!("utf-8-bom")),
            ("export_max_rows", json!(50_000)),
            ("outside_ring_timeout", json!(60)),
            ("extension_ring_timeout", json!(30)),
            ("blind_transfer_ring_timeout", json!(30)),
        ] {
            assert_eq!(json[field], value, "{field}");
        }
    }

    /// PRF-32
    #[test]
    fn the_two_separators_differ() {
        let refused = |preferences: Preferences| {
            let mut refusals = Refusals::default();
            preferences.check(&Tenant::default(), &mut refusals);
            !refusals.is_empty()
        };
        assert!(!refused(Preferences::default()));
        assert!(refused(Preferences { decimal_separator: DecimalSeparator::Comma, ..Preferences::default() }));
    }
}
