//! Tables of who is shown to those we call.

use super::*;
use crate::model::agent;
use serde_json::{Value, json};

fn row<M: serde::de::DeserializeOwned>(value: Value) -> M {
    serde_json::from_value(value).unwrap()
}

struct Office {
    tenant: Tenant,
    campaign: Id,
}

/// Caller IDs 1 to 4 are 01000000001 to 01000000004; 801 has those of `agent`.
fn office(agent: &[u64], campaign: &[u64], preferences: &[u64], days: i64) -> Office {
    let mut tenant = Tenant::default();
    for number in 1..=4 {
        tenant.add(row::<CallerId>(json!({ "number": format!("0100000000{number}") })));
    }
    let refs = |ids: &[u64]| json!(ids.iter().map(ToString::to_string).collect::<Vec<_>>());
    let mut own = json!(agent::tests::of_number("801"));
    own["caller_ids"] = refs(agent);
    tenant.add(row::<Agent>(own));
    let group = tenant.add(row::<AgentGroup>(json!({ "name": "Sales", "group_number": "600" })));
    let campaign = tenant.add(row::<Campaign>(json!({
        "name": "Spring", "agent_group": group.to_string(), "package": "1", "caller_ids": refs(campaign)
    })));
    let mut all = json!(Preferences::default());
    all["caller_ids"] = refs(preferences);
    all["caller_id_rotation"] = json!(days);
    tenant.add(row::<Preferences>(all));
    Office { tenant, campaign }
}

fn trunk(office: &mut Office, fields: Value) -> TrunkId {
    let mut trunk = json!({ "name": "Line", "kind": "peer", "host": "192.0.2.1" });
    trunk.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    TrunkId(office.tenant.add(row::<Trunk>(trunk)).0)
}

const AT: Timestamp = Timestamp(1_795_000_000_000);

fn shown(office: &Office, made: &For, trunk: TrunkId) -> String {
    choose(&office.tenant, made, &mut Turns::default(), AT).on(&office.tenant, trunk)
}

/// CID-2, CID-10..15, AGT-30, AGT-31, PRF-50, PRF-51 and the CID reading: the first that is set wins.
#[test]
fn the_first_that_is_set_is_shown() {
    let (mut set, mut none) = (office(&[1], &[2], &[3], 0), office(&[], &[], &[], 0));
    let mut no_agent = office(&[], &[2], &[3], 0);
    let mut all_only = office(&[], &[], &[3], 0);
    let plain = json!({});
    let line = [&mut set, &mut none, &mut no_agent, &mut all_only].map(|office| trunk(office, plain.clone()))[0];
    let agent = For { agent: Some("801"), ..For::default() };
    let campaign = For { campaign: Some(set.campaign), how: How::ClickToCall, ..agent };
    let dialer = For { campaign: Some(set.campaign), how: How::Dialer, ..For::default() };
    let sent_on = For { how: How::Destination, did: Some("95001"), ..For::default() };
    let notice = For { how: How::VoiceNotice, ..For::default() };
    for (why, office, made, number) in [
        ("CID-11", &set, campaign, "01000000001"),
        ("CID-12", &no_agent, campaign, "01000000002"),
        ("CID-13", &all_only, campaign, "01000000003"),
        ("CID-14, AGT-31", &none, campaign, "801"),
        ("CID-15", &set, agent, "01000000001"),
        ("CID-15", &no_agent, agent, "01000000003"),
        ("CID-15", &none, agent, "801"),
        ("a dialer begins at the campaign's", &set, dialer, "01000000002"),
        ("a dialer with none: its group", &none, dialer, "600"),
        ("of the API request", &set, For { requested: Some("4001"), ..campaign }, "4001"),
        ("sent on: preferences", &set, sent_on, "01000000003"),
        ("sent on: the DID", &none, sent_on, "95001"),
        ("a notice that has neither", &none, notice, ""),
    ] {
        assert_eq!(shown(office, &made, line), number, "{why}");
    }
    let named = trunk(&mut none, json!({ "name": "Named", "username": "office1" }));
    assert_eq!(shown(&none, &notice, named), "office1", "CID reading: the trunk's username");
}

/// TRK-73, CID-14, OUT-45
#[test]
fn a_trunk_sends_what_its_carrier_takes() {
    let mut office = office(&[1, 2], &[], &[], 0);
    let mut bare = super::tests::office(&[], &[], &[], 0);
    let agent = For { agent: Some("801"), ..For::default() };
    let help = For { emergency: true, ..agent };
    for (why, fields, set, none, emergency) in [
        ("all are taken", json!({}), "01000000001", "801", "01000000001"),
        (
            "CID-14: a default",
            json!({ "default_caller_id": "01099999999" }),
            "01000000001",
            "01099999999",
            "01099999999",
        ),
        (
            "TRK-73: not accepted",
            json!({ "caller_ids": ["01000000002"], "default_caller_id": "01099999999" }),
            "01099999999",
            "01099999999",
            "01099999999",
        ),
        ("TRK-73: without a default", json!({ "caller_ids": ["01000000002"] }), "01000000001", "801", "01000000001"),
        (
            "TRK-73: accepted",
            json!({ "caller_ids": ["01000000001"], "default_caller_id": "01099999999" }),
            "01000000001",
            "01099999999",
            "01099999999",
        ),
        (
            "OUT-45",
            json!({ "default_caller_id": "01099999999", "emergency_caller_id": "01011111111" }),
            "01000000001",
            "01099999999",
            "01011111111",
        ),
    ] {
        let (line, other) = (trunk(&mut office, fields.clone()), trunk(&mut bare, fields));
        assert_eq!(shown(&office, &agent, line), set, "{why}");
        assert_eq!(shown(&bare, &agent, other), none, "{why}: none set");
        assert_eq!(shown(&office, &help, line), emergency, "{why}: emergency");
    }
}

/// CID-17, PRF-52..56
#[test]
fn caller_ids_take_turns() {
    let day = |day: u32| format!("2026-11-{day:02}T15:59:59Z").parse::<Timestamp>().unwrap();
    let turns = |office: &mut Office, made: For, moments: &[Timestamp]| {
        let line = trunk(office, json!({}));
        let mut turns = Turns::default();
        let show = |at: &Timestamp| choose(&office.tenant, &made, &mut turns, *at).on(&office.tenant, line);
        moments.iter().map(show).map(|number| number[10..].to_string()).collect::<Vec<_>>()
    };
    let agent = For { agent: Some("801"), ..For::default() };
    let now = [AT; 5];
    assert_eq!(turns(&mut office(&[1, 2, 3], &[], &[4], 0), agent, &now), ["1", "2", "3", "1", "2"], "PRF-53");
    assert_eq!(turns(&mut office(&[2], &[], &[3, 4], 0), agent, &now), ["2", "2", "2", "2", "2"], "PRF-56");
    assert_eq!(turns(&mut office(&[], &[], &[3, 4], 0), agent, &now), ["3", "4", "3", "4", "3"], "PRF-55: preferences");
    let campaign = For { campaign: Some(Id(1)), how: How::Dialer, ..For::default() };
    assert_eq!(
        turns(&mut office(&[], &[1, 4], &[2], 0), campaign, &now),
        ["1", "4", "1", "4", "1"],
        "PRF-55: campaign"
    );
    let help = For { emergency: true, ..agent };
    assert_eq!(turns(&mut office(&[1, 2], &[], &[], 0), help, &now), ["1", "1", "1", "1", "1"], "OUT-45");
    // 15:59:59 in UTC is the last second of a day in Shanghai.
    let days: Vec<Timestamp> = (20..26).flat_map(|at| [day(at), day(at).moved(1_000)]).collect();
    let daily = turns(&mut office(&[1, 2], &[], &[], 1), agent, &days);
    let changes: Vec<bool> = daily.windows(2).map(|pair| pair[0] != pair[1]).collect();
    assert_eq!(changes, [true, false, true, false, true, false, true, false, true, false, true], "PRF-54, CID-17");
    let third = turns(&mut office(&[1, 2, 3], &[], &[], 3), agent, &days);
    let kept = third.chunk_by(|one, other| one == other).map(<[String]>::len).collect::<Vec<_>>();
    assert!(kept.iter().all(|length| *length <= 6) && kept.contains(&6), "PRF-54: three days each, {third:?}");
}
