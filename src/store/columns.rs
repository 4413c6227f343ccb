//! The columns that a person chose for a list, kept with the box, so that they are the same everywhere (LST-11).

use super::{Fault, Store, config, filled::Need};
use crate::schema::Actor;

impl Store {
    /// None: this person never chose; all are shown (LST-12).
    pub fn columns(&self, of: &Actor, list: &str) -> Result<Option<Vec<String>>, Fault> {
        let table = config::read(&*self.config.database()?)?.open_table(config::COLUMNS).map_err(config::fault)?;
        let kept = table.get((&*person(of), list)).map_err(config::fault)?;
        kept.map(|bytes| serde_json::from_slice(bytes.value()).map_err(|error| Fault::broken(config::FILE, error)))
            .transpose()
    }

    pub fn set_columns(&self, of: &Actor, list: &str, columns: &[String]) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(columns).map_err(|error| Fault::broken(config::FILE, error))?;
        self.change_with_room(Need::Saves, |transaction| {
            let mut table = transaction.open_table(config::COLUMNS).map_err(config::fault)?;
            table.insert((&*person(of), list), &*bytes).map(drop).map_err(config::fault)
        })
    }
}

fn person(actor: &Actor) -> String {
    match actor {
        Actor::System => "system".into(),
        Actor::Account(id) => format!("account/{id}"),
        Actor::Agent(id) => format!("agent/{id}"),
        Actor::Api => "api".into(),
    }
}
