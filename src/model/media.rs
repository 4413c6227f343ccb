//! The sounds that an office brings along (MED rows): prompts and music.

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{File, Letters, Name, Number, Text},
    model::{Action, appears, shown, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Media {
    pub name: Name<64>,
    #[serde(rename = "type")]
    pub kind: MediaType,
    /// The sound as calls play it: WAV, mono, 16 bit, 8 kHz (MED reading).
    pub file: File,
    /// It only sorts music (MED-15 reading).
    #[serde(default)]
    pub category: Letters<32>,
    #[serde(default)]
    pub description: Text<500>,
    /// What the uploaded file was: `wav` or `mp3`.
    #[serde(default)]
    pub extension: Text<10>,
    /// How long it is, seconds.
    #[serde(default = "nothing")]
    pub duration: Number<0, 3_600>,
    /// Bytes as it was uploaded.
    #[serde(default = "nothing_yet")]
    pub size: Number<0, 20_971_520>,
}

fn nothing() -> Number<0, 3_600> {
    Number::literal(0)
}

fn nothing_yet() -> Number<0, 20_971_520> {
    Number::literal(0)
}

/// What it is for (MED-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum MediaType {
    Voice,
    HoldMusic,
}

impl Model for Media {
    const NAME: &'static str = "media";
    const PATH: &'static str = "media";
    const MENU: Menu = Menu::Numbers;
    const SEARCH: &'static [&'static str] = &["name", "description"];
    const LIST: &'static [&'static str] = &["name", "type", "extension", "duration", "category", "size", "description"];
    const FILTERS: &'static [&'static str] = &["type"];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Download];
    const TABS: &'static [Tab] =
        &[tab("general", &["name", "type", "file", "category", "description", "extension", "duration", "size"])];
    const RULES: &'static [Rule] = &[
        unique("name"),
        appears("category", "type", &["hold_music"]),
        shown("extension"),
        shown("duration"),
        shown("size"),
    ];
}
