//! The commands that look at the data of a stopped box: check, show, reset-owner.

use super::{clock, fault::Fault};
use crate::{
    model::{agent::Agent, settings::Settings},
    store::Store,
};
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode};

/// Verifies what is stored and says each fault with what to do; changes nothing (BOX-167).
pub fn check(dir: &Path) -> Result<ExitCode, Fault> {
    present(dir)?;
    let faults = Store::verify(dir)?;
    for fault in &faults {
        println!("{}\n  {}", fault.cause(), fault.remedy());
    }
    if faults.is_empty() {
        println!("{}: everything can be read", dir.display());
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Settings, agents and their phones; secrets are `***` (BOX-170).
pub fn show(dir: &Path, as_json: bool) -> Result<ExitCode, Fault> {
    present(dir)?;
    let store = Store::open(dir)?;
    let tenant = store.tenant();
    let settings = serde_json::to_value(Settings::of(&tenant)).unwrap_or_default();
    let registrations = store.outlived()?.registrations;
    let agents: Vec<Value> = tenant
        .table::<Agent>()
        .rows()
        .map(|row| {
            let number = row.value.agent_number.to_string();
            let phones: Vec<&str> = registrations
                .iter()
                .filter(|registration| registration.agent_number == number)
                .map(|registration| &*registration.remote)
                .collect();
            json!({ "agent_number": number, "name": row.value.name(), "enabled": row.value.enabled(), "phones": phones, "sip_password": "***" })
        })
        .collect();
    if as_json {
        println!("{}", json!({ "settings": settings, "agents": agents }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("Settings");
    for (name, value) in settings.as_object().into_iter().flatten() {
        println!("  {name:<30} {}", plain(value));
    }
    println!("Agents");
    for agent in &agents {
        let phones = agent["phones"].as_array().map(|p| p.iter().map(plain).collect::<Vec<_>>().join(", "));
        let phones = phones.filter(|p| !p.is_empty()).unwrap_or_else(|| "no phone".into());
        let off = if agent["enabled"] == json!(false) { " (disabled)" } else { "" };
        println!("  {:<8} {}{off}: {phones}", plain(&agent["agent_number"]), plain(&agent["name"]));
    }
    Ok(ExitCode::SUCCESS)
}

/// Unsets the owner's password (BOX-169): the panel then asks to make it anew.
pub fn reset_owner(dir: &Path) -> Result<ExitCode, Fault> {
    present(dir)?;
    let store = Store::open(dir)?;
    let had = store.reset_owner(clock::now().wall).map_err(|refused| Fault::refused(&refused.sentence()))?;
    println!(
        "{}",
        if had { "The owner's password is unset; the panel asks for a new one." } else { "There is no owner." }
    );
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
