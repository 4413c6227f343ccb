//! The first account: made at the set-up, unset from the command line.

use super::{NotWritten, Store, Write, Written};
use crate::{
    model::Account,
    schema::{Actor, Model, Refusals, Why},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

/// What the set-up asks for (BOX-15).
#[derive(Clone, Debug, Default)]
pub struct OwnerForm {
    pub username: String,
    pub password: String,
    pub first_name: String,
    pub last_name: String,
}

impl Store {
    /// Whether the set-up pages are all there is: no owner yet, or one whose password was unset (BOX-12, BOX-109).
    pub fn needs_owner(&self) -> bool {
        Account::owner(&self.tenant()).is_none_or(|owner| owner.value.password.is_none())
    }

    /// Makes the owner, or sets name and password of one whose password was unset. Refused with `not_found` once
    /// there is an owner who can sign in.
    pub fn add_owner(&self, at: Timestamp, form: &OwnerForm) -> Result<Written, NotWritten> {
        if form.password.trim().is_empty() {
            return Err(Refusals::one("password", Why::Required).into());
        }
        let tenant = self.tenant();
        let unset = Account::owner(&tenant).map(|owner| owner.id());
        let mut value = fields(form);
        let write = match unset {
            Some(id) => Write::Change { id, rev: None, value },
            None => {
                value.insert("owner".into(), true.into());
                Write::Add { value }
            }
        };
        let written = self.write_if(&Actor::System, at, vec![(Account::NAME, write)], |draft, _, _| {
            let owner = Account::owner(&draft.tenant);
            let open = owner.is_none_or(|owner| owner.value.password.is_none());
            let same = owner.map(|owner| owner.id()) == unset;
            if open && same { Ok(()) } else { Err(Refusals::whole(Why::NotFound)) }
        });
        written.map(|mut written| written.remove(0))
    }

    /// Unsets the owner's password and ends the owner's sessions (BOX-169). False: there is no owner.
    pub fn reset_owner(&self, at: Timestamp) -> Result<bool, NotWritten> {
        let Some(id) = Account::owner(&self.tenant()).map(|owner| owner.id()) else { return Ok(false) };
        self.unset(at, Account::NAME, id, "password")?;
        self.end_sessions_of(id)?;
        Ok(true)
    }
}

fn fields(form: &OwnerForm) -> Map<String, Value> {
    let Value::Object(fields) = json!({
        "username": form.username,
        "password": form.password,
        "first_name": form.first_name,
        "last_name": form.last_name,
    }) else {
        return Map::new();
    };
    fields
}
