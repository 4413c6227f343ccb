//! What programs are told of each kind of field: a sentence, the form in which its values are kept, an example.

use serde_json::Value;

/// Kind, sentence, pattern of what is kept (empty: none that a pattern could say), example as JSON.
type Kind = (&'static str, &'static str, &'static str, &'static str);

/// Nothing that moves the cursor or hides.
const LINE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

const KINDS: &[Kind] = &[
    ("agent_number", "An agent, by the agent's number.", "^[1-9][0-9]*$", "\"801\""),
    ("choice", "One of these words; a later version may know more.", "", ""),
    ("code_word", "Letters and digits.", "^[A-Za-z0-9]+$", "\"vip\""),
    ("color", "A colour, `#rrggbb`.", "^#[0-9a-f]*$", "\"#2557a7\""),
    ("country", "A country by its two letters (ISO 3166-1).", "^[A-Z]{2}$", "\"CN\""),
    ("currency", "A currency by its three letters (ISO 4217).", "^[A-Z]{3}$", "\"CNY\""),
    ("custom", "The fields that the office added itself, by their storage names.", "", "{}"),
    ("date", "A day, `YYYY-MM-DD`.", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "\"2026-11-23\""),
    ("decimal", "A number with decimals, as text, so that no digit is lost.", "^-?[0-9]+([.][0-9]+)?$", "\"12.50\""),
    (
        "destination",
        "Where a call goes next: a type, and the id or number of its target where the type has one.",
        "",
        "{\"type\":\"hang_up\"}",
    ),
    (
        "dialable",
        "An internal number or a telephone number outside, digits only; separators and a leading + are taken off.",
        "^[0-9]+$",
        "\"801\"",
    ),
    ("digits", "Digits.", "^[0-9]*$", "\"10\""),
    ("email", "An email address.", "^[^@\\s]+@[^@\\s]+[.][^@\\s.]+[.]?$", "\"mei.lin@example.com\""),
    ("external_address", "`auto`, `none`, an address or a host name.", "", "\"auto\""),
    ("feature_code", "What is keyed in on a telephone, such as `*85`.", "", "\"*85\""),
    (
        "field_name",
        "A field of customers by its name; `custom.` stands before the name of one that the office added.",
        "^(custom[.])?[a-z][a-z0-9_]*$",
        "\"name\"",
    ),
    (
        "file",
        "An uploaded file, by the SHA-256 of what is in it.",
        "^[0-9a-f]{64}$",
        "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
    ),
    ("form_tabs", "Tabs of forms.", "", "[]"),
    ("hidden_fields", "Fields, `noun.field`.", "", ""),
    ("host_port", "A host name or an address, with `:` and a port or without.", "", "\"sip.carrier.example:5070\""),
    ("host", "A host name or an address.", "", "\"sip.carrier.example\""),
    (
        "internal_number",
        "A number that telephones of the box dial: 2 to 6 digits, the first not 0.",
        "^[1-9][0-9]*$",
        "\"801\"",
    ),
    ("keys", "Keys of a telephone: digits, `*` and `#`.", "^[0-9*#]*$", "\"1\""),
    ("lettered", "Letters, digits, spaces and hyphens.", "^[A-Za-z0-9 -]*$", "\"SW1A 1AA\""),
    ("letters", "English letters.", "^[A-Za-z]*$", "\"Jazz\""),
    ("levels", "A tree of values: each has `value`, and `below` for those under it.", "", "[]"),
    ("lines", "Text of several lines.", "", "\"Two\\nlines\""),
    ("link", "An address that begins with `http://` or `https://`.", "^https?://", "\"https://example.com/\""),
    ("list", "", "", ""),
    (
        "mac",
        "The hardware address of a telephone: 12 hex digits; separators are taken off.",
        "^[0-9a-f][02468ace][0-9a-f]{10}$",
        "\"001565abcdef\"",
    ),
    ("moment", "A day and time, RFC 3339.", "", "\"2026-11-23T10:00:00.000Z\""),
    ("name", "One line of text.", LINE, "\"Support\""),
    ("network", "An address, or a network such as `192.168.0.0/16`.", "^[0-9A-Fa-f:./]+$", "\"192.168.0.0/16\""),
    ("number", "A whole number.", "", ""),
    ("number_prefix", "Digits, `+`, `*` and `#`.", "^[0-9+*#]*$", "\"*86\""),
    ("password", "A password that people type; kept as a hash and never given out.", "", "\"long enough\""),
    ("period", "A time as people write it, such as `mon 09:00-18:00`.", "", "\"mon 09:00-18:00\""),
    ("permissions", "Permissions, `noun.action`.", "", "[]"),
    ("person", "An account or an agent, by its id.", "", "{\"type\":\"agent\",\"target\":\"1\"}"),
    (
        "phone",
        "A telephone number: digits only; separators and a leading + are taken off.",
        "^[0-9]+$",
        "\"8613812345678\"",
    ),
    (
        "phone_line",
        "A telephone number of a company: 2 to 20 digits, after a + if there is one.",
        "^[+]?[0-9]+$",
        "\"+861088001234\"",
    ),
    ("phone_template", "Text with marks such as `##mac##`.", "", "\"##mac##.cfg\""),
    ("pin", "A secret of digits; never given out.", "^[0-9]*$", "\"4711\""),
    ("quick_time", "A length of time such as `10m`.", "", "\"10m\""),
    ("realm", "Letters, digits, `.`, `-` and `_`.", "^[A-Za-z0-9._-]+$", "\"callbox\""),
    ("redial_time", "A length of time such as `10m`.", "", "\"10m\""),
    ("ref", "The id of another record.", "^(0|[1-9][0-9]*)$", "\"1\""),
    ("regex", "A regular expression.", "", "\"^1\""),
    ("row", "", "", ""),
    ("scopes", "Tables and which rows of them are shown.", "", "{}"),
    ("seconds", "A length of time in whole seconds.", "", ""),
    ("secret", "A secret that the box uses; never given out.", "^[!-~]*$", "\"s3cret-word\""),
    ("storage_name", "A name: small letters, digits and `_`, the first a letter.", "^[a-z][a-z0-9_]*$", "\"birthday\""),
    ("switch", "", "", "true"),
    ("text", "One line of text.", LINE, "\"Text\""),
    ("time_of_day", "A time of day, `HH:MM`.", "^[0-9]{2}:[0-9]{2}$", "\"09:00\""),
    ("time_zone", "A time zone such as `Asia/Shanghai`.", "", "\"Asia/Shanghai\""),
    ("username", "A name to sign in with.", "^[A-Za-z0-9._-]+$", "\"mei.lin\""),
];

fn known(kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|(name, ..)| *name == kind)
}

/// Empty: its schema says all there is to say.
pub fn sentence(kind: &str) -> &'static str {
    known(kind).map_or("", |(_, sentence, ..)| sentence)
}

/// The pattern of what is kept; what is taken may be written in other ways too.
pub fn pattern(kind: &str) -> Option<&'static str> {
    known(kind).map(|(_, _, pattern, _)| *pattern).filter(|pattern| !pattern.is_empty())
}

/// A value that fits this schema.
pub fn example(schema: &Value) -> Value {
    let own = schema["x-kind"].as_str().and_then(known).map(|(.., example)| *example);
    let said = own.and_then(|text| serde_json::from_str(text).ok());
    let first = || schema["enum"].get(0).cloned();
    let some = || (schema["minItems"].as_u64() > Some(0)).then(|| Value::Array(vec![example(&schema["items"])]));
    let row = || {
        let required = schema["required"].as_array()?.iter().filter_map(Value::as_str);
        Some(required.map(|field| (field.to_owned(), example(&schema["properties"][field]))).collect())
    };
    let least = || schema.get("minimum").cloned();
    let empty = || if schema["type"] == "array" { Value::Array(Vec::new()) } else { Value::Null };
    said.or_else(first).or_else(some).or_else(row).or_else(least).unwrap_or_else(empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::RESOURCES,
        schema::{check, kind},
    };
    use proptest::prelude::*;

    fn kinds_in(schema: &Value, found: &mut Vec<String>) {
        found.extend(schema["x-kind"].as_str().map(str::to_owned));
        schema.get("items").into_iter().for_each(|items| kinds_in(items, found));
        let inside = schema["properties"].as_object().into_iter().flatten();
        inside.for_each(|(_, schema)| kinds_in(schema, found));
    }

    /// Every kind that programs meet is said, and its example is one.
    #[test]
    fn every_kind_is_said() {
        for resource in RESOURCES.iter().filter(|resource| resource.programs && resource.listed()) {
            for (field, schema) in resource.fields() {
                let mut kinds = Vec::new();
                kinds_in(schema, &mut kinds);
                for kind in kinds {
                    assert!(known(&kind).is_some(), "{resource:?}.{field}: say what {kind} is");
                }
                let example = example(schema);
                let fits = check::value_of(schema, &example).is_ok();
                assert!(fits, "{resource:?}.{field}: {example}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// What is kept fits the pattern that programs are told.
        #[test]
        fn what_is_kept_fits_the_pattern(text in prop_oneof![
            "[0-9a-zA-Z*#+._@:/ -]{1,14}", "[0-9a-f]{12}", "#[0-9a-f]{6}", "[0-9-]{10}", "[A-Z]{2,3}", "\\PC{1,6}",
        ]) {
            for (name, _, pattern, _) in KINDS.iter().filter(|(_, _, pattern, _)| !pattern.is_empty()) {
                let shape = kind::shape(name).unwrap();
                let kept = (shape.meant)(text.trim());
                if !kept.is_empty() && (shape.fits)(&kept) {
                    let regex = regex::Regex::new(pattern).unwrap();
                    prop_assert!(regex.is_match(&kept), "{} {:?}", name, kept);
                }
            }
        }
    }
}
