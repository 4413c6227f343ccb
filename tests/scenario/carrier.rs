//! The carriers of a story: trunks at addresses of their own, and who outside is reached over which.

use crate::phone::Ua;
use bytes::Bytes;
use callbox::{
    model::Trunk,
    schema::tenant::Tenant,
    sip::{
        message::Message,
        method::Method,
        name::Name,
        wire::{Peer, Transport},
        write,
    },
};
use std::net::SocketAddr;

/// Where the box takes what carriers send.
pub const BOX: &str = "192.0.2.200:5060";

pub struct Carriers(Vec<Carrier>);

struct Carrier {
    trunk: String,
    address: SocketAddr,
    /// It hears nothing and says nothing.
    silent: bool,
}

impl Carriers {
    pub fn of(tenant: &Tenant) -> Carriers {
        let carrier = |trunk: &Trunk| Carrier {
            trunk: trunk.name.to_string(),
            address: SocketAddr::new(trunk.host.parse().expect("a trunk of a story has an address"), 5060),
            silent: false,
        };
        Carriers(tenant.table::<Trunk>().rows().map(|row| carrier(&row.value)).collect())
    }

    /// Of this trunk; of the first, where none is named.
    pub fn address(&self, trunk: &str) -> SocketAddr {
        let found = self.0.iter().find(|carrier| trunk.is_empty() || carrier.trunk == trunk);
        found.unwrap_or_else(|| panic!("no trunk {trunk}")).address
    }

    pub fn silence(&mut self, trunk: &str, silent: bool) {
        let found = self.0.iter_mut().find(|carrier| carrier.trunk == trunk);
        found.unwrap_or_else(|| panic!("no trunk {trunk}")).silent = silent;
    }

    pub fn is_silent(&self, address: SocketAddr) -> bool {
        self.0.iter().any(|carrier| carrier.address == address && carrier.silent)
    }

    pub fn has(&self, address: SocketAddr) -> bool {
        self.0.iter().any(|carrier| carrier.address == address)
    }

    /// Who outside a message of the box is for: whoever has its dialog or is called by it. `None`: the carrier itself.
    pub fn whom<'p>(
        &self,
        to: SocketAddr,
        message: &Message,
        phones: impl Iterator<Item = &'p Ua> + Clone,
    ) -> Option<String> {
        let trunk = &self.0.iter().find(|carrier| carrier.address == to)?.trunk;
        let outside = || phones.clone().filter(|ua| ua.phone.outside.is_some());
        let over = |ua: &&Ua| ua.phone.outside.as_ref().is_some_and(|way| way.is_empty() || way == trunk);
        let new = message.code().is_none() && message.method() == Method::Invite;
        let called = |ua: &&Ua| new && message.uri().is_ok_and(|uri| uri.number() == ua.phone.agent);
        let knows = outside().find(|ua| ua.knows(message.call_id()));
        let rings = || outside().filter(over).find(called);
        knows.or_else(rings).map(|ua| ua.phone.name.clone())
    }

    /// What the carrier says of its own accord: it grants, it is alive, and it does not know the number.
    pub fn answer(&self, request: &Message) -> Option<Bytes> {
        let code = match request.method() {
            Method::Ack => return None,
            Method::Invite => 503,
            Method::Options | Method::Register => 200,
            _ => 481,
        };
        let mut writer = write::response(request, code, BOX.parse().unwrap(), "carrier");
        if request.method() == Method::Register {
            writer = writer.copy(request, Name::Contact).copy(request, Name::Expires);
        }
        Some(writer.finish())
    }
}

/// As the box sees whoever sends from a carrier's address.
pub fn peer(address: SocketAddr) -> Peer {
    Peer { transport: Transport::Udp, local: BOX.parse().unwrap(), remote: address, connection: None }
}
