//! What a request can be refused with, as programs are told beforehand: by status, each word with its reason.

use crate::schema::{Action, Resource, Rule};
use serde_json::{Map, Value, json};

type Word = (u16, &'static str);

/// Why, for the words of the closed list (desk.md) that programs meet.
const WORDS: &[(u16, &str, &str)] = &[
    (400, "bad_json", "The body is not valid JSON."),
    (401, "unauthorized", "There is no right API key, or the API is off."),
    (403, "address_not_allowed", "The address is not on the list of allowed addresses."),
    (403, "forbidden", "Nobody may do this with this record."),
    (403, "upstream_owned", "It belongs to the upstream."),
    (404, "not_found", "There is no such record."),
    (405, "method_not_allowed", "The path does not know this method."),
    (409, "agent_unavailable", "The agent is disabled, in a call, or has no phone that can be reached."),
    (409, "call_limit", "A limit of calls or of money is reached."),
    (409, "campaign_refused", "The campaign is not enabled, or it is outside its hours."),
    (
        409,
        "changed_meanwhile",
        "The record is no longer at the revision in `If-Match`: read it again, then change that.",
    ),
    (409, "dnc", "The number must not be called."),
    (409, "duplicate", "Another record has a value that no two may have."),
    (409, "in_call", "The agent is in a call."),
    (409, "in_use", "Other records refer to it; `users` names them."),
    (409, "limit_reached", "No more of this is possible, or it is not given to this office."),
    (409, "mac_taken", "Another agent has this telephone."),
    (409, "name_taken", "Another record has this name."),
    (409, "number_taken", "The internal number is in use."),
    (413, "too_large", "The body is too large: it has more than 1 MiB, or a file more than is taken."),
    (421, "wrong_host", "The Host is none of the box's names."),
    (422, "custom_content_not_allowed", "The settings of the API allow no custom call records."),
    (422, "emergency_number", "An emergency number cannot stand here."),
    (422, "invalid", "Something in the request is wrong; `fields` says what and why."),
    (422, "variable_unmatched", "A variable in a text is none of the fields."),
    (429, "rate_limited", "There were too many requests of this kind; `Retry-After` says when the next passes."),
    (500, "broken", "The box could not do it; its log says why."),
    (501, "sms_not_configured", "No SMS gateway is configured in this box."),
    (507, "disk_full", "The disk of the box is full."),
];

/// Of every request.
const ALWAYS: &[Word] = &[(401, "unauthorized"), (403, "address_not_allowed"), (421, "wrong_host"), (500, "broken")];
/// Of requests that read.
pub const READING: &[Word] = &[(429, "rate_limited")];
pub const BODY: &[Word] = &[(400, "bad_json"), (413, "too_large"), (422, "invalid"), (507, "disk_full")];

/// What can come of something done with a noun, by its declaration.
pub fn of(resource: &Resource, action: Action) -> Vec<Word> {
    let has = |what: fn(&Rule) -> bool| resource.rules.iter().any(what);
    let mut words = vec![(403, "forbidden")];
    if action != Action::Add {
        words.extend([(404, "not_found"), (409, "changed_meanwhile")]);
    }
    if has(|rule| matches!(rule, Rule::Given { .. })) || resource.is_given() {
        words.push((403, "upstream_owned"));
    }
    if action == Action::Delete {
        words.extend([(409, "in_use"), (507, "disk_full")]);
        words.extend(resource.field("agent_number").map(|_| (409, "in_call")));
        return words;
    }
    words.extend(BODY);
    words.extend([(409, "mac_taken"), (422, "emergency_number"), (422, "variable_unmatched")]);
    words.push((409, "limit_reached"));
    words.extend(
        has(|rule| matches!(rule, Rule::Unique { .. } | Rule::UniqueWithin { .. })).then_some((409, "name_taken")),
    );
    words.extend(has(|rule| matches!(rule, Rule::FreeNumber { .. })).then_some((409, "number_taken")));
    if action == Action::Edit && has(|rule| matches!(rule, Rule::Settled { .. })) {
        words.push((409, "in_use"));
    }
    words.push((409, "duplicate"));
    words
}

/// Of a file that is sent for a field.
pub const UPLOADING: &[Word] = &[(400, "bad_json"), (413, "too_large"), (422, "invalid"), (507, "disk_full")];

/// As the responses of an operation.
pub fn responses(words: impl IntoIterator<Item = Word>) -> Map<String, Value> {
    let mut words: Vec<Word> = words.into_iter().chain(ALWAYS.iter().copied()).collect();
    words.sort_unstable();
    words.dedup();
    let mut responses = Map::new();
    for of_status in words.chunk_by(|one, other| one.0 == other.0) {
        responses.insert(of_status[0].0.to_string(), response(of_status));
    }
    responses
}

fn response(words: &[Word]) -> Value {
    let said = words.iter().map(|(_, word)| format!("`{word}`: {}", why(word))).collect::<Vec<_>>();
    let names: Vec<_> = words.iter().map(|(_, word)| *word).collect();
    let mut response = json!({
        "description": said.join("\n\n"), "x-errors": names,
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/error" } } },
    });
    let header = |text: &str, schema: Value| json!({ "description": text, "schema": schema });
    match words[0].0 {
        401 => {
            response["headers"] = json!({ "WWW-Authenticate": header("`Bearer`", json!({ "type": "string" })) });
        }
        429 => {
            let text = "Whole seconds until the next request of this kind is let through.";
            response["headers"] = json!({ "Retry-After": header(text, json!({ "type": "integer", "minimum": 1 })) });
        }
        _ => {}
    }
    response
}

fn why(word: &str) -> &'static str {
    WORDS.iter().find(|(_, known, _)| *known == word).map_or("", |(_, _, why)| why)
}

/// Says each refusal once: takes those of all operations out and leaves their names.
pub fn shared(paths: &mut Map<String, Value>) -> Map<String, Value> {
    let mut shared = Map::new();
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    let responses = operations.filter_map(|operation| operation.get_mut("responses")?.as_object_mut());
    for (status, response) in responses.flatten() {
        let Some(words) = response["x-errors"].as_array() else { continue };
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        let name = format!("{status}_{}", words.join("_or_"));
        let place = json!({ "$ref": format!("#/components/responses/{name}") });
        shared.insert(name, std::mem::replace(response, place));
    }
    shared
}

/// The body of every refusal (API-25).
pub fn schema() -> Value {
    json!({
        "type": "object", "required": ["error", "message"],
        "description": "Why a request was refused. A later version may know more words.",
        "properties": {
            "error": { "type": "string", "description": "One word." },
            "message": { "type": "string", "description": "One sentence in English, for who reads it." },
            "fields": {
                "type": "object", "description": "What is wrong with each field, by its place in the body: `numbers.0.number`.",
                "additionalProperties": {
                    "type": "object", "required": ["why"],
                    "properties": { "why": { "type": "string", "description": "One word, with its limits beside it." } },
                },
            },
            "users": {
                "type": "array", "description": "Who uses the record that was to be removed.",
                "items": {
                    "type": "object", "required": ["noun", "id", "name", "field"],
                    "properties": {
                        "noun": { "type": "string" }, "id": { "type": "string" }, "name": { "type": "string" },
                        "field": { "type": "string" },
                    },
                },
            },
        },
    })
}
