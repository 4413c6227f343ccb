//! One operation of the document, put together part by part.

use super::refusals;
use serde_json::{Map, Value, json};

pub struct Operation(Map<String, Value>);

/// What is done with what stands under a path, and the words with which it can be refused.
pub fn operation(
    tag: &str,
    verb: &str,
    summary: &str,
    parameters: Vec<Value>,
    words: impl IntoIterator<Item = (u16, &'static str)>,
) -> Operation {
    let Value::Object(mut told) = json!({ "operationId": format!("{verb}_{tag}"), "tags": [tag], "summary": summary })
    else {
        return Operation(Map::new());
    };
    if !parameters.is_empty() {
        told.insert("parameters".into(), parameters.into());
    }
    told.insert("responses".into(), Value::Object(refusals::responses(words)));
    Operation(told)
}

impl Operation {
    /// It is of the kind `data` (API-30).
    pub fn reads(self) -> Operation {
        self.limited("limit_data")
    }

    /// By this setting of the API (API-15).
    pub fn limited(mut self, setting: &str) -> Operation {
        self.0.insert("x-limit".into(), setting.into());
        self
    }

    pub fn takes(mut self, schema: Value) -> Operation {
        let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        self.0.insert("requestBody".into(), body);
        self
    }

    /// The body is a file as it is.
    pub fn takes_file(mut self, bytes_max: u64) -> Operation {
        let schema = json!({ "type": "string", "format": "binary", "maxLength": bytes_max });
        let body = json!({ "required": true, "content": { "application/octet-stream": { "schema": schema } } });
        self.0.insert("requestBody".into(), body);
        self
    }

    pub fn answers(self, status: u16, text: &str, schema: Value) -> Operation {
        self.response(status, json!({ "description": text, "content": { "application/json": { "schema": schema } } }))
    }

    /// The answer is a file, whole or the part that is asked for.
    pub fn answers_file(self, text: &str, kind: &str) -> Operation {
        let schema = json!({ "type": "string", "format": "binary" });
        let content = json!({ kind: { "schema": schema } });
        self.response(200, json!({ "description": text, "content": content }))
            .response(206, json!({ "description": "The part that `Range` asks for.", "content": content }))
            .response(304, json!({ "description": "It is as `If-None-Match` knows it." }))
            .response(416, json!({ "description": "There is no such part." }))
    }

    pub fn answers_nothing(self, status: u16, text: &str) -> Operation {
        self.response(status, json!({ "description": text }))
    }

    /// What was answered last has an `ETag`.
    pub fn tagged(mut self) -> Operation {
        let text = "The revision of the record, in quotes: for `If-Match` and `If-None-Match`.";
        let tag = json!({ "ETag": { "description": text, "schema": { "type": "string" } } });
        let responses = self.0.get_mut("responses").and_then(Value::as_object_mut);
        if let Some((_, response)) = responses.and_then(|responses| responses.iter_mut().next()) {
            response["headers"] = tag;
        }
        self
    }

    pub fn told(self) -> Value {
        Value::Object(self.0)
    }

    /// Answers stand before refusals.
    fn response(mut self, status: u16, response: Value) -> Operation {
        if let Some(Value::Object(responses)) = self.0.get_mut("responses") {
            let at = usize::from(responses.keys().next().is_some_and(|first| first.starts_with('2')));
            responses.shift_insert(at, status.to_string(), response);
        }
        self
    }
}

pub fn query(name: &str, text: &str, schema: Value) -> Value {
    // An empty one says nothing (`Query`).
    json!({ "name": name, "in": "query", "description": text, "allowEmptyValue": true, "schema": schema })
}

pub fn header(name: &str, text: &str) -> Value {
    json!({ "name": name, "in": "header", "description": text, "schema": { "type": "string" } })
}

pub fn path(name: &str, text: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": text, "schema": { "type": "string" } })
}

pub fn if_match() -> Value {
    header("If-Match", "The `ETag` of the record as it was read: refused if somebody else changed it since.")
}

/// API-47
pub fn paging(most: usize) -> [Value; 2] {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": most, "default": 100 });
    [
        query("limit", "How many a page has at most.", limit),
        query("cursor", "`next` of the page before.", json!({ "type": "string" })),
    ]
}

/// A part of a list.
pub fn page(row: Value) -> Value {
    json!({
        "type": "object", "required": ["items", "next"],
        "properties": {
            "items": { "type": "array", "items": row },
            "next": { "type": ["string", "null"], "description": "The `cursor` of the next page; null on the last." },
        },
    })
}
