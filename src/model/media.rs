//! The sounds that an office brings along (MED rows): prompts and music.

use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{File, Letters, Name, Number, Text},
    model::{Action, appears, from_file, numbered, settled, shown, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Media {
    pub name: Name<64>,
    #[serde(default = "nothing")]
    pub number: Number<0, 4_294_967_295>,
    #[serde(rename = "type")]
    pub kind: MediaType,
    /// The sound as calls play it: WAV, mono, 16 bit, 8 kHz (MED reading).
    #[schemars(extend("x-accept" = [".wav", ".mp3"], "x-bytes" = 20_971_520, "x-type" = "audio/wav"))]
    pub file: File,
    /// It only sorts music (MED-15 reading).
    #[serde(default)]
    pub category: Letters<32>,
    #[serde(default)]
    pub description: Text<500>,
    /// What the uploaded file was: `wav` or `mp3`.
    #[serde(default)]
    pub extension: Text<10>,
    /// Whole seconds, at least one.
    #[serde(default = "nothing")]
    #[schemars(extend("x-unit" = "length"))]
    pub duration: Number<0, 4_294_967_295>,
    /// As it was uploaded.
    #[serde(default = "nothing")]
    #[schemars(extend("x-unit" = "bytes"))]
    pub size: Number<0, 4_294_967_295>,
}

fn nothing() -> Number<0, 4_294_967_295> {
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
    const LIST: &'static [&'static str] =
        &["name", "number", "type", "extension", "duration", "category", "size", "description"];
    const FILTERS: &'static [&'static str] = &["type"];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Download];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &["number", "name", "type", "file", "category", "description", "extension", "duration", "size"],
    )];
    const RULES: &'static [Rule] = &[
        unique("name"),
        settled("type"),
        appears("category", "type", &["hold_music"]),
        shown("number"),
        numbered("number"),
        shown("extension"),
        from_file("extension", "file"),
        shown("duration"),
        from_file("duration", "file"),
        shown("size"),
        from_file("size", "file"),
    ];
}
