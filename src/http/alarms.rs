//! What is done with alarms: a call for help is confirmed, a budget of the day released (OUT-46, OUT-68).

use super::{Panel, refused::Refused, sight, site::Asker};
use crate::{
    call::command::Command,
    model::FraudLimits,
    schema::{Refusals, Resource, Why},
    view::{AlarmKind, AlarmRow},
};
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
};
use std::sync::Arc;

/// `POST /panel/alarms/{alarm}/confirm`: whoever asks has seen it.
pub async fn confirm(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(alarm): Path<String>,
) -> Result<StatusCode, Refused> {
    seen(&panel, &asker, &alarm, AlarmKind::Emergency)?;
    let by = asker.signed()?.who.person.username(&panel.door.store.tenant()).ok_or_else(Refused::unauthorized)?;
    panel.ask(&asker, Command::Confirm { alarm, by }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /panel/alarms/{alarm}/release`: until midnight. What the upstream limits, whoever acts as it releases.
pub async fn release(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(alarm): Path<String>,
) -> Result<StatusCode, Refused> {
    let row = seen(&panel, &asker, &alarm, AlarmKind::Budget)?;
    asker.access.must("fraud_limit.edit")?;
    let limits = Resource::of::<FraudLimits>();
    let of_upstream = FraudLimits::set(&panel.door.store.tenant()).is_upstream(&row.limit);
    let own = limits.field(&row.limit).is_some() && !limits.gives(&row.limit) && !of_upstream;
    if !own && !asker.may_act() {
        return Err(Refusals::whole(Why::UpstreamOwned).into());
    }
    panel.ask(&asker, Command::Release { alarm }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn seen(panel: &Panel, asker: &Asker, alarm: &str, kind: AlarmKind) -> Result<Arc<AlarmRow>, Refused> {
    let row = panel.door.live.alarm(alarm).filter(|row| row.kind == kind && sight::sees_alarm(&asker.access, row));
    row.ok_or_else(Refused::not_found)
}
