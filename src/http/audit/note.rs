//! One request on its way into the audit log: noted when it comes, finished when it is answered.

use super::{
    super::{Panel, refused::Word, session::Signed, site::Asker},
    action, secret,
    tee::Copy,
};
use crate::{history::audit::AuditEntry, schema::Tenant};
use axum::{
    extract::Request,
    http::{Method, Uri},
    response::Response,
};
use serde_json::{Value, json};
use std::net::IpAddr;

/// AUD-15
const CHARACTERS_MAX: usize = 8192;
const NAME_CHARACTERS_MAX: usize = 100;
/// AUD-11
const PROGRAM: &str = "api";
/// Where a name of an uploaded file begins.
const FILE_NAME: &[u8] = b"filename=\"";

/// What a route did, if its path does not say: put on the answer by who gives it.
#[derive(Clone)]
pub struct Done(pub String);

/// An entry on its way to the disk.
pub struct Noted {
    pub entry: AuditEntry,
    /// It tells of something that was changed, and must not be lost.
    pub changed: bool,
}

pub struct Note {
    /// None: as far as its path says it is not remembered.
    action: Option<String>,
    method: Method,
    uri: Uri,
    prefix: &'static str,
    address: IpAddr,
    body: Copy,
}

impl Note {
    /// Of a request of the panel; gives it back with a body that is copied as it is read.
    pub fn page(address: IpAddr, request: Request) -> (Note, Request) {
        let action = action::of_page(request.method(), request.uri().path());
        Note::begin(action, "/panel", address, request)
    }

    pub fn program(address: IpAddr, request: Request) -> (Note, Request) {
        let action = action::of_program(request.method(), request.uri().path());
        Note::begin(Some(action), "/api/v1", address, request)
    }

    fn begin(action: Option<String>, prefix: &'static str, address: IpAddr, request: Request) -> (Note, Request) {
        let (method, uri, body) = (request.method().clone(), request.uri().clone(), Copy::default());
        let copied = action.is_some() && !matches!(method, Method::GET | Method::HEAD);
        let request = if copied { request.map(|sent| body.of(sent)) } else { request };
        (Note { action, method, uri, prefix, address, body }, request)
    }

    /// What is remembered of it, if anything, now that it is answered.
    pub fn end(self, panel: &Panel, asker: Option<&Asker>, token: &str, response: &Response) -> Option<Noted> {
        let done = response.extensions().get::<Done>().map(|Done(action)| action.clone());
        let action = done.or_else(|| self.action.clone())?;
        let signs_in = action == "sign_in";
        // Whoever nobody knows leaves no entry but for trying to get in.
        if asker.is_none() && !signs_in && self.prefix == "/panel" {
            return None;
        }
        let now = (panel.door.clock)();
        let signed = asker.and_then(|asker| asker.signed.as_ref()).or_else(|| response.extensions().get::<Signed>());
        if asker.is_none() && signed.is_none() && !panel.attempts.is_heard(panel.door.origin(self.address), now.up) {
            return None;
        }
        let tenant = panel.door.store.tenant();
        let error = response.extensions().get::<Word>().map(|Word(word)| word.to_string());
        let (username, acted_by) = self.names(&tenant, signed);
        let (request_parameters, parameters_cut) = self.parameters(asker.is_some() || signs_in);
        let entry = AuditEntry {
            username,
            acted_by,
            action: if signs_in && error.is_some() { "sign_in_failed".into() } else { action },
            ip_address: self.address,
            request_address: format!("{} {}{}", self.method, self.prefix, self.uri.path()),
            request_parameters,
            parameters_cut,
            token: signed.map_or_else(|| token.to_string(), |signed| signed.token.short()),
            status: response.status().as_u16(),
            error,
            created_at: now.wall,
        };
        let changed = entry.error.is_none() && !matches!(self.method, Method::GET | Method::HEAD);
        Some(Noted { entry, changed })
    }

    /// Who it was, and who as that person.
    fn names(&self, tenant: &Tenant, signed: Option<&Signed>) -> (String, Option<String>) {
        let name = |person: crate::model::Person| person.username(tenant).unwrap_or_default();
        match signed {
            Some(signed) => (name(signed.who.person), signed.who.acted_by.map(name)),
            None if self.prefix == "/panel" => (self.typed_name(), None),
            None => (PROGRAM.into(), None),
        }
    }

    fn typed_name(&self) -> String {
        let typed: Option<Value> = self.body.read(|body, _| serde_json::from_slice(body).ok());
        let name = typed.as_ref().and_then(|typed| typed["username"].as_str()).unwrap_or_default().trim();
        name.chars().take(NAME_CHARACTERS_MAX).collect()
    }

    /// Query and body, and whether they were cut. Of strangers only a little: their requests cost the disk nothing.
    fn parameters(&self, known: bool) -> (String, bool) {
        let query = self.uri.query().map(secret::masked_query).filter(|query| !query.is_empty());
        let body = self.body.read(shown);
        let text = [query.map(|query| format!("?{query}")), body].into_iter().flatten().collect::<Vec<_>>().join("\n");
        let most = if known { CHARACTERS_MAX } else { NAME_CHARACTERS_MAX };
        match text.char_indices().nth(most) {
            Some((end, _)) => (text[..end].to_string(), true),
            None => (text, false),
        }
    }
}

/// A form without its secrets; of a file its name and size.
fn shown(body: &[u8], bytes: usize) -> Option<String> {
    if bytes == 0 {
        return None;
    }
    let form = (body.len() == bytes).then(|| serde_json::from_slice(body).ok()).flatten();
    Some(form.map_or_else(|| json!({ "file": file_name(body), "bytes": bytes }), secret::masked).to_string())
}

fn file_name(body: &[u8]) -> Option<String> {
    let begin = body.windows(FILE_NAME.len()).position(|piece| piece == FILE_NAME)? + FILE_NAME.len();
    let name = body[begin..].split(|byte| *byte == b'"').next()?;
    Some(String::from_utf8_lossy(name).chars().take(NAME_CHARACTERS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUD-16: a file is named, its content is not kept; what is no form is not looked into.
    #[test]
    fn a_file_is_remembered_by_name_and_size() {
        let upload = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\n\r\n801,secret";
        let text = shown(upload, upload.len()).unwrap();
        assert_eq!(text, format!("{{\"file\":\"people.csv\",\"bytes\":{}}}", upload.len()));
        assert_eq!(shown(b"password=x", 10).unwrap(), "{\"file\":null,\"bytes\":10}");
        assert_eq!(shown(br#"{"password":"x","a":1}"#, 22).unwrap(), r#"{"password":"***","a":1}"#);
        assert_eq!(shown(b"", 0), None);
    }
}
