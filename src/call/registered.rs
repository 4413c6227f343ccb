//! Phones as the floor knows them, and registrations as they are written down.

use super::Calls;
use crate::{
    floor::agent::Device,
    history::fact::{Fact, Registration},
    sip::{
        order::{Binding, REFRESH_SLACK},
        wire::Transport,
    },
    view::DeviceRow,
};

impl Calls {
    /// Not every refresh: five hundred phones would keep a disk busy for nothing (`REFRESH_SLACK`).
    pub(super) fn write_down(&mut self, binding: &Binding) {
        let is_mere_refresh = |before: &Binding| {
            let covered = before.expires_at..=before.expires_at + REFRESH_SLACK;
            before.peer == binding.peer
                && before.contact == binding.contact
                && before.path == binding.path
                && before.instance == binding.instance
                && before.user_agent == binding.user_agent
                && covered.contains(&binding.expires_at)
        };
        if self.written.get(&binding.id).is_some_and(is_mere_refresh) {
            return;
        }
        self.office.remember(Fact::Registered(Box::new(registration(binding))));
        self.written.insert(binding.id, binding.clone());
    }
}

/// As it is shown, and whether its sound is encrypted.
pub fn device(binding: Binding) -> Device {
    let private = binding.peer.transport == Transport::Tls;
    let row = DeviceRow {
        address: binding.peer.remote.to_string(),
        transport: binding.peer.transport.word().into(),
        user_agent: binding.user_agent,
        registered_at: binding.registered_at,
        reachable: binding.reachable,
    };
    Device { id: binding.id.0, address: binding.peer.remote.ip(), row, encrypted: private }
}

fn registration(binding: &Binding) -> Registration {
    Registration {
        id: binding.id.0,
        agent_number: binding.user.clone(),
        contact: binding.contact.clone(),
        instance: binding.instance.clone(),
        path: binding.path.clone(),
        transport: binding.peer.transport.word().into(),
        local: binding.peer.local.to_string(),
        remote: binding.peer.remote.to_string(),
        user_agent: binding.user_agent.clone(),
        call_id: binding.call_id.clone(),
        cseq: binding.cseq,
        registered_at: binding.registered_at,
        expires_at: binding.expires_at,
    }
}
