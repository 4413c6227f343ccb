//! A menu that a caller answers with keys (IVR rows).

use super::{Next, playlist::left};
use crate::{
    audio::order::{Sound, Source},
    call::{
        destination::Destination,
        leg::Role,
        match_plugin::{Answer, Asked, PATIENCE, QuestionId},
        office::Office,
        party::Party,
        step::Found,
    },
    model::{Limits, Media, ivr::Ivr as Menu},
    schema::{
        Id, Row, as_json,
        kind::{Ref, link},
    },
    sdp::LegId,
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// Keys that are kept of an input without a limit: longer than any that leads somewhere.
const INPUT_MAX: usize = 32;
/// Should nothing be reported of what is played; longer than any file that plays.
const PLAYS_AT_MOST: Duration = Duration::from_secs(4 * 3_600);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ivr {
    pub until: Uptime,
    id: Id,
    /// As it was when the call came to it.
    #[serde(serialize_with = "without_address", deserialize_with = "as_json::deserialize")]
    menu: Box<Menu>,
    step: Step,
    /// How often the prompts are still to be played again.
    repeats: i64,
    input: String,
    /// What the service of the menu is told of the call.
    asked: Asked,
    /// What came of asking it, until somebody takes it.
    found: Option<Found>,
    /// What the service has answered.
    #[serde(with = "as_json")]
    answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Step {
    /// Before the first prompt; once (IVR-20).
    Delay,
    Prompts,
    /// For a key, after the prompts.
    Wait,
    /// For the next key.
    Keys,
    /// For the answer of the service (IVR-32).
    Asks(QuestionId),
    /// What the service has said.
    Answered,
    TimeoutPrompt,
    InvalidPrompt,
}

/// It is written down into flight recordings, and the address of its service may hold a key.
fn without_address<S: Serializer>(menu: &Menu, to: S) -> Result<S::Ok, S::Error> {
    let known = menu.match_plugin.as_ref();
    let match_plugin = known.and_then(|link| serde_json::from_value(link::host_of(link).into()).ok());
    as_json::serialize(&Menu { match_plugin, ..menu.clone() }, to)
}

impl Ivr {
    /// `asked` is what its service is told of the call.
    pub fn enter(row: &Row<Menu>, asked: Asked, party: &mut Party, office: &mut Office) -> Result<Ivr, Next> {
        let menu = &row.value;
        party.answer_caller(office)?;
        if menu.caller_prefix_enabled.0 {
            party.prefix(&menu.caller_number_prefix, &menu.caller_name_prefix);
        }
        let mut place = Ivr {
            until: office.up(),
            id: row.id(),
            menu: Box::new(menu.clone()),
            step: Step::Delay,
            repeats: menu.repeat_count.value(),
            input: String::new(),
            asked,
            found: None,
            answer: None,
        };
        match place.begin(Step::Delay, office) {
            Next::Stay => Ok(place),
            next => Err(next),
        }
    }

    /// What the caller keyed in, for the record (CDR-55).
    pub fn input(&self) -> &str {
        &self.input
    }

    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        match report {
            Report::Ended { leg, end } if party.role(*leg) == Some(Role::Caller) => Next::End(left(end)),
            _ => Next::Stay,
        }
    }

    pub fn played(&mut self, leg: LegId, party: &Party, office: &mut Office) -> Next {
        if party.role(leg) == Some(Role::Caller) { self.after(office) } else { Next::Stay }
    }

    pub fn key(&mut self, key: char, office: &mut Office) -> Next {
        if matches!(self.step, Step::InvalidPrompt | Step::Asks(_) | Step::Answered) {
            return Next::Stay;
        }
        if self.input.len() < INPUT_MAX {
            self.input.push(key);
        }
        let longest = self.menu.max_input_length.value() as usize;
        if longest > 0 && self.input.len() >= longest {
            return self.judge(office);
        }
        self.begin(Step::Keys, office)
    }

    pub fn time(&mut self, office: &mut Office) -> Next {
        self.after(office)
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        let sounds = self.sounds();
        party.caller_hears(if sounds.is_empty() { Source::Silence } else { Source::Play(sounds) }, office);
    }

    /// What follows a step that is over.
    fn after(&mut self, office: &mut Office) -> Next {
        match self.step {
            Step::Delay | Step::TimeoutPrompt => self.begin(Step::Prompts, office),
            Step::Prompts => self.begin(Step::Wait, office),
            Step::Wait if self.repeats == 0 => Destination::to(&self.menu.timeout_destination, office).next(),
            Step::Wait => {
                self.repeats -= 1;
                self.begin(Step::TimeoutPrompt, office)
            }
            Step::Keys => self.judge(office),
            Step::Asks(_) => self.plugin_answered(None, office),
            Step::Answered => {
                let answer =
                    self.answer.as_ref().map(|answer| Destination::set(answer.destination.to(), &office.tenant));
                answer.unwrap_or(Destination::HangUp).next()
            }
            Step::InvalidPrompt => Destination::to(&self.menu.invalid_destination, office).next(),
        }
    }

    /// A step that takes no time is over at once.
    fn begin(&mut self, step: Step, office: &mut Office) -> Next {
        self.step = step;
        let length = match step {
            Step::Delay => self.menu.start_delay.length(),
            Step::Wait => self.menu.input_timeout.length(),
            Step::Keys => self.menu.digit_timeout.length(),
            Step::Asks(_) => PATIENCE,
            Step::Prompts | Step::TimeoutPrompt | Step::InvalidPrompt | Step::Answered => {
                match self.sounds().is_empty() {
                    true => Duration::ZERO,
                    false => PLAYS_AT_MOST,
                }
            }
        };
        if length.is_zero() {
            return self.after(office);
        }
        self.until = office.up() + length;
        Next::Stay
    }

    /// IVR-32 to IVR-35: first the keys of the menu, then an agent's number, then its service.
    fn judge(&mut self, office: &mut Office) -> Next {
        if let Some(key) = self.menu.keys.iter().find(|key| *key.input == *self.input) {
            return Destination::to(&key.destination, office).next();
        }
        if self.menu.direct_dial.0 && office.is_agent(&self.input) {
            return Next::Go(Destination::Agent(self.input.clone()));
        }
        // What the upstream allows is asked of the newest.
        if let Some(to) = self.menu.match_plugin.as_ref().filter(|_| Limits::of(&office.tenant).match_plugin.0) {
            let asked = Asked { input: self.input.clone(), ..self.asked.clone() };
            let id = office.ask_plugin(to.to_string(), asked);
            return self.begin(Step::Asks(id), office);
        }
        self.begin(Step::InvalidPrompt, office)
    }

    /// Whether it waits for the answer to this.
    pub fn asks(&self, question: QuestionId) -> bool {
        self.step == Step::Asks(question)
    }

    /// Without an answer the input has matched nothing.
    pub fn plugin_answered(&mut self, answer: Option<Answer>, office: &mut Office) -> Next {
        let (found, step) = match &answer {
            Some(_) => (Found::Decides, Step::Answered),
            None => (Found::NoAnswer, Step::InvalidPrompt),
        };
        (self.found, self.answer) = (Some(found), answer);
        self.begin(step, office)
    }

    /// This menu, and what came of asking its service: once.
    pub fn take_plugin_found(&mut self) -> Option<(Id, Found)> {
        self.found.take().map(|found| (self.id, found))
    }

    fn sounds(&self) -> Vec<Sound> {
        let one = |media: &Option<Ref<Media>>| media.iter().map(|media| Sound::Media(media.id.0)).collect();
        match self.step {
            Step::Delay | Step::Wait | Step::Keys | Step::Asks(_) => Vec::new(),
            Step::Answered => {
                let media = self.answer.as_ref().and_then(|answer| answer.media);
                media.into_iter().map(|media| Sound::Media(media.0)).collect()
            }
            Step::TimeoutPrompt => one(&self.menu.timeout_prompt),
            Step::InvalidPrompt => one(&self.menu.invalid_prompt),
            Step::Prompts => self
                .menu
                .prompts
                .iter()
                .flat_map(|prompt| {
                    let pause = prompt.gap.length().as_millis() as u32;
                    let pause = (pause > 0).then_some(Sound::Pause { ms: pause });
                    [Some(Sound::Media(prompt.media.id.0)), pause].into_iter().flatten()
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chance::{Chance, Seed},
        schema::tenant::Tenant,
    };
    use serde_json::json;
    use std::sync::Arc;

    /// IVR-24: a caller who never stops keys in no more than any input can be, and is led on once it is over.
    #[test]
    fn a_flood_of_keys_is_one_input() {
        let mut office = Office::new(Arc::<Tenant>::default(), Chance::new(Seed::from(1)));
        let menu: Menu = serde_json::from_value(json!({ "name": "Main" })).unwrap();
        let mut place = Ivr {
            until: office.up(),
            id: Id(1),
            menu: Box::new(menu),
            step: Step::Wait,
            repeats: 2,
            input: String::new(),
            asked: Asked::default(),
            found: None,
            answer: None,
        };
        for key in "0123456789*#".chars().cycle().take(100_000) {
            assert_eq!(place.key(key, &mut office), Next::Stay);
        }
        assert_eq!((place.input().len(), office.orders.len()), (INPUT_MAX, 0));
        assert!(matches!(place.time(&mut office), Next::End(_)), "it matches nothing, and nothing is set for that");
    }
}
