//! Which trunks of a rule are tried, by how they are now (OUT-27, OUT-43, OUT-61, TRK-87).

use super::{Choosing, Why};
use crate::{
    call::step::{Found, Rule, Step},
    model::{Trunk, outbound_profile::OutboundRule},
    schema::{Id, Row, Tenant, kind::Status},
    sip::order::{TrunkId, TrunkState},
};
use std::sync::Arc;

/// How a trunk is: as it last said, and the calls of both directions over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrunkNow {
    pub state: TrunkState,
    pub calls: u32,
}

impl Choosing<'_> {
    /// Without a rule the one trunk that is asked for.
    pub(super) fn lines(&mut self, rule: Option<&OutboundRule>) -> Result<Vec<TrunkId>, Why> {
        let tenant = self.tenant;
        let of_rule = rule.into_iter().flat_map(|rule| rule.trunks.iter().filter_map(|trunk| trunk.row(tenant)));
        let alone = self.asked.trunk.and_then(|trunk| tenant.table::<Trunk>().row(Id(trunk.0)));
        let rows = of_rule.chain(alone);
        let (mut good, mut last_hope, mut used_up) = (Vec::new(), Vec::new(), None);
        for row in rows {
            let trunk = id(row);
            let (mut found, now) = (self.standing(row), (self.trunks)(trunk));
            let minutes = self.spent.of_trunk(trunk, self.tenant, self.at).filter(|used| used.used >= used.allowed);
            if let Some(used) = minutes {
                (found, used_up) = (Found::UsedUp, Some(used));
            }
            match found {
                Found::Passes => good.push(trunk),
                Found::Down if now.state == TrunkState::Unreachable => last_hope.push(trunk),
                _ => {}
            }
            self.steps.push(Step::new(Rule::Trunk, found).of(self.tenant, row));
        }
        if !good.is_empty() {
            return Ok(good);
        }
        if !last_hope.is_empty() {
            self.step(Rule::Trunk, Found::LastHope);
            return Ok(last_hope);
        }
        Err(used_up.map_or(Why::NoTrunk, Why::Limit))
    }

    /// OUT-27, TRK-87
    fn standing(&self, row: &Row<Trunk>) -> Found {
        let TrunkNow { state, calls } = (self.trunks)(TrunkId(row.id().0));
        let lines = row.value.max_calls.value() as u32;
        let reserved = if self.asked.is_machine() { row.value.reserved_calls.value() as u32 } else { 0 };
        match state {
            _ if row.value.status == Status::Disabled => Found::Disabled,
            TrunkState::Disabled => Found::Disabled,
            _ if calls >= lines => Found::Full,
            _ if calls >= lines.saturating_sub(reserved) => Found::Reserved,
            TrunkState::Refused | TrunkState::Unreachable | TrunkState::Certificate => Found::Down,
            TrunkState::Connecting | TrunkState::Up => Found::Passes,
        }
    }
}

/// First those of the rule, then every other enabled one by name; of each, those that are down behind those that are
/// not. A trunk without a free line stands in its place: room is made on it (OUT-43, OUT-44).
pub fn for_help(tenant: &Tenant, rule: Option<&OutboundRule>, now: &dyn Fn(TrunkId) -> TrunkNow) -> Vec<TrunkId> {
    let mut rows: Vec<&Arc<Row<Trunk>>> =
        tenant.table::<Trunk>().rows().filter(|row| row.value.status == Status::Enabled).collect();
    let place = |id: Id| rule.and_then(|rule| rule.trunks.iter().position(|trunk| trunk.id == id));
    rows.sort_by_cached_key(|row| {
        let down = !matches!(now(id(row)).state, TrunkState::Up | TrunkState::Connecting);
        (down, place(row.id()).unwrap_or(usize::MAX), row.value.name.to_string())
    });
    rows.into_iter().map(id).collect()
}

fn id(row: &Arc<Row<Trunk>>) -> TrunkId {
    TrunkId(row.id().0)
}
