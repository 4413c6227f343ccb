//! Why a row of a file was not taken, or not whole, in the words of whoever reads it.

use super::plan::Plan;
use crate::{
    http::words::Words,
    schema::{Id, Refusals, csv::read::Broken},
};
use serde_json::{Map, Value, json};

#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Its fields are not taken.
    Refused(Refusals),
    Broken(Broken),
    /// It has another number of cells than the first row.
    Ragged {
        cells: usize,
        wanted: usize,
    },
    /// A stored row, or an earlier one of the file, has what must not be twice.
    Duplicate {
        fields: Vec<String>,
        id: Id,
    },
    /// It is the same as two different stored rows.
    Rivals {
        ids: Vec<Id>,
    },
    /// It names somebody who is not there, and was taken without.
    Unknown {
        field: String,
        value: String,
    },
}

impl Reason {
    pub fn said(&self, words: &Words, plan: &Plan) -> String {
        let label = |path: &str| plan.label(words, path);
        let sentence = |key: &str, values: Value| {
            let values = values.as_object().cloned().unwrap_or_default();
            words.sentence(&format!("import.why.{key}"), &values).unwrap_or_else(|| key.into())
        };
        match self {
            Reason::Refused(refusals) => {
                let one = |(field, why): (&String, &Value)| field_reason(words, plan, field, why);
                refusals.fields().iter().map(one).collect::<Vec<_>>().join(" ")
            }
            Reason::Broken(broken) => sentence(broken.word(), json!({})),
            Reason::Ragged { cells, wanted } => sentence("ragged", json!({ "n": cells, "wanted": wanted })),
            Reason::Duplicate { fields, id } => {
                let fields = fields.iter().map(|field| label(field)).collect::<Vec<_>>().join(", ");
                sentence("duplicate", json!({ "fields": fields, "id": id }))
            }
            Reason::Rivals { ids } => {
                let ids = ids.iter().map(Id::to_string).collect::<Vec<_>>().join(", ");
                sentence("rivals", json!({ "ids": ids }))
            }
            Reason::Unknown { field, value } => sentence("unknown", json!({ "field": label(field), "value": value })),
        }
    }
}

/// The field's own sentence goes before the common one.
fn field_reason(words: &Words, plan: &Plan, field: &str, why: &Value) -> String {
    let word = why["why"].as_str().unwrap_or_default();
    let values: Map<String, Value> = why.as_object().cloned().unwrap_or_default();
    let own = words.sentence(&format!("{}.{field}.{word}", plan.resource.name), &values);
    let said = own.or_else(|| words.sentence(&format!("why.{word}"), &values));
    format!("{}: {}", plan.label(words, field), said.unwrap_or_else(|| words.word("why.invalid")))
}
