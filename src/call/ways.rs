//! What choosing a way reads beside the snapshot: limits used up, whose turn it is, how the trunks are.

use super::{call_back::CallBacks, caller_id::Turns, last_agent::LastAgents, spent::Spent, way_out::TrunkNow};
use crate::sip::order::{TrunkId, TrunkState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    pub spent: Spent,
    pub turns: Turns,
    pub last_agents: LastAgents,
    pub call_backs: CallBacks,
    states: BTreeMap<TrunkId, TrunkState>,
    calls: BTreeMap<TrunkId, u32>,
}

impl Ways {
    /// A trunk that said nothing yet is on its way up.
    pub fn trunk(&self, trunk: TrunkId) -> TrunkNow {
        let state = self.states.get(&trunk).copied().unwrap_or(TrunkState::Connecting);
        TrunkNow { state, calls: self.calls.get(&trunk).copied().unwrap_or_default() }
    }

    /// TRK-47
    pub fn trunk_is(&mut self, trunk: TrunkId, state: TrunkState) {
        self.states.insert(trunk, state);
    }

    /// A call of either direction takes a line (TRK-17).
    pub fn took_line(&mut self, trunk: TrunkId) {
        *self.calls.entry(trunk).or_default() += 1;
    }

    pub fn left_line(&mut self, trunk: TrunkId) {
        if let Some(calls) = self.calls.get_mut(&trunk) {
            *calls = calls.saturating_sub(1);
        }
    }

    /// Forgets trunks that are no more.
    pub fn keep(&mut self, is_there: impl Fn(TrunkId) -> bool) {
        self.states.retain(|trunk, _| is_there(*trunk));
        self.calls.retain(|trunk, calls| *calls > 0 || is_there(*trunk));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TRK-17, TRK-47, OUT-27
    #[test]
    fn a_trunk_is_as_it_last_said() {
        let (mut ways, trunk) = (Ways::default(), TrunkId(7));
        assert_eq!(ways.trunk(trunk), TrunkNow { state: TrunkState::Connecting, calls: 0 });
        ways.trunk_is(trunk, TrunkState::Up);
        ways.took_line(trunk);
        ways.took_line(trunk);
        ways.left_line(trunk);
        assert_eq!(ways.trunk(trunk), TrunkNow { state: TrunkState::Up, calls: 1 });
        ways.keep(|_| false);
        assert_eq!(ways.trunk(trunk), TrunkNow { state: TrunkState::Connecting, calls: 1 }, "its call is still up");
        ways.left_line(trunk);
        ways.left_line(trunk);
        ways.keep(|_| false);
        assert_eq!(ways, Ways::default());
    }
}
