//! Removes entries of the audit log whose days are over, once a day at 01:00 of the office (AUD-21).

use super::super::{Panel, listen::stopped, on_disk, records};
use crate::{
    model::{Preferences, Settings},
    time::Timestamp,
};
use jiff::tz::TimeZone;
use std::{sync::Arc, time::Duration};
use tokio::time::interval;

/// How often the clock is looked at: it may be set, and the time zone changed.
const LOOK_EVERY: Duration = Duration::from_secs(60);
const HOUR: i8 = 1;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Until the box stops. One that is off at night does it when it starts.
pub async fn forget(panel: Arc<Panel>) {
    let mut look = interval(LOOK_EVERY);
    let (mut done, mut stopping) = (None, panel.stopping.clone());
    loop {
        tokio::select! {
            _ = stopped(&mut stopping) => return,
            _ = look.tick() => {}
        }
        let (now, tenant) = ((panel.door.clock)().wall, panel.door.store.tenant());
        let due = night(now, &Preferences::of(&tenant).time_zone);
        if done != Some(due) {
            done = Some(due);
            let Some(now) = believed(&panel, now).await else { continue };
            let before = Timestamp(now.0 - Settings::of(&tenant).audit_days.value() * DAY_MS);
            forget_before(&panel, before).await;
            records::story::forget(&panel, now).await;
            records::age::forget(&panel, now).await;
        }
    }
}

/// How far the clock is believed tonight (BOX-54); none: nothing goes.
async fn believed(panel: &Arc<Panel>, now: Timestamp) -> Option<Timestamp> {
    let store = panel.door.store.clone();
    match on_disk(move || Ok(store.tonight(now)?)).await {
        Ok(believed) => {
            if believed < now {
                tracing::info!(clock = %now, counted = %believed, "the box was off, or its clock is ahead: what is old goes later");
            }
            Some(believed)
        }
        Err(refused) => {
            tracing::warn!(?refused, "nobody knows how far the clock can be believed; nothing old is removed");
            None
        }
    }
}

async fn forget_before(panel: &Arc<Panel>, moment: Timestamp) {
    let store = panel.door.store.clone();
    match on_disk(move || Ok(store.forget_audited_before(moment)?)).await {
        Ok(0) => {}
        Ok(entries) => tracing::info!(entries, "audit entries whose days are over are removed"),
        // Tried again a day later; until then the log is only longer than it should be.
        Err(refused) => tracing::warn!(?refused, "old audit entries could not be removed"),
    }
}

/// The last 01:00 in this time zone, as its day.
fn night(now: Timestamp, time_zone: &str) -> jiff::civil::Date {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let moment = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone);
    let date = moment.date();
    if moment.hour() < HOUR { date.yesterday().unwrap_or(date) } else { date }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUD-21
    #[test]
    fn the_night_begins_at_one_in_the_office() {
        let night = |text: &str| night(text.parse().unwrap(), "Asia/Shanghai").to_string();
        assert_eq!(night("2026-11-23T16:59:59.999Z"), "2026-11-23");
        assert_eq!(night("2026-11-23T17:00:00.000Z"), "2026-11-24");
        assert_eq!(night("2026-11-24T16:59:00.000Z"), "2026-11-24");
    }
}
