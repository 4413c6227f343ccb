//! Who did what in the panel and over the API (AUD rows).

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One request that is remembered. Secrets stand as `***` in it, from the moment it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The account's user name or the agent's number; `api`; the typed name of a failed sign-in (AUD-11).
    pub username: String,
    /// Who did it, signed in as that person (AUD-19).
    pub acted_by: Option<String>,
    /// Kind of operation and resource, such as `edit customer` (AUD-12).
    pub action: String,
    pub ip_address: IpAddr,
    /// Method and path (AUD-14).
    pub request_address: String,
    /// Query and body, at most 8,192 characters (AUD-15).
    pub request_parameters: String,
    /// They were longer.
    pub parameters_cut: bool,
    /// First eight hex digits of the hash of session token or key (AUD-17).
    pub token: String,
    /// Of the answer (AUD-18).
    pub status: u16,
    /// The answer's error word, if the request was refused (AUD-6).
    pub error: Option<String>,
    pub created_at: Timestamp,
}
