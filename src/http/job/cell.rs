//! A value as it stands in a file: by the words of the panel, by the names of what it refers to, in the time of the
//! office.

use super::super::words::Words;
use crate::{
    model::{
        Preferences,
        preferences::choice::{DateFormat, DateFormatMode, TimeFormat},
    },
    schema::{
        Tenant,
        kind::{attachment, destination, levels},
        links,
    },
    time::Timestamp,
};
use jiff::tz::TimeZone;
use serde_json::Value;

const BETWEEN: &str = ", ";

/// Writes the cells of one file.
pub struct Cells<'a> {
    pub noun: &'static str,
    pub tenant: &'a Tenant,
    pub words: &'static Words,
    zone: TimeZone,
    moment: &'static str,
}

impl<'a> Cells<'a> {
    pub fn new(noun: &'static str, tenant: &'a Tenant, words: &'static Words) -> Cells<'a> {
        let preferences = Preferences::of(tenant);
        let zone = TimeZone::get(&preferences.time_zone).unwrap_or(TimeZone::UTC);
        Cells { noun, tenant, words, zone, moment: moment_form(preferences) }
    }

    /// `at` is the place of the value as labels name it: `gender`, `numbers.number`.
    pub fn text(&self, at: &str, schema: &Value, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(on) => self.words.word(if *on { "word.yes" } else { "word.no" }),
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.line(at, schema, text),
            Value::Array(entries) if schema["x-kind"] == levels::PATH => joined(entries.iter().map(plain), "/"),
            Value::Array(entries) => {
                joined(entries.iter().map(|entry| self.text(at, &schema["items"], entry)), BETWEEN)
            }
            Value::Object(_) if schema["x-kind"] == destination::KIND => self.destination(schema, value),
            Value::Object(fields) => {
                let inside = |(name, value): (&String, &Value)| {
                    self.text(&format!("{at}.{name}"), &schema["properties"][name], value)
                };
                joined(fields.iter().map(inside).filter(|text| !text.is_empty()), " ")
            }
        }
    }

    fn line(&self, at: &str, schema: &Value, text: &str) -> String {
        match schema["x-kind"].as_str() {
            Some("ref") => self.name(schema, &Value::String(text.into())).unwrap_or_else(|| text.into()),
            Some("choice") if schema["x-plain"] != true => {
                self.words.find(&format!("{}.{at}.{text}", self.noun)).unwrap_or(text).into()
            }
            Some(attachment::KIND) => attachment::read(text).map_or(text, |(_, name)| name).into(),
            Some("moment") => text.parse().map_or_else(|_| text.into(), |moment| self.moment(moment)),
            _ => text.into(),
        }
    }

    fn destination(&self, schema: &Value, value: &Value) -> String {
        let kind = value["type"].as_str().unwrap_or_default();
        let word = self.words.word(&format!("destination.{kind}"));
        match self.name(schema, value).or_else(|| value["target"].as_str().map(str::to_string)) {
            Some(target) => format!("{word}: {target}"),
            None => word,
        }
    }

    fn name(&self, schema: &Value, value: &Value) -> Option<String> {
        let mut name = None;
        links::inside(schema, value, &mut |noun, id| name = self.tenant.name_of(noun, id).map(str::to_string));
        name
    }

    /// As the panel shows moments, in the time zone of the office (LST-19, PRF-10 to PRF-12).
    pub fn moment(&self, moment: Timestamp) -> String {
        let local = jiff::Timestamp::from_millisecond(moment.0).map(|moment| moment.to_zoned(self.zone.clone()));
        local.map_or_else(|_| String::new(), |local| local.strftime(self.moment).to_string())
    }
}

fn joined(texts: impl Iterator<Item = String>, between: &str) -> String {
    texts.collect::<Vec<_>>().join(between)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// In files a moment is always written out, never "yesterday".
fn moment_form(preferences: &Preferences) -> &'static str {
    use {DateFormat as D, TimeFormat as T};
    if preferences.date_format_mode == DateFormatMode::Friendly {
        return "%Y-%m-%d %H:%M:%S";
    }
    match (preferences.date_format, preferences.time_format) {
        (D::YearFirst, T::Seconds) => "%Y-%m-%d %H:%M:%S",
        (D::YearFirst, T::Minutes) => "%Y-%m-%d %H:%M",
        (D::YearFirst, T::HalfDaySeconds) => "%Y-%m-%d %I:%M:%S %p",
        (D::YearFirst, T::HalfDayMinutes) => "%Y-%m-%d %I:%M %p",
        (D::YearFirstSlashed, T::Seconds) => "%Y/%m/%d %H:%M:%S",
        (D::YearFirstSlashed, T::Minutes) => "%Y/%m/%d %H:%M",
        (D::YearFirstSlashed, T::HalfDaySeconds) => "%Y/%m/%d %I:%M:%S %p",
        (D::YearFirstSlashed, T::HalfDayMinutes) => "%Y/%m/%d %I:%M %p",
        (D::DayFirst, T::Seconds) => "%d/%m/%Y %H:%M:%S",
        (D::DayFirst, T::Minutes) => "%d/%m/%Y %H:%M",
        (D::DayFirst, T::HalfDaySeconds) => "%d/%m/%Y %I:%M:%S %p",
        (D::DayFirst, T::HalfDayMinutes) => "%d/%m/%Y %I:%M %p",
        (D::MonthFirst, T::Seconds) => "%m/%d/%Y %H:%M:%S",
        (D::MonthFirst, T::Minutes) => "%m/%d/%Y %H:%M",
        (D::MonthFirst, T::HalfDaySeconds) => "%m/%d/%Y %I:%M:%S %p",
        (D::MonthFirst, T::HalfDayMinutes) => "%m/%d/%Y %I:%M %p",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::words, *};
    use crate::model;
    use serde_json::json;

    fn text(noun: &'static str, field: &str, value: Value) -> String {
        let (tenant, resource) = (Tenant::default(), model::resource(noun).unwrap());
        Cells::new(noun, &tenant, words::of("zh")).text(field, resource.field(field).unwrap(), &value)
    }

    /// CUS-18: a file says what the page says.
    #[test]
    fn values_are_written_as_the_panel_shows_them() {
        for (noun, field, value, expected) in [
            ("customer", "gender", json!("female"), "女"),
            ("customer", "gender", Value::Null, ""),
            ("customer", "age", json!(7), "7"),
            ("customer", "dnc_highlight", json!(true), "是"),
            ("customer", "last_assigned_at", json!("2026-11-23T16:00:00.000Z"), "2026-11-24 00:00:00"),
            ("customer", "tags", json!(["7", "8"]), "7, 8"),
            ("package", "hidden_pages", json!(["customer"]), "customer"),
        ] {
            let told = text(noun, field, value.clone());
            let word =
                if noun == "package" { words::of("zh").word("package.hidden_pages.customer") } else { expected.into() };
            assert_eq!(told, word, "{noun} {field} {value}");
        }
    }
}
