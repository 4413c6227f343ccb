//! A field of customers, by its name; `custom.` stands before the name of one that the office added.

use super::{
    line::{Form, Line},
    storage_name,
};

/// Whether there is such a field is held where it is used, for each package has its own.
pub type FieldName = Line<OfCustomers>;

pub struct OfCustomers;

impl Form for OfCustomers {
    const KIND: &'static str = "field_name";
    const MIN: u64 = 1;
    const MAX: u64 = 80;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn fits(text: &str) -> bool {
    storage_name::fits(text.strip_prefix("custom.").unwrap_or(text))
}
