//! What rows of a table are found by: indexes and searched fields, as data, for an office can add to them.

use super::Rule;
use serde_json::Value;
use std::borrow::Cow;

pub type Word = Cow<'static, str>;

/// A field that every row of a table has beside its own, to be found by: who made it, as `Actor::word` says.
pub const MADE_BY: &str = "created_by";

/// The index over fields that hold attachments, by which a file is known to be in use.
pub const FILES: &str = "files";

/// All that rows are found by: those of one noun, or of one part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    pub indexes: Vec<Index>,
    /// Fields in which the search box looks (LST-4).
    pub searched: Vec<Word>,
}

/// How rows are found by one field or by several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Unique within the noun.
    pub name: Word,
    /// Fields by name; what stands under `custom` is written `custom.name`.
    pub fields: Vec<Word>,
    pub entry: Entry,
    /// The indexes in which no other row may have the same; none: it need not be unique.
    pub unique: Vec<Word>,
    /// The field by which the office asks for that, where it is asked.
    pub because: &'static str,
}

/// What of a row stands in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Each value of its fields; lists are narrowed by it and rows counted.
    Filter,
    /// Each value of its fields, to be looked up.
    Value,
    /// The one value of its field, also when empty; lists are sorted by it.
    Sort,
    /// The values of all its fields together, unless all are empty.
    Joined,
}

impl Index {
    pub fn new(entry: Entry, field: impl Into<Word>) -> Index {
        let field = field.into();
        Index { name: field.clone(), fields: vec![field], entry, unique: Vec::new(), because: "" }
    }

    pub fn named(mut self, name: impl Into<Word>) -> Index {
        self.name = name.into();
        self
    }

    pub fn because(mut self, field: &'static str) -> Index {
        self.because = field;
        self
    }

    /// No other row may have the same here.
    pub fn unique(mut self) -> Index {
        self.unique = vec![self.name.clone()];
        self
    }
}

impl Finding {
    /// What a declaration says by itself: filters, sorted columns, unique fields.
    pub fn declared(
        filters: &[&'static str],
        sorts: &[&'static str],
        search: &[&'static str],
        rules: &[Rule],
    ) -> Finding {
        let unique = |field: &str| rules.iter().any(|rule| matches!(rule, Rule::Unique { field: f } if *f == field));
        let with_rule = |index: Index| if unique(&index.name) { index.unique() } else { index };
        let sorted = sorts.iter().map(|field| with_rule(Index::new(Entry::Sort, *field)));
        let alone = rules.iter().filter(|rule| unique(rule.field()) && !sorts.contains(&rule.field()));
        let alone = alone.map(|rule| Index::new(Entry::Value, rule.field()).unique());
        let filters = filters.iter().map(|field| Index::new(Entry::Filter, *field).named(format!("{field}=")));
        Finding {
            indexes: filters.chain(sorted).chain(alone).collect(),
            searched: search.iter().map(|field| Word::from(*field)).collect(),
        }
    }
}

/// The value that a field's name leads to; null if there is none.
pub fn at<'v>(value: &'v Value, field: &str) -> &'v Value {
    match field.split_once('.') {
        Some((outer, inner)) => &value[outer][inner],
        None => &value[field],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::model::unique;

    #[test]
    fn a_declaration_says_what_rows_are_found_by() {
        let found = Finding::declared(&["tags"], &["name"], &["name", "phone"], &[unique("name"), unique("code")]);
        let names: Vec<_> = found.indexes.iter().map(|index| (&*index.name, index.entry, index.unique.len())).collect();
        let expected = [("tags=", Entry::Filter, 0), ("name", Entry::Sort, 1), ("code", Entry::Value, 1)];
        assert_eq!(names, expected);
        assert_eq!(found.searched, ["name", "phone"]);
    }
}
