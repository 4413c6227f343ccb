//! The office of the stories, and how a story names what came of a call.

use super::rows;
use callbox::{
    call::{
        command::{ClickToCall, Command, How},
        match_plugin::Question,
    },
    history::{
        call_record::{CallOutcome, CallRecord, CallType, HangupBy, TransferType},
        fact::{Emergency, LastTalk, UsedToday},
        recording::{Recording, RecordingState},
        story::Story,
    },
    model::{Package, Preferences, agent::Agent, settings::Settings},
    schema::{Id, barred::Change, tenant::Tenant},
    sip::order::Lamp,
    view::{AgentRow, AlarmKind, AlarmRow},
};
use serde_json::json;
use std::collections::BTreeSet;

const NAMES: [&str; 8] = ["Ann", "Bob", "Cai", "Dai", "Eve", "Fay", "Gus", "Hua"];

/// Agents 801 to 808, and what the lines say: `804 disabled`, `calls 1`, `set call_timeout 5`, or a row of a noun
/// (`ring_group sales numbers=["801"]`).
pub fn tenant(given: &[String]) -> Tenant {
    let mut tenant = Tenant::default();
    for (number, name) in (801..=808).map(|number: u32| number.to_string()).zip(NAMES) {
        let disabled = given.iter().any(|line| line == &format!("{number} disabled"));
        let mut agent = json!({
            "agent_number": number,
            "first_name": name,
            "status": if disabled { "disabled" } else { "enabled" },
            "sip_password": password(&number),
            "web_password": web_password(&number),
        });
        let own = given.iter().filter_map(|line| line.strip_prefix(&format!("agent {number} ")));
        rows::set(&mut agent, &own.collect::<Vec<_>>().join(" "), given);
        tenant.add(serde_json::from_value::<Agent>(agent).unwrap());
    }
    let calls: u32 = given.iter().find_map(|line| line.strip_prefix("calls ")?.parse().ok()).unwrap_or(100);
    // `sip` takes phones of the documentation range as its own network.
    let mut settings = json!({ "max_calls": calls, "digest": "md5", "local_networks": ["192.0.2.0/24"] });
    let mut preferences = json!({});
    let known = json!(Preferences::default());
    for line in given.iter().filter_map(|line| line.strip_prefix("set ")) {
        let field = line.split(' ').next().unwrap();
        let record = if known.get(field).is_some() { &mut preferences } else { &mut settings };
        rows::set(record, &line.replacen(' ', "=", 1), given);
    }
    tenant.add(serde_json::from_value::<Settings>(settings).unwrap());
    tenant.add(serde_json::from_value::<Preferences>(preferences).unwrap());
    rows::add(&mut tenant, given);
    // Of customers, who are no part of the snapshot, calls know who must not be called: `highlighted 13800000001`.
    let package = Package::usual(&tenant).map(|package| package.id()).unwrap_or_default();
    for number in given.iter().filter_map(|line| line.strip_prefix("highlighted ")) {
        tenant.barred.change(&Change { part: package, number: number.into(), bars: true });
    }
    tenant
}

/// What a program asks for.
pub fn clicked(number: String, agent_number: String, campaign: Option<Id>) -> Command {
    let (caller_id, custom_content) = (None, "order-7".into());
    Command::ClickToCall(ClickToCall { agent_number, number, campaign, caller_id, custom_content, how: How::Api })
}

/// Slots that the sound has: `given slots 3`.
pub fn slots(given: &[String]) -> u16 {
    given.iter().find_map(|line| line.strip_prefix("slots ")?.parse().ok()).unwrap_or(100)
}

/// What nobody may read of an agent.
pub fn secrets(number: &str) -> [String; 2] {
    [password(number), web_password(number)]
}

fn web_password(number: &str) -> String {
    format!("web-{number}-Pw1")
}

pub fn password(number: &str) -> String {
    format!("secret-{number}")
}

/// `record 801-802 answered normal 200 by caller talked 8s`, then what is not usual.
///
/// With `given columns department_name caller_region`: also what stands in these.
pub fn record(record: &CallRecord, given: &[String]) -> String {
    let columns = given.iter().filter_map(|line| line.strip_prefix("columns ")).flat_map(str::split_whitespace);
    columns.fold(usual(record), |text, column| text + &format!(" {column}={}", cell(record, column)))
}

/// Without blanks; `-` is nothing.
fn cell(record: &CallRecord, column: &str) -> String {
    let value = json!(record).get(column).unwrap_or_else(|| panic!("no record has {column}")).clone();
    let text = value.as_str().map_or_else(|| value.to_string(), |text| text.replace(' ', "_"));
    if text.is_empty() { "-".into() } else { text }
}

fn usual(record: &CallRecord) -> String {
    let outcome = match record.call_outcome {
        CallOutcome::Answered => "answered",
        CallOutcome::NotAnswered => "not_answered",
        CallOutcome::Failed => "failed",
    };
    let reason = serde_json::to_value(record.hangup_reason).unwrap();
    let by = match record.hangup_by {
        HangupBy::Caller => "caller",
        HangupBy::Called => "called",
        HangupBy::System => "system",
    };
    assert!(record.ended_at.is_some_and(|ended| ended >= record.started_at));
    assert_eq!(record.answered_at.is_some(), record.call_outcome == CallOutcome::Answered);
    // CDR-28: waiting counts, and only for calls that came in.
    let inbound = record.call_type == CallType::Inbound;
    assert!(if inbound { record.did_billed_seconds >= record.talk_seconds } else { record.did_billed_seconds == 0 });
    let (caller, called) = (&record.original_caller_number, &record.original_called_number);
    let mut text =
        format!("record {caller}-{called} {outcome} {} {} by {by}", reason.as_str().unwrap(), record.sip_code);
    if let Some(ended) = &record.ended_by {
        let who = serde_json::to_value(ended.who).unwrap();
        text += format!(" for {} {}", who.as_str().unwrap(), ended.name).trim_end();
    }
    if record.talk_seconds > 0 {
        text += &format!(" talked {}s", record.talk_seconds);
    }
    if record.hold_count > 0 {
        text += &format!(" held {}x {}s", record.hold_count, record.hold_seconds);
    }
    if record.call_type != CallType::Internal {
        let kind = serde_json::to_value(record.call_type).unwrap();
        text += &format!(" {}", kind.as_str().unwrap());
    }
    if !record.custom_content.is_empty() {
        text += &format!(" with {}", record.custom_content);
    }
    if !record.access_number.is_empty() {
        text += &format!(" on {}", record.access_number);
    }
    for attempt in &record.attempts {
        text += &format!(" over {} {}", attempt.trunk_name, attempt.code);
    }
    if let Some(recording) = &record.recording {
        assert!(recording.file.ends_with(&format!("{}.wav", record.call_id)));
        text += &format!(" recording {}", word(recording.state));
    }
    if !record.customer_keys.is_empty() {
        text += &format!(" keys {}", record.customer_keys);
    }
    if record.call_type == CallType::Outbound && record.actual_caller_number != record.original_caller_number {
        text += &format!(" shown {}", record.actual_caller_number);
    }
    if record.transfer_type != TransferType::None {
        assert!(record.parent_call_id.is_some());
        let how = if record.transfer_type == TransferType::Blind { "blind" } else { "attended" };
        text += &format!(" {how} by {}", record.transferred_from);
    }
    text
}

/// Of a call for help the newest stands.
pub fn called_for_help(known: &mut Vec<Emergency>, call: Emergency) {
    known.retain(|other| other.call_id != call.call_id);
    known.push(call);
}

/// With `given alarms are told`: what is wrong, in a line, and when it is over.
pub fn alarm(alarm: &str, row: Option<&AlarmRow>, given: &[String]) -> Option<String> {
    given.iter().any(|line| line == "alarms are told").then_some(())?;
    let Some(row) = row else { return Some(format!("alarm {} is over", alarm.split('-').next().unwrap_or_default())) };
    Some(match row.kind {
        AlarmKind::TrunkDown => format!("alarm trunk {} is down: {}", row.name, row.reason),
        AlarmKind::Budget => {
            format!("alarm {} of {} at {}% for {}", row.limit, row.name, row.percent, row.numbers.join(" "))
        }
        AlarmKind::Emergency => {
            let seen = row.confirmed_by.iter().map(|by| format!(" seen by {by}")).collect::<String>();
            format!("alarm {} {} of {} calls {}{seen}", row.agent_number, row.name, row.department_name, row.number)
        }
        AlarmKind::RecordingFails => "alarm recordings fail".into(),
        AlarmKind::DiskFills => format!("alarm disk at {}%: {}", row.percent, row.reason),
    })
}

/// What agents are warned of, each alert of a call once.
#[derive(Default)]
pub struct Warned(BTreeSet<(String, String)>);

impl Warned {
    pub fn news(&mut self, row: &AgentRow) -> Vec<String> {
        let number = &row.agent_number;
        let new = row.alerts.iter().filter(|alert| self.0.insert((number.clone(), alert.call_id.clone())));
        new.map(|alert| format!("{number} is warned of {}: {}", alert.number, alert.content)).collect()
    }
}

/// What the next start is told of a call.
pub fn talk(record: &CallRecord) -> Option<LastTalk> {
    let (number, at) = (record.talked_with()?.to_owned(), record.ended_at?);
    Some(LastTalk { number, agent_number: record.agent_number.clone(), at })
}

/// With `given stories are told`: the rules that were asked of a call, and what became of each of its legs.
pub fn told(story: &Story, given: &[String]) -> Vec<String> {
    if !given.iter().any(|line| line == "stories are told") {
        return Vec::new();
    }
    let said = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let steps = story.steps.iter().map(|asked| {
        let (rule, found) = (said(json!(asked.step.rule)), said(json!(asked.step.found)));
        let row = asked.step.row.as_ref().map(|row| format!(" {}", row.name)).unwrap_or_default();
        format!("asked {rule}{row} {found}")
    });
    let legs = story.legs.iter().map(|leg| {
        let seconds = |ms: Option<u32>| ms.map_or("never".into(), |ms| format!("{}s", f64::from(ms) / 1000.0));
        let code = if leg.code == 0 { String::new() } else { format!(" {}", leg.code) };
        format!(
            "{} {} from {} rang {} up {} {}{code} {}",
            said(json!(leg.part)),
            leg.number,
            seconds(Some(leg.begun_ms)),
            seconds(leg.rang_ms),
            seconds(leg.answered_ms),
            said(json!(leg.end)),
            seconds(leg.ended_ms),
        )
    });
    steps.chain(legs).collect()
}

/// What the service of a menu is asked.
pub fn asked(question: &Question) -> String {
    let Question { to, asked, .. } = question;
    assert!(to.starts_with("http") && !asked.call_id.is_empty());
    let did = if asked.did.is_empty() { String::new() } else { format!(" on {}", asked.did) };
    format!("service is asked {} by {}{did}", asked.input, asked.caller_number)
}

/// What is said of a recording after the record of its call.
pub fn recorded(call_id: &str, recording: &Recording) -> String {
    assert!(!call_id.is_empty());
    format!("recording {}", word(recording.state))
}

fn word(state: RecordingState) -> String {
    serde_json::to_value(state).unwrap().as_str().unwrap().to_owned()
}

/// What is known of the limits used up, once this was written down too.
pub fn used(before: &mut Option<UsedToday>, news: UsedToday) {
    let known = before.get_or_insert_default();
    if known.day != news.day {
        *known = UsedToday { day: news.day, ..UsedToday::default() };
    }
    known.budgets.retain(|one| !news.budgets.iter().any(|new| new.of == one.of));
    known.numbers.retain(|(number, _)| !news.numbers.iter().any(|(new, _)| new == number));
    known.budgets.extend(news.budgets);
    known.numbers.extend(news.numbers);
}

pub fn lamp(state: &Lamp) -> String {
    match state {
        Lamp::Idle => "idle".into(),
        Lamp::Early { other } => format!("ringing{}", named(other.as_ref().map(|other| &other.number))),
        Lamp::Confirmed { other } => format!("in a call{}", named(other.as_ref().map(|other| &other.number))),
        Lamp::Away { why } => format!("away ({why})"),
    }
}

fn named(other: Option<&String>) -> String {
    other.map(|other| format!(" with {other}")).unwrap_or_default()
}
