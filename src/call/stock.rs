//! The bound pairs of ports that legs take.

use crate::audio::order::Slot;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stock {
    decks: BTreeMap<u8, VecDeque<Slot>>,
}

impl Stock {
    pub fn put(&mut self, slots: Vec<Slot>) {
        for slot in slots {
            self.decks.entry(slot.deck).or_default().push_back(slot);
        }
    }

    pub fn left(&self) -> usize {
        self.decks.values().map(VecDeque::len).sum()
    }

    /// The longest unused one of this deck, so that all legs of a party are on one; else of the fullest.
    pub fn take(&mut self, deck: Option<u8>) -> Option<Slot> {
        let wished = deck.filter(|deck| self.decks.get(deck).is_some_and(|slots| !slots.is_empty()));
        let deck = wished.or_else(|| self.decks.iter().max_by_key(|(_, slots)| slots.len()).map(|(deck, _)| *deck))?;
        self.decks.get_mut(&deck)?.pop_front()
    }
}
