//! The kinds of fields: each refuses bad values when parsed and says in its schema how it is edited.
//!
//! A schema carries `x-kind` (the editor in `web/kind`), its limits, and `x-kept`: `sealed` for what the box must
//! read but nobody is shown (BOX-57), `hashed` for what it only compares.

pub mod choice;
pub mod chosen;
pub mod external_address;
pub mod hidden_fields;
pub mod internal_number;
pub mod line;
pub mod list;
pub mod name;
pub mod network;
pub mod number;
pub mod password;
pub mod pin;
pub mod realm;
pub mod scopes;
pub mod seconds;
pub mod secret;
pub mod switch;
pub mod text;
pub mod time_zone;
pub mod username;

pub use choice::{Language, Status};
pub use chosen::{FormTabs, Permissions};
pub use external_address::ExternalAddress;
pub use hidden_fields::HiddenFields;
pub use internal_number::InternalNumber;
pub use line::Line;
pub use list::List;
pub use name::Name;
pub use network::Network;
pub use number::Number;
pub use password::Password;
pub use pin::Pin;
pub use realm::Realm;
pub use scopes::{Scope, Scopes};
pub use seconds::Seconds;
pub use secret::Secret;
pub use switch::Switch;
pub use text::Text;
pub use time_zone::TimeZone;
pub use username::Username;

/// Whether a line of text has a form its kind allows; its length is checked apart. `None`: no kind of line.
pub fn form(kind: &str) -> Option<fn(&str) -> bool> {
    Some(match kind {
        "name" => name::fits,
        "text" => text::fits,
        "internal_number" => internal_number::fits,
        "username" => username::fits,
        "secret" => secret::fits,
        "pin" => pin::fits,
        "password" => password::fits,
        "realm" => realm::fits,
        "time_zone" => time_zone::fits,
        "external_address" => external_address::fits,
        "network" => network::fits,
        "hidden_fields" => hidden_fields::fits,
        _ => return None,
    })
}
