//! How agents stand, as the facts tell it; and what the next start is told of that.

use callbox::history::fact::{AgentEvent, AgentEventKind, Outlived, Paused, SignedIn};

#[derive(Clone, Debug, Default)]
pub struct Stood {
    pub dnd: Vec<String>,
    pub signed_in: Vec<SignedIn>,
    pub paused: Vec<Paused>,
}

impl Stood {
    /// Gives what a story says of it. Nothing happens that was so before.
    pub fn take(&mut self, event: AgentEvent) -> String {
        let AgentEvent { at, agent_number, kind } = event;
        let (said, was_so) = match kind {
            AgentEventKind::DndOn | AgentEventKind::DndOff => {
                let on = kind == AgentEventKind::DndOn;
                let known = self.dnd.contains(&agent_number);
                self.dnd.retain(|agent| *agent != agent_number);
                self.dnd.extend(on.then(|| agent_number.clone()));
                (format!("has do-not-disturb {}", if on { "on" } else { "off" }), known == on)
            }
            AgentEventKind::SignIn { group_number } => {
                let new = SignedIn { agent_number: agent_number.clone(), group_number: group_number.clone() };
                let known = self.signed_in.contains(&new);
                self.signed_in.push(new);
                (format!("signs in to {group_number}"), known)
            }
            AgentEventKind::SignOut { group_number, reason } => {
                let known = self.signed_in.len();
                self.signed_in.retain(|one| one.agent_number != agent_number || one.group_number != group_number);
                (format!("signs out of {group_number} ({reason:?})"), self.signed_in.len() == known)
            }
            AgentEventKind::Pause { reason } => {
                let known = self.paused.iter().any(|one| one.agent_number == agent_number && one.reason == reason);
                self.paused.retain(|one| one.agent_number != agent_number);
                self.paused.push(Paused { agent_number: agent_number.clone(), reason: reason.clone(), since: at });
                (format!("is paused ({reason})"), known)
            }
            AgentEventKind::Resume => {
                let known = self.paused.len();
                self.paused.retain(|one| one.agent_number != agent_number);
                ("goes on".to_owned(), self.paused.len() == known)
            }
        };
        assert!(!was_so, "{agent_number} {said}, and did before");
        format!("{agent_number} {said}")
    }

    pub fn outlives(&self, rest: Outlived) -> Outlived {
        let Stood { dnd, signed_in, paused } = self.clone();
        Outlived { dnd, signed_in, paused, ..rest }
    }
}
