//! One of a closed list; the schema names the list, the panel its labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

// A choice is an enum of plain variants without docs on them, so that its schema is one `enum`.

/// Whether it acts (AGT-24, ACC-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Status {
    #[default]
    Enabled,
    Disabled,
}

/// A language of the panel and of phones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Language {
    #[default]
    Zh,
    Ja,
    En,
}

impl Language {
    /// As it is written in settings and in names of phrases.
    pub fn word(self) -> &'static str {
        match self {
            Language::Zh => "zh",
            Language::Ja => "ja",
            Language::En => "en",
        }
    }
}

/// What waits until somebody who may has said yes (BLK-18, DNC-18, POP-17); only `enabled` has effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Approval {
    #[default]
    Enabled,
    Disabled,
    Pending,
}
