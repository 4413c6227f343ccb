//! One open page: told over a WebSocket what is happening, at most ten times a second, for as long as it is signed in.

use super::{
    Panel, guard,
    listen::{Stopping, Via, stopped},
    live::News,
    refused::Refused,
    session::Signed,
};
use crate::{
    time::Timestamp,
    view::{AgentRow, BoxRow, CallRow},
};
use axum::{
    Extension,
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, uri::Authority},
    response::Response,
};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, interval, sleep_until, timeout},
};

const BETWEEN_UPDATES: Duration = Duration::from_millis(100);
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
    Extension(signed): Extension<Signed>,
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
    Ok(upgrade.on_upgrade(move |socket| async move {
        Viewer { panel, signed, socket, seen: 0 }.watch().await;
        drop(via);
    }))
}

struct Viewer {
    panel: Arc<Panel>,
    signed: Signed,
    socket: WebSocket,
    /// The last change sent; all that is kept of what this page knows.
    seen: u64,
}

/// The page is gone, or shall be.
struct Over;

impl Viewer {
    async fn watch(mut self) {
        let _ = self.run().await;
    }

    async fn run(&mut self) -> Result<(), Over> {
        let mut newest = self.panel.door.live.watch();
        let mut signed_out = self.panel.sessions.watch();
        let mut stopping: Stopping = self.panel.stopping.clone();
        let mut ping = interval(BETWEEN_PINGS);
        let mut heard = Instant::now();
        self.send_news().await?;
        let mut next = Instant::now() + BETWEEN_UPDATES;
        loop {
            tokio::select! {
                _ = stopped(&mut stopping) => return self.close(GOING_AWAY).await,
                _ = signed_out.changed() => self.stay_signed_in().await?,
                _ = changed(&mut newest, next) => {
                    self.send_news().await?;
                    next = Instant::now() + BETWEEN_UPDATES;
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

    async fn send_news(&mut self) -> Result<(), Over> {
        let news = self.panel.door.live.since(self.seen);
        self.seen = news.upto;
        let text = written(&news, (self.panel.door.clock)().wall);
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

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Told<'a> {
    All {
        calls: Vec<&'a CallRow>,
        agents: Vec<&'a AgentRow>,
        #[serde(rename = "box")]
        box_row: &'a Option<BoxRow>,
        now: Timestamp,
    },
    Change {
        calls: Vec<CallChange<'a>>,
        agents: Vec<AgentChange<'a>>,
        #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
        box_row: &'a Option<BoxRow>,
        now: Timestamp,
    },
}

#[derive(Serialize)]
struct CallChange<'a> {
    call_id: &'a str,
    row: Option<&'a CallRow>,
}

#[derive(Serialize)]
struct AgentChange<'a> {
    agent_number: &'a str,
    row: Option<&'a AgentRow>,
}

fn written(news: &News, now: Timestamp) -> String {
    let box_row = &news.box_row;
    let told = if news.whole {
        let calls = news.calls.iter().filter_map(|(_, row)| row.as_deref()).collect();
        let agents = news.agents.iter().filter_map(|(_, row)| row.as_deref()).collect();
        Told::All { calls, agents, box_row, now }
    } else {
        let calls = news.calls.iter().map(|(call_id, row)| CallChange { call_id, row: row.as_deref() }).collect();
        let agents =
            news.agents.iter().map(|(agent_number, row)| AgentChange { agent_number, row: row.as_deref() }).collect();
        Told::Change { calls, agents, box_row, now }
    };
    serde_json::to_string(&told).expect("rows are plain JSON")
}
