//! The commands that look at the data: check, show, reset-owner.

use super::{
    beside, clock,
    fault::{Code, Fault},
    say::say,
};
use crate::{
    history::fact::Registration,
    model::{Trunk, agent::Agent, settings::Settings},
    schema::Tenant,
    store::{self, Store},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{fmt::Write, path::Path, process::ExitCode};

/// What can be looked at, also beside a running box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// Every fault of what is stored, with what to do; changes nothing (BOX-167).
    Check,
    /// Settings, agents and their phones, trunks; secrets are `***` (BOX-170).
    Show { json: bool },
}

/// What a look prints, and the code it ends with (BOX-172).
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub text: String,
    pub code: u8,
}

impl Look {
    /// Looks into `dir`, or asks the box that runs on it.
    pub fn at(self, dir: &Path) -> Result<Said, Fault> {
        present(dir)?;
        match self.at_stopped(dir) {
            Err(fault @ store::Fault::InUse { .. }) => beside::ask(dir, self).unwrap_or_else(|| Err(fault.into())),
            said => Ok(said?),
        }
    }

    fn at_stopped(self, dir: &Path) -> Result<Said, store::Fault> {
        match self {
            Look::Check => Store::verify(dir).map(|faults| checked(&faults)),
            Look::Show { json } => shown(&Store::open(dir)?, json),
        }
    }

    /// For the box that runs on `dir`.
    pub fn at_running(self, store: &Store, dir: &Path) -> Result<Said, store::Fault> {
        match self {
            Look::Check => store.verify_running(dir).map(|faults| checked(&faults)),
            Look::Show { json } => shown(store, json),
        }
    }
}

fn checked(faults: &[store::Fault]) -> Said {
    let lines = faults.iter().map(|fault| format!("{}\n  {}\n", fault.cause(), fault.remedy()));
    match faults {
        [] => Said { text: "everything can be read\n".into(), code: 0 },
        _ => Said { text: lines.collect(), code: Code::Failed as u8 },
    }
}

fn shown(store: &Store, as_json: bool) -> Result<Said, store::Fault> {
    let tenant = store.tenant();
    let settings = serde_json::to_value(Settings::of(&tenant)).unwrap_or_default();
    let agents = agents(&tenant, &store.outlived()?.registrations);
    let trunks = trunks(&tenant);
    let text = if as_json {
        format!("{}\n", json!({ "settings": settings, "agents": agents, "trunks": trunks }))
    } else {
        printed(&settings, &agents, &trunks)
    };
    Ok(Said { text, code: 0 })
}

fn agents(tenant: &Tenant, registrations: &[Registration]) -> Vec<Value> {
    let rows = tenant.table::<Agent>().rows().map(|row| {
        let number = row.value.agent_number.to_string();
        let its = registrations.iter().filter(|registration| registration.agent_number == number);
        let phones: Vec<&str> = its.map(|registration| &*registration.remote).collect();
        json!({
            "agent_number": number, "name": row.value.name(), "enabled": row.value.enabled(),
            "phones": phones, "sip_password": "***"
        })
    });
    rows.collect()
}

fn trunks(tenant: &Tenant) -> Vec<Value> {
    let rows = tenant.table::<Trunk>().rows().map(|row| {
        let Trunk { name, kind, host, status, password, .. } = &row.value;
        let password = if password.is_some() { "***" } else { "" };
        json!({ "name": name, "kind": kind, "host": host, "status": status, "password": password })
    });
    rows.collect()
}

fn printed(settings: &Value, agents: &[Value], trunks: &[Value]) -> String {
    let mut text = String::from("Settings\n");
    for (name, value) in settings.as_object().into_iter().flatten() {
        let _ = writeln!(text, "  {name:<30} {}", plain(value));
    }
    text.push_str("Agents\n");
    for agent in agents {
        let phones = agent["phones"].as_array().map(|p| p.iter().map(plain).collect::<Vec<_>>().join(", "));
        let phones = phones.filter(|p| !p.is_empty()).unwrap_or_else(|| "no phone".into());
        let off = if agent["enabled"] == json!(false) { " (disabled)" } else { "" };
        let (number, name) = (plain(&agent["agent_number"]), plain(&agent["name"]));
        let _ = writeln!(text, "  {number:<8} {name}{off}: {phones}");
    }
    text.push_str(if trunks.is_empty() { "" } else { "Trunks\n" });
    for trunk in trunks {
        let said = ["name", "kind", "host"].map(|field| plain(&trunk[field]));
        let off = if trunk["status"] == json!("disabled") { " (disabled)" } else { "" };
        let _ = writeln!(text, "  {}{off}: {} {}", said[0], said[1], said[2]);
    }
    text
}

/// Unsets the owner's password (BOX-169): the panel then asks to make it anew.
pub fn reset_owner(dir: &Path) -> Result<ExitCode, Fault> {
    present(dir)?;
    let store = Store::open(dir)?;
    let had = store.reset_owner(clock::now().wall).map_err(|refused| Fault::refused(&refused.sentence()))?;
    say(if had { "The owner's password is unset; the panel asks for a new one." } else { "There is no owner." })?;
    Ok(ExitCode::SUCCESS)
}

fn present(dir: &Path) -> Result<(), Fault> {
    if dir.is_dir() { Ok(()) } else { Err(Fault::data(dir, "there is no such directory")) }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-170
    #[test]
    fn trunks_are_shown_without_their_passwords() {
        let mut tenant = Tenant::default();
        for (name, status) in [("Line", "enabled"), ("Old line", "disabled")] {
            let trunk = json!({
                "name": name, "kind": "register", "host": "carrier.example", "username": "1001", "password": "s3cret",
                "status": status,
            });
            tenant.add(serde_json::from_value::<Trunk>(trunk).unwrap());
        }
        let trunks = trunks(&tenant);
        assert_eq!((&trunks[0]["password"], &trunks[1]["status"]), (&json!("***"), &json!("disabled")));
        let text = printed(&json!({}), &[], &trunks);
        let expected = "Trunks\n  Line: register carrier.example\n  Old line (disabled): register carrier.example\n";
        assert!(text.ends_with(expected) && !text.contains("s3cret"), "{text}");
    }
}
