//! The sound rooms of a story: who hears what, and slots that go out and come back.

use super::rows;
use callbox::{
    audio::order::{Figures, Order, Recorded, RecordingId, Report, Slot, Sound, Source, Stream, Tone},
    sdp::{Codec, LegId, SrtpKey},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Ears {
    legs: BTreeMap<LegId, Ear>,
    /// What was last said of each leg.
    said: BTreeMap<LegId, String>,
    /// Keys, and whether they go as tones.
    digits: Vec<(LegId, char, bool)>,
    tapes: Tapes,
    /// Packets that came from each leg's phone.
    packets: BTreeMap<LegId, u64>,
    next_port: u16,
    /// The names of media files.
    media: BTreeMap<u64, String>,
}

/// What is recorded, on a disk that may be slow or full.
#[derive(Default)]
struct Tapes {
    running: BTreeMap<RecordingId, String>,
    /// Prompts that are spoken, and since when.
    taken: BTreeMap<RecordingId, u64>,
    now_ms: u64,
    told: Vec<Told>,
    slow: bool,
    full: bool,
    /// Those for which a full disk had no room, until nothing more comes of them.
    refused: BTreeSet<RecordingId>,
    waiting: Vec<Report>,
}

enum Told {
    Sides(Vec<LegId>, Vec<LegId>),
    Word(&'static str),
    Prompt(LegId),
}

struct Ear {
    slot: Slot,
    stream: Option<Stream>,
    source: Source,
}

impl Ears {
    pub fn new(given: &[String]) -> Ears {
        let is = |disk: &str| given.iter().any(|line| line == disk);
        let tapes = Tapes { slow: is("a slow disk"), full: is("a full disk"), ..Tapes::default() };
        Ears { media: rows::media(given), tapes, ..Ears::default() }
    }

    /// Fresh slots, half of them on each of two decks.
    pub fn stock(&mut self, count: u16) -> Report {
        Report::Stock((0..count).map(|n| self.fresh(n as u8 % 2)).collect())
    }

    fn fresh(&mut self, deck: u8) -> Slot {
        self.next_port += 2;
        let key = SrtpKey(std::array::from_fn(|at| self.next_port.to_be_bytes()[at % 2]));
        Slot { port: 20_000 + self.next_port % 20_000, deck, key }
    }

    /// Does what is ordered; gives what is reported at once.
    pub fn order(&mut self, now_ms: u64, order: Order) -> Vec<Report> {
        self.tapes.now_ms = now_ms;
        match order {
            Order::Open { leg, slot } => {
                let before = self.legs.insert(leg, Ear { slot, stream: None, source: Source::Silence });
                assert!(before.is_none(), "{leg:?} was opened twice");
                vec![]
            }
            Order::Set { leg, stream, .. } => {
                self.ear(leg).stream = Some(stream);
                vec![]
            }
            Order::Hear { leg, source } => {
                assert!(self.ear(leg).stream.is_some(), "{leg:?} hears before anything was agreed");
                self.ear(leg).source = source;
                vec![]
            }
            Order::Digit { leg, digit, .. } => {
                let tone = self.ear(leg).stream.as_ref().is_some_and(|stream| stream.event_send.is_none());
                self.digits.push((leg, digit, tone));
                vec![]
            }
            Order::Close { leg } => {
                let ear = self.legs.remove(&leg).unwrap_or_else(|| panic!("{leg:?} was closed and not open"));
                self.said.remove(&leg);
                let slot = self.fresh(ear.slot.deck);
                vec![Report::Closed { leg, figures: Figures::default() }, Report::Stock(vec![slot])]
            }
            Order::Record { recording, left, right, file } => {
                // Whoever offered nothing has agreed nothing before the ACK.
                for leg in left.iter().chain(&right) {
                    self.ear(*leg);
                }
                self.tapes.record(recording, left, right, file)
            }
            Order::PauseRecording { recording } => self.tapes.word(recording, "the recording pauses"),
            Order::ResumeRecording { recording } => self.tapes.word(recording, "the recording goes on"),
            Order::StopRecording { recording } => self.tapes.stop(recording),
            Order::Take { leg, recording } => {
                assert!(self.ear(leg).stream.is_some());
                self.tapes.take(recording, leg)
            }
        }
    }

    /// What waited for the disk.
    pub fn written(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.tapes.waiting)
    }

    /// The figures of a second in which packets came, or none.
    pub fn figures(&mut self, leg: LegId, sounds: bool) -> Report {
        let packets = self.packets.entry(leg).or_default();
        *packets += if sounds { 50 } else { 0 };
        Report::Figures(vec![(leg, Figures { packets_received: *packets, ..Figures::default() })])
    }

    fn ear(&mut self, leg: LegId) -> &mut Ear {
        self.legs.get_mut(&leg).unwrap_or_else(|| panic!("{leg:?} is not open"))
    }

    /// What each phone hears, where that has changed; keys that went by INFO or in sound.
    pub fn changes(&mut self, name: impl Fn(LegId) -> String) -> Vec<String> {
        let key = |(leg, digit, tone)| format!("{} hears {} {digit}", name(leg), if tone { "tone" } else { "key" });
        let mut changes: Vec<String> = self.digits.drain(..).map(key).collect();
        changes.extend(self.tapes.told.drain(..).map(|told| told.sentence(&name)));
        for (leg, ear) in &self.legs {
            let Some(stream) = &ear.stream else { continue };
            let hears = self.sentence(*leg, ear, stream, &name);
            if self.said.get(leg) != Some(&hears) {
                changes.push(format!("{} {hears}", name(*leg)));
                self.said.insert(*leg, hears);
            }
        }
        changes
    }

    fn sentence(&self, leg: LegId, ear: &Ear, stream: &Stream, name: impl Fn(LegId) -> String) -> String {
        let secret = if stream.srtp.is_some() { " in secret" } else { "" };
        let heard = match &ear.source {
            _ if !stream.hears => "nothing".into(),
            Source::Silence => "nothing".into(),
            Source::Echo => "itself".into(),
            Source::Music => "music".into(),
            Source::MusicOf(media) => format!("music {}", self.media[media]),
            Source::Tone(Tone::Ringback) => "ringback".into(),
            Source::Tone(Tone::Busy) => "busy tone".into(),
            Source::Tone(Tone::Reorder) => "reorder tone".into(),
            Source::Tone(Tone::Beep) => "a beep".into(),
            // The first language of a box goes without saying.
            Source::Play(sounds) => {
                let sounds: Vec<String> = sounds.iter().map(|sound| played(sound, &self.media)).collect();
                format!("\"{}\"", sounds.join(" "))
            }
            Source::Legs(others) => {
                assert!(!others.contains(&leg));
                others.iter().map(|other| name(*other)).collect::<Vec<_>>().join(" and ")
            }
            Source::Leg(other) => {
                assert_ne!(leg, *other);
                match self.legs.get(other).and_then(|ear| ear.stream.as_ref()) {
                    Some(there) if !there.speaks => "nothing".into(),
                    Some(there) if there.send.codec == stream.send.codec => name(*other),
                    Some(there) => {
                        format!("{} {} as {}", name(*other), word(there.send.codec), word(stream.send.codec))
                    }
                    None => "nothing".into(),
                }
            }
        };
        format!("hears {heard}{secret}")
    }

    pub fn legs(&self) -> impl Iterator<Item = LegId> {
        self.legs.keys().copied()
    }

    /// Something that comes to an end by itself.
    pub fn plays(&self, leg: LegId) -> bool {
        self.legs.get(&leg).is_some_and(|ear| matches!(ear.source, Source::Play(_)))
    }

    /// How many are being made.
    pub fn recordings(&self) -> usize {
        self.tapes.running.len() + self.tapes.refused.len()
    }

    /// The port on which the box takes this leg's sound.
    pub fn port(&self, leg: LegId) -> Option<u16> {
        self.legs.get(&leg).map(|ear| ear.slot.port)
    }
}

impl Tapes {
    fn record(&mut self, id: RecordingId, left: Vec<LegId>, right: Vec<LegId>, file: String) -> Vec<Report> {
        assert!(left.iter().all(|leg| !right.contains(leg)), "who is on both sides");
        if self.full {
            return self.refuse(id);
        }
        let before = self.running.insert(id, file.clone());
        assert!(before.is_none_or(|before| before == file), "a recording moves");
        self.told.push(Told::Sides(left, right));
        vec![]
    }

    fn word(&mut self, id: RecordingId, word: &'static str) -> Vec<Report> {
        assert!(self.running.contains_key(&id), "{id:?} is not recorded");
        self.told.push(Told::Word(word));
        vec![]
    }

    fn refuse(&mut self, id: RecordingId) -> Vec<Report> {
        assert!(self.refused.insert(id), "{id:?} is ordered again");
        vec![Report::Recorded { recording: id, recorded: Recorded::default() }]
    }

    fn take(&mut self, id: RecordingId, leg: LegId) -> Vec<Report> {
        if self.full {
            return self.refuse(id);
        }
        self.taken.insert(id, self.now_ms);
        self.told.push(Told::Prompt(leg));
        vec![]
    }

    fn stop(&mut self, id: RecordingId) -> Vec<Report> {
        if self.refused.remove(&id) {
            return vec![];
        }
        let seconds = match self.taken.remove(&id) {
            Some(since) => (self.now_ms - since).div_ceil(1_000) as u32,
            None => {
                self.word(id, "the recording ends");
                self.running.remove(&id);
                1
            }
        };
        let recorded = Recorded { seconds, bytes: 8_058, sha256: "5a".repeat(32), whole: true };
        let report = Report::Recorded { recording: id, recorded };
        if self.slow {
            self.waiting.push(report);
            return vec![];
        }
        vec![report]
    }
}

impl Told {
    /// `recording of 801 with 13800000001`: agents first, who are left.
    fn sentence(self, name: impl Fn(LegId) -> String) -> String {
        let names = |legs: Vec<LegId>| match legs.is_empty() {
            true => "nobody".into(),
            false => legs.into_iter().map(&name).collect::<Vec<_>>().join(" and "),
        };
        match self {
            Told::Word(word) => word.into(),
            Told::Prompt(leg) => format!("{} speaks a prompt", name(leg)),
            Told::Sides(left, right) if left.is_empty() && right.is_empty() => "recording of nobody".into(),
            Told::Sides(left, right) => format!("recording of {} with {}", names(left), names(right)),
        }
    }
}

fn played(sound: &Sound, media: &BTreeMap<u64, String>) -> String {
    match sound {
        Sound::Phrase(name) => name.replace("zh/", ""),
        Sound::Media(id) => media[id].clone(),
        Sound::Taken(_) => "the recording".into(),
        Sound::Pause { ms } => format!("{}s", *ms as f32 / 1000.0),
        Sound::Tone(tone) => format!("{tone:?}"),
    }
}

pub fn word(codec: Codec) -> &'static str {
    match codec {
        Codec::G722 => "g722",
        Codec::Pcma => "pcma",
        Codec::Pcmu => "pcmu",
    }
}

pub fn codec(word: &str) -> Codec {
    match word {
        "g722" => Codec::G722,
        "pcma" => Codec::Pcma,
        "pcmu" => Codec::Pcmu,
        other => panic!("{other} is no codec"),
    }
}
