//! Custom fields put right: their place in the form, their rights, their indexes, from what is stored (FLD-29 to
//! FLD-31). No value of a customer is touched.

use super::{NotWritten, Store, Write};
use crate::{
    model::{CustomField, Customer, CustomerForm, customer_form::Mended, resource},
    schema::{Access, Id, Model, Refusals, Why},
    time::Timestamp,
};
use std::collections::BTreeSet;

impl Store {
    /// Repairs these fields of a package, or all of them. Indexes are built step by step afterwards (`settle_tables`).
    pub fn repair_fields(
        &self,
        access: &Access,
        at: Timestamp,
        package: Id,
        chosen: Option<&BTreeSet<Id>>,
    ) -> Result<Vec<Mended>, NotWritten> {
        let tenant = self.tenant();
        let customers = resource(Customer::NAME).ok_or_else(|| Refusals::whole(Why::NotFound))?;
        let rows = tenant.table::<CustomField>().rows();
        let rows: Vec<_> = rows.filter(|row| row.value.package.id == package).collect();
        if chosen.is_some_and(|ids| ids.iter().any(|id| !rows.iter().any(|row| row.id() == *id))) {
            return Err(Refusals::one("ids", Why::NotThere).into());
        }
        let mut fields: BTreeSet<String> = rows
            .iter()
            .filter(|row| chosen.is_none_or(|ids| ids.contains(&row.id())))
            .map(|row| row.value.path())
            .collect();
        if chosen.is_none() {
            fields.extend(Customer::KEYS.iter().map(|name| name.to_string()));
        }
        let (form, mut mended) = CustomerForm::mended(&tenant, package, &fields, chosen.is_none());
        if let Some(form) = form {
            self.write_form(access, at, package, &form)?;
        }
        let rebuilt = self.tables.rebuild(&self.tenant(), customers, package.0, &fields)?;
        let what = |unique: bool| if unique { "unique_index" } else { "search_index" };
        mended.extend(rebuilt.into_iter().map(|(field, unique)| Mended::new(&field, what(unique))));
        mended.sort_unstable();
        mended.dedup();
        Ok(mended)
    }

    fn write_form(&self, access: &Access, at: Timestamp, package: Id, form: &CustomerForm) -> Result<(), NotWritten> {
        let value = serde_json::to_value(form).ok().and_then(|form| form.as_object().cloned()).unwrap_or_default();
        let write = match CustomerForm::of(&self.tenant(), package) {
            Some((id, _)) => Write::Change { id, rev: None, value },
            None => Write::Add { value },
        };
        self.write_as(access, at, CustomerForm::NAME, write).map(drop)
    }
}
