//! Fills in what is empty in a row from the entry of a dictionary with the same key (DIC-13).

use super::fields::{self, Field, Reading, at, put};
use crate::{
    model::{self, Dictionary, DictionaryEntry},
    schema::{Id, Model, Tenant, resource::CUSTOM},
    store::{Fault, Store, table::Query},
};
use serde_json::{Map, Value};

const KEY: &str = "key";

pub struct Filling {
    dictionary: Id,
    /// The field that is compared with the keys.
    key: String,
    /// Fields by the headings that mean them, as they are compared.
    readings: Vec<(Field, Reading)>,
}

impl Filling {
    /// None: there is no such dictionary, it has no entries yet, or its key is none of the fields.
    pub fn of(tenant: &Tenant, noun: &str, id: &Value, fields: &[Field], of_noun: &str) -> Option<Filling> {
        let id: Id = id.as_str().filter(|_| noun == Dictionary::NAME)?.parse().ok()?;
        let dictionary = &tenant.table::<Dictionary>().row(id)?.value;
        let key = fields::meant(fields, &dictionary.match_key)?.path.clone();
        let reading = |field: &Field| (field.clone(), Reading::new(tenant, of_noun, field, false));
        Some(Filling { dictionary: id, key, readings: fields.iter().map(reading).collect() })
    }

    /// A field that has a value stays as it is; without a fitting entry all do.
    pub fn fill(&self, store: &Store, row: &mut Map<String, Value>) -> Result<(), Fault> {
        let key = match at(row, &self.key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Ok(()),
        };
        let Some(entries) = model::resource(DictionaryEntry::NAME) else { return Ok(()) };
        let query = Query {
            within: Some(vec![self.dictionary]),
            filters: vec![(KEY.into(), [key].into())],
            limit: 1,
            ..Query::default()
        };
        let Some(entry) = store.table_page(entries, &query)?.items.into_iter().next() else { return Ok(()) };
        for (heading, cell) in entry[CUSTOM].as_object().into_iter().flatten() {
            let field = self.readings.iter().find(|(field, _)| field.is_called(heading));
            let Some((field, reading)) = field.filter(|(field, _)| at(row, &field.path).is_none()) else { continue };
            // An entry that the field does not take fills nothing in.
            if let Ok(Some(value)) = reading.value(cell.as_str().unwrap_or_default()) {
                put(row, &field.path, value);
            }
        }
        Ok(())
    }
}
