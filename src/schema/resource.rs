//! A noun's declaration as a value, so that the store, the panel's server and the tests loop over all of them.

use super::{
    Access, Action, Approval, Asked, Count, Held, Id, Import, Menu, Model, Refusals, Rule, Tab, Tenant, Why, card,
    check,
    index::Finding,
    layout::{KeptFrom, Placed},
    links,
    model::{Assign, Bar, Logged, Many, Masked, Offered, Series},
    permission, rule,
    table::{AnyTable, Table},
};
use crate::time::Timestamp;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use std::{fmt, sync::OnceLock};

/// The choice of a status that waits for approval.
pub const PENDING: &str = "pending";

/// Where the fields stand that the office itself adds.
pub const CUSTOM: &str = "custom";

/// What `Model` says, without the type.
pub struct Resource {
    pub name: &'static str,
    pub path: &'static str,
    pub menu: Menu,
    pub held: Held,
    pub search: &'static [&'static str],
    pub finds_office: bool,
    pub list: &'static [&'static str],
    pub tabs: &'static [Tab],
    pub rules: &'static [Rule],
    pub filters: &'static [&'static str],
    pub sorts: &'static [&'static str],
    pub within: Option<&'static str>,
    pub counts: &'static [Count],
    pub actions: &'static [Action],
    pub batch: &'static [&'static str],
    named: &'static [&'static str],
    rights: &'static str,
    writes: Option<Action>,
    pub programs: bool,
    pub offered: Option<Offered>,
    pub warns: bool,
    pub approval: Option<Approval>,
    pub many: Option<Many>,
    pub series: Option<Series>,
    pub author: bool,
    pub logged: Option<Logged>,
    pub import: Option<Import>,
    pub assign: Option<Assign>,
    pub bar: Option<Bar>,
    pub form: Option<&'static str>,
    given: bool,
    pub version: u16,
    pub(crate) finding: fn(&Tenant, Option<Id>) -> Finding,
    part: fn(&Tenant) -> Option<Id>,
    custom: fn(&Tenant, &Value) -> Option<Value>,
    stamp: fn(Option<&Value>, &mut Value, Timestamp),
    pub(crate) upgrade: fn(u16, Value) -> Value,
    pub(crate) empty: fn() -> Box<dyn AnyTable>,
    derive: fn() -> Value,
    take: fn(&Tenant, Value) -> Result<Value, Refusals>,
    pub(crate) first: fn() -> Vec<Value>,
    masked: fn(&Tenant, &Access) -> Option<Masked>,
    layout: fn(&Tenant, &Value) -> Option<Vec<Placed>>,
    kept_from: fn(&Tenant, &Access, &Value) -> KeptFrom,
    warnings: fn(&Tenant, &Value) -> Vec<String>,
    stays: fn(&Value) -> bool,
    permit: fn(&Asked, &mut Refusals),
    reads: fn(Value) -> bool,
    schema: OnceLock<Value>,
    referring: OnceLock<Vec<&'static str>>,
}

impl Resource {
    pub const fn of<M: Model>() -> Resource {
        Resource {
            name: M::NAME,
            path: M::PATH,
            menu: M::MENU,
            held: M::HELD,
            search: M::SEARCH,
            finds_office: M::FINDS_OFFICE,
            list: M::LIST,
            tabs: M::TABS,
            rules: M::RULES,
            filters: M::FILTERS,
            sorts: M::SORTS,
            within: M::WITHIN,
            counts: M::COUNTS,
            actions: M::ACTIONS,
            batch: M::BATCH,
            named: M::NAMED,
            rights: M::RIGHTS,
            writes: M::WRITES,
            programs: M::PROGRAMS,
            import: M::IMPORT,
            assign: M::ASSIGN,
            bar: M::BAR,
            offered: M::OFFERED,
            warns: M::WARNS,
            approval: M::APPROVAL,
            many: M::MANY,
            series: M::SERIES,
            author: M::AUTHOR,
            logged: M::LOGGED,
            form: M::FORM,
            given: M::GIVEN,
            version: M::VERSION,
            finding: M::finding,
            part: M::part,
            custom: M::custom,
            stamp: M::stamp,
            upgrade: M::upgrade,
            empty: || Box::new(Table::<M>::default()),
            derive: derived::<M>,
            take: taken::<M>,
            first: || M::first().iter().filter_map(|row| serde_json::to_value(row).ok()).collect(),
            masked: M::masked,
            layout: M::layout,
            kept_from: M::kept_from,
            warnings: M::warnings,
            stays: |value| serde_json::from_value::<M>(value.clone()).is_ok_and(|model| model.stays()),
            permit: M::permit,
            reads: |value| serde_json::from_value::<M>(value).is_ok(),
            schema: OnceLock::new(),
            referring: OnceLock::new(),
        }
    }

    /// Whether the panel draws it from this declaration.
    pub fn drawn(&self) -> bool {
        self.menu != Menu::Unlisted
    }

    /// Whether it has a list, and routes for its rows.
    pub fn listed(&self) -> bool {
        self.drawn() && !self.single()
    }

    /// Whether there is one row of it, always.
    pub fn single(&self) -> bool {
        self.held == Held::Single
    }

    /// The permission for something done with it: `view`, or the word of an action. What has none of its own goes with
    /// what it comes down to: who may add may copy, who may edit may edit many.
    pub fn right(&self, action: &str) -> String {
        let action = match self.writes {
            Some(one) if action != "view" => one.word(),
            _ => action,
        };
        let own = format!("{}.{action}", self.rights);
        let instead = match action {
            "clone" | "batch_add" | "import" => "add",
            "add" | "delete" | "batch_edit" | "approve" | "secret" => "edit",
            "export" | "download" | "play" => "view",
            _ => return own,
        };
        if permission::WORDS.contains(&own) { own } else { self.right(instead) }
    }

    /// Whether people do this with it at all.
    pub fn allows(&self, action: Action) -> bool {
        match action {
            Action::BatchEdit => !self.batch.is_empty(),
            action => self.actions.contains(&action),
        }
    }

    /// Whether rows are the upstream's, all or in part.
    pub fn is_given(&self) -> bool {
        self.actions.is_empty() || self.rules.iter().any(|rule| matches!(rule, Rule::Given { .. }))
    }

    /// The field in which a row refers to the one above it, where rows stand in a tree.
    pub fn above(&self) -> Option<&'static str> {
        self.rules.iter().find(|rule| matches!(rule, Rule::Above { .. })).map(Rule::field)
    }

    /// Whether there are rows, or fields of rows, that the upstream gives (UPS-2).
    pub fn has_given(&self) -> bool {
        self.given || self.is_given()
    }

    /// Whether the upstream gives this field.
    pub fn gives(&self, field: &str) -> bool {
        self.rules.iter().any(|rule| matches!(rule, Rule::Given { field: given } if *given == field))
    }

    /// Refuses what whoever asks may not write here: fields that they may not set (LST-3), and what the noun keeps
    /// from them.
    pub fn permit(&self, asked: &Asked) -> Result<(), Refusals> {
        asked.given.map_or(Ok(()), |given| asked.access.refuse(self, given))?;
        let mut refusals = rule::locks_out(self, asked);
        rule::lacking(self, asked, &mut refusals);
        self.approves(asked, &mut refusals);
        (self.permit)(asked, &mut refusals);
        self.keeps_from(asked, &mut refusals);
        refusals.so_far()
    }

    /// Refuses fields of this very row that whoever asks does not set.
    fn keeps_from(&self, asked: &Asked, refusals: &mut Refusals) {
        let Some(given) = asked.given else { return };
        let none = Value::Object(given.clone());
        let kept = self.kept_from(asked.tenant, asked.access, asked.before.unwrap_or(&none));
        kept.refuse(given, asked.before.unwrap_or(&Value::Null), refusals);
    }

    /// What waits is let through by whoever may approve it, and by nobody else (BLK-19, DNC-19, POP-20).
    fn approves(&self, asked: &Asked, refusals: &mut Refusals) {
        let Some(Approval { field, .. }) = self.approval else { return };
        let waits = asked.before.is_some_and(|value| value[field] == PENDING);
        let ends = asked.given(field).is_some_and(|status| *status != PENDING);
        if waits && ends && !asked.access.may(&self.right(Action::Approve.word())) {
            refusals.add(field, Why::Forbidden);
        }
    }

    /// The fields that name a row to people.
    pub fn named(&self) -> &'static [&'static str] {
        match self.named {
            [] if self.field("name").is_some() => &["name"],
            [] => self.list.get(..1).unwrap_or(&[]),
            named => named,
        }
    }

    /// The JSON schema of its value, fields in the order of the struct. What the box makes by itself is not required.
    pub fn schema(&self) -> &Value {
        self.schema.get_or_init(|| {
            let mut schema = (self.derive)();
            let made =
                |field: &Value| self.rules.iter().any(|r| matches!(r, Rule::Generated { field: f } if field == f));
            if let Some(required) = schema["required"].as_array_mut() {
                required.retain(|field| !made(field));
            }
            // What is written at a field is for who reads the source; people read the labels of `web/locale`.
            for field in schema["properties"].as_object_mut().into_iter().flat_map(Map::values_mut) {
                undescribed(field);
            }
            schema
        })
    }

    /// The fields in which a row can refer to another one.
    pub fn referring(&self) -> &[&'static str] {
        self.referring.get_or_init(|| {
            let fields = self.tabs.iter().flat_map(|tab| tab.fields).copied();
            fields.filter(|field| self.field(field).is_some_and(links::can_refer)).collect()
        })
    }

    /// Fields by which lists sort and narrow, in the order of a card's cells.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + Clone {
        card::columns(self.list, self.filters)
    }

    /// The schema of one field.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.schema()["properties"].get(name)
    }

    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.schema()["properties"].as_object().into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
    }

    /// Fields that the box reads and nobody is shown (BOX-57).
    pub fn sealed(&self) -> impl Iterator<Item = &str> {
        self.kept("sealed")
    }

    /// Fields of which only a hash is kept (BOX-152).
    pub fn hashed(&self) -> impl Iterator<Item = &str> {
        self.kept("hashed")
    }

    fn kept<'a>(&'a self, how: &'static str) -> impl Iterator<Item = &'a str> {
        self.fields().filter(move |(_, schema)| schema["x-kept"] == how).map(|(name, _)| name)
    }

    pub fn is_fixed(&self, field: &str) -> bool {
        self.rules.contains(&Rule::Fixed { field: self.known(field) })
    }

    fn known(&self, field: &str) -> &'static str {
        self.rules.iter().map(Rule::field).find(|name| *name == field).unwrap_or("")
    }

    /// Whether the type takes it, its schema not asked: both must always agree.
    pub fn reads(&self, value: &Value) -> bool {
        (self.reads)(value.clone())
    }

    /// Sets what the box sets itself.
    pub fn stamp(&self, before: Option<&Value>, after: &mut Value, at: Timestamp) {
        (self.stamp)(before, after, at);
    }

    /// Whether telephone numbers of a row are masked for whoever has this access.
    pub fn masks(&self, tenant: &Tenant, access: &Access, value: &Value) -> bool {
        self.masked(tenant, access).is_some_and(|masked| masked.holds(value))
    }

    /// The rows whose telephone numbers are masked for whoever has this access.
    pub fn masked(&self, tenant: &Tenant, access: &Access) -> Option<Masked> {
        (self.masked)(tenant, access)
    }

    /// How the fields of a row stand in its form, where the office orders them itself.
    pub fn layout(&self, tenant: &Tenant, value: &Value) -> Option<Vec<Placed>> {
        (self.layout)(tenant, value)
    }

    /// What of a row is kept from whoever has this access.
    pub fn kept_from(&self, tenant: &Tenant, access: &Access, value: &Value) -> KeptFrom {
        (self.kept_from)(tenant, access, value)
    }

    /// What people are told before they work with a row.
    pub fn warnings(&self, tenant: &Tenant, value: &Value) -> Vec<String> {
        (self.warnings)(tenant, value)
    }

    /// Whether a field holds a telephone number, which may be masked.
    pub fn is_number(schema: &Value) -> bool {
        matches!(schema["x-kind"].as_str(), Some("phone" | "digits"))
    }

    /// Whether nobody may remove this row.
    pub fn stays(&self, value: &Value) -> bool {
        (self.stays)(value)
    }

    /// Every refusal against a whole new value, or the value as it is kept: trimmed and with its defaults.
    pub fn taken(&self, tenant: &Tenant, mut value: Map<String, Value>) -> Result<Value, Refusals> {
        let mut refusals = Refusals::default();
        check::left_open(self.schema(), &mut value, true);
        check::fields(self.schema(), &value, true, &mut refusals);
        let value = self.with_custom(tenant, Value::Object(value), &Value::Null, &mut refusals);
        refusals.so_far()?;
        (self.take)(tenant, value)
    }

    /// The same for a value of which only `changed` was typed in now; the rest was taken before.
    pub fn changed(&self, tenant: &Tenant, old: &Value, mut changed: Map<String, Value>) -> Result<Value, Refusals> {
        let mut refusals = Refusals::default();
        check::left_open(self.schema(), &mut changed, false);
        check::fields(self.schema(), &changed, false, &mut refusals);
        for (field, value) in &changed {
            if self.is_fixed(field) && trimmed(value) != trimmed(&old[field]) {
                refusals.add(field, Why::Fixed);
            }
        }
        let mut value = old.clone();
        for (field, changed) in changed {
            value[field] = changed;
        }
        let value = self.with_custom(tenant, value, &old[CUSTOM], &mut refusals);
        refusals.so_far()?;
        (self.take)(tenant, value)
    }

    /// The part that is meant where none is named.
    pub fn part(&self, tenant: &Tenant) -> Option<Id> {
        (self.part)(tenant)
    }

    /// The schema of the fields that the office added to this row.
    pub fn custom(&self, tenant: &Tenant, value: &Value) -> Option<Value> {
        (self.custom)(tenant, value)
    }

    /// Fields that the office added are checked like all others; one that is not given stays as it was.
    fn with_custom(&self, tenant: &Tenant, mut value: Value, old: &Value, refusals: &mut Refusals) -> Value {
        if let Some(schema) = self.custom(tenant, &value)
            && matches!(value[CUSTOM], Value::Null | Value::Object(_))
        {
            let given = value[CUSTOM].as_object().cloned().unwrap_or_default();
            let mut inside = Refusals::default();
            value[CUSTOM] = Value::Object(check::kept(&schema, given, old, &mut inside));
            refusals.add_inside(CUSTOM, inside);
        }
        value
    }
}

/// A field's schema, and those of what stands in it, without prose.
fn undescribed(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    schema.shift_remove("description");
    schema.shift_remove("title");
    schema.get_mut("items").into_iter().for_each(undescribed);
    let inside = schema.get_mut("properties").and_then(Value::as_object_mut);
    inside.into_iter().flat_map(Map::values_mut).for_each(undescribed);
}

fn trimmed(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| text.trim().into())
}

/// Becomes the type, then is checked as a whole, then is JSON again.
fn taken<M: Model>(tenant: &Tenant, value: Value) -> Result<Value, Refusals> {
    let model: M = serde_json::from_value(value).map_err(|_| Refusals::whole(Why::Type))?;
    let mut refusals = Refusals::default();
    model.check(tenant, &mut refusals);
    refusals.so_far()?;
    serde_json::to_value(&model).map_err(|_| Refusals::whole(Why::Type))
}

fn derived<M: Model>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<M>().to_value()
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}
