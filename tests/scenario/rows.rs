//! Rows that a story begins with: `given ivr menu internal_number=600 prompts=[{"media":"@welcome"}]`.
//!
//! A value is JSON without spaces, or a text. `@name` stands for the number of the row with that name, and
//! `ring_group:sales` for a destination.

use callbox::{
    call::match_plugin::Answer,
    model::{self, RESOURCES},
    schema::{Id, tenant::Tenant},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn add(tenant: &mut Tenant, given: &[String]) {
    for line in given {
        let mut words = line.splitn(3, ' ');
        let (Some(noun), Some(name)) = (words.next(), words.next()) else { continue };
        if !is_row(noun) {
            continue;
        }
        let mut row = match noun {
            "feature_code" | "fraud_limit" | "limit" | "caller_id" | "did" | "blacklist" | "dnc" | "popup_alert" => {
                json!({})
            }
            "package" => json!({ "display_name": name, "code": name }),
            "agent_group" => json!({ "name": name, "group_number": "900" }),
            "media" => json!({ "name": name, "type": "voice", "file": "0".repeat(64) }),
            "account" => json!({ "username": name, "first_name": name, "last_name": "Lee" }),
            "condition" => json!({ "name": name }),
            _ => json!({ "name": name }),
        };
        set(&mut row, words.next().unwrap_or(""), given);
        put(tenant, noun, row);
    }
}

/// Sets fields of a row: `ring_timeout=20 numbers=["801"]`.
pub fn set(row: &mut Value, fields: &str, given: &[String]) {
    for field in fields.split_whitespace() {
        let (field, value) = field.split_once('=').unwrap_or_else(|| panic!("no value: {field}"));
        let is_text = field.ends_with("number") || field.ends_with("prefix");
        let value = if is_text { value.into() } else { serde_json::from_str(value).unwrap_or_else(|_| value.into()) };
        row[field] = resolved(value, given);
    }
}

/// The names of the media files of a story by their numbers.
pub fn media(given: &[String]) -> BTreeMap<u64, String> {
    numbered(given).filter(|(noun, ..)| *noun == "media").map(|(_, name, id)| (id, name.to_string())).collect()
}

/// How a story calls a row of a noun.
pub fn name(noun: &str, id: u64, given: &[String]) -> String {
    let found = numbered(given).find(|(its, _, number)| *its == noun && *number == id);
    found.map(|(_, name, _)| name.to_string()).unwrap_or_default()
}

/// The other way round.
pub fn id(noun: &str, name: &str, given: &[String]) -> Id {
    let found = numbered(given).find(|(its, called, _)| *its == noun && *called == name);
    Id(found.unwrap_or_else(|| panic!("no {noun} {name}")).2)
}

/// What the service of a menu answers.
pub fn answer(destination: Option<String>, media: Option<String>, given: &[String]) -> Option<Answer> {
    let answer = json!({ "destination": destination?, "media": media.map(|name| format!("@{name}")) });
    Some(serde_json::from_value(resolved(answer, given)).expect("an answer that can be read"))
}

fn put(tenant: &mut Tenant, noun: &str, row: Value) {
    fn of<M: callbox::schema::Model>(tenant: &mut Tenant, row: Value) {
        tenant.add(serde_json::from_value::<M>(row).unwrap_or_else(|error| panic!("{}: {error}", M::NAME)));
    }
    match noun {
        "media" => of::<model::Media>(tenant, row),
        "ivr" => of::<model::Ivr>(tenant, row),
        "ring_group" => of::<model::RingGroup>(tenant, row),
        "account" => of::<model::Account>(tenant, row),
        "playlist" => of::<model::Playlist>(tenant, row),
        "condition" => of::<model::Condition>(tenant, row),
        "trunk" => of::<model::Trunk>(tenant, row),
        "did" => of::<model::Did>(tenant, row),
        "inbound_route" => of::<model::InboundRoute>(tenant, row),
        "outbound_profile" => of::<model::OutboundProfile>(tenant, row),
        "blacklist" => of::<model::Blacklist>(tenant, row),
        "dnc" => of::<model::Dnc>(tenant, row),
        "popup_alert" => of::<model::PopupAlert>(tenant, row),
        "campaign" => of::<model::Campaign>(tenant, row),
        "holiday" => of::<model::Holiday>(tenant, row),
        "package" => of::<model::Package>(tenant, row),
        "department" => of::<model::Department>(tenant, row),
        "role" => of::<model::Role>(tenant, row),
        "agent_group" => of::<model::AgentGroup>(tenant, row),
        "caller_id" => of::<model::CallerId>(tenant, row),
        "fraud_limit" => of::<model::FraudLimits>(tenant, row),
        "limit" => of::<model::Limits>(tenant, row),
        "feature_code" => of::<model::FeatureCodes>(tenant, row),
        other => panic!("no story knows {other} yet"),
    }
}

fn resolved(value: Value, given: &[String]) -> Value {
    match value {
        Value::String(text) => named(&text, given).unwrap_or(Value::String(text)),
        Value::Array(all) => all.into_iter().map(|value| resolved(value, given)).collect(),
        Value::Object(all) => all.into_iter().map(|(field, value)| (field, resolved(value, given))).collect(),
        other => other,
    }
}

fn named(text: &str, given: &[String]) -> Option<Value> {
    let id = |noun: Option<&str>, name: &str| {
        let found = numbered(given).find(|(its, other, _)| *other == name && noun.is_none_or(|noun| noun == *its));
        found.map(|(.., id)| id).unwrap_or_else(|| panic!("no row is called {name}"))
    };
    if let Some(name) = text.strip_prefix('@') {
        if let Some(place) = agent(name) {
            return Some(place.into());
        }
        return Some(id(None, name).to_string().into());
    }
    match text.split_once(':') {
        None if text == "hang_up" => Some(json!({ "type": "hang_up" })),
        Some(("agent", number)) => Some(json!({ "type": "agent", "target": agent(number)? })),
        Some(("outside_number", number)) => Some(json!({ "type": "outside_number", "target": number })),
        Some((noun, name)) if is_row(noun) => Some(json!({ "type": noun, "target": id(Some(noun), name).to_string() })),
        _ => None,
    }
}

/// The number of an agent's row: 801 is the first.
fn agent(number: &str) -> Option<String> {
    number.parse::<u64>().ok()?.checked_sub(800).map(|place| place.to_string())
}

/// Each row of a story with its noun and name; numbers count within a noun.
fn numbered(given: &[String]) -> impl Iterator<Item = (&str, &str, u64)> {
    let mut counts = BTreeMap::new();
    given.iter().filter_map(move |line| {
        let mut words = line.split(' ');
        let (noun, name) = (words.next()?, words.next()?);
        is_row(noun).then(|| {
            let count: &mut u64 = counts.entry(noun).or_default();
            *count += 1;
            (noun, name, *count)
        })
    })
}

fn is_row(noun: &str) -> bool {
    noun != "agent" && RESOURCES.iter().any(|resource| resource.name == noun)
}
