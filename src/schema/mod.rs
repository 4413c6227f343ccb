//! What a declaration means: kinds of fields, checks, and the snapshot that calls read.
//!
//! A noun is a plain struct whose field types are kinds (`kind`). `model` says what stands beside the struct,
//! `resource` makes it a value that lists, forms, the store and tests can loop over, `check` holds typed-in JSON
//! against its schema, `rule` what is saved against the other rows, `tenant` is what calls read, and `access` is who may do, see and reach what (`permission` has the
//! closed lists).

pub mod access;
pub mod as_json;
pub mod barred;
pub mod bound;
pub mod card;
pub mod check;
pub mod csv;
pub mod envelope;
pub mod import;
pub mod index;
pub mod kind;
pub mod layout;
pub mod links;
pub mod locations;
pub mod model;
pub mod permission;
pub mod places;
pub mod refusal;
pub mod resource;
pub mod rule;
pub mod table;
pub mod tenant;

pub use access::Access;
pub use bound::{Bound, Bounds};
pub use envelope::{Actor, Id};
pub use import::Import;
pub use model::{Action, Approval, Asked, Count, Held, Menu, Model, Tab};
pub use refusal::{Refusal, Refusals, Why};
pub use resource::Resource;
pub use rule::Rule;
pub use table::{Row, Table};
pub use tenant::Tenant;
