//! What a declaration means: kinds of fields, checks, and the snapshot that calls read.

pub mod tenant;
