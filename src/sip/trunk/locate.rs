//! Where a trunk is: its names as DNS knows them, and which target is tried first (TRK-21 to TRK-24).

use super::{
    super::{
        machine::Sip,
        order::TrunkId,
        timers::Due,
        wire::{Order, Service},
    },
    errand::ErrandId,
    wanted::Trunk,
};
use crate::time::Uptime;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// How often names are looked up again.
const LOOK_UP_EVERY: Duration = Duration::from_secs(60);
/// How long the last answer is used when no name server gives one (TRK-24).
const KEPT_MAX: Duration = Duration::from_secs(24 * 3600);
/// Targets of one name; a longer list is cut.
const SERVICES_MAX: usize = 16;
const ADDRESSES_MAX: usize = 16;

/// What DNS said of the names of all trunks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::sip) struct Names {
    hosts: BTreeMap<String, Known<IpAddr>>,
    services: BTreeMap<String, Known<Service>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known<T> {
    found: Vec<T>,
    /// When it was found.
    at: Option<Uptime>,
    /// Something came of the question, if only that nothing was found.
    heard: bool,
}

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known { found: Vec::new(), at: None, heard: false }
    }
}

impl<T> Known<T> {
    /// `None`: no answer; the last one stays as long as it may.
    fn take(&mut self, now: Uptime, found: Option<Vec<T>>) {
        self.heard = true;
        match found {
            Some(found) => (self.found, self.at) = (found, Some(now)),
            None if self.at.is_none_or(|at| now.since(at) > KEPT_MAX) => self.found.clear(),
            None => {}
        }
    }
}

impl Names {
    /// Every address to which the names of this trunk lead (TRK-52).
    pub fn addresses_of(&self, trunk: &Trunk) -> BTreeSet<IpAddr> {
        let hosts = self.hosts_of(trunk);
        hosts.iter().flat_map(|host| self.addresses(host).unwrap_or_default()).collect()
    }

    /// The hosts of a trunk, and those that its SRV records name.
    fn hosts_of(&self, trunk: &Trunk) -> Vec<String> {
        let mut hosts = Vec::new();
        for (host, port) in trunk.hosts() {
            hosts.push(host.to_owned());
            let services = services_of(trunk, host, port).and_then(|name| self.services.get(&name));
            hosts.extend(services.into_iter().flat_map(|known| &known.found).map(|service| service.host.clone()));
        }
        hosts
    }

    /// `None`: not heard yet.
    fn addresses(&self, host: &str) -> Option<Vec<IpAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(vec![address.to_canonical()]);
        }
        self.hosts.get(host).filter(|known| known.heard).map(|known| known.found.clone())
    }

    /// Takes an answer; false if nobody wants to know.
    fn resolved(&mut self, now: Uptime, name: &str, mut addresses: Vec<IpAddr>) -> bool {
        addresses.truncate(ADDRESSES_MAX);
        let found = Some(addresses).filter(|addresses| !addresses.is_empty());
        self.hosts.get_mut(name).map(|known| known.take(now, found)).is_some()
    }

    fn served(&mut self, now: Uptime, name: &str, mut found: Option<Vec<Service>>) -> bool {
        if let Some(found) = &mut found {
            found.truncate(SERVICES_MAX);
        }
        self.services.get_mut(name).map(|known| known.take(now, found)).is_some()
    }
}

impl Sip {
    /// Asks for every name of every enabled trunk, and forgets the others.
    pub(in crate::sip) fn look_up_names(&mut self) {
        let lines = self.trunks.lines.values().filter(|line| line.wanted.enabled);
        let trunks: Vec<Trunk> = lines.map(|line| line.wanted.clone()).collect();
        let services: BTreeSet<String> = trunks
            .iter()
            .flat_map(|trunk| trunk.hosts().filter_map(|(host, port)| services_of(trunk, host, port)))
            .collect();
        let names = &mut self.trunks.names;
        let hosts: BTreeSet<String> = trunks.iter().flat_map(|trunk| names.hosts_of(trunk)).collect();
        let hosts: BTreeSet<String> = hosts.into_iter().filter(|host| host.parse::<IpAddr>().is_err()).collect();
        names.services.retain(|name, _| services.contains(name));
        names.hosts.retain(|name, _| hosts.contains(name));
        self.timers.clear(Due::TrunkNames);
        if !hosts.is_empty() || !services.is_empty() {
            self.timers.set(Due::TrunkNames, self.now.up + LOOK_UP_EVERY);
        }
        for name in services {
            self.trunks.names.services.entry(name.clone()).or_default();
            self.out.wire.push(Order::Services { name });
        }
        for name in hosts {
            self.trunks.names.hosts.entry(name.clone()).or_default();
            self.out.wire.push(Order::Resolve { name });
        }
    }

    pub(in crate::sip) fn trunk_resolved(&mut self, name: &str, addresses: Vec<IpAddr>) {
        if self.trunks.names.resolved(self.now.up, name, addresses) {
            self.names_heard();
        }
    }

    /// The hosts that SRV records name are looked up in their turn.
    pub(in crate::sip) fn trunk_served(&mut self, name: &str, found: Option<Vec<Service>>) {
        if !self.trunks.names.served(self.now.up, name, found) {
            return;
        }
        let known = self.trunks.names.services.get(name).map(|known| known.found.clone()).unwrap_or_default();
        let hosts = known.into_iter().map(|service| service.host).filter(|host| host.parse::<IpAddr>().is_err());
        for name in hosts.collect::<BTreeSet<_>>() {
            self.trunks.names.hosts.entry(name.clone()).or_default();
            self.out.wire.push(Order::Resolve { name });
        }
        self.names_heard();
    }

    fn names_heard(&mut self) {
        self.protect_trunks();
        for errand in self.trunks.errands.keys().copied().collect::<Vec<ErrandId>>() {
            self.errand_seeks(errand);
        }
    }

    /// Where to try, in order; those that rest only if there is no other (TRK-23). `None` while it is looked up.
    pub(in crate::sip) fn targets(&mut self, trunk: TrunkId) -> Option<Vec<SocketAddr>> {
        let line = self.trunks.lines.get(&trunk)?;
        let wanted = line.wanted.clone();
        let (host, port) = wanted.way();
        let names = &self.trunks.names;
        let usual = if port == 0 { wanted.usual_port() } else { port };
        let services = match services_of(&wanted, host, port) {
            Some(name) => names.services.get(&name).filter(|known| known.heard)?.found.clone(),
            None => Vec::new(),
        };
        let places: Vec<(String, u16)> = if services.is_empty() {
            vec![(host.to_owned(), usual)]
        } else {
            drawn(services, |limit| self.chance.below(limit))
        };
        let names = &self.trunks.names;
        let mut found = Vec::new();
        for (host, port) in places {
            let addresses = names.addresses(&host)?;
            found.extend(addresses.into_iter().map(|address| SocketAddr::new(address, port)));
        }
        let mut seen = BTreeSet::new();
        found.retain(|target| seen.insert(*target));
        let now = self.now.up;
        let line = self.trunks.lines.get_mut(&trunk)?;
        line.resting.retain(|_, until| *until > now);
        let awake: Vec<SocketAddr> = found.iter().copied().filter(|it| !line.resting.contains_key(it)).collect();
        Some(if awake.is_empty() { found } else { awake })
    }

    /// Whether requests from this address are the trunk's (TRK-52); the port is not compared.
    pub(in crate::sip) fn is_source(&self, trunk: TrunkId, address: IpAddr) -> bool {
        let Some(line) = self.trunks.lines.get(&trunk) else { return false };
        let address = address.to_canonical();
        line.wanted.allowed_sources.iter().any(|network| network.contains(address))
            || self.trunks.names.addresses_of(&line.wanted).contains(&address)
    }
}

/// The SRV name, where it is asked for: not with a port, and not of an address.
fn services_of(trunk: &Trunk, host: &str, port: u16) -> Option<String> {
    (port == 0 && host.parse::<IpAddr>().is_err()).then(|| trunk.service(host))
}

/// By priority, and within one drawn by weight (RFC 2782). A single `.` says that there is no service.
fn drawn(mut services: Vec<Service>, mut below: impl FnMut(u32) -> u32) -> Vec<(String, u16)> {
    services.retain(|service| !matches!(service.host.as_str(), "." | ""));
    // Those of weight 0 stand first, so that they have a small chance.
    services.sort_by_key(|service| (service.priority, service.weight != 0));
    let mut order = Vec::new();
    while let Some(first) = services.first() {
        let same = services.iter().take_while(|service| service.priority == first.priority).count();
        let total: u32 = services[..same].iter().map(|service| u32::from(service.weight)).sum();
        let point = below(total + 1);
        let mut sum = 0;
        let chosen = services[..same].iter().position(|service| {
            sum += u32::from(service.weight);
            sum >= point
        });
        let service = services.remove(chosen.unwrap_or(0));
        order.push((service.host, service.port));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Chance, Seed};

    fn service(priority: u16, weight: u16, host: &str) -> Service {
        Service { priority, weight, port: 5060, host: host.into() }
    }

    /// TRK-22
    #[test]
    fn targets_are_drawn_by_weight_within_a_priority() {
        let mut chance = Chance::new(Seed::from(5));
        let mut first = BTreeMap::<String, u32>::new();
        for _ in 0..4_000 {
            let services = vec![service(20, 0, "last"), service(10, 30, "heavy"), service(10, 10, "light")];
            let order = drawn(services, |limit| chance.below(limit));
            assert_eq!(order[2].0, "last");
            *first.entry(order[0].0.clone()).or_default() += 1;
        }
        assert!((2_850..3_150).contains(&first["heavy"]), "{first:?}");
        assert_eq!(first.len(), 2);
        assert_eq!(drawn(vec![service(1, 1, ".")], |_| 0), []);
    }

    /// TRK-24
    #[test]
    fn the_last_answer_holds_a_day_without_a_name_server() {
        let mut known = Known::default();
        known.take(Uptime(0), Some(vec![1]));
        known.take(Uptime(0) + Duration::from_secs(24 * 3600), None);
        assert_eq!(known.found, [1]);
        known.take(Uptime(0) + Duration::from_secs(24 * 3600 + 1), None);
        assert!(known.found.is_empty() && known.heard);
    }
}
