//! What a request is called in the audit log: an operation and a noun, such as `edit customer` (AUD-12).

use crate::model;
use axum::http::Method;

/// Tables whose mere opening is remembered (AUD-4).
const WATCHED: &[&str] = &["call_records", "customers"];
/// Asked before something is done, and for what only the own screen shows.
const UNHEARD: &[&str] = &["count", "columns", "choices", "preview", "uploads"];

/// Of a request of the panel, by its path behind `/panel`. None: it leaves no entry (AUD-5).
pub fn of_page(method: &Method, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match parts.as_slice() {
        ["session", ..] | ["setup"] if reads => None,
        ["session"] => Some(if *method == Method::DELETE { "sign_out" } else { "sign_in" }.into()),
        ["session", "back"] => Some("sign_back".into()),
        ["setup"] => Some("add account".into()),
        ["me", "password"] => Some("edit password".into()),
        [path] if reads && WATCHED.contains(path) => Some(format!("search {}", noun(path))),
        // What an import begins with shows no row.
        [_, "import" | "import_template"] if reads => None,
        [path, _] if reads && WATCHED.contains(path) => Some(format!("open {}", noun(path))),
        [path @ "flight_recordings", _, "file"] if reads => Some(format!("download {}", noun(path))),
        // Who gives it says whether it was begun (`Done`).
        [_, _, "recording" | "linked" | "story", ..] if reads => None,
        [path, _, verb] if reads && WATCHED.contains(path) => Some(format!("{verb} {}", noun(path))),
        _ if reads || parts.iter().any(|part| UNHEARD.contains(part)) => None,
        parts => Some(of_change(method, parts)),
    }
}

/// Of a request of a program, by its path behind `/api/v1`: each has one (AUD-3).
pub fn of_program(method: &Method, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [path, ..] if matches!(*method, Method::GET | Method::HEAD) => format!("view {}", noun(path)),
        parts => of_change(method, parts),
    }
}

fn of_change(method: &Method, parts: &[&str]) -> String {
    let verb = match (method.as_str(), parts) {
        ("POST", ["uploads", path, _]) => return format!("upload {}", noun(path)),
        ("POST", ["sms"]) => return "send sms".into(),
        ("POST", ["click_to_call"]) => return "click_to_call agent".into(),
        ("POST", [_, "batch"]) => "batch_add",
        ("POST", [_, .., verb]) if is_word(verb) => verb,
        ("POST", _) => "add",
        ("DELETE", ["calls", _]) => "hang_up",
        ("DELETE", _) => "delete",
        _ => "edit",
    };
    format!("{verb} {}", noun(parts.first().unwrap_or(&"")))
}

fn is_word(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// One of what stands under a path.
fn noun(path: &str) -> &str {
    let known = model::resource(path).map(|resource| resource.name);
    known.unwrap_or_else(|| path.strip_suffix('s').unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUD-1, AUD-2, AUD-4, AUD-5, AUD-12
    #[test]
    fn what_is_done_has_a_name_and_what_is_looked_at_has_none() {
        for (method, path, action) in [
            ("POST", "/session", Some("sign_in")),
            ("DELETE", "/session", Some("sign_out")),
            ("GET", "/session", None),
            ("POST", "/agents", Some("add agent")),
            ("PATCH", "/agents/7", Some("edit agent")),
            ("PATCH", "/agents", Some("edit agent")),
            ("PATCH", "/settings", Some("edit settings")),
            ("DELETE", "/agents/7", Some("delete agent")),
            ("POST", "/agents/delete", Some("delete agent")),
            ("POST", "/agents/batch", Some("batch_add agent")),
            ("POST", "/agents/7/reveal", Some("reveal agent")),
            ("POST", "/accounts/7/sign_in_as", Some("sign_in_as account")),
            ("POST", "/roles/7/clone", Some("clone role")),
            ("POST", "/agents/export", Some("export agent")),
            ("DELETE", "/calls/abc", Some("hang_up call")),
            ("GET", "/flight_recordings/1795000000000.flight.gz/file", Some("download flight_recording")),
            ("GET", "/flight_recordings", None),
            ("GET", "/agents", None),
            ("GET", "/agents/7", None),
            ("GET", "/calls", None),
            ("GET", "/live", None),
            ("GET", "/call_records", Some("search call_record")),
            ("GET", "/call_records/abc", Some("open call_record")),
            ("GET", "/customers/7", Some("open customer")),
            ("GET", "/customers/import", None),
            ("GET", "/customers/import_template", None),
            ("POST", "/customers/import", Some("import customer")),
            ("GET", "/call_records/abc/recording", None),
            ("GET", "/call_records/abc/recording/shape", None),
            ("GET", "/call_records/abc/linked", None),
            ("POST", "/call_records/export", Some("export call_record")),
            ("PATCH", "/call_records/abc", Some("edit call_record")),
            ("POST", "/agents/count", None),
            ("PUT", "/me/columns/agents", None),
        ] {
            let found = of_page(&method.parse().unwrap(), path);
            assert_eq!(found.as_deref(), action, "{method} {path}");
        }
    }

    /// AUD-3
    #[test]
    fn every_request_of_a_program_has_a_name() {
        for (method, path, action) in [
            ("GET", "/agents", "view agent"),
            ("POST", "/agents", "add agent"),
            ("PUT", "/agents/1", "edit agent"),
            ("POST", "/uploads/media/file", "upload media"),
            ("POST", "/click_to_call", "click_to_call agent"),
            ("POST", "/sms", "send sms"),
            ("GET", "/", "edit "),
        ] {
            assert_eq!(of_program(&method.parse().unwrap(), path), action, "{method} {path}");
        }
    }
}
