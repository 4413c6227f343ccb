//! The panel's server.
//!
//! Every request passes `site` (is it for this box, from our own pages, from whom) before a route answers it. Pages
//! speak `/panel`, programs `/api/v1`: the same answers to another asker.

mod alarms;
pub mod asset;
mod assign;
mod attachments;
pub mod attempts;
pub mod audit;
pub mod bans;
mod bar;
mod batch;
pub mod body;
pub mod calls;
mod click_to_call;
pub mod columns;
mod command;
mod configuration;
pub mod files;
pub mod find;
pub mod flight;
pub mod guard;
pub mod idempotency;
pub mod job;
mod layout;
pub mod listen;
pub mod lists;
pub mod live;
mod log;
mod look_up;
pub mod many;
mod me;
pub mod openapi;
pub mod parts;
pub mod password;
pub mod past;
pub mod portion;
pub mod query;
pub mod range;
pub mod rate;
pub mod records;
pub mod refused;
mod repair;
pub mod rest;
pub mod route;
pub mod session;
pub mod sessions;
pub mod setup;
pub mod several;
pub mod sight;
pub mod single;
pub mod site;
mod sms;
mod spent;
mod spoken;
mod supervise;
pub mod tables;
mod test_call;
mod trunk_test;
mod trunks;
pub mod viewer;
mod ways;
pub mod words;

pub use guard::Here;

use crate::{
    appliance::certificate::Certificates,
    call::command::{Actor, Answer, Command, NotDone},
    model::Settings,
    origin,
    store::{Fault, Store},
    time::{Now, Uptime},
};
use attempts::Attempts;
use job::Jobs;
use listen::{Stopping, Way};
use live::Live;
use rate::Rates;
use refused::Refused;
use sessions::Sessions;
use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{Arc, RwLock},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc, oneshot},
    time::timeout,
};

/// Asks the exchange; the receiver fails only when the exchange is gone.
pub type Ask = Box<dyn Fn(Actor, Command) -> oneshot::Receiver<Result<Answer, NotDone>> + Send + Sync>;
pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// All that the panel is given to stand on. Whoever makes it has the store tell the exchange of each new snapshot
/// (`Store::watch`), so a save is answered when the next call sees it.
pub struct Door {
    pub store: Arc<Store>,
    pub live: Arc<Live>,
    pub ask: Ask,
    pub clock: Clock,
    pub certificates: Arc<Certificates>,
    /// The flight recordings.
    pub flights: Arc<dyn flight::Flights>,
    /// Makes of uploaded sounds what calls play.
    pub convert: files::Convert,
    /// When the box started, on `clock` (BOX-13).
    pub started_at: Uptime,
    /// Whether loopback may use the panel over plain HTTP; else that redirects (BOX-29).
    pub panel_http: bool,
    /// Where phones reach the box: over UDP and TCP, and over TLS.
    pub sip: u16,
    pub sips: u16,
    /// Names and addresses of the box (BOX-157); may be set anew at any time.
    pub here: RwLock<Here>,
}

impl Door {
    /// The address that a phone should be given by somebody who came to `local`: that one, unless it is only for
    /// programs on the box itself.
    fn address_for_phones(&self, local: IpAddr) -> IpAddr {
        let local = local.to_canonical();
        let outward = |address: &&IpAddr| !address.is_loopback() && address.is_ipv4();
        let here = self.here();
        if local.is_loopback() { here.addresses.iter().find(outward).copied().unwrap_or(local) } else { local }
    }

    fn here(&self) -> Here {
        self.here.read().expect("no panic while set").clone()
    }

    /// For whom what comes from this address counts. In the office each address counts for itself, for there many
    /// share what elsewhere is one line.
    fn origin(&self, address: IpAddr) -> IpAddr {
        let origin = origin::of(address);
        if !origin::is_network(origin) {
            return origin;
        }
        let of_office = self.here().addresses.iter().any(|own| origin::of(*own) == origin)
            || Settings::of(&self.store.tenant()).is_local(address);
        if of_office { address } else { origin }
    }
}

/// What stands behind every route.
pub struct Panel {
    door: Arc<Door>,
    attempts: Attempts,
    rates: Rates,
    turns: idempotency::Turns,
    sessions: Sessions,
    audit: Arc<audit::Writer>,
    jobs: Arc<Jobs>,
    /// Whoever has it converts a file.
    converting: Semaphore,
    stopping: Stopping,
    https_port: u16,
    /// Dropped after all else: the box has stopped when nobody holds the panel any more, nor what it stands on.
    _held: mpsc::Sender<Infallible>,
}

/// How long answers that are under way may take once the box stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Serves the panel and the API until `stopping` is true and the last answers are given.
pub async fn serve(
    door: Arc<Door>,
    https: Vec<TcpListener>,
    http: Vec<TcpListener>,
    stopping: Stopping,
) -> Result<(), Fault> {
    let https_port =
        https.first().and_then(|listener| listener.local_addr().ok()).map_or(443, |address| address.port());
    let (held, mut over) = mpsc::channel(1);
    let panel = Arc::new(Panel {
        sessions: Sessions::read(&door)?,
        attempts: Attempts::default(),
        rates: Rates::default(),
        turns: idempotency::Turns::default(),
        audit: Arc::new(audit::Writer::start(door.store.clone())?),
        jobs: Jobs::start(door.clone())?,
        converting: Semaphore::new(1),
        stopping: stopping.clone(),
        https_port,
        door,
        _held: held,
    });
    let tls = panel.door.certificates.server_config(&["h2", "http/1.1"]);
    let old = tokio::spawn(audit::age::forget(panel.clone()));
    let old_files = tokio::spawn(job::age::forget(panel.clone()));
    let (secure, plain) = (route::secure(panel.clone()), route::plain(panel.clone()));
    let secure = https.into_iter().map(|listener| Way { listener, tls: Some(tls.clone()), router: secure.clone() });
    let plain = http.into_iter().map(|listener| Way { listener, tls: None, router: plain.clone() });
    listen::serve(secure.chain(plain).collect(), panel.door.clone(), stopping).await;
    // What they still had to write is written; none of it can fail the stop.
    let _ = (old.await, old_files.await);
    let (jobs, audit) = (panel.jobs.clone(), panel.audit.clone());
    drop(panel);
    let _ = timeout(LAST_ANSWERS, over.recv()).await;
    let _ = on_disk(move || {
        jobs.stop();
        audit.stop();
        Ok(())
    })
    .await;
    Ok(())
}

/// Work that waits for the disk, on a thread that may.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refused> + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Refused::fault()))
}
