//! A request that is refused: a status, one word of the closed list (desk.md), a sentence, and the fields at fault.

use crate::{
    schema::{Refusals, refusal::User},
    store::{Fault, NotWritten},
};
use axum::{
    Extension,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, time::Duration};

/// What is answered instead of what was asked for (API-25).
#[derive(Debug)]
pub struct Refused(Box<Parts>);

/// The word of a refusal, on its answer: for who writes down what became of a request.
#[derive(Clone)]
pub struct Word(pub Cow<'static, str>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    word: &'static str,
    message: String,
    fields: Map<String, Value>,
    /// Who uses the record that was to be removed (LST-25).
    users: Vec<User>,
    headers: HeaderMap,
}

impl Refused {
    pub fn new(status: u16, word: &'static str, message: impl Into<String>) -> Refused {
        let status = StatusCode::from_u16(status).expect("a status of the list");
        let (message, fields, users, headers) = (message.into(), Map::new(), Vec::new(), HeaderMap::new());
        Refused(Box::new(Parts { status, word, message, fields, users, headers }))
    }

    pub fn fields(mut self, fields: Map<String, Value>) -> Refused {
        self.0.fields = fields;
        self
    }

    /// The same reason about a field that the form calls otherwise.
    pub fn field_is(mut self, known: &str, called: &str) -> Refused {
        if let Some(why) = self.0.fields.shift_remove(known) {
            self.0.fields.insert(called.into(), why);
        }
        self
    }

    /// The entries of a field that are at fault, of those that were typed into it.
    pub fn of_entries(mut self, field: &str, entries: Value) -> Refused {
        if let Some(why) = self.0.fields.get_mut(field) {
            why["entries"] = entries;
        }
        self
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Refused {
        self.0.headers.insert(name, value);
        self
    }

    pub fn users(&self) -> &[User] {
        &self.0.users
    }

    pub fn word(&self) -> &'static str {
        self.0.word
    }

    pub fn bad_json() -> Refused {
        Refused::new(400, "bad_json", "The body is not valid JSON.")
    }

    pub fn unauthorized() -> Refused {
        Refused::new(401, "unauthorized", "Sign in first.")
    }

    /// API-20
    pub fn wrong_key() -> Refused {
        Refused::new(401, "unauthorized", "The request carries no right API key.")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// ACC-13
    pub fn sign_in_failed() -> Refused {
        Refused::new(401, "sign_in_failed", "The account does not exist or the password is incorrect.")
    }

    /// LST-1, LST-2
    pub fn forbidden() -> Refused {
        Refused::new(403, "forbidden", "Your role does not allow this.")
    }

    /// AGT-27
    pub fn disabled() -> Refused {
        let sentence = "This account is disabled and cannot sign in. Please contact the administrator.";
        Refused::new(403, "disabled", sentence)
    }

    /// PRF-21, API-10, API-11
    pub fn address_not_allowed() -> Refused {
        Refused::new(403, "address_not_allowed", "Your address is not on the list of allowed addresses.")
    }

    /// JOB-26
    pub fn not_creator() -> Refused {
        Refused::new(403, "not_creator", "Only whoever started the job may have its file.")
    }

    /// JOB-31
    pub fn file_expired() -> Refused {
        Refused::new(410, "file_expired", "The file of the job has been removed.")
    }

    pub fn cross_site() -> Refused {
        Refused::new(403, "cross_site", "The request comes from another site.")
    }

    pub fn setup_closed() -> Refused {
        let how = "Set-up is closed: press the button of the box, or restart it, and use its local network.";
        Refused::new(403, "setup_closed", how)
    }

    pub fn not_found() -> Refused {
        Refused::new(404, "not_found", "There is no such thing here.")
    }

    pub fn method_not_allowed() -> Refused {
        Refused::new(405, "method_not_allowed", "This cannot be done here.")
    }

    pub fn in_call() -> Refused {
        Refused::new(409, "in_call", "The agent is in a call.")
    }

    pub fn no_call() -> Refused {
        Refused::new(409, "no_call", "There is no such call.")
    }

    pub fn too_large() -> Refused {
        Refused::new(413, "too_large", "The body is larger than is taken here.")
    }

    pub fn wrong_host() -> Refused {
        Refused::new(421, "wrong_host", "The Host of the request is none of the box's names.")
    }

    pub fn invalid(field: &str, why: Value) -> Refused {
        let fields = Map::from_iter([(field.to_string(), why)]);
        Refused::new(422, "invalid", format!("{field} is not valid.")).fields(fields)
    }

    pub fn too_many_attempts(left: Duration) -> Refused {
        Refused::new(429, "too_many_attempts", "There were too many failed attempts; try again later.").after(left)
    }

    /// API-32
    pub fn rate_limited(left: Duration) -> Refused {
        Refused::new(429, "rate_limited", "There were too many requests of this kind in 60 seconds.").after(left)
    }

    /// When it may be tried again: whole seconds, rounded up, at least 1.
    fn after(self, left: Duration) -> Refused {
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// A fault of the box, not of whoever asks; the log says which.
    pub fn fault() -> Refused {
        Refused::new(500, "broken", "The box could not do this; its log says why.")
    }
}

impl From<Refusals> for Refused {
    fn from(refusals: Refusals) -> Refused {
        let (word, status) = refusals.word();
        let mut refused = Refused::new(status, word, refusals.sentence()).fields(refusals.fields());
        refused.0.users = refusals.users().to_vec();
        refused
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        tracing::error!(%fault, "the store could not do what the panel asked");
        let (word, status) = fault.word();
        Refused::new(status, word, fault.cause())
    }
}

impl From<NotWritten> for Refused {
    fn from(not_written: NotWritten) -> Refused {
        match not_written {
            NotWritten::Refused(refusals) => refusals.into(),
            NotWritten::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Parts { status, word, message, fields, users, headers } = *self.0;
        let mut body = json!({ "error": word, "message": message });
        if !fields.is_empty() {
            body["fields"] = Value::Object(fields);
        }
        if !users.is_empty() {
            body["users"] = json!(users);
        }
        (status, headers, Extension(Word(word.into())), axum::Json(body)).into_response()
    }
}
