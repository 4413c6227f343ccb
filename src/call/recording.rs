//! The recording of a call: when it is made, who is on which side, and what became of it (CDR-10, BOX-58).

use super::{
    leg::{HeardBy, Leg, Role},
    office::Office,
    one::Call,
    place::Place,
};
use crate::{
    audio::order::{Order, Recorded, RecordingId},
    history::recording::{Recording, RecordingState},
    model::{Agent, AgentGroup},
    schema::{Id, tenant::Tenant},
    sdp::LegId,
    time::Timestamp,
    view::RecordingNow,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A recording that is being made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    id: RecordingId,
    /// Agents left, the other side right; nobody while nobody talks, as in a slot.
    sides: [Vec<LegId>; 2],
    pub paused: bool,
    /// It could not be begun: nothing is left to be ordered of it.
    lost: bool,
}

/// The recordings of all calls whose files are not closed yet, and what went wrong since the start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Recordings {
    last: u64,
    unfinished: BTreeMap<RecordingId, String>,
    /// Prompts that are spoken, until they are kept or spoken anew.
    prompts: BTreeMap<RecordingId, Spoken>,
    /// Recordings that are missing or not whole.
    pub lost: u64,
    /// The last one that was closed is among them.
    pub fails: bool,
}

impl Recordings {
    /// A number that no other recording has, of prompts that are spoken either.
    pub fn number(&mut self) -> RecordingId {
        self.last += 1;
        RecordingId(self.last)
    }

    /// The call whose recording this is the last word of.
    pub fn finished(&mut self, id: RecordingId, recorded: &Recorded) -> Option<String> {
        let call_id = self.unfinished.remove(&id)?;
        self.fails = !recorded.whole;
        self.lost += u64::from(self.fails);
        Some(call_id)
    }
}

/// A prompt that an agent speaks (FEA-8).
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Spoken {
    agent: String,
    at: Timestamp,
    /// Rounded up, and of its file; once that is closed.
    seconds: u32,
    bytes: u64,
    /// Its call is over: it is kept as soon as its file is closed.
    keep: bool,
}

/// A prompt that is to be put among the media files (FEA-8, MED-20).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptToKeep {
    pub recording: RecordingId,
    /// "Recording", the agent's number, and when it was spoken in the zone of the office.
    pub name: String,
    /// Rounded up, and of its file.
    pub seconds: u32,
    pub bytes: u64,
    /// Who spoke it; an agent who is gone is nobody.
    pub agent: Option<Id>,
}

impl Recordings {
    pub fn keep_when_closed(&mut self, recording: RecordingId) {
        self.prompts.entry(recording).and_modify(|spoken| spoken.keep = true);
    }

    pub fn drop_prompt(&mut self, recording: RecordingId) {
        self.prompts.remove(&recording);
    }

    /// The file is closed. `None`: it is no prompt's; else whether the call is over.
    pub fn prompt_closed(&mut self, recording: RecordingId, recorded: &Recorded) -> Option<bool> {
        let spoken = self.prompts.get_mut(&recording)?;
        (spoken.seconds, spoken.bytes) = (recorded.seconds, recorded.bytes);
        Some(spoken.keep)
    }
}

impl Office {
    pub fn begin_prompt(&mut self, agent: &str) -> RecordingId {
        let recording = self.recordings.number();
        let spoken = Spoken { agent: agent.to_owned(), at: self.wall(), seconds: 0, bytes: 0, keep: false };
        self.recordings.prompts.insert(recording, spoken);
        recording
    }

    pub fn keep_prompt(&mut self, recording: RecordingId) {
        let Some(Spoken { agent, at, seconds, bytes, .. }) = self.recordings.prompts.remove(&recording) else { return };
        let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
        let local = moment.to_zoned(self.preferences().time_zone.clocks()).strftime("%Y-%m-%d %H:%M:%S");
        let name = format!("Recording {agent} {local}");
        let agent = Agent::of(&self.tenant, &agent).map(|row| row.id());
        self.orders.push(super::office::Order::KeepPrompt(PromptToKeep { recording, name, seconds, bytes, agent }));
    }
}

/// What a person wants of the recording of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// On demand, where it is not made by itself.
    Record,
    /// While a card number is said.
    Pause,
    Resume,
}

impl Call {
    /// Orders what follows for its recording from who talks now. From the moment both can talk it is one file to the
    /// end of the call, whoever comes and goes meanwhile.
    pub fn settle_recording(&mut self, office: &mut Office) {
        let sides = self.sides();
        if self.recording.is_none() && sides.iter().all(|side| !side.is_empty()) && self.is_wanted(&sides[0], office) {
            return self.begin_recording(sides, office);
        }
        let Some(running) = self.recording.as_mut().filter(|running| !running.lost) else { return };
        if running.sides != sides {
            running.sides = sides;
            self.order_sides(office);
        }
    }

    pub fn recording_now(&self) -> Option<RecordingNow> {
        match &self.recording {
            Some(running) if running.lost => None,
            Some(running) if running.paused => Some(RecordingNow::Paused),
            Some(_) => Some(RecordingNow::Runs),
            None => self.sides().iter().all(|side| !side.is_empty()).then_some(RecordingNow::Off),
        }
    }

    pub fn stop_recording(&mut self, office: &mut Office) {
        if let Some(running) = self.recording.take().filter(|running| !running.lost) {
            office.sound(Order::StopRecording { recording: running.id });
        }
    }

    /// The last word about its recording came while the call was up, or before its record was written.
    pub fn recorded(&mut self, recorded: Recorded, office: &mut Office) {
        if let Some(running) = self.recording.as_mut().filter(|running| !running.lost) {
            running.lost = true;
            // Nobody writes down what the legs say.
            office.sound(Order::StopRecording { recording: running.id });
        }
        let file = self.record.recording.take().map(|recording| recording.file).unwrap_or_default();
        self.record.recording = Some(kept(file, recorded));
        self.unsaid();
    }

    /// False: there is nothing to be done it to.
    pub fn wish(&mut self, wish: Wish, office: &mut Office) -> bool {
        match (wish, &mut self.recording) {
            (Wish::Record, None) => {
                let sides = self.sides();
                let talks = sides.iter().all(|side| !side.is_empty());
                if talks {
                    self.begin_recording(sides, office);
                }
                return talks;
            }
            (Wish::Pause, Some(running)) if !running.paused && !running.lost => {
                running.paused = true;
                office.sound(Order::PauseRecording { recording: running.id });
            }
            (Wish::Resume, Some(running)) if running.paused && !running.lost => {
                running.paused = false;
                office.sound(Order::ResumeRecording { recording: running.id });
            }
            // It is as was asked for.
            (Wish::Record, Some(_)) => return true,
            (Wish::Pause | Wish::Resume, running) => return running.as_ref().is_some_and(|running| !running.lost),
        }
        self.beep(office);
        true
    }

    fn begin_recording(&mut self, sides: [Vec<LegId>; 2], office: &mut Office) {
        let id = office.recordings.number();
        office.recordings.unfinished.insert(id, self.record.call_id.clone());
        let file = file(&self.record.call_id, office.wall());
        self.record.recording = Some(Recording { file, ..Recording::default() });
        self.recording = Some(Running { id, sides, paused: false, lost: false });
        self.unsaid();
        self.order_sides(office);
        self.beep(office);
    }

    fn order_sides(&self, office: &mut Office) {
        let (Some(running), Some(kept)) = (&self.recording, &self.record.recording) else { return };
        let [left, right] = running.sides.clone();
        office.sound(Order::Record { recording: running.id, left, right, file: kept.file.clone() });
    }

    /// Both sides hear that something changed, where the office wants that said.
    fn beep(&mut self, office: &mut Office) {
        let Place::Talk(talk) = &mut self.place else { return };
        if office.preferences().recording_beep.0 {
            talk.beeps = self.party.sides().map(|leg| leg.id).collect();
            self.place.sound(&mut self.party, office);
        }
    }

    /// Who is heard in it now. A leader who whispers is the agent's alone, and what an agent says who holds the call is
    /// nobody's.
    fn sides(&self) -> [Vec<LegId>; 2] {
        if !matches!(self.place, Place::Talk(_)) {
            return Default::default();
        }
        let up = || self.party.legs().iter().filter(|leg| leg.is_up());
        let outside = |leg: &&Leg| leg.staff().is_none();
        let left = up().filter(|leg| match leg.role {
            Role::Caller | Role::Called => !outside(leg) && !leg.holds(),
            Role::Leader { heard, .. } => heard == HeardBy::All,
            Role::Rung | Role::Leaving { .. } => false,
        });
        let right = up().filter(|leg| matches!(leg.role, Role::Caller | Role::Called)).filter(outside);
        let right: Vec<LegId> = right.map(|leg| leg.id).collect();
        let mut left: Vec<LegId> = left.map(|leg| leg.id).collect();
        if !left.is_empty() {
            left.extend(self.party.heard_guests());
        }
        [left, right]
    }

    fn is_wanted(&self, agents: &[LegId], office: &Office) -> bool {
        let mut numbers = self.party.sides().filter(|leg| agents.contains(&leg.id)).filter_map(Leg::staff);
        numbers.any(|number| is_recorded(&office.tenant, number))
    }
}

/// CDR-10: each call of an agent with somebody outside, unless every group of the agent has it switched off.
fn is_recorded(tenant: &Tenant, agent: &str) -> bool {
    let Some(id) = Agent::of(tenant, agent).map(|agent| agent.id()) else { return true };
    let mut groups = tenant.table::<AgentGroup>().rows().map(|row| &row.value).filter(|group| {
        let lists = [group.agents.iter().any(|one| one.id == id), group.static_agents.iter().any(|one| one.id == id)];
        lists.contains(&true)
    });
    let Some(first) = groups.next() else { return true };
    first.record_calls.0 || groups.any(|group| group.record_calls.0)
}

/// BOX-56: by the day on which it begins.
fn file(call_id: &str, at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let day = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
    format!("recordings/{:04}/{:02}/{:02}/{call_id}.wav", day.year(), day.month(), day.day())
}

/// What is said of it from then on.
pub fn kept(file: String, recorded: Recorded) -> Recording {
    let Recorded { seconds, bytes, sha256, whole } = recorded;
    let state = match (bytes, whole) {
        (0, _) => RecordingState::Lost,
        (_, true) => RecordingState::Kept,
        (_, false) => RecordingState::Incomplete,
    };
    Recording { state, file, seconds, bytes, sha256 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-56, BOX-61
    #[test]
    fn a_recording_lies_by_its_day_and_says_how_it_is() {
        let at = "2026-11-30T23:59:59.999Z".parse().unwrap();
        assert_eq!(file("abc-1", at), "recordings/2026/11/30/abc-1.wav");
        let of = |bytes, whole| kept("f".into(), Recorded { bytes, whole, ..Recorded::default() }).state;
        assert_eq!([of(0, false), of(9, true), of(9, false)], {
            use RecordingState::{Incomplete, Kept, Lost};
            [Lost, Kept, Incomplete]
        });
    }
}
