//! A call for help, as it is shown and kept until those who look after the office have confirmed it (OUT-46).

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    pub call_id: String,
    pub at: Timestamp,
    /// As it was sent.
    pub number: String,
    pub agent_number: String,
    pub agent_name: String,
    pub department_name: String,
    /// Of the phone that dialed.
    pub address: String,
    /// By user name or agent number.
    pub confirmed_by: Vec<String>,
}
