//! Removes the files of jobs seven days after they ended, and of jobs that nobody knows any more (JOB-31), and uploads
//! that no row came to name.

use super::{
    super::{Panel, listen::stopped, on_disk},
    Jobs,
};
use crate::{history::job::Job, store::Fault, time::Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::time::interval;

const LOOK_EVERY: Duration = Duration::from_secs(600);
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

pub fn is_over(job: &Job, now: Timestamp) -> bool {
    job.ended_at.is_some_and(|ended| now >= ended + KEPT)
}

/// Until the box stops.
pub async fn forget(panel: Arc<Panel>) {
    let (mut look, mut stopping) = (interval(LOOK_EVERY), panel.stopping.clone());
    loop {
        tokio::select! {
            _ = stopped(&mut stopping) => return,
            _ = look.tick() => {}
        }
        let asked = panel.clone();
        let done = on_disk(move || {
            let now = (asked.door.clock)().wall;
            asked.door.store.sweep_files(now)?;
            Ok(forget_old(&asked.jobs, now)?)
        });
        if let Err(refused) = done.await {
            tracing::warn!(?refused, "old files could not be removed");
        }
    }
}

fn forget_old(jobs: &Jobs, now: Timestamp) -> Result<(), Fault> {
    for number in jobs.files().numbers() {
        if jobs.one(number)?.is_none_or(|job| is_over(&job, now)) {
            jobs.files().remove(number);
        }
    }
    Ok(())
}
