//! What became of a trunk, and what its row menu does (TRK-42, TRK-46, TRK-48, TRK-49).

use super::{Panel, on_disk, refused::Refused, rest, site::Asker};
use crate::{
    call::command::Command,
    history::{
        trunk_day::{Counting, TrunkDay},
        trunk_turn::{outages, share_up},
    },
    model::{Preferences, Trunk},
    schema::{Id, Refusals, Why},
};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 3600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// `GET /panel/trunks/{id}/states`: changes of state and outages, the newest first, and the share of the last day and
/// of the last 30 in which the trunk was up.
pub async fn states(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refused> {
    let trunk = there(&panel, &asker, &id)?;
    let door = panel.door.clone();
    let turns = on_disk(move || Ok(door.store.trunk_turns(trunk)?)).await?;
    let now = (panel.door.clock)().wall;
    let back = |length: Duration| now.moved(-(length.as_millis() as i64));
    let (day, month) = (share_up(&turns, back(DAY), now), share_up(&turns, back(MONTH), now));
    let mut outages = outages(&turns);
    outages.reverse();
    let items: Vec<_> = turns.into_iter().rev().collect();
    Ok(Json(json!({ "items": items, "up_day": day, "up_month": month, "outages": outages })))
}

/// `GET /panel/trunks/{id}/today`: what went over it since midnight, by the clocks of the office.
pub async fn today(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
) -> Result<Json<TrunkDay>, Refused> {
    let trunk = there(&panel, &asker, &id)?;
    let tenant = panel.door.store.tenant();
    let since = (panel.door.clock)().wall.day_begins(&Preferences::of(&tenant).time_zone.clocks());
    let now = panel.door.live.calls_over(trunk);
    let door = panel.door.clone();
    let day = on_disk(move || {
        let mut counting = Counting::of(trunk);
        door.store.each_record_since(since, |record| counting.take(&record))?;
        Ok(counting.told(now))
    });
    Ok(Json(day.await?))
}

/// `POST /panel/trunks/{id}/register`
pub async fn register(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let trunk = acted_on(&panel, &asker, &id)?;
    panel.ask(&asker, Command::TryTrunk { trunk: trunk.0 }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /panel/trunks/{id}/accept_realm`
pub async fn accept_realm(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let trunk = acted_on(&panel, &asker, &id)?;
    panel.ask(&asker, Command::AcceptRealm { trunk: trunk.0 }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn there(panel: &Panel, asker: &Asker, id: &str) -> Result<Id, Refused> {
    asker.must(rest::resource(asker, "trunks")?, "view")?;
    let id = rest::number(id)?;
    let tenant = panel.door.store.tenant();
    tenant.table::<Trunk>().row(id).map(|row| row.id()).ok_or_else(Refused::not_found)
}

/// The office sees whether its lines work, and no more (TRK-1 reading).
pub(super) fn acted_on(panel: &Panel, asker: &Asker, id: &str) -> Result<Id, Refused> {
    let trunk = there(panel, asker, id)?;
    if asker.may_act() { Ok(trunk) } else { Err(Refusals::whole(Why::UpstreamOwned).into()) }
}
