//! Banned addresses: listed, and let in again by who may (BOX-146).

use super::{
    Panel,
    query::{self, Query},
    refused::Refused,
    several::{self, Several},
    site::Asker,
};
use crate::{
    call::command::{Answer, Command},
    origin,
    store::Page,
    view::BanRow,
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::Value;
use std::{cmp::Reverse, net::IpAddr, sync::Arc};

/// `GET /panel/bans`: the newest first.
pub async fn list(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asker.access.must("box.view")?;
    asked.only(&["search", "limit", "cursor"])?;
    let limit = asked.limit(&asker)?;
    let Answer::Bans(mut bans) = panel.ask(&asker, Command::Bans).await? else { return Err(Refused::fault()) };
    let search = asked.text("search").unwrap_or_default().trim().to_lowercase();
    bans.retain(|ban| origin::shown(ban.address).contains(&search));
    bans.sort_unstable_by_key(place);
    let total = bans.len() as u64;
    if let Some(last) = asked.text("cursor") {
        let after = bans.iter().position(|ban| origin::shown(ban.address) == last).map_or(bans.len(), |at| at + 1);
        bans.drain(..after);
    }
    let next = bans.get(limit..).filter(|rest| !rest.is_empty()).map(|_| origin::shown(bans[limit - 1].address));
    bans.truncate(limit);
    Ok(Json(query::page(&asker, Page { items: bans, next, total })))
}

/// `DELETE /panel/bans/{address}`
pub async fn lift(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(address): Path<String>,
) -> Result<StatusCode, Refused> {
    asker.access.must("box.edit")?;
    lift_one(&panel, &asker, &address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /panel/bans/delete`: several, as rows of a list are removed (LST-16).
pub async fn lift_several(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    asker.access.must("box.edit")?;
    let mut several = Several::default();
    for address in several::ids(body).await? {
        several.note(&address, lift_one(&panel, &asker, &address).await);
    }
    Ok(several.told())
}

fn place(ban: &BanRow) -> (Reverse<i64>, IpAddr) {
    (Reverse(ban.since.0), ban.address)
}

async fn lift_one(panel: &Panel, asker: &Asker, address: &str) -> Result<(), Refused> {
    let address = origin::read(address).ok_or_else(Refused::not_found)?;
    panel.ask(asker, Command::LiftBan { address }).await?;
    tracing::info!(%address, by = ?asker.actor(), "a ban was lifted");
    Ok(())
}
