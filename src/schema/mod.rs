//! What a declaration means: kinds of fields, checks, and the snapshot that calls read.
//!
//! A noun is a plain struct whose field types are kinds (`kind`). `model` says what stands beside the struct,
//! `resource` makes it a value that lists, forms, the store and tests can loop over, `check` holds typed-in JSON
//! against its schema, and `tenant` is what calls read.

pub mod check;
pub mod envelope;
pub mod kind;
pub mod model;
pub mod refusal;
pub mod resource;
pub mod tenant;

pub use envelope::{Actor, Id};
pub use model::{Held, Menu, Model, Rule, Tab};
pub use refusal::{Refusal, Refusals, Why};
pub use resource::Resource;
pub use tenant::{Row, Table, Tenant};
