//! The one door: an event and the time go in, actions come out.

/// The time of day, and whether anybody is sure of it.
mod clock;
/// What the exchange is told, written down so that it can be told again.
pub mod flight;
/// The messages of legs that are up.
mod ladder;
/// What trunks tell, as it is written down and shown.
mod trunk_news;
/// What is wanted of trunks, in the words of SIP.
mod trunks;

pub use crate::sip::wire;
use crate::{
    audio,
    call::{
        Calls, Order,
        command::{Actor, Answer, Command, NotDone, ReplyId},
        fallen::caught,
        match_plugin::{self, Question, QuestionId},
        recording::PromptToKeep,
    },
    chance::Seed,
    history::fact::{Fact, FactNumber, Outlived, Registration},
    model::{agent::Agent, settings},
    schema::{
        as_json,
        kind::{ExternalAddress, Network},
        tenant::{self, Tenant},
    },
    sdp::LegId,
    sip::{
        self, External, Sip,
        digest::{Ha1, Offer, Users},
        guard::{Ban, Failure},
        order::{Binding, BindingId, TrunkId},
        recorded::Came,
        trunk::standing::News,
    },
    time::{Now, Uptime},
    view::{BanReason, BanRow, BoxRow, Change, DiskRow},
};
use bytes::Bytes;
use clock::Clock;
use ladder::Ladder;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};
use trunks::Written;

/// What the exchange is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// `came` is when the message reached the box, so how far behind the exchange is can be seen inside it.
    Wire {
        came: Uptime,
        report: wire::Report,
    },
    Sound(audio::order::Report),
    Ask {
        by: Actor,
        command: Command,
        reply: ReplyId,
    },
    /// What is wanted has changed.
    Tenant(#[serde(with = "tenant::by_revision")] Arc<Tenant>),
    /// It is among the media files, or could not be put there.
    PromptKept {
        recording: audio::order::RecordingId,
        kept: bool,
    },
    /// What the service of a menu answered; `None`: nothing that can be read, or nothing in time.
    PluginAnswered {
        question: QuestionId,
        #[serde(with = "as_json")]
        answer: Option<match_plugin::Answer>,
    },
    /// Facts up to this number are on the disk.
    Stored(FactNumber),
    Seed(Seed),
    /// How full the disk is, as far as that has changed.
    Disk(DiskRow),
    /// The time of day was set by so many milliseconds. What is not over is dated anew and lasts as it would have.
    ClockSet {
        by_ms: i64,
    },
    /// Whether anybody is sure of the time of day.
    TimeSure(bool),
    Tick,
}

/// What the exchange wants done, in this order. Written down without secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    Wire(wire::Order),
    Sound(audio::order::Order),
    Reply(ReplyId, Result<Answer, NotDone>),
    Remember(FactNumber, Fact),
    Show(Change),
    /// `Event::PromptKept` says what became of it.
    KeepPrompt(PromptToKeep),
    /// `Event::PluginAnswered` says what became of it.
    AskPlugin(Question),
    /// A step failed, and the call that it was about was ended.
    Fell {
        /// Empty: it was about none.
        call_id: String,
    },
}

/// Actions that wait to be done.
#[must_use = "an action that is not done is lost"]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Actions(Vec<Action>);

impl Actions {
    pub fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    fn since(&mut self, from: usize) -> &mut [Action] {
        &mut self.0[from..]
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    pub fn drain(&mut self) -> impl Iterator<Item = Action> {
        self.0.drain(..)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Action> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How often the figures of the box are shown at most.
const BOX_ROW_EVERY: Duration = Duration::from_secs(1);

/// Everything that decides: the state is plain data and changes in `handle` alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    sip: Sip,
    settings: sip::Settings,
    /// Said when the process was started; goes before what is set.
    external: Option<IpAddr>,
    calls: Calls,
    #[serde(skip)]
    written: Written,
    #[serde(skip)]
    ladder: Ladder,
    /// Legs of ours whose INVITE was not seen yet.
    #[serde(skip)]
    unseen: Vec<LegId>,
    /// What is done at the first event: who may register, and who was registered.
    beginning: Option<Beginning>,
    next_fact: u64,
    stored: FactNumber,
    /// Those who wait until the last fact before their answer is on the disk.
    waiting: Vec<(ReplyId, Option<FactNumber>)>,
    clock: Clock,
    disk: Option<DiskRow>,
    shown: BoxRow,
    /// They are not what was shown last.
    unshown: bool,
    show_from: Uptime,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Beginning {
    #[serde(with = "tenant::by_revision")]
    tenant: Arc<Tenant>,
    registrations: Vec<Registration>,
}

impl Exchange {
    /// Begins with what outlived the last stop. `seed` gives choices and SIP tokens. Of `settings` counts what the
    /// tenant does not say: the secret of the nonces, which is made by `run`, and an external address, which goes
    /// before the tenant's.
    pub fn new(tenant: Arc<Tenant>, outlived: Outlived, seed: Seed, mut settings: sip::Settings) -> Exchange {
        let external = match settings.external {
            External::Address(address) => Some(address),
            External::Own | External::Auto | External::Name(_) => None,
        };
        set(&mut settings, &tenant, external);
        let mut sip = Sip::new(settings.clone(), other(seed));
        sip.restore_realms(outlived.realms.into_iter().map(|(trunk, realm)| (TrunkId(trunk), realm)).collect());
        let mut calls = Calls::new(tenant.clone(), &outlived.dnd, seed);
        calls.restore(outlived.last_talks, outlived.group_turns);
        calls.restore_work(outlived.signed_in, outlived.paused);
        outlived.used.into_iter().for_each(|used| calls.restore_used(used));
        calls.restore_help(&outlived.emergencies);
        Exchange {
            sip,
            settings,
            external,
            calls,
            written: Written::default(),
            ladder: Ladder::default(),
            unseen: Vec::new(),
            beginning: Some(Beginning { tenant, registrations: outlived.registrations }),
            next_fact: outlived.next_fact.max(1),
            stored: FactNumber(outlived.next_fact.saturating_sub(1)),
            waiting: Vec::new(),
            clock: Clock::of_start(outlived.next_fact),
            disk: None,
            shown: BoxRow::default(),
            unshown: false,
            show_from: Uptime(0),
        }
    }

    /// Addresses that were banned before the last stop (BOX-146); before the first event.
    pub fn restore_bans(&mut self, bans: Vec<(IpAddr, Ban)>) {
        self.sip.restore_bans(bans);
    }

    /// Why and how often this address is banned, to be kept over a restart.
    pub fn ban_of(&self, address: IpAddr) -> Option<&Ban> {
        self.sip.ban_of(address)
    }

    /// Those in force.
    pub fn bans(&self) -> impl Iterator<Item = (IpAddr, &Ban)> {
        self.sip.bans()
    }

    /// Takes one event in and gives every action it causes.
    pub fn handle(&mut self, now: Now, event: Event, out: &mut Actions) {
        if let Some(beginning) = self.beginning.take() {
            self.begin(now, beginning, out);
        }
        let (from, came) = (out.len(), message_of(&event));
        self.take_came();
        match event {
            Event::Wire { came, report } => self.wire(now, came, report, out),
            Event::Sound(report) => self.with_calls(now, out, |calls, orders| calls.heard(now, report, orders)),
            Event::Ask { by, command, reply } => self.ask(now, by, command, reply, out),
            Event::Tenant(tenant) => self.tenant(now, tenant, out),
            Event::PromptKept { recording, kept } => {
                self.with_calls(now, out, |calls, orders| calls.prompt_kept(now, recording, kept, orders));
            }
            Event::PluginAnswered { question, answer } => {
                self.with_calls(now, out, |calls, orders| calls.plugin_answered(now, question, answer, orders));
            }
            Event::Stored(number) => {
                self.stored = self.stored.max(number);
                self.answer_waiting(out);
            }
            Event::Seed(seed) => {
                self.calls.seed(seed);
                self.sip.reseed(other(seed));
            }
            Event::Disk(disk) => {
                self.disk = Some(disk);
                self.calls.disk_stands(now, &disk);
            }
            Event::ClockSet { by_ms } => self.clock_set(now, by_ms, out),
            Event::TimeSure(sure) => self.time_is_sure(now, sure, out),
            Event::Tick => {}
        }
        self.tick(now, out);
        self.show(now, out);
        self.trace(now, came, out.since(from));
    }

    /// What came of the secrets of the last event.
    pub fn take_came(&mut self) -> Came {
        Came { pressed: self.calls.take_pressed(), ..self.sip.take_came() }
    }

    /// Whether nothing of what this address says is of a phone or a line of the office.
    pub fn is_outside(&self, address: IpAddr) -> bool {
        self.sip.is_outside(address)
    }

    /// Every snapshot that something reads: the newest, and those with which older calls began. Of two with the same
    /// number, which differ in no row of theirs, the newer.
    pub fn snapshots(&self) -> Vec<Arc<Tenant>> {
        let beginning = self.beginning.iter().map(|beginning| &beginning.tenant);
        let all = self.calls.snapshots().chain(beginning).map(|tenant| (tenant.revision, tenant.clone()));
        all.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// Goes on from what was written down: puts the snapshots in their places, and what follows from them alone.
    fn resume(&mut self, find: impl Fn(u64) -> Arc<Tenant>) {
        self.calls.put_snapshots(&find);
        let Some(beginning) = &mut self.beginning else {
            let tenant = self.calls.newest();
            self.written = Written::of(&tenant);
            return self.sip.resume(users(&tenant, &self.settings.realm), trunks::dids(&tenant));
        };
        beginning.tenant = find(beginning.tenant.revision);
    }

    /// Keeps the messages of legs that are up, and gives each story those of its legs (BOX-121).
    fn trace(&mut self, now: Now, came: Option<(wire::Peer, Bytes)>, out: &mut [Action]) {
        let Exchange { sip, ladder, unseen, .. } = self;
        unseen.retain(|leg| match sip.known_by(*leg) {
            Some(known_by) => {
                ladder.begin(*leg, known_by);
                false
            }
            None => true,
        });
        if ladder.is_empty() {
            return;
        }
        if let Some((peer, bytes)) = came {
            ladder.note(now.up, &peer, false, &bytes);
        }
        for action in out {
            match action {
                Action::Wire(wire::Order::Send { peer, bytes }) => ladder.note(now.up, peer, true, bytes),
                Action::Remember(_, Fact::CallTold(story)) => {
                    unseen.retain(|leg| story.legs.iter().all(|told| told.leg != leg.0));
                    ladder.give(story);
                }
                _ => {}
            }
        }
    }

    /// When `handle` wants a `Tick` if nothing happens before.
    pub fn deadline(&self) -> Option<Uptime> {
        if self.beginning.is_some() {
            return Some(Uptime(0));
        }
        let row = self.unshown.then_some(self.show_from);
        [self.sip.deadline(), self.calls.deadline(), row].into_iter().flatten().min()
    }

    fn begin(&mut self, now: Now, beginning: Beginning, out: &mut Actions) {
        self.tenant(now, beginning.tenant, out);
        let bindings = beginning.registrations.into_iter().filter_map(binding).collect();
        self.with_sip(now, out, |sip, heard| sip.restore(now, bindings, heard));
    }

    fn wire(&mut self, now: Now, came: Uptime, report: wire::Report, out: &mut Actions) {
        // Strangers wait behind all others on purpose: their waiting says nothing of how those fare (BOX-132).
        let stranger = matches!(&report, wire::Report::Message { peer, .. } if self.sip.is_stranger(peer.remote.ip()));
        if !stranger {
            self.calls.waited(now.up.since(came), now.up);
        }
        self.sip.refuse_new(self.calls.is_behind(now.up));
        let bytes = match &report {
            wire::Report::Message { bytes, .. } => Some(bytes.clone()),
            _ => None,
        };
        if caught(|| self.with_sip(now, out, |sip, heard| sip.receive(now, report, heard))).is_none() {
            let leg = bytes.and_then(|bytes| self.ladder.leg_of(&bytes));
            self.with_calls(now, out, |calls, orders| calls.failed(now, leg, orders));
        }
    }

    fn ask(&mut self, now: Now, by: Actor, command: Command, reply: ReplyId, out: &mut Actions) {
        match command {
            Command::Bans => {
                let bans = self.sip.bans().map(|(address, ban)| ban_row(address, ban)).collect();
                out.push(Action::Reply(reply, Ok(Answer::Bans(bans))));
            }
            Command::LiftBan { address } => {
                let mut was = false;
                self.with_sip(now, out, |sip, heard| was = sip.lift_ban(now, address, heard));
                out.push(Action::Reply(reply, if was { Ok(Answer::Done) } else { Err(NotDone::NoBan) }));
            }
            Command::TryTrunk { trunk } => {
                let mut found = false;
                self.with_sip(now, out, |sip, heard| found = sip.try_trunk(now, TrunkId(trunk), heard));
                out.push(Action::Reply(reply, if found { Ok(Answer::Done) } else { Err(NotDone::NoSuchRow) }));
            }
            Command::TestTrunk(wanted) => {
                let (saved, trunk) = (wanted.saved.map(TrunkId), trunks::one(0, 0, &wanted.trunk));
                let mut begun = false;
                self.with_sip(now, out, |sip, heard| begun = sip.test_trunk(now, reply.0, saved, trunk, heard));
                if !begun {
                    out.push(Action::Reply(reply, Err(NotDone::Busy)));
                }
            }
            Command::AcceptRealm { trunk } => {
                let mut found = false;
                self.with_sip(now, out, |sip, heard| found = sip.accept_realm(now, TrunkId(trunk), heard));
                out.push(Action::Reply(reply, if found { Ok(Answer::Done) } else { Err(NotDone::NoSuchRow) }));
            }
            Command::Drain | Command::Stop => {
                self.waiting.push((reply, None));
                self.with_calls(now, out, |calls, orders| calls.ask(now, by, command, reply, orders));
            }
            Command::Explain(question) => {
                let answer = self.calls.explain(now.wall, &question).ok_or(NotDone::NoSuchRow);
                out.push(Action::Reply(reply, answer));
            }
            Command::HangUp { .. }
            | Command::Record { .. }
            | Command::ClickToCall(_)
            | Command::TestCall { .. }
            | Command::Confirm { .. }
            | Command::Page { .. }
            | Command::Supervise { .. }
            | Command::Release { .. } => {
                self.with_calls(now, out, |calls, orders| calls.ask(now, by, command, reply, orders));
            }
        }
    }

    fn tenant(&mut self, now: Now, tenant: Arc<Tenant>, out: &mut Actions) {
        set(&mut self.settings, &tenant, self.external);
        let settings = self.settings.clone();
        self.with_sip(now, out, |sip, heard| sip.set(now, settings, heard));
        let users = users(&tenant, &self.settings.realm);
        let trunks = trunks::wanted(&tenant);
        self.written = Written::of(&tenant);
        self.sip.set_dids(trunks::dids(&tenant));
        self.with_calls(now, out, |calls, orders| calls.tenant(now, tenant, orders));
        self.with_sip(now, out, |sip, heard| sip.set_users(now, users, heard));
        self.with_sip(now, out, |sip, heard| sip.set_trunks(now, trunks, heard));
    }

    fn tick(&mut self, now: Now, out: &mut Actions) {
        if self.sip.deadline().is_some_and(|due| due <= now.up) {
            self.with_sip(now, out, |sip, heard| sip.tick(now, heard));
        }
        if self.calls.deadline().is_some_and(|due| due <= now.up) {
            self.with_calls(now, out, |calls, orders| calls.tick(now, orders));
        }
    }

    fn with_sip(&mut self, now: Now, out: &mut Actions, act: impl FnOnce(&mut Sip, &mut sip::Out)) {
        let mut heard = sip::Out::default();
        act(&mut self.sip, &mut heard);
        let mut reports = VecDeque::new();
        self.take(now, heard, &mut reports, out);
        self.go_round(now, reports, out);
    }

    fn with_calls(&mut self, now: Now, out: &mut Actions, act: impl FnOnce(&mut Calls, &mut Vec<Order>)) {
        let (mut orders, mut reports) = (Vec::new(), VecDeque::new());
        act(&mut self.calls, &mut orders);
        self.obey(now, orders, &mut reports, out);
        self.go_round(now, reports, out);
    }

    /// Reports go to the calls, their orders to SIP, whose reports go to the calls, until nothing follows any more.
    fn go_round(&mut self, now: Now, mut reports: VecDeque<sip::order::Report>, out: &mut Actions) {
        while let Some(report) = reports.pop_front() {
            if let sip::order::Report::Invited { leg, .. } | sip::order::Report::CameIn { leg, .. } = &report
                && let Some(known_by) = self.sip.known_by(*leg)
            {
                self.ladder.begin(*leg, known_by);
            }
            let mut orders = Vec::new();
            self.calls.told(now, report, &mut orders);
            self.obey(now, orders, &mut reports, out);
        }
    }

    fn obey(&mut self, now: Now, orders: Vec<Order>, reports: &mut VecDeque<sip::order::Report>, out: &mut Actions) {
        let mut orders = VecDeque::from(orders);
        while let Some(order) = orders.pop_front() {
            match order {
                Order::Sip(order) => {
                    let (leg, ends) = (order.leg(), order.ends());
                    if caught(|| self.obey_in_sip(now, order, reports, out)).is_none() {
                        // What cannot be ended is not ended once more.
                        let mut more = Vec::new();
                        self.calls.failed(now, leg.filter(|_| !ends), &mut more);
                        orders.extend(more);
                    }
                }
                Order::Sound(order) => out.push(Action::Sound(order)),
                Order::Reply(reply, answer) => self.reply(reply, answer, out),
                Order::Remember(fact) => self.remember(fact, out),
                Order::Show(change) => out.push(Action::Show(change)),
                Order::KeepPrompt(prompt) => out.push(Action::KeepPrompt(prompt)),
                Order::AskPlugin(question) => out.push(Action::AskPlugin(question)),
                Order::Fell { call_id } => out.push(Action::Fell { call_id }),
            }
        }
    }

    fn obey_in_sip(
        &mut self,
        now: Now,
        order: sip::order::Order,
        reports: &mut VecDeque<sip::order::Report>,
        out: &mut Actions,
    ) {
        if let sip::order::Order::Ring { leg, .. } | sip::order::Order::Dial { leg, .. } = &order {
            self.unseen.push(*leg);
        }
        let order = self.written.on(order);
        let mut heard = sip::Out::default();
        self.sip.order(now, order, &mut heard);
        self.take(now, heard, reports, out);
    }

    fn take(&mut self, now: Now, heard: sip::Out, reports: &mut VecDeque<sip::order::Report>, out: &mut Actions) {
        for order in heard.wire {
            out.push(Action::Wire(order));
        }
        for news in heard.trunks {
            if let News::Tested(tested) = news {
                let reply = ReplyId(tested.asked);
                out.push(Action::Reply(reply, Ok(Answer::Tested(Box::new(trunk_news::tested(tested))))));
                continue;
            }
            let (fact, change) = trunk_news::told(news, now, &self.calls);
            if let Some(fact) = fact {
                self.remember(fact, out);
            }
            if let Some(change) = change {
                if let Change::Trunk { trunk, row } = &change
                    && let Ok(trunk) = trunk.parse()
                {
                    self.calls.trunk_stands(now, TrunkId(trunk), row.as_deref());
                }
                out.push(Action::Show(change));
            }
        }
        reports.extend(heard.reports);
    }

    fn remember(&mut self, fact: Fact, out: &mut Actions) {
        out.push(Action::Remember(FactNumber(self.next_fact), fact));
        self.next_fact += 1;
    }

    fn reply(&mut self, reply: ReplyId, answer: Result<Answer, NotDone>, out: &mut Actions) {
        let last = FactNumber(self.next_fact - 1);
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == reply) {
            Some((_, until)) => *until = Some(last),
            None => out.push(Action::Reply(reply, answer)),
        }
        self.answer_waiting(out);
    }

    /// BOX-173: whoever waits for the end waits for the records too.
    fn answer_waiting(&mut self, out: &mut Actions) {
        let stored = self.stored;
        self.waiting.retain(|(reply, until)| {
            let done = until.is_some_and(|until| until <= stored);
            if done {
                out.push(Action::Reply(*reply, Ok(Answer::Done)));
            }
            !done
        });
    }

    fn show(&mut self, now: Now, out: &mut Actions) {
        let row = self.row();
        self.unshown = row != self.shown;
        if self.unshown && self.show_from <= now.up {
            self.unshown = false;
            self.shown = row.clone();
            self.show_from = now.up + BOX_ROW_EVERY;
            out.push(Action::Show(Change::Box(row)));
        }
    }

    fn row(&self) -> BoxRow {
        let counted = self.sip.counters();
        let (recordings_lost, recording_fails) = self.calls.recordings_lost();
        BoxRow {
            calls: self.calls.up() as u32,
            max_calls: self.calls.max_calls(),
            registered_devices: self.calls.devices() as u32,
            refusing: self.calls.refuses(),
            calls_refused: self.calls.refused() + counted.refused,
            messages_malformed: counted.malformed,
            bans: self.sip.bans().len() as u32,
            clock_sets: self.clock.sets,
            unsure: self.clock.unsure,
            recordings_lost,
            recording_fails,
            disk: self.disk,
        }
    }
}

/// Of an event that brings one.
fn message_of(event: &Event) -> Option<(wire::Peer, Bytes)> {
    match event {
        Event::Wire { report: wire::Report::Message { peer, bytes }, .. } => Some((*peer, bytes.clone())),
        _ => None,
    }
}

/// Calls and SIP draw from seeds that differ.
fn other(Seed(mut bytes): Seed) -> Seed {
    bytes[31] ^= 1;
    Seed(bytes)
}

/// What an owner can change of SIP while it runs.
fn set(of_sip: &mut sip::Settings, tenant: &Tenant, external: Option<IpAddr>) {
    let wanted = settings::Settings::of(tenant);
    let networks = |list: &[Network]| list.iter().filter_map(|network| network.parse().ok()).collect();
    of_sip.realm = wanted.realm.to_string();
    of_sip.digest = match wanted.digest {
        settings::Digest::Sha256AndMd5 => Offer::Both,
        settings::Digest::Md5 => Offer::Md5,
    };
    of_sip.never_ban = networks(&wanted.never_ban);
    of_sip.local_networks = networks(&wanted.local_networks);
    of_sip.own_networks = wanted.has_usual_networks();
    of_sip.external = external.map_or_else(|| outside(&wanted.external_address), External::Address);
}

/// BOX-41
fn outside(wanted: &ExternalAddress) -> External {
    match (&**wanted, wanted.parse()) {
        ("auto", _) => External::Auto,
        ("none", _) => External::Own,
        (_, Ok(address)) => External::Address(address),
        (name, Err(_)) => External::Name(name.to_owned()),
    }
}

fn ban_row(address: IpAddr, ban: &Ban) -> BanRow {
    let reason = match ban.reason {
        Failure::WrongProof => BanReason::WrongPassword,
        Failure::UnknownNumber => BanReason::UnknownNumber,
    };
    BanRow { address, reason, times: ban.times, since: ban.since, until: ban.until }
}

/// Only enabled agents can prove themselves (AGT-25).
fn users(tenant: &Tenant, realm: &str) -> Arc<Users> {
    let enabled = tenant.table::<Agent>().rows().map(|row| &row.value).filter(|agent| agent.enabled());
    let proofs = enabled.map(|agent| {
        let number = agent.agent_number.to_string();
        let proof = Ha1::new(&number, realm, &agent.sip_password);
        (number, proof)
    });
    Arc::new(proofs.collect())
}

/// `None` if what was stored cannot be read: the phone will register again.
fn binding(known: Registration) -> Option<Binding> {
    let transport = match known.transport.as_str() {
        "udp" => wire::Transport::Udp,
        "tcp" => wire::Transport::Tcp,
        "tls" => wire::Transport::Tls,
        _ => return None,
    };
    let (local, remote) = (known.local.parse().ok()?, known.remote.parse().ok()?);
    Some(Binding {
        id: BindingId(known.id),
        user: known.agent_number,
        contact: known.contact,
        instance: known.instance,
        path: known.path,
        peer: wire::Peer { transport, local, remote, connection: None },
        user_agent: known.user_agent,
        call_id: known.call_id,
        cseq: known.cseq,
        registered_at: known.registered_at,
        expires_at: known.expires_at,
        reachable: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sip::RemotePhones, time::Timestamp};

    /// BOX-132, BOX-135: a flood of strangers that waits in its own queue refuses nobody's call.
    #[test]
    fn strangers_that_wait_do_not_refuse_calls() {
        let settings =
            sip::Settings { nonce_secret: [7; 32], remote_phones: RemotePhones::Any, ..sip::Settings::default() };
        let mut exchange = Exchange::new(Arc::default(), Outlived::default(), Seed::from(1), settings);
        let now = Now { up: Uptime(10_000_000), wall: Timestamp(1_795_000_000_000) };
        let came = Uptime(now.up.0 - 900_000);
        let late = |report| Event::Wire { came, report };
        let peer = wire::Peer {
            transport: wire::Transport::Udp,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "203.0.113.9:5060".parse().unwrap(),
            connection: None,
        };
        let bytes = bytes::Bytes::from_static(b"OPTIONS sip:x SIP/2.0\r\n\r\n");
        exchange.handle(now, late(wire::Report::Message { peer, bytes }), &mut Actions::default());
        assert!(!exchange.calls.is_behind(now.up));
        exchange.handle(now, late(wire::Report::Unreached { peer }), &mut Actions::default());
        assert!(exchange.calls.is_behind(now.up), "what is our own does count");
    }
}
