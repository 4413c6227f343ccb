//! The panel's words in its languages, for files that the box writes: headings, choices, reasons.

use serde_json::{Map, Value};
use std::{collections::HashMap, sync::LazyLock};

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/words.rs"));
pub const LANGUAGES: [&str; 3] = ["zh", "ja", "en"];

/// Of one language.
pub struct Words(HashMap<String, String>);

/// Those of a language by its code; of one that the panel does not speak, the English.
pub fn of(code: &str) -> &'static Words {
    static ALL: LazyLock<[Words; 3]> = LazyLock::new(|| LANGUAGES.map(Words::read));
    &ALL[LANGUAGES.iter().position(|known| *known == code).unwrap_or(LANGUAGES.len() - 1)]
}

impl Words {
    /// `noun/agent` gives its `status` as `agent.status`.
    fn read(code: &str) -> Words {
        let mut words = HashMap::new();
        for (name, text) in FILES {
            let Ok(Value::Object(mut read)) = serde_json::from_str(text) else { continue };
            let (before, own) = match name.strip_prefix("noun/") {
                Some(noun) => (format!("{noun}."), read.remove(code)),
                None => (String::new(), (*name == code).then_some(Value::Object(read))),
            };
            let Some(Value::Object(own)) = own else { continue };
            words.extend(
                own.into_iter().filter_map(|(key, word)| Some((format!("{before}{key}"), word.as_str()?.into()))),
            );
        }
        Words(words)
    }

    pub fn find(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The word, or its key where it has none.
    pub fn word(&self, key: &str) -> String {
        self.find(key).unwrap_or(key).to_string()
    }

    /// A sentence with values in its `{name}` places.
    pub fn sentence(&self, key: &str, values: &Map<String, Value>) -> Option<String> {
        let sentence = self.find(key)?.to_string();
        Some(values.iter().fold(sentence, |sentence, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
            sentence.replace(&format!("{{{name}}}"), &text)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_is_said_in_each_language() {
        assert_eq!(of("zh").find("customer.phone"), Some("电话"));
        assert_eq!(of("ja").find("customer.phone"), Some("電話番号"));
        assert_eq!(of("de").find("customer.phone"), Some("Phone"));
        let values = json!({ "max": 5 });
        let told = of("en").sentence("why.too_many", values.as_object().unwrap());
        assert!(told.as_deref().is_some_and(|told| told.contains('5') && !told.contains('{')), "{told:?}");
        assert_eq!(of("en").word("no.such"), "no.such");
    }
}
