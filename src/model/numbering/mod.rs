//! Numbers as an office dials them: their class, their form inside the country and between countries (OUT-18, 34..40).

mod builtin;
pub mod country;
pub mod plan;

use super::{
    NumberingPlan, Preferences,
    outbound_profile::NumberClass::{self, Local, National, Unknown},
    trunk::choice::NumberFormat,
};
use crate::schema::Tenant;
pub use builtin::plan as built_in;
use plan::Plan;
use std::sync::Arc;

/// A number of fewer digits belongs nowhere (LOC-7).
const SHORT: usize = 5;
/// A number dialed without its area has so many digits (OUT-37).
const LOCAL: std::ops::RangeInclusive<usize> = 7..=8;
/// A prefix that chooses a carrier may stand behind another one, so often.
const SELECTIONS_MAX: usize = 4;

/// The plan of the office's country, and its own area.
#[derive(Clone, Debug)]
pub struct Numbering {
    plan: Arc<Plan>,
    /// Without the trunk prefix.
    area: String,
}

impl Numbering {
    pub fn of(tenant: &Tenant) -> Numbering {
        let preferences = Preferences::of(tenant);
        Numbering::new(NumberingPlan::of(tenant, &preferences.country), &preferences.area_code)
    }

    /// `area` with or without the trunk prefix in front.
    pub fn new(plan: Arc<Plan>, area: &str) -> Numbering {
        let area = area.strip_prefix(&*plan.trunk).unwrap_or(area).into();
        Numbering { plan, area }
    }

    /// As it is compared (OUT-18): without spaces, hyphens, brackets and dots; a `+` and a country's code become what
    /// is dialed for them here.
    pub fn dialed(&self, typed: &str) -> String {
        let typed = typed.trim();
        let digits: String = typed.chars().filter_map(key).collect();
        if !typed.starts_with(['+', '＋']) {
            return digits;
        }
        match digits.strip_prefix(&*self.plan.code).filter(|_| !self.plan.code.is_empty()) {
            Some(behind_code) => self.plan.national(behind_code),
            None => format!("{}{digits}", self.plan.international),
        }
    }

    /// Of a number as it is dialed; what chooses a carrier or hides the caller in front of it changes nothing.
    pub fn class(&self, number: &str) -> NumberClass {
        match self.behind_selection(number) {
            (National, behind) if self.is_own_area(behind) => Local,
            (class, _) => class,
        }
    }

    /// Those of the country.
    pub fn emergencies(&self) -> &[String] {
        &self.plan.emergency
    }

    /// The emergency number that this is, without what hides the caller in front of it.
    pub fn emergency<'n>(&self, number: &'n str) -> Option<&'n str> {
        let (class, behind) = self.behind_selection(number);
        (class == NumberClass::Emergency).then_some(behind)
    }

    fn behind_selection<'n>(&self, number: &'n str) -> (NumberClass, &'n str) {
        let mut rest = number;
        for _ in 0..SELECTIONS_MAX {
            match self.plan.class(rest) {
                Unknown => {}
                class => return (class, rest),
            }
            let Some(after) = self.plan.after_selection(rest) else { break };
            rest = after;
        }
        (Unknown, number)
    }

    /// With the own area in front where it was dialed without one (OUT-37).
    pub fn full(&self, number: &str) -> String {
        let alone = LOCAL.contains(&number.len()) && self.plan.class(number) == Local && !self.area.is_empty();
        if alone { format!("{}{}{number}", self.plan.trunk, self.area) } else { number.into() }
    }

    /// International form without `+` (LOC-7); `None` for a number that is none outside: short, internal, an emergency.
    /// A carrier may give it with the country's code and nothing in front; a form that is dialed here goes before.
    pub fn international(&self, number: &str) -> Option<String> {
        let digits = self.dialed(number);
        if digits.len() < SHORT || digits.bytes().any(|key| !key.is_ascii_digit()) {
            return None;
        }
        if let Some(abroad) = self.abroad(&digits) {
            return Some(abroad.into());
        }
        match self.plan.class(&digits) {
            NumberClass::Emergency => None,
            Unknown => self.with_code(&digits),
            Local if LOCAL.contains(&digits.len()) && self.area.is_empty() => None,
            _ => Some(self.behind_code(&self.full(&digits))),
        }
    }

    /// Of a number as it is dialed.
    pub fn country(&self, number: &str) -> Option<&'static str> {
        country::of(&self.international(number)?)
    }

    /// As a trunk wants it (TRK-69); what has no international form stays as it is.
    pub fn written(&self, number: &str, format: NumberFormat) -> String {
        match (format, self.international(number)) {
            (NumberFormat::AsIs, _) | (_, None) => number.into(),
            (NumberFormat::E164, Some(digits)) => digits,
            (NumberFormat::E164Plus, Some(digits)) => format!("+{digits}"),
        }
    }

    fn is_own_area(&self, number: &str) -> bool {
        let behind = number.strip_prefix(&*self.plan.trunk).unwrap_or(number);
        !self.area.is_empty() && behind.starts_with(&self.area)
    }

    /// Behind the prefix for other countries, which may follow on one that chooses a carrier.
    fn abroad<'n>(&self, number: &'n str) -> Option<&'n str> {
        let mut rest = Some(number);
        for _ in 0..SELECTIONS_MAX {
            let number = rest?;
            if let Some(abroad) = number.strip_prefix(&*self.plan.international) {
                return Some(abroad);
            }
            rest = self.plan.after_selection(number);
        }
        None
    }

    fn behind_code(&self, national: &str) -> String {
        let bare = self.plan.bare.contains(&self.plan.class(national));
        let behind = national.strip_prefix(&*self.plan.trunk).filter(|_| !bare).unwrap_or(national);
        format!("{}{behind}", self.plan.code)
    }

    fn with_code(&self, digits: &str) -> Option<String> {
        let behind = digits.strip_prefix(&*self.plan.code).filter(|_| !self.plan.code.is_empty())?;
        let known = self.plan.class(&self.plan.national(behind)) != Unknown;
        (known && behind.len() >= SHORT).then(|| digits.into())
    }
}

/// What a telephone has a key for, also in full width; all else is how people write numbers.
fn key(letter: char) -> Option<char> {
    match letter {
        '0'..='9' | '*' | '#' => Some(letter),
        '０'..='９' => char::from_digit(u32::from(letter) - u32::from('０'), 10),
        '＊' => Some('*'),
        '＃' => Some('#'),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
