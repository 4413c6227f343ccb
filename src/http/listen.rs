//! Takes connections, so many an address, over TLS or plainly, and serves HTTP on them.

use super::Door;
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::Response,
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use rustls::ServerConfig;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// BOX-158
const CONNECTIONS_AN_ADDRESS: usize = 100;
/// Of all addresses together: each costs some tens of kilobytes.
const CONNECTIONS_MAX: usize = 1000;
/// BOX-158: the time to send a request's head, and so the longest a connection may rest.
const HEAD_TIME: Duration = Duration::from_secs(30);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
const HEAD_BYTES_MAX: usize = 32 * 1024;
const STREAMS_A_CONNECTION: u32 = 64;
/// Rest after a connection could not be taken, for want of file descriptors.
const AFTER_A_FAULT: Duration = Duration::from_millis(100);

/// How a request came.
#[derive(Clone)]
pub struct Via {
    pub remote: SocketAddr,
    pub local: SocketAddr,
    pub secure: bool,
    /// Counts as a connection as long as somebody holds it.
    pub place: Arc<Place>,
}

/// Set to true when the box stops.
pub type Stopping = watch::Receiver<bool>;

/// One way in: a listener and what answers on it.
pub struct Way {
    pub listener: TcpListener,
    pub tls: Option<Arc<ServerConfig>>,
    pub router: Router,
}

/// Takes whoever comes until the box stops; connections that are there end once their last answer is given.
pub async fn serve(ways: Vec<Way>, door: Arc<Door>, stopping: Stopping) {
    let places = Arc::new(Places::default());
    let mut loops = Vec::new();
    for way in ways {
        loops.push(tokio::spawn(accept(way, places.clone(), door.clone(), stopping.clone())));
    }
    drop(door);
    for ended in loops {
        if let Err(error) = ended.await {
            tracing::error!(%error, "a listener of the panel failed");
        }
    }
}

async fn accept(way: Way, places: Arc<Places>, door: Arc<Door>, mut stopping: Stopping) {
    let tls = way.tls.map(TlsAcceptor::from);
    let mut failing = false;
    loop {
        let taken = tokio::select! {
            _ = stopped(&mut stopping) => return,
            taken = way.listener.accept() => taken,
        };
        let (stream, remote) = match taken {
            Ok(taken) => {
                failing = false;
                taken
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "the panel cannot take connections");
                }
                sleep(AFTER_A_FAULT).await;
                continue;
            }
        };
        let Some(place) = places.take(door.origin(remote.ip())) else {
            tracing::debug!(%remote, "too many connections");
            continue;
        };
        let (tls, router, stopping) = (tls.clone(), way.router.clone(), stopping.clone());
        tokio::spawn(connection(stream, remote, tls, router, place, stopping));
    }
}

async fn connection(
    stream: TcpStream,
    remote: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    place: Place,
    stopping: Stopping,
) {
    let Ok(local) = stream.local_addr() else { return };
    let _ = stream.set_nodelay(true);
    let via = Via { remote, local, secure: tls.is_some(), place: Arc::new(place) };
    match tls {
        None => talk(stream, false, via, router, stopping).await,
        Some(tls) => match timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                let two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                talk(stream, two, via, router, stopping).await;
            }
            Ok(Err(error)) => tracing::debug!(%remote, %error, "no TLS with a visitor of the panel"),
            Err(_) => tracing::debug!(%remote, "a visitor of the panel did not finish its TLS handshake"),
        },
    }
}

/// The version is known beforehand: guessing it would wait without limit for a first byte.
async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    two: bool,
    via: Via,
    router: Router,
    mut stopping: Stopping,
) {
    let server = if two { http_2() } else { http_1() };
    let remote = via.remote;
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(via.clone());
        let answer = router.clone().oneshot(request.map(Body::new));
        async { answer.await.map(told_once) }
    });
    let mut served = pin!(server.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        _ = stopped(&mut stopping) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%remote, error, "a connection of the panel ended early");
    }
}

/// The router adds its own list of methods to whatever answers a method that it does not know, also to who is let nowhere.
/// Which there are is said with a 405 alone.
fn told_once(mut answer: Response) -> Response {
    if answer.status() != StatusCode::METHOD_NOT_ALLOWED {
        answer.headers_mut().remove(header::ALLOW);
    }
    answer
}

fn http_1() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES_MAX);
    server
}

fn http_2() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new()).http2_only();
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_A_CONNECTION)
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .keep_alive_interval(HEAD_TIME)
        .keep_alive_timeout(HANDSHAKE_TIME);
    server
}

/// Returns when the box stops, also if whoever says so is gone.
pub async fn stopped(stopping: &mut Stopping) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

#[derive(Default)]
struct Places(Mutex<BTreeMap<IpAddr, usize>>);

impl Places {
    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut taken = self.taken();
        let all: usize = taken.values().sum();
        let own = taken.get(&address).copied().unwrap_or(0);
        if own >= CONNECTIONS_AN_ADDRESS || all >= CONNECTIONS_MAX {
            return None;
        }
        taken.insert(address, own + 1);
        Some(Place { address, places: self.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.0.lock().expect("no panic while counting")
    }
}

/// Given back when dropped.
pub struct Place {
    address: IpAddr,
    places: Arc<Places>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        match taken.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.remove(&self.address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-158
    #[test]
    fn an_address_has_a_hundred_connections_and_all_have_a_thousand() {
        let places = Arc::new(Places::default());
        let address = |last: u8| IpAddr::from([192, 0, 2, last]);
        let mut held: Vec<_> = (0..100).map(|_| places.take(address(1)).unwrap()).collect();
        assert!(places.take(address(1)).is_none());
        held.pop();
        held.push(places.take(address(1)).unwrap());
        for last in 2..11 {
            held.extend((0..100).map(|_| places.take(address(last)).unwrap()));
        }
        assert!(places.take(address(11)).is_none());
        held.clear();
        assert!(places.taken().is_empty());
    }
}
