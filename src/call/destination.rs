//! Where a call can go, and what a dialed number means (DSK-345).

use super::office::Office;
use serde::{Deserialize, Serialize};

/// The default feature codes; only agents' phones can call at all (FEA-2).
const DND: &str = "*76";
const ECHO_TEST: &str = "*43";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    Agent(String),
    /// FEA-20.
    EchoTest,
    /// FEA-9.
    Dnd,
    /// A number that is nobody's.
    Unknown,
}

impl Destination {
    pub fn of(dialed: &str, office: &Office) -> Destination {
        match dialed {
            _ if office.is_agent(dialed) => Destination::Agent(dialed.to_string()),
            ECHO_TEST => Destination::EchoTest,
            DND => Destination::Dnd,
            _ => Destination::Unknown,
        }
    }
}
