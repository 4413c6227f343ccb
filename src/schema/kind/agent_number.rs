//! An agent, by the agent's number: what is kept of customers and calls names agents so.

use super::{
    internal_number,
    line::{Form, Line},
};

/// Whether there is such an agent is held where it is used.
pub type AgentNumber = Line<OfAgents>;

pub struct OfAgents;

impl Form for OfAgents {
    const KIND: &'static str = "agent_number";
    const MIN: u64 = 2;
    const MAX: u64 = 6;
    fn fits(text: &str) -> bool {
        internal_number::fits(text)
    }
}
