//! Calls for help of the last day, kept over restarts (OUT-46), and told in the audit log.

use super::{
    facts::{packed, unpacked},
    fault::Fault,
    months::{self, EMERGENCIES, fault},
};
use crate::history::{audit::AuditEntry, fact::Emergency};
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Later nobody is shown them.
const KEPT_MS: i64 = 24 * 3600 * 1000;
const ACTION: &str = "emergency_call agent";
const DONE: u16 = 200;

/// The newest of a call stands; what is older than a day goes. Gives the entry of a call that was not known.
pub fn keep(transaction: &WriteTransaction, call: &Emergency) -> Result<Option<AuditEntry>, Fault> {
    let mut table = transaction.open_table(EMERGENCIES).map_err(fault)?;
    let mut old = Vec::new();
    for entry in table.iter().map_err(fault)? {
        let (call_id, kept) = entry.map_err(fault)?;
        let kept: Emergency = unpacked(kept.value())?;
        if kept.at.0 < call.at.0 - KEPT_MS {
            old.push(call_id.value().to_owned());
        }
    }
    for call_id in old {
        table.remove(&*call_id).map_err(fault)?;
    }
    let known = table.insert(&*call.call_id, &*packed(call)?).map_err(fault)?.is_some();
    Ok((!known).then(|| told(call)))
}

pub fn all(transaction: &ReadTransaction) -> Result<Vec<Emergency>, Fault> {
    let Some(table) = months::there(transaction, EMERGENCIES)? else { return Ok(Vec::new()) };
    table.iter().map_err(fault)?.map(|entry| unpacked(entry.map_err(fault)?.1.value())).collect()
}

fn told(call: &Emergency) -> AuditEntry {
    let from = call.address.parse::<SocketAddr>().map(|address| address.ip());
    AuditEntry {
        username: call.agent_number.clone(),
        acted_by: None,
        action: ACTION.into(),
        ip_address: from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        request_address: format!("INVITE {}", call.number),
        request_parameters: String::new(),
        parameters_cut: false,
        token: String::new(),
        status: DONE,
        error: None,
        created_at: call.at,
    }
}
