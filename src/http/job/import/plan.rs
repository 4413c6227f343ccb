//! What an import does with each row of its file: its options, held against the office as it is now.

use super::{
    fields::{self, Field, Reading, at, put},
    fill::Filling,
    reason::Reason,
};
use crate::{
    model,
    schema::{
        Access, Action, Actor, Id, Import, Refusals, Resource, Tenant, Why, check, csv,
        csv::read::{Broken, NoRecord, Record},
        import::{Again, Columns},
        links,
        resource::CUSTOM,
        rule,
    },
};
use serde_json::{Map, Value, json};

/// What stands in the options of an import, whatever its noun.
const KNOWN: [&str; 11] = [
    "upload",
    "encoding",
    "separator",
    "first_row",
    "columns",
    "chosen",
    "dealt",
    "duplicates",
    "remove_zero",
    "required",
    "language",
];
const FILL: &str = "fill";
const KEY: &str = "key";

pub struct Plan {
    /// What the rows become.
    pub resource: &'static Resource,
    pub import: Import,
    pub separator: char,
    /// Whether the first row is one like the others (CUS-52).
    pub first_row: bool,
    /// By the number of the column; none: it is not imported.
    columns: Vec<Option<Reading>>,
    fields: Vec<Field>,
    pub chosen: Map<String, Value>,
    pub dealt: Vec<String>,
    required: Vec<String>,
    pub overwrites: bool,
    filling: Option<Filling>,
    /// Of a file whose headings say what its columns are: which is the key.
    key: Option<usize>,
    headings: Vec<String>,
    pub language: String,
    /// What whoever started it may do.
    pub access: Access,
}

/// A row of the file on its way in.
#[derive(Debug)]
pub struct Row {
    pub line: u64,
    pub cells: Vec<String>,
    pub taken: Result<Taken, Reason>,
}

#[derive(Debug)]
pub struct Taken {
    /// What the file says.
    pub given: Map<String, Value>,
    /// All of the new row: what the file says, what fills it in, what was chosen.
    pub whole: Map<String, Value>,
    /// What of it could not be taken.
    pub left_out: Option<Reason>,
}

impl Plan {
    /// Refuses options that fit the office no more, or never did. `headings` is the first record of the file.
    pub fn read(
        tenant: &Tenant,
        access: &Access,
        import: Import,
        options: &Map<String, Value>,
        headings: &[String],
    ) -> Result<Plan, Refusals> {
        let resource = model::resource(import.noun).ok_or_else(|| Refusals::whole(Why::NotThere))?;
        let mut refusals = Refusals::default();
        let fills = |field: &str| field == FILL && import.fills.is_some();
        let keyed = |field: &str| field == KEY && matches!(import.columns, Columns::Headings { .. });
        for field in options.keys().filter(|field| !KNOWN.contains(&field.as_str()) && !fills(field) && !keyed(field)) {
            refusals.add(field, Why::Unknown);
        }
        let chosen = chosen(tenant, access, resource, &import, options, &mut refusals);
        let fields = fields::of(tenant, access, &import, &chosen);
        let remove_zero = switch(options, "remove_zero", &mut refusals);
        let mut columns = columns(tenant, &import, &fields, options, headings.len(), remove_zero, &mut refusals);
        columns.resize_with(headings.len(), || None);
        let mut plan = Plan {
            resource,
            import,
            separator: options
                .get("separator")
                .and_then(Value::as_str)
                .and_then(|text| text.chars().next())
                .unwrap_or(','),
            first_row: switch(options, "first_row", &mut refusals),
            columns,
            fields,
            chosen,
            dealt: texts(options, "dealt", &mut refusals),
            required: texts(options, "required", &mut refusals),
            overwrites: import.again == Again::Takes,
            filling: None,
            key: None,
            headings: headings.to_vec(),
            language: options.get("language").and_then(Value::as_str).unwrap_or("en").into(),
            access: access.clone(),
        };
        plan.see_to_duplicates(options, &mut refusals);
        plan.see_to_required(&mut refusals);
        plan.see_to_dealt(tenant, &mut refusals);
        plan.see_to_filling(tenant, options, &mut refusals);
        plan.see_to_key(tenant, options, &mut refusals);
        refusals.so_far()?;
        Ok(plan)
    }

    fn see_to_duplicates(&mut self, options: &Map<String, Value>, refusals: &mut Refusals) {
        match options.get("duplicates").and_then(Value::as_str) {
            None | Some("skip") if self.import.again != Again::Takes => {}
            // What the form does not let them change, a file does not either.
            Some("overwrite") if !self.access.may(&self.resource.right(Action::Edit.word())) => {
                refusals.add("duplicates", Why::Forbidden);
            }
            Some("overwrite") if self.import.again == Again::Chosen => self.overwrites = true,
            None => {}
            Some(_) => refusals.add("duplicates", Why::Choice),
        }
    }

    fn see_to_required(&self, refusals: &mut Refusals) {
        let known = |path: &String| self.fields.iter().any(|field| field.path == *path);
        if self.required.iter().any(|path| !known(path)) {
            refusals.add("required", Why::Choice);
        }
        let filled = |field: &Field| self.columns.iter().flatten().any(|column| column.path == field.path);
        let must = self.fields.iter().find(|field| field.required && !field.path.starts_with(CUSTOM) && !filled(field));
        if must.is_some() {
            refusals.add("columns", Why::Required);
        }
    }

    fn see_to_dealt(&self, tenant: &Tenant, refusals: &mut Refusals) {
        let Some(dealt) = self.import.dealt else {
            if !self.dealt.is_empty() {
                refusals.add("dealt", Why::Unknown);
            }
            return;
        };
        let Some(schema) = self.resource.field(dealt.field) else { return };
        if !self.dealt.is_empty() && !self.access.edits(self.resource, dealt.field) {
            refusals.add("dealt", Why::Forbidden);
        }
        let field = Field::plain(dealt.field, schema);
        let reading = Reading::new(tenant, self.resource.name, &field, false);
        if self.dealt.iter().any(|value| reading.names_nobody(tenant, &json!(value))) {
            refusals.add("dealt", Why::NotThere);
        }
    }

    fn see_to_filling(&mut self, tenant: &Tenant, options: &Map<String, Value>, refusals: &mut Refusals) {
        let Some(id) = options.get(FILL).filter(|id| !id.is_null()) else { return };
        let filling =
            self.import.fills.and_then(|noun| Filling::of(tenant, noun, id, &self.fields, self.resource.name));
        match filling {
            Some(filling) => self.filling = Some(filling),
            None => refusals.add(FILL, Why::NotThere),
        }
    }

    /// DIC-10, DIC-11: the column on which rows are matched, by its heading; the first if none is named.
    fn see_to_key(&mut self, tenant: &Tenant, options: &Map<String, Value>, refusals: &mut Refusals) {
        let Columns::Headings { said_in, .. } = self.import.columns else { return };
        let wanted = options.get(KEY).and_then(Value::as_str).map(str::trim).filter(|key| !key.is_empty());
        let wanted = wanted.or(self.headings.first().map(String::as_str)).map(fields::compared).unwrap_or_default();
        self.key = self.headings.iter().position(|heading| fields::compared(heading) == wanted);
        let before = self.owner(tenant).and_then(|owner| owner[said_in].as_str().map(fields::compared));
        if self.key.is_none() || before.is_some_and(|before| !before.is_empty() && before != wanted) {
            refusals.add(KEY, Why::Choice);
        }
    }

    /// The row to which all rows of the file belong, where they belong to one.
    fn owner(&self, tenant: &Tenant) -> Option<Value> {
        let (noun, id) = self.belongs_to()?;
        tenant.rows_of(noun)?.row(id).map(|(_, value)| value)
    }

    /// The same by its noun and number.
    pub fn belongs_to(&self) -> Option<(&'static str, Id)> {
        let within = self.resource.within?;
        let noun = model::resource(self.resource.field(within)?["x-to"].as_str()?)?.name;
        Some((noun, self.chosen.get(within)?.as_str()?.parse().ok()?))
    }

    /// The heading of the key, to be kept with the row to which they belong.
    pub fn key_heading(&self) -> Option<&str> {
        self.headings.get(self.key?).map(|heading| heading.trim())
    }

    /// Whether a stored row is one that they see.
    pub fn reaches(&self, row: &Value, made_by: &Actor) -> bool {
        self.access.reaches(self.resource, row, made_by)
    }

    pub fn width(&self) -> usize {
        self.headings.len()
    }

    /// A record as a row, or why it is none.
    pub fn row(
        &self,
        store: &crate::store::Store,
        tenant: &Tenant,
        record: Record,
    ) -> Result<Row, crate::store::Fault> {
        let Record { line, cells, .. } = record;
        let taken = match self.key {
            Some(key) => Ok(self.of_headings(key, &cells)),
            None => self.of_fields(store, tenant, &cells)?,
        };
        Ok(Row { line, cells, taken })
    }

    /// What is no record is a row that failed.
    pub fn no_row(none: NoRecord) -> Row {
        Row { line: none.line, cells: vec![none.text], taken: Err(Reason::Broken(none.why)) }
    }

    pub fn ragged(&self, record: &Record) -> Row {
        let why = Reason::Ragged { cells: record.cells.len(), wanted: self.width() };
        Row { line: record.line, cells: record.cells.clone(), taken: Err(why) }
    }

    fn of_fields(
        &self,
        store: &crate::store::Store,
        tenant: &Tenant,
        cells: &[String],
    ) -> Result<Result<Taken, Reason>, crate::store::Fault> {
        let (mut given, mut refusals, mut left_out) = (Map::new(), Refusals::default(), None);
        for (reading, cell) in self.columns.iter().zip(cells) {
            let Some(reading) = reading else { continue };
            match reading.value(cell) {
                Ok(Some(value)) if reading.names_nobody(tenant, &value) => {
                    left_out = Some(Reason::Unknown { field: reading.path.clone(), value: cell.trim().into() });
                }
                Ok(Some(value)) => put(&mut given, &reading.path, value),
                Ok(None) => {}
                Err(why) => refusals.add(&reading.path, why),
            }
        }
        let mut whole = given.clone();
        if let Some(filling) = &self.filling {
            filling.fill(store, &mut whole)?;
        }
        for path in self.required.iter().filter(|path| at(&whole, path).is_none()) {
            refusals.add(path, Why::Required);
        }
        for (field, value) in &self.chosen {
            // What a column says for its row wins over what was chosen for all.
            if !whole.contains_key(field) || value.is_array() {
                let own = whole.remove(field).unwrap_or(Value::Null);
                whole.insert(field.clone(), united(&own, value));
            }
        }
        Ok(match refusals.so_far() {
            Ok(()) => Ok(Taken { given, whole, left_out }),
            Err(refusals) => Err(Reason::Refused(refusals)),
        })
    }

    fn of_headings(&self, key: usize, cells: &[String]) -> Taken {
        let mut given = Map::new();
        if let Columns::Headings { key: field, .. } = self.import.columns {
            given.insert(field.into(), csv::unguarded(&cells[key]).trim().into());
        }
        let others = self.headings.iter().zip(cells).enumerate().filter(|(at, _)| *at != key);
        let custom: Map<String, Value> = others
            .map(|(_, (heading, cell))| (heading.trim().to_string(), json!(csv::unguarded(cell).trim())))
            .filter(|(heading, cell)| !heading.is_empty() && cell != "")
            .collect();
        given.insert(CUSTOM.into(), Value::Object(custom));
        let mut whole = given.clone();
        whole.extend(self.chosen.clone());
        Taken { given, whole, left_out: None }
    }

    /// What a stored row takes from the file: cells that are not empty, never whose it is; lists get what was chosen
    /// as well (CUS-57 reading, CUS-65).
    pub fn overwriting(&self, taken: &Taken, stored: &Value) -> Map<String, Value> {
        let mut changes = taken.given.clone();
        if let Some(dealt) = self.import.dealt {
            changes.remove(dealt.field);
        }
        for (field, chosen) in self.chosen.iter().filter(|(_, chosen)| chosen.is_array()) {
            let own = changes.remove(field).unwrap_or(Value::Null);
            changes.insert(field.clone(), united(&united(&stored[field.as_str()], &own), chosen));
        }
        changes
    }

    /// What a field is called, for who reads the reason.
    pub fn label(&self, words: &crate::http::words::Words, path: &str) -> String {
        let field = self.fields.iter().find(|field| field.path == path);
        let own = field.and_then(|field| field.schema["title"].as_str());
        let known = || words.find(&format!("{}.{path}", self.resource.name));
        own.or_else(known).unwrap_or(path).to_string()
    }

    pub fn headings(&self) -> &[String] {
        &self.headings
    }
}

/// Entries of both, each once.
fn united(one: &Value, other: &Value) -> Value {
    let (Some(first), Some(second)) = (one.as_array().or(Some(&Vec::new())).cloned(), other.as_array()) else {
        return other.clone();
    };
    let mut all = first;
    let new: Vec<_> = second.iter().filter(|entry| !all.contains(entry)).cloned().collect();
    all.extend(new);
    Value::Array(all)
}

/// What every row must have and no column says.
pub fn must_be_chosen(resource: &Resource, import: &Import) -> impl Iterator<Item = &'static str> {
    let required = resource.schema()["required"].as_array().cloned().unwrap_or_default();
    import.chosen.iter().copied().filter(move |field| required.iter().any(|name| name == field))
}

/// What was chosen once for all rows: fields of the declaration, each as its kind takes it, referring to what is there.
fn chosen(
    tenant: &Tenant,
    access: &Access,
    resource: &Resource,
    import: &Import,
    options: &Map<String, Value>,
    refusals: &mut Refusals,
) -> Map<String, Value> {
    let mut chosen = Map::new();
    let given = match options.get("chosen") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(given)) => given.clone(),
        Some(_) => {
            refusals.add("chosen", Why::Type);
            Map::new()
        }
    };
    for (field, value) in given.into_iter().filter(|(_, value)| !value.is_null()) {
        let place = format!("chosen.{field}");
        let Some(schema) = resource.field(&field).filter(|_| import.chosen.contains(&&*field)) else {
            refusals.add(&place, Why::Unknown);
            continue;
        };
        if !access.edits(resource, &field) {
            refusals.add(&place, Why::Forbidden);
        }
        check::value_of(schema, &value).unwrap_or_else(|why| refusals.add(&place, why));
        links::inside(schema, &value, &mut |noun, id| {
            if tenant.rows_of(noun).and_then(|rows| rows.envelope(id)).is_none() {
                refusals.add(&place, Why::NotThere);
            }
        });
        chosen.insert(field, value);
    }
    for (field, begins) in rule::beginnings(resource, tenant) {
        if import.chosen.contains(&field) && !chosen.contains_key(field) {
            chosen.insert(field.into(), begins);
        }
    }
    let missing = must_be_chosen(resource, import).filter(|field| !chosen.contains_key(*field));
    missing.for_each(|field| refusals.add(&format!("chosen.{field}"), Why::Required));
    chosen
}

/// `[{"column": 0, "field": "phone"}, …]`
fn columns(
    tenant: &Tenant,
    import: &Import,
    fields: &[Field],
    options: &Map<String, Value>,
    width: usize,
    remove_zero: bool,
    refusals: &mut Refusals,
) -> Vec<Option<Reading>> {
    let mut columns: Vec<Option<Reading>> = Vec::new();
    columns.resize_with(width, || None);
    let given = options.get("columns").and_then(Value::as_array).cloned().unwrap_or_default();
    for column in &given {
        let number = column["column"].as_u64().map(|number| number as usize).filter(|number| *number < width);
        let field = fields.iter().find(|field| column["field"] == field.path);
        let twice = field.is_some_and(|field| columns.iter().flatten().any(|column| column.path == field.path));
        match (number, field) {
            (Some(number), Some(field)) if columns[number].is_none() && !twice => {
                columns[number] = Some(Reading::new(tenant, import.noun, field, remove_zero));
            }
            (Some(_), Some(_)) => refusals.add("columns", Why::Repeated),
            _ => refusals.add("columns", Why::Choice),
        }
    }
    columns
}

fn switch(options: &Map<String, Value>, field: &str, refusals: &mut Refusals) -> bool {
    match options.get(field) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(on)) => *on,
        Some(_) => {
            refusals.add(field, Why::Type);
            false
        }
    }
}

fn texts(options: &Map<String, Value>, field: &str, refusals: &mut Refusals) -> Vec<String> {
    let given = match options.get(field) {
        None | Some(Value::Null) => return Vec::new(),
        Some(given) => given.as_array().cloned().unwrap_or_else(|| vec![Value::Null]),
    };
    let texts = given.iter().map(|text| text.as_str().map(str::to_string)).collect::<Option<Vec<_>>>();
    texts.unwrap_or_else(|| {
        refusals.add(field, Why::Type);
        Vec::new()
    })
}

impl Broken {
    /// The word of the sentence that says it.
    pub fn word(self) -> &'static str {
        match self {
            Broken::Quote => "quote",
            Broken::TooLong => "too_long",
            Broken::NotText => "not_text",
        }
    }
}
