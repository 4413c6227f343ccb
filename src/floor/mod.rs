//! Who works.
