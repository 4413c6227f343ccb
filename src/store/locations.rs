//! Where numbers belong: kept a country at a time, packed, and read whole at start; listed out of memory.

use super::{NotWritten, Page, RowQuery, Store, config, fault::Fault, filled::Need};
use crate::time::Timestamp;
use crate::{
    model::{RESOURCES, Region},
    schema::{
        Refusals, Resource, Rule, Tenant, Why,
        card::Wanted,
        locations::{Builder, By, Location, Locations, PLACES_MAX},
    },
};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use redb::{Database, ReadableTable, TableDefinition, TableError, WriteTransaction};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    sync::Arc,
};

/// Country → its places, a line each: code, tab, name; deflated.
const LOCATIONS: TableDefinition<&str, &[u8]> = TableDefinition::new("locations");

/// When the table came, among the figures.
const CAME_AT: &str = "locations_at";

/// What was wrong with a whole table of places.
#[derive(Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// These lines have a code that another one has.
    Twice(Vec<u64>),
    TooMany,
}

impl Store {
    /// Takes the place of all places of the countries that are named (LOC-4). The next call sees them when it returns.
    pub fn set_locations(&self, at: Timestamp, new: Builder) -> Result<Result<u64, NotTaken>, NotWritten> {
        let door = self.locked();
        self.disk.room(Need::Saves)?;
        let (tenant, count) = (self.tenant(), new.len() as u64);
        let countries: Vec<String> = new.countries().map(str::to_owned).collect();
        let mut locations = match tenant.locations.with(new) {
            Ok(locations) if locations.len() > PLACES_MAX => return Ok(Err(NotTaken::TooMany)),
            Ok(locations) => locations,
            Err(lines) => return Ok(Err(NotTaken::Twice(lines))),
        };
        locations.at = at;
        let texts = texts(&locations, &countries);
        self.change(|transaction| keep(transaction, at, &texts))?;
        let mut tenant = (*tenant).clone();
        tenant.locations = Arc::new(locations);
        relocate(&mut tenant, &RESOURCES);
        self.show(&door, tenant);
        Ok(Ok(count))
    }

    /// A page of a noun whose rows are packed.
    pub fn packed_page(&self, resource: &Resource, query: &RowQuery) -> Result<Page<Value>, Refusals> {
        let tenant = self.tenant();
        let table = Region::table(&tenant);
        let sort = query.sort.as_deref().unwrap_or_default();
        let by = match sort.trim_start_matches('-') {
            // All came at one time, and a code is the number of its row.
            "" | "code" | "id" | "created_at" | "updated_at" => By::Code,
            "name" => By::Name,
            "country" => By::Country,
            _ => return Err(Refusals::one("sort", Why::Choice)),
        };
        let countries = query.filters.iter().find(|(field, _)| field == "country").map(|(_, values)| &values[..]);
        let mut places = table.found(&query.search, countries, by, sort.starts_with('-'));
        if let Some(ids) = &query.ids {
            places.retain(|place| table.at(*place as usize).code.parse().is_ok_and(|id| ids.contains(&id)));
        }
        if !came_in_time(table.at, query) {
            places.clear();
        }
        let begin = match (&query.cursor, query.page) {
            (Some(cursor), _) => cursor.parse().map_err(|_| Refusals::one("cursor", Why::Pattern))?,
            (None, page) => (page.unwrap_or(1) - 1).saturating_mul(query.limit),
        };
        let shown = places.iter().skip(begin).take(query.limit);
        let items = shown.map(|place| row(resource, table.at, table.at(*place as usize))).collect();
        let next = begin.saturating_add(query.limit);
        Ok(Page { items, next: (next < places.len()).then(|| next.to_string()), total: places.len() as u64 })
    }

    /// One row of a noun whose rows are packed, by its key.
    pub fn packed_row(&self, resource: &Resource, key: &str) -> Option<Value> {
        let tenant = self.tenant();
        Region::table(&tenant).with_code(key).map(|place| row(resource, Region::table(&tenant).at, place))
    }
}

/// Sets where the numbers of a row belong (DID-32).
pub fn locate(tenant: &Tenant, resource: &Resource, value: &mut Value) {
    for rule in resource.rules {
        if let Rule::Located { field, of } = rule {
            let place = value[*of].as_str().and_then(|number| Region::of(tenant, number));
            value[*field] = place.map_or("", |place| place.name).into();
        }
    }
}

/// Looks up anew where all numbers belong: in a snapshot, for nothing that somebody set changes (LOC-10).
pub fn relocate(tenant: &mut Tenant, resources: &[Resource]) {
    for resource in resources.iter().filter(|one| one.rules.iter().any(|rule| matches!(rule, Rule::Located { .. }))) {
        for id in tenant.rows_of(resource.name).map(|rows| rows.ids()).unwrap_or_default() {
            let row = tenant.rows_of(resource.name).and_then(|rows| rows.row(id));
            let Some((envelope, value)) = row.map(|(envelope, value)| (envelope.clone(), value)) else { continue };
            let mut located = value.clone();
            locate(tenant, resource, &mut located);
            if located != value && tenant.put(resource, envelope, located).is_err() {
                tracing::error!(noun = resource.name, %id, "a row could not be told where its number belongs");
            }
        }
    }
}

/// Whether the table came in every span of time that is asked for.
fn came_in_time(at: Timestamp, query: &RowQuery) -> bool {
    let moments = query.filters.iter().filter(|(field, _)| matches!(field.as_str(), "created_at" | "updated_at"));
    moments.flat_map(|(_, spans)| spans).all(|span| Wanted::moments(span).at(at))
}

fn row(resource: &Resource, at: Timestamp, Location { code, name, country }: Location) -> Value {
    let mut row = json!({ "id": code, "rev": 1, "created_at": at, "updated_at": at });
    for (field, _) in resource.fields() {
        row[field] = match field {
            "code" => (&*code).into(),
            "name" => name.into(),
            _ => country.into(),
        };
    }
    row
}

/// The places of these countries, as they are kept.
fn texts(locations: &Locations, countries: &[String]) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> =
        countries.iter().map(|country| (country.clone(), String::new())).collect();
    for Location { code, name, country } in locations.iter() {
        if let Some(text) = texts.get_mut(country) {
            text.push_str(&code);
            text.push('\t');
            text.push_str(name);
            text.push('\n');
        }
    }
    texts
}

fn keep(transaction: &WriteTransaction, at: Timestamp, texts: &BTreeMap<String, String>) -> Result<(), Fault> {
    let mut meta = transaction.open_table(config::META).map_err(config::fault)?;
    meta.insert(CAME_AT, at.0.unsigned_abs()).map_err(config::fault)?;
    let mut table = transaction.open_table(LOCATIONS).map_err(config::fault)?;
    for (country, text) in texts {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        let packed = packed.write_all(text.as_bytes()).and_then(|()| packed.finish());
        let packed = packed.map_err(|error| Fault::broken(config::FILE, error))?;
        table.insert(&**country, &*packed).map_err(config::fault)?;
    }
    Ok(())
}

/// The table as it lies on the disk.
pub fn load(database: &Database) -> Result<Locations, Fault> {
    let table = match config::read(database)?.open_table(LOCATIONS) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(Locations::default()),
        table => table.map_err(config::fault)?,
    };
    let mut builder = Builder::default();
    for entry in table.iter().map_err(config::fault)? {
        let (country, packed) = entry.map_err(config::fault)?;
        let broken = |what: &str| Fault::broken(config::FILE, format!("places of {}: {what}", country.value()));
        let mut text = String::new();
        DeflateDecoder::new(packed.value()).read_to_string(&mut text).map_err(|error| broken(&error.to_string()))?;
        for (code, name) in text.lines().filter_map(|line| line.split_once('\t')) {
            if !builder.add(code, country.value(), name, 0) {
                return Err(broken(code));
            }
        }
    }
    let mut locations = builder.build().map_err(|_| Fault::broken(config::FILE, "a place stands twice"))?;
    let meta = config::read(database)?.open_table(config::META).map_err(config::fault)?;
    let came = meta.get(CAME_AT).map_err(config::fault)?.map_or(0, |at| at.value());
    locations.at = Timestamp(came.cast_signed());
    Ok(locations)
}
