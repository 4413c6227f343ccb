//! The example office: eight agents, an owner and a key for programs, so that the first minute has something to call.

use super::{
    NotWritten, Store, Write, config,
    draft::Draft,
    fault::Fault,
    filled::Need,
    seal::{random, random_word},
};
use crate::{
    schema::{Actor, Refusals, Resource, Why},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Number, first name, last name.
const AGENTS: [(&str, &str, &str); 8] = [
    ("801", "芳", "王"),
    ("802", "伟", "李"),
    ("803", "健", "佐藤"),
    ("804", "美咲", "鈴木"),
    ("805", "Emma", "Clarke"),
    ("806", "David", "Okafor"),
    ("807", "静", "陈"),
    ("808", "陽子", "高橋"),
];

const OWNER: &str = "owner";
const PASSWORD_LENGTH: usize = 12;
const API_KEY_LENGTH: usize = 40;
const PIN_LENGTH: usize = 6;
const NAME: &str = "example";

/// Everything one must know to use the example office, in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    pub owner: ExampleOwner,
    pub api_key: String,
    pub agents: Vec<ExampleAgent>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleOwner {
    pub username: String,
    pub password: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleAgent {
    pub agent_number: String,
    pub name: String,
    pub sip_password: String,
    pub web_password: String,
    pub phone_password: String,
}

impl Store {
    /// Fills an empty box. Refused with `limit_reached` if anything was ever saved in it.
    pub fn add_example_office(&self, at: Timestamp) -> Result<Example, NotWritten> {
        let agents = AGENTS.iter().map(made).collect::<Result<Vec<_>, _>>()?;
        let owner = ExampleOwner { username: OWNER.into(), password: random_word(PASSWORD_LENGTH)? };
        let api_key = random_word(API_KEY_LENGTH)?;
        let mut writes = vec![("settings", Write::Set { rev: None, value: fields(json!({ "digest": "md5" })) })];
        writes.push(("api_access", Write::Set { rev: None, value: fields(json!({ "api_key": api_key })) }));
        writes.push(("account", Write::Add { value: owner_fields(&owner) }));
        for (agent, (_, first_name, last_name)) in agents.iter().zip(AGENTS) {
            writes.push(("agent", Write::Add { value: agent_fields(agent, first_name, last_name) }));
        }
        self.write_if(&Actor::System, at, writes, empty)?;
        let example = Example { owner, api_key, agents };
        self.remember(&example)?;
        Ok(example)
    }

    /// The example office of this box, if it was filled with one; passwords changed since are as they were.
    pub fn example(&self) -> Result<Option<Example>, Fault> {
        let table = config::read(&*self.config.database()?)?.open_table(config::SEALED).map_err(config::fault)?;
        let Some(sealed) = table.get(NAME).map_err(config::fault)? else { return Ok(None) };
        let text = self.seal.open_text(NAME, sealed.value());
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn remember(&self, example: &Example) -> Result<(), Fault> {
        let text = serde_json::to_string(example).map_err(|error| Fault::broken(config::FILE, error))?;
        let sealed = self.seal.close(NAME, &text)?;
        self.change_with_room(Need::Saves, |transaction| {
            let mut table = transaction.open_table(config::SEALED).map_err(config::fault)?;
            table.insert(NAME, &*sealed).map(drop).map_err(config::fault)
        })
    }
}

fn empty(draft: &mut Draft, _: &Resource, _: &Write) -> Result<(), Refusals> {
    if draft.tenant.revision == 0 { Ok(()) } else { Err(Refusals::whole(Why::LimitReached { max: 1 })) }
}

fn made((number, first_name, last_name): &(&str, &str, &str)) -> Result<ExampleAgent, Fault> {
    Ok(ExampleAgent {
        agent_number: (*number).into(),
        name: crate::model::agent::full_name(first_name, last_name),
        sip_password: random_word(PASSWORD_LENGTH)?,
        web_password: random_word(PASSWORD_LENGTH)?,
        phone_password: pin()?,
    })
}

fn pin() -> Result<String, Fault> {
    let number = u64::from_le_bytes(random()?) % 10_u64.pow(PIN_LENGTH as u32);
    Ok(format!("{number:0PIN_LENGTH$}"))
}

fn owner_fields(owner: &ExampleOwner) -> Map<String, Value> {
    fields(json!({
        "username": owner.username, "password": owner.password,
        "first_name": "Example", "last_name": "Owner", "owner": true,
    }))
}

fn agent_fields(agent: &ExampleAgent, first_name: &str, last_name: &str) -> Map<String, Value> {
    fields(json!({
        "agent_number": agent.agent_number, "first_name": first_name, "last_name": last_name,
        "sip_password": agent.sip_password, "web_password": agent.web_password,
        "phone_password": agent.phone_password,
    }))
}

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
