//! A menu that a caller answers with keys (IVR rows).

use super::Media;
use crate::schema::{
    Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Destination, InternalNumber, Keys, Link, List, Name, Number, NumberPrefix, Ref, Seconds, Switch, Text},
    model::{dialed, free_number, only, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ivr {
    pub name: Name<64>,
    #[serde(default)]
    pub internal_number: Option<InternalNumber>,
    /// Played in this order.
    #[serde(default)]
    pub prompts: List<Prompt, 0, 30>,
    /// How often the prompts are played again; 0: they are played once.
    #[serde(default = "twice")]
    pub repeat_count: Number<0, 99>,
    /// How long the menu waits for a key after the prompts.
    #[serde(default = "five")]
    pub input_timeout: Seconds<1, 60>,
    /// Whether an agent's number can be keyed in.
    #[serde(default)]
    pub direct_dial: Switch,
    #[serde(default)]
    pub caller_prefix_enabled: Switch,
    #[serde(default)]
    pub caller_number_prefix: NumberPrefix,
    #[serde(default)]
    pub caller_name_prefix: Text<20>,

    #[serde(default = "one")]
    pub start_delay: Seconds<0, 30>,
    /// The longest pause between two keys.
    #[serde(default = "three")]
    pub digit_timeout: Seconds<1, 30>,
    /// 0: no limit.
    #[serde(default = "no_limit")]
    pub max_input_length: Number<0, 32>,
    /// Played before a repeat.
    #[serde(default)]
    pub timeout_prompt: Option<Ref<Media>>,
    /// None: hang up.
    #[serde(default)]
    pub timeout_destination: Option<Destination>,
    #[serde(default)]
    pub invalid_prompt: Option<Ref<Media>>,
    /// None: hang up.
    #[serde(default)]
    pub invalid_destination: Option<Destination>,
    /// An outside service that is asked what to do with the input; it works only where the upstream allows it.
    #[serde(default)]
    pub match_plugin: Option<Link<500>>,

    #[serde(default)]
    pub keys: List<Key, 0, 100>,
}

/// A voice file and the silence after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-kind" = "row"))]
pub struct Prompt {
    pub media: Ref<Media>,
    #[serde(default = "none")]
    pub gap: Seconds<0, 60>,
}

/// What the caller keys in and where that leads; nowhere: hang up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-kind" = "row"))]
pub struct Key {
    pub input: Keys<1, 32>,
    #[serde(default)]
    pub destination: Option<Destination>,
}

fn twice() -> Number<0, 99> {
    Number::literal(2)
}

fn five() -> Seconds<1, 60> {
    Seconds::literal(5)
}

fn one() -> Seconds<0, 30> {
    Seconds::literal(1)
}

fn three() -> Seconds<1, 30> {
    Seconds::literal(3)
}

fn no_limit() -> Number<0, 32> {
    Number::literal(0)
}

fn none() -> Seconds<0, 60> {
    Seconds::literal(0)
}

impl Model for Ivr {
    const NAME: &'static str = "ivr";
    const PATH: &'static str = "ivr";
    const MENU: Menu = Menu::Routing;
    const SEARCH: &'static [&'static str] = &["name"];
    const LIST: &'static [&'static str] = &[
        "name",
        "internal_number",
        "repeat_count",
        "match_plugin",
        "start_delay",
        "digit_timeout",
        "max_input_length",
        "direct_dial",
        "caller_prefix_enabled",
        "caller_number_prefix",
        "caller_name_prefix",
    ];
    const TABS: &'static [Tab] = &[
        tab(
            "general",
            &[
                "name",
                "internal_number",
                "prompts",
                "repeat_count",
                "input_timeout",
                "direct_dial",
                "caller_prefix_enabled",
                "caller_number_prefix",
                "caller_name_prefix",
            ],
        ),
        tab(
            "advanced",
            &[
                "start_delay",
                "digit_timeout",
                "max_input_length",
                "timeout_prompt",
                "timeout_destination",
                "invalid_prompt",
                "invalid_destination",
                "match_plugin",
            ],
        ),
        tab("destinations", &["keys"]),
    ];
    const RULES: &'static [Rule] = &[
        unique("name"),
        free_number("internal_number"),
        dialed("internal_number", 0),
        only("prompts", "type", &["voice"]),
        only("timeout_prompt", "type", &["voice"]),
        only("invalid_prompt", "type", &["voice"]),
    ];

    fn check(&self, _: &Tenant, refusals: &mut Refusals) {
        let longest = self.max_input_length.value() as usize;
        let mut known = BTreeSet::new();
        for (place, key) in self.keys.iter().enumerate() {
            if longest > 0 && key.input.len() > longest {
                refusals.add(&format!("keys.{place}.input"), Why::TooLong { max: longest as u64 });
            } else if !known.insert(&*key.input) {
                refusals.add(&format!("keys.{place}.input"), Why::Repeated);
            }
        }
    }
}
