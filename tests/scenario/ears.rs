//! The sound rooms of a story: who hears what, and slots that go out and come back.

use super::rows;
use callbox::{
    audio::order::{Figures, Order, Report, Slot, Sound, Source, Stream, Tone},
    sdp::{Codec, LegId, SrtpKey},
};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Ears {
    legs: BTreeMap<LegId, Ear>,
    /// What was last said of each leg.
    said: BTreeMap<LegId, String>,
    digits: Vec<(LegId, char)>,
    next_port: u16,
    /// The names of media files.
    media: BTreeMap<u64, String>,
}

struct Ear {
    slot: Slot,
    stream: Option<Stream>,
    source: Source,
}

impl Ears {
    pub fn new(given: &[String]) -> Ears {
        Ears { media: rows::media(given), ..Ears::default() }
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
    pub fn order(&mut self, order: Order) -> Vec<Report> {
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
                self.ear(leg);
                self.digits.push((leg, digit));
                vec![]
            }
            Order::Close { leg } => {
                let ear = self.legs.remove(&leg).unwrap_or_else(|| panic!("{leg:?} was closed and not open"));
                self.said.remove(&leg);
                let slot = self.fresh(ear.slot.deck);
                vec![Report::Closed { leg, figures: Figures::default() }, Report::Stock(vec![slot])]
            }
            Order::Record { .. }
            | Order::Take { .. }
            | Order::PauseRecording { .. }
            | Order::ResumeRecording { .. }
            | Order::StopRecording { .. } => panic!("no story tells of recordings: {order:?}"),
        }
    }

    fn ear(&mut self, leg: LegId) -> &mut Ear {
        self.legs.get_mut(&leg).unwrap_or_else(|| panic!("{leg:?} is not open"))
    }

    /// What each phone hears, where that has changed; keys that went by INFO or in sound.
    pub fn changes(&mut self, name: impl Fn(LegId) -> String) -> Vec<String> {
        let mut changes: Vec<String> =
            self.digits.drain(..).map(|(leg, digit)| format!("{} hears key {digit}", name(leg))).collect();
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

    /// The port on which the box takes this leg's sound.
    pub fn port(&self, leg: LegId) -> Option<u16> {
        self.legs.get(&leg).map(|ear| ear.slot.port)
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
