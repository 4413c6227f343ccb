//! Takes passwords, keys and tokens out of what is remembered of a request (AUD-16).

use crate::model::RESOURCES;
use serde_json::{Map, Value};

const MASK: &str = "***";
const WORDS: &[&str] = &["password", "secret", "token", "api_key", "pin"];

/// The same with `***` for every secret, wherever it stands.
pub fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.into_iter().map(field).collect::<Map<_, _>>()),
        Value::Array(entries) => Value::Array(entries.into_iter().map(masked).collect()),
        other => other,
    }
}

fn field((name, value): (String, Value)) -> (String, Value) {
    let value = if is_secret(&name) && !value.is_null() { MASK.into() } else { masked(value) };
    (name, value)
}

/// A query as it stands in the address.
pub fn masked_query(query: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) || name.contains('%') => format!("{name}={MASK}"),
        _ => pair.to_string(),
    };
    query.split('&').map(pair).collect::<Vec<_>>().join("&")
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let kept =
        || RESOURCES.iter().any(|resource| resource.sealed().chain(resource.hashed()).any(|field| field == name));
    name == "key"
        || WORDS.iter().any(|word| name.split('_').any(|part| part == *word) || name.ends_with(word))
        || kept()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// AUD-16
    #[test]
    fn secrets_are_taken_out_wherever_they_stand() {
        let typed = json!({
            "username": "mei", "password": "w0rd0", "new_password_confirm": "w0rd1", "sip_password": "w0rd2",
            "rows": [{ "web_password": "w0rd3", "first_name": "Li" }], "mail": { "server_password": "w0rd4" },
            "api_key": "w0rd5", "key": "w0rd6", "token": "w0rd7", "phone_password": null, "spinning": "kept",
        });
        let masked = masked(typed);
        let text = masked.to_string();
        for word in ["w0rd0", "w0rd1", "w0rd2", "w0rd3", "w0rd4", "w0rd5", "w0rd6", "w0rd7"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert_eq!((&masked["rows"][0]["first_name"], &masked["spinning"]), (&json!("Li"), &json!("kept")));
        assert_eq!(masked["phone_password"], Value::Null);
        assert_eq!(masked_query("search=801&key=abc&limit=5&%6bey=x"), "search=801&key=***&limit=5&%6bey=***");
    }
}
