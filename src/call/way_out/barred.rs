//! Why an outside call is not made, and what its record and its caller are told.

use super::Step;
use crate::{
    call::spent::{Limit, Used},
    history::call_record::HangupReason,
    model::{Preferences, outbound_profile::NumberClass},
    schema::{Tenant, kind::destination::To},
};
use serde::{Deserialize, Serialize};

/// Nothing is sent to any trunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barred {
    pub why: Why,
    /// Where the agent's call goes that was keyed to a barred number; empty hangs up (DNC-3, PRF-58).
    pub dnc_destination: Option<To>,
    pub steps: Vec<Step>,
}

/// A closed list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Why {
    /// Only a phone calls it (OUT-48).
    EmergencyNumber,
    ClickToCallOnly,
    Dnc,
    /// Its customer must not be called (CUS-28).
    Highlight,
    NoProfile,
    NoRule,
    /// By the rule at this place of the profile, from 0.
    Denied {
        rule: usize,
    },
    Class {
        class: NumberClass,
    },
    /// The class rests at this hour (OUT-62).
    Night {
        class: NumberClass,
    },
    /// Two letters; empty: not known.
    Country {
        country: String,
    },
    Limit(Used),
    /// None of the rule's trunks can be tried.
    NoTrunk,
}

impl Barred {
    /// The phrase that says why an outside call is not made.
    pub fn phrase(&self) -> &'static str {
        match &self.why {
            Why::EmergencyNumber | Why::Denied { .. } => "outside_denied",
            Why::ClickToCallOnly => "outside_click_to_call_only",
            Why::Dnc | Why::Highlight => "outside_do_not_call",
            Why::NoProfile | Why::NoRule => "outside_no_route",
            Why::Class { .. } => "outside_class",
            Why::Night { .. } => "outside_night",
            Why::Country { .. } => "outside_country",
            Why::Limit(used) if used.limit == Limit::DailyCallLimit => "outside_daily_limit",
            Why::Limit(_) => "outside_limit",
            Why::NoTrunk => "outside_no_trunk",
        }
    }

    pub(super) fn told(self, steps: Vec<Step>, tenant: &Tenant) -> Barred {
        let barred = matches!(self.why, Why::Dnc | Why::Highlight);
        let destination = Preferences::of(tenant).dnc_destination.as_ref().filter(|_| barred);
        Barred { dnc_destination: destination.map(|destination| destination.to().clone()), steps, ..self }
    }

    /// Of the box's own codes (call-records.md).
    pub fn record_code(&self) -> &'static str {
        match self.why {
            Why::EmergencyNumber | Why::ClickToCallOnly | Why::Dnc | Why::Highlight => "L403",
            Why::Denied { .. } | Why::Class { .. } | Why::Night { .. } | Why::Country { .. } => "L403",
            Why::NoProfile | Why::NoRule => "L415",
            Why::Limit(_) => "L429",
            Why::NoTrunk => "L503",
        }
    }

    pub fn reason(&self) -> HangupReason {
        match self.why {
            Why::Limit(_) => HangupReason::CallLimit,
            _ => HangupReason::CallFailed,
        }
    }

    /// What a phone is answered with, once it was told why (OUT-24).
    pub fn code(&self) -> u16 {
        match self.why {
            Why::NoProfile | Why::NoRule => 404,
            Why::NoTrunk => 503,
            _ => 403,
        }
    }
}
