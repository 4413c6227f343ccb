//! A call from a trunk comes in: who calls, whom, and where it goes (INR reading).

use super::{
    Calls,
    cause::Cause,
    destination::Destination,
    leg::{Leg, Role},
    one::Call,
    place::Next,
    record::{self, Inbound},
    way_in::{Arrival, CameIn, Refusal, WayIn, way_in},
};
use crate::{
    history::call_record::{CallType, HangupBy},
    model::{Did, Region, Trunk},
    schema::Id,
    sip::{
        order::{Report, Shown, TrunkId},
        wire::Transport,
    },
};

impl Calls {
    pub(in crate::call) fn came_in(&mut self, report: Report) {
        let Report::CameIn { leg, trunk, asked, number, caller, withheld, max_forwards, full, offer, peer } = report
        else {
            return;
        };
        let mut leg = Leg::came(leg, Role::Caller, &caller.number, None, peer.transport == Transport::Tls, offer);
        leg.trunk = Some(trunk);
        leg.name.clone_from(&caller.name);
        if let Some(row) = self.office.tenant.table::<Trunk>().row(Id(trunk.0)) {
            leg = leg.on_terms(&row.value);
        }
        self.office.ways.took_line(trunk);
        let tenant = self.office.tenant.clone();
        let (caller_region, called_region) =
            (Region::name_of(&tenant, &caller.number), Region::name_of(&tenant, &number));
        let came = CameIn {
            number: &number,
            caller: &caller.number,
            withheld,
            caller_region: &caller_region,
            called_region: &called_region,
        };
        let wall = self.office.wall();
        let last = self.office.ways.last_agents.of(&caller.number, &tenant, wall).filter(|_| !withheld);
        let mut way = way_in(&tenant, &came, last);
        if let Some(agent) = self.office.ways.call_backs.of(&number, &tenant, wall) {
            way.call_back(agent);
        }
        let busy = full.then(|| Cause::busy(HangupBy::System));
        let refuses = busy.is_none() && self.limit.refuses(self.up(), &self.office);
        let refusal = busy.or_else(|| refuses.then(|| self.limit.cause(&mut self.office)));
        let refusal = refusal.or_else(|| leg.fits().map_err(Cause::failed).err());
        let opened = refusal.is_none() && leg.open(None, &mut self.office);
        let mut call = self.inbound(leg, trunk, &asked, &number, &caller, &way);
        call.warn_of(&caller.number);
        call.tell_steps(way.steps.iter().cloned(), &self.office);
        (call.record.caller_region, call.record.called_region) = (caller_region, called_region);
        call.sent_on(max_forwards);
        let refusal = refusal.or_else(|| (!opened).then(|| self.limit.cause(&mut self.office)));
        let number = self.add(call);
        self.with(number, |call, office| {
            let next = refusal.map_or_else(|| call.arrival(&way, office), Next::End);
            call.go_on(next, office);
        });
    }

    fn inbound(&mut self, leg: Leg, trunk: TrunkId, asked: &str, number: &str, caller: &Shown, way: &WayIn) -> Call {
        let tenant = &self.office.tenant;
        let did = way.did.and_then(|did| tenant.table::<Did>().row(did));
        let inbound = Inbound {
            caller: caller.clone(),
            access_number: did.map_or_else(|| number.to_owned(), |did| did.value.number.to_string()),
            original_access_number: asked.to_owned(),
            did_name: did.map(|did| did.value.name.to_string()).unwrap_or_default(),
            trunk: Id(trunk.0),
            package: way.package,
        };
        let record = record::open_inbound(inbound, &mut self.office);
        let mut call = Call::of(record, number, leg, &self.office);
        call.party.shown = caller.clone();
        call.party.prefix(&way.number_prefix, &way.name_prefix);
        call.blacklisted = way.blacklisted;
        call
    }
}

impl Call {
    /// Where `way_in` sent it.
    fn arrival(&mut self, way: &WayIn, office: &mut super::office::Office) -> Next {
        debug_assert_eq!(self.record.call_type, CallType::Inbound);
        match &way.arrival {
            Arrival::Go(to) => {
                let to = Destination::set(to, &office.tenant);
                match way.last_agent_first.clone() {
                    Some(agent) => Next::Go(Destination::AgentFirst { agent, then: Box::new(to) }),
                    None => to.next(),
                }
            }
            Arrival::RingTone => Destination::Treatment(super::destination::Treatment::RingTone).next(),
            Arrival::Voice(media) => Destination::Treatment(super::destination::Treatment::Voice(*media)).next(),
            Arrival::HoldMusic(media) => Destination::Treatment(super::destination::Treatment::Music(*media)).next(),
            Arrival::Refuse(Refusal { code, record_code, reason }) => {
                Next::End(Cause::new(*reason, HangupBy::System, *code).recorded(record_code))
            }
        }
    }
}
