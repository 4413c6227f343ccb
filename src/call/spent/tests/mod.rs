//! Tables of what is used and what is refused.

use super::*;
use NumberClass::{International, Local};
use serde_json::{Value, json};

fn office(mut limits: Value) -> Tenant {
    let mut tenant = Tenant::default();
    let every = limits.as_object_mut().unwrap().remove("daily_call_limit").unwrap_or(json!(0));
    tenant.add(serde_json::from_value::<Limits>(json!({ "daily_call_limit": every })).unwrap());
    let mut all = json!(FraudLimits::default());
    all.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    tenant.add(serde_json::from_value::<FraudLimits>(all).unwrap());
    for minutes in [0, 10] {
        let line = json!({
            "name": format!("Line {minutes}"), "kind": "peer", "host": "192.0.2.1", "minutes_day": minutes
        });
        tenant.add(serde_json::from_value::<Trunk>(line).unwrap());
    }
    tenant
}

/// 12:00 in Shanghai.
fn noon() -> Timestamp {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

fn seconds(seconds: u64) -> Timestamp {
    noon() + Duration::from_secs(seconds)
}

fn by(agent: &str, class: NumberClass) -> Outside {
    Outside { agent: Some(agent.into()), number: "861088001234".into(), class, ..Outside::default() }
}

const LINE: TrunkId = TrunkId(1);

fn refusal(spent: &Spent, outside: &Outside, tenant: &Tenant, at: Timestamp) -> Option<Limit> {
    spent.allows(outside, tenant, at).err().map(|used| used.limit)
}

/// A call that begins, is answered at once, and ends.
fn talk(spent: &mut Spent, outside: Outside, tenant: &Tenant, from: Timestamp, length: u64) {
    spent.began("a", outside, tenant, from);
    spent.answered("a", LINE, tenant, from);
    spent.ended("a", tenant, from + Duration::from_secs(length));
}

/// OUT-54, OUT-56
#[test]
fn one_agent_starts_only_so_many_calls() {
    let tenant = office(json!({ "agent_concurrent": 2, "agent_attempts_minute": 3 }));
    let mut spent = Spent::default();
    for call in ["a", "b"] {
        assert_eq!(refusal(&spent, &by("801", Local), &tenant, noon()), None, "{call}");
        spent.began(call, by("801", Local), &tenant, noon());
    }
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, noon()), Some(Limit::AgentConcurrent), "OUT-54");
    assert_eq!(refusal(&spent, &by("802", Local), &tenant, noon()), None, "another agent");
    spent.ended("a", &tenant, noon());
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, noon()), None);
    spent.began("c", by("801", Local), &tenant, seconds(1));
    spent.ended("c", &tenant, seconds(1));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(59)), Some(Limit::AgentAttemptsMinute), "OUT-56");
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(60)), None, "the first two are a minute old");
    let dialer = Outside { agent: None, ..by("801", Local) };
    assert_eq!(refusal(&spent, &dialer, &tenant, noon()), None, "OUT-56 reading: a dialer has limits of its own");
}

/// OUT-55, OUT-57, OUT-58, OUT-66: seconds are added as they pass, and what has ended stays.
#[test]
fn minutes_of_the_day_are_used_up() {
    let tenant = office(json!({
        "agent_minutes_day": 5, "dear_agent_minutes_day": 2, "dear_minutes_day": 3, "agent_attempts_minute": 60
    }));
    let mut spent = Spent::default();
    talk(&mut spent, by("801", International), &tenant, noon(), 119);
    assert_eq!(refusal(&spent, &by("801", International), &tenant, seconds(200)), None, "OUT-57: a second is left");
    talk(&mut spent, by("801", International), &tenant, seconds(200), 1);
    let dear = refusal(&spent, &by("801", International), &tenant, seconds(300));
    assert_eq!(dear, Some(Limit::DearAgentMinutesDay), "OUT-57");
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(300)), None, "others may still be called");
    talk(&mut spent, by("802", International), &tenant, seconds(300), 60);
    assert_eq!(
        refusal(&spent, &by("802", International), &tenant, seconds(400)),
        Some(Limit::DearMinutesDay),
        "OUT-58"
    );
    talk(&mut spent, by("801", Local), &tenant, seconds(400), 179);
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(600)), None);
    spent.began("up", by("801", Local), &tenant, seconds(600));
    spent.answered("up", LINE, &tenant, seconds(700));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(700)), None, "OUT-66: ringing does not count");
    assert_eq!(spent.due(), Some(seconds(701)), "OUT-66: as they pass");
    spent.tick(&tenant, seconds(701));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(701)), Some(Limit::AgentMinutesDay), "OUT-55");
    let none = office(json!({ "agent_minutes_day": 0, "dear_agent_minutes_day": 0 }));
    assert_eq!(refusal(&spent, &by("801", Local), &none, seconds(701)), None, "OUT-55: 0 is no limit");
    let never = refusal(&Spent::default(), &by("801", International), &none, noon());
    assert_eq!(never, Some(Limit::DearAgentMinutesDay), "OUT-57: 0 is none at all");
}

/// OUT-66: a day is one of the office, and a call over midnight counts on each side of it.
#[test]
fn another_day_begins_with_nothing_used() {
    let tenant = office(json!({ "agent_minutes_day": 2 }));
    let mut spent = Spent::default();
    let midnight: Timestamp = "2026-11-23T16:00:00Z".parse().unwrap();
    spent.began("a", by("801", Local), &tenant, midnight.moved(-150_000));
    spent.answered("a", LINE, &tenant, midnight.moved(-150_000));
    spent.tick(&tenant, midnight.moved(-1));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, midnight.moved(-1)), Some(Limit::AgentMinutesDay));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, midnight), None, "asked of tomorrow nothing is used");
    spent.tick(&tenant, midnight.moved(119_999));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, midnight.moved(119_999)), None);
    spent.tick(&tenant, midnight.moved(120_000));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, midnight.moved(120_000)), Some(Limit::AgentMinutesDay));
}

/// OUT-59, OUT-62, OUT-63
#[test]
fn dear_night_and_forwarded_calls_run_beside_few_others() {
    let tenant = office(json!({ "dear_concurrent": 1, "night_concurrent": 2, "forward_concurrent": 1 }));
    let mut spent = Spent::default();
    spent.began("a", by("801", International), &tenant, noon());
    assert_eq!(refusal(&spent, &by("802", International), &tenant, noon()), Some(Limit::DearConcurrent), "OUT-59");
    spent.began("b", by("802", Local), &tenant, noon());
    assert_eq!(refusal(&spent, &by("803", Local), &tenant, noon()), None, "by day");
    let forward = Outside { agent: None, forward: true, ..by("", Local) };
    assert_eq!(refusal(&spent, &forward, &tenant, noon()), None);
    spent.began("c", forward.clone(), &tenant, noon());
    assert_eq!(refusal(&spent, &forward, &tenant, noon()), Some(Limit::ForwardConcurrent), "OUT-63");
    for (time, night) in [("13:59:59", false), ("14:00:00", true), ("21:59:59", true), ("22:00:00", false)] {
        let at: Timestamp = format!("2026-11-23T{time}Z").parse().unwrap();
        assert_eq!(is_night(&tenant, at), night, "OUT-62: 22:00 to 06:00 in Shanghai, {time}");
        let refused = refusal(&spent, &by("803", Local), &tenant, at);
        assert_eq!(refused, night.then_some(Limit::NightConcurrent), "OUT-62: {time}");
        assert_eq!(refusal(&spent, &Outside { agent: None, ..by("", Local) }, &tenant, at), None, "only of agents");
    }
    let by_day = office(json!({ "night_from": "09:00", "night_to": "17:00" }));
    assert!(is_night(&by_day, noon()), "a centre that works at night");
}

/// OUT-60, OUT-65: a tone a minute before, then the end; calls that are not dear are never ended.
#[test]
fn a_dear_call_ends_in_time() {
    let tenant = office(json!({ "dear_call_minutes": 3, "dear_agent_minutes_day": 5, "agent_minutes_day": 1 }));
    let mut spent = Spent::default();
    spent.began("dear", by("801", International), &tenant, noon());
    spent.answered("dear", LINE, &tenant, noon());
    spent.began("near", by("802", Local), &tenant, noon());
    spent.answered("near", LINE, &tenant, noon());
    let what = |due: Vec<Due>| due.into_iter().filter(|due| !matches!(due, Due::Alarm { .. })).collect::<Vec<_>>();
    assert_eq!(what(spent.tick(&tenant, seconds(119))), []);
    assert_eq!(what(spent.tick(&tenant, seconds(120))), [Due::Warn { call: "dear".into() }]);
    assert_eq!(what(spent.tick(&tenant, seconds(121))), [], "OUT-60: one tone");
    let end = |limit| [Due::End { call: "dear".into(), limit }];
    assert_eq!(what(spent.tick(&tenant, seconds(180))), end(Limit::DearCallMinutes), "OUT-60");
    spent.ended("dear", &tenant, seconds(180));
    spent.began("dear", by("801", International), &tenant, seconds(200));
    spent.answered("dear", LINE, &tenant, seconds(200));
    assert_eq!(what(spent.tick(&tenant, seconds(319))), []);
    assert_eq!(what(spent.tick(&tenant, seconds(320)))[..1], end(Limit::DearAgentMinutesDay), "OUT-65");
}

/// OUT-61
#[test]
fn a_trunk_has_minutes_of_its_own() {
    let tenant = office(json!({}));
    let mut spent = Spent::default();
    spent.began("a", by("801", Local), &tenant, noon());
    spent.answered("a", TrunkId(2), &tenant, noon());
    spent.tick(&tenant, seconds(600));
    assert_eq!(spent.of_trunk(TrunkId(1), &tenant, seconds(600)), None, "0 is no limit");
    let used = spent.of_trunk(TrunkId(2), &tenant, seconds(600));
    assert_eq!(used, Some(Used { limit: Limit::MinutesDay, used: 10, allowed: 10 }));
}

/// OUT-67, OUT-68: told once at each mark, with the last five numbers; released, the marks come anew.
#[test]
fn a_budget_tells_when_it_is_nearly_used() {
    let tenant = office(json!({ "agent_minutes_day": 10, "agent_attempts_minute": 60 }));
    let mut spent = Spent::default();
    for number in 1..=6 {
        let outside = Outside { number: format!("{number}"), ..by("801", Local) };
        talk(&mut spent, outside, &tenant, noon(), 0);
    }
    spent.began("up", Outside { number: "7".into(), ..by("801", Local) }, &tenant, noon());
    spent.answered("up", LINE, &tenant, noon());
    assert_eq!(spent.tick(&tenant, seconds(479)), []);
    let alarm = |percent| Due::Alarm {
        limit: Limit::AgentMinutesDay,
        of: Budget::Agent("801".into()),
        percent,
        numbers: ["3", "4", "5", "6", "7"].map(String::from).to_vec(),
    };
    assert_eq!(spent.tick(&tenant, seconds(480)), [alarm(80)]);
    assert_eq!(spent.tick(&tenant, seconds(481)), [], "once");
    assert_eq!(spent.tick(&tenant, seconds(600)), [alarm(100)]);
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(600)), Some(Limit::AgentMinutesDay));
    spent.release(Budget::Agent("801".into()), &tenant, seconds(601));
    assert_eq!(refusal(&spent, &by("801", Local), &tenant, seconds(601)), None, "OUT-68: by its own size");
    assert_eq!(spent.tick(&tenant, seconds(960)), [alarm(80)]);
    let midnight: Timestamp = "2026-11-23T16:00:00Z".parse().unwrap();
    spent.ended("up", &tenant, midnight);
    talk(&mut spent, by("801", Local), &tenant, midnight, 600);
    let refused = refusal(&spent, &by("801", Local), &tenant, midnight + Duration::from_secs(700));
    assert_eq!(refused, Some(Limit::AgentMinutesDay), "OUT-68: until midnight");
}

/// CDR-80: one number, a day of the office; without a limit nothing is counted.
#[test]
fn one_number_is_called_only_so_often_in_a_day() {
    let (tenant, free) = (office(json!({ "daily_call_limit": 2 })), office(json!({})));
    let mut spent = Spent::default();
    let left = |spent: &Spent, number: &str, at| {
        spent.of_number(number, &tenant, at).map(|used| used.allowed.saturating_sub(used.used))
    };
    for used in [2, 1, 0] {
        assert_eq!(left(&spent, "861088001234", noon()), Some(used));
        talk(&mut spent, by("801", Local), &tenant, noon(), 1);
    }
    assert_eq!(left(&spent, "861088001235", noon()), Some(2), "another number");
    assert_eq!(left(&spent, "861088001234", "2026-11-23T16:00:00Z".parse().unwrap()), Some(2), "tomorrow");
    assert_eq!(spent.of_number("861088001234", &free, noon()), None, "0 is no limit");
}

/// OUT-41: nothing of an emergency call counts.
#[test]
fn a_call_for_help_uses_nothing() {
    let tenant = office(json!({ "agent_concurrent": 1, "agent_attempts_minute": 1, "daily_call_limit": 1 }));
    let mut spent = Spent::default();
    spent.began("help", Outside { emergency: true, number: "110".into(), ..by("801", Local) }, &tenant, noon());
    spent.answered("help", LINE, &tenant, noon());
    assert_eq!((spent.due(), refusal(&spent, &by("801", Local), &tenant, noon())), (None, None));
}

/// BOX-52: the time of day is set, and what is up lasts as it would have.
#[test]
fn a_clock_that_is_set_uses_nothing_up() {
    let tenant = office(json!({ "agent_minutes_day": 10 }));
    let mut spent = Spent::default();
    spent.began("a", by("801", Local), &tenant, noon());
    spent.answered("a", LINE, &tenant, noon());
    spent.tick(&tenant, seconds(60));
    spent.date_anew(3_600_000);
    spent.tick(&tenant, seconds(3_720));
    let used = spent.limits(&by("801", Local), &tenant, seconds(3_720));
    assert!(used.contains(&Used { limit: Limit::AgentMinutesDay, used: 2, allowed: 10 }), "{used:?}");
}

/// OUT-66, BOX-52: a clock that is wrong for a while, a day or five years ahead, gives nobody a day more, also over a
/// stop.
#[test]
fn a_wrong_day_gives_nothing_back() {
    let tenant = office(json!({ "agent_minutes_day": 10, "daily_call_limit": 9 }));
    let used = |spent: &Spent, at| {
        let minutes = spent
            .limits(&by("801", Local), &tenant, at)
            .iter()
            .find(|used| used.limit == Limit::AgentMinutesDay)
            .unwrap()
            .used;
        (minutes, spent.of_number("861088001234", &tenant, at).unwrap().used)
    };
    for days in [1, 1_800] {
        let ahead = noon() + Duration::from_secs(days * 86_400);
        let mut spent = Spent::default();
        talk(&mut spent, by("801", Local), &tenant, noon(), 240);
        talk(&mut spent, by("801", Local), &tenant, ahead, 120);
        assert_eq!(used(&spent, ahead), (2, 1), "another day");
        assert!(spent.take_changes().is_some());
        assert_eq!(used(&spent, seconds(400)), (2, 1), "not less than is known, before anything is sent");
        talk(&mut spent, by("801", Local), &tenant, seconds(400), 60);
        assert_eq!(used(&spent, seconds(500)), (7, 3));
        let mut again = Spent::default();
        again.restore(spent.take_changes().unwrap());
        assert_eq!(used(&again, seconds(500)), (7, 3), "all of it is written down for this day");
        let tomorrow = noon() + Duration::from_secs(86_400);
        talk(&mut spent, by("801", Local), &tenant, tomorrow, 60);
        assert_eq!(used(&spent, tomorrow), (1, 1));
    }
}

/// OUT-66, BOX-101: what was written down while it was used is all that there was, and is written once.
#[test]
fn what_is_used_is_as_it_was_after_a_stop() {
    let tenant = office(json!({ "daily_call_limit": 3, "allowed_classes": ["international"] }));
    let mut spent = Spent::default();
    talk(&mut spent, by("801", International), &tenant, noon(), 600);
    spent.release(Budget::Dear, &tenant, seconds(600));
    let used = spent.take_changes().unwrap();
    assert_eq!(spent.take_changes(), None);
    let mut again = Spent::default();
    again.restore(used);
    let at = seconds(700);
    for day in [at, at + Duration::from_secs(86_400)] {
        assert_eq!(
            again.budgets(&by("801", International), &tenant, day),
            spent.budgets(&by("801", International), &tenant, day)
        );
        assert_eq!(again.of_number("861088001234", &tenant, day), spent.of_number("861088001234", &tenant, day));
        assert_eq!(again.of_trunk(TrunkId(2), &tenant, day), spent.of_trunk(TrunkId(2), &tenant, day));
    }
    let used = again.budgets(&by("801", International), &tenant, at);
    assert!(used.iter().any(|used| used.limit == Limit::DearMinutesDay && (used.used, used.allowed) == (10, 240)));
}

/// OUT-69: what is used of every limit and what there is of it; of agents those who have used any.
#[test]
fn what_is_used_of_each_limit_is_told() {
    let tenant = office(json!({ "dear_minutes_day": 20, "agent_minutes_day": 0, "daily_call_limit": 5 }));
    let mut spent = Spent::default();
    talk(&mut spent, by("801", International), &tenant, noon(), 150);
    spent.began("up", by("802", Local), &tenant, seconds(200));
    spent.began("on", Outside { forward: true, agent: None, ..by("", Local) }, &tenant, seconds(200));
    let now = spent.now(&tenant, seconds(210));
    let told = |limits: &[Left]| limits.iter().map(|left| (left.limit, left.used, left.allowed)).collect::<Vec<_>>();
    let office = [
        (Limit::DearMinutesDay, 2, Some(20)),
        (Limit::DearConcurrent, 0, Some(2)),
        (Limit::DearCallMinutes, 0, Some(60)),
        (Limit::NightConcurrent, 1, Some(4)),
        (Limit::ForwardConcurrent, 1, Some(10)),
        (Limit::DailyCallLimit, 3, Some(5)),
    ];
    assert_eq!(told(&now.office), office);
    let agents: Vec<&str> = now.agents.iter().map(|agent| &*agent.agent_number).collect();
    assert_eq!(agents, ["801", "802"]);
    let first = [
        (Limit::AgentConcurrent, 0, Some(3)),
        (Limit::AgentAttemptsMinute, 0, Some(12)),
        (Limit::AgentMinutesDay, 2, None),
        (Limit::DearAgentMinutesDay, 2, Some(30)),
    ];
    assert_eq!(told(&now.agents[0].limits), first, "there is no limit of all minutes");
    assert_eq!(told(&now.agents[1].limits)[0], (Limit::AgentConcurrent, 1, Some(3)));
    let trunks: Vec<_> = now.trunks.iter().map(|trunk| (&*trunk.name, told(&trunk.limits))).collect();
    let (none, ten) = ((Limit::MinutesDay, 2, None), (Limit::MinutesDay, 0, Some(10)));
    assert_eq!(trunks, [("Line 0", vec![none]), ("Line 10", vec![ten])]);
    assert_eq!(now.since, "2026-11-22T16:00:00Z".parse().unwrap(), "midnight in Shanghai");
}
