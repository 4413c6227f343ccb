//! What is wanted: every noun of the panel, declared once.

pub mod account;
pub mod agent;
pub mod person;
pub mod role;
pub mod settings;

pub use account::Account;
pub use agent::Agent;
pub use person::Person;
pub use role::Role;
pub use settings::Settings;

use crate::schema::Resource;

/// Every noun, in the order of the menu.
pub static RESOURCES: [Resource; 4] =
    [Resource::of::<Agent>(), Resource::of::<Account>(), Resource::of::<Role>(), Resource::of::<Settings>()];

/// The noun of this name (`agent`) or path (`agents`).
pub fn resource(word: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.name == word || resource.path == word)
}
