use super::{disk::Disk, ring, *};
use crate::{
    chance::{Chance, Seed},
    exchange::{
        Actions,
        flight::{self, Piece},
        wire,
    },
    history::fact::Outlived,
    http::flight::Flights as _,
    sip,
    time::Uptime,
};
use bytes::Bytes;
use flate2::read::GzDecoder;
use std::{fs, io::Read};

/// BOX-125: pieces of what lies there, also of what is not closed.
fn pieces(folder: &Path) -> Vec<Piece> {
    let lies = ring::all(folder).unwrap();
    let mut recording = Vec::new();
    // What is cut off is no error.
    let _ = GzDecoder::new(fs::File::open(&lies.last().unwrap().path).unwrap()).read_to_end(&mut recording);
    flight::pieces(&recording, env!("CARGO_PKG_VERSION")).unwrap()
}

fn exchange() -> Exchange {
    let settings = sip::Settings { nonce_secret: [7; 32], ..sip::Settings::default() };
    Exchange::new(Arc::default(), Outlived::default(), Seed::from(1), settings)
}

fn message(from: &str, bytes: Bytes) -> Event {
    let peer = wire::Peer {
        transport: wire::Transport::Udp,
        local: "127.0.0.1:5060".parse().unwrap(),
        remote: from.parse().unwrap(),
        connection: None,
    };
    Event::Wire { came: Uptime(0), report: wire::Report::Message { peer, bytes } }
}

fn options() -> Bytes {
    Bytes::from_static(
        b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
    )
}

fn tell(flight: &mut Flight, exchange: &mut Exchange, event: Event) -> bool {
    let now = clock::now();
    let noting = flight.before(exchange, now, &event);
    let noted = noting.is_some();
    exchange.handle(now, event, &mut Actions::default());
    if let Some(noting) = noting {
        flight.after(exchange, now, noting);
    }
    noted
}

/// BOX-125: what was told lies on the disk when it is asked for, strangers counted; and is whole after a stop.
#[test]
fn what_the_exchange_is_told_lies_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("flight");
    let (mut flight, keeper, thread) = start(&folder).unwrap();
    let mut exchange = exchange();
    keeper.settle();
    for event in [Event::Tick, message("127.0.0.1:5070", options()), message("203.0.113.7:5060", options())] {
        assert!(tell(&mut flight, &mut exchange, event));
    }
    assert!(tell(&mut flight, &mut exchange, Event::Tick));
    let reseeded = Arc::new(AtomicUsize::new(0));
    let flights = Flights::new(&folder, keeper, {
        let reseeded = reseeded.clone();
        move || {
            reseeded.fetch_add(1, Ordering::AcqRel);
        }
    });
    let name = flights.all().pop().unwrap().name;
    assert!(flights.open("../flight").is_none() && flights.open(&name.replace("gz", "xz")).is_none());
    assert_eq!(reseeded.load(Ordering::Acquire), 0);
    let (file, length) = flights.open(&name).unwrap();
    assert_eq!((file.metadata().unwrap().len(), reseeded.load(Ordering::Acquire)), (length, 1));
    let open = pieces(&folder).pop().unwrap();
    assert_eq!((open.events(), open.strangers, open.end), (3, 1, None));

    drop((flight, flights));
    thread.join().unwrap();
    let closed = pieces(&folder).pop().unwrap();
    assert_eq!((closed.events(), closed.end), (3, Some(End::Stopped)));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&ring::all(&folder).unwrap()[0].path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

/// A call never waits for the recorder: what finds no room ends the piece, and another one follows.
#[test]
fn a_recorder_that_is_behind_holds_nobody_up() {
    let (items, came) = unbounded();
    let between = Arc::new(Between::default());
    between.wants.store(true, Ordering::Release);
    let mut flight = Flight { items, between: between.clone(), open: false };
    let mut exchange = exchange();
    let room = 1..WAITING_MAX;
    assert!(room.into_iter().all(|_| tell(&mut flight, &mut exchange, Event::Tick)), "a state and events");
    assert!(!between.lost.load(Ordering::Acquire));
    assert!(tell(&mut flight, &mut exchange, Event::Tick), "which finds no room");
    assert!(!tell(&mut flight, &mut exchange, Event::Tick) && between.lost.load(Ordering::Acquire));
    let dir = tempfile::tempdir().unwrap();
    let (_settle, asked) = bounded(1);
    let mut writer = Writer { came, asked, between: between.clone(), disk: Disk::new(dir.path()) };
    writer.drain();
    writer.look();
    assert_eq!(pieces(dir.path()).pop().unwrap().end, Some(End::Behind));
    assert!(between.wants.load(Ordering::Acquire) && tell(&mut flight, &mut exchange, Event::Tick));
    writer.drain();
    let large = Bytes::from(vec![b'x'; WAITING_BYTES_MAX + 1]);
    assert!(tell(&mut flight, &mut exchange, message("127.0.0.1:5070", large)));
    assert!(tell(&mut flight, &mut exchange, Event::Tick), "the first beyond the limit is the last");
    assert!(!tell(&mut flight, &mut exchange, Event::Tick));
}

/// The event on which the exchange fails is the last of its piece.
#[test]
fn what_led_to_a_fault_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (mut flight, keeper, thread) = start(dir.path()).unwrap();
    let mut exchange = exchange();
    keeper.settle();
    tell(&mut flight, &mut exchange, Event::Tick);
    let now = clock::now();
    let noting = flight.before(&exchange, now, &message("203.0.113.7:5060", options())).unwrap();
    flight.failed(now, noting);
    drop(flight);
    thread.join().unwrap();
    let piece = pieces(dir.path()).pop().unwrap();
    assert_eq!((piece.events(), piece.end), (2, Some(End::Failed)));
}

/// BOX-125: an hour has its 10 MB and not more, whatever comes.
#[test]
fn a_recording_that_is_used_up_ends() {
    let dir = tempfile::tempdir().unwrap();
    let now = clock::now();
    let before = crate::time::Timestamp(now.wall.0 - 60_000);
    let former = fs::File::create(dir.path().join(ring::name(before))).unwrap();
    former.set_len(ring::HOUR_BYTES_MAX - 1_500_000).unwrap();
    let mut disk = Disk::new(dir.path());
    assert!(disk.wants_piece(now) && !disk.wants_piece(now), "asked once");
    disk.open(State::of(&exchange(), now), now.wall);
    let mut chance = Chance::new(Seed::from(7));
    let mut events = 0;
    while !disk.is_used_up() {
        let noise: Vec<u8> = (0..16_000).flat_map(|_| chance.u32().to_le_bytes()).collect();
        disk.note(Told { now, event: message("127.0.0.1:5070", noise.into()), came: Default::default() });
        events += 1;
        assert!(events < 40, "64 kB each, of 1.5 MB");
    }
    disk.close(End::UsedUp);
    assert!(!disk.wants_piece(now), "the hour is not over");
    let piece = pieces(dir.path()).pop().unwrap();
    assert_eq!((piece.events(), piece.end), (events, Some(End::UsedUp)));
    let bytes: u64 = ring::all(dir.path()).unwrap().iter().map(|lies| lies.bytes).sum();
    assert!(bytes <= ring::HOUR_BYTES_MAX, "{bytes}");
    let later =
        crate::time::Now { up: now.up + Duration::from_secs(3_700), wall: now.wall + Duration::from_secs(3_700) };
    assert!(disk.wants_piece(later));
}

/// A disk that does not write is tried again later, and nobody is told of it but the log.
#[test]
fn a_disk_that_does_not_write_is_left_alone_for_a_while() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flight");
    fs::write(&file, "in the way").unwrap();
    let mut disk = Disk::new(&file);
    let now = clock::now();
    assert!(disk.wants_piece(now));
    disk.open(State::of(&exchange(), now), now.wall);
    disk.note(Told { now, event: Event::Tick, came: Default::default() });
    assert!(!disk.wants_piece(now));
    fs::remove_file(&file).unwrap();
    let later = crate::time::Now { up: now.up + Duration::from_secs(61), ..now };
    assert!(disk.wants_piece(later));
    disk.open(State::of(&exchange(), later), now.wall);
    disk.close(End::Stopped);
    assert_eq!(pieces(&file).len(), 1);
}
