//! An agent records a prompt by phone: what is to be said is guided, heard again and kept (FEA-8).

use super::{Next, talk};
use crate::{
    audio::order::{self as sound, Recorded, RecordingId, Sound, Source, Tone},
    call::{cause::Cause, leg::Role, office::Office, party::Party, speech::phrase},
    history::call_record::HangupBy,
    sdp::LegId,
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a prompt may be.
const PROMPT_MAX: Duration = Duration::from_secs(300);
/// Longer than any phrase, should nothing be reported of it; also than it takes to close a file.
const LIMIT: Duration = Duration::from_secs(15);
/// For a choice, after it was asked for. Who says nothing wants to keep it.
const CHOICE: Duration = Duration::from_secs(30);
/// Rounded up, so that more than one second was spoken.
const SECONDS_MIN: u32 = 2;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prompt {
    pub until: Uptime,
    agent: String,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    /// What to do is said; `again`: the last was too short.
    Ask {
        again: bool,
    },
    Speak(RecordingId),
    /// Its file is being closed.
    Closing(RecordingId),
    /// Keep it, hear it, or speak once more: that is asked; `hear`: it is played first.
    Choose {
        spoken: RecordingId,
        hear: bool,
    },
    /// Asked; the key is awaited.
    Wait(RecordingId),
    /// It is being kept as a media file.
    Keeping(RecordingId),
    Kept,
    Failed,
}

impl Prompt {
    pub fn enter(party: &mut Party, office: &mut Office) -> Result<Prompt, Cause> {
        party.answer_caller(office)?;
        let agent = party.caller().map(|caller| caller.number.clone()).unwrap_or_default();
        Ok(Prompt { until: office.up() + LIMIT, agent, step: Step::Ask { again: false } })
    }

    /// Whose file is awaited here.
    pub fn waits_for(&self, recording: RecordingId) -> bool {
        [Step::Speak(recording), Step::Closing(recording), Step::Keeping(recording)].contains(&self.step)
    }

    pub fn told(&mut self, report: &Report, party: &Party, office: &mut Office) -> Next {
        match report {
            Report::Ended { leg, end } if party.role(*leg) == Some(Role::Caller) => {
                self.leave(office);
                Next::End(talk::how(end, HangupBy::Caller))
            }
            _ => Next::Stay,
        }
    }

    /// What was spoken is not lost with the call.
    fn leave(&mut self, office: &mut Office) {
        match self.step {
            Step::Speak(recording) => {
                office.sound(sound::Order::StopRecording { recording });
                office.recordings.keep_when_closed(recording);
            }
            Step::Closing(recording) => office.recordings.keep_when_closed(recording),
            Step::Choose { spoken, .. } | Step::Wait(spoken) => office.keep_prompt(spoken),
            Step::Ask { .. } | Step::Keeping(_) | Step::Kept | Step::Failed => {}
        }
    }

    pub fn played(&mut self, leg: LegId, party: &Party, office: &mut Office) -> Next {
        if party.role(leg) != Some(Role::Caller) {
            return Next::Stay;
        }
        match self.step {
            Step::Ask { .. } => {
                let recording = office.begin_prompt(&self.agent);
                office.sound(sound::Order::Take { leg, recording });
                self.go(Step::Speak(recording), PROMPT_MAX, office)
            }
            Step::Choose { spoken, .. } => self.go(Step::Wait(spoken), CHOICE, office),
            Step::Kept | Step::Failed => Next::End(Cause::normal(HangupBy::System)),
            Step::Speak(_) | Step::Closing(_) | Step::Wait(_) | Step::Keeping(_) => Next::Stay,
        }
    }

    pub fn key(&mut self, key: char, office: &mut Office) -> Next {
        match (self.step, key) {
            (Step::Speak(recording), '#') => self.stop(recording, office),
            (Step::Choose { spoken, .. } | Step::Wait(spoken), '1') => self.keep(spoken, office),
            (Step::Choose { spoken, .. } | Step::Wait(spoken), '2') => {
                self.go(Step::Choose { spoken, hear: true }, PROMPT_MAX + LIMIT, office)
            }
            (Step::Choose { spoken, .. } | Step::Wait(spoken), '3') => {
                office.recordings.drop_prompt(spoken);
                self.go(Step::Ask { again: false }, LIMIT, office)
            }
            _ => Next::Stay,
        }
    }

    pub fn time(&mut self, office: &mut Office) -> Next {
        match self.step {
            Step::Speak(recording) => self.stop(recording, office),
            Step::Choose { spoken, .. } | Step::Wait(spoken) => self.keep(spoken, office),
            Step::Closing(_) | Step::Keeping(_) => self.go(Step::Failed, LIMIT, office),
            Step::Ask { .. } | Step::Kept | Step::Failed => Next::End(Cause::normal(HangupBy::System)),
        }
    }

    fn stop(&mut self, recording: RecordingId, office: &mut Office) -> Next {
        office.sound(sound::Order::StopRecording { recording });
        self.go(Step::Closing(recording), LIMIT, office)
    }

    fn keep(&mut self, spoken: RecordingId, office: &mut Office) -> Next {
        office.keep_prompt(spoken);
        self.go(Step::Keeping(spoken), LIMIT, office)
    }

    /// Its file is closed.
    pub fn closed(&mut self, recording: RecordingId, recorded: &Recorded, office: &mut Office) -> Next {
        if recorded.seconds == 0 {
            if let Step::Speak(recording) = self.step {
                office.sound(sound::Order::StopRecording { recording });
            }
            office.recordings.drop_prompt(recording);
            return self.go(Step::Failed, LIMIT, office);
        }
        if !is_long_enough(recorded) {
            office.recordings.drop_prompt(recording);
            return self.go(Step::Ask { again: true }, LIMIT, office);
        }
        self.go(Step::Choose { spoken: recording, hear: false }, LIMIT, office)
    }

    /// It is among the media files, or could not be put there.
    pub fn kept(&mut self, kept: bool, office: &mut Office) -> Next {
        self.go(if kept { Step::Kept } else { Step::Failed }, LIMIT, office)
    }

    fn go(&mut self, step: Step, length: Duration, office: &Office) -> Next {
        self.step = step;
        self.until = office.up() + length;
        Next::Stay
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        let language = office.preferences().language;
        let phrase = |name| phrase(language, name);
        let sounds = match self.step {
            Step::Ask { again } => {
                let short = again.then(|| phrase("recording_too_short"));
                short.into_iter().chain([phrase("record_after_tone"), Sound::Tone(Tone::Beep)]).collect()
            }
            Step::Choose { spoken, hear } => {
                hear.then_some(Sound::Taken(spoken)).into_iter().chain([phrase("record_choice")]).collect()
            }
            Step::Kept => vec![phrase("recording_saved")],
            Step::Failed => vec![phrase("recording_not_possible")],
            Step::Speak(_) | Step::Closing(_) | Step::Wait(_) | Step::Keeping(_) => Vec::new(),
        };
        party.caller_hears(if sounds.is_empty() { Source::Silence } else { Source::Play(sounds) }, office);
    }
}

pub fn is_long_enough(recorded: &Recorded) -> bool {
    recorded.seconds >= SECONDS_MIN
}
