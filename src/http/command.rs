//! What the exchange is asked to do, and what is answered where it does not.

use super::{Panel, refused::Refused, site::Asker};
use crate::call::command::{Answer, Command, NotDone};
use serde_json::json;
use std::time::Duration;

impl Panel {
    pub async fn ask(&self, asker: &Asker, command: Command) -> Result<Answer, Refused> {
        match (self.door.ask)(asker.actor(), command).await {
            Ok(answer) => answer.map_err(Refused::from),
            Err(_) => Err(Refused::fault()),
        }
    }
}

impl From<NotDone> for Refused {
    fn from(not_done: NotDone) -> Refused {
        match not_done {
            NotDone::NoCall => Refused::no_call(),
            NotDone::NoBan | NotDone::NoSuchRow => Refused::not_found(),
            NotDone::AgentUnavailable => Refused::new(
                409,
                "agent_unavailable",
                "The agent is disabled, in a call, or has no phone that can be reached.",
            ),
            NotDone::Busy => Refused::rate_limited(Duration::from_secs(5)),
            NotDone::Dnc => Refused::new(409, "dnc", "This number must not be called."),
            NotDone::CampaignRefused => {
                Refused::new(409, "campaign_refused", "The campaign makes no calls now: see its status and hours.")
            }
            NotDone::CallLimit => Refused::new(409, "call_limit", "A limit of calls is reached; try again later."),
            NotDone::EmergencyNumber => {
                Refused::new(422, "emergency_number", "Emergency numbers are called from a phone alone.")
            }
            NotDone::Barred(why) => Refused::invalid("number", json!(why)),
        }
    }
}
