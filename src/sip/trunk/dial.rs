//! Calls to a trunk: an INVITE that goes from target to target until one of them answers (TRK-70 to TRK-72).

use super::{
    super::{
        compose::MAX_FORWARDS,
        dialog::{Dialog, LEGS_MAX, Leg, Stage},
        machine::{Owner, Sip},
        message::Message,
        order::{End, Report, Shown, TrunkId},
        timers::Due,
        transaction::ClientId,
        uri::{Uri, escape},
        wire::{Peer, Transport},
        write,
    },
    errand::What,
    form,
    standing::{Cause, Reason},
};
use crate::sdp::{LegId, Session};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// What was ordered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sip) struct Dialing {
    pub leg: LegId,
    pub number: String,
    pub from: Shown,
    pub withheld: bool,
    pub max_forwards: Option<u8>,
    pub offer: Session,
}

impl Sip {
    pub(in crate::sip) fn dial(&mut self, trunk: TrunkId, dialing: Dialing) {
        let leg = dialing.leg;
        if self.trunks.enabled(trunk).is_none() {
            return self.report(Report::Ended { leg, end: End::TimedOut });
        }
        if self.legs.len() >= LEGS_MAX {
            return self.report(Report::Ended { leg, end: End::Refused { code: 503, retry_after: None } });
        }
        self.trunks.touched.insert(trunk);
        self.begin_errand(trunk, What::Dial(Box::new(dialing)));
    }

    /// A way is open: the first INVITE, or the same again to the next target.
    pub(super) fn dial_goes(&mut self, trunk: TrunkId, peer: Peer, dialing: &Dialing) -> Option<ClientId> {
        let leg = dialing.leg;
        match self.legs.get_mut(&leg) {
            Some(kept) => {
                kept.peer = peer;
                kept.early.clear();
            }
            None => self.new_leg(trunk, peer, dialing)?,
        }
        self.send_invite(leg, &dialing.offer);
        match self.legs.get(&leg)?.stage {
            Stage::Sent(client) => Some(client),
            Stage::Came(_) | Stage::Answered | Stage::Up => None,
        }
    }

    fn new_leg(&mut self, trunk: TrunkId, peer: Peer, dialing: &Dialing) -> Option<()> {
        let line = self.trunks.lines.get(&trunk)?;
        let wanted = line.wanted.clone();
        let routes = line.registration.service_route.clone();
        let tag = self.own_tag(Owner::Leg(dialing.leg));
        let (from, lines) = form::caller(&wanted, &dialing.from, dialing.withheld);
        let target = format!("sip:{}@{}", escape(&dialing.number), wanted.domain());
        let dialog = Dialog {
            call_id: self.chance.token(24),
            local: format!("{from};tag={tag}"),
            local_tag: tag,
            remote: write::address("", &target),
            target,
            routes,
            trunk: Some(trunk),
            ..Dialog::default()
        };
        let id = self.chance.u32() >> 1;
        let mut new = Leg::new(dialing.leg, String::new(), peer, dialog, id);
        new.outgoing = true;
        new.says = lines;
        new.max_forwards = dialing.max_forwards.unwrap_or(MAX_FORWARDS);
        assert!(self.legs.insert(dialing.leg, new).is_none(), "a leg number is used once");
        Some(())
    }

    /// A response to it. False: it goes to the next target, and nothing of this one counts. Once somebody rings no
    /// other target is tried.
    pub(in crate::sip) fn dial_hears(&mut self, leg: LegId, response: &Message) -> bool {
        let Some(kept) = self.legs.get(&leg).filter(|kept| kept.dialog.trunk.is_some()) else { return true };
        let rang = !kept.early.is_empty();
        let Some(errand) = self.errand_of(leg) else { return true };
        if rang {
            self.timers.clear(Due::Errand(errand));
            return true;
        }
        let is_final = response.code().unwrap_or(0) >= 200;
        self.errand_hears(errand, response) || !is_final
    }

    /// The INVITE got no response at all; true if that is the errand's business.
    pub(in crate::sip) fn dial_unheard(&mut self, leg: LegId, client: ClientId) -> bool {
        let rang = self.legs.get(&leg).is_some_and(|kept| !kept.early.is_empty());
        let Some(errand) = self.errand_of(leg).filter(|_| !rang) else { return false };
        self.errand_unheard(errand, client);
        true
    }

    /// No target took it.
    pub(super) fn dial_failed(&mut self, leg: LegId, fault: &Cause) {
        let end = match fault.code {
            Some(code) if fault.reason == Reason::Refused => End::Refused { code, retry_after: None },
            _ => End::TimedOut,
        };
        self.end_dial(leg, end);
    }

    /// It is ended by us while no target has it.
    pub(in crate::sip) fn stop_dialing(&mut self, leg: LegId) {
        if let Some(errand) = self.errand_of(leg) {
            self.drop_errand(errand);
            self.end_dial(leg, End::Ours);
        }
    }

    fn end_dial(&mut self, leg: LegId, end: End) {
        if self.legs.contains_key(&leg) {
            self.finish(leg, end);
        } else {
            self.report(Report::Ended { leg, end });
        }
    }

    /// The call is settled with one target, or over.
    pub(in crate::sip) fn dialed(&mut self, leg: LegId) {
        if let Some(errand) = self.errand_of(leg) {
            self.drop_errand(errand);
        }
    }

    /// From now on the requests of a call with a trunk go where the other side wants them, as far as that is the
    /// trunk's: it need not listen where it sends from (RFC 3261 section 12.2.1.1). A proxy of ours gets all.
    pub(in crate::sip) fn settle_way(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get(&leg) else { return };
        let Some(trunk) = kept.dialog.trunk else { return };
        let proxied = self.trunks.lines.get(&trunk).is_none_or(|line| line.wanted.outbound_proxy.is_some());
        if proxied || kept.peer.transport != Transport::Udp {
            return;
        }
        let first = kept.dialog.routes.first().map(|route| route.trim_start_matches('<').trim_end_matches('>'));
        let Ok(uri) = Uri::parse(first.unwrap_or(&kept.dialog.target)) else { return };
        let Some(address) = uri.address() else { return };
        let remote = SocketAddr::new(address, uri.port.unwrap_or(Transport::Udp.port()));
        let same_family = address.is_ipv4() == kept.peer.remote.is_ipv4();
        if same_family
            && self.is_source(trunk, address)
            && let Some(kept) = self.legs.get_mut(&leg)
        {
            kept.peer.remote = remote;
        }
    }
}
