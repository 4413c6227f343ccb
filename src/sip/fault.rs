//! Why a message is not taken, and what to answer.

use super::message::Message;
use std::{error, fmt};

/// A message that is not taken. A response or an ACK is dropped in silence, and so is what is no SIP at all.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The code to answer with; `None`: drop it.
    pub answer: Option<u16>,
    pub reason: &'static str,
    /// What could be read, enough for `write::response`; there if `answer` is.
    pub message: Option<Box<Message>>,
}

impl Fault {
    pub(super) fn silent(reason: &'static str) -> Fault {
        Fault { answer: None, reason, message: None }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl error::Error for Fault {}
