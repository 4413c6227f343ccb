//! What holds for every resource, whichever they are.

use callbox::{
    model::RESOURCES,
    schema::{Held, Menu, Refusals, Resource, Rule, Tenant, check, kind, links, permission},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, path::Path};

const LOCALES: [&str; 3] = ["zh", "ja", "en"];

fn web(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("web").join(path)
}

/// Kinds of a field and, in a list, of its entries.
fn kinds(schema: &Value) -> Vec<&str> {
    let own = schema["x-kind"].as_str().into_iter();
    own.chain(schema["items"]["x-kind"].as_str()).collect()
}

/// A value of this kind that a person might type.
fn typed(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["x-kind"].as_str().unwrap() {
        "name" | "text" => json!(" 王 芳 "),
        "internal_number" => json!("801"),
        "username" => json!("mei.lin"),
        "secret" => json!("s3cret-word"),
        "pin" => json!("4711"),
        "password" => json!("long enough"),
        "api_key" => json!("a-key_of-16-more"),
        "realm" => json!("callbox.example"),
        "time_zone" => json!("Europe/Berlin"),
        "external_address" => json!("auto"),
        "network" => json!("10.0.0.0/24"),
        "lines" => json!(" 一\r\n二 "),
        "phone" | "dialable" => json!("+86 (138) 1234-5678"),
        "digits" => json!("0".repeat(schema["minLength"].as_u64().unwrap_or(1) as usize)),
        "email" => json!("mei.lin@example.com"),
        "link" => json!("https://example.com/"),
        "color" => json!("#FF8800"),
        "keys" => json!("1"),
        "number_prefix" => json!("*86"),
        "code_word" => json!("Vip2"),
        "quick_time" | "redial_time" => json!("10m"),
        "letters" => json!("Jazz"),
        "feature_code" => json!("*85"),
        "period" => json!("mon 09:00-18:00"),
        "phone_line" => json!("+861088001234"),
        "lettered" => json!("SW1A 1AA"),
        "host_port" => json!("sip.carrier.example:5070"),
        "host" => json!("sip.carrier.example"),
        "file" => json!("0a".repeat(32)),
        "phone_template" => json!("##mac##.cfg"),
        "regex" => json!("1"),
        "country" => json!("jp"),
        "currency" => json!("jpy"),
        "mac" => json!("00:15:65:AB:CD:EF"),
        "agent_number" => json!("801"),
        "storage_name" => json!("f_1"),
        "field_name" => json!("name"),
        "decimal" => json!("-12.50"),
        "moment" => json!("2026-11-23T10:00:00.000Z"),
        "levels" => json!([{ "value": "广东", "below": [{ "value": "深圳" }] }]),
        "custom" => json!({}),
        "time_of_day" => json!("22:00"),
        "date" => json!("2026-11-23"),
        "ref" => json!("1"),
        "person" => json!({ "type": "agent", "target": "1" }),
        "destination" => match schema["x-types"].as_array().unwrap() {
            types if types.contains(&json!("hang_up")) => json!({ "type": "hang_up" }),
            types => json!({ "type": types[0], "target": "1" }),
        },
        "row" => schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(field, schema)| (field.clone(), typed(schema)))
            .collect(),
        "switch" => json!(false),
        "number" | "seconds" => schema["minimum"].clone(),
        "list" | "permissions" | "form_tabs" => json!([typed(&schema["items"])]),
        "hidden_fields" if schema["type"] == "array" => json!([typed(&schema["items"])]),
        "hidden_fields" => json!("agent.status"),
        "scopes" => json!({ "call_record": "groups" }),
        other => panic!("say what a person types into a field of kind {other}"),
    }
}

pub fn full(resource: &Resource) -> Map<String, Value> {
    let single = resource.held == Held::Single;
    let value = |schema: &Value| schema.get("default").filter(|_| single).cloned().unwrap_or_else(|| typed(schema));
    resource.fields().map(|(field, schema)| (field.to_owned(), value(schema))).collect()
}

/// What is typed becomes a row, and the row as it is kept becomes itself again.
#[test]
fn a_row_is_the_same_after_it_was_kept() {
    for resource in RESOURCES.iter() {
        let tenant = Tenant::default();
        let kept = resource.taken(&tenant, full(resource)).unwrap_or_else(|why| panic!("{resource:?}: {why:?}"));
        let again = resource.taken(&tenant, kept.as_object().unwrap().clone()).unwrap();
        assert_eq!(kept, again, "{resource:?}");
        let fields: BTreeSet<_> = resource.fields().map(|(field, _)| field).filter(|f| is_kept(resource, f)).collect();
        assert_eq!(fields, kept.as_object().unwrap().keys().map(String::as_str).collect(), "{resource:?}");
        let text = kept.to_string();
        assert!(!text.contains("\" ") && !text.contains(" \""), "LST-20: {text}");
    }
}

/// LST-20, LST-21: whatever the kind, an empty text in a field that need not be given is as if it were not given; where
/// a row must have something, it is what is missing.
#[test]
fn an_empty_text_in_an_optional_field_is_not_given() {
    let mut seen = BTreeSet::new();
    for resource in RESOURCES.iter() {
        let (tenant, whole) = (Tenant::default(), full(resource));
        let row = resource.taken(&tenant, whole.clone()).unwrap();
        let told = |taken: Result<Value, Refusals>| taken.map_err(|refusals| json!(refusals.fields()));
        for (field, schema) in resource.fields() {
            let place = format!("{}.{field}", resource.name);
            let (mut without, mut blank) = (whole.clone(), whole.clone());
            without.shift_remove(field);
            blank.insert(field.into(), " ".into());
            let (without, blank) = (told(resource.taken(&tenant, without)), told(resource.taken(&tenant, blank)));
            let changed = Map::from_iter([(field.to_owned(), json!(""))]);
            let changed = told(resource.changed(&tenant, &row, changed)).map(|row| row[field].clone());
            let missing = json!({ field: { "why": "required" } });
            seen.extend(schema["x-kind"].as_str());
            if check::value_of(schema, &json!("")).is_ok() {
                assert!(blank.is_ok() || blank == without, "{place}: {blank:?}");
                continue;
            }
            assert_eq!(blank, without, "{place}");
            let null = check::is_of(schema, "null");
            assert_eq!(changed, if null { Ok(Value::Null) } else { Err(missing) }, "{place}");
        }
    }
    let all =
        RESOURCES.iter().flat_map(|resource| resource.fields().filter_map(|(_, schema)| schema["x-kind"].as_str()));
    assert_eq!(seen, all.collect());
}

/// Whether a field is kept in the row, and not in those that refer to it.
fn is_kept(resource: &Resource, field: &str) -> bool {
    !resource.rules.iter().any(|rule| matches!(rule, Rule::Members { field: members, .. } if *members == field))
}

/// Only what the schema calls required must be there; the rest has its default, and the default is one.
#[test]
fn a_row_of_required_fields_gets_its_defaults() {
    for resource in RESOURCES.iter() {
        let made: Vec<_> = resource.rules.iter().filter(|rule| matches!(rule, Rule::Generated { .. })).collect();
        let required = resource.schema()["required"].as_array().cloned().unwrap_or_default();
        let mut value = full(resource);
        value.retain(|field, _| required.contains(&json!(field)) || made.iter().any(|rule| rule.field() == field));
        let kept = resource.taken(&Tenant::default(), value).unwrap();
        for (field, schema) in resource.fields().filter(|(_, schema)| schema.get("default").is_some()) {
            assert!(check::value_of(schema, &schema["default"]).is_ok(), "{resource:?}.{field}");
            if !required.contains(&json!(field)) && is_kept(resource, field) {
                assert_eq!(kept[field], schema["default"], "{resource:?}.{field}");
            }
        }
        for missing in &required {
            let mut value = full(resource);
            value.remove(missing.as_str().unwrap());
            let refused = resource.taken(&Tenant::default(), value).unwrap_err();
            assert_eq!(json!(refused.fields()), json!({ missing.as_str().unwrap(): { "why": "required" } }));
        }
    }
}

/// Names of fields in a declaration are those of the struct.
#[test]
fn a_declaration_names_fields_that_exist() {
    for resource in RESOURCES.iter() {
        let fields: Vec<_> = resource.fields().map(|(field, _)| field).collect();
        let lists = [resource.search, resource.list, resource.filters, resource.batch, resource.named()];
        let named = lists.into_iter().flatten().copied().chain(resource.rules.iter().flat_map(fields_of));
        for name in named.chain(resource.approval.map(|approval| approval.field)) {
            // Every row has a number of its own, and a list may show it.
            assert!(fields.contains(&name) || name == "id", "{resource:?} has no field {name}");
        }
        for count in resource.counts {
            let user = RESOURCES.iter().find(|other| other.name == count.noun);
            let field = user.and_then(|user| user.field(count.field));
            let refers = field.is_some_and(|schema| links::can_refer_to(schema, resource.name));
            assert!(refers, "{resource:?} counts {} that do not refer to it in {}", count.noun, count.field);
        }
        let mut on_tabs: Vec<_> = resource.tabs.iter().flat_map(|tab| tab.fields).copied().collect();
        let mut all = fields.clone();
        on_tabs.sort_unstable();
        all.sort_unstable();
        assert_eq!(on_tabs, all, "{resource:?}: each field stands on one tab");
        let shown = resource.search.iter().chain(resource.list);
        for name in shown.filter(|name| **name != "id") {
            assert!(resource.field(name).unwrap().get("x-kept").is_none(), "{resource:?} lists the secret {name}");
        }
    }
    for (place, resource) in RESOURCES.iter().enumerate() {
        let before = RESOURCES[..place].iter().flat_map(|other| [other.name, other.path]);
        assert!(before.into_iter().all(|word| word != resource.name && word != resource.path), "{resource:?} twice");
    }
}

/// The fields that a rule names.
fn fields_of(rule: &Rule) -> Vec<&'static str> {
    match rule {
        Rule::Appears { field, when, .. } | Rule::Needs { field, when, .. } => vec![*field, *when],
        Rule::UniqueWithin { field, within } => vec![*field, *within],
        Rule::Follows { field, sets, .. } => vec![*field, *sets],
        Rule::FromFile { field, file } => vec![*field, *file],
        Rule::Located { field, of } | Rule::Same { field, of } => vec![*field, *of],
        other => vec![other.field()],
    }
}

/// Every kind has an editor, and every noun with a page its words in every language.
#[test]
fn every_field_has_an_editor_and_a_label_in_every_language() {
    for resource in RESOURCES.iter().filter(|resource| resource.drawn()) {
        for (field, schema) in resource.fields() {
            for kind in kinds(schema) {
                assert!(web(&format!("kind/{kind}.tsx")).exists(), "{resource:?}.{field}: no editor for {kind}");
            }
        }
        for locale in LOCALES {
            let own = web(&format!("locale/noun/{}.json", resource.name));
            require(&labels(&own)[locale], keys(resource), &format!("{} in {}", locale, own.display()));
            let common = web(&format!("locale/{locale}.json"));
            require(&labels(&common), common_keys(resource), &common.display().to_string());
        }
    }
}

fn labels(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

fn require(labels: &Value, keys: Vec<String>, place: &str) {
    for key in keys {
        assert!(labels[&key].as_str().is_some_and(|label| !label.trim().is_empty()), "{place}: no label {key}");
    }
}

/// What is said of a noun and of each field and choice, down into lists and rows.
fn keys(resource: &Resource) -> Vec<String> {
    let mut keys = ["one", "many", "text"].map(String::from).to_vec();
    keys.extend(resource.listed().then(|| "empty".into()));
    resource.fields().for_each(|(field, schema)| field_keys(field, schema, &mut keys));
    keys
}

fn field_keys(name: &str, schema: &Value, keys: &mut Vec<String>) {
    if !keys.iter().any(|key| key == name) {
        keys.push(name.into());
    }
    let choices = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    keys.extend(choices.map(|choice| format!("{name}.{choice}")));
    // Rights and destinations are made of words that all nouns share.
    if ["permissions", "form_tabs", "hidden_fields", "scopes", "destination", "person"]
        .iter()
        .any(|kind| schema["x-kind"] == *kind)
    {
        return;
    }
    let row = (schema["x-kind"] == "row").then(|| schema["properties"].as_object()).flatten();
    for (field, inner) in row.into_iter().flatten() {
        field_keys(&format!("{name}.{field}"), inner, keys);
    }
    if schema["items"].is_object() {
        field_keys(name, &schema["items"], keys);
    }
}

/// ROL-10, ROL-15: what a role grants and takes away can be read in every language.
#[test]
fn every_right_has_words_in_every_language() {
    let last = |word: &str| word.rsplit('.').next().unwrap().to_string();
    for locale in LOCALES {
        let common = labels(&web(&format!("locale/{locale}.json")));
        let of_noun = |word: &str| common[format!("permission.{word}")].is_string();
        let actions =
            permission::WORDS.iter().filter(|word| !of_noun(word)).map(|word| format!("action.{}", last(word)));
        let tabs = permission::TABS.iter().map(|tab| format!("tab.{}", last(tab)));
        require(&common, actions.chain(tabs).collect(), locale);
    }
}

/// LST-2: what can be done with a noun is a permission of the closed list.
#[test]
fn every_action_is_a_permission() {
    for resource in RESOURCES.iter().filter(|resource| resource.drawn()) {
        let actions = resource.actions.iter().map(|action| action.word());
        for right in actions.chain(["view"]).map(|action| resource.right(action)) {
            assert!(permission::WORDS.contains(&right), "{resource:?}: {right} is no permission");
        }
    }
}

/// What several nouns share: chapters of the menu and tabs.
fn common_keys(resource: &Resource) -> Vec<String> {
    let menu = json!(resource.menu);
    let tabs = resource.tabs.iter().map(|tab| format!("tab.{}", tab.name));
    // What another noun's page draws has no line in the menu.
    let menu = (resource.menu != Menu::Beside).then(|| format!("menu.{}", menu.as_str().unwrap()));
    menu.into_iter().chain(tabs).collect()
}

/// The schema as the panel and programs get it: changed on purpose only.
#[test]
fn the_agent_is_declared_as_the_panel_knows_it() {
    let agent = &RESOURCES[0];
    insta::assert_json_snapshot!(
        "agent",
        json!({ "schema": agent.schema(), "tabs": agent.tabs, "rules": agent.rules })
    );
}

/// Text as people and attackers type it.
fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[0-9]{0,8}",
        "[a-zA-Z0-9._-]{0,70}",
        "[ -~]{0,70}",
        "[ \\t\\r\\n]{0,3}",
        "\\PC{0,50}",
        ".{0,45}",
        "[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,3})?",
        "[0-9a-f:]{2,20}(/[0-9]{1,3})?",
        "王{38,42}",
        prop::sample::select(vec![
            "",
            "auto",
            "none",
            "enabled",
            "disabled",
            "md5",
            "sha256_and_md5",
            "zh",
            "Asia/Tokyo",
            "utc",
            "Mars/Base",
            "***",
            "example.org",
            "-a.b",
            "a..b",
            "1.2.3.4.5",
            "::1/0",
            "null",
            "agent.view",
            "agent.advanced",
            "agent.status",
        ])
        .prop_map(str::to_owned),
    ]
    .prop_map(Value::from)
}

fn anything() -> impl Strategy<Value = Value> {
    let one = prop_oneof![
        4 => text(),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => (-5..400_i64).prop_map(Value::from),
        1 => prop_oneof![any::<i64>().prop_map(Value::from), any::<u64>().prop_map(Value::from)],
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => Just(json!({})),
        1 => Just(json!({ "call_record": "all" })),
        1 => Just(json!({ "agent": "all" })),
    ];
    prop_oneof![4 => one.clone(), 1 => prop::collection::vec(one, 0..4).prop_map(Value::from)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// LST-21: what the schema accepts the type accepts, and nothing else.
    #[test]
    fn the_schema_and_the_type_agree(value in anything()) {
        for resource in RESOURCES.iter() {
            for (field, schema) in resource.fields() {
                let mut row = full(resource);
                row.insert(field.into(), value.clone());
                let accepts = check::value_of(schema, &value);
                let reads = resource.reads(&Value::Object(row));
                prop_assert_eq!(accepts.is_ok(), reads, "{:?}.{} {:?}", resource, field, accepts);
            }
        }
    }

    /// Lengths count characters, not bytes (LST-22), and the ends are trimmed first (LST-20).
    #[test]
    fn a_length_counts_characters(letter in any::<char>().prop_filter("shown", |c| !c.is_control() && !c.is_whitespace())) {
        let shape = kind::shape("name").unwrap();
        let text = |length: usize| letter.to_string().repeat(length);
        prop_assert!(shape.checked(&text(40), 1, 40).is_ok());
        prop_assert!(shape.checked(&text(41), 1, 40).is_err());
    }
}

/// A field that no struct has is refused by both.
#[test]
fn an_unknown_field_is_refused() {
    for resource in RESOURCES.iter() {
        let mut row = full(resource);
        row.insert("surprise".into(), json!(1));
        assert!(!resource.reads(&Value::Object(row.clone())), "{resource:?} lacks deny_unknown_fields");
        let refused = resource.taken(&Tenant::default(), row).unwrap_err();
        assert_eq!(json!(refused.fields()), json!({ "surprise": { "why": "unknown" } }));
    }
}
