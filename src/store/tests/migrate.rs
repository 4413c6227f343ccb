//! A file of an earlier version is brought up at start; how it was is kept.

use super::at;
use crate::{
    model::{ApiAccess, FraudLimits, Limits, RESOURCES},
    schema::{
        Actor, Held, Id, Menu, Model, Resource, Tab,
        envelope::Envelope,
        kind::{Name, Secret, Text},
        model::tab,
    },
    store::{
        Fault, Store, Write, config,
        disk::{self, Directory},
        draft::Draft,
        migrate::{self, Step, bring_up},
        seal::Seal,
    },
};
use redb::{ReadableDatabase, TableDefinition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lamp {
    title: Name<40>,
    word: Secret<1, 9>,
}

impl Model for Lamp {
    const NAME: &'static str = "lamp";
    const PATH: &'static str = "lamps";
    const MENU: Menu = Menu::Unlisted;
    const TABS: &'static [Tab] = &[tab("general", &["title", "word"])];
}

/// As a later version declares it: `title` is called `name`, and there is a note.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LaterLamp {
    name: Name<40>,
    note: Text<40>,
    word: Secret<1, 9>,
}

impl Model for LaterLamp {
    const NAME: &'static str = "lamp";
    const PATH: &'static str = "lamps";
    const MENU: Menu = Menu::Unlisted;
    const HELD: Held = Held::Snapshot;
    const TABS: &'static [Tab] = &[tab("general", &["name", "note", "word"])];
    const VERSION: u16 = 3;

    fn upgrade(from: u16, mut value: Value) -> Value {
        let fields = value.as_object_mut().unwrap();
        match from {
            1 => {
                let title = fields.remove("title").unwrap();
                fields.insert("name".into(), title);
            }
            _ => {
                fields.insert("note".into(), "as before".into());
            }
        }
        value
    }
}

static EARLIER: [Resource; 1] = [Resource::of::<Lamp>()];
static LATER: [Resource; 1] = [Resource::of::<LaterLamp>()];

/// Layout 1 to 2: the next number of a noun lies under another name.
const STEPS: &[Step] = &[|transaction| {
    let mut meta = transaction.open_table(config::META).map_err(config::fault)?;
    let next = meta.remove("next/lamp").map_err(config::fault)?.map(|next| next.value());
    meta.insert("lamp.next", next.unwrap_or(1)).map(drop).map_err(config::fault)
}];

fn seal() -> Seal {
    Seal::of(&[5; 32]).unwrap()
}

fn write_as_earlier(directory: &Path) {
    let database = disk::open_file(&directory.join(config::FILE), config::FILE, 1 << 20).unwrap();
    assert!(config::prepare(&database, &seal(), 1).unwrap());
    let seal = seal();
    let mut draft = Draft::new(Default::default(), &EARLIER, &seal, &Actor::System, at(0));
    let value = json!({ "title": "Desk", "word": "glow" }).as_object().unwrap().clone();
    draft.take(&EARLIER[0], Write::Add { value }, Map::new(), || Ok(1)).unwrap();
    let transaction = config::begin(&database).unwrap();
    draft.keep(&transaction).unwrap();
    transaction.commit().unwrap();
}

fn layout(path: &Path) -> u64 {
    let database = disk::open_file(path, config::FILE, 1 << 20).unwrap();
    let meta = database.begin_read().unwrap().open_table(config::META).unwrap();
    meta.get("layout").unwrap().unwrap().value()
}

/// HOUSE: a noun has a version and an `upgrade`, run at start on a copy; a layout has its steps
#[test]
fn an_earlier_file_is_brought_up_once_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write_as_earlier(path);
    // A copy that a power cut left behind is no harm.
    std::fs::write(path.join("config.new.redb"), b"half").unwrap();
    bring_up(path, &LATER, STEPS).unwrap();
    bring_up(path, &LATER, STEPS).unwrap();

    let file = path.join(config::FILE);
    let database = disk::open_file(&file, config::FILE, 1 << 20).unwrap();
    let tenant = config::load(&database, &seal(), &LATER).unwrap();
    let lamp = tenant.table::<LaterLamp>().rows().next().unwrap();
    assert_eq!((&*lamp.value.name, &*lamp.value.note, &*lamp.value.word), ("Desk", "as before", "glow"));
    assert_eq!((lamp.envelope.version, lamp.envelope.rev), (3, 1));
    let meta = database.begin_read().unwrap().open_table(config::META).unwrap();
    assert_eq!(meta.get("lamp.next").unwrap().unwrap().value(), 2);
    assert!(meta.get("next/lamp").unwrap().is_none());
    drop((meta, database));

    assert_eq!((layout(&file), layout(&path.join("config-before-1.redb"))), (2, 1));
    assert!(!path.join("config-before-2.redb").exists() && !path.join("config.new.redb").exists());
}

/// API-5, API-6: of the keys of an earlier version the newest goes on, though nobody knows its end; the others stop
#[test]
fn the_newest_key_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(config::FILE);
    let database = disk::open_file(&file, config::FILE, 1 << 20).unwrap();
    assert!(config::prepare(&database, &seal(), 2).unwrap());
    let transaction = config::begin(&database).unwrap();
    let mut keys = transaction.open_table(TableDefinition::<&[u8; 32], i64>::new("api_keys")).unwrap();
    for (key, made_at) in [("an early key", 5), ("the newest key", 9), ("another key", 7)] {
        let hash: [u8; 32] = Sha256::digest(key).into();
        keys.insert(&hash, made_at).unwrap();
    }
    drop(keys);
    transaction.commit().unwrap();
    drop(database);
    bring_up(directory.path(), &RESOURCES, migrate::STEPS).unwrap();
    let database = disk::open_file(&file, config::FILE, 1 << 20).unwrap();
    let tenant = config::load(&database, &seal(), &RESOURCES).unwrap();
    let access = ApiAccess::of(&tenant);
    assert!(access.is_key("the newest key") && !access.is_key("an early key") && !access.is_key("another key"));
    assert_eq!(access.limit_data, ApiAccess::default().limit_data);
}

/// UPS-101: what was set for calls to one number in a day holds on where it stands now.
#[test]
fn calls_to_one_number_stay_limited() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(config::FILE);
    let database = disk::open_file(&file, config::FILE, 1 << 20).unwrap();
    assert!(config::prepare(&database, &seal(), 6).unwrap());
    let mut earlier = serde_json::to_value(FraudLimits::default()).unwrap();
    (earlier["daily_call_limit"], earlier["agent_concurrent"]) = (json!(7), json!(2));
    let kept = config::Kept { envelope: Envelope::first(Id(1), 1, at(0)), value: earlier, sealed: Map::new() };
    let transaction = config::begin(&database).unwrap();
    let mut rows = transaction.open_table(config::ROWS).unwrap();
    rows.insert((FraudLimits::NAME, 1), &*serde_json::to_vec(&kept).unwrap()).unwrap();
    drop(rows);
    transaction.commit().unwrap();
    drop(database);
    bring_up(directory.path(), &RESOURCES, migrate::STEPS).unwrap();
    let database = disk::open_file(&file, config::FILE, 1 << 20).unwrap();
    let tenant = config::load(&database, &seal(), &RESOURCES).unwrap();
    assert_eq!(Limits::of(&tenant).daily_call_limit.value(), 7);
    assert_eq!(FraudLimits::of(&tenant).agent_concurrent.value(), 2, "the others stay where they were");
}

/// BOX-79: one of a later version is refused with the version needed
#[test]
fn a_later_file_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    write_as_earlier(directory.path());
    bring_up(directory.path(), &LATER, STEPS).unwrap();
    let refused = bring_up(directory.path(), &EARLIER, &[]).unwrap_err();
    assert!(matches!(refused, Fault::Newer { found: 2, known: 1, .. }), "{refused:?}");
    let refused = bring_up(directory.path(), &EARLIER, STEPS).unwrap_err();
    assert!(matches!(refused, Fault::Newer { found: 3, known: 1, .. }), "{refused:?}");
}

/// BOX-171
#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a file");
    std::fs::write(&file, b"").unwrap();
    let refused = Store::open(&file).unwrap_err();
    assert!(matches!(&refused, Fault::NotReachable { .. }), "{refused:?}");
    assert!(Directory::lock(&directory.path().join("new")).is_ok());
}
