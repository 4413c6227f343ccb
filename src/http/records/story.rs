//! Why a call went as it went, for whoever may see its record (BOX-119 to BOX-123).

use super::{
    super::{Panel, on_disk, refused::Refused, site::Asker},
    TABLE, in_reach,
};
use crate::{history::story::Story, schema::Access, time::Timestamp};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// BOX-120
pub const DAYS: i64 = 30;
pub const KEPT_MS: i64 = DAYS * 24 * 3600 * 1000;

/// `GET /panel/call_records/{call_id}/story`: figures of the sound and the SIP messages with `box.diagnose`.
pub async fn tell(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(call_id): Path<String>,
) -> Result<Json<Value>, Refused> {
    asker.access.must("call_record.view")?;
    let now = (panel.door.clock)().wall;
    let by = asker.clone();
    let story = on_disk(move || {
        let record = in_reach(&panel, &by, &call_id)?;
        let kept = record.started_at.0 >= now.0 - KEPT_MS;
        Ok(if kept { panel.door.store.story(&call_id)? } else { None })
    })
    .await?;
    Ok(Json(told(&asker.access, story)))
}

fn told(access: &Access, story: Option<Story>) -> Value {
    let kept = story.is_some();
    let Story { steps, mut legs, ladder, cut, .. } = story.unwrap_or_default();
    let diagnoses = access.may("box.diagnose");
    // Whoever is not shown numbers is not told them by another way.
    let hides = ["original_caller_number", "actual_caller_number", "original_called_number", "actual_called_number"]
        .iter()
        .any(|column| !access.sees_column(TABLE, column));
    if hides {
        legs.iter_mut().for_each(|leg| (leg.number, leg.name) = Default::default());
    }
    let legs: Vec<Value> = legs
        .into_iter()
        .map(|leg| {
            let number = leg.leg;
            let mut told = serde_json::to_value(leg).unwrap_or_default();
            told["leg"] = number.to_string().into();
            if !diagnoses {
                told["sound"] = Value::Null;
            }
            told
        })
        .collect();
    let ladder = (diagnoses && !hides).then(|| {
        ladder
            .into_iter()
            .map(|message| {
                json!({ "leg": message.leg.to_string(), "after_ms": message.after_ms, "sent": message.sent,
                "peer": message.peer, "text": message.text })
            })
            .collect::<Vec<_>>()
    });
    let steps = if hides { Vec::new() } else { steps };
    json!({ "kept": kept, "steps": steps, "legs": legs, "ladder": ladder, "cut": cut })
}

/// Whose month is over is forgotten (BOX-120).
pub async fn forget(panel: &Arc<Panel>, now: Timestamp) {
    let store = panel.door.store.clone();
    if let Err(refused) = on_disk(move || Ok(store.forget_stories_before(Timestamp(now.0 - KEPT_MS))?)).await {
        // Tried again a day later; until then they only take room.
        tracing::warn!(?refused, "the stories of old calls could not be removed");
    }
}
