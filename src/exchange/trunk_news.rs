//! What trunks tell, as it is written down and as it is shown (TRK-5, TRK-46, TRK-48).

use crate::{
    call::Calls,
    history::{fact::Fact, trunk_turn::TrunkTurn},
    sip::trunk::{
        standing::{News, Standing, Turn},
        trial::{Step, Tested},
    },
    time::Now,
    view::{Change, TrunkChanged, TrunkError, TrunkRow, TrunkStep, TrunkTested},
};

/// What is written down of the news of a trunk, and what is shown.
pub fn told(news: News, now: Now, calls: &Calls) -> (Option<Fact>, Option<Change>) {
    match news {
        News::Stands(standing) => (None, Some(row(standing, now, calls))),
        News::Turned(Turn { trunk, at, from, to, cause }) => {
            let turn = TrunkTurn {
                trunk: trunk.0,
                at,
                from: from.word().into(),
                to: to.word().into(),
                reason: cause.reason.word().into(),
                code: cause.code,
                address: cause.address.map(|address| address.to_string()),
                ms: cause.ms,
                text: cause.text,
            };
            (Some(Fact::TrunkTurn(Box::new(turn))), None)
        }
        News::Realm { trunk, realm } => (Some(Fact::TrunkRealm { trunk: trunk.0, realm }), None),
        News::Tested(_) => (None, None),
        News::Gone(trunk) => {
            let change = Change::Trunk { trunk: trunk.0.to_string(), row: None };
            (Some(Fact::TrunkGone { trunk: trunk.0 }), Some(change))
        }
    }
}

/// What came of a trial.
pub fn tested(tested: Tested) -> TrunkTested {
    let step = |step: Step| TrunkStep {
        step: step.stage.word().into(),
        address: step.address.map(|address| address.to_string()),
        ms: step.ms,
        code: step.code,
        reason: step.fault.map(|reason| reason.word().into()),
        text: step.text,
    };
    TrunkTested { advice: tested.advice.word().into(), steps: tested.steps.into_iter().map(step).collect() }
}

fn row(standing: Standing, now: Now, calls: &Calls) -> Change {
    let trunk = standing.trunk.0.to_string();
    let (minutes_today, day_ends) = calls.minutes_over(standing.trunk, now.wall);
    let error = standing.last_fault.map(|cause| TrunkError {
        reason: cause.reason.word().into(),
        code: cause.code,
        text: cause.text,
    });
    let row = TrunkRow {
        trunk: trunk.clone(),
        state: standing.state.word().into(),
        state_since: standing.since,
        reason: standing.cause.reason.word().into(),
        calls_now: standing.calls,
        minutes_today,
        day_ends,
        last_error: error,
        other_realm: standing.other_realm,
        changed: standing.changed.map(|changed| TrunkChanged {
            sent: changed.sent,
            came: changed.came,
            router: changed.router.map(|router| router.to_string()),
        }),
    };
    Change::Trunk { trunk, row: Some(Box::new(row)) }
}

#[cfg(test)]
mod tests {
    use crate::{
        call::command::{Actor, Command, NotDone, ReplyId},
        chance::Seed,
        exchange::{Action, Actions, Event, Exchange},
        history::fact::{Fact, Outlived},
        model::Trunk,
        schema::Tenant,
        sip::{self, wire},
        time::{Now, Timestamp, Uptime},
        view::Change,
    };
    use serde_json::json;
    use std::{sync::Arc, time::Duration};

    /// An office with one trunk that registers, and what it does.
    struct World {
        exchange: Exchange,
        now: Now,
        trunk: u64,
    }

    impl World {
        fn new() -> World {
            let mut tenant = Tenant::default();
            let trunk = json!({
                "name": "Line", "kind": "register", "host": "192.0.2.50", "username": "1001", "password": "secret",
            });
            let trunk = tenant.add(serde_json::from_value::<Trunk>(trunk).unwrap()).0;
            let settings = sip::Settings { nonce_secret: [7; 32], ..sip::Settings::default() };
            let now = Now { up: Uptime(1_000_000), wall: Timestamp(1_795_000_000_000) };
            let exchange = Exchange::new(Arc::new(tenant), Outlived::default(), Seed::from(1), settings);
            World { exchange, now, trunk }
        }

        /// Ways to the carrier open at once.
        fn tell(&mut self, event: Event) -> Vec<Action> {
            let (mut events, mut all) = (vec![event], Vec::new());
            while let Some(event) = events.pop() {
                let mut actions = Actions::default();
                self.exchange.handle(self.now, event, &mut actions);
                for action in actions.drain() {
                    if let Action::Wire(wire::Order::Connect { way, remote, .. }) = action {
                        let local = "192.0.2.1:5060".parse().unwrap();
                        let peer = wire::Peer { transport: wire::Transport::Udp, local, remote, connection: None };
                        let report = wire::Report::Connected { way, peer };
                        events.push(Event::Wire { came: self.now.up, report });
                    }
                    all.push(action);
                }
            }
            all
        }

        fn pass(&mut self, seconds: u64) -> Vec<Action> {
            let end = self.now.up + Duration::from_secs(seconds);
            let mut all = Vec::new();
            while let Some(due) = self.exchange.deadline().filter(|due| *due <= end) {
                let length = due.since(self.now.up);
                self.now = Now { up: self.now.up + length, wall: self.now.wall + length };
                all.extend(self.tell(Event::Tick));
            }
            all
        }
    }

    fn turns(actions: &[Action]) -> Vec<String> {
        let turns = actions.iter().filter_map(|action| match action {
            Action::Remember(_, Fact::TrunkTurn(turn)) => Some(turn),
            _ => None,
        });
        turns.map(|turn| format!("{}-{} {}", turn.from, turn.to, turn.reason)).collect()
    }

    fn shown(actions: &[Action]) -> Vec<String> {
        let rows = actions.iter().filter_map(|action| match action {
            Action::Show(Change::Trunk { row, .. }) => Some(row),
            _ => None,
        });
        rows.map(|row| row.as_ref().map_or("gone".into(), |row| format!("{} {}", row.state, row.reason))).collect()
    }

    /// TRK-5, TRK-48: each change is written down once, and the row shows how the trunk stands now.
    #[test]
    fn a_trunk_that_nobody_answers_is_written_down_and_shown() {
        let mut world = World::new();
        let report = wire::Report::Addresses(vec!["192.0.2.1".parse().unwrap()]);
        let first = world.tell(Event::Wire { came: world.now.up, report });
        assert_eq!(turns(&first), ["disabled-connecting begun"]);
        assert_eq!(shown(&first).last().unwrap(), "connecting begun");
        let later = world.pass(40);
        assert_eq!(turns(&later), ["connecting-unreachable no_answer"]);
        assert_eq!(shown(&later).last().unwrap(), "unreachable no_answer");
        let gone = world.tell(Event::Tenant(Arc::default()));
        assert_eq!(shown(&gone).last().unwrap(), "gone");
        let forgotten =
            |action: &Action| matches!(action, Action::Remember(_, Fact::TrunkGone { trunk }) if *trunk == world.trunk);
        assert!(gone.iter().any(forgotten));
    }

    /// TRK-42, TRK-46: a command is done of a trunk that is there, and said to be none of another.
    #[test]
    fn a_trunk_is_tried_at_once() {
        let mut world = World::new();
        world.tell(Event::Tick);
        world.pass(60);
        let ask = |command| Event::Ask { by: Actor::System, command, reply: ReplyId(4) };
        let trunk = world.trunk;
        let tried = world.tell(ask(Command::TryTrunk { trunk }));
        assert!(tried.contains(&Action::Reply(ReplyId(4), Ok(crate::call::command::Answer::Done))));
        assert!(tried.iter().any(|action| matches!(action, Action::Wire(wire::Order::Send { bytes, .. })
            if bytes.starts_with(b"REGISTER sip:192.0.2.50"))));
        for none in [Command::TryTrunk { trunk: 4711 }, Command::AcceptRealm { trunk }] {
            let refused = world.tell(ask(none));
            assert_eq!(refused, [Action::Reply(ReplyId(4), Err(NotDone::NoSuchRow))]);
        }
    }
}
