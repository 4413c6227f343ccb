//! Rows of all nouns by their names, for whoever jumps to one.

use super::Store;
use crate::{
    model::RESOURCES,
    schema::{Id, Resource},
};
use serde::Serialize;

/// Rows of one noun that are told, so that each noun has its say.
const OF_ONE_NOUN: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    pub noun: &'static str,
    pub path: &'static str,
    pub id: Id,
    pub name: String,
}

impl Store {
    /// At most `limit` rows whose name has the text, those first whose name begins with it.
    pub fn find(&self, text: &str, limit: usize, may: impl Fn(&Resource) -> bool) -> Vec<Target> {
        let text = text.trim().to_lowercase();
        let tenant = self.tenant();
        let mut found = Vec::new();
        for resource in RESOURCES.iter().filter(|resource| !text.is_empty() && resource.listed() && may(resource)) {
            let cards = tenant.rows_of(resource.name).into_iter().flat_map(|rows| rows.cards());
            let mut best: Vec<_> = cards
                .filter_map(|(envelope, card)| Some((rank(card.folded_name(), &text)?, card.name.len(), envelope.id)))
                .collect();
            best.sort_unstable();
            found.extend(best.into_iter().take(OF_ONE_NOUN).map(|(rank, _, id)| (rank, resource, id)));
        }
        found.sort_by_key(|(rank, _, _)| *rank);
        let target = |(_, resource, id): (u8, &'static Resource, Id)| {
            let name = tenant.name_of(resource.name, id).unwrap_or_default().into();
            Target { noun: resource.name, path: resource.path, id, name }
        };
        found.into_iter().take(limit).map(target).collect()
    }
}

/// The whole name, its beginning, the beginning of a word in it, somewhere in it.
fn rank(name: &str, text: &str) -> Option<u8> {
    if !name.contains(text) {
        return None;
    }
    let begins = |word: &str| word.starts_with(text);
    Some(match name {
        name if name == text => 0,
        name if begins(name) => 1,
        name if name.split(' ').any(begins) => 2,
        _ => 3,
    })
}
