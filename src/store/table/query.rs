//! Lists of a table: which rows meet a question, how many there are, and a page of them.
//!
//! A narrow filter is looked up in its index, a text or several wide filters are searched in the blocks, and what no
//! index knows is found by reading rows. Whatever the way, the answer is the same (PKG-19).

use super::{
    block::{Read, Test},
    digits::Runs,
    fold::{digits, folded},
    key,
    layout::{self, Names, SLOTS, STATES, kept},
    plan::{Found, Plan, part, plain},
    state::{self, Progress},
    stream::{self, BlockTable, Course, IndexTable, Stream, Tail},
};
use crate::{
    schema::{
        Id, Resource, Tenant,
        index::{Entry, at},
    },
    store::{PAGE_MAX, Page, config::Kept, fault::Fault},
};
use redb::{ReadOnlyTable, ReadTransaction};
use serde_json::Value;
use std::collections::BTreeSet;

/// So many rows are looked at one by one; of more an index or a block is asked.
const FEW: u64 = 5_000;
/// Values of one filter that are looked up one by one.
const VALUES_FEW: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The parts that are listed; none: all.
    pub within: Option<Vec<Id>>,
    /// Stands in a searched field, letter case and outer spaces ignored; empty finds all (LST-4 to LST-6).
    pub search: String,
    /// Searched fields that the asker does not see.
    pub hidden: BTreeSet<String>,
    /// Searched fields that the asker does not see in some rows.
    pub masked: Option<Unsearched>,
    /// Fields and the values of which each row has one.
    pub filters: Vec<(String, BTreeSet<String>)>,
    pub sort: Sort,
    /// 1 to `PAGE_MAX`.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Rows that are passed over, behind the cursor.
    pub skip: usize,
}

/// Fields that are not searched in rows that have one of these values in `field`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsearched {
    pub fields: BTreeSet<String>,
    pub field: &'static str,
    pub values: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// None: when it was added.
    pub field: Option<String>,
    pub descending: bool,
}

impl Default for Sort {
    /// LST-8
    fn default() -> Sort {
        Sort { field: None, descending: true }
    }
}

/// One moment of one noun.
pub struct Reader<'t> {
    pub few: u64,
    resource: &'static Resource,
    tenant: &'t Tenant,
    rows: ReadOnlyTable<u64, &'static [u8]>,
    index: IndexTable,
    counts: ReadOnlyTable<&'static [u8], u64>,
    blocks: BlockTable,
    digits: BlockTable,
    slots: ReadOnlyTable<(&'static str, &'static str), u16>,
    states: ReadOnlyTable<(&'static str, u64, &'static str), &'static [u8]>,
}

/// How the rows of a question are found.
enum Way {
    All {
        total: u64,
    },
    /// All that stand under one of these terms.
    Under {
        terms: Vec<Vec<u8>>,
        total: u64,
    },
    /// These, in the order of their numbers.
    Set(Vec<u64>),
}

impl Way {
    fn total(&self) -> u64 {
        match self {
            Way::All { total } | Way::Under { total, .. } => *total,
            Way::Set(ids) => ids.len() as u64,
        }
    }
}

impl<'t> Reader<'t> {
    pub fn open(
        transaction: &ReadTransaction,
        resource: &'static Resource,
        tenant: &'t Tenant,
    ) -> Result<Reader<'t>, Fault> {
        let names = Names::of(resource.name);
        Ok(Reader {
            few: FEW,
            resource,
            tenant,
            rows: transaction.open_table(names.rows()).map_err(layout::fault)?,
            index: transaction.open_table(names.index()).map_err(layout::fault)?,
            counts: transaction.open_table(names.counts()).map_err(layout::fault)?,
            blocks: transaction.open_table(names.blocks()).map_err(layout::fault)?,
            digits: transaction.open_table(names.digits()).map_err(layout::fault)?,
            slots: transaction.open_table(SLOTS).map_err(layout::fault)?,
            states: transaction.open_table(STATES).map_err(layout::fault)?,
        })
    }

    pub fn row(&self, id: Id) -> Result<Option<Kept>, Fault> {
        let bytes = self.rows.get(id.0).map_err(layout::fault)?;
        bytes.map(|bytes| kept(self.resource, bytes.value())).transpose()
    }

    pub fn page(&self, query: &Query) -> Result<Page<Kept>, Fault> {
        let ids = self.ids(query, query.limit.min(PAGE_MAX))?;
        let rows = ids.items.iter().filter_map(|id| self.row(*id).transpose());
        Ok(Page { items: rows.collect::<Result<_, _>>()?, next: ids.next, total: ids.total })
    }

    /// The same, of the numbers alone, as many of them as wanted.
    pub fn ids(&self, query: &Query, limit: usize) -> Result<Page<Id>, Fault> {
        let plans = self.plans(query)?;
        let way = self.way(query, &plans)?;
        let (total, limit) = (way.total(), limit.max(1));
        let cursor = query.cursor.as_deref().map(unhex);
        let course = Course { descending: query.sort.descending, after: cursor.as_deref() };
        let tails = self.stream(query, &plans, way, course)?.skip(query.skip).take(limit + 1);
        let mut tails = tails.collect::<Result<Vec<Tail>, Fault>>()?;
        let more = tails.len() > limit;
        tails.truncate(limit);
        let next = tails.last().filter(|_| more).map(|tail| hex(tail));
        Ok(Page { items: tails.iter().map(|tail| Id(key::row_of(tail))).collect(), next, total })
    }

    /// How many rows meet the question, on all pages.
    pub fn count(&self, query: &Query) -> Result<u64, Fault> {
        Ok(self.way(query, &self.plans(query)?)?.total())
    }

    /// The parts that have rows.
    pub fn parts(&self) -> Result<Vec<u64>, Fault> {
        let all = key::ALL.to_be_bytes();
        let counts = self.counts.range(&all[..]..&*key::after(&all)).map_err(layout::fault)?;
        counts.map(|count| Ok(key::row_of(count.map_err(layout::fault)?.0.value()))).collect()
    }

    /// What rows of a part are counted by, all that begin with these bytes.
    pub fn counted_under(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
        let counts = self.counts.range(prefix..&*key::after(prefix)).map_err(layout::fault)?;
        counts.map(|count| Ok(count.map_err(layout::fault)?.0.value().to_vec())).collect()
    }

    fn plans(&self, query: &Query) -> Result<Vec<Plan>, Fault> {
        let parts = match &query.within {
            Some(parts) => parts.iter().map(|part| part.0).collect(),
            None => self.parts()?,
        };
        parts.into_iter().map(|within| Plan::known(self.resource, self.tenant, within, &self.slots)).collect()
    }

    fn way(&self, query: &Query, plans: &[Plan]) -> Result<Way, Fault> {
        let way = self.open_way(query, plans)?;
        let (Some(masked), Way::Set(ids)) = (&query.masked, &way) else { return Ok(way) };
        if folded(&query.search).is_empty() || ids.is_empty() {
            return Ok(way);
        }
        // Of the rows that are found, the masked ones are those that are found without the masked fields, too.
        let mut without = Query { masked: None, ..query.clone() };
        without.hidden.extend(masked.fields.iter().cloned());
        let Way::Set(seen) = self.open_way(&without, plans)? else { return Ok(way) };
        let mut open = Vec::new();
        for id in ids {
            if seen.binary_search(id).is_ok() || !self.is_masked(masked, *id)? {
                open.push(*id);
            }
        }
        Ok(Way::Set(open))
    }

    fn is_masked(&self, masked: &Unsearched, id: u64) -> Result<bool, Fault> {
        let value = self.row(Id(id))?.map(|row| row.value).unwrap_or_default();
        Ok(value[masked.field].as_str().is_some_and(|value| masked.values.contains(value)))
    }

    /// The same, nothing masked.
    fn open_way(&self, query: &Query, plans: &[Plan]) -> Result<Way, Fault> {
        let search = folded(&query.search);
        if search.is_empty() && query.filters.is_empty() {
            let all = plans.iter().map(|plan| self.count_under(&key::prefix(key::ALL, plan.within)));
            return Ok(Way::All { total: all.sum::<Result<u64, Fault>>()? });
        }
        if let Some(way) = self.by_index(query, &search, plans)? {
            return Ok(way);
        }
        let mut ids = Vec::new();
        for plan in plans {
            self.search(query, &search, plan, &mut ids)?;
        }
        // Two parts have no row in common.
        ids.sort_unstable();
        Ok(Way::Set(ids))
    }

    /// None: the indexes do not tell, or not fast.
    fn by_index(&self, query: &Query, search: &str, plans: &[Plan]) -> Result<Option<Way>, Fault> {
        let mut filters = Vec::new();
        for (field, values) in &query.filters {
            let Some(terms) = self.terms_of(field, values, plans)? else { return Ok(None) };
            let counts = terms.iter().map(|term| self.about_under(term)).collect::<Result<Vec<_>, _>>()?;
            filters.push((counts.into_iter().sum::<u64>(), terms));
        }
        filters.sort_by_key(|(count, _)| *count);
        let Some((total, terms)) = filters.first() else { return Ok(None) };
        if *total <= self.few {
            let ids = self.common(&filters)?;
            return Ok(Some(Way::Set(if search.is_empty() { ids } else { self.holding(ids, query, search, plans)? })));
        }
        let (field, values) = &query.filters[0];
        let lists = self.resource.field(field).is_some_and(|schema| schema["type"] == "array");
        let counted = plans.iter().all(|plan| plan.over(field, Entry::Filter).is_some());
        let alone = filters.len() == 1 && search.is_empty() && values.len() <= VALUES_FEW;
        let way = || Way::Under { terms: terms.clone(), total: *total };
        Ok((alone && counted && (values.len() == 1 || !lists)).then(way))
    }

    /// Those of these rows in which the text stands.
    fn holding(&self, ids: Vec<u64>, query: &Query, search: &str, plans: &[Plan]) -> Result<Vec<u64>, Fault> {
        let mut holding = Vec::new();
        for id in ids {
            let Some(row) = self.row(Id(id))? else { continue };
            let within = part(self.resource, &row.value);
            let plan = plans.iter().find(|plan| plan.within == within);
            if plan.is_some_and(|plan| self.fits(query, search, plan, (&row).into())) {
                holding.push(id);
            }
        }
        Ok(holding)
    }

    /// What entries of rows with one of these values begin with; none if an index is not there, or not built.
    fn terms_of(&self, field: &str, values: &BTreeSet<String>, plans: &[Plan]) -> Result<Option<Vec<Vec<u8>>>, Fault> {
        let mut terms = Vec::new();
        for plan in plans {
            let Some(slot) = self.narrowing(plan, field)? else { return Ok(None) };
            terms.extend(values.iter().map(|value| key::term(slot, plan.within, &self.encoded(field, value))));
        }
        Ok(Some(terms))
    }

    /// The index that knows best which rows have a value.
    fn narrowing(&self, plan: &Plan, field: &str) -> Result<Option<u16>, Fault> {
        for entry in [Entry::Filter, Entry::Sort, Entry::Value] {
            if let Some(slot) = self.built(plan, field, entry)? {
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }

    /// Rows under a term, where they are not counted as far as it matters.
    fn about_under(&self, term: &[u8]) -> Result<u64, Fault> {
        match self.count_under(term)? {
            0 => {
                let entries = self.index.range(term..&*key::after(term)).map_err(layout::fault)?;
                Ok(entries.take(self.few as usize + 1).count() as u64)
            }
            count => Ok(count),
        }
    }

    /// A value as it stands in the index of its field.
    fn encoded(&self, field: &str, value: &str) -> Vec<u8> {
        let number = self.resource.field(field).is_some_and(|schema| is_number(&schema["type"]));
        match value.parse::<serde_json::Number>() {
            Ok(value) if number => key::encoded(&Value::Number(value)),
            _ => key::of_text(value),
        }
    }

    /// The slot of the index of one field, if it is built.
    fn built(&self, plan: &Plan, field: &str, entry: Entry) -> Result<Option<u16>, Fault> {
        let Some((slot, index)) = plan.over(field, entry) else { return Ok(None) };
        let built = self.is_built(plan, &index.name, &state::mark_of(index))?;
        Ok(built.then_some(*slot))
    }

    fn is_built(&self, plan: &Plan, name: &str, mark: &str) -> Result<bool, Fault> {
        let state = state::read(&self.states, self.resource.name, plan.within, name)?;
        Ok(state.is_some_and(|state| state.mark == mark && state.progress == Progress::Built))
    }

    fn count_under(&self, term: &[u8]) -> Result<u64, Fault> {
        Ok(self.counts.get(term).map_err(layout::fault)?.map_or(0, |count| count.value()))
    }

    /// Rows that stand under a term of each filter; the first filter has the fewest.
    fn common(&self, filters: &[(u64, Vec<Vec<u8>>)]) -> Result<Vec<u64>, Fault> {
        let ((_, first), others) = filters.split_first().expect("a filter was counted");
        let mut ids = Vec::new();
        for term in first {
            for entry in self.index.range(&**term..&*key::after(term)).map_err(layout::fault)? {
                ids.push(key::row_of(entry.map_err(layout::fault)?.0.value()));
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let mut common = Vec::new();
        for id in ids {
            let mut in_all = true;
            for (_, terms) in others {
                in_all = in_all && self.stands_under(terms, id)?;
            }
            if in_all {
                common.push(id);
            }
        }
        Ok(common)
    }

    fn stands_under(&self, terms: &[Vec<u8>], id: u64) -> Result<bool, Fault> {
        for term in terms {
            if self.index.get(&*key::entry(term, id)).map_err(layout::fault)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds the rows of one part.
    fn search(&self, query: &Query, search: &str, plan: &Plan, ids: &mut Vec<u64>) -> Result<(), Fault> {
        let filtered = query
            .filters
            .iter()
            .map(|(field, _)| plan.over(field, Entry::Filter).map(|(slot, _)| *slot))
            .collect::<Option<Vec<u16>>>();
        match filtered {
            Some(slots) if self.is_built(plan, state::BLOCKS, &state::mark_of_blocks(plan))? => {
                let test = test(query, search, plan, &slots);
                let number = digits(&query.search);
                match Runs::of([search].into_iter().chain(number.as_deref())) {
                    Some(runs) => self.search_some_blocks(&test, &runs, plan.within, ids),
                    None => self.search_blocks(&test, plan.within, ids),
                }
            }
            _ => self.search_rows(query, search, plan, ids),
        }
    }

    fn search_blocks(&self, test: &Test, within: u64, ids: &mut Vec<u64>) -> Result<(), Fault> {
        for block in self.blocks.range((within, 0)..=(within, u64::MAX)).map_err(layout::fault)? {
            let (place, bytes) = block.map_err(layout::fault)?;
            let (first, block) = (place.value().1, Read::of(bytes.value()));
            test.run(block, |row| ids.push(first + block.id(row)));
        }
        Ok(())
    }

    /// Only those in which these digits may stand.
    fn search_some_blocks(&self, test: &Test, runs: &Runs, within: u64, ids: &mut Vec<u64>) -> Result<(), Fault> {
        for entry in self.digits.range((within, 0)..=(within, u64::MAX)).map_err(layout::fault)? {
            let (place, bits) = entry.map_err(layout::fault)?;
            if !runs.may_stand_in(bits.value()) {
                continue;
            }
            let (within, first) = place.value();
            if let Some(bytes) = self.blocks.get((within, first)).map_err(layout::fault)? {
                let block = Read::of(bytes.value());
                test.run(block, |row| ids.push(first + block.id(row)));
            }
        }
        Ok(())
    }

    fn search_rows(&self, query: &Query, search: &str, plan: &Plan, ids: &mut Vec<u64>) -> Result<(), Fault> {
        for row in self.rows.range::<u64>(..).map_err(layout::fault)? {
            let (id, bytes) = row.map_err(layout::fault)?;
            let row = kept(self.resource, bytes.value())?;
            if part(self.resource, &row.value) == plan.within && self.fits(query, search, plan, (&row).into()) {
                ids.push(id.value());
            }
        }
        Ok(())
    }

    fn fits(&self, query: &Query, search: &str, plan: &Plan, row: Found) -> bool {
        let has = |field: &str, wanted: &dyn Fn(&str) -> bool| {
            let mut found = false;
            row.each(field, |value| found |= wanted(&plain(value)));
            found
        };
        let seen = || plan.searched.iter().filter(|(_, field)| !query.hidden.contains(&**field));
        let number = digits(&query.search);
        let holds = |text: &str| {
            let text = folded(text);
            text.contains(search) || number.as_ref().is_some_and(|number| text.contains(number))
        };
        (search.is_empty() || seen().any(|(_, field)| has(field, &holds)))
            && query.filters.iter().all(|(field, values)| {
                let wanted: BTreeSet<_> = values.iter().map(|value| self.encoded(field, value)).collect();
                has(field, &|value| wanted.contains(&self.encoded(field, value)))
            })
    }

    fn stream(&self, query: &Query, plans: &[Plan], way: Way, course: Course) -> Result<Stream, Fault> {
        let Some(field) = &query.sort.field else { return self.by_number(plans, way, course) };
        let mut slots = Vec::new();
        for plan in plans {
            slots.extend(self.built(plan, field, Entry::Sort)?.map(|slot| key::prefix(slot, plan.within)));
        }
        let few = matches!(&way, Way::Set(ids) if ids.len() as u64 <= self.few);
        if few || slots.len() < plans.len() {
            return self.sorted_rows(field, way, plans, course);
        }
        let streams = slots.into_iter().map(|prefix| stream::of_index(&self.index, prefix, course));
        let sorted = stream::merged(streams.collect::<Result<_, _>>()?, course.descending);
        Ok(match way {
            Way::All { .. } => sorted,
            Way::Set(ids) => {
                Box::new(sorted.filter(move |tail| {
                    tail.as_ref().map_or(true, |tail| ids.binary_search(&key::row_of(tail)).is_ok())
                }))
            }
            Way::Under { terms, .. } => {
                let found = self.under_all(&terms)?;
                Box::new(sorted.filter(move |tail| {
                    tail.as_ref().map_or(true, |tail| found.binary_search(&key::row_of(tail)).is_ok())
                }))
            }
        })
    }

    fn under_all(&self, terms: &[Vec<u8>]) -> Result<Vec<u64>, Fault> {
        self.common(&[(0, terms.to_vec())])
    }

    fn by_number(&self, plans: &[Plan], way: Way, course: Course) -> Result<Stream, Fault> {
        let streams: Vec<Stream> = match way {
            Way::All { .. } => {
                let streams = plans.iter().map(|plan| stream::of_blocks(&self.blocks, plan.within, course));
                streams.collect::<Result<_, _>>()?
            }
            Way::Under { terms, .. } => {
                let streams = terms.into_iter().map(|term| stream::of_index(&self.index, term, course));
                streams.collect::<Result<_, _>>()?
            }
            Way::Set(ids) => vec![of_set(ids, course)],
        };
        Ok(stream::merged(streams, course.descending))
    }

    /// Reads the rows and sorts them.
    fn sorted_rows(&self, field: &str, way: Way, plans: &[Plan], course: Course) -> Result<Stream, Fault> {
        let all = Course { descending: false, after: None };
        let mut tails = Vec::new();
        for tail in self.by_number(plans, way, all)? {
            let id = key::row_of(&tail?);
            if let Some(row) = self.row(Id(id))? {
                tails.push(key::entry(&key::encoded(at(&row.value, field)), id));
            }
        }
        tails.sort_unstable();
        if course.descending {
            tails.reverse();
        }
        let after = course.after.map(<[u8]>::to_vec);
        Ok(Box::new(tails.into_iter().filter(move |tail| is_behind(tail, after.as_deref(), course.descending)).map(Ok)))
    }
}

fn is_number(kind: &Value) -> bool {
    let number = |kind: &Value| kind == "integer" || kind == "number";
    number(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(number))
}

fn test(query: &Query, search: &str, plan: &Plan, slots: &[u16]) -> Test {
    let mut test = Test::default();
    if !search.is_empty() {
        test.contains(search);
        digits(&query.search).iter().for_each(|number| test.contains(number));
    }
    let hidden = plan.searched.iter().filter(|(_, field)| query.hidden.contains(&**field));
    hidden.for_each(|(slot, _)| test.hide(*slot));
    for (slot, (_, values)) in slots.iter().zip(&query.filters) {
        test.one_of(*slot, values.iter().map(String::as_str));
    }
    test
}

fn of_set(mut ids: Vec<u64>, course: Course) -> Stream {
    if course.descending {
        ids.reverse();
    }
    let after = course.after.map(<[u8]>::to_vec);
    let tails = ids.into_iter().map(|id| id.to_be_bytes().to_vec());
    Box::new(tails.filter(move |tail| is_behind(tail, after.as_deref(), course.descending)).map(Ok))
}

fn is_behind(tail: &[u8], after: Option<&[u8]>, descending: bool) -> bool {
    match after {
        Some(after) if descending => tail < after,
        Some(after) => tail > after,
        None => true,
    }
}

fn hex(tail: &[u8]) -> String {
    tail.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was never given out leads behind nothing, or to an empty page.
fn unhex(cursor: &str) -> Vec<u8> {
    let digits = cursor.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or(""), 16).unwrap_or(0xff);
    digits.map(byte).collect()
}
