//! What stands behind the question mark of a list: search, part, dates.

use super::{Panel, refused::Refused, site::Asker};
use crate::{
    store::{PAGE_MAX, Page},
    time::Timestamp,
};
use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// LST-9
const PAGE_OF_PAGES: usize = 20;
/// API-47
const PAGE_OF_PROGRAMS: usize = 100;

/// The words of a query, each once; an empty one says nothing.
pub struct Query(BTreeMap<String, String>);

impl FromRequestParts<Arc<Panel>> for Query {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, panel: &Arc<Panel>) -> Result<Query, Refused> {
        let words = axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, panel).await;
        let axum::extract::Query(words) = words.map_err(|_| Refused::new(422, "invalid", "The query is not valid."))?;
        Ok(Query(words.into_iter().filter(|(_, text)| !text.is_empty()).collect()))
    }
}

impl Query {
    /// Of words that came by another way.
    pub fn of(words: impl IntoIterator<Item = (String, String)>) -> Query {
        Query(words.into_iter().filter(|(_, text)| !text.is_empty()).collect())
    }

    /// API-21 and typing errors: what is not known is refused, not passed over.
    pub fn only(&self, known: &[&str]) -> Result<(), Refused> {
        let unknown = self.0.keys().find(|word| !known.contains(&word.as_str()));
        unknown.map_or(Ok(()), |word| Err(Refused::invalid(word, json!({ "why": "unknown" }))))
    }

    pub fn text(&self, word: &str) -> Option<&str> {
        self.0.get(word).map(String::as_str)
    }

    pub fn limit(&self, asker: &Asker) -> Result<usize, Refused> {
        let usual = if asker.is_program() { PAGE_OF_PROGRAMS } else { PAGE_OF_PAGES };
        let Some(text) = self.text("limit") else { return Ok(usual) };
        let limit = text.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
        limit.ok_or_else(|| Refused::invalid("limit", json!({ "why": "out_of_range", "min": 1, "max": PAGE_MAX })))
    }

    /// RFC 3339 (API-48).
    pub fn moment(&self, word: &str) -> Result<Option<Timestamp>, Refused> {
        let wrong = |_| Refused::invalid(word, json!({ "why": "pattern" }));
        self.text(word).map(|text| text.parse().map_err(wrong)).transpose()
    }
}

/// Programs are not told how many there are (API-47).
pub fn page<T: Serialize>(asker: &Asker, page: Page<T>) -> Value {
    let mut told = json!({ "items": page.items, "next": page.next });
    if !asker.is_program() {
        told["total"] = page.total.into();
    }
    told
}
