//! What is wanted, in a recording: each table once, with secrets blank.

use super::Entry;
use crate::{
    model::{self, RESOURCES},
    schema::{
        Resource,
        barred::{self, Barred},
        envelope::Envelope,
        kind,
        table::AnyTable,
        tenant::Tenant,
    },
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

/// Its envelope, and its value as JSON.
pub(super) type WrittenRow = (Envelope, String);

/// The tables and snapshots that stand in a recording already.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Those that something still reads; the others can come no more.
    known: Vec<(Weak<dyn AnyTable>, u32)>,
    written: u32,
    /// The last snapshot and the last list of barred numbers; one number may stand for more than one snapshot.
    newest: Weak<Tenant>,
    barred: Weak<Vec<barred::Key>>,
}

impl Tables {
    /// What must be written before this snapshot can be named.
    pub fn new_of(&mut self, tenant: &Arc<Tenant>) -> Vec<Entry> {
        let newest = Arc::downgrade(tenant);
        if self.newest.ptr_eq(&newest) {
            return Vec::new();
        }
        self.newest = newest;
        self.known.retain(|(table, _)| table.strong_count() > 0);
        let (mut entries, mut tables) = (Vec::new(), Vec::new());
        for (noun, table) in tenant.tables() {
            let Some(resource) = model::resource(noun) else { continue };
            let mine = Arc::downgrade(table);
            let known = self.known.iter().find(|(known, _)| known.ptr_eq(&mine)).map(|(_, number)| *number);
            tables.push(known.unwrap_or_else(|| {
                entries.push(Entry::Table { noun: noun.to_owned(), rows: rows(resource, &**table) });
                self.known.push((mine, self.written));
                self.written += 1;
                self.written - 1
            }));
        }
        let (sorted, since) = tenant.barred.parts();
        let barred = Arc::downgrade(sorted);
        if !self.barred.ptr_eq(&barred) {
            self.barred = barred;
            entries.push(Entry::Barred(sorted.to_vec()));
        }
        entries.push(Entry::Wanted { revision: tenant.revision, tables, since: since.clone() });
        entries
    }
}

fn rows(resource: &Resource, table: &dyn AnyTable) -> Vec<WrittenRow> {
    let rows = table.ids().into_iter().filter_map(|id| table.row(id));
    rows.map(|(envelope, value)| (envelope.clone(), blank(resource, value).to_string())).collect()
}

/// A value whose secrets say no more than that they are there. Of an address no more is told than its host.
fn blank(resource: &Resource, mut value: Value) -> Value {
    for field in resource.sealed().chain(resource.hashed()) {
        let schema = resource.field(field).unwrap_or(&Value::Null);
        let kind = schema["x-kind"].as_str().unwrap_or_default();
        if let Some(secret) = value.get_mut(field).filter(|secret| !secret.is_null() && *secret != "") {
            *secret = kind::blank(kind, schema["minLength"].as_u64().unwrap_or(1)).into();
        }
    }
    for (field, value) in value.as_object_mut().into_iter().flatten() {
        let is_link = resource.field(field).is_some_and(|field| field["x-kind"] == "link");
        if let Some(link) = value.as_str().filter(|link| is_link && !link.is_empty()) {
            *value = kind::link::host_of(link).into();
        }
    }
    value
}

/// The tables and snapshots of a recording that is read.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    tables: Vec<(String, Vec<WrittenRow>)>,
    barred: Arc<Vec<barred::Key>>,
    snapshots: BTreeMap<u64, Arc<Tenant>>,
}

impl Snapshots {
    pub fn table(&mut self, noun: String, rows: Vec<WrittenRow>) {
        self.tables.push((noun, rows));
    }

    pub fn barred(&mut self, sorted: Vec<barred::Key>) {
        self.barred = Arc::new(sorted);
    }

    /// An error says why it cannot be read.
    pub fn snapshot(&mut self, revision: u64, tables: &[u32], since: BTreeMap<barred::Key, i64>) -> Result<(), String> {
        let mut tenant = Tenant::default();
        tenant.revision = revision;
        tenant.barred = Barred::of(self.barred.clone(), since);
        for number in tables {
            let (noun, rows) = self.tables.get(*number as usize).ok_or("a table is missing")?;
            let resource = RESOURCES.iter().find(|resource| resource.name == noun).ok_or("an unknown noun")?;
            for (envelope, value) in rows {
                let value = serde_json::from_str(value).map_err(|error| error.to_string())?;
                tenant.put(resource, envelope.clone(), value)?;
            }
        }
        self.snapshots.insert(revision, Arc::new(tenant));
        Ok(())
    }

    pub fn find(&self, revision: u64) -> Option<Arc<Tenant>> {
        self.snapshots.get(&revision).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Account, Agent, Ivr, Trunk, api_access::ApiAccess},
        schema::Model,
    };
    use serde_json::json;

    fn tenant() -> Tenant {
        let mut tenant = Tenant::default();
        let row = |value: Value| value;
        let agent = row(json!({
            "agent_number": "801", "first_name": "Ann", "sip_password": "5ecret-sip", "web_password": "5ecret-web",
            "phone_password": "5566778",
        }));
        tenant.add(serde_json::from_value::<Agent>(agent).unwrap());
        let account =
            row(json!({ "username": "boss", "first_name": "B", "last_name": "B", "password": "5ecret-boss" }));
        tenant.add(serde_json::from_value::<Account>(account).unwrap());
        let trunk = row(json!({ "name": "Line", "kind": "peer", "host": "192.0.2.1", "password": "5ecret-line" }));
        tenant.add(serde_json::from_value::<Trunk>(trunk).unwrap());
        let menu = json!({ "name": "m", "match_plugin": "https://crm.example/5ecret?key=5ecret" });
        tenant.add(serde_json::from_value::<Ivr>(menu).unwrap());
        tenant.add(serde_json::from_value::<ApiAccess>(json!({ "api_key": "5ecret-key-of-programs" })).unwrap());
        tenant
    }

    /// What stands for a secret is itself one of its kind.
    #[test]
    fn what_stands_for_a_secret_fits_its_field() {
        let mut seen = 0;
        for resource in RESOURCES.iter() {
            for field in resource.sealed().chain(resource.hashed()) {
                let schema = resource.field(field).unwrap();
                let (kind, min) = (schema["x-kind"].as_str().unwrap(), schema["minLength"].as_u64().unwrap_or(1));
                let shape = kind::shape(kind).unwrap_or_else(|| panic!("{}.{field}", resource.name));
                shape.checked(&kind::blank(kind, min), min, schema["maxLength"].as_u64().unwrap()).unwrap();
                seen += 1;
            }
        }
        assert!(seen >= 6, "{seen}");
    }

    fn read(tables: &mut Tables, snapshots: &mut Snapshots, tenant: &Arc<Tenant>) -> (usize, String) {
        let (mut written, mut text) = (0, String::new());
        for entry in tables.new_of(tenant) {
            match entry {
                Entry::Table { noun, rows } => {
                    written += 1;
                    text.extend(rows.iter().map(|(_, value)| value.as_str()));
                    snapshots.table(noun, rows);
                }
                Entry::Barred(sorted) => snapshots.barred(sorted),
                Entry::Wanted { revision, tables, since } => snapshots.snapshot(revision, &tables, since).unwrap(),
                _ => panic!("nothing else"),
            }
        }
        (written, text)
    }

    /// BOX-122, PHN-82, TRK-13: that there is a secret is all that is said of it, and each row is still one.
    #[test]
    fn a_snapshot_is_read_back_without_its_secrets() {
        let (mut tables, mut snapshots) = (Tables::default(), Snapshots::default());
        let mut tenant = Arc::new(tenant());
        let (written, text) = read(&mut tables, &mut snapshots, &tenant);
        assert_eq!(written, 5);
        assert!(!text.contains("5ecret") && !text.contains("5566778"), "{text}");
        let again = snapshots.find(0).unwrap();
        assert_eq!(again.table::<Agent>().by("agent_number", "801").unwrap().value.name(), "Ann");
        let menu = again.table::<Ivr>().rows().next().unwrap();
        assert_eq!(menu.value.match_plugin.as_deref(), Some("https://crm.example/"));
        let trunk = again.table::<Trunk>().rows().next().unwrap();
        assert_eq!(trunk.value.password.as_deref(), Some("*"), "as SIP writes one down");

        // Only what changed is written once more.
        let mut next = Tenant::clone(&tenant);
        next.remove(model::resource(Trunk::NAME).unwrap(), trunk.id());
        next.revision = 1;
        tenant = Arc::new(next);
        assert_eq!(read(&mut tables, &mut snapshots, &tenant).0, 1);
        assert!(snapshots.find(1).unwrap().table::<Trunk>().is_empty() && !again.table::<Trunk>().is_empty());
        assert_eq!(read(&mut tables, &mut snapshots, &tenant), (0, String::new()), "it is known");
        let mut barring = Tenant::clone(&tenant);
        let change = barred::Change { part: crate::schema::Id(1), number: "95588".into(), bars: true };
        barring.barred.change(&change);
        assert_eq!(read(&mut tables, &mut snapshots, &Arc::new(barring)).0, 0, "under the same number");
        assert!(snapshots.find(1).unwrap().barred.holds(crate::schema::Id(1), "95588"));
    }
}
