//! The kinds of fields: each refuses bad values when parsed and says in its schema how it is edited.
//!
//! A schema carries `x-kind` (the editor in `web/kind`), its limits, and `x-kept`: `sealed` for what the box must
//! read but nobody is shown (BOX-57), `hashed` for what it only compares. Of a secret with `x-tail` so many characters
//! at its end are shown, and empty is none rather than the one that is kept; one with `x-made` the box makes, so many
//! characters long, when it is asked to.

pub mod agent_number;
pub mod api_key;
pub mod attachment;
pub mod choice;
pub mod chosen;
pub mod code_word;
pub mod color;
pub mod country;
pub mod currency;
pub mod custom;
pub mod date;
pub mod decimal;
pub mod destination;
pub mod dialable;
pub mod digits;
pub mod email;
pub mod external_address;
pub mod feature_code;
pub mod field_name;
pub mod file;
pub mod hidden_fields;
pub mod host;
pub mod host_port;
pub mod internal_number;
pub mod keys;
pub mod lettered;
pub mod letters;
pub mod levels;
pub mod line;
pub mod lines;
pub mod link;
pub mod list;
pub mod mac;
pub mod moment;
pub mod name;
pub mod network;
pub mod number;
pub mod number_prefix;
pub mod password;
pub mod period;
pub mod person;
pub mod phone;
pub mod phone_line;
pub mod pin;
pub mod realm;
pub mod reference;
pub mod regex;
pub mod scopes;
pub mod seconds;
pub mod secret;
pub mod storage_name;
pub mod switch;
pub mod template;
pub mod text;
pub mod time_of_day;
pub mod time_zone;
pub mod username;
pub mod written_time;

pub use agent_number::AgentNumber;
pub use api_key::ApiKey;
pub use choice::{Approval, Language, Status};
pub use chosen::{FormTabs, Permissions};
pub use code_word::CodeWord;
pub use color::Color;
pub use country::Country;
pub use currency::Currency;
pub use custom::Custom;
pub use date::Date;
pub use decimal::Decimal;
pub use destination::Destination;
pub use dialable::Dialable;
pub use digits::Digits;
pub use email::Email;
pub use external_address::ExternalAddress;
pub use feature_code::FeatureCode;
pub use field_name::FieldName;
pub use file::File;
pub use hidden_fields::HiddenFields;
pub use host::Host;
pub use host_port::HostPort;
pub use internal_number::InternalNumber;
pub use keys::Keys;
pub use lettered::Lettered;
pub use letters::Letters;
pub use levels::Levels;
pub use line::Line;
pub use lines::Lines;
pub use link::Link;
pub use list::List;
pub use mac::Mac;
pub use moment::Moment;
pub use name::Name;
pub use network::Network;
pub use number::Number;
pub use number_prefix::NumberPrefix;
pub use password::Password;
pub use period::Period;
pub use person::Person;
pub use phone::Phone;
pub use phone_line::PhoneLine;
pub use pin::Pin;
pub use realm::Realm;
pub use reference::Ref;
pub use regex::Regex;
pub use scopes::{Scope, Scopes};
pub use seconds::Seconds;
pub use secret::Secret;
pub use storage_name::StorageName;
pub use switch::Switch;
pub use template::Template;
pub use text::Text;
pub use time_of_day::TimeOfDay;
pub use time_zone::TimeZone;
pub use username::Username;
pub use written_time::{QuickTime, RedialTime};

use line::Shape;
use serde_json::Value;

/// What a line of text of this kind is, its length apart. `None`: no kind of line.
pub fn shape(kind: &str) -> Option<Shape> {
    Some(match kind {
        "name" => Shape::of::<name::Named<0>>(),
        "text" => Shape::of::<text::Free<0>>(),
        "lines" => Shape::of::<lines::Several<0, 0>>(),
        "internal_number" => Shape::of::<internal_number::Internal>(),
        "username" => Shape::of::<username::SignIn>(),
        "secret" => Shape::of::<secret::Hidden<0, 0>>(),
        "pin" => Shape::of::<pin::Digits<0, 0>>(),
        "realm" => Shape::of::<realm::Challenge>(),
        "time_zone" => Shape::of::<time_zone::Zone>(),
        "external_address" => Shape::of::<external_address::Outside>(),
        "network" => Shape::of::<network::Range>(),
        "phone" => Shape::of::<phone::Telephone>(),
        "dialable" => Shape::of::<dialable::Dialed>(),
        "digits" => Shape::of::<digits::Keyed<0, 0>>(),
        "email" => Shape::of::<email::Mailbox>(),
        "link" => Shape::of::<link::Address<0>>(),
        "color" => Shape::of::<color::Rgb>(),
        "agent_number" => Shape::of::<agent_number::OfAgents>(),
        "date" => Shape::of::<date::Day>(),
        "decimal" => Shape::of::<decimal::Point>(),
        "field_name" => Shape::of::<field_name::OfCustomers>(),
        "moment" => Shape::of::<moment::When>(),
        "storage_name" => Shape::of::<storage_name::Stored>(),
        "keys" => Shape::of::<keys::Pressed<0, 0>>(),
        "number_prefix" => Shape::of::<number_prefix::Before>(),
        "letters" => Shape::of::<letters::Latin<0>>(),
        "feature_code" => Shape::of::<feature_code::Keyed>(),
        "period" => Shape::of::<period::Inside>(),
        "regex" => Shape::of::<regex::Expression>(),
        "country" => Shape::of::<country::TwoLetters>(),
        "phone_line" => Shape::of::<phone_line::Published>(),
        "lettered" => Shape::of::<lettered::Official<0>>(),
        "currency" => Shape::of::<currency::ThreeLetters>(),
        "mac" => Shape::of::<mac::Hardware>(),
        "time_of_day" => Shape::of::<time_of_day::Clock>(),
        "phone_template" => Shape::of::<template::Marked<template::Phone, 0, 0>>(),
        "host_port" => Shape::of::<host_port::Way>(),
        "host" => Shape::of::<host::Machine>(),
        "file" => Shape::of::<file::Kept>(),
        "attachment" => Shape::of::<attachment::Attached>(),
        "code_word" => Shape::of::<code_word::Plain<0>>(),
        "quick_time" => Shape::of::<written_time::Quick>(),
        "redial_time" => Shape::of::<written_time::Redial>(),
        "ref" => Shape::of::<reference::Number>(),
        "hidden_fields" => Shape { meant: |text| text.into(), fits: hidden_fields::fits },
        "password" => Shape { meant: |text| text.into(), fits: password::fits },
        "api_key" => Shape { meant: |text| text.into(), fits: api_key::fits },
        _ => return None,
    })
}

/// What stands for a secret of this kind that has at least so many characters, where it must not be read.
pub fn blank(kind: &str, min: u64) -> String {
    let stands = match kind {
        "pin" => "0",
        "api_key" => "-",
        _ => "*",
    };
    stands.repeat(min.max(1) as usize)
}

/// What is kept of a secret of which the box keeps only a hash. None: no such kind, or its form is wrong.
pub fn hashed(kind: &str, typed: &str, salt: [u8; 16]) -> Option<Value> {
    match kind {
        "password" => serde_json::to_value(Password::typed(typed).ok()?.hashed(salt)).ok(),
        "api_key" => serde_json::to_value(ApiKey::typed(typed).ok()?.hashed(salt)).ok(),
        _ => None,
    }
}
