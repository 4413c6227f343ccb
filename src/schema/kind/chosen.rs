//! Any number of words of a closed list, kept as bits: permissions of a role, form tabs taken away from it.

use crate::schema::permission;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{borrow::Cow, fmt, marker::PhantomData, sync::LazyLock};

/// Words that a closed list may have at most.
const WORDS_MAX: usize = 256;
const BITS: usize = 64;

/// The list, in its order.
pub trait Words: 'static {
    const KIND: &'static str;
    fn words() -> &'static [String];
    /// Always among the chosen.
    fn is_given(_word: &str) -> bool {
        false
    }
}

/// In JSON the words, each once and in the order of the list.
pub struct Chosen<W> {
    bits: [u64; WORDS_MAX / BITS],
    list: PhantomData<fn() -> W>,
}

/// What a role grants (ROL-15); the default permissions are always there (ROL-16).
pub type Permissions = Chosen<PermissionWords>;
/// Form tabs that a role may not open (ROL-10).
pub type FormTabs = Chosen<TabWords>;

pub struct PermissionWords;

impl Words for PermissionWords {
    const KIND: &'static str = "permissions";
    fn words() -> &'static [String] {
        &permission::WORDS
    }
    fn is_given(word: &str) -> bool {
        word.split_once('.').is_some_and(|(noun, _)| noun == permission::DEFAULT)
    }
}

pub struct TabWords;

impl Words for TabWords {
    const KIND: &'static str = "form_tabs";
    fn words() -> &'static [String] {
        static WORDS: LazyLock<Vec<String>> =
            LazyLock::new(|| permission::TABS.iter().map(|tab| (*tab).to_string()).collect());
        &WORDS
    }
}

impl<W: Words> Chosen<W> {
    /// Every word of the list.
    pub fn all() -> Self {
        W::words().iter().fold(Self::default(), |all, word| all.with(word))
    }

    /// The same and this word, if the list has it.
    pub fn with(mut self, word: &str) -> Self {
        if let Some(at) = position::<W>(word) {
            self.bits[at / BITS] |= 1 << (at % BITS);
        }
        self
    }

    pub fn has(&self, word: &str) -> bool {
        position::<W>(word).is_some_and(|at| self.at(at))
    }

    /// In the order of the list.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        W::words().iter().enumerate().filter(|(at, _)| self.at(*at)).map(|(_, word)| word.as_str())
    }

    /// What both have.
    pub fn and(&self, other: &Self) -> Self {
        self.joined(other, |one, other| one & other)
    }

    /// What this has and the other lacks.
    pub fn without(&self, other: &Self) -> Self {
        self.joined(other, |one, other| one & !other)
    }

    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|bits| *bits == 0)
    }

    fn joined(&self, other: &Self, join: fn(u64, u64) -> u64) -> Self {
        Chosen { bits: std::array::from_fn(|at| join(self.bits[at], other.bits[at])), list: PhantomData }
    }

    fn at(&self, at: usize) -> bool {
        self.bits[at / BITS] >> (at % BITS) & 1 == 1
    }
}

fn position<W: Words>(word: &str) -> Option<usize> {
    W::words().iter().position(|known| known == word)
}

impl<W: Words> Default for Chosen<W> {
    fn default() -> Self {
        let none = Chosen { bits: [0; WORDS_MAX / BITS], list: PhantomData };
        W::words().iter().filter(|word| W::is_given(word)).fold(none, |given, word| given.with(word))
    }
}

impl<W> Clone for Chosen<W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for Chosen<W> {}

impl<W> PartialEq for Chosen<W> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<W> Eq for Chosen<W> {}

impl<W: Words> fmt::Debug for Chosen<W> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_set().entries(self.words()).finish()
    }
}

impl<W: Words> Serialize for Chosen<W> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.words())
    }
}

impl<'de, W: Words> Deserialize<'de> for Chosen<W> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words: Vec<String> = Vec::deserialize(from)?;
        match words.iter().find(|word| position::<W>(word).is_none()) {
            Some(word) => Err(D::Error::custom(format!("{word} is not on the list"))),
            None => Ok(words.iter().fold(Self::default(), |chosen, word| chosen.with(word))),
        }
    }
}

impl<W: Words> JsonSchema for Chosen<W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        W::KIND.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        assert!(W::words().len() <= WORDS_MAX, "{} has too many words", W::KIND);
        let given: Vec<&String> = W::words().iter().filter(|word| W::is_given(word)).collect();
        json_schema!({
            "type": "array",
            "items": { "type": "string", "enum": W::words() },
            "x-kind": W::KIND,
            "x-given": given
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// ROL-15, ROL-16: the default permissions cannot be switched off, and no other is there beforehand.
    #[test]
    fn a_new_role_has_the_default_permissions_alone() {
        let given: Permissions = serde_json::from_value(json!([])).unwrap();
        let default = ["sign_in", "profile", "dashboard", "statistics", "groups", "pause", "bulletins"];
        assert_eq!(json!(given), json!(default.map(|action| format!("panel.{action}"))));
        assert_eq!(given, Permissions::default());
        assert!(FormTabs::default().is_empty());
    }

    #[test]
    fn words_are_kept_once_and_in_the_order_of_the_list() {
        let tabs: FormTabs =
            serde_json::from_value(json!(["company.finance", "agent.advanced", "company.finance"])).unwrap();
        assert_eq!(json!(tabs), json!(["agent.advanced", "company.finance"]));
        assert!(serde_json::from_value::<FormTabs>(json!(["agent.general"])).is_err());
        assert!(serde_json::from_value::<Permissions>(json!(["agent.fly"])).is_err());
    }

    #[test]
    fn sets_are_joined_and_compared() {
        let (view, edit) =
            (Permissions::default().with("agent.view"), Permissions::default().with("agent.view").with("agent.edit"));
        assert_eq!(edit.without(&view).words().collect::<Vec<_>>(), ["agent.edit"]);
        assert!(view.without(&edit).is_empty());
        assert_eq!(edit.and(&view), view);
        assert_eq!(Permissions::all().words().count(), permission::WORDS.len());
        assert!(Permissions::all().has("upstream.edit") && !view.has("upstream.edit") && !view.has("surprise"));
    }
}
