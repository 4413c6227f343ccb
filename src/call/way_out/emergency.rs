//! Calls for help: always sent, over whatever line there is (OUT-41..45).

use super::{Choosing, How, WayOut, Why, lines};
use crate::{
    call::step::{Found, Rule, Step},
    model::outbound_profile::{
        NumberClass::{self, Emergency},
        OutboundRule,
    },
};

/// Dialed from habit to get a line (OUT-42).
const FOR_A_LINE: [char; 2] = ['0', '9'];

impl<'a> Choosing<'a> {
    /// The emergency number that was meant: also behind what a rule takes away, and behind a digit for a line where no
    /// number has that form (OUT-42).
    pub(super) fn emergency(&self) -> Option<String> {
        let bare = |number: &str| self.numbering.emergency(number).map(Into::into);
        let behind = |rule: &OutboundRule| {
            let prefix = Some(&*rule.remove_prefix).filter(|prefix| !prefix.is_empty() && rule.enabled.0)?;
            bare(self.number.strip_prefix(prefix)?)
        };
        let rules = || self.profile.and_then(|profile| profile.value.rules.iter().find_map(behind));
        let free = || self.numbering.class(&self.number) == NumberClass::Unknown;
        let for_a_line = || self.number.strip_prefix(FOR_A_LINE).filter(|_| free()).and_then(bare);
        bare(&self.number).or_else(rules).or_else(for_a_line)
    }

    /// Nothing but a phone calls it (OUT-41, OUT-48). What is sent is the number alone: no rewriting may keep it from
    /// those it is meant for.
    pub(super) fn call_for_help(&mut self, number: String) -> Result<WayOut, Why> {
        let by_phone = self.asked.how == How::Phone;
        let found = if by_phone { Found::Decides } else { Found::Denies };
        self.steps.push(Step::new(Rule::Emergency, found).compared(&self.number, &number));
        if !by_phone {
            return Err(Why::EmergencyNumber);
        }
        let first = self.help_rule(&number);
        let trunks = lines::for_help(self.tenant, first.map(|(_, rule)| rule), self.trunks);
        if trunks.is_empty() {
            self.step(Rule::Trunk, Found::None);
            return Err(Why::NoTrunk);
        }
        Ok(WayOut {
            emergency: true,
            number: self.number.clone(),
            bare: number.clone(),
            counted: number.clone(),
            class: Emergency,
            country: None,
            profile: self.profile.filter(|_| first.is_some()).map(|profile| profile.id()),
            rule: first.map(|(place, _)| place),
            sent: number,
            trunks,
            steps: std::mem::take(&mut self.steps),
        })
    }

    /// The first that has trunks and fits, at whatever time (OUT-41, OUT-43).
    fn help_rule(&self, number: &str) -> Option<(usize, &'a OutboundRule)> {
        let fits = |rule: &OutboundRule| {
            let classes = &rule.number_classes;
            let class = classes.is_empty() || classes.contains(&Emergency);
            rule.enabled.0 && class && !rule.trunks.is_empty() && (rule.fits(&self.number) || rule.fits(number))
        };
        let profile = self.profile?;
        profile.value.rules.iter().enumerate().find(|(_, rule)| fits(rule))
    }
}
