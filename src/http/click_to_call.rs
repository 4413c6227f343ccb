//! A program has the phone of an agent ring and then a number (API-36 to API-41).

use super::{Panel, body, refused::Refused, site::Asker};
use crate::{
    call::command::{Answer, ClickToCall, Command, How},
    model::{Agent, ApiAccess, CallerId, Campaign},
    schema::{Id, Tenant, kind::Phone},
};
use axum::{Extension, Json, body::Body, extract::State, http::StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub const FIELDS: [&str; 5] = ["agent_number", "number", "campaign", "caller_id", "custom_content"];
/// Characters (API-7).
pub const CONTENT_MAX: usize = 1_000;

/// `POST /api/v1/click_to_call`
pub async fn start(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let asked = Asked(body::object(body).await?);
    let wanted = asked.read(&panel.door.store.tenant())?;
    let Answer::Called { call_id } = panel.ask(&asker, Command::ClickToCall(wanted)).await? else {
        return Err(Refused::fault());
    };
    Ok((StatusCode::ACCEPTED, Json(json!({ "call_id": call_id }))))
}

struct Asked(Map<String, Value>);

impl Asked {
    fn read(&self, tenant: &Tenant) -> Result<ClickToCall, Refused> {
        if let Some(field) = self.0.keys().find(|field| !FIELDS.contains(&field.as_str())) {
            return Err(wrong(field, "unknown"));
        }
        Ok(ClickToCall {
            agent_number: self.agent(tenant)?,
            number: self.number("number")?.ok_or_else(|| wrong("number", "required"))?,
            campaign: self.campaign(tenant)?,
            caller_id: self.caller_id(tenant)?,
            custom_content: self.content(tenant)?,
            how: How::Api,
        })
    }

    /// An empty text is none.
    fn text(&self, field: &str) -> Result<Option<&str>, Refused> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(field, "type")),
        }
    }

    fn agent(&self, tenant: &Tenant) -> Result<String, Refused> {
        let number = self.text("agent_number")?.ok_or_else(|| wrong("agent_number", "required"))?;
        let agent = Agent::of(tenant, number).ok_or_else(|| wrong("agent_number", "not_there"))?;
        Ok(agent.value.agent_number.to_string())
    }

    /// As it was written: a `+` says which country is meant.
    fn number(&self, field: &str) -> Result<Option<String>, Refused> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        match serde_json::from_value::<Phone>(text.into()) {
            Ok(_) => Ok(Some(text.to_owned())),
            Err(_) => Err(wrong(field, "pattern")),
        }
    }

    fn campaign(&self, tenant: &Tenant) -> Result<Option<Id>, Refused> {
        let Some(text) = self.text("campaign")? else { return Ok(None) };
        let id = text.parse().ok().filter(|id| tenant.table::<Campaign>().row(*id).is_some());
        id.map(Some).ok_or_else(|| wrong("campaign", "not_there"))
    }

    /// API-41
    fn caller_id(&self, tenant: &Tenant) -> Result<Option<String>, Refused> {
        let Some(text) = self.number("caller_id")? else { return Ok(None) };
        let wanted: Phone = serde_json::from_value(text.into()).map_err(|_| wrong("caller_id", "pattern"))?;
        let known = tenant.table::<CallerId>().rows().any(|row| row.value.number == wanted);
        if known { Ok(Some(wanted.to_string())) } else { Err(wrong("caller_id", "not_there")) }
    }

    /// API-7, API-8
    fn content(&self, tenant: &Tenant) -> Result<String, Refused> {
        let Some(text) = self.text("custom_content")? else { return Ok(String::new()) };
        if !ApiAccess::of(tenant).custom_call_record.0 {
            let why = "The settings of the API allow no custom call records.";
            return Err(Refused::new(422, "custom_content_not_allowed", why));
        }
        if text.chars().count() > CONTENT_MAX {
            return Err(Refused::invalid("custom_content", json!({ "why": "too_long", "max": CONTENT_MAX })));
        }
        Ok(text.to_owned())
    }
}

fn wrong(field: &str, why: &str) -> Refused {
    Refused::invalid(field, json!({ "why": why }))
}
