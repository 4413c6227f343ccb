//! One box put together: store, exchange, sound, streams, panel; and how it stops.

use super::{
    addresses,
    asks::Asks,
    beside, clock, convert,
    example::Welcome,
    fault::Fault,
    flight,
    known::Known,
    match_plugin::Plugins,
    media,
    names::Names,
    office::{Falls, Office, OfficeEnd},
    options::Options,
    ports::Ports,
    prompt,
    recording::{self, Place},
    say::say,
    sound::{self, SoundSettings},
    sounds,
    stream::{Ours, Streams},
    upkeep,
    way_in::{WayIn, way_in},
    writer,
};
use crate::{
    appliance::certificate::Certificates,
    audio::player::feed::Title,
    call::{
        self,
        command::{Actor, Command},
        recording::PromptToKeep,
    },
    chance::Seed,
    exchange::{Event, Exchange, wire},
    http::{self, Door, Here, live::Live},
    model::media::Media,
    schema::Id,
    sip::{self, External, guard::Ban, network::Network},
    store::Store,
};
use std::{
    net::IpAddr,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{oneshot, watch},
    time::{interval, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tracing::{error, info, warn};

/// BOX-173: how long calls may go on after SIGTERM.
const DRAIN_MAX: Duration = Duration::from_secs(10);
const STOP_MAX: Duration = Duration::from_secs(3);
const FLUSH_MAX: Duration = Duration::from_secs(5);
/// The start is over: what only it needed is not needed any more.
const STARTED: Duration = Duration::from_secs(5);
const SEED_EVERY: Duration = Duration::from_secs(60);
const ADDRESSES_EVERY: Duration = Duration::from_secs(10);
const CERTIFICATE_EVERY: Duration = Duration::from_secs(24 * 3600);
const PANEL_THREADS: usize = 2;
/// The name by which the box is found (BOX-28).
const NAME: &str = "callbox.local";

/// Starts a box, says so, and returns when it was asked to end or broke.
pub fn run(options: &Options) -> Result<OfficeEnd, Fault> {
    let store = Arc::new(Store::open(&options.data)?);
    let known = clock::program_date().max(store.newest_time()?.unwrap_or_default());
    let was_early = !clock::is_sure() && clock::begin_at_least(known);
    store.provide(clock::now().wall)?;
    super::log::start(&options.data.join("log"), options.verbose)
        .map_err(|e| Fault::data(&options.data, &e.to_string()))?;
    if was_early {
        warn!("nobody has set the clock of this machine: the time goes on from {known}, the last that is known");
    }
    super::descriptors::raise();
    let addresses = addresses::of_machine(options.bind);
    let mut welcome = Welcome::new(options, &addresses::plain(&addresses));
    if options.example {
        fill(&store)?;
    }
    if let Some(example) = store.example()? {
        welcome.show(example);
    }

    let (way_in, inbox) = way_in().map_err(Fault::system)?;
    let known = Arc::new(Known::default());
    let asks = Arc::new(Asks::new(way_in.clone()));
    let live = Arc::new(Live::default());
    let ended = Arc::new(AtomicBool::new(false));
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(PANEL_THREADS)
        .thread_name("panel")
        .enable_all()
        .build()
        .map_err(Fault::system)?;
    let ours = Ours { bind: options.bind, tcp: options.sip, tls: options.sips };
    let streams = Arc::new(Streams::new(way_in.clone(), known.clone(), tokio.handle().clone(), ours));
    let ports = tokio.block_on(async { Ports::open(options) })?;
    // Before anybody is told that the box answers, so that none can end it unheard.
    let signals = tokio.block_on(async { Signals::heard() }).map_err(Fault::system)?;

    for record in store.close_cut_calls()? {
        warn!(call_id = record.call_id, "a call was cut by the last stop; its record is closed");
    }
    let mut exchange = Exchange::new(store.tenant(), store.outlived()?, random_seed()?, sip_settings(options)?);
    exchange.restore_bans(kept_bans(&store, &known)?);
    store.watch(Box::new({
        let way_in = way_in.clone();
        move |tenant| way_in.tell(Event::Tenant(tenant))
    }));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // Before any call: what is open from now on is not cut.
    let cut = recording::Cut::find(&Place::new(&options.data)).map_err(Fault::system)?;
    let open = store.open_recordings()?;
    let sound = SoundSettings {
        bind: options.bind,
        ports: options.rtp_ports.clone(),
        threads: options.sound_threads(cores),
        recordings: Place::new(&options.data),
    };
    let shelf = media::start({
        let store = store.clone();
        let data = options.data.clone();
        move |title| match title {
            Title::Media(media) => store.open_file(&store.tenant().table::<Media>().row(Id(media))?.value.file),
            Title::Taken(recording) => std::fs::File::open(data.join(recording::taken(recording))).ok(),
        }
    })
    .map_err(Fault::system)?;
    let sound = sound::start(&sound, Arc::new(sounds::load(shelf)), way_in.clone())
        .map_err(|e| Fault::port("sound", *options.rtp_ports.start(), &e))?;
    thread::Builder::new()
        .name("recordings-cut".into())
        .spawn({
            let store = store.clone();
            move || {
                cut.close(open, |call_id, recorded| {
                    let kept = call::recording::kept(String::new(), recorded);
                    if let Err(fault) = store.keep_recording(call_id, &kept) {
                        error!(%fault, call_id, "the record of a call does not say how its recording is");
                    }
                })
            }
        })
        .map_err(Fault::system)?;
    let (facts, writer) = writer::start(store.clone(), way_in.clone()).map_err(Fault::system)?;
    let upkeep = upkeep::start(store.clone(), way_in.clone()).map_err(Fault::system)?;
    let (flight, keeper, flying) = flight::start(&options.data.join("flight")).map_err(Fault::system)?;
    let flights = Arc::new(flight::Flights::new(&options.data.join("flight"), keeper, {
        let way_in = way_in.clone();
        move || match random_seed() {
            Ok(seed) => way_in.tell(Event::Seed(seed)),
            Err(fault) => error!(%fault, "no fresh seed"),
        }
    }));
    let office = Office {
        exchange,
        flight,
        sockets: ports.datagrams,
        inbox,
        streams: streams.clone(),
        known,
        sound,
        facts: facts.clone(),
        names: Names::new(tokio.handle().clone(), way_in.clone()),
        plugins: Plugins::new(tokio.handle().clone(), way_in.clone()),
        live: live.clone(),
        hands: clock::Hands::default(),
        reply: Box::new({
            let asks = asks.clone();
            move |to, answer| asks.answer(to, answer)
        }),
        forget: Box::new({
            let asks = asks.clone();
            move |asked| asks.forget(asked)
        }),
        keep: Box::new({
            let (store, way_in, tokio) = (store.clone(), way_in.clone(), tokio.handle().clone());
            move |prompt: PromptToKeep| {
                let (store, way_in) = (store.clone(), way_in.clone());
                tokio.spawn_blocking(move || {
                    let kept = prompt::keep(&store, clock::now().wall, &prompt);
                    if let Err(why) = &kept {
                        error!(why = why.sentence(), "a prompt that was spoken by phone is not kept");
                    }
                    way_in.tell(Event::PromptKept { recording: prompt.recording, kept: kept.is_ok() });
                });
            }
        }),
        falls: Falls::default(),
        ended: ended.clone(),
    };
    way_in.tell(Event::Wire { came: clock::now().up, report: wire::Report::Addresses(addresses.clone()) });
    let (broke, breaking) = oneshot::channel();
    let exchange = thread::Builder::new()
        .name("exchange".into())
        .spawn(move || {
            let end = office.run();
            // Whoever waits for it may be gone, when the end was asked for.
            let _ = broke.send(());
            end
        })
        .map_err(Fault::system)?;

    let certificates = Arc::new(open_certificates(options, &addresses::plain(&addresses))?);
    let sip_tls = TlsAcceptor::from(certificates.server_config(&[]));
    for listener in ports.sip {
        tokio.spawn(streams.clone().listen(listener, None));
    }
    for listener in ports.sips {
        tokio.spawn(streams.clone().listen(listener, Some(sip_tls.clone())));
    }
    match tokio.block_on(async { beside::listen(&options.data) }) {
        Ok(listener) => {
            drop(tokio.spawn(beside::answer(listener, store.clone(), live.clone(), options.data.clone())));
        }
        Err(error) => warn!(%error, "`callbox check` and `show` cannot ask this box"),
    }
    let (leave, leaving) = watch::channel(false);
    let door = Arc::new(Door {
        store,
        live,
        ask: Box::new({
            let asks = asks.clone();
            move |by, command| asks.ask(by, command)
        }),
        clock: Box::new(clock::now),
        certificates: certificates.clone(),
        flights,
        convert: convert::converter(),
        started_at: clock::now().up,
        panel_http: true,
        sip: options.sip,
        sips: options.sips,
        here: RwLock::new(here(&addresses::plain(&addresses))),
    });
    let panel = tokio.spawn(http::serve(door.clone(), ports.panel, ports.panel_http, leaving));
    tokio.spawn(look_after(way_in, certificates, options.bind, addresses, door));

    let text = if options.json {
        serde_json::to_string(&welcome).map_err(|e| Fault::system(e.into()))?
    } else {
        welcome.picture()
    };
    // The box answers all the same.
    if let Err(fault) = say(&text) {
        warn!("{}", fault.what);
    }
    info!(version = env!("CARGO_PKG_VERSION"), "callbox answers");
    tokio.spawn(async {
        sleep(STARTED).await;
        super::memory::forget_code();
    });

    tokio.block_on(until_end(&asks, signals, breaking));
    leave.send_replace(true);
    facts.flush(FLUSH_MAX);
    ended.store(true, Ordering::Release);
    let end = exchange.join().unwrap_or(OfficeEnd::Broken);
    drop((facts, upkeep));
    let _ = tokio.block_on(async { timeout(STOP_MAX, panel).await });
    tokio.shutdown_timeout(Duration::from_millis(500));
    let _ = (writer.join(), flying.join());
    info!("callbox has stopped");
    Ok(end)
}

/// The bans of the last run that still hold; their packets are dropped unread from the beginning.
fn kept_bans(store: &Store, known: &Known) -> Result<Vec<(IpAddr, Ban)>, Fault> {
    let kept = store.bans()?.into_iter().filter_map(|(address, bytes)| {
        let ban: Ban = postcard::from_bytes(&bytes).ok()?;
        Some((address.parse::<IpAddr>().ok()?, ban))
    });
    Ok(kept.inspect(|(address, ban)| known.ban(*address, ban.until)).collect())
}

/// An office that was ever filled stays as it is.
fn fill(store: &Store) -> Result<(), Fault> {
    if store.tenant().revision == 0 {
        store.add_example_office(clock::now().wall).map_err(|refused| Fault::refused(&refused.sentence()))?;
    }
    Ok(())
}

/// What SIP cannot know from the tenant's settings.
fn sip_settings(options: &Options) -> Result<sip::Settings, Fault> {
    let external = options.external_address.map_or(External::Own, External::Address);
    Ok(sip::Settings { nonce_secret: random()?, external, ..sip::Settings::default() })
}

fn random_seed() -> Result<Seed, Fault> {
    Ok(Seed(random()?))
}

fn random() -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| Fault::system(std::io::Error::other(e)))?;
    Ok(bytes)
}

fn here(addresses: &[IpAddr]) -> Here {
    Here { names: names(), addresses: addresses.to_vec() }
}

fn names() -> Vec<String> {
    let own = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    [NAME.to_owned(), "localhost".to_owned()].into_iter().chain(own).collect()
}

fn open_certificates(options: &Options, addresses: &[IpAddr]) -> Result<Certificates, Fault> {
    Certificates::open(&options.data.join("certificates"), &names(), addresses, clock::now().wall)
        .map_err(|e| Fault::data(&options.data.join("certificates"), &e.to_string()))
}

/// What changes round a box while it runs: its addresses, its certificate, the seed of its choices.
async fn look_after(
    way_in: WayIn,
    certificates: Arc<Certificates>,
    bind: Option<IpAddr>,
    mut addresses: Vec<Network>,
    door: Arc<Door>,
) {
    let (mut seed, mut moved, mut daily) =
        (interval(SEED_EVERY), interval(ADDRESSES_EVERY), interval(CERTIFICATE_EVERY));
    loop {
        let renew = tokio::select! {
            _ = seed.tick() => {
                match random_seed() {
                    Ok(seed) => way_in.tell(Event::Seed(seed)),
                    Err(fault) => error!(%fault, "no fresh seed"),
                }
                false
            }
            _ = moved.tick() => {
                let found = addresses::of_machine(bind);
                let is_new = found != addresses;
                if is_new {
                    info!(?found, "the addresses of this machine changed");
                    addresses = found;
                    *door.here.write().unwrap_or_else(std::sync::PoisonError::into_inner) = here(&addresses::plain(&addresses));
                    let report = wire::Report::Addresses(addresses.clone());
                    way_in.tell(Event::Wire { came: clock::now().up, report });
                }
                is_new
            }
            _ = daily.tick() => true,
        };
        if renew && let Err(fault) = certificates.renew(&names(), &addresses::plain(&addresses), clock::now().wall) {
            error!(%fault, "the certificate could not be renewed; the former one stays");
        }
    }
}

/// SIGTERM and Ctrl-C.
struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    /// From now on they no longer end the process by themselves.
    fn heard() -> std::io::Result<Signals> {
        Ok(Signals { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }
}

/// Returns when the exchange broke, or when SIGTERM or Ctrl-C came and the calls have ended (BOX-173).
async fn until_end(asks: &Asks, signals: Signals, mut breaking: oneshot::Receiver<()>) {
    let Signals { mut term, mut int } = signals;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
        _ = &mut breaking => return,
    }
    info!("asked to stop: new calls are refused, those that are up may end");
    tokio::select! {
        _ = timeout(DRAIN_MAX, asks.ask(Actor::System, Command::Drain)) => {}
        _ = term.recv() => {}
        _ = int.recv() => {}
        _ = &mut breaking => return,
    }
    if timeout(STOP_MAX, asks.ask(Actor::System, Command::Stop)).await.is_err() {
        warn!("the calls that were up did not end in time; their records are closed at the next start");
    }
}
