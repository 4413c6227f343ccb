//! Each night what is kept no longer goes: recordings by their package, records of calls by the box (BOX-59, BOX-60).

use super::super::{Panel, on_disk};
use crate::{model::Settings, time::Timestamp};
use std::sync::Arc;

pub async fn forget(panel: &Arc<Panel>, now: Timestamp) {
    let store = panel.door.store.clone();
    let done = on_disk(move || {
        let gone = store.forget_recordings(now)?;
        // After the recordings: they are found by their records.
        let records = store.forget_records_before(Settings::of(&store.tenant()).records_from(now))?;
        store.forget_minutes_before(now)?;
        Ok((gone, records))
    });
    match done.await {
        Ok((gone, records)) if gone.recordings + records > 0 => {
            let recordings = gone.recordings;
            tracing::info!(recordings, records, "recordings and call records whose days are over are removed");
        }
        Ok(_) => {}
        // Tried again a day later; until then they only take room.
        Err(refused) => tracing::warn!(?refused, "old recordings and call records could not be removed"),
    }
}
