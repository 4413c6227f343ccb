//! What is used of the limits on outside calls, and by whom (OUT-69).

use super::{Panel, on_disk, refused::Refused, site::Asker};
use crate::{
    call::command::{Answer, Command, Question},
    model::{Agent, FraudLimits},
    schema::Model,
};
use axum::{Extension, Json, extract::State};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// `GET /panel/fraud_limits/used`: every limit as it is now, and the outside minutes of each agent in 30 days.
pub async fn used(State(panel): State<Arc<Panel>>, Extension(asker): Extension<Asker>) -> Result<Json<Value>, Refused> {
    asker.access.must(&format!("{}.view", FraudLimits::NAME))?;
    let Answer::Spent(spent) = panel.ask(&asker, Command::Explain(Question::Spent)).await? else {
        return Err(Refused::fault());
    };
    let (store, now) = (panel.door.store.clone(), (panel.door.clock)().wall);
    let month = on_disk(move || Ok(store.minutes_until(now)?)).await?;
    let tenant = panel.door.store.tenant();
    let today = spent.agents.iter().map(|agent| agent.agent_number.clone());
    let numbers: BTreeSet<String> = today.chain(month.agents().map(Into::into)).collect();
    let agents = numbers.iter().map(|number| {
        let limits = spent.agents.iter().find(|agent| agent.agent_number == *number).map(|agent| &agent.limits);
        let name = Agent::of(&tenant, number).map(|row| row.value.name()).unwrap_or_default();
        json!({ "agent_number": number, "name": name, "limits": limits, "minutes_month": month.of(number) })
    });
    Ok(Json(json!({
        "since": spent.since, "office": spent.office, "trunks": spent.trunks, "agents": agents.collect::<Vec<_>>(),
    })))
}
