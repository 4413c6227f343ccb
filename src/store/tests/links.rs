//! Rows that refer to each other: what is refused, what lets go, what stays in use.

use super::{add, at, fields};
use crate::{
    schema::{
        Actor, Id, Menu, Model, Refusals, Resource, Rule, Tab, Tenant, Why,
        envelope::Origin,
        kind::{List, Name, Number, Ref, Switch, Text},
        model::{appears, given, lets_go, needs, no_repeats, only, shown, tab, unique, unique_within},
        refusal::User,
    },
    store::{NotWritten, Write, Written, draft::Draft, seal::Seal},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Player {
    name: Name<40>,
    #[serde(default)]
    retired: Switch,
}

impl Model for Player {
    const NAME: &'static str = "player";
    const PATH: &'static str = "players";
    const MENU: Menu = Menu::People;
    const TABS: &'static [Tab] = &[tab("general", &["name", "retired"])];
    const RULES: &'static [Rule] = &[unique("name")];
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-kind" = "row"))]
struct Skill {
    player: Ref<Player>,
    level: Number<1, 9>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Team {
    name: Name<40>,
    #[serde(default)]
    parent: Option<Ref<Team>>,
    leader: Ref<Player>,
    #[serde(default)]
    second: Option<Ref<Player>>,
    #[serde(default)]
    skills: List<Skill, 0, 9>,
    #[serde(default)]
    fans: List<Ref<Player>, 0, 9>,
    #[serde(default)]
    sings: Switch,
    #[serde(default)]
    song: Text<40>,
    #[serde(default)]
    motto: Text<40>,
    #[serde(default)]
    rank: Text<40>,
    #[serde(default)]
    league: Text<40>,
}

impl Model for Team {
    const NAME: &'static str = "team";
    const PATH: &'static str = "teams";
    const MENU: Menu = Menu::People;
    const TABS: &'static [Tab] = &[tab(
        "general",
        &["name", "parent", "leader", "second", "skills", "fans", "sings", "song", "motto", "rank", "league"],
    )];
    const RULES: &'static [Rule] = &[
        unique_within("name", "parent"),
        lets_go("second"),
        lets_go("skills"),
        lets_go("fans"),
        no_repeats("fans"),
        no_repeats("skills"),
        only("leader", "retired", &["false"]),
        appears("song", "sings", &["true"]),
        needs("song", "sings", &["true"]),
        shown("rank"),
        given("league"),
    ];
}

static NOUNS: [Resource; 2] = [Resource::of::<Player>(), Resource::of::<Team>()];

/// A draft that is never kept.
struct Field {
    tenant: Tenant,
    by: Actor,
    next: u64,
}

impl Field {
    fn new() -> Field {
        Field { tenant: Tenant::default(), by: Actor::Account(1), next: 1 }
    }

    fn write(&mut self, noun: &str, write: Write) -> Result<Written, Refusals> {
        let seal = Seal::of(&[5; 32]).unwrap();
        let mut draft = Draft::new(self.tenant.clone(), &NOUNS, &seal, &self.by, at(0));
        let resource = NOUNS.iter().find(|resource| resource.name == noun).unwrap();
        let written = draft.take(resource, write, Map::new(), || Ok(self.next));
        match written {
            Ok(written) => {
                self.tenant = draft.tenant;
                self.next += 1;
                Ok(written)
            }
            Err(NotWritten::Refused(refusals)) => Err(refusals),
            Err(NotWritten::Fault(fault)) => panic!("{fault}"),
        }
    }

    fn player(&mut self, name: &str) -> String {
        self.write("player", add(json!({ "name": name }))).unwrap().id.to_string()
    }

    fn team(&mut self, mut value: Value, leader: &str) -> Result<Id, Refusals> {
        value["leader"] = leader.into();
        self.write("team", add(value)).map(|written| written.id)
    }

    fn change(&mut self, id: Id, value: Value) -> Result<Written, Refusals> {
        self.write("team", Write::Change { id, rev: None, value: fields(value) })
    }

    fn remove(&mut self, noun: &str, id: &str) -> Result<Written, Refusals> {
        self.write(noun, Write::Remove { id: id.parse().unwrap(), rev: None })
    }

    fn row(&self, noun: &str, id: Id) -> Value {
        self.tenant.rows_of(noun).unwrap().row(id).unwrap().1
    }
}

/// LST-16, LST-25: who uses a row is named, by kind, number and name; nothing is changed
#[test]
fn a_row_in_use_stays_and_its_users_are_named() {
    let mut field = Field::new();
    let (mei, tom) = (field.player("Mei"), field.player("Tom"));
    let reds = field.team(json!({ "name": "Reds", "fans": [mei], "second": tom }), &tom).unwrap();
    let refused = field.remove("player", &tom).unwrap_err();
    assert_eq!(refused.word(), ("in_use", 409));
    let user = User { noun: "team", id: reds, name: "Reds".into(), field: "leader".into() };
    assert_eq!(refused, Refusals::whole(Why::InUse { users: vec![user] }));
    assert_eq!(field.row("team", reds)["second"], json!(tom));
    field.remove("team", &reds.to_string()).unwrap();
    field.remove("player", &tom).unwrap();
}

/// KNO-12, AGT-6 reading: what lets go is emptied, entries are dropped, and each row is written once
#[test]
fn what_may_lets_go_with_the_row() {
    let mut field = Field::new();
    let (mei, tom) = (field.player("Mei"), field.player("Tom"));
    let skill = |player: &str| json!({ "player": player, "level": 3 });
    let value = json!({ "name": "Reds", "second": mei, "fans": [mei, tom], "skills": [skill(&mei), skill(&tom)] });
    let reds = field.team(value, &tom).unwrap();
    assert_eq!(field.tenant.count("player", mei.parse().unwrap(), "team", "fans"), 1);
    field.remove("player", &mei).unwrap();
    let row = field.row("team", reds);
    assert_eq!((&row["second"], &row["fans"], &row["skills"]), (&json!(null), &json!([tom]), &json!([skill(&tom)])));
    let (envelope, _) = field.tenant.rows_of("team").unwrap().row(reds).unwrap();
    assert_eq!((envelope.rev, &envelope.updated_by), (2, &Actor::Account(1)));
    assert_eq!(field.tenant.users("player", mei.parse().unwrap()).count(), 0);
    assert_eq!(field.tenant.users("player", tom.parse().unwrap()).count(), 3);
}

/// LST-21: a reference is to a row that is there and may stand there; a row in itself is no user
#[test]
fn a_reference_is_to_a_row_that_fits() {
    let mut field = Field::new();
    let (mei, tom) = (field.player("Mei"), field.player("Tom"));
    let refused = field.team(json!({ "name": "Reds", "fans": ["77"] }), "99").unwrap_err();
    assert_eq!(json!(refused.fields()), json!({ "fans": { "why": "not_there" }, "leader": { "why": "not_there" } }));
    let reds = field.team(json!({ "name": "Reds" }), &mei).unwrap();
    field.change(reds, json!({ "parent": reds.to_string() })).unwrap();
    let retired = Write::Change { id: tom.parse().unwrap(), rev: None, value: fields(json!({ "retired": true })) };
    field.write("player", retired).unwrap();
    assert_eq!(field.change(reds, json!({ "leader": tom })).unwrap_err(), Refusals::one("leader", Why::NotThis));
    field.remove("team", &reds.to_string()).unwrap();
}

/// LST-23
#[test]
fn a_name_is_unique_within_its_parent() {
    let mut field = Field::new();
    let mei = field.player("Mei");
    let reds = field.team(json!({ "name": "Reds" }), &mei).unwrap();
    let below = json!({ "name": "Youth", "parent": reds.to_string() });
    let youth = field.team(below.clone(), &mei).unwrap();
    assert_eq!(field.team(below, &mei).unwrap_err(), Refusals::one("name", Why::NameTaken));
    let refused = field.team(json!({ "name": " rEDS" }), &mei).unwrap_err();
    assert_eq!(refused.word(), ("name_taken", 409));
    field.team(json!({ "name": "Youth" }), &mei).unwrap();
    assert_eq!(field.change(youth, json!({ "parent": null })).unwrap_err(), Refusals::one("name", Why::NameTaken));
    field.change(youth, json!({ "name": "YOUTH" })).unwrap();
}

/// LST-21
#[test]
fn what_is_needed_is_asked_for_while_it_appears() {
    let mut field = Field::new();
    let mei = field.player("Mei");
    let reds = field.team(json!({ "name": "Reds", "fans": [mei] }), &mei).unwrap();
    assert_eq!(field.change(reds, json!({ "sings": true })).unwrap_err(), Refusals::one("song", Why::Required));
    field.change(reds, json!({ "sings": true, "song": "Ode" })).unwrap();
    field.change(reds, json!({ "sings": false, "song": "" })).unwrap();
    let twice = json!({ "fans": [mei, mei], "skills": [{ "player": mei, "level": 1 }, { "player": mei, "level": 2 }] });
    let refused = field.change(reds, twice).unwrap_err();
    assert_eq!(json!(refused.fields()), json!({ "fans": { "why": "repeated" }, "skills": { "why": "repeated" } }));
    let bad = field.change(reds, json!({ "skills": [{ "player": mei, "level": 1 }, { "player": "", "level": 12 }] }));
    let (required, range) = (json!({ "why": "required" }), json!({ "why": "out_of_range", "min": 1, "max": 9 }));
    assert_eq!(
        json!(bad.unwrap_err().fields()),
        json!({ "skills.1.player": required, "skills.1.level": range }),
        "a row of a list says where"
    );
}

/// UPS-24, UPS-25: what is the box's or the upstream's is typed by nobody here
#[test]
fn what_others_set_is_read_only() {
    let mut field = Field::new();
    let mei = field.player("Mei");
    let refused = field.team(json!({ "name": "Reds", "rank": "A" }), &mei).unwrap_err();
    assert_eq!((refused.word(), refused), (("invalid", 422), Refusals::one("rank", Why::ReadOnly)));
    let reds = field.team(json!({ "name": "Reds", "rank": "" }), &mei).unwrap();
    let refused = field.change(reds, json!({ "league": "First" })).unwrap_err();
    assert_eq!((refused.word(), refused), (("upstream_owned", 403), Refusals::one("league", Why::UpstreamOwned)));
    field.by = Actor::System;
    field.change(reds, json!({ "league": "First", "rank": "A" })).unwrap();
    let mut envelope = field.tenant.rows_of("player").unwrap().envelope(mei.parse().unwrap()).unwrap().clone();
    envelope.origin = Origin::Given;
    field.tenant.put(&NOUNS[0], envelope, json!({ "name": "Mei" })).unwrap();
    field.by = Actor::Api;
    let change = Write::Change { id: mei.parse().unwrap(), rev: None, value: fields(json!({ "name": "May" })) };
    assert_eq!(field.write("player", change).unwrap_err(), Refusals::whole(Why::UpstreamOwned));
    assert_eq!(field.remove("player", &mei).unwrap_err(), Refusals::whole(Why::UpstreamOwned));
}
