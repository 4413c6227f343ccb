//! The end of a leg, from either side (RFC 3261 section 15).

use super::super::{
    compose::{Body, Lines},
    machine::Sip,
    method::Method,
    order::{End, Report},
    timers::Due,
    transaction::{ClientId, Purpose, ServerId},
};
use super::Stage;
use crate::sdp::LegId;
use std::collections::btree_map::Entry;

impl Sip {
    /// Whatever ends it. A 2xx that is not acknowledged yet must be first (RFC 3261 section 15): only then BYE goes.
    pub(in crate::sip) fn end(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get_mut(&leg) else { return self.stop_dialing(leg) };
        if kept.over {
            return;
        }
        match kept.stage {
            Stage::Came(server) => {
                let tag = self.tag_of(leg);
                self.respond(server, 480, &tag, Lines::new(), None);
                self.finish(leg, End::Ours);
            }
            Stage::Sent(client) => {
                self.cancel_client(client);
                self.finish(leg, End::Ours);
            }
            Stage::Answered => {
                kept.over = true;
                self.timers.clear(Due::Refresh(leg));
                self.timers.clear(Due::SessionEnd(leg));
                self.report(Report::Ended { leg, end: End::Ours });
            }
            Stage::Up => {
                self.send_bye(leg);
                self.finish(leg, End::Ours);
            }
        }
    }

    pub(in crate::sip) fn hear_bye(&mut self, leg: LegId, server: ServerId) {
        let tag = self.tag_of(leg);
        self.respond(server, 200, &tag, Lines::new(), None);
        match self.legs.get(&leg).map(|kept| kept.stage) {
            // A caller may end an early dialog so too.
            Some(Stage::Came(invite)) => {
                self.respond(invite, 487, &tag, Lines::new(), None);
                self.finish(leg, End::Cancelled);
            }
            Some(Stage::Answered | Stage::Up) => self.finish(leg, End::Bye),
            Some(Stage::Sent(_)) | None => {}
        }
    }

    pub(in crate::sip) fn send_bye(&mut self, leg: LegId) {
        self.ask_in(leg, Method::Bye, Lines::new(), None, Purpose::Nothing);
    }

    /// A request inside the dialog of a leg.
    pub(in crate::sip) fn ask_in(
        &mut self,
        leg: LegId,
        method: Method,
        lines: Lines,
        body: Body,
        purpose: Purpose,
    ) -> Option<ClientId> {
        let kept = self.legs.get_mut(&leg)?;
        let asked = kept.dialog.ask(kept.peer, method, lines, body);
        Some(self.ask(asked, purpose))
    }

    /// Reports the end once and forgets the leg.
    pub(in crate::sip) fn finish(&mut self, leg: LegId, end: End) {
        let Some(kept) = self.legs.get(&leg) else { return };
        if !kept.over {
            self.report(Report::Ended { leg, end });
        }
        self.forget(leg);
    }

    /// What is left of it lives in its transactions; a REFER's subscription may outlive it (RFC 5057 section 4.2).
    pub(in crate::sip) fn forget(&mut self, leg: LegId) {
        let Some(kept) = self.legs.remove(&leg) else { return };
        self.tags.remove(&kept.dialog.local_tag);
        if let Entry::Occupied(mut came) = self.came.entry(kept.dialog.call_id.clone()) {
            came.get_mut().retain(|other| *other != leg);
            if came.get().is_empty() {
                came.remove();
            }
        }
        if let Some(trunk) = kept.dialog.trunk {
            self.dialed(leg);
            self.trunks.touched.insert(trunk);
        }
        let address = kept.peer.remote.ip();
        // A phone may call without being registered.
        if kept.dialog.trunk.is_none() && self.registrar.of(&kept.user).all(|each| each.peer.remote.ip() != address) {
            self.end_trust(address);
        }
        for due in [
            Due::AnswerAgain(leg),
            Due::AnswerEnd(leg),
            Due::ReliableAgain(leg),
            Due::ReliableEnd(leg),
            Due::Reoffer(leg),
            Due::Refresh(leg),
            Due::SessionEnd(leg),
            Due::FlowEnd(leg),
        ] {
            self.timers.clear(due);
        }
        if let Stage::Came(server) = kept.stage
            && self.transactions.servers.get(&server).is_some_and(|server| server.is_open())
        {
            self.transactions.drop_server(server, &mut self.timers);
        }
        if let Some(change) = &kept.change {
            self.respond(change.server, 487, &kept.dialog.local_tag, Lines::new(), None);
        }
        for referral in self.referrals.values_mut().filter(|referral| referral.leg == leg) {
            referral.outlives(kept.peer, &kept.dialog);
        }
    }

    /// The connection of a leg broke; one that is up waits for its phone.
    pub(in crate::sip) fn flow_end(&mut self, leg: LegId) {
        self.finish(leg, End::ConnectionLost);
    }
}
