//! SIP over TCP and TLS: connections cut into whole messages, each with a bounded way out.

use super::{certified, clock, known::Known, way_in::WayIn};
use crate::{
    exchange::wire::{Certified, ConnectionId, NoWay, Peer, Report, Transport, WayId},
    origin,
    sip::frame::{Frame, Framer, PONG},
    time::Uptime,
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::Handle,
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};
use tracing::{debug, warn};

const CONNECTIONS_MAX: usize = 4_096;
/// More of them who has proven nothing does not get: strangers that stay keep no phone out.
const STRANGERS_MAX: usize = 3_072;
/// Phones of one office may stand behind one address.
const CONNECTIONS_MAX_EACH: u32 = 256;
/// Messages that may wait for a phone that does not read; then its connection is closed.
const WAY_OUT_MAX: usize = 64;
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
const WRITE_MAX: Duration = Duration::from_secs(10);
/// How long an answer to what broke a stream is waited for.
const LAST_WORDS_MAX: Duration = Duration::from_millis(500);
/// How long a half-sent message, or a stranger who says nothing, is waited for.
const HALF_MAX: Duration = Duration::from_secs(30);
/// A proven phone refreshes its registration long before.
const IDLE_MAX: Duration = Duration::from_secs(900);
const READ_BYTES: usize = 4_096;

pub struct Streams {
    way_in: WayIn,
    known: Arc<Known>,
    tokio: Handle,
    ours: Ours,
    table: Mutex<Table>,
}

/// Where we listen: whoever wants to reach us anew comes there, not to the port that a connection of ours has.
#[derive(Clone, Copy)]
pub struct Ours {
    pub bind: Option<IpAddr>,
    pub tcp: u16,
    pub tls: u16,
}

#[derive(Default)]
struct Table {
    last: u64,
    open: BTreeMap<ConnectionId, Open>,
    each: BTreeMap<IpAddr, u32>,
}

struct Open {
    address: IpAddr,
    out: mpsc::Sender<Bytes>,
    end: watch::Sender<bool>,
}

/// What a connection's task holds of its entry.
struct Entered {
    id: ConnectionId,
    /// The exchange was told of it, and is told of its end.
    told: bool,
    out: mpsc::Receiver<Bytes>,
    end: watch::Receiver<bool>,
}

impl Streams {
    /// `ours` is what connections that we open are bound to and said to come from.
    pub fn new(way_in: WayIn, known: Arc<Known>, tokio: Handle, ours: Ours) -> Streams {
        Streams { way_in, known, tokio, ours, table: Mutex::default() }
    }

    /// Queues a message; a connection whose way out is full is closed.
    pub fn send(&self, connection: ConnectionId, bytes: Bytes) {
        let table = self.table();
        if let Some(open) = table.open.get(&connection)
            && open.out.try_send(bytes).is_err()
        {
            debug!(address = %open.address, "a phone does not read: its connection is closed");
            open.end.send_replace(true);
        }
    }

    pub fn close(&self, connection: ConnectionId) {
        if let Some(open) = self.table().open.get(&connection) {
            open.end.send_replace(true);
        }
    }

    pub fn close_address(&self, address: IpAddr) {
        let is_within = |open: &Open| origin::of(open.address) == address && !self.known.is_trusted(open.address);
        self.table().open.values().filter(|open| open.address == address || is_within(open)).for_each(|open| {
            open.end.send_replace(true);
        });
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, address: IpAddr) -> Option<Entered> {
        let most = if self.known.is_trusted(address) { CONNECTIONS_MAX } else { STRANGERS_MAX };
        let mut table = self.table();
        let each = table.each.get(&address).copied().unwrap_or(0);
        if table.open.len() >= most || each >= CONNECTIONS_MAX_EACH {
            return None;
        }
        table.last += 1;
        let id = ConnectionId(table.last);
        let (out, way_out) = mpsc::channel(WAY_OUT_MAX);
        let (end, ended) = watch::channel(false);
        table.each.insert(address, each + 1);
        table.open.insert(id, Open { address, out, end });
        Some(Entered { id, told: false, out: way_out, end: ended })
    }

    fn leave(&self, id: ConnectionId) {
        let mut table = self.table();
        let Some(open) = table.open.remove(&id) else { return };
        if let Some(each) = table.each.get_mut(&open.address) {
            *each -= 1;
            if *each == 0 {
                table.each.remove(&open.address);
            }
        }
    }

    /// Takes connections until the process ends; with `tls` they speak TLS.
    pub async fn listen(self: Arc<Self>, listener: TcpListener, tls: Option<TlsAcceptor>) {
        let mut failing = false;
        loop {
            let (stream, remote) = match listener.accept().await {
                Ok(accepted) => {
                    failing = false;
                    accepted
                }
                Err(fault) => {
                    if !std::mem::replace(&mut failing, true) {
                        warn!(%fault, "connections cannot be taken");
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let remote = plain(remote);
            if self.known.is_banned(remote.ip(), clock::now().wall) {
                continue;
            }
            let Some(mut entered) = self.enter(remote.ip()) else { continue };
            let streams = self.clone();
            let tls = tls.clone();
            tokio::spawn(async move {
                streams.serve(stream, remote, tls, &mut entered).await;
                streams.end(entered).await;
            });
        }
    }

    /// Opens a connection, with `certified` over TLS, and says what came of it.
    pub fn open(self: Arc<Self>, way: WayId, remote: SocketAddr, certified: Option<Certified>) {
        let streams = self.clone();
        self.tokio.spawn(async move {
            if let Err(fault) = streams.opened(way, remote, certified).await {
                debug!(%remote, ?fault, "no connection");
                streams.pass(Report::NotConnected { way, fault }).await;
            }
        });
    }

    async fn opened(&self, way: WayId, remote: SocketAddr, certified: Option<Certified>) -> Result<(), NoWay> {
        let socket = if remote.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let socket = socket.map_err(|_| NoWay::Unreached)?;
        if let Some(bind) = self.ours.bind.filter(|bind| bind.is_ipv4() == remote.is_ipv4()) {
            socket.bind(SocketAddr::new(bind, 0)).map_err(|_| NoWay::Unreached)?;
        }
        let stream = timeout(HANDSHAKE_MAX, socket.connect(remote)).await;
        let stream = stream.ok().and_then(Result::ok).ok_or(NoWay::Unreached)?;
        let _ = stream.set_nodelay(true);
        let local = stream.local_addr().map(plain).map_err(|_| NoWay::Unreached)?;
        match certified {
            None => self.talk_out(way, Transport::Tcp, local, remote, stream).await,
            Some(certified) => {
                let stream = met(stream, &certified).await?;
                self.talk_out(way, Transport::Tls, local, remote, stream).await
            }
        }
    }

    /// A connection of ours until its end.
    async fn talk_out(
        &self,
        way: WayId,
        transport: Transport,
        local: SocketAddr,
        remote: SocketAddr,
        stream: impl AsyncRead + AsyncWrite + Unpin,
    ) -> Result<(), NoWay> {
        let mut entered = self.enter(remote.ip().to_canonical()).ok_or(NoWay::Unreached)?;
        let port = if transport == Transport::Tls { self.ours.tls } else { self.ours.tcp };
        let (id, local) = (entered.id, SocketAddr::new(local.ip(), port));
        let peer = Peer { transport, local, remote: plain(remote), connection: Some(id) };
        entered.told = true;
        self.pass(Report::Connected { way, peer }).await;
        self.talk(stream, peer, &mut entered).await;
        self.end(entered).await;
        Ok(())
    }

    async fn end(&self, entered: Entered) {
        self.leave(entered.id);
        if entered.told {
            self.pass(Report::Closed { connection: entered.id }).await;
        }
    }

    async fn serve(&self, stream: TcpStream, remote: SocketAddr, tls: Option<TlsAcceptor>, entered: &mut Entered) {
        let Ok(local) = stream.local_addr().map(plain) else { return };
        // A small message must not wait for the next one.
        let _ = stream.set_nodelay(true);
        let transport = if tls.is_some() { Transport::Tls } else { Transport::Tcp };
        let peer = Peer { transport, local, remote, connection: Some(entered.id) };
        match tls {
            None => self.talk(stream, peer, entered).await,
            Some(tls) => match timeout(HANDSHAKE_MAX, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.talk(stream, peer, entered).await,
                Ok(Err(fault)) => debug!(%remote, %fault, "TLS handshake failed"),
                Err(_) => debug!(%remote, "TLS handshake took too long"),
            },
        }
    }

    async fn talk(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer, entered: &mut Entered) {
        let mut framer = Framer::new();
        let mut buffer = vec![0; READ_BYTES];
        // A message that comes byte by byte is not waited for any longer than one that stops.
        let mut half_since: Option<Uptime> = None;
        loop {
            let proven = self.known.is_trusted(peer.remote.ip());
            let half_for = half_since.map_or(Duration::ZERO, |since| clock::now().up.since(since));
            let patience = if proven && half_since.is_none() { IDLE_MAX } else { HALF_MAX.saturating_sub(half_for) };
            tokio::select! {
                read = timeout(patience, stream.read(&mut buffer)) => {
                    let Ok(Ok(length @ 1..)) = read else { return };
                    let came = clock::now().up;
                    framer.push(&buffer[..length]);
                    loop {
                        match framer.next() {
                            Ok(Some(Frame::Message(bytes))) => {
                                half_since = None;
                                entered.told = true;
                                self.message(came, peer, bytes, proven).await;
                            }
                            Ok(Some(Frame::Ping)) => {
                                if !matches!(timeout(WRITE_MAX, stream.write_all(PONG)).await, Ok(Ok(()))) {
                                    return;
                                }
                            }
                            Ok(None) => {
                                half_since = half_since.or(Some(came)).filter(|_| !framer.is_empty());
                                break;
                            }
                            Err(fault) => {
                                debug!(remote = %peer.remote, %fault, "connection closed");
                                last_words(&mut stream, entered).await;
                                return;
                            }
                        }
                    }
                }
                bytes = entered.out.recv() => {
                    let Some(bytes) = bytes else { return };
                    if !matches!(timeout(WRITE_MAX, stream.write_all(&bytes)).await, Ok(Ok(()))) {
                        return;
                    }
                }
                _ = entered.end.changed() => {
                    entered.out.close();
                    last_words(&mut stream, entered).await;
                    return;
                }
            }
        }
    }

    async fn message(&self, came: Uptime, peer: Peer, bytes: Bytes, proven: bool) {
        let report = Report::Message { peer, bytes };
        if proven {
            self.way_in.stream(came, report).await;
        } else {
            self.way_in.stranger(came, report);
        }
    }

    /// Of a connection itself.
    async fn pass(&self, report: Report) {
        self.way_in.stream(clock::now().up, report).await;
    }
}

/// TLS with whom we want to meet.
async fn met(stream: TcpStream, certified: &Certified) -> Result<TlsStream<TcpStream>, NoWay> {
    let (config, name) = certified::client(certified).map_err(NoWay::Certificate)?;
    match timeout(HANDSHAKE_MAX, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(fault)) => match fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(why)) => Err(NoWay::Certificate(certified::fault(why))),
            _ => Err(NoWay::Unreached),
        },
        Err(_) => Err(NoWay::Unreached),
    }
}

/// What was said before the end, and the answer to what broke the stream, still go out.
async fn last_words(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), entered: &mut Entered) {
    let said = async {
        while let Some(bytes) = entered.out.recv().await {
            stream.write_all(&bytes).await?;
        }
        std::io::Result::Ok(())
    };
    let _ = timeout(LAST_WORDS_MAX, said).await;
    let _ = timeout(LAST_WORDS_MAX, stream.shutdown()).await;
    // A connection that is closed over unread bytes is reset, and the last words with it.
    let mut thrown_away = vec![0; READ_BYTES];
    let unread = async { while matches!(stream.read(&mut thrown_away).await, Ok(1..)) {} };
    let _ = timeout(LAST_WORDS_MAX, unread).await;
}

/// An IPv4 peer of a socket for both families is shown as what it is.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{exchange::Event, run::way_in::way_in};

    /// BOX-139: strangers take no place that a phone needs.
    #[tokio::test]
    async fn strangers_leave_room_for_phones() {
        let known = Arc::new(Known::default());
        let ours = Ours { bind: None, tcp: 5060, tls: 5061 };
        let streams = Streams::new(way_in().unwrap().0, known.clone(), Handle::current(), ours);
        let address = |n: u32| IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + n));
        let taken: Vec<Entered> = (0..5_000).filter_map(|n| streams.enter(address(n))).collect();
        assert_eq!(taken.len(), STRANGERS_MAX);
        known.trust(address(9_000));
        let phone: Vec<Entered> = (0..500).filter_map(|_| streams.enter(address(9_000))).collect();
        assert_eq!(phone.len(), CONNECTIONS_MAX_EACH as usize);
        streams.leave(taken[0].id);
        assert!(streams.enter(address(9_001)).is_none(), "the phone's places are not given back to strangers");
    }

    /// BOX-139: of strangers who come and go without a word the exchange never hears.
    #[tokio::test]
    async fn whoever_said_nothing_is_not_told_of() {
        let (way_in, inbox) = way_in().unwrap();
        let ours = Ours { bind: None, tcp: 5060, tls: 5061 };
        let streams = Arc::new(Streams::new(way_in, Arc::new(Known::default()), Handle::current(), ours));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listening = tokio::spawn(streams.clone().listen(listener, None));
        let left = |last: u64| {
            let table = streams.table();
            table.last >= last && table.open.is_empty()
        };
        for (last, said) in
            (1..).zip(["", "OPTIONS sip:box SIP/2.0", "", "OPTIONS sip:box SIP/2.0\r\nContent-Length: 0\r\n\r\n"])
        {
            let mut stranger = TcpStream::connect(address).await.unwrap();
            stranger.write_all(said.as_bytes()).await.unwrap();
            drop(stranger);
            let gone = async {
                while !left(last) {
                    tokio::task::yield_now().await;
                }
            };
            timeout(WRITE_MAX, gone).await.unwrap();
        }
        let told = async {
            loop {
                match inbox.proven() {
                    Some(event) => break event,
                    None => tokio::task::yield_now().await,
                }
            }
        };
        let told = timeout(WRITE_MAX, told).await.unwrap();
        let Event::Wire { report: Report::Closed { connection }, .. } = told else { panic!("{told:?}") };
        assert_eq!((connection, inbox.proven().is_none()), (ConnectionId(4), true));
        listening.abort();
    }
}
