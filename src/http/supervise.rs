//! A leader at the panel listens to an agent, whispers or barges in, with a phone that is rung for that (MON-56 to
//! MON-64).

use super::{Panel, body, refused::Refused, rest, site::Asker};
use crate::{
    call::command::{Answer, Command, HeardBy},
    model::Agent,
    schema::{Refusals, Why},
};
use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use serde_json::{Value, json};
use std::sync::Arc;

type Begun = Result<(StatusCode, Json<Value>), Refused>;

/// `POST /panel/agents/{id}/listen`, `…/whisper`, `…/barge`: an agent's own phone, else the one of the extension
/// `phone` (MON-59).
pub fn routes() -> Router<Arc<Panel>> {
    let ways = [("listen", HeardBy::Nobody), ("whisper", HeardBy::Agent), ("barge", HeardBy::All)];
    ways.into_iter().fold(Router::new(), |router, (word, how)| {
        let begin = move |panel, asker, id, body| begin(word, how, panel, asker, id, body);
        router.route(&format!("/agents/{{id}}/{word}"), post(begin))
    })
}

async fn begin(
    word: &'static str,
    how: HeardBy,
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    body: Body,
) -> Begun {
    let tenant = panel.door.store.tenant();
    let agent = tenant.table::<Agent>().row(rest::number(&id)?).ok_or_else(Refused::not_found)?;
    let agent_number = agent.value.agent_number.to_string();
    let access = &asker.access;
    // MON-49, MON-50
    if !access.led_numbers.contains(&*agent_number) {
        access.must(&format!("monitor.{word}"))?;
    }
    let typed = body::object_if_any(body).await?;
    if let Some(field) = typed.keys().find(|field| *field != "phone") {
        return Err(Refusals::one(field, Why::Unknown).into());
    }
    let typed = typed.get("phone").and_then(Value::as_str).filter(|_| access.own_number.is_none());
    let phone = access.own_number.as_deref().or(typed).map(str::to_owned);
    let phone = phone.ok_or_else(|| Refusals::one("phone", Why::Required))?;
    if Agent::of(&tenant, &phone).is_none() || phone == agent_number {
        return Err(Refusals::one("phone", Why::NotThis).into());
    }
    let Answer::Called { call_id } = panel.ask(&asker, Command::Supervise { agent_number, phone, how }).await? else {
        return Err(Refused::fault());
    };
    Ok((StatusCode::ACCEPTED, Json(json!({ "call_id": call_id }))))
}
