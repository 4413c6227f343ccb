//! Calls to somebody outside: how they are made, over which lines, and what the record says of that.

use super::{
    caller_id::{self, For},
    cause::Cause,
    command::NotDone,
    destination::Destination,
    leg::{Leg, Role},
    office::Office,
    one::Call,
    place::{
        Next, Place,
        announce::Announce,
        line::{Line, Order},
        outside::Outside,
        ring_group::Member,
        voice_notice::VoiceNotice,
    },
    record,
    way_out::{Asked, Barred, How, calls_for_help, way_out},
};
use crate::{
    audio::order::Sound,
    history::call_record::{Attempt, CallType, HangupBy, TransferType},
    model::{Agent, Region, RingGroup},
    schema::Model,
};
use std::collections::VecDeque;

impl Call {
    /// Where an outside call is, or was as it leaves this place (OUT-29, TRK-74).
    pub(super) fn note_trunk(&mut self) {
        let lines = self.place.lines();
        let tried = || lines.iter().flat_map(|line| &line.attempts);
        if tried().next().is_none() || tried().eq(&self.record.attempts[self.tried..]) {
            return;
        }
        let before = self.record.attempts[..self.tried].iter();
        let attempts: Vec<Attempt> = before.chain(tried()).cloned().collect();
        let names = lines.iter().filter(|line| !line.attempts.is_empty()).map(|line| &line.order.name);
        let new: Vec<String> = names.filter(|name| !self.counted.contains(name)).cloned().collect();
        if let Some(line) = self.place.only_line() {
            if let Some(last) = attempts.last() {
                (self.record.trunk, self.record.trunk_name) = (Some(last.trunk), last.trunk_name.clone());
            }
            if self.record.call_type.goes_out() {
                self.record.actual_caller_number.clone_from(&line.shown);
                self.record.actual_caller_name.clear();
            }
        }
        self.counted.extend(new);
        self.record.attempts = attempts;
        self.unsaid = true;
    }

    /// Whoever answered over a trunk is the one that is counted on; those who rang beside are no longer (OUT-55).
    pub(super) fn note_line(&mut self, office: &mut Office) {
        let Some(called) = self.party.has(Role::Called).map(|leg| leg.id) else { return };
        let (won, lost): (Vec<&Line>, Vec<&Line>) =
            self.place.lines().iter().partition(|line| line.leg == Some(called));
        if let Some(attempt) = won.first().and_then(|line| line.attempts.last()) {
            (self.record.trunk, self.record.trunk_name) = (Some(attempt.trunk), attempt.trunk_name.clone());
        }
        if let Some(agent) = won.first().and_then(|line| line.order.agent.clone())
            && self.record.agent_number.is_empty()
        {
            record::of_agent(&mut self.record, &agent, office);
        }
        let tenant = office.tenant.clone();
        for line in lost {
            office.ways.spent.ended(&line.order.name, &tenant, office.now.wall);
            self.counted.retain(|name| *name != line.order.name);
        }
    }

    /// OUT-19 to OUT-24.
    pub(super) fn call_outside(&mut self, number: &str, office: &mut Office) -> Result<Place, Next> {
        let caller = self.party.has(Role::Caller).expect("a call that is routed has a caller");
        let how = match (&self.made, caller.agent(), self.record.transfer_type) {
            (Some(made), ..) => made.how,
            (None, Some(_), TransferType::None) if self.is_keyed() => How::Phone,
            (None, _, TransferType::None) => How::Destination,
            _ => How::Forward,
        };
        let order = match self.order(number, how, None, office) {
            Ok(order) => order,
            Err(barred) => return self.barred(&barred, office),
        };
        if self.record.call_type == CallType::Internal {
            self.record.call_type = CallType::Outbound;
        }
        if self.record.call_type.goes_out() {
            self.record.called_region = Region::name_of(&self.wanted, &order.bare);
            self.warn_of(&order.bare);
        }
        let length = self.preferences().outside_ring_timeout.length();
        Outside::enter(order, length, None, &mut self.party, office).map(Place::Outside)
    }

    /// The number outside of an agent who has one and no phone now; none, too, where it may not be called (AGT-1), or
    /// where the agent does not want to be disturbed by calls of others: `own` is none.
    pub(super) fn bound(&mut self, agent: &str, own: bool, office: &mut Office) -> Option<Order> {
        let number = Agent::of(&self.wanted, agent)?.value.bound_number.as_ref()?.to_string();
        let known = office.floor.agent(agent);
        let can_ring = known.is_some_and(|known| (known.dnd && !own) || known.reachable_devices().next().is_some());
        let asked = Asked { number: &number, agent: Some(agent), ..Asked::default() };
        if can_ring || !office.is_enabled(agent) || calls_for_help(&self.wanted, &asked) {
            return None;
        }
        self.order(&number, How::Forward, Some(agent), office).ok()
    }

    /// How a number outside is called, or why it is not. `bound_to`: the agent whose number it is.
    fn order(&mut self, number: &str, how: How, bound_to: Option<&str>, office: &mut Office) -> Result<Order, Barred> {
        let tenant = self.wanted.clone();
        let agent = self.party.has(Role::Caller).and_then(Leg::staff).map(str::to_owned);
        let agent = agent.as_deref();
        let campaign = self.made.as_ref().and_then(|made| made.campaign);
        let trunk = self.made.as_ref().and_then(|made| made.trunk);
        let asked = Asked { number, agent, campaign, how, bound_to, trunk, ..Asked::default() };
        let at = office.wall();
        let ways = &office.ways;
        let way = way_out(&tenant, &asked, &ways.spent, &|trunk| ways.trunk(trunk), at);
        let steps = way.as_ref().map_or_else(|barred| &barred.steps, |way| &way.steps);
        self.tell_steps(steps.iter().cloned(), office);
        let way = way?;
        let made = For {
            requested: self.made.as_ref().and_then(|made| made.caller_id.as_deref()),
            campaign,
            agent,
            did: Some(&*self.record.access_number).filter(|did| !did.is_empty()),
            how,
            emergency: way.emergency,
        };
        let caller_id = caller_id::choose(&tenant, &made, &mut office.ways.turns, at);
        Ok(Order {
            agent: bound_to.map(str::to_owned),
            outside: way.outside(&asked),
            name: format!("{} {}", self.record.call_id, way.counted),
            number: way.sent,
            bare: way.bare,
            trunks: way.trunks,
            caller_id,
            emergency: way.emergency,
            max_forwards: self.max_forwards,
        })
    }

    /// A number outside is called, and whoever answers hears a message (TRK-20).
    pub(super) fn give_notice(&mut self, number: &str, says: Vec<Sound>, office: &mut Office) -> Result<(), NotDone> {
        let order = self.order(number, How::VoiceNotice, None, office).map_err(|barred| NotDone::of(barred.why))?;
        self.record.called_region = Region::name_of(&self.wanted, &order.bare);
        let length = self.preferences().outside_ring_timeout.length();
        let place = VoiceNotice::enter(order, says, length, &mut self.party, office);
        self.place = Place::VoiceNotice(place.ok_or(NotDone::CallLimit)?);
        Ok(())
    }

    /// The numbers of a ring group that can be called, each with its place in the list: agents, and numbers outside over
    /// the usual profile.
    pub(super) fn members(&mut self, group: &RingGroup, office: &mut Office) -> VecDeque<(usize, Member)> {
        let numbers = group.numbers.iter().map(|number| number.to_string()).enumerate();
        let outside = |order| Member::Outside(Box::new(order));
        let mut member = |number: String| match office.tenant.number_holder(&number) {
            Some((Agent::NAME, _)) if office.talks(&number) => Some(Member::Agent(number)),
            Some((Agent::NAME, _)) => Some(self.bound(&number, false, office).map_or(Member::Agent(number), outside)),
            Some(_) => None,
            None => self.order(&number, How::Destination, None, office).ok().map(outside),
        };
        numbers.filter_map(|(place, number)| Some((place, member(number)?))).collect()
    }

    /// A caller at a phone is told why (OUT-24); a barred number may lead elsewhere (DNC-3).
    fn barred(&mut self, barred: &Barred, office: &mut Office) -> Result<Place, Next> {
        if let Some(to) = &barred.dnc_destination {
            return Err(Destination::set(to, &office.tenant).next());
        }
        if self.record.call_type == CallType::Internal {
            self.record.call_type = CallType::Outbound;
        }
        let cause = Cause::new(barred.reason(), HangupBy::System, barred.code()).recorded(barred.record_code());
        let said = self.phrase(barred.phrase());
        Ok(Place::Announce(Announce::refuse(said, cause, &mut self.party, office)?))
    }
}
