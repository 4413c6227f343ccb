//! Nouns that are tables, as everybody else sees them: rows as they are shown, writes with the snapshot of the moment.

use super::{
    NotWritten, Page, Store, Write, Written,
    fault::Fault,
    shown::shown,
    table::{Batch, Query},
};
use crate::{
    schema::{Actor, Id, Refusals, Resource, Why, kind::attachment, layout, resource::CUSTOM},
    time::Timestamp,
};
use serde_json::Value;

impl Store {
    /// A page of a noun that is a table.
    pub fn table_page(&self, resource: &'static Resource, query: &Query) -> Result<Page<Value>, Fault> {
        let tenant = self.tenant();
        let page = self.tables.page(&tenant, resource, query)?;
        let items = page.items.iter().map(|row| shown(resource, &tenant, &row.envelope, &row.value)).collect();
        Ok(Page { items, next: page.next, total: page.total })
    }

    /// One row of a table with who made it.
    pub fn table_row_by(&self, resource: &'static Resource, id: Id) -> Result<Option<(Actor, Value)>, Fault> {
        let tenant = self.tenant();
        let row = self.tables.row(&tenant, resource, id)?;
        Ok(row.map(|row| (row.envelope.created_by.clone(), shown(resource, &tenant, &row.envelope, &row.value))))
    }

    /// The numbers of rows of a table that meet a question, a page of as many as wanted.
    pub fn table_ids(&self, resource: &'static Resource, query: &Query, limit: usize) -> Result<Page<Id>, Fault> {
        self.tables.ids(&self.tenant(), resource, query, limit)
    }

    /// How many rows of a table meet a question.
    pub fn table_count(&self, resource: &'static Resource, query: &Query) -> Result<u64, Fault> {
        self.tables.count(&self.tenant(), resource, query)
    }

    /// One row of a table.
    pub fn table_row(&self, resource: &'static Resource, id: Id) -> Result<Option<Value>, Fault> {
        let tenant = self.tenant();
        let row = self.tables.row(&tenant, resource, id)?;
        Ok(row.map(|row| shown(resource, &tenant, &row.envelope, &row.value)))
    }

    pub(super) fn write_table(
        &self,
        by: &Actor,
        at: Timestamp,
        resource: &'static Resource,
        write: Write,
    ) -> Result<Written, NotWritten> {
        self.attached(&write)?;
        self.table(by, at, |batch| batch.take(resource, write))
    }

    /// Refuses a row that comes to name a file which is not kept.
    pub(super) fn attached(&self, write: &Write) -> Result<(), NotWritten> {
        let (Write::Add { value } | Write::Change { value, .. } | Write::Restore { value, .. }) = write else {
            return Ok(());
        };
        let (mut refusals, own) = (Refusals::default(), value.get(CUSTOM).and_then(Value::as_object));
        for (name, typed) in own.into_iter().flatten() {
            let hash = typed.as_str().and_then(|typed| attachment::read(typed.trim())).map(|(hash, _)| hash);
            if let Some(hash) = hash
                && self.told_of_file(hash)?.is_none()
            {
                refusals.add(&layout::path(name), Why::NotThere);
            }
        }
        Ok(refusals.so_far()?)
    }

    /// Writes to tables that are kept together or not at all, for somebody who waits for the answer.
    pub(super) fn table<T>(
        &self,
        by: &Actor,
        at: Timestamp,
        work: impl FnOnce(&mut Batch) -> Result<T, NotWritten>,
    ) -> Result<T, NotWritten> {
        let done = self.tables.write(&self.tenant(), by, at, work)?;
        self.bar();
        Ok(done)
    }

    /// Many writes that are kept together or not at all, of long work: people come first, and the batch should end when
    /// somebody waits (`Batch::is_awaited`).
    pub fn batch<T>(
        &self,
        by: &Actor,
        at: Timestamp,
        work: impl FnOnce(&mut Batch) -> Result<T, NotWritten>,
    ) -> Result<T, NotWritten> {
        let done = self.tables.batch(&self.tenant(), by, at, work)?;
        self.bar();
        Ok(done)
    }

    /// One step towards tables that are found by what the office wants now; false if nothing is left to do.
    pub fn settle_tables(&self) -> Result<bool, Fault> {
        self.tables.settle(&self.tenant())
    }
}
