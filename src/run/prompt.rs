//! Puts a prompt that an agent spoke by phone among the media files (FEA-8, MED-20).

use crate::{
    call::recording::PromptToKeep,
    model::Media,
    schema::{Actor, Model},
    store::{NotWritten, Store, Write},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

/// The file is where the recorder left it, beside those that are kept.
pub fn keep(store: &Store, at: Timestamp, prompt: &PromptToKeep) -> Result<(), NotWritten> {
    let told = fields(json!({ "extension": "wav", "duration": prompt.seconds, "size": prompt.bytes }));
    let file = store.half_file(&format!("take-{}", prompt.recording.0))?;
    let hash = store.keep_file(file, told, at)?;
    let by = prompt.agent.map_or(Actor::System, |agent| Actor::Agent(agent.0));
    let value = fields(json!({ "name": prompt.name, "type": "voice", "file": hash }));
    store.write(&by, at, Media::NAME, Write::Add { value }).map(drop)
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
