//! What holds for a field beyond its own value, and what is saved held against it.

use super::{
    Actor, Asked, Bounds, Id, Refusals, Resource, Tenant, Why, check,
    envelope::Origin,
    kind::{Network, line::Form, mac::Hardware},
    links,
    table::{AnyTable, key_of},
};
use serde::Serialize;
use serde_json::{Map, Value};

/// Whose turn it is, is told from so many of the latest rows.
const TURN_ROWS: usize = 1_000;

/// What holds for a field beyond its own value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// No second row of this noun has it, letter case ignored (LST-23).
    Unique { field: &'static str },
    /// It cannot be changed after the first save.
    Fixed { field: &'static str },
    /// It cannot be changed while other rows refer to this one.
    Settled { field: &'static str },
    /// One of the internal numbers, which are one set over all nouns (AGT-9 reading).
    FreeNumber { field: &'static str },
    /// Dialed at the phones of the office, as are so many numbers `after` it; an emergency number of the country goes
    /// before all of them (OUT-49).
    Dialed { field: &'static str, after: u32 },
    /// Left empty, the box makes one (AGT-19 reading).
    Generated { field: &'static str },
    /// No second row with the same value in `within` has it, letter case ignored (LST-23).
    UniqueWithin { field: &'static str, within: &'static str },
    /// No entry of the list twice.
    NoRepeats { field: &'static str },
    /// When the row that it refers to is deleted, it is emptied, or the entry is dropped; without this rule the
    /// delete is refused (LST-25).
    LetsGo { field: &'static str },
    /// The row that it refers to has one of these values in its field `of`.
    Only { field: &'static str, of: &'static str, is: &'static [&'static str] },
    /// The row that it refers to has in its field `of` what this row has in its own: the package of a stage is that of
    /// the campaign (STG-15).
    Same { field: &'static str, of: &'static str },
    /// Shown and asked for only while the field `when` has one of these values; a switch's are `true` and `false`.
    Appears { field: &'static str, when: &'static str, is: &'static [&'static str] },
    /// Required while the field `when` has one of these values.
    Needs { field: &'static str, when: &'static str, is: &'static [&'static str] },
    /// Whoever adds a row gives it; later the box may unset it (ACC-17, BOX-109).
    Initial { field: &'static str },
    /// The upstream's: nobody changes it here (UPS-24).
    Given { field: &'static str },
    /// Set by the box: nobody types it.
    Shown { field: &'static str },
    /// Not kept here: told from what happened whenever a row is shown; it is `Shown` as well.
    Told { field: &'static str },
    /// The row's own number; it is `Shown` as well.
    Numbered { field: &'static str },
    /// Read from the file that `file` names, when it comes to name it; it is `Shown` as well.
    FromFile { field: &'static str, file: &'static str },
    /// Where the number in its field `of` belongs; it is `Shown` as well.
    Located { field: &'static str, of: &'static str },
    /// A list of addresses: unless it is empty, that of whoever saves it is among them (PRF-24, API-13).
    HoldsAsker { field: &'static str },
    /// A switch that is on in one row at most: who switches it on switches it off elsewhere (INR-5).
    One { field: &'static str },
    /// It is set when a row is changed, not when it is added (CMP-84).
    Later { field: &'static str },
    /// When the row to which `field` refers comes to have `is` in its field `of`, then `sets` becomes `to`; where `from`
    /// is named, only if it was that (PKG-12 to PKG-15).
    Follows {
        field: &'static str,
        of: &'static str,
        is: &'static str,
        sets: &'static str,
        from: Option<&'static str>,
        to: Option<&'static str>,
    },
    /// Left out of a new row, it begins as the field `of` of the one row of `noun`.
    Begins { field: &'static str, noun: &'static str, of: &'static str },
    /// Left out of a new row, it is one of these: the first that the fewest rows have.
    InTurn { field: &'static str, of: &'static [&'static str] },
    /// Left out of a new row, it is one more than the most that a row has: the row stands behind all others.
    Last { field: &'static str },
    /// It names a row of `noun` by that row's unique field `by`.
    Names { field: &'static str, noun: &'static str, by: &'static str },
    /// It refers to the row of the same noun above this one: never to itself nor to one below. When that row goes, this
    /// one stands where it stood (DEP-8, DEP-13 readings).
    Above { field: &'static str },
    /// Not kept here: the rows of `noun` that refer to this one in their field `by`. What is typed is written there
    /// (DEP-10 reading).
    Members { field: &'static str, noun: &'static str, by: &'static str },
    /// A list tells how many entries it has, not which.
    Counted { field: &'static str },
}

impl Rule {
    pub fn field(&self) -> &'static str {
        match self {
            Rule::Unique { field }
            | Rule::Fixed { field }
            | Rule::Settled { field }
            | Rule::FreeNumber { field }
            | Rule::Dialed { field, .. }
            | Rule::Generated { field }
            | Rule::UniqueWithin { field, .. }
            | Rule::NoRepeats { field }
            | Rule::LetsGo { field }
            | Rule::Only { field, .. }
            | Rule::Same { field, .. }
            | Rule::Appears { field, .. }
            | Rule::Needs { field, .. }
            | Rule::Initial { field }
            | Rule::Given { field }
            | Rule::Shown { field }
            | Rule::Told { field }
            | Rule::Numbered { field }
            | Rule::FromFile { field, .. }
            | Rule::Located { field, .. }
            | Rule::HoldsAsker { field }
            | Rule::One { field }
            | Rule::Later { field }
            | Rule::Follows { field, .. }
            | Rule::Begins { field, .. }
            | Rule::InTurn { field, .. }
            | Rule::Last { field }
            | Rule::Names { field, .. }
            | Rule::Above { field }
            | Rule::Members { field, .. }
            | Rule::Counted { field } => field,
        }
    }
}

/// A row on its way in.
#[derive(Clone, Copy)]
pub struct Save<'a> {
    pub resource: &'a Resource,
    /// None: it is new.
    pub id: Option<Id>,
    pub before: Option<&'a Value>,
    pub after: &'a Value,
}

impl Save<'_> {
    fn changes(&self, field: &str) -> bool {
        self.before.is_none_or(|before| before[field] != self.after[field])
    }

    /// Every reason that the other rows and the row itself give against it.
    pub fn refusals(&self, tenant: &Tenant) -> Refusals {
        let mut refusals = Refusals::default();
        for rule in self.resource.rules {
            if let Some(why) = self.refused(rule, tenant) {
                refusals.add(rule.field(), why);
            }
        }
        self.bound(tenant, &mut refusals);
        links::each(self.resource, self.after, |field, noun, id| {
            if self.changes(field) && tenant.rows_of(noun).and_then(|rows| rows.envelope(id)).is_none() {
                refusals.add(field, Why::NotThere);
            }
        });
        refusals
    }

    /// Nothing is added, set or raised beyond what the office has; what is beyond it already stays (UPS-101).
    fn bound(&self, tenant: &Tenant, refusals: &mut Refusals) {
        if tenant.bounds == Bounds::default() {
            return;
        }
        if self.id.is_none() && tenant.bounds.withholds_noun(self.resource.name) {
            refusals.add("", Why::Withheld);
        }
        let instead = instead(self.resource, tenant);
        for field in self.resource.fields().map(|(field, _)| field).filter(|field| self.changes(field)) {
            let value = &self.after[field];
            let is_usual = instead.iter().any(|(known, usual)| *known == field && value == usual);
            if tenant.bounds.withholds(self.resource, field) && !is_empty(value) && !is_usual {
                refusals.add(field, Why::Withheld);
            } else if let Some(max) = tenant.bounds.is_beyond(self.resource.name, field, value) {
                refusals.add(field, Why::LimitReached { max });
            }
        }
    }

    fn refused(&self, rule: &Rule, tenant: &Tenant) -> Option<Why> {
        match rule {
            Rule::Unique { field } | Rule::UniqueWithin { field, .. } => {
                let key = key_of(rule, self.after)?;
                let holder = tenant.rows_of(self.resource.name)?.holder(field, &key)?;
                (Some(holder) != self.id).then(|| self.taken(field))
            }
            Rule::Settled { field } => {
                let users = tenant.users(self.resource.name, self.id.filter(|_| self.changes(field))?);
                let users: Vec<_> = users.map(|link| tenant.user(link)).collect();
                (!users.is_empty()).then_some(Why::InUse { users })
            }
            Rule::FreeNumber { field } => {
                let (noun, holder) = tenant.number_holder(self.after[*field].as_str()?)?;
                (noun != self.resource.name || Some(holder) != self.id).then_some(Why::NumberTaken)
            }
            Rule::NoRepeats { field } => repeats(&self.after[*field]).then_some(Why::Repeated),
            Rule::Needs { field, when, is } => {
                let needed = is_one_of(&self.after[*when], is) && self.appears(field);
                (needed && is_empty(&self.after[*field])).then_some(Why::Required)
            }
            Rule::Only { field, of, is } => self.not_this(field, tenant, |row| is_one_of(&row[*of], is)),
            Rule::Same { field, of } => self.not_this(field, tenant, |row| row[*of] == self.after[*of]),
            Rule::Names { field, noun, by } => {
                let name = self.after[*field].as_str().filter(|name| !name.is_empty())?;
                (self.changes(field) && !is_named(tenant, noun, by, name)).then_some(Why::NotThere)
            }
            Rule::Above { field } => self.circles(field, tenant).then_some(Why::NotThis),
            Rule::Fixed { .. }
            | Rule::Dialed { .. }
            | Rule::Generated { .. }
            | Rule::Initial { .. }
            | Rule::LetsGo { .. }
            | Rule::Appears { .. }
            | Rule::Given { .. }
            | Rule::Shown { .. }
            | Rule::Told { .. }
            | Rule::Numbered { .. }
            | Rule::FromFile { .. }
            | Rule::Located { .. }
            | Rule::HoldsAsker { .. }
            | Rule::One { .. }
            | Rule::Later { .. }
            | Rule::Follows { .. }
            | Rule::Begins { .. }
            | Rule::InTurn { .. }
            | Rule::Last { .. }
            | Rule::Members { .. }
            | Rule::Counted { .. } => None,
        }
    }

    /// Whether a field comes to refer to a row that does not fit.
    fn not_this(&self, field: &str, tenant: &Tenant, fits: impl Fn(&Value) -> bool) -> Option<Why> {
        let mut wrong = false;
        links::inside(self.resource.field(field)?, &self.after[field], &mut |noun, id| {
            let row = tenant.rows_of(noun).and_then(|rows| rows.row(id));
            wrong |= row.is_some_and(|(_, value)| !fits(&value));
        });
        (wrong && self.changes(field)).then_some(Why::NotThis)
    }

    /// The word for a unique value that another row has.
    fn taken(&self, field: &str) -> Why {
        let schema = self.resource.field(field);
        if schema.is_some_and(|schema| schema["x-kind"] == Hardware::KIND) { Why::MacTaken } else { Why::NameTaken }
    }

    /// Whether the way up from this row comes back to it. No way is longer than there are rows.
    fn circles(&self, field: &str, tenant: &Tenant) -> bool {
        let Some((id, rows)) = self.id.zip(tenant.rows_of(self.resource.name)) else { return false };
        let above = |value: &Value| value[field].as_str()?.parse::<Id>().ok();
        let way = std::iter::successors(above(self.after), |at| above(&rows.row(*at)?.1));
        way.take(rows.len()).any(|at| at == id)
    }

    fn appears(&self, field: &str) -> bool {
        self.resource.rules.iter().all(|rule| match rule {
            Rule::Appears { field: hidden, when, is } if *hidden == field => is_one_of(&self.after[*when], is),
            _ => true,
        })
    }
}

/// What fields of a new row begin with that follow other rows.
pub fn beginnings(resource: &Resource, tenant: &Tenant) -> Vec<(&'static str, Value)> {
    let begins = resource.rules.iter().filter_map(|rule| match *rule {
        Rule::Begins { field, noun, of } => {
            let rows = tenant.rows_of(noun)?;
            let (_, value) = rows.row(*rows.ids().first()?)?;
            Some((field, value[of].clone()))
        }
        Rule::InTurn { field, of } => Some((field, rarest(of, field, tenant.rows_of(resource.name)?).into())),
        Rule::Last { field } => Some((field, behind(resource, field, tenant.rows_of(resource.name)?)?.into())),
        _ => None,
    });
    begins.chain(instead(resource, tenant)).collect()
}

/// What fields of a new row refer to that it must have and the office does not choose: of a noun that is withheld the
/// first row, which every office has from the beginning.
pub fn instead(resource: &Resource, tenant: &Tenant) -> Vec<(&'static str, Value)> {
    let required = resource.schema()["required"].as_array().map_or(&[][..], Vec::as_slice);
    let withheld = resource.referring().iter().copied().filter(|field| required.iter().any(|name| name == field));
    let first = |field: &'static str| {
        let noun = tenant.bounds.withheld_of(resource, field)?;
        Some((field, tenant.rows_of(noun)?.ids().first()?.to_string().into()))
    };
    withheld.filter_map(first).collect()
}

/// The first of the words that the fewest rows have in a field.
fn rarest(words: &[&'static str], field: &str, rows: &dyn AnyTable) -> Option<&'static str> {
    let latest = rows.ids().into_iter().rev().take(TURN_ROWS);
    let values: Vec<Value> = latest.filter_map(|id| Some(rows.row(id)?.1[field].take())).collect();
    words.iter().copied().min_by_key(|word| values.iter().filter(|value| *value == word).count())
}

/// One more than the most that a row has in a field, as far as the field goes.
fn behind(resource: &Resource, field: &str, rows: &dyn AnyTable) -> Option<u64> {
    let most = rows.ids().into_iter().filter_map(|id| rows.row(id)?.1[field].as_u64()).max()?;
    Some((most + 1).min(resource.field(field)?["maximum"].as_u64()?))
}

/// Whether there is a row of a noun with this value in a unique field.
pub fn is_named(tenant: &Tenant, noun: &str, by: &str, name: &str) -> bool {
    tenant.rows_of(noun).is_some_and(|rows| rows.holder(by, name).is_some())
}

/// Refuses what nobody types: what the upstream gives (UPS-24, UPS-25) and what the box sets. `before` is the row as it
/// is, if there is one; `acting`: it is typed by who acts as the upstream, who sets that and nothing else (UPS-2).
pub fn untouchable(
    resource: &Resource,
    (by, acting): (&Actor, bool),
    before: Option<(Origin, &Value)>,
    typed: &Map<String, Value>,
) -> Result<(), Refusals> {
    let mut refusals = Refusals::default();
    if *by == Actor::System {
        return Ok(());
    }
    let some_are_own = resource.rules.iter().any(|rule| matches!(rule, Rule::Given { .. }));
    let whose = if acting { Origin::Own } else { Origin::Given };
    if !some_are_own && before.is_some_and(|(origin, _)| origin == whose) {
        return Err(Refusals::whole(if acting { Why::Forbidden } else { Why::UpstreamOwned }));
    }
    for field in resource.fields().map(|(field, _)| field) {
        let is_shown = |rule: &Rule| matches!(rule, Rule::Shown { field: shown } if *shown == field);
        let why = match resource.gives(field) {
            _ if resource.rules.iter().any(is_shown) => Why::ReadOnly,
            false if acting && some_are_own => Why::Forbidden,
            true if !acting => Why::UpstreamOwned,
            _ => continue,
        };
        let usual = &usual(resource, field).cloned().unwrap_or_default();
        let as_it_is = before.map_or(usual, |(_, value)| &value[field]);
        // A form leaves open what a new row does not have yet, and what is not there.
        let left_open = |typed: &Value| match before {
            None => typed.is_null() || check::is_blank(typed),
            Some(_) => as_it_is.is_null() && check::is_blank(typed),
        };
        if typed.get(field).is_some_and(|typed| typed != as_it_is && !left_open(typed)) {
            refusals.add(field, why);
        }
    }
    refusals.so_far()
}

/// Refuses a list of addresses that would keep out whoever saves it.
pub fn locks_out(resource: &Resource, asked: &Asked) -> Refusals {
    let mut refusals = Refusals::default();
    let Some(from) = asked.access.from else { return refusals };
    for rule in resource.rules {
        let Rule::HoldsAsker { field } = rule else { continue };
        // A value of another form is refused for its form.
        let list = asked.given(field).and_then(|typed| serde_json::from_value::<Vec<Network>>(typed.clone()).ok());
        if list.is_some_and(|list| !list.is_empty() && !list.iter().any(|network| network.contains(from))) {
            refusals.add(field, Why::WouldLockOut);
        }
    }
    refusals
}

/// Refuses a new row without what whoever adds it must give.
pub fn lacking(resource: &Resource, asked: &Asked, refusals: &mut Refusals) {
    for rule in resource.rules {
        if let Rule::Initial { field } = rule
            && asked.id.is_none()
            && asked.lacks(field)
        {
            refusals.add(field, Why::Required);
        }
        if let Rule::Later { field } = rule
            && asked.id.is_none()
            && asked.given(field).is_some_and(|typed| Some(typed) != usual(resource, field))
        {
            refusals.add(field, Why::ReadOnly);
        }
    }
}

/// What a field has beforehand.
fn usual<'a>(resource: &'a Resource, field: &str) -> Option<&'a Value> {
    resource.field(field)?.get("default")
}

/// Whether a value is one of these words: a switch by `true` and `false`, a destination by its type, a list by any
/// entry.
pub fn is_one_of(value: &Value, words: &[&str]) -> bool {
    match value {
        Value::String(word) => words.contains(&&**word),
        Value::Bool(_) | Value::Number(_) => words.contains(&&*value.to_string()),
        Value::Array(entries) => entries.iter().any(|entry| is_one_of(entry, words)),
        Value::Object(fields) => fields.get("type").is_some_and(|word| is_one_of(word, words)),
        Value::Null => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Whether an entry stands twice; a row is told from others by its first field.
fn repeats(list: &Value) -> bool {
    let entries = list.as_array().map_or(&[][..], Vec::as_slice);
    let key = |entry: &Value| match entry {
        Value::Object(fields) if !fields.contains_key("type") => fields.values().next().map(Value::to_string),
        other => Some(other.to_string()),
    };
    let mut keys: Vec<_> = entries.iter().filter_map(key).map(|key| key.to_lowercase()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

/// A field of a row that refers to another one which goes, without that reference. None: it does not let go (LST-25).
pub fn let_go(resource: &Resource, value: &Value, field: &str, (noun, id, gone): (&str, Id, &Value)) -> Option<Value> {
    resource.rules.iter().filter(|rule| rule.field() == field).find_map(|rule| match rule {
        Rule::LetsGo { .. } => links::without(resource.field(field)?, &value[field], noun, id),
        Rule::Above { .. } => Some(gone[field].clone()),
        _ => None,
    })
}

pub const fn unique(field: &'static str) -> Rule {
    Rule::Unique { field }
}

pub const fn fixed(field: &'static str) -> Rule {
    Rule::Fixed { field }
}

pub const fn settled(field: &'static str) -> Rule {
    Rule::Settled { field }
}

pub const fn free_number(field: &'static str) -> Rule {
    Rule::FreeNumber { field }
}

pub const fn dialed(field: &'static str, after: u32) -> Rule {
    Rule::Dialed { field, after }
}

pub const fn generated(field: &'static str) -> Rule {
    Rule::Generated { field }
}

pub const fn unique_within(field: &'static str, within: &'static str) -> Rule {
    Rule::UniqueWithin { field, within }
}

pub const fn no_repeats(field: &'static str) -> Rule {
    Rule::NoRepeats { field }
}

pub const fn lets_go(field: &'static str) -> Rule {
    Rule::LetsGo { field }
}

pub const fn only(field: &'static str, of: &'static str, is: &'static [&'static str]) -> Rule {
    Rule::Only { field, of, is }
}

pub const fn same(field: &'static str, of: &'static str) -> Rule {
    Rule::Same { field, of }
}

pub const fn appears(field: &'static str, when: &'static str, is: &'static [&'static str]) -> Rule {
    Rule::Appears { field, when, is }
}

pub const fn needs(field: &'static str, when: &'static str, is: &'static [&'static str]) -> Rule {
    Rule::Needs { field, when, is }
}

pub const fn initial(field: &'static str) -> Rule {
    Rule::Initial { field }
}

pub const fn given(field: &'static str) -> Rule {
    Rule::Given { field }
}

pub const fn names(field: &'static str, noun: &'static str, by: &'static str) -> Rule {
    Rule::Names { field, noun, by }
}

pub const fn holds_asker(field: &'static str) -> Rule {
    Rule::HoldsAsker { field }
}

pub const fn above(field: &'static str) -> Rule {
    Rule::Above { field }
}

pub const fn members(field: &'static str, noun: &'static str, by: &'static str) -> Rule {
    Rule::Members { field, noun, by }
}

pub const fn counted(field: &'static str) -> Rule {
    Rule::Counted { field }
}

pub const fn one(field: &'static str) -> Rule {
    Rule::One { field }
}

pub const fn later(field: &'static str) -> Rule {
    Rule::Later { field }
}

/// Empties `field` when the row to which it refers comes to have `is` in its field `of`.
pub const fn released(field: &'static str, of: &'static str, is: &'static str) -> Rule {
    Rule::Follows { field, of, is, sets: field, from: None, to: None }
}

pub const fn numbered(field: &'static str) -> Rule {
    Rule::Numbered { field }
}

pub const fn from_file(field: &'static str, file: &'static str) -> Rule {
    Rule::FromFile { field, file }
}

pub const fn located(field: &'static str, of: &'static str) -> Rule {
    Rule::Located { field, of }
}

pub const fn last(field: &'static str) -> Rule {
    Rule::Last { field }
}

pub const fn in_turn(field: &'static str, of: &'static [&'static str]) -> Rule {
    Rule::InTurn { field, of }
}

pub const fn begins(field: &'static str, noun: &'static str, of: &'static str) -> Rule {
    Rule::Begins { field, noun, of }
}

pub const fn told(field: &'static str) -> Rule {
    Rule::Told { field }
}

pub const fn shown(field: &'static str) -> Rule {
    Rule::Shown { field }
}
