//! What a call may reach while something happens to it: the time, what is wanted, the floor, slots, its orders.

use super::{
    alarm::Alarms,
    calls::CallNumber,
    command,
    match_plugin::{Asked, Question, QuestionId},
    party::Guest,
    recording::{PromptToKeep, Recordings},
    stock::Stock,
    ways::Ways,
};
use crate::{
    audio::order::{self as sound, Source},
    chance::Chance,
    floor::Floor,
    history::{
        call_record::CallRecord,
        fact::{Emergency, Fact, GroupTurn},
    },
    model::{AgentGroup, Department, Preferences, agent::Agent, settings::Settings},
    schema::{
        Id, Model, Row,
        kind::Ref,
        tenant::{self, Tenant},
    },
    sdp::LegId,
    sip::order::{self as sip, BindingId, TrunkId},
    time::{Now, Timestamp, Uptime},
    view::{AgentState, Change},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// What calls want done, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    Sip(sip::Order),
    Sound(sound::Order),
    Reply(command::ReplyId, Result<command::Answer, command::NotDone>),
    Remember(Fact),
    Show(Change),
    KeepPrompt(PromptToKeep),
    /// `Calls::plugin_answered` says what came of it.
    AskPlugin(Question),
    /// A step failed, and the call that it was about was ended.
    Fell {
        /// Empty: it was about none.
        call_id: String,
    },
}

pub type Orders = Vec<Order>;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Office {
    pub now: Now,
    /// What is wanted, as last told.
    #[serde(with = "tenant::by_revision")]
    pub tenant: Arc<Tenant>,
    pub floor: Floor,
    pub stock: Stock,
    pub chance: Chance,
    /// What choosing a way reads beside the snapshot.
    pub ways: Ways,
    /// At which number each ring group begins next, where its strategy moves on (RNG-18, RNG-20).
    pub turns: BTreeMap<Id, GroupTurn>,
    /// The call that lies in each slot (FEA-4).
    pub(in crate::call) parked: BTreeMap<u32, CallNumber>,
    /// Calls of leaders who hear whatever an agent does, and whom each hears now.
    pub(in crate::call) watches: BTreeMap<CallNumber, Option<(CallNumber, Guest)>>,
    pub recordings: Recordings,
    pub alarms: Alarms,
    next_leg: u64,
    next_question: u64,
    /// Trunks without a free line over which somebody calls for help (OUT-44).
    #[serde(skip)]
    pub room_on: Vec<TrunkId>,
    /// The key of this event as a recording has it: it chose something, or says what became of those that nobody
    /// writes down. None: it is hidden.
    #[serde(skip)]
    pub pressed: Option<char>,
    /// False in a replay.
    #[serde(skip)]
    pub lives: bool,
    /// Empty between two events.
    #[serde(skip)]
    pub orders: Orders,
}

impl Office {
    pub fn new(tenant: Arc<Tenant>, chance: Chance) -> Office {
        Office {
            now: Now::default(),
            tenant,
            floor: Floor::default(),
            stock: Stock::default(),
            chance,
            ways: Ways::default(),
            turns: BTreeMap::new(),
            parked: BTreeMap::new(),
            watches: BTreeMap::new(),
            recordings: Recordings::default(),
            alarms: Alarms::default(),
            next_leg: 2,
            next_question: 1,
            room_on: Vec::new(),
            pressed: None,
            lives: true,
            orders: Orders::new(),
        }
    }

    pub fn up(&self) -> Uptime {
        self.now.up
    }

    pub fn wall(&self) -> Timestamp {
        self.now.wall
    }

    pub fn preferences(&self) -> &Preferences {
        Preferences::of(&self.tenant)
    }

    /// What somebody hears who waits, where nothing else is set (PRF-46).
    pub fn music(&self) -> Source {
        self.preferences().default_music.as_ref().map_or(Source::Music, |media| Source::MusicOf(media.id.0))
    }

    pub fn settings(&self) -> &Settings {
        Settings::of(&self.tenant)
    }

    pub fn is_agent(&self, number: &str) -> bool {
        Agent::of(&self.tenant, number).is_some()
    }

    /// AGT-25, AGT-26: a disabled agent neither calls nor is called.
    pub fn is_enabled(&self, number: &str) -> bool {
        Agent::of(&self.tenant, number).is_some_and(|agent| agent.value.enabled())
    }

    /// Of an agent; those without one count as of one department. `None`: no agent has this number.
    pub fn department(&self, agent: &str) -> Option<Option<Ref<Department>>> {
        Agent::of(&self.tenant, agent).map(|row| row.value.department)
    }

    /// An agent calls for help from one of its phones (OUT-46).
    pub fn called_for_help(&mut self, call_id: &str, agent: &str, binding: Option<BindingId>, number: &str) {
        let device = self.floor.agent(agent).and_then(|known| known.device(binding?.0));
        let call = Emergency {
            call_id: call_id.into(),
            at: self.wall(),
            number: number.into(),
            agent_number: agent.into(),
            agent_name: self.name(agent),
            department_name: self.department_name(agent),
            address: device.map(|device| device.row.address.clone()).unwrap_or_default(),
            confirmed_by: Vec::new(),
        };
        self.alarms.emergency(&call);
        self.remember(Fact::Emergency(Box::new(call)));
    }

    /// This agent is in a call, at a phone or at a number outside.
    pub fn talks(&self, agent: &str) -> bool {
        self.floor.agent(agent).is_some_and(|agent| agent.standing() == AgentState::Talking)
    }

    /// The agent group of this number.
    pub fn group(&self, number: &str) -> Option<&Arc<Row<AgentGroup>>> {
        let (noun, id) = self.tenant.number_holder(number)?;
        self.tenant.table::<AgentGroup>().row(id).filter(|_| noun == AgentGroup::NAME)
    }

    pub fn name(&self, number: &str) -> String {
        Agent::of(&self.tenant, number).map(|agent| agent.value.name()).unwrap_or_default()
    }

    /// At which number this group begins; one that was saved since begins at the top (RNG reading).
    pub fn turn(&self, group: Id, rev: u64) -> usize {
        self.turns.get(&group).filter(|turn| turn.rev == rev).map_or(0, |turn| turn.next as usize)
    }

    /// Kept over a restart.
    pub fn set_turn(&mut self, group: Id, rev: u64, next: usize) {
        let turn = GroupTurn { group: group.0, rev, next: next as u32 };
        self.turns.insert(group, turn);
        self.remember(Fact::GroupTurn(turn));
    }

    pub fn department_of(&self, number: &str) -> Option<&Arc<Row<Department>>> {
        Agent::of(&self.tenant, number)?.value.department?.row(&self.tenant)
    }

    /// As it is called now; empty without one.
    pub fn department_name(&self, number: &str) -> String {
        self.department_of(number).map(|row| row.value.name.to_string()).unwrap_or_default()
    }

    /// The number of a leg that we send: even, where those that come in are odd.
    pub fn leg(&mut self) -> LegId {
        let leg = LegId(self.next_leg);
        self.next_leg += 2;
        leg
    }

    /// Asks the service of a menu at this address.
    pub fn ask_plugin(&mut self, to: String, asked: Asked) -> QuestionId {
        let id = QuestionId(self.next_question);
        self.next_question += 1;
        self.orders.push(Order::AskPlugin(Question { id, to, asked }));
        id
    }

    /// CDR-39: the moment and twelve letters, 24 in all.
    pub fn call_id(&mut self) -> String {
        format!("{:011x}-{}", self.now.wall.0.max(0), self.chance.token(12))
    }

    pub fn sip(&mut self, order: sip::Order) {
        self.orders.push(Order::Sip(order));
    }

    pub fn sound(&mut self, order: sound::Order) {
        self.orders.push(Order::Sound(order));
    }

    pub fn remember(&mut self, fact: Fact) {
        self.orders.push(Order::Remember(fact));
    }

    pub fn remember_open(&mut self, record: &CallRecord) {
        self.remember(Fact::CallOpen(Box::new(record.clone())));
    }

    pub fn show(&mut self, change: Change) {
        self.orders.push(Order::Show(change));
    }
}
