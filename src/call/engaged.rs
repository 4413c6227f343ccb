//! What a leg is to its agent, for the floor.

use super::{
    leg::{Leg, Phase, Role},
    office::Office,
    one::Call,
};
use crate::floor::agent::Engaged;

/// What this leg is to its agent now; a leg that is over is nothing.
pub fn engaged(call: &Call, leg: &Leg, office: &Office) -> Option<(String, Engaged)> {
    if !leg.is_live() || matches!(leg.role, Role::Leaving { .. }) {
        return None;
    }
    let rings = leg.role == Role::Rung;
    if rings && leg.phase == Phase::Begun {
        return None;
    }
    let agent = leg.staff()?;
    let other = match leg.role {
        Role::Caller => call.party.has(Role::Called),
        _ => call.party.has(Role::Caller),
    };
    let other = other.map_or_else(
        || {
            let number = call.record.original_called_number.clone();
            (number.clone(), office.name(&number))
        },
        |other| {
            let shown = other.shown(office);
            (shown.number, shown.name)
        },
    );
    let warns = matches!(leg.role, Role::Caller | Role::Called | Role::Rung);
    let alerts = if warns { call.alerts.clone() } else { Vec::new() };
    Some((agent.to_owned(), Engaged { rings, other, alerts }))
}
