//! The commands that look at the data: check, show, reset-owner.

use super::{
    beside, clock,
    fault::{Code, Fault},
    say::say,
};
use crate::{
    call::alarm::{HELP_SHOWN, of_help},
    history::fact::{Emergency, Registration},
    http::live::Live,
    model::{Trunk, agent::Agent, settings::Settings},
    schema::Tenant,
    store::{self, Store},
    time::Timestamp,
    view::AlarmRow,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{fmt::Write, path::Path, process::ExitCode, sync::Arc};

/// What can be looked at, also beside a running box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// Every fault of what is stored, with what to do; changes nothing (BOX-167).
    Check,
    /// Settings, agents and their phones, trunks, alarms; secrets are `***` (BOX-170).
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
            Look::Show { json } => {
                let store = Store::open(dir)?;
                shown(&store, &remembered(&store.outlived()?.emergencies, clock::now().wall), json)
            }
        }
    }

    /// For the box that runs on `dir`.
    pub fn at_running(self, store: &Store, live: &Live, dir: &Path) -> Result<Said, store::Fault> {
        match self {
            Look::Check => store.verify_running(dir).map(|faults| checked(&faults)),
            Look::Show { json } => shown(store, &live.alarms(), json),
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

/// Of the alarms of a box that is stopped only calls for help are known.
fn remembered(calls: &[Emergency], now: Timestamp) -> Vec<Arc<AlarmRow>> {
    let shown = calls.iter().filter(|call| now < call.at + HELP_SHOWN);
    shown.map(|call| Arc::new(of_help(call))).collect()
}

fn shown(store: &Store, alarms: &[Arc<AlarmRow>], as_json: bool) -> Result<Said, store::Fault> {
    let tenant = store.tenant();
    let settings = serde_json::to_value(Settings::of(&tenant)).unwrap_or_default();
    let agents = agents(&tenant, &store.outlived()?.registrations);
    let trunks = trunks(&tenant);
    let text = if as_json {
        format!("{}\n", json!({ "settings": settings, "agents": agents, "trunks": trunks, "alarms": alarms }))
    } else {
        printed(&settings, &agents, &trunks, alarms)
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

fn printed(settings: &Value, agents: &[Value], trunks: &[Value], alarms: &[Arc<AlarmRow>]) -> String {
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
    text.push_str(if alarms.is_empty() { "" } else { "Alarms\n" });
    for alarm in alarms {
        let _ = writeln!(text, "  {}", told(alarm));
    }
    text
}

/// Its kind, since when, and all that is known of it.
fn told(alarm: &AlarmRow) -> String {
    let kind = serde_json::to_value(alarm.kind).map(|kind| plain(&kind)).unwrap_or_default();
    let percent = if alarm.percent > 0 { format!("{} %", alarm.percent) } else { String::new() };
    let code = alarm.code.map(|code| code.to_string()).unwrap_or_default();
    let full = alarm.full_at.map(|at| format!("full at {at}")).unwrap_or_default();
    let numbers = alarm.numbers.join(" ");
    let AlarmRow { name, reason, text, limit, number, agent_number, department_name, address, .. } = alarm;
    let known =
        [name, agent_number, department_name, number, address, reason, &code, text, limit, &percent, &full, &numbers];
    let known = known.into_iter().filter(|part| !part.is_empty()).map(|part| format!(" {part}"));
    format!("{kind} since {}:{}", alarm.since, known.collect::<String>())
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
    use crate::view::AlarmKind;

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
        let text = printed(&json!({}), &[], &trunks, &[]);
        let expected = "Trunks\n  Line: register carrier.example\n  Old line (disabled): register carrier.example\n";
        assert!(text.ends_with(expected) && !text.contains("s3cret"), "{text}");
    }

    /// BOX-170: of a stopped box the calls for help of the last day.
    #[test]
    fn alarms_are_shown_with_all_that_is_known() {
        let call = Emergency {
            call_id: "c1".into(),
            at: Timestamp(1_795_000_000_000),
            number: "110".into(),
            agent_number: "801".into(),
            agent_name: "Mei Lin".into(),
            ..Emergency::default()
        };
        let calls = [call];
        let of = |seconds: u64| remembered(&calls, calls[0].at + std::time::Duration::from_secs(seconds));
        assert!(of(24 * 3600).is_empty());
        let mut alarms = of(60);
        let full_at = Some(Timestamp(1_795_003_600_000));
        let disk = AlarmRow::new("disk", AlarmKind::DiskFills, calls[0].at);
        alarms.push(Arc::new(AlarmRow { reason: "fills".into(), percent: 83, full_at, ..disk }));
        let text = printed(&json!({}), &[], &[], &alarms);
        let expected = "Alarms\n  emergency since 2026-11-18T11:06:40.000Z: Mei Lin 801 110\n  \
                        disk_fills since 2026-11-18T11:06:40.000Z: fills 83 % full at 2026-11-18T12:06:40.000Z\n";
        assert!(text.ends_with(expected), "{text}");
    }
}
