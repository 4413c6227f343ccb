//! Trunks and DIDs of the tenant as SIP wants them: plain values, passwords open.

use crate::{
    model::{
        did::Did,
        numbering::Numbering,
        trunk::{
            self,
            choice::{self, FromUser, NumberFormat, Privacy, TrunkKind},
        },
    },
    schema::{kind::Status, tenant::Tenant},
    sip::{
        order::{Order, TrunkId},
        trunk::{CallerHeader, CallerSource, DidSource, Password, Reading, Trunk},
        wire::Transport,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How each trunk wants numbers written (TRK-69).
#[derive(Clone, Debug, Default)]
pub struct Written {
    numbering: Option<Numbering>,
    formats: BTreeMap<TrunkId, NumberFormat>,
}

impl Written {
    pub fn of(tenant: &Tenant) -> Written {
        let rows = tenant.table::<trunk::Trunk>().rows();
        let formats = rows.map(|row| (TrunkId(row.id().0), row.value.number_format)).collect();
        Written { numbering: Some(Numbering::of(tenant)), formats }
    }

    /// The order as it goes to SIP.
    pub fn on(&self, mut order: Order) -> Order {
        if let Order::Dial { trunk, number, .. } = &mut order
            && let (Some(numbering), Some(format)) = (&self.numbering, self.formats.get(trunk))
        {
            *number = numbering.written(number, *format);
        }
        order
    }
}

pub fn wanted(tenant: &Tenant) -> Vec<Trunk> {
    tenant.table::<trunk::Trunk>().rows().map(|row| one(row.id().0, row.envelope.rev, &row.value)).collect()
}

/// Every number on which calls arrive (TRK-59).
pub fn dids(tenant: &Tenant) -> Arc<BTreeSet<String>> {
    Arc::new(tenant.table::<Did>().rows().map(|row| row.value.number.to_string()).collect())
}

/// As saved or as typed into a form.
pub fn one(id: u64, saved: u64, trunk: &trunk::Trunk) -> Trunk {
    Trunk {
        id: TrunkId(id),
        saved,
        name: trunk.name.to_string(),
        enabled: trunk.status == Status::Enabled,
        registers: trunk.kind == TrunkKind::Register,
        host: trunk.host.trim_end_matches('.').to_ascii_lowercase(),
        port: trunk.port.value() as u16,
        transport: match trunk.transport {
            choice::Transport::Udp => Transport::Udp,
            choice::Transport::Tcp => Transport::Tcp,
            choice::Transport::Tls => Transport::Tls,
        },
        username: trunk.username.to_string(),
        auth_username: trunk.auth_username.to_string(),
        password: Password(trunk.password.as_ref().map(|password| password.to_string()).unwrap_or_default()),
        domain: trunk.domain.as_ref().map(|domain| domain.to_string()).unwrap_or_default(),
        outbound_proxy: way(&trunk.outbound_proxy),
        allowed_sources: trunk.allowed_sources.iter().filter_map(|network| network.parse().ok()).collect(),
        max_calls: trunk.max_calls.value() as u32,
        connect_timeout_s: seconds(trunk.connect_timeout.length()),
        keep_alive_s: seconds(trunk.keep_alive_seconds.length()),
        expires_s: seconds(trunk.expires.length()),
        tls_verify: trunk.tls_verify.0,
        ca_certificate: trunk.ca_certificate.to_string(),
        inbound_auth: trunk.inbound_auth.0,
        did: Reading {
            source: match trunk.did_source {
                choice::DidSource::Auto => DidSource::Auto,
                choice::DidSource::RequestUri => DidSource::RequestUri,
                choice::DidSource::To => DidSource::To,
                choice::DidSource::PCalledPartyId => DidSource::PCalledPartyId,
                choice::DidSource::Header => DidSource::Header(trunk.did_header.to_string()),
            },
            remove_prefix: trunk.did_remove_prefix.to_string(),
            add_prefix: trunk.did_add_prefix.to_string(),
        },
        caller: Reading {
            source: match trunk.caller_source {
                choice::CallerSource::Auto => CallerSource::Auto,
                choice::CallerSource::From => CallerSource::From,
                choice::CallerSource::Pai => CallerSource::Pai,
                choice::CallerSource::Rpid => CallerSource::Rpid,
            },
            remove_prefix: trunk.caller_remove_prefix.to_string(),
            add_prefix: trunk.caller_add_prefix.to_string(),
        },
        caller_header: match trunk.caller_header {
            choice::CallerHeader::From => CallerHeader::From,
            choice::CallerHeader::Pai => CallerHeader::Pai,
            choice::CallerHeader::Ppi => CallerHeader::Ppi,
            choice::CallerHeader::Rpid => CallerHeader::Rpid,
        },
        from_username: trunk.from_user == FromUser::Username,
        private: trunk.privacy == Privacy::Id,
    }
}

fn seconds(length: std::time::Duration) -> u32 {
    length.as_secs() as u32
}

/// `host`, `host:port` or `[v6]:port`.
fn way(text: &str) -> Option<(String, u16)> {
    if text.is_empty() {
        return None;
    }
    let whole = || (text.to_ascii_lowercase(), 0);
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Some(whole());
    }
    Some(match text.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>())) {
        Some((host, Ok(port))) => (host.trim_matches(['[', ']']).to_ascii_lowercase(), port),
        _ => whole(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::{LegId, Session};
    use serde_json::json;

    #[test]
    fn a_proxy_is_a_host_and_a_port_or_none() {
        let way = |text| super::way(text).map(|(host, port)| format!("{host} {port}")).unwrap_or_default();
        let read = ["", "Proxy.example", "proxy:5070", "192.0.2.7:5062", "2001:db8::7", "[2001:db8::7]:5061"].map(way);
        assert_eq!(read, ["", "proxy.example 0", "proxy 5070", "192.0.2.7 5062", "2001:db8::7 0", "2001:db8::7 5061"]);
    }

    /// TRK-69: as it is, or in the international form of the office's country.
    #[test]
    fn a_number_is_written_as_its_trunk_wants_it() {
        let mut tenant = Tenant::default();
        let trunk = |name: &str, format: &str| {
            let value = json!({ "name": name, "kind": "peer", "host": "192.0.2.1", "number_format": format });
            serde_json::from_value::<trunk::Trunk>(value).unwrap()
        };
        let ids = ["as_is", "e164", "e164_plus"].map(|format| tenant.add(trunk(format, format)));
        let written = Written::of(&tenant);
        let sent = ids.map(|id| {
            let order = Order::Dial {
                leg: LegId(2),
                trunk: TrunkId(id.0),
                number: "02155667788".into(),
                from: Default::default(),
                withheld: false,
                max_forwards: None,
                offer: Session::parse(
                    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
                    m=audio 4000 RTP/AVP 8\r\n",
                )
                .unwrap(),
            };
            let Order::Dial { number, .. } = written.on(order) else { panic!() };
            number
        });
        assert_eq!(sent, ["02155667788", "862155667788", "+862155667788"]);
    }
}
