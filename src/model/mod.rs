//! What is wanted: every noun of the panel, declared once.

pub mod account;
pub mod agent;
pub mod agent_group;
pub mod api_access;
pub mod blacklist;
pub mod call_result;
pub mod caller_id;
pub mod campaign;
pub mod company;
pub mod condition;
pub mod custom_field;
pub mod customer;
pub mod customer_form;
pub mod data_source;
pub mod department;
pub mod dictionary;
pub mod dictionary_entry;
pub mod did;
pub mod dnc;
pub mod feature_code;
pub mod fraud_limit;
pub mod holiday;
pub mod inbound_route;
pub mod ivr;
pub mod limit;
pub mod media;
pub mod numbering;
pub mod numbering_plan;
pub mod outbound_profile;
pub mod package;
pub mod pause_reason;
pub mod person;
pub mod phone_template;
pub mod playlist;
pub mod popup_alert;
pub mod preferences;
pub mod region;
pub mod ring_group;
pub mod role;
pub mod settings;
pub mod stage;
pub mod tag;
pub mod trunk;

pub use account::Account;
pub use agent::Agent;
pub use agent_group::AgentGroup;
pub use api_access::ApiAccess;
pub use blacklist::Blacklist;
pub use call_result::CallResult;
pub use caller_id::CallerId;
pub use campaign::Campaign;
pub use company::Company;
pub use condition::Condition;
pub use custom_field::CustomField;
pub use customer::Customer;
pub use customer_form::CustomerForm;
pub use data_source::DataSource;
pub use department::Department;
pub use dictionary::Dictionary;
pub use dictionary_entry::DictionaryEntry;
pub use did::Did;
pub use dnc::Dnc;
pub use feature_code::FeatureCodes;
pub use fraud_limit::FraudLimits;
pub use holiday::Holiday;
pub use inbound_route::InboundRoute;
pub use ivr::Ivr;
pub use limit::Limits;
pub use media::Media;
pub use numbering_plan::NumberingPlan;
pub use outbound_profile::OutboundProfile;
pub use package::Package;
pub use pause_reason::PauseReason;
pub use person::Person;
pub use phone_template::PhoneTemplate;
pub use playlist::Playlist;
pub use popup_alert::PopupAlert;
pub use preferences::Preferences;
pub use region::Region;
pub use ring_group::RingGroup;
pub use role::Role;
pub use settings::Settings;
pub use stage::Stage;
pub use tag::Tag;
pub use trunk::Trunk;

use crate::schema::Resource;
use std::sync::LazyLock;

/// Every noun, in the order of the menu.
pub static RESOURCES: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    vec![
        Resource::of::<Agent>(),
        Resource::of::<AgentGroup>(),
        Resource::of::<Department>(),
        Resource::of::<Account>(),
        Resource::of::<Role>(),
        Resource::of::<Customer>(),
        Resource::of::<Tag>(),
        Resource::of::<DataSource>(),
        Resource::of::<Dictionary>(),
        Resource::of::<DictionaryEntry>(),
        Resource::of::<CustomField>(),
        Resource::of::<CustomerForm>(),
        Resource::of::<Package>(),
        Resource::of::<PopupAlert>(),
        Resource::of::<Campaign>(),
        Resource::of::<CallResult>(),
        Resource::of::<InboundRoute>(),
        Resource::of::<Ivr>(),
        Resource::of::<Playlist>(),
        Resource::of::<RingGroup>(),
        Resource::of::<Condition>(),
        Resource::of::<Blacklist>(),
        Resource::of::<Dnc>(),
        Resource::of::<FeatureCodes>(),
        Resource::of::<PauseReason>(),
        Resource::of::<PhoneTemplate>(),
        Resource::of::<Did>(),
        Resource::of::<CallerId>(),
        Resource::of::<Media>(),
        Resource::of::<Trunk>(),
        Resource::of::<OutboundProfile>(),
        Resource::of::<FraudLimits>(),
        Resource::of::<Limits>(),
        Resource::of::<NumberingPlan>(),
        Resource::of::<Region>(),
        Resource::of::<Holiday>(),
        Resource::of::<Preferences>(),
        Resource::of::<Stage>(),
        Resource::of::<ApiAccess>(),
        Resource::of::<Company>(),
        Resource::of::<Settings>(),
    ]
});

/// The noun of this name (`agent`) or path (`agents`).
pub fn resource(word: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.name == word || resource.path == word)
}
