//! One open page: told over a WebSocket what is happening, at most ten times a second, for as long as it is signed in.

use super::{
    Panel, guard, job,
    listen::{Stopping, Via, stopped},
    refused::Refused,
    session::Signed,
    sight::Sight,
    site::Asker,
};
use crate::call::command::{Actor, Command};
use axum::{
    Extension,
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, uri::Authority},
    response::Response,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, interval, sleep_until, timeout},
};

const BETWEEN_UPDATES: Duration = Duration::from_millis(100);
/// JOB-15 wants 2 seconds.
const BETWEEN_JOBS: Duration = Duration::from_millis(500);
const BETWEEN_PINGS: Duration = Duration::from_secs(20);
/// A page that answers no ping, or takes no message, for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// A page says nothing but its answers to pings.
const SAID_BYTES_MAX: usize = 4096;
/// The session has ended; the page shows the sign-in.
const SIGNED_OUT: u16 = 4401;
/// RFC 6455 section 7.4.1: the box is going away.
const GOING_AWAY: u16 = 1001;

/// `GET /panel/live`
pub async fn live(
    State(panel): State<Arc<Panel>>,
    Extension(via): Extension<Via>,
    Extension(host): Extension<Authority>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refused> {
    guard::own_origin(&host, &via, &headers)?;
    // Whoever asks for it plainly asks in the wrong way.
    let upgrade = upgrade.map_err(|_| Refused::method_not_allowed())?;
    let upgrade = upgrade
        .read_buffer_size(SAID_BYTES_MAX)
        .write_buffer_size(0)
        .max_message_size(SAID_BYTES_MAX)
        .max_frame_size(SAID_BYTES_MAX);
    let signed = asker.signed()?.clone();
    Ok(upgrade.on_upgrade(move |socket| async move {
        let sight = Sight::new(asker.access);
        Viewer { panel, signed, sight, socket, seen: 0, jobs: Value::Null }.watch().await;
        drop(via);
    }))
}

struct Viewer {
    panel: Arc<Panel>,
    signed: Signed,
    sight: Sight,
    socket: WebSocket,
    /// The last change sent.
    seen: u64,
    /// The own jobs as they were sent last (JOB-22).
    jobs: Value,
}

/// The page is gone, or shall be.
struct Over;

/// The exchange knows of it from its making to its end, however that comes (AGT-33).
struct PageOfAgent {
    panel: Arc<Panel>,
    agent: Actor,
}

impl PageOfAgent {
    /// None for whoever is no agent, or acts as one.
    fn open(panel: &Arc<Panel>, signed: &Signed) -> Option<PageOfAgent> {
        let agent = signed.who.person.actor();
        let is_own = signed.who.acted_by.is_none() && matches!(agent, Actor::Agent(_));
        let page = is_own.then(|| PageOfAgent { panel: panel.clone(), agent })?;
        page.tell(true);
        Some(page)
    }

    fn tell(&self, opens: bool) {
        drop((self.panel.door.ask)(self.agent.clone(), Command::Page { opens }));
    }
}

impl Drop for PageOfAgent {
    fn drop(&mut self) {
        self.tell(false);
    }
}

impl Viewer {
    async fn watch(mut self) {
        let _opened = PageOfAgent::open(&self.panel, &self.signed);
        let _ = self.run().await;
    }

    async fn run(&mut self) -> Result<(), Over> {
        let mut newest = self.panel.door.live.watch();
        let mut jobs = self.panel.jobs.watch();
        let mut turned = self.panel.sessions.watch();
        let mut stopping: Stopping = self.panel.stopping.clone();
        let mut ping = interval(BETWEEN_PINGS);
        let mut heard = Instant::now();
        self.send_news().await?;
        self.send_jobs().await?;
        let mut next = Instant::now() + BETWEEN_UPDATES;
        let mut next_jobs = Instant::now() + BETWEEN_JOBS;
        loop {
            tokio::select! {
                _ = stopped(&mut stopping) => return self.close(GOING_AWAY).await,
                _ = turned.changed() => {
                    self.stay_signed_in().await?;
                    self.look_again().await?;
                }
                _ = changed(&mut newest, next) => {
                    self.send_news().await?;
                    next = Instant::now() + BETWEEN_UPDATES;
                }
                _ = changed(&mut jobs, next_jobs) => {
                    self.send_jobs().await?;
                    next_jobs = Instant::now() + BETWEEN_JOBS;
                }
                _ = ping.tick() => {
                    if heard.elapsed() > SILENCE_MAX {
                        return Err(Over);
                    }
                    self.stay_signed_in().await?;
                    self.send(Message::Ping(Default::default())).await?;
                }
                said = self.socket.recv() => match said {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Err(Over),
                    Some(Ok(_)) => heard = Instant::now(),
                },
            }
        }
    }

    /// An open page keeps its session (DSK-17); one that ended closes the page.
    async fn stay_signed_in(&mut self) -> Result<(), Over> {
        if self.panel.sessions.keep(&self.panel.door, &self.signed) { Ok(()) } else { self.close(SIGNED_OUT).await }
    }

    /// ROL-17: with other rights everything is another picture.
    async fn look_again(&mut self) -> Result<(), Over> {
        let access = self.signed.who.access(&self.panel.door.store.tenant());
        let Some(access) = access else { return self.close(SIGNED_OUT).await };
        let access = access.coming_from(self.sight.access.from);
        if access == *self.sight.access {
            return Ok(());
        }
        self.sight = Sight::new(Arc::new(access));
        self.seen = 0;
        self.send_news().await
    }

    async fn send_news(&mut self) -> Result<(), Over> {
        let news = self.panel.door.live.since(self.seen);
        self.seen = news.upto;
        let told = self.sight.told(&news, (self.panel.door.clock)().wall);
        if told.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_string(&told).expect("rows are plain JSON");
        self.send(Message::Text(text.into())).await
    }

    async fn send_jobs(&mut self) -> Result<(), Over> {
        let asker = Asker { access: self.sight.access.clone(), signed: Some(self.signed.clone()) };
        let tenant = self.panel.door.store.tenant();
        let own = self.panel.jobs.of(&asker.access.by);
        let told: Value = own.into_iter().map(|job| job::route::shown(&asker, &tenant, job)).collect();
        if told == self.jobs || (self.jobs.is_null() && told == json!([])) {
            return Ok(());
        }
        self.jobs = told;
        let text = json!({ "kind": "jobs", "jobs": self.jobs, "now": (self.panel.door.clock)().wall }).to_string();
        self.send(Message::Text(text.into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        match timeout(SILENCE_MAX, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Over),
        }
    }

    async fn close(&mut self, code: u16) -> Result<(), Over> {
        self.send(Message::Close(Some(CloseFrame { code, reason: Default::default() }))).await?;
        Err(Over)
    }
}

/// Something changed, and it is time to tell.
async fn changed(newest: &mut watch::Receiver<u64>, next: Instant) {
    sleep_until(next).await;
    // The sender lives as long as the panel.
    let _ = newest.changed().await;
}
