//! Requests and their responses, repeated until heard (RFC 3261 section 17, RFC 6026).

mod client;
mod server;

pub(super) use client::{Again, Client, Head, Heard, Purpose};
pub(super) use server::{Server, ServerKey};

use super::timers::{Due, Timers};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

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
    }

    pub fn drop_client(&mut self, id: ClientId, timers: &mut Timers) -> Option<Client> {
        timers.clear(Due::ClientAgain(id));
        timers.clear(Due::ClientEnd(id));
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
        id
    }

    pub fn drop_server(&mut self, id: ServerId, timers: &mut Timers) {
        timers.clear(Due::ServerAgain(id));
        timers.clear(Due::ServerEnd(id));
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
