//! A line to a carrier (TRK rows); the upstream gives it.

pub mod choice;

use crate::schema::{
    Id, Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Digits, Host, HostPort, Lines, List, Name, Network, Number, Phone, Seconds, Secret, Status, Switch, Text},
    model::{Action, appears, given, needs, no_repeats, tab, unique},
};
use choice::{
    CallerHeader, CallerSource, DidSource, Dtmf, FromUser, NumberFormat, Privacy, Srtp, Transport, TrunkCodec,
    TrunkKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    pub name: Name<64>,
    #[serde(default)]
    pub status: Status,
    pub kind: TrunkKind,
    pub host: Host,
    /// 0: DNS or the transport says it.
    #[serde(default = "by_dns")]
    pub port: Number<0, 65_535>,
    #[serde(default)]
    pub transport: Transport,
    #[serde(default)]
    pub username: Text<64>,
    /// In place of `username` in the answer to a challenge.
    #[serde(default)]
    pub auth_username: Text<64>,
    #[serde(default)]
    pub password: Option<Secret<1, 128>>,
    #[serde(default = "thirty")]
    pub max_calls: Number<1, 500>,

    /// The host part of From, To and Request-URI; empty: `host`.
    #[serde(default)]
    pub domain: Option<Host>,
    /// `host` or `host:port`; every request is sent there.
    #[serde(default)]
    pub outbound_proxy: HostPort,
    #[serde(default)]
    pub allowed_sources: List<Network, 0, 64>,
    #[serde(default = "four")]
    pub connect_timeout: Seconds<1, 32>,
    #[serde(default = "thirty_seconds")]
    pub keep_alive_seconds: Seconds<0, 600>,
    #[serde(default = "ten_minutes")]
    pub expires: Seconds<60, 7_200>,
    #[serde(default = "on")]
    pub tls_verify: Switch,
    /// PEM of an authority beside the public ones.
    #[serde(default)]
    pub ca_certificate: Lines<0, 65_536>,
    #[serde(default)]
    pub srtp: Srtp,

    #[serde(default)]
    pub inbound_auth: Switch,
    #[serde(default)]
    pub did_source: DidSource,
    /// The header, where `did_source` is `header`.
    #[serde(default)]
    pub did_header: Text<64>,
    #[serde(default)]
    pub did_remove_prefix: Digits<0, 20>,
    #[serde(default)]
    pub did_add_prefix: Digits<0, 20>,
    #[serde(default)]
    pub caller_source: CallerSource,
    #[serde(default)]
    pub caller_remove_prefix: Digits<0, 20>,
    #[serde(default)]
    pub caller_add_prefix: Digits<0, 20>,

    #[serde(default)]
    pub number_format: NumberFormat,
    #[serde(default)]
    pub caller_header: CallerHeader,
    #[serde(default)]
    pub from_user: FromUser,
    #[serde(default)]
    pub privacy: Privacy,
    /// Those that the carrier accepts; empty: all.
    #[serde(default)]
    pub caller_ids: List<Phone, 0, 1_000>,
    #[serde(default)]
    pub default_caller_id: Option<Phone>,
    #[serde(default)]
    pub emergency_caller_id: Option<Phone>,
    #[serde(default = "both_laws")]
    pub codecs: List<TrunkCodec, 1, 3>,
    #[serde(default)]
    pub dtmf: Dtmf,
    /// 0: never.
    #[serde(default = "two_minutes")]
    pub rtp_timeout: Seconds<0, 600>,
    #[serde(default = "four_hours")]
    pub max_call_minutes: Number<1, 1_440>,
    /// Lines that no dialer, voice notice or API call may use.
    #[serde(default = "one")]
    pub reserved_calls: Number<0, 100>,
    /// Answered outside minutes in a day; 0: no limit (OUT-61).
    #[serde(default = "without_limit")]
    pub minutes_day: Number<0, 100_000>,
}

impl Trunk {
    /// As it is called; empty: it is no more.
    pub fn name_of(tenant: &Tenant, id: Id) -> String {
        tenant.table::<Trunk>().row(id).map(|row| row.value.name.to_string()).unwrap_or_default()
    }
}

fn by_dns() -> Number<0, 65_535> {
    Number::literal(0)
}

fn thirty() -> Number<1, 500> {
    Number::literal(30)
}

fn four() -> Seconds<1, 32> {
    Seconds::literal(4)
}

fn thirty_seconds() -> Seconds<0, 600> {
    Seconds::literal(30)
}

fn ten_minutes() -> Seconds<60, 7_200> {
    Seconds::literal(600)
}

fn two_minutes() -> Seconds<0, 600> {
    Seconds::literal(120)
}

fn four_hours() -> Number<1, 1_440> {
    Number::literal(240)
}

fn one() -> Number<0, 100> {
    Number::literal(1)
}

fn without_limit() -> Number<0, 100_000> {
    Number::literal(0)
}

fn on() -> Switch {
    Switch(true)
}

fn both_laws() -> List<TrunkCodec, 1, 3> {
    List::new(vec![TrunkCodec::Pcma, TrunkCodec::Pcmu])
        .unwrap_or_else(|_| unreachable!("two are between one and three"))
}

impl Model for Trunk {
    const NAME: &'static str = "trunk";
    const PATH: &'static str = "trunks";
    const MENU: Menu = Menu::Lines;
    const SEARCH: &'static [&'static str] = &["name", "host"];
    const LIST: &'static [&'static str] = &["name", "kind", "host", "transport", "status", "max_calls"];
    const FILTERS: &'static [&'static str] = &["status", "kind"];
    const ACTIONS: &'static [Action] = &[];
    const TABS: &'static [Tab] = &[
        tab(
            "general",
            &[
                "name",
                "status",
                "kind",
                "host",
                "port",
                "transport",
                "username",
                "auth_username",
                "password",
                "max_calls",
            ],
        ),
        tab(
            "reaching",
            &[
                "domain",
                "outbound_proxy",
                "allowed_sources",
                "connect_timeout",
                "keep_alive_seconds",
                "expires",
                "tls_verify",
                "ca_certificate",
                "srtp",
            ],
        ),
        tab(
            "calls_in",
            &[
                "inbound_auth",
                "did_source",
                "did_header",
                "did_remove_prefix",
                "did_add_prefix",
                "caller_source",
                "caller_remove_prefix",
                "caller_add_prefix",
            ],
        ),
        tab(
            "calls_out",
            &[
                "number_format",
                "caller_header",
                "from_user",
                "privacy",
                "caller_ids",
                "default_caller_id",
                "emergency_caller_id",
                "codecs",
                "dtmf",
                "rtp_timeout",
                "max_call_minutes",
                "reserved_calls",
                "minutes_day",
            ],
        ),
    ];
    const RULES: &'static [Rule] = &[
        unique("name"),
        needs("username", "kind", &["register"]),
        needs("did_header", "did_source", &["header"]),
        appears("did_header", "did_source", &["header"]),
        appears("tls_verify", "transport", &["tls"]),
        appears("ca_certificate", "transport", &["tls"]),
        no_repeats("caller_ids"),
        no_repeats("codecs"),
        given("name"),
        given("status"),
        given("kind"),
        given("host"),
        given("port"),
        given("transport"),
        given("username"),
        given("auth_username"),
        given("password"),
        given("max_calls"),
        given("domain"),
        given("outbound_proxy"),
        given("allowed_sources"),
        given("connect_timeout"),
        given("keep_alive_seconds"),
        given("expires"),
        given("tls_verify"),
        given("ca_certificate"),
        given("srtp"),
        given("inbound_auth"),
        given("did_source"),
        given("did_header"),
        given("did_remove_prefix"),
        given("did_add_prefix"),
        given("caller_source"),
        given("caller_remove_prefix"),
        given("caller_add_prefix"),
        given("number_format"),
        given("caller_header"),
        given("from_user"),
        given("privacy"),
        given("caller_ids"),
        given("default_caller_id"),
        given("emergency_caller_id"),
        given("codecs"),
        given("dtmf"),
        given("rtp_timeout"),
        given("max_call_minutes"),
        given("reserved_calls"),
        given("minutes_day"),
    ];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        if self.srtp != Srtp::Off && self.transport != Transport::Tls {
            refusals.add("srtp", Why::Choice);
        }
        if self.allowed_sources.iter().any(Network::is_wide) {
            refusals.add("allowed_sources", Why::Pattern);
        }
    }
}
