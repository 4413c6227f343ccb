//! How agents stood when the box stopped: do-not-disturb, groups signed in to, and pauses (BOX-101).

use super::{
    facts::packed,
    fault::Fault,
    months::{AGENT_EVENTS, DND, PAUSED, SIGNED_IN, fault, there},
};
use crate::{
    history::fact::{AgentEvent, AgentEventKind, FactNumber, Paused, SignedIn},
    time::Timestamp,
};
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

pub fn keep(transaction: &WriteTransaction, number: FactNumber, event: &AgentEvent) -> Result<(), Fault> {
    let agent = &*event.agent_number;
    match &event.kind {
        AgentEventKind::DndOn | AgentEventKind::DndOff => {
            let mut table = transaction.open_table(DND).map_err(fault)?;
            match event.kind == AgentEventKind::DndOn {
                true => table.insert(agent, ()).map(drop).map_err(fault)?,
                false => table.remove(agent).map(drop).map_err(fault)?,
            }
        }
        AgentEventKind::SignIn { group_number } => {
            let mut table = transaction.open_table(SIGNED_IN).map_err(fault)?;
            table.insert((agent, &**group_number), ()).map(drop).map_err(fault)?;
        }
        AgentEventKind::SignOut { group_number, .. } => {
            let mut table = transaction.open_table(SIGNED_IN).map_err(fault)?;
            table.remove((agent, &**group_number)).map(drop).map_err(fault)?;
        }
        AgentEventKind::Pause { reason } => {
            let mut table = transaction.open_table(PAUSED).map_err(fault)?;
            table.insert(agent, (&**reason, event.at.0)).map(drop).map_err(fault)?;
        }
        AgentEventKind::Resume => {
            let mut table = transaction.open_table(PAUSED).map_err(fault)?;
            table.remove(agent).map(drop).map_err(fault)?;
        }
    }
    let mut events = transaction.open_table(AGENT_EVENTS).map_err(fault)?;
    events.insert(number.0, &*packed(event)?).map(drop).map_err(fault)
}

pub fn dnd(transaction: &ReadTransaction) -> Result<Vec<String>, Fault> {
    let table = transaction.open_table(DND).map_err(fault)?;
    table.iter().map_err(fault)?.map(|entry| Ok(entry.map_err(fault)?.0.value().to_owned())).collect()
}

pub fn signed_in(transaction: &ReadTransaction) -> Result<Vec<SignedIn>, Fault> {
    let Some(table) = there(transaction, SIGNED_IN)? else { return Ok(Vec::new()) };
    let entries = table.iter().map_err(fault)?.map(|entry| {
        let (key, ()) = entry.map(|(key, _)| (key, ())).map_err(fault)?;
        let (agent, group) = key.value();
        Ok(SignedIn { agent_number: agent.into(), group_number: group.into() })
    });
    entries.collect()
}

pub fn paused(transaction: &ReadTransaction) -> Result<Vec<Paused>, Fault> {
    let Some(table) = there(transaction, PAUSED)? else { return Ok(Vec::new()) };
    let entries = table.iter().map_err(fault)?.map(|entry| {
        let (agent, value) = entry.map_err(fault)?;
        let (reason, since) = value.value();
        Ok(Paused { agent_number: agent.value().into(), reason: reason.into(), since: Timestamp(since) })
    });
    entries.collect()
}
