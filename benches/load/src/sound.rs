//! The sound threads alone: calls that are relayed, recorded or mixed for phones elsewhere, and prompts.

use crate::{cpu, measure::Poll, signal::share_ms, stamp};
use callbox::{
    audio::{
        order::{Order, RecordingId, Report, Slot, Sound, Source, Stream},
        player::feed::Shelf,
        sounds::Sounds,
        wav::{self, Form},
    },
    run::{
        media,
        recording::Place,
        sound::{self, SoundSettings, SoundThreads},
    },
    sdp::{Choice, Codec, LegId},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PORT: u16 = 40_000;
/// Of the file that is played.
const PROMPT_S: usize = 600;

/// What is done with the legs.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Pairs that hear each other, recorded or not.
    Relay { recorded: bool },
    /// So many that hear each other mixed.
    Rooms { legs: usize },
}

struct Host {
    threads: SoundThreads,
    reports: Receiver<Report>,
    slots: Vec<Slot>,
    legs: u64,
}

/// Opens the legs, tells their ports, two a line, and runs until killed.
pub fn host(kind: Kind, legs: usize, folder: &str) -> io::Result<()> {
    let mut host = Host::start(Path::new(folder), legs, Shelf::default())?;
    let mut map = String::new();
    for number in 0..legs {
        let end = if number % 2 == 0 { ' ' } else { '\n' };
        // Its phone is whoever sends to it.
        map.push_str(&format!("{}{end}", host.open(SocketAddr::new(LOOPBACK, 9))?));
    }
    let all: Vec<LegId> = (1..=legs as u64).map(LegId).collect();
    match kind {
        Kind::Relay { recorded } => all.chunks(2).for_each(|pair| host.join(pair, recorded)),
        Kind::Rooms { legs } => all.chunks(legs).for_each(|room| host.mix(room)),
    }
    println!("{map}");
    io::stdout().flush()?;
    host.reports.iter().for_each(drop);
    Ok(())
}

/// Legs that hear one file, each from a moment of its own; gives what that cost, and how even it came.
pub fn prompts(legs: usize, folder: &str, seconds: u64) -> io::Result<Value> {
    let folder = Path::new(folder);
    let path = folder.join("prompt.wav");
    fs::create_dir_all(folder)?;
    let mut file = wav::head(Form::Prompt, 8_000 * PROMPT_S as u32).to_vec();
    file.extend((0..8_000 * PROMPT_S).flat_map(|n| ((n * 37 % 8_000) as i16 - 4_000).to_le_bytes()));
    fs::write(&path, file)?;
    let mut host = Host::start(folder, legs, media::start(move |_| File::open(&path).ok())?)?;
    // While the cost is measured nobody listens: what comes is dropped where it arrives.
    let phone = UdpSocket::bind((LOOPBACK, 0))?;
    for _ in 0..legs {
        host.open(phone.local_addr()?)?;
        let source = Source::Play(vec![Sound::Media(1)]);
        host.threads.send(Order::Hear { leg: LegId(host.legs), source });
        host.threads.wake();
        thread::sleep(Duration::from_millis(2));
    }
    thread::sleep(Duration::from_secs(2));
    let before = cpu::of(std::process::id())?;
    thread::sleep(Duration::from_secs(seconds));
    let cpu_s = cpu::of(std::process::id())? - before;
    let mut figures = listen(&phone, seconds)?;
    figures["cpu_percent_of_core"] = json!((cpu_s / seconds as f64 * 10_000.0).round() / 100.0);
    figures["resident_kib"] = json!(cpu::resident(std::process::id())?);
    Ok(figures)
}

/// How far what comes is from one packet each 20 ms of each leg, by the kernel's stamps.
fn listen(phone: &UdpSocket, seconds: u64) -> io::Result<Value> {
    const TURN_NS: u64 = 20_000_000;
    phone.set_nonblocking(true)?;
    stamp::begin(phone)?;
    let (mut buffer, poll) = ([0; 2048], Poll::new()?);
    poll.add(phone, 0)?;
    // What lies there has no stamp, or an old one.
    while phone.recv(&mut buffer).is_ok() {}
    let until = stamp::now() + seconds * 1_000_000_000;
    let (mut last, mut errors, mut lost) = (BTreeMap::<u16, (u16, u64)>::new(), Vec::new(), 0u64);
    while stamp::now() < until {
        poll.wait(5, |_| {});
        while let Some((length, from, came)) = stamp::receive(phone, &mut buffer) {
            if length < 172 {
                continue;
            }
            let sequence = u16::from_be_bytes([buffer[2], buffer[3]]);
            match last.insert(from.port(), (sequence, came)) {
                Some((before, at)) if before.wrapping_add(1) == sequence => errors.push((came - at).abs_diff(TURN_NS)),
                Some((before, _)) => lost += u64::from(sequence.wrapping_sub(before)) - 1,
                None => {}
            }
        }
    }
    Ok(json!({
        "legs": last.len(), "packets": errors.len(), "lost": lost,
        "pacing_p50_ms": share_ms(&mut errors, 0.5), "pacing_p99_ms": share_ms(&mut errors, 0.99),
        "pacing_max_ms": share_ms(&mut errors, 1.0),
    }))
}

impl Host {
    fn start(folder: &Path, legs: usize, shelf: Shelf) -> io::Result<Host> {
        fs::create_dir_all(folder)?;
        let last = PORT + 4 * legs.max(64) as u16;
        let threads = thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2)) as u8;
        let settings =
            SoundSettings { bind: Some(LOOPBACK), ports: PORT..=last, threads, recordings: Place::new(folder) };
        let (tell, reports) = channel();
        let sounds = Sounds::default().with_shelf(shelf);
        let threads =
            sound::start(&settings, Arc::new(sounds), move |report| tell.send(report).err().map(|lost| lost.0))?;
        Ok(Host { threads, reports, slots: Vec::new(), legs: 0 })
    }

    /// The port of a new leg.
    fn open(&mut self, remote: SocketAddr) -> io::Result<u16> {
        while self.slots.is_empty() {
            let report = self.reports.recv_timeout(Duration::from_secs(5)).map_err(io::Error::other)?;
            if let Report::Stock(slots) = report {
                self.slots.extend(slots);
            }
        }
        let slot = self.slots.remove(0);
        self.legs += 1;
        let leg = LegId(self.legs);
        let choice = Choice { codec: Codec::Pcmu, payload: 0 };
        let stream = Stream {
            remote,
            send: choice,
            take: vec![choice],
            event_send: Some(101),
            event_take: Some(101),
            keys_elsewhere: false,
            ptime_ms: 20,
            hears: true,
            speaks: true,
            srtp: None,
        };
        self.threads.send(Order::Open { leg, slot });
        self.threads.send(Order::Set { leg, stream, relearn: false });
        self.threads.wake();
        Ok(slot.port)
    }

    fn join(&mut self, pair: &[LegId], recorded: bool) {
        let [one, other] = *pair else { return };
        self.threads.send(Order::Hear { leg: one, source: Source::Leg(other) });
        self.threads.send(Order::Hear { leg: other, source: Source::Leg(one) });
        if recorded {
            let file = format!("recordings/2026/01/01/{}.wav", one.0);
            let recording = RecordingId(one.0);
            self.threads.send(Order::Record { recording, left: vec![one], right: vec![other], file });
        }
        self.threads.wake();
    }

    fn mix(&mut self, room: &[LegId]) {
        for &leg in room {
            let others = room.iter().copied().filter(|&other| other != leg).collect();
            self.threads.send(Order::Hear { leg, source: Source::Legs(others) });
        }
        self.threads.wake();
    }
}
