//! What a declaration means: kinds of fields, checks, and the snapshot that calls read.
//!
//! A noun is a plain struct whose field types are kinds (`kind`). `model` says what stands beside the struct,
//! `resource` makes it a value that lists, forms, the store and tests can loop over, `check` holds typed-in JSON
//! against its schema, `tenant` is what calls read, and `access` is who may do, see and reach what (`permission` has the
//! closed lists).

pub mod access;
pub mod check;
pub mod envelope;
pub mod kind;
pub mod model;
pub mod permission;
pub mod refusal;
pub mod resource;
pub mod tenant;

pub use access::Access;
pub use envelope::{Actor, Id};
pub use model::{Action, Count, Held, Menu, Model, Rule, Tab};
pub use refusal::{Refusal, Refusals, Why};
pub use resource::Resource;
pub use tenant::{Row, Table, Tenant};
