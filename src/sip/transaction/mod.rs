//! Requests and their responses, repeated until heard (RFC 3261 section 17, RFC 6026).

mod client;
mod server;

pub(super) use client::{Again, Client, Head, Heard, Purpose};
pub(super) use server::{Server, ServerKey};

use super::timers::{Due, Timers};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Estimated round trip.
pub(super) const T1: Duration = Duration::from_millis(500);
/// Longest wait between repeats of all but INVITE requests.
pub(super) const T2: Duration = Duration::from_secs(4);
/// How long a message can live in the network.
pub(super) const T4: Duration = Duration::from_secs(5);
/// 64 * T1: timers B, D, F, H, J, L, M.
pub(super) const LIFE: Duration = Duration::from_secs(32);
/// Transactions of each kind kept at once; the oldest goes (BOX-139). Only proven phones start one.
const TRANSACTIONS_MAX: usize = 20_000;
/// What one may weigh, in bytes. Of heavier ones fewer are kept, of each kind, and they make room among themselves: a
/// phone that says much takes neither memory nor the transactions of others.
const LIGHT: usize = 4 * 1024;
const HEAVY_MAX: usize = 1_000;

/// The CANCEL of an INVITE has its number and branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct ClientId {
    pub number: u64,
    pub cancel: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct ServerId(pub u64);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Transactions {
    pub clients: BTreeMap<ClientId, Client>,
    pub servers: BTreeMap<ServerId, Server>,
    index: BTreeMap<ServerKey, ServerId>,
    heavy_clients: BTreeSet<ClientId>,
    heavy_servers: BTreeSet<ServerId>,
    last: u64,
}

impl Transactions {
    pub fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub fn keep_client(&mut self, id: ClientId, client: Client, timers: &mut Timers) {
        if self.clients.len() >= TRANSACTIONS_MAX
            && let Some(oldest) = self.clients.keys().next().copied()
        {
            self.drop_client(oldest, timers);
        }
        self.clients.insert(id, client);
        self.weigh_client(id, timers);
    }

    /// To be asked whenever one may have grown.
    pub fn weigh_client(&mut self, id: ClientId, timers: &mut Timers) {
        let is_heavy = self.clients.get(&id).is_some_and(|client| client.weight() > LIGHT);
        if let Some(oldest) = weighed(&mut self.heavy_clients, id, is_heavy) {
            self.drop_client(oldest, timers);
        }
    }

    pub fn weigh_server(&mut self, id: ServerId, timers: &mut Timers) {
        let is_heavy = self.servers.get(&id).is_some_and(|server| server.weight() > LIGHT);
        if let Some(oldest) = weighed(&mut self.heavy_servers, id, is_heavy) {
            self.drop_server(oldest, timers);
        }
    }

    pub fn drop_client(&mut self, id: ClientId, timers: &mut Timers) -> Option<Client> {
        timers.clear(Due::ClientAgain(id));
        timers.clear(Due::ClientEnd(id));
        self.heavy_clients.remove(&id);
        self.clients.remove(&id)
    }

    pub fn keep_server(&mut self, server: Server, timers: &mut Timers) -> ServerId {
        if self.servers.len() >= TRANSACTIONS_MAX
            && let Some(oldest) = self.servers.keys().next().copied()
        {
            self.drop_server(oldest, timers);
        }
        let id = ServerId(self.number());
        self.index.insert(server.key.clone(), id);
        self.servers.insert(id, server);
        self.weigh_server(id, timers);
        id
    }

    pub fn drop_server(&mut self, id: ServerId, timers: &mut Timers) {
        timers.clear(Due::ServerAgain(id));
        timers.clear(Due::ServerEnd(id));
        self.heavy_servers.remove(&id);
        if let Some(server) = self.servers.remove(&id)
            && self.index.get(&server.key) == Some(&id)
        {
            self.index.remove(&server.key);
        }
    }

    pub fn server(&self, key: &ServerKey) -> Option<ServerId> {
        self.index.get(key).copied()
    }
}

/// Notes whether one is heavy, and gives the oldest that is, if there is one too many.
fn weighed<I: Copy + Ord>(heavy: &mut BTreeSet<I>, id: I, is_heavy: bool) -> Option<I> {
    if !is_heavy {
        heavy.remove(&id);
        return None;
    }
    heavy.insert(id);
    heavy.first().copied().filter(|_| heavy.len() > HEAVY_MAX)
}
