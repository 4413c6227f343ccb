//! Calls over real sockets, recorded into real files, and cut off as the power cuts them.

use super::*;
use crate::{
    audio::{
        order::{Recorded, RecordingId, Slot, Source, Stream},
        rtp::Stamp,
        wav::{self, Form},
    },
    call::recording::PromptToKeep,
    model::media::{Media, MediaType},
    run::{
        prompt,
        sound::{self, SoundSettings, SoundThreads},
    },
    schema::kind::line::hex,
    sdp::{Choice, Codec, LegId},
    store::Store,
    time::Timestamp,
};
use crossbeam_channel::{after, unbounded};
use sha2::{Digest, Sha256};
use std::{
    env,
    fs::{read, write},
    io::Read,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    ops::RangeInclusive,
    process::{Command, Stdio},
    time::Duration,
};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(10);
const PACKET: Duration = Duration::from_millis(20);
const FILE: &str = "recordings/2026/11/27/one.wav";
const ONE: RecordingId = RecordingId(1);

/// Two phones in a call through the sound threads.
struct Studio {
    threads: Option<SoundThreads>,
    reports: Receiver<Report>,
    phones: [(UdpSocket, SocketAddr); 2],
    /// A slot of each deck that is not taken.
    spare: Vec<Slot>,
    /// What was told while something else was waited for.
    early: Vec<Recorded>,
    number: u16,
}

impl Studio {
    fn open(data: &Path, ports: RangeInclusive<u16>, decks: u8) -> Studio {
        let (tell, reports) = unbounded();
        let settings = SoundSettings { bind: Some(LOOPBACK), ports, threads: decks, recordings: anywhere(data) };
        let told = move |report| tell.send(report).err().map(|lost| lost.0);
        let mut threads = sound::start(&settings, Default::default(), told).unwrap();
        let mut stocks: Vec<Vec<Slot>> = Vec::new();
        for _ in 0..decks {
            stocks.push(find(&reports, |report| match report {
                Report::Stock(slots) => Some(slots),
                _ => None,
            }));
        }
        let mut slots: Vec<Slot> = (0..2).map(|leg| stocks[leg % usize::from(decks)].remove(0)).collect();
        let spare = stocks.into_iter().map(|mut stock| stock.remove(0)).collect();
        let phones = [1, 2].map(|leg| {
            let phone = UdpSocket::bind((LOOPBACK, 0)).unwrap();
            let (leg, slot) = (LegId(leg), slots.remove(0));
            threads.send(Order::Open { leg, slot });
            threads.send(Order::Set { leg, stream: stream(phone.local_addr().unwrap()), relearn: false });
            (phone, SocketAddr::new(LOOPBACK, slot.port))
        });
        for leg in [1, 2] {
            threads.send(Order::Hear { leg: LegId(leg), source: Source::Leg(LegId(3 - leg)) });
        }
        threads.wake();
        Studio { threads: Some(threads), reports, phones, spare, early: Vec::new(), number: 0 }
    }

    fn order(&mut self, order: Order) {
        let threads = self.threads.as_mut().unwrap();
        threads.send(order);
        threads.wake();
    }

    fn record(&mut self) {
        let (left, right) = (vec![LegId(1)], vec![LegId(2)]);
        self.order(Order::Record { recording: ONE, left, right, file: FILE.into() });
        // An order is obeyed after those before it; the answer to these says that all were.
        for slot in std::mem::take(&mut self.spare) {
            let leg = LegId(100 + u64::from(slot.deck));
            self.order(Order::Open { leg, slot });
            self.order(Order::Close { leg });
            let closed = |report: &Report| matches!(report, Report::Closed { leg: closed, .. } if *closed == leg);
            let before = std::iter::repeat_with(|| self.reports.recv_timeout(PATIENCE).expect("a report"));
            self.early.extend(before.take_while(|report| !closed(report)).filter_map(recorded));
        }
    }

    /// 20 ms of each phone, in time: packet n holds byte n of the lower half.
    fn speak(&mut self) {
        let stamp = |ssrc| Stamp {
            marker: false,
            payload_type: 8,
            sequence: self.number,
            timestamp: u32::from(self.number) * 160,
            ssrc,
        };
        for (ssrc, (phone, to)) in (1..).zip(&self.phones) {
            let mut packet = [self.number as u8 & 0x7F; 172];
            stamp(ssrc).write(&mut packet);
            phone.send_to(&packet, to).unwrap();
        }
        self.number += 1;
        after(PACKET).recv().unwrap();
    }

    fn recorded(&mut self) -> Recorded {
        self.early.pop().unwrap_or_else(|| find(&self.reports, recorded))
    }
}

fn recorded(report: Report) -> Option<Recorded> {
    match report {
        Report::Recorded { recording: ONE, recorded } => Some(recorded),
        _ => None,
    }
}

fn find<T>(reports: &Receiver<Report>, want: impl Fn(Report) -> Option<T>) -> T {
    std::iter::repeat_with(|| reports.recv_timeout(PATIENCE).expect("a report")).find_map(want).unwrap()
}

fn stream(remote: SocketAddr) -> Stream {
    let choice = Choice { codec: Codec::Pcma, payload: 8 };
    Stream {
        remote,
        send: choice,
        take: vec![choice],
        event_send: None,
        event_take: Some(101),
        keys_elsewhere: false,
        ptime_ms: 20,
        hears: true,
        speaks: true,
        srtp: None,
    }
}

/// However full the disk of the machine is that tests.
fn anywhere(data: &Path) -> Place {
    Place { used_percent_max: u8::MAX, ..Place::new(data) }
}

/// Both sides, as the head tells them.
fn sides(file: &[u8]) -> [Vec<u8>; 2] {
    let told = wav::told(file[..58].try_into().unwrap()).expect("a head of ours") as usize;
    assert!(file.len() >= 58 + 2 * told);
    [0, 1].map(|side| file[58 + side..58 + 2 * told].iter().step_by(2).copied().collect())
}

/// Packets that do not stand whole in a side. The first was said before the recording began, in part.
fn missing(side: &[u8], sent: u16) -> Vec<u16> {
    (1..sent).filter(|&number| !side.windows(160).any(|said| said == [number as u8 & 0x7F; 160])).collect()
}

/// BOX-56, BOX-58, BOX-61: the file lies where it belongs and its length and hash are told.
#[test]
fn a_call_is_recorded_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(dir.path(), 27_000..=28_199, 2);
    studio.record();
    (0..100).for_each(|_| studio.speak());
    studio.order(Order::StopRecording { recording: ONE });
    let recorded = studio.recorded();
    let file = read(dir.path().join(FILE)).unwrap();
    assert!(recorded.whole && recorded.bytes == file.len() as u64, "{recorded:?}");
    assert_eq!(recorded.sha256, hex(&Sha256::digest(&file)));
    let seconds = (file.len() - 58) as f32 / 16_000.0;
    assert!((1.9..4.0).contains(&seconds) && recorded.seconds == seconds.ceil() as u32, "{seconds} s");
    for side in sides(&file) {
        assert_eq!(missing(&side, 100), Vec::<u16>::new());
    }
}

/// BOX-173: who ends the process ends its recordings.
#[test]
fn a_stop_closes_what_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(dir.path(), 28_200..=29_399, 1);
    studio.record();
    (0..30).for_each(|_| studio.speak());
    studio.threads = None;
    assert!(studio.recorded().whole);
    assert_eq!(missing(&sides(&read(dir.path().join(FILE)).unwrap())[0], 30), Vec::<u16>::new());
}

/// BOX-66, BOX-64: what cannot be written is told, and the call goes on.
#[test]
fn a_recording_that_cannot_be_begun_is_told() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("recordings"), "no folder").unwrap();
    assert!(Cut::find(&anywhere(dir.path())).is_err());
    std::fs::remove_file(dir.path().join("recordings")).unwrap();
    let mut studio = Studio::open(dir.path(), 29_400..=30_599, 1);
    write(dir.path().join("recordings"), "no folder").unwrap();
    studio.record();
    assert_eq!(studio.recorded(), Recorded::default());
    studio.phones[1].0.set_read_timeout(Some(PATIENCE)).unwrap();
    studio.speak();
    assert_eq!(studio.phones[1].0.recv(&mut [0; 2000]).unwrap(), 172);
    for file in ["recordings/../../out.wav", "/tmp/out.wav", "media/out.wav"] {
        assert!(writer::below(file).is_err(), "{file}");
    }
}

/// The environment names the data directory of the process that is cut.
const CUT: &str = "CALLBOX_CUT_RECORDING";

/// BOX-95: the process is killed; what was said a second before is in the file, which the next start closes.
#[test]
fn a_cut_recording_plays_up_to_the_cut() {
    if let Ok(data) = env::var(CUT) {
        let mut studio = Studio::open(Path::new(&data), 30_600..=31_799, 1);
        studio.record();
        loop {
            studio.speak();
            println!("said {}", studio.number);
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let name = format!("{}::a_cut_recording_plays_up_to_the_cut", module_path!().split_once("::").unwrap().1);
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(CUT, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let numbers = said.map_while(Result::ok).filter_map(|line| line.rsplit_once("said ")?.1.parse::<u16>().ok());
    let last = numbers.into_iter().find(|&number| number >= 120).expect("it speaks");
    child.kill().unwrap();
    child.wait().unwrap();
    let open = ["one", "gone"].map(|call| (call.to_owned(), FILE.replace("one", call)));
    let mut told = Vec::new();
    let cut = Cut::find(&anywhere(dir.path())).unwrap();
    cut.close(open.into(), |call, recorded| told.push((call.to_owned(), recorded)));
    let file = read(dir.path().join(FILE)).unwrap();
    let one = &told[0].1;
    assert_eq!((one.bytes, &one.sha256), (file.len() as u64, &hex(&Sha256::digest(&file))), "BOX-61");
    assert!(one.whole && u16::try_from(one.seconds).unwrap() * 50 + 50 >= last, "{one:?}");
    assert_eq!(told[1], ("gone".into(), Recorded::default()));
    for side in sides(&file) {
        assert_eq!(missing(&side, last - 50), Vec::<u16>::new(), "what was said a second before the cut");
    }
}

/// FEA-8, MED-20: one voice alone, kept under its hash as an uploaded file is.
#[test]
fn a_prompt_spoken_by_phone_can_be_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut studio = Studio::open(dir.path(), 31_800..=32_699, 1);
    studio.order(Order::Take { leg: LegId(1), recording: ONE });
    (0..60).for_each(|_| studio.speak());
    studio.order(Order::StopRecording { recording: ONE });
    let recorded = studio.recorded();
    assert!(recorded.whole && recorded.seconds >= 2, "{recorded:?}");
    let Recorded { seconds, bytes, .. } = recorded;
    let name = "Recording 801 2026-11-27 18:00:00".to_owned();
    let prompt = PromptToKeep { recording: ONE, name: name.clone(), seconds, bytes, agent: None };
    prompt::keep(&store, Timestamp(0), &prompt).unwrap();
    let tenant = store.tenant();
    let media = &tenant.table::<Media>().rows().next().unwrap().value;
    assert_eq!((&*media.name, media.kind, &*media.file), (name.as_str(), MediaType::Voice, recorded.sha256.as_str()));
    assert_eq!((media.duration.value(), media.size.value()), (i64::from(seconds), bytes as i64));
    assert_eq!(&*media.extension, "wav");
    let mut file = Vec::new();
    store.open_file(&recorded.sha256).unwrap().read_to_end(&mut file).unwrap();
    let samples = (file.len() - 44) / 2;
    assert_eq!((file.len() as u64, &file[..44]), (recorded.bytes, &wav::head(Form::Prompt, samples as u32)[..]));
    assert!(prompt::keep(&store, Timestamp(0), &prompt).is_err(), "it is there once");
}

/// BOX-64
#[test]
fn a_disk_that_is_nearly_full_takes_no_new_recording() {
    let dir = tempfile::tempdir().unwrap();
    let (tell, reports) = unbounded();
    let full = Place { used_percent_max: 0, ..Place::new(dir.path()) };
    let (recordings, _desks) = start(&full, 1, move |report| tell.send(report).err().map(|lost| lost.0)).unwrap();
    recordings.tell(&Order::Record { recording: ONE, left: vec![], right: vec![], file: FILE.into() });
    assert_eq!(find(&reports, recorded), Recorded::default());
    assert!(!dir.path().join(FILE).exists());
    assert_eq!(Place::new(dir.path()).used_percent_max, 95);
}

/// BOX-66: what could not be begun takes nothing from the next one, not even its first packets.
#[test]
fn a_refused_recording_takes_nothing_from_the_next() {
    const REFUSED: RecordingId = RecordingId(2);
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("recordings")).unwrap();
    write(dir.path().join("recordings/file"), b"no folder").unwrap();
    let mut studio = Studio::open(dir.path(), 32_700..=33_599, 1);
    let (left, right) = (vec![LegId(1)], vec![LegId(2)]);
    studio.order(Order::Record { recording: REFUSED, left, right, file: "recordings/file/one.wav".into() });
    // More than the decks have blocks for.
    (0..120).for_each(|_| studio.speak());
    studio.order(Order::StopRecording { recording: REFUSED });
    studio.record();
    (0..50).for_each(|_| studio.speak());
    studio.order(Order::StopRecording { recording: ONE });
    let recorded = studio.recorded();
    assert!(recorded.whole && recorded.seconds >= 1, "{recorded:?}");
}
