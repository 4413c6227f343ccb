//! Which call records somebody asks for: days, text, and what columns must say (CDR-3 to CDR-7).

use super::super::{Door, query::Query, refused::Refused, site::Asker};
use crate::{
    model::Preferences,
    schema::{Access, access::Reach},
    store::{RECORD_FILTERS, RecordQuery},
    time::Timestamp,
};
use jiff::{ToSpan, tz::TimeZone};
use serde_json::json;
use std::collections::BTreeSet;

/// CDR-5
const MONTHS: i64 = 6;

/// Refuses words that are neither these nor filters, and filters by columns that the asker does not see.
pub fn read(door: &Door, asker: &Asker, asked: &Query, others: &[&str]) -> Result<RecordQuery, Refused> {
    let filters = RECORD_FILTERS.iter().map(|(name, _)| *name);
    let known: Vec<&str> =
        others.iter().copied().chain(["search", "from", "to", "talk_from", "talk_to"]).chain(filters).collect();
    asked.only(&known)?;
    let said = RECORD_FILTERS.iter().filter_map(|(name, filter)| Some((*name, *filter, asked.text(name)?)));
    let mut filters = Vec::new();
    for (name, filter, text) in said {
        if !asker.access.sees_column(super::TABLE, super::ruling(name)) {
            return Err(Refused::invalid(name, json!({ "why": "choice" })));
        }
        filters.push((filter, text.to_owned()));
    }
    Ok(RecordQuery {
        agents: numbers(&asker.access),
        search: asked.text("search").unwrap_or_default().to_string(),
        from: asked.moment("from")?.max(earliest(door, asker)),
        to: asked.moment("to")?,
        filters,
        talk: (number(asked, "talk_from")?, number(asked, "talk_to")?),
        ..RecordQuery::default()
    })
}

fn number(asked: &Query, word: &str) -> Result<Option<u32>, Refused> {
    let wrong = |_| Refused::invalid(word, json!({ "why": "pattern" }));
    asked.text(word).map(|text| text.parse().map_err(wrong)).transpose()
}

/// Pages show what is not older; programs read all that is kept (API-48).
fn earliest(door: &Door, asker: &Asker) -> Option<Timestamp> {
    if asker.is_program() {
        return None;
    }
    let (now, tenant) = ((door.clock)().wall, door.store.tenant());
    let zone = TimeZone::get(&Preferences::of(&tenant).time_zone).unwrap_or(TimeZone::UTC);
    six_months_before(now, zone)
}

fn six_months_before(now: Timestamp, zone: TimeZone) -> Option<Timestamp> {
    let now = jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone);
    Some(Timestamp(now.checked_sub(MONTHS.months()).ok()?.timestamp().as_millisecond()))
}

/// Whose records are in reach (CDR-2); none: everybody's.
fn numbers(access: &Access) -> Option<BTreeSet<String>> {
    match access.reach(super::TABLE) {
        Reach::All => None,
        Reach::Agents(numbers) => Some(numbers.into_iter().map(String::from).collect()),
        // No account creates a call record.
        Reach::Created(_) | Reach::Nothing => Some(BTreeSet::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CDR-5
    #[test]
    fn six_months_are_months_of_the_calendar() {
        let before = |text: &str| six_months_before(text.parse().unwrap(), TimeZone::get("Asia/Shanghai").unwrap());
        assert_eq!(before("2026-08-31T16:30:00Z").unwrap().to_string(), "2026-02-28T16:30:00.000Z");
        assert_eq!(before("2026-08-30T16:30:00Z").unwrap().to_string(), "2026-02-27T16:30:00.000Z");
    }
}
