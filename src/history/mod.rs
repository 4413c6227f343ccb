//! What happened: facts in order, and what is kept of calls.

pub mod audit;
pub mod call_record;
pub mod did_use;
mod emergency;
pub mod fact;
pub mod job;
pub mod minutes;
pub mod recording;
pub mod sip_code;
pub mod step;
pub mod story;
pub mod trunk_day;
pub mod trunk_turn;
mod used;
