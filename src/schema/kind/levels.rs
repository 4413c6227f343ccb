//! Values in levels, such as provinces and their cities, and the choice of one of them.

use crate::schema::Why;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeSet, ops::Deref};

/// What the office enters: the tree.
pub const TREE: &str = "levels";
/// What a form chooses: the values from the top down.
pub const PATH: &str = "linked";

const DEPTH_MAX: usize = 5;
const VALUES_MAX: usize = 5_000;
const CHARACTERS_MAX: u64 = 80;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    pub value: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<Level>,
}

/// At most 5 levels and 5,000 values; those below one value differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Levels(Vec<Level>);

impl Levels {
    pub fn new(levels: Vec<Level>) -> Result<Levels, Why> {
        let levels = trimmed(levels);
        let mut left = VALUES_MAX;
        checked(&levels, DEPTH_MAX, &mut left)?;
        Ok(Levels(levels))
    }
}

impl Deref for Levels {
    type Target = [Level];
    fn deref(&self) -> &[Level] {
        &self.0
    }
}

fn trimmed(levels: Vec<Level>) -> Vec<Level> {
    levels.into_iter().map(|level| Level { value: level.value.trim().into(), below: trimmed(level.below) }).collect()
}

fn checked(levels: &[Level], depth: usize, left: &mut usize) -> Result<(), Why> {
    if levels.is_empty() {
        return Ok(());
    }
    if depth == 0 {
        return Err(Why::TooMany { max: DEPTH_MAX as u64 });
    }
    let mut seen = BTreeSet::new();
    for level in levels {
        *left = left.checked_sub(1).ok_or(Why::TooMany { max: VALUES_MAX as u64 })?;
        super::line::checked(&level.value, 1, CHARACTERS_MAX, super::line::writing)?;
        if !seen.insert(level.value.to_lowercase()) {
            return Err(Why::Repeated);
        }
        checked(&level.below, depth - 1, left)?;
    }
    Ok(())
}

/// Holds a tree as it was typed against the rules.
pub fn check_tree(value: &Value) -> Result<(), Why> {
    let levels: Vec<Level> = serde_json::from_value(value.clone()).map_err(|_| Why::Type)?;
    Levels::new(levels).map(drop)
}

/// Holds a choice against the tree in its schema: each value stands below the one before; it may end early.
pub fn check_path(schema: &Value, path: &[Value]) -> Result<(), Why> {
    let mut levels = &schema["x-levels"];
    for chosen in path {
        let chosen = chosen.as_str().ok_or(Why::Type)?.trim();
        let found = levels.as_array().into_iter().flatten().find(|level| level["value"] == chosen);
        levels = &found.ok_or(Why::Choice)?["below"];
    }
    Ok(())
}

/// The schema of a choice from a tree.
pub fn of_choice(levels: &Levels) -> Value {
    json!({
        "type": "array", "maxItems": DEPTH_MAX, "items": { "type": "string" },
        "x-kind": PATH, "x-levels": levels
    })
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Levels::new(Vec::deserialize(from)?).map_err(|why| D::Error::custom(why.sentence()))
    }
}

impl JsonSchema for Levels {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        TREE.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "maxItems": VALUES_MAX, "x-kind": TREE, "x-depth": DEPTH_MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Value {
        json!([{ "value": "广东", "below": [{ "value": "广州" }, { "value": "深圳" }] }, { "value": "北京" }])
    }

    /// FLD-22
    #[test]
    fn a_value_stands_below_the_one_before() {
        let levels: Levels = serde_json::from_value(tree()).unwrap();
        let schema = of_choice(&levels);
        let chosen = |path: Value| check_path(&schema, path.as_array().unwrap());
        for good in [json!(["广东"]), json!(["广东", "深圳"]), json!(["北京"]), json!([])] {
            assert_eq!(chosen(good), Ok(()));
        }
        assert_eq!(chosen(json!(["北京", "深圳"])), Err(Why::Choice));
        assert_eq!(chosen(json!(["深圳"])), Err(Why::Choice));
        assert_eq!(chosen(json!([7])), Err(Why::Type));
    }

    #[test]
    fn a_tree_is_bounded() {
        assert_eq!(check_tree(&tree()), Ok(()));
        let deep = (0..5).fold(json!([{ "value": "x" }]), |below, _| json!([{ "value": "x", "below": below }]));
        assert_eq!(check_tree(&deep), Err(Why::TooMany { max: 5 }));
        assert_eq!(check_tree(&json!([{ "value": "a" }, { "value": "A " }])), Err(Why::Repeated));
        assert_eq!(check_tree(&json!([{ "value": " " }])), Err(Why::Required));
        assert_eq!(check_tree(&json!(["a"])), Err(Why::Type));
    }
}
