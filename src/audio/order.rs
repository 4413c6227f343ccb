//! What may be asked of sound and what it reports: the only words between `audio` and `call`.

use crate::sdp::{Choice, Codec, LegId, SrtpKey, Suite};
use serde::{Deserialize, Serialize, Serializer};
use std::net::SocketAddr;

/// Stands for every key, for no phone has it.
pub const HIDDEN_KEY: char = 'D';

/// The number of a recording: whoever orders one gives it a number that no other has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordingId(pub u64);

/// A pair of ports that is bound already, on one deck, with a fresh key for what is sent from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// RTP port, even; RTCP is one above.
    pub port: u16,
    pub deck: u8,
    pub key: SrtpKey,
}

/// No key that goes to somebody is written down.
fn hidden_key<S: Serializer>(_: &char, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_char(HIDDEN_KEY)
}

/// How one leg sends and takes sound, as offer and answer agreed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Where the description says sound is taken; what is really used is learnt and locked (BOX-46).
    pub remote: SocketAddr,
    /// What we send.
    pub send: Choice,
    /// What we take, as we wrote it.
    pub take: Vec<Choice>,
    /// telephone-event as the phone wants it, and as we said we take it.
    pub event_send: Option<u8>,
    pub event_take: Option<u8>,
    /// Keys go by messages of signalling, so none is read from its sound or put there.
    pub keys_elsewhere: bool,
    pub ptime_ms: u16,
    /// Whether the phone wants to hear (not on hold by it) and whether it sends.
    pub hears: bool,
    pub speaks: bool,
    pub srtp: Option<Srtp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Srtp {
    pub suite: Suite,
    /// Key of what we send (the slot's), and of what the phone sends.
    pub ours: SrtpKey,
    pub theirs: SrtpKey,
}

/// What a leg hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    Silence,
    /// The other leg; sound passes packet by packet, or is transcoded where the two differ.
    Leg(LegId),
    /// Several legs at once, mixed.
    Legs(Vec<LegId>),
    /// Its own voice and digits (FEA-20).
    Echo,
    /// The music of the program.
    Music,
    /// A media file, by the number of its row, round and round; the music of the program where it is gone.
    MusicOf(u64),
    Tone(Tone),
    /// One after the other, then silence and `Report::Played`. What is not there is left out.
    Play(Vec<Sound>),
}

/// Something that is played to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sound {
    /// By name.
    Phrase(String),
    /// A media file, by the number of its row.
    Media(u64),
    /// What `Order::Take` recorded, while it is not kept.
    Taken(RecordingId),
    Pause {
        ms: u32,
    },
    /// One turn of it.
    Tone(Tone),
}

impl Source {
    /// What is heard of so many.
    pub fn of(mut legs: Vec<LegId>) -> Source {
        match legs.len() {
            0 => Source::Silence,
            1 => Source::Leg(legs.remove(0)),
            _ => Source::Legs(legs),
        }
    }

    pub fn phrase(name: &str) -> Source {
        Source::Play(vec![Sound::Phrase(name.to_owned())])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    Ringback,
    Busy,
    /// Number unknown, or congestion.
    Reorder,
    /// Short, for who is to speak from now on.
    Beep,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The leg takes this slot. Comes before every other order of the leg.
    Open {
        leg: LegId,
        slot: Slot,
    },
    /// First agreement, and every later one. `relearn`: the description changed, so the source lock opens (BOX-47).
    Set {
        leg: LegId,
        stream: Stream,
        relearn: bool,
    },
    Hear {
        leg: LegId,
        source: Source,
    },
    /// A digit to this leg's phone: RFC 4733 where agreed, else tones.
    Digit {
        leg: LegId,
        #[serde(serialize_with = "hidden_key")]
        digit: char,
        ms: u16,
    },
    /// The leg is over; the slot goes back, and `Report::Closed` comes.
    Close {
        leg: LegId,
    },
    /// Begins a recording of what these legs say, or changes who is on which side. `file` lies below the data directory
    /// (BOX-56). A leg is in one recording at most.
    Record {
        recording: RecordingId,
        left: Vec<LegId>,
        right: Vec<LegId>,
        file: String,
    },
    /// Records one voice alone, as a prompt; the file is the store's to keep (FEA-8).
    Take {
        leg: LegId,
        recording: RecordingId,
    },
    /// What is said from now on is silence in the recording.
    PauseRecording {
        recording: RecordingId,
    },
    ResumeRecording {
        recording: RecordingId,
    },
    /// Ends it; `Report::Recorded` comes when the file is on the disk.
    StopRecording {
        recording: RecordingId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// Slots that may be taken from now on.
    Stock(Vec<Slot>),
    /// A digit that the leg's phone sent, once a press, at its end. It was passed on to whoever hears the leg already.
    Digit { leg: LegId, digit: char, ms: u16 },
    /// All has been played.
    Played { leg: LegId },
    /// Once a second for each leg that is set, some legs at a time; only the latest counts.
    Figures(Vec<(LegId, Figures)>),
    /// The last word of a leg.
    Closed { leg: LegId, figures: Figures },
    /// Mean lateness of packets that left in the last second, microseconds (BOX-132).
    Load { deck: u8, late_us_mean: u32 },
    /// The last word of a recording (BOX-61).
    Recorded { recording: RecordingId, recorded: Recorded },
}

/// A recording that is closed and on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Rounded up. 0: it could not be begun.
    pub seconds: u32,
    /// Of the file, as is its hash, in hexadecimal.
    pub bytes: u64,
    pub sha256: String,
    /// Nothing that was said is missing.
    pub whole: bool,
}

/// How the sound of one leg is and was (BOX-121, BOX-123).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// What this phone is sent.
    pub codec: Option<Codec>,
    /// Where sound really comes from.
    pub remote: Option<SocketAddr>,
    pub packets_received: u64,
    /// Of RTCP.
    pub reports_received: u64,
    pub packets_sent: u64,
    /// From this phone to the box: missing sequence numbers.
    pub lost: u32,
    /// From the box to this phone, as its RTCP says.
    pub lost_there: u32,
    /// RFC 3550 interarrival jitter.
    pub jitter_ms: f32,
    /// From RTCP, where the phone sends it.
    pub round_trip_ms: Option<f32>,
    /// E-model estimate, 1.0 to 4.5, of what this phone sends.
    pub mos: Option<f32>,
    /// Packets from another address than the locked one, dropped.
    pub strangers: u64,
    /// Packets that failed the SRTP check, dropped.
    pub unproven: u64,
    /// Packets came but held silence for the last seconds (`ABSENT`).
    pub silent: bool,
    /// Nothing came for as long although it should.
    pub missing: bool,
    /// RFC 3550 level of the last second, dBFS; -127 is silence.
    pub level_dbfs: f32,
}

/// Figures as finely as they are shown: what nobody would see is no change.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub codec: Option<Codec>,
    pub remote: Option<SocketAddr>,
    pub lost: u32,
    pub jitter_ms: f32,
    pub round_trip_ms: Option<f32>,
    pub mos: Option<f32>,
    pub level_dbfs: f32,
    /// What is wrong is judged by these: missing, silent, unproven, strangers.
    absent: [bool; 4],
}

impl Figures {
    pub fn seen(&self) -> Seen {
        Seen {
            codec: self.codec,
            remote: self.remote,
            lost: self.lost,
            jitter_ms: self.jitter_ms.round(),
            round_trip_ms: self.round_trip_ms.map(f32::round),
            mos: self.mos.map(|mos| (mos * 10.0).round() / 10.0),
            level_dbfs: self.level_dbfs.round(),
            absent: [self.missing, self.silent, self.unproven > 0, self.strangers > 0],
        }
    }

    /// Packets of either kind that came.
    pub fn heard(&self) -> u64 {
        self.packets_received + self.reports_received
    }
}
