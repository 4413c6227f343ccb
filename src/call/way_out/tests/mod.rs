//! Tables of numbers that are called, and of those that are not.

use super::*;
use crate::{
    history::call_record::HangupReason,
    model::{Condition, Department, Limits, Preferences, Trunk, agent},
    schema::{barred::Change, kind::destination::To},
    sip::order::TrunkState,
};
use serde_json::{Value, json};

fn row<M: serde::de::DeserializeOwned>(value: Value) -> M {
    serde_json::from_value(value).unwrap()
}

/// Trunks 1 to 3 are Alpha, Beta and Gamma; package 1 is the usual one; agent 801.
fn office(preferences: Value, limits: Value) -> Tenant {
    let mut tenant = Tenant::default();
    for name in ["Alpha", "Beta", "Gamma"] {
        tenant.add(row::<Trunk>(json!({ "name": name, "kind": "peer", "host": "192.0.2.1" })));
    }
    let mut all = json!(Preferences::default());
    all.as_object_mut().unwrap().extend(preferences.as_object().unwrap().clone());
    tenant.add(row::<Preferences>(all));
    let mut own = json!(FraudLimits::default());
    own.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    tenant.add(row::<FraudLimits>(own));
    tenant.add(row::<Package>(json!({ "display_name": "Default", "code": "default" })));
    tenant.add(row::<Package>(json!({ "display_name": "Other", "code": "other" })));
    tenant.add(agent::tests::of_number("801"));
    tenant
}

fn profile(tenant: &mut Tenant, name: &str, rules: Value) -> Id {
    tenant.add(row::<OutboundProfile>(json!({ "name": name, "rules": rules })))
}

/// An office of China with one profile, which everybody uses.
fn simple(rules: Value) -> Tenant {
    let mut tenant = office(json!({}), json!({}));
    tenant.add(row::<OutboundProfile>(json!({ "name": "All", "system_default": true, "rules": rules })));
    tenant
}

fn up(_: TrunkId) -> TrunkNow {
    TrunkNow { state: TrunkState::Up, calls: 0 }
}

fn noon() -> Timestamp {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

fn keyed(number: &str) -> Asked<'_> {
    Asked { number, agent: Some("801"), ..Asked::default() }
}

fn ask(tenant: &Tenant, asked: &Asked) -> Result<WayOut, Barred> {
    way_out(tenant, asked, &Spent::default(), &up, noon())
}

fn why(tenant: &Tenant, asked: &Asked) -> Option<Why> {
    ask(tenant, asked).err().map(|barred| barred.why)
}

fn ids(trunks: &[u64]) -> Vec<TrunkId> {
    trunks.iter().map(|trunk| TrunkId(*trunk)).collect()
}

/// OUT-7..13, OUT-15, OUT-21..23: the first enabled rule that fits decides.
#[test]
fn the_first_rule_that_fits_decides() {
    let fits = |rule: Value, number: &str| {
        let mut rule = rule;
        rule["trunks"] = json!(["1"]);
        let way = ask(&simple(json!([rule, { "trunks": ["2"] }])), &keyed(number)).unwrap();
        way.rule == Some(0)
    };
    for (id, rule, number, expected) in [
        ("OUT-7", json!({}), "13812345678", true),
        ("OUT-8", json!({ "prefix": "138" }), "13812345678", true),
        ("OUT-8", json!({ "prefix": "139" }), "13812345678", false),
        ("OUT-9", json!({ "length_min": 11, "length_max": 11 }), "13812345678", true),
        ("OUT-9", json!({ "length_min": 12 }), "13812345678", false),
        ("OUT-9", json!({ "length_max": 10 }), "13812345678", false),
        ("OUT-10", json!({ "regex": "1234" }), "13812345678", true),
        ("OUT-10", json!({ "regex": "^1234" }), "13812345678", false),
        ("OUT-11", json!({ "number_classes": ["local", "mobile"] }), "13812345678", true),
        ("OUT-11", json!({ "number_classes": ["local"] }), "13812345678", false),
        ("OUT-15", json!({ "enabled": false }), "13812345678", false),
        ("OUT-7 all that is set", json!({ "prefix": "138", "length_max": 10 }), "13812345678", false),
        ("OUT-18", json!({ "prefix": "138" }), "+86 138-1234.5678", true),
        ("OUT-18", json!({ "prefix": "010" }), "+86 (10) 88001234", true),
    ] {
        assert_eq!(fits(rule.clone(), number), expected, "{id}: {rule} {number}");
    }
    let rules = json!([
        { "prefix": "0", "action": "deny" },
        { "prefix": "138", "trunks": ["1"] },
        { "prefix": "13", "trunks": ["2"] }
    ]);
    let tenant = simple(rules);
    assert_eq!(ask(&tenant, &keyed("13812345678")).unwrap().trunks, ids(&[1]), "OUT-21");
    assert_eq!(ask(&tenant, &keyed("13712345678")).unwrap().trunks, ids(&[2]), "OUT-21");
    for (id, number, expected, code) in
        [("OUT-23", "02188001234", Why::Denied { rule: 0 }, "L403"), ("OUT-22", "95588", Why::NoRule, "L415")]
    {
        let barred = ask(&tenant, &keyed(number)).unwrap_err();
        assert_eq!((&barred.why, barred.record_code()), (&expected, code), "{id}");
        assert_eq!(barred.reason(), HangupReason::CallFailed, "{id}");
    }
    let none = ask(&office(json!({}), json!({})), &keyed("95588")).unwrap_err();
    assert_eq!((none.why.clone(), none.record_code()), (Why::NoProfile, "L415"), "OUT-22: no profile at all");
}

/// OUT-12: of the condition only inside or outside counts, by the clocks of the office.
#[test]
fn a_rule_rests_outside_of_its_condition() {
    let mut tenant = simple(json!([{ "condition": "1", "trunks": ["1"] }, { "trunks": ["2"] }]));
    tenant.add(row::<Condition>(json!({ "name": "Day", "type": "weekly", "periods": ["mon 09:00-18:00"] })));
    for (at, trunk) in [("2026-11-23T04:00:00Z", 1), ("2026-11-23T10:00:01Z", 2), ("2026-11-24T04:00:00Z", 2)] {
        let way = way_out(&tenant, &keyed("95588"), &Spent::default(), &up, at.parse().unwrap()).unwrap();
        assert_eq!(way.trunks, ids(&[trunk]), "{at}");
    }
}

/// OUT-16, OUT-17, INR-23..25, INR-27, INR-28
#[test]
fn a_number_is_rewritten_on_its_way_out() {
    for (id, rule, number, sent) in [
        ("INR-23", json!({ "remove_prefix": "32" }), "32881016", "881016"),
        ("INR-23 only where it stands", json!({ "remove_prefix": "32" }), "881016", "881016"),
        ("INR-24", json!({ "add_prefix": "88" }), "1016", "881016"),
        ("removal before addition", json!({ "remove_prefix": "32", "add_prefix": "88" }), "321016", "881016"),
        ("INR-25", json!({ "replacement_number": "881005" }), "1016", "881005"),
        (
            "INR-27",
            json!({ "remove_prefix": "1", "add_prefix": "88", "replacement_number": "881005" }),
            "1016",
            "881005",
        ),
    ] {
        let mut rule = rule;
        rule["trunks"] = json!(["1"]);
        let way = ask(&simple(json!([rule])), &keyed(number)).unwrap();
        assert_eq!((&*way.sent, &*way.number), (sent, number), "{id}");
    }
}

/// AGT-37, AGT-38 with its readings, OUT-20, PRF-47..49: one profile is asked, and no other.
#[test]
fn one_profile_is_asked() {
    let mut tenant = office(json!({ "default_outbound_profile": "4" }), json!({}));
    for name in ["Agent", "Department", "Campaign", "Preferences"] {
        profile(&mut tenant, name, json!([{ "trunks": ["1"] }]));
    }
    tenant.add(row::<OutboundProfile>(
        json!({ "name": "System", "system_default": true, "rules": [{ "trunks": ["1"] }] }),
    ));
    let department = tenant.add(row::<Department>(json!({ "name": "Sales", "outbound_profile": "2" })));
    for (number, profile, department) in
        [("802", Some("1"), Some(department)), ("803", None, Some(department)), ("804", None, None)]
    {
        let mut own = json!(agent::tests::of_number("801"));
        own["agent_number"] = json!(number);
        own["outbound_profile"] = json!(profile);
        own["department"] = json!(department);
        tenant.add(row::<Agent>(own));
    }
    let campaign = |profile: Option<&str>| json!({ "name": format!("{profile:?}"), "agent_group": "1", "package": "1", "outbound_profile": profile });
    let with = tenant.add(row::<Campaign>(campaign(Some("3"))));
    let without = tenant.add(row::<Campaign>(campaign(None)));
    for (id, how, agent, campaign, expected) in [
        ("AGT-38", How::ClickToCall, "802", Some(with), 3),
        ("AGT-38", How::ClickToCall, "802", Some(without), 1),
        ("AGT-38", How::ClickToCall, "803", Some(without), 2),
        ("AGT-38", How::ClickToCall, "804", None, 4),
        ("PRF-49", How::Api, "802", Some(with), 3),
        ("AGT-37, AGT-38 reading", How::Phone, "802", Some(with), 1),
        ("AGT-38 reading", How::Phone, "803", Some(with), 2),
        ("PRF-47", How::Phone, "804", None, 4),
        ("AGT-38 reading: a dialer", How::Dialer, "802", Some(with), 3),
        ("AGT-38 reading: a dialer", How::VoiceNotice, "802", Some(without), 4),
        ("DST reading", How::Destination, "802", Some(with), 4),
    ] {
        let asked = Asked { number: "95588", agent: Some(agent), campaign, how, ..Asked::default() };
        assert_eq!(ask(&tenant, &asked).unwrap().profile, Some(Id(expected)), "{id}: {how:?} {agent}");
    }
    let mut strict = simple(json!([{ "trunks": ["1"] }]));
    profile(&mut strict, "Narrow", json!([{ "prefix": "1", "trunks": ["1"] }]));
    let mut own = json!(agent::tests::of_number("801"));
    own["agent_number"] = json!("805");
    own["outbound_profile"] = json!("2");
    strict.add(row::<Agent>(own));
    let asked = Asked { agent: Some("805"), ..keyed("95588") };
    assert_eq!(why(&strict, &asked), Some(Why::NoRule), "OUT-20: no other profile is tried");
    let usual = ask(&simple(json!([{ "trunks": ["1"] }])), &keyed("95588")).unwrap();
    assert_eq!(usual.profile, Some(Id(1)), "PRF-48");
}

/// OUT-19: each of two reasons that both hold, and the one that is told.
#[test]
fn the_nearest_reason_is_told() {
    let rules = json!([{ "prefix": "0", "trunks": ["1"] }, { "prefix": "13", "action": "deny" }]);
    let mut tenant =
        office(json!({ "dnc_destination": { "type": "agent", "target": "1" } }), json!({ "agent_attempts_minute": 1 }));
    tenant.add(row::<Limits>(json!({ "daily_call_limit": 1 })));
    tenant.add(row::<OutboundProfile>(json!({ "name": "All", "system_default": true, "rules": rules })));
    let mut only = json!(agent::tests::of_number("801"));
    (only["agent_number"], only["click_to_call_only"]) = (json!("802"), json!(true));
    tenant.add(row::<Agent>(only));
    for number in ["110", "13812345678", "13912345678"] {
        tenant.add(row::<Dnc>(json!({ "package": "1", "number": number })));
    }
    let mut spent = Spent::default();
    for number in ["8613812345678", "8613712345678", "862188001234"] {
        let outside = Outside { agent: Some("803".into()), number: number.into(), ..Outside::default() };
        spent.began(number, outside, &tenant, noon());
    }
    let outside = Outside { agent: Some("801".into()), number: "1".into(), ..Outside::default() };
    spent.began("x", outside, &tenant, noon());
    let down = |_| TrunkNow { state: TrunkState::Refused, calls: 0 };
    let told = |agent: &str, number: &str| {
        let asked = Asked { agent: Some(agent), ..keyed(number) };
        way_out(&tenant, &asked, &spent, &down, noon())
            .map(|way| way.emergency)
            .map_err(|barred| (barred.why.clone(), barred.record_code(), barred.reason(), barred.dnc_destination))
    };
    let failed = HangupReason::CallFailed;
    let limit = |limit, used| Why::Limit(crate::call::spent::Used { limit, used, allowed: 1 });
    use crate::call::spent::Limit::{AgentAttemptsMinute, DailyCallLimit};
    assert_eq!(told("802", "110"), Ok(true), "the emergency number goes before all");
    assert_eq!(told("802", "13812345678"), Err((Why::ClickToCallOnly, "L403", failed, None)), "AGT-22 before DNC");
    let to_agent = Some(To::Agent(Id(1)));
    assert_eq!(told("801", "13812345678"), Err((Why::Dnc, "L403", failed, to_agent)), "DNC before the daily limit");
    let often = (limit(DailyCallLimit, 1), "L429", HangupReason::CallLimit, None);
    assert_eq!(told("801", "13712345678"), Err(often), "CDR-80 before profile and rule");
    assert_eq!(
        told("801", "13612345678"),
        Err((Why::Denied { rule: 1 }, "L403", failed, None)),
        "a rule before the rest"
    );
    let class = NumberClass::International;
    assert_eq!(told("801", "0012125550100"), Err((Why::Class { class }, "L403", failed, None)), "class before limits");
    let fraud = (limit(AgentAttemptsMinute, 1), "L429", HangupReason::CallLimit, None);
    assert_eq!(told("801", "075588001234"), Err(fraud), "OUT-64: limits before trunks");
    assert_eq!(told("804", "075588001234"), Err((Why::NoTrunk, "L503", failed, None)), "trunks last");
}

/// AGT-22, AGT-23, DSK-287
#[test]
fn an_agent_may_be_kept_to_the_panel() {
    let mut tenant = simple(json!([{ "trunks": ["1"] }]));
    let mut own = json!(agent::tests::of_number("801"));
    (own["agent_number"], own["click_to_call_only"]) = (json!("802"), json!(true));
    tenant.add(row::<Agent>(own));
    for (how, barred) in [(How::Phone, Some(Why::ClickToCallOnly)), (How::ClickToCall, None), (How::Forward, None)] {
        assert_eq!(why(&tenant, &Asked { agent: Some("802"), how, ..keyed("95588") }), barred, "{how:?}");
    }
}

/// DNC-2, DNC-12, DNC-14, DNC-18, CUS-28 and the DNC reading: in the call's package, in every form of the number.
#[test]
fn a_barred_number_is_not_called() {
    let mut tenant = office(json!({ "area_code": "010" }), json!({}));
    let rules = json!([{ "prefix": "9", "remove_prefix": "9", "trunks": ["1"] }, { "trunks": ["1"] }]);
    tenant.add(row::<OutboundProfile>(json!({ "name": "All", "system_default": true, "rules": rules })));
    for (package, number, status) in [
        ("1", "13812345678", "enabled"),
        ("1", "01088001234", "enabled"),
        ("1", "13900000000", "pending"),
        ("1", "13700000000", "disabled"),
        ("2", "13600000000", "enabled"),
    ] {
        tenant.add(row::<Dnc>(json!({ "package": package, "number": number, "status": status })));
    }
    let campaign = tenant.add(row::<Campaign>(json!({ "name": "It", "agent_group": "1", "package": "2" })));
    let plain = Asked::default();
    for (id, number, asked, barred) in [
        ("DNC-2", "13812345678", plain, true),
        ("DNC-2 as people write it", "+86 138-1234-5678", plain, true),
        ("DNC-2 without its area", "88001234", plain, true),
        ("DNC-2 behind a digit for a line", "913812345678", plain, true),
        ("DNC reading: compared whole", "1381234567", plain, false),
        ("DNC-18", "13900000000", plain, false),
        ("DNC-14", "13700000000", plain, false),
        ("DNC-12", "13600000000", plain, false),
        ("DNC reading: of the opened customer", "13600000000", Asked { package: Some(Id(2)), ..plain }, true),
        ("DNC reading: of the campaign", "13600000000", Asked { campaign: Some(campaign), ..plain }, true),
        (
            "DNC reading: the campaign goes first",
            "13812345678",
            Asked { campaign: Some(campaign), package: Some(Id(1)), ..plain },
            false,
        ),
    ] {
        let asked = Asked { number, how: How::ClickToCall, agent: Some("801"), ..asked };
        assert_eq!(why(&tenant, &asked), barred.then_some(Why::Dnc), "{id}: {number}");
    }
    tenant.barred.change(&Change { part: Id(1), number: "95588".into(), bars: true });
    let highlighted = ask(&tenant, &keyed("95588")).unwrap_err();
    assert_eq!((highlighted.why.clone(), highlighted.record_code()), (Why::Highlight, "L403"), "CUS-28");
    assert!(ask(&tenant, &Asked { package: Some(Id(2)), ..keyed("95588") }).is_ok(), "of another package");
}

/// OUT-34, OUT-39, OUT-52, OUT-53, OUT-62, OUT-63
#[test]
fn a_dear_number_needs_leave() {
    let classes = |more: &[&str]| {
        let mut all = json!(FraudLimits::default().allowed_classes);
        all.as_array_mut().unwrap().extend(more.iter().map(|class| json!(class)));
        all
    };
    let international = json!({ "allowed_classes": classes(&["international"]), "allowed_countries": ["US"] });
    let everything = json!({
        "allowed_classes": classes(&["international", "satellite", "premium"]), "allowed_countries": ["US"]
    });
    let narrow = json!({ "allowed_classes": ["mobile"] });
    let none = json!({});
    let (plain, night) = (noon(), "2026-11-23T15:00:00Z".parse().unwrap());
    let class = |class| Some(Why::Class { class });
    let country = |country: &str| Some(Why::Country { country: country.into() });
    use NumberClass::{Local, Premium, Satellite};
    for (id, limits, number, how, at, barred) in [
        ("OUT-52", &none, "0012125550100", How::Phone, plain, class(International)),
        ("OUT-52", &none, "0088161234567", How::Phone, plain, class(Satellite)),
        ("OUT-52", &none, "16888888", How::Phone, plain, class(Premium)),
        ("OUT-52", &none, "13812345678", How::Phone, plain, None),
        ("OUT-52", &narrow, "88001234", How::Phone, plain, class(Local)),
        ("OUT-52 unknown is allowed", &none, "77", How::Phone, plain, None),
        ("OUT-53", &international, "0012125550100", How::Phone, plain, None),
        ("OUT-53", &international, "0014165550100", How::Phone, plain, country("CA")),
        ("OUT-53 a country nobody knows", &international, "0099912345", How::Phone, plain, country("")),
        ("OUT-39 what is sent", &none, "812125550100", How::Phone, plain, class(International)),
        ("OUT-39 what is sent", &international, "844207946000", How::Phone, plain, country("GB")),
        ("OUT-39 what was dialed", &none, "0013812345678", How::Phone, plain, class(International)),
        ("OUT-62", &everything, "0012125550100", How::Phone, night, Some(Why::Night { class: International })),
        ("OUT-62", &everything, "16888888", How::ClickToCall, night, Some(Why::Night { class: Premium })),
        ("OUT-62 others go on", &everything, "13812345678", How::Phone, night, None),
        ("OUT-63", &everything, "0012125550100", How::Destination, plain, class(International)),
        ("OUT-63", &everything, "0012125550100", How::Forward, plain, class(International)),
        ("OUT-63 others go on", &everything, "13812345678", How::Destination, plain, None),
    ] {
        let mut tenant = office(json!({}), limits.clone());
        let rules = json!([
            { "prefix": "8", "length_min": 12, "remove_prefix": "8", "add_prefix": "00", "trunks": ["1"] },
            { "prefix": "001381", "remove_prefix": "00", "trunks": ["1"] },
            { "trunks": ["1"] }
        ]);
        tenant.add(row::<OutboundProfile>(json!({ "name": "All", "system_default": true, "rules": rules })));
        let asked = Asked { how, ..keyed(number) };
        let found = way_out(&tenant, &asked, &Spent::default(), &up, at).err().map(|barred| barred.why);
        assert_eq!(found, barred, "{id}: {number}");
    }
}

/// OUT-14, OUT-25 (the order), OUT-27, OUT-61, TRK-87, TRK-7
#[test]
fn trunks_that_cannot_be_used_are_passed_over() {
    use TrunkState::{Certificate, Connecting, Disabled, Refused, Unreachable, Up};
    let tenant = simple(json!([{ "trunks": ["3", "1", "2"] }]));
    for (id, states, expected) in [
        ("OUT-25", [(Up, 0), (Up, 0), (Up, 0)], Some(&[3, 1, 2][..])),
        ("OUT-27", [(Up, 0), (Up, 0), (Unreachable, 0)], Some(&[1, 2])),
        ("OUT-27", [(Refused, 0), (Certificate, 0), (Up, 0)], Some(&[3])),
        ("OUT-27 at its limit", [(Up, 30), (Up, 29), (Disabled, 0)], Some(&[2])),
        ("OUT-27 the unreachable after all", [(Refused, 0), (Unreachable, 0), (Unreachable, 0)], Some(&[3, 2])),
        ("OUT-27 nothing at all", [(Refused, 0), (Disabled, 0), (Certificate, 0)], None),
        ("OUT-27 unreachable and full", [(Unreachable, 30), (Refused, 0), (Refused, 0)], None),
        ("it may come up", [(Connecting, 0), (Refused, 0), (Refused, 0)], Some(&[1])),
    ] {
        let now = |trunk: TrunkId| {
            let (state, calls) = states[trunk.0 as usize - 1];
            TrunkNow { state, calls }
        };
        let way = way_out(&tenant, &keyed("95588"), &Spent::default(), &now, noon());
        assert_eq!(way.ok().map(|way| way.trunks), expected.map(ids), "{id}");
    }
    let full = |calls| move |_| TrunkNow { state: Up, calls };
    for (how, calls, taken) in [
        (How::Phone, 29, true),
        (How::Dialer, 28, true),
        (How::Dialer, 29, false),
        (How::VoiceNotice, 29, false),
        (How::Api, 29, false),
        (How::ClickToCall, 29, true),
    ] {
        let asked = Asked { how, ..keyed("95588") };
        let way = way_out(&tenant, &asked, &Spent::default(), &full(calls), noon());
        assert_eq!(way.is_ok(), taken, "TRK-87: {how:?} {calls}");
    }
    let mut used = Tenant::default();
    for (name, minutes) in [("Alpha", 1), ("Beta", 0)] {
        used.add(row::<Trunk>(json!({ "name": name, "kind": "peer", "host": "192.0.2.1", "minutes_day": minutes })));
    }
    used.add(row::<OutboundProfile>(json!({
        "name": "All", "system_default": true,
        "rules": [{ "prefix": "95", "trunks": ["1"] }, { "trunks": ["1", "2"] }]
    })));
    let mut spent = Spent::default();
    spent.began("a", Outside::default(), &used, noon());
    spent.answered("a", TrunkId(1), &used, noon());
    spent.tick(&used, noon().moved(60_000));
    let ask = |number: &str| way_out(&used, &keyed(number), &spent, &up, noon().moved(60_000));
    assert_eq!(ask("13812345678").unwrap().trunks, ids(&[2]), "OUT-61");
    let barred = ask("95588").unwrap_err();
    assert_eq!((barred.record_code(), barred.reason()), ("L429", HangupReason::CallLimit), "OUT-61, OUT-64");
}

/// OUT-40..43, OUT-48: an emergency number is always sent from a phone, and from nothing else.
#[test]
fn a_call_for_help_is_always_sent() {
    let rules = json!([
        { "prefix": "95", "trunks": ["2"] },
        { "prefix": "8", "remove_prefix": "8", "trunks": ["3"] },
        { "prefix": "11", "action": "deny" },
        { "prefix": "1", "replacement_number": "10000", "condition": "1", "trunks": ["2"] }
    ]);
    let mut tenant = office(json!({}), json!({ "allowed_classes": [], "agent_attempts_minute": 1 }));
    tenant.add(row::<OutboundProfile>(json!({ "name": "All", "system_default": true, "rules": rules })));
    tenant.add(row::<Condition>(json!({ "name": "Never", "type": "weekly" })));
    let mut own = json!(agent::tests::of_number("801"));
    (own["agent_number"], own["click_to_call_only"]) = (json!("802"), json!(true));
    tenant.add(row::<Agent>(own));
    tenant.add(row::<Dnc>(json!({ "package": "1", "number": "110" })));
    tenant.barred.change(&Change { part: Id(1), number: "110".into(), bars: true });
    let full = |_| TrunkNow { state: TrunkState::Up, calls: 500 };
    let help = |number: &str| {
        let asked = Asked { agent: Some("802"), ..keyed(number) };
        way_out(&tenant, &asked, &Spent::default(), &full, noon()).unwrap()
    };
    for (id, number, sent, trunks) in [
        ("OUT-41, OUT-43: the rule first, the others by name", "110", "110", &[2, 1, 3]),
        ("OUT-40", "119", "119", &[2, 1, 3]),
        ("OUT-42 what a rule removes", "8110", "110", &[3, 1, 2]),
        ("OUT-42 a digit for a line", "0120", "120", &[2, 1, 3]),
        ("OUT-42 a digit for a line", "9122", "122", &[2, 1, 3]),
    ] {
        let way = help(number);
        assert_eq!((way.emergency, &*way.sent), (true, sent), "{id}");
        if !number.starts_with(['0', '9']) {
            assert_eq!(way.trunks, ids(trunks), "{id}");
        }
        assert_eq!(way.trunks.len(), 3, "OUT-43: every enabled trunk");
    }
    let states = |trunk: TrunkId| TrunkNow {
        state: if trunk == TrunkId(2) { TrunkState::Unreachable } else { TrunkState::Up },
        calls: 0,
    };
    let way = way_out(&tenant, &keyed("110"), &Spent::default(), &states, noon()).unwrap();
    assert_eq!(way.trunks, ids(&[1, 3, 2]), "one that is down is tried after the others");
    for how in [How::ClickToCall, How::Api, How::Destination, How::Forward, How::Dialer, How::VoiceNotice] {
        let barred = ask(&tenant, &Asked { how, ..keyed("110") }).unwrap_err();
        assert_eq!(barred.why, Why::EmergencyNumber, "OUT-48: {how:?}");
    }
    let mut bare = office(json!({ "country": "US" }), json!({}));
    let way = ask(&bare, &keyed("911")).unwrap();
    assert_eq!((way.trunks, way.profile), (ids(&[1, 2, 3]), None), "OUT-43: without any profile");
    assert_eq!(why(&bare, &keyed("110")), Some(Why::NoProfile), "OUT-40: of the office's country alone");
    bare = Tenant::default();
    assert_eq!(why(&bare, &keyed("110")), Some(Why::NoTrunk), "there is no line");
}

/// OUT-32: every check that was made is told, in the order of OUT-19.
#[test]
fn every_step_is_told() {
    let tenant = simple(json!([{ "prefix": "95", "trunks": ["1"] }, { "trunks": ["1", "2"] }]));
    let way = ask(&tenant, &keyed("13812345678")).unwrap();
    let mut rules: Vec<Rule> = way.steps.iter().map(|step| step.rule).collect();
    rules.dedup();
    assert_eq!(
        rules,
        [
            Rule::ClickToCallOnly,
            Rule::Dnc,
            Rule::OutboundProfile,
            Rule::OutboundRule,
            Rule::NumberClass,
            Rule::FraudLimit,
            Rule::Trunk
        ]
    );
    let found: Vec<Found> =
        way.steps.iter().filter(|step| step.rule == Rule::OutboundRule).map(|step| step.found).collect();
    assert_eq!(found, [Found::OtherPrefix, Found::Decides]);
    assert_eq!((way.class, way.country.as_deref()), (NumberClass::Mobile, Some("CN")));
    assert_eq!(way.counted, "8613812345678");
}
