//! "Try a number": profile, rule, class, what is sent where, what is left of each limit, or the refusal (OUT-32).

use super::TryNumber;
use crate::{
    call::{
        caller_id::{self, For},
        spent::{Outside, Used},
        step::{Named, Step, named},
        way_out::{Asked, Barred, WayOut, Why, way_out},
        ways::Ways,
    },
    history::call_record::HangupReason,
    model::{OutboundProfile, Trunk, numbering::Numbering, outbound_profile::NumberClass},
    schema::{Id, Model, Tenant},
    sip::order::TrunkId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    pub emergency: bool,
    /// As it is compared (OUT-18).
    pub number: String,
    pub class: NumberClass,
    pub country: Option<String>,
    pub profile: Option<Named>,
    /// Its place in the profile, from 1 as people count.
    pub rule: Option<usize>,
    pub sent: Option<String>,
    /// To be tried in this order.
    pub trunks: Vec<TriedTrunk>,
    /// What is used and what is there of each limit that holds for the call.
    pub limits: Vec<Used>,
    pub refused: Option<Refused>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedTrunk {
    pub trunk: Named,
    /// As this trunk wants it written (TRK-69).
    pub number: String,
    /// What those we call are shown; empty: nothing.
    pub caller_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Of the call record (`L403`).
    pub code: String,
    pub reason: HangupReason,
    #[serde(flatten)]
    pub why: Why,
}

impl TryNumber {
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            number: &self.number,
            agent: self.agent.as_deref(),
            campaign: self.campaign,
            how: self.how,
            ..Asked::default()
        }
    }
}

pub fn tried(tenant: &Tenant, ways: &Ways, asked: &Asked, at: Timestamp) -> Tried {
    match way_out(tenant, asked, &ways.spent, &|trunk| ways.trunk(trunk), at) {
        Ok(way) => sent(tenant, ways, asked, way, at),
        Err(barred) => refused(tenant, ways, asked, barred, at),
    }
}

fn sent(tenant: &Tenant, ways: &Ways, asked: &Asked, way: WayOut, at: Timestamp) -> Tried {
    let outside = way.outside(asked);
    let made = For {
        agent: asked.agent,
        campaign: asked.campaign,
        how: asked.how,
        emergency: way.emergency,
        ..For::default()
    };
    // The turn is looked at, and stays with the next real call.
    let chosen = caller_id::choose(tenant, &made, &mut ways.turns.clone(), at);
    let numbering = Numbering::of(tenant);
    let trunks = way.trunks.iter().filter_map(|trunk| {
        let row = tenant.table::<Trunk>().row(Id(trunk.0))?;
        let number =
            if way.emergency { way.sent.clone() } else { numbering.written(&way.sent, row.value.number_format) };
        let caller_id = chosen.on(tenant, *trunk);
        Some(TriedTrunk { trunk: named(tenant, Trunk::NAME, row.id())?, number, caller_id })
    });
    Tried {
        trunks: trunks.collect(),
        limits: if way.emergency { Vec::new() } else { limits(tenant, ways, &outside, &way.trunks, at) },
        emergency: way.emergency,
        number: way.number,
        class: way.class,
        country: way.country,
        profile: way.profile.and_then(|id| named(tenant, OutboundProfile::NAME, id)),
        rule: way.rule.map(|place| place + 1),
        sent: Some(way.sent),
        refused: None,
        steps: way.steps,
    }
}

fn refused(tenant: &Tenant, ways: &Ways, asked: &Asked, barred: Barred, at: Timestamp) -> Tried {
    let numbering = Numbering::of(tenant);
    let number = numbering.dialed(asked.number);
    let class = match barred.why {
        Why::Class { class } | Why::Night { class } => class,
        _ => numbering.class(&number),
    };
    let counted = numbering.international(&number).unwrap_or_else(|| number.clone());
    let outside = Outside { agent: asked.agent.map(Into::into), number: counted, class, ..Outside::default() };
    Tried {
        emergency: barred.why == Why::EmergencyNumber,
        country: numbering.country(&number).map(Into::into),
        class,
        number,
        profile: asked.profile(tenant).and_then(|row| named(tenant, OutboundProfile::NAME, row.id())),
        rule: if let Why::Denied { rule } = barred.why { Some(rule + 1) } else { None },
        sent: None,
        trunks: Vec::new(),
        limits: limits(tenant, ways, &outside, &[], at),
        refused: Some(Refused { code: barred.record_code().into(), reason: barred.reason(), why: barred.why.clone() }),
        steps: barred.steps,
    }
}

fn limits(tenant: &Tenant, ways: &Ways, outside: &Outside, trunks: &[TrunkId], at: Timestamp) -> Vec<Used> {
    let mut all: Vec<Used> = ways.spent.of_number(&outside.number, tenant, at).into_iter().collect();
    all.extend(ways.spent.limits(outside, tenant, at));
    all.extend(trunks.iter().filter_map(|trunk| ways.spent.of_trunk(*trunk, tenant, at)));
    all
}
