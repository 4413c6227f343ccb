//! The order of a list: by which column, which way, and where in it a page ends.

use crate::schema::{
    Count, Id, Resource, Tenant,
    card::{Card, Cell},
    envelope::Envelope,
};
use std::{cmp::Ordering, sync::Arc};

pub struct Order {
    noun: &'static str,
    by: By,
    down: bool,
}

enum By {
    CreatedAt,
    UpdatedAt,
    Id,
    Name,
    /// The place of the column among a card's cells.
    Cell(usize),
    /// A column of references is sorted by the names of what they refer to.
    NameOf(usize, Arc<str>),
    Count(&'static Count),
}

/// A row's place in an order; rows with the same key stand as they came.
#[derive(Clone, Debug)]
pub struct Key {
    cell: Cell,
    pub id: Id,
}

impl Order {
    /// `field`, or `-field` for the other way round. None: there is no such column.
    pub fn of(resource: &'static Resource, sort: Option<&str>) -> Option<Order> {
        let Some(sort) = sort else { return Some(Order { noun: resource.name, by: By::CreatedAt, down: true }) };
        let (field, down) = sort.strip_prefix('-').map_or((sort, false), |field| (field, true));
        let by = match field {
            "created_at" => By::CreatedAt,
            "updated_at" => By::UpdatedAt,
            "id" => By::Id,
            field => match resource.counts.iter().find(|count| count.name == field) {
                Some(count) => By::Count(count),
                None => column(resource, field)?,
            },
        };
        Some(Order { noun: resource.name, by, down })
    }

    pub fn by_name() -> Order {
        Order { noun: "", by: By::Name, down: false }
    }

    pub fn is_by_name(&self) -> bool {
        matches!(self.by, By::Name)
    }

    pub fn key(&self, tenant: &Tenant, envelope: &Envelope, card: &Card) -> Key {
        let id = envelope.id;
        let cell = match &self.by {
            By::CreatedAt => Cell::Number(envelope.created_at.0 as f64),
            By::UpdatedAt => Cell::Number(envelope.updated_at.0 as f64),
            By::Id => Cell::Empty,
            By::Name => Cell::Text(card.folded_name().into()),
            By::Cell(place) => card.cell(*place).clone(),
            By::NameOf(place, noun) => named(tenant, noun, card.cell(*place)),
            By::Count(count) => Cell::Number(tenant.count(self.noun, id, count.noun, count.field) as f64),
        };
        Key { cell, id }
    }

    pub fn compared(&self, one: &Key, other: &Key) -> Ordering {
        let order = one.cell.compared(&other.cell).then(one.id.cmp(&other.id));
        if self.down { order.reverse() } else { order }
    }

    /// Those that come after the first `count`, in no order.
    pub fn after<'a>(&self, keys: &'a mut [Key], count: usize) -> &'a mut [Key] {
        if count > 0 && count < keys.len() {
            keys.select_nth_unstable_by(count, |one, other| self.compared(one, other));
        }
        &mut keys[count..]
    }

    /// The first `count`, in order.
    pub fn first<'a>(&self, keys: &'a mut [Key], count: usize) -> &'a [Key] {
        if count < keys.len() {
            keys.select_nth_unstable_by(count, |one, other| self.compared(one, other));
        }
        let first = count.min(keys.len());
        let first = &mut keys[..first];
        first.sort_unstable_by(|one, other| self.compared(one, other));
        first
    }

    /// Where a page ends, as text that `place` reads.
    pub fn cursor(&self, last: &Key) -> String {
        let cell = match &last.cell {
            Cell::Empty => "e".into(),
            Cell::Number(number) => format!("n{number}"),
            Cell::Text(text) => format!("t{text}"),
            Cell::Several(entries) => format!("s{}", entries.join("\n")),
        };
        format!("{cell}-{}", last.id)
    }

    pub fn place(&self, cursor: &str) -> Option<Key> {
        let (cell, id) = cursor.rsplit_once('-')?;
        let (kind, text) = cell.split_at_checked(1)?;
        let cell = match kind {
            "e" => Cell::Empty,
            "n" => Cell::Number(text.parse().ok()?),
            "t" => Cell::Text(text.into()),
            "s" => Cell::Several(text.split('\n').map(Into::into).collect()),
            _ => return None,
        };
        Some(Key { cell, id: id.parse().ok()? })
    }
}

fn column(resource: &'static Resource, field: &str) -> Option<By> {
    let place = resource.columns().position(|column| column == field)?;
    let to = resource.field(field).and_then(|schema| schema["x-to"].as_str());
    Some(to.map_or(By::Cell(place), |noun| By::NameOf(place, noun.into())))
}

fn named(tenant: &Tenant, noun: &str, cell: &Cell) -> Cell {
    let name = |id: &str| Some(tenant.rows_of(noun)?.card(id.parse().ok()?)?.folded_name().into());
    match cell {
        Cell::Text(id) => name(id).map_or(Cell::Empty, Cell::Text),
        other => other.clone(),
    }
}
