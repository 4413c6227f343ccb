//! Rows are given to a piece of work, to somebody who does it, or back to nobody (CUS-10 to CUS-17).

use super::{Panel, body, portion::Portion, refused::Refused, rest, site::Asker};
use crate::{
    schema::{Action, Id, Resource, Tenant, links, model::Assign},
    store::{Step, Write},
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// People to whom rows are dealt in turn.
const PEOPLE_MAX: usize = 1_000;

/// `POST /panel/{path}/assign`: the rows that are named, to `work` and `people`, each under the name of its field.
pub async fn assign(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    let assign = resource.assign.ok_or_else(Refused::not_found)?;
    rest::must(&asker, resource, Action::Assign)?;
    let given = body::object(body).await?;
    let people = format!("{}s", assign.person);
    let to = To::read(&asker, &panel.door.store.tenant(), (resource, assign), &given, &people)?;
    let portion = Portion::read(&panel, &asker, resource, &given, &[assign.work, &people]).await?;
    let mut turn = portion.before;
    Ok(portion.each(move |tenant, id, row| to.step(tenant, id, row, &mut turn)).await?.told("assigned"))
}

/// To whom; neither work nor people: the rows are nobody's afterwards (CUS-11).
struct To {
    assign: Assign,
    work: Option<Id>,
    people: Vec<String>,
}

impl To {
    fn read(
        asker: &Asker,
        tenant: &Tenant,
        (resource, assign): (&Resource, Assign),
        given: &Map<String, Value>,
        people_field: &str,
    ) -> Result<To, Refused> {
        let wrong = |field: &str, why: &str| Refused::invalid(field, json!({ "why": why }));
        if [assign.work, assign.person].iter().any(|field| !asker.access.edits(resource, field)) {
            return Err(Refused::forbidden());
        }
        let said = |field: &str| given.get(field).filter(|said| !said.is_null());
        let schema = resource.field(assign.work).ok_or_else(Refused::fault)?;
        let mut work = None;
        if let Some(named) = said(assign.work) {
            links::inside(schema, named, &mut |noun, id| {
                work = tenant.rows_of(noun).and_then(|rows| rows.envelope(id)).map(|row| row.id);
            });
            work.ok_or_else(|| wrong(assign.work, "not_there"))?;
        }
        let people = said(people_field).map(|named| serde_json::from_value(named.clone()));
        let people: Vec<String> = people.transpose().map_err(|_| wrong(people_field, "type"))?.unwrap_or_default();
        if people.len() > PEOPLE_MAX {
            return Err(Refused::invalid(people_field, json!({ "why": "too_many", "max": PEOPLE_MAX })));
        }
        match work {
            // CUS-16
            None if !people.is_empty() => Err(wrong(assign.work, "required")),
            Some(work) if people.iter().any(|person| !(assign.works)(tenant, work, person)) => {
                Err(wrong(people_field, "not_this"))
            }
            work => Ok(To { assign, work, people }),
        }
    }

    /// Whoever does the new work too stays (CUS-13, CUS-14); with people named, rows are dealt to them in turn.
    fn step(&self, tenant: &Tenant, id: Id, row: &Value, turn: &mut usize) -> Step {
        let Assign { work, person, works } = self.assign;
        let stays = || row[person].as_str().filter(|own| self.work.is_some_and(|work| works(tenant, work, own)));
        let dealt = self.people.get(*turn % self.people.len().max(1)).map(String::as_str);
        *turn += 1;
        let value =
            Map::from_iter([(work.to_owned(), json!(self.work)), (person.to_owned(), json!(dealt.or_else(stays)))]);
        if value.iter().all(|(field, value)| row[field.as_str()] == *value) {
            return Step::Stays;
        }
        Step::Write(Write::Change { id, rev: None, value })
    }
}
