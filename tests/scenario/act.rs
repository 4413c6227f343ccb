//! What can happen in a story.

use super::ears::codec;
use callbox::{
    call::{
        command::{Actor, HeardBy},
        recording::Wish,
    },
    sdp::Codec,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Registers,
    Unregisters,
    /// Misses every OPTIONS; answers again.
    Vanishes,
    Returns,
    Calls {
        number: String,
        offer: Offer,
    },
    Rings {
        sound: bool,
    },
    Answers {
        speaking: Option<Codec>,
    },
    Refuses(u16),
    /// BYE, CANCEL or 603, on the line to this number or the newest.
    HangsUp {
        on: Option<String>,
    },
    /// Its network is gone, in the middle of a call.
    LosesLine,
    Holds {
        on: Option<String>,
    },
    Resumes {
        on: Option<String>,
    },
    /// re-INVITE in this codec, or without an offer.
    AsksAgain {
        speaking: Option<Codec>,
    },
    Presses(char),
    /// Presses a key that is heard in its sound.
    Dials(char),
    /// Something comes from its phone, or nothing more, as the figures of the second say.
    Sounds(bool),
    /// REFER on the line to one, to a number.
    Transfers {
        whom: String,
        to: String,
    },
    /// REFER on the line to one, with Replaces of the line to the other.
    Joins {
        whom: String,
        with: String,
    },
    /// INVITE with Replaces of another phone's line.
    TakesOver(String),
    Watches(String),
    /// All phrases have been played.
    Listens,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    Usual,
    /// The INVITE has no SDP.
    None,
    Video,
    /// No codec that the box knows.
    Strange,
}

/// What happens to the box.
#[derive(Clone, Debug, PartialEq)]
pub enum Outside {
    /// Somebody ends the call of this phone from outside.
    HangsUp {
        phone: String,
        by: Actor,
    },
    HangsUpNothing,
    /// A program has an agent's phone rung, and then a number.
    Clicks {
        number: String,
        agent: String,
        campaign: Option<String>,
    },
    /// The panel has a number called over one trunk alone.
    Tests {
        trunk: String,
        number: String,
    },
    Disables(String),
    /// A field of the box's own configuration is changed.
    Sets(String, String),
    /// The agent opens a page of the panel; closes it.
    Page {
        by: Actor,
        opens: bool,
    },
    /// A leader at the panel wants to hear an agent at this phone.
    Supervises {
        phone: String,
        agent: String,
        how: HeardBy,
    },
    Drains,
    Stops,
    Restarts,
    Late(u32),
    /// A message lay 300 ms before it was looked at.
    Behind,
    /// The carrier of this trunk hears nothing and says nothing; does so again.
    Silences(String),
    Speaks(String),
    /// What was recorded is on the disk now.
    DiskWrites,
    /// The panel wants this of the recording of the call of this phone.
    Records(String, Wish),
    /// This person has seen the alarm that was told last.
    Confirms(String),
    /// The panel releases the budget of which was told last.
    Releases,
    /// The time of day is set, by so many seconds.
    ClockSet(i64),
    /// The service of a menu that was asked last answers: a destination and a file before it, or nothing.
    ServiceSays {
        destination: Option<String>,
        media: Option<String>,
    },
}

pub enum Event {
    Phone(String, Act),
    Box(Outside),
}

pub fn read(text: &str) -> Event {
    let words: Vec<&str> = text.split_whitespace().collect();
    let outside = match words.as_slice() {
        ["panel", "hangs", "up", "nothing"] => Some(Outside::HangsUpNothing),
        ["panel", "hangs", "up", phone] => Some(Outside::HangsUp { phone: phone.to_string(), by: Actor::Account(1) }),
        ["program", "hangs", "up", phone] => Some(Outside::HangsUp { phone: phone.to_string(), by: Actor::Api }),
        [agent, "ends", "the", "call", "of", phone] => {
            Some(Outside::HangsUp { phone: phone.to_string(), by: actor(agent) })
        }
        ["program", "calls", number, "for", agent] => {
            Some(Outside::Clicks { number: number.to_string(), agent: agent.to_string(), campaign: None })
        }
        ["program", "calls", number, "for", agent, "of", campaign] => {
            let campaign = Some(campaign.to_string());
            Some(Outside::Clicks { number: number.to_string(), agent: agent.to_string(), campaign })
        }
        ["panel", "tests", trunk, "with", number] => {
            Some(Outside::Tests { trunk: trunk.to_string(), number: number.to_string() })
        }
        ["panel", "disables", agent] => Some(Outside::Disables(agent.to_string())),
        ["panel", "sets", field, value] => Some(Outside::Sets(field.to_string(), value.to_string())),
        [agent, "opens", "a", "page"] => Some(Outside::Page { by: actor(agent), opens: true }),
        [agent, "closes", "its", "page"] => Some(Outside::Page { by: actor(agent), opens: false }),
        ["panel", "lets", phone, how, "to", agent] => {
            let how = match *how {
                "listen" => HeardBy::Nobody,
                "whisper" => HeardBy::Agent,
                "barge" => HeardBy::All,
                _ => panic!("nobody is heard so: {how}"),
            };
            Some(Outside::Supervises { phone: phone.to_string(), agent: agent.to_string(), how })
        }
        ["box", "drains"] => Some(Outside::Drains),
        ["box", "stops"] => Some(Outside::Stops),
        ["box", "restarts"] => Some(Outside::Restarts),
        ["disk", "writes"] => Some(Outside::DiskWrites),
        ["panel", "records", phone] => Some(Outside::Records(phone.to_string(), Wish::Record)),
        ["panel", "pauses", phone] => Some(Outside::Records(phone.to_string(), Wish::Pause)),
        ["panel", "resumes", phone] => Some(Outside::Records(phone.to_string(), Wish::Resume)),
        [person, "confirms"] => Some(Outside::Confirms(person.to_string())),
        ["panel", "releases"] => Some(Outside::Releases),
        ["box", "is", "behind"] => Some(Outside::Behind),
        ["carrier", trunk, "falls", "silent"] => Some(Outside::Silences(trunk.to_string())),
        ["carrier", trunk, "is", "back"] => Some(Outside::Speaks(trunk.to_string())),
        ["service", "says", "nothing"] => Some(Outside::ServiceSays { destination: None, media: None }),
        ["service", "says", destination] => {
            Some(Outside::ServiceSays { destination: Some(destination.to_string()), media: None })
        }
        ["service", "says", destination, "after", media] => {
            Some(Outside::ServiceSays { destination: Some(destination.to_string()), media: Some(media.to_string()) })
        }
        ["clock", "is", "set", "on", by] => Some(Outside::ClockSet(seconds(by))),
        ["clock", "is", "set", "back", by] => Some(Outside::ClockSet(-seconds(by))),
        ["sound", "is", "late"] => Some(Outside::Late(5_001)),
        ["sound", "is", "in", "time"] => Some(Outside::Late(300)),
        _ => None,
    };
    if let Some(outside) = outside {
        return Event::Box(outside);
    }
    let act = match &words[1..] {
        ["registers"] => Act::Registers,
        ["unregisters"] => Act::Unregisters,
        ["vanishes"] => Act::Vanishes,
        ["returns"] => Act::Returns,
        ["calls", number] => Act::Calls { number: number.to_string(), offer: Offer::Usual },
        ["calls", number, "without", "offer"] => Act::Calls { number: number.to_string(), offer: Offer::None },
        ["calls", number, "with", "video"] => Act::Calls { number: number.to_string(), offer: Offer::Video },
        ["calls", number, "with", "nothing", "known"] => {
            Act::Calls { number: number.to_string(), offer: Offer::Strange }
        }
        ["rings"] => Act::Rings { sound: false },
        ["rings", "with", "sound"] => Act::Rings { sound: true },
        ["answers"] => Act::Answers { speaking: None },
        ["answers", "in", word] => Act::Answers { speaking: Some(codec(word)) },
        ["is", "busy"] => Act::Refuses(486),
        ["rejects"] => Act::Refuses(603),
        ["refuses", code] => Act::Refuses(code.parse().unwrap()),
        ["hangs", "up"] => Act::HangsUp { on: None },
        ["hangs", "up", "on", number] => Act::HangsUp { on: Some(number.to_string()) },
        ["loses", "its", "line"] => Act::LosesLine,
        ["holds"] => Act::Holds { on: None },
        ["holds", number] => Act::Holds { on: Some(number.to_string()) },
        ["resumes"] => Act::Resumes { on: None },
        ["resumes", number] => Act::Resumes { on: Some(number.to_string()) },
        ["asks", "again", "in", word] => Act::AsksAgain { speaking: Some(codec(word)) },
        ["asks", "again", "without", "offer"] => Act::AsksAgain { speaking: None },
        ["presses", key, "aloud"] => Act::Dials(key.chars().next().unwrap()),
        ["is", "heard"] => Act::Sounds(true),
        ["is", "not", "heard"] => Act::Sounds(false),
        ["presses", key] => Act::Presses(key.chars().next().unwrap()),
        ["transfers", whom, "to", number] => Act::Transfers { whom: whom.to_string(), to: number.to_string() },
        ["joins", whom, "with", other] => Act::Joins { whom: whom.to_string(), with: other.to_string() },
        ["takes", "over", "from", phone] => Act::TakesOver(phone.to_string()),
        ["watches", number] => Act::Watches(number.to_string()),
        ["listens"] => Act::Listens,
        _ => panic!("nobody knows how to play: {text}"),
    };
    Event::Phone(words[0].to_string(), act)
}

fn actor(agent: &str) -> Actor {
    Actor::Agent(agent.parse::<u64>().expect("a number") - 800)
}

/// `90s`
fn seconds(word: &str) -> i64 {
    word.strip_suffix('s').and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no seconds: {word}"))
}
