//! The configuration of an agent's phone, looked at before the phone asks for it (AGT-40).

use super::{Panel, listen::Via, query::Query, refused::Refused, rest, site::Asker};
use crate::{
    model::Agent,
    phone::{Configuration, MASK, Reach},
    schema::Model,
};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /panel/agents/{id}/configuration`: as the phone would get it, its secrets as `***` (PHN-69).
pub async fn preview(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Extension(via): Extension<Via>,
    Path(id): Path<String>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, Agent::PATH)?;
    asker.must(resource, "view")?;
    asked.only(&[])?;
    if !asker.access.sees(resource, "phone_template") {
        return Err(Refused::not_found());
    }
    let (tenant, door) = (panel.door.store.tenant(), &panel.door);
    let host = door.address_for_phones(via.local.ip()).to_string();
    let ca_certificate_url = format!("http://{host}/ca.crt");
    let reach = Reach { host, sip_port: door.sip, ca_certificate_url };
    let agent = tenant.table::<Agent>().row(rest::number(&id)?).ok_or_else(Refused::not_found)?;
    let made = Configuration::of(&tenant, &agent.value, &reach, MASK).ok_or_else(Refused::not_found)?;
    Ok(Json(json!({ "path": made.path, "content": made.content })))
}
