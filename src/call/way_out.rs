//! Whether an outside number may be called, in what form, and over which trunks in which order (OUT-18..48).

mod barred;
mod emergency;
mod lines;

pub use barred::{Barred, Why};
pub use lines::TrunkNow;

use super::{
    spent::{Outside, Spent, is_night},
    step::{Found, Rule, Step},
};
use crate::{
    model::{
        Agent, Campaign, Dnc, FraudLimits, OutboundProfile, Package,
        numbering::Numbering,
        outbound_profile::{
            NumberClass::{self, International},
            OutboundRule, RuleAction,
        },
    },
    schema::{Id, Row, Tenant, kind::Approval},
    sip::order::TrunkId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who wants to call what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// As it was typed or dialed.
    pub number: &'a str,
    pub agent: Option<&'a str>,
    pub campaign: Option<Id>,
    pub how: How,
    /// The agent whose bound number it is (AGT-1).
    pub bound_to: Option<&'a str>,
    /// Over this trunk alone: no profile and no rule is asked (TRK-20).
    pub trunk: Option<TrunkId>,
    /// The campaign's, else that of the opened customer; none: the usual one (DNC reading).
    pub package: Option<Id>,
}

/// How a call came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Keyed on a phone.
    #[default]
    Phone,
    ClickToCall,
    Api,
    /// A destination, a ring group: made for whoever is there.
    Destination,
    /// A bound number, a transfer: the same.
    Forward,
    Dialer,
    VoiceNotice,
}

/// How a call to the outside was asked for, where no phone dialed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    pub how: How,
    pub campaign: Option<Id>,
    pub caller_id: Option<String>,
    /// Over this trunk alone.
    pub trunk: Option<TrunkId>,
}

/// What is sent, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayOut {
    /// Nothing holds it up, and every trunk is tried (OUT-41, OUT-43).
    pub emergency: bool,
    /// As it is compared (OUT-18).
    pub number: String,
    /// Without what the rule takes away: the number of whoever is called.
    pub bare: String,
    /// In which calls to one number are counted: international where it has such a form.
    pub counted: String,
    /// The dearer of what was dialed and what is sent (OUT-39).
    pub class: NumberClass,
    /// Of the number sent; none: not known.
    pub country: Option<String>,
    pub profile: Option<Id>,
    /// Its place in the profile, from 0.
    pub rule: Option<usize>,
    pub sent: String,
    /// To be tried in this order.
    pub trunks: Vec<TrunkId>,
    pub steps: Vec<Step>,
}

/// `trunks` says how each one is now. `at` may be another time than now; for the same of all, the same is answered
/// (OUT-33).
pub fn way_out(
    tenant: &Tenant,
    asked: &Asked,
    spent: &Spent,
    trunks: &dyn Fn(TrunkId) -> TrunkNow,
    at: Timestamp,
) -> Result<WayOut, Barred> {
    let numbering = Numbering::of(tenant);
    let number = numbering.dialed(asked.number);
    let profile = asked.profile(tenant);
    let mut way = Choosing { tenant, asked, spent, trunks, at, numbering, number, profile, steps: Vec::new() };
    way.choose().map_err(|why| Barred { why, dnc_destination: None, steps: Vec::new() }.told(way.steps, tenant))
}

/// Whether that is a call for help (OUT-41, OUT-42).
pub fn calls_for_help(tenant: &Tenant, asked: &Asked) -> bool {
    let numbering = Numbering::of(tenant);
    let number = numbering.dialed(asked.number);
    let (spent, trunks) = (&Spent::default(), &|_| TrunkNow::default());
    let (profile, at, steps) = (asked.profile(tenant), Timestamp::default(), Vec::new());
    Choosing { tenant, asked, spent, trunks, at, numbering, number, profile, steps }.emergency().is_some()
}

impl Asked<'_> {
    /// The one that is asked (OUT-20, AGT-38 and its readings, PRF-47..49).
    pub(in crate::call) fn profile<'t>(&self, tenant: &'t Tenant) -> Option<&'t Arc<Row<OutboundProfile>>> {
        let agent = |number: Option<&str>| number.and_then(|number| Agent::of(tenant, number)).map(|row| &row.value);
        let of_bound = agent(self.bound_to).and_then(|agent| agent.outbound_profile);
        let agent = agent(self.agent);
        let campaign = self.campaign.and_then(|id| tenant.table::<Campaign>().row(id));
        let of_campaign = campaign.and_then(|row| row.value.outbound_profile);
        let of_agent = agent.and_then(|agent| agent.outbound_profile);
        let department = agent.and_then(|agent| agent.department?.row(tenant));
        let of_department = department.and_then(|row| row.value.outbound_profile);
        let own = match self.how {
            How::ClickToCall | How::Api => of_campaign.or(of_agent).or(of_department),
            How::Phone => of_agent.or(of_department),
            How::Dialer | How::VoiceNotice => of_campaign,
            How::Destination | How::Forward => of_bound,
        };
        own.and_then(|profile| profile.row(tenant)).or_else(|| OutboundProfile::usual(tenant))
    }

    /// Made for a caller from outside (OUT-63).
    fn is_forward(&self) -> bool {
        matches!(self.how, How::Destination | How::Forward)
    }

    /// Whose attempts, calls and minutes count for the agent (OUT-56 reading).
    fn counts_for(&self) -> Option<&str> {
        self.agent.filter(|_| !self.is_forward() && !matches!(self.how, How::Dialer | How::VoiceNotice))
    }

    /// The lines kept for people are not for it (TRK-87).
    fn is_machine(&self) -> bool {
        matches!(self.how, How::Dialer | How::VoiceNotice | How::Api)
    }
}

struct Choosing<'a> {
    tenant: &'a Tenant,
    asked: &'a Asked<'a>,
    spent: &'a Spent,
    trunks: &'a dyn Fn(TrunkId) -> TrunkNow,
    at: Timestamp,
    numbering: Numbering,
    number: String,
    profile: Option<&'a Arc<Row<OutboundProfile>>>,
    steps: Vec<Step>,
}

impl<'a> Choosing<'a> {
    /// In the order of OUT-19; the first that refuses decides.
    fn choose(&mut self) -> Result<WayOut, Why> {
        if let Some(emergency) = self.emergency() {
            return self.call_for_help(emergency);
        }
        self.may_key()?;
        let found = self.find();
        let number = self.number.clone();
        let bare = found.map_or(&*number, |(_, rule)| rule.without_prefix(&number)).to_owned();
        let counted = self.numbering.international(&bare).unwrap_or_else(|| bare.clone());
        self.must_not_call(&[&number, &self.numbering.full(&number), &bare])?;
        self.not_too_often(&counted)?;
        let ruled = if self.asked.trunk.is_some() { None } else { Some(self.rule(found)?) };
        let sent = ruled.map_or_else(|| number.clone(), |(_, _, rule)| rule.rewritten(&number));
        let class = self.class(&sent)?;
        self.fraud(class, &counted)?;
        let trunks = self.lines(ruled.map(|(_, _, rule)| rule))?;
        Ok(WayOut {
            emergency: false,
            country: self.numbering.country(&sent).map(Into::into),
            number,
            bare,
            counted,
            class,
            profile: ruled.map(|(profile, ..)| profile),
            rule: ruled.map(|(_, place, _)| place),
            sent,
            trunks,
            steps: std::mem::take(&mut self.steps),
        })
    }

    fn step(&mut self, rule: Rule, found: Found) {
        self.steps.push(Step::new(rule, found));
    }

    /// AGT-22, AGT-23
    fn may_key(&mut self) -> Result<(), Why> {
        let agent = self.asked.agent.and_then(|number| Agent::of(self.tenant, number));
        let only = agent.filter(|agent| agent.value.click_to_call_only.0 && self.asked.how == How::Phone);
        let found = if only.is_some() { Found::Denies } else { Found::Passes };
        self.steps.push(Step::new(Rule::ClickToCallOnly, found).of_any(self.tenant, only));
        if only.is_some() { Err(Why::ClickToCallOnly) } else { Ok(()) }
    }

    /// DNC-2, CUS-28
    fn must_not_call(&mut self, numbers: &[&str]) -> Result<(), Why> {
        let tenant = self.tenant;
        let campaign = self.asked.campaign.and_then(|id| tenant.table::<Campaign>().row(id));
        let package = campaign.map(|row| row.value.package.id).or(self.asked.package);
        let package = package.or_else(|| Package::usual(tenant).map(|row| row.id())).unwrap_or_default();
        if numbers.iter().any(|number| tenant.barred.holds(package, number)) {
            self.step(Rule::Highlight, Found::Denies);
            return Err(Why::Highlight);
        }
        let entries: Vec<_> = numbers.iter().filter_map(|number| Dnc::of(tenant, package, number)).collect();
        let bars = entries.iter().find(|entry| entry.value.status == Approval::Enabled).copied();
        let found = match (bars, entries.first()) {
            (Some(_), _) => Found::Denies,
            (None, Some(_)) => Found::NotInForce,
            (None, None) => Found::NotListed,
        };
        let step = Step::new(Rule::Dnc, found).of_any(self.tenant, bars.or(entries.first().copied()));
        self.steps.push(step.compared(&self.number, ""));
        if bars.is_some() { Err(Why::Dnc) } else { Ok(()) }
    }

    /// CDR-80
    fn not_too_often(&mut self, counted: &str) -> Result<(), Why> {
        let Some(used) = self.spent.of_number(counted, self.tenant, self.at) else { return Ok(()) };
        let over = used.used >= used.allowed;
        self.step_of_limit(Rule::DailyCallLimit, over, &used);
        if over { Err(Why::Limit(used)) } else { Ok(()) }
    }

    /// The first enabled rule that fits (OUT-21); the others before it are told as steps by `rule`.
    fn find(&self) -> Option<(usize, &'a OutboundRule)> {
        if self.asked.trunk.is_some() {
            return None;
        }
        let rules = self.profile?.value.rules.iter().enumerate();
        rules.into_iter().find(|(_, rule)| self.fits(rule) == Found::Decides)
    }

    /// OUT-7..12, OUT-15
    fn fits(&self, rule: &OutboundRule) -> Found {
        let length = self.number.len() as i64;
        let classes = &rule.number_classes;
        let condition = rule.condition.map(|condition| condition.row(self.tenant));
        match () {
            () if !rule.enabled.0 => Found::Disabled,
            () if !self.number.starts_with(&*rule.prefix) => Found::OtherPrefix,
            () if rule.length_min.is_some_and(|min| length < min.value()) => Found::TooShort,
            () if rule.length_max.is_some_and(|max| length > max.value()) => Found::TooLong,
            () if !rule.fits(&self.number) => Found::OtherNumber,
            () if !classes.is_empty() && !classes.contains(&self.numbering.class(&self.number)) => Found::OtherClass,
            () => match condition {
                None => Found::Decides,
                Some(row) if row.is_some_and(|row| row.value.is_inside(self.tenant, self.at)) => Found::Decides,
                Some(_) => Found::OutsideOfTime,
            },
        }
    }

    /// OUT-20..23
    fn rule(&mut self, found: Option<(usize, &'a OutboundRule)>) -> Result<(Id, usize, &'a OutboundRule), Why> {
        let Some(profile) = self.profile else {
            self.step(Rule::OutboundProfile, Found::None);
            return Err(Why::NoProfile);
        };
        self.steps.push(Step::new(Rule::OutboundProfile, Found::Passes).of(self.tenant, profile));
        let asked = found.map_or(profile.value.rules.len(), |(place, _)| place + 1);
        for (place, rule) in profile.value.rules[..asked].iter().enumerate() {
            let fits = self.fits(rule);
            let denies = fits == Found::Decides && rule.action == RuleAction::Deny;
            let step = Step::new(Rule::OutboundRule, if denies { Found::Denies } else { fits });
            self.steps.push(step.of(self.tenant, profile).compared(&self.number, &(place + 1).to_string()));
        }
        match found {
            None => Err(Why::NoRule),
            Some((place, rule)) if rule.action == RuleAction::Deny => Err(Why::Denied { rule: place }),
            Some((place, rule)) => Ok((profile.id(), place, rule)),
        }
    }

    /// OUT-39, OUT-52, OUT-53, OUT-62, OUT-63
    fn class(&mut self, sent: &str) -> Result<NumberClass, Why> {
        let limits = FraudLimits::of(self.tenant);
        let class = self.numbering.class(&self.number).max(self.numbering.class(sent));
        let allowed = limits.allowed_classes.contains(&class)
            && !(class.is_dear() && (self.asked.is_forward() || is_night(self.tenant, self.at)));
        let found = if allowed { Found::Passes } else { Found::NotAllowed };
        self.steps.push(Step::new(Rule::NumberClass, found).compared(word(class).as_str(), ""));
        if !allowed {
            let listed = limits.allowed_classes.contains(&class);
            return Err(if listed && !self.asked.is_forward() { Why::Night { class } } else { Why::Class { class } });
        }
        if class == International {
            self.country_allowed(sent)?;
        }
        Ok(class)
    }

    /// Of both forms, where they are of other countries.
    fn country_allowed(&mut self, sent: &str) -> Result<(), Why> {
        let abroad = [&*self.number, sent].into_iter().filter(|number| self.numbering.class(number) == International);
        let countries: Vec<&str> = abroad.map(|number| self.numbering.country(number).unwrap_or_default()).collect();
        let allowed = &FraudLimits::of(self.tenant).allowed_countries;
        let barred = countries.iter().find(|country| !allowed.iter().any(|allowed| **allowed == ***country));
        let found = if barred.is_some() { Found::NotAllowed } else { Found::Passes };
        let shown = barred.or(countries.first()).copied().unwrap_or_default();
        self.steps.push(Step::new(Rule::Country, found).compared(shown, ""));
        barred.map_or(Ok(()), |country| Err(Why::Country { country: (*country).into() }))
    }

    /// OUT-54..59, OUT-62, OUT-63
    fn fraud(&mut self, class: NumberClass, counted: &str) -> Result<(), Why> {
        let outside = Outside {
            agent: self.asked.counts_for().map(Into::into),
            number: counted.into(),
            class,
            forward: self.asked.is_forward(),
            emergency: false,
        };
        for used in self.spent.limits(&outside, self.tenant, self.at) {
            let over = used.used >= used.allowed;
            self.step_of_limit(Rule::FraudLimit, over, &used);
            if over {
                return Err(Why::Limit(used));
            }
        }
        Ok(())
    }

    fn step_of_limit(&mut self, rule: Rule, over: bool, used: &super::spent::Used) {
        let found = if over { Found::UsedUp } else { Found::Passes };
        let step = Step::new(rule, found).compared(&used.used.to_string(), &used.allowed.to_string());
        self.steps.push(Step { limit: Some(used.limit), ..step });
    }
}

impl WayOut {
    /// As the limits count it.
    pub fn outside(&self, asked: &Asked) -> Outside {
        Outside {
            agent: asked.counts_for().map(Into::into),
            number: self.counted.clone(),
            class: self.class,
            forward: asked.is_forward(),
            emergency: self.emergency,
        }
    }
}

fn word(class: NumberClass) -> String {
    serde_json::to_value(class).ok().and_then(|word| word.as_str().map(Into::into)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
