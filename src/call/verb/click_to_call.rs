//! Click to call: the phone of an agent rings, then a number outside (API-36 to API-41, GRP-27 to GRP-29).

use crate::{
    call::{
        Calls,
        command::{Answer, ClickToCall, NotDone},
        destination::Destination,
        one::Call,
        place::{Place, first_leg::FirstLeg},
        record::{self, Opening},
        way_out::{Asked, Made, way_out},
    },
    history::call_record::{CallRecord, CallType},
    model::{Agent, AgentGroup, Campaign, campaign::choice::CampaignStatus},
    schema::Id,
    sip::order::{Alert, Shown},
    view::AgentState,
};

impl Calls {
    /// No phone rings unless the number may be called as things are now.
    pub(in crate::call) fn click_to_call(&mut self, wanted: ClickToCall) -> Result<Answer, NotDone> {
        self.is_free(&wanted.agent_number)?;
        self.takes(wanted.campaign)?;
        self.may_call(&wanted)?;
        if self.limit.refuses(self.up(), &self.office) {
            return Err(NotDone::CallLimit);
        }
        let agent = &wanted.agent_number;
        // GRP-24.
        let by_itself = self.answers_by_itself(agent, wanted.campaign);
        let alert = if by_itself { Alert::Answered } else { Alert::External };
        let opening = Opening { caller: agent, dialed: &wanted.number, after: None };
        let mut record = CallRecord {
            call_type: CallType::ClickToCall,
            custom_content: wanted.custom_content,
            ..record::open(opening, &mut self.office)
        };
        if let Some(campaign) = wanted.campaign {
            record::of_campaign(&mut record, campaign, &self.office.tenant);
        }
        let shown = Shown { number: wanted.number.clone(), name: String::new() };
        let mut call = Call::without_caller(record, &wanted.number, shown, &self.office);
        let length = self.office.preferences().extension_ring_timeout.length();
        let then = Destination::Outside(wanted.number);
        let office = &mut self.office;
        let place = match call.bound(agent, true, office) {
            Some(order) => FirstLeg::dial(order, length, then, &mut call.party, office),
            None => FirstLeg::enter(agent, alert, length, then, &mut call.party, office),
        };
        call.place = Place::FirstLeg(place.map_err(|_| NotDone::AgentUnavailable)?);
        call.made = Some(Made { how: wanted.how, campaign: wanted.campaign, caller_id: wanted.caller_id, trunk: None });
        let call_id = call.record.call_id.clone();
        self.add(call);
        Ok(Answer::Called { call_id })
    }

    /// Has a phone that can be reached, and is in no call (API-38). Do-not-disturb and a pause are for calls of others
    /// (DSK-170).
    pub(in crate::call) fn is_free(&self, agent: &str) -> Result<(), NotDone> {
        let known = self.office.floor.agent(agent).filter(|_| self.office.is_enabled(agent));
        match known {
            Some(known) if matches!(known.standing(), AgentState::Idle | AgentState::Paused) => Ok(()),
            _ => Err(NotDone::AgentUnavailable),
        }
    }

    /// API-40.
    fn takes(&self, campaign: Option<Id>) -> Result<(), NotDone> {
        let Some(id) = campaign else { return Ok(()) };
        let tenant = &self.office.tenant;
        let campaign = &tenant.table::<Campaign>().row(id).ok_or(NotDone::CampaignRefused)?.value;
        let works = match &campaign.working_hours {
            Some(hours) => hours.row(tenant).is_some_and(|row| row.value.is_inside(tenant, self.office.wall())),
            None => true,
        };
        if campaign.status == CampaignStatus::Enabled && works { Ok(()) } else { Err(NotDone::CampaignRefused) }
    }

    /// The checks of the outside call that is to follow (OUT-19).
    fn may_call(&self, wanted: &ClickToCall) -> Result<(), NotDone> {
        let asked = Asked {
            number: &wanted.number,
            agent: Some(&wanted.agent_number),
            campaign: wanted.campaign,
            how: wanted.how,
            ..Asked::default()
        };
        let ways = &self.office.ways;
        let way = way_out(&self.office.tenant, &asked, &ways.spent, &|trunk| ways.trunk(trunk), self.office.wall());
        way.map(drop).map_err(|barred| NotDone::of(barred.why))
    }

    /// As the group of the campaign has it; without one, the first group in which the agent always is (GRP-28 and its
    /// reading).
    fn answers_by_itself(&self, agent: &str, campaign: Option<Id>) -> bool {
        let tenant = &self.office.tenant;
        let of_campaign = campaign.and_then(|id| tenant.table::<Campaign>().row(id)?.value.agent_group.row(tenant));
        let agent = Agent::of(tenant, agent).map(|row| row.id());
        let mut groups = tenant.table::<AgentGroup>().rows();
        let always = |group: &AgentGroup| group.static_agents.iter().any(|member| Some(member.id) == agent);
        let group = of_campaign.or_else(|| groups.find(|row| always(&row.value)));
        group.is_none_or(|group| group.value.auto_answer_click_to_call.0)
    }
}
