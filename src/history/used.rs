//! What is used of the fraud limits today, as it is written down while it changes (OUT-66, BOX-101).

use serde::{Deserialize, Serialize};

/// All that is known of a day, or what of it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedToday {
    /// Days since 1970, by the clocks of the office.
    pub day: i32,
    pub budgets: Vec<BudgetUsed>,
    /// Numbers called, and how often (CDR-80).
    pub numbers: Vec<(String, u32)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetUsed {
    pub of: BudgetOf,
    pub used_ms: u64,
    /// How often it was released (OUT-68).
    pub released: u64,
    /// What was said of it already: after so many releases, this percentage.
    pub told: Vec<(u64, u8)>,
    /// The last numbers called, for who is told.
    pub last: Vec<String>,
}

/// Whose minutes of the day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BudgetOf {
    Agent(String),
    DearOfAgent(String),
    Dear,
    /// The row id of a trunk.
    Trunk(u64),
}
