//! What an agent keys to begin and end work: to sign in to groups and out of them, to pause and to go on (FEA-27 to
//! FEA-30).

use crate::{
    call::{
        Calls,
        cause::Cause,
        office::Office,
        one::Call,
        place::{Next, Place, announce::Announce, sign_in::SignIn},
    },
    floor::agent::Post,
    history::fact::{AgentEvent, AgentEventKind, Fact, Paused, SignedIn, SignedOut},
    model::{Agent, AgentGroup, feature_code::FeatureCodes},
    schema::{Actor, Id},
    view::PauseRow,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The reason of a pause that was keyed on a phone (FEA reading).
const BY_PHONE: &str = "phone";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// To this group, or all in which the agent comes and goes.
    SignIn(Option<String>),
    SignOut(Option<String>),
    Pause,
    Resume,
}

impl Work {
    /// What a dialed code means; behind the first two a group's number may stand.
    pub fn of(dialed: &str, codes: &FeatureCodes) -> Option<Work> {
        let is = |code: &str| !code.is_empty() && dialed == code;
        let group = |code: &str| {
            let number = dialed.strip_prefix(code).filter(|_| !code.is_empty())?;
            number.bytes().all(|key| key.is_ascii_digit()).then(|| Some(number.to_owned()).filter(|n| !n.is_empty()))
        };
        match () {
            () if is(&codes.pause) => Some(Work::Pause),
            () if is(&codes.resume) => Some(Work::Resume),
            () => group(&codes.sign_in).map(Work::SignIn).or_else(|| group(&codes.sign_out).map(Work::SignOut)),
        }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Work::SignIn(_) => "sign_in",
            Work::SignOut(_) => "sign_out",
            Work::Pause => "pause",
            Work::Resume => "resume",
        }
    }
}

/// Groups that an agent means.
#[derive(Debug, Default)]
struct Meant {
    /// Numbers of those in which the agent comes and goes (GRP-44).
    comes: Vec<String>,
    /// In some the agent always is (GRP-45).
    always: bool,
}

impl Calls {
    /// How agents stood at the last stop; before the first event.
    pub fn restore_work(&mut self, signed_in: Vec<SignedIn>, paused: Vec<Paused>) {
        let floor = &mut self.office.floor;
        for SignedIn { agent_number, group_number } in signed_in {
            floor.sign_in(&agent_number, &group_number, Default::default());
        }
        for Paused { agent_number, reason, since } in paused {
            floor.pause(&agent_number, Some(PauseRow { reason, since }), since);
        }
    }

    /// Who there is, as is wanted from now on. Who left a group, or is there no more, is signed out of it.
    pub(in crate::call) fn staff(&mut self) {
        let tenant = self.office.tenant.clone();
        let mut posts: BTreeMap<String, Post> = BTreeMap::new();
        for row in tenant.table::<Agent>().rows() {
            let (bound, needs_page) = (row.value.bound_number.is_some(), row.value.browser_work.0);
            let post = Post { bound, needs_page, ..Post::default() };
            posts.insert(row.value.agent_number.to_string(), post);
        }
        for group in tenant.table::<AgentGroup>().rows() {
            for agent in group.value.static_agents.iter().filter_map(|agent| agent.row(&tenant)) {
                let post = posts.entry(agent.value.agent_number.to_string()).or_default();
                post.always.insert(group.value.group_number.to_string());
            }
        }
        self.let_off(&posts);
        self.office.floor.staff(posts, self.office.now.wall);
    }

    /// AGT-33.
    pub(in crate::call) fn page(&mut self, by: &Actor, opens: bool) {
        let Actor::Agent(id) = by else { return };
        if let Some(agent) = self.office.tenant.table::<Agent>().row(Id(*id)) {
            self.office.floor.page(&agent.value.agent_number, opens, self.office.now.wall);
        }
    }

    fn let_off(&mut self, posts: &BTreeMap<String, Post>) {
        let mut over = Vec::new();
        for (number, agent) in self.office.floor.agents() {
            if !posts.contains_key(number) {
                over.extend(agent.dnd.then(|| (number.clone(), AgentEventKind::DndOff)));
                over.extend(agent.pause.iter().map(|_| (number.clone(), AgentEventKind::Resume)));
            }
            if !agent.joined.is_empty() {
                let comes = self.office.meant(number, None).comes;
                over.extend(agent.joined.iter().filter(|group| !comes.contains(group)).map(|group| {
                    let (group_number, reason) = (group.clone(), SignedOut::System);
                    (number.clone(), AgentEventKind::SignOut { group_number, reason })
                }));
            }
        }
        over.into_iter().for_each(|(number, kind)| self.office.happens(&number, kind));
    }
}

impl Call {
    /// Of the agent whose phone dialed.
    pub(in crate::call) fn work(&mut self, work: &Work, office: &mut Office) -> Result<Place, Next> {
        let agent = self.record.agent_number.clone();
        let said = match work {
            Work::SignIn(group) => match office.may_sign_in(&agent, group.as_deref()) {
                Ok(true) => return Ok(Place::SignIn(SignIn::enter(&agent, group.clone(), &mut self.party, office)?)),
                Ok(false) => Ok("signed_in"),
                Err(why) => Err(why),
            },
            Work::SignOut(group) => office.sign_out(&agent, group.as_deref()).map(|()| "signed_out"),
            Work::Pause => {
                office.happens(&agent, AgentEventKind::Pause { reason: BY_PHONE.into() });
                Ok("paused")
            }
            Work::Resume => {
                office.happens(&agent, AgentEventKind::Resume);
                Ok("resumed")
            }
        };
        Ok(Place::Announce(match said {
            Ok(done) => Announce::confirm(self.phrase(done), &mut self.party, office)?,
            Err(why) => Announce::refuse(self.phrase(why), Cause::failed(403), &mut self.party, office)?,
        }))
    }
}

impl Office {
    /// To the groups that are meant, once the agent is proven.
    pub fn sign_in(&mut self, agent: &str, group: Option<&str>) {
        for group_number in self.meant(agent, group).comes {
            self.happens(agent, AgentEventKind::SignIn { group_number });
        }
    }

    /// False: the agent is in all of them without it. An error is the phrase that says why not.
    fn may_sign_in(&self, agent: &str, group: Option<&str>) -> Result<bool, &'static str> {
        let meant = self.meant(agent, group);
        let waits_for_page = self.floor.agent(agent).is_some_and(|agent| agent.post.needs_page && agent.pages == 0);
        match (meant.comes.is_empty(), meant.always) {
            (true, true) => Ok(false),
            (true, false) => Err("no_such_group"),
            (false, _) if waits_for_page => Err("sign_in_needs_page"),
            (false, _) => Ok(true),
        }
    }

    fn sign_out(&mut self, agent: &str, group: Option<&str>) -> Result<(), &'static str> {
        let meant = self.meant(agent, group);
        if meant.comes.is_empty() {
            return Err(if meant.always { "not_allowed" } else { "no_such_group" });
        }
        for group_number in meant.comes {
            self.happens(agent, AgentEventKind::SignOut { group_number, reason: SignedOut::FeatureCode });
        }
        Ok(())
    }

    fn meant(&self, agent: &str, group: Option<&str>) -> Meant {
        let mut meant = Meant::default();
        let Some(id) = Agent::of(&self.tenant, agent).map(|agent| agent.id()) else { return meant };
        let rows = self.tenant.table::<AgentGroup>().rows().map(|row| &row.value);
        for row in rows.filter(|row| group.is_none_or(|group| *row.group_number == *group)) {
            let is = |other: Id| other == id;
            meant.always |= row.static_agents.iter().any(|agent| is(agent.id));
            if row.dynamic_agents().any(|agent| is(agent.id)) {
                meant.comes.push(row.group_number.to_string());
            }
        }
        meant
    }

    /// Does it to the agent and tells it, if it is anything new.
    pub fn happens(&mut self, agent: &str, kind: AgentEventKind) {
        let at = self.wall();
        let floor = &mut self.floor;
        let is_new = match &kind {
            AgentEventKind::DndOn => floor.set_dnd(agent, true, at),
            AgentEventKind::DndOff => floor.set_dnd(agent, false, at),
            AgentEventKind::SignIn { group_number } => floor.sign_in(agent, group_number, at),
            AgentEventKind::SignOut { group_number, .. } => floor.sign_out(agent, group_number, at),
            AgentEventKind::Pause { reason } => {
                floor.pause(agent, Some(PauseRow { reason: reason.clone(), since: at }), at)
            }
            AgentEventKind::Resume => floor.pause(agent, None, at),
        };
        if is_new {
            self.remember(Fact::AgentEvent(AgentEvent { at, agent_number: agent.to_owned(), kind }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::kind::FeatureCode;

    /// FEA-27 to FEA-30
    #[test]
    fn a_code_means_work_and_the_number_behind_it_a_group() {
        let codes = FeatureCodes::default();
        let of = |dialed: &str| Work::of(dialed, &codes);
        assert_eq!((of("*91"), of("*912001")), (Some(Work::SignIn(None)), Some(Work::SignIn(Some("2001".into())))));
        assert_eq!((of("*92"), of("*927")), (Some(Work::SignOut(None)), Some(Work::SignOut(Some("7".into())))));
        assert_eq!((of("*93"), of("*94")), (Some(Work::Resume), Some(Work::Pause)));
        assert_eq!([of("*941"), of("*91*"), of("*9"), of("")], [const { None }; 4]);
        let off = FeatureCodes { sign_in: FeatureCode::literal(""), ..FeatureCodes::default() };
        assert_eq!(Work::of("2001", &off), None);
    }
}
