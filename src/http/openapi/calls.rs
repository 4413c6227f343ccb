//! The routes of what happens and happened: calls in progress, and call records.

use super::{operation, page, paging, path, query, refusals};
use crate::{
    http::{click_to_call::CONTENT_MAX, records, sms},
    store::{Filter, PAGE_MAX, RECORD_FILTERS},
    view::CallRow,
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// At least two digits, whatever separates them.
const NUMBER: &str = "[0-9].*[0-9]";

pub fn told(paths: &mut Map<String, Value>, schemas: &mut Map<String, Value>) {
    schemas.insert("call".into(), answered::<CallRow>());
    schemas.insert("call_record".into(), answered::<records::Shown>());
    let row = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let reading = || refusals::READING.iter().copied();
    let calls = operation("calls", "list", "List calls in progress", Vec::new(), reading()).reads().answers(
        200,
        "All calls in progress, on one page.",
        page(row("call")),
    );
    paths.insert("/calls".into(), json!({ "get": calls.told() }));

    paths.insert("/click_to_call".into(), json!({ "post": click_to_call() }));
    paths.insert("/sms".into(), json!({ "post": text_message() }));

    let moment = |name: &str, text: &str| query(name, text, json!({ "type": "string", "format": "date-time" }));
    let mut parameters = vec![
        query("search", "Text that stands in a number or name of the call.", json!({ "type": "string" })),
        moment("from", "Only calls that began then or later, RFC 3339."),
        moment("to", "Only calls that began before, RFC 3339."),
    ];
    parameters.extend(RECORD_FILTERS.iter().map(|(name, filter)| {
        let text = match filter {
            Filter::Within(_) => format!("Only calls in whose `{name}` this stands."),
            Filter::Is(_) => format!("Only calls whose `{name}` is this, or one of several with commas between."),
        };
        query(name, &text, json!({ "type": "string" }))
    }));
    for (name, which) in [("talk_from", "at least"), ("talk_to", "at most")] {
        let text = format!("Only calls with {which} so many seconds of talk.");
        parameters.push(query(name, &text, json!({ "type": "integer", "minimum": 0 })));
    }
    parameters.extend(paging(PAGE_MAX));
    let words = reading().chain([(422, "invalid")]);
    let list = operation("call_records", "list", "List call records, the newest first", parameters, words)
        .reads()
        .answers(200, "A page of the list.", page(row("call_record")));
    paths.insert("/call_records".into(), json!({ "get": list.told() }));
    let words = reading().chain([(404, "not_found")]);
    let one = operation("call_records", "show", "Show one call record", Vec::new(), words).reads().answers(
        200,
        "The record.",
        row("call_record"),
    );
    let call_id = path("call_id", "The `call_id` of the call.");
    let parameters = json!([call_id]);
    paths.insert("/call_records/{call_id}".into(), json!({ "parameters": parameters, "get": one.told() }));
    let words = reading().chain([(404, "not_found")]);
    let recording = operation("call_records", "hear", "Download the recording of a call", Vec::new(), words)
        .reads()
        .answers_file("The recording: agents left, the other side right.", "audio/wav");
    let path = "/call_records/{call_id}/recording";
    paths.insert(path.into(), json!({ "parameters": parameters, "get": recording.told() }));
}

/// API-36 to API-41
fn click_to_call() -> Value {
    let words = refusals::BODY.iter().copied().chain([
        (409, "agent_unavailable"),
        (409, "call_limit"),
        (409, "campaign_refused"),
        (409, "dnc"),
        (422, "custom_content_not_allowed"),
        (422, "emergency_number"),
        (429, "rate_limited"),
    ]);
    let text = |what: &str| json!({ "type": "string", "description": what });
    let number = |what: &str| json!({ "type": "string", "description": what, "pattern": NUMBER });
    let mut content = text("Stored with the record of the call, where the settings of the API allow it.");
    content["maxLength"] = CONTENT_MAX.into();
    let body = json!({
        "type": "object",
        "required": ["agent_number", "number"],
        "additionalProperties": false,
        "properties": {
            "agent_number": { "type": "string", "minLength": 1, "description": "The agent whose phone rings first." },
            "number": number("The number outside that is called once the agent has answered."),
            "campaign": text("The id of a campaign for which the call is made."),
            "caller_id": text("One of the tenant's caller IDs: what the number is shown."),
            "custom_content": content,
        },
    });
    let answer = json!({
        "type": "object",
        "required": ["call_id"],
        "properties": { "call_id": text("Of the call, as in its record.") },
    });
    let summary = "Ring an agent, then a number";
    operation("click_to_call", "start", summary, Vec::new(), words)
        .limited("limit_click_to_call")
        .takes(body)
        .answers(202, "The phone of the agent rings.", answer)
        .told()
}

/// API-44
fn text_message() -> Value {
    let words = refusals::BODY.iter().copied().chain([(429, "rate_limited"), (501, "sms_not_configured")]);
    let body = json!({
        "type": "object",
        "required": ["number", "content"],
        "additionalProperties": false,
        "properties": {
            "number": { "type": "string", "description": "The telephone number to which it is sent.", "pattern": NUMBER },
            "content": { "type": "string", "minLength": 1, "maxLength": sms::CHARACTERS_MAX },
        },
    });
    operation("sms", "send", "Send a text message", Vec::new(), words)
        .limited("limit_sms")
        .takes(body)
        .answers_nothing(202, "The gateway takes it.")
        .told()
}

/// What a struct says of itself when it is answered: every field is there.
fn answered<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    bare(&mut schema);
    schema
}

/// Without what is written for who reads the source.
fn bare(schema: &mut Value) {
    match schema {
        Value::Object(words) => {
            for word in ["$schema", "title", "description"] {
                if words.get(word).is_some_and(Value::is_string) {
                    words.shift_remove(word);
                }
            }
            words.values_mut().for_each(bare);
        }
        Value::Array(entries) => entries.iter_mut().for_each(bare),
        _ => {}
    }
}
