//! Looks up names for the exchange, which itself never waits.

use super::{clock, dns, way_in::WayIn};
use crate::exchange::{Event, wire::Report};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::lookup_host, runtime::Handle};
use tracing::warn;

/// Names that are known to be missing.
const MISSING_MAX: usize = 1_000;

pub struct Names {
    tokio: Handle,
    way_in: WayIn,
    missing: Arc<Missing>,
}

/// Names that were not found when they were last looked up, as they are each minute: each is told of once.
#[derive(Default)]
struct Missing(Mutex<BTreeSet<String>>);

impl Missing {
    fn is_news(&self, name: &str, is_found: bool) -> bool {
        let mut missing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_found {
            missing.remove(name);
            return false;
        }
        if missing.len() >= MISSING_MAX {
            missing.clear();
        }
        missing.insert(name.to_owned())
    }
}

impl Names {
    pub fn new(tokio: Handle, way_in: WayIn) -> Names {
        Names { tokio, way_in, missing: Arc::default() }
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
        let (way_in, missing) = (self.way_in.clone(), self.missing.clone());
        self.tokio.spawn(async move {
            let found = lookup_host((&*name, 0)).await;
            if missing.is_news(&name, found.is_ok())
                && let Err(error) = &found
            {
                warn!(name, %error, "a name is not found");
            }
            let addresses = found.into_iter().flatten().map(|address| address.ip().to_canonical()).collect();
            way_in.tell(Event::Wire { came: clock::now().up, report: Report::Resolved { name, addresses } });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_name_is_told_of_once() {
        let missing = Missing::default();
        let news = [false, false, true, true, false].map(|is_found| missing.is_news("carrier.test", is_found));
        assert_eq!(news, [true, false, false, false, true]);
        assert!(missing.is_news("other.test", false));
    }
}
