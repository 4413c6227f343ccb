//! Looks up names for the exchange, which itself never waits.

use super::{clock, dns, way_in::WayIn};
use crate::exchange::{Event, wire::Report};
use tokio::{net::lookup_host, runtime::Handle};
use tracing::warn;

pub struct Names {
    tokio: Handle,
    way_in: WayIn,
}

impl Names {
    pub fn new(tokio: Handle, way_in: WayIn) -> Names {
        Names { tokio, way_in }
    }

    /// The same for SRV records.
    pub fn services(&self, name: String) {
        let way_in = self.way_in.clone();
        self.tokio.spawn(async move {
            let found = dns::services(&name).await;
            way_in.tell(Event::Wire { came: clock::now().up, report: Report::Services { name, found } });
        });
    }

    /// The exchange is told, whether the name was found or not.
    pub fn resolve(&self, name: String) {
        let way_in = self.way_in.clone();
        self.tokio.spawn(async move {
            let addresses = match lookup_host((&*name, 0)).await {
                Ok(found) => found.map(|address| address.ip().to_canonical()).collect(),
                Err(error) => {
                    warn!(name, %error, "a name was not found");
                    Vec::new()
                }
            };
            way_in.tell(Event::Wire { came: clock::now().up, report: Report::Resolved { name, addresses } });
        });
    }
}
