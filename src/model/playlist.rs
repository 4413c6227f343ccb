//! Voice files played one after another, and where the call goes then (PLY rows).

use super::Media;
use crate::schema::{
    Menu, Model, Rule, Tab,
    kind::{Destination, List, Name, Ref, Switch},
    model::{only, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Playlist {
    pub name: Name<64>,
    /// Played in this order; a file may stand here more than once.
    pub media: List<Ref<Media>, 1, 100>,
    /// Any key ends the whole playlist.
    #[serde(default)]
    pub skip_on_key: Switch,
    /// None: hang up.
    #[serde(default)]
    pub destination: Option<Destination>,
}

impl Model for Playlist {
    const NAME: &'static str = "playlist";
    const PATH: &'static str = "playlists";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &["name", "skip_on_key"];
    const TABS: &'static [Tab] = &[tab("general", &["name", "media", "skip_on_key", "destination"])];
    const RULES: &'static [Rule] = &[unique("name"), only("media", "type", &["voice"])];
}
