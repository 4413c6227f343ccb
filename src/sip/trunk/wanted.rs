//! What is wanted of a trunk, as plain values; whoever knows the tenant makes them.

use super::super::{
    digest::{Ha1, Users},
    network::Network,
    order::TrunkId,
    wire::{Certified, Transport},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, time::Duration};

/// One trunk (TRK rows).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trunk {
    pub id: TrunkId,
    /// Another with each saving, so that one that changes nothing is heard too (TRK-42).
    pub saved: u64,
    pub name: String,
    pub enabled: bool,
    /// It registers (`register`), or it is a `peer`.
    pub registers: bool,
    pub host: String,
    /// 0: DNS or the transport says it.
    pub port: u16,
    pub transport: Transport,
    pub username: String,
    pub auth_username: String,
    pub password: Password,
    /// Empty: `host`.
    pub domain: String,
    /// Host, and port if one is written.
    pub outbound_proxy: Option<(String, u16)>,
    pub allowed_sources: Vec<Network>,
    pub max_calls: u32,
    pub connect_timeout_s: u32,
    /// 0: no OPTIONS are sent.
    pub keep_alive_s: u32,
    pub expires_s: u32,
    pub tls_verify: bool,
    pub ca_certificate: String,
    pub inbound_auth: bool,
    pub did: Reading<DidSource>,
    pub caller: Reading<CallerSource>,
    pub caller_header: CallerHeader,
    /// From has the user name in place of the caller ID (TRK-71).
    pub from_username: bool,
    /// `Privacy: id` on every call (TRK-72).
    pub private: bool,
}

/// Never printed; written down is only whether there is one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(pub String);

/// What stands for one: the shortest that a trunk may have.
const BLANK: &str = "*";

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if self.0.is_empty() { "" } else { BLANK })
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Password)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a number is read, and what is then done to it (TRK-60, TRK-62).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading<S> {
    pub source: S,
    pub remove_prefix: String,
    pub add_prefix: String,
}

/// TRK-58
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DidSource {
    #[default]
    Auto,
    RequestUri,
    To,
    PCalledPartyId,
    Header(String),
}

/// TRK-61
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallerSource {
    #[default]
    Auto,
    From,
    Pai,
    Rpid,
}

/// TRK-70
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallerHeader {
    #[default]
    From,
    Pai,
    Ppi,
    Rpid,
}

/// What a challenge to one trunk is answered with (TRK-12).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Login {
    pub trunk: TrunkId,
    pub user: String,
    pub password: Password,
    /// The only realm that is answered, once it is known (TRK-46).
    pub realm: Option<String>,
}

impl Trunk {
    /// The host part of From, To and Request-URI (TRK-14).
    pub(in crate::sip) fn domain(&self) -> String {
        let domain = if self.domain.is_empty() { &self.host } else { &self.domain };
        if domain.contains(':') { format!("[{domain}]") } else { domain.clone() }
    }

    /// Where its requests go: a host, and a port or 0 (TRK-15).
    pub(in crate::sip) fn way(&self) -> (&str, u16) {
        match &self.outbound_proxy {
            Some((host, port)) => (host, *port),
            None => (&self.host, self.port),
        }
    }

    /// Every host whose addresses are its own (TRK-52).
    pub(in crate::sip) fn hosts(&self) -> impl Iterator<Item = (&str, u16)> {
        let proxy = self.outbound_proxy.as_ref().map(|(host, port)| (host.as_str(), *port));
        [(self.host.as_str(), self.port)].into_iter().chain(proxy)
    }

    pub(in crate::sip) fn usual_port(&self) -> u16 {
        self.transport.port()
    }

    /// The name under which its SRV records stand (TRK-21).
    pub(in crate::sip) fn service(&self, host: &str) -> String {
        let (service, proto) = match self.transport {
            Transport::Udp => ("_sip", "_udp"),
            Transport::Tcp => ("_sip", "_tcp"),
            Transport::Tls => ("_sips", "_tcp"),
        };
        format!("{service}.{proto}.{host}")
    }

    pub(in crate::sip) fn connect_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.connect_timeout_s.max(1)))
    }

    pub(in crate::sip) fn keep_alive(&self) -> Option<Duration> {
        (self.keep_alive_s > 0).then(|| Duration::from_secs(u64::from(self.keep_alive_s)))
    }

    /// TRK-27, TRK-28
    pub(in crate::sip) fn certified(&self) -> Option<Certified> {
        (self.transport == Transport::Tls).then(|| Certified {
            names: [&self.domain, &self.host].into_iter().filter(|name| !name.is_empty()).cloned().collect(),
            verify: self.tls_verify,
            authorities: self.ca_certificate.clone(),
        })
    }

    /// The carrier knows the box under another name or at another place than before.
    pub(in crate::sip) fn is_other(&self, before: &Trunk) -> bool {
        let identity = |trunk: &Trunk| {
            let Trunk { host, port, transport, username, domain, outbound_proxy, registers, .. } = trunk.clone();
            (host, port, transport, username, domain, outbound_proxy, registers)
        };
        identity(self) != identity(before)
    }

    /// What the carrier has to prove where calls from it are challenged (TRK-55).
    pub(in crate::sip) fn proofs(&self, realm: &str) -> Users {
        let wanted = self.inbound_auth && !self.username.is_empty() && !self.password.0.is_empty();
        let proof = wanted.then(|| (self.username.clone(), Ha1::new(&self.username, realm, &self.password.0)));
        proof.into_iter().collect()
    }

    pub(in crate::sip) fn login(&self, realm: Option<String>) -> Login {
        let user = if self.auth_username.is_empty() { &self.username } else { &self.auth_username };
        Login { trunk: self.id, user: user.clone(), password: self.password.clone(), realm }
    }
}
