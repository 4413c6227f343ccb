//! Who called for help, so that whoever calls back reaches the same phone first (OUT-47).

use crate::{model::numbering::Numbering, schema::Tenant, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, time::Duration};

const FOR: Duration = Duration::from_secs(3600);
/// Calls for help that are remembered; the oldest goes first.
const CALLS_MAX: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBacks(VecDeque<Helped>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Helped {
    /// What the other side was shown.
    shown: String,
    agent: String,
    at: Timestamp,
}

impl CallBacks {
    pub fn note(&mut self, shown: &str, agent: &str, at: Timestamp) {
        self.0.push_back(Helped { shown: shown.into(), agent: agent.into(), at });
        if self.0.len() > CALLS_MAX {
            self.0.pop_front();
        }
    }

    /// Whoever last called for help under the number that is called now, in whatever form a carrier writes it.
    pub fn of(&self, number: &str, tenant: &Tenant, at: Timestamp) -> Option<&str> {
        let numbering = Numbering::of(tenant);
        let key = |number: &str| numbering.international(number).unwrap_or_else(|| number.into());
        let called = key(number);
        let recent = self.0.iter().rev().filter(|helped| at >= helped.at && at.since(helped.at) < FOR);
        recent.into_iter().find(|helped| key(&helped.shown) == called).map(|helped| &*helped.agent)
    }

    /// The time of day was set (BOX-52).
    pub fn date_anew(&mut self, by_ms: i64) {
        self.0.iter_mut().for_each(|helped| helped.at = helped.at.moved(by_ms));
    }
}
