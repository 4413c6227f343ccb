//! What would happen to a call, for whoever may see what decides it (OUT-32).

use super::{Panel, query::Query, refused::Refused, site::Asker};
use crate::{
    call::command::{Answer, Command, How, Question, TryNumber, WouldGo},
    model::{Agent, Campaign},
    schema::{Id, Tenant},
};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Characters that somebody may type as a number.
const NUMBER_MAX: usize = 64;

/// `GET /panel/outbound_profiles/try?number=&agent=&campaign=&how=&at=`: "try a number"; nothing is sent.
pub async fn try_number(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asker.access.must("outbound_profile.view")?;
    asked.only(&["number", "agent", "campaign", "how", "at"])?;
    let tenant = panel.door.store.tenant();
    let question = TryNumber {
        number: number(&asked, "number")?.ok_or_else(|| refused("number", "required"))?,
        agent: agent(&asked, "agent", &tenant)?,
        campaign: campaign(&asked, &tenant)?,
        how: how(&asked)?,
        at: asked.moment("at")?,
    };
    let Answer::Tried(tried) = panel.ask(&asker, Command::Explain(Question::Number(question))).await? else {
        return Err(Refused::fault());
    };
    told(&tried)
}

/// `GET /panel/dids/would_go?number=&caller=&last_agent=&at=`
pub async fn would_go(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asker.access.must("did.view")?;
    asked.only(&["number", "caller", "last_agent", "at"])?;
    let question = WouldGo {
        number: number(&asked, "number")?.ok_or_else(|| refused("number", "required"))?,
        caller: number(&asked, "caller")?.unwrap_or_default(),
        last_agent: agent(&asked, "last_agent", &panel.door.store.tenant())?,
        at: asked.moment("at")?,
    };
    let Answer::Goes(goes) = panel.ask(&asker, Command::Explain(Question::Call(question))).await? else {
        return Err(Refused::fault());
    };
    told(&goes)
}

/// `GET /panel/dids/{id}/flow`: every way that calls to it can go.
pub async fn flow(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<String>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    asker.access.must("did.view")?;
    asked.only(&[])?;
    let did = id.parse().map_err(|_| Refused::not_found())?;
    let Answer::Flow(flow) = panel.ask(&asker, Command::Explain(Question::Flow { did })).await? else {
        return Err(Refused::fault());
    };
    told(&flow)
}

fn told<T: Serialize>(answer: &T) -> Result<Json<Value>, Refused> {
    serde_json::to_value(answer).map(Json).map_err(|_| Refused::fault())
}

fn refused(field: &str, why: &str) -> Refused {
    Refused::invalid(field, json!({ "why": why }))
}

fn typed<'a>(asked: &'a Query, field: &str) -> Option<&'a str> {
    asked.text(field).map(str::trim).filter(|text| !text.is_empty())
}

fn number(asked: &Query, field: &str) -> Result<Option<String>, Refused> {
    match typed(asked, field) {
        Some(text) if text.chars().count() > NUMBER_MAX => {
            Err(Refused::invalid(field, json!({ "why": "too_long", "max": NUMBER_MAX })))
        }
        Some(text) if !text.chars().any(|letter| letter.is_numeric() || matches!(letter, '*' | '#')) => {
            Err(refused(field, "pattern"))
        }
        text => Ok(text.map(Into::into)),
    }
}

fn agent(asked: &Query, field: &str, tenant: &Tenant) -> Result<Option<String>, Refused> {
    match typed(asked, field) {
        Some(number) if Agent::of(tenant, number).is_none() => Err(refused(field, "not_there")),
        number => Ok(number.map(Into::into)),
    }
}

fn campaign(asked: &Query, tenant: &Tenant) -> Result<Option<Id>, Refused> {
    let Some(text) = typed(asked, "campaign") else { return Ok(None) };
    let id = text.parse().ok().filter(|id| tenant.table::<Campaign>().row(*id).is_some());
    id.map(Some).ok_or_else(|| refused("campaign", "not_there"))
}

fn how(asked: &Query) -> Result<How, Refused> {
    let Some(word) = typed(asked, "how") else { return Ok(How::default()) };
    serde_json::from_value(json!(word)).map_err(|_| refused("how", "choice"))
}
